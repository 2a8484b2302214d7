#!/bin/bash
# SPDX-License-Identifier: ISC
# raw.sh - hundreds of generated messages through the raw milter protocol: every canonicalization, two algorithms, body
# chunks of 1, 7 and 65535 octets, what Postfix offers and what an old MTA offers.  The same octets must come out of every
# chunking; three verifiers judge them.
. "$(dirname "$0")/lib.sh"
lab_begin "$@"
[ -x "$MTACLIENT" ] || lab_skip "no mtaclient in $BUILD_DIR"

IDN=xn--bcher-kva
declare -A CANON=([ss]=simple/simple [sr]=simple/relaxed [rs]=relaxed/simple [rr]=relaxed/relaxed)
for canon in ss sr rs rr; do
	for domain in $canon.test $IDN.$canon.test; do
		lab_key "$domain" r1 rsa
		lab_key "$domain" e1 ed25519
		# without t= a signature is a function of the message, so that runs can be compared
		{
			echo "domain $domain c=${CANON[$canon]} t=no"
			lab_key_row "$domain" r1 rsa-sha256
			lab_key_row "$domain" e1 ed25519-sha256
		} >>"$T/rows"
	done
done
{
	cat "$T/rows"
	printf 'allow login raw'
	printf ' %s' {,$IDN.}{ss,sr,rs,rr}.test
	echo
} | lab_table
lab_named
lab_milter

"$PYTHON" "$HERE/gen_messages.py" "$T/mail" "$T/plan"
count=$(wc -l <"$T/plan")
check "$count messages are at least 400" test "$count" -ge 400

# run NAME PROTOCOL CHUNK FILE...: into $T/NAME
run() {
	local name=$1 protocol=$2 chunk=$3
	shift 3
	mkdir -p "$T/$name"
	"$MTACLIENT" --socket "unix:$MILTER_SOCKET" --from-auth raw --protocol "$protocol" --chunk "$chunk" --keep-name-wsp \
		--messages-per-connection 25 --out "$T/$name" "$@" >>"$T/$name.said" 2>&1
}

all_accepted() { # NAME COUNT
	[ "$(grep -c ' accepted ' "$T/$1.said")" = "$2" ] || { grep -v ' accepted ' "$T/$1.said"; false; }
}

mapfile -t all < <(find "$T/mail" -name '*.eml' | sort)
mapfile -t small < <(find "$T/mail" -name '*.eml' -size -20k | sort)
run full-65535 0x1fffff 65535 "${all[@]}"
check "full protocol: each message is accepted" all_accepted full-65535 "$count"
run old-65535 0x7f 65535 "${all[@]}"
check "old protocol: each message is accepted" all_accepted old-65535 "$count"
for chunk in 7 1; do
	run full-$chunk 0x1fffff $chunk "${all[@]}"
	check "chunks of $chunk: the same octets" diff -rq "$T/full-65535" "$T/full-$chunk"
	run old-$chunk 0x7f $chunk "${small[@]}"
	check "old protocol, chunks of $chunk: each message is accepted" all_accepted old-$chunk ${#small[@]}
	for file in "${small[@]}"; do
		cmp "$T/old-65535/${file##*/}" "$T/old-$chunk/${file##*/}"
	done >"$T/differ" 2>&1
	check "old protocol, chunks of $chunk: the same octets" test ! -s "$T/differ"
done

# SMTP ends a message with CRLF, so that is what a next hop gets where the body had none at its end.
"$PYTHON" - "$T/full-65535" "$T/old-65535" <<-'END'
	import os, sys
	for directory in sys.argv[1:]:
	    for name in os.listdir(directory):
	        with open(os.path.join(directory, name), "r+b") as f:
	            octets = f.read()
	            if not octets.endswith(b"\r\n"):
	                f.write(b"\r\n")
END

# Without the leading space a simple header cannot be known, so it is relaxed there; the rest must not differ at all.
expect() { # NAME
	local case canon want c d
	while IFS='	' read -r case canon want; do
		c=${CANON[$canon]} d=$canon.test
		[[ $1 = old && $c = simple/* ]] && c=relaxed/${c#*/}
		[[ $case = idn* ]] && d=$IDN.$d
		[ "$want" = unsigned ] || want="$want d=$d c=$c a=rsa-sha256 a=ed25519-sha256"
		printf '%s\t%s\t%s\n' "$case" "$want" "$1 protocol"
	done <"$T/plan"
}
expect full >"$T/expect-full"
lab_judge "$T/full-65535" "$T/expect-full"
: >"$T/differ"
mkdir "$T/old-simple"
expect old | while IFS='	' read -r case want remark; do
	case $want in
	*c=relaxed/*)
		if ! cmp -s "$T/full-65535/$case.eml" "$T/old-65535/$case.eml"; then
			mv "$T/old-65535/$case.eml" "$T/old-simple/"
			printf '%s\t%s\t%s\n' "$case" "$want" "$remark"
		fi
		;;
	esac
done >"$T/expect-old"
lab_judge "$T/old-simple" "$T/expect-old"
differs_only_simple() { ! cut -f 1 "$T/expect-old" | grep -vE '\+s[sr]$|^soup'; }
check "what the old protocol changes is the simple header alone" differs_only_simple
lab_finish
