#!/bin/bash
# SPDX-License-Identifier: ISC
# views.sh - status, plan, explain and check on terminals of 80 and 200 columns, and in a pipe: nothing scrolls off to the
# right, colour is on a terminal only, and what is printed can be pasted.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/views-lib.sh"
views_begin
on() { # COLUMNS color|plain NAME VERB...
	local columns=$1 want=$2 name=$3
	shift 3
	if "$PYTHON" "$HERE/views_pty.py" "$columns" "$want" "$SIGNPOST" "$@" --config "$T/signpost.conf" --store "$T/store" >"$T/view"; then
		ok "$name at $columns columns, $want"
	else
		not_ok "$name at $columns columns, $want"
		grep '^!!' "$T/view"
	fi
}

words() { tr -s ' \n' ' ' <"$1"; }

for columns in 80 200; do
	on $columns color "status" status
	on $columns color "plan of a domain" plan life.example
	on $columns color "explain" explain life.example
	on $columns plain "plan of all" plan
	check "plan at $columns columns names every domain whole" [ "$(grep -oE "life\.example|new\.example|$LONG|xn--bcher-kva\.example|lost\.example|hostile\.example" "$T/view" | sort -u | wc -l)" = 6 ]
	on $columns color "explain of what a server said" explain hostile.example
	on $columns color "explain of long names" explain "$LONG"
	check "a selector at $columns columns is whole" grep -qF "$LONG_KEY" "$T/view"
	on $columns color "status of one" status "$LONG"
	on $columns color "check where nobody answers" check life.example
	check "check at $columns columns says what it was" grep -q '^  D' "$T/view"
done

# the same words at each width: nothing is shortened
"$PYTHON" "$HERE/views_pty.py" 80 color "$SIGNPOST" explain new.example --config "$T/signpost.conf" --store "$T/store" >"$T/narrow"
v explain new.example >"$T/wide"
check "explain says the same at 80 columns as in a pipe" [ "$(words "$T/narrow")" = "$(words "$T/wide")" ]

# a command that is broken over lines can be pasted
"$PYTHON" "$HERE/views_pty.py" 60 color "$SIGNPOST" check life.example --config "$T/signpost.conf" --store "$T/store" >"$T/view"
if grep -q 'asked.*\\$' "$T/view"; then
	sed -n '/ asked /,/[^\\]$/p' "$T/view" | sed '1s/.*asked *//;/[^\\]$/q' >"$T/pasted"
	check "a broken dig line is one command for the shell" [ "$(sed 's/^ *dig/echo dig/' "$T/pasted" | sh | wc -l)" = 1 ]
else
	check "no command had to be broken" grep -q 'asked *dig' "$T/view"
fi

# no terminal: no escape sequences, a line each
for verb in "status" "plan" "plan life.example" "explain life.example" "check life.example"; do
	# shellcheck disable=SC2086
	v $verb >"$T/pipe" 2>&1
	# shellcheck disable=SC2016
	check "$verb in a pipe has no escape sequences" bash -c '! grep -q "$(printf "\033")" "$1"' _ "$T/pipe"
done
v plan >"$T/pipe"
check "plan in a pipe is a line each" [ "$(wc -l <"$T/pipe")" = 6 ]
COLUMNS=80 v plan >"$T/pipe"
check "COLUMNS bounds it" [ "$(wc -l <"$T/pipe")" -gt 6 ]
NO_COLOR=1 on 80 plain "plan with NO_COLOR" plan life.example
TERM=dumb on 80 plain "explain on a dumb terminal" explain life.example
lab_finish
