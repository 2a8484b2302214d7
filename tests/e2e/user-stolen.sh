#!/bin/bash
# SPDX-License-Identifier: ISC
# user-stolen.sh - an emergency: a private key was stolen.  One command; mail goes on being signed, by another key, and the
# stolen one is revoked.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
. "$HERE/user-lib.sh"

user_begin <<-END
	$(user_own_policy default)
	$(life_rfc2136 bind $BIND)
END
user_mail own.test
tell add own.test --wait --timeout 60s
check "a domain that signs" test $STATUS = 0
life_keeper
stolen=$(selectors own.test)
user_sends before own.test "signed d=own.test s=$stolen"
user_judge
rm -f "$T/sink"/*
: >"$T/expected"
cp "$STORE/keys/own.test/$stolen.pem" "$T/thief.pem"

tell compromise own.test "$stolen" --dry-run
check "compromise --dry-run" test $STATUS = 0
said "it shows what it would do" 'Dry run'
check "and does nothing" signs_with own.test "$stolen"
tell compromise own.test "$stolen"
check "compromise" test $STATUS = 0
[ $STATUS = 0 ] || cat "$T/said"
life_milestone 40 "another key signs" changed_from own.test "$stolen"
user_sends after own.test "signed d=own.test s=$(selectors own.test)"
user_judge
life_milestone 40 "the stolen key is revoked" revoked_at $BIND "$stolen._domainkey.own.test"
gone() { [ ! -e "$STORE/keys/own.test/$stolen.pem" ]; }
life_milestone 40 "and deleted here" gone

## the thief
lab_message u@own.test >"$T/forged"
signed_by_thief() {
	"$PYTHON" - "$T" "$stolen" "$UNBOUND" "$PORT" <<-'END'
		import sys
		import dkim
		import dns.resolver
		folder, selector, server, port = sys.argv[1:]
		resolver = dns.resolver.Resolver(configure=False)
		resolver.nameservers, resolver.port = [server], int(port)
		def txt(name, timeout=5):
		    answer = resolver.resolve(name.decode() if isinstance(name, bytes) else name, "TXT")
		    return b"".join(answer[0].strings)
		mail = open(folder + "/forged", "rb").read()
		signature = dkim.sign(mail, selector.encode(), b"own.test", open(folder + "/thief.pem", "rb").read())
		sys.exit(0 if dkim.verify(signature + mail, dnsfunc=txt) else 1)
	END
}
fails_by_thief() { ! signed_by_thief; }
check "what the thief signs fails at receivers" fails_by_thief
tell log own.test
said "the log tells it" 'compromise'
lab_finish
