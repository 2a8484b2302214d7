#!/bin/sh
# SPDX-License-Identifier: ISC
# `make lint`: both compilers with every warning an error, formatting, static analysis, shell and manual pages.
# Needs gcc, clang, clang-format, clang-tidy, cppcheck, shellcheck, mandoc; what is missing is named and fails.
set -u
src=$(cd "$(dirname "$0")/.." && pwd)
cd "$src" || exit 1
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() {
	printf '%s: %s\n' "$1" "$2"
	[ "$2" = ok ] || failed=1
}
run() {
	name=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		say "$name" ok
	else
		tail -n 60 "$work/log"
		say "$name" failed
	fi
}
for tool in gcc clang clang-format clang-tidy cppcheck shellcheck mandoc; do
	command -v "$tool" >/dev/null || say "$tool" "is not installed"
done
code=$(find base dkim keys milter signpost -name '*.c')
all=$(find base dkim keys milter signpost tests -name '*.c')
flags='-std=c11 -D_GNU_SOURCE -DHAVE_LINUX_OPENAT2_H=1 -I. -DSIGNPOST_VERSION="x" -DSIGNPOST_SYSCONFDIR="x" -DSIGNPOST_STATEDIR="x"
	-DVECTORS_DIR="x" -DCORPUS_DIR="x" -DSOURCE_DIR="x"'
warn='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes
	-Wundef -Wvla -Wformat=2 -Wwrite-strings -Werror'

compile() {
	for f in $all; do
		extra=
		case $f in tests/*) extra=-Wno-missing-prototypes ;; esac
		# shellcheck disable=SC2086
		"$@" $flags $warn $extra -c -o /dev/null "$f" || return 1
	done
}
analyze() {
	for f in $code; do
		# shellcheck disable=SC2086
		gcc $flags -O1 -fanalyzer -Werror -c -o /dev/null "$f" || return 1
	done
}
tidy() {
	# shellcheck disable=SC2086
	clang-tidy --quiet --warnings-as-errors='*' $code -- $flags
}
format() {
	# shellcheck disable=SC2086
	clang-format --dry-run -Werror $code
}
shells() {
	git ls-files 2>/dev/null | grep -E '\.sh$|^contrib/postfix/signpost-postfix$|^\.ci/run$' | xargs shellcheck -x
}
manuals() {
	mandoc -T lint -W warning man/*.[158]
}

run 'gcc' compile gcc -O2
run 'clang' compile clang -O2
run 'clang-format' format
run 'gcc -fanalyzer' analyze
run 'clang-tidy' tidy
run 'cppcheck' cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 -I. \
	--suppress=missingIncludeSystem base dkim keys milter signpost
run 'shellcheck' shells
run 'mandoc' manuals
run 'style' sh tests/check-style.sh .
run 'layers' sh tests/check-layers.sh .
exit "$failed"
