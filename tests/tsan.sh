#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# `make tsan`: ThreadSanitizer over the units with threads or sockets, and over the daemon while many connections send,
# the table changes and signals come.  A report ends the program that it is about, and fails the run.
set -euo pipefail
src=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
# a copy: the sources may be read-only, or configured in their place
mkdir "$work/src" "$work/build"
tar -C "$src" --exclude=./.git -cf - . | tar -C "$work/src" -xf -
cd "$work/src"
chmod -R u+w .
[ ! -f config.status ] || make distclean >/dev/null
[ -x configure ] || autoreconf -i
cd "$work/build"
../src/configure --enable-sanitize=thread CFLAGS="-g -O1" >configure.log 2>&1 || {
	tail -n 20 configure.log
	exit 1
}
if ! make -j"$(nproc)" all check TESTS= >make.log 2>&1; then
	tail -n 40 make.log
	exit 1
fi
# Nothing is suppressed.
export TSAN_OPTIONS="halt_on_error=1 exitcode=66 log_path=$work/tsan"
failed=0
for unit in keyring session connection engine socket client dns_wire; do
	if "tests/unit/test_$unit" >"$work/unit.log" 2>&1; then
		echo "ok: test_$unit"
	else
		tail -n 40 "$work/unit.log"
		echo "failed: test_$unit"
		failed=1
	fi
done
export BUILD_DIR="$work/build" SOURCE_DIR="$src"
bash "$src/tests/e2e/concurrent.sh" || failed=1
if ls "$work"/tsan.* >/dev/null 2>&1; then
	cat "$work"/tsan.*
	failed=1
fi
[ "$failed" -eq 0 ] && echo "ok: no race was reported"
exit "$failed"
