#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# `make tsan`: the daemon under ThreadSanitizer while many connections send, the table changes and signals come.
set -euo pipefail
src=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
[ -x "$src/configure" ] || (cd "$src" && autoreconf -i)
mkdir "$work/build"
cd "$work/build"
"$src/configure" --enable-sanitize=thread CFLAGS="-g -O1" >configure.log 2>&1 || {
	tail -n 20 configure.log
	exit 1
}
make -j"$(nproc)" >make.log 2>&1 || {
	tail -n 40 make.log
	exit 1
}
make check TESTS= >tools.log 2>&1
export BUILD_DIR="$work/build" SOURCE_DIR="$src" TSAN_OPTIONS="halt_on_error=0 exitcode=66 log_path=$work/tsan"
bash "$src/tests/e2e/concurrent.sh"
if ls "$work"/tsan.* >/dev/null 2>&1; then
	cat "$work"/tsan.*
	exit 1
fi
echo "ok: no race was reported"
