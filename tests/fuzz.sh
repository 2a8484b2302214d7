#!/bin/sh
# SPDX-License-Identifier: ISC
# `make fuzz`: every fuzz target under libFuzzer, ASan and UBSan.  FUZZ_SECONDS (60) a target; FUZZ_TARGETS to choose.
# A finding stays in tests/fuzz/findings/ and fails the run; put it into the corpus with its fix.
set -u
src=$(cd "$(dirname "$0")/.." && pwd)
cd "$src" || exit 1
seconds=${FUZZ_SECONDS:-60}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
command -v clang >/dev/null || {
	echo 'make fuzz needs clang and its runtime (Debian: clang libclang-rt-14-dev)'
	exit 1
}
mkdir -p "$work/obj"
flags='-std=c11 -D_GNU_SOURCE -include tests/lint.h -I. -g -O1 -fsanitize=address,undefined
	-fno-sanitize-recover=undefined'
# shellcheck disable=SC2016,SC2086 # the inner shell's own
find base dkim keys milter signpost -name '*.c' | grep -vE 'signpost/main.c|milter/signpost-milter.c' |
	xargs -P "$(nproc 2>/dev/null || echo 1)" -I '{}' sh -c \
		'file=$1 out=$2/$(echo "$1" | tr / _).o; shift 2; exec clang "$@" -c -o "$out" "$file"' sh '{}' "$work/obj" \
		$flags -fsanitize=fuzzer-no-link || exit 1
ar rcs "$work/lib.a" "$work"/obj/*.o
for target in tests/fuzz/fuzz_*.c; do
	name=$(basename "$target" .c)
	parser=${name#fuzz_}
	case " ${FUZZ_TARGETS:-$parser} " in *" $parser "*) ;; *) continue ;; esac
	# shellcheck disable=SC2086
	clang $flags -fsanitize=fuzzer -o "$work/$name" "$target" "$work/lib.a" \
		-lldns -lsqlite3 -lconfuse -ljansson -lidn2 -lssl -lcrypto -lpthread || exit 1
	mkdir -p "$work/corpus/$parser" tests/fuzz/findings
	printf '%s: ' "$name"
	if "$work/$name" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix=tests/fuzz/findings/"$parser"- "$work/corpus/$parser" "tests/fuzz/corpus/$parser" \
		>"$work/log" 2>&1; then
		sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) .*/\1 runs in \2 s/p' "$work/log"
	else
		tail -n 40 "$work/log"
		failed=1
	fi
done
rmdir tests/fuzz/findings 2>/dev/null
exit "$failed"
