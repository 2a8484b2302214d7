#!/bin/bash
# SPDX-License-Identifier: ISC
# push.sh - contrib/hooks/push-ssh: keys before the table, deletions last; other hosts are directories here, reached by an
# ssh that stays on this host.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
HOOK=$REPO/contrib/hooks/push-ssh
STORE=$T/store

mkdir -p "$T/bin" "$STORE/keys/a.test" "$STORE/keys/b.test" "$T/mx2" "$T/mx3"
chmod 2750 "$STORE" "$STORE/keys" "$STORE/keys"/* "$T/mx2" "$T/mx3"
cat >"$T/bin/ssh" <<-'END'
	#!/bin/sh
	# ssh [-o OPTION]... [-l USER] HOST COMMAND...
	while :; do
		case $1 in
		-o | -l) shift 2 ;;
		-*) shift ;;
		*) break ;;
		esac
	done
	case $1 in down*) echo "ssh: connect to host $1 port 22: Connection refused" >&2; exit 255 ;; esac
	case $1 in hangs*) exec sleep 60 ;; esac
	shift
	PATH=${RSYNC%/*}:$PATH
	exec sh -c "$*"
END
chmod 755 "$T/bin/ssh"
export RSYNC_RSH=$T/bin/ssh

key() { # DOMAIN SELECTOR
	echo "private $1 $2" >"$STORE/keys/$1/$2.pem"
	chmod 640 "$STORE/keys/$1/$2.pem"
}
table() { # GENERATION DOMAIN SELECTOR...
	{
		echo "signpost-table 1"
		echo "generation $1"
		shift
		while [ $# -gt 0 ]; do
			echo "domain $1"
			echo "key $1 $2 rsa-sha256 keys/$1/$2.pem AAAA"
			shift 2
		done
		echo "end 9"
	} >"$STORE/signing.table"
	chmod 640 "$STORE/signing.table"
}

# pushes NAME STATUS TEXT ARGUMENT...: TEXT is a fixed string of what is said; "" for nothing at all
pushes() {
	local name=$1 status=$2 text=$3 got said
	shift 3
	said=$("$HOOK" "$@" 2>&1)
	got=$?
	if [ "$got" != "$status" ]; then
		not_ok "$name: exit status $got, not $status: $said"
	elif [ -n "$text" ] && ! grep -qF -e "$text" <<<"$said"; then
		not_ok "$name: says: $said"
	elif [ -z "$text" ] && [ -n "$said" ]; then
		not_ok "$name: should be silent: $said"
	else
		ok "$name"
	fi
}

key a.test s1
key b.test s1
table 1 a.test s1 b.test s1

## what it refuses
for wrong in "" keys "mx2 keys" "keys $STORE"; do
	# shellcheck disable=SC2086 # words
	pushes "arguments: '$wrong'" 64 "usage: push-ssh" $wrong
done
pushes "no such deed" 64 "want keys, table or delete" mx2 all "$STORE"
pushes "a store without its whole path" 64 "with its whole path" mx2 keys store
for host in -oProxyCommand=x 'a b' 'mx2;id' :/x mx2: mx2::module 'mx2:*'; do
	pushes "a host that is none: $host" 64 "want [USER@]NAME" "$host" keys "$STORE"
done
pushes "a directory without its whole path" 64 "want the directory" mx2:store keys "$STORE"
pushes "no store" 74 "is no store" mx2 keys "$T/none"

## statuses, of an rsync that does nothing
cat >"$T/bin/rsync" <<-'END'
	#!/bin/sh
	printf '%s\n' "$*" >>"$CALLS"
	for last; do :; done
	case $last in
	status*) status=${last%%:*}; exit "${status#status}" ;;
	esac
END
chmod 755 "$T/bin/rsync"
export CALLS=$T/calls
export RSYNC=$T/bin/rsync
for status in 5 10 12 20 30 35 255; do
	pushes "rsync's $status is worth another try" 75 "status$status: not reached" "status$status" keys "$STORE"
done
for status in 1 2 3 11 23 24; do
	pushes "rsync's $status is not" 1 "status$status: rsync failed ($status)" "status$status" keys "$STORE"
done
pushes "one host of three is away" 75 "status255: not reached" mx2 status255 mx3 keys "$STORE"
pushes "what will not go by itself weighs more" 1 "rsync failed (23)" status255 status23 status12 keys "$STORE"
RSYNC=$T/bin/none pushes "no rsync" 1 "is not there: install it" mx2 keys "$STORE"
: >"$CALLS"
pushes "keys" 0 "" mx2 root@mx3:/srv/signpost keys "$STORE"
check "each host is served" test "$(wc -l <"$CALLS")" = 2
check "with its directory" grep -q " $STORE/keys/ root@mx3:/srv/signpost/keys/\$" "$CALLS"
check "or that of the store" grep -q " $STORE/keys/ mx2:$STORE/keys/\$" "$CALLS"
check "nothing is deleted with keys" test "$(grep -c -e --delete "$CALLS")" = 0
: >"$CALLS"
pushes "table" 0 "" mx2 table "$STORE"
check "the table alone" grep -q " $STORE/signing.table mx2:$STORE/signing.table\$" "$CALLS"
check "nothing is deleted with it" test "$(grep -c -e --delete "$CALLS")" = 0
mv "$STORE/keys/b.test/s1.pem" "$T/away"
: >"$CALLS"
for deed in keys table delete; do
	pushes "$deed, of a store that lacks a key" 74 "keys/b.test/s1.pem is not there" mx2 "$deed" "$STORE"
done
check "nothing was called" test ! -s "$CALLS"
mv "$T/away" "$STORE/keys/b.test/s1.pem"

## with rsync itself
RSYNC=${REAL_RSYNC:-$(command -v rsync)}
if [ -z "$RSYNC" ]; then
	echo "skip - no rsync: what it does is not tried"
	lab_finish
fi
pem() { (cd "$1" && find . -name '*.pem' | sort | tr '\n' ' '); }
MX2=mx2:$T/mx2 MX3=mx3:$T/mx3
pushes "keys to two hosts" 0 "" "$MX2" "$MX3" keys "$STORE"
check "they are there" test "$(pem "$T/mx2")$(pem "$T/mx3")" = "$(pem "$STORE")$(pem "$STORE")"
check "the table is not" test ! -e "$T/mx2/signing.table"
check "modes of files" test "$(find "$T/mx2/keys" -type f -printf '%m ')" = "640 640 "
check "modes of directories" test "$(find "$T/mx2/keys" -mindepth 1 -type d -printf '%m ')" = "2750 2750 "
pushes "table" 0 "" "$MX2" table "$STORE"
check "it is there" cmp "$STORE/signing.table" "$T/mx2/signing.table"
check "its mode" test "$(stat -c %a "$T/mx2/signing.table")" = 640

# a rotation: new key, new table, old key gone
key a.test s2
: >"$STORE/keys/a.test/s3.pem.Ab12xY"
pushes "a new key" 0 "" "$MX2" keys "$STORE"
check "beside the old one, and nothing half written" test "$(pem "$T/mx2")" = "./keys/a.test/s1.pem ./keys/a.test/s2.pem ./keys/b.test/s1.pem "
check "temporary files stay here" test "$(find "$T/mx2" -name '*.pem.*' | wc -l)" = 0
table 2 a.test s2 b.test s1
rm "$STORE/keys/a.test/s1.pem"
pushes "nothing is deleted under an older table" 75 "no key is deleted before it is" "$MX2" delete "$STORE"
check "the key that it names is there" test -f "$T/mx2/keys/a.test/s1.pem"
pushes "the new table" 0 "" "$MX2" table "$STORE"
check "the old key is there yet" test -f "$T/mx2/keys/a.test/s1.pem"
pushes "and gone" 0 "" "$MX2" delete "$STORE"
check "the rest stays" test "$(pem "$T/mx2")" = "./keys/a.test/s2.pem ./keys/b.test/s1.pem "
pushes "again changes nothing" 0 "" "$MX2" delete "$STORE"
pushes "a host that never had a table" 75 "no key is deleted" "$MX3" delete "$STORE"
check "keeps its keys" test "$(pem "$T/mx3")" = "./keys/a.test/s1.pem ./keys/b.test/s1.pem "

# a removed domain leaves with its directory; the other host's being away does not matter to it
table 3 a.test s2
rm -r "$STORE/keys/b.test"
for deed in keys table; do
	pushes "$deed, one host down" 75 "down: not reached" "$MX2" "down:$T/mx4" "$deed" "$STORE"
done
pushes "delete, one host down" 75 "down: not reached" "down:$T/mx4" "$MX2" delete "$STORE"
check "the other is served" test "$(find "$T/mx2" -mindepth 2 -printf '%P ')" = "keys/a.test keys/a.test/s2.pem "
pushes "a directory that is not there" 1 "may the user there write the directory" "mx2:$T/none/of/it" keys "$STORE"

# told to stop, it takes what runs with it
"$HOOK" "hangs:$T/mx2" keys "$STORE" 2>/dev/null &
HOOK_PID=$!
wait_for 5 pgrep -P "$HOOK_PID" >/dev/null
sleep 0.3
kill "$HOOK_PID"
wait "$HOOK_PID"
check "TERM: try again" test $? = 75
lab_finish
