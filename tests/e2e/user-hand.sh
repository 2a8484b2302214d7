#!/bin/bash
# SPDX-License-Identifier: ISC
# user-hand.sh - a new user whose zone is at a provider: records are typed into its web form, first wrongly, then as `check`
# says; Pending becomes Verified by itself, and mail is signed.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/user-lib.sh"

user_begin shop.test <<-END
	policy "default" {
	    publish_safety = 1s
	}
END
form shop.test TXT google._domainkey 60 "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"
form shop.test CNAME k2._domainkey 60 dkim2.elsewhere.test.

## add: what DNS has, and what to type
tell add shop.test
check "add" test $STATUS = 0
said "it says who serves the zone, what signs there already, and that the record is to be entered by hand" \
	'^shop\.test is served by ns1\.provider\.test \(127\.0\.0\.20\) and ns2\.provider\.test \(127\.0\.0\.20\)\.$' \
	'^Others may sign under _domainkey\.shop\.test:$' '^  google  *Google Workspace$' \
	'^  k2  *Mailchimp, at dkim2\.elsewhere\.test$' '^It cannot be updated from here, so the record is yours to enter:$' \
	'^Its primary is ns1\.provider\.test\.$'
said "it says that no keeper runs" '^No pass was made yet: without passes nothing goes on\. Start them: systemctl enable'
said "it shows the host in each form" '^  Host    sp[0-9]{2}q[1-4]-[a-z0-9]*\._domainkey  *if the form adds shop\.test by itself$' \
	'^          sp.*\._domainkey\.shop\.test  *if it wants the whole name$' '^  Type    TXT$' '^  TTL     3600$' '^  Value   v=DKIM1; k=rsa;'
host=$(field Host) value=$(field Value) whole=$(whole_host)
user_mail shop.test
life_keeper
user_sends pending shop.test unsigned
tell status shop.test
said "status: Pending" 'shop\.test +Pending'

## the first mistake: the whole name, in a form that adds the domain
form shop.test TXT "$whole" 60 "$value"
tell check shop.test
check "check fails" test $STATUS = 2
said "check: the domain was appended; how to mend it; what was asked" '^ *D04 ' "$host\._domainkey\.shop\.test\.shop\.test|$whole\.shop\.test" \
	"mend .*$host" 'dig .*@127\.0\.0\.20'
form_deletes shop.test "$whole.shop.test."

## the second: a letter is lost when it is pasted
form shop.test TXT "$host" 60 "${value%?????}"
tell check shop.test
check "check fails again" test $STATUS = 2
said "check: the record is not the one that was asked for" '^ *D[0-9]+ '
form_deletes shop.test "$host.shop.test."

## and rightly
form shop.test TXT "$host" 60 "$value"
life_milestone 40 "it is signed by itself when every name server has it" signs shop.test
tell status shop.test
said "status: Verified" 'shop\.test +Verified'
tell check shop.test
check "check finds nothing" test $STATUS = 0
user_sends verified shop.test "signed d=shop.test s=${host%%.*}"
tell add shop.test
said "add again: nothing is left to do, and a keeper runs" 'Nothing is left to do for it'
check "and says nothing of passes" test -z "$(grep 'pass was' "$T/said")"
user_judge
lab_finish
