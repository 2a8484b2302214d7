#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Many connections at once while the table changes under them, a key is broken and mended, and signals storm: every message
# is answered, what is signed is signed by a key of a table that was there, and the daemon ends when told to.
# `make tsan` runs this against a daemon under ThreadSanitizer.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"

CLIENTS=12
ROUNDS=${CONCURRENT_ROUNDS:-15}

lab_key a.test one rsa
lab_key a.test two rsa
lab_key a.test ed ed25519
lab_named

table() { # SELECTOR
	lab_table <<-END
		set authenticated matching
		domain a.test
		$(lab_key_row a.test "$1" rsa-sha256)
		$(lab_key_row a.test ed ed25519-sha256)
	END
}
table one
lab_milter

mkdir "$T/in"
for i in $(seq 1 25); do
	{
		lab_message alice@a.test "X-Number: $i"
		head -c $((i * 4000)) /dev/zero | tr '\0' 'x' | fold -w 70 | sed 's/$/\r/'
		printf '\n'
	} >"$T/in/m$i.eml"
done

client() { # NUMBER
	local round
	for ((round = 0; round < ROUNDS; round++)); do
		"$MTACLIENT" --socket "unix:$MILTER_SOCKET" --from-auth alice@a.test --client 192.0.2.7:1234 \
			--messages-per-connection $((1 + round % 7)) --chunk $((round % 3 * 3000 + 77)) \
			--out "$T/out/$1" "$T/in"/m*.eml >>"$T/log/client.$1" 2>&1 || echo "client $1 failed" >>"$T/log/client.$1"
	done
}
pids=()
mkdir "$T/out"
for i in $(seq 1 "$CLIENTS"); do
	mkdir "$T/out/$i"
	client "$i" &
	pids+=($!)
done
PIDS+=("${pids[@]}")

# what happens meanwhile
for i in $(seq 1 40); do
	if ((i % 2)); then table two; else table one; fi
	for _ in 1 2 3 4 5 6 7 8 9 10; do kill -HUP "$MILTER_PID"; done
	kill -USR1 "$MILTER_PID"
	"$MTACLIENT" --socket "unix:$MILTER_SOCKET" --connect-only >/dev/null 2>&1
	echo "garbage" >"$T/signing/table.bad" && mv "$T/signing/table.bad" "$T/signing/table"
	sleep 0.05
done
table one
for pid in "${pids[@]}"; do
	wait "$pid"
done

expected=$((CLIENTS * ROUNDS * 25))
# one line a message: FILE accepted|tempfailed inserted=N
check "$expected messages were answered" test "$(cat "$T"/log/client.* | grep -c ' accepted ')" -eq "$expected"
check "each bears two signatures" test "$(cat "$T"/log/client.* | grep -c ' accepted .*inserted=2')" -eq "$expected"
check "no client failed" sh -c "! grep -q failed '$T'/log/client.*"
check "no message was refused" sh -c "! grep -q ' tempfail reason' '$T/log/milter'"
check "the garbled table was said" grep -q 'stays in use' "$T/log/milter"

# one client's last round, judged
for i in $(seq 1 25); do
	lab_expect "m$i" "signed d=a.test a=rsa-sha256 a=ed25519-sha256"
done
lab_judge "$T/out/1"
kill "$MILTER_PID"
check "TERM ends it" lab_gone "$MILTER_PID"
lab_finish
