#!/bin/bash
# SPDX-License-Identifier: ISC
# zoo-servers.sh - signpost check where servers, zones, caches and the way to them are what is wrong: D32 to D42, D46, D48 to D51.
. "$(dirname "$0")/zoo-lib.sh"
lab_begin "$@"
zoo_begin servers
for name in d36.zoo d37.zoo; do # before the record was there
	dig +time=2 +tries=2 -p "$DNS2_PORT" @$CACHE_ADDRESS "sel._domainkey.$name" TXT >/dev/null
done
zoo_check

# one CASE EXIT ID SENTENCE -- VERB...: text of one run
one() {
	local case=$1 status=$2 id=$3 sentence=$4 got
	shift 5
	zoo_signpost "$@" >"$T/$case.txt" 2>&1
	got=$?
	if [ "$got" = "$status" ] && grep -q "^ *$id  .*$sentence" "$T/$case.txt"; then
		ok "$case: $id"
	else
		not_ok "$case: exit $got, want $status and $id  $sentence"
		cat "$T/$case.txt"
	fi
}

zoo_conf "$T/blocked.conf" "127.0.0.30:$DNS_PORT" "$CACHE_ADDRESS:$DNS2_PORT"
ZOO_CONF=$T/blocked.conf one blocked 3 D49 "Port 53 is blocked" -- check blocked.zoo
zoo_conf "$T/boxed.conf" "127.0.0.22:$DNS_PORT" "$CACHE_ADDRESS:$DNS2_PORT"
ZOO_CONF=$T/boxed.conf one boxed 3 D50 "Port 53 is intercepted" -- check boxed.zoo
# where that is known, the policy asks for another proof: it is no news, and resolvers tell of records that were proven once
attested() { grep -c "sel._domainkey.attested.zoo. TXT" "$T/log/unbound"; }
before=$(attested)
ZOO_CONF=$T/boxed.conf one attested 0 D50 "Port 53 is intercepted" -- check attested.zoo
check "a resolver was asked instead" test "$(attested)" -gt "$before"
check "who intercepts was asked" grep -q '^127.0.0.22 ' "$T/log/fake"
if grep -q '^127.0.0.22 .*_domainkey' "$T/log/fake"; then not_ok "and not for the key's name"; else ok "and not for the key's name"; fi

# D48 for real: the server does not know our key
ZOO_STORE=$T/store2
zoo_signpost init --user "$(id -un)" --group "$(id -gn)" >"$T/log/init2" 2>&1
zoo_signpost add refused.zoo --policy auto >"$T/log/add" 2>&1
zoo_signpost tick >"$T/log/tick" 2>&1
one refused 2 D48 "The last publication failed: .*BADKEY" -- check refused.zoo

lab_finish
