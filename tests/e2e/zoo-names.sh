#!/bin/bash
# SPDX-License-Identifier: ISC
# zoo-names.sh - signpost check where the record went astray: D01 to D11, D31, D43 to D45, D47; each on real servers.  And what a
# person and Nagios see.
. "$(dirname "$0")/zoo-lib.sh"
lab_begin "$@"
zoo_begin names
zoo_check

# says NAME WANTED-EXIT EXIT FILE LINE...: each of the lines is in it, just so
says() {
	local name=$1 want=$2 got=$3 file=$4 line
	shift 4
	for line in "$@"; do
		if ! grep -qxF -- "$line" "$file"; then
			not_ok "$name: no line \"$line\""
			cat "$file"
			return
		fi
	done
	if [ "$got" = "$want" ]; then ok "$name"; else not_ok "$name: exit $got, want $want"; fi
}

zoo_signpost check d04.zoo >"$T/d04" 2>&1
says "for a person" 2 $? "$T/d04" \
	"d04.zoo  sel  failed" \
	"  D04  The provider appended the domain to the name." \
	"       is      sel._domainkey.d04.zoo.d04.zoo        bind.ops.zoo (127.0.0.1), serial 7" \
	"       mend    enter the host as  sel._domainkey  or end the whole name with a dot" \
	"       asked   dig +norec @127.0.0.1 -p $DNS_PORT TXT sel._domainkey.d04.zoo.d04.zoo."
check "its dig line shows it again" bash -c "$(sed -n 's/^ *asked   //p' "$T/d04") +short | grep -q 'v=DKIM1'"
zoo_signpost check --nagios d04.zoo >"$T/nagios" 2>&1
says "for Nagios" 2 $? "$T/nagios" \
	"DKIM CRITICAL - d04.zoo: D04 The provider appended the domain to the name. | fatal=1;;1 warnings=0;1 notes=0 servers=2 good=0"
check "in one line" test "$(wc -l <"$T/nagios")" = 1
zoo_signpost check --nagios d04.zoo d45.zoo >"$T/nagios2" 2>&1
says "for Nagios, of several domains" 2 $? "$T/nagios2" \
	"DKIM CRITICAL - 2 domains: 1 failed, 1 with warnings, 0 cannot be told | domains=2 failed=1;;1 warning=1;1 unknown=0" \
	"DKIM WARNING - d45.zoo: D45 The CNAME is proxied: addresses answer in its place. | fatal=0;;1 warnings=1;1 notes=0 servers=2 good=0"
zoo_signpost check nowhere.zoo >"$T/nowhere" 2>&1
says "a domain that is not here" 65 $? "$T/nowhere" "signpost: nowhere.zoo is not here; signpost add nowhere.zoo starts signing for it"
zoo_signpost check --json --nagios >"$T/both" 2>&1
says "one form at a time" 64 $? "$T/both" "signpost: --json and --nagios: one of them"
lab_finish
