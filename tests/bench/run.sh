#!/bin/bash
# SPDX-License-Identifier: ISC
# `make bench`: signpost-milter beside opendkim, rspamd and the least a libmilter filter can cost, in interleaved rounds.
# ROUNDS (5) and SECONDS_EACH (2) change its length; NO_POSTFIX=1 leaves out the part with Postfix.  About seven minutes; exit 1 when
# a bar is missed.
set -u
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-2}
bench_begin

start_signpost || exit 1
targets=signpost
[ -x "$bin/ideal" ] && start_ideal && targets='signpost ideal'
for peer in opendkim rspamd; do
	if command -v "$peer" >/dev/null && "start_$peer"; then
		targets="$targets $peer"
	else
		echo "$peer is not installed or does not start: its bars are not measured" >&2
	fi
done

measure() { # ROUND TARGET KIND CONNECTIONS: a line in $work/figures
	local pid_name="${2}_pid"
	printf '%s %s %s c%s %s\n' "$1" "$2" "$3" "$4" \
		"$("$bin/bench-client" -c "$4" -s "$seconds" -m "$3" -p "${!pid_name}" "$work/$2.sock")" >>"$work/figures"
}

# The bars are held against the plain figures.  Those with all processors busy, as they are while the milters are measured, are
# printed beside them: processors that share a core slow each other.
baseline() { # ROUND: what one bare signature and one bare megabyte cost, as processor time
	local n
	n=$(nproc)
	{
		openssl speed -mr -seconds 1 rsa2048 2>/dev/null |
			awk -F: -v r="$1" '/^\+F2/ { printf "%s openssl rsa c1 us=%.1f\n", r, 1e6 / $4 }'
		openssl speed -mr -seconds 1 -multi "$n" rsa2048 2>/dev/null |
			awk -F: -v r="$1" -v n="$n" '/^\+F2/ { printf "%s openssl rsa-busy c1 us=%.1f\n", r, n * 1e6 / $4 }'
		openssl speed -mr -seconds 1 -bytes 16384 -evp sha256 2>/dev/null |
			awk -F: -v r="$1" '/^\+F:/ { printf "%s openssl sha256 c1 us=%.2f\n", r, 1e12 / $4 }'
	} >>"$work/figures"
}

for round in $(seq "$rounds"); do
	printf 'round %s of %s\r' "$round" "$rounds" >&2
	baseline "$round"
	for connections in 2 8; do
		for target in $targets; do
			measure "$round" "$target" 2k "$connections"
		done
	done
	for target in $targets; do
		measure "$round" "$target" 20k 8
	done
	for kind in 20m 20m-prose 20m-flowed; do
		measure "$round" signpost "$kind" 2
	done
done
for kind in 200k 2m 20m; do
	for target in $targets; do
		grep -q "^1 $target $kind " "$work/figures" || measure 1 "$target" "$kind" 2
	done
done
"$bin/bench-client" -c 8 -r 800 -k 5 -s "$seconds" -m 2k "$work/signpost.sock" >"$work/open"

# Memory on a fresh process; then the time without a signer around kill -9.
kill_tree TERM "$signpost_pid"
bench_wait_gone "$signpost_pid"
run_signpost
wait_socket "$work/signpost.sock" 5
"$bin/bench-client" -c 64 -n 1 -m 20m "$work/signpost.sock" >"$work/memory"
hwm_mb=$(awk '/^VmHWM/ { printf "%.1f", $2 / 1024 }' "/proc/$signpost_pid/status")
"$bin/bench-client" -g -s 3 "$work/signpost.sock" >"$work/gap" 2>/dev/null &
gap_pid=$!
sleep 1
kill -9 "$signpost_pid"
wait "$signpost_pid" 2>/dev/null # the shell's remark on it is not wanted
run_signpost
wait "$gap_pid"
gap_ms=$(figure gap_us <"$work/gap" | awk '{ printf "%.0f", $1 / 1000 }')
table_ms=$("$bin/bench-table")

# shellcheck disable=SC2317 # called by ratios
value() { # ROUND TARGET KIND CONNECTIONS NAME
	grep "^$1 $2 $3 $4 " "$work/figures" | figure "$5"
}

# shellcheck disable=SC2317
best() { # ROUND TARGET: messages a second at 2 KB, the better of 2 and 8 connections
	{ value "$1" "$2" 2k c2 rate; value "$1" "$2" 2k c8 rate; } | sort -g | tail -n 1
}

ratios() { # EXPRESSION-OF-a-AND-b COMMAND-FOR-a -- COMMAND-FOR-b, ROUND in both: the median over the rounds
	local expression=$1 a b
	for round in $(seq "$rounds"); do
		a=$(eval "${2//ROUND/$round}")
		b=$(eval "${3//ROUND/$round}")
		[ -n "$a" ] && [ -n "$b" ] && awk -v a="$a" -v b="$b" "BEGIN { printf \"%.2f\\n\", $expression }"
	done | median
}

printf '\nmedians of %s rounds of %s s\n%-10s %-10s %5s %10s %12s %10s %10s %8s %s\n' "$rounds" "$seconds" \
	target message conns msg/s 'cpu us/msg' 'p50 ms' 'p99 ms' 'max ms' 'least of a connection'
awk '$2 != "openssl" { print $2, $3, $4 }' "$work/figures" | sort -u | while read -r target kind connections; do
	rows=$(grep "^[0-9]* $target $kind $connections " "$work/figures")
	ms() { figure "$1" <<<"$rows" | median | awk '{ printf "%.2f", $1 / 1000 }'; }
	printf '%-10s %-10s %5s %10s %12s %10s %10s %8s %s\n' "$target" "$kind" "${connections#c}" \
		"$(figure rate <<<"$rows" | median)" "$(figure cpu_us <<<"$rows" | median)" \
		"$(ms p50_us)" "$(ms p99_us)" "$(ms max_us)" "$(figure least <<<"$rows" | median)"
done
printf 'bare RSA-2048 signature %s us, bare SHA-256 %s us/MB\n' \
	"$(grep 'openssl rsa c1' "$work/figures" | figure us | median)" \
	"$(grep 'openssl sha256' "$work/figures" | figure us | median)"
printf 'signpost, 800 msg/s in open loop, 8 connections of 5 messages: p50 %s us, p99 %s us, max %s us\n\n' \
	"$(figure p50_us <"$work/open")" "$(figure p99_us <"$work/open")" "$(figure max_us <"$work/open")"

per_mb='a / 20.001 / b' # what the 20m messages hold, in MB
bar '2 KB, messages/s over opendkim' "$(ratios 'a / b' 'best ROUND signpost' 'best ROUND opendkim')" '>=' 4 x 5
bar '2 KB, messages/s over rspamd' "$(ratios 'a / b' 'best ROUND signpost' 'best ROUND rspamd')" '>=' 1.6 x 2
bar '2 KB, CPU of opendkim over ours (no bar; load disturbs it least)' \
	"$(ratios 'b / a' 'value ROUND signpost 2k c2 cpu_us' 'value ROUND opendkim 2k c2 cpu_us')" '>=' 0 x 5
bar '2 KB, messages/s over the ideal filter (no bar)' "$(ratios 'a / b' 'best ROUND signpost' 'best ROUND ideal')" '>=' 0 x 0.95
bar '2 KB, CPU above one bare signature' "$(ratios 'a - b' 'value ROUND signpost 2k c2 cpu_us' 'value ROUND openssl rsa c1 us')" \
	'<=' 120 us 75
bar '2 KB, CPU above one bare signature of a busy machine (no bar)' \
	"$(ratios 'a - b' 'value ROUND signpost 2k c2 cpu_us' 'value ROUND openssl rsa-busy c1 us')" '<=' 1000000 us 75
bar '2 KB, 8 connections: least of a connection over its fair share' \
	"$(ratios 'a * 8 / b' 'value ROUND signpost 2k c8 least' 'value ROUND signpost 2k c8 messages')" '>=' 0.5 x 0.8
for kind in 20m 20m-prose 20m-flowed; do
	bar "20 MB relaxed ($kind), CPU over bare SHA-256" \
		"$(ratios "$per_mb" "value ROUND signpost $kind c2 cpu_us" 'value ROUND openssl sha256 c1 us')" '<=' 1.8 x 1.3
done
bar 'peak memory, 64 connections of 20 MB' "$hwm_mb" '<=' 25 MB 12
bar 'longest time without a signer around kill -9' "$gap_ms" '<=' 1000 ms
bar 'table of 10,000 domains, 20,000 keys: parsed in' "$table_ms" '<=' 100 ms
bad=$(cat "$work/figures" "$work/open" "$work/memory" | grep -v openssl |
	awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^(errors|tempfails|unsigned)=/) { split($i, p, "="); n += p[2] } } END { print n + 0 }')
bar 'errors, tempfails, unsigned, all targets' "$bad" '<=' 0 ''
if [ -z "${NO_POSTFIX:-}" ]; then
	MILTER=$milter bash "$(dirname "$0")/bench-postfix.sh" || bars_failed=1
fi
bash "$(dirname "$0")/bench-scale.sh" || bars_failed=1
exit "$bars_failed"
