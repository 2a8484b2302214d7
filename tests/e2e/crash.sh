#!/bin/bash
# SPDX-License-Identifier: ISC
# crash.sh - add and tick are killed before each system call that writes, and each of these calls is made to fail, one at a
# time.  After each: the store can be read, the table holds, no key is lost, nothing half done lies about, and the next add
# or tick comes to where it would have come.
# usage: crash.sh; CRASH_ALL=1: at every write into the database and every sync of it, which takes minutes
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
command -v strace >/dev/null || lab_skip "no strace here"
strace -o "$T/log/strace" true 2>/dev/null || lab_skip "strace may not trace here"

CALLS=write,fsync,fdatasync,rename,link,unlink,mkdir,chmod,fchmod,ftruncate
JOBS=12
mkdir "$T/results" "$T/work"
chmod 755 "$T/work"
CONF=$T/conf
TEMPLATE=$T/template
owner=()
[ "$(id -u)" != 0 ] || owner=(--user nobody --group nogroup)

# in a store: at "$1"
signpost_at() {
	local store=$1 verb=$2
	shift 2
	"$SIGNPOST" "$verb" --config "$CONF" --store "$store" "$@"
}

# what is wrong with the store at $1; nothing when all is well
faults() {
	local store=$1 pem code
	signpost_at "$store" status >"$store.out" 2>"$store.err"
	[ $? -le 3 ] || echo "status: $(cat "$store.err")"
	signpost_at "$store" decide --from a@x.test --auth a@x.test >"$store.out" 2>"$store.err"
	code=$?
	[ "$code" -le 2 ] || echo "the table cannot be read ($code): $(cat "$store.err")"
	for pem in "$store"/keys/*/*.pem; do
		[ -e "$pem" ] || continue
		openssl pkey -in "$pem" -noout 2>/dev/null || echo "half a key: $pem"
		[ "$(stat -c %a "$pem")" = 640 ] || echo "mode of $pem"
	done
	[ -z "$(find "$store" -perm /007)" ] || echo "others may read: $(find "$store" -perm /007)"
}

# after the deed was repeated
leftovers() {
	find "$1" -name '*.pem.*' -o -name '*signing.table.*' -o -name '*-journal' | sed 's/^/left behind: /'
}

pems() {
	(cd "$1" && find keys -name '*.pem' -exec cksum {} + 2>/dev/null | sort)
}

# a refusal is one line, which names a file of the store
refusal_faults() { # STORE CODE: of the run whose output is in STORE.err
	[ "$2" = 0 ] && return
	[ "$2" = 74 ] || [ "$2" = 71 ] || echo "exit $2: $(cat "$1.err")"
	[ "$(wc -l <"$1.err")" = 1 ] || echo "not one line: $(cat "$1.err")"
	grep -q "^signpost: .*\($1\|standard output\)" "$1.err" || echo "names nothing: $(cat "$1.err")"
}

# the injection came to pass, and what was said of it is fit to be read
hit() { # STORE CODE INJECTION
	case $3 in
	# a run that needed fewer calls than the one that counted them came to its end
	*signal=*) [ "$2" = 137 ] || [ "$2" = 0 ] || echo "was not killed: exit $2" ;;
	*) refusal_faults "$1" "$2" ;;
	esac
}

# strace one call of a verb: STORE INJECTION VERB ARGS...
injected() {
	local store=$1 inject=$2
	shift 2
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e "trace=${inject%%:*}" -e "inject=$inject" \
		"$SIGNPOST" "$@" --config "$CONF" --store "$store" >"$store.out" 2>"$store.err"
}

# trial_add STORE INJECTION
trial_add() {
	local store=$1 code before
	cp -a "$TEMPLATE.add" "$store"
	injected "$store" "$2" add x.test
	code=$?
	hit "$store" "$code" "$2"
	faults "$store"
	before=$(pems "$store")
	signpost_at "$store" add x.test >"$store.out" 2>"$store.err" || echo "add does not go on: $(cat "$store.err")"
	[ -z "$before" ] || [ "$before" = "$(pems "$store")" ] || echo "the key was lost, or another one made"
	[ "$(pems "$store" | wc -l)" = 1 ] || echo "want one key, have $(pems "$store" | wc -l)"
	signpost_at "$store" records x.test --format quoted | tr -d '" \n' |
		grep -qF "p=$(openssl pkey -in "$store"/keys/x.test/*.pem -pubout -outform DER | base64 -w 0)" ||
		echo "the record is not that of the key"
	faults "$store"
	leftovers "$store"
}

signs() {
	grep -q '^key x.test ' "$1/signing.table"
}

# a row of the table is a key that was proven and whose file is there
row_faults() {
	local pem
	signs "$1" || return
	pem=$(sed -n 's/^key x.test [^ ]* [^ ]* \([^ ]*\) .*/\1/p' "$1/signing.table")
	[ -f "$1/$pem" ] || echo "the table names no file: $pem"
	signpost_at "$1" status --json | grep -q '"verified"' || echo "the table has a key that was not proven"
	signpost_at "$1" status --json | grep -q '"activated"' || echo "the table has a key that the store does not know as active"
}

# trial_tick TEMPLATE STORE INJECTION
trial_tick() {
	local store=$2 code before passes=0
	cp -a "$1" "$store"
	before=$(pems "$store")
	injected "$store" "$3" tick
	code=$?
	hit "$store" "$code" "$3"
	faults "$store"
	row_faults "$store"
	until signs "$store" || [ "$passes" = 5 ]; do
		sleep 1.1
		signpost_at "$store" tick >"$store.out" 2>"$store.err" || echo "tick does not go on: $(cat "$store.err")"
		passes=$((passes + 1))
	done
	signs "$store" || echo "the key does not get into the table"
	signpost_at "$store" tick >"$store.out" 2>"$store.err" || echo "tick does not go on: $(cat "$store.err")"
	row_faults "$store"
	faults "$store"
	[ "$before" = "$(pems "$store")" ] || echo "the keys' files changed"
	leftovers "$store"
}

# slot NAME TRIAL ARGS...: runs a trial beside others
slot() {
	local name=$1 trial=$2
	shift 2
	while [ "$(jobs -pr | wc -l)" -gt "$((JOBS + ${#PIDS[@]} - 1))" ]; do
		wait -n
	done
	# the shell says on standard error what it saw killed
	("$trial" "$@" >"$T/results/$name" 2>/dev/null) &
	TRIALS+=("$name $!")
}

# the results of what slot has started: one line a name, and what was found
TRIALS=()
harvest() {
	local what=$1 row name bad=
	for row in "${TRIALS[@]}"; do
		wait "${row##* }"
		name=${row%% *}
		[ ! -s "$T/results/$name" ] || bad="$bad
# $name: $(cat "$T/results/$name")"
	done
	if [ -z "$bad" ]; then ok "$what (${#TRIALS[@]} trials)"; else not_ok "$what$bad"; fi
	TRIALS=()
	rm -rf "${T:?}/work"/*
}

# how often a verb makes each call: lines "CALL TIMES"
count_calls() { # TEMPLATE VERB ARGS...
	local template=$1 verb=$2
	shift 2
	cp -a "$template" "$T/work/count"
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$T/trace" -e "trace=$CALLS,pwrite64" "$SIGNPOST" "$verb" --config "$CONF" --store "$T/work/count" "$@" \
		>/dev/null 2>&1
	rm -rf "$T/work/count"
	sed -n 's/^[0-9]* *\([a-z0-9]*\)(.*/\1/p' "$T/trace" | sort | uniq -c
}

# every_call NAME TEMPLATE TRIAL VERB ARGS...: the trial for each call and each way to fail
every_call() {
	local name=$1 template=$2 trial=$3 times call n step fault store
	shift 3
	while read -r times call; do
		# SQLite writes a journal in many small pieces before it syncs them, and syncs five times a transaction
		case ${CRASH_ALL:-}$call in
		pwrite64) step=$((times / 6 + 1)) ;;
		fdatasync) step=3 ;;
		*) step=1 ;;
		esac
		for ((n = 1; n <= times; n += step)); do
			for fault in signal=KILL error=ENOSPC; do
				# what fails to be removed is left, and nobody can help it
				[ "$call/$fault" != unlink/error=ENOSPC ] || continue
				[ "$call/$fault" != write/error=ENOSPC ] || [ "$n" = 1 ] || continue
				store=$T/work/$name-$call-$n-${fault%%=*}
				if [ "$trial" = trial_add ]; then
					slot "${store##*/}" trial_add "$store" "$call:$fault:when=$n"
				else
					slot "${store##*/}" trial_tick "$template" "$store" "$call:$fault:when=$n"
				fi
			done
		done
	done < <(count_calls "$template" "$@")
	harvest "$name: killed and failed at each call that writes"
}

lab_zone x.test
lab_named
cat >"$CONF" <<END
dns {
    sweep_interval = 1s
    spread = 100ms
    timeout = 2s
    zone "x.test" { servers = {"127.0.0.1:$DNS_PORT"} }
}
END
chmod 644 "$CONF"
signpost_at "$TEMPLATE.add" init "${owner[@]}" >"$T/out" 2>&1 || { cat "$T/out"; exit 1; }

# without the standard files: what is printed goes nowhere, least of all into a file of the store
cp -a "$TEMPLATE.add" "$T/work/closed"
signpost_at "$T/work/closed" add x.test >&- 2>&- <&-
check "add without an output says so" test $? = 74
check "and writes none into the lock" test ! -s "$T/work/closed/add.lock"
check "and leaves a good store" test -z "$(faults "$T/work/closed")"

every_call add "$TEMPLATE.add" trial_add add x.test

cp -a "$TEMPLATE.add" "$TEMPLATE.first"
signpost_at "$TEMPLATE.first" add x.test >/dev/null
signpost_at "$TEMPLATE.first" records x.test --format zone >>"$T/zones/x.test"
lab_named_reload
signpost_at "$TEMPLATE.first" tick
sleep 2.5
# in this pass the record is proven
cp -a "$TEMPLATE.first" "$TEMPLATE.ready"
signpost_at "$TEMPLATE.ready" tick --verbose >"$T/out"
check "the second pass proves the record" grep -q 'proven: 1 server' "$T/out"
every_call prove "$TEMPLATE.first" trial_tick tick
# in this one the key gets into the table
every_call switch "$TEMPLATE.ready" trial_tick tick
lab_finish
