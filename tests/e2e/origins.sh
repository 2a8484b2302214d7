#!/bin/bash
# SPDX-License-Identifier: ISC
# origins.sh - whose mail is signed: the classes of origin through real Postfix, and what is made of one SMTP session.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"

for domain in a.test b.test d.test; do
	lab_key "$domain" sel1 rsa
done
lab_named
lab_sink
lab_auth
lab_background filter "$PYTHON" "$HERE/sink.py" --port "$FILTER_PORT" --dir "$T/run" --forward "127.0.0.1:$REINJECT_PORT"
{
	for domain in a.test b.test d.test; do
		echo "domain $domain"
		lab_key_row "$domain" sel1 rsa-sha256
	done
	echo "set log_unsigned all"
	echo "allow local a.test"
	echo "allow network $NETWORK a.test"
	echo "allow network $NETWORK daemon=inside d.test"
	echo "allow login shop b.test"
} | lab_table
lab_milter
LAB_MASTER_CF="127.0.0.1:$SPARE_PORT inet n - n - - smtpd
  -o milter_macro_daemon_name=inside
  -o content_filter=smtp:[127.0.0.1]:$FILTER_PORT
  -o smtpd_sasl_auth_enable=yes" lab_postfix

# message CASE FROM [HEADER-LINE...]
message() {
	local case=$1
	shift
	lab_message "$@" >"$T/mail/$case"
}

# mail CASE PORT SOURCE LOGIN|- FROM [HEADER-LINE...]: one message in a session of its own
mail() {
	local case=$1 port=$2 source=$3 login=$4
	shift 4
	message "$case" "$@"
	{
		printf '%s\n' "< 220" "> EHLO client.test" "< 250"
		[ "$login" = - ] || echo "plain $login secret"
		printf '%s\n' "mail envelope@a.test $case@sink.test $T/mail/$case" "> QUIT" "< 221"
	} | smtp "$port" "$source" || not_ok "$case: Postfix takes it"
}

wait_for 5 listens "$FILTER_PORT"
AUTH="$SUBMISSION_PORT $OUTSIDER"
# shellcheck disable=SC2086 # two words
{
	lab_expect auth "signed d=a.test s=sel1 h~=from" "a login for its own domain"
	mail auth $AUTH alice@a.test alice@a.test
	lab_expect auth-colleague "signed d=a.test"
	mail auth-colleague $AUTH alice@a.test bob@a.test
	lab_expect auth-tenant unsigned "another tenant's From"
	mail auth-tenant $AUTH alice@a.test bob@b.test
	lab_expect auth-subdomain unsigned
	mail auth-subdomain $AUTH alice@a.test x@sub.a.test
	lab_expect auth-suffix unsigned
	mail auth-suffix $AUTH alice@a.test x@nota.test
	lab_expect auth-foreign unsigned
	mail auth-foreign $AUTH alice@a.test x@other.example
	lab_expect auth-mapped "signed d=b.test" "a login row"
	mail auth-mapped $AUTH shop s@b.test
	lab_expect auth-mapped-other unsigned
	mail auth-mapped-other $AUTH shop s@a.test
	lab_expect auth-bare unsigned "a bare login that no row names"
	mail auth-bare $AUTH nobody x@a.test
	lab_expect auth-display-name "signed d=a.test"
	mail auth-display-name $AUTH alice@a.test '"ceo@b.test" <alice@a.test>'
}

lab_expect network "signed d=a.test" "a listed network"
mail network "$MX_PORT" "$NETWORK_CLIENT" - x@a.test
lab_expect network-other unsigned
mail network-other "$MX_PORT" "$NETWORK_CLIENT" - x@b.test
lab_expect network-narrowed unsigned "the row wants another listener"
mail network-narrowed "$MX_PORT" "$NETWORK_CLIENT" - x@d.test
lab_expect network-inside "signed d=d.test" "signed before the content filter, re-injected after it"
mail network-inside "$SPARE_PORT" "$NETWORK_CLIENT" - x@d.test
lab_expect outsider unsigned "an outsider forges our From"
mail outsider "$MX_PORT" "$OUTSIDER" - ceo@a.test
lab_expect outsider-tales unsigned
mail outsider-tales "$MX_PORT" "$OUTSIDER" - ceo@a.test "Received: from [10.1.2.3] by mx.a.test (authenticated)" \
	"Authentication-Results: mx.a.test; auth=pass smtp.auth=alice@a.test"
lab_expect loopback unsigned "loopback by itself grants nothing"
mail loopback "$MX_PORT" 127.0.0.1 - ceo@a.test
lab_expect filter-outsider unsigned "an outsider's mail that a content filter re-injects on loopback"
mail filter-outsider "$SPARE_PORT" "$OUTSIDER" - ceo@a.test
lab_expect daemon-name-alone unsigned "the listener's name grants nothing"
mail daemon-name-alone "$SPARE_PORT" "$OUTSIDER" - ceo@d.test

lab_expect sendmail "signed d=a.test" "sendmail(1)"
message sendmail root@a.test
lab_sendmail -f root@a.test sendmail@sink.test <"$T/mail/sendmail"
lab_expect sendmail-other unsigned
message sendmail-other root@b.test
lab_sendmail -f root@b.test sendmail-other@sink.test <"$T/mail/sendmail-other"

lab_expect bounced "signed d=a.test" "a bounce, by internal_mail_filter_classes"
message bounced someone@other.example
smtp "$MX_PORT" "$NETWORK_CLIENT" <<-END || not_ok "the mail that will bounce is taken"
	< 220
	> EHLO client.test
	< 250
	mail bounced@sink.test refused@sink.test $T/mail/bounced
END

for case in author xclient-outside xclient-network xclient-login xclient-forged; do
	message "$case" alice@a.test
done
lab_expect author unsigned "MAIL AUTH= is no authentication"
smtp "$SPARE_PORT" "$OUTSIDER" <<-END || not_ok "MAIL with AUTH= is taken"
	< 220
	> EHLO client.test
	< 250
	mail alice@a.test author@sink.test $T/mail/author AUTH=alice@a.test
END
lab_expect xclient-outside unsigned
lab_expect xclient-network "signed d=a.test"
lab_expect xclient-login "signed d=a.test"
lab_expect xclient-forged unsigned
smtp "$MX_PORT" <<-END || not_ok "XCLIENT from an authorized host"
	< 220
	> EHLO proxy.test
	< 250 XCLIENT
	> XCLIENT NAME=outside.example ADDR=203.0.113.9
	< 220
	> EHLO outside.example
	< 250
	mail alice@a.test xclient-outside@sink.test $T/mail/xclient-outside
	> QUIT
	< 221
END
smtp "$MX_PORT" <<-END || not_ok "XCLIENT with an address of the listed network"
	< 220
	> EHLO proxy.test
	< 250
	> XCLIENT ADDR=$NETWORK_CLIENT
	< 220
	> EHLO inside.test
	< 250
	mail alice@a.test xclient-network@sink.test $T/mail/xclient-network
END
smtp "$SUBMISSION_PORT" <<-END || not_ok "XCLIENT with a login"
	< 220
	> EHLO proxy.test
	< 250
	> XCLIENT ADDR=203.0.113.9 LOGIN=alice@a.test
	< 220
	> EHLO outside.example
	< 250
	mail alice@a.test xclient-login@sink.test $T/mail/xclient-login
END
smtp "$MX_PORT" "$OUTSIDER" <<-END || not_ok "XCLIENT from an outsider is refused"
	< 220
	> EHLO client.test
	< 250
	> XCLIENT ADDR=$NETWORK_CLIENT LOGIN=alice@a.test
	< 5
	mail alice@a.test xclient-forged@sink.test $T/mail/xclient-forged
END

# A proxy's connection is another client's by the next XCLIENT.
for case in handed-login handed-nobody; do
	message "$case" alice@a.test
done
lab_expect handed-login "signed d=a.test"
lab_expect handed-nobody unsigned "the login is that of the client before"
smtp "$SPARE_PORT" <<-END || not_ok "one proxy's connection for two clients"
	< 220
	> EHLO proxy.test
	< 250
	> XCLIENT LOGIN=alice@a.test
	< 220
	> EHLO one.example
	< 250
	mail alice@a.test handed-login@sink.test $T/mail/handed-login
	> XCLIENT LOGIN=[UNAVAILABLE]
	< 220
	> EHLO two.example
	< 250
	mail alice@a.test handed-nobody@sink.test $T/mail/handed-nobody
	> QUIT
	< 221
END

# An MTA sends no macros at all where none has a value; those of the message before must then be gone.
"$PYTHON" - "$MILTER_SOCKET" >"$T/stale" <<-'END' || not_ok "the milter answers a client that sends no macros"
	import socket, struct, sys

	PROTOCOL, NO_REPLY = 0x1fffff, {b"C": 0x1000, b"M": 0x4000, b"L": 0x80, b"B": 0x80000}
	sock = socket.socket(socket.AF_UNIX)
	sock.settimeout(20)
	sock.connect(sys.argv[1])


	def send(command, data=b""):
	    sock.sendall(struct.pack("!I", len(data) + 1) + command + data)


	def exactly(count):
	    data = b""
	    while len(data) < count:
	        more = sock.recv(count - len(data))
	        if not more:
	            raise EOFError
	        data += more
	    return data


	def answer():
	    return exactly(struct.unpack("!I", exactly(4))[0])


	def command(letter, data=b"", macros=()):
	    if macros:
	        send(b"D", letter + b"".join(m.encode() + b"\0" for m in macros))
	    send(letter, data)
	    return b"c" if quiet & NO_REPLY.get(letter, 0) else answer()[:1]


	def message(name, macros=()):
	    command(b"M", b"<x@a.test>\0", macros)
	    command(b"L", b"From\0 x@a.test\0")
	    verdict = "unsigned"
	    if command(b"N") == b"c":
	        command(b"B", b"a line\r\n")
	        send(b"E")
	        while answer()[:1] in b"hi":
	            verdict = "signed"
	    print(name, verdict)


	send(b"O", struct.pack("!III", 6, 0x1ff, PROTOCOL))
	quiet = struct.unpack("!III", answer()[1:13])[2]
	LOGIN = ("{auth_type}", "PLAIN", "{auth_authen}", "alice@a.test")
	command(b"C", b"host\0004" + struct.pack("!H", 4000) + b"192.0.2.1\0")
	message("login", LOGIN)
	message("no-macros")
	message("login-again", LOGIN)
	send(b"A")
	message("after-abort")
	message("login-a-third-time", LOGIN)
	message("type-alone", ("{auth_type}", "PLAIN"))
	message("login-alone", ("{auth_authen}", "alice@a.test"))
END
cat >"$T/stale.want" <<-END
	login signed
	no-macros unsigned
	login-again signed
	after-abort unsigned
	login-a-third-time signed
	type-alone unsigned
	login-alone unsigned
END
check "macros hold for one message" diff "$T/stale.want" "$T/stale"

# One session, many messages: each is judged by itself.
for case in many-1 many-3 after-rset-1 after-rset-2 after-refused after-wrong pipelined-1 pipelined-2 dropped after-drop empty-line; do
	message "$case" alice@a.test
done
message many-2 bob@b.test
lab_expect many-1 "signed d=a.test"
lab_expect many-2 unsigned
lab_expect many-3 "signed d=a.test"
lab_expect after-rset-1 "signed d=a.test"
lab_expect after-rset-2 "signed d=a.test"
lab_expect after-refused "signed d=a.test"
smtp "$SUBMISSION_PORT" "$OUTSIDER" <<-END || not_ok "several messages and RSET in one session"
	< 220
	> EHLO client.test
	< 250
	plain alice@a.test secret
	mail alice@a.test many-1@sink.test $T/mail/many-1
	mail bob@b.test many-2@sink.test $T/mail/many-2
	mail alice@a.test many-3@sink.test $T/mail/many-3
	> RSET
	< 250
	> MAIL FROM:<bob@b.test>
	< 250
	> RSET
	< 250
	mail alice@a.test after-rset-1@sink.test $T/mail/after-rset-1
	> MAIL FROM:<bob@b.test>
	< 250
	> RCPT TO:<gone@sink.test>
	< 250
	> RSET
	< 250
	> NOOP
	< 250
	> VRFY someone
	< 252
	mail - after-rset-2@sink.test $T/mail/after-rset-2
	> MAIL FROM:<alice@a.test>
	< 250
	> RCPT TO:<>
	< 501
	> DATA
	< 554
	> RSET
	< 250
	mail alice@a.test after-refused@sink.test $T/mail/after-refused
	> QUIT
	< 221
END

lab_expect pipelined-1 "signed d=a.test"
lab_expect pipelined-2 "signed d=a.test"
smtp "$SUBMISSION_PORT" "$OUTSIDER" <<-END || not_ok "pipelined commands"
	< 220
	> EHLO client.test
	< 250
	plain alice@a.test secret
	>> RSET
	>> MAIL FROM:<alice@a.test>
	>> RCPT TO:<pipelined-1@sink.test>
	>> DATA
	< 250
	< 250
	< 250
	< 354
	data $T/mail/pipelined-1
	>> MAIL FROM:<alice@a.test>
	>> RCPT TO:<pipelined-2@sink.test>
	>> DATA
	< 250
	< 250
	< 250
	< 354
	data $T/mail/pipelined-2
	>> QUIT
	< 250
	< 221
END

smtp "$SUBMISSION_PORT" "$OUTSIDER" <<-END || not_ok "a client that goes away in the middle of a message"
	< 220
	> EHLO client.test
	< 250
	plain alice@a.test secret
	> MAIL FROM:<alice@a.test>
	< 250
	> RCPT TO:<dropped@sink.test>
	< 250
	> DATA
	< 354
	> From: alice@a.test
	> Subject: never finished
	>
	> half a body
	sleep 0.2
	drop
END
lab_expect after-drop "signed d=a.test"
# shellcheck disable=SC2086
mail after-drop $AUTH alice@a.test alice@a.test
smtp "$SUBMISSION_PORT" "$OUTSIDER" <<-END || not_ok "a failed login sends nothing"
	< 220
	> EHLO client.test
	< 250
	> AUTH PLAIN AGFsaWNlQGEudGVzdAB3cm9uZw==
	< 535
	> MAIL FROM:<alice@a.test>
	< 250
	> RCPT TO:<after-wrong@sink.test>
	< 554
END

check "the queue empties" lab_drain
lab_judge

# The log says of each message what became of it, once.
logged() { # CASE WORDS
	local id
	id=$(sed -n "s/.* \([0-9A-F]*\): to=<$1@sink.test>.*/\1/p" "$MAILLOG" | head -1)
	[ "$(grep -c "$id " "$T/log/milter")" = 1 ] || return 1
	grep "$id " "$T/log/milter" | grep -q "$2"
}
check "log: signed, by login" logged auth "signed from=a.test d=a.test s=sel1 a=rsa-sha256.*origin=auth login=alice@a.test"
check "log: outsider" logged outsider "unsigned reason=outside from=a.test client=$OUTSIDER"
check "log: not authorized" logged auth-tenant "unsigned reason=not-authorized from=b.test"
check "log: local" logged sendmail "signed from=a.test.*origin=local"
check "log: network" logged network "signed from=a.test.*origin=network"
lab_finish
