#!/bin/bash
# SPDX-License-Identifier: ISC
# user-bind.sh - a new user with a BIND of their own: rights as `publisher rights` prints them, one `add --wait`, and mail is
# signed when it returns.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/user-lib.sh"

user_begin shop.test <<-END
	policy "default" {
	    publisher = bind
	    publish_safety = 1s
	}
	policy "hand" { }
	$(life_rfc2136 bind $BIND)
	publisher "elsewhere" {
	    type = rfc2136
	    server = "$BIND:$PORT"
	    zone = "other.test"
	    tsig_key = "$T/run/bind.key"
	}
	policy "wrong" {
	    publisher = elsewhere
	}
END
user_mail own.test shop.test

## what would be done
tell add own.test --dry-run
check "add --dry-run" test $STATUS = 0
said "it shows the update and says that nothing is changed" '^Dry run: nothing is changed' \
	'update add sp[^ ]*\._domainkey\.own\.test\. [0-9]+ TXT "v=DKIM1'
tell status own.test
check "and nothing was" test $STATUS = 65
check "no key is left of it" test -z "$(files own.test)"

## all of it
begin=$SECONDS
tell add own.test --wait --timeout 60s
check "add --wait returns when mail is signed (after $((SECONDS - begin)) s)" test $STATUS = 0
said "it says through whom, how far it is, and with what it is signed" '^own\.test is served by ns1\.own\.test \(127\.0\.0\.1\)\.$' \
	'^No other service signs under _domainkey\.own\.test\.$' '^Publisher bind: its server speaks for own\.test\.$' \
	'^It is updated through publisher bind:$' '^own\.test: Pending: ' '^own\.test: mail is signed, with sp[^ ]* \(rsa-sha256\)\.$'
check "the signing table has it" signs own.test
user_sends waited own.test "signed d=own.test"
tell add own.test --wait --timeout 5s
check "again: it returns at once" test $STATUS = 0

## a zone that the publisher cannot change
tell add shop.test
said "a server that does not serve the zone is found out, and what will work is proposed" \
	'^Publisher bind: its server does not speak for shop\.test' '^What will work: mode txt by hand\. signpost add --policy hand shop\.test$'
tell add shop.test --policy wrong
said "a block for another zone, too" '^Publisher elsewhere changes another zone'
begin=$SECONDS
tell add shop.test --policy hand --wait --timeout 3s
check "waiting ends with 75 when the time is over (after $((SECONDS - begin)) s)" test $STATUS = 75
said "and says that it goes on" '^shop\.test: not signed yet after 3 s\. Nothing is undone'

## Ctrl-C
lab_background waiting "$SIGNPOST" add --config "$CONF" --store "$STORE" shop.test --wait
waiting=$BACKGROUND
wait_for 10 grep -q '^shop.test: Pending' "$T/log/waiting"
kill -TERM "$waiting"
wait "$waiting"
check "told to end, it exits 75" test $? = 75
cp "$T/log/waiting" "$T/said"
said "and says that it goes on" '^shop\.test: not waited for any longer\. Nothing is undone'
user_judge
lab_finish
