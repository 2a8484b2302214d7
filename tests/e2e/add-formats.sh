#!/bin/bash
# SPDX-License-Identifier: ISC
# add-formats.sh - the records in each form, judged by what takes them: named-checkzone, nsupdate and a real BIND, the API of a
# real PowerDNS, jq, Python's csv.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/user-lib.sh"
command -v pdns_server >/dev/null || lab_skip "no PowerDNS on this machine"

user_begin shop.test cust.test <<-END
	policy "default" {
	    algorithms = {"rsa-sha256", "ed25519-sha256"}
	}
	policy "slots" {
	    mode = slots
	    slot_zone = "slots.test"
	    publisher = bind
	}
	$(life_rfc2136 bind $BIND)
END
tell add shop.test
tell add cust.test --policy slots

holds() { jq -e "$@" >/dev/null; }
# what each name is to hold: NAME TYPE VALUE, by JSON
wanted() { # DOMAIN
	signpost records "$1" --format json | jq -r '.records[] | [.name, .type, .value] | @tsv'
}
# what a server has, in the same form
has() { # SERVER DOMAIN
	local server=$1 name type
	wanted "$2" | while read -r name type _; do
		ask "$server" "$name" "$type" +noall +answer +tcp |
			awk -v name="$name" -v type="$type" '$4 == type { sub(/^.*[ \t]IN[ \t]+[A-Z]+[ \t]+/, ""); gsub(/" "|^"|"$/, ""); gsub(/\\;/, ";"); sub(/\.$/, ""); print name "\t" type "\t" $0 }'
	done
}
serves() { # SERVER DOMAIN
	wanted "$2" >"$T/wanted"
	has "$1" "$2" >"$T/has"
	[ -s "$T/wanted" ] && cmp -s "$T/wanted" "$T/has"
}
check "two TXT records, three CNAMEs" test "$(wanted shop.test | grep -c '	TXT	v=DKIM1')$(wanted cust.test | grep -c '	CNAME	.*\.slots\.test$')" = 23

## a zone file
for domain in shop.test cust.test; do
	{ cat "$T/provider/$domain"; signpost records $domain --format zone; } >"$T/zone"
	check "zone: named-checkzone takes $domain" named-checkzone -q -k fail $domain "$T/zone"
	cp "$T/zone" "$T/provider/$domain"
	form_saved $domain
	check "zone: BIND serves it as wanted" serves $PROVIDER $domain
done
tell records shop.test --format quoted
check "quoted: strings of at most 255 octets, that joined are the values" \
	test "$("$PYTHON" -c 'import re, sys
for line in sys.stdin:
    strings = re.findall("\"([^\"]*)\"", line)
    assert strings and all(len(s) <= 255 for s in strings)
    print("".join(strings))' <"$T/said")" = "$(wanted shop.test | cut -f3)"

## nsupdate, to a zone of one's own
tell add own.test --policy default
signpost records own.test --format nsupdate >"$T/update"
{ echo "server $BIND $PORT"; cat "$T/update"; } | nsupdate -k "$T/run/bind.key" >"$T/log/nsupdate" 2>&1
check "nsupdate: BIND takes it" test $? = 0
check "nsupdate: and serves it as wanted" serves $BIND own.test
{ echo "server $BIND $PORT"; cat "$T/update"; } | nsupdate -k "$T/run/bind.key" >"$T/log/nsupdate" 2>&1
check "nsupdate: twice does no harm" serves $BIND own.test
check "nsupdate: and it is said that they are there" test "$(grep -c YXRRSET "$T/log/nsupdate")" = 2
name=$(wanted own.test | head -n 1 | cut -f1)
printf 'server %s %s\nzone own.test.\nupdate delete %s. TXT\nupdate add %s. 60 TXT "of another"\nsend\n' $BIND "$PORT" "$name" "$name" | nsupdate -k "$T/run/bind.key"
{ echo "server $BIND $PORT"; cat "$T/update"; } | nsupdate -k "$T/run/bind.key" >"$T/log/nsupdate" 2>&1
check "nsupdate: nothing is added to another's record" test "$(ask $BIND "$name" TXT +short +tcp)" = '"of another"'
printf 'server %s %s\nzone own.test.\nupdate delete %s. TXT\nsend\n' $BIND "$PORT" "$name" | nsupdate -k "$T/run/bind.key"
{ echo "server $BIND $PORT"; cat "$T/update"; } | nsupdate -k "$T/run/bind.key" >"$T/log/nsupdate" 2>&1
check "nsupdate: one that is there keeps the other not out" serves $BIND own.test

## PowerDNS
tsig pdns
mkdir -p "$T/pdns"
"$PYTHON" -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())' "$T/pdns/db" /usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
cat >"$T/pdns/pdns.conf" <<-END
	launch=gsqlite3
	gsqlite3-database=$T/pdns/db
	local-address=$PDNS
	local-port=$PORT
	socket-dir=$T/pdns
	api=yes
	api-key=secret
	webserver=yes
	webserver-address=127.0.0.1
	webserver-port=$SPARE_PORT
	zone-cache-refresh-interval=0
	cache-ttl=0
	query-cache-ttl=0
	negquery-cache-ttl=0
	security-poll-suffix=
	loglevel=4
	disable-syslog=yes
	guardian=no
	daemon=no
END
for domain in shop.test cust.test; do
	pdns_control create-zone $domain ns1.own.test >>"$T/log/pdnsutil" 2>&1
done
lab_background pdns pdns_server --config-dir="$T/pdns"
await $PDNS shop.test
wait_for 10 listens "$SPARE_PORT"
for domain in shop.test cust.test; do
	code=$(signpost records $domain --format powerdns | curl -s -o "$T/answer" -w '%{http_code}' -X PATCH -H 'X-API-Key: secret' \
		-H 'Content-Type: application/json' --data-binary @- "http://127.0.0.1:$SPARE_PORT/api/v1/servers/localhost/zones/$domain.")
	check "powerdns: its API takes $domain" test "$code" = 204
	[ "$code" = 204 ] || cat "$T/answer"
	check "powerdns: and it serves it as wanted" serves $PDNS $domain
done

check "powerdns: that it replaces is said on standard error" grep -q 'changetype REPLACE' <(signpost records shop.test --format powerdns 2>&1 >/dev/null)

## Route 53 and Cloudflare, as they document their bodies
names() { wanted "$1" | cut -f1; }
for domain in shop.test cust.test; do
	signpost records $domain --format route53 >"$T/json"
	check "route53: a ChangeResourceRecordSets batch of $domain" holds '(.Changes | length > 0) and all(.Changes[];
		.Action == "CREATE" and (.ResourceRecordSet | (.Name | endswith(".")) and (.TTL | type == "number")
		and (.ResourceRecords | length == 1)))' "$T/json"
	check "route53: with each name" test "$(jq -r '.Changes[].ResourceRecordSet.Name' "$T/json" | sed 's/\.$//')" = "$(names $domain)"
	signpost records $domain --format cloudflare >"$T/json"
	check "cloudflare: a batch of $domain" holds 'all(.posts[]; (.ttl >= 60) and (if .type == "CNAME" then .proxied == false else true end))' "$T/json"
	check "cloudflare: with each name" test "$(jq -r '.posts[].name' "$T/json")" = "$(names $domain)"
done
signpost records shop.test --format route53 >"$T/json"
check "route53: values are quoted strings, at most 255 octets each" test "$(jq -r '.Changes[].ResourceRecordSet.ResourceRecords[].Value' "$T/json" |
	"$PYTHON" -c 'import re, sys
for line in sys.stdin:
    strings = re.findall("\"([^\"]*)\"", line)
    assert all(len(s) <= 255 for s in strings)
    print("".join(strings))')" = "$(wanted shop.test | cut -f3)"

## csv
check "csv: Python reads it" test "$(signpost records shop.test --format csv | "$PYTHON" -c 'import csv, sys
for row in csv.DictReader(sys.stdin):
    assert row["name"] == row["host"] + ".shop.test" and int(row["ttl"]) > 0
    print(row["name"], row["type"], row["value"], sep="\t")')" = "$(wanted shop.test)"

## add --format
tell add shop.test --format zone
check "add --format prints the records alone" test "$(grep -vc '_domainkey\.shop\.test\.	[0-9]*	IN	TXT' "$T/said")" = 1
said "and on standard error that no keeper runs" '^No pass was made yet'
tell records shop.test --format xml
check "an unknown form is refused" test $STATUS = 64
said "with those that there are" 'want person, zone, quoted, nsupdate, route53, cloudflare, powerdns, json or csv'

## a keeper that runs no more
signpost tick >"$T/said" 2>&1
tell add shop.test
check "after a pass nothing is said of passes" test -z "$(grep 'pass was' "$T/said")"
"$PYTHON" -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE number SET value = value - 1200 WHERE name = \"last_pass\"")
db.commit()' "$STORE/keystore.db"
tell add shop.test
said "20 minutes later it is" '^The last pass was 20 min ago: without passes nothing goes on\.'

## many
printf 'one.test\ntwo.test slots\n\n# nothing\nbad..test\nthree.test nope\nfour.test\n' | signpost add --file - >"$T/said" 2>"$T/err"
check "a list with bad lines exits 65" test $? = 65
check "each bad line is named by its number" test "$(grep -c '^signpost: standard input:[56]: ' "$T/err")" = 2
tell status
said "the others are there, with their policies" '^one\.test' '^two\.test' '^four\.test'
check "the bad ones are not" test -z "$(grep -E 'three|bad' "$T/said")"
tell add two.test
said "two.test has the policy of its line" 'needs 3 CNAMEs'
before=$(find "$STORE/keys" -name '*.pem' | sort)
printf 'one.test\nfour.test\n' | signpost add --file - --format csv >"$T/said" 2>"$T/err"
check "a list is idempotent" test "$(find "$STORE/keys" -name '*.pem' | sort)" = "$before"
check "in the form that was asked for" test "$(grep -c '^TXT,' "$T/said")" = 4
# one whose keys cannot be written does not take the others with it
: >"$STORE/keys/broken.test"
printf 'five.test\nbroken.test\nsix.test\n' | signpost add --file - >"$T/said" 2>"$T/err"
check "a line that fails in the midst exits 65" test $? = 65
check "and is named" grep -q '^signpost: standard input:2: ' "$T/err"
tell status
said "and those before and after it are there" '^five\.test' '^six\.test'
lab_finish
