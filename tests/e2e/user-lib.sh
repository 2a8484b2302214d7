# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are the scripts' and lib.sh's
# user-lib.sh - the world of a new user: a root, a DNS provider with a web form, name servers of one's own, a resolver that
# knows none of it beforehand, Postfix, milter and keeper.  Sourced after lab_begin; it takes the servers of life-lib.sh.
#
#	address      who                        zones
#	127.0.0.10   NSD, the root              . test
#	127.0.0.20   BIND, the provider         those named to user_begin; changed through its form alone
#	127.0.0.1    BIND, one's own            own.test slots.test mail.cust.test, updates behind TSIG
#	127.0.0.9    Unbound                    the resolver
#
#	user_begin shop.test ...	all of it, with an empty store; lines of signpost.conf on stdin
#	form shop.test TXT HOST TTL VALUE
. "$HERE/life-lib.sh"
. "$HERE/life-run-lib.sh"
PROVIDER=127.0.0.20
FORM_UNDERSCORES=yes # no: it refuses them in CNAMEs
mkdir -p "$T/provider"

# a name server process of BIND's: ADDRESS NAME, zones as ZONE or ZONE:POLICY
user_named() {
	local address=$1 name=$2 zone
	shift 2
	{
		echo "options { directory \"$T/$name\"; listen-on port $PORT { $address; }; listen-on-v6 { none; }; pid-file none;"
		echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; };"
		echo "controls { };"
		[ ! -f "$T/run/$name.key" ] || cat "$T/run/$name.key"
		for zone in "$@"; do
			echo "zone \"${zone%%:*}\" { type primary; file \"${zone%%:*}\";"
			[ "$zone" = "${zone#*:}" ] || echo "update-policy { ${zone#*:}; };"
			echo "};"
		done
	} >"$T/run/$name.conf"
	lab_background "$name" named -g -n 1 -c "$T/run/$name.conf"
	for zone in "$@"; do await "$address" "${zone%%:*}"; done
}

user_provider() { # ZONE...
	local zone
	for zone in "$@"; do
		{ soa "ns1.provider.test."; printf '@ NS ns1.provider.test.\n@ NS ns2.provider.test.\n@ MX 10 mx.sink.test.\n'; } >"$T/provider/$zone"
	done
	user_named $PROVIDER provider "$@"
	PROVIDER_PID=$BACKGROUND
}

user_own() {
	local zone
	tsig bind
	for zone in own.test slots.test mail.cust.test; do
		{ soa ns1.own.test.; echo '@ NS ns1.own.test.'; } >"$T/bind/$zone"
	done
	echo "ns1 A $BIND" >>"$T/bind/own.test"
	user_named $BIND bind "own.test:grant bind wildcard *._domainkey.own.test. TXT" \
		"slots.test:grant bind wildcard *.slots.test. TXT" \
		"mail.cust.test:grant bind wildcard *._domainkey.mail.cust.test. TXT"
	OWN_PID=$BACKGROUND
}

user_root() { # ZONE-OF-PROVIDER...
	local zone
	{
		soa ns.test.
		printf '@ NS ns\nns A %s\nown NS ns1.own\nns1.own A %s\nslots NS ns1.own\n' $ROOT $BIND
		printf 'ns1.provider A %s\nns2.provider A %s\nprovider NS ns\n' $PROVIDER $PROVIDER
		for zone in "$@"; do printf '%s NS ns1.provider\n%s NS ns2.provider\n' "${zone%.test}" "${zone%.test}"; done
	} | grep -v '^provider NS' >"$T/root/test"
	{ soa ns.test.; printf '@ NS ns.test.\ntest NS ns.test.\nns.test A %s\n' $ROOT; } >"$T/root/root"
	life_nsd_conf root $ROOT .:root test:test
	lab_background nsd-root nsd -d -c "$T/run/nsd-root.conf"
	ROOT_PID=$BACKGROUND
	await $ROOT test
}

user_resolver() {
	{
		printf 'server:\n  interface: %s@%s\n  do-daemonize: no\n  use-syslog: no\n  chroot: ""\n  username: ""\n' $UNBOUND "$PORT"
		printf '  directory: "%s/unbound"\n  pidfile: ""\n  access-control: 127.0.0.0/8 allow\n  do-not-query-localhost: no\n' "$T"
		printf '  do-ip6: no\n  num-threads: 1\n  msg-cache-size: 4m\n  rrset-cache-size: 4m\n  local-zone: "test." nodefault\n'
		printf '  module-config: "iterator"\n  infra-host-ttl: 1\n  log-queries: yes\nremote-control:\n  control-enable: no\n'
		stub . $ROOT
		stub test $ROOT
	} >"$T/run/unbound.conf"
	lab_background unbound unbound -d -c "$T/run/unbound.conf"
	wait_for 10 listens "$PORT" $UNBOUND || { cat "$T/log/unbound" >&2; exit 1; }
}

user_begin() { # ZONE-OF-PROVIDER...
	life_needs named nsd unbound
	[ -n "${LAB_NETNS:-}" ] || lab_skip "several BINDs need a network namespace"
	# BIND listens only at addresses that an interface has
	ip addr add "$PROVIDER/32" dev lo
	user_provider "$@"
	user_own
	user_root "$@"
	user_resolver
	LAB_RESOLVER=$UNBOUND:$PORT
	signpost init --user root --group root >"$T/said" 2>&1 || { cat "$T/said" >&2; exit 1; }
	life_conf
	BEGAN=$SECONDS
}

# the mail server; logins are u@DOMAIN
user_mail() { # DOMAIN...
	local domain
	for domain in "$@"; do echo "u@$domain secret"; done >"$T/run/users"
	lab_background auth "$PYTHON" "$HERE/auth.py" "$T/run/auth" "$T/run/users"
	wait_for 10 test -S "$T/run/auth"
	lab_sink
	lab_background milter "$SIGNPOST_MILTER" -s "unix:$T/run/milter.sock" -t "$STORE/signing.table" --log stderr
	MILTER_SOCKET=$T/run/milter.sock
	wait_for 10 milter_listens || { cat "$T/log/milter" >&2; exit 1; }
	lab_postfix
}
# user_sends CASE DOMAIN WANT: one message, to be judged at the end
user_sends() {
	lab_expect "$1" "$3"
	lab_message "u@$2" >"$T/mail/$1"
	printf '%s\n' "< 220" "> EHLO client.test" "< 250" "plain u@$2 secret" "mail u@$2 $1@sink.test $T/mail/$1" \
		"> QUIT" "< 221" | smtp "$SUBMISSION_PORT" "$OUTSIDER" || not_ok "$1: Postfix takes it"
}
user_judge() {
	lab_drain || not_ok "the queue is empty"
	lab_judge
}

# a policy of signpost.conf for domains of others, behind slots of ours
user_slots_policy() { # NAME
	cat <<-END
		policy "$1" {
		    mode = slots
		    slot_zone = "slots.test"
		    publisher = bind
		    standby = no
		$(life_times 1h)
		}
	END
}
# one for domains of one's own
user_own_policy() { # NAME
	cat <<-END
		policy "$1" {
		    publisher = bind
		    standby = no
		$(life_times 1h)
		}
	END
}

## the provider's web form: it adds the domain to a host without a final dot, and cuts texts into strings by itself

form() { # ZONE TYPE HOST TTL VALUE
	local zone=$1 type=$2 host=$3 ttl=$4 value=$5
	case $FORM_UNDERSCORES:$type:$host in
	no:CNAME:*_*)
		echo "Underscore is not allowed in CNAME records"
		return 1
		;;
	esac
	[ "${host%.}" != "$host" ] || host=$host.$zone.
	[ "$type" != TXT ] || value=$(printf '%s' "$value" | fold -w 255 | sed 's/.*/"&"/' | tr '\n' ' ')
	printf '%s\t%s\tIN\t%s\t%s\n' "$host" "$ttl" "$type" "$value" >>"$T/provider/$zone"
	form_saved "$zone"
}
form_deletes() { # ZONE HOST
	grep -vF -e "$2" "$T/provider/$1" >"$T/provider/new"
	mv "$T/provider/new" "$T/provider/$1"
	form_saved "$1"
}
form_saved() {
	local zone=$1 serial
	serial=$(sed -n 's/.*hostmaster\.test\. \([0-9]*\) .*/\1/p' "$T/provider/$zone")
	sed -i "s/hostmaster\.test\. $serial /hostmaster.test. $((serial + 1)) /" "$T/provider/$zone"
	for _ in 1 2 3 4 5; do
		kill -HUP "$PROVIDER_PID"
		if wait_for 1 form_is_served "$zone" $((serial + 1)); then return 0; fi
		touch "$T/provider/$zone" # named takes a file for unchanged that has the second of its last load
	done
	echo "the provider does not serve $zone"
	return 1
}
form_is_served() { [ "$(ask $PROVIDER "$1" SOA +short | cut -d' ' -f3)" = "$2" ]; }

## what a person reads off the screen: the n-th record's fields in $T/said

field() { # NAME [N]
	sed -n "s/^  $1  *\([^ ].*\)/\1/p" "$T/said" | sed -n "${2:-1}p" | sed 's/   *.*//'
}
# whole names stand below the host
whole_host() { # N: without the final dot
	grep -A1 '^  Host' "$T/said" | sed -n 's/^ \{10\}\([^ ]*\) .*if it wants the whole name$/\1/p' | sed -n "${1:-1}p"
}
