#!/bin/bash
# SPDX-License-Identifier: ISC
# publish-powerdns.sh - updates against a real PowerDNS with SQLite: a key for the whole zone, and a Lua policy that skips in
# silence what it forbids.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/publish-lib.sh"
command -v pdns_server >/dev/null || lab_skip "PowerDNS is not installed"
OPEN=127.0.0.2 POLICY=127.0.0.3
publish_key "$T/run/key" signpost
publish_key "$T/run/wrong" signpost
publish_key "$T/run/unknown" other

"${TOOL[@]}" -T rfc2136 -s "$OPEN#$DNS_PORT" -k "$T/run/key" -z a.test rights _domainkey.a.test >"$T/out/rights"
says rights "the rights tell the metadata, and that they are too many" '^# PowerDNS; .* A key may change every record' \
	'^pdnsutil set-meta [^ ]* TSIG-ALLOW-DNSUPDATE signpost$' '^function updatepolicy'
sed -n '/^function/,$p' "$T/out/rights" >"$T/run/policy.lua"

# powerdns NAME ADDRESS [SETTING...]
powerdns() {
	local dir="$T/$1" address=$2
	shift 2
	mkdir -p "$dir/socket"
	sqlite3 "$dir/db" </usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
	{
		printf 'launch=gsqlite3\ngsqlite3-database=%s/db\nlocal-address=%s\nlocal-port=%s\nsocket-dir=%s/socket\n' \
			"$dir" "$address" "$DNS_PORT" "$dir"
		printf 'daemon=no\nguardian=no\ndisable-syslog=yes\nwrite-pid=no\nsecurity-poll-suffix=\ndnsupdate=yes\nloglevel=4\n'
		printf 'consistent-backends=no\nzone-cache-refresh-interval=0\n'
		printf '%s\n' "$@"
	} >"$dir/pdns.conf"
	{
		pdnsutil --config-dir="$dir" create-zone a.test ns1.a.test
		pdnsutil --config-dir="$dir" add-record a.test ns1 A 127.0.0.1
		pdnsutil --config-dir="$dir" add-record a.test alias._domainkey CNAME somewhere.else.test
		pdnsutil --config-dir="$dir" add-record a.test other._domainkey TXT '"v=DKIM1; p=another"'
		pdnsutil --config-dir="$dir" import-tsig-key signpost hmac-sha256 "$(sed -n 's/.*secret "\(.*\)".*/\1/p' "$T/run/key")"
		pdnsutil --config-dir="$dir" set-meta a.test TSIG-ALLOW-DNSUPDATE signpost
		pdnsutil --config-dir="$dir" set-meta a.test ALLOW-DNSUPDATE-FROM 127.0.0.0/8
	} >>"$T/log/pdnsutil" 2>&1
	lab_background "powerdns-$address" pdns_server --config-dir="$dir"
}
powerdns open $OPEN
powerdns policy $POLICY "lua-dnsupdate-policy-script=$T/run/policy.lua"
serves() { dig +norec +time=1 +tries=1 -p "$DNS_PORT" "@$1" a.test SOA | grep -q 'status: NOERROR'; }
for address in $OPEN $POLICY; do
	wait_for 15 serves "$address" || { tail -n 20 "$T/log"/* >&2; exit 1; }
done

KEY=$T/run/key ZONE=a.test
for SERVER in "$OPEN#$DNS_PORT" "$POLICY#$DNS_PORT"; do
	echo "# ${SERVER%#*}"
	publish_usual
	publish alias change alias._domainkey.a.test - "$RECORD"
	says alias "beside a CNAME nothing is written, and it is named" '^foreign read_back=no .*holds a CNAME to somewhere.else.test'
	publish other change other._domainkey.a.test - "$RECORD"
	says other "another's record is not overwritten" '^foreign .*"v=DKIM1; p=another"'
done

SERVER=$OPEN#$DNS_PORT
KEY=$T/run/wrong publish badsig change e._domainkey.a.test - "$RECORD"
says badsig "another secret: unsigned, so not believed, and what it may mean" '^temporary .*REFUSED, unsigned: it does not know the key, or its clock'
KEY=$T/run/unknown publish badkey change e._domainkey.a.test - "$RECORD"
says badkey "an unknown key: the same" '^temporary .*REFUSED, unsigned: it does not know the key, or its clock'
publish late -d 600 change e._domainkey.a.test - "$RECORD"
says late "a clock that is 10 minutes ahead: the same" '^temporary .*REFUSED, unsigned: .* more than 300 s apart'
ZONE=none.test publish none change e.none.test - "$RECORD"
says none "a zone that is not there" '^(refused|temporary) .*(NOTAUTH|REFUSED)'
publish open try a.test a.test
check "a key for the whole zone is found out" [ "$STATUS" = 1 ]
says open "and what it may" '^wrong: signpost may change TXT records at other names$'

SERVER=$POLICY#$DNS_PORT
publish silent change www.a.test - "$RECORD"
says silent "NOERROR for what the policy skips is not taken for done" '^(pending|refused) .*'
sed 's/^/    /' "$T/out/silent"
publish least try a.test a.test
check "its policy is found to let the key do no more" [ "$STATUS" = 0 ]
says least "or it is told what cannot be told" '^right: signpost may change TXT records of keys$' '^right: signpost may not change TXT records at other names'
publish_secrets
lab_finish
