#!/bin/bash
# SPDX-License-Identifier: ISC
# path.sh - the whole path: init, add, a record that DNS is proven to serve, tick, the signing table, real Postfix, and three
# verifiers.  One zone is served by BIND and Knot.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
[ "$(id -u)" = 0 ] || lab_skip "two users are needed, so root"

KEEPER=nobody
GROUP=$(id -gn $KEEPER)
STORE=$T/store
CONF=$T/etc/signpost.conf

signpost() {
	local verb=$1
	shift
	"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@"
}
says() { grep -qE -e "$1" "$T/said"; }
# run NAME STATUS VERB...: what it says is in $T/said
run() {
	local name=$1 want=$2 got
	shift 2
	signpost "$@" >"$T/said" 2>&1
	got=$?
	if [ "$got" = "$want" ]; then ok "$name"; else not_ok "$name: exit status $got: $(cat "$T/said")"; fi
}

## the store
run "init" 0 init --user $KEEPER --group "$GROUP"
check "init: the store is the keeper's, 2750" test "$(stat -c '%U %a' "$STORE")" = "$KEEPER 2750"
check "init: the database is the keeper's alone" test "$(stat -c %a "$STORE/keystore.db")" = 600
run "init: what it wrote is a configuration" 0 config
run "init: again changes nothing" 0 init --user $KEEPER --group "$GROUP"
cat >"$CONF" <<-END
	sign {
	    authenticated = matching
	    log_unsigned = all
	    local_submission { domains = {"a.test"} }
	    network "$NETWORK" { domains = {"b.test"} }
	}
	policy "default" {
	    publish_safety = 1s
	}
	policy "both" {
	    algorithms = {"rsa-sha256", "ed25519-sha256"}
	    canonicalization = simple/relaxed
	    signature_lifetime = 20d
	    ttl = 1s
	    publish_safety = 1s
	}
	dns {
	    sweep_interval = 1s
	    timeout = 1s
	    tries = 2
	    zone "a.test" { servers = {"127.0.0.1:$DNS_PORT"} }
	    zone "b.test" { servers = {"127.0.0.1:$DNS_PORT", "127.0.0.1:$DNS2_PORT"} }
	    zone "c.test" { servers = {"127.0.0.1:$DNS_PORT"} }
	}
END
run "config: ours" 0 config
run "tick: with nothing to do" 0 tick

## the lab around it: Postfix and the milter run from the beginning, the milter as another user than root
for domain in a.test b.test c.test; do
	lab_zone $domain
done
lab_named
cat >"$T/run/knot.conf" <<-END
	server:
	    listen: 127.0.0.1@$DNS2_PORT
	    rundir: $T/run
	database:
	    storage: $T/run/knot
	zone:
	  - domain: b.test
	    file: $T/run/b.test
	    zonefile-sync: -1
END
cp "$T/zones/b.test" "$T/run/b.test"
lab_background knot knotd -c "$T/run/knot.conf"
KNOT_PID=$BACKGROUND
wait_for 10 listens "$DNS2_PORT"
lab_sink
lab_auth
lab_background milter "$SIGNPOST_MILTER" -s "unix:$T/run/milter.sock" -t "$STORE/signing.table" --log stderr --user=$KEEPER
MILTER_SOCKET=$T/run/milter.sock
wait_for 10 milter_listens
lab_postfix

# mail CASE LOGIN: From is the login
mail() {
	lab_message "$2" >"$T/mail/$1"
	printf '%s\n' "< 220" "> EHLO client.test" "< 250" "plain $2 secret" "mail $2 $1@sink.test $T/mail/$1" \
		"> QUIT" "< 221" | smtp "$SUBMISSION_PORT" "$OUTSIDER" || not_ok "$1: Postfix takes it"
}
# the record lines of a domain into its zone file(s)
publish() { # DOMAIN FILE
	signpost records "$1" --format zone >>"$2"
}
selectors() { signpost records "$1" --format zone | sed -n 's/^\([^.; ]*\)\._domainkey.*/\1/p'; }

## a domain: unsigned until DNS is proven to serve its record
run "add" 0 add a.test
check "add: shows the record" says 'v=DKIM1'
check "add: shows where it belongs" says '_domainkey\.a\.test'
selector=$(selectors a.test)
run "add: again is no new key" 0 add a.test
check "add: the same selector" test "$(selectors a.test)" = "$selector"
key=$STORE/keys/a.test/$selector.pem
check "the key file is the keeper's, 0640" test "$(stat -c '%U %a' "$key")" = "$KEEPER 640"
run "tick: no record yet" 0 tick
run "tick: still none" 0 tick --verbose
lab_expect before "unsigned" "DNS does not serve the record yet"
mail before alice@a.test
signpost status a.test >"$T/said"
check "status: pending" says Pending

publish a.test "$T/zones/a.test"
lab_named_reload
# until it says that; a look is due a second after the last
tick_says() {
	signpost tick --verbose >"$T/said" 2>&1 && says "$1"
}
check "tick: the first sweep that sees it" wait_for 10 tick_says 'every server that answers has what it should'
lab_expect proven-once "unsigned" "seen once proves nothing"
mail proven-once alice@a.test
check "tick: the second sweep proves it" wait_for 10 tick_says 'proven: 1 server address of a\.test served it twice'
ticks() { # DOMAIN: until it signs
	signpost tick >>"$T/log/tick" 2>&1
	grep -q "^key $1 " "$STORE/signing.table"
}
check "tick: the key enters the signing table" wait_for 5 ticks a.test
signpost status a.test >"$T/said"
check "status: verified" says Verified
lab_expect signed "signed d=a.test s=$selector a=rsa-sha256 c=relaxed/relaxed"
mail signed alice@a.test
lab_expect local "signed d=a.test s=$selector" "sendmail(1)"
lab_message root@a.test >"$T/mail/local"
lab_sendmail -f root@a.test local@sink.test <"$T/mail/local"

## two servers, of which one lacks the record
run "add: a zone with two servers" 0 add b.test
publish b.test "$T/zones/b.test"
lab_named_reload
for _ in 1 2 3; do
	signpost tick >>"$T/log/tick" 2>&1
	sleep 1.1
done
lab_expect one-of-two "unsigned" "one of two servers lacks the record"
mail one-of-two bob@b.test
signpost status b.test >"$T/said"
check "status: names the server that lacks it" says "127.0.0.1.*$DNS2_PORT"
cp "$T/zones/b.test" "$T/run/b.test"
kill -HUP "$KNOT_PID"
knot_serves() { dig +short +norec -p "$DNS2_PORT" @127.0.0.1 "$(selectors b.test)._domainkey.b.test" TXT | grep -q DKIM1; }
check "Knot has it, too" wait_for 10 knot_serves
again() {
	sleep 1
	ticks b.test
}
check "tick: both servers have it, the key enters the signing table" wait_for 10 again
lab_expect two-of-two "signed d=b.test s=$(selectors b.test)"
mail two-of-two bob@b.test

## RSA and Ed25519, by policy; a wrong record first
run "add: a policy of two algorithms" 0 add c.test --policy both
check "add: two selectors" test "$(selectors c.test | wc -l)" = 2
signpost records c.test --format zone | sed 's/p=..../p=AAAA/' >>"$T/zones/c.test"
cp "$T/zones/c.test" "$T/wrong"
lab_named_reload
for _ in 1 2 3; do
	signpost tick >>"$T/log/tick" 2>&1
	sleep 1.1
done
lab_expect wrong-record "unsigned" "another key in DNS"
mail wrong-record carol@c.test
grep -v DKIM1 "$T/wrong" | grep -v 'p=AAAA' >"$T/zones/c.test"
lab_zone c.test
publish c.test "$T/zones/c.test"
sed -i 's/hostmaster 1 /hostmaster 50 /' "$T/zones/c.test"
lab_named_reload
both_sign() {
	sleep 1
	signpost tick >>"$T/log/tick" 2>&1
	[ "$(grep -c "^key c.test " "$STORE/signing.table")" = 2 ]
}
check "tick: both keys enter the signing table" wait_for 15 both_sign
lab_expect both "signed d=c.test c=simple/relaxed a=rsa-sha256 a=ed25519-sha256"
mail both carol@c.test

## what the rules of signpost.conf grant, and what the command says of it
lab_expect network "signed d=b.test"
lab_message x@b.test >"$T/mail/network"
printf '%s\n' "< 220" "> EHLO client.test" "< 250" "mail x@b.test network@sink.test $T/mail/network" |
	smtp "$MX_PORT" "$NETWORK_CLIENT" || not_ok "network: Postfix takes it"
lab_expect outsider unsigned
lab_message x@a.test >"$T/mail/outsider"
printf '%s\n' "< 220" "> EHLO client.test" "< 250" "mail x@a.test outsider@sink.test $T/mail/outsider" |
	smtp "$MX_PORT" "$OUTSIDER" || not_ok "outsider: Postfix takes it"
run "decide: would be signed" 0 decide --from alice@a.test --auth alice@a.test --client 203.0.113.5:4000
signpost decide --from alice@a.test --client 203.0.113.5:4000 >"$T/said" 2>&1
check "decide: an outsider's would not" says outside

check "the queue empties" lab_drain
lab_judge
verified() { "$SIGNPOST" verify --config "$CONF" <"$T/sink/$1.eml" >"$T/said" 2>&1; }
check "verify: passes what came out" verified signed
check "verify: passes both signatures" verified both

## the milter goes on when there is no keeper, and a table of the keeper is read as it stands
generation=$(sed -n 's/^generation //p' "$STORE/signing.table")
run "tick: nothing to do" 0 tick
check "tick: nothing changed, so no new generation" test "$(sed -n 's/^generation //p' "$STORE/signing.table")" = "$generation"
sed -i 's/log_unsigned = all/log_unsigned = none/' "$CONF"
run "tick: after a change of signpost.conf" 0 tick
check "tick: the next generation" test "$(sed -n 's/^generation //p' "$STORE/signing.table")" = $((generation + 1))
sed -i 's/none/nonsense/' "$CONF"
run "tick: a bad signpost.conf is refused" 78 tick
check "tick: with file and line" says "signpost.conf:[0-9]+: .*log_unsigned"
check "tick: the table stays as it was" test "$(sed -n 's/^generation //p' "$STORE/signing.table")" = $((generation + 1))
check "no key bytes in what was said" test -z "$(sed '/^-----/d' "$key" | while read -r line; do grep -rlF -- "$line" "$T/log" "$MAILLOG" "$T/said"; done)"
check "no sanitizer complained" test -z "$(grep -lE 'Sanitizer|runtime error' "$T/log"/* "$T/said")"
lab_finish
