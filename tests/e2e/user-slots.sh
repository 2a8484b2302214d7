#!/bin/bash
# SPDX-License-Identifier: ISC
# user-slots.sh - a customer's domain: the customer enters three CNAMEs once, at a provider of their own; keys change behind
# them.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/user-lib.sh"

user_begin cust.test <<-END
	$(user_slots_policy customers)
	$(life_rfc2136 bind $BIND)
END
user_mail cust.test

tell add cust.test --policy customers
check "add" test $STATUS = 0
said "it says what is to be sent to the customer, once" '^It needs 3 CNAMEs, once; keys change behind them, in slots\.test:$' '^  Type    CNAME$' \
	'^The form refuses underscores in CNAMEs\? signpost add cust\.test --cname-refused$' \
	'^Publisher bind: its server speaks for slots\.test\.$'
check "three of them" test "$(grep -c '^  Host' "$T/said")" = 3
cp "$T/said" "$T/to-customer"
life_keeper

## the customer types
for n in 1 2 3; do
	cp "$T/to-customer" "$T/said"
	form cust.test CNAME "$(field Host "$n")" 60 "$(field Value "$n")" || not_ok "the form takes CNAME $n"
	if [ "$n" = 1 ]; then
		tell status cust.test
		said "with one of three it is Pending" 'cust\.test +Pending'
	fi
done
life_milestone 40 "it is signed by itself" signs cust.test
first=$(selectors cust.test)
user_sends first cust.test "signed d=cust.test s=$first"
tell check cust.test
check "check has nothing to say of the empty slots: but for the tests' short TTL all is well" \
	test "$(sed -n 's/^ *\(D[0-9][0-9]\) .*/\1/p' "$T/said" | sort -u | tr '\n' ' ')" = "D41 "

## the key changes, the customer does nothing
signpost roll cust.test >"$T/said"
life_milestone 50 "another key signs, behind another of the names" changed_from cust.test "$first"
user_sends second cust.test "signed d=cust.test s=$(selectors cust.test)"
check "the name of it was entered from the beginning" grep -q "$(selectors cust.test)\._domainkey" "$T/to-customer"
user_judge
lab_finish
