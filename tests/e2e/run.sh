#!/bin/bash
# SPDX-License-Identifier: ISC
# run.sh - the end-to-end scripts, some at a time, and their totals.  usage: run.sh [SCRIPT...]
# They wait more than they compute: LAB_JOBS says how many go on at once, else it is one more than there are processors.
# A script that cannot run here says "skip - WHY" and exits 77.
# The last line is "total: N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")" || exit 1
. ./lib.sh
export SIGNPOST SIGNPOST_MILTER MTACLIENT
whole=
jobs=${LAB_JOBS:-$(($(nproc) + 1))}
if [ $# -eq 0 ]; then
	whole=yes
	# the long ones first
	set -- life-txt.sh life-modes.sh keeper-crash.sh keeper-faults.sh keeper-store.sh verbs.sh crash.sh keeper.sh \
		probe.sh faults.sh raw.sh path.sh
	for script in *.sh; do
		case " $* lib.sh run.sh " in
		*" $script "*) ;;
		*) [ "$script" != "${script%-lib.sh}" ] || set -- "$@" "$script" ;;
		esac
	done
fi
OUT=$(mktemp -d "${TMPDIR:-/tmp}/signpost-e2e-run.XXXXXX")
trap 'rm -rf "$OUT"' EXIT
export LAB_USED=$OUT/used
: >"$LAB_USED"

one() {
	local begin=$SECONDS status
	"./$1" >"$OUT/$1" 2>&1
	status=$?
	echo "$status $((SECONDS - begin))" >"$OUT/$1.status"
}

for script in "$@"; do
	if [ ! -f "$script" ]; then
		echo "not ok - $script is not there" >"$OUT/$script"
		echo "1 0" >"$OUT/$script.status"
		continue
	fi
	while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do
		wait -n
	done
	one "$script" &
done
wait

passed=0 failed=0 skipped=0
for script in "$@"; do
	read -r status seconds <"$OUT/$script.status"
	ok=$(grep -c '^ok' "$OUT/$script")
	bad=$(grep -c '^not ok' "$OUT/$script")
	# a script that counts what went well without a line for each
	checks=$(sed -n 's/^.*: \([0-9]*\) checks, [0-9]* failed$/\1/p' "$OUT/$script" | tail -1)
	[ -z "$checks" ] || ok=$((checks - bad))
	# a script that broke off without saying what failed
	[ "$status" = 0 ] || [ "$status" = 77 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '%-17s %5d passed, %3d failed, %3d s\n' "$script" "$ok" "$bad" "$seconds"
	if [ "$status" = 77 ]; then
		skipped=$((skipped + 1))
		grep '^skip' "$OUT/$script"
	fi
	if [ "$bad" -gt 0 ]; then
		grep -vE '^(ok|[0-9]+ passed)' "$OUT/$script" | tail -40
	fi
done

# A disagreement that nothing shows any more must leave the table.
if [ -n "$whole" ] && [ "$skipped" = 0 ]; then
	while IFS= read -r row; do
		passed=$((passed + 1))
		if ! grep -qF -e "$row" "$LAB_USED"; then
			passed=$((passed - 1)) failed=$((failed + 1))
			echo "not ok - a row of disagreements.tsv that no test needs: $row"
		fi
	done < <(grep -v '^#' disagreements.tsv | cut -f 1-3)
fi
echo "total: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
