#!/bin/bash
# SPDX-License-Identifier: ISC
# keeper-store.sh - what can go wrong on the keeper's own host while keys rotate: a full disk, one that is read-only or cannot
# sync, several passes and verbs at once, a store that is damaged, newer or put back from an old copy, a clock that jumps.
# Each time: the old key signs and verifies, the message says what, why and what to do, and the next passes go on.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
# what is mounted is mounted for this script alone
if [ -z "${LAB_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
	LAB_MOUNTS=1 exec unshare -m "$0" "$@"
fi
lab_begin "$@"
. "$HERE/keeper-lib.sh"
keeper_needs

# injected INJECTION VERB...: tell, while system calls fail
injected() {
	local inject=$1 verb=$2
	shift 2
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e "trace=${inject%%:*}" -e "inject=$inject" \
		"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@" >"$DIR/said" 2>&1
	STATUS=$?
}
can_trace() { strace -o /dev/null true 2>/dev/null; }

## the disk

disk() {
	lane_signs 1
	mkdir "$DIR/small"
	if ! mount -t tmpfs -o size=2m tmpfs "$DIR/small" 2>/dev/null; then
		echo "# no tmpfs may be mounted: a full and a read-only disk are left out"
	else
		kill "$LANE_MILTER"
		lab_gone "$LANE_MILTER"
		cp -a "$STORE" "$DIR/small/store"
		STORE=$DIR/small/store
		lane_milter
		full_disk
		read_only
	fi
	can_trace && no_sync
	reach 25 "and the rotation goes on to its end" key_has 2 activated
	sound "at the end" "$(selector 2)"
	check "nothing is left behind" test -z "$(leftovers)"
	kill "$LANE_MILTER"
	lab_gone "$LANE_MILTER"
	umount "$DIR/small" 2>/dev/null
}
full_disk() {
	local free
	roll
	for free in 0 4 8 16 24 48; do
		head -c "$((free * 1024))" /dev/zero >"$DIR/small/spare"
		cat /dev/zero >"$DIR/small/filler" 2>/dev/null
		rm "$DIR/small/spare"
		tick
		[ "$STATUS" = 0 ] || said "full but for $free kB: said, with file and reason" \
			"^signpost: .*$STORE/?.*([Ff]ull|No space left on device)"
		[ "$STATUS" = 0 ] || check "full but for $free kB: as an I/O error" test "$STATUS" = 74
		sound "full but for $free kB" "$K1"
		rm "$DIR/small/filler"
	done
}
read_only() {
	mount -o remount,ro "$DIR/small"
	tick
	check "read-only: a pass fails as an I/O error" test "$STATUS" = 74
	said "read-only: said, with file and reason" "^signpost: $STORE/.*([Rr]ead-only|readonly)"
	tell status "$D"
	check "read-only: status works" has_said "$K1"
	sound "read-only" "$K1"
	mount -o remount,rw "$DIR/small"
}
no_sync() {
	local before
	before=$(view)
	injected fsync,fdatasync:error=EIO tick
	check "a disk that cannot sync: a pass fails as an I/O error" test "$STATUS" = 74
	said "said, with file and reason" "^signpost: $STORE/.*I/O error"
	check "nothing counts as done" test "$(view)" = "$before"
	sound "a disk that cannot sync" "$K1"
}

## several at once

# slow_tick: a pass in the background that waits for the primary
slow_tick() {
	gate lag=6
	"$SIGNPOST" tick --config "$CONF" --store "$STORE" >"$DIR/slow" 2>&1 &
	SLOW=$!
	wait_for 10 pass_is_at_work
}
pass_is_at_work() { ! flock -n "$STORE/pass.lock" true; }
quick() { # NAME VERB...: ends before the pass does
	local name=$1
	shift
	tell "$@"
	check "$name: not held up by the pass" kill -0 "$SLOW"
}
slow_end() {
	wait "$SLOW"
	check "$1: the pass ends well" test $? = 0 -a ! -s "$DIR/slow"
	gate open
}
at_once_() {
	lane_signs 2
	sed -i 's/timeout = 2s$/timeout = 9s/' "$CONF"
	roll
	until_pass 5 key_has 2 generated
	slow_tick
	quick "a second pass" tick
	check "a second pass: exit 75, quietly" test "$STATUS" = 75 -a ! -s "$DIR/said"
	quick "status beside a pass" status "$D"
	check "status beside a pass: shows the key that signs" has_said "$K1 rsa-sha256 active"
	quick "hold beside a pass" hold "$D"
	check "hold beside a pass: done" test "$STATUS" = 0
	slow_end "hold beside a pass"
	passes 4
	check "held: the next key does not take over" key_has 1 table
	sound "held beside a pass" "$K1"
	tell release "$D"
	reach 25 "released: it does" key_has 2 activated
	until_pass 10 key_has 1 acknowledged
	tell roll "$D"
	until_pass 5 key_has 3 generated
	slow_tick
	K2=$(selector 2)
	quick "compromise beside a pass" compromise "$D" "$K2"
	check "compromise beside a pass: done" test "$STATUS" = 0
	slow_end "compromise beside a pass"
	sound "compromise beside a pass" "$(signs_with)"
	reach 25 "another key replaces the stolen one" not_in_table 2
	reach 15 "which is revoked" is 2 '.*compromised,dns:tombstone'
	sound "after the theft" "$(signs_with)"
	"$SIGNPOST" run --config "$CONF" --store "$STORE" --verbose >"$DIR/run" 2>&1 &
	local run=$! n
	tell roll "$D"
	for ((n = 0; n < 20; n++)); do
		tick
		[ "$STATUS" = 0 ] || [ "$STATUS" = 75 ] || { not_ok "tick beside run: exit $STATUS"; cat "$DIR/said"; }
		sleep 0.4
	done
	kill "$run"
	lab_gone "$run"
	wait "$run"
	check "run ends with 0" test $? = 0
	check "ticks beside run: nothing was complained of" test -z "$(grep '^signpost:' "$DIR/run")"
	check "ticks beside run: no key was made twice" test "$(view | tail -1 | tr ' ' '\n' | grep -c 'generated,published,file')" -le 1
	sound "ticks beside run" "$(signs_with)"
}
not_in_table() { ! key_has "$1" table; }

# A pass stands still in the middle of the switch: with the store switched, and the table not yet written.
midway() {
	can_trace || { echo "# strace may not trace here"; return; }
	lane_signs 3
	roll
	until_pass 15 key_has 2 verified
	cp -a "$STORE" "$DIR/before"
	midway_verb "roll" roll "$D"
	midway_verb "hold" hold "$D"
	midway_verb "rollback" rollback "$D"
	midway_verb "compromise of the new key" compromise "$D" "$(selector 2)"
	midway_verb "remove" remove --yes "$D"
}
midway_verb() { # NAME VERB...
	local name=$1 n pass out
	shift
	kill "$LANE_MILTER"
	lab_gone "$LANE_MILTER"
	rm -rf "$STORE"
	cp -a "$DIR/before" "$STORE"
	{ by_hand_put "$(selector 1)" "$(record 1)"; by_hand_put "$(selector 2)" "$(record 2)"; } >"$DIR/nsupdate" 2>&1
	lane_milter
	for ((n = 0; n < 15; n++)); do
		ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=rename -e inject=rename:delay_enter=1500000 \
			"$SIGNPOST" tick --config "$CONF" --store "$STORE" >"$DIR/slow" 2>&1 &
		pass=$!
		until stored_switch || ! kill -0 "$pass" 2>/dev/null; do sleep 0.1; done
		stored_switch && break
		wait "$pass"
		sleep 0.4
	done
	check "$name in the middle of a switch: the pass stands there" stored_switch
	tell "$@"
	check "$name in the middle of a switch: answers" test "$STATUS" = 0
	wait "$pass"
	check "$name: the pass says nothing of harm" test -z "$(grep '^signpost:' "$DIR/slow")"
	passes 2
	out=$(view)
	check "$name: store and table are sound: $(tail -1 <<<"$out")" test "$(wc -l <<<"$out")" = 1
	if [ "$name" = remove ]; then
		check "remove: no key is in the table" test -z "$(signs_with)"
	else
		check "$name: mail is signed and verifies" verified "$(signs_with)"
	fi
}
stored_switch() {
	"$PYTHON" -SEc 'import sqlite3, sys
sys.exit(not sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT count(*) FROM key WHERE retired IS NOT NULL").fetchone()[0])' \
		"$STORE/keystore.db" 2>/dev/null
}
record() { # KEY
	"$PYTHON" -c 'import sqlite3, sys
text = sqlite3.connect(sys.argv[1]).execute("SELECT record FROM key ORDER BY id LIMIT 1 OFFSET ?", (int(sys.argv[2]) - 1,)).fetchone()[0]
print("\" \"".join(text[i:i + 200] for i in range(0, len(text), 200)))' "$STORE/keystore.db" "$1"
}

## the store

damaged() {
	lane_signs 4
	roll
	until_pass 8 key_has 2 published
	cp -a "$STORE" "$DIR/copy"
	damage "cut in half" "damaged or no keystore|malformed|disk image" truncate -s "$(($(stat -c %s "$STORE/keystore.db") / 2))"
	damage "cut to a page" "damaged or no keystore|malformed|disk image" truncate -s 4096
	damage "emptied" "keystore.db is empty, but keys/ beside it has 1 domain: put a backup of it back" truncate -s 0
	damage "another file" "damaged or no keystore \(file is not a database\); nothing was changed, and mail is signed as before; put a backup in its place" overwrite 0 /usr/bin/env 8192
	damage "garbled inside" "damaged or no keystore .*; nothing was changed, and mail is signed as before; put a backup in its place" overwrite 4096 /dev/zero 40960
	damage "of a newer signpost" "has format 99 and this signpost knows [0-9]+: a newer signpost wrote it; use that one.*Nothing was changed" newer
	damage "gone" "keystore.db is missing, but keys/ beside it has 1 domain" rm
	reach 25 "with the right one all goes on" key_has 2 activated
	sound "after all damage" "$(selector 2)"
}
overwrite() { # OFFSET FROM COUNT FILE
	head -c "$3" "$2" | dd of="$4" bs=4096 seek="$(($1 / 4096))" conv=notrunc status=none
}
newer() {
	"$PYTHON" -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA user_version = 99")' "$1"
}
damage() { # NAME PATTERN COMMAND...: the command is given the file
	local name=$1 pattern=$2 before verb
	shift 2
	"$@" "$STORE/keystore.db"
	before=$(sum)
	for verb in "tick" "status" "roll $D"; do
		# shellcheck disable=SC2086 # words
		tell $verb
		check "$name: $verb refuses" test "$STATUS" = 78
		said "$name: $verb says what and what to do" "^signpost: $STORE.*($pattern)"
	done
	check "$name: the store and the table are left as they are" test "$(sum)" = "$before"
	check "$name: mail goes on being signed" verified "$K1"
	cp -p "$DIR/copy/keystore.db" "$STORE/keystore.db"
}
sum() { (cd "$STORE" && find . -type f ! -name '*.lock' -exec cksum {} + | sort); }

# The database of last week is put back: the table does not go back, and no key is lost by it.
restored() {
	lane_signs 5
	cp -a "$STORE" "$DIR/old"
	roll
	until_pass 25 is 1 '.*,destroyed,.*dns:tombstone' || { not_ok "a rotation before the restore"; view; }
	K2=$(selector 2)
	local generation
	generation=$(sed -n 's/^generation //p' "$STORE/signing.table")
	cp -p "$DIR/old/keystore.db" "$STORE/keystore.db"
	tick
	said "an older copy of the database: said, and what happens" \
		"^signpost: $STORE/keystore.db is older than the signing table: it was put back from a copy.  What signs goes on signing"
	check "the table's generation does not go back" test "$(sed -n 's/^generation //p' "$STORE/signing.table")" -ge "$generation"
	check "the key that the store does not know goes on signing" verified "$K2"
	tell status
	said "status says so" "The store was put back from an older copy"
	reach 30 "the key is found again, with its file and its record" signs_and_is_known
	check "without a second one" test "$(signs_with)" = "$K2"
	check "meanwhile and now mail verifies" verified "$K2"
	tell log
	said "the log says what was found" "the store is older \(generation [0-9]+\) than the signing table \([0-9]+\)" \
		"the signing table has other keys than the store"
	reach 30 "every key is proven anew, and the store is one again" is_whole
	sound "at the end" "$K2"
	reach 20 "what the copy took for active is revoked" key_has 1 revoked
}

signs_and_is_known() { key_has 2 table; }
is_whole() {
	tell status
	! has_said "put back from an older copy"
}

## the clock

clock() {
	[ -n "$LIBFAKETIME" ] || { echo "# no libfaketime: clocks that jump are left out"; return; }
	lane_signs 6
	roll
	until_pass 25 key_has 1 acknowledged || not_ok "a key is in overlap"
	local before when name second
	second=$(selector 2)
	for when in +1y -1y; do
		name="a clock set $([ "$when" = +1y ] && echo forward || echo back) by a year"
		before=$(view | sed 's/,destroyed//; s/,file//')
		at "$when" tick
		said "$name: said, by how much, and what to do" \
			"the clock .* by 315[0-9]* s; set it right, or say that it is right: signpost clock --accept; signing goes on"
		at "$when" tick --verbose
		check "$name: no step is taken" test "$(view | sed 's/,destroyed//; s/,file//')" = "$before"
		check "$name: the table says so" grep -q '^clock untrusted' "$STORE/signing.table"
		at "$when" status "$D"
		check "$name: status says so" has_said "clock is not trusted"
		at "$when" clock
		said "$name: clock shows what it saw" "^judgement +not trusted: the clock .* by 315" "^not trusted +since"
		sound "$name" "$second"
		tick
		check "$name: set right again, the table is as before" not grep -q '^clock untrusted' "$STORE/signing.table"
		check "$name: set right again, the pass ends well" test "$STATUS" = 0
	done
	at +1y clock --accept
	check "a year ahead is accepted" has_said "taken to be right"
	at +1y tick
	check "accepted: the table says nothing of it" not grep -q '^clock untrusted' "$STORE/signing.table"
	sound "accepted" "$(signs_with)"
	tick
	said "the true clock is not believed then" "the clock .* by 315"
	tell clock --accept
	reach 25 "accepted too: the old key is removed in its time" key_has 1 removed
	sound "at the end" "$(signs_with)"
}
not() { ! "$@"; }

only=${1:-}
for pair in 1:disk 2:at_once_ 3:midway - 4:damaged 5:restored 6:clock -; do
	if [ "$pair" = - ]; then
		harvest
	elif [ -z "$only" ] || [ "$only" = "${pair#*:}" ]; then
		at_once "${pair%:*}" "${pair#*:}"
	fi
done
check "no sanitizer complained" test -z "$(grep -lE 'Sanitizer:|runtime error' "$T"/log/* "$T"/lane*/said)"
lab_finish
