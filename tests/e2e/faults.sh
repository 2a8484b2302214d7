#!/bin/bash
# SPDX-License-Identifier: ISC
# faults.sh - the milter killed, stopped, pestered, missing; keys and tables gone bad: Postfix tempfails, nothing is
# lost, nothing leaves unsigned, and service is back by itself.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"

for domain in a.test b.test; do
	lab_key "$domain" sel1 rsa
done
lab_key a.test sel2 rsa
lab_key b.test sel2 ed25519
lab_named
lab_sink
lab_auth

# table [A-SELECTOR [WORDS-OF-B]]: the whole of it, with the next generation
table() {
	{
		echo "domain a.test"
		lab_key_row a.test "${1:-sel1}" rsa-sha256
		[ "${2:-}" = without-b ] || {
			echo "domain b.test"
			lab_key_row b.test sel1 rsa-sha256
		}
		[ "${2:-}" != with-ed25519 ] || lab_key_row b.test sel2 ed25519-sha256
		echo "allow local a.test"
	} | lab_table
}
table
lab_milter
# what a supervisor does
supervisor() {
	while [ ! -e "$T/run/enough" ]; do
		"$SIGNPOST_MILTER" -s "unix:$MILTER_SOCKET" -t "$T/signing/table" --log stderr >>"$T/log/milter" 2>&1 &
		echo $! >"$T/run/milter.pid"
		wait $!
		echo "ended with $?" >>"$T/log/supervisor"
	done
}
lab_postfix

# load PREFIX COUNT [WORD...]: background; $LOAD_PID
load() {
	local prefix=$1 count=$2 number
	shift 2
	for ((number = 0; number < count; number++)); do
		echo "$prefix-$number	signed d=a.test" >>"$T/expected-$prefix"
	done
	"$PYTHON" "$HERE/load.py" --port "$SUBMISSION_PORT" --login alice@a.test --sender alice@a.test \
		--prefix "$prefix" --count "$count" "$@" >"$T/run/$prefix.result" 2>&1 &
	LOAD_PID=$!
	PIDS+=("$LOAD_PID")
}

# After a load: each message taken, delivered once, signed, and judged.
arrived() { # PREFIX NAME
	local line bad=0
	check "$2: Postfix takes every message in the end" wait "$LOAD_PID"
	check "$2: the queue empties" lab_drain 30
	mkdir "$T/$1"
	find "$T/sink" -name "$1-*.eml" -exec mv -t "$T/$1" {} +
	while read -r line; do
		case $line in
		"not ok"*)
			bad=$((bad + 1))
			echo "$line"
			;;
		esac
	done < <("$PYTHON" "$HERE/judge.py" --dns "127.0.0.1:$DNS_PORT" "$T/$1" "$T/expected-$1" 2>&1 || [ $? = 1 ] || echo "not ok - judge.py")
	check "$2: $(wc -l <"$T/expected-$1") messages arrived, once, signed, and verified" test "$bad" = 0
}

refusals() { # PREFIX: how many messages had to be tried again
	awk -F '\t' '$2 > 1' "$T/run/$1.result" | wc -l
}

only_tempfails() { # PREFIX
	! cut -f 4 "$T/run/$1.result" | tr '|' '\n' | sed 's/^ *//' | grep -v '^$' | grep -Ev '^4|closed|reset|Broken'
}

## kill -9 under load
kill "$MILTER_PID"
lab_gone "$MILTER_PID"
rm -f "$T/run/milter.sock"
supervisor 2>/dev/null &
PIDS+=($!)
wait_for 10 milter_listens
load killed 200 --pause 0.01
for ((i = 0; i < 12; i++)); do
	sleep 0.25
	kill -9 "$(cat "$T/run/milter.pid")"
done
arrived killed "kill -9 under load"
check "kill -9 under load: 12 were killed" test "$(grep -c 'ended with 137' "$T/log/supervisor")" = 12
check "kill -9 under load: some messages had to be tried again ($(refusals killed))" test "$(refusals killed)" -gt 0
check "kill -9 under load: 4xx is all that clients saw" only_tempfails killed
longest=$(cut -f 3 "$T/run/killed.result" | sort -n | tail -1)
check "kill -9 under load: no message waited over 10 s ($longest s)" awk "BEGIN { exit !($longest < 10) }"

## stop and start again, under load
load restarted 120 --pause 0.01
for ((i = 0; i < 4; i++)); do
	sleep 0.4
	pid=$(cat "$T/run/milter.pid")
	kill "$pid"
	lab_gone "$pid"
done
arrived restarted "restart under load"
check "restart under load: TERM ends it with status 0" test "$(grep -c 'ended with 0$' "$T/log/supervisor")" -ge 4

## HUP changes nothing
pid=$(cat "$T/run/milter.pid")
load pestered 120
for ((i = 0; i < 500; i++)); do
	kill -HUP "$pid"
done
arrived pestered "HUP storm"
check "HUP storm: the same process" test "$(cat "$T/run/milter.pid")" = "$pid"
check "HUP storm: no message had to be tried again" test "$(refusals pestered)" = 0

## a new selector takes over under load
delivered() { # PREFIX COUNT
	[ "$(find "$T/sink" -name "$1-*.eml" | wc -l)" -ge "$2" ]
}
load rotated 120 --pause 0.05
wait_for 20 delivered rotated 10
table sel2
arrived rotated "table replaced under load"
check "table replaced under load: no message had to be tried again" test "$(refusals rotated)" = 0
with() { grep -l "s=$1;" "$T/rotated"/*.eml | wc -l; }
check "table replaced under load: sel1 ($(with sel1)), then sel2 ($(with sel2)), and nothing else" \
	test "$(with sel1)" -gt 0 -a "$(with sel2)" -gt 0 -a $(($(with sel1) + $(with sel2))) = 120


# mail CASE LOGIN FROM CODE [TEXT]: what a client is told
mail() {
	lab_message "$3" >"$T/mail/$1"
	{
		printf '%s\n' "< 220" "> EHLO client.test" "< 250" "plain $2 secret" "> MAIL FROM:<envelope@a.test>" "< 250" \
			"> RCPT TO:<$1@sink.test>" "< 250" "> DATA" "< 354" "data $T/mail/$1" "< ${*:4}"
	} | smtp "$SUBMISSION_PORT" "$OUTSIDER"
}

milter_said() { grep -qE "$1" "$T/log/milter"; }
# since a mark in the log
mark() { MARK=$(wc -l <"$T/log/milter"); }
milter_says() { tail -n "+$((MARK + 1))" "$T/log/milter" | grep -qE "$1"; }

## a bad table: the old one stays; between two of them a good one, since complaints are rate-limited
good() {
	table sel2
	lab_expect "$1" "signed d=a.test s=sel2"
	mail "$1" alice@a.test alice@a.test 250 || not_ok "$1: a good table is taken again"
	cp "$T/signing/table" "$T/good"
	mark
}
good good-1
head -n -1 "$T/good" >"$T/signing/table"
lab_expect cut-table "signed d=a.test s=sel2"
check "cut table: the old one stays in use" mail cut-table alice@a.test alice@a.test 250
check "cut table: said, with what to do" milter_says "table: .*the file is cut.*stays in use"
good good-2
sed '3s/.*/dommain a.test/' "$T/good" >"$T/signing/table"
lab_expect garbled-table "signed d=a.test s=sel2"
check "garbled table: the old one stays in use" mail garbled-table alice@a.test alice@a.test 250
check "garbled table: file and line" milter_says "table:3: .*dommain.*stays in use"
good good-3
sed 's/^generation .*/generation 1/' "$T/good" >"$T/signing/table"
lab_expect old-table "signed d=a.test s=sel2"
check "older generation: the newer one stays in use" mail old-table alice@a.test alice@a.test 250
check "older generation: said" milter_says "generation 1 is older.*stays in use"
good good-4
rm "$T/signing/table"
lab_expect no-table "signed d=a.test s=sel2"
check "table removed: the old one stays in use" mail no-table alice@a.test alice@a.test 250
check "table removed: said" milter_says "does not exist.*stays in use"

## keys gone bad: 451, the file and the command that mends it
mark
chmod 644 "$T/signing/keys/b.test/sel1.pem"
table sel2
check "key 0644: the client is told 451" mail open-key bob@b.test bob@b.test 451 4.7.1
check "key 0644: file, mode and the mending command" \
	milter_says "tempfail reason=key-unusable .*keys/b.test/sel1.pem is readable by others .0644.; chmod 0640 "
lab_expect other-domain "signed d=a.test s=sel2"
check "key 0644: other domains are served" mail other-domain alice@a.test alice@a.test 250
chmod 640 "$T/signing/keys/b.test/sel1.pem"
mended() { mail mended-key bob@b.test bob@b.test 250 2>/dev/null; }
lab_expect mended-key "signed d=b.test s=sel1"
check "key mended: signs again within 10 s, without a restart" wait_for 12 mended

mark
mv "$T/signing/keys/b.test/sel1.pem" "$T/run/aside"
table_of_b() { # the row as it was, the file gone
	{
		echo "domain b.test"
		echo "key b.test sel1 rsa-sha256 keys/b.test/sel1.pem $(lab_spki "$T/run/aside")"
		echo "domain a.test"
		lab_key_row a.test sel2 rsa-sha256
		echo "allow local a.test"
	} | lab_table
}
table_of_b
check "key gone: 451" mail gone-key bob@b.test bob@b.test 451
check "key gone: said" milter_says "tempfail reason=key-unusable .*b.test/sel1.pem.*No such file"
mark
cp -p "$T/signing/keys/a.test/sel1.pem" "$T/signing/keys/b.test/sel1.pem"
table_of_b
check "another key in its place: 451" mail wrong-key bob@b.test bob@b.test 451
check "another key in its place: said" milter_says "b.test/sel1.pem is another key"
mark
head -c 500 "$T/run/aside" >"$T/signing/keys/b.test/sel1.pem"
chmod 640 "$T/signing/keys/b.test/sel1.pem"
table_of_b
check "cut key: 451" mail cut-key bob@b.test bob@b.test 451
check "cut key: said" milter_says "tempfail reason=key-unusable .*b.test/sel1.pem"
mark
rm "$T/signing/keys/b.test/sel1.pem"
mkfifo -m 640 "$T/signing/keys/b.test/sel1.pem"
table_of_b
check "a FIFO in its place: 451, at once" mail fifo-key bob@b.test bob@b.test 451
check "a FIFO in its place: said" milter_says "b.test/sel1.pem is not a regular file"
rm "$T/signing/keys/b.test/sel1.pem"
ln -s "$T/run/aside" "$T/signing/keys/b.test/sel1.pem"
mark
table_of_b
check "a link out of the directory: 451" mail linked-key bob@b.test bob@b.test 451
rm "$T/signing/keys/b.test/sel1.pem"
mv "$T/run/aside" "$T/signing/keys/b.test/real.pem"
ln -s real.pem "$T/signing/keys/b.test/sel1.pem"
chmod 644 "$T/signing/keys/b.test/sel2.pem"
mark
table sel2 with-ed25519
lab_expect rsa-alone "signed d=b.test s=sel1 a=rsa-sha256" "the other key is unusable, and a link that stays below is fine"
check "one of two keys unusable: signed with the other" mail rsa-alone bob@b.test bob@b.test 250
check "one of two keys unusable: said" milter_says "signed .*s=sel1 .*key_unusable=.*sel2.pem is readable by others"

## a domain leaves the table
table sel2 without-b
lab_expect no-domain unsigned "its domain left the table"
check "domain removed: delivered, unsigned" mail no-domain bob@b.test bob@b.test 250

## no milter at all, then back
touch "$T/run/enough"
pid=$(cat "$T/run/milter.pid")
kill "$pid"
lab_gone "$pid"
absent() { # the session does not get as far as a message
	printf '%s\n' "< 220" "> EHLO client.test" "< 250" "> AUTH PLAIN AGFsaWNlQGEudGVzdABzZWNyZXQ=" "< 454" \
		"> MAIL FROM:<alice@a.test>" "< 451" | smtp "$SUBMISSION_PORT" "$OUTSIDER"
}
check "milter absent: AUTH and MAIL are told 4xx" absent
lab_message root@a.test >"$T/mail/kept"
lab_sendmail -f root@a.test kept@sink.test <"$T/mail/kept"
sleep 1.5
check "milter absent: sendmail(1)'s mail is kept, not sent" test ! -e "$T/sink/kept.eml" -a \
	-n "$(find "$T/postfix/queue/maildrop" -type f)"
lab_expect kept "signed d=a.test s=sel2" "waited for the milter"
begin=$(date +%s%N)
lab_milter
lab_expect back "signed d=a.test s=sel2"
check "milter back: serves at once" mail back alice@a.test alice@a.test 250
took=$((($(date +%s%N) - begin) / 1000000))
check "milter back: within 10 s of its start ($took ms)" test "$took" -lt 10000
check "milter back: the queue empties" lab_drain 30

## started without a table: answers, with 451, until there is one
kill "$MILTER_PID"
lab_gone "$MILTER_PID"
mv "$T/signing/table" "$T/aside"
mark
lab_milter
check "no table at start: 451" mail without-table alice@a.test alice@a.test 451
check "no table at start: said" milter_says "table.*does not exist.*451"
mv "$T/aside" "$T/signing/table"
lab_expect with-table "signed d=a.test s=sel2"
check "the table comes: signs without a restart" mail with-table alice@a.test alice@a.test 250

check "the queue empties" lab_drain
lab_judge

## no key bytes anywhere but in the key files
leaked() {
	local pem line
	for pem in "$T"/signing/keys/*/*.pem; do
		while read -r line; do
			case $line in
			-----*) ;;
			*) grep -rlF -- "$line" "$T/log" "$MAILLOG" "$T/sink" "$T/run" ;;
			esac
		done <"$pem"
	done
}
check "no key bytes in any log or message" test -z "$(leaked)"
check "no sanitizer complained" test -z "$(grep -lE 'Sanitizer|runtime error' "$T/log"/*)"
lab_finish
