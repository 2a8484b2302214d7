#!/bin/bash
# SPDX-License-Identifier: ISC
# hook-acme.sh - contrib/hooks/acme-dnsapi with an acme.sh of our own, whose provider scripts do to their values what real ones
# do, against a real BIND.
# shellcheck disable=SC2016,SC2034,SC2317 # scripts of other shells; functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/publish-lib.sh"
HOOK=$REPO/contrib/hooks/acme-dnsapi
ZONE=a.test SERVER=127.0.0.1#$DNS_PORT KEY=$T/run/key
publish_key "$KEY" signpost
mkdir -p "$T/bind" "$T/acme/dnsapi"
printf '$TTL 60\n@ IN SOA ns1 hostmaster 7 60 60 86400 2\n@ NS ns1\nns1 A 127.0.0.1\n' >"$T/bind/a.test"
echo 'other._domainkey TXT "v=DKIM1; p=another"' >>"$T/bind/a.test"
echo 'sub NS ns.elsewhere.test.' >>"$T/bind/a.test"
echo 'alias._domainkey CNAME somewhere.else.test.' >>"$T/bind/a.test"
{
	echo "options { directory \"$T/bind\"; listen-on port $DNS_PORT { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none;"
	echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; };"
	echo "controls { };"
	cat "$KEY"
	echo 'zone "a.test" { type primary; file "a.test"; allow-update { key signpost; }; };'
} >"$T/run/named.conf"
lab_background named named -g -n 1 -c "$T/run/named.conf"
wait_for 15 listens "$DNS_PORT" || { cat "$T/log/named" >&2; exit 1; }

## an acme.sh: it runs its words when it is read, and has the helpers that scripts call
cat >"$T/acme/acme.sh" <<'END'
#!/usr/bin/env sh
_err() { echo "$@" >&2; }
_contains() { echo "$1" | grep -- "$2" >/dev/null 2>&1; }
_saveaccountconf_mutable() { echo "SAVED_$1='$2'" >>"$ACCOUNT_CONF_PATH"; }
_readaccountconf_mutable() { sed -n "s/^SAVED_$1='\(.*\)'$/\1/p" "$ACCOUNT_CONF_PATH"; }
main() {
	[ -z "$1" ] && echo "usage" && exit 3
	"$@"
}
main "$@"
END
# as dns_nsupdate: quotes around the value; dns_fakejson: within JSON; dns_fakearray: a list; dns_fakeplain: the API cuts it
cat >"$T/acme/dnsapi/dns_nsupdate.sh" <<'END'
_update() { # OWNER ACTION...
	[ -z "$FAKE_LOG" ] || echo "$@" >>"$FAKE_LOG"
	[ ! -e "$FAKE_LOG.fail" ] || { _err "the provider is away, token is $FAKE_TOKEN_HINT"; return 1; }
	printf 'server 127.0.0.1 %s\nupdate %s\nsend\n' "$NSUPDATE_PORT" "$*" | nsupdate -k "$NSUPDATE_KEY" || return 1
	[ ! -e "$FAKE_LOG.lie" ] || { _err "Add txt record error."; return 1; }
}
dns_nsupdate_add() {
	NSUPDATE_KEY="${NSUPDATE_KEY:-$(_readaccountconf_mutable NSUPDATE_KEY)}"
	[ "$NSUPDATE_KEY" ] || { _err "You didn't specify a key."; return 1; }
	_saveaccountconf_mutable NSUPDATE_KEY "$NSUPDATE_KEY"
	_update "add $1. 60 in txt \"$2\""
}
dns_nsupdate_rm() { _update "delete $1. txt"; }
END
for name in fakejson fakearray fakeplain; do
	sed "s/dns_nsupdate/dns_$name/" "$T/acme/dnsapi/dns_nsupdate.sh" >"$T/acme/dnsapi/dns_$name.sh"
done
sed -i 's|_update "add.*|v=$(printf "%s" "{\\"content\\": \\"\\\\\\"$2\\\\\\"\\"}" \| jq -r .content) \&\& _update "add $1. 60 in txt $v"|' "$T/acme/dnsapi/dns_fakejson.sh"
sed -i 's|_update "add.*|v=$(printf "%s" "{\\"value\\": [\\"$2\\"]}" \| jq -r ".value \| map(tojson) \| join(\\" \\")") \&\& _update "add $1. 60 in txt $v"|' "$T/acme/dnsapi/dns_fakearray.sh"
sed -i 's|_update "add.*|v=$(printf "%s" "$2" \| fold -w 255 \| sed "s/.*/\\"\&\\"/" \| tr "\\n" " ") \&\& _update "add $1. 60 in txt $v"|' "$T/acme/dnsapi/dns_fakeplain.sh"
printf "NSUPDATE_KEY='%s'\nNSUPDATE_PORT=%s\nFAKE_LOG='%s'\n" "$KEY" "$DNS_PORT" "$T/run/calls" >"$T/run/settings"
chmod 640 "$T/run/settings"

# hook CASE SCRIPT [OPTION...] -- OWNER OLD NEW
hook() {
	local name=$1 script=$2 options=() word
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	local words=("$HOOK" -a "$T/acme" -e "$T/run/settings" -s "$SERVER" "${options[@]}" "$script") argv=()
	for word in "${words[@]}"; do
		argv+=(-p "$word")
	done
	: >"$T/run/calls"
	"${TOOL[@]}" -T hook "${argv[@]}" -z a.test -t 20000 change "$@" >"$T/out/$name" 2>&1
	STATUS=$?
}

hook first dns_nsupdate -- s1._domainkey.a.test - "$RECORD"
says first "a record of more than 255 octets is published through a script that puts quotes around it" '^done .*changed by dns_nsupdate'
check "and stands there whole" shows s1._domainkey.a.test "\"$RECORD\""
hook again dns_nsupdate -- s1._domainkey.a.test - "$RECORD"
says again "again: it stands so already" '^done .*stands so already'
check "and the script is not run" [ ! -s "$T/run/calls" ]
hook revoke dns_nsupdate -- s1._domainkey.a.test "$RECORD" "$REVOKED"
says revoke "it is revoked" '^done'
check "and has the empty key" shows s1._domainkey.a.test "\"$REVOKED\""
hook remove dns_nsupdate -- s1._domainkey.a.test "$REVOKED" -
says remove "and removed" '^done'
check "and is gone" shows s1._domainkey.a.test ""
hook remove2 dns_nsupdate -- s1._domainkey.a.test "$REVOKED" -
says remove2 "again: it is gone" '^done .*stands so already'
for form in json array plain; do
	hook "$form" "dns_fake$form" -f "$form" -- "$form._domainkey.a.test" - "$RECORD"
	says "$form" "in the form $form" '^done .*changed by'
	check "it stands there whole ($form)" shows "$form._domainkey.a.test" "\"$RECORD\""
done
hook unread dns_fakejson -- u._domainkey.a.test - "$RECORD"
says unread "a script that nobody read gets no long value" '^refused .*was not read for values of more than 255 octets'
hook unread2 dns_fakejson -- u._domainkey.a.test - "$SHORT"
says unread2 "but a short one" '^done'
check "which stands there" shows u._domainkey.a.test "\"$SHORT\""

hook other dns_nsupdate -- other._domainkey.a.test - "$RECORD"
says other "another's record is not overwritten" '^foreign .*v=DKIM1; p=another'
hook other2 dns_nsupdate -- other._domainkey.a.test "$RECORD" -
says other2 "nor removed" '^foreign .*v=DKIM1; p=another'
hook alias dns_nsupdate -- alias._domainkey.a.test - "$RECORD"
says alias "beside a CNAME nothing is written" '^foreign .*CNAME somewhere.else.test'
check "and no script was run" [ ! -s "$T/run/calls" ]

# an API that keeps what it is given, as often as it is given it; the name server lags behind it
cat >"$T/acme/dnsapi/dns_ovh.sh" <<'END'
dns_ovh_add() { echo "$1 $2" >>"$FAKE_LOG.api"; [ ! -e "$FAKE_LOG.lie" ]; }
dns_ovh_rm() {
	grep -qxF "$1 $2" "$FAKE_LOG.api" || return 1
	grep -vxF "$1 $2" "$FAKE_LOG.api" >"$FAKE_LOG.left"
	mv "$FAKE_LOG.left" "$FAKE_LOG.api"
}
END
echo "lag._domainkey.a.test of another" >"$T/run/calls.api"
: >"$T/run/calls.lie"
hook lag dns_ovh -- lag._domainkey.a.test - "$RECORD"
says lag "an answer that was lost" '^temporary .*did not succeed'
rm "$T/run/calls.lie"
hook lag2 dns_ovh -- lag._domainkey.a.test - "$RECORD"
says lag2 "is asked for again, before the name server shows it" '^done .*changed by dns_ovh'
check "and the record is there once" test "$(grep -cxF "lag._domainkey.a.test $RECORD" "$T/run/calls.api")" = 1
check "beside what was there" grep -qx "lag._domainkey.a.test of another" "$T/run/calls.api"

# a name server that has not got the zone: it answers without an error, and leads elsewhere
hook lame dns_nsupdate -- s1._domainkey.sub.a.test - "$SHORT"
says lame "a referral is not taken for an empty name" '^temporary .*has no authority over s1._domainkey.sub.a.test'
check "and no script was run" [ ! -s "$T/run/calls" ]

# what curl is given: a program before it notes its arguments, and the real one asks a server that notes what it gets
mkdir "$T/notes"
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>"%s/run/curl.args"\nexec /usr/bin/curl "$@"\n' "$T" >"$T/notes/curl"
chmod 755 "$T/notes/curl"
cat >"$T/notes/server.py" <<'END'
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        open(sys.argv[2], "wb").write(self.headers["Authorization"].encode() + b"|" + body)
        self.send_response(204)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
END
lab_background api "$PYTHON" "$T/notes/server.py" "$SPARE_PORT" "$T/run/curl.got"
wait_for 15 listens "$SPARE_PORT"
cat >"$T/acme/dnsapi/dns_fakecurl.sh" <<'END'
dns_fakecurl_add() {
	_ACME_CURL="curl --silent --fail"
	$_ACME_CURL -X POST -H "$FAKE_AUTH" -H "" --data '{"a": "b\"c",
 "t": "	\\"}' "http://127.0.0.1:$FAKE_PORT/"
}
END
cp "$T/run/settings" "$T/run/settings.plain"
printf "PATH='%s:/usr/sbin:/usr/bin:/sbin:/bin'\nFAKE_AUTH='Authorization: Bearer \"hunter7\\\\'\nFAKE_PORT=%s\n" "$T/notes" "$SPARE_PORT" >>"$T/run/settings"
hook curl dns_fakecurl -- c._domainkey.a.test - "$SHORT"
says curl "a script that calls curl" '^done .*changed by dns_fakecurl'
check "its token and body come whole" test "$(cat "$T/run/curl.got")" = "$(printf 'Bearer "hunter7\\|{"a": "b\\"c",\n "t": "\t\\\\"}')"
check "and are not in curl's arguments" test "$(grep -c -e hunter7 -e '"b' "$T/run/curl.args")" = 0
check "where the address is" grep -q "^http://127.0.0.1:$SPARE_PORT/" "$T/run/curl.args"
cat "$T/run/settings.plain" >"$T/run/settings"

: >"$T/run/calls.fail"
hook fail dns_nsupdate -- f._domainkey.a.test - "$SHORT"
says fail "a script that fails is tried again" '^temporary .*the provider is away'
rm "$T/run/calls.fail"
: >"$T/run/calls.lie"
hook lie dns_nsupdate -- f._domainkey.a.test - "$SHORT"
says lie "one that says error and did it" '^temporary .*Add txt record error'
rm "$T/run/calls.lie"
hook lie2 dns_nsupdate -- f._domainkey.a.test - "$SHORT"
says lie2 "is believed what the name server has" '^done .*stands so already'
SERVER=127.0.0.1#1 hook mute dns_nsupdate -- f._domainkey.a.test "$SHORT" -
says mute "without a look nothing is done" '^temporary .*cannot be asked'
check "and no script was run" [ ! -s "$T/run/calls" ]
hook none dns_nothing -- f._domainkey.a.test - "$SHORT"
says none "a script that is not there" '^refused .*dns_nothing.sh: cannot be read'
hook evil '../x' -- f._domainkey.a.test - "$SHORT"
says evil "a name that is none of a script" '^refused .*usage:'
cp "$T/acme/dnsapi/dns_nsupdate.sh" "$T/acme/dnsapi/dns_gcloud.sh"
hook gcloud dns_gcloud -- f._domainkey.a.test - "$SHORT"
says gcloud "one that is known to spoil it" '^refused .*loses the blanks'
if [ "$(id -u)" = 0 ]; then
	chown nobody "$T/run/settings"
	hook owner dns_nsupdate -- f._domainkey.a.test - "$SHORT"
	says owner "settings of somebody else are refused" '^refused .*belongs to somebody else'
	chown 0 "$T/run/settings"
fi
chmod 644 "$T/run/settings"
hook open dns_nsupdate -- f._domainkey.a.test - "$SHORT"
says open "settings that others can read are refused" '^refused .*chmod 0640'
check "nothing was kept of the settings" [ -z "$(find "$T/acme" -newer "$T/run/settings" -name '*.conf')" ]
check "no directory is left" [ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'tmp.*' -newer "$T/run/settings" -user "$(id -u)" -type d -exec sh -c 'ls "$1" | grep -q account.conf' _ {} \; -print)" ]
lab_finish
