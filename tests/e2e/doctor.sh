#!/bin/bash
# SPDX-License-Identifier: ISC
# doctor.sh - signpost doctor with a real milter, Postfix, name server and store: what it says when all is well, and when
# one thing after the other is not; and that it changes nothing.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/keeper-lib.sh"
lab_begin "$@"
keeper_needs
[ "$(id -u)" = 0 ] || lab_skip "Postfix runs as root only"

doctor() { # ARGUMENT...: what it says is in $DIR/said
	signpost doctor "$@" >"$DIR/said" 2>&1
	STATUS=$?
}
# finds NAME STATUS PATTERN...
finds() {
	local name=$1 status=$2
	shift 2
	doctor $D
	[ "$STATUS" = "$status" ] || { not_ok "$name: exit $STATUS"; sed 's/^/#    /' "$DIR/said"; return; }
	said "$name" "$@"
}
hasnt_said() { ! has_said "$1"; }
postfix_says() { postconf -c "$T/postfix/etc" -e "$@"; touch -d '1 minute ago' "$T/postfix/etc/main.cf"; }
dmarc() { # TEXT or nothing
	{
		echo "update delete _dmarc.$D. TXT"
		[ -z "${1:-}" ] || echo "update add _dmarc.$D. 1 TXT \"$1\""
	} | by_hand
}
whole() { find "$STORE" "$T/postfix/etc" -type f -exec cksum {} + | sort; }

# the world's view: doctor asks it, and not the servers that signpost.conf names.  Here it is the primary itself, which
# says it is no resolver only by a flag.
lane_begin 1
sed -i "s/^dns {/&\\n    resolvers = {\"$SERVER:$DNS_PORT\"}/; s/^    postqueue = \"\"/&\\n    postfix_config = {\"\/nonexistent\"}/" "$CONF"
sed -i "s|/nonexistent|$T/postfix/etc|" "$CONF"
# the domain above, which denies that it has a policy
printf "\$TTL 1\n@ IN SOA ns1.x hostmaster.x 7 60 60 86400 1\n@ NS ns1.x\nx NS ns1.x\nns1.x A %s\n" "$SERVER" >"$DIR/bind/test"
echo 'zone "test" { type primary; file "test"; };' >>"$DIR/named.conf"
kill -HUP "$NAMED_PID"
above_is_served() { dig +norec -p "$DNS_PORT" "@$SERVER" test SOA | grep -q "status: NOERROR"; }
wait_for 10 above_is_served || not_ok "the zone above is served"
lane_milter
lab_sink
lab_auth

## before there is anything
tell tick
doctor
check "no domain: exit" test "$STATUS" = 1
said "no domain is said" "^note +there is no domain yet +signpost add DOMAIN$"
tell add $D
tell tick
finds "a key is on its way" 1 "^note +mail from $D leaves unsigned: no key of it signs yet"
until_pass 20 key_has 1 table || not_ok "the first key signs"
K1=$(selector 1)

## Postfix, as it should be
rm -f "$T/run/milter.sock"
ln -s "$SOCKET" "$T/run/milter.sock"
lab_postfix "smtpd_milters = unix:$SOCKET" "non_smtpd_milters = unix:$SOCKET" "milter_default_action = tempfail" \
	"disable_mime_output_conversion = yes"
chgrp postfix "$SOCKET"
dmarc "v=DMARC1; p=reject"
sleep 1.1
tell tick
before=$(whole)
doctor $D
WELL=$(grep -c "^warn  the clock: nothing keeps the clock right" "$DIR/said") # on a host without a time service
check "all is well: exit" test "$STATUS" = "$WELL"
said "all is well" "^ok +a probe through unix:$SOCKET was signed with $K1 \(rsa-sha256\) and verified with public DNS \([0-9]+ ms\)$" \
	"^ok +d=$D aligns with From; DMARC p=reject at _dmarc.$D$" "^ok +Postfix \($T/postfix/etc\): nothing in its settings" \
	"^ok +owners and modes of store, table, keys and socket are right$" "^ok +keeper passed [0-9]+ s ago$"
check "nothing but ok" test -z "$(grep -E "^(warn|fail|[?])" "$DIR/said" | grep -v "the clock")"
check "it changes nothing" test "$before" = "$(whole)"
check "the probe was signed as mail is" grep -q "DOCTOR signed from=$D d=$D s=$K1 " "$T/log/milter1"
check "nothing was sent" test -z "$(ls "$T/sink")"
signpost doctor --json $D >"$DIR/json" 2>&1
check "as JSON" "$PYTHON" -c 'import json, sys
seen = json.load(open(sys.argv[1]))
rest = [f for f in seen["findings"] if f["situation"] != "clock-warns"]
assert {"probe", "aligned", "postfix", "files", "keeper"} <= {f["situation"] for f in seen["findings"]}, seen
assert all(f["level"] in ("ok", "note") for f in rest), rest' "$DIR/json"
COLUMNS=70 signpost doctor $D >"$DIR/said"
check "no line is longer than the terminal, but for its words" test \
	"$(awk 'length($0) > 70 && NF > 4' "$DIR/said" | wc -l)" = 0
check "no colour where there is no terminal" test "$(grep -c "$(printf '\033')" "$DIR/said")" = 0
doctor nowhere.test
check "a domain that is not here: exit 65" test "$STATUS" = 65
tell tick

## DMARC
dmarc "v=DMARC1; p=none; pct=50"
finds "p=none, and a tag of old" "$WELL" "DMARC p=none at _dmarc.$D: receivers report" "^note +pct= at _dmarc.$D is not read any more"
dmarc
finds "no record" 1 "^warn +d=$D aligns with From, but there is no DMARC record" "publish TXT _dmarc.$D +\"v=DMARC1; p=none\""
dmarc "v=DMARC1; p=drop"
finds "no policy" 1 "^warn +the DMARC record at _dmarc.$D has no valid policy \(p=drop\)"
dmarc "v=DMARC1; p=reject"

## the key's record
RECORD=$(dig +norec +short +tcp -p "$DNS_PORT" "@$SERVER" "$K1._domainkey.$D" TXT)
by_hand_removed "$K1"
finds "a record that is gone" 2 "^fail +a probe through .* was signed with $K1 .* will not accept that: DNS has no key record. +signpost check $D$"
by_hand_put "$K1" "v=DKIM1; p="
finds "a record that is empty" 2 "receivers will not accept that: The key was revoked"
printf 'update delete %s._domainkey.%s. TXT\nupdate add %s._domainkey.%s. 1 TXT %s\n' "$K1" $D "$K1" $D "$RECORD" | by_hand
finds "the record is there again" "$WELL" "^ok +a probe"

## Postfix's settings: the mend, typed as it stands, is one
mend_of() { sed -n "s/^warn .*$1.*   \(postconf .*\)$/\1/p" "$DIR/said" | head -1; }
typed() { # PATTERN: the mend, for this instance
	local command
	command=$(mend_of "$1")
	[ -n "$command" ] && (cd / && eval "${command/postconf/postconf -c $T/postfix/etc}") && touch -d '1 minute ago' "$T/postfix/etc/main.cf"
}
postfix_says "internal_mail_filter_classes =" "non_smtpd_milters ="
finds "bounces and sendmail leave unsigned" 1 "^warn +bounces leave unsigned .*postconf -e 'internal_mail_filter_classes = bounce'" \
	"^warn +mail of sendmail\(1\) on this host leaves unsigned .*signpost-postfix -c $T/postfix/etc install$"
check "the mend for bounces, typed" typed "bounces leave unsigned"
helped() { "$REPO/contrib/postfix/signpost-postfix" -c "$T/postfix/etc" --socket "unix:$SOCKET" install >"$DIR/helped" 2>&1; }
check "the mend for sendmail, typed" helped
touch -d '1 minute ago' "$T/postfix/etc/main.cf" "$T/postfix/etc/master.cf"
finds "and nothing is left" "$WELL" "Postfix .*: nothing in its settings"
printf 'From: u@%s\nTo: someone@sink.test\nSubject: x\n\nhello\n' $D >"$DIR/local"
lab_sendmail -f "u@$D" someone@sink.test <"$DIR/local"
lab_drain 20
check "sendmail's mail goes through the milter now" grep -q "from=$D" "$T/log/milter1"
postfix_says "milter_default_action = accept"
finds "accept" 1 "^warn +when the milter is down, mail leaves unsigned"
postfix_says "milter_default_action = tempfail" "smtp_generic_maps = inline:{a@b=c@d}"
finds "generic maps" 1 "^warn +smtp_generic_maps rewrites addresses after signing.*postconf -# smtp_generic_maps"
postfix_says "smtp_generic_maps =" "smtpd_milters ="
finds "no smtpd" 2 "^fail +no smtpd .*hands its mail to unix:$SOCKET +signpost-postfix -c $T/postfix/etc install"
postfix_says "smtpd_milters = unix:$SOCKET, inet:127.0.0.1:$SPARE_PORT"
finds "not last" 1 "^warn +inet:127.0.0.1:$SPARE_PORT comes behind signpost"
postfix_says "smtpd_milters = unix:$SOCKET"
postconf -c "$T/postfix/etc" -F "127.0.0.1:$SUBMISSION_PORT/inet/chroot = y"
finds "a chroot that cannot see the socket" 2 "^fail +127.0.0.1:$SUBMISSION_PORT/inet of master.cf runs chrooted below $T/postfix/queue and cannot reach $SOCKET"
postconf -c "$T/postfix/etc" -F "127.0.0.1:$SUBMISSION_PORT/inet/chroot = n"
postconf -c "$T/postfix/etc" -P "127.0.0.1:$SUBMISSION_PORT/inet/smtpd_milters ="
finds "submission without" 1 "^warn +127.0.0.1:$SUBMISSION_PORT/inet of master.cf takes logins and does not hand its mail"
check "its mend, typed" typed "takes logins"
postfix_says "disable_mime_output_conversion = no"
doctor $D
said "8-bit mail" "^(note|warn) +8-bit mail is re-encoded after signing towards servers without 8BITMIME"
postfix_says "disable_mime_output_conversion = yes"
finds "all is well again" "$WELL" "Postfix .*: nothing in its settings"

## files
chmod 644 "$STORE/keystore.db"
finds "an open database" 2 "^fail +$STORE/keystore.db is open to others \(0644\) +chmod 0600 $STORE/keystore.db$"
chmod 600 "$STORE/keystore.db"
chmod 644 "$STORE/keys/$D/$K1.pem"
finds "an open key" 2 "^fail +$STORE/keys/$D/$K1.pem is open to others \(0644\) +chmod 0640"
chmod 640 "$STORE/keys/$D/$K1.pem"
mv "$STORE/keys/$D/$K1.pem" "$T/held.pem"
finds "a key that is gone" 2 "^fail +$STORE/keys/$D/$K1.pem is not there"
mv "$T/held.pem" "$STORE/keys/$D/$K1.pem"
chmod 600 "$SOCKET"
finds "a socket that Postfix may not open" 2 "^fail +Postfix \(user postfix\) may not open $SOCKET \(0600"
chmod 666 "$SOCKET"
finds "a socket for everybody" 1 "^warn +$SOCKET may be used by everybody"
chmod 660 "$SOCKET"

# the secrets of publishers
TSIG=$(sed -n 's/^ *tsig_key = "\(.*\)"$/\1/p' "$CONF")
check "the publisher has a key" test -f "$TSIG"
TSIG_MODE=$(stat -c %a "$TSIG")
chmod 644 "$TSIG"
finds "a publisher's key for everybody" 2 "^fail +$TSIG, the secret of publisher .*, is open to everybody on this host \(0644\) +chmod o= $TSIG$"
chmod "$TSIG_MODE" "$TSIG"
mv "$TSIG" "$T/held.key"
finds "a publisher's key that is gone" 2 "^fail +$TSIG, the secret of publisher .*, is not there"
mv "$T/held.key" "$TSIG"
chmod 777 "$STORE"
finds "a store for everybody" 2 "^fail +no pass is made: $STORE can be written by everybody \(.*777\)"
signpost status >"$DIR/said"
check "status warns of it" test "$?" = 1
said "and says it, too" "No pass is made: $STORE can be written by everybody"
signpost tick >"$DIR/said" 2>&1
check "a pass refuses it" test "$?" = 78
said "and says so" "$STORE can be written by everybody \(.*777\)"
chmod 2750 "$STORE"

## the milter, the table, the keeper
kill "$LANE_MILTER"
lab_gone "$LANE_MILTER"
finds "no milter" 2 "^fail +the milter does not answer: unix:$SOCKET: cannot connect"
# and the keeper finds it by itself, though nothing waits for the milters
status_says() { signpost status "$D" | tr -s ' \n' ' ' | grep -qE -e "$1"; }
check "the next passes find it" until_pass 20 status_says "Verified .* unix:$SOCKET does not answer: cannot connect.* !"
signpost status >/dev/null
check "status: exit" test "$?" = 1
explained() { signpost explain "$D" | tr -s ' \n' ' ' | grep -q "signers .* unix:$SOCKET does not answer"; }
check "explain tells it" explained
lane_milter
chgrp postfix "$SOCKET"
fine_again() { signpost status "$D" >/dev/null; }
check "and when it is there again, that" until_pass 20 fine_again
chmod 600 "$STORE/keys/$D/$K1.pem"
check "a key that the milter cannot read" status_says "Failed .*$K1.pem has mode 0600, and the milter cannot read it; chmod 0640 it"
chmod 640 "$STORE/keys/$D/$K1.pem"
mv "$STORE/signing.table" "$T/held.table"
finds "no table" 2 "^fail +there is no signing table"
mv "$T/held.table" "$STORE/signing.table"
"$PYTHON" - "$STORE/keystore.db" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE number SET value = value - 1200 WHERE name = 'last_pass'")
db.commit()
END
finds "a late keeper" 1 "^warn +the keeper's last pass ended 20 min ago +systemctl enable --now signpost-tick.timer"
tell hold
tell tick
finds "held" "$WELL" "^note +all domains are held"
tell release
lab_finish
