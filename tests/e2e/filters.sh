#!/bin/bash
# SPDX-License-Identifier: ISC
# filters.sh - signpost sign and signpost verify: what sign makes is judged by three independent verifiers; verify
# asks a real name server, and says what was done to a message.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
CONF=$T/run/signpost.conf

lab_key a.test sel1 rsa
lab_key a.test ed1 ed25519
lab_key a.test other rsa
lab_key xn--bcher-kva.test sel1 rsa
lab_key gone.test sel1 rsa
lab_record a.test revoked "v=DKIM1; p="
lab_record a.test twice "v=DKIM1; p="
lab_record a.test twice "v=DKIM1; p=YQ=="
sed -i '/^sel1\._domainkey/d' "$T/zones/gone.test"
lab_named
{
	echo 'dns {'
	echo '    timeout = 1s'
	for zone in "$T/zones"/*; do
		printf '    zone "%s" {\n        servers = {"127.0.0.1:%s"}\n    }\n' "${zone##*/}" "$DNS_PORT"
	done
	printf '    zone "mute.test" {\n        servers = {"127.0.0.1:%s"}\n    }\n}\n' "$SPARE_PORT"
} >"$CONF"
chmod 644 "$CONF"

printf 'From: Alice <alice@a.test>\nTo: bob@b.test,carol@b.test\nSubject: one\n\ttwo\nDate: Mon, 2 Nov 2026 09:59:59 +0000\n\nHello  \n.dot\n\n\n' >"$T/lf"
sed 's/$/\r/' "$T/lf" >"$T/crlf"
printf 'From: \303\204nne <\303\244nne@b\303\274cher.test>\nSubject: \303\274\n\n\374 8-bit\n' >"$T/utf8"
printf 'From: a@a.test\n\n' >"$T/empty"
printf 'From: a@a.test\n\nno line end' >"$T/cut"

sign() { # DOMAIN SELECTOR OPTION...
	local domain=$1 selector=$2
	shift 2
	"$SIGNPOST" sign --domain "$domain" --selector "$selector" --key "$T/signing/keys/${ASCII:-$domain}/$selector.pem" "$@"
}

verify() { "$SIGNPOST" verify --config "$CONF" "$@"; }

# says NAME STATUS TEXT: verify's exit status and part of its words, for the message on stdin
says() {
	local name=$1 status=$2 text=$3 out rc
	shift 3
	out=$(verify "$@" 2>&1)
	rc=$?
	if [ "$rc" = "$status" ] && [[ $out == *"$text"* ]]; then ok "$name"; else not_ok "$name: $rc $out"; fi
}

# refuses NAME STATUS TEXT DOMAIN SELECTOR OPTION...: nothing on standard output
refuses() {
	local name=$1 status=$2 text=$3 rc
	shift 3
	sign "$@" >"$T/out" 2>"$T/err"
	rc=$?
	if [ "$rc" = "$status" ] && [ ! -s "$T/out" ] && grep -qF -- "$text" "$T/err"; then
		ok "$name"
	else
		not_ok "$name: $rc $(cat "$T/err")"
	fi
}

## what sign makes
for canon in relaxed/relaxed relaxed/simple simple/relaxed simple/simple; do
	for selector in sel1 ed1; do
		for input in lf crlf empty cut; do
			case=sign-$input-$selector-${canon/\//-}
			sign a.test $selector --canon $canon --expire-after 3600 <"$T/$input" >"$T/signed"
			tail -c "$(wc -c <"$T/$input")" "$T/signed" | cmp -s - "$T/$input" || not_ok "$case: the message was changed"
			# as SMTP carries it: every line ends in CRLF, the last one too
			[ $input != cut ] || echo >>"$T/signed"
			sed 's/\r$//; s/$/\r/' "$T/signed" >"$T/sink/$case.eml"
			alg=rsa-sha256
			[ $selector = sel1 ] || alg=ed25519-sha256
			lab_expect "$case" "signed d=a.test a=$alg c=$canon"
			says "$case verifies" 0 "1 pass reason=ok d=a.test s=$selector a=$alg" <"$T/signed"
		done
	done
done
ASCII=xn--bcher-kva.test sign "bücher.test" sel1 <"$T/utf8" | sed 's/$/\r/' >"$T/sink/sign-idn.eml"
lab_expect sign-idn "signed d=xn--bcher-kva.test"
lab_judge

## why a signature fails
sign a.test sel1 <"$T/lf" >"$T/rsa"
sign a.test ed1 <"$T/lf" >"$T/ed"
says "two signatures" 0 "2 pass reason=ok d=a.test s=ed1" < <(sign a.test sel1 <"$T/ed")
says "body" 2 "1 fail reason=body-changed" < <(sed 's/Hello/Hallo/' "$T/rsa")
says "footer" 2 "Lines were appended to the body: the last 1 of 3" < <(sed '/^\.dot/a list' "$T/rsa")
says "subject tag" 2 "Subject was tagged: \"[list]\" was put into it." < <(sed 's/^Subject: /&[list] /' "$T/rsa")
says "second from" 2 "A second field From was added above the signed one" < <(sed '1i From: m@b.test' "$T/ed")
says "comma" 2 "To: the blanks behind its commas" < <(sed 's/test,carol/test, carol/' "$T/ed")
says "another key" 2 "reason=key-differs" < <(sed 's/s=sel1;/s=other;/' "$T/rsa")
says "revoked" 2 "reason=key-revoked" < <(sed 's/s=sel1;/s=revoked;/' "$T/rsa")
says "twice" 2 "reason=key-multiple" < <(sed 's/s=sel1;/s=twice;/' "$T/rsa")
says "absent" 2 "reason=key-absent" < <(sign gone.test sel1 <"$T/lf")
says "no answer" 3 "temperror reason=key-unavailable" < <(sed 's/d=a.test/d=mute.test/' "$T/rsa")
says "expired" 2 "reason=expired" < <(sign a.test sel1 --time 1000 --expire-after 10 <"$T/lf")
says "expired, judged then" 0 "1 pass" --time 1005 < <(sign a.test sel1 --time 1000 --expire-after 10 <"$T/lf")
says "unsigned" 2 "There is no DKIM-Signature field" <"$T/lf"
says "json" 2 '"reason": "body-changed"' --json < <(sed 's/Hello/Hallo/' "$T/rsa")
says "nothing" 65 "there is no message" </dev/null
says "no header" 65 "is no header field" <<<"just text"
says "wrong time" 64 "--time x" --time x </dev/null
says "no record file" 74 "$T/none" --records "$T/none" <"$T/rsa"
says "wrong record file" 65 "$T/lf:1: want NAME, a tab" --records "$T/lf" <"$T/rsa"
dig +short -p "$DNS_PORT" @127.0.0.1 sel1._domainkey.a.test TXT >"$T/dig"
says "record as dig shows it" 0 "1 pass" --record "sel1._domainkey.a.test=$T/dig" <"$T/rsa"
printf '# keys\nsel1._domainkey.a.test.\t%s\n' "$(cat "$T/dig")" >"$T/records"
says "records" 0 "1 pass" --records "$T/records" <"$T/rsa"
says "records are all there is" 2 "reason=key-absent" --records "$T/records" <"$T/ed"

## what sign refuses
chmod 644 "$T/signing/keys/a.test/ed1.pem"
refuses "open key" 78 "ed1.pem is open to others (0644); chmod 0640" a.test ed1 <"$T/lf"
chmod 660 "$T/signing/keys/a.test/ed1.pem"
refuses "key that its group writes" 78 "(0660); chmod 0640" a.test ed1 <"$T/lf"
refuses "no key" 74 "none.pem: cannot open" a.test none <"$T/lf"
refuses "no domain" 64 "only one label" localhost sel1 <"$T/lf"
refuses "no selector" 64 "--selector a/b" a.test a/b <"$T/lf"
refuses "wrong canonicalization" 64 "--canon nowsp" a.test sel1 --canon nowsp <"$T/lf"
refuses "no From" 65 "no From field" a.test sel1 <<<"To: b@b.test"
refuses "too large" 65 "longer than 67108864 bytes" a.test sel1 < <(cat "$T/lf"; head -c 67108864 /dev/zero)
if [ "$(id -u)" = 0 ]; then
	# sign as root opens the key, then is nobody while it reads
	mkfifo "$T/fifo"
	"$SIGNPOST" sign --domain a.test --selector sel1 --key "$T/signing/keys/a.test/sel1.pem" <"$T/fifo" >"$T/out" &
	pid=$!
	exec 9>"$T/fifo"
	uid=$(id -u nobody)
	check "root signs as nobody" wait_for 10 grep -q "^Uid:.$uid.$uid.$uid.$uid" "/proc/$pid/status"
	cat "$T/lf" >&9
	exec 9>&-
	wait $pid
	says "what nobody signed" 0 "1 pass" <"$T/out"
fi
lab_finish
