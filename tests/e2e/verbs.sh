#!/bin/bash
# SPDX-License-Identifier: ISC
# verbs.sh - what an operator types, against a real name server: what each verb says before, between and after, that it may be
# said twice, what it refuses and with which exit code, what a dry run leaves as it is, and what the log keeps.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
[ "$(id -u)" = 0 ] || lab_skip "several users: only root can"

CONF=$T/conf
STORE=$T/store
BIND=127.0.0.1
STATUS=

# v VERB...: output in $T/out, errors in $T/err, exit code in $STATUS
v() {
	local verb=$1
	shift
	"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@" >"$T/out" 2>"$T/err" </dev/null
	STATUS=$?
}
# says CODE WHAT PATTERN...: how the last verb exited, and a line for each pattern (of standard error when it was refused)
says() {
	local code=$1 what=$2 file=$T/out pattern
	shift 2
	[ "$code" -lt 64 ] || file=$T/err
	if [ "$STATUS" != "$code" ]; then
		not_ok "$what: exit $STATUS, want $code"
		sed 's/^/    /' "$T/out" "$T/err"
		return
	fi
	for pattern in "$@"; do
		if ! grep -Eq -e "$pattern" "$file"; then
			not_ok "$what: no line like $pattern"
			sed 's/^/    /' "$file"
			return
		fi
	done
	ok "$what"
}
not() { ! "$@"; }
selectors() { sed -n "s/^key $1 \([^ ]*\) .*/\1/p" "$STORE/signing.table" | sort; } # DOMAIN: what it signs with
signs() { [ -n "$(selectors "$1")" ]; }
signs_with() { [ "$(selectors "$1")" = "$2" ]; }
files() { find "$STORE/keys/$1" -name '*.pem' | sed 's|.*/||; s|\.pem$||' | sort; } # DOMAIN
other() { files "$1" | grep -vxF -e "$2"; } # DOMAIN SELECTOR: its other keys
served() { # SELECTOR DOMAIN
	dig +norec +noall +answer +tcp +time=2 +tries=1 -p "$DNS_PORT" "@$BIND" "$1._domainkey.$2" TXT |
		awk '$4 == "TXT" { sub(/^.*\tTXT\t/, ""); gsub(/" "/, ""); gsub(/\\;/, ";"); print }'
}
is_revoked() { [ "$(served "$1" "$2")" = '"v=DKIM1; p="' ]; }
state() { # DOMAIN SELECTOR
	v explain "$1" --json
	"$PYTHON" -c '
import json, sys
for key in json.load(open(sys.argv[1]))["keys"]:
    if key["selector"] == sys.argv[2]: print(key["state"])' "$T/out" "$2"
}
is_state() { [ "$(state "$1" "$2")" = "$3" ]; }
all_of() { cksum "$STORE/signing.table" && sqlite "SELECT count(*), max(id) FROM event" "SELECT * FROM key" "SELECT * FROM domain"; }
sqlite() { "$PYTHON" -c 'import sqlite3, sys
db = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True)
for text in sys.argv[2:]: print(*db.execute(text), sep="\n")' "$STORE/keystore.db" "$@"; }
# pass_until SECONDS COMMAND...: passes until it succeeds
pass_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		v tick
		sleep 0.5
	done
}

## a primary that takes updates, and the keeper's times in seconds
tsig-keygen -a hmac-sha256 signpost >"$T/run/key"
tsig-keygen -a hmac-sha256 strong >"$T/run/strong"
chmod 640 "$T/run/key" "$T/run/strong"
mkdir -p "$T/bind"
for zone in a.test b.test c.test d.test; do
	printf "\$TTL 1\n@ IN SOA ns1 hostmaster 7 60 60 86400 1\n@ NS ns1\nns1 A %s\n" $BIND >"$T/bind/$zone"
done
{
	echo "options { directory \"$T/bind\"; listen-on port $DNS_PORT { $BIND; }; listen-on-v6 { none; }; pid-file none;"
	echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; };"
	echo "controls { };"
	cat "$T/run/key" "$T/run/strong"
	for zone in a.test b.test c.test; do
		echo "zone \"$zone\" { type primary; file \"$zone\";"
		echo "update-policy { grant signpost wildcard *._domainkey.$zone. TXT; grant strong zonesub ANY; }; };"
	done
	echo "zone \"d.test\" { type primary; file \"d.test\"; };"
} >"$T/run/named.conf"
lab_background named named -g -n 1 -c "$T/run/named.conf"
wait_for 15 listens "$DNS_PORT" || { cat "$T/log/named" >&2; exit 1; }

policy() { # NAME LINES...
	printf 'policy "%s" {\n' "$1"
	shift
	printf '    %s\n' "$@"
	cat <<-END
		    rotate_spread = 1s
		    ahead = 1s
		    ttl = 1s
		    publish_safety = 1s
		    retire_safety = 2s
		    stale_allowance = 1s
		    queue_lifetime = 1s
		    receiver_delay = 30s
		    tombstone = 2s
		    destroy_after = 20s
		}
	END
}
{
	policy default 'publisher = dns' 'standby = yes' 'rotate_every = 90d'
	policy alone 'publisher = dns' 'standby = no' 'rotate_every = 90d'
	policy hand 'publisher = by-hand' 'rotate_every = 180d'
	policy word 'publisher = by-hand' 'proof = attest' 'rotate_every = 180d'
	for name in signpost strong; do
		file=key
		[ $name = signpost ] || file=strong
		printf 'publisher "%s" {\n    type = rfc2136\n    server = "%s:%s"\n    tsig_key = "%s/run/%s"\n}\n' \
			"$([ $name = signpost ] && echo dns || echo strong)" $BIND "$DNS_PORT" "$T" "$file"
	done
	cat <<-END
		signers {
		    milters = {"unix:$T/run/milter.sock"}
		    ask_every = 1s
		}
		keeper {
		    watch_interval = 2s
		    reprove_interval = 2s
		    gone_over = 2s
		    retry = 1s
		    retry_max = 2s
		    postqueue = ""
		}
		dns {
		    sweep_interval = 1s
		    timeout = 1s
		    tries = 2
		    queries_per_second = 1000
	END
	for zone in a.test b.test c.test d.test; do echo "    zone \"$zone\" { servers = {\"$BIND:$DNS_PORT\"} }"; done
	echo "}"
	printf 'sign {\n    local_submission { domains = {"a.test", "b.test", "c.test", "d.test"} }\n}\n'
} >"$CONF"
chmod 644 "$CONF"

## before there is anything
v plan
says 78 "without a store, plan says how to make one" 'signpost init'
v init --user root --group root
says 0 "init"
lab_background milter "$SIGNPOST_MILTER" -s "unix:$T/run/milter.sock" -t "$STORE/signing.table" --log stderr
MILTER_SOCKET=$T/run/milter.sock
wait_for 10 milter_listens || { cat "$T/log/milter" >&2; exit 1; }
v plan
says 0 "an empty plan says what to do" 'signpost add DOMAIN'
v clock
says 0 "the clock is shown" '^judgement  *trusted' '^name server .*none told its time'
for verb in roll rollback approve explain hold release remove plan; do
	v $verb no.test
	says 65 "$verb of a domain that is not here says how to add it" 'no\.test is not here; signpost add no\.test'
done
v attest no.test sel
says 65 "attest, too" 'no\.test is not here'
v compromise no.test sel
says 65 "compromise, too" 'no\.test is not here'

## on the way to the first signature
v add a.test
v add b.test --policy alone
v add c.test
first=$(files a.test)
v explain a.test
says 0 "explain: a key that is only made" "^$first \(rsa\) is made, and not published yet" '^  next .*published' '^  then .* signs$'
v roll a.test
says 65 "roll: nothing signs yet" 'no key of a\.test signs' 'signpost explain a\.test'
v rollback a.test
says 65 "rollback: nothing signs yet" 'no key of a\.test signs'
v approve a.test
says 0 "approve: nothing to approve with rotate = auto" 'rotate = auto'
v attest a.test "$first"
says 65 "attest: it is not published" 'not published yet'
check "the first keys sign" pass_until 30 signs a.test
check "of b.test, too" pass_until 30 signs b.test
check "of c.test, too" pass_until 30 signs c.test
standby=
has_standby() { standby=$(other a.test "$first") && [ -n "$standby" ] && is_state a.test "$standby" ready; }
check "a standby is proven" pass_until 30 has_standby

sleep 3
v tick

## looking ahead and back
# explain_until PATTERN OPTION...: its next look, due each 2 s here, may be what comes first
explain_until() {
	local pattern=$1 end=$((SECONDS + 15))
	shift
	until v explain a.test "$@" && grep -Eq -e "$pattern" "$T/out" || [ "$SECONDS" -ge "$end" ]; do v tick; done
}
explain_until '^  waits .*takes over when'
says 0 "explain: a standby, its proof, when, and what would be sooner" "^$standby \(rsa\) is published and proven, and waits" \
	'^  proven .*the address of 127\.0\.0\.1 served it twice' "^  waits .*until .*takes over when $first is 90 d.* old" '^  sooner .*signpost roll a\.test'
explain_until '"activate"' --json
check "explain --json is JSON with the same" "$PYTHON" -c '
import json, sys
x = json.load(open(sys.argv[1]))
k = [k for k in x["keys"] if k["selector"] == sys.argv[2]][0]
assert k["state"] == "ready" and k["step"] == "activate" and k["earliest"].endswith("Z"), k
assert {n["kind"] for n in k["notes"]} >= {"proven", "waits", "then", "sooner"}, k' "$T/out" "$standby"
COLUMNS=100 v plan a.test --until 200d
says 0 "plan draws the lives" "^$first rsa  *█+▒?░?" "^$standby rsa  *╌+█+" '█ signs' "takes over from $first"
check "no line of the picture is wider than asked" "$PYTHON" -c 'import sys
assert all(len(line) <= 101 for line in list(open(sys.argv[1], encoding="utf-8"))[:6])' "$T/out"
check "nothing is coloured but on a terminal" not grep -q "$(printf '\033')" "$T/out"
LC_ALL=C v plan a.test --until 200d
says 0 "plan in ASCII where nothing else can be shown" "^$first rsa  *#+" '# signs'
v plan a.test --json --until 1y
check "plan --json: 90 days from the first to the second signature" "$PYTHON" -c '
import json, sys, datetime
p = json.load(open(sys.argv[1]))
t = lambda s: datetime.datetime.strptime(s, "%Y-%m-%dT%H:%M:%SZ")
first, second = [k for k in p["keys"] if k["key"] in sys.argv[2:4]]
assert second["activated"] == first["retired"]
assert 0 <= (t(second["activated"]) - t(first["activated"])).total_seconds() - 90 * 86400 <= 10
assert sum(e["step"] == "activate" for e in p["events"]) == 4, p["events"]' "$T/out" "$first" "$standby"
v plan
says 0 "plan of all: a line each" '^[^ ].* a\.test .*takes over from' '^.* b\.test '
v plan --json
check "as JSON, too, by time" "$PYTHON" -c '
import json, sys
at = [p["at"] for p in json.load(open(sys.argv[1]))]
assert len(at) == 3 and at == sorted(at), at' "$T/out"
v plan --until soon
says 64 "a span that is none" 'soon is no span of time'
v log a.test
says 0 "log: each step with its evidence" " tick  $first  proven: 1 server address of a\.test served it twice" \
	'^    127\.0\.0\.1 .*good' " tick  $first  enters the signing table"
v log a.test --json --since 1d
check "as JSON: the switch names the answers that permitted it" "$PYTHON" -c '
import json, sys
log = json.load(open(sys.argv[1]))
switch = [e for e in log if "enters the signing table" in e["text"]]
assert switch[0]["evidence"]["answers"][0]["verdict"] == "good", switch
assert all(e["domain"] == "a.test" for e in log)' "$T/out"
v log --since yesterday
says 64 "a time that is none" 'yesterday is no time'
v log nobody.test
says 0 "a log without lines"

## dry runs leave everything as it is
before=$(all_of)
v roll a.test --dry-run
says 0 "roll --dry-run: what would happen" '^Dry run: nothing was changed' "$standby .*takes over from $first"
v remove a.test --dry-run
says 0 "remove --dry-run" '^Dry run' "$first .*leaves the signing table"
v compromise a.test "$first" --dry-run
says 0 "compromise --dry-run shows the update" '^1 key would be marked as compromised' "signs with $standby from now on" '^Dry run' \
	"update add $first\._domainkey\.a\.test\. 1 TXT \"v=DKIM1; p=\""
v compromise --scope host --before 2100-01-01 --dry-run
says 0 "also of the host" 'marked as compromised'
check "nothing is another than before" test "$before" = "$(all_of)"
v tick --json
says 64 "an option that a verb does not have" 'tick has no option'

## hold: the pass looks, and does nothing
v hold a.test
says 0 "hold says what it means" 'a\.test is held' 'no other step is taken'
v hold a.test
says 0 "and may be said twice" 'held already'
v roll a.test
says 0 "roll under hold is noted, and waits" 'is rotated as soon as' 'a\.test is held: .*signpost release a\.test'
v plan a.test
says 0 "plan tells of the hold" 'a\.test is held: '
for _ in 1 2 3; do v tick; sleep 1; done
check "nothing happens" signs_with a.test "$first"
v hold
says 0 "all can be held" 'All domains are held'
v release a.test
says 0 "release of one tells that all are held" 'signpost release, without a domain' 'a\.test is held no longer'
v release
says 0 "release of all" 'The hold of all domains is over'
v release
says 0 "and again" 'There was no hold'

## roll: the standby takes over after one more look
v roll a.test
says 0 "roll again is under way already" 'Was said already'
check "the standby takes over" pass_until 20 signs_with a.test "$standby"
v explain a.test
says 0 "the old key is in overlap" "^$first \(rsa\) signs no more; mail that it signed may still be on its way"

## rollback: the old key again, by what the servers say now
v rollback a.test
says 0 "rollback: the old key signs at once" "^$first signs again, instead of $standby"
check "the table says so" signs_with a.test "$first"
v rollback a.test
says 0 "and may be said twice" 'Was rolled back already'
check "which changes nothing" signs_with a.test "$first"
v tick
check "the schedule rests" signs_with a.test "$first"
v log a.test
says 0 "the log knows who and what was typed" "root rollback  $first  rolled back \(signpost rollback .*a\.test\)"
v roll a.test
says 0 "roll goes forward" 'is rotated as soon as'
moved_on() { signs a.test && ! signs_with a.test "$first"; }
check "to a new key" pass_until 30 moved_on
now=$(selectors a.test)

## approve, attest, by hand
v add d.test --policy hand
d=$(files d.test)
v explain d.test
says 0 "explain: a person is waited for" "^$d \(rsa\) was handed over" 'signpost records d\.test'
v attest d.test "$d"
says 65 "attest: nobody was asked yet" 'no name server was asked'
v tick
v attest d.test "$d"
says 65 "attest: the server can be asked, and says no" 'name servers can be asked' 'some say otherwise'
v approve d.test
says 0 "approve, ahead of time" "$d may take over when it is proven and due"
v approve d.test
says 0 "and twice" 'was approved already'
v add d.test --policy word
v attest d.test nosuch
says 65 "attest: another key" "has no key nosuch .*$d"
v attest d.test "$d"
says 0 "attest: a person's word" 'counts as proven, by your word alone'
check "it signs" pass_until 20 signs d.test
v explain d.test
says 0 "by whose word, stays to be seen" '^  proven .*by a person'
v rollback d.test
says 65 "rollback: there is none before" 'signs since the beginning'

## compromise: refusals
v compromise a.test
says 64 "compromise wants a selector" 'want DOMAIN SELECTOR, or --scope host'
v compromise --scope host
says 64 "or a time" 'scope host wants --before TIME'
v compromise --scope world a.test x
says 64 "or a scope that there is" 'want key or host'
v compromise a.test nosuch
says 65 "a selector that there is not" 'has no key nosuch'

## compromise: the standby signs at once, while a pass holds its lock; the next pass revokes
c=$(selectors c.test)
c_standby() { spare=$(other c.test "$c") && [ -n "$spare" ] && is_state c.test "$spare" ready; }
check "c.test has a standby" pass_until 30 c_standby
exec 9>>"$STORE/pass.lock"
flock 9
begin=$(date +%s%N)
v compromise c.test "$c"
took=$((($(date +%s%N) - begin) / 1000000))
says 0 "compromise switches at once" '^1 key is marked as compromised' "c\.test signs with $spare from now on" 'scope host'
check "without waiting for the pass ($took ms)" test "$took" -lt 10000
check "the table says so before any pass" signs_with c.test "$spare"
exec 9>&-
v compromise c.test "$c"
says 0 "and may be said twice" 'It was marked already'
check "the record is revoked by the next passes" pass_until 15 is_revoked "$c" c.test
check "the standby's is not" not is_revoked "$spare" c.test
v log c.test
says 0 "the log knows who, and what was typed" "root compromise  $c  compromised \(signpost compromise .*c\.test $c\)"
gone() { [ ! -e "$STORE/keys/c.test/$c.pem" ]; }
check "its private key is deleted when every milter has left it" pass_until 20 gone
v rollback c.test
says 65 "a stolen key is not rolled back to" 'compromised: it never signs again|beginning'

## compromise without a standby: it signs until a new one is proven; --stop-now does not
b=$(selectors b.test)
v compromise b.test "$b"
says 0 "without a standby the stolen key goes on" 'no other proven key' 'goes on signing until' 'stop-now'
check "and signs" signs_with b.test "$b"
v explain b.test
says 0 "explain says so" "^$b \(rsa\) signs, though it is compromised"
b_moved() { signs b.test && ! signs_with b.test "$b"; }
check "until a new one is proven" pass_until 30 b_moved
check "then it is revoked" pass_until 15 is_revoked "$b" b.test
b=$(selectors b.test)
v compromise b.test "$b" --stop-now
says 0 "--stop-now stops" "$b signs no more" '451'
check "the domain has no key" not signs b.test
check "but a row" grep -q '^domain b\.test' "$STORE/signing.table"
check "until a new one is proven" pass_until 30 signs b.test

## the whole host
v compromise --scope host --before now
says 64 "a time is wanted" 'now is no time'
v compromise --scope host --before 2001-01-01
says 0 "nothing is that old" 'No key is meant'
sleep 1.1
v compromise --scope host --before 0s
says 0 "every key of the host" 'keys are marked as compromised' 'switched, 0 stopped, 4 go on'
check "signing goes on" signs_with a.test "$now"
all_new() { moved=$(sqlite "SELECT count(*) FROM key WHERE activated IS NOT NULL AND retired IS NULL AND compromised IS NULL" | tr -dc 0-9) && [ "$moved" -ge 3 ]; }
check "new keys take over where nobody is waited for" pass_until 40 all_new

## remove, and back
v remove c.test
says 64 "remove wants to be meant" 'signpost remove --yes c\.test'
v remove --yes c.test
says 0 "remove" 'leaves unsigned' 'signpost add c\.test'
v remove --yes c.test
says 0 "twice" 'Was said already'
for verb in roll rollback approve; do
	v $verb c.test
	says 65 "$verb of what is being removed" 'is being removed; signpost add c\.test'
done
v add c.test
says 0 "add takes it back"
v roll c.test
says 0 "and it goes on" 'rotated|Was said'
v remove --yes c.test
unsigned() { ! signs c.test; }
check "removed, it signs no more" pass_until 10 unsigned
v add c.test
says 0 "added once more, it says what becomes of its mail" 'its mail leaves unsigned' 'signpost rollback c\.test'
v tick
v rollback c.test
says 0 "rollback: the key that signed before" '^sp[^ ]* signs again\.'
check "signs, though none did" signs c.test
v remove --yes c.test
check "and is removed once more" pass_until 10 unsigned

## what the name server must allow
v publisher dns
says 0 "the rights, for all domains of a publisher" 'grant signpost wildcard \*\._domainkey\.a\.test\. TXT' '_domainkey\.b\.test'
v publisher dns new.test
says 0 "for one that is not here yet" 'grant signpost wildcard \*\._domainkey\.new\.test\. TXT'
v publisher dns --try
says 64 "to try, a domain is wanted" 'try wants a DOMAIN'
v publisher dns a.test --try
says 0 "its key can do what it must, and no more" '^right: ' 'and no more'
v publisher strong a.test --try
says 78 "another's can do more" 'can do more than it must'
v publisher nosuch
says 65 "a publisher that there is not" 'has no publisher "nosuch"'
v publisher by-hand
says 65 "by hand" 'by hand there is nobody'

## the clock
sqlite_write() { "$PYTHON" -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()' "$STORE/keystore.db" "$1"; }
sqlite_write "DELETE FROM number WHERE name LIKE 'clock_server%'"
sqlite_write "UPDATE number SET value = value + 864000 WHERE name = 'clock_real'"
v clock
says 0 "a clock that was set back is shown" 'judgement  *not trusted' 'signpost clock --accept'
v tick
v plan a.test
says 0 "plan tells of it" 'The clock is not trusted'
v rollback a.test
says 75 "and no step is taken" 'the clock is not trusted'
v clock --accept
says 0 "accepted" 'taken to be right'
v clock --json
check "as JSON it is trusted" "$PYTHON" -c 'import json, sys; assert json.load(open(sys.argv[1]))["trusted"] is True' "$T/out"
v log
says 0 "which is logged" 'root clock  the clock is accepted; before: .*\(signpost clock .*--accept\)'
lab_finish
