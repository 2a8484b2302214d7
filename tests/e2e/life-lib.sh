# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are the scripts' and lib.sh's
# life-lib.sh - the DNS of a whole life: a root of our own, primaries that take updates, secondaries that lag or are wrong,
# and a resolver with its caches.  Sourced after lab_begin.
#
#	address     who                            zones
#	127.0.0.10  NSD, the root                  . test
#	127.0.0.1   BIND, primary                  txt.test signed.test (dnssec-policy) cust.test deleg.test, behind TSIG
#	127.0.0.2   Knot, secondary                txt.test, through the gate
#	127.0.0.3   nobody                         txt.test, listed
#	127.0.0.7   Knot, secondary                signed.test: first with expired signatures, then rightly
#	127.0.0.4   Knot, primary                  slots.test, behind TSIG
#	127.0.0.5   PowerDNS, primary              _domainkey.deleg.test, behind TSIG
#	127.0.0.6   NSD, primary                   file.test, a zone file
#	127.0.0.8   the gate to BIND
#	127.0.0.9   Unbound, validating, serves what is expired for a while (RFC 8767)

BIND=127.0.0.1 SECONDARY=127.0.0.2 DEAD=127.0.0.3 KNOT=127.0.0.4 PDNS=127.0.0.5 NSD=127.0.0.6 SIGNED=127.0.0.7
GATE=127.0.0.8 UNBOUND=127.0.0.9 ROOT=127.0.0.10
[ -z "${LAB_NETNS:-}" ] || DNS_PORT=53
PORT=$DNS_PORT
TTL=1      # of key records, and of what is denied elsewhere
DENIED=12  # for how long signed.test denies a name that was not there
STALE=2    # for how long the resolver serves what is expired
KEEPER=root # may read the queue of a private Postfix
mkdir -p "$T/bind" "$T/knot" "$T/knot.db" "$T/pdns" "$T/nsd" "$T/root" "$T/unbound"

life_needs() {
	local program
	[ "$(id -u)" = 0 ] || lab_skip "Postfix and several users: only root can"
	for program in "$@"; do
		command -v "$program" >/dev/null || lab_skip "no $program on this machine"
	done
}

# soa NAME-SERVER [SECONDS-A-NAME-IS-DENIED]
soa() { printf "\$TTL %s\n@ %s IN SOA %s hostmaster.test. 7 1 1 3600 %s\n" "$TTL" "${2:-$TTL}" "$1" "${2:-$TTL}"; }
tsig() { # NAME
	tsig-keygen -a hmac-sha256 "$1" >"$T/run/$1.key"
	chmod 640 "$T/run/$1.key"
}
secret_of() { sed -n 's/.*secret "\(.*\)".*/\1/p' "$T/run/$1.key"; }
ask() { # SERVER NAME TYPE [OPTION...]
	local server=$1 name=$2 type=$3
	shift 3
	dig +norec +time=1 +tries=1 -p "$PORT" "@$server" "$@" "$name" "$type"
}
has_soa() { ask "$1" "$2" SOA | grep -q 'status: NOERROR'; }
await() { # SERVER ZONE
	wait_for 15 has_soa "$@" || { echo "no $2 at $1"; tail -n 20 "$T/log"/*; exit 1; } >&2
}
# strings of a name's TXT records at one server, joined; nothing when there are none
served() { # SERVER NAME
	ask "$1" "$2" TXT +noall +answer +tcp | awk '$4 == "TXT" { sub(/^.*[ \t]TXT[ \t]+/, ""); gsub(/" "/, ""); gsub(/\\;/, ";"); print }'
}
has_record() { [ -n "$(served "$1" "$2")" ]; }

life_bind() {
	local zone
	tsig bind
	{ soa ns1.txt.test.; printf '@ NS ns1\n@ NS ns2\n@ NS ns3\nns1 A %s\nns2 A %s\nns3 A %s\n' $BIND $SECONDARY $DEAD; } >"$T/bind/txt.test"
	{ soa ns1.signed.test. $DENIED; printf '@ NS ns1\n@ NS ns2\nns1 A %s\nns2 A %s\n' $BIND $SIGNED; } >"$T/bind/signed.test"
	{ soa ns1.txt.test.; echo '@ NS ns1.txt.test.'; } >"$T/bind/cust.test"
	{ soa ns1.txt.test.; printf '@ NS ns1.txt.test.\n_domainkey NS ns.pdns.test.\n'; } >"$T/bind/deleg.test"
	{
		echo "options { directory \"$T/bind\"; listen-on port $PORT { $BIND; }; listen-on-v6 { none; }; pid-file none;"
		echo "recursion no; dnssec-validation no; notify no; session-keyfile none; max-cache-size 8m; allow-transfer { any; }; };"
		echo "controls { };"
		cat "$T/run/bind.key"
		for zone in txt signed; do
			echo "zone \"$zone.test\" { type primary; file \"$zone.test\";"
			echo "update-policy { grant bind wildcard *._domainkey.$zone.test. TXT; };"
			[ $zone = txt ] || echo "dnssec-policy default;"
			echo "};"
		done
		for zone in cust deleg; do echo "zone \"$zone.test\" { type primary; file \"$zone.test\"; };"; done
	} >"$T/run/named.conf"
	lab_background named named -g -n 1 -c "$T/run/named.conf"
	NAMED_PID=$BACKGROUND
	await $BIND txt.test
	wait_for 15 is_signed || { cat "$T/log/named" >&2; exit 1; }
	SIGNED_KEY=$(echo "$T/bind"/Ksigned.test.*.key)
	SIGNED_DS=$(dnssec-dsfromkey -2 "$SIGNED_KEY")
}
is_signed() { ask $BIND signed.test SOA +dnssec | grep -q RRSIG && ask $BIND signed.test DNSKEY +dnssec | grep -q RRSIG; }

# a zone of BIND's that only its owner changes: lines on stdin are added
life_owner_adds() { # ZONE
	cat >>"$T/bind/$1"
	sed -i 's/hostmaster.test. 7 /hostmaster.test. 8 /' "$T/bind/$1"
	touch -d '+2 seconds' "$T/bind/$1" # else named takes it for the one that it has
	kill -HUP "$NAMED_PID"
}

life_root() {
	{
		soa ns.test.
		printf '@ NS ns\nns A %s\n' $ROOT
		printf 'txt NS ns1.txt\ntxt NS ns2.txt\ntxt NS ns3.txt\nns1.txt A %s\nns2.txt A %s\nns3.txt A %s\n' $BIND $SECONDARY $DEAD
		printf 'signed NS ns1.signed\nsigned NS ns2.signed\nns1.signed A %s\nns2.signed A %s\n' $BIND $SIGNED
		echo "$SIGNED_DS"
		printf 'cust NS ns1.txt\ndeleg NS ns1.txt\n'
		printf 'slots NS ns1.slots\nns1.slots A %s\nns.pdns A %s\nfile NS ns1.file\nns1.file A %s\n' $KNOT $PDNS $NSD
	} >"$T/root/test"
	{ soa ns.test.; printf '@ NS ns.test.\ntest NS ns.test.\nns.test A %s\n' $ROOT; } >"$T/root/root"
	life_nsd_conf root $ROOT .:root test:test
	lab_background nsd-root nsd -d -c "$T/run/nsd-root.conf"
	await $ROOT test
}

life_nsd_conf() { # NAME ADDRESS ZONE:FILE...
	local name=$1 address=$2 pair
	shift 2
	{
		printf 'server:\n  ip-address: %s@%s\n  do-ip6: no\n  username: ""\n  chroot: ""\n  zonesdir: "%s/%s"\n' "$address" "$PORT" "$T" "$name"
		printf '  database: ""\n  pidfile: ""\n  xfrdfile: "%s/run/nsd-%s.xfrd"\n  zonelistfile: "%s/run/nsd-%s.list"\n' "$T" "$name" "$T" "$name"
		printf '  xfrdir: "%s/run"\n  server-count: 1\n  reuseport: no\nremote-control:\n  control-enable: yes\n' "$T"
		printf '  control-interface: %s/run/nsd-%s.sock\n' "$T" "$name"
		for pair in "$@"; do printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' "${pair%:*}" "${pair#*:}"; done
	} >"$T/run/nsd-$name.conf"
}

life_nsd() {
	: >"$T/nsd/signpost.zone"
	{ soa ns1.file.test.; printf "@ NS ns1\nns1 A %s\n\$INCLUDE %s/nsd/signpost.zone\n" $NSD "$T"; } >"$T/nsd/file.test"
	life_nsd_conf nsd $NSD file.test:file.test
	lab_background nsd nsd -d -c "$T/run/nsd-nsd.conf"
	await $NSD file.test
}

# one knotd; the secondary of signed.test is a file at first
life_knot_conf() { # file|secondary
	{
		printf 'server:\n    rundir: "%s/knot"\n    listen: [%s@%s, %s@%s, %s@%s]\n' "$T" $SECONDARY "$PORT" $KNOT "$PORT" $SIGNED "$PORT"
		printf 'log:\n  - target: stderr\n    any: warning\ndatabase:\n    storage: "%s/knot.db"\n' "$T"
		printf 'key:\n  - id: knot\n    algorithm: hmac-sha256\n    secret: %s\n' "$(secret_of knot)"
		printf 'acl:\n  - id: signpost\n    key: knot\n    action: update\n    update-type: TXT\n'
		printf 'remote:\n  - id: gate\n    address: %s@%s\n  - id: bind\n    address: %s@%s\n' $GATE "$PORT" $BIND "$PORT"
		printf 'zone:\n  - domain: slots.test\n    file: "%s/knot/slots.test"\n    zonefile-sync: -1\n    acl: signpost\n' "$T"
		printf '  - domain: txt.test\n    storage: "%s/knot.db"\n    master: gate\n' "$T"
		printf '  - domain: signed.test\n    file: "%s/knot/signed.test"\n' "$T"
		[ "$1" = file ] || printf '    master: bind\n'
	} >"$T/run/knot.conf"
}
life_knot() {
	tsig knot
	{ soa ns1.slots.test.; printf '@ NS ns1\nns1 A %s\n' $KNOT; } >"$T/knot/slots.test"
	life_expired
	life_knot_conf file
	lab_background knot knotd -c "$T/run/knot.conf"
	await $KNOT slots.test
	await $SECONDARY txt.test
	await $SIGNED signed.test
}
knot_control() { knotc -c "$T/run/knot.conf" "$@" >>"$T/log/knotc" 2>&1; }
# what signed.test holds now, signed by its own key, but in the past
life_expired() {
	local dir=$T/knot/again
	mkdir -p "$dir"
	ask $BIND signed.test AXFR +noall +answer +tcp | awk '$4 != "RRSIG" && $4 != "NSEC" && $4 != "TYPE65534" && !($4 == "SOA" && seen++)' >"$dir/plain"
	(cd "$dir" && dnssec-signzone -q -x -z -P -o signed.test -s 20240101000000 -e 20240201000000 -f "$dir/signed" -K "$T/bind" "$dir/plain" \
		"${SIGNED_KEY%.key}") >>"$T/log/signzone" 2>&1
	mv "$dir/signed" "$T/knot/signed.test"
}
life_expired_again() {
	life_expired
	knot_control zone-reload signed.test
}
life_signed_healed() {
	rm "$T/knot/signed.test"
	life_knot_conf secondary
	knot_control reload
	knot_control -f zone-purge signed.test
	knot_control zone-retransfer signed.test
}

life_pdns() {
	local zone=_domainkey.deleg.test
	tsig pdns
	sqlite3_schema=/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql
	"$PYTHON" -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())' "$T/pdns/db" "$sqlite3_schema"
	cat >"$T/pdns/pdns.conf" <<-END
		launch=gsqlite3
		gsqlite3-database=$T/pdns/db
		gsqlite3-pragma-synchronous=0
		local-address=$PDNS
		local-port=$PORT
		socket-dir=$T/pdns
		dnsupdate=yes
		allow-dnsupdate-from=127.0.0.0/8
		zone-cache-refresh-interval=0
		cache-ttl=0
		query-cache-ttl=0
		negquery-cache-ttl=0
		receiver-threads=1
		distributor-threads=1
		security-poll-suffix=
		webserver=no
		loglevel=4
		disable-syslog=yes
		guardian=no
		daemon=no
	END
	{
		pdns_control create-zone $zone ns.pdns.test
		pdns_control replace-rrset $zone @ SOA $TTL "ns.pdns.test hostmaster.test 7 1 1 3600 $TTL"
		pdns_control replace-rrset $zone @ NS $TTL ns.pdns.test
		pdns_control import-tsig-key pdns hmac-sha256 "$(secret_of pdns)"
		pdns_control set-meta $zone TSIG-ALLOW-DNSUPDATE pdns
		pdns_control set-meta $zone SOA-EDIT-DNSUPDATE INCREASE
	} >>"$T/log/pdnsutil" 2>&1
	lab_background pdns pdns_server --config-dir="$T/pdns"
	await $PDNS $zone
}
pdns_control() { pdnsutil --config-dir="$T/pdns" "$@"; }

life_gate() {
	echo open >"$T/run/gate"
	lab_background gate "$PYTHON" "$HERE/gate.py" "$GATE" "$PORT" "$BIND" "$PORT" "$T/run/gate"
	wait_for 10 listens "$PORT" $GATE
}
gate() { # open | shut | lag=SECONDS
	echo "$1" >"$T/run/gate.new"
	mv "$T/run/gate.new" "$T/run/gate"
}

# stub ZONE ADDRESS...
stub() {
	local zone=$1 a
	shift
	printf 'stub-zone:\n  name: "%s"\n' "$zone"
	for a in "$@"; do printf '  stub-addr: %s@%s\n' "$a" "$PORT"; done
}
life_unbound() {
	cat >"$T/run/unbound.conf" <<-END
		server:
		  interface: $UNBOUND@$PORT
		  do-daemonize: no
		  use-syslog: no
		  verbosity: 1
		  chroot: ""
		  username: ""
		  directory: "$T/unbound"
		  pidfile: ""
		  access-control: 127.0.0.0/8 allow
		  do-not-query-localhost: no
		  do-ip6: no
		  num-threads: 1
		  msg-cache-size: 4m
		  rrset-cache-size: 4m
		  local-zone: "test." nodefault
		  module-config: "validator iterator"
		  trust-anchor: "$SIGNED_DS"
		  # asks for nothing but what it is asked for, so that no later answer of a zone makes it forget a denial before its time
		  aggressive-nsec: no
		  qname-minimisation: no
		  serve-expired: yes
		  serve-expired-ttl: $STALE
		  infra-host-ttl: 1
		remote-control:
		  control-enable: no
		$(stub . $ROOT)
		$(stub test $ROOT)
		$(stub txt.test $BIND $SECONDARY $DEAD)
		$(stub signed.test $BIND $SIGNED)
		$(stub cust.test $BIND)
		$(stub deleg.test $BIND)
		$(stub _domainkey.deleg.test $PDNS)
		$(stub slots.test $KNOT)
		$(stub file.test $NSD)
	END
	lab_background unbound unbound -d -c "$T/run/unbound.conf"
	wait_for 10 listens "$PORT" $UNBOUND || { cat "$T/log/unbound" >&2; exit 1; }
}

life_dns() {
	life_bind
	life_gate
	life_root
	life_knot
	life_nsd
	life_pdns
	life_unbound
}
