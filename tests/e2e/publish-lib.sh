# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are the scripts' and lib.sh's
# publish-lib.sh - what the scripts of the publishers share.  Sourced after lab_begin.

PUBLISHTOOL=${PUBLISHTOOL:-$(lab_program publishtool tests/tool)}
if [ ! -x "$PUBLISHTOOL" ]; then
	echo "not ok - $PUBLISHTOOL is not there"
	exit 1
fi
TOOL=("$PUBLISHTOOL")
RECORD="v=DKIM1; k=rsa; h=sha256; p=$(head -c 294 /dev/urandom | base64 -w 0)"
SHORT="v=DKIM1; k=ed25519; p=$(head -c 32 /dev/urandom | base64 -w 0)"
REVOKED="v=DKIM1; p="
SERVER='' KEY='' ZONE='' STATUS=''
mkdir -p "$T/out"

not() { ! "$@"; }

# publish_key FILE NAME [ALGORITHM]
publish_key() {
	tsig-keygen -a "${3:-hmac-sha256}" "$2" >"$1"
	chmod 640 "$1"
}

# publish CASE [OPTION...] COMMAND...: against $SERVER with $KEY, in $ZONE
publish() {
	local name=$1
	shift
	"${TOOL[@]}" -T rfc2136 -s "$SERVER" -k "$KEY" -z "$ZONE" "$@" >"$T/out/$name" 2>&1
	STATUS=$?
}

# says CASE WHAT PATTERN...: every pattern is a line of the output
says() {
	local name=$1 what=$2 pattern
	shift 2
	for pattern in "$@"; do
		if ! grep -Eq -- "$pattern" "$T/out/$name"; then
			not_ok "$what: no line like $pattern"
			sed 's/^/    /' "$T/out/$name"
			return
		fi
	done
	ok "$what"
}

# strings of a name's TXT records, as the server at $SERVER has them, joined
served() {
	dig +norec +noall +answer +tcp +time=2 +tries=1 -p "${SERVER#*#}" "@${SERVER%#*}" "$1" TXT |
		awk '$4 == "TXT" { sub(/^.*\tTXT\t/, ""); gsub(/" "/, ""); print }'
}
shows() { [ "$(served "$1" | sed 's/\\;/;/g')" = "$2" ]; }

# A life of one record, each step twice.
publish_usual() {
	local name=usual._domainkey.$ZONE
	publish show show "$name" - "$RECORD" old."$name" "$RECORD" "$REVOKED"
	says show "--dry-run shows prerequisites and updates" "^server ${SERVER%#*} ${SERVER#*#}$" "^prereq nxrrset $name\\. CNAME$" \
		"^prereq nxrrset $name\\. TXT$" "^update add $name\\. 60 TXT \"v=DKIM1; k=rsa; .*\" \".*\"$" "^prereq yxrrset old\\.$name\\. TXT"
	check "and publishes nothing" shows "$name" ""
	publish first change "$name" - "$RECORD"
	says first "a record is published and read back" '^done read_back=yes clock=near .*published at'
	check "the server has it whole" shows "$name" "\"$RECORD\""
	publish again change "$name" - "$RECORD"
	says again "again: it stood already" '^done read_back=yes clock=near .*stood already at'
	publish revoke change "$name" "$RECORD" "$REVOKED"
	says revoke "it is revoked" '^done read_back=yes'
	check "the server has the empty key" shows "$name" "\"$REVOKED\""
	publish revoke2 change "$name" "$RECORD" "$REVOKED"
	says revoke2 "again: it stood already" '^done read_back=yes .*stood already at'
	publish remove change "$name" "$REVOKED" -
	says remove "it is removed" '^done read_back=yes .*removed at'
	check "the server has nothing" shows "$name" ""
	publish remove2 change "$name" "$REVOKED" -
	says remove2 "again: it was gone already" '^done read_back=yes .*was gone already at'
}

# No secret of any key file is in what was printed.
publish_secrets() {
	local file secret
	for file in "$T/run/key" "$T/run/wrong" "$T/run/unknown"; do
		secret=$(sed -n 's/.*secret "\(.*\)".*/\1/p' "$file")
		check "the secret of ${file##*/} is in no output" not grep -qrF -e "$secret" "$T/out"
	done
}
