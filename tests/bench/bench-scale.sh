#!/bin/bash
# SPDX-License-Identifier: ISC
# A keeper of many domains on a day on which nothing is due: DOMAINS (10000), two keys each.  About a minute, most of it to fill
# the store; exit 1 when a bar is missed.
set -u
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
domains=${DOMAINS:-10000}
build=${BUILD_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
signpost=${SIGNPOST:-$build/signpost/signpost}
if nm -D "$signpost" 2>/dev/null | grep -q __asan_init; then
	echo "$signpost is a sanitizer build: its figures would mean nothing" >&2
	exit 1
fi
# in memory, if there is room: filling the store is 40,000 times fsync
[ -w /dev/shm ] && [ "$(df --output=avail /dev/shm | tail -n 1)" -gt 1000000 ] && export TMPDIR=/dev/shm
work=$(mktemp -d "${TMPDIR:-/tmp}/signpost-bench-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cat >"$work/signpost.conf" <<-END
	store = "$work/store"
	dns {
	    roots = {"127.0.0.1:9"}
	    resolvers = {"127.0.0.1:9"}
	}
	keeper {
	    postqueue = ""
	}
	signers {
	    milters = {}
	}
	policy "default" { }
END

keeper() { # VERB: milliseconds and MB of it, NAME=VALUE
	/usr/bin/python3 - "$signpost" "$1" --config "$work/signpost.conf" --store "$work/store" <<-'END'
		import resource, subprocess, sys, time
		begin = time.monotonic()
		status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
		print("ms=%.0f mb=%.1f status=%d" % ((time.monotonic() - begin) * 1e3,
		    resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, status))
	END
}

"$signpost" init --config "$work/signpost.conf" --store "$work/store" --user "$(id -un)" --group "$(id -gn)" >/dev/null &&
	"$build/tests/bench/bench-scale" "$work/store" "$domains" || exit 1
first=$(keeper tick)
for _ in 1 2 3 4 5; do
	keeper tick >>"$work/tick"
	keeper status >>"$work/status"
done
bar "tick, $domains domains, nothing due" "$(figure ms <"$work/tick" | median)" '<=' 1000 ms
bar "  its memory (no bar)" "$(figure mb <"$work/tick" | median)" '<=' 1000000 MB
bar "status, $domains domains" "$(figure ms <"$work/status" | median)" '<=' 2000 ms
bar "  its memory (no bar)" "$(figure mb <"$work/status" | median)" '<=' 1000000 MB
bar "tick, $domains domains, all due, no look (no bar)" "$(figure ms <<<"$first")" '<=' 1000000 ms
bar "tick and status that did not end well" "$(cat "$work/tick" "$work/status" | grep -vc 'status=0')" '<=' 0 ''
watch=$("$build/tests/bench/bench-sweep" "$domains") || bars_failed=1
bar "hourly watch, $domains names: names found good" "$(figure good <<<"$watch")" '>=' "$domains" ''
bar "  it fits into, with 20 questions a second" "$(figure fits_s <<<"$watch")" '<=' 3600 s
bar "  its processor time (no bar)" "$(figure cpu_s <<<"$watch")" '<=' 1000000 s
bar "  its memory (no bar)" "$(figure rss_mb <<<"$watch")" '<=' 1000000 MB
exit "$bars_failed"
