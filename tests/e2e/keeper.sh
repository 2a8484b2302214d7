#!/bin/bash
# SPDX-License-Identifier: ISC
# keeper.sh - what the keeper says and how long it takes: who serves a domain, a zone that cannot be reached, many keys that wait.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"

CONF=$T/conf
STORE=$T/store
KEYS=16
owner=()
[ "$(id -u)" != 0 ] || owner=(--user nobody --group nogroup)

keeper() {
	local verb=$1
	shift
	"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@" >"$T/out" 2>"$T/err"
}

says() { # FILE TEXT
	grep -qF -- "$2" "$T/$1" || { sed 's/^/# /' "$T/$1"; return 1; }
}

conf() { # what stands in dns { }
	printf 'dns {\n    sweep_interval = 1s\n    timeout = 1s\n%s\n}\n' "$1" >"$CONF"
	chmod 644 "$CONF"
}

# --- nobody answers
conf '    resolvers = {"127.0.0.1:9"}
    roots = {"127.0.0.1:9"}'
keeper init "${owner[@]}"
keeper add x.test
check "add goes on when DNS is silent" test $? = 0
check "and says so" says out "x.test: who serves it could not be found out: no server of the root answers"
check "and has the record" says out "v=DKIM1; k=rsa"
keeper tick
check "a pass without DNS exits 75" test $? = 75
check "and says which zone" says err "signpost: x.test: no server of the root answers"
sleep 2.1
keeper tick
check "the next one exits 75, too" test $? = 75
check "and is quiet, as the reason is the same" test ! -s "$T/err"
sleep 2.1
keeper tick --verbose
check "unless it is asked to tell" says err "signpost: x.test: no server of the root answers"
keeper status x.test
check "status cannot tell, and shows why" says out "TemporaryFailure"

# --- who serves it, and many at once
rm -rf "$STORE"
lab_zone x.test
lab_named
conf "    zone \"x.test\" { servers = {\"127.0.0.1:$DNS_PORT\"} }"
keeper init "${owner[@]}"
keeper add x.test
check "add says who serves the zone" says out "x.test is served by 127.0.0.1."
keeper add sub.x.test
check "and in which zone a name lies" says out "sub.x.test lies in the zone x.test, which is served by 127.0.0.1."
keeper add --file - < <(seq -f 'd%g.x.test' "$((KEYS - 2))")
check "a list is added without asking" test $? = 0
begin=$(date +%s%N)
keeper tick
check "one pass looks for all of them" test $? = 0
took=$((($(date +%s%N) - begin) / 1000000))
keeper status --json
check "each was looked at" test "$(grep -c '"looked_at": "' "$T/out")" = "$KEYS"
# one after another each takes 1.2 s and more; at one address it is 20 questions a second, 7 and more a key
if [ "$took" -lt "$((KEYS * 1000))" ]; then ok "$KEYS keys at one server in $took ms"; else not_ok "$KEYS keys took $took ms"; fi
if [ "$took" -gt "$((KEYS * 7 * 50 - 1000))" ]; then
	ok "and the server is asked no more than 20 times a second"
else
	not_ok "$KEYS keys in $took ms: the server is asked too often"
fi

# --- a key that was lost while it waited must not get into the table: the milter would answer 451
keeper records x.test --format zone
cat "$T/out" >>"$T/zones/x.test"
lab_named_reload
mv "$STORE/keys/x.test" "$STORE/lost"
keeper status x.test
check "status fails when the file of a waiting key is gone" test $? = 2
check "and names it" says out "put it back from a backup"
for _ in 1 2 3 4; do
	sleep 2.5
	timeout 60 "$SIGNPOST" tick --config "$CONF" --store "$STORE" >"$T/out" 2>"$T/err"
	[ ! -s "$T/err" ] || break
done
check "the pass says that it is proven and cannot sign" says err "is proven, but cannot sign"
check "and leaves it out of the table" test -z "$(grep '^key x.test ' "$STORE/signing.table")"
mv "$STORE/lost" "$STORE/keys/x.test"
keeper tick
check "with its file it signs" grep -q '^key x.test ' "$STORE/signing.table"
lab_finish
