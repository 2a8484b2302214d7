#!/bin/bash
# SPDX-License-Identifier: ISC
# README's first command, on programs that are built already: it shows the main job and leaves nothing behind.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
[ "$(id -u)" = 0 ] || lab_skip "Postfix runs as root only"
QUICKSTART=$REPO/contrib/quickstart.sh

has() { grep -q -e "$1" "$T/out"; }
state() { # of the machine's own mail and DNS
	find /etc/postfix /etc/bind /var/spool/postfix -type f -printf '%p %T@ %s\n' 2>/dev/null | sort
}

state >"$T/before"
# the programs where quickstart looks for them
mkdir -p "$T/built/signpost" "$T/built/milter" "$T/tmp"
chmod 755 "$T/tmp"
ln -s "$SIGNPOST" "$T/built/signpost/signpost"
ln -s "$SIGNPOST_MILTER" "$T/built/milter/signpost-milter"
TMPDIR=$T/tmp "$QUICKSTART" --no-install --built "$T/built" >"$T/out" 2>&1
status=$?
check "quickstart succeeds" [ "$status" = 0 ]
[ "$status" = 0 ] || cat "$T/out"
check "it shows the record" has 'Value   v=DKIM1; k=rsa'
check "it shows that nothing is signed without the record" has 'NXDOMAIN'
check "it shows the proof" has 'proven: 1 server'
check "it shows the log line" has ' signed from=example.test d=example.test'
check "it shows the signature" has '^DKIM-Signature: v=1; a=rsa-sha256;'
for verifier in dkimpy Mail::DKIM OpenDKIM; do
	check "$verifier passes the message" has "^$verifier  *pass\$"
	check "$verifier fails the changed one" has "^$verifier  *fail"
done
check "it leaves no file" [ -z "$(ls -A "$T/tmp")" ]
state >"$T/after"
check "the machine's own mail and DNS are as they were" cmp -s "$T/before" "$T/after"

"$QUICKSTART" --frobnicate >"$T/out" 2>&1
check "an unknown option is refused" [ $? = 64 ]
check "with the usage" has '^usage: contrib/quickstart.sh'
"$QUICKSTART" --no-install --built "$T/nowhere" >"$T/out" 2>&1
check "a directory that is not there is refused" [ $? != 0 ]
check "by name" has "$T/nowhere"
lab_finish
