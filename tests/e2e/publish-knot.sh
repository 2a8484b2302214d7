#!/bin/bash
# SPDX-License-Identifier: ISC
# publish-knot.sh - updates against a real Knot, which says NOTAUTH and BADKEY where its acl forbids; and the example hook with
# knsupdate.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/publish-lib.sh"
KNOT=127.0.0.2
mkdir -p "$T/knot" "$T/knot.db"
publish_key "$T/run/key" signpost
publish_key "$T/run/wrong" signpost
publish_key "$T/run/unknown" other
publish_key "$T/run/sha512" big hmac-sha512
publish_key "$T/run/strong" strong
secret_of() { sed -n 's/.*secret "\(.*\)".*/\1/p' "$1"; }

"${TOOL[@]}" -T rfc2136 -s "$KNOT#$DNS_PORT" -k "$T/run/key" rights _domainkey.a.test >"$T/out/rights"
says rights "the rights name key, type and names" '^    key: signpost$' '^    update-type: TXT$' '^    update-owner-match: sub$' \
	'^    update-owner-name: \[_domainkey\.a\.test\.\]$'
zone() {
	printf "\$TTL 60\n@ IN SOA ns1 hostmaster 7 60 60 86400 2\n@ NS ns1\n@ TXT \"v=spf1 -all\"\nns1 A %s\n" $KNOT >"$T/knot/$1"
}
zone a.test
zone strong.test
{
	echo "alias._domainkey CNAME somewhere.else.test."
	echo 'other._domainkey TXT "v=DKIM1; p=another"'
	echo 'pieces._domainkey TXT "v=DKIM1; " "p=pieces"'
	echo "below._domainkey NS ns.else.test."
	echo "moved DNAME else.test."
} >>"$T/knot/a.test"
{
	printf 'server:\n    rundir: "%s"\n    listen: %s@%s\n' "$T/knot" $KNOT "$DNS_PORT"
	printf 'log:\n  - target: stderr\n    any: warning\ndatabase:\n    storage: "%s"\n' "$T/knot.db"
	echo 'key:'
	printf '  - id: signpost\n    algorithm: hmac-sha256\n    secret: %s\n' "$(secret_of "$T/run/key")"
	printf '  - id: big\n    algorithm: hmac-sha512\n    secret: %s\n' "$(secret_of "$T/run/sha512")"
	printf '  - id: strong\n    algorithm: hmac-sha256\n    secret: %s\n' "$(secret_of "$T/run/strong")"
	sed -n '/^acl:/,/^$/p' "$T/out/rights"
	printf '  - id: big\n    key: big\n    action: update\n  - id: strong\n    key: strong\n    action: update\n'
	printf 'zone:\n  - domain: a.test\n    file: "%s/a.test"\n    zonefile-sync: -1\n    acl: signpost\n' "$T/knot"
	printf '  - domain: strong.test\n    file: "%s/strong.test"\n    zonefile-sync: -1\n    acl: [big, strong]\n' "$T/knot"
} >"$T/run/knot.conf"
lab_background knot knotd -c "$T/run/knot.conf"
serves() { dig +norec +time=1 +tries=1 -p "$DNS_PORT" "@$KNOT" "$1" SOA | grep -q 'status: NOERROR'; }
wait_for 15 serves strong.test || { cat "$T/log/knot" >&2; exit 1; }

SERVER=$KNOT#$DNS_PORT KEY=$T/run/key ZONE=a.test
publish_usual

publish alias change alias._domainkey.a.test - "$RECORD"
says alias "beside a CNAME nothing is written, and it is named" '^foreign read_back=no .*holds a CNAME to somewhere.else.test'
publish other change other._domainkey.a.test - "$RECORD"
says other "another's record is not overwritten" '^foreign .*"v=DKIM1; p=another"'
publish pieces change pieces._domainkey.a.test "v=DKIM1; p=pieces" "$REVOKED"
says pieces "our text, cut otherwise, is ours" '^done read_back=yes'
publish below change x.below._domainkey.a.test - "$RECORD"
says below "a name below a delegation is not taken for published" '^(refused|temporary|foreign) .*delegated'
publish batch change b1._domainkey.a.test - "$RECORD" other._domainkey.a.test - "$RECORD" www.a.test - "$RECORD" b2._domainkey.a.test - "$RECORD"
says batch "of a batch all are done but those that cannot be" '^done .*b1\._domainkey' '^foreign .*other\._domainkey' \
	'^done .*b2\._domainkey' '^refused .*BADKEY.*its acl does not let it change TXT records at www\.a\.test'

KEY=$T/run/wrong publish badsig change e._domainkey.a.test - "$RECORD"
says badsig "another secret" '^refused .*BADSIG: it has a key named signpost, but with another secret'
KEY=$T/run/unknown publish badkey change e._domainkey.a.test - "$RECORD"
says badkey "an unknown key: both meanings are told" '^refused .*BADKEY: it has no key named other of algorithm hmac-sha256; Knot says the same when'
publish late -d 600 change e._domainkey.a.test - "$RECORD"
says late "a clock that is 10 minutes ahead: both are shown" '^temporary .*BADTIME: its clock says 20.* UTC and ours 20.* UTC, ours is (599|60[0-9]) s ahead'
publish early -d -600 change e._domainkey.a.test - "$RECORD"
says early "and 10 minutes behind" '^temporary .*BADTIME: .*ours is (600|59[0-9]) s behind'
publish refused change www.a.test - "$RECORD"
says refused "a name that the acl leaves out" '^refused .*its acl does not let it change TXT records at www\.a\.test'
ZONE=none.test publish none change e.none.test - "$RECORD"
says none "a zone that is not there: unsigned, so tried again" '^temporary .*NOTAUTH'
KEY=$T/run/sha512 ZONE=strong.test publish sha512 change e._domainkey.strong.test - "$RECORD"
says sha512 "hmac-sha512" '^done read_back=yes'

publish least try a.test a.test
check "the least rights are enough, and no more" [ "$STATUS" = 0 ]
says least "each is told" '^right: signpost may change TXT records of keys$' '^right: signpost may not change TXT records at other names' \
	"^right: signpost may not change TXT records of the zone's own name"
check "nothing is wrong" not grep -q '^wrong\|cannot' "$T/out/least"
KEY=$T/run/strong publish strong try strong.test strong.test
check "a key for the whole zone is found out" [ "$STATUS" = 1 ]
says strong "and what it may" '^wrong: strong may change TXT records at other names$' "^wrong: strong may change TXT records of the zone's own name"

## the example hook
HOOK=$REPO/contrib/hooks/nsupdate
for program in nsupdate knsupdate; do
	if [ $program = knsupdate ]; then
		printf 'hmac-sha256:signpost:%s\n' "$(secret_of "$T/run/key")" >"$T/run/hook.key"
	else
		cp "$T/run/key" "$T/run/hook.key"
	fi
	chmod 640 "$T/run/hook.key"
	words=(-T hook -z a.test -p "$HOOK")
	for word in -c $program -s $KNOT -p "$DNS_PORT" -k "$T/run/hook.key"; do words+=(-p "$word"); done
	# hook CASE OWNER OLD NEW
	hook() {
		local name=$program-$1
		shift
		"${TOOL[@]}" "${words[@]}" change "$@" >"$T/out/$name" 2>&1
	}
	hook new $program._domainkey.a.test - "$RECORD"
	says $program-new "$program: the hook publishes" '^done '
	check "$program: and it is there" shows $program._domainkey.a.test "\"$RECORD\""
	hook again $program._domainkey.a.test - "$RECORD"
	says $program-again "$program: again: done" '^done '
	hook revoke $program._domainkey.a.test "$RECORD" "$REVOKED"
	says $program-revoke "$program: it revokes" '^done '
	hook remove $program._domainkey.a.test "$REVOKED" -
	says $program-remove "$program: it removes" '^done '
	check "$program: and nothing is there" shows $program._domainkey.a.test ""
	hook remove2 $program._domainkey.a.test "$REVOKED" -
	says $program-remove2 "$program: again: done" '^done '
	hook foreign other._domainkey.a.test - "$RECORD"
	says $program-foreign "$program: what is another's stays" '^foreign '
	hook alias alias._domainkey.a.test - "$RECORD"
	says $program-alias "$program: beside a CNAME nothing is written" '^foreign '
	hook refused www.a.test - "$RECORD"
	says $program-refused "$program: a name that the acl leaves out" '^refused '
done
words=(-T hook -z a.test -p "$HOOK")
for word in -s 127.0.0.3 -p "$DNS_PORT" -k "$T/run/key"; do words+=(-p "$word"); done
program=dead
hook server x._domainkey.a.test - "$RECORD"
says dead-server "a dead server: temporary" '^temporary '

publish_secrets
lab_finish
