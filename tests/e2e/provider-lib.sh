# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are the scripts' and lib.sh's
# provider-lib.sh - what the scripts of providers' APIs share.  Sourced after lab_begin; brings publish-lib.sh.
. "$HERE/publish-lib.sh"
P=$T/provider ENDPOINT='' TYPE='' SERVED=''
# how often what stands is sent again: once where that is how the service is asked whether it is in force
AGAIN=0
mkdir -p "$P"

# An authority, and a certificate for 127.0.0.1 of it; and another authority.
provider_certificates() {
	local name
	for name in ca other; do
		openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/run/$name.key" -out "$T/run/$name.pem" -days 2 -subj "/CN=$name" 2>/dev/null
	done
	openssl req -newkey rsa:2048 -nodes -keyout "$T/run/server.key" -out "$T/run/server.csr" -subj /CN=provider 2>/dev/null
	openssl x509 -req -in "$T/run/server.csr" -CA "$T/run/ca.pem" -CAkey "$T/run/ca.key" -CAcreateserial -days 2 \
		-extfile <(echo "subjectAltName=IP:127.0.0.1") -out "$T/run/server.pem" 2>/dev/null
}

# provider_start SCRIPT PORT [CERT KEY]
provider_start() {
	local script=$1 port=$2
	shift 2
	lab_background "provider-$port" "$PYTHON" "$HERE/$script" "$port" "$P" "$@"
	wait_for 15 listens "$port" || { cat "$T/log/provider-$port" >&2; exit 1; }
}

# ask CASE [OPTION...] COMMAND...: with $ENDPOINT and $KEY
ask() {
	local name=$1
	shift
	"${TOOL[@]}" -T "$TYPE" -e "$ENDPOINT" -C "$KEY" -z "$ZONE" "$@" >"$T/out/$name" 2>&1
	STATUS=$?
}

# faults LINE...: from now on; the journal begins anew
faults() {
	: >"$P/journal"
	printf '%s\n' "$@" >"$P/faults"
	[ $# -gt 0 ] || : >"$P/faults"
}

# requests of METHOD in the journal that had an effect, or tried to
asked() { grep -c "\"method\": \"$1\"" "$P/journal"; }
made() { "$PYTHON" -c 'import json, sys
print(sum(1 for line in open(sys.argv[1]) if (j := json.loads(line))["method"] != "GET" and j.get("status", 999) < 300))' "$P/journal"; }
# the methods in the journal, in order
methods() { grep -o '^{"[^}]*' "$P/journal" | sed 's/.*"method": "\([A-Z]*\)".*/\1/' | xargs; }
is_made() { [ "$(made)" = "$1" ]; }
is_asked() { [ "$(asked "$1")" = "$2" ]; }

# holds NAME TEXT: one TXT record, of this text; "": none
holds() {
	local is
	is=$(sed -n "s/^$1\\.* TXT [0-9]* //p" "$P/records" | sed 's/" "//g; s/^"//; s/"$//')
	[ "$is" = "$2" ]
}

# stood CASE WHAT: nothing was left to do
stood() {
	if [ $AGAIN = 0 ]; then
		says "$1" "$2" '^done read_back=yes .*stood already at'
	else
		says "$1" "$2, and all servers have it" '^done read_back=yes .*on all its servers \(change'
	fi
}

# No secret given is in anything that was printed.
provider_secrets() {
	local secret
	for secret in "$@"; do
		check "the secret ${secret:0:4}... is in no output" not grep -qrF -e "$secret" "$T/out"
	done
}

# A life of one record, each step twice; and what is foreign stays.
provider_usual() {
	local name=usual._domainkey.$ZONE
	faults
	ask first change "$name" - "$RECORD"
	says first "a record is published and read back" '^done read_back=yes .*published at'
	check "the service has it whole, in strings of 255 octets" holds "$name" "$RECORD"
	faults
	ask again change "$name" - "$RECORD"
	stood again "again: it stood already"
	check "and nothing is sent" is_made $AGAIN
	ask revoke change "$name" "$RECORD" "$REVOKED"
	says revoke "it is revoked" '^done read_back=yes'
	check "the service has the empty key" holds "$name" "$REVOKED"
	ask revoke2 change "$name" "$RECORD" "$REVOKED"
	stood revoke2 "again: it stood already"
	ask gone change "other$name" "$RECORD" "$REVOKED"
	says gone "where nothing stands, nothing is replaced" '^foreign .*holds no TXT record any more'
	ask remove change "$name" "$REVOKED" -
	says remove "it is removed" '^done read_back=yes .*removed at'
	check "the service has nothing" holds "$name" ""
	ask remove2 change "$name" "$REVOKED" -
	says remove2 "again: it was gone already" '^done read_back=yes .*was gone already at'
	faults
	ask many change "one._domainkey.$ZONE" - "$RECORD" "two._domainkey.$ZONE" - "$SHORT" "alias._domainkey.$ZONE" - "$RECORD"
	says many "of three the one with a CNAME in its way stays" '^done .*one\._domainkey' '^done .*two\._domainkey' '^foreign .*alias\._domainkey.*CNAME to somewhere.else.test'
	ask many2 change "one._domainkey.$ZONE" "$RECORD" - "two._domainkey.$ZONE" "$SHORT" -
	says many2 "and the two go again" '^done .*one\._domainkey.*removed' '^done .*two\._domainkey.*removed'
	faults
	ask other change "other._domainkey.$ZONE" - "$RECORD"
	says other "another's record is not overwritten" '^foreign .*"v=DKIM1; p=another"'
	ask other2 change "other._domainkey.$ZONE" "$RECORD" "$REVOKED"
	says other2 "another's record is not revoked" '^foreign .*"v=DKIM1; p=another"'
	ask other3 change "other._domainkey.$ZONE" "$RECORD" -
	says other3 "another's record is not removed" '^foreign .*"v=DKIM1; p=another"'
	check "and nothing was sent" is_made 0
}

# What any service may do: METHOD is that of a change here.
provider_faults() {
	local name=fault._domainkey.$ZONE method=$1 begun
	faults "$method cut-after"
	ask lost change "$name" - "$RECORD"
	if [ $AGAIN = 0 ]; then
		says lost "applied, and the answer lost: the second look has it" '^done read_back=yes .*published at'
	else
		says lost "applied, and the answer lost: it stands, and is not done yet" '^pending read_back=no .*whether all its servers have it is asked next'
		ask lost1 change "$name" - "$RECORD"
		stood lost1 "the next call has it"
	fi
	check "published once" is_made $((1 + AGAIN))
	ask lost2 change "$name" "$RECORD" -
	says lost2 "removed" '^done'
	faults "$method cut-before"
	ask cut change "$name" - "$RECORD"
	says cut "not applied, and no answer: temporary" '^temporary .*its answer is lost'
	check "nothing stands there" holds "$name" ""
	faults "* status 500" "* status 500"
	ask five change "$name" - "$RECORD"
	says five "500: its own fault" '^temporary .*(a fault of its own|could not do it)'
	faults "GET status 429 1" "$method status 429 1"
	ask throttle change "$name" - "$RECORD"
	says throttle "throttled for a second, twice: done" '^done read_back=yes .*published at'
	check "published once" is_made 1
	ask throttle2 change "$name" "$RECORD" -
	faults "GET status 429 3600"
	ask throttle3 change "$name" - "$RECORD"
	says throttle3 "throttled for an hour: said so, not waited for" '^temporary .*fewer requests .*3600 s'
	faults "GET slow 30"
	begun=$SECONDS
	ask slow -t 1000 change "$name" - "$RECORD"
	says slow "a slow service: the time limit holds" '^temporary .*its answer is lost'
	check "and took no longer" [ $((SECONDS - begun)) -le 3 ]
	faults "GET drip"
	begun=$SECONDS
	ask drip -t 1500 change "$name" - "$RECORD"
	says drip "an answer octet by octet: the time limit holds" '^temporary .*its answer is lost'
	check "and took no longer" [ $((SECONDS - begun)) -le 4 ]
	faults "$method slow 3"
	ask slow2 -t 1500 change "$name" - "$RECORD"
	says slow2 "the change itself is slow: perhaps made" '^temporary .*its answer is lost'
	wait_for 10 holds "$name" "$RECORD"
	ask slow3 change "$name" - "$RECORD"
	stood slow3 "the next call finds it"
	check "published once" is_made $((1 + AGAIN))
	ask slow4 change "$name" "$RECORD" -
	faults "GET garbage"
	ask garbage change "$name" - "$RECORD"
	says garbage "garbage is no answer" '^(temporary|refused) .*(no JSON|no XML)'
	check "and its control bytes are not printed" not grep -q $'\x1b' "$T/out/garbage"
	faults "GET huge"
	ask huge change "$name" - "$RECORD"
	says huge "too much is no answer" '^refused .*more than 4194304 octets'
	faults "GET half"
	ask half change "$name" - "$RECORD"
	says half "half an answer is none" '^temporary .*its answer is lost'
	faults "GET redirect http://127.0.0.1:1/elsewhere"
	ask redirect change "$name" - "$RECORD"
	says redirect "a redirect is not followed" '^refused .*leads elsewhere'
	check "nothing stands there after all that" holds "$name" ""
	faults
	"${TOOL[@]}" -T "$TYPE" -e "${ENDPOINT%:*}:1" -C "$KEY" -z "$ZONE" -t 2000 change "$name" - "$RECORD" >"$T/out/closed" 2>&1
	says closed "nobody listens there" '^temporary .*was not reached'
	"${TOOL[@]}" -T "$TYPE" -e "http://192.0.2.1" -C "$KEY" -z "$ZONE" change "$name" - "$RECORD" >"$T/out/clear" 2>&1
	says clear "without TLS nothing leaves this host" 'without TLS the secret could be read'
	cp "$KEY" "$T/run/open" && chmod 644 "$T/run/open"
	"${TOOL[@]}" -T "$TYPE" -e "$ENDPOINT" -C "$T/run/open" -z "$ZONE" change "$name" - "$RECORD" >"$T/out/open" 2>&1
	says open "a secret that others can read is refused" 'has mode 0644: others could read'
}

# The same over TLS: whose certificate is believed.  $1: URL; the service's script listens there with the test CA
provider_tls() {
	local name=tls._domainkey.$ZONE
	faults
	ENDPOINT=$1 ask tls1 change "$name" - "$RECORD"
	says tls1 "a certificate that nobody vouches for" '^refused .*is not believed.*ca_file'
	ENDPOINT=$1 ask tls2 -A "$T/run/other.pem" change "$name" - "$RECORD"
	says tls2 "a certificate of another authority" '^refused .*is not believed'
	ENDPOINT=${1/127.0.0.1/localhost} ask tls3 -A "$T/run/ca.pem" change "$name" - "$RECORD"
	says tls3 "a certificate for another name" '^refused .*is not believed'
	check "and no request was made" [ ! -s "$P/journal" ]
	ENDPOINT=$1 ask tls4 -A "$T/run/ca.pem" change "$name" - "$RECORD"
	says tls4 "the right authority" '^done read_back=yes clock=near .*published at'
	ENDPOINT=$1 https_proxy=http://127.0.0.1:1 ask tls5 -A "$T/run/ca.pem" change "$name" "$RECORD" -
	says tls5 "and no proxy of the environment" '^done read_back=yes .*removed at'
}
