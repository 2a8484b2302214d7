#!/bin/sh
# SPDX-License-Identifier: ISC
# What explain, status and check can say stands in the tables of tests/unit/test_explain_words.c, test_explain_notes.c and
# test_check_words.c, with the situation that says it; these tests produce each row.  Here: no sentence of the sources is
# missing in the tables.  What check says of a fault is DIAGNOSES[], which test_diagnose.c walks.
# Usage: check-words.sh [SOURCE_DIR]
set -u
LC_ALL=C
export LC_ALL
src=${1:-${SOURCE_DIR:-.}}
cd "$src" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# strings of C sources, neighbours joined, a line each; those of one word only where a rule or a note says them
strings_of() {
	sed -e 's,/\*.*\*/,,' -e '/^#/d' -e 's/\\$//' "$@" | tr '\n\t' '  ' |
		sed -e 's/" *PRI[a-z0-9]* *"/d/g' -e 's/\([^\\]\)" *"/\1/g' | grep -oE '(WAIT_[A-Z]+, *)?"([^"\\]|\\.)*"' >"$work/all"
	grep ' \|WAIT_[A-Z]*, *".' "$work/all" | sed -e 's/^[^"]*"//' -e 's/"$//' | grep -v -e '^[ %sdu,:;.-]*$' -e '%H:%M' | sort -u
}

# check_table NAME TEST SOURCE...: each sentence of the sources is, or is part of, one in a table of the test
check_table() {
	name=$1 test=tests/unit/$2
	shift 2
	sed -n '/^} [A-Z]*\[\] = {/,/^};/p' "$test" >"$work/rows.c"
	strings_of "$work/rows.c" >"$work/rows"
	grep -oE '^ *\{"[^"]*"' "$work/rows.c" | sed -e 's/^ *{"//' -e 's/"$//' >>"$work/rows"
	[ -s "$work/rows" ] || { echo "$name: no table in $test" && failed=1 && return; }
	strings_of "$@" >"$work/sentences"
	count=0
	while IFS= read -r sentence; do
		count=$((count + 1))
		case $sentence in
		*' '*) ;;
		*) grep -qxF -e "$sentence" "$work/rows" && continue ;;
		esac
		# what is put in is anything
		# shellcheck disable=SC2016 # a pattern
		pattern=$(printf '%s\n' "$sentence" | sed -e 's/[][\\.*^$(){}?+|]/\\&/g' -e 's/%-*[0-9]*\(\\\.\)*[0-9]*z*[a-z]/.*/g')
		case $sentence in
		*' '*) grep -qE -e "$pattern" "$work/rows" && continue ;;
		esac
		echo "$name: in no table of $test: $sentence"
		failed=1
	done <"$work/sentences"
	echo "$name: $count sentences"
}

set -- keys/schedule*.c
for file in "$@"; do
	shift
	[ "$file" = keys/schedule_check.c ] || set -- "$@" "$file" # refuses configurations
done
check_table "the scheduler" test_explain_words.c "$@"
check_table "explain" test_explain_notes.c signpost/explain.c
check_table "check" test_check_words.c signpost/check_words.c
[ "$failed" -eq 0 ] && echo "ok: each sentence is in its table"
exit "$failed"
