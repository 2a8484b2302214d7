#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The main job, for the eye, on a fresh Debian 12: builds signpost, gives it a private Postfix and a private name server on
# loopback, adds a domain, publishes its record, sends a mail through, and asks three independent verifiers about it.
# The machine's own mail and DNS are left alone; packages are all that stays.
#
#	contrib/quickstart.sh [--no-install] [--built DIR] [--keep]
#
# --no-install  the packages are there already
# --built DIR   do not build; take the programs of this build directory
# --keep        leave the working directory (the processes end in any case)
set -euo pipefail

src=$(cd "$(dirname "$0")/.." && pwd)
install=yes built='' keep=no inside=''
arguments=("$@")
while [ $# -gt 0 ]; do
	case $1 in
	--no-install) install=no ;;
	--keep) keep=yes ;;
	--built | --inside) # the second is this script's own, for its second half
		[ $# -ge 2 ] || { echo "$1 needs a directory" >&2 && exit 64; }
		if [ "$1" = --built ]; then built=$(cd "$2" && pwd); else inside=$2; fi
		shift
		;;
	*)
		sed -n 's/^#\t\(contrib.*\)/usage: \1/p' "$0" >&2
		exit 64
		;;
	esac
	shift
done
export PATH="/usr/sbin:/sbin:/usr/bin:/bin:$PATH" LC_ALL=C.UTF-8
unset MAKEFLAGS CFLAGS LDFLAGS CPPFLAGS
domain=example.test
author=alice@$domain
began=$SECONDS

step() { printf '\n== %s\n' "$*"; }
die() {
	printf 'quickstart: %s\n' "$1" >&2
	exit 1
}
shown() { # a command, shown as a person would type it, then run
	printf '$ %s\n' "$*" | sed "s|$built/[a-z]*/||g; s|$work|.|g; s|$src/||g"
	"$@"
}

# --- first half: packages and programs -----------------------------------------------------------------------------

become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null || die "Postfix and apt-get need root, and there is no sudo here: run this as root"
	echo "Postfix and apt-get need root: calling sudo"
	exec sudo bash "$0" "${arguments[@]}"
}

# Installing Postfix would push another MTA out: that is not for a demonstration to do.
look_for_other_mta() {
	local other
	command -v dpkg-query >/dev/null || die "this is written for Debian 12, and there is no dpkg here"
	# shellcheck disable=SC2016 # dpkg's fields
	other=$(dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Provides}\n' 2>/dev/null |
		awk -F '\t' '$1 == "installed" && $2 != "postfix" && ($2 ~ /^(sendmail-bin|exim4-daemon-.*)$/ ||
			$3 ~ /(^|[ ,])mail-transport-agent([ ,]|$)/) { print $2 }' | paste -s -d ' ' -)
	[ -z "$other" ] || die "the mail system of this machine is $other, and installing Postfix would remove it.
Nothing was changed.  Try this on another machine, or in a container: docker run --rm -it -v $src:/src:ro debian:12 /src/contrib/quickstart.sh"
	if [ -e /usr/sbin/sendmail ] && ! dpkg-query -S "$(readlink -f /usr/sbin/sendmail)" >/dev/null 2>&1; then
		dpkg-query -S /usr/sbin/sendmail >/dev/null 2>&1 ||
			die "/usr/sbin/sendmail belongs to no package: a mail system that this script does not know.  Nothing was changed."
	fi
}

install_packages() {
	local service
	# shellcheck source=contrib/packages.sh
	. "$src/contrib/packages.sh"
	missing=$(packages_missing "$PACKAGES_BUILD $PACKAGES_VERIFY" | tr '\n' ' ')
	[ -z "${missing// /}" ] || echo "Packages come first: that takes some 3 minutes, and apt-get says nothing meanwhile."
	packages_install "$PACKAGES_BUILD $PACKAGES_VERIFY" ||
		die "the packages could not be installed (see above); nothing was built, and this can simply be run again"
	[ -d /run/systemd/system ] || return 0
	for service in postfix:postfix bind9:named opendkim:opendkim; do
		case " $missing" in
		*" ${service%:*} "*) systemctl disable --quiet --now "${service#*:}" 2>/dev/null &&
			echo "${service#*:} came with the packages: it does not run, and will not at boot" ;;
		esac
	done
	return 0
}

# In a copy: the tree stays as it is, and need not be writable.
build() {
	mkdir "$work/build"
	tree_copy "$src" "$work/src"
	if ! (cd "$work/src" && autoreconf -i && cd ../build && ../src/configure -q && make -s -j"$(nproc)") \
		>"$work/build.log" 2>&1; then
		tail -n 30 "$work/build.log" >&2
		die "the build failed; its last words are above"
	fi
	built=$work/build
}

first_half() {
	become_root
	step "1. packages"
	look_for_other_mta
	missing=''
	[ "$install" = no ] || install_packages
	[ -n "$missing" ] || echo "all there"
	work=$(mktemp -d "${TMPDIR:-/tmp}/signpost-quickstart.XXXXXX")
	chmod 755 "$work"
	trap 'first_half_end' EXIT
	trap 'exit 1' HUP INT TERM
	step "2. build"
	if [ -z "$built" ]; then
		build
	fi
	echo "signpost and signpost-milter are in ${built/#$work/.}  ($((SECONDS - began)) s)"
	local again=(bash "$0" --built "$built" --inside "$work")
	if unshare -n true 2>/dev/null; then
		unshare -n "${again[@]}"
	else
		"${again[@]}"
	fi
	step "done in $((SECONDS - began)) s"
	[ -z "$missing" ] || echo "These packages were installed and stay: $missing"
	echo "README tells the real installation."
}

first_half_end() {
	local status=$?
	trap - EXIT
	if [ "$keep" = yes ]; then
		echo "kept: $work"
	else
		rm -rf "$work"
	fi
	exit "$status"
}

# --- second half: the private mail system, in a network of its own where that is allowed ---------------------------------

pids=()
background() { # log, command...
	local log=$work/log/$1
	shift
	"$@" >"$log" 2>&1 &
	pids+=("$!")
}

second_half_end() {
	local status=$? pid i
	trap - EXIT
	[ ! -f "$work/postfix/queue/pid/master.pid" ] || pids+=("$(tr -dc 0-9 <"$work/postfix/queue/pid/master.pid")")
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || :
	done
	for pid in "${pids[@]}"; do
		for ((i = 0; i < 100; i++)); do
			if ! kill -0 "$pid" 2>/dev/null || grep -qs '^State:.Z' "/proc/$pid/status"; then break; fi
			sleep 0.05
		done
	done
	if [ "$status" -ne 0 ] && [ -n "$(ls "$work/log" 2>/dev/null)" ]; then
		tail -n 15 "$work"/log/* >&2
	fi
	exit "$status"
}

wait_for() { # seconds, what, command...
	local end=$((SECONDS + $1 + 1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || die "$what: it did not come"
		sleep 0.1
	done
}

listens() { /usr/bin/python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)' "$1"; }

start_named() {
	mkdir -m 755 "$work/zones"
	cat >"$work/zones/$domain" <<-END
		\$TTL 3600
		@    SOA  ns1 hostmaster 1 3600 600 86400 300
		@    NS   ns1
		ns1  A    127.0.0.1
	END
	cat >"$work/named.conf" <<-END
		options {
			directory "$work/zones"; listen-on port $dns_port { 127.0.0.1; }; listen-on-v6 { none; };
			pid-file none; session-keyfile none; recursion no; dnssec-validation no; notify no;
		};
		controls { };
		zone "$domain" { type primary; file "$domain"; };
	END
	background named named -g -n 1 -c "$work/named.conf"
	named_pid=$!
	wait_for 15 "the name server" listens "$dns_port"
	echo "BIND serves $domain at 127.0.0.1:$dns_port"
}

start_postfix() {
	local etc=$work/postfix/etc
	mkdir -m 755 "$work/postfix" "$etc" "$work/postfix/queue" "$work/postfix/data" "$work/sink"
	chown postfix "$work/postfix/data"
	install -d -m 2750 -o "$milter_user" -g postfix "$work/postfix/queue/signpost"
	background sink /usr/bin/python3 "$src/tests/e2e/sink.py" --port "$sink_port" --dir "$work/sink"
	cat >"$etc/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $work/postfix/queue
		data_directory = $work/postfix/data
		maillog_file = $work/log/postfix
		maillog_file_prefixes = /
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		smtp_dns_support_level = disabled
		default_database_type = texthash
		alias_maps =
		myhostname = mail.$domain
		myorigin = $domain
		mydestination =
		mynetworks = 127.0.0.1/32
		relayhost = [127.0.0.1]:$sink_port
	END
	cat >"$etc/master.cf" <<-END
		127.0.0.1:$smtp_port inet n - n - - smtpd
		pickup unix n - n 1 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		proxymap unix - - n - - proxymap
		smtp unix - - n - - smtp
		showq unix n - n - - showq
		error unix - - n - - error
		retry unix - - n - - error
		anvil unix - - n - 1 anvil
		postlog unix-dgram n - n - 1 postlogd
	END
	touch -d '1 minute ago' "$etc/main.cf" "$etc/master.cf"
}

publish() { # the record, as signpost prints it for a zone file
	local record
	record=$("${signpost[@]}" records "$domain" --format zone "${conf[@]}")
	printf '%s\n' "$record" | cut -c 1-100
	printf '%s\n' "$record" >>"$work/zones/$domain"
	sed -i 's/hostmaster 1 /hostmaster 2 /' "$work/zones/$domain"
	kill -HUP "$named_pid"
	wait_for 10 "the new serial of the zone" reloaded
}

reloaded() { dig +short +norec -p "$dns_port" @127.0.0.1 "$domain" SOA | grep -q '^[^ ]* [^ ]* 2 '; }

verdicts() { # file: one line a verifier
	local verifier said
	for verifier in dkimpy Mail::DKIM OpenDKIM; do
		case $verifier in
		dkimpy) said=$(PYTHONPATH=$src/tests/e2e /usr/bin/python3 - "$1" "$dns_port" <<-'END' || echo error
			import sys, dkim
			from judge_dns import Names
			names = Names("127.0.0.1", int(sys.argv[2]))
			print("pass" if dkim.verify(open(sys.argv[1], "rb").read(), dnsfunc=lambda n, timeout=5: names.txt(n)) else "fail")
		END
		) ;;
		Mail::DKIM) said=$(echo "$1" | perl "$src/tests/e2e/judge.pl" 127.0.0.1 "$dns_port" | awk -F '\t' 'NR == 1 { print $4 }') ;;
		OpenDKIM) said=$(echo "$1" | /usr/bin/python3 "$src/tests/e2e/judge_opendkim.py" 127.0.0.1 "$dns_port" |
			awk -F '\t' 'NR == 1 { print $4 }') ;;
		esac
		printf '%-12s %s\n' "$verifier" "$said"
	done
}

configure_signpost() {
	cat >"$work/signpost.conf" <<-END
		store = "$work/store"
		sign {
		    local_submission {
		        domains = {"$domain"}
		    }
		}
		dns {
		    sweep_interval = 1s
		    zone "$domain" {
		        servers = {"127.0.0.1:$dns_port"}
		    }
		}
	END
	cat "$work/signpost.conf"
	conf=(--config "$work/signpost.conf")
	signpost=("$built/signpost/signpost")
}

tick_until_active() {
	local i said='' before
	for ((i = 0; i < 60; i++)); do
		before=$said
		said=$(shown "${signpost[@]}" tick --verbose "${conf[@]}") || [ $? -eq 75 ]
		[ "$said" = "$before" ] || printf '%s\n' "$said"
		! grep -q "^key $domain " "$work/store/signing.table" || return 0
		sleep 1
	done
	"${signpost[@]}" status "$domain" "${conf[@]}" || :
	die "the key did not become active"
}

second_half() {
	work=$inside
	local milter_user=postfix keeper=nobody message
	trap second_half_end EXIT
	trap 'exit 1' HUP INT TERM
	ip link set lo up 2>/dev/null || :
	mkdir -m 755 "$work/log"
	read -r dns_port sink_port smtp_port <<<"$(/usr/bin/python3 -c '
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*[tcp.getsockname()[1] for tcp in held])')"

	step "3. a private name server and a private Postfix, on loopback only"
	start_named
	start_postfix
	shown "$src/contrib/postfix/signpost-postfix" -c "$work/postfix/etc" install
	postfix -c "$work/postfix/etc" start >"$work/log/postfix-start" 2>&1
	wait_for 15 "Postfix" listens "$smtp_port"

	step "4. signpost: configuration, store, milter"
	configure_signpost
	shown "${signpost[@]}" init --user $keeper --group $milter_user "${conf[@]}"
	background milter "$built/milter/signpost-milter" --socket="unix:$work/postfix/queue/signpost/milter.sock" \
		--table="$work/store/signing.table" --user=$milter_user --log=stderr
	wait_for 10 "the milter's socket" test -S "$work/postfix/queue/signpost/milter.sock"
	shown "$src/contrib/postfix/signpost-postfix" -c "$work/postfix/etc" check | grep '^ok'

	step "5. a domain: its key, its record, and the proof that DNS serves it"
	shown "${signpost[@]}" add "$domain" "${conf[@]}"
	echo
	shown "${signpost[@]}" tick --verbose "${conf[@]}" || [ $? -eq 75 ]
	echo "The record is not there yet, so nothing is signed.  Now it is entered into the zone:"
	publish
	echo "From here on, it must be seen twice by asking every name server of the zone:"
	tick_until_active
	shown "${signpost[@]}" status "$domain" "${conf[@]}" || :

	step "6. a mail through Postfix, from $author, by sendmail(1)"
	printf 'From: Alice <%s>\nTo: bob@receiver.test\nSubject: the first signed one\n\nHello Bob.\n' "$author" |
		sendmail -C "$work/postfix/etc" -i -f "$author" bob@receiver.test
	message=$work/sink/bob.eml
	wait_for 30 "the signed message" test -s "$message"
	grep -E ' (signed|unsigned|tempfail) ' "$work/log/milter" || :
	echo
	echo "as the next hop received it:"
	sed 's/\r$//' "$message"

	step "7. independent verifiers, with the key from DNS"
	verdicts "$message" | tee "$work/verdicts"
	sed 's/Hello Bob/Hello Rob/' "$message" >"$work/changed.eml"
	echo "with one letter of the body changed:"
	verdicts "$work/changed.eml" | tee "$work/verdicts-changed"
	[ "$(grep -c ' pass$' "$work/verdicts")" -eq 3 ] || die "not all verifiers passed the signed message"
	! grep -q ' pass$' "$work/verdicts-changed" || die "a verifier passed the changed message"
}

if [ -n "$inside" ]; then
	second_half
else
	first_half
fi
