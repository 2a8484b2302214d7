#!/bin/bash
# SPDX-License-Identifier: ISC
# content.sh - what mail may hold: each shape through real Postfix, in relaxed and in simple canonicalization.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"

IDN=xn--bcher-kva.test
for domain in a.test s.test $IDN; do
	lab_key "$domain" sel1 rsa
	lab_key "$domain" sel2 ed25519
done
lab_named
lab_sink
lab_auth
table() { # SETTING...
	{
		[ $# -eq 0 ] || echo "set $*"
		echo "set log_unsigned all"
		echo "domain a.test c=relaxed/relaxed"
		lab_key_row a.test sel1 rsa-sha256
		lab_key_row a.test sel2 ed25519-sha256
		echo "domain s.test c=simple/simple"
		lab_key_row s.test sel1 rsa-sha256
		lab_key_row s.test sel2 ed25519-sha256
		echo "domain $IDN c=relaxed/simple x=864000"
		lab_key_row $IDN sel1 rsa-sha256
		lab_key_row $IDN sel2 ed25519-sha256
		echo "allow login shop a.test s.test $IDN"
	} | lab_table
}
table
lab_milter
lab_postfix "smtp_connection_cache_on_demand = no" "message_size_limit = 0" \
	"transport_maps = inline:{ { raw.test = rawsmtp:[127.0.0.1]:$SINK_PORT } }" \
	"relay_domains = sink.test raw.test" \
	"rawsmtp_destination_concurrency_limit = 5" >/dev/null

# session: lines "CASE PARAMETERS|- [DOMAIN]" become one session of an authenticated client from elsewhere
session() {
	local case parameters domain
	{
		printf '%s\n' "< 220" "> EHLO client.test" "< 250" "plain shop secret"
		while read -r case parameters domain; do
			echo "mail shop@a.test $case@${domain:-sink.test} $T/mail/$case ${parameters#-}"
		done
		printf '%s\n' "> QUIT" "< 221"
	} | smtp "$SUBMISSION_PORT" "$OUTSIDER" || not_ok "Postfix takes the messages of a session"
}

# plan DOMAIN SUFFIX CANON: every case of gen_content.py
plan() {
	local case parameters want remark both="d=$1 a=rsa-sha256 a=ed25519-sha256 c=$3"
	"$PYTHON" "$HERE/gen_content.py" "$T/mail" "$1" "$2" >"$T/plan"
	while IFS='	' read -r case parameters want remark; do
		case $want in
		unsigned) lab_expect "$case" unsigned "$remark" ;;
		signed+1) lab_expect "$case" "signed+1 $both" "$remark" ;;
		*) lab_expect "$case" "$want $both" "$remark" ;;
		esac
	done <"$T/plan"
	cut -f 1,2 "$T/plan" | session
}
plan a.test "" relaxed/relaxed
plan s.test -simple simple/simple

# A From with a U-label, and the same as A-label; x= by the domain's row.
lab_message "x@bücher.test" >"$T/mail/idn-u"
lab_message "x@$IDN" >"$T/mail/idn-a"
lab_message "X@XN--BCHER-KVA.TEST" >"$T/mail/idn-upper"
both="a=rsa-sha256 a=ed25519-sha256"
lab_expect idn-u "signed d=$IDN c=relaxed/simple $both"
lab_expect idn-a "signed d=$IDN $both"
lab_expect idn-upper "signed d=$IDN $both"
session <<-END
	idn-u SMTPUTF8
	idn-a -
	idn-upper -
END
check "the queue empties" lab_drain

# x= is t= plus the row's seconds
expires() {
	tr -d '\r\n\t ' <"$T/sink/idn-a.eml" | "$PYTHON" -c '
import re, sys
found = re.search(r";t=(\d+);.*?x=(\d+);|;x=(\d+);", sys.stdin.buffer.read().decode("latin-1"))
sys.exit(0 if found and found.group(1) and int(found.group(2)) - int(found.group(1)) == 864000 else 1)'
}
check "x= is t= plus the row's seconds" expires

# More fields, where the table allows it.
table header_count_max 3000
cp "$T/mail/too-many-fields" "$T/mail/2000-fields"
cp "$T/mail/empty-body" "$T/mail/first-after-change"
lab_expect first-after-change "signed d=a.test $both"
lab_expect 2000-fields "signed d=a.test $both" "the caps of the table that the message before it loaded"
printf '%s -\n' first-after-change 2000-fields | session
check "the queue empties" lab_drain

# A next hop that lacks extensions: what Postfix then changes after the milter.
echo "no-8bitmime no-smtputf8" >"$T/sink/.options"
for case in downgraded raw-kept; do
	cp "$T/mail/8bit-body" "$T/mail/$case"
done
cp "$T/mail/8bit-undeclared" "$T/mail/undeclared-kept"
cp "$T/mail/utf8-header" "$T/mail/utf8-kept"
cp "$T/mail/utf8-asked" "$T/mail/utf8-bounced"
lab_expect downgraded "broken d=a.test $both" "8-bit body made quoted-printable behind the milter"
lab_expect raw-kept "signed d=a.test $both" "disable_mime_output_conversion=yes keeps it"
lab_expect undeclared-kept "signed d=a.test $both" "8-bit body without MIME header stays"
lab_expect utf8-kept "signed d=a.test $both"
postconf -c "$T/postfix/etc" -M "rawsmtp/unix=rawsmtp unix - - n - - smtp -o disable_mime_output_conversion=yes"
postfix -c "$T/postfix/etc" reload >>"$T/log/postfix" 2>&1
session <<-END
	downgraded BODY=8BITMIME
	raw-kept BODY=8BITMIME raw.test
	undeclared-kept -
	utf8-kept -
END
{
	printf '%s\n' "< 220" "> EHLO client.test" "< 250" "plain shop secret" \
		"mail - utf8-bounced@sink.test $T/mail/utf8-bounced SMTPUTF8" "> QUIT" "< 221"
} | smtp "$SUBMISSION_PORT" "$OUTSIDER" || not_ok "Postfix takes utf8-bounced"
check "the queue empties" lab_drain
check "SMTPUTF8 mail does not pass a next hop without it" grep -q "to=<utf8-bounced@sink.test>.*dsn=5.6.7, status=bounced" "$MAILLOG"
lab_judge

# What Postfix will do to such mail is said, with the setting that helps, once.
warned() { [ "$(grep -c "$1" "$T/log/milter")" = 1 ]; }
check "long lines are warned about once" warned smtp_line_length_limit
check "8-bit bodies are warned about once" warned disable_mime_output_conversion
lab_finish
