#!/bin/bash
# SPDX-License-Identifier: ISC
# provider-powerdns.sh - PowerDNS's HTTP API: the real server for what it does, and one of ours for what it says when
# something is wrong.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/provider-lib.sh"
TYPE=powerdns ZONE=a.test KEY=$T/run/key
SECRET=dG9rZW4tZm9yLXBvd2VyZG5z
(umask 027 && echo "$SECRET" >"$KEY" && echo wrong-key-wrong-key >"$T/run/wrong")
ENDPOINT=http://127.0.0.1:$SPARE_PORT
provider_certificates

## as the documentation has it, with faults
provider_start provider_powerdns.py "$SPARE_PORT"
ask seed change seed._domainkey.a.test - "$SHORT"
says seed "the key is taken" '^done read_back=yes'
KEY=$T/run/wrong ask wrong change x._domainkey.a.test - "$SHORT"
says wrong "a wrong key" '^refused .*does not take the key \(401\)'
ZONE=b.test ask nozone change x._domainkey.b.test - "$SHORT"
says nozone "a zone that is not there" '^refused .*knows no zone b.test .*Could not find domain'
faults "PATCH status 422" "PATCH status 422"
ask each change one._domainkey.a.test - "$SHORT" two._domainkey.a.test - "$SHORT"
says each "a batch that is refused is tried one by one" '^refused .*422' '^done .*two\._domainkey'
check "each read right before it is written" [ "$(methods)" = "GET GET PATCH GET PATCH GET GET PATCH GET" ]
provider_faults PATCH
provider_start provider_powerdns.py "$DNS2_PORT" "$T/run/server.pem" "$T/run/server.key"
provider_tls "https://127.0.0.1:$DNS2_PORT"

## the real server
if command -v pdns_server >/dev/null; then
	dir=$T/real
	mkdir -p "$dir/socket"
	sqlite3 "$dir/db" </usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
	{
		printf 'launch=gsqlite3\ngsqlite3-database=%s/db\ngsqlite3-dnssec=yes\nlocal-address=127.0.0.1\nlocal-port=%s\nsocket-dir=%s/socket\n' \
			"$dir" "$DNS_PORT" "$dir"
		printf 'daemon=no\nguardian=no\ndisable-syslog=yes\nwrite-pid=no\nsecurity-poll-suffix=\nloglevel=4\n'
		printf 'consistent-backends=no\nzone-cache-refresh-interval=0\ncache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0\n'
		printf 'api=yes\napi-key=%s\nwebserver=yes\nwebserver-address=127.0.0.1\nwebserver-port=%s\nwebserver-allow-from=127.0.0.1\n' \
			"$SECRET" "$MX_PORT"
	} >"$dir/pdns.conf"
	{
		for zone in a.test _domainkey.b.test slave.test; do
			pdnsutil --config-dir="$dir" create-zone $zone ns1.a.test
		done
		pdnsutil --config-dir="$dir" add-record a.test ns1 A 127.0.0.1
		pdnsutil --config-dir="$dir" add-record a.test alias._domainkey CNAME somewhere.else.test
		pdnsutil --config-dir="$dir" add-record a.test other._domainkey TXT '"v=DKIM1; p=another"'
		pdnsutil --config-dir="$dir" add-record a.test two._domainkey.x TXT '"one"'
		pdnsutil --config-dir="$dir" add-record a.test two._domainkey.x TXT '"two"'
		pdnsutil --config-dir="$dir" secure-zone a.test
		pdnsutil --config-dir="$dir" set-kind _domainkey.b.test master
		pdnsutil --config-dir="$dir" set-kind slave.test slave
	} >>"$T/log/pdnsutil" 2>&1
	lab_background powerdns pdns_server --config-dir="$dir"
	wait_for 15 listens "$MX_PORT" || { tail -n 20 "$T/log"/* >&2; exit 1; }
	ENDPOINT=http://127.0.0.1:$MX_PORT SERVER=127.0.0.1#$DNS_PORT
	holds() { shows "$1" "${2:+\"$2\"}"; }
	is_made() { true; }
	echo "# the real server"
	provider_usual
	ask two change two._domainkey.x.a.test - "$SHORT"
	says two "two records are foreign" '^foreign .*2 TXT records'
	check "the new record is signed by the server" sh -c "dig +dnssec +norec -p $DNS_PORT @127.0.0.1 other._domainkey.a.test TXT | grep -q RRSIG"
	ZONE=_domainkey.b.test ask delegated change s1._domainkey.b.test - "$RECORD"
	says delegated "a zone with an underscore, and a hint about its serial" '^done read_back=yes .*published at .*SOA-EDIT-API'
	check "the server has it whole" holds s1._domainkey.b.test "$RECORD"
	ZONE=slave.test ask slave change s1._domainkey.slave.test - "$RECORD"
	says slave "a secondary is no place for it" '^refused .*is a secondary of zone slave.test'
	ZONE=none.test ask none change s1._domainkey.none.test - "$RECORD"
	says none "a zone that it has not" '^refused .*knows no zone none.test'
	KEY=$T/run/wrong ask wrong2 change x._domainkey.a.test - "$SHORT"
	says wrong2 "a wrong key" '^refused .*does not take the key \(401\)'
	ask outside change s1._domainkey.a.test - "$RECORD"
	ask outside2 change s1._domainkey.a.test "$RECORD" "$REVOKED"
	says outside2 "replaced" '^done'
else
	not_ok "PowerDNS is not installed: the real server was not asked"
fi
ask show show s1._domainkey.a.test - "$RECORD"
says show "what would be sent" '^PATCH http://127.0.0.1.*/zones/a.test\.$' '"changetype": "REPLACE"'
ask rights rights _domainkey.a.test
says rights "what its key may do" 'may do everything' '_domainkey.a.test'
ask try try a.test a.test
check "and that is too much" [ "$STATUS" = 1 ]
provider_secrets "$SECRET" wrong-key-wrong-key
lab_finish
