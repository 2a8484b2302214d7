#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# README's test command: installs what the tests need, builds with ASan and UBSan in a directory of its own,
# runs the units, the fuzzers' corpora and the end-to-end scripts, and leaves nothing but packages behind.
#
#	tests/run.sh [--no-install] [--keep]
#
# The last line is "N passed, N failed, N skipped"; the exit status is 0 when none failed.
set -euo pipefail

src=$(cd "$(dirname "$0")/.." && pwd)
install=yes
keep=no
for arg in "$@"; do
	case $arg in
	--no-install) install=no ;;
	--keep) keep=yes ;;
	*)
		echo "usage: tests/run.sh [--no-install] [--keep]" >&2
		exit 64
		;;
	esac
done
if [ "$(id -u)" -ne 0 ]; then
	echo "tests/run.sh: Postfix and network namespaces need root: calling sudo"
	exec sudo bash "$0" "$@"
fi
export PATH="/usr/sbin:/sbin:/usr/bin:/bin:$PATH" LC_ALL=C TZ=UTC
unset MAKEFLAGS CFLAGS LDFLAGS CPPFLAGS

# shellcheck source=contrib/packages.sh
. "$src/contrib/packages.sh"
if [ "$install" = yes ]; then
	packages_install "$PACKAGES_BUILD $PACKAGES_VERIFY $PACKAGES_TEST"
fi

work=$(mktemp -d)
cleanup() {
	if [ "$keep" = yes ]; then
		echo "kept: $work"
	else
		rm -rf "$work"
	fi
}
trap cleanup EXIT
chmod 755 "$work"

passed=0
failed=0
skipped=0
begin=$SECONDS

step() {
	printf '\n== %s (%d s)\n' "$1" $((SECONDS - begin))
}

step "building with AddressSanitizer and UndefinedBehaviorSanitizer"
tree_copy "$src" "$work/src"
src=$work/src
(cd "$src" && autoreconf -i >"$work/autoreconf.log" 2>&1) || {
	cat "$work/autoreconf.log"
	exit 1
}
mkdir "$work/build"
cd "$work/build"
jobs=$(nproc)
"$src/configure" --enable-sanitize --enable-werror CFLAGS="-g -O1" >"$work/configure.log" 2>&1 || {
	tail -n 40 "$work/configure.log"
	exit 1
}
make -j"$jobs" >"$work/make.log" 2>&1 || {
	tail -n 60 "$work/make.log"
	exit 1
}

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

step "units, corpora and the checks of the house"
make -j"$jobs" check >"$work/check.log" 2>&1 || true
summary=$(sed -n 's/^# \([A-Z]*\): *\([0-9]*\)$/\1=\2/p' "$work/check.log" | tr '\n' ' ')
echo "$summary"
unit_ok=$(cat tests/unit/*.log 2>/dev/null | sed -n 's/^.*\[  PASSED  \] \([0-9]*\) test.*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
programs_ok=$(sed -n 's/^# PASS: *//p' "$work/check.log" | tail -n 1)
bad=$(sed -n 's/^# \(FAIL\|ERROR\): *//p' "$work/check.log" | awk '{ n += $1 } END { print n + 0 }')
if [ -z "$programs_ok" ]; then
	tail -n 60 "$work/check.log"
	bad=1
	programs_ok=0
fi
if [ "$bad" -ne 0 ]; then
	sed -n 's/^\(FAIL\|ERROR\): //p' "$work/check.log"
	[ -f test-suite.log ] && tail -n 150 test-suite.log
fi
echo "$unit_ok unit tests in $programs_ok programs that passed"
passed=$((passed + unit_ok))
failed=$((failed + bad))

step "coverage of the pure parts"
if bash "$src/tests/coverage.sh" >"$work/coverage.log" 2>&1; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	cat "$work/coverage.log"
fi
grep '^all of ' "$work/coverage.log" || true

step "end to end"
export BUILD_DIR="$work/build" SOURCE_DIR="$src"
make -j"$jobs" check TESTS= >"$work/tools.log" 2>&1
rc=0
bash "$src/tests/e2e/run.sh" 2>&1 | tee "$work/e2e.log" || rc=$?
totals=$(sed -n 's/^total: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$work/e2e.log" | tail -n 1)
if [ -z "$totals" ]; then
	echo "the end-to-end tests ended without a total (exit $rc)"
	totals="0 1 0"
fi
read -r p f s <<<"$totals"
[ "$rc" -eq 0 ] || [ "$f" -gt 0 ] || f=1
passed=$((passed + p))
failed=$((failed + f))
skipped=$((skipped + s))

step "done"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
