# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are the scripts' and lib.sh's
# keeper-lib.sh - lanes: each is a primary of its own (BIND, updates behind TSIG), a gate before it, a store, a milter and a
# configuration with intervals of seconds, so that what goes wrong in one does not touch the others and several go on at
# once.  Sourced after lab_begin.
#
#	lane_begin 1		$LANE $DIR $CONF $STORE $SERVER are those of lane 1 from here on
#	rotates_to 2		ticks until the second key is ...
#
# The domain of every lane is x.test.  DNS is asked at 127.0.0.(20+LANE), updates go through the gate at 127.0.0.(60+LANE).

D=x.test
PATIENCE=${LAB_PATIENCE:-5} # by so much a busy machine may be slower
TOMBSTONE='"v=DKIM1; p="'

owner_args=()
[ "$(id -u)" != 0 ] || owner_args=(--user root --group root) # who may speak to a milter of root's

keeper_needs() {
	local program
	[ -n "${LAB_NETNS:-}" ] || lab_skip "several name servers need a network namespace"
	for program in named nsupdate tsig-keygen; do
		command -v $program >/dev/null || lab_skip "no $program on this machine"
	done
}

# lane N: the names of one
lane() {
	LANE=$1 DIR=$T/lane$1 SERVER=127.0.0.$((20 + $1)) GATE=127.0.0.$((60 + $1))
	CONF=$DIR/signpost.conf STORE=$DIR/store SOCKET=$DIR/milter.sock
}

# lane_begin N [PUBLIC-LINE...]: with its name server, gate and an empty store
lane_begin() {
	lane "$1"
	# BIND listens only at addresses that an interface has
	ip addr add "$SERVER/32" dev lo
	mkdir -m 755 "$DIR" "$DIR/bind"
	lane_key key signpost
	tsig-keygen admin >"$DIR/admin.key"
	lane_conf
	lane_zone
	lane_named
	echo open >"$DIR/gate"
	lab_background "gate$LANE" "$PYTHON" "$HERE/gate.py" "$GATE" "$DNS_PORT" "$SERVER" "$DNS_PORT" "$DIR/gate"
	wait_for 10 listens "$DNS_PORT" "$GATE" || { cat "$T/log/gate$LANE" >&2; exit 1; }
	signpost init "${owner_args[@]}" >"$DIR/said" 2>&1 || { cat "$DIR/said" >&2; exit 1; }
}

# lane_key FILE NAME: a TSIG key that the keeper may read
lane_key() {
	tsig-keygen "$2" >"$DIR/$1"
	chmod 600 "$DIR/$1"
}

lane_zone() {
	printf "\$TTL 1\n@ IN SOA ns1 hostmaster 7 60 60 86400 1\n@ NS ns1\nns1 A %s\n" "$SERVER" >"$DIR/bind/$D"
}

# the clients' rights are as `signpost publisher rights` says
lane_named() {
	{
		echo "options { directory \"$DIR/bind\"; listen-on port $DNS_PORT { $SERVER; }; listen-on-v6 { none; }; pid-file none;"
		echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; };"
		echo "controls { };"
		cat "$DIR/${1:-key}" "$DIR/admin.key"
		echo "zone \"$D\" { type primary; file \"$D\"; update-policy { grant admin subdomain $D. ANY;"
		echo "grant signpost wildcard ${2:-*._domainkey.$D.} TXT; }; };"
	} >"$DIR/named.conf"
	lab_background "named$LANE" named -g -n 1 -c "$DIR/named.conf"
	NAMED_PID=$BACKGROUND
	wait_for 15 listens "$DNS_PORT" "$SERVER" || { cat "$T/log/named$LANE" >&2; exit 1; }
}

lane_named_stop() {
	kill "$NAMED_PID"
	lab_gone "$NAMED_PID"
}

# lane_conf [LINE-OF-POLICY...]
lane_conf() {
	cat >"$CONF" <<-END
		policy "default" {
		    publisher = bind
		    standby = no
		    rotate = ${ROTATE:-off}
		    rotate_every = 1h
		    rotate_spread = 1s
		    ahead = 1s
		    ttl = 1s
		    publish_safety = 1s
		    retire_safety = 1s
		    stale_allowance = 1s
		    queue_lifetime = 1s
		    receiver_delay = 1s
		    tombstone = 1s
		    destroy_after = 1s
		$(printf '    %s\n' "$@")
		}
		publisher "bind" {
		    type = rfc2136
		    server = "$GATE:$DNS_PORT"
		    zone = $D
		    tsig_key = "$DIR/key"
		    timeout = 2s
		}
		signers {
		    milters = {"unix:$SOCKET"}
		    ask_every = 1s
		    timeout = 2s
		}
		keeper {
		    watch_interval = 2s
		    reprove_interval = 2s
		    gone_sweeps = 2
		    gone_over = 1s
		    retry = 1s
		    retry_max = 2s
		    person_interval = 2s
		    queries = 1
		    rollback_hold = 1s
		    postqueue = ""
		}
		dns {
		    timeout = 1s
		    tries = 2
		    queries_per_second = 1000
		    spread = 100ms
		    sweep_interval = 1s
		    slow_interval = 2s
		    zone "$D" {
		        servers = {"$SERVER:$DNS_PORT"}
		    }
		}
	END
	chmod 644 "$CONF"
}

gate() { # open | shut | drop | lag=SECONDS
	echo "$1" >"$DIR/gate.new"
	mv "$DIR/gate.new" "$DIR/gate"
}

lane_milter() {
	MILTER_SOCKET=$SOCKET
	lab_background "milter$LANE" "$SIGNPOST_MILTER" -s "unix:$SOCKET" -t "$STORE/signing.table" --log stderr
	LANE_MILTER=$BACKGROUND
	wait_for 10 milter_listens || { cat "$T/log/milter$LANE" >&2; exit 1; }
}

signpost() {
	local verb=$1
	shift
	"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@"
}
# tell VERB...: what it says is in $DIR/said, its exit status in $STATUS
tell() {
	signpost "$@" >"$DIR/said" 2>&1
	STATUS=$?
}
tick() { tell tick --verbose; }

LIBFAKETIME=$(find /usr/lib/*/faketime -name libfaketime.so.1 2>/dev/null | head -1)
# at TIME VERB...: tell, by another clock
at() {
	local when=$1 verb=$2
	shift 2
	ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$LIBFAKETIME FAKETIME=$when FAKETIME_DONT_FAKE_MONOTONIC=1 \
		"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@" >"$DIR/said" 2>&1
	STATUS=$?
}

# said NAME PATTERN...: every pattern is a line of what was said
said() {
	local name=$1 pattern
	shift
	for pattern in "$@"; do
		if ! grep -Eq -e "$pattern" "$DIR/said"; then
			not_ok "$name: no line like $pattern"
			sed 's/^/#    /' "$DIR/said"
			return
		fi
	done
	ok "$name"
}
has_said() { grep -Eq -e "$1" "$DIR/said"; }
status_has() {
	tell status $D
	has_said "$1"
}

# until_pass SECONDS COMMAND...: passes until it succeeds
until_pass() {
	local end=$((SECONDS + $1 * PATIENCE))
	shift
	"$@" && return
	while :; do
		tick
		"$@" && return
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.4
	done
}
# reach SECONDS NAME COMMAND...: it is so after some passes
reach() {
	local limit=$1 name=$2 begin=$SECONDS
	shift 2
	if until_pass "$limit" "$@"; then
		ok "$name (after $((SECONDS - begin)) s)"
	else
		not_ok "$name: not within $((limit * PATIENCE)) s; $(view | tail -1)"
		tell status $D
		sed 's/^/#    /' "$DIR/said"
	fi
}

## what is

view() { "$PYTHON" "$HERE/keeper_view.py" state "$STORE" $D "$SERVER" "$DNS_PORT"; }
# is KEY PATTERN: the state of the n-th key, as keeper_view.py shows it
is() { view | tail -1 | tr ' ' '\n' | grep -Eq -e "^$1=$2\$"; }
key_has() { # KEY WORD: without DNS
	"$PYTHON" -SE "$HERE/keeper_view.py" facts "$STORE" $D | tr ' ' '\n' | grep -Eq -e "^$1=(.*,)?$2(,|\$)"
}
selector() { # KEY
	"$PYTHON" -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT selector FROM key ORDER BY id LIMIT 1 OFFSET ?", (int(sys.argv[2]) - 1,)).fetchone()[0])' \
		"$STORE/keystore.db" "$1"
}
signs_with() { sed -n "s/^key $D \([^ ]*\) .*/\1/p" "$STORE/signing.table"; }
served() { # SELECTOR
	dig +norec +noall +answer +tcp +time=2 +tries=1 -p "$DNS_PORT" "@$SERVER" "$1._domainkey.$D" TXT |
		awk '$4 == "TXT" { sub(/^.*\tTXT\t/, ""); gsub(/" "/, ""); gsub(/\\;/, ";"); print }'
}
# by hand: lines of nsupdate on stdin
by_hand() {
	{ printf 'server %s %s\nzone %s\n' "$SERVER" "$DNS_PORT" $D; cat; echo send; } | nsupdate -k "$DIR/admin.key"
}
by_hand_removed() { echo "update delete $1._domainkey.$D. TXT" | by_hand; }
by_hand_put() { # SELECTOR TEXT
	printf 'update delete %s._domainkey.%s. TXT\nupdate add %s._domainkey.%s. 1 TXT "%s"\n' "$1" $D "$1" $D "$2" | by_hand
}

# verified [SELECTOR]: the milter signs, with this key, and it can be verified with what the primary serves
verified() {
	local out
	[ -f "$DIR/message" ] || lab_message "u@$D" >"$DIR/message"
	mkdir -p "$DIR/signed"
	rm -f "$DIR/signed/message"
	"$MTACLIENT" --socket "unix:$SOCKET" --from-auth "u@$D" --out "$DIR/signed" "$DIR/message" >"$DIR/mta" 2>&1 || return 1
	out=$("$PYTHON" "$HERE/keeper_view.py" verify "$DIR/signed/message" "$SERVER" "$DNS_PORT") || { echo "#    $out $(cat "$DIR/mta")"; return 1; }
	[ -z "${1:-}" ] || [ "$out" = "$1" ]
}
# the old key signs, and nothing is wrong with the store
sound() { # NAME SELECTOR
	local out
	check "$1: mail is signed with $2 and verifies" verified "$2"
	out=$(view) || { not_ok "$1: $out"; return; }
	ok "$1: the store and the table are sound"
}
# no process and no half-done file is left behind
leftovers() { find "$STORE" -name '*.pem.*' -o -name '*signing.table.*' -o -name '*-journal' | sed 's/^/left behind: /'; }

## lanes at once

# at_once N FUNCTION: in lane N, beside others; what it finds is counted by harvest
LANES=()
at_once() {
	mkdir -p "$T/results"
	(
		OK=0 NOT_OK=0 PIDS=()
		lane "$1"
		"$2"
		printf '%s\n' "${PIDS[@]}" >"$T/results/$2.pids"
		for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null; done
		for pid in "${PIDS[@]}"; do lab_gone "$pid" || not_ok "process $pid ends when told to"; done
		echo "ended"
	) >"$T/results/$2" 2>&1 &
	LANES+=("$2 $!")
}
harvest() {
	local row line name
	for row in "${LANES[@]}"; do
		name=${row% *}
		wait "${row#* }"
		echo "# $name"
		while IFS= read -r line; do
			case $line in
			"ok - "*) ok "${line#ok - }" ;;
			"not ok - "*) not_ok "${line#not ok - }" ;;
			ended) ;;
			*) echo "$line" ;;
			esac
		done <"$T/results/$name"
		[ "$(tail -n 1 "$T/results/$name")" = ended ] || not_ok "$name comes to its end"
	done
	LANES=()
}

# a lane whose first key signs
lane_signs() { # N
	lane_begin "$1"
	lane_milter
	tell add $D
	until_pass 20 key_has 1 table || { not_ok "the first key signs"; cat "$DIR/said"; }
	K1=$(selector 1)
}
roll() {
	tell roll $D
	has_said "is rotated as soon as" || { not_ok "roll"; cat "$DIR/said"; }
}
passes() { # SECONDS: and no fewer passes
	local end=$((SECONDS + $1)) n=0
	while [ "$SECONDS" -lt "$end" ] || [ $n -lt "$1" ]; do
		tick
		n=$((n + 1))
		sleep 0.4
	done
}
