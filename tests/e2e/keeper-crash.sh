#!/bin/bash
# SPDX-License-Identifier: ISC
# keeper-crash.sh - the passes of a rotation are killed before each call that changes a file or speaks to the primary: those
# that generate, publish, prove, switch, are acknowledged, destroy, revoke and remove.  After each kill: the store can be
# read, the table names a key that signs and whose record the primary serves, and the next passes go where the undisturbed
# ones went; nothing half done lies about.
# usage: keeper-crash.sh; FULL=1: at every call, which takes half an hour, else at SOME of each pass, evenly spread
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
WORKERS=3
SOME=${SOME:-6} # kills of each pass
CALLS=write,pwrite64,fsync,fdatasync,rename,link,unlink,mkdir,chmod,fchmod,ftruncate,openat,sendto,recvfrom,connect

[ "${1:-}" = worker ] || lab_begin "$@"
. "$HERE/keeper-lib.sh"

traced_tick() { # TRACE [INJECTION]
	ASAN_OPTIONS=detect_leaks=0 strace -f -yy -o "$1" -e "trace=$CALLS" ${2:+-e "inject=$2"} \
		"$SIGNPOST" tick --config "$CONF" --store "$STORE" >"$DIR/said" 2>&1
}

# lines "NAME TEXT" of all key records that the primary has
zone_keys() {
	dig +noall +answer +tcp -p "$DNS_PORT" "@$SERVER" $D AXFR |
		awk '$4 == "TXT" { n = $1; sub(/^.*\tTXT\t/, ""); print n, $0 }'
}
zone_put() { # FILE of zone_keys
	{
		zone_keys | cut -d' ' -f1 | sort -u | sed 's/.*/update delete & TXT/'
		sed 's/^\([^ ]*\) /update add \1 1 TXT /' "$1"
	} | by_hand
}

## a worker: trials in a network of its own, at the same addresses

# $VIEW, and what is wrong with the store and the table; nothing when all is well
sees() { # WHEN
	VIEW=$(view) || echo "$1: $VIEW"
	VIEW=${VIEW##*$'\n'}
}
# how far the store is: the number of the undisturbed pass that left it so; nothing: as none did
progress() { grep -nxF -e "$VIEW" "$T/views" | head -1 | cut -d: -f1; }
signs_rightly() { # WHEN
	local out
	out=$(verified "$(signs_with)") || echo "$1: the milter does not sign with $(signs_with), or it does not verify: $out"
}

trial() { # PASS CALL N: of the pass that leads from view PASS to the next
	local pass=$1 n code passes=0
	rm -rf "$STORE"
	cp -a "$T/pass$pass/store" "$STORE"
	zone_put "$T/pass$pass/zone"
	# shellcheck disable=SC2034 # of milter_listens
	MILTER_SOCKET=$SOCKET
	"$SIGNPOST_MILTER" -s "unix:$SOCKET" -t "$STORE/signing.table" --log stderr >>"$DIR/milter.log" 2>&1 &
	LANE_MILTER=$!
	wait_for 10 milter_listens || echo "the milter does not start"
	traced_tick "$DIR/trace" "$2:signal=KILL:when=$3"
	code=$?
	# the same call may come at another place, or not at all, as looks go their own way
	[ $code = 137 ] || echo unkilled >>"$DIR/unkilled"
	[ $code = 137 ] || [ $code = 0 ] || { echo "exit $code:"; cat "$DIR/said"; }
	tell status $D
	[ $STATUS -le 3 ] || sed "s/^/killed: status: /" "$DIR/said"
	sees killed
	signs_rightly killed
	n=$(progress)
	until [ "${n:-0}" -gt "$pass" ] || [ $passes = 8 ]; do
		[ $passes = 0 ] || sleep 0.5
		tick
		[ $STATUS = 0 ] || { echo "the next pass: exit $STATUS:"; cat "$DIR/said"; }
		sees "pass $((passes + 1))"
		n=$(progress)
		passes=$((passes + 1))
	done
	[ "${n:-0}" -gt "$pass" ] || echo "goes elsewhere: $VIEW"
	# what a pass cleans up, or the one after a kill late in the pass
	[ $passes -gt 0 ] || tick
	sees afterwards
	leftovers
	kill "$LANE_MILTER"
	lab_gone "$LANE_MILTER" || echo "the milter does not end"
	wait "$LANE_MILTER"
}

worker() { # NUMBER
	local n=0 pass call at out
	PIDS=()
	trap lab_worker_end EXIT
	ip link set lo up
	lane_begin 1 >"$T/worker$1.log" 2>&1
	: >"$DIR/unkilled"
	while read -r pass call at; do
		n=$((n + 1))
		[ $((n % WORKERS)) = "$1" ] || continue
		out=$(trial "$pass" "$call" "$at" 2>&1)
		[ -z "$out" ] || echo "# pass $pass killed at $call $at: $out"
		echo "done $pass $call $at $([ -n "$out" ] && echo bad)"
	done <"$T/trials"
	echo "unkilled $(wc -l <"$DIR/unkilled")"
}
lab_worker_end() {
	for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${PIDS[@]}"; do lab_gone "$pid"; done
}
if [ "${1:-}" = worker ]; then
	# its files lie beside those of the others
	lane() {
		LANE=$1 DIR=$T/worker$WORKER SERVER=127.0.0.21 GATE=127.0.0.61
		CONF=$DIR/signpost.conf STORE=$DIR/store SOCKET=$DIR/milter.sock
	}
	WORKER=$2
	worker "$2"
	exit
fi

## the undisturbed rotation: every pass that changes something is kept, as it was before

keeper_needs
command -v strace >/dev/null || lab_skip "no strace here"
strace -o "$T/log/strace" true 2>/dev/null || lab_skip "strace may not trace here"
lane_begin 1
lane_milter
tell add $D
until_pass 20 key_has 1 table || { not_ok "the first key signs"; cat "$DIR/said"; }
sleep 1
tell roll $D
check "a rotation is asked for" has_said "is rotated as soon as"

keep() { # NUMBER
	mkdir "$T/pass$1"
	cp -a "$STORE" "$T/pass$1/store"
	zone_keys >"$T/pass$1/zone"
}
view >"$T/views"
keep 1
n=1
end=$((SECONDS + 60 * PATIENCE))
until is 1 '.*removed,destroyed,dns:none' || [ $SECONDS -gt $end ]; do
	rm -rf "$T/pass$n"
	keep $n
	traced_tick "$T/pass$n/trace" || { not_ok "a traced pass"; cat "$DIR/said"; }
	now=$(view) || not_ok "an undisturbed pass: $now"
	if [ "$now" != "$(tail -n 1 "$T/views")" ]; then
		echo "$now" >>"$T/views"
		n=$((n + 1))
	fi
	sleep 0.3
done
check "the rotation comes to its end: the old key is removed and destroyed" is 1 '.*removed,destroyed,dns:none'
check "and the new one signs" verified "$(selector 2)"
for fact in 2=generated 2=published 2=verified 2=activated 1=acknowledged 1=destroyed 1=revoked 1=removed; do
	check "a pass of its own: $fact" grep -qE "(^| )${fact%=*}=(.*,)?${fact#*=}," "$T/views"
done

# The calls of a pass that change something: of files those, of sockets TCP's, which is the primary's.
kill_points() { # TRACE
	awk '{ call = $2; sub(/\(.*/, "", call); n[$1, call]++; at = n[$1, call] }
	call == "openat" && !/O_CREAT/ { next }
	(call == "sendto" || call == "recvfrom" || call == "connect") && !/<TCP/ { next }
	call ~ /^[a-z0-9]+$/ { print call, at }' "$1"
}
: >"$T/trials"
for ((pass = 1; pass < n; pass++)); do
	kill_points "$T/pass$pass/trace" >"$T/points"
	some=$SOME
	[ -z "${FULL:-}" ] || some=$(wc -l <"$T/points")
	awk -v some="$some" -v pass="$pass" '{ row[NR] = $0 }
	END { if (some > NR) some = NR; for (i = 0; i < some; i++) print pass, row[int((i + 0.5) * NR / some) + 1] }' "$T/points" >>"$T/trials"
	echo "# pass $pass: $(wc -l <"$T/points") calls, to $(sed -n $((pass + 1))p "$T/views")"
done

export T DNS_PORT LAB_NETNS WORKER BUILD_DIR SIGNPOST SIGNPOST_MILTER MTACLIENT
for ((w = 0; w < WORKERS; w++)); do
	unshare -n "$0" worker "$w" >"$T/results$w" 2>&1 &
	PIDS+=($!)
	WAIT+=($!)
done
for pid in "${WAIT[@]}"; do wait "$pid"; done
cat "$T"/results? >"$T/results"
grep '^#' "$T/results" | head -60
for ((pass = 1; pass < n; pass++)); do
	bad=$(grep -c "^done $pass .*bad$" "$T/results")
	all=$(grep -c "^$pass " "$T/trials")
	check "pass $pass: killed at $all calls, and all goes on" test "$bad" = 0 -a "$(grep -c "^done $pass " "$T/results")" = "$all"
done
unkilled=$(awk '$1 == "unkilled" { n += $2 } END { print n + 0 }' "$T/results")
check "nearly all were killed (but $unkilled)" test "$((unkilled * 10))" -le "$(wc -l <"$T/trials")"
check "no sanitizer complained" test -z "$(grep -lE 'Sanitizer:|runtime error' "$T"/log/* "$T"/worker*/milter.log)"
lab_finish
