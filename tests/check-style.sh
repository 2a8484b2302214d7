#!/bin/sh
# SPDX-License-Identifier: ISC
# The numbers of HACKING: lengths of files, headers, functions and lines, nesting, words that are not used.
# Usage: check-style.sh [SOURCE_DIR]; without it, SOURCE_DIR as in make check.
set -u
src=${1:-${SOURCE_DIR:-.}}
failed=0
cd "$src" || exit 1
for folder in base dkim keys milter signpost contrib tests; do
	[ -d "$folder" ] || { echo "$src/$folder is not there: nothing was checked" && exit 1; }
done

say() {
	printf '%s\n' "$1"
	failed=1
}

code=$(find base dkim keys milter signpost tests -name '*.[ch]' | LC_ALL=C sort)
product=$(find base dkim keys milter signpost -name '*.[ch]' | LC_ALL=C sort)
scripts=$(find contrib tests .ci -type f \( -name '*.sh' -o -name '*.py' -o -name 'signpost-postfix' -o -name run \) 2>/dev/null | LC_ALL=C sort)

for f in $code $scripts; do
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: ISC' || say "$f: no SPDX line in its first three lines"
done
for f in $product; do
	max=400
	case $f in *.h) max=150 ;; esac
	lines=$(wc -l <"$f")
	[ "$lines" -le "$max" ] || say "$f: $lines lines, $max are allowed: make two rooms of it"
	case $f in
	*.h) grep -q '^ \* Threads: \|^/\*.*  Threads: ' "$f" || say "$f: no line \"Threads: ...\" in its comment at the head" ;;
	esac
done

# What Makefile.am does not name is not built.  A test is named as its program; headers of tests come with their folder.
listed=$(tr -s ' \t\134' '\n' <Makefile.am)
for f in $code; do
	case $f in
	tests/*.h) ;;
	*) printf '%s\n' "$listed" | grep -qxF -e "$f" -e "${f%.c}" || say "$f: Makefile.am does not name it" ;;
	esac
done

# Functions: from the brace in column 1 to its end, 60 lines; five parameters; three levels of nesting.
# shellcheck disable=SC2086
awk -v max=60 '
	FNR == 1 { body = 0; head = "" }
	!body && /^[a-z_][A-Za-z0-9_ *]*\(/ { head = $0; name = $0; sub(/\(.*/, "", name) }
	!body && head != "" && !/^[{]/ && !/^[a-z_][A-Za-z0-9_ *]*\(/ { head = head $0 }
	/^\{/ {
		body = 1; start = FNR; depth = -1; deep = 0
		if (head != "") {
			n = gsub(/,/, ",", head)
			if (n > 4) {
				printf "%s:%d: %s has %d parameters, 5 are allowed: pass a struct\n", FILENAME, FNR, name, n + 1; bad = 1 }
		}
	}
	body && /^\t+\}/ && !/^\t+\}[;,)]/ { depth-- }
	body && /\{$/ && !/(=|\)) ?\{$/ || body && /\) \{$/ { if (++depth > deep) deep = depth }
	/^\}/ {
		if (body && FNR - start + 1 > max) { printf "%s:%d: %s is %d lines long, %d are allowed\n", FILENAME, start, name, FNR - start + 1, max; bad = 1 }
		if (body && deep > 3) { printf "%s:%d: %s nests %d deep, 3 blocks are allowed\n", FILENAME, start, name, deep; bad = 1 }
		body = 0; head = ""
	}
	length($0) > 120 { printf "%s:%d: line of %d columns\n", FILENAME, FNR, length($0); bad = 1 }
	END { exit bad }' $product || failed=1

# shellcheck disable=SC2086
grep -nE '\b(strtok|strcpy|strcat|sprintf|gets|atoi|atol|strncpy)[[:space:]]*\(' $product && say 'those functions are not used here'
# shellcheck disable=SC2086
grep -nE 'include <ctype\.h>' $product && say 'ctype.h depends on the locale: base/slice.h has ASCII'
# shellcheck disable=SC2086
grep -nE '\b(TODO|FIXME|XXX)\b' $code $scripts | grep -v 'XXXXXX' | grep -v 'check-style' && say 'unfinished work is an issue, not a comment'
for f in $product; do
	case $f in
	base/*.c | *.h) ;;
	*) grep -nE '^#[[:space:]]*(if|ifdef|ifndef)' "$f" && say "$f: conditional compilation belongs into base/" ;;
	esac
done
[ "$failed" -eq 0 ] && echo 'ok: the numbers of HACKING hold'
exit "$failed"
