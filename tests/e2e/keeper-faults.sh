#!/bin/bash
# SPDX-License-Identifier: ISC
# keeper-faults.sh - what can go wrong on the way to DNS while keys rotate: the primary is away, answers get lost, people and
# tools change the zone, TSIG keys are wrong, servers refuse, clocks are apart.  Each time: the old key signs and verifies, the
# message says what, why and what to do, and when the fault is over the next passes go on by themselves.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/keeper-lib.sh"
keeper_needs

## updates do not get there, for "days", in the middle of each step

primary_away() {
	lane_signs 1
	roll
	until_pass 5 key_has 2 generated
	gate shut
	reach 10 "away when a key is to be published: who, why, and when again" \
		status_has "tried .*[0-9]+ times.*: 127\.0\.0\.61 port [0-9]+: it took the message and hung up without an answer"
	check "nothing is said to be published" is 2 'generated,file,dns:none'
	sound "away at publication" "$K1"
	tell status
	said "the list of domains says so too" "^$D .*127\.0\.0\.61"
	gate open
	reach 20 "back: the next key takes over" key_has 2 activated
	local second
	second=$(selector 2)
	gate shut
	reach 20 "away at revocation: it is tried" status_has "tried .*time.*: 127\.0\.0\.61 port"
	passes 3
	check "away at revocation: the record stays, and is not said to be revoked" is 1 '.*,acknowledged,(destroyed|file),dns:record'
	sound "away at revocation" "$second"
	gate open
	reach 20 "back: revoked" key_has 1 revoked
	gate shut
	reach 10 "away at removal: the reason" status_has "tried .*time.*: 127\.0\.0\.61 port"
	check "away at removal: p= stays" is 1 '.*,revoked,.*dns:tombstone'
	gate open
	reach 20 "back: removed" is 1 '.*,removed,destroyed,dns:none'
	sound "at the end" "$second"
}

# The whole name server is gone, while a key waits for its proof: nothing is concluded from silence.
silence() {
	lane_signs 2
	roll
	until_pass 8 key_has 2 published
	lane_named_stop
	passes 4
	reach 10 "silent: named, with the time that it may be so" status_has "127\.0\.0\.22.*(mute|silent|refused|no answer)"
	check "silent: the old key is in the table" test "$(signs_with)" = "$K1"
	check "silent: the new key is neither proven nor given up" is_still_published
	lane_named
	reach 20 "back: the next key takes over" key_has 2 activated
	sound "after the silence" "$(selector 2)"
}
# the primary cannot be asked
is_still_published() {
	"$PYTHON" -c 'import sqlite3, sys
row = sqlite3.connect(sys.argv[1]).execute("SELECT published, verified, abandoned FROM key ORDER BY id LIMIT 1 OFFSET 1").fetchone()
sys.exit(row[0] is None or row[1] is not None or row[2] is not None)' "$STORE/keystore.db"
}

# Passes that are rarer than tries: what was done is looked at, and not only done again.
rare_passes() {
	local end=$((SECONDS + 60 * PATIENCE))
	lane_signs 7
	roll
	until key_has 1 removed || [ "$SECONDS" -gt "$end" ]; do
		tick
		sleep 2.2 # slow_interval and retry_max are 2 s
	done
	check "a rotation ends though every pass could do again what the last one did" key_has 1 removed
	tell log "$D"
	check "each was done once" test "$(grep -c 'was gone already\|stood already' "$DIR/said")" = 0
}

## done, and the answer lost

answer_lost() {
	lane_signs 3
	roll
	until_pass 5 key_has 2 generated
	gate drop
	reach 10 "lost at publication: perhaps it was done" status_has "perhaps the change was made, which the next try finds out"
	check "lost at publication: the record is there, and not taken for published" is 2 'generated,file,dns:record'
	sound "lost at publication" "$K1"
	gate open
	reach 12 "answers come: it stood already" key_has 2 published
	tell log "$D"
	said "and the log says so" "stood already at 127\.0\.0\.63"
	reach 20 "and the next key takes over" key_has 2 activated
	gate drop
	reach 20 "lost at revocation: p= is there" is 1 '.*dns:tombstone'
	passes 2
	sound "lost at revocation" "$(selector 2)"
	gate open
	reach 20 "answers come: revoked" key_has 1 revoked
	gate drop
	reach 20 "lost at removal: nothing is there" is 1 '.*dns:none'
	gate open
	reach 20 "answers come: removed" is 1 '.*,removed,destroyed,dns:none'
	check "two keys were made, and no third" absent 3
	sound "at the end" "$(selector 2)"
}
absent() { ! is "$1" '.*'; } # KEY

## hands and other tools in the zone

by_hands() {
	lane_signs 4
	by_hand_removed "$K1"
	reach 20 "the record of the key that signs was removed: it is published again" is 1 '.*,table,dns:record'
	tell log "$D"
	said "and the log says why" "its record is gone since .*: it is published again; .*published at"
	sound "published again" "$K1"
	by_hand_removed "$K1"
	reach 20 "removed again: published again" is 1 '.*,table,dns:record'
	by_hand_removed "$K1"
	reach 20 "and again" is 1 '.*,table,dns:record'
	by_hand_removed "$K1"
	passes 5
	check "the fourth time it is not published again" is 1 '.*,table,dns:none'
	reach 12 "but named: another tool, how often, and what it waits for" \
		status_has "another tool owns this zone: the record was removed 3 times within 24 h, and is not published again until that ends"
	check "and it is a failure" has_said "^$D +Failed"
	by_hand_put "$K1" "v=DKIM1; p=MTIzNA=="
	reach 20 "another record in its place: it is not overwritten, and a new key is made" key_has 2 published
	check "the foreign record stands" test "$(served "$K1")" = '"v=DKIM1; p=MTIzNA=="'
	reach 20 "which takes over" key_has 2 activated
	check "and verifies" verified "$(selector 2)"
}

foreign() {
	lane_signs 5
	roll
	until_pass 5 key_has 2 generated
	by_hand_put "$(selector 2)" "something else"
	reach 20 "something else at the name of a new key: another name is taken" key_has 3 generated
	check "what stood there stands" test "$(served "$(selector 2)")" = '"something else"'
	tell log "$D"
	said "and the log says what" "holds the TXT record \"something else\", which is not what signpost put there; nothing was changed"
	reach 20 "the third key takes over" key_has 3 activated
	by_hand_put "$K1" "v=DKIM1; p=MTIzNA=="
	reach 20 "another record where p= is to be: told, with what to do" \
		status_has "holds the TXT record \"v=DKIM1; p=MTIzNA==\", which is not what signpost put there; nothing was changed.  Remove it"
	sound "meanwhile" "$(selector 3)"
	by_hand_removed "$K1"
	reach 20 "removed by hand: that is as good" key_has 1 removed
}

## keys, rights and clocks

tsig() {
	lane_signs 6
	cp -p "$DIR/key" "$DIR/key.right"
	roll
	until_pass 5 key_has 2 generated
	lane_key key signpost
	reach 12 "another secret: BADSIG" status_has "BADSIG: it has a key named signpost, but with another secret or algorithm: copy the key file anew"
	lane_key key other
	reach 12 "an unknown name: BADKEY" status_has "BADKEY: it has no key named other of algorithm hmac-sha256"
	rm "$DIR/key"
	reach 12 "no key file: the file and why" status_has "publisher bind: $DIR/key: cannot open the TSIG key: No such file or directory"
	echo "no key" >"$DIR/key"
	chmod 600 "$DIR/key"
	reach 12 "no key in the file: file and line" status_has "publisher bind: $DIR/key: line 1: it does not begin with .key.; a key file is as tsig-keygen writes it"
	cp -p "$DIR/key.right" "$DIR/key"
	chmod 644 "$DIR/key"
	reach 12 "a key file that all may read: mode and command" status_has "$DIR/key .*0644.*chmod"
	sound "with a bad key" "$K1"
	cp -p "$DIR/key.right" "$DIR/key"
	[ -z "$LIBFAKETIME" ] || clocks_apart
	check "nothing was published" is 2 'generated,file,dns:none'
	lane_named_stop
	lane_named key.right "*.elsewhere.$D."
	reach 12 "no right: REFUSED, and what to allow" status_has "REFUSED: key signpost may not change TXT records at .*: allow them"
	sed -i "s/^    zone = $D/    zone = _domainkey.$D/" "$CONF"
	reach 12 "another zone: NOTAUTH" status_has "NOTAUTH: it is not the primary of zone _domainkey\.$D: name the primary"
	lane_conf
	sound "with no right" "$K1"
	lane_named_stop
	lane_named key.right
	reach 20 "key and rights are right: the next key takes over" key_has 2 activated
	sound "at the end" "$(selector 2)"
}

# the keeper's clock is ten minutes slow, which its guard lets pass here
clocks_apart() {
	local n=0
	sed -i 's/^keeper {/&\n    clock_tolerance = 1h/' "$CONF"
	until status_has "BADTIME" || [ "$n" = 20 ]; do
		at -10m tick
		n=$((n + 1))
		sleep 0.4
	done
	check "a clock that is apart: BADTIME, with both clocks" \
		has_said "BADTIME: its clock says 20.* UTC and ours 20.* UTC, ours is (59|60)[0-9] s behind"
	sound "with a clock that is apart" "$K1"
	lane_conf
}

at_once 1 primary_away
at_once 2 silence
at_once 3 answer_lost
at_once 7 rare_passes
harvest
at_once 4 by_hands
at_once 5 foreign
at_once 6 tsig
harvest
check "no sanitizer complained" test -z "$(grep -lE 'Sanitizer:|runtime error' "$T"/log/* "$T"/lane*/said)"
lab_finish
