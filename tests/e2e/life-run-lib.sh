# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are the scripts' and lib.sh's
# life-run-lib.sh - what lives in the DNS of life-lib.sh: the keeper, the milter, Postfix with mail all the time, the verifiers.
# Sourced after it; $DOMAINS are the script's.

STORE=$T/store
CONF=$T/etc/signpost.conf
LOG=$T/log
DWELL=${DWELL:-3} # queue_lifetime + receiver_delay: how long mail may be on its way
MISSED=	# a milestone
LATE=1	# retire_safety less a second: a later look of the verifiers tells nothing
mkdir -p "$T/etc"
signpost() {
	local verb=$1
	shift
	"$SIGNPOST" "$verb" --config "$CONF" --store "$STORE" "$@"
}
# tell VERB...: what it says is in $T/said, its exit status in $STATUS
tell() {
	signpost "$@" >"$T/said" 2>&1
	STATUS=$?
}
said() { # NAME PATTERN...: every pattern is a line of $T/said
	local name=$1 pattern
	shift
	for pattern in "$@"; do
		if ! grep -Eq -e "$pattern" "$T/said"; then
			not_ok "$name: no line like $pattern"
			sed 's/^/    /' "$T/said"
			return
		fi
	done
	ok "$name"
}
selectors() { sed -n "s/^key $1 \([^ ]*\) .*/\1/p" "$STORE/signing.table" 2>/dev/null; } # DOMAIN: what it signs with
signs() { [ -n "$(selectors "$1")" ]; }
signs_with() { [ "$(selectors "$1" | sort | tr '\n' ' ')" = "$2 " ]; }
changed_from() { signs "$1" && ! selectors "$1" | grep -qxF -e "$2"; } # DOMAIN SELECTOR: another signs
files() { find "$STORE/keys/$1" -name '*.pem' 2>/dev/null | sed 's|.*/||; s|\.pem$||' | sort; } # DOMAIN

life_keeper() {
	lab_background keeper "$SIGNPOST" run --config "$CONF" --store "$STORE" --verbose
	KEEPER_PID=$BACKGROUND
}

life_mail() { # PAUSE
	local domain
	for domain in $DOMAINS; do echo "u@$domain secret"; done >"$T/run/users"
	lab_background auth "$PYTHON" "$HERE/auth.py" "$T/run/auth" "$T/run/users"
	wait_for 10 test -S "$T/run/auth"
	lab_sink
	lab_background milter "$SIGNPOST_MILTER" -s "unix:$T/run/milter.sock" -t "$STORE/signing.table" --log stderr
	MILTER_SOCKET=$T/run/milter.sock
	wait_for 10 milter_listens || { cat "$T/log/milter" >&2; exit 1; }
	lab_postfix
	echo "$DOMAINS" >"$T/run/senders"
	lab_background mail "$PYTHON" "$HERE/life_mail.py" "$SUBMISSION_PORT" "$OUTSIDER" "$T/run/senders" "$LOG/sent" "$1"
	MAIL_PID=$BACKGROUND
}
life_judges() {
	cat >"$T/run/servers" <<-END
		txt.test - $BIND $SECONDARY
		signed.test - $BIND $SIGNED
		cust.test slots.test $KNOT
		deleg.test - $PDNS
		file.test - $NSD
	END
	lab_background watch.err "$PYTHON" "$HERE/life_watch.py" "$STORE" "$UNBOUND" "$PORT" "$T/run/servers" "$LOG/watch"
	WATCH_PID=$BACKGROUND
	lab_background judge.err "$PYTHON" "$HERE/life_judge.py" "$UNBOUND" "$PORT" "$DWELL" "$T/sink" "$LOG/judged"
	JUDGE_PID=$BACKGROUND
}
senders() { # DOMAIN...: these go on sending
	echo "$*" >"$T/run/senders.new"
	mv "$T/run/senders.new" "$T/run/senders"
}
# when the mail has ended, all of it was judged, and nothing is watched any more
life_ends() {
	: >"$T/run/senders.stop"
	lab_gone "$MAIL_PID" || not_ok "the senders end"
	lab_drain
	: >"$LOG/judged.stop"
	: >"$LOG/watch.stop"
	lab_gone "$JUDGE_PID" || not_ok "the verifiers end"
	lab_gone "$WATCH_PID" || not_ok "the watcher ends"
}
# life_verdict KEYS: the last word, a line for each thing that must be so
life_verdict() {
	local line
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		*) not_ok "${line#not ok - }" ;;
		esac
	done < <("$PYTHON" "$HERE/life_verdict.py" "$LOG" "$DWELL" $LATE "$1" cust.test "$UNBOUND" 2>&1)
}

## signpost.conf

life_times() { # ROTATE-EVERY
	cat <<-END
		    rotate_every = $1
		    rotate_spread = 1s
		    ahead = 1s
		    ttl = ${TTL}s
		    publish_safety = ${STALE}s
		    retire_safety = 2s
		    stale_allowance = ${STALE}s
		    queue_lifetime = 1s
		    receiver_delay = $((DWELL - 1))s
		    tombstone = 3s
		    compromised_tombstone = 15s
		    destroy_after = 2s
	END
}
life_rfc2136() { # NAME ADDRESS
	printf 'publisher "%s" {\n    type = rfc2136\n    server = "%s:%s"\n    tsig_key = "%s/run/%s.key"\n}\n' "$1" "$2" "$PORT" "$T" "$1"
}
life_conf() { # policies and publishers on stdin
	{
		cat
		cat <<-END
			signers {
			    milters = {"unix:$T/run/milter.sock"}
			    ask_every = 1s
			}
			keeper {
			    watch_interval = 2s
			    reprove_interval = 2s
			    gone_over = 2s
			    retry = 1s
			    retry_max = 2s
			    rollback_hold = 1s
			    postfix_config = {"$T/postfix/etc"}
			}
			dns {
			    resolvers = {"$UNBOUND:$PORT"}
			    roots = {"$ROOT:$PORT"}
			    timeout = 500ms
			    tries = 2
			    queries_per_second = 1000
			    spread = 100ms
			    sweep_interval = 1s
			    lame_after = 1s
			    mute_after = 3s
			    mute_after_first = 2s
			}
		END
	} >"$CONF"
	tell config
	check "the configuration holds" test $STATUS = 0
	[ $STATUS = 0 ] || { cat "$T/said"; exit 1; }
}
life_add() { # DOMAIN, whose policy is named as its first label
	tell add "$1" --policy "${1%%.*}"
	check "add $1" test $STATUS = 0
}
status_says() { # DOMAIN PATTERN
	tell status "$1"
	grep -qE -e "$2" "$T/said"
}
# life_milestone SECONDS NAME COMMAND...: waited for, and timed; not for long any more once one was missed
life_milestone() {
	local limit=$1 name=$2 begin=$SECONDS
	shift 2
	limit=$((limit * 3)) # a busy machine may be slower
	[ -z "$MISSED" ] || limit=5
	if wait_for "$limit" "$@"; then
		ok "$name (after $((SECONDS - begin)) s, at $((SECONDS - BEGAN)))"
	else
		MISSED=yes
		not_ok "$name: not within $limit s"
		tell status
		sed 's/^/    /' "$T/said"
		tail -n 12 "$T/log/keeper" | sed 's/^/    /'
	fi
}
# whether so many keys of the domain's first algorithm have signed, by the milter's log
has_used() { # DOMAIN KEYS
	[ "$(sed -n "s/.* signed .*d=$1 s=\([^, ]*\)[, ].*/\1/p" "$T/log/milter" | sort -u | wc -l)" -ge "$2" ]
}
no_files() { [ -z "$(files "$1")" ]; }
revoked_at() { # SERVER NAME
	[ "$(served "$1" "$2")" = '"v=DKIM1; p="' ]
}
# life_log DOMAIN PATTERN...: the log has each of them
life_log() {
	local domain=$1
	shift
	tell log "$domain" --evidence
	said "the log of $domain tells each step, and the answers that permitted it" "$@"
}
is_removed() { tell status; ! grep -qE "^$1 " "$T/said"; }
# the mail of a domain ends, and then its keys
life_removes() { # DOMAIN
	local rest
	rest=$(tr ' ' '\n' <"$T/run/senders" | grep -vxF -e "$1" | tr '\n' ' ')
	senders "$rest"
	sleep 1.5
	tell remove "$1" --yes
	check "remove $1" test $STATUS = 0
	[ $STATUS = 0 ] || cat "$T/said"
}
