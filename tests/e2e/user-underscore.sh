#!/bin/bash
# SPDX-License-Identifier: ISC
# user-underscore.sh - a customer's provider says "Underscore is not allowed in CNAME records": what signpost offers is taken up,
# first TXT records, then a sending subdomain on one's own name servers.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/user-lib.sh"

user_begin cust.test <<-END
	$(user_slots_policy customers)
	policy "hand" {
	$(life_times 1h)
	}
	$(user_own_policy own)
	$(life_rfc2136 bind $BIND)
END
FORM_UNDERSCORES=no
user_mail cust.test mail.cust.test

tell add cust.test --policy customers
check "add" test $STATUS = 0
form cust.test CNAME "$(field Host 1)" 60 "$(field Value 1)" >"$T/form"
check "the form refuses it" grep -q '^Underscore is not allowed in CNAME records$' "$T/form"

## the offers
tell add cust.test --cname-refused
check "add --cname-refused" test $STATUS = 0
said "it offers TXT, a delegation of _domainkey, a subdomain, each with what is to be entered and typed" \
	'^1\. TXT records\.' '^  signpost add cust\.test --policy (default|hand)$' \
	'^2\. Delegate _domainkey\.cust\.test\.' '^  Host    _domainkey  *if the form adds cust\.test by itself$' '^  Value   ns1\.own\.test\.' \
	'^3\. Send from a subdomain, as u@mail\.cust\.test' '^  Host    mail  *if the form adds cust\.test by itself$' \
	'^  signpost add mail\.cust\.test --policy own$' 'Nothing was changed'
cp "$T/said" "$T/offers"
tell status cust.test
said "it changed nothing" 'cust\.test +Pending'

## TXT
tell add cust.test --policy hand
check "the domain is taken over into TXT" test $STATUS = 0
form cust.test TXT "$(field Host)" 60 "$(field Value)"
check "the form takes it" test $? = 0
txt=$(field Host)
life_keeper
life_milestone 40 "it is signed by itself" signs cust.test
user_sends txt cust.test "signed d=cust.test s=${txt%%.*}"

## the subdomain: one NS record at the provider, the rest is ours
cp "$T/offers" "$T/said"
n=$(grep -n '^  Host' "$T/said" | grep -n '  Host    mail ' | cut -d: -f1)
form cust.test NS "$(field Host "$n")" 60 "$(field Value "$n")"
check "the form takes a delegation of a name without underscores" test $? = 0
tell add mail.cust.test --policy own --wait --timeout 40s
check "add --wait of the subdomain" test $STATUS = 0
[ $STATUS = 0 ] || sed 's/^/    /' "$T/said"
user_sends subdomain mail.cust.test "signed d=mail.cust.test"
user_judge
lab_finish
