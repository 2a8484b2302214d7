#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Mutants of the scheduler's own source: one for each guard and for each term of a formula.  mutants.table says what
# is taken away; each row of a table of rules is a mutant besides, named TABLE/guard.  Each must apply, compile, and be
# noticed: by the simulated receiver, or, where mutants.caught says "unit", by the unit tests of the scheduler (what
# only texts, plans and the clock's last second show).  Exit status 1 if one is not.
#
#	tests/sim/mutants.sh [--find] [WORD]	only those whose name holds WORD
#
# mutants.caught holds NAME<TAB>arguments of sim that notice it; whoever is not in it, or is noticed by them no more, is
# looked for among more sites.  --find writes what was found to the standard output, as lines of that file.
#
# From the source tree; needs gcc, and cmocka for what only units see.  JOBS at a time.  About half an hour.
set -u
src=$(cd "$(dirname "$0")/../.." && pwd)
cd "$src" || exit 64
find=no
[ "${1:-}" != --find ] || { find=yes && shift; }
word=${1:-}
work=$(mktemp -d) || exit 74
trap 'rm -rf "$work"' EXIT
CC=${CC:-gcc}
read -ra flags <<<'-std=c11 -D_GNU_SOURCE -O2 -w'
read -ra libs <<<"${SIM_LIBS:--lidn2 -lssl -lcrypto -lpthread}"
tab='	'

# Where a mutant is looked for that mutants.caught does not name: more and more, to the first that fails.
TRIES=('--seed 1 --years 3 --domains 40 --stop' '--seed 2 --years 6 --domains 100 --stop' '--seed 3 --years 8 --domains 240 --stop')
TRIES=("${TRIES[@]:0:${SIM_TRIES:-3}}")

# Each row of a table of rules: its guard never holds.
rules() {
	awk '/RULES_[A-Z]+\[\] = \{/ { t = $0; sub(/.*RULES_/, "", t); sub(/\[.*/, "", t); next }
		/^};/ { t = "" }
		t != "" && match($0, /^    \{[a-z_]+,/) {
			g = substr($0, RSTART + 5, RLENGTH - 6)
			if (g != "always") {
				sub(/.*\//, "", FILENAME)
				printf "%s/%s\t%s\t@%s\t%s\n", t, g, FILENAME, t, g
			}
		}' keys/schedule*.c
}

# Builds what keys/schedule*.c are in DIR: the objects of the right ones, but for FILE.
build() { # DIR FILE
	cp "$work"/right/*.o "$1/" && $CC "${flags[@]}" -I. -c -o "$1/${2%.c}.o" "$1/$2" 2>"$1/cc.log" &&
		$CC -o "$1/sim" "$1"/*.o "$work"/sim/*.o "$work"/libdep.a "${libs[@]}" 2>>"$1/cc.log"
}

by_sim() { # DIR ARGUMENTS
	# shellcheck disable=SC2086 # words of a list
	timeout 300 "$1/sim" $2 >"$1/out" 2>&1
	case $? in
	0) return 1 ;;
	124) echo 'it never ends' ;;
	*) grep -m 1 FAILED "$1/out" | cut -c1-150 || echo 'it crashes' ;;
	esac
}

by_unit() { # DIR
	$CC -o "$1/unit" "$work/unit.o" "$1"/*.o "$work/key_state.o" "$work"/libdep.a -lcmocka "${libs[@]}" 2>>"$1/cc.log" || return 1
	timeout 120 "$1/unit" >"$1/unit.log" 2>&1 && return 1
	grep -m 1 'want' "$1/unit.log" | cut -c1-100 || echo 'a test fails'
}

# Prints one line: caught, ALIVE or STALE.
judge() { # NAME FILE IS BECOMES
	local name=$1 file=$2 is=$3 becomes=$4 dir text said by
	dir=$(mktemp -d "$work/m.XXXXXX")
	text=$(cat "keys/$file" && echo .)
	text=${text%.}
	if [ "${is#@}" != "$is" ]; then
		text=$(printf '%s' "$text" | sed "/RULES_${is#@}\[\] = {/,/^};/s/{$becomes,/{off,/" && echo .)
		text=${text%.}
	else
		printf -v is '%b' "$is"
		printf -v becomes '%b' "$becomes"
		text=${text/"$is"/"$becomes"}
	fi
	printf '%s' "$text" | sed '0,/^#include "keys\/schedule_private.h"/s//&\nstatic bool off(const struct view *v, const struct schedule_key *k, struct step *s) { (void)v; (void)k; (void)s; return false; }/' >"$dir/$file"
	if [ "$(grep -v '^static bool off(' "$dir/$file")" = "$(cat "keys/$file")" ]; then
		printf 'STALE  %s: its text is not in %s\n' "$name" "$file"
	elif ! build "$dir" "$file"; then
		printf 'STALE  %s: %s\n' "$name" "$(grep -m 1 error "$dir/cc.log")"
	else
		by=$(sed -n "s|^$name$tab||p" tests/sim/mutants.caught 2>/dev/null)
		if [ "$by" = unit ] && said=$(by_unit "$dir"); then
			printf 'caught %s\tunit\t%s\n' "$name" "$said"
		elif [ -n "$by" ] && [ "$by" != unit ] && said=$(by_sim "$dir" "$by"); then
			printf 'caught %s\t%s\t%s\n' "$name" "$by" "$said"
		else
			search "$dir" "$name"
		fi
	fi
	rm -rf "$dir"
}

search() { # DIR NAME
	local try said seed
	for try in "${TRIES[@]}"; do
		said=$(by_sim "$1" "$try") || continue
		seed=$(printf '%s' "$said" | sed -n 's/.*site seed \([0-9]*\),.*/\1/p')
		[ -z "$seed" ] || try="--only $seed $(printf '%s' "$try" | grep -o -e '--years [0-9]*')"
		printf 'caught %s\t%s\t%s\n' "$2" "$try" "$said"
		return
	done
	if said=$(by_unit "$1"); then
		printf 'caught %s\tunit\t%s\n' "$2" "$said"
	else
		printf 'ALIVE  %s\n' "$2"
	fi
}

mkdir -p "$work/right" "$work/sim" "$work/dep"
for f in keys/schedule*.c; do
	$CC "${flags[@]}" -I. -c -o "$work/right/$(basename "$f" .c).o" "$f" || exit 70
done
for f in tests/sim/*.c; do
	$CC "${flags[@]}" -I. -c -o "$work/sim/$(basename "$f" .c).o" "$f" || exit 70
done
$CC "${flags[@]}" -I. -c -o "$work/key_state.o" keys/key_state.c && cp "$work/key_state.o" "$work/sim/" || exit 70
$CC "${flags[@]}" -I. -c -o "$work/unit.o" tests/unit/test_schedule.c || exit 70
if [ -n "${SIM_DEP:-}" ]; then
	cp "$SIM_DEP" "$work/libdep.a"
else
	for f in base/*.c dkim/*.c; do
		[ "$f" = base/main.c ] || $CC "${flags[@]}" -I. -c -o "$work/dep/$(echo "$f" | tr / _).o" "$f" || exit 70
	done
	ar rcs "$work/libdep.a" "$work"/dep/*.o
fi
$CC -o "$work/sim/sim" "$work"/right/*.o "$work"/sim/*.o "$work"/libdep.a "${libs[@]}" || exit 70
for try in "${TRIES[@]}"; do
	# shellcheck disable=SC2086 # words of a list
	"$work/sim/sim" $try >"$work/out" && continue
	echo "the scheduler itself fails, which tells nothing of mutants: $(grep -m 1 FAILED "$work/out")"
	exit 1
done

n=0
while IFS=$tab read -r name file is becomes; do
	case $name in '' | \#*) continue ;; *"$word"*) ;; *) continue ;; esac
	while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
	judge "$name" "$file" "$is" "$becomes" >>"$work/said" &
	n=$((n + 1))
done < <(
	rules
	cat tests/sim/mutants.table
)
wait
[ -s "$work/said" ] || exit 64
if [ $find = yes ]; then
	sort "$work/said" | sed -n 's/^caught \([^\t]*\t[^\t]*\)\t.*/\1/p'
	grep -v '^caught' "$work/said" >&2
else
	sort "$work/said"
fi
alive=$(grep -vc '^caught' "$work/said")
printf '%d mutants of the source, %d noticed by the simulated receiver, %d by unit tests only, %d not\n' "$n" \
	"$(grep '^caught' "$work/said" | grep -vc "${tab}unit$tab")" "$(grep -c "${tab}unit$tab" "$work/said")" "$alive" >&2
[ "$alive" -eq 0 ]
