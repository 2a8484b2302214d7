#!/bin/bash
# SPDX-License-Identifier: ISC
# notify.sh - what people are told without asking, and what they see who may not open the store: mail through sendmail, a
# hook, the status file; as the users that these are.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
[ "$(id -u)" = 0 ] || lab_skip "three users are needed: root, a keeper, and somebody else"

CONF=$T/conf
STORE=$T/store
FILE=$T/store-status/status.json
lab_zone x.test
lab_named
mkdir "$T/told"
chmod 777 "$T/told"
cat >"$T/sendmail" <<-END
	#!/bin/sh
	if [ -e "$T/told/full" ]; then echo "no room in the queue"; exit 75; fi
	echo "\$*" >>"$T/told/words"
	cat >>"$T/told/mail"
	echo "--" >>"$T/told/mail"
END
cat >"$T/hook" <<-END
	#!/bin/sh
	echo "\$*" >>"$T/told/hook-words"
	cat >>"$T/told/hook"
END
chmod 755 "$T/sendmail" "$T/hook"
cat >"$CONF" <<-END
	notify {
	    mail = "postmaster@x.test"
	    from = "keeper@x.test"
	    sendmail = "$T/sendmail"
	    program = {"$T/hook", "for signpost"}
	    interval = 2s
	}
	signers {
	    milters = {}
	}
	keeper {
	    watch_interval = 1s
	    gone_sweeps = 2
	    gone_over = 1s
	}
	dns {
	    sweep_interval = 1s
	    timeout = 1s
	    zone "x.test" { servers = {"127.0.0.1:$DNS_PORT"} }
	}
END
chmod 644 "$CONF"

keeper() {
	local verb=$1
	shift
	"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@" >"$T/out" 2>"$T/err"
}
anybody() {
	setpriv --reuid nobody --regid nogroup --clear-groups "$SIGNPOST" "$1" --config "$CONF" --store "$STORE" "${@:2}" \
		>"$T/out" 2>"$T/err"
}
says() { # FILE TEXT
	grep -qF -- "$2" "$T/$1" || { sed 's/^/# /' "$T/$1"; return 1; }
}
passes_until() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		keeper tick
		sleep 0.5
	done
}
mailed() { grep -qF -- "$1" "$T/told/mail"; }
hooked() { grep -qF -- "$1" "$T/told/hook"; }

keeper init --user daemon --group daemon
check "init makes the directory of the status file, for all to see" test "$(stat -c '%U %a' "$T/store-status")" = "daemon 755"
anybody check --nagios
check "without a status file the third state is said" test $? = 3
check "in Nagios' words" says out "DKIM UNKNOWN - "
keeper add x.test
cp "$T/out" "$T/added"
keeper tick
check "the pass leaves it, readable by all" test "$(stat -c '%U %a' "$FILE")" = "daemon 644"
check "it is JSON" test "$(jq '.domains[0].domain == "x.test"' "$FILE")" = true
anybody status
check "nobody sees that x.test is Pending" test $? = 1
check "and from where that is" says out "From $FILE, written "
check "and that it is" says out "Pending"
anybody status x.test --json
check "as JSON, too" test "$(jq '.domains[0].status == "Pending" and .domains[0].waits_for == "person"' "$T/out")" = true
anybody log
check "but no more than that" test $? = 74
check "and no secrets" test -z "$(grep -lE 'PRIVATE|sendmail|tsig' "$FILE")"

: >"$T/told/full"
keeper records x.test --format zone
cp "$T/out" "$T/run/record"
cp "$T/zones/x.test" "$T/run/without"
cat "$T/run/record" >>"$T/zones/x.test"
cp "$T/zones/x.test" "$T/run/with"
lab_named_reload
check "the record is proven" passes_until 40 grep -q "^key x.test " "$STORE/signing.table"
check "the hook is told that it is Verified" passes_until 10 hooked '"event":"verified","what":"raised"'
check "with its own words" grep -qx "for signpost" "$T/told/hook-words"
keeper status
check "mail that did not go out is said" says out "could not be sent, since"
check "with the reason" says out "no room in the queue"
rm "$T/told/full"
check "and sent by a later pass" passes_until 10 mailed "Subject: signpost: x.test: Verified: its mail is signed"
check "sendmail gets -i -t and nothing else" test "$(sort -u "$T/told/words")" = "-i -t"
check "the hook was told once" test "$(grep -c . "$T/told/hook")" = 1
"$PYTHON" - "$T/told/mail" >"$T/out" 2>&1 <<-'END'
	import email, email.policy, email.utils, sys
	text = open(sys.argv[1], encoding="utf-8").read().split("--\n")[0]
	m = email.message_from_string(text, policy=email.policy.default)
	assert not m.defects, m.defects
	assert m["To"].addresses[0].addr_spec == "postmaster@x.test" and m["From"].addresses[0].addr_spec == "keeper@x.test"
	assert m["Date"].datetime and m["Message-ID"] and m["Auto-Submitted"] == "auto-generated"
	assert m.get_content_charset() == "utf-8" and "x.test" in m.get_content()
	assert max(map(len, text.split("\n"))) < 998
END
check "the mail is one" test $? = 0
keeper status
check "then nothing is said of it" test -z "$(grep 'could not be sent' "$T/out")"
for _ in 1 2 3 4; do
	sleep 1
	keeper tick
done
check "nobody is told twice" test "$(grep -c . "$T/told/words")" = 1
anybody check --nagios
check "nobody may check it, and it is well" test $? = 0
check "in one line" says out "DKIM OK - x.test: "
anybody check x.test
check "in words, too" says out "x.test  verified"
touch -d '20 minutes ago' "$FILE"
anybody check --nagios
check "a keeper that did not run is a warning" test $? = 1
check "and said" says out "DKIM WARNING - no keeper ran for 20 min; "
anybody status
check "status warns, too" test $? = 1
check "and says it" says out "The last pass was 20 min ago"
touch -d '2 days ago' "$FILE"
anybody check --nagios
check "after days nothing is known" test $? = 3

cp "$T/run/without" "$T/zones/x.test"
sed -i 's/hostmaster 1 /hostmaster 900 /' "$T/zones/x.test"
lab_named_reload
check "a lost record is told" passes_until 30 mailed "x.test: a record was changed or is gone ("
anybody status
check "nobody sees that it Failed" test $? = 2
cp "$T/run/with" "$T/zones/x.test"
sed -i 's/hostmaster 1 /hostmaster 1900 /' "$T/zones/x.test"
lab_named_reload
check "and that it is right again" passes_until 30 mailed "x.test: the record is right again ("
selector=$(sed -n 's/^key x.test \([^ ]*\) .*/\1/p' "$STORE/signing.table")
keeper compromise x.test "$selector"
check "compromise is taken" test $? = 0
check "and told" passes_until 10 mailed "x.test: a key is compromised ($selector)"
rm "$FILE"
ln -s /etc/passwd "$FILE"
anybody status
check "a link in its place is not followed" test $? = 74
keeper tick
check "and replaced by the next pass" test "$(stat -c %F "$FILE")" = "regular file"
lab_finish
