#!/bin/sh
# SPDX-License-Identifier: ISC
# `make lint`: both compilers with every warning an error, formatting, static analysis, shell and manual pages.
# Needs gcc, clang, clang-format, clang-tidy, cppcheck, shellcheck, mandoc; what is missing is named and fails.
# LINT_JOBS (the processors) at a time; LINT_STEPS="gcc style" chooses.
set -u
src=$(cd "$(dirname "$0")/.." && pwd)
cd "$src" || exit 1
LC_ALL=C
export LC_ALL
jobs=${LINT_JOBS:-$(nproc 2>/dev/null || echo 1)}
failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# step NAME TOOL PACKAGE COMMAND...: silent but for its name when it finds nothing
step() {
	name=$1 tool=$2 package=$3
	shift 3
	case " ${LINT_STEPS:-$name} " in *" $name "*) ;; *) return 0 ;; esac
	if ! command -v "$tool" >/dev/null; then
		printf '%s: failed: %s is not installed (Debian package: %s)\n' "$name" "$tool" "$package"
		failed=1
	elif "$@" >"$work/log" 2>&1; then
		printf '%s: ok\n' "$name"
	else
		grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed [0-9]+' "$work/log" | head -n 200
		printf '%s: failed\n' "$name"
		failed=1
	fi
}
# each LIST COMMAND...: the command for every file of the list
# shellcheck disable=SC2317 # called by what step calls
each() {
	list=$1
	shift
	xargs -P "$jobs" -n 1 "$@" <"$work/$list"
}

find base dkim keys milter signpost -name '*.c' | sort >"$work/product"
find tests -name '*.c' | sort >"$work/tests"
grep -v '^base/err\.c$' "$work/product" >"$work/callers"
{
	find contrib tests .ci -type f -exec grep -lE '^#!.*[/ ](ba)?sh$' {} +
	echo contrib/bash-completion/signpost
} | sort >"$work/scripts"

base='-std=c11 -D_GNU_SOURCE -I. -include tests/lint.h'
warn='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wstrict-prototypes
	-Wundef -Wvla -Wformat=2 -Wwrite-strings -Werror'

# shellcheck disable=SC2086,SC2317 # words of a list; called by step
compile() {
	each product "$1" $base $warn -O2 -Wmissing-prototypes -c -o /dev/null &&
		each tests "$1" $base $warn -O2 -c -o /dev/null
}
# gcc 12 loses track of what another file fills in and of lists in structs: clang-tidy and ASan judge these two
# shellcheck disable=SC2086,SC2317
analyze() {
	set -- -O1 -fanalyzer -Wno-analyzer-null-dereference -Wno-analyzer-malloc-leak -Werror -c -o /dev/null
	gcc $base "$@" base/err.c && each callers gcc $base -DLINT_MODEL "$@"
}
# shellcheck disable=SC2086,SC2317
tidy() {
	clang-tidy --quiet --warnings-as-errors='*' base/err.c -- $base &&
		xargs -P "$jobs" -I '{}' clang-tidy --quiet --warnings-as-errors='*' '{}' -- $base -DLINT_MODEL <"$work/callers"
}
# shellcheck disable=SC2317
format() {
	xargs clang-format --dry-run -Werror <"$work/product"
}
# shellcheck disable=SC2317
shells() {
	each scripts shellcheck -x
}

step gcc gcc gcc compile gcc
step clang clang clang compile clang
step clang-format clang-format clang-format format
step analyzer gcc gcc analyze
step clang-tidy clang-tidy clang-tidy tidy
step cppcheck cppcheck cppcheck cppcheck --quiet -j "$jobs" --std=c11 --enable=warning,portability --inline-suppr \
	--error-exitcode=1 -I. --suppress=missingIncludeSystem base dkim keys milter signpost
step shellcheck shellcheck shellcheck shells
step mandoc mandoc mandoc mandoc -T lint -W warning man/signpost.1 man/signpost.conf.5 man/signing-table.5 man/signpost-milter.8
step style sh dash sh tests/check-style.sh .
step layers sh dash sh tests/check-layers.sh .
exit "$failed"
