#!/bin/bash
# SPDX-License-Identifier: ISC
# sweep.sh - the sweep against real BIND and Knot: what is missing, stale, dead, refused, badly signed, delegated, an alias, a
# wildcard; with configured servers and from a root of our own.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
SWEEPTOOL=${SWEEPTOOL:-$(lab_program sweeptool tests/tool)}
PORT=$DNS_PORT CACHE=127.0.0.1#$DNS2_PORT
BIND=127.0.0.1 KNOT=127.0.0.2 DEAD=127.0.0.3 SILENT=127.0.0.4 RESOLVER=127.0.0.9 ROOT=127.0.0.10 TLD=127.0.0.11
NAME=sel._domainkey
RECORD="v=DKIM1; k=ed25519; p=$(head -c 32 /dev/urandom | base64 -w 0)"
OTHER="v=DKIM1; k=ed25519; p=$(head -c 32 /dev/urandom | base64 -w 0)"
LARGE="v=DKIM1; k=rsa; p=$(head -c 900 /dev/urandom | base64 -w 0)"
mkdir -p "$T/bind" "$T/knot" "$T/root" "$T/tld" "$T/keys" "$T/out"

# zone FILE [SERIAL]: the head of a zone; records follow on stdin
zone() {
	{
		printf "\$TTL 60\n@ IN SOA ns1.a.test. hostmaster.a.test. %s 60 60 86400 2\n" "${2:-7}"
		cat
	} >"$1"
}
txt() { printf '%s IN TXT %s\n' "$1" "$(printf '%s' "$2" | fold -w 200 | sed 's/.*/"&"/' | tr '\n' ' ')"; }
glue() { # ZONE: as its parent tells it
	printf '%s NS ns1.a.test.\n' "$1"
}

## zones
apex='@ NS ns1.a.test.'
{
	printf '@ NS ns1\n@ NS ns2\n@ NS ns3\nns1 A %s\nns2 A %s\nns3 A %s\n' $BIND $KNOT $DEAD
	[ -z "${LAB_NETNS:-}" ] || echo 'ns1 AAAA 2001:db8::1'
	txt $NAME "$RECORD"
	txt two._domainkey "$RECORD"
	txt two._domainkey "$OTHER"
	echo "host._domainkey HINFO a b"
} | zone "$T/bind/a.test" 42
{ echo "$apex"; txt $NAME "$RECORD"; } | zone "$T/bind/half.test" 2
echo "$apex" | zone "$T/knot/half.test" 1
{ echo "$apex"; txt $NAME "$RECORD"; } | zone "$T/bind/stale.test" 2
{ echo "$apex"; txt $NAME "$OTHER"; } | zone "$T/knot/stale.test" 1
{ echo "$apex"; txt $NAME "$RECORD"; } | zone "$T/bind/alone.test"
{ echo "$apex"; txt $NAME "$RECORD"; } | zone "$T/bind/dead.test"
{ echo "$apex"; txt '*' "v=spf1 -all"; } | zone "$T/bind/wild.test"
{ echo "$apex"; txt '*' "$RECORD"; } | zone "$T/bind/wildsame.test"
{ echo "$apex"; txt $NAME "$RECORD"; } | zone "$T/bind/view.test"
{ echo "$apex"; txt $NAME "$LARGE"; } | zone "$T/bind/large.test"
{ echo "$apex"; echo "$NAME CNAME slot.host.test."; } | zone "$T/bind/alias.test"
{ echo "$apex"; echo "$NAME CNAME none.host.test."; } | zone "$T/bind/lost.test"
{ echo '@ NS ns.host.test.'; echo "ns A $TLD"; txt slot "$RECORD"; txt $NAME "$RECORD"; } | zone "$T/tld/host.test"
# `_domainkey` delegated to another server, and to the same one
{ echo "$apex"; printf '_domainkey NS ns.host.test.\n'; txt $NAME "$OTHER"; } | zone "$T/bind/deleg.test"
{ echo '@ NS ns.host.test.'; txt sel "$RECORD"; } | zone "$T/tld/_domainkey.deleg.test"
{ echo "$apex"; printf '_domainkey NS ns1.a.test.\n_domainkey NS ns2.a.test.\n'; } | zone "$T/bind/both.test"
{ printf '@ NS ns1.a.test.\n@ NS ns2.a.test.\n'; txt sel "$RECORD"; } | zone "$T/bind/_domainkey.both.test"
{ printf '@ NS ns1.a.test.\n@ NS ns2.a.test.\n'; txt sel "$OTHER"; } | zone "$T/knot/_domainkey.both.test"
{ echo "$apex"; printf '_domainkey NS ns.host.test.\n'; } | zone "$T/bind/split.test"
{ echo "$apex"; txt $NAME "$RECORD"; } | zone "$T/knot/split.test"
{ echo "$apex"; txt $NAME "$RECORD"; } | zone "$T/bind/far.away"

## signatures
# sign ZONE OUT SIGNZONE-OPTION...: with the zone's two keys, its DS left in $T/keys
sign() {
	local zone=$1 out=$2
	shift 2
	if [ ! -f "$T/keys/$zone.ds" ]; then
		(cd "$T/keys" && dnssec-keygen -q -a ECDSAP256SHA256 -f KSK "$zone" && dnssec-keygen -q -a ECDSAP256SHA256 "$zone") \
			>"$T/keys/$zone.names" 2>>"$T/log/sign"
		dnssec-dsfromkey -2 "$T/keys/$(head -n 1 "$T/keys/$zone.names").key" >"$T/keys/$zone.ds"
	fi
	{ echo "$apex"; txt $NAME "$RECORD"; echo "moved DNAME host.test."; cat "$T/keys/K$zone."*.key; } | zone "$T/keys/plain"
	(cd "$T/keys" && dnssec-signzone -q -x -P -o "$zone" -f "$out" -K "$T/keys" "$@" "$T/keys/plain") >>"$T/log/sign" 2>&1
}
sign signed.test "$T/bind/signed.test"
sign signed.test "$T/knot/signed.test" -s 20240101000000 -e 20240201000000
sign soon.test "$T/bind/soon.test" -e "now+40"
# the parent still names keys that are gone
sign forged.test "$T/run/unused"
mv "$T/keys/forged.test.ds" "$T/run/forged.test.ds"
rm "$T/keys/"Kforged.test.*
sign forged.test "$T/bind/forged.test"
mv "$T/run/forged.test.ds" "$T/keys/forged.test.ds"
{ echo "$apex"; txt $NAME "$RECORD"; } | zone "$T/bind/stripped.test"
sign stripped.test "$T/run/unused"

## parents
{
	printf '@ NS ns.nic.test.\nns.nic A %s\n' $TLD
	printf 'a NS ns1.a\na NS ns2.a\nns1.a A %s\nns2.a A %s\n' $BIND $KNOT
	for z in half stale alone wild wildsame large alias lost deleg both split view signed soon forged stripped; do glue $z; done
	printf 'host NS ns.host\nns.host A %s\n' $TLD
	cat "$T/keys/"*.ds
} | zone "$T/tld/test"
printf '@ NS ns.nic.test.\nfar NS ns1.a.test.\n' | zone "$T/tld/away"
printf '@ NS root.\nroot A %s\ntest NS ns.nic.test.\naway NS ns.nic.test.\nns.nic.test A %s\n' $ROOT $TLD | zone "$T/root/root"

## servers
{
	echo "options { directory \"$T/bind\"; listen-on port $PORT { $BIND; }; listen-on-v6 { none; }; pid-file none;"
	echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; max-udp-size 1232; };"
	echo "controls { };"
	for f in "$T/bind"/*; do echo "zone \"${f##*/}\" { type primary; file \"$f\"; };"; done
} >"$T/run/named.conf"

# a resolver that validates below one anchor, and is led to a server for each zone
{
	echo "options { directory \"$T/run\"; listen-on port $DNS2_PORT { $BIND; }; listen-on-v6 { none; }; pid-file none;"
	echo "recursion yes; allow-recursion { any; }; dnssec-validation yes; session-keyfile none; max-cache-size 8m; };"
	echo "controls { };"
	read -r _ _ _ tag algorithm digest_type digest <"$T/keys/signed.test.ds"
	echo "trust-anchors { \"signed.test\" static-ds $tag $algorithm $digest_type \"$digest\"; };"
	for z in alone.test/$BIND half.test/$KNOT stale.test/$KNOT signed.test/$KNOT alias.test/$BIND host.test/$TLD dead.test/$DEAD; do
		echo "zone \"${z%/*}\" { type forward; forward only; forwarders { ${z#*/} port $PORT; }; };"
	done
} >"$T/run/cache.conf"

# knot NAME ADDRESS [SECONDARY-ZONE...]
knot() {
	local dir="$T/$1" address=$2 f z
	shift 2
	{
		printf 'server:\n    rundir: "%s"\n    listen: %s@%s\n' "$dir" "$address" "$PORT"
		if [ -n "${LAB_NETNS:-}" ] && [ "$address" = $TLD ]; then printf '    listen: ::1@%s\n' "$PORT"; fi
		printf 'log:\n  - target: stderr\n    any: warning\ndatabase:\n    storage: "%s.db"\n' "$dir"
		printf 'remote:\n  - id: bind\n    address: %s@%s\nzone:\n' $BIND "$PORT"
		for f in "$dir"/*; do
			z=${f##*/}
			[ "$z" != root ] || z=.
			printf '  - domain: %s\n    file: "%s"\n' "$z" "$f"
		done
		for z in "$@"; do printf '  - domain: %s\n    storage: "%s.db"\n    master: bind\n' "$z" "$dir"; done
	} >"$T/run/knot-${dir##*/}.conf"
	mkdir -p "$dir.db"
	lab_background "knot-${dir##*/}" knotd -c "$T/run/knot-${dir##*/}.conf"
}

# answers nothing, on UDP and TCP
cat >"$T/run/silent.py" <<'END'
import socket, sys, time
address = (sys.argv[1], int(sys.argv[2]))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(address)
tcp = socket.create_server(address)
time.sleep(600)
END

# a resolver that writes down what it is asked for, and fails but for one lie
cat >"$T/run/resolver.py" <<'END'
import socket, sys
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((sys.argv[1], int(sys.argv[2])))
while True:
    query, peer = udp.recvfrom(4096)
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    name, kind = ".".join(labels), int.from_bytes(query[at + 1 : at + 3], "big")
    print(name, kind, flush=True)
    question = query[12 : at + 5]
    if (name, kind) == ("view.test", 2):  # another name server than the root leads to
        answer = b"\xc0\x0c\0\2\0\1\0\0\0\x3c\0\x09\x06inside\xc0\x0c"
        udp.sendto(query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question + answer, peer)
    else:
        udp.sendto(query[:2] + b"\x81\x82\0\1\0\0\0\0\0\0" + question, peer)
END
lab_background resolver "$PYTHON" "$T/run/resolver.py" $RESOLVER "$PORT"
lab_background silent "$PYTHON" "$T/run/silent.py" $SILENT "$PORT"

serves() { # ADDRESS ZONE
	dig +norec +time=1 +tries=1 -p "$PORT" "@$1" "$2" SOA | grep -q 'status: NOERROR'
}
# await ADDRESS ZONE
await() {
	wait_for 15 serves "$@" || { tail -n 20 "$T/log"/* >&2; exit 1; }
}
lab_background named named -g -n 1 -c "$T/run/named.conf"
await $BIND far.away # before its secondary asks it
knot knot $KNOT a.test
knot root $ROOT
knot tld $TLD
await $KNOT a.test
await $KNOT stale.test
await $ROOT .
await $TLD test
wait_for 10 listens "$PORT" $SILENT
lab_background cache named -g -n 1 -c "$T/run/cache.conf"
wait_for 15 listens "$DNS2_PORT" || { cat "$T/log/cache" >&2; exit 1; }

## the sweeps, all at once: they mostly wait
# sweep CASE DOMAIN NAME RECORD [OPTION...]
RUNS=()
sweep() {
	local name=$1 domain=$2 record=$3 text=$4
	shift 4
	"$SWEEPTOOL" -t 2000 -n 2 -s "$RESOLVER#$PORT" "$@" "$domain" "$record" "$text" >"$T/out/$name" 2>&1 &
	RUNS+=("$!")
}
on() { # ZONE ADDRESS...: -z of it
	local zone=$1 list=
	shift
	for a in "$@"; do list="$list,$a#$PORT"; done
	echo "-z $zone=${list#,}"
}
rooted() { # CASE DOMAIN [RECORD [OPTION...]]
	local name=$1 domain=$2 text=${3:-$RECORD}
	shift 2
	[ $# -eq 0 ] || shift
	sweep "$name" "$domain" "$NAME.$domain" "$text" -r "$ROOT#$PORT" "$@"
}
# shellcheck disable=SC2046 # words are wanted
{
	sweep missing a.test "no.$NAME.a.test" "$RECORD" $(on a.test $BIND $KNOT)
	sweep other a.test "$NAME.a.test" "$OTHER" $(on a.test $BIND)
	sweep two a.test two._domainkey.a.test "$RECORD" $(on a.test $BIND)
	sweep nodata a.test host._domainkey.a.test "$RECORD" $(on a.test $BIND)
	sweep served a.test "$NAME.a.test" "$RECORD" $(on a.test $BIND $KNOT)
	sweep again a.test "$NAME.a.test" "$RECORD" $(on a.test $BIND $KNOT)
	sweep half half.test "$NAME.half.test" "$RECORD" $(on half.test $BIND $KNOT)
	sweep stale stale.test "$NAME.stale.test" "$RECORD" $(on stale.test $BIND $KNOT)
	sweep dead alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $DEAD)
	sweep dead_long alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $DEAD) -m 86401
	sweep dead_first alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $DEAD) -m 3601 -1
	sweep silent alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $SILENT) -m 3601
	sweep agrees alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $DEAD) -m 86401 -a -s "$CACHE"
	sweep agrees_alias alias.test "$NAME.alias.test" "$RECORD" -r "$ROOT#$PORT" $(on alias.test $BIND $DEAD) -m 86401 -a -s "$CACHE"
	sweep agrees_one half.test "$NAME.half.test" "$RECORD" $(on half.test $BIND $DEAD) -m 86401 -a -s "$CACHE,$BIND#$PORT"
	sweep denies half.test "$NAME.half.test" "$RECORD" $(on half.test $BIND $DEAD) -m 86401 -a -s "$CACHE"
	sweep denies_long half.test "$NAME.half.test" "$RECORD" $(on half.test $BIND $DEAD) -m 86401 -a -w -s "$CACHE"
	sweep old stale.test "$NAME.stale.test" "$RECORD" $(on stale.test $BIND $DEAD) -m 86401 -a -s "$CACHE"
	sweep bogus signed.test "$NAME.signed.test" "$RECORD" $(on signed.test $BIND $DEAD) -m 86401 -a -w -s "$CACHE"
	sweep unasked alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $DEAD) -m 3601 -a -s "$CACHE"
	sweep refuses alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $DEAD) -m 86401 -a -s "$KNOT#$PORT"
	sweep unreached dead.test "$NAME.dead.test" "$RECORD" $(on dead.test $BIND $DEAD) -m 86401 -a -s "$CACHE"
	sweep refused alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $KNOT)
	sweep refused_long alone.test "$NAME.alone.test" "$RECORD" $(on alone.test $BIND $KNOT) -m 3601
	sweep wild wild.test "$NAME.wild.test" "$RECORD" $(on wild.test $BIND)
	sweep wildsame wildsame.test "$NAME.wildsame.test" "$RECORD" $(on wildsame.test $BIND)
	sweep large large.test "$NAME.large.test" "$LARGE" $(on large.test $BIND)
	sweep split split.test "$NAME.split.test" "$RECORD" $(on split.test $BIND $KNOT)
	sweep signed signed.test "$NAME.signed.test" "$RECORD" $(on test $TLD) $(on signed.test $BIND)
	sweep expired signed.test "$NAME.signed.test" "$RECORD" $(on test $TLD) $(on signed.test $BIND $KNOT)
	sweep early signed.test "$NAME.signed.test" "$RECORD" $(on test $TLD) $(on signed.test $BIND) -d -864000
	sweep late signed.test "$NAME.signed.test" "$RECORD" $(on test $TLD) $(on signed.test $BIND) -d 8640000
	sweep island signed.test "$NAME.signed.test" "$RECORD" $(on signed.test $BIND $KNOT)
	sweep soon soon.test "$NAME.soon.test" "$RECORD" $(on test $TLD) $(on soon.test $BIND)
	sweep forged forged.test "$NAME.forged.test" "$RECORD" $(on test $TLD) $(on forged.test $BIND)
	sweep stripped stripped.test "$NAME.stripped.test" "$RECORD" $(on test $TLD) $(on stripped.test $BIND)
	rooted root_a a.test
	rooted root_a_long a.test "$RECORD" -m 86401
	rooted root_alone alone.test
	rooted root_signed signed.test
	rooted root_alias alias.test
	rooted root_lost lost.test
	rooted root_deleg deleg.test
	rooted root_both both.test
	rooted root_away far.away
	rooted root_none none.test
	rooted root_view view.test
	rooted root_dname moved.signed.test
	sweep v6 host.test "$NAME.host.test" "$RECORD" $(on host.test ::1)
	sweep noroot alone.test "$NAME.alone.test" "$RECORD" -r "$DEAD#$PORT"
	"$SWEEPTOOL" $(on a.test $BIND) -q two._domainkey.a.test >"$T/out/lookup" 2>&1 &
	RUNS+=("$!")
	"$SWEEPTOOL" -s "$DEAD#$PORT" -r "$ROOT#$PORT" -q $NAME.alias.test >"$T/out/lookup_root" 2>&1 &
	RUNS+=("$!")
	"$SWEEPTOOL" -s "$RESOLVER#$PORT" -q refused.test >"$T/out/lookup_refused" 2>&1 &
	RUNS+=("$!")
	"$SWEEPTOOL" -s "$DEAD#$PORT" -r "$DEAD#$PORT" -q sel.a.test >"$T/out/lookup_none" 2>&1 &
	RUNS+=("$!")
}
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
not() { ! "$@"; }
at() { printf '%s#%s' "$1" "$PORT"; }

says missing "a missing record is BAD on both, with the serial" \
	"$(at $BIND) bad \\(NXDOMAIN \\(serial 42\\)\\)" "$(at $KNOT) bad \\(NXDOMAIN \\(serial 42\\)\\)" '^does not pass: 127.0.0.1 .*NXDOMAIN'
says other "another record is BAD and says what differs" "$(at $BIND) bad \\(its TXT is another one: .*p=" '^does not pass'
says two "two TXT records are BAD" "$(at $BIND) bad \\(2 records"
says nodata "a name without TXT is BAD" "$(at $BIND) bad \\(the name exists, but holds no TXT"
says served "the record on primary and secondary passes" \
	'^zone a.test unsigned' "$(at $BIND) good ttl=60 serial=42" "$(at $KNOT) good ttl=60 serial=42" '^passes'
check "a second sweep is equal to the first" cmp -s "$T/out/served" "$T/out/again"
says half "a record on one of two servers does not pass" "$(at $BIND) good" "$(at $KNOT) bad \\(NXDOMAIN \\(serial 1" '^does not pass'
says stale "a stale secondary is BAD and named" "$(at $KNOT) bad \\(its TXT is another one" "^does not pass: $KNOT"
says dead "a dead server is MUTE and named" "$(at $BIND) good" "$(at $DEAD) mute \\(nothing answers" "^does not pass: $DEAD"
says dead_long "a server that is dead for a day is excused" "$(at $DEAD) mute" '^passes'
says dead_first "before the first activation an hour suffices" "$(at $DEAD) mute" '^passes'
says agrees "with a resolver that has the record it is excused" "^the resolver $CACHE has the record, ttl none" '^passes'
says agrees_alias "a resolver follows a CNAME" "^the resolver $CACHE has the record" '^passes'
says agrees_one "one of two resolvers that has it is enough" "^the resolver $(at $BIND) has the record" '^passes'
says denies "while the resolver denies the record it is not, and that is said" "^the resolver $CACHE has no such record \\(NXDOMAIN\\), ttl known" \
	"^does not pass: the resolver $CACHE has no such record .*: $DEAD .* is silent for long enough"
says denies_long "after a day that is a warning only" "^the resolver $CACHE has no such record" '^passes'
says old "nor while the resolver has an old record" "^the resolver $CACHE has another record, ttl known" '^does not pass: the resolver'
says bogus "an answer that does not validate vetoes, however long" "^the resolver $CACHE has an answer that does not validate" '^does not pass: the resolver'
says unasked "no resolver is asked before the time is over" "^does not pass: $DEAD"
check "and says nothing" not grep -q resolver "$T/out/unasked"
says refuses "a resolver that refuses cannot tell, and time alone decides" '^no resolver could be asked' '^passes'
says unreached "nor can one that reaches nobody: that is not bogus" '^no resolver could be asked' '^passes'
says silent "a silent server is MUTE, and not excused after an hour" "$(at $SILENT) mute \\(no answer in 2 s by UDP and TCP" '^does not pass'
says refused "a server that refuses is MUTE and lame" "$(at $KNOT) mute lame \\(REFUSED|$(at $KNOT) mute lame \\(NOTAUTH" '^does not pass'
says refused_long "a lame server is excused after an hour" "$(at $KNOT) mute lame" '^passes'
says wild "a wildcard's other record is BAD" "$(at $BIND) bad \\(its TXT is another one"
says wildsame "a wildcard that says the same is GOOD" "$(at $BIND) good" '^passes'
says large "an answer that does not fit goes by TCP" "$(at $BIND) good" '^passes'
says split "servers that disagree about a zone cut are named" "do not agree whether _domainkey.split.test .*$BIND says so, $KNOT does not"
says signed "a signed zone is checked against its DS" '^zone signed.test signed' "$(at $BIND) good" '^passes'
says expired "expired signatures on one server are BAD" "$(at $BIND) good" "$(at $KNOT) bad .*expired on 2024-02-01" "^does not pass: $KNOT"
says early "signatures of the future are BAD" "$(at $BIND) bad .*valid only from"
says late "signatures of the past are BAD" "$(at $BIND) bad .*expired on"
says island "without its parent a signed zone is checked against itself" '^zone signed.test signed' "$(at $BIND) good" "$(at $KNOT) bad .*expired"
says soon "a signature must outlive the TTL" "$(at $BIND) bad .*before the TTL of 60 s is over"
says forged "keys that the DS does not name are BAD" "$(at $BIND) bad \\(none of its DNSKEYs is named by the DS"
says stripped "a DS and no DNSKEY is BAD" "$(at $BIND) bad \\(stripped.test has a DS, but"
says root_a "from the root: the servers of parent and child are joined" \
	"^ns1.a.test $(at $BIND) good" "^ns2.a.test $(at $KNOT) good" "^ns3.a.test $(at $DEAD) mute" '^does not pass: ns3.a.test'
says root_a_long "from the root: it passes when the dead one is excused" '^passes'
if [ -n "${LAB_NETNS:-}" ]; then
	says root_a_long "no route to IPv6 is excused by IPv4" '^ns1.a.test 2001:db8::1#[0-9]+ mute \(no route to IPv6'
fi
says root_alone "from the root: name servers in another zone" "^ns1.a.test $(at $BIND) good" '^zone alone.test unsigned'
says root_signed "from the root: the DS comes from the parent" '^zone signed.test signed' "$(at $BIND) good"
says root_alias "behind a CNAME all servers of both zones are asked" '^zone host.test' "^ns1.a.test $(at $BIND) good" "^ns.host.test $(at $TLD) good" '^passes'
says root_lost "a CNAME to nothing is BAD where it ends" "^ns1.a.test $(at $BIND) good" "^ns.host.test $(at $TLD) bad \\(NXDOMAIN" '^does not pass'
says root_deleg "a delegated _domainkey: the child's servers count" '^zone _domainkey.deleg.test' "^ns.host.test $(at $TLD) good" '^passes'
says root_both "a delegated _domainkey that the parent's server serves too" '^zone _domainkey.both.test' "^ns1.a.test $(at $BIND) good" "^ns2.a.test $(at $KNOT) bad"
says root_away "from the root: name servers below another top, without glue" '^zone far.away' "^ns1.a.test $(at $BIND) good" '^passes'
says root_none "a domain that does not exist: NXDOMAIN by its parent" '^zone test' "^ns.nic.test $(at $TLD) bad \\(NXDOMAIN"
says root_dname "behind a DNAME, which is what a signed zone has signed" '^zone host.test unsigned' "^ns1.a.test $(at $BIND) good" "^ns.host.test $(at $TLD) good" '^passes'
if [ -n "${LAB_NETNS:-}" ]; then
	says v6 "a server is asked over IPv6" "^::1 $(at ::1) good" '^passes'
fi
says root_view "a resolver that knows other name servers: split view, with their name" 'split view: .* view.test is served by inside.view.test'
says noroot "without the root nothing is judged" 'no server of the root answers'
says lookup "a lookup gives every record" 'k=ed25519; p=' '.'
check "a lookup counts them" test "$(wc -l <"$T/out/lookup")" = 2
says lookup_root "a lookup without a resolver asks the authorities, behind a CNAME too" '^v=DKIM1; k=ed25519; p='
says lookup_refused "a resolver that fails is no reason to go past it" 'no resolver could answer for the TXT of refused.test'
says lookup_none "a lookup without resolver and root says so" 'no server of the root answers about'
says ../log/resolver "resolvers are asked for the DS of a configured zone and for name servers" '^signed.test 43$' '^ns1.a.test 1$'
check "resolvers are never asked for a selector, nor for _domainkey" not grep -qi domainkey "$T/log/resolver"
lab_finish
