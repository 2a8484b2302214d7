#!/bin/sh
# SPDX-License-Identifier: ISC
# cli.sh - bad input and refusals of the command: what it says, how it exits, and that nothing is left behind; then the way of a key
# from `add` to the signing table, against a real name server.
# usage: cli.sh [SIGNPOST]	default: that of BUILD_DIR
# shellcheck disable=SC2016 # the dollars are for the files
set -u
build=${BUILD_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
signpost=${1:-${SIGNPOST:-$build/signpost/signpost}}
case $signpost in /*) ;; *) signpost=$PWD/$signpost ;; esac
[ -x "$signpost" ] || { echo "not ok - no program $signpost"; exit 1; }
box=$(mktemp -d) || exit 99
chmod 755 "$box"
server=
cleanup() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null
		wait "$server" 2>/dev/null
	fi
	rm -rf "$box"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
failures=0
checks=0

fail() {
	echo "not ok - $1"
	sed 's/^/    /' "$box/out" "$box/err"
	failures=$((failures + 1))
}

begin() {
	checks=$((checks + 1))
	seen=$failures
}

# ends what begin began: it passed when nothing failed since
ended() {
	[ "$failures" -gt "$seen" ] || echo "ok - $1"
}

# expect CODE TEXT ARGS...: the command exits with CODE and says TEXT (on standard error when CODE is 64 or more)
expect() {
	code=$1
	text=$2
	shift 2
	begin
	"$signpost" "$@" >"$box/out" 2>"$box/err" </dev/null
	got=$?
	[ "$got" = "$code" ] || { fail "signpost $*: exit $got, want $code"; return; }
	where=$box/out
	[ "$code" -ge 64 ] && where=$box/err
	grep -qF -- "$text" "$where" || fail "signpost $*: want \"$text\""
	[ "$code" -lt 64 ] || [ ! -s "$box/out" ] || fail "signpost $*: a refusal that prints to standard output"
	ended "signpost ${1:-} says: $text"
}

check() {
	what=$1
	shift
	begin
	"$@" || { : >"$box/out"; : >"$box/err"; fail "$what"; }
	ended "$what"
}

absent() {
	[ ! -e "$1" ]
}

# what the store holds, but for the locks' empty files and the rollback journal
snapshot() {
	(cd "$box/st" && find . -type f ! -name '*.lock' ! -name '*-journal' -exec cksum {} + | sort)
}

unchanged() {
	[ "$(snapshot)" = "$before" ]
}

owner=
if [ "$(id -u)" = 0 ]; then
	owner="--user nobody --group nogroup"
fi
conf=$box/conf
c="--config $conf"

# --- the command line
expect 64 'want a verb'
expect 64 'no verb frobnicate' frobnicate
expect 64 'usage: signpost records' records
expect 64 'usage: signpost add' add a.example b.example
expect 64 'status has no option --jsn' status --jsn
expect 64 '--format wants FORM' records a.example --format
expect 64 '--json takes no value' status --json=yes
expect 64 '--json is given twice' status --json --json
expect 64 'options are long ones' status -j
expect 0 'signpost tick' help
check 'signpost --version tells it' sh -c "'$signpost' --version | grep -qE '^signpost [0-9]+[.][0-9]'"
expect 0 '--json' status --help
expect 0 'option	sign	on_error	tempfail' help --all

# --- before there is anything
expect 78 'is not there; signpost init makes it' status --config "$conf"
expect 78 'is not there; signpost init makes it' tick --config "$conf"
if [ "$(id -u)" = 0 ]; then
	expect 78 'there is no user nosuchuser' init --config "$conf" --store "$box/st" --user nosuchuser --group nogroup
	expect 78 'there is no group nosuchgroup' init --config "$conf" --store "$box/st" --user nobody --group nosuchgroup
fi
expect 64 'want a path that begins with /' init --config "$conf" --store st
check "a refused init leaves no configuration" absent "$conf"
check "a refused init leaves no store" absent "$box/st"

# --- init, twice
# shellcheck disable=SC2086 # words
expect 0 "$box/st made" init $c --store "$box/st" $owner
cp "$conf" "$box/conf.first"
before=$(snapshot)
# shellcheck disable=SC2086
expect 0 'is a store already, and stays as it is' init $c --store "$box/st" $owner
check "a second init changes nothing" unchanged
check "a second init leaves the configuration" cmp -s "$conf" "$box/conf.first"
mkdir -m 755 "$box/other"
# shellcheck disable=SC2086
expect 74 'was not made by init' init $c --store "$box/other" $owner
# shellcheck disable=SC2086
expect 0 'No domain yet' status $c

# --- the configuration
bad() {
	printf '%b' "$3" >"$box/bad"
	expect "$1" "$2" tick --config "$box/bad" --store "$box/st"
	check "tick with a bad configuration changes nothing ($2)" unchanged
}
# told once; the good lines hold, and all else goes on
bad_map() {
	printf 'sign {\n login_map = "%s"\n}\n' "$4" >"$box/bad"
	expect "$1" "$2" tick --config "$box/bad" --store "$box/st"
	check "what is wrong with a login map grants nothing ($2)" test "$(grep '^allow login' "$box/st/signing.table")" = "$3"
	check "and is told once ($2)" "$signpost" tick --config "$box/bad" --store "$box/st"
}
before=$(snapshot)
bad 78 "$box/bad:2: no option \"athenticated\"; is it authenticated?" 'sign {\n athenticated = any\n}\n'
bad 78 "$box/bad:3: option \"dry_run\" stands here twice" 'sign {\n dry_run = yes\n dry_run = no\n}\n'
bad 78 "$box/bad:1: \"\${\"" 'store = "${HOME}"\n'
bad 78 "$box/bad:1: the brace opened here is never closed" 'sign {\n'
bad 78 "$box/bad:2: control byte 0x00" '\n\0000\n'
bad 78 'this file has no block publisher "dns"' 'policy "p" {\n publisher = dns\n}\n'
bad_map 74 "login_map: $box/nomap" '' "$box/nomap"
expect 74 "$box/other" status --config "$box/other" --store "$box/st"
printf 'a@b.example\n' >"$box/map"
bad_map 78 "$box/map:1: login \"a@b.example\" has no domain" '' "$box/map"
printf '# x\na@b.example b.example\na@B.example c.example\n' >"$box/map"
bad_map 78 "$box/map:3: login \"a@b.example\" stands in line 2, too" 'allow login "a@b.example" b.example' "$box/map"
rm "$box/map"
bad_map 74 "login_map: $box/map" 'allow login "a@b.example" b.example' "$box/map"
if [ "$(id -u)" = 0 ]; then
	chmod 666 "$conf"
	expect 78 'can be written by others (0666); chmod go-w it' status --config "$conf"
	chmod 644 "$conf"
fi

# --- domains
before=$(snapshot)
for name in 'exa mple.com' com 'a..example' 'example.com.' '-a.example' '../../x.example'; do
	# shellcheck disable=SC2086
	expect 65 "$name" add $c -- "$name"
done
# shellcheck disable=SC2086
expect 78 'has no policy "nope"' add a.example --policy nope $c
# shellcheck disable=SC2086
expect 65 'has no keys here; signpost add a.example' records a.example $c
# shellcheck disable=SC2086
expect 65 'is not here; signpost add a.example' status a.example $c
# shellcheck disable=SC2086
expect 64 'want person, zone, quoted, nsupdate' records a.example --format xml $c
# shellcheck disable=SC2086
expect 64 'want a DOMAIN, or --file' add $c
check "refused domains leave nothing behind" unchanged

# --- decide
# shellcheck disable=SC2086
expect 64 'want --from' decide $c
# shellcheck disable=SC2086
expect 64 '--client localhost' decide --from a@a.example --client localhost $c
begin
"$signpost" decide --from a@a.example --table "$box/nothing" --store "$box/st" >"$box/out" 2>"$box/err"
[ $? = 3 ] || fail "decide without a table cannot tell"
grep -qF "$box/nothing" "$box/err" || fail "decide names the table that is not there"
ended "decide without a table cannot tell, and names it"
# shellcheck disable=SC2086
expect 1 'unsigned reason=outside' decide --from a@a.example $c

# --- a damaged store, and one of a newer signpost
if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=nobody --regid=nogroup --clear-groups"; else as=; fi
$as cp "$box/st/keystore.db" "$box/st/saved"
$as sh -c "printf 'no database at all, but long enough to be read as one' >'$box/st/keystore.db'"
before=$(snapshot)
# shellcheck disable=SC2086
expect 78 'is damaged or no keystore' status $c
# shellcheck disable=SC2086
expect 78 'is damaged or no keystore' add a.example $c
# shellcheck disable=SC2086
expect 78 'is damaged or no keystore' tick $c
check "a damaged store is left as it is" unchanged
$as sh -c "cat '$box/st/saved' >'$box/st/keystore.db'; printf '\\000\\000\\000\\143' | dd of='$box/st/keystore.db' bs=1 seek=60 conv=notrunc status=none"
before=$(snapshot)
# shellcheck disable=SC2086
expect 78 'a newer signpost wrote it' tick $c
# shellcheck disable=SC2086
expect 78 'a newer signpost wrote it' add a.example $c
check "a newer store is left as it is" unchanged
$as sh -c "cat '$box/st/saved' >'$box/st/keystore.db'; rm '$box/st/saved'"

# --- a second pass goes away quietly
begin
$as touch "$box/st/pass.lock"
# shellcheck disable=SC2016
flock "$box/st/pass.lock" sh -c '"$0" tick --config "$1" >"$2/out" 2>"$2/err"; echo $? >"$2/code"' "$signpost" "$conf" "$box"
if [ "$(cat "$box/code")" != 75 ] || [ -s "$box/out" ] || [ -s "$box/err" ]; then
	fail "a second tick is quiet and exits 75"
fi
ended "a second tick is quiet and exits 75"

# --- from DNS to the table
command -v nsd >/dev/null || { echo "skip - no nsd here"; exit 77; }
port=$((20000 + $$ % 20000))
mkdir "$box/ns"
zone() {
	printf '$ORIGIN one.example.\n$TTL 300\n@ IN SOA ns1 host %s 3600 600 86400 60\n@ IN NS ns1\nns1 A 127.0.0.1\n' "$1"
}
zone 1 >"$box/ns/zone"
cat >"$box/ns/conf" <<END
server:
	ip-address: 127.0.0.1@$port
	zonesdir: "$box/ns"
	database: ""
	username: ""
	chroot: ""
	pidfile: "$box/ns/pid"
	xfrdfile: "$box/ns/xfrd"
	zonelistfile: "$box/ns/zonelist"
	xfrdir: "$box/ns"
	logfile: "$box/ns/log"
remote-control:
	control-enable: no
zone:
	name: one.example
	zonefile: zone
END
nsd -d -c "$box/ns/conf" >/dev/null 2>&1 &
server=$!
cat >"$conf" <<END
store = "$box/st"
dns {
    sweep_interval = 1s
    timeout = 1s
    zone "one.example" { servers = {"127.0.0.1:$port"} }
}
END
sleep 1
# shellcheck disable=SC2086
expect 0 'leaves unsigned, as today' add one.example $c
# shellcheck disable=SC2086
"$signpost" tick $c >/dev/null 2>&1
# shellcheck disable=SC2086
expect 1 '1 of 1 servers without the record' status one.example $c
# shellcheck disable=SC2086
{ zone 2; "$signpost" records one.example --format zone $c; } >"$box/ns/zone"
kill -HUP "$server"
generation=$(sed -n 's/^generation //p' "$box/st/signing.table")
passes=0
until grep -q '^key one.example ' "$box/st/signing.table" || [ $passes = 15 ]; do
	sleep 1.2
	# killed anywhere, the next pass goes on: every second one is
	# shellcheck disable=SC2086
	if [ $((passes % 2)) = 1 ]; then
		sh -c '"$@"; :' sh timeout -s KILL "0.$((passes + 2))" "$signpost" tick $c >/dev/null 2>&1
	else
		"$signpost" tick $c >/dev/null 2>&1
	fi
	passes=$((passes + 1))
done
check "the key enters the table ($passes passes)" grep -q '^key one.example ' "$box/st/signing.table"
check "the generation rose" test "$(sed -n 's/^generation //p' "$box/st/signing.table")" -gt "$generation"
# shellcheck disable=SC2086
expect 0 'Verified' status one.example $c
# shellcheck disable=SC2086
expect 0 'sign reason=granted origin=auth' decide --from 'A <a@one.example>' --auth a@one.example $c
sum=$(cksum <"$box/st/signing.table")
# shellcheck disable=SC2086
"$signpost" tick $c >/dev/null 2>&1
check "a pass without news leaves the table" test "$sum" = "$(cksum <"$box/st/signing.table")"
chmod 644 "$box"/st/keys/one.example/*.pem
# shellcheck disable=SC2086
expect 2 'chmod 0640 it' status one.example $c
chmod 640 "$box"/st/keys/one.example/*.pem

# --- a list: good lines are taken, bad ones are named
begin
# shellcheck disable=SC2086
printf 'one.example\n# comment\n\nbad..example\nb\303\274cher.example\n' | "$signpost" add --file - $c >"$box/out" 2>"$box/err"
[ $? = 65 ] || fail "add --file with a bad line exits 65"
grep -qF 'standard input:4: "bad..example" is no domain name: two dots' "$box/err" || fail "add --file names line 4"
grep -qF 'xn--bcher-kva.example (b' "$box/out" || fail "add --file goes on behind the bad line"
# shellcheck disable=SC2086
{ printf '# %1100s long-comment.example\n%1100s smuggled.example\n' x ''; printf 'nul.example\0 tail\nthree.example %1100s\nafter.example' x; } |
	"$signpost" add --file - $c >"$box/out" 2>"$box/err"
[ $? = 65 ] || fail "add --file with lines that are too long exits 65"
for line in 'standard input:2: the line is longer than 1023 octets' 'standard input:3: the line holds a NUL octet' \
	'standard input:4: the line is longer'; do
	grep -qF "$line" "$box/err" || fail "add --file says: $line"
done
grep -q 'long-comment\|smuggled\|nul\.example\|three' "$box/out" && fail "add --file took what a line ends with"
grep -qF 'after.example' "$box/out" || fail "add --file goes on behind long lines"
ended "add --file takes the good lines and names the bad one"
# shellcheck disable=SC2086
expect 1 'one.example' status $c

# --- idempotent
# shellcheck disable=SC2086
"$signpost" records xn--bcher-kva.example $c >"$box/records" || fail "records"
before=$(find "$box/st/keys" -type f | sort)
# shellcheck disable=SC2086
expect 0 "$(sed -n 's/.*Host *\([^ ]*\) .*/\1/p' "$box/records")" add xn--bcher-kva.example $c
check "add again makes no other key" test "$before" = "$(find "$box/st/keys" -type f | sort)"
# a crash between the key's file and its row: the file is taken up, no second one made
umask 027
$as mkdir -m 2750 "$box/st/keys/orphan.example"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null | $as sh -c "umask 027; cat >'$box/st/keys/orphan.example/lost1.pem'"
# shellcheck disable=SC2086
expect 0 'lost1._domainkey.orphan.example.' add orphan.example $c
check "a key without a row is taken up" test "$(find "$box/st/keys/orphan.example" -type f | wc -l)" = 1

# --- four at once are one
pids=
for _ in 1 2 3 4; do
	# shellcheck disable=SC2086
	"$signpost" add four.example $c >/dev/null 2>"$box/err" &
	pids="$pids $!"
done
begin
for pid in $pids; do
	wait "$pid" || fail "add at the same time as another"
done
ended "four adds at once all succeed"
check "four adds at once make one key" test "$(find "$box/st/keys/four.example" -type f | wc -l)" = 1

# --- permissions
check "keys are closed to others" test -z "$(find "$box/st/keys" -type f -perm /027)"
check "the database is the keeper's alone" test "$(stat -c %a "$box/st/keystore.db")" = 600
check "the table is for the group" test "$(stat -c %a "$box/st/signing.table")" = 640

echo "$((checks - failures)) passed, $failures failed"
[ "$failures" = 0 ]
