#!/bin/bash
# SPDX-License-Identifier: ISC
# provider-cloudflare.sh - Cloudflare's API, version 4: a service of ours that holds requests to what the documentation
# says, answers its errors, throttles, is slow, and loses answers.
# shellcheck disable=SC2317 # functions are called by name
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/provider-lib.sh"
TYPE=cloudflare ZONE=a.test KEY=$T/run/token
TOKEN=Zc0_tokenTokenTOKEN-for-cloudflare-40chars
FEW=Zc1_tokenTokenTOKEN-that-may-only-read-zones
UNKNOWN=Zc2_tokenTokenTOKEN-that-nobody-has-given-out
ID=0123456789abcdef0123456789abcdef
(umask 027 && echo "$TOKEN" >"$KEY" && echo "$FEW" >"$T/run/few" && echo "$UNKNOWN" >"$T/run/wrong" && echo short >"$T/run/short")
printf '%s %s\n' "$TOKEN" "$TOKEN" >"$T/run/two" && chmod 640 "$T/run/two"
ENDPOINT=http://127.0.0.1:$SPARE_PORT/client/v4
provider_certificates
provider_start provider_cloudflare.py "$SPARE_PORT"

provider_usual
check "other records stand as before" grep -q '^www.a.test A 300 192.0.2.1' "$P/records"
ask bare change bare._domainkey.a.test "v=DKIM1; p=bare" "$REVOKED"
says bare "a record that was entered without quotes is known again" '^done read_back=yes'
ask bare2 change bare._domainkey.a.test "$REVOKED" -
says bare2 "and goes" '^done'

## what it says
KEY=$T/run/wrong ask wrong change x._domainkey.a.test - "$SHORT"
says wrong "an unknown token" '^refused .*1000 \(Invalid API Token\): the token is not valid'
KEY=$T/run/short ask short change x._domainkey.a.test - "$SHORT"
says short "what is no token" '^refused .*6003 .*Invalid format.*copy it anew'
KEY=$T/run/two ask two change x._domainkey.a.test - "$SHORT"
says two "a file with more than a token" 'alone, in one line'
KEY=$T/run/few ask few change x._domainkey.a.test - "$SHORT" y._domainkey.a.test - "$SHORT"
says few "a token without the right" '^refused .*10000 .*Zone / DNS / Edit'
check "is said for both changes" [ "$(grep -c '^refused .*10000' "$T/out/few")" = 2 ]
ZONE=none.test ask none change x._domainkey.none.test - "$SHORT"
says none "a zone that the token does not reach" '^refused .*shows no zone none.test to this token'
ZONE=twice.test ask twice change x._domainkey.twice.test - "$SHORT"
says twice "a zone in two accounts" '^refused .*more than once .*zone_id'
ask id -i ffff change x._domainkey.a.test - "$SHORT"
says id "a wrong zone_id" '^refused .*7003 .*zone_id is not the identifier'
ask id2 -i ../zones change x._domainkey.a.test - "$SHORT"
says id2 "a zone_id that leads elsewhere" 'is no identifier of Cloudflare'
faults
ask id3 -i $ID change x._domainkey.a.test - "$SHORT"
says id3 "the right one" '^done read_back=yes'
check "spares looking for the zone" not grep -q 'zones?name' "$P/journal"
ask id4 -i $ID change x._domainkey.a.test "$SHORT" -
ZONE=pending.test ask pending change x._domainkey.pending.test - "$SHORT"
says pending "a zone that is not active there yet" '^done .*the zone is not active there'
"${TOOL[@]}" -T cloudflare -e "$ENDPOINT" -z a.test change x._domainkey.a.test - "$SHORT" >"$T/out/env" 2>&1
says env "no token at all: what to do" "credentials = .*or set CLOUDFLARE_API_TOKEN"
CF_API_TOKEN=$TOKEN "${TOOL[@]}" -T cloudflare -e "$ENDPOINT" -z a.test change x._domainkey.a.test - "$SHORT" >"$T/out/env2" 2>&1
says env2 "a token of the environment" '^done read_back=yes'
CLOUDFLARE_API_TOKEN=$TOKEN "${TOOL[@]}" -T cloudflare -e "$ENDPOINT" -z a.test change x._domainkey.a.test "$SHORT" - >"$T/out/env3" 2>&1
says env3 "by either name" '^done read_back=yes'

## faults; the request that loses its answer is POST
provider_faults POST
# someone was quicker, with the same and with another
faults "POST slow 2"
ask race change race._domainkey.a.test - "$SHORT" &
RACE=$!
sleep 0.7
ask race2 change race._domainkey.a.test - "$SHORT"
wait "$RACE"
says race "one of two that publish the same is told that it stands" '^done read_back=yes'
check "it is there once" holds race._domainkey.a.test "$SHORT"
faults "PUT slow 2"
ask race3 change race._domainkey.a.test "$SHORT" "$REVOKED" &
RACE=$!
sleep 0.7
ask race4 change race._domainkey.a.test "$SHORT" -
wait "$RACE"
says race3 "a record that went away in between is not made anew" '^(foreign|temporary) .*(removed it|went away)'
check "nothing is there" holds race._domainkey.a.test ""
faults "POST slow 2"
ask race5 change beside._domainkey.a.test - "$SHORT" &
RACE=$!
sleep 0.7
ask race6 change beside._domainkey.a.test - "$RECORD"
wait "$RACE"
says race5 "another record that came in between is told" '^foreign .*beside\._domainkey'
check "and stands" grep -qF 'beside._domainkey.a.test TXT 60 "v=DKIM1; k=rsa' "$P/records"
faults
ask order -i $ID change o1._domainkey.a.test - "$SHORT" o2._domainkey.a.test - "$SHORT" other._domainkey.a.test - "$SHORT"
says order "of three, two" '^done .*o1' '^done .*o2' '^foreign .*other'
check "each is read right before it is written, and right after" [ "$(methods)" = "GET POST GET GET POST GET GET" ]
faults "POST status 500"
ask order2 -i $ID change o3._domainkey.a.test - "$SHORT" o1._domainkey.a.test "$SHORT" -
check "what stands in the way of one stands in the way of the rest" [ "$(grep -c '^temporary .*a fault of its own' "$T/out/order2")" = 2 ]
check "which is not tried" [ "$(methods)" = "GET POST GET" ]
ask order3 -i $ID change o1._domainkey.a.test "$SHORT" - o2._domainkey.a.test "$SHORT" -
says order3 "the two go" '^done .*o1' '^done .*o2'

provider_start provider_cloudflare.py "$DNS2_PORT" "$T/run/server.pem" "$T/run/server.key"
provider_tls "https://127.0.0.1:$DNS2_PORT/client/v4"

ask show show s1._domainkey.a.test - "$RECORD" s2._domainkey.a.test "$RECORD" "$REVOKED" s3._domainkey.a.test "$REVOKED" -
says show "what would be sent" '^POST .*/zones/ZONE_ID/dns_records$' '^PUT .*/RECORD_ID$' '^DELETE ' '"proxied": false'
ask rights rights _domainkey.a.test
says rights "which token is enough" 'Zone / DNS / Edit' '_domainkey.a.test'
ask try try a.test a.test
check "one that reaches more zones is found out" [ "$STATUS" = 1 ]
says try "and told" '^wrong: the token reaches 4 zones'
KEY=$T/run/wrong ask try2 try a.test a.test
says try2 "one that is not valid is told" 'Invalid API Token'
provider_secrets "$TOKEN" "$FEW" "$UNKNOWN"
lab_finish
