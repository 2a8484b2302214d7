#!/bin/bash
# SPDX-License-Identifier: ISC
# life-txt.sh - whole lives of keys in mode txt against real servers, while real Postfix sends mail all the time: a secondary
# that lags and is frozen, a listed server that is dead, a signed zone with a secondary whose signatures have expired; two
# algorithms; a stolen key.  From the first activation on no message is unsigned, and none fails at two verifiers behind a
# resolver with caches, neither when it arrives nor when it was on its way for as long as it may, but those of the stolen key,
# once it is revoked.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/life-lib.sh"
DWELL=8 # longer than a switch takes from the table to the last milter, so that no key may go as soon as it is over
. "$HERE/life-run-lib.sh"
life_needs named knotd nsd unbound
DOMAINS="txt.test signed.test"
BEGAN=$SECONDS

life_bind
life_gate
life_root
life_knot
life_unbound
signpost init --user root --group root >"$T/said" 2>&1 || { cat "$T/said" >&2; exit 1; }
{
	printf 'policy "txt" {\n    publisher = bind\n    standby = no\n'
	life_times 6s
	printf '}\npolicy "signed" {\n    publisher = bind\n    standby = no\n    algorithms = {"rsa-sha256", "ed25519-sha256"}\n'
	life_times 6s
	echo '}'
	life_rfc2136 bind $BIND
} >"$T/run/policies"
life_conf <"$T/run/policies"
life_mail 0.5
life_judges

## the first keys: nothing signs before every server has its record, and rightly
gate lag=1.5
for domain in $DOMAINS; do life_add "$domain"; done
life_keeper
life_milestone 120 "txt.test signs: its secondary lags, a listed server is dead" signs txt.test
first=$(selectors txt.test)
gate shut
selector=$(files signed.test | head -n 1)
life_milestone 120 "the signed zone has the record" has_record $BIND "$selector._domainkey.signed.test"
life_expired_again
life_milestone 120 "a secondary with expired signatures is named" status_says signed.test '127\.0\.0\.7.*expired'
check "and signed.test does not sign" test -z "$(selectors signed.test)"
life_signed_healed
both_sign() { [ "$(selectors signed.test | wc -l)" = 2 ]; }
life_milestone 120 "it signs with both algorithms when the signatures are right" both_sign

## the first rotation, with a frozen secondary
second() { files txt.test | grep -vxF -e "$first"; }
second_is_published() { [ -n "$(second)" ] && has_record "$BIND" "$(second)._domainkey.txt.test"; }
life_milestone 120 "the next key of txt.test is published" second_is_published
life_milestone 120 "a frozen secondary is named" status_says txt.test 'ns2\.txt\.test \(?127\.0\.0\.2.*NXDOMAIN'
sleep 4
check "while it is frozen the old key signs" signs_with txt.test "$first"
gate open
life_milestone 120 "thawed, the next key signs" changed_from txt.test "$first"

## the second
life_milestone 120 "a third key of txt.test signs" has_used txt.test 3
life_milestone 120 "and a second one of signed.test" has_used signed.test 2
life_removes signed.test

## a stolen one
stolen=$(selectors txt.test)
echo "$stolen" >"$LOG/stolen"
tell compromise txt.test "$stolen"
check "compromise" test $STATUS = 0
[ $STATUS = 0 ] || cat "$T/said"
life_milestone 120 "the stolen key is replaced" changed_from txt.test "$stolen"
life_milestone 120 "and revoked at the primary" revoked_at $BIND "$stolen._domainkey.txt.test"
life_milestone 120 "and at the secondary" revoked_at $SECONDARY "$stolen._domainkey.txt.test"
stolen_is_gone() { [ ! -e "$STORE/keys/txt.test/$stolen.pem" ]; }
life_milestone 120 "its private key is destroyed" stolen_is_gone
life_milestone 30 "its p= stays longer than that of others" status_says txt.test 'p= stays for 15 s'

## the end
life_removes txt.test
for domain in $DOMAINS; do life_milestone 120 "no private key of $domain is left" no_files "$domain"; done
life_milestone 120 "signed.test is removed" is_removed signed.test
life_milestone 120 "so is txt.test" is_removed txt.test
life_log txt.test "$first  key generated" "$first  proven: 2 server addresses of txt.test served it twice" \
	"ns2\.txt\.test 127\.0\.0\.2 good" "ns3\.txt\.test 127\.0\.0\.3 mute" "enters the signing table instead of $first" \
	"$first  leaves the signing table" "$first  no milter signs with it any more" "$first  its private key is deleted" \
	"$first  every server that answers was seen twice without its key" "$first  every server that answers was seen twice without its record" \
	"compromise  $stolen  compromised" "$stolen  its private key is deleted" " remove  the domain is to be removed"
life_ends
life_verdict 2
lab_finish
