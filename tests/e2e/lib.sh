# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # the variables are the scripts'
# lib.sh - the laboratory: private Postfix, name server, next hop, SASL and milter, in a network namespace of their own
# where that is allowed.  A script:
#
#	. "$(dirname "$0")/lib.sh"
#	lab_begin "$@"
#	lab_key a.test sel1 rsa; lab_named a.test; lab_sink; lab_table <<...; lab_milter; lab_postfix
#	lab_expect CASE "signed d=a.test"; lab_submit ...; lab_judge
#	lab_finish
#
# It kills only what it started, by process id, and looks at the end whether anything was left.
set -u

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(cd "$HERE/../.." && pwd)
BUILD_DIR=$(cd "${BUILD_DIR:-$REPO}" && pwd)
# where a build may have put them
lab_program() {
	local candidate
	for candidate in "$BUILD_DIR/$1" "$BUILD_DIR/bin/$1" "$BUILD_DIR/$2/$1"; do
		if [ -f "$candidate" ]; then
			echo "$candidate"
			return
		fi
	done
	echo "$BUILD_DIR/$1"
}
SIGNPOST=${SIGNPOST:-$(lab_program signpost signpost)}
SIGNPOST_MILTER=${SIGNPOST_MILTER:-$(lab_program signpost-milter milter)}
MTACLIENT=${MTACLIENT:-$(lab_program mtaclient tests/tool)}
PYTHON=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
LC_ALL=C.UTF-8
export LC_ALL
PATH=/usr/sbin:/usr/bin:/sbin:/bin
OUTSIDER=127.0.0.66

# Runs the script again in its own network namespace, makes $T, takes ports.
lab_begin() {
	if [ -z "${LAB_NETNS:-}" ] && unshare -n true 2>/dev/null; then
		LAB_NETNS=1 exec unshare -n "$0" "$@"
	fi
	T=$(mktemp -d "${TMPDIR:-/tmp}/signpost-e2e.XXXXXX")
	chmod 755 "$T"
	PIDS=()
	trap lab_end EXIT
	trap 'exit 1' INT TERM HUP
	NETWORK_CLIENT=127.1.2.3
	if [ -n "${LAB_NETNS:-}" ]; then
		ip link set lo up
		ip addr add 10.1.2.3/32 dev lo && NETWORK_CLIENT=10.1.2.3
	fi
	NETWORK=${NETWORK_CLIENT%.*.*}.0.0/16
	read -r DNS_PORT SINK_PORT MX_PORT SUBMISSION_PORT REINJECT_PORT FILTER_PORT DNS2_PORT SPARE_PORT < <("$PYTHON" -c '
import socket
held = [(socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(8)]
print(*[tcp.getsockname()[1] for tcp, _ in held])')
	mkdir -m 755 "$T/sink" "$T/zones" "$T/signing" "$T/signing/keys" "$T/mail" "$T/log" "$T/run"
	: >"$T/expected"
	OK=0 NOT_OK=0
}

lab_end() {
	local status=$? pid
	trap - EXIT
	if [ -f "$T/postfix/queue/pid/master.pid" ]; then
		PIDS+=("$(tr -dc 0-9 <"$T/postfix/queue/pid/master.pid")")
	fi
	for pid in "${PIDS[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for pid in "${PIDS[@]}"; do
		lab_gone "$pid" || kill -9 "$pid" 2>/dev/null
	done
	# children of what was killed before it could clean up
	for pid in $(lab_left | cut -d' ' -f1); do
		kill -9 "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	if [ "$status" -ne 0 ] && [ -n "${LAB_KEEP:-}" ]; then
		echo "kept: $T" >&2
	else
		rm -rf "$T"
	fi
	exit "$status"
}

# true when the process ends within 10 s; one that nobody reaps counts as ended
lab_gone() {
	local i
	for ((i = 0; i < 500; i++)); do
		if ! kill -0 "$1" 2>/dev/null || grep -qs '^State:.Z' "/proc/$1/status"; then
			return 0
		fi
		sleep 0.02
	done
	return 1
}

# The last call: what was started must be gone, then the totals.
lab_finish() {
	local left pid
	lab_postfix_stop
	for pid in "${PIDS[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for pid in "${PIDS[@]}"; do
		lab_gone "$pid" || not_ok "process $pid ends when told to"
	done
	PIDS=()
	left=$(lab_left)
	if [ -z "$left" ]; then ok "no process is left"; else not_ok "no process is left: $left"; fi
	echo "$OK passed, $NOT_OK failed"
	[ "$NOT_OK" -eq 0 ]
	exit
}

# processes of others that work in, or were started with, $T
lab_left() {
	local dir pid
	for dir in /proc/[0-9]*; do
		pid=${dir#/proc/}
		[ "$pid" = "$$" ] || [ "$pid" = "$BASHPID" ] && continue
		grep -qs '^State:.Z' "$dir/status" && continue
		case $(readlink "$dir/cwd" 2>/dev/null) in
		"$T"*) echo "$pid $(tr '\0' ' ' <"$dir/cmdline" 2>/dev/null)" ;;
		*) grep -qsF "$T" "$dir/cmdline" && echo "$pid $(tr '\0' ' ' <"$dir/cmdline" 2>/dev/null)" ;;
		esac
	done
}

ok() {
	OK=$((OK + 1))
	echo "ok - $*"
}

not_ok() {
	NOT_OK=$((NOT_OK + 1))
	echo "not ok - $*"
}

# check NAME COMMAND...
check() {
	local name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name"; fi
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@" 2>/dev/null; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# what a script cannot do without on this machine: said, and counted as passed nowhere
lab_skip() {
	echo "skip - $*"
	echo "0 passed, 0 failed"
	exit 77
}

lab_background() {
	local log=$1
	shift
	"$@" >>"$T/log/$log" 2>&1 &
	BACKGROUND=$!
	PIDS+=("$BACKGROUND")
}

listens() {
	"$PYTHON" -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 2).close()' "${2:-127.0.0.1}" "$1"
}

## keys and names

# lab_key DOMAIN SELECTOR rsa|ed25519: the PEM file below $T/signing, and its record in the zone file
lab_key() {
	local pem="$T/signing/keys/$1/$2.pem" record
	mkdir -p "${pem%/*}"
	case $3 in
	rsa) openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$pem" 2>/dev/null ||
		openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$pem" 2>/dev/null ;;
	ed25519) openssl genpkey -algorithm ED25519 -out "$pem" ;;
	esac
	chmod 640 "$pem"
	case $3 in
	rsa) record="v=DKIM1; k=rsa; h=sha256; p=$(openssl pkey -in "$pem" -pubout -outform DER | base64 -w 0)" ;;
	# RFC 8463 4: the 32 octets alone
	ed25519) record="v=DKIM1; k=ed25519; p=$(openssl pkey -in "$pem" -pubout -outform DER | tail -c 32 | base64 -w 0)" ;;
	esac
	lab_record "$1" "$2" "$record"
}

lab_record() {
	[ -f "$T/zones/$1" ] || lab_zone "$1"
	printf '%s._domainkey\tIN\tTXT\t( %s )\n' "$2" "$(printf '%s' "$3" | fold -w 200 | sed 's/.*/"&"/' | tr '\n' ' ')" >>"$T/zones/$1"
}

lab_zone() {
	cat >"$T/zones/$1" <<-END
		\$TTL 5
		@ IN SOA ns1 hostmaster 1 60 60 86400 2
		@ IN NS ns1
		ns1 IN A 127.0.0.1
	END
}

lab_spki() { # PEM
	openssl pkey -in "$1" -pubout -outform DER | openssl dgst -sha256 -binary | base64
}

# BIND for every zone file there is
lab_named() {
	local zone
	{
		echo "options { directory \"$T/zones\"; listen-on port $DNS_PORT { 127.0.0.1; }; listen-on-v6 { none; };"
		echo "pid-file none; recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; };"
		echo "controls { };"
		for zone in "$T/zones"/*; do
			echo "zone \"${zone##*/}\" { type primary; file \"$zone\"; };"
		done
	} >"$T/run/named.conf"
	lab_background named named -g -n 1 -c "$T/run/named.conf"
	NAMED_PID=$BACKGROUND
	wait_for 15 listens "$DNS_PORT" || { cat "$T/log/named" >&2; exit 1; }
}

# after a change of zone files
lab_named_reload() {
	local zone serial
	for zone in "$T/zones"/*; do
		serial=$(sed -n 's/.*hostmaster \([0-9]*\) .*/\1/p' "$zone")
		sed -i "s/hostmaster $serial /hostmaster $((serial + 1)) /" "$zone"
	done
	for _ in 1 2 3 4 5; do
		kill -HUP "$NAMED_PID"
		if wait_for 2 lab_named_is_current; then
			return 0
		fi
		# named takes a file for unchanged that has the second of its last load
		touch "$T/zones"/*
	done
	return 1
}

lab_named_is_current() {
	local zone serial
	for zone in "$T/zones"/*; do
		serial=$(sed -n 's/.*hostmaster \([0-9]*\) .*/\1/p' "$zone")
		[ "$(dig +short +norec -p "$DNS_PORT" @127.0.0.1 "${zone##*/}" SOA | cut -d' ' -f3)" = "$serial" ] || return 1
	done
}

## the milter

# The signing table from rows on stdin; head, settings of tests, and the count line are added.
lab_table() {
	local file="$T/signing/table" generation
	generation=$(($(sed -n 's/^generation //p' "$T/generation" 2>/dev/null || echo 0) + 1))
	echo "generation $generation" >"$T/generation"
	{
		echo "signpost-table 1"
		echo "generation $generation"
		cat
	} >"$file.new"
	echo "end $(wc -l <"$file.new")" >>"$file.new"
	mv "$file.new" "$file"
}

lab_key_row() { # DOMAIN SELECTOR rsa-sha256|ed25519-sha256
	echo "key $1 $2 $3 keys/$1/$2.pem $(lab_spki "$T/signing/keys/$1/$2.pem")"
}

lab_milter() {
	MILTER_SOCKET=$T/run/milter.sock
	lab_background milter "$SIGNPOST_MILTER" -s "unix:$MILTER_SOCKET" -t "$T/signing/table" --log stderr "$@"
	MILTER_PID=$BACKGROUND
	wait_for 10 milter_listens || { echo "the milter does not start:"; cat "$T/log/milter"; exit 1; } >&2
}

milter_listens() {
	"$PYTHON" -c 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$MILTER_SOCKET"
}

## mail

lab_sink() {
	lab_background sink "$PYTHON" "$HERE/sink.py" --port "$SINK_PORT" --dir "$T/sink"
	wait_for 10 listens "$SINK_PORT"
}

lab_auth() {
	cat >"$T/run/users" <<-END
		alice@a.test secret
		bob@b.test secret
		carol@c.test secret
		shop secret
		nobody secret
	END
	lab_background auth "$PYTHON" "$HERE/auth.py" "$T/run/auth" "$T/run/users"
	wait_for 10 test -S "$T/run/auth"
}

# lab_postfix [NAME=VALUE...]: settings over those below
lab_postfix() {
	local dir="$T/postfix" setting
	[ "$(id -u)" = 0 ] || lab_skip "Postfix runs as root only"
	mkdir -m 755 "$dir" "$dir/etc" "$dir/queue" "$dir/data"
	chown postfix "$dir/data"
	cat >"$dir/etc/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $dir/queue
		data_directory = $dir/data
		mail_owner = postfix
		setgid_group = postdrop
		maillog_file = $dir/log
		maillog_file_prefixes = /
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		smtp_dns_support_level = disabled
		default_database_type = texthash
		alias_maps =
		myhostname = mx.a.test
		myorigin = a.test
		mydestination =
		mynetworks = 127.0.0.1/32 $NETWORK
		mynetworks_style = host
		relayhost = [127.0.0.1]:$SINK_PORT
		smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination
		relay_domains = sink.test
		smtpd_recipient_restrictions =
		smtpd_sasl_type = dovecot
		smtpd_sasl_path = $T/run/auth
		smtpd_milters = { unix:$T/run/milter.sock, default_action=tempfail }
		non_smtpd_milters = { unix:$T/run/milter.sock, default_action=tempfail }
		milter_connect_timeout = 5s
		minimal_backoff_time = 1s
		maximal_backoff_time = 1s
		queue_run_delay = 1s
		smtpd_client_connection_rate_limit = 0
		smtpd_client_connection_count_limit = 0
		smtpd_error_sleep_time = 0
		smtpd_authorized_xclient_hosts = 127.0.0.1
		internal_mail_filter_classes = bounce
		header_size_limit = 262144
	END
	for setting in "$@"; do
		sed -i "/^${setting%%[ =]*} =/d" "$dir/etc/main.cf"
		echo "$setting" >>"$dir/etc/main.cf"
	done
	cat >"$dir/etc/master.cf" <<-END
		127.0.0.1:$MX_PORT inet n - n - - smtpd
		127.0.0.1:$SUBMISSION_PORT inet n - n - - smtpd
		  -o smtpd_sasl_auth_enable=yes
		  -o milter_macro_daemon_name=submission
		  -o mynetworks=
		  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
		127.0.0.1:$REINJECT_PORT inet n - n - - smtpd
		  -o content_filter=
		pickup unix n - n 1 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		verify unix - - n - 1 verify
		flush unix n - n 1000? 0 flush
		proxymap unix - - n - - proxymap
		smtp unix - - n - - smtp
		relay unix - - n - - smtp
		showq unix n - n - - showq
		error unix - - n - - error
		retry unix - - n - - error
		anvil unix - - n - 1 anvil
		scache unix - - n - 1 scache
		postlog unix-dgram n - n - 1 postlogd
	END
	[ -n "${LAB_MASTER_CF:-}" ] && printf '%s\n' "$LAB_MASTER_CF" >>"$dir/etc/master.cf"
	MAILLOG=$dir/log
	lab_postfix_start
}

lab_postfix_start() {
	postfix -c "$T/postfix/etc" start >>"$T/log/postfix" 2>&1
	if ! wait_for 15 listens "$SUBMISSION_PORT" || ! wait_for 5 listens "$MX_PORT"; then
		cat "$T/log/postfix" "$MAILLOG" >&2
		exit 1
	fi
	POSTFIX_PID=$(tr -dc 0-9 <"$T/postfix/queue/pid/master.pid")
}

lab_postfix_stop() {
	[ -n "${POSTFIX_PID:-}" ] || return 0
	kill "$POSTFIX_PID" 2>/dev/null
	lab_gone "$POSTFIX_PID"
	POSTFIX_PID=
}

# the local sendmail(1) of this Postfix
lab_sendmail() {
	/usr/sbin/sendmail -C "$T/postfix/etc" "$@"
}

lab_queue_len() {
	postqueue -c "$T/postfix/etc" -j 2>/dev/null | wc -l
}

lab_queue_empty() {
	[ "$(find "$T/postfix/queue/maildrop" "$T/postfix/queue/incoming" "$T/postfix/queue/active" \
		"$T/postfix/queue/deferred" -type f | wc -l)" = 0 ]
}

# until the queue is empty
lab_drain() {
	wait_for "${1:-30}" lab_queue_empty
}

# smtp PORT [SOURCE]: a script of smtp.py on stdin
smtp() {
	local port=$1
	shift
	"$PYTHON" "$HERE/smtp.py" ${1:+--source "$1"} "$port"
}

# lab_expect CASE WANT [REMARK]
lab_expect() {
	printf '%s\t%s%s\n' "$1" "$2" "${3:+	$3}" >>"$T/expected"
}

# All that the next hop got, against all that was expected.
lab_judge() {
	local line
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		"not ok - "*) not_ok "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done < <("$PYTHON" "$HERE/judge.py" --dns "${LAB_RESOLVER:-127.0.0.1:$DNS_PORT}" --table "$HERE/disagreements.tsv" \
		${LAB_USED:+--used "$LAB_USED"} "${1:-$T/sink}" "${2:-$T/expected}" 2>&1 || [ $? = 1 ] || echo "not ok - judge.py runs to its end")
}

# a plain message on stdout: lab_message FROM [HEADER-LINE...]
lab_message() {
	local from=$1
	shift
	printf 'From: %s\r\nTo: someone@sink.test\r\nSubject: a plain one\r\n' "$from"
	[ $# -eq 0 ] || printf '%s\r\n' "$@"
	printf 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nA line.\r\n\r\nAnother, with  blanks \t \r\n\r\n\r\n'
}
