#!/bin/sh
# SPDX-License-Identifier: ISC
# The units of systemd leave the programs what they need.  Usage: check-units.sh; SOURCE_DIR as in make check.
set -u
LC_ALL=C
export LC_ALL
SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
units=$SOURCE_DIR/contrib/systemd
failed=0
bad() {
	failed=1
	echo "not ok - $*"
}

# K18: without these the keeper's guard of the clock is blind: each pass would look like a boot of its own, and no time
# service would ever be seen.
keeper=$units/signpost-tick.service
for setting in ProcSubset=pid ProtectClock=yes; do
	grep -q "^$setting\$" "$keeper" && bad "$keeper: $setting hides the clock's state from the keeper"
done
grep -q '^SystemCallFilter=.*\<adjtimex\>' "$keeper" || bad "$keeper: adjtimex(2) is not among its system calls"
command -v systemd-analyze >/dev/null 2>&1 && {
	work=$(mktemp -d) || exit 1
	trap 'rm -rf "$work"' EXIT
	for unit in "$units"/*.service "$units"/*.timer "$units"/*.socket; do
		# the programs need not be installed
		sed 's/^\(ExecStart[A-Za-z]*=[+!-]*\)[^ ]*/\1\/bin\/true/' "$unit" >"$work/${unit##*/}"
	done
	said=$(SYSTEMD_UNIT_PATH="$work:" systemd-analyze verify --man=no "$work"/*.timer "$work"/*.service "$work"/*.socket 2>&1 |
		grep "^$work\|^signpost") && bad "$said"
}
[ "$failed" = 0 ] && echo 'ok: units'
exit "$failed"
