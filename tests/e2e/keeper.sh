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
check "each was looked at" test "$(jq '[.domains[].keys[] | select(.looked_at)] | length' "$T/out")" = "$KEYS"
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
# what a person mends is looked at again after a sweep_interval
for _ in 1 2 3 4; do
	sleep 1.2
	keeper tick
	! grep -q '^key x.test ' "$STORE/signing.table" || break
done
check "with its file it signs" grep -q '^key x.test ' "$STORE/signing.table"

# --- a newer signpost's table is not overwritten by an older one
cp "$STORE/signing.table" "$T/run/table"
sed -i 's/^signpost-table .*/signpost-table 99/' "$STORE/signing.table"
cp "$STORE/signing.table" "$T/run/newer"
keeper tick
check "a pass over a newer table fails" test $? != 0
check "and says why" says err "format 99 is newer than this program"
check "and leaves the table alone" cmp -s "$STORE/signing.table" "$T/run/newer"
cp "$T/run/table" "$STORE/signing.table"

# --- a server that is silent for long is excused as soon as a resolver has the record
publish() {
	keeper records x.test --format zone
	cat "$T/out" >>"$T/zones/x.test"
	lab_named_reload
}
# resolver LINE: a second name server that knows x.test by it
resolver() {
	{
		echo "options { directory \"$T/run\"; listen-on port $DNS2_PORT { 127.0.0.1; }; listen-on-v6 { none; };"
		echo "pid-file none; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; };"
		echo "controls { };"
		echo "zone \"x.test\" { $1 };"
	} >"$T/run/resolver.conf"
	lab_background resolver named -g -n 1 -c "$T/run/resolver.conf"
	RESOLVER_PID=$BACKGROUND
	wait_for 15 listens "$DNS2_PORT" || { cat "$T/log/resolver" >&2; exit 1; }
}
# passes_until SECONDS COMMAND...: ticks in between
passes_until() {
	local end=$((SECONDS + $1 * 5)) # a busy machine may be slower
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 1.1
		keeper tick
	done
}
signs_with() { test "$(grep -c '^key x.test ' "$STORE/signing.table")" = "$1"; }
status_says() { keeper status x.test; grep -qF -- "$1" "$T/out"; }
silence_conf() { # SERVERS
	conf "    mute_after = 2s
    spread = 100ms
    resolvers = {\"127.0.0.1:$DNS2_PORT\"}
    zone \"x.test\" { servers = {$1} }"
	printf 'policy "both" {\n    algorithms = {"rsa-sha256", "ed25519-sha256"}\n    publish_safety = 1s\n}\n' >>"$CONF"
}
rm -rf "$STORE"
silence_conf "\"127.0.0.1:$DNS_PORT\""
keeper init "${owner[@]}"
keeper add x.test
publish
check "the first key signs" passes_until 30 signs_with 1
cp "$T/zones/x.test" "$T/run/x.old"
keeper add x.test --policy both
publish
silence_conf "\"127.0.0.1:$DNS_PORT\", \"127.0.0.1:$SPARE_PORT\""
resolver "type primary; file \"$T/run/x.old\";"
keeper tick
keeper status x.test
check "a silent server is named" says out "127.0.0.1#$SPARE_PORT mute"
denial="the resolver 127.0.0.1#$DNS2_PORT has no such record (NXDOMAIN)"
check "then the resolver that denies the record" passes_until 15 status_says "$denial: 127.0.0.1 (127.0.0.1#$SPARE_PORT) is silent for long enough"
keeper status
check "in the list of domains, too" says out "$denial"
keeper status --json x.test
check "and in JSON" says out "\"resolver\": \"$denial\""
sleep 1.1
keeper tick
check "and the key waits" signs_with 1
kill "$RESOLVER_PID"
lab_gone "$RESOLVER_PID"
resolver "type forward; forward only; forwarders { 127.0.0.1 port $DNS_PORT; };"
check "when the resolver has it, the key signs" passes_until 30 signs_with 2
check "and the evidence tells of the resolver" status_says "the resolver 127.0.0.1#$DNS2_PORT has the record"
lab_finish
