#!/bin/bash
# SPDX-License-Identifier: ISC
# probe.sh - the acknowledgement: real milters say what they sign with, each that lags is named; and nobody who sends mail
# through Postfix can pass for the keeper.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
SIGNERSTOOL=${SIGNERSTOOL:-$(lab_program signerstool tests/tool)}
[ -x "$SIGNERSTOOL" ] || lab_skip "no signerstool in $BUILD_DIR"
[ -x "$MTACLIENT" ] || lab_skip "no mtaclient in $BUILD_DIR"

TIMEOUT_MS=1500
lab_key a.test old rsa
lab_key a.test new rsa
lab_key a.test newed ed25519
lab_key b.test b1 rsa
lab_key silent.test x1 rsa
mkdir -m 755 "$T/late"
cp -a "$T/signing/keys" "$T/late/keys"
OLD="domain a.test
$(lab_key_row a.test old rsa-sha256)"
NEW="domain a.test
$(lab_key_row a.test new rsa-sha256)
$(lab_key_row a.test newed ed25519-sha256)"
GONE="domain a.test"
OTHERS="domain b.test
$(lab_key_row b.test b1 rsa-sha256)
domain silent.test
$(lab_key_row silent.test x1 rsa-sha256)
allow login signpost-probe@silent.test
allow login signpost-probe@signpost-probe.silent.test"

# A table for the milter, or for the one whose host gets tables late.
table() { # signing|late ROWS [SETTING...]
	local dir=$1 rows=$2
	shift 2
	{
		[ $# -eq 0 ] || printf '%s\n' "$@"
		printf '%s\n%s\n' "$rows" "$OTHERS"
	} | lab_table
	[ "$dir" = signing ] || cp "$T/signing/table" "$T/$dir/table"
}

ask() { # MILTERS DOMAIN...: what is said, in $T/said
	"$SIGNERSTOOL" "$T/signing/table" "$TIMEOUT_MS" "$@" >"$T/said" 2>&1
}

# says NAME STATUS TEXT MILTERS DOMAIN...
says() {
	local name=$1 status=$2 text=$3 got
	shift 3
	ask "$@"
	got=$?
	if [ "$got" = "$status" ] && grep -qxF -e "$text" "$T/said"; then
		ok "$name"
	else
		not_ok "$name: exit $got: $(cat "$T/said")"
	fi
}

counter() { # LOG NAME: after SIGUSR1
	sed -n "s/.* counters .* *$2=\([0-9]*\).*/\1/p" "$T/log/$1" | tail -1
}

count_now() { # LOG PID
	local before
	before=$(grep -c " counters " "$T/log/$1")
	kill -USR1 "$2"
	wait_for 5 counted_more "$1" "$before"
}
counted_more() { [ "$(grep -c " counters " "$T/log/$1")" -gt "$2" ]; }

table late "$OLD"
lab_milter
UNIX=unix:$MILTER_SOCKET
INET=inet:$SPARE_PORT@127.0.0.1
lab_background late "$SIGNPOST_MILTER" -s "$INET" -t "$T/late/table" --log stderr
LATE_PID=$BACKGROUND
wait_for 10 listens "$SPARE_PORT" || not_ok "the second milter starts"

## who signs with what the table says, and who does not
says "a UNIX socket agrees" 0 "a.test agree" "$UNIX" a.test
says "an inet socket agrees" 0 "a.test agree" "$INET" a.test
says "both agree" 0 "b.test agree" "$UNIX,$INET" a.test b.test
says "a domain that no rule grants needs none" 0 "silent.test not-needed" "$UNIX,$INET" silent.test
table signing "$NEW"
says "two keys, seen at once" 0 "a.test agree" "$UNIX" a.test
says "a milter with an old table is named, with what it signs" 1 \
	"a.test laggards=1 $INET still signs a.test with old, the table says new, newed: has it an older table?" \
	"$UNIX,$INET" a.test b.test
check "its other domains agree" grep -qx "b.test agree" "$T/said"
cp "$T/signing/table" "$T/late/table"
says "it has the table now" 0 "a.test agree" "$UNIX,$INET" a.test b.test
table signing "$GONE"
says "a removed domain: who signs it still is named" 1 \
	"a.test laggards=1 $INET still signs a.test with newed, new, which is to be signed no more" "$UNIX,$INET" a.test
cp "$T/signing/table" "$T/late/table"
says "a removed domain that none signs" 0 "a.test agree" "$UNIX,$INET" a.test
table signing ""
ask "$INET" a.test
check "a milter that does not sign, but for another reason" grep -q "does not sign a.test, but not because of this table: 451" "$T/said"
cp "$T/signing/table" "$T/late/table"
says "and one that has left the table" 0 "a.test agree" "$UNIX,$INET" a.test b.test
table late "$NEW"

## keys that cannot be used
chmod 644 "$T/signing/keys/a.test/newed.pem"
table signing "$NEW"
says "one of two keys is unusable" 1 \
	"a.test laggards=1 $UNIX signs a.test with new only, the table says new, newed; its log says what is wrong with the rest" \
	"$UNIX" a.test
chmod 644 "$T/signing/keys/a.test/new.pem"
table signing "$NEW"
ask "$UNIX" a.test
check "no key is usable" grep -q "^a.test laggards=1 $UNIX signs nothing of a.test: 451 4.7.1 " "$T/said"
check "its log says why" grep -q "probe result=tempfail reason=key-unusable from=a.test d=a.test origin=auth" "$T/log/milter"
chmod 640 "$T/signing/keys/a.test"/*.pem
table late "$NEW"
table signing "$NEW"

## who does not answer
for name in "stops answering" "does so for every domain in one timeout"; do
	kill -STOP "$LATE_PID"
	began=$("$PYTHON" -c 'import time; print(time.monotonic())')
	says "one that $name is named" 1 "a.test laggards=1 $INET does not answer: no answer within $TIMEOUT_MS ms" \
		"$INET,$UNIX" a.test b.test b.test b.test b.test b.test
	check "within the time" "$PYTHON" -c 'import sys, time; sys.exit(time.monotonic() - float(sys.argv[1]) > 4)' "$began"
	kill -CONT "$LATE_PID"
	says "it goes on, and agrees" 0 "a.test agree" "$INET,$UNIX" a.test
done
says "no socket" 1 "a.test laggards=1 unix:$T/run/none does not answer: cannot connect: No such file or directory; is the \
milter running, and is this its socket?" "unix:$T/run/none" a.test
says "nobody listens" 1 "a.test laggards=1 inet:$FILTER_PORT@127.0.0.1 does not answer: cannot connect: Connection refused; \
nobody listens there: is the milter running?" "inet:$FILTER_PORT@127.0.0.1" a.test
chmod 600 "$MILTER_SOCKET"
if [ "$(id -u)" = 0 ] && setpriv --reuid=nobody --regid=nogroup --clear-groups test -x "$SIGNERSTOOL"; then
	chmod 644 "$T/signing/table"
	said=$(setpriv --reuid=nobody --regid=nogroup --clear-groups "$SIGNERSTOOL" "$T/signing/table" 1000 "$UNIX" a.test)
	check "a socket that the user may not open" grep -qF "$UNIX does not answer: cannot connect: Permission denied; this user may \
not open the socket" <<<"$said"
fi
chmod 660 "$MILTER_SOCKET"
chown root:postfix "$MILTER_SOCKET" 2>/dev/null

## a probe is not mail
count_now milter "$MILTER_PID"
check "nothing was counted as a message" test "$(counter milter messages)" = 0
check "probes were" test "$(counter milter probes)" -gt 10
check "nothing else is in its log" test "$(grep -cE " (signed|would-sign|unsigned|tempfail) " "$T/log/milter")" = 0
connections=$(counter milter connections)
# shellcheck disable=SC2046 # words
says "500 domains, and" 0 "b.test agree" "$UNIX" $(yes b.test | head -500)
count_now milter "$MILTER_PID"
check "one connection for them" test "$(counter milter connections)" = $((connections + 1))

## under dry_run
probe() { # CASE FILE OPTION...: as a keeper's question
	local case=$1 file=$2
	shift 2
	mkdir -p "$T/out"
	cp "$file" "$T/mail/$case.eml"
	"$MTACLIENT" --socket "$UNIX" --out "$T/out" "$@" "$T/mail/$case.eml" >>"$T/log/mtaclient"
}
PROBE_BODY=$(sed -n 's/^#define SESSION_PROBE_BODY "\(.*\)\\r\\n"$/\1/p' "$REPO/milter/session.h")
printf 'From: probe@b.test\r\n\r\n%s\r\n' "$PROBE_BODY" >"$T/question"
printf 'From: probe@b.test\r\nSubject: pay at once\r\n\r\nTo this account.\r\n' >"$T/letter"
printf 'From: probe@b.test\r\nSubject: pay at once\r\n\r\n%s\r\n' "$PROBE_BODY" >"$T/letter2"
printf 'From: probe@b.test\r\n\r\nTo this account.\r\n' >"$T/letter3"
table signing "$NEW" "set dry_run yes"
says "dry_run: a probe is answered" 0 "a.test agree" "$UNIX" a.test b.test
AS_KEEPER=(--from-auth x@b.test --mail-macro "{signpost_probe}=1")
probe dry-question "$T/question" "${AS_KEEPER[@]}"
lab_expect dry-question "signed d=b.test s=b1" "its signature is a real one"
for n in "" 2 3; do
	probe "dry-letter$n" "$T/letter$n" "${AS_KEEPER[@]}"
	lab_expect "dry-letter$n" "broken d=b.test" "but of no use on mail"
done
probe dry-mail "$T/letter" --from-auth x@b.test
lab_expect dry-mail unsigned "mail is not signed"
probe dry-empty "$T/letter" --from-auth x@b.test --mail-macro "{signpost_probe}="
lab_expect dry-empty unsigned "an empty mark marks nothing"
probe dry-outsider "$T/letter" --mail-macro "{signpost_probe}=1"
lab_expect dry-outsider unsigned "who may not sign may not by a probe"
probe dry-tenant "$T/letter" --from-auth x@a.test --mail-macro "{signpost_probe}=1"
lab_expect dry-tenant unsigned
probe dry-eom "$T/letter" --from-auth x@b.test --eom-macro "{signpost_probe}=1"
lab_expect dry-eom unsigned "the mark counts with MAIL alone"
cp "$T/mail/dry-question.eml" "$T/mail/pair-1.eml"
cp "$T/letter" "$T/mail/pair-2.eml"
"$MTACLIENT" --socket "$UNIX" --out "$T/out" --messages-per-connection 0 "${AS_KEEPER[@]}" "$T/mail/pair-1.eml" \
	>>"$T/log/mtaclient"
lab_expect pair-1 "signed d=b.test s=b1"
lab_named
lab_judge "$T/out" "$T/expected"
check "the log says would-sign of mail" grep -q " would-sign from=b.test" "$T/log/milter"

## through Postfix
: >"$T/expected"
lab_sink
lab_auth
LAB_MASTER_CF="127.0.0.1:$REINJECT_PORT inet n - n - - smtpd
  -o milter_macro_defaults={signpost_probe}=1
  -o smtpd_sasl_auth_enable=yes"
sed_master() { sed -i "/^127.0.0.1:$REINJECT_PORT inet n - n - - smtpd\$/{N;/content_filter/d}" "$T/postfix/etc/master.cf"; }
lab_postfix "smtpd_authorized_xforward_hosts = 127.0.0.1"
sed_master
postfix -c "$T/postfix/etc" reload >>"$T/log/postfix" 2>&1
wait_for 10 listens "$REINJECT_PORT"
before=$(grep -c " probe result=" "$T/log/milter")
forged=(
	"signpost_probe: 1" "{signpost_probe}: 1" "X-Signpost-Probe: 1" "X-Milter-Macro: {signpost_probe}=1"
)
for case in header auth-header params xclient xforward helo sendmail; do
	lab_message alice@a.test "${forged[@]}" >"$T/mail/$case"
	lab_expect "$case" unsigned "it tries to pass for the keeper"
done
smtp "$MX_PORT" "$OUTSIDER" <<-END || not_ok "an outsider's header"
	< 220
	> EHLO client.test
	< 250
	mail alice@a.test header@sink.test $T/mail/header
END
smtp "$SUBMISSION_PORT" "$OUTSIDER" <<-END || not_ok "a user's header"
	< 220
	> EHLO client.test
	< 250
	plain alice@a.test secret
	mail alice@a.test auth-header@sink.test $T/mail/auth-header
END
smtp "$SUBMISSION_PORT" "$OUTSIDER" <<-END || not_ok "a user's MAIL parameters"
	< 220
	> EHLO client.test
	< 250
	plain alice@a.test secret
	> MAIL FROM:<alice@a.test> {signpost_probe}=1
	< 555
	> MAIL FROM:<alice@a.test> SIGNPOST_PROBE=1
	< 555
	> MAIL FROM:<alice@a.test> AUTH={signpost_probe}=1
	< 250
	> RSET
	< 250
	> MAIL FROM:<alice@a.test> ENVID={signpost_probe}+3D1 AUTH={signpost_probe}+3D1
	< 250
	> RSET
	< 250
	mail alice@a.test params@sink.test $T/mail/params AUTH={signpost_probe}+3D1 ENVID={signpost_probe}+3D1
END
smtp "$SUBMISSION_PORT" <<-END || not_ok "XCLIENT, from a host that may"
	< 220
	> EHLO client.test
	< 250
	> XCLIENT {signpost_probe}=1
	< 501
	> XCLIENT SIGNPOST_PROBE=1
	< 501
	> XCLIENT LOGIN=alice@a.test NAME={signpost_probe}+3D1
	< 501
	> XCLIENT LOGIN=alice@a.test
	< 220
	> EHLO {signpost_probe}
	< 250
	mail alice@a.test xclient@sink.test $T/mail/xclient
END
smtp "$MX_PORT" <<-END || not_ok "XFORWARD, from a host that may"
	< 220
	> EHLO client.test
	< 250
	> XFORWARD {signpost_probe}=1
	< 501
	> XFORWARD IDENT={signpost_probe}+3D1 SOURCE=LOCAL
	< 250
	mail alice@a.test xforward@sink.test $T/mail/xforward
END
smtp "$MX_PORT" "$OUTSIDER" <<-END || not_ok "HELO"
	< 220
	> HELO {signpost_probe}=1
	< 250
	mail alice@a.test helo@sink.test $T/mail/helo
END
lab_sendmail -V "{signpost_probe}=1" -f alice@a.test sendmail@sink.test <"$T/mail/sendmail"
check "the queue empties" lab_drain
lab_judge
check "none of them was a probe" test "$(grep -c " probe result=" "$T/log/milter")" = "$before"
check "they were seen as mail" grep -q " would-sign from=a.test.*login=alice@a.test" "$T/log/milter"

# The same would show it: only the MTA's own configuration can say so.
lab_message alice@a.test >"$T/mail/by-config"
smtp "$REINJECT_PORT" "$OUTSIDER" <<-END || not_ok "a listener that is made to say it"
	< 220
	> EHLO client.test
	< 250
	plain alice@a.test secret
	mail alice@a.test by-config@sink.test $T/mail/by-config
END
lab_drain
check "Postfix's own configuration makes it a probe" grep -q " probe result=signed from=a.test.*login=alice@a.test" \
	<(tail -n 3 "$T/log/milter")
lab_finish
