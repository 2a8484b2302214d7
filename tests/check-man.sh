#!/bin/sh
# SPDX-License-Identifier: ISC
# The manual pages say what the programs say: verbs, options, defaults, settings, log words, both ways; and mandoc finds no
# fault in them.  Usage: check-man.sh; SOURCE_DIR and BUILD_DIR as in make check.  The tables are
# `signpost help --all`, `signpost-milter --help`, and rows of the sources.
set -u
LC_ALL=C
export LC_ALL
SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
BUILD_DIR=${BUILD_DIR:-$SOURCE_DIR}
SIGNPOST=${SIGNPOST:-$BUILD_DIR/signpost/signpost}
SIGNPOST_MILTER=${SIGNPOST_MILTER:-$BUILD_DIR/milter/signpost-milter}
man=$SOURCE_DIR/man
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
ok() {
	passed=$((passed + 1))
	echo "ok - $*"
}
not_ok() {
	failed=$((failed + 1))
	echo "not ok - $*"
}

# same NAME: what the program has ($work/has) and what the page says ($work/says), a thing a line
same() {
	sort -u "$work/has" >"$work/has.sorted"
	sort -u "$work/says" >"$work/says.sorted"
	if [ ! -s "$work/has.sorted" ]; then
		not_ok "$1: the program's table is empty"
	elif cmp -s "$work/has.sorted" "$work/says.sorted"; then
		ok "$1 ($(wc -l <"$work/has.sorted" | tr -d ' '))"
	else
		not_ok "$1"
		sed 's/^/  only in the program: /' <<-END
			$(comm -23 "$work/has.sorted" "$work/says.sorted")
		END
		sed 's/^/  only in the page:    /' <<-END
			$(comm -13 "$work/has.sorted" "$work/says.sorted")
		END
	fi
}

# strings of the rows between two patterns of a source file
rows() { # file, first line, last line
	sed -n "/$2/,/$3/p" "$SOURCE_DIR/$1"
}

if command -v mandoc >/dev/null; then
	for page in "$man"/*.[1-8]; do
		# which other pages are installed here is not the page's fault
		faults=$(mandoc -T lint -W warning "$page" 2>&1 | grep -v -e 'mandoc.db' -e 'referenced manual not found')
		if [ -z "$faults" ]; then ok "mandoc: ${page##*/}"; else not_ok "mandoc: $faults"; fi
	done
else
	echo "skip - mandoc is not installed"
fi

if "$SIGNPOST" help --all >"$work/tables"; then
	# signpost(1): a subsection a verb; --NAME items below it; the options of every verb in OPTIONS
	awk -F '\t' '
		$1 == "verb" { print $2 }
		$1 == "verb-option" { print $2, $3, ($4 == "" ? "flag" : "value") }
		$1 == "global-option" { print "every", $2, ($3 == "" ? "flag" : "value") }' "$work/tables" >"$work/has"
	awk '
		/^\.Sh/ { verb = ($2 == "OPTIONS") ? "every" : "" }
		/^\.Ss/ { verb = $2; print verb }
		/^\.It Fl -/ && verb != "" { print verb, "-" $3, (/Ar/ ? "value" : "flag") }' "$man/signpost.1" |
		sed 's/ -\(-[a-z-]*\) / -\1 /' >"$work/says"
	same "signpost(1): verbs and their options"

	# signpost.conf(5): a subsection a section; each option with its default
	awk -F '\t' '
		$1 == "section" { print $3 }
		$1 == "option" { print $2 "." $3, ($4 == "" ? "-" : $4) }' "$work/tables" >"$work/has"
	awk '
		function flush() { if (item != "") print section "." item, (def == "" ? "-" : def); item = def = "" }
		/^\.Sh/ { flush(); section = ""; options = ($2 == "OPTIONS") }
		/^\.Ss/ { flush(); section = $2; print section }
		/^\.It Ic/ && options { flush(); item = $3 }
		/^\.El/ { flush() }
		/^\.Pq default: Li/ { def = $4 }
		' "$man/signpost.conf.5" >"$work/says"
	same "signpost.conf(5): sections, options, defaults"

	# signpost(7): symbols with their options and defaults (none: it depends, and the option's is 0); and every name of
	# an option in it is one
	awk '
		/^\.It Em [A-Za-z]+ Ic / { print $5, ($6 == "Li" ? $7 : 0) }
		{ for (i = 1; i < NF; i++) if ($i ~ /^\.?Ic$/ && $(i + 1) ~ /_/) print $(i + 1) }' "$man/signpost.7" >"$work/says"
	awk -F '\t' '
		NR == FNR { split($0, word, " "); named[word[1]] = 1; next }
		$1 == "option" && $3 in named { print $3 }
		$1 == "option" && $2 == "policy" && $3 in named { print $3, $4 }' "$work/says" "$work/tables" |
		awk 'NR == FNR { if (NF == 2) symbol[$1] = 1; next } NF == 1 || $1 in symbol' "$work/says" - >"$work/named"
	grep -e _ -e ' ' "$work/named" >"$work/has"
	same "signpost(7): options that it names, and their defaults"

	# the completion has nothing of its own; it must name every table that it reads
	if grep -q 'help --all' "$SOURCE_DIR/contrib/bash-completion/signpost"; then
		ok "the completion reads the same table"
	else
		not_ok "the completion reads the same table"
	fi
else
	not_ok "signpost help --all"
fi

if "$SIGNPOST_MILTER" --help >"$work/usage"; then
	sed -n 's/^ *\(-\([a-z]\), \)\{0,1\}--\([a-z-]*\)\(=[A-Z]*\)\{0,1\} .*/\2 \3 \4/p' "$work/usage" |
		awk '{ value = ($NF ~ /^=/) ? "value" : "flag"; n = ($NF ~ /^=/) ? NF - 1 : NF
			print "--" $n, value; if (n == 2) print "-" $1, value }' >"$work/has"
	awk '/^\.Sh/ { on = ($2 == "DESCRIPTION") }
		on && /^\.It Fl/ {
			for (i = 2; i <= NF; i++) if ($i == "Fl") print "-" $(i + 1), (/Ar/ ? "value" : "flag")
		}' "$man/signpost-milter.8" >"$work/says"
	same "signpost-milter(8): options"
else
	not_ok "signpost-milter --help"
fi

# words of the log, from the sources' tables
items() { # page, section title's first word, macro: the items' words
	awk -v title="$2" -v macro="$3" '
		/^\.Sh/ { on = ($2 == title) }
		on && $1 == ".It" && $2 == macro {
			for (i = 3; i <= NF; i++) { if ($i == "No" || $i == "Ar" || $i ~ /^[A-Z]/) break; if ($i != ",") print $i }
		}' "$man/$1"
}
{
	rows milter/policy.c 'REASONS\[' '^};' | sed -n 's/.*\[REASON_[A-Z_]*\] = {"\([a-z-]*\)".*/\1/p'
	sed -n 's/.*log_line_put[a-z0-9_]*(&\{0,1\}line, "\([a-z_]*\)".*/\1/p' "$SOURCE_DIR/milter/report.c"
} >"$work/has"
items signpost-milter.8 LOG Cm >"$work/says"
same "signpost-milter(8): reasons and keys of the log"
rows milter/report.c 'VERBS\[\] = {' '^};' | sed -n 's/.*{"\([a-z-]*\)", COUNTER.*/\1/p' >"$work/has"
items signpost-milter.8 LOG Ic >"$work/says"
same "signpost-milter(8): verbs of the log"

# the signing table: settings, options of a domain, statements
rows keys/table_fields.c 'TABLE_SETTINGS\[\]' '^};' | sed -n 's/.*SETTING(\([a-z_]*\)).*/\1/p' >"$work/has"
items signing-table.5 SETTINGS Ic >"$work/says"
same "signing-table(5): settings"
{
	rows keys/table_rows.c 'row_key},' '^};' | sed -n 's/.*{"\([a-z-]*\)", row_.*\|.*{"\([a-z-]*\)", table_row_.*/\1\2/p'
	rows keys/table_allow.c '{"bare"' '^};' | sed -n 's/.*{"\([a-z]*\)", ALLOW_.*/allow \1/p'
	rows keys/table_fields.c 'TABLE_DOMAIN_OPTIONS\[\]' '^};' | sed -n 's/.*{"\([a-z]*\)", .kind.*/domain \1=/p'
	printf '%s\n' signpost-table end
} | grep -v '^allow$' >"$work/has"
awk '
	/^\.Sh/ { on = ($2 == "FORMAT") }
	on && /^\.It Ic/ {
		print ($3 == "allow") ? $3 " " $4 : $3
		for (i = 4; i <= NF; i++) if ($3 == "domain" && $i ~ /^[a-z]+=$/) print "domain " $i
	}' "$man/signing-table.5" >"$work/says"
same "signing-table(5): statements"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
