#!/bin/bash
# SPDX-License-Identifier: ISC
# publish-nsd.sh - records in an included file, with a real NSD and its own checker: published, revoked, removed; serials; what is
# not ours; a checker that fails, a reload that fails; and a pass that was cut off.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/publish-lib.sh"
NSD=127.0.0.2
mkdir -p "$T/nsd"
FILE=$T/nsd/a.test.dkim ZONEFILE=$T/nsd/a.test
ZONE=a.test SERVER=$NSD#$DNS_PORT
cat >"$ZONEFILE" <<END
\$TTL 60 ; with a comment (and a parenthesis
a.test.	IN	SOA	ns1.a.test. hostmaster.a.test. (
		7	; serial
		60 60	; refresh, retry
		86400 2 )
@ NS ns1
ns1 A $NSD
alias._domainkey CNAME somewhere.else.test.
\$INCLUDE $FILE
END
cp "$ZONEFILE" "$T/run/before"
: >"$FILE"
chmod 664 "$ZONEFILE"
cat >"$T/run/nsd.conf" <<END
server:
	ip-address: $NSD@$DNS_PORT
	username: ""
	chroot: ""
	zonesdir: "$T/nsd"
	database: ""
	zonelistfile: "$T/run/zone.list"
	xfrdfile: "$T/run/xfrd.state"
	xfrdir: "$T/run"
	pidfile: "$T/run/nsd.pid"
	server-count: 1
remote-control:
	control-enable: yes
	control-interface: $T/run/nsd.ctl
zone:
	name: a.test
	zonefile: a.test
END
lab_background nsd nsd -d -c "$T/run/nsd.conf"
serial() { dig +short +norec +tcp +time=1 +tries=1 -p "$DNS_PORT" @$NSD a.test SOA | cut -d' ' -f3; }
is_serial() { [ "$(serial)" = "$1" ]; }
wait_for 15 is_serial 7 || { tail -n 20 "$T/log"/* >&2; exit 1; }

CHECK=(-c /usr/sbin/nsd-checkzone -c %zone -c %file)
RELOAD=(-r /usr/sbin/nsd-control -r -c -r "$T/run/nsd.conf" -r reload -r %zone)
# zonefile CASE COMMAND...
zonefile() {
	local name=$1
	shift
	"${TOOL[@]}" -T zone-file -f "$FILE" -F "$ZONEFILE" -z a.test "${CHECK[@]}" "${RELOAD[@]}" "$@" >"$T/out/$name" 2>&1
}
name=sel._domainkey.a.test

zonefile show show $name - "$RECORD"
says show "--dry-run shows file, record, serial and commands" "^$ZONEFILE: serial 7 becomes 8$" "^\\+ $name\\. 60 IN TXT \"v=DKIM1.*\" \".*\"$" \
	'^check: /usr/sbin/nsd-checkzone a\.test %file$' '^reload: /usr/sbin/nsd-control'
check "and writes nothing" [ ! -s "$FILE" ]
zonefile first change $name - "$RECORD"
says first "a record is written" "^done .*written to $FILE"
check "NSD serves it" wait_for 10 shows $name "\"$RECORD\""
check "with a higher serial" is_serial 8
check "in the zone file the serial alone is another" [ "$(diff "$T/run/before" "$ZONEFILE" | grep -c '^[<>]')" = 2 ]
check "whose mode is kept" [ "$(stat -c %a "$ZONEFILE")" = 664 ]
check "the strings are of 255 octets" grep -q "^$name\\. 60 IN TXT \"[^\"]\\{255\\}\" \"[^\"]*\"$" "$FILE"
zonefile again change $name - "$RECORD"
says again "again: it is so already" '^done .*is so already'
check "and the serial stays" is_serial 8
zonefile two change one._domainkey.a.test - "$SHORT" $name "$RECORD" "$REVOKED" another.$name "$RECORD" "$REVOKED"
says two "several at once, one of them not as it should be" '^done .*one\._domainkey' "^done .* $name: written" '^foreign .*no record of that name'
check "NSD serves what was done" wait_for 10 shows $name "\"$REVOKED\""
check "the serial rose once" is_serial 9
check "the file is sorted" [ "$(grep -o '^[^;. ]*' "$FILE" | tr '\n' ' ')" = "one sel " ]
zonefile other change one._domainkey.a.test "$RECORD" -
says other "what is another is not removed" '^foreign '
zonefile remove change $name "$REVOKED" -
says remove "a record is removed" '^done .*removed from'
check "NSD has it no more" wait_for 10 shows $name ""

## what the checker does not like
cp "$ZONEFILE" "$T/run/zone" && cp "$FILE" "$T/run/file"
zonefile trap change alias._domainkey.a.test - "$RECORD"
says trap "beside a CNAME: NSD's checker says so, and its words are told" '^refused .*did not pass the check, so nothing was replaced: /usr/sbin/nsd-checkzone: exit status 1: .*CNAME'
echo 'broken IN A not.an.address' >>"$ZONEFILE"
zonefile broken change x._domainkey.a.test - "$RECORD"
says broken "an error of another's in the zone file: nothing is replaced" '^refused .*exit status 1: .*'
check "the records are as they were" cmp -s "$FILE" "$T/run/file"
sed -i '$d' "$ZONEFILE"
check "so is the zone file" cmp -s "$ZONEFILE" "$T/run/zone"
check "nothing is left beside them" [ "$(find "$T/nsd" -type f | wc -l)" = 2 ]
CHECK=(-c /usr/sbin/no-such-checker)
zonefile nochecker change x._domainkey.a.test - "$RECORD"
says nochecker "a checker that is not there" '^refused .*/usr/sbin/no-such-checker: cannot be run: No such file'
printf '#!/bin/sh\nsleep 60\n' >"$T/run/slow" && chmod +x "$T/run/slow"
CHECK=(-c "$T/run/slow")
SECONDS=0
zonefile slow -t 1500 change x._domainkey.a.test - "$RECORD"
says slow "a checker that never ends is stopped" '^temporary .*still running after 1 s: stopped'
check "in time" [ "$SECONDS" -lt 10 ]
check "nothing was replaced" cmp -s "$FILE" "$T/run/file"
CHECK=(-c /usr/sbin/nsd-checkzone -c %zone -c %file)

## a reload that fails, and is made good
RIGHT=("${RELOAD[@]}")
RELOAD=(-r /usr/sbin/nsd-control -r -c -r "$T/run/none.conf" -r reload)
zonefile noreload change late._domainkey.a.test - "$RECORD"
says noreload "a reload that fails is told" '^temporary .*it is in the file, but the server was not told: /usr/sbin/nsd-control: exit status 1: .*none\.conf'
RELOAD=("${RIGHT[@]}")
zonefile reload change late._domainkey.a.test - "$RECORD"
says reload "the next call tells the server" '^done .*is so already'
check "NSD serves it then" wait_for 10 shows late._domainkey.a.test "\"$RECORD\""
# cut off after the records, before the serial
before=$(serial)
sed -i "s/^\\t\\t$before\\t/\\t\\t$((before - 1))\\t/" "$ZONEFILE"
zonefile cutoff change late._domainkey.a.test - "$RECORD"
says cutoff "a pass that was cut off between the files" '^done '
check "the serial is made good" grep -q "^		$before	; serial" "$ZONEFILE"
sed -i 's/^\t\t[0-9]*\t; serial/\t\t2020010107\t; serial/' "$ZONEFILE"
zonefile date change date._domainkey.a.test - "$SHORT"
check "a serial that is a date becomes today's" grep -q "^		$(date -u +%Y%m%d)01	; serial" "$ZONEFILE"

## what is not ours
cp "$FILE" "$T/run/file"
echo "www.a.test. 60 IN A 192.0.2.1" >>"$FILE"
cp "$FILE" "$T/run/foreign"
zonefile foreign change x._domainkey.a.test - "$RECORD"
says foreign "a line of another's: the file is left alone, and the line is told" '^foreign .*line [0-9]*: is no record that signpost writes'
check "to the octet" cmp -s "$FILE" "$T/run/foreign"
cp "$T/run/file" "$FILE"
sed -i '/INCLUDE/d' "$ZONEFILE"
zonefile noinclude change x._domainkey.a.test - "$RECORD"
says noinclude "a zone file that does not include it" "^refused .*does not read $FILE; add the line: .INCLUDE $FILE"
"${TOOL[@]}" -T zone-file -f "$FILE" -F "$ZONEFILE" "${RELOAD[@]}" rights _domainkey.a.test >"$T/out/rights" 2>&1
says rights "the rights are told" "^    .INCLUDE $FILE$"
lab_finish
