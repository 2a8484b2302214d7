#!/bin/bash
# SPDX-License-Identifier: ISC
# life-modes.sh - whole lives of keys behind slots (Knot), in a delegated _domainkey (PowerDNS) and in a zone file (NSD), while
# real Postfix sends mail all the time: each slot is used again, a standby takes over from a stolen key at once.  What must hold
# of the mail is as in life-txt.sh.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/life-lib.sh"
DWELL=6 # as in life-txt.sh
. "$HERE/life-run-lib.sh"
life_needs named knotd nsd pdns_server unbound
DOMAINS="cust.test deleg.test file.test"
BEGAN=$SECONDS

life_dns
life_signed_healed
signpost init --user root --group root >"$T/said" 2>&1 || { cat "$T/said" >&2; exit 1; }
{
	printf 'policy "cust" {\n    publisher = knot\n    mode = slots\n    slot_zone = slots.test\n    slots = 3\n    standby = no\n'
	life_times 14s
	printf '}\npolicy "deleg" {\n    publisher = pdns\n    mode = delegated\n    standby = yes\n'
	life_times 6s
	printf '}\npolicy "file" {\n    publisher = nsd\n    standby = no\n'
	life_times 6s
	echo '}'
	life_rfc2136 knot $KNOT
	life_rfc2136 pdns $PDNS
	cat <<-END2
		publisher "nsd" {
		    type = zone-file
		    zone = "file.test"
		    file = "$T/nsd/signpost.zone"
		    zone_file = "$T/nsd/file.test"
		    check = {"$(command -v nsd-checkzone)", "%zone", "%file"}
		    reload = {"$(command -v nsd-control)", "-c", "$T/run/nsd-nsd.conf", "reload", "%zone"}
		}
	END2
} >"$T/run/policies"
life_conf <"$T/run/policies"
life_mail 0.6
life_judges

## the first keys; the owner enters the aliases late
for domain in $DOMAINS; do life_add "$domain"; done
life_keeper
life_milestone 120 "deleg.test signs" signs deleg.test
life_milestone 120 "file.test signs" signs file.test
check "cust.test does not sign without its aliases" test -z "$(selectors cust.test)"
signpost records cust.test --format zone >"$T/run/aliases"
check "three aliases are asked for" test "$(grep -c 'CNAME' "$T/run/aliases")" = 3
life_owner_adds cust.test <"$T/run/aliases"
life_milestone 120 "cust.test signs when they are there" signs cust.test

## rotations
life_milestone 120 "a third key of deleg.test signs" has_used deleg.test 3
standby_is_proven() { status_says deleg.test 'stands by|takes over|proven; '; }
life_milestone 120 "another stands by" standby_is_proven
stolen=$(selectors deleg.test)
echo "$stolen" >"$LOG/stolen"
tell compromise deleg.test "$stolen"
check "compromise" test $STATUS = 0
[ $STATUS = 0 ] || cat "$T/said"
life_milestone 120 "the standby takes over from the stolen key" changed_from deleg.test "$stolen"
life_milestone 120 "which is revoked" revoked_at $PDNS "$stolen._domainkey.deleg.test"
life_milestone 120 "a third key of file.test signs" has_used file.test 3
for domain in deleg.test file.test; do life_removes "$domain"; done
turns() { # how often cust.test changed its slot
	sed -n 's/.* signed .*d=cust\.test s=\([^ ]*\) .*/\1/p' "$T/log/milter" | uniq | wc -l
}
fourth() { [ "$(turns)" -ge 4 ]; }
life_milestone 240 "the first slot of cust.test is used again" fourth

## the end
life_removes cust.test
for domain in $DOMAINS; do life_milestone 120 "no private key of $domain is left" no_files "$domain"; done
for domain in $DOMAINS; do life_milestone 120 "$domain is removed" is_removed "$domain"; done
life_log cust.test 'slots\.test: published at 127\.0\.0\.4' 'no resolver can remember it: its slot is free again'
life_ends
life_verdict 2
lab_finish
