#!/bin/bash
# SPDX-License-Identifier: ISC
# provider-route53.sh - Route 53: a service of ours that verifies each signature from what arrived, makes batches as a
# whole, has changes pending, answers AWS's errors, throttles, is slow, and loses answers.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/provider-lib.sh"
TYPE=route53 ZONE=a.test KEY=$T/run/credentials AGAIN=1
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_SHARED_CREDENTIALS_FILE
export HOME=$T/home AWS_EC2_METADATA_DISABLED=true
mkdir -p "$HOME/.aws"
SECRETS=(wJalrXUtnFEMI/K7MDENG+bPxRfiCYSIGNPOSTKEY leastleastLEAST/K7MDENG+bPxRfiCYLEASTKEY
	nothingnothing0/K7MDENG+bPxRfiCYNOTHINGKE sessionsession0/K7MDENG+bPxRfiCYSESSIONKE
	FwoGZXIvYXdzEJr//session+token/with== instanceinstanc/K7MDENG+bPxRfiCYINSTANCEK)
# section NAME KEY SECRET [TOKEN]
section() {
	printf '[%s]\naws_access_key_id = %s\n# a comment\naws_secret_access_key=%s\nregion = eu-central-1\n' "$1" "$2" "$3"
	[ -z "${4:-}" ] || printf 'aws_session_token = %s\n' "$4"
}
(umask 027 && {
	section default AKIAIOSFODNN7SIGNPOST "${SECRETS[0]}"
	section least AKIAIOSFODNN7LEASTKEY "${SECRETS[1]}"
	section nothing AKIAIOSFODNN7NOTHING1 "${SECRETS[2]}"
	section session ASIAIOSFODNN7SESSION1 "${SECRETS[3]}" "${SECRETS[4]}"
	section stale ASIAIOSFODNN7SESSION1 "${SECRETS[3]}" "FwoGZXIvYXdzEJr//another"
	section unknown AKIAIOSFODNN7UNKNOWN1 "${SECRETS[0]}"
	section wrong AKIAIOSFODNN7SIGNPOST "${SECRETS[1]}"
	printf '[half]\naws_access_key_id = AKIA\n[sso]\nsso_session = x\n'
} >"$KEY")
ENDPOINT=http://127.0.0.1:$SPARE_PORT
provider_certificates
provider_start provider_route53.py "$SPARE_PORT"

## signatures are right, records come and go
provider_usual
check "other records stand as before" grep -q '^www.a.test. A 300 192.0.2.1' "$P/records"
faults
ask batch change b1._domainkey.a.test - "$RECORD" b2._domainkey.a.test - "$SHORT" b3._domainkey.a.test - "$REVOKED"
says batch "three changes" '^done read_back=yes .*b1.*on all its servers \(change C' '^done .*b2' '^done .*b3'
check "are one batch" is_asked POST 1
check "with one look before, since a page tells of all" [ "$(grep -c '/rrset?' "$P/journal")" = 1 ]
check "and each change is a CREATE" not grep -q UPSERT "$P/journal"
faults
echo 1 >"$P/page-size"
ask batch2 change b1._domainkey.a.test "$RECORD" "$REVOKED" b2._domainkey.a.test "$SHORT" - b3._domainkey.a.test "$REVOKED" - free._domainkey.a.test - "$SHORT"
says batch2 "also when each page has one record" '^done .*b1' '^done .*b2' '^done .*b3' '^done .*free'
check "in one batch" is_asked POST 1
rm "$P/page-size"
check "the page with a name's first record was not taken for its absence" holds b1._domainkey.a.test "$REVOKED"
ask batch3 change b1._domainkey.a.test "$REVOKED" - free._domainkey.a.test "$SHORT" -
ask pieces change pieces._domainkey.a.test "v=DKIM1; p=pieces" "$REVOKED"
says pieces "a record with another TTL, and cut otherwise, is replaced by its exact value" '^done read_back=yes'
ask weighted change weighted._domainkey.a.test "v=DKIM1; p=weighted" -
says weighted "one with a routing policy is not ours" '^foreign '
faults
many=() gone=()
for i in $(seq 100); do
	many+=("m$i._domainkey.a.test" - "$RECORD")
	gone+=("m$i._domainkey.a.test" "$RECORD" -)
done
ask many3 -t 30000 change "${many[@]}"
check "a hundred long records" [ "$(grep -c '^done' "$T/out/many3")" = 100 ]
check "fill two batches" is_asked POST 2
ask many4 -t 30000 change "${gone[@]}"
check "and go" [ "$(grep -c '^done .*removed' "$T/out/many4")" = 100 ]

## what is in force, and what is on its way
SLOW=slow._domainkey.a.test
number() { sed -n 's/.*(change \(C[0-9]*CHANGE\)).*/\1/p' "$T/out/$1"; }
touch "$P/hold"
ask pending -t 3000 change $SLOW - "$SHORT"
says pending "what is not in force everywhere is pending" '^pending read_back=no .*took it \(change C.*does not say yet that all its servers have it'
faults
ask pending2 -t 1500 -j "$(number pending)" change $SLOW - "$SHORT"
check "asked again with its number, the same change is" [ "$(number pending2)" = "$(number pending)" ]
says pending2 "still pending" '^pending read_back=no .*does not say yet'
rm "$P/hold"
ask pending3 -j "$(number pending)" change $SLOW - "$SHORT"
says pending3 "and in force" "^done read_back=yes .*on all its servers \\(change $(number pending)\\)"
check "and nothing is sent for it" is_made 0
for answer in "status 500" "cut-before" "answer nothing-of-it"; do
	: >"$P/nothing-of-it"
	faults "GET:/change/ $answer"
	ask untold -t 3000 -j "$(number pending)" change $SLOW - "$SHORT"
	says untold "a fault of its own ($answer) is no word that it is in force" '^(pending|done) .*\(change C'
	check "nor one that it is not" is_made 0
done
ask stale2 -j CNOSUCHCHANGE change $SLOW - "$SHORT"
says stale2 "a number that it does not know (any more): what is read counts" '^done read_back=yes .*published at'
check "and nothing is sent" is_made 0
ask path -j ../x change $SLOW - "$SHORT"
says path "what is no number is not asked for" 'that is no receipt of a provider'
touch "$P/hold"
ask remove3 -t 2000 change $SLOW "$SHORT" -
says remove3 "a removal, too, is pending" '^pending .*took it \(change C'
rm "$P/hold"
ask remove4 -j "$(number remove3)" change $SLOW "$SHORT" -
says remove4 "and in force" "^done read_back=yes .*removed at .*on all its servers \\(change $(number remove3)\\)"

# killed while it waits: the number is lost
touch "$P/hold"
faults
ask killed change $SLOW - "$SHORT" &
KILLED=$!
wait_for 10 grep -q '"path": "[^"]*/change/' "$P/journal" || not_ok "it asks for its change"
kill -9 "$(pgrep -P $KILLED)"
wait $KILLED
rm "$P/hold"
faults
ask after change $SLOW - "$SHORT"
stood after "killed while it waited, the next call finds the record"
check "by one change, which replaces it by itself" [ "$(asked POST) $(grep -o '<Action>[A-Z]*' "$P/journal" | sort | uniq -c | xargs)" = "1 1 <Action>CREATE 1 <Action>DELETE" ]
check "and it stands as it was" holds $SLOW "$SHORT"
ask after2 change $SLOW "$SHORT" -

## keys
ask session -P session change k._domainkey.a.test - "$SHORT"
says session "a temporary key, whose token is signed, too" '^done read_back=yes'
ask least -P least change k._domainkey.a.test "$SHORT" -
says least "the least rights are enough" '^done read_back=yes'
touch "$P/no-getchange"
ask least2 -P least change k._domainkey.a.test - "$SHORT"
says least2 "without the right to ask for changes the records are read" '^done read_back=yes .*published at'
rm "$P/no-getchange"
ask least3 -P least change k._domainkey.a.test "$SHORT" -
ask wrong -P wrong change k._domainkey.a.test - "$SHORT"
says wrong "a wrong secret" '^refused .*SignatureDoesNotMatch: the secret does not belong'
ask unknown -P unknown change k._domainkey.a.test - "$SHORT"
says unknown "an unknown key" '^refused .*InvalidClientTokenId: AWS knows no such access key'
ask stale -P stale change k._domainkey.a.test - "$SHORT"
says stale "another token" '^refused .*InvalidClientTokenId'
ask nothing -P nothing change k._domainkey.a.test - "$SHORT" l._domainkey.a.test - "$SHORT"
says nothing "a key without rights" '^refused .*AccessDenied: .*signpost publisher shows the policy'
ask noprofile -P nobody change k._domainkey.a.test - "$SHORT"
says noprofile "no such profile" 'has no section \[nobody\].*profile'
ask half -P half change k._domainkey.a.test - "$SHORT"
says half "half a key" 'section \[half\] has no aws_secret_access_key'
bare() { "${TOOL[@]}" -T route53 -e "$ENDPOINT" -z a.test "${@:2}" change k._domainkey.a.test - "$SHORT" k2._domainkey.a.test "$SHORT" - >"$T/out/$1" 2>&1; }
bare none
says none "no key anywhere: where they are looked for" 'no access key of AWS: neither AWS_ACCESS_KEY_ID.*~/.aws/credentials.*nor a role'
cp "$KEY" "$HOME/.aws/credentials"
bare home -P least
says home "a key of the home directory" '^done '
AWS_PROFILE=nobody bare profile
says profile "a profile of the environment" 'no section \[nobody\]'
chmod 644 "$HOME/.aws/credentials"
bare open
says open "not if others can read it" 'mode 0644: others could read'
AWS_SHARED_CREDENTIALS_FILE=$KEY bare shared
says shared "a file of the environment" '^done '
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7SIGNPOST AWS_SECRET_ACCESS_KEY=${SECRETS[0]} bare environment
says environment "a key of the environment" '^done '
AWS_ACCESS_KEY_ID=ASIAIOSFODNN7SESSION1 AWS_SECRET_ACCESS_KEY=${SECRETS[3]} AWS_SESSION_TOKEN=${SECRETS[4]} bare environment2
says environment2 "and a temporary one" '^done '
rm "$HOME/.aws/credentials"
AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT=$ENDPOINT bare role
says role "the role of an instance, from its metadata service" '^done '
ask role2 change k._domainkey.a.test "$SHORT" -

## our clock
ask late -d 1200 change k._domainkey.a.test - "$SHORT"
says late "our clock is 20 minutes ahead: both are told" '^temporary .*its clock says 20.* UTC and ours 20.* UTC, ours is (1199|1200|1201) s ahead'
ask early -d -1200 change k._domainkey.a.test - "$SHORT"
says early "or behind" '^temporary .* s behind; AWS bears 15 minutes'

## zones
ZONE=none.test ask nozone change k._domainkey.none.test - "$SHORT"
says nozone "no such zone in the account" '^refused .*has no hosted zone none.test in this account'
ZONE=inside.test ask inside change k._domainkey.inside.test - "$SHORT"
says inside "a private zone is not what the world sees" '^refused .*has no public hosted zone inside.test'
ZONE=twice.test ask twice change k._domainkey.twice.test - "$SHORT"
says twice "two of the name" '^refused .*has 2 hosted zones twice.test.*zone_id'
ZONE=twice.test ask twice2 -i Z3SECOND change k._domainkey.twice.test - "$SHORT"
says twice2 "one of them by its identifier" '^done '
ask badid -i ZNOWHERE change k._domainkey.a.test - "$SHORT"
says badid "an identifier of no zone" '^refused .*NoSuchHostedZone'
ask badid2 -i ../x change k._domainkey.a.test - "$SHORT"
says badid2 "what is no identifier" 'is no identifier of a hosted zone'

## AWS's own errors
xml() { # NAME CODE MESSAGE
	printf '<?xml version="1.0"?>\n<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>1</RequestId></ErrorResponse>\n' "$2" "$3" >"$P/$1"
}
xml throttling Throttling "Rate exceeded"
xml prior PriorRequestNotComplete "The request was rejected because Route 53 was still processing a prior request."
xml expired ExpiredToken "The security token included in the request is expired"
xml old RequestExpired "Request has expired"
xml new SomethingNew "A message of the future"
xml invalid InvalidInput "Invalid XML"
printf '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<ErrorResponse><Error><Code>&b;</Code></Error></ErrorResponse>\n' >"$P/bomb"
faults "GET:rrset answer throttling" "POST answer throttling" "POST answer prior"
ask throttling change e._domainkey.a.test - "$SHORT"
says throttling "throttled three times, by AWS's own error: done" '^done read_back=yes'
check "published once" is_made 1
ask throttling0 change e._domainkey.a.test "$SHORT" -
faults "POST answer throttling" "POST answer throttling" "POST answer throttling" "POST answer throttling" "POST answer throttling"
ask throttling2 -t 4000 change e._domainkey.a.test - "$SHORT"
says throttling2 "throttled on and on" '^temporary .*Throttling: it wants fewer requests.*Rate exceeded'
for case in "expired temporary .*ExpiredToken: the temporary key has run out" "old temporary .*RequestExpired" \
	"new refused .*SomethingNew\): A message of the future" "invalid refused .*InvalidInput: it does not take" "bomb temporary .*no XML of Route 53"; do
	faults "POST answer ${case%% *}" "POST answer ${case%% *}"
	ask "said-${case%% *}" change e._domainkey.a.test - "$SHORT"
	says "said-${case%% *}" "told apart: ${case%% *}" "^${case#* }"
done
check "nothing stands there after all that" holds e._domainkey.a.test ""

## somebody was quicker
for form in new old; do
	[ $form = new ] || touch "$P/old-errors"
	faults "POST slow 2"
	ask "race-$form" change race._domainkey.a.test - "$SHORT" beside-$form._domainkey.a.test - "$SHORT" &
	RACE=$!
	sleep 0.8
	ask "race2-$form" change race._domainkey.a.test - "$RECORD"
	wait "$RACE"
	says "race-$form" "another record came in between ($form error): it stays, and the rest of the batch is made" '^foreign .*race\._domainkey' '^done .*beside'
	check "as it was" holds race._domainkey.a.test "$RECORD"
	ask "race3-$form" change race._domainkey.a.test "$RECORD" -
done
faults "POST slow 2"
ask race4 change again._domainkey.a.test - "$SHORT" &
RACE=$!
sleep 0.8
ask race5 change again._domainkey.a.test - "$SHORT"
wait "$RACE"
says race4 "the same record came in between: it stands, by a change whose number we do not know" '^pending read_back=no .*asked next'
ask race6 change again._domainkey.a.test - "$SHORT"
stood race6 "the next call"

provider_faults POST
provider_start provider_route53.py "$DNS2_PORT" "$T/run/server.pem" "$T/run/server.key"
provider_tls "https://127.0.0.1:$DNS2_PORT"

ask show show s1._domainkey.a.test - "$RECORD" s2._domainkey.a.test "$RECORD" "$REVOKED"
says show "what would be sent" '^POST /2013-04-01/hostedzone/ID/rrset/$' '<Action>DELETE</Action>' '<Action>CREATE</Action>'
ask rights -i Z1PUBLIC rights _domainkey.a.test
says rights "the policy that is enough" 'hostedzone/Z1PUBLIC' '"\*\._domainkey\.a\.test"'
check "is JSON" sh -c "sed -n '/^{/,/^}/p' '$T/out/rights' | jq -e .Statement >/dev/null"
ask try try a.test a.test
check "a key with more rights is found out" [ "$STATUS" = 1 ]
says try "without a change" '^right: the key may change TXT records of keys' '^wrong: the key may change TXT records at other names' '^wrong: .*addresses'
ask try2 -P least try a.test a.test
check "one with the least is right" [ "$STATUS" = 0 ]
check "nothing was left by trying" not grep -q 'signpost-' "$P/records"

## the whole of it: many domains of a hosted zone, one command
owner=()
[ "$(id -u)" != 0 ] || owner=(--user root --group root)
lab_zone a.test
lab_named
cat >"$T/conf" <<END
policy "default" {
    publisher = aws
}
publisher "aws" {
    type = route53
    credentials = "$KEY"
    profile = "least"
    endpoint = "$ENDPOINT"
}
signers {
    milters = {}
}
dns {
    timeout = 1s
    zone "a.test" { servers = {"127.0.0.1:$DNS_PORT"} }
}
END
chmod 644 "$T/conf"
signpost() {
	local verb=$1
	shift
	"$SIGNPOST" "$verb" --config "$T/conf" --store "$T/store" "$@" >>"$T/out/signpost" 2>&1
}
signpost init "${owner[@]}" || not_ok "a store is made"
seq -f 'd%g.a.test' 20 >"$T/run/domains"
faults
signpost add --file "$T/run/domains"
signpost tick
check "twenty domains of a hosted zone are published" [ "$(grep -c '^sp[^ ]*\._domainkey\.d[0-9]*\.a\.test\. TXT ' "$P/records")" -ge 20 ]
check "in one batch" is_asked POST 1
"$SIGNPOST" log --config "$T/conf" --store "$T/store" d7.a.test >"$T/out/log" 2>&1
says log "and the log says where, and that all servers have it" 'published at .* on all its servers \(change C'
"$SIGNPOST" publisher aws d7.a.test --config "$T/conf" --store "$T/store" >"$T/out/publisher" 2>&1
says publisher "the policy that is enough is shown by signpost publisher" '_domainkey.d7.a.test"'

## the keeper, too, takes nothing for published before all servers have it
sed -i 's/^    type = route53/&\n    timeout = 2s/' "$T/conf"
echo 'keeper { retry = 1s }' >>"$T/conf"
shown() { "$SIGNPOST" log --config "$T/conf" --store "$T/store" "$1" >"$T/out/$1" 2>&1; }
touch "$P/hold"
faults
signpost add late.a.test
signpost tick
shown late.a.test
says late.a.test "a change that is not in force when the time is over" 'took it \(change C[^ ]*\), and does not say yet'
check "is made" [ "$(made)" -ge 1 ]
LATE=$(number late.a.test | sort -u | tail -n 1)
faults
sleep 1.1
signpost tick
check "it is asked for by its number" grep -q "/change/$LATE\"" "$P/journal"
check "and not made anew" is_made 0
shown late.a.test
check "nor taken for published" not grep -q 'published at' "$T/out/late.a.test"
rm "$P/hold"
sleep 2.1
signpost tick
check "until all servers have it" is_made 0
shown late.a.test
says late.a.test "which is told of the same change" "published at .* on all its servers \\(change $LATE\\)"
touch "$P/hold"
faults
signpost add dead.a.test
"$SIGNPOST" tick --config "$T/conf" --store "$T/store" >"$T/out/dead" 2>&1 &
KILLED=$!
wait_for 10 grep -q '"path": "[^"]*/change/' "$P/journal" || not_ok "the keeper asks for its change"
kill -9 $KILLED
wait $KILLED 2>/dev/null
shown dead.a.test
check "a keeper killed while it waits has taken nothing for published" not grep -q 'published at' "$T/out/dead.a.test"
rm "$P/hold"
cp "$P/records" "$T/run/before"
faults
signpost tick
shown dead.a.test
says dead.a.test "the next one is told of a change of its own" 'published at .* on all its servers \(change C'
check "one" is_asked POST 1
check "by which all records are as before" sh -c "sort '$T/run/before' >'$T/run/b'; sort '$P/records' | cmp -s - '$T/run/b'"

provider_secrets "${SECRETS[@]}"
lab_finish
