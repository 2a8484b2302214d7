#!/bin/bash
# SPDX-License-Identifier: ISC
# daemon.sh - what signpost-milter refuses: exit status, what it says, and that it leaves nothing behind.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"

lab_key a.test sel1 rsa
ROW=$(lab_key_row a.test sel1 rsa-sha256)
printf '%s\n' "domain a.test" "$ROW" | lab_table
TABLE=$T/signing/table
SOCK=$T/run/milter.sock

# refuses NAME STATUS TEXT ARGUMENT...: TEXT is an extended regular expression for all that is said
refuses() {
	local name=$1 status=$2 text=$3 said got before
	shift 3
	before=$(find "$T" -not -path "$T/log*" | sort)
	said=$(timeout 10 "$SIGNPOST_MILTER" "$@" 2>&1 </dev/null)
	got=$?
	if [ "$got" != "$status" ]; then
		not_ok "$name: exit status $got, not $status: $said"
	elif ! grep -qE -e "$text" <<<"$said"; then
		not_ok "$name: says: $said"
	elif [ "$before" != "$(find "$T" -not -path "$T/log*" | sort)" ]; then
		not_ok "$name: leaves something behind"
	else
		ok "$name"
	fi
}

on() { # ADDRESS: arguments for a start that would work but for the socket
	ARGS=(-s "$1" -t "$TABLE" --log stderr --group=)
}

## the command line
refuses "unknown long option" 64 "^signpost-milter: --nonsense: no such option" --nonsense
refuses "unknown short option" 64 "no such option" -x
refuses "an operand" 64 "^signpost-milter: table: only options are taken" table
refuses "a missing value" 64 "^signpost-milter: -s needs a value" -s
refuses "a mode that is none" 64 "mode=9: write an octal mode" --mode=9
refuses "a mode out of range" 64 "octal mode" --mode=77777
refuses "a log that is none" 64 "log=paper: write stderr, syslog or auto" --log=paper

## the socket
on milter.sock
refuses "an address without a kind" 64 "milter.sock: not a socket's address; write unix:" "${ARGS[@]}"
on unix:run/milter.sock
refuses "a relative path" 64 "run/milter.sock: a socket's path begins with /" "${ARGS[@]}"
on inet:nine@127.0.0.1
refuses "a port that is none" 64 "inet:nine@127.0.0.1: no port" "${ARGS[@]}"
on inet:8891@0.0.0.0
refuses "every interface" 78 "inet:8891@0.0.0.0: whoever reaches this address can have mail signed" "${ARGS[@]}"
on inet:8891@192.0.2.1
refuses "an address that is not loopback" 78 "--allow-remote" "${ARGS[@]}"
on "unix:$T/nowhere/milter.sock"
refuses "a directory that is missing" 74 "$T/nowhere: No such file.*install -d " "${ARGS[@]}"
on "unix:$T/expected/milter.sock"
refuses "a directory that is a file" 74 "$T/expected: Not a directory" "${ARGS[@]}"
on "unix:$T/run/$(printf '%0120d' 1)"
refuses "a path too long for a socket" 78 "too long for a socket" "${ARGS[@]}"
echo precious >"$T/run/file"
on "unix:$T/run/file"
refuses "a regular file at the path" 78 "$T/run/file is there and is not a socket" "${ARGS[@]}"
check "a regular file at the path: is left alone" test "$(cat "$T/run/file")" = precious
on "unix:$T/mail"
refuses "a directory at the path" 78 "$T/mail is there and is not a socket" "${ARGS[@]}"
ln -s "$T/run/file" "$T/run/link"
on "unix:$T/run/link"
refuses "a link at the path" 78 "$T/run/link is there and is not a socket" "${ARGS[@]}"
refuses "a group that is none" 78 "there is no group nosuchgroup" -s "unix:$SOCK" -t "$TABLE" --log stderr --group=nosuchgroup
[ "$(id -u)" != 0 ] || refuses "a user that is none" 78 "there is no user nosuchuser" \
	-s "unix:$SOCK" -t "$TABLE" --log stderr --group= --user=nosuchuser

lab_milter --group=
on "unix:$SOCK"
refuses "a live socket" 75 "$SOCK: another milter answers there" "${ARGS[@]}"
check "a live socket: the one that has it still answers" milter_listens
{ kill -9 "$MILTER_PID"; } 2>/dev/null
lab_gone "$MILTER_PID"
check "kill -9 leaves a stale socket" test -S "$SOCK"
lab_milter --group=
check "a stale socket is replaced" milter_listens
check "mode of the socket: 0660" test "$(stat -c %a "$SOCK")" = 660
kill "$MILTER_PID"
lab_gone "$MILTER_PID"
check "TERM removes the socket" test ! -e "$SOCK"

# the second of two is refused, the first goes on; when the first ends late it must not take the second's socket
lab_milter --group= --mode=0600
first=$MILTER_PID
check "mode of the socket: as told" test "$(stat -c %a "$SOCK")" = 600
mv "$SOCK" "$T/run/moved"
lab_milter --group=
kill "$first"
lab_gone "$first"
check "an old instance that ends leaves the new one's socket" milter_listens
kill "$MILTER_PID"
lab_gone "$MILTER_PID"
rm -f "$T/run/moved"

# shellcheck disable=SC2016 # the inner shell expands
lab_background closed sh -c 'exec "$0" -s "unix:$1" -t "$2" --group= <&- >&- 2>&-' "$SIGNPOST_MILTER" "$SOCK" "$TABLE"
check "standard descriptors closed: serves" wait_for 10 milter_listens
kill "$BACKGROUND"
lab_gone "$BACKGROUND"
lab_background inet "$SIGNPOST_MILTER" -s "inet:$SPARE_PORT@127.0.0.1" -t "$TABLE" --log stderr
check "an inet socket: serves" wait_for 10 listens "$SPARE_PORT"
on "inet:$SPARE_PORT@127.0.0.1"
refuses "an inet port in use" 75 "inet:$SPARE_PORT@127.0.0.1: Address already in use" "${ARGS[@]}"
kill "$BACKGROUND"
lab_gone "$BACKGROUND"

## more connections than descriptors: those beyond wait, and are served when others end
# shellcheck disable=SC2016 # the inner shell expands
lab_background crowd sh -c 'ulimit -n 64; exec "$0" -s "unix:$1" -t "$2" --group= --log stderr' "$SIGNPOST_MILTER" "$SOCK" "$TABLE"
wait_for 10 milter_listens
crowd() {
	"$PYTHON" - "$SOCK" <<-'END'
		import socket, struct, sys

		OFFER = struct.pack("!I", 13) + b"O" + struct.pack("!III", 6, 0x1ff, 0x1fffff)
		peers = []
		for _ in range(60):
		    peer = socket.socket(socket.AF_UNIX)
		    peer.connect(sys.argv[1])
		    peer.settimeout(20)
		    peer.sendall(OFFER)
		    peers.append(peer)
		served = [peer for peer in peers[:32] if peer.recv(4096)]
		peers[-1].settimeout(0.3)
		try:
		    sys.exit("the last one is served beside 59 others: %r" % peers[-1].recv(4096))
		except TimeoutError:
		    pass
		for peer in peers[:-1]:
		    peer.close()
		peers[-1].settimeout(20)
		sys.exit(len(served) != 32 or not peers[-1].recv(4096))
	END
}
check "more connections than descriptors: wait for their turn" crowd
check "more connections than descriptors: the log says so once" \
	test "$(grep -c '32 connections of the MTA are open, as many as the limit of descriptors' "$T/log/crowd")" = 1
kill "$BACKGROUND"
lab_gone "$BACKGROUND"

## the table, as --check and the running milter read it
check_says() { # NAME STATUS TEXT [ROW...]: a table of these rows
	local name=$1 status=$2 text=$3
	shift 3
	printf '%s\n' "$@" | lab_table
	refuses "$name" "$status" "$text" --check -t "$TABLE" --log stderr
}
check_says "a good table" 0 "^1 of 1 keys of 1 domains are usable$" "domain a.test" "$ROW"
check_says "a domain without a key" 0 "a.test: no key; its mail is answered with 451" "domain a.test"
check_says "unknown statement" 78 "table:4: .*dommain" "domain a.test" "dommain b.test"
check_says "a domain twice" 78 "table:4: .*a\.test" "domain a.test" "domain A.test"
check_says "no domain name" 78 "table:3: .*domain" "domain a..test"
check_says "an option that a domain has not" 78 "table:3: .*colour=red" "domain a.test colour=red"
check_says "a canonicalization that is none" 78 "table:3: .*nofws" "domain a.test c=nofws"
check_says "a key without its domain" 78 "table:3: .*a\.test" "$ROW"
check_says "a key path that leads out" 78 "table:4: .*\.\." "domain a.test" "${ROW/keys/../keys}"
check_says "an absolute key path" 78 "table:4: .*relative" "domain a.test" "${ROW/keys/\/keys}"
check_says "an algorithm that is none" 78 "table:4: .*rsa-sha1" "domain a.test" "${ROW/rsa-sha256/rsa-sha1}"
check_says "a hash that is none" 78 "table:4: .*SHA-256" "domain a.test" "${ROW%????}"
check_says "a selector that is none" 78 "table:4: .*selector" "domain a.test" "${ROW/ sel1 / sel_1.- }"
check_says "a network that is none" 78 "table:4: .*10\.1\.0\.0/33" "domain a.test" "allow network 10.1.0.0/33 a.test"
check_says "a network with host bits" 78 "table:4: .*10\.1\.2\.3/16" "domain a.test" "allow network 10.1.2.3/16 a.test"
check_says "a setting that is none" 78 "table:3: .*colour" "set colour red"
check_says "a setting's value that is none" 78 "table:3: .*on_error" "set on_error reject"
check_says "a setting twice" 78 "table:4: .*on_error" "set on_error tempfail" "set on_error accept"
check_says "an open quote" 78 "table:3: .*quot" 'allow login "shop a.test'
printf '%s\n' "domain a.test" "$ROW" | lab_table
chmod 666 "$TABLE"
refuses "a table that others may write" 0 "table is writable by others .0666.*chmod 0640 $TABLE" --check -t "$TABLE" --log stderr
printf 'domain a.test\0x\n' | lab_table
refuses "a NUL" 78 "table:3: .*NUL" --check -t "$TABLE" --log stderr
echo "domain a.test" | lab_table
sed -i '$d' "$TABLE"
refuses "no end line" 78 "table:.*no .end. line: the file is cut" --check -t "$TABLE" --log stderr
echo "end 17" >>"$TABLE"
refuses "a wrong end line" 78 "table:4: .*end 17" --check -t "$TABLE" --log stderr
: >"$TABLE"
refuses "an empty table" 78 "table:1: " --check -t "$TABLE" --log stderr
echo "signpost-table 2" >"$TABLE"
refuses "a later format" 78 "table:1: .*format" --check -t "$TABLE" --log stderr
rm "$TABLE"
refuses "no table" 78 "$TABLE does not exist" --check -t "$TABLE" --log stderr
mkdir "$TABLE"
refuses "a directory for a table" 78 "$TABLE is not a regular file" --check -t "$TABLE" --log stderr
rmdir "$TABLE"
mkfifo "$TABLE"
refuses "a FIFO for a table" 78 "$TABLE is not a regular file" --check -t "$TABLE" --log stderr
rm "$TABLE"

## key files
PEM=$T/signing/keys/a.test/sel1.pem
key_says() { # NAME TEXT
	check_says "$1" 78 "$2" "domain a.test" "$ROW"
}
for mode in 644 642 641 606; do
	chmod "$mode" "$PEM"
	key_says "key file with mode $mode" "sel1.pem is .* by others \(0$mode\); chmod 0640 .*sel1.pem"
done
chmod 660 "$PEM"
key_says "key file with mode 660" "sel1.pem is writable by its group \(0660\); chmod 0640"
chmod 640 "$PEM"
if [ "$(id -u)" = 0 ]; then
	chown nobody "$PEM"
	key_says "key file of another user" "sel1.pem belongs to user $(id -u nobody).*chown"
	chown root "$PEM"
fi
cp -p "$PEM" "$T/run/pem"
openssl pkey -in "$T/run/pem" -pubout -out "$PEM"
key_says "a public key in its place" "sel1.pem"
echo "no key" >"$PEM"
key_says "a text in its place" "sel1.pem"
head -c 100000 /dev/zero >"$PEM"
key_says "a large file in its place" "sel1.pem has 100000 bytes"
openssl genrsa -out "$PEM" 1024 2>/dev/null
check_says "an RSA key of 1024 bits" 0 "sel1.pem.*1024" "domain a.test" "$(lab_key_row a.test sel1 rsa-sha256)"
openssl genrsa -out "$PEM" 768 2>/dev/null || openssl genrsa -out "$PEM" 1000 2>/dev/null
check_says "an RSA key below 1024 bits" 78 "sel1.pem" "domain a.test" "$(lab_key_row a.test sel1 rsa-sha256)"
openssl genpkey -algorithm ED25519 -out "$PEM" 2>/dev/null
check_says "an Ed25519 key under another name" 78 "sel1.pem holds a key for ed25519-sha256" "domain a.test" \
	"$(lab_key_row a.test sel1 rsa-sha256)"
check_says "an EC key" 78 "sel1.pem" "domain a.test" "$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$PEM" 2>/dev/null
	lab_key_row a.test sel1 rsa-sha256)"
rm "$PEM"
key_says "no key file" "sel1.pem: cannot open: No such file"

## what asks for nothing
for option in --help --version; do
	refuses "$option" 0 "signpost-milter" "$option"
done
check "no sanitizer complained" test -z "$(grep -lE 'Sanitizer|runtime error' "$T/log"/* 2>/dev/null)"
lab_finish
