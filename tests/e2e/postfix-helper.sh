#!/bin/bash
# SPDX-License-Identifier: ISC
# contrib/postfix/signpost-postfix on private configuration directories: what it shows, changes, takes back, and says.
# shellcheck disable=SC2016 # $smtpd_milters is Postfix's
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
HELPER=$REPO/contrib/postfix/signpost-postfix
command -v postconf >/dev/null || lab_skip "there is no Postfix here"
OURS='{unix:signpost/milter.sock,default_action=tempfail}'

## tools of this script

# fresh NAME [NAME=VALUE...]: an instance as Debian installs it, in $D
fresh() {
	D=$T/$1
	shift
	mkdir "$D"
	cp /usr/share/postfix/main.cf.debian "$D/main.cf"
	cp /usr/share/postfix/master.cf.dist "$D/master.cf"
	quiet postconf -c "$D" -e "queue_directory = $T/queue" "myhostname = mx.a.test" "$@"
	settle
}

# Postfix waits two seconds before it reads a file that was only just written.
settle() { touch -d '1 minute ago' "$D/main.cf" "$D/master.cf"; }

# listener NAME [OPTION...]: one more smtpd in $D
listener() {
	local name=$1 entry option
	shift
	entry="$name inet n - y - - smtpd"
	for option in "$@"; do
		entry="$entry -o $option"
	done
	quiet postconf -c "$D" -Me "$name/inet=$entry"
}

quiet() { "$@" >/dev/null 2>&1; }
has() { grep -qF -e "$1" "$T/out"; }
hasnt() { ! has "$1"; }
main_is() { [ "$(postconf -c "$D" -h "$1" 2>/dev/null)" = "$2" ]; }
service_is() { [ "$(postconf -c "$D" -P "$1" 2>/dev/null | sed 's/^[^=]*= *//')" = "$2" ]; }
described() { # $D as Postfix reads it
	postconf -c "$D" -n 2>/dev/null
	postconf -c "$D" -P 2>/dev/null
	postconf -c "$D" -M 2>/dev/null
}
bytes() { cat "$D/main.cf" "$D/master.cf" | cksum; }

# helper STATUS ARGUMENT...: runs it on $D; its words are in $T/out
helper() {
	local want=$1 status=0
	shift
	"$HELPER" -c "$D" "$@" >"$T/out" 2>&1 || status=$?
	[ ! -d "$D" ] || settle
	if [ "$status" != "$want" ]; then
		not_ok "${D##*/}: signpost-postfix $*: exit $status instead of $want"
		cat "$T/out"
		return 1
	fi
	ok "${D##*/}: signpost-postfix $*: exit $want"
}

## a stock instance

fresh stock
listener submission smtpd_sasl_auth_enable=yes
described >"$T/before"
before=$(bytes)
helper 0 show
check "show prints the lines to come" has "+submission/inet/smtpd_milters = $OURS"
check "show names what is left alone, and why" has "left alone: smtp (port 25: --port25 adds it)"
check "show changes nothing" [ "$(bytes)" = "$before" ]
check "show leaves no file behind" [ ! -e "$D/signpost-postfix.state" ]
helper 0 install
check "install shows the difference first" has "+submission/inet/smtpd_milters = $OURS"
check "install tells how Postfix takes it up" has "postfix -c $D reload"
check "submission has our milter" service_is submission/inet/smtpd_milters "$OURS"
check "port 25 has not" service_is smtp/inet/smtpd_milters ''
check "sendmail(1) has our milter" main_is non_smtpd_milters '{ unix:signpost/milter.sock, default_action=tempfail }'
check "bounces are signed" main_is internal_mail_filter_classes bounce
after=$(bytes)
helper 0 install
check "a second install finds nothing to do" has "nothing to do"
check "a second install changes nothing" [ "$(bytes)" = "$after" ]
helper 78 --socket inet:127.0.0.1:8891 install
check "another socket wants an undo first" has "tells of another socket than inet:127.0.0.1:8891"
check "and nothing is changed" [ "$(bytes)" = "$after" ]
helper 0 undo
described >"$T/after"
check "undo puts everything back" cmp -s "$T/before" "$T/after"
check "undo removes its state" [ ! -e "$D/signpost-postfix.state" ]
helper 0 undo
check "a second undo finds nothing to do" has "nothing to do"

## other milters stay, ours is last

fresh milters 'smtpd_milters = inet:127.0.0.1:11332 { unix:/a/b, default_action=accept,command_timeout=5s }' \
	'non_smtpd_milters = $smtpd_milters' 'internal_mail_filter_classes = notify'
listener submission
listener submissions smtpd_milters=
listener smtps smtpd_milters=inet:127.0.0.1:9
described >"$T/before"
theirs='inet:127.0.0.1:11332,{unix:/a/b,default_action=accept,command_timeout=5s}'
helper 0 install
check "an inherited list is copied, ours behind it" service_is submission/inet/smtpd_milters "$theirs,$OURS"
check "an empty list of its own gets ours alone" service_is submissions/inet/smtpd_milters "$OURS"
check "a list of its own is kept" service_is smtps/inet/smtpd_milters "inet:127.0.0.1:9,$OURS"
check "main.cf's list is not touched" main_is smtpd_milters \
	'inet:127.0.0.1:11332 { unix:/a/b, default_action=accept,command_timeout=5s }'
check "a reference stays a reference" main_is non_smtpd_milters \
	'$smtpd_milters, { unix:signpost/milter.sock, default_action=tempfail }'
check "a class that was there stays" main_is internal_mail_filter_classes 'notify, bounce'
check "Postfix can expand the result" quiet postconf -c "$D" -x -P submission/inet/smtpd_milters
helper 0 undo
described >"$T/after"
check "undo restores lists and references" cmp -s "$T/before" "$T/after"

fresh present 'smtpd_milters = inet:127.0.0.1:9' \
	'signing = { local:signpost/milter.sock , default_action=tempfail }' \
	'non_smtpd_milters = $smtpd_milters, $signing' 'internal_mail_filter_classes = bounce'
listener submission 'smtpd_milters=inet:127.0.0.1:9,$signing'
helper 0 install
check "ours is known under another spelling" has "nothing to do"

# What doctor once told people to type: cleanup and smtpd in their chroot cannot reach it, and all mail is deferred.
ABSOLUTE=unix:$T/queue/signpost/milter.sock
fresh absolute "non_smtpd_milters = inet:127.0.0.1:9, $ABSOLUTE" 'internal_mail_filter_classes = bounce'
listener submission "smtpd_milters={$ABSOLUTE,default_action=tempfail}"
quiet postconf -c "$D" -F cleanup/unix/chroot=y
settle
helper 2 check
check "check finds a path that cleanup cannot reach" has "fail  sendmail(1): runs in a chroot, and cannot reach the socket"
check "and one that smtpd cannot reach" has "fail  submission/inet: runs in a chroot, and cannot reach the socket"
helper 0 install
check "install puts the right one in its place" main_is non_smtpd_milters "inet:127.0.0.1:9, { unix:signpost/milter.sock, default_action=tempfail }"
check "for smtpd, too" service_is submission/inet/smtpd_milters "$OURS"
helper 0 install
check "then nothing is left to do" has "nothing to do"
helper 0 undo
check "undo does not bring it back" main_is non_smtpd_milters "inet:127.0.0.1:9"
check "nor that of smtpd" service_is submission/inet/smtpd_milters ""
fresh absolute-alone "non_smtpd_milters = $ABSOLUTE" 'internal_mail_filter_classes = bounce'
quiet postconf -c "$D" -F cleanup/unix/chroot=y
settle
helper 0 install
helper 0 undo
check "where there was no other, there is none" main_is non_smtpd_milters ""
fresh absolute-free "non_smtpd_milters = $ABSOLUTE" 'internal_mail_filter_classes = bounce'
quiet postconf -c "$D" -F cleanup/unix/chroot=n
settle
helper 0 install
check "without a chroot it is right" has "nothing to do"
fresh absolute-named "signing = $ABSOLUTE" 'non_smtpd_milters = $signing' 'internal_mail_filter_classes = bounce'
quiet postconf -c "$D" -F cleanup/unix/chroot=y
settle
helper 78 install
check "by way of another parameter it is told where to mend it" has "write unix:signpost/milter.sock there"

fresh blanks 'smtpd_milters = { inet:127.0.0.1:9, { default_action = 451 a b } }'
listener submission
before=$(bytes)
helper 78 install
check "a value that cannot be copied is refused by name" has "submission/inet/smtpd_milters: a value in this list needs its blanks"
check "then nothing was changed" [ "$(bytes)" = "$before" ]
check "then nothing is left behind" [ ! -e "$D/signpost-postfix.state" ]

## which listeners

fresh listeners
listener submission
listener 192.0.2.1:465
listener 127.0.0.1:10025 content_filter= smtpd_recipient_restrictions=permit_mynetworks,reject
listener 127.0.0.1:10026
listener 10587 smtpd_recipient_restrictions=permit_mynetworks,reject
listener 10588 smtpd_sasl_auth_enable=yes
listener 2525
listener smtps content_filter=smtp:127.0.0.1:10026 smtpd_milters=
described >"$T/before"
helper 0 install
for name in submission 192.0.2.1:465 10587 10588; do
	check "$name takes submissions" service_is "$name/inet/smtpd_milters" "$OURS"
done
for name in smtp 127.0.0.1:10025 127.0.0.1:10026 2525 smtps; do
	check "$name is left alone" service_is "$name/inet/smtpd_milters" ''
done
check "the filter's listener is named" has "left alone: 127.0.0.1:10025 (takes mail back from a content filter"
check "one that signs behind its filter is named" has "left alone: smtps (its content_filter hands mail on"
check "an unknown listener is named, with the option" has "--service 2525 adds it"
helper 0 --port25 --service 2525 --daemon-names install
check "--port25 adds port 25" service_is smtp/inet/smtpd_milters "$OURS"
check "--service adds a listener" service_is 2525/inet/smtpd_milters "$OURS"
check "--daemon-names names listeners" service_is submission/inet/milter_macro_daemon_name submission
helper 0 undo
described >"$T/after"
check "undo takes both installs back" cmp -s "$T/before" "$T/after"

## somebody changed things since

fresh changed
listener submission
helper 0 install
quiet postconf -c "$D" -P 'submission/inet/smtpd_milters=inet:127.0.0.1:7'
quiet postconf -c "$D" -e 'biff = yes'
settle
before=$(bytes)
helper 78 undo
check "undo names the value that changed" has "submission/inet/smtpd_milters was changed since"
check "undo shows what we wrote" has "we wrote   $OURS"
check "undo shows what is there" has "it is now  inet:127.0.0.1:7"
check "undo shows what was before us" has "before us  unset"
check "a refused undo changes nothing" [ "$(bytes)" = "$before" ]
check "a refused undo keeps its state" [ -e "$D/signpost-postfix.state" ]
helper 0 install
check "install appends to the new value" service_is submission/inet/smtpd_milters "inet:127.0.0.1:7,$OURS"
helper 0 undo
check "undo goes back to the newest foreign value" service_is submission/inet/smtpd_milters inet:127.0.0.1:7
check "undo takes back what was not changed" main_is internal_mail_filter_classes ''
check "undo leaves other settings alone" main_is biff yes

fresh byhand
listener submission
described >"$T/before"
helper 0 install
quiet postconf -c "$D" -PX submission/inet/smtpd_milters
quiet postconf -c "$D" -X non_smtpd_milters internal_mail_filter_classes
helper 0 undo
check "undo finds that all is back already" has "put everything back already"

## newer Postfix: 8-bit bodies are converted before the milter, by a cleanup of our own

mkdir "$T/bin"
cat >"$T/bin/postconf" <<END
#!/bin/sh
case "\$*" in
*"-d force_mime_input_conversion"*) echo "force_mime_input_conversion = no" ;;
*"-h force_mime_input_conversion"*) echo no ;;
*) exec $(command -v postconf) "\$@" ;;
esac
END
chmod 755 "$T/bin/postconf"
old_path=$PATH
PATH=$T/bin:$PATH
fresh newer
listener submission
described >"$T/before"
helper 0 install
postconf -c "$D" -M 2>/dev/null | tr -s " " >"$T/out"
check "a cleanup service of our own converts" has "signpost_cleanup unix n - y - 0 cleanup"
check "it has the option" service_is signpost_cleanup/unix/force_mime_input_conversion yes
check "submission uses it" service_is submission/inet/cleanup_service_name signpost_cleanup
check "sendmail(1) uses it" service_is pickup/unix/cleanup_service_name signpost_cleanup
check "port 25 does not" service_is smtp/inet/cleanup_service_name ''
helper 0 install
check "and it is done once" has "nothing to do"
helper 0 undo
described >"$T/after"
check "undo takes the service away" cmp -s "$T/before" "$T/after"
PATH=$old_path

## refusals

fresh refusals
listener submission
before=$(bytes)
helper 64 frobnicate
check "an unknown verb is named" has "'frobnicate' is no option and no verb"
helper 64
helper 64 --socket
helper 64 --socket milter.sock install
check "a socket without a kind is explained" has "it is unix:PATH or inet:HOST:PORT"
helper 64 --socket 'unix:a,b' install
helper 64 install undo
check "refusals change nothing" [ "$(bytes)" = "$before" ]
D=$T/nowhere helper 78 show
check "a missing instance is named" has "$T/nowhere/main.cf cannot be read"

## check: settings

fresh settings 'smtp_header_checks = texthash:/x' 'milter_protocol = 2' 'milter_default_action = accept' \
	'milter_header_checks = texthash:/y' 'smtpd_milters = inet:127.0.0.1:5' \
	'non_smtpd_milters = unix:signpost/milter.sock'
listener submission receive_override_options=no_milters smtpd_proxy_filter=127.0.0.1:9 \
	smtpd_milters=unix:signpost/milter.sock,inet:127.0.0.1:9
listener submissions content_filter=smtp:127.0.0.1:9 "smtpd_milters=$OURS" 'milter_mail_macros=i'
listener smtps
quiet postconf -c "$D" -P relay/unix/smtp_generic_maps=texthash:/z
before=$(bytes)
helper 2 check
while IFS= read -r line; do
	check "check says: $line" has "$line"
done <<'END'
fail  submission/inet: receive_override_options = no_milters turns ours off
warn  submission/inet: a milter after ours may change what was signed
warn  submission/inet: smtpd_proxy_filter
warn  submission/inet: mail leaves unsigned while the milter is down (milter_default_action = accept)
warn  submissions/inet: content_filter
note  submissions/inet: has a list of its own, without inet:127.0.0.1:5
note  submissions/inet: milter_mail_macros does without {auth_authen}
fail  smtps/inet: mail that is submitted here stays unsigned
warn  bounces leave unsigned
warn  smtp_header_checks = texthash:/x changes mail after it was signed
warn  relay/unix: smtp_generic_maps = texthash:/z changes mail after it was signed
warn  milter_header_checks acts on the fields that milters add
warn  milter_protocol = 2 hides blanks
warn  non_smtpd_milters: mail leaves unsigned while the milter is down
END
check "a per-milter default_action counts" hasnt "submissions/inet: mail leaves unsigned while"
check "check changes nothing" [ "$(bytes)" = "$before" ]

## check: the socket, as Postfix will use it

cat >"$T/fake-milter.py" <<'END'
# fake-milter.py ADDRESS LOG [mute]: agrees to anything and lets everything pass; a line in LOG per connection
import os, socket, struct, sys, threading
where, log = sys.argv[1:3]
if ":" in where:
    server = socket.create_server(("127.0.0.1", int(where.split(":")[1])))
else:
    server = socket.socket(socket.AF_UNIX)
    server.bind(where)
    os.chmod(where, 0o666)
    server.listen(5)
def serve(c):
    stream = c.makefile("rb")
    if "mute" in sys.argv:
        return c.close()
    open(log, "a").write("connection\n")
    while len(head := stream.read(4)) == 4:
        data = stream.read(struct.unpack("!I", head)[0])
        if data[:1] == b"O":
            c.sendall(struct.pack("!IcIII", 13, b"O", 6, 0, 0))
        elif data[:1] == b"Q":
            break
        elif data[:1] not in b"DA":
            c.sendall(struct.pack("!Ic", 1, b"c"))
    c.close()
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
END
fake_milter() { # ADDRESS [mute]
	lab_background fake "$PYTHON" "$T/fake-milter.py" "$1" "$T/connections" ${2:+"$2"}
	FAKE=$BACKGROUND
	case $1 in
	/*) wait_for 10 test -S "$1" && sleep 0.2 ;;
	*) wait_for 10 listens "${1#*:}" ;;
	esac
}
fake_milter_stop() {
	kill "$FAKE"
	lab_gone "$FAKE"
}

if [ "$(id -u)" = 0 ]; then
	mkdir -p "$T/queue"
	mkdir -m 755 "$T/queue/signpost"
	fresh socket
	listener submission
	helper 0 install
	helper 2 check
	check "a missing socket is named with its whole path" \
		has "submission/inet: there is no socket $T/queue/signpost/milter.sock"
	check "and the next command" has "systemctl start signpost-milter"
	fake_milter "$T/queue/signpost/milter.sock"
	helper 0 check
	check "inside the chroot" has "ok    submission/inet: a milter (version 6) answers at unix:signpost/milter.sock as user postfix inside $T/queue"
	check "sendmail(1) too" has "ok    sendmail(1): a milter"
	quiet postconf -c "$D" -F submission/inet/chroot=n
	helper 0 check
	check "and outside it" has "ok    submission/inet: a milter (version 6) answers at unix:signpost/milter.sock as user postfix"
	chmod 600 "$T/queue/signpost/milter.sock"
	helper 2 check
	check "a socket that postfix may not use is named" has "postfix may not connect to $T/queue/signpost/milter.sock"
	check "with the commands that mend it" has "chmod 0660 $T/queue/signpost/milter.sock"
	fake_milter_stop
	helper 2 check
	rm -f "$T/queue/signpost/milter.sock"
	fake_milter "$T/queue/signpost/milter.sock" mute
	helper 2 check
	check "who does not speak the protocol is said" has "does not speak the milter protocol (closed)"
	fake_milter_stop
	helper 0 undo
	helper 0 --socket "$T/other.sock" install
	quiet postconf -c "$D" -F submission/inet/chroot=y
	helper 2 --socket "$T/other.sock" check
	check "a path outside the chroot is explained" has "is below the chroot for this service"
	helper 0 undo
	helper 0 --socket "inet:127.0.0.1:$SPARE_PORT" install
	helper 2 --socket "inet:127.0.0.1:$SPARE_PORT" check
	check "a refused connection is said" has "nobody listens at inet:127.0.0.1:$SPARE_PORT"
	fake_milter "tcp:$SPARE_PORT"
	helper 0 --socket "inet:127.0.0.1:$SPARE_PORT" check
	fake_milter_stop

	# What it writes, a real Postfix understands.
	: >"$T/connections"
	lab_auth
	lab_sink
	lab_postfix smtpd_milters= non_smtpd_milters= internal_mail_filter_classes=
	D=$T/postfix/etc
	helper 0 --socket "inet:127.0.0.1:$SPARE_PORT" --reload install
	connections() { [ "$(wc -l <"$T/connections")" = "$1" ]; }
	hello() { # PORT COMMAND...: what the server says to the last one
		"$PYTHON" - "$@" <<-'END'
			import smtplib, sys
			s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=20)
			s.ehlo("client.test")
			for command in sys.argv[2:]:
			    code, text = s.docmd(command)
			    print(code, text.decode())
			s.close()
		END
	}
	says() { # PATTERN PORT COMMAND...
		local pattern=$1
		shift
		hello "$@" | grep -q "$pattern"
	}
	submit_auth="AUTH PLAIN $(printf '\0alice@a.test\0secret' | base64)"
	check "without a milter, submission answers 4xx" wait_for 10 says '^4' "$SUBMISSION_PORT" "$submit_auth"
	fake_milter "tcp:$SPARE_PORT"
	count=$(wc -l <"$T/connections")
	check "with one, it lets clients in" wait_for 10 says '^235' "$SUBMISSION_PORT" "$submit_auth"
	check "submission connects to the milter" [ "$(wc -l <"$T/connections")" -gt "$count" ]
	count=$(wc -l <"$T/connections")
	check "port 25 serves its clients" says '^250' "$MX_PORT" "MAIL FROM:<x@sink.test>"
	check "without asking the milter" connections "$count"
	printf 'From: x@a.test\n\nhello\n' | lab_sendmail -i someone@sink.test
	check "sendmail(1) mail asks the milter" wait_for 10 connections "$((count + 1))"
	check "mail is delivered" lab_drain
	lab_postfix_stop
else
	echo "skip - the socket as user postfix, and a running Postfix: only root can"
fi
lab_finish
