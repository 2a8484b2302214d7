#!/bin/bash
# SPDX-License-Identifier: ISC
# Messages of 20 KB a second through a private Postfix, with signpost-milter, opendkim, the ideal filter and none: the rate
# at which smtpd takes them from 20 sessions.  ROUNDS_POSTFIX (5), MESSAGES (300) each.  Needs root, Postfix, opendkim.
# shellcheck disable=SC2317 # what only a trap calls
set -u
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${ROUNDS_POSTFIX:-5}
messages=${MESSAGES:-300}
PATH=$PATH:/usr/sbin
if [ "$(id -u)" != 0 ] || ! command -v postfix >/dev/null || ! command -v opendkim >/dev/null; then
	echo 'through Postfix: not measured (it needs root, postfix and opendkim)'
	exit 0
fi
bench_begin
trap 'postfix_end; bench_end' EXIT
targets='none signpost opendkim ideal'

free_ports() { # COUNT
	/usr/bin/python3 -c 'import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*[s.getsockname()[1] for s in held])' "$1"
}

# The queue lies in memory where it can: the disk is not what is measured.
postfix_begin() {
	spool=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "$work")" signpost-bench-XXXXXX)
	chmod 755 "$spool"
	mkdir -m 755 "$spool/queue" "$spool/data" "$work/postfix"
	chmod 755 "$work"
	chown postfix "$spool/data"
	# shellcheck disable=SC2034 # used by indirection
	read -r sink_port none_port signpost_port opendkim_port ideal_port < <(free_ports 5)
	cat >"$work/postfix/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $spool/queue
		data_directory = $spool/data
		mail_owner = postfix
		setgid_group = postdrop
		maillog_file = $work/maillog
		maillog_file_prefixes = /
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		smtp_dns_support_level = disabled
		default_database_type = texthash
		alias_maps =
		myhostname = mx.example.com
		mydestination =
		mynetworks = 127.0.0.0/8
		relayhost = [127.0.0.1]:$sink_port
		smtpd_relay_restrictions = permit_mynetworks, reject
		smtpd_client_connection_count_limit = 0
		smtpd_client_connection_rate_limit = 0
		smtpd_peername_lookup = no
		milter_default_action = tempfail
	END
	{
		for target in $targets; do
			local port="${target}_port"
			echo "127.0.0.1:${!port} inet n - n - - smtpd"
			[ "$target" = none ] || echo "  -o smtpd_milters=unix:$work/$target.sock"
		done
		cat <<-END
			cleanup unix n - n - 0 cleanup
			qmgr unix n - n 300 1 qmgr
			rewrite unix - - n - - trivial-rewrite
			bounce unix - - n - 0 bounce
			defer unix - - n - 0 bounce
			trace unix - - n - 0 bounce
			proxymap unix - - n - - proxymap
			smtp unix - - n - - smtp
			relay unix - - n - - smtp
			error unix - - n - - error
			retry unix - - n - - error
			anvil unix - - n - 1 anvil
			scache unix - - n - 1 scache
			postlog unix-dgram n - n - 1 postlogd
		END
	} >"$work/postfix/master.cf"
	postfix -c "$work/postfix" start >"$work/postfix.out" 2>&1 || {
		cat "$work/postfix.out" "$work/maillog" >&2
		return 1
	}
}

postfix_end() {
	local master
	master=$(tr -dc 0-9 2>/dev/null <"${spool:-/nonexistent}/queue/pid/master.pid")
	if [ -n "$master" ]; then
		kill "$master" 2>/dev/null
		for _ in $(seq 50); do
			{ [ -d "/proc/$master" ] && ! grep -q '^State:.Z' "/proc/$master/status"; } || break
			sleep 0.1
		done
	fi
	[ -z "${spool:-}" ] || rm -rf "$spool"
}

start_sink() { # OPTION...: sets sink_pid
	smtp-sink -u postfix "$@" "127.0.0.1:$sink_port" 200 >/dev/null 2>&1 &
	sink_pid=$!
	bench_pids+=("$sink_pid")
	sleep 0.3
}

drained() { # within 20 s
	for _ in $(seq 200); do
		[ -z "$(find "$spool"/queue/{incoming,active,deferred,maildrop} -type f 2>/dev/null | head -n 1)" ] && return
		sleep 0.1
	done
	echo 'through Postfix: the queue does not empty' >&2
	return 1
}

send() { # TARGET COUNT SESSIONS: prints messages a second
	local port="${1}_port" start
	start=$(date +%s%N)
	smtp-source -d -s "$3" -m "$2" -l 20000 -f someone@example.com -t rcpt@example.net \
		"127.0.0.1:${!port}" >&2 || return 1
	echo "$start $(date +%s%N)" | awk -v m="$2" '{ printf "%.1f\n", m * 1e9 / ($2 - $1) }'
}

start_signpost && start_opendkim && start_ideal && postfix_begin || exit 1

# First, that each of them signs at all.
mkdir "$work/dump"
chown postfix "$work/dump"
start_sink -d "$work/dump/%M-"
for target in $targets; do
	send "$target" 1 1 >/dev/null || exit 1
	drained || exit 1
	signed=$(grep -l '^DKIM-Signature:' "$work"/dump/* 2>/dev/null | wc -l)
	rm -f "$work"/dump/*
	if [ "$signed" != "$([ "$target" = none ] && echo 0 || echo 1)" ]; then
		echo "through Postfix: $target: $signed of 1 message signed" >&2
		exit 1
	fi
done
kill "$sink_pid"
wait "$sink_pid" 2>/dev/null
start_sink
for round in $(seq "$rounds"); do
	for target in $targets; do
		rate=$(send "$target" "$messages" 20) || exit 1
		echo "$round $target $rate" >>"$work/rates"
		drained || exit 1
	done
done
printf 'through Postfix, 20 KB, 20 sessions, %s messages, medians of %s rounds:' "$messages" "$rounds"
for target in $targets; do
	printf ' %s %s' "$target" "$(awk -v t="$target" '$2 == t { print $3 }' "$work/rates" | median)"
done
printf ' msg/s\n'
bar 'through Postfix, 20 KB, messages/s over opendkim' \
	"$(awk '{ v[$1, $2] = $3 } $2 == "ideal" { printf "%.2f\n", v[$1, "signpost"] / v[$1, "opendkim"] }' "$work/rates" | median)" \
	'>=' 1.5 x
exit "$bars_failed"
