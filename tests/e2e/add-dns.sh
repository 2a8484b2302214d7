#!/bin/bash
# SPDX-License-Identifier: ISC
# add-dns.sh - what `add` finds in DNS: nothing, names of others, a wildcard, a zone of its own, a DNAME, another tool's denial;
# a dead server and no DNS at all, each within its time; and whom it asks: no resolver for anything at or below _domainkey.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/user-lib.sh"

user_begin empty.test ent.test wild.test cut.test dname.test many.test dead.test <<-END
	policy "default" { }
	policy "delegated" {
	    mode = delegated
	    publisher = bind
	}
	policy "slots" {
	    mode = slots
	    slot_zone = "slots.test"
	    publisher = bind
	    algorithms = {"rsa-sha256", "ed25519-sha256"}
	}
	$(life_rfc2136 bind $BIND)
END

# add_timed SECONDS DOMAIN [OPTION...]
add_timed() {
	local limit=$1 begin took
	shift
	begin=$(date +%s%N)
	tell add "$@"
	took=$((($(date +%s%N) - begin) / 1000000))
	check "add $1 succeeds" test $STATUS = 0
	if [ $took -le $((limit * 1000)) ]; then ok "within $limit s ($took ms)"; else not_ok "add $1 took $took ms"; fi
}

add_timed 10 empty.test
said "nothing below _domainkey" '^No other service signs under _domainkey\.empty\.test\.$'
echo 'zv3k._domainkey TXT "v=DKIM1; p="' >>"$T/provider/ent.test"
form_saved ent.test
add_timed 10 ent.test
said "a name that nobody lists is told by the name above it" \
	'^Something exists under _domainkey\.ent\.test, but none of [0-9]+ selectors that other services are known for'
echo '* TXT "v=spf1 -all"' >>"$T/provider/wild.test"
form_saved wild.test
add_timed 10 wild.test
said "a wildcard is not taken for sixty services" '^A wildcard answers for every name below _domainkey\.wild\.test, so that .* cannot be told apart'
check "and none is named" test -z "$(grep 'Google' "$T/said")"
printf '_domainkey DNAME keys.elsewhere.test.\n' >>"$T/provider/dname.test"
form_saved dname.test
add_timed 10 dname.test
said "a DNAME is named with its target" '^All names below _domainkey\.dname\.test are redirected to keys\.elsewhere\.test'
printf 'selector1._domainkey CNAME s1.elsewhere.test.\nselector2._domainkey CNAME s2.elsewhere.test.\ndefault._domainkey TXT "v=DKIM1; p="\n' >>"$T/provider/many.test"
form_saved many.test
add_timed 10 many.test
said "services are named, and where their keys are" '^  selector1  *Microsoft 365, at s1\.elsewhere\.test$' '^  default  *a mail server of your own'
signpost add many.test --json >"$T/json" 2>>"$T/log/json"
holds() { jq -e "$@" >/dev/null; }
check "as JSON, too" holds '.found.below_domainkey == "something" and (.found.others | map(.selector) == ["selector1", "selector2", "default"])
	and .found.others[0].service == "Microsoft 365" and .found.others[2].service == null and .found.zone == "many.test"
	and (.to_enter.records | length) == 1 and .by_hand' "$T/json"
tell add sub.many.test
said "a name in the zone of the domain above" '^sub\.many\.test lies in the zone many\.test, which is served by' \
	'^  Host    sp[^ ]*\._domainkey\.sub  *if the form adds many\.test by itself$'

## delegated, before and after
add_timed 10 cut.test --policy delegated
said "a zone that is to be delegated: the order of it" '^  1\. Copy all records below _domainkey\.cut\.test' '_domainkey\.cut\.test'
{ soa ns1.own.test.; echo '@ NS ns1.own.test.'; } >"$T/bind/_domainkey.cut.test"
printf 'zone "_domainkey.cut.test" { type primary; file "_domainkey.cut.test"; allow-update { key bind; }; };\n' >>"$T/run/bind.conf"
kill -HUP "$OWN_PID"
await $BIND _domainkey.cut.test
tell records cut.test --format zone
said "when the publisher's server has the zone, the delegation is a record" '^_domainkey\.cut\.test\.	[0-9]+	IN	NS	ns1\.own\.test\.$'
echo '_domainkey NS ns1.own.test.' >>"$T/provider/cut.test"
form_saved cut.test
tell add cut.test
said "delegated, it is said, with its servers" '^_domainkey\.cut\.test is a zone of its own, served by ns1\.own\.test \(127\.0\.0\.1\): the records belong there\.$'

## slots
add_timed 10 slots-of.ent.test --policy slots
check "two algorithms need six names" test "$(grep -c '^  Type    CNAME' "$T/said")" = 6
said "and why" 'for each algorithm: two keys cannot stand at one name'

## whom it asked
asked_resolver() { sed -n 's/.* info: 127\.[0-9.]* \([^ ]*\) .* IN$/\1/p' "$T/log/unbound"; }
check "the resolver was asked" test "$(asked_resolver | wc -l)" -gt 0
check "but for nothing at or below _domainkey" test -z "$(asked_resolver | grep _domainkey)"

## servers that are silent
sed -i 's/^dead NS.*//' "$T/root/test"
printf 'dead NS ns1.provider\ndead NS ns.dead\nns.dead A 127.0.0.99\n' >>"$T/root/test"
nsd-control -c "$T/run/nsd-root.conf" reload >>"$T/log/nsd-control" 2>&1
echo drop >"$T/run/dead"
lab_background dead "$PYTHON" "$HERE/gate.py" 127.0.0.99 "$PORT" $PROVIDER "$PORT" "$T/run/dead"
wait_for 10 listens "$PORT" 127.0.0.99
add_timed 12 dead.test
said "what the others say is said" '^No other service signs under _domainkey\.dead\.test\.$'
kill "$ROOT_PID" "$PROVIDER_PID"
lab_gone "$ROOT_PID"
lab_gone "$PROVIDER_PID"
add_timed 15 alone.test
said "without DNS it says so, and adds" '^alone\.test: who serves it could not be found out: ' '^  Value   v=DKIM1; k=rsa'
lab_finish
