#!/bin/bash
# SPDX-License-Identifier: ISC
# verify.sh - signpost verify on what lists, relays and mailboxes made of messages that three signers signed, with keys in
# a real name server; and on keys of our own that are revoked, removed, or gone without our doing.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/keeper-lib.sh"
lab_begin "$@"
keeper_needs

## what was done to the message
lab_key a.test sel1 rsa
printf 'txtless._domainkey\tIN\tHINFO\t"a" "b"\n' >>"$T/zones/a.test"
lab_named
{
	printf 'dns {\n    timeout = 1s\n    zone "a.test" {\n'
	printf '        servers = {"127.0.0.1:%s"}\n    }\n    zone "none.test" {\n' "$DNS_PORT"
	printf '        servers = {"127.0.0.1:%s"}\n    }\n}\n' "$DNS_PORT"
} >"$T/run/signpost.conf"
chmod 644 "$T/run/signpost.conf"
mkdir -m 755 "$T/cases"
# a Postfix that has to convert what it hands on
POSTFIX=()
if [ "$(id -u)" = 0 ]; then
	lab_sink
	lab_auth
	echo "no-8bitmime no-smtputf8" >"$T/sink/.options"
	lab_postfix "smtpd_milters =" "non_smtpd_milters ="
	POSTFIX=("$MX_PORT" "$T/sink")
fi
while IFS= read -r line; do
	case $line in
	"ok - "*) ok "${line#ok - }" ;;
	"not ok - "*) not_ok "${line#not ok - }" ;;
	*) echo "$line" ;;
	esac
done < <("$PYTHON" "$HERE/verify_cases.py" "$SIGNPOST" "$T/run/signpost.conf" 127.0.0.1 "$DNS_PORT" \
	"$T/signing/keys/a.test/sel1.pem" "$T/cases" "${POSTFIX[@]}" 2>&1 || echo "not ok - verify_cases.py runs to its end")

[ "$(id -u)" != 0 ] || lab_postfix_stop

## where the key was looked for
V="$SIGNPOST verify --config $T/run/signpost.conf"
plain_verify() { # NAME STATUS PATTERN...: for the message on stdin
	local name=$1 status=$2 got
	shift 2
	DIR=$T/run
	$V >"$DIR/said" 2>&1
	got=$?
	[ "$got" = "$status" ] || { not_ok "$name: exit $got"; cat "$DIR/said"; return; }
	said "$name" "$@"
}
printf 'From: a@a.test\nSubject: x\n\nHello\n' >"$T/plain"
"$SIGNPOST" sign --domain a.test --selector sel1 --key "$T/signing/keys/a.test/sel1.pem" <"$T/plain" >"$T/signed"
plain_verify "the server that has the key is named, and how to ask it" 0 \
	"key +found at sel1._domainkey.a.test, says the name server 127.0.0.1 \([0-9]+ ms\)" \
	"asked +dig \+norec @127.0.0.1 -p $DNS_PORT TXT sel1._domainkey.a.test.$" <"$T/signed"
plain_verify "a key that is not there" 2 "key +not found at gone._domainkey.a.test, says .*: there is no such name" \
	"DNS has no key record" < <(sed 's/s=sel1/s=gone/' "$T/signed")
plain_verify "a name without TXT" 2 "not found at .*: the name has no TXT" < <(sed 's/s=sel1/s=txtless/' "$T/signed")
plain_verify "no signature" 2 "There is no DKIM-Signature field" "mend +signpost decide" <"$T/plain"
quiet() { "$@" >/dev/null 2>&1; }
width() { awk '{ if (length($0) > max) max = length($0) } END { print max }' "$T/run/said"; }
COLUMNS=60 $V < <(echo x | cat "$T/signed" -) >"$T/run/said"
check "no line is longer than the terminal" test "$(sed 1d "$T/run/said" >"$T/run/s2"; mv "$T/run/s2" "$T/run/said"; width)" -le 60
check "no colour where there is no terminal" test "$(grep -c "$(printf '\033')" "$T/run/said")" = 0
cp "$T/signed" "$T/cases/file"
chmod 644 "$T/cases/file"
# shellcheck disable=SC2086 # words
check "a file by its name" quiet $V "$T/cases/file"
$V "$T/none" >"$T/run/said" 2>&1
check "a file that is not there: exit 74" test $? = 74
if [ "$(id -u)" = 0 ]; then
	chmod 600 "$T/cases/file"
	DIR=$T/run
	$V "$T/cases/file" >"$T/run/said" 2>&1
	said "root's own file is read by root's shell" "try: signpost verify < $T/cases/file"
fi

## keys of our own
own() { # NAME PATTERN...: verify of the message that key 1 signed, with the store where it may be read
	local name=$1
	shift
	rm -rf "$T/copy"
	cp -a "$STORE" "$T/copy"
	[ "$(id -u)" != 0 ] || chown -R nobody "$T/copy"
	"$SIGNPOST" verify --config "$CONF" --store "$T/copy" <"$DIR/old" >"$DIR/said" 2>&1
	said "$name" "$@"
}
lane_signs 1
check "the first key signs" verified
cp "$DIR/signed/message" "$DIR/old"
own "a good key" "^1 pass"
RECORD=$(dig +norec +short +tcp -p "$DNS_PORT" "@$SERVER" "$K1._domainkey.$D" TXT)
by_hand_put "$K1" "v=DKIM1; p="
own "revoked, and not by us" "The key was revoked" "It is a key of ours, and no revocation of it is recorded here \(it is active\)"
by_hand_removed "$K1"
own "removed, and not by us" "DNS has no key record" "It is a key of ours, and its record should be there \(it is active\)"
printf 'update add %s._domainkey.%s. 1 TXT %s\n' "$K1" $D "$RECORD" | by_hand
roll
reach 60 "the first key is removed" key_has 1 removed
own "removed by us" "DNS has no key record" "it signed until .* ago\), and its record was removed (now|[0-9])"
by_hand_put "$K1" "v=DKIM1; p="
own "revoked by us" "It is a key of ours: it signed until .* ago\) and was revoked (now|[0-9])"
"$SIGNPOST" verify --config "$CONF" --store "$T/none" <"$DIR/old" >"$DIR/said" 2>&1
said "no store" "Since when is not known here: there is no store here that may be read"
sed 's/s=[a-z0-9-]*;/s=foreign;/' "$DIR/old" >"$DIR/foreign"
by_hand_put foreign "v=DKIM1; p="
cp "$DIR/foreign" "$DIR/old"
own "a key of somebody else" "Since when is not known here: the key is not of this store"
lab_finish
