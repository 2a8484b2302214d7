#!/bin/bash
# SPDX-License-Identifier: ISC
# publish-bind.sh - updates against a real BIND: published, revoked, removed, again; what is foreign stays; each error told
# apart; the least rights, and more than those found out.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/publish-lib.sh"
BIND=127.0.0.1
mkdir -p "$T/bind"
publish_key "$T/run/key" signpost
publish_key "$T/run/wrong" signpost
publish_key "$T/run/unknown" other
publish_key "$T/run/strong" strong

## the rights as signpost tells them, for the key in question
"${TOOL[@]}" -T rfc2136 -s "$BIND#$DNS_PORT" -k "$T/run/key" rights _domainkey.a.test >"$T/out/rights"
says rights "the rights name key, wildcard and type" '^	grant signpost wildcard \*\._domainkey\.a\.test\. TXT;$'
policy=$(sed -n '/^update-policy/,/^};/p' "$T/out/rights")

zone() { # NAME
	printf "\$TTL 60\n@ IN SOA ns1 hostmaster 7 60 60 86400 2\n@ NS ns1\n@ TXT \"v=spf1 -all\"\n@ MX 10 ns1\nns1 A %s\n" $BIND >"$T/bind/$1"
}
zone a.test
zone strong.test
zone closed.test
zone hidden.test
{
	echo "alias._domainkey CNAME somewhere.else.test."
	echo 'other._domainkey TXT "v=DKIM1; p=another"'
	echo 'pieces._domainkey TXT "v=DKIM1; " "p=pieces"'
	echo 'two._domainkey TXT "one"'
	echo 'two._domainkey TXT "another"'
	echo "below NS ns.else.test."
	echo '*.wild._domainkey TXT "anything"'
} >>"$T/bind/a.test"
{
	echo "options { directory \"$T/bind\"; listen-on port $DNS_PORT { $BIND; }; listen-on-v6 { none; }; pid-file none;"
	echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; };"
	echo "controls { };"
	cat "$T/run/key" "$T/run/strong"
	echo "zone \"a.test\" { type primary; file \"a.test\"; $policy };"
	echo "zone \"strong.test\" { type primary; file \"strong.test\"; allow-update { key strong; }; };"
	echo "zone \"closed.test\" { type primary; file \"closed.test\"; };"
	echo "zone \"hidden.test\" { type primary; file \"hidden.test\"; allow-update { key signpost; }; allow-query { key signpost; }; };"
} >"$T/run/named.conf"
lab_background named named -g -n 1 -c "$T/run/named.conf"
wait_for 15 listens "$DNS_PORT" || { cat "$T/log/named" >&2; exit 1; }

SERVER=$BIND#$DNS_PORT KEY=$T/run/key ZONE=a.test
publish_usual

## the CNAME trap and other foreign things
publish alias change alias._domainkey.a.test - "$RECORD"
says alias "beside a CNAME nothing is written, and it is named" '^foreign read_back=no .*holds a CNAME to somewhere.else.test'
publish other change other._domainkey.a.test - "$RECORD"
says other "another's record is not overwritten" '^foreign .*"v=DKIM1; p=another"'
publish other2 change other._domainkey.a.test "$RECORD" "$REVOKED"
says other2 "another's record is not revoked" '^foreign .*"v=DKIM1; p=another"'
publish other3 change other._domainkey.a.test "$RECORD" -
says other3 "another's record is not removed" '^foreign .*"v=DKIM1; p=another"'
check "which still stands" shows other._domainkey.a.test '"v=DKIM1; p=another"'
publish two change two._domainkey.a.test one "$RECORD"
says two "two records at a name are named" '^foreign .*2 TXT records'
publish gone change none._domainkey.a.test "$RECORD" "$REVOKED"
says gone "a record that someone removed is told" '^foreign .*holds no TXT record any more'
publish pieces change pieces._domainkey.a.test "v=DKIM1; p=pieces" "$REVOKED"
says pieces "our text, cut otherwise, is ours" '^done read_back=yes'
publish wild change x.wild._domainkey.a.test - "$RECORD"
says wild "a wildcard does not hinder" '^done read_back=yes'
publish wildoff change x.wild._domainkey.a.test "$RECORD" -
says wildoff "nor is it taken for what was removed" '^done read_back=yes clock=near .*removed at'

## one of many in the way
publish batch change b1._domainkey.a.test - "$RECORD" other._domainkey.a.test - "$RECORD" b2._domainkey.a.test - "$RECORD" \
	www.a.test - "$RECORD"
says batch "of a batch all are done but those that cannot be" '^done .*b1\._domainkey' '^foreign .*other\._domainkey' \
	'^done .*b2\._domainkey' '^refused .*REFUSED: key signpost may not change TXT records at www\.a\.test'
many=()
for ((i = 0; i < 200; i++)); do many+=("m$i._domainkey.a.test" - "$RECORD"); done
publish many -t 30000 change "${many[@]}"
check "200 records in one call, more than one message holds" [ "$(grep -c '^done read_back=yes' "$T/out/many")" = 200 ]

## errors told apart
KEY=$T/run/wrong publish badsig change e._domainkey.a.test - "$RECORD"
says badsig "another secret" '^refused .*BADSIG: it has a key named signpost, but with another secret'
KEY=$T/run/unknown publish badkey change e._domainkey.a.test - "$RECORD"
says badkey "an unknown key" '^refused .*BADKEY: it has no key named other of algorithm hmac-sha256'
publish late -d 600 change e._domainkey.a.test - "$RECORD"
says late "a clock that is 10 minutes ahead: both are shown" '^temporary .*clock=far .*BADTIME: its clock says 20.* UTC and ours 20.* UTC, ours is (599|60[0-9]) s ahead'
publish early -d -600 change e._domainkey.a.test - "$RECORD"
says early "and 10 minutes behind" '^temporary .*clock=far .*BADTIME: .*ours is (600|59[0-9]) s behind'
publish skew -d 200 change skew._domainkey.a.test - "$RECORD"
says skew "200 s are borne, and told to the clock guard" '^done .*clock=far'
publish refused change www.a.test - "$RECORD"
says refused "a name that the policy leaves out" '^refused .*REFUSED: key signpost may not change TXT records at www\.a\.test'
ZONE=closed.test publish closed change e._domainkey.closed.test - "$RECORD"
says closed "a zone without updates" '^refused .*REFUSED: key signpost may not'
ZONE=_domainkey.a.test publish deep change e._domainkey.a.test - "$RECORD"
says deep "a zone that is none" '^refused .*NOTAUTH: it is not the primary of zone _domainkey\.a\.test'
ZONE=below.a.test publish cut change e.below.a.test - "$RECORD"
says cut "a delegated zone" '^refused .*NOTAUTH: it is not the primary of zone below\.a\.test'
publish dead -s "127.0.0.3#$DNS_PORT" change e._domainkey.a.test - "$RECORD"
says dead "nothing listens" '^temporary .*127\.0\.0\.3 port [0-9]*: connection refused'
publish second -s "127.0.0.3#$DNS_PORT,$SERVER" change second._domainkey.a.test - "$RECORD"
says second "a second server is tried" '^done read_back=yes'
ZONE=hidden.test publish hidden change e._domainkey.hidden.test - "$RECORD"
says hidden "a primary that answers only signed questions is read back so" '^done read_back=yes'

## rights
publish least try a.test a.test
check "the least rights are enough, and no more" [ "$STATUS" = 0 ]
says least "each is told" '^right: signpost may change TXT records of keys$' '^right: signpost may not change TXT records at other names' \
	"^right: signpost may not change TXT records of the zone's own name" '^right: signpost may not change where mail'
check "nothing is wrong" not grep -q '^wrong\|cannot' "$T/out/least"
KEY=$T/run/strong publish strong try strong.test strong.test
check "a key for the whole zone is found out" [ "$STATUS" = 1 ]
says strong "and what it may" '^wrong: strong may change TXT records at other names$' "^wrong: strong may change TXT records of the zone's own name" \
	'^wrong: strong may change addresses' '^right: strong may change TXT records of keys'
check "nothing of the test is left" [ "$(dig +noall +answer -p "$DNS_PORT" @$BIND strong.test TXT strong.test MX strong.test SOA | grep -c 'spf1\|ns1.strong')" = 3 ]
KEY=$T/run/wrong publish wrongtry try a.test a.test
check "a wrong key tells nothing of rights" [ "$STATUS" = 2 ]

publish_secrets
lab_finish
