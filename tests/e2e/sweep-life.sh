#!/bin/bash
# SPDX-License-Identifier: ISC
# sweep-life.sh - the sweep through a key's whole life, against BIND, Knot, NSD and Unbound: p= and absence, former servers,
# slots behind a CNAME, a delegated _domainkey, wildcards, negative TTLs, a domain that is gone, resolvers, and port 53 blocked
# and intercepted.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
SWEEPTOOL=${SWEEPTOOL:-$(lab_program sweeptool tests/tool)}
PORT=$DNS_PORT BIND=127.0.0.1 KNOT=127.0.0.2 NSD=127.0.0.3 ROOT=127.0.0.10 CACHE=127.0.0.9
NAME=sel._domainkey
RECORD="v=DKIM1; k=ed25519; p=$(head -c 32 /dev/urandom | base64 -w 0)"
OTHER="v=DKIM1; k=ed25519; p=$(head -c 32 /dev/urandom | base64 -w 0)"
TOMBSTONE="v=DKIM1; p="
mkdir -p "$T/bind" "$T/knot" "$T/nsd" "$T/root" "$T/keys" "$T/out"

# zone FILE [SERIAL]: the head of a zone; records follow on stdin
zone() {
	{
		printf "\$TTL 60\n@ 500 IN SOA ns1.life.test. hostmaster.life.test. %s 60 60 86400 120\n" "${2:-7}"
		cat
	} >"$1"
}
txt() { printf '%s IN TXT "%s"\n' "$1" "$2"; }
both='@ NS ns1.life.test.
@ NS ns2.life.test.'
one='@ NS ns1.life.test.'

## zones
{
	echo "$both"
	printf 'ns1 A %s\nns2 A %s\n' $BIND $KNOT
	txt $NAME "$RECORD"
	txt old._domainkey "$TOMBSTONE"
	printf 'long._domainkey 4321 TXT "%s"\n' "$TOMBSTONE"
	echo 'right._domainkey 9000 CNAME t1.slots.test.'
	echo 'free._domainkey CNAME t2.slots.test.'
	echo 'wrong._domainkey CNAME t1.slots.test.life.test.'
	echo 'proxied._domainkey A 192.0.2.80'
	txt flat._domainkey "$RECORD"
	echo 'ring._domainkey CNAME ring1.slots.test.'
} | tee >(zone "$T/bind/life.test" 42) | zone "$T/knot/life.test" 42
{ echo '@ NS ns.slots.test.'; printf 'ns A %s\n' $NSD; txt t1 "$RECORD"; txt t2 "$TOMBSTONE"
	echo 'ring1 CNAME ring2'; echo 'ring2 CNAME ring1'; } | zone "$T/nsd/slots.test"
# the new server has the record, the old one has never heard of it
{ echo "$one"; txt $NAME "$RECORD"; } | zone "$T/bind/moved.test" 9
{ echo '@ NS old.life.test.'; } | zone "$T/nsd/moved.test" 8
{ echo "$one"; echo '_domainkey 7000 NS ns.slots.test.'; txt $NAME "$OTHER"; } | zone "$T/bind/deleg.test"
{ echo '@ NS ns.slots.test.'; txt sel "$RECORD"; } | zone "$T/nsd/_domainkey.deleg.test"
{ echo "$one"; printf '* 5000 TXT "v=spf1 -all"\n'; } | zone "$T/bind/wild.test"
{ echo "$one"; printf '* 5000 TXT "v=spf1 -all"\n'; txt $NAME "$RECORD"; } | zone "$T/bind/wildkey.test"
# signed by a signer older than RFC 9077: its NSEC TTL exceeds the SOA's
{ echo "$one"; txt $NAME "$RECORD"; } | zone "$T/keys/plain"
(
	cd "$T/keys" || exit
	dnssec-keygen -q -a ECDSAP256SHA256 -f KSK signed.test >names && dnssec-keygen -q -a ECDSAP256SHA256 signed.test >>names
	dnssec-dsfromkey -2 "$(head -n 1 names).key" >signed.test.ds
	cat Ksigned.test.*.key >>plain
	dnssec-signzone -q -x -P -o signed.test -f signed -K . plain
) >>"$T/log/sign" 2>&1
awk '$1 ~ /^[0-9]+$/ && $2 == "NSEC" { $1 = 900 } $2 ~ /^[0-9]+$/ && $3 == "NSEC" { $2 = 900 } { print }' \
	<(named-compilezone -q -f text -F text -i none -o - signed.test "$T/keys/signed" 2>>"$T/log/sign" |
		sed 's/[[:space:]]\+IN[[:space:]]\+/ /') >"$T/bind/signed.test"
{
	printf '@ 600 NS ns.nic.test.\nns.nic A %s\n' $ROOT
	printf 'life NS ns1.life\nlife 86400 NS ns2.life\nns1.life 50000 A %s\nns2.life A %s\n' $BIND $KNOT
	printf 'slots NS ns.slots\nns.slots A %s\n' $NSD
	for z in moved deleg wild wildkey signed; do printf '%s NS ns1.life.test.\n' $z; done
	cat "$T/keys/signed.test.ds"
} | zone "$T/root/test"
printf '@ NS root.\nroot A %s\ntest NS ns.nic.test.\nns.nic.test A %s\n' $ROOT $ROOT | zone "$T/root/root"

## servers
{
	echo "options { directory \"$T/bind\"; listen-on port $PORT { $BIND; }; listen-on-v6 { none; }; pid-file none;"
	echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; minimal-responses yes; check-names primary ignore; };"
	echo "controls { };"
	for f in "$T/bind"/*; do echo "zone \"${f##*/}\" { type primary; file \"$f\"; };"; done
} >"$T/run/named.conf"
# knot NAME ADDRESS
knot() {
	local dir="$T/$1" address=$2 f z
	{
		printf 'server:\n    rundir: "%s"\n    listen: %s@%s\n' "$dir" "$address" "$PORT"
		printf 'log:\n  - target: stderr\n    any: warning\ndatabase:\n    storage: "%s.db"\nzone:\n' "$dir"
		for f in "$dir"/*; do
			z=${f##*/}
			[ "$z" != root ] || z=.
			printf '  - domain: %s\n    file: "%s"\n' "$z" "$f"
		done
	} >"$T/run/knot-$1.conf"
	mkdir -p "$dir.db"
	lab_background "knot-$1" knotd -c "$T/run/knot-$1.conf"
}
{
	printf 'server:\n    ip-address: %s@%s\n    username: ""\n    zonesdir: "%s"\n    pidfile: ""\n' $NSD "$PORT" "$T/nsd"
	printf '    database: ""\n    zonelistfile: "%s"\n    xfrdfile: "%s"\n    xfrdir: "%s"\n' "$T/run/zones" "$T/run/xfrd" "$T/run"
	printf '    logfile: "%s"\n    server-count: 1\nremote-control:\n    control-enable: no\n' "$T/log/nsd.log"
	for f in "$T/nsd"/*; do printf 'zone:\n    name: "%s"\n    zonefile: "%s"\n' "${f##*/}" "$f"; done
} >"$T/run/nsd.conf"
# unbound NAME ADDRESS PORT: led to the lab's servers, validating below one anchor
unbound_at() {
	{
		printf 'server:\n    interface: %s@%s\n    interface-automatic: %s\n    port: %s\n' "$2" "$3" "$4" "$3"
		printf '    username: ""\n    chroot: ""\n    directory: "%s"\n    pidfile: ""\n    use-syslog: no\n    do-ip6: no\n' "$T/run"
		printf '    access-control: 0.0.0.0/0 allow\n    do-not-query-localhost: no\n    num-threads: 1\n    module-config: "validator iterator"\n'
		printf '    val-log-level: 1\n    trust-anchor: "%s"\n' "$(tr '\t' ' ' <"$T/keys/signed.test.ds")"
		printf '    domain-insecure: "life.test"\n    local-zone: "test." nodefault\n'
		printf '    local-zone: "blocked.test." static\n    local-data: "blocked.test. NS ns.blocked.test."\n'
		for z in life.test/$BIND moved.test/$BIND signed.test/$BIND slots.test/$NSD; do
			printf 'stub-zone:\n    name: "%s"\n    stub-addr: %s@%s\n' "${z%/*}" "${z#*/}" "$PORT"
		done
		printf 'remote-control:\n    control-enable: no\n'
	} >"$T/run/unbound-$1.conf"
	lab_background "unbound-$1" unbound -d -c "$T/run/unbound-$1.conf"
}
serves() { # ADDRESS ZONE
	dig +norec +time=1 +tries=1 -p "$PORT" "@$1" "$2" SOA | grep -q 'status: NOERROR'
}
await() { # ADDRESS ZONE
	wait_for 15 serves "$@" || { tail -n 20 "$T/log"/* >&2; exit 1; }
}
lab_background named named -g -n 1 -c "$T/run/named.conf"
lab_background nsd nsd -d -c "$T/run/nsd.conf"
knot knot $KNOT
knot root $ROOT
unbound_at cache $CACHE "$DNS2_PORT" no
await $BIND life.test
await $KNOT life.test
await $NSD slots.test
await $ROOT test
wait_for 15 listens "$DNS2_PORT" $CACHE || { cat "$T/log/unbound-cache" >&2; exit 1; }

## the sweeps, all at once: they mostly wait
RUNS=()
# sweep CASE DOMAIN NAME [OPTION...]: from the root
sweep() {
	local name=$1 domain=$2 record=$3
	shift 3
	"$SWEEPTOOL" -t 2000 -n 2 -s "$CACHE#$DNS2_PORT" -r "$ROOT#$PORT" "$@" "$domain" "$record.$domain" "$RECORD" >"$T/out/$name" 2>&1 &
	RUNS+=("$!")
}
old="moved.test=old.life.test=$NSD#$PORT"
sweep record life.test $NAME -S
sweep tombstone life.test old._domainkey -e tombstone -S
sweep revoked life.test old._domainkey -e revoked
sweep revoked_gone life.test none._domainkey -e revoked
sweep not_revoked life.test $NAME -e revoked
sweep absent life.test none._domainkey -e absent
sweep not_absent life.test old._domainkey -e absent
sweep long life.test long._domainkey -e tombstone
sweep former moved.test $NAME -F "$old"
sweep former_absent moved.test none._domainkey -e absent -F "$old"
sweep former_dead moved.test $NAME -F "moved.test=old.life.test=127.0.0.8#$PORT"
sweep former_lame moved.test $NAME -F "moved.test=old.life.test=$KNOT#$PORT"
sweep alias life.test right._domainkey -A t1.slots.test -S
sweep alias_free life.test free._domainkey -A t2.slots.test -e tombstone
sweep alias_missing life.test none._domainkey -A t1.slots.test
sweep alias_wrong life.test wrong._domainkey -A t1.slots.test
sweep alias_other life.test right._domainkey -A t2.slots.test
sweep alias_proxied life.test proxied._domainkey -A t1.slots.test
sweep alias_flat life.test flat._domainkey -A t1.slots.test
sweep alias_gone life.test right._domainkey -e absent
sweep ring life.test ring._domainkey
sweep deleg deleg.test $NAME -S
sweep deleg_watch deleg.test $NAME -Q 1 -Z deleg.test
sweep watch life.test right._domainkey -A t1.slots.test -Q 1 -Z 'life.test slots.test'
sweep wild wild.test $NAME -S
sweep wild_absent wild.test $NAME -e absent
sweep wild_key wildkey.test $NAME -e absent
sweep signed signed.test $NAME -S
sweep gone gone.test $NAME -e absent
sweep poll signed.test $NAME -P "$CACHE#$DNS2_PORT"
sweep poll_none life.test none._domainkey -P "$CACHE#$DNS2_PORT"
sweep poll_alias life.test right._domainkey -A t1.slots.test -P "$CACHE#$DNS2_PORT,127.0.0.8#$PORT"
sweep poll_revoked life.test old._domainkey -e revoked -P "$CACHE#$DNS2_PORT"
wait "${RUNS[@]}"

# says CASE WHAT PATTERN...: every pattern is a line of the sweep's output
says() {
	local name=$1 what=$2 pattern
	shift 2
	for pattern in "$@"; do
		if ! grep -Eq -- "$pattern" "$T/out/$name"; then
			not_ok "$what: no line like $pattern"
			sed 's/^/    /' "$T/out/$name"
			return
		fi
	done
	ok "$what"
}
at() { printf '%s#%s' "$1" "$PORT"; }

says record "the record, with all that a survey tells" '^ns1.life.test .* good ttl=60 serial=42' '^ns2.life.test .* good' '^zones life.test$' \
	'^ttl 60 negative 120 parent 120' '^found ns1.life.test record listed 86400' '^found ns2.life.test record listed 86400' '^passes'
says tombstone "p= where p= is expected" 'good tombstone ttl=60' '^passes'
says revoked "p= will do for revoked" '^passes'
says revoked_gone "and so does nothing" 'good nxdomain' '^passes'
says not_revoked "the record is not revoked" 'bad \(it still has the key.s record, which is to be revoked' '^does not pass'
says absent "nothing where nothing is expected" 'good nxdomain serial=42' '^passes'
says not_absent "p= is not nothing" 'bad \(it still has the revoked record' '^does not pass'
says long "the TTL that was served is told" '^ttl 4321 '
says former "a former server that denies the record blocks" "^old.life.test $(at $NSD) bad former \\(NXDOMAIN" "^does not pass: old.life.test .*not listed any more"
says former_absent "a former server that agrees does not" "^old.life.test .* good nxdomain" '^passes'
says former_dead "nor one that is dead" '^old.life.test .* mute former' '^passes'
says former_lame "nor one that does not serve the zone any more" '^old.life.test .* mute lame former' '^passes'
says alias "a slot: alias on two servers, target on a third" '^alias right' '^zones life.test slots.test' "^ns1.life.test .* good alias ttl=9000" \
	"^ns.slots.test $(at $NSD) good ttl=60" '^ttl 9000 negative 120' '^passes'
says alias_free "a free slot holds p=" '^alias right' '^ns.slots.test .* good tombstone' '^passes'
says alias_missing "an alias that is missing" '^alias missing' '^does not pass'
says alias_wrong "an alias without its final dot" '^alias wrong t1.slots.test.life.test' '^does not pass: .*and should lead to t1.slots.test'
says alias_other "an alias to another slot" '^alias wrong t1.slots.test$' '^does not pass'
says alias_proxied "an alias that is proxied" '^alias proxied' '^does not pass'
says alias_flat "an alias that is flattened, and right" '^alias flattened' '^passes'
says alias_gone "an alias that is still there" 'bad \(a CNAME to t1.slots.test stands there' '^does not pass'
says ring "a ring of CNAMEs" 'closes a loop: ring1.slots.test -> ring2.slots.test -> ring1.slots.test' '^does not pass'
says deleg "a delegated _domainkey" '^delegated' '^zones _domainkey.deleg.test' '^found ns.slots.test record listed 7000' '^ttl 60 negative 120 parent 120' '^passes'
says deleg_watch "a watch that knew no such cut is led to it" '^delegated' '^zones _domainkey.deleg.test' '^passes'
says watch "a watch of a slot" '^alias right' '^ns.slots.test .* good ttl=60$' '^ttl 9000 negative -1 parent -1' '^passes'
says wild "a wildcard is found" 'bad' 'wildcard' '^ttl 5000 ' '^does not pass'
says wild_absent "what a wildcard says of all is nothing" '^passes'
says wild_key "what stands beside it is something" 'bad \(it still has the key' '^does not pass'
says signed "an NSEC TTL larger than the SOA's counts" '^zone signed.test signed' '^ttl 60 negative 900 ' '^passes'
says gone "a domain that is gone" 'gone$' "^ns.nic.test $(at $ROOT) good nxdomain" '^passes'
says poll "a resolver that has the record, and validates it" 'good record ttl=[0-9]+$' '^good 1 bad 0 mute 0 bogus 0'
says poll_none "one that has not: its negative answer's TTL" 'bad nxdomain ttl=1[0-9]+ ' '^good 0 bad 1 .*wait 1[0-9]+$'
says poll_alias "two, one silent" "^$CACHE#$DNS2_PORT good record ttl=" 'mute \(does not answer\)' '^good 1 bad 0 mute 1'
says poll_revoked "revoked, as a resolver sees it" 'good tombstone' '^good 1'

## port 53, in a network whose every address is here
if [ -n "${LAB_NETNS:-}" ] && ip route add local 0.0.0.0/0 dev lo 2>>"$T/log/ip"; then
	cat >"$T/run/silent.py" <<-'END'
		import socket, time
		udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		udp.bind(("0.0.0.0", 53))
		tcp = socket.create_server(("0.0.0.0", 53))
		time.sleep(600)
	END
	lab_background silent "$PYTHON" "$T/run/silent.py"
	SILENT_PID=$!
	wait_for 10 listens 53
	"$SWEEPTOOL" -t 600 -n 1 -s "$CACHE#$DNS2_PORT" blocked.test $NAME.blocked.test "$RECORD" >"$T/out/blocked" 2>&1
	"$SWEEPTOOL" -t 600 -n 1 -s "127.0.0.8#$PORT" blocked.test $NAME.blocked.test "$RECORD" >"$T/out/offline" 2>&1
	kill "$SILENT_PID"
	lab_gone "$SILENT_PID"
	says blocked "port 53 blocked: the resolver works, nobody else answers" '^blocked' 'port 53 is blocked on the way out'
	says offline "without a resolver that is not known" 'no server of the root answers'
	if grep -q '^blocked' "$T/out/offline"; then not_ok "and not said"; else ok "and not said"; fi
	unbound_at interceptor 0.0.0.0 53 yes
	wait_for 15 listens 53 127.0.0.77 || cat "$T/log/unbound-interceptor"
	"$SWEEPTOOL" -t 1000 -n 1 -s "$CACHE#$DNS2_PORT" life.test $NAME.life.test "$RECORD" >"$T/out/intercepted" 2>&1
	"$SWEEPTOOL" -t 1000 -n 1 -s "$CACHE#$DNS2_PORT" -z life.test=198.51.100.1#53,198.51.100.2#53 life.test $NAME.life.test "$RECORD" \
		>"$T/out/intercepted_named" 2>&1
	says intercepted "port 53 intercepted: a resolver answers for the root" '^intercepted' 'port 53 is intercepted on the way'
	says intercepted_named "and for servers that were named" '^intercepted' "The key's own name was not asked for"
else
	echo "skip - port 53 needs a network namespace"
fi
lab_finish
