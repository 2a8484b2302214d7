#!/bin/bash
# SPDX-License-Identifier: ISC
# port53.sh - a network in which name servers cannot be asked: port 53 blocked, and port 53 answered by a resolver in their place.
# The keeper finds it and names it, asks nobody there for a selector, and proof = resolver works; when the way is free, the
# rest goes on.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
[ -n "${LAB_NETNS:-}" ] || lab_skip "port 53 needs a network namespace"
[ "$(id -u)" = 0 ] || lab_skip "port 53 needs root"
for program in named nsd unbound; do command -v $program >/dev/null || lab_skip "no $program on this machine"; done

# as the world knows them; behind these addresses is whatever the network puts there
NS1=192.0.2.1 NS2=192.0.2.2 ROOT=192.0.2.10
# the way to the primary for updates, and two resolvers, which are reached
PRIMARY=127.0.0.1 RESOLVER1=127.0.0.9 RESOLVER2=127.0.0.11
STORE=$T/store CONF=$T/etc/signpost.conf
for address in $NS1 $NS2 $ROOT; do ip addr add "$address/32" dev lo; done
mkdir -p "$T/bind" "$T/root" "$T/unbound" "$T/etc"
not() { ! "$@"; }

## the primary, which everybody has the records from
soa() { printf "\$TTL 1\n@ 1 IN SOA %s hostmaster.test. 7 1 1 3600 1\n" "$1"; }
tsig-keygen -a hmac-sha256 signpost >"$T/run/key"
chmod 640 "$T/run/key"
for zone in direct.test resolved.test; do
	{ soa ns1; printf '@ NS ns1\n@ NS ns2\nns1 A %s\nns2 A %s\n' $NS1 $NS2; } >"$T/bind/$zone"
done
named_conf() { # LISTEN-ON...
	{
		echo "options { directory \"$T/bind\"; listen-on-v6 { none; }; pid-file none; $*"
		echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; };"
		echo "controls { };"
		cat "$T/run/key"
		for zone in direct.test resolved.test; do
			echo "zone \"$zone\" { type primary; file \"$zone\"; update-policy { grant signpost wildcard *._domainkey.$zone. TXT; }; };"
		done
	} >"$T/run/named.conf"
}
named_conf "listen-on port $DNS_PORT { $PRIMARY; };"
lab_background named named -g -n 1 -c "$T/run/named.conf"
NAMED_PID=$BACKGROUND
wait_for 15 listens "$DNS_PORT" || { cat "$T/log/named" >&2; exit 1; }

# unbound NAME INTERFACE...: asks the primary, wherever it is told to ask
unbound_at() {
	local name=$1 i zone
	shift
	{
		printf 'server:\n  do-daemonize: no\n  use-syslog: no\n  verbosity: 1\n  log-queries: yes\n  chroot: ""\n  username: ""\n  directory: "%s/unbound"\n' "$T"
		printf '  pidfile: ""\n  access-control: 0.0.0.0/0 allow\n  do-not-query-localhost: no\n  do-ip6: no\n  module-config: "iterator"\n'
		printf '  local-zone: "test." nodefault\n  msg-cache-size: 4m\n  rrset-cache-size: 4m\n'
		for i in "$@"; do printf '  interface: %s\n' "$i"; done
		printf '  local-zone: "." transparent\n  local-data: ". 3600 NS ns.test."\n  local-data: ". 3600 SOA ns.test. hostmaster.test. 7 1 1 3600 1"\n'
		printf 'remote-control:\n  control-enable: no\n'
		for zone in direct.test resolved.test; do printf 'stub-zone:\n  name: "%s"\n  stub-addr: %s@%s\n' $zone $PRIMARY "$DNS_PORT"; done
	} >"$T/run/$name.conf"
	lab_background "$name" unbound -d -c "$T/run/$name.conf"
}
unbound_at resolver1 "$RESOLVER1@$DNS2_PORT"
RESOLVERS_AT=$DNS2_PORT
wait_for 10 listens "$RESOLVERS_AT" $RESOLVER1 || { cat "$T/log/resolver1" >&2; exit 1; }

## the keeper; no zone is named, which the resolvers tell as well
publisher() {
	printf 'publisher "%s" {\n    type = rfc2136\n    server = "%s:%s"\n    tsig_key = "%s/run/key"\n}\n' \
		"$1" $PRIMARY "$DNS_PORT" "$T"
}
cat >"$CONF" <<-END2
	policy "direct" {
	    publisher = direct
	    standby = no
	    ttl = 1s
	}
	policy "resolved" {
	    publisher = resolved
	    standby = no
	    ttl = 1s
	    proof = resolver
	    publish_safety = 1s
	    rotate_every = 5s
	    rotate_spread = 1s
	    ahead = 1s
	    queue_lifetime = 1s
	    receiver_delay = 1s
	    retire_safety = 1s
	    stale_allowance = 1s
	}
	$(publisher direct)
	$(publisher resolved)
	signers {
	    milters = {}
	}
	keeper {
	    resolver_wait = 2s
	    watch_interval = 1s
	    reprove_interval = 1s
	    retry = 1s
	    retry_max = 1s
	    postqueue = ""
	}
	dns {
	    resolvers = {"$RESOLVER1:$RESOLVERS_AT", "$RESOLVER2:$RESOLVERS_AT"}
	    roots = {"$ROOT"}
	    timeout = 1s
	    tries = 1
	    queries_per_second = 1000
	    spread = 100ms
	    sweep_interval = 1s
	    mute_after_first = 600s
	}
END2
tell() { # VERB...: what it says is in $T/said, its exit status in $STATUS
	local verb=$1
	shift
	"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@" >"$T/said" 2>&1
	STATUS=$?
}
said() { grep -qE -e "$1" "$T/said" || { sed 's/^/    /' "$T/said"; return 1; }; }
selectors() { sed -n "s/^key $1 \([^ ]*\) .*/\1/p" "$STORE/signing.table" 2>/dev/null; }
served() { dig +short +norec +time=1 +tries=1 -p "$DNS_PORT" @"$PRIMARY" "$1" TXT; }
file_of() { find "$STORE/keys/$1" -name '*.pem' | sed 's|.*/||; s|\.pem$||'; }
# ticks_until SECONDS COMMAND...
ticks_until() {
	local end=$((SECONDS + $1 * 5)) # a busy machine may be slower
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		tell tick --verbose
		cat "$T/said" >>"$T/log/ticks"
		sleep 0.3
	done
}
status_says() { # DOMAIN PATTERN
	tell status "$1"
	grep -qE -e "$2" "$T/said"
}
signs() { [ -n "$(selectors "$1")" ]; }

tell init --user root --group root
check "init" test $STATUS = 0

## blocked: whoever is asked there says nothing
cat >"$T/run/silent.py" <<'END2'
import socket, sys, time
held = []
for address in sys.argv[1:]:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((address, 53))
    held += [udp, socket.create_server((address, 53))]
time.sleep(600)
END2
lab_background silent "$PYTHON" "$T/run/silent.py" $NS1 $NS2 $ROOT
SILENT_PID=$BACKGROUND
wait_for 5 listens 53 $ROOT
tell add direct.test --policy direct
check "a domain is added behind a blocked port" test $STATUS = 0
pass_exits() { [ "$STATUS" = "$1" ]; }
STATUS=0
check "blocked: the pass exits 75" ticks_until 10 pass_exits 75
check "blocked: and names it" said 'port 53 is blocked on the way out: the resolver works, but no name server answers'
check "blocked: and what to do" said 'open UDP and TCP port 53 for this host, or choose proof = resolver'
check "blocked: status names it" status_says direct.test 'port 53 is blocked'
check "blocked: nothing signs" not signs direct.test
check "blocked: no resolver was asked for a key" not grep -q _domainkey "$T/log/resolver1"
kill "$SILENT_PID"
lab_gone "$SILENT_PID"

## intercepted: a resolver answers for all
unbound_at interceptor $NS1 $NS2 $ROOT
INTERCEPTOR_PID=$BACKGROUND
wait_for 10 listens 53 $ROOT || { cat "$T/log/interceptor" >&2; exit 1; }
dig +short @$ROOT resolved.test NS >"$T/out"
check "the network's resolver answers for the root" grep -q ns1.resolved.test "$T/out"
check "intercepted: status names it" ticks_until 10 status_says direct.test 'port 53 is intercepted on the way: a resolver answers in the place of the name servers'
check "intercepted: and that the key was not asked for" said "The key's own name was not asked for|own name"
check "intercepted: nothing signs" not signs direct.test

## proof = resolver
tell add resolved.test --policy resolved
check "a domain that resolvers are to prove" test $STATUS = 0
first=$(file_of resolved.test)
has_first() { [ -n "$(served "$first._domainkey.resolved.test")" ]; }
check "its record is published" ticks_until 10 has_first
begin=$SECONDS
one_is_not_enough() { status_says resolved.test "$RESOLVER2"; }
check "one resolver is not enough, and who is missing is named" ticks_until 10 one_is_not_enough
check "so it does not sign" not signs resolved.test
unbound_at resolver2 "$RESOLVER2@$RESOLVERS_AT"
wait_for 10 listens "$RESOLVERS_AT" $RESOLVER2 || { cat "$T/log/resolver2" >&2; exit 1; }
check "with two resolvers that have the record it signs" ticks_until 15 signs resolved.test
check "not before resolver_wait and the record's TTL" test $((SECONDS - begin)) -ge 3
check "status says that it is proven by resolvers only" status_says resolved.test 'by resolvers only'
check "the other domain does not sign" not signs direct.test
check "nobody was asked for a key through the interceptor" not grep -qi _domainkey "$T/log/interceptor"
second() { signs resolved.test && [ "$(selectors resolved.test)" != "$first" ]; }
check "and it rotates" ticks_until 30 second
check "still nobody was asked for a key through the interceptor" not grep -qi _domainkey "$T/log/interceptor"
kill "$INTERCEPTOR_PID"
lab_gone "$INTERCEPTOR_PID"

## the way is free
{ soa ns.test.; printf '@ NS ns.test.\ntest NS ns.test.\nns.test A %s\n' $ROOT; } >"$T/root/root"
{
	soa ns.test.
	printf '@ NS ns\nns A %s\n' $ROOT
	for zone in direct resolved; do printf '%s NS ns1.%s\n%s NS ns2.%s\nns1.%s A %s\nns2.%s A %s\n' $zone $zone $zone $zone $zone $NS1 $zone $NS2; done
} >"$T/root/test"
{
	printf 'server:\n  ip-address: %s@53\n  do-ip6: no\n  username: ""\n  chroot: ""\n  zonesdir: "%s/root"\n  database: ""\n  pidfile: ""\n' $ROOT "$T"
	printf '  xfrdfile: "%s/run/xfrd"\n  zonelistfile: "%s/run/zones"\n  xfrdir: "%s/run"\n  server-count: 1\nremote-control:\n  control-enable: no\n' "$T" "$T" "$T"
	printf 'zone:\n  name: "."\n  zonefile: "root"\nzone:\n  name: "test"\n  zonefile: "test"\n'
} >"$T/run/nsd.conf"
lab_background nsd nsd -d -c "$T/run/nsd.conf"
named_conf "listen-on port $DNS_PORT { $PRIMARY; }; listen-on port 53 { $NS1; $NS2; };"
kill -HUP "$NAMED_PID"
wait_for 10 listens 53 $NS1
wait_for 10 listens 53 $ROOT
check "free: the other domain signs by itself" ticks_until 20 signs direct.test
lab_finish
