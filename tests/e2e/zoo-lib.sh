# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034 # the variables are the scripts'
# zoo-lib.sh - broken DNS set-ups on real servers: BIND, Knot, NSD and Unbound, and one made by hand for what these would not
# do.  A script:
#
#	. "$(dirname "$0")/zoo-lib.sh"
#	lab_begin "$@"
#	zoo_begin GROUP		zones, servers, store; the group's set-ups are in zoo_cases.py
#	zoo_check		one run over all of them, and the judgement
#	lab_finish
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
ZOOTOOL=${ZOOTOOL:-$(lab_program zootool tests/tool)}
ROOT_ADDRESS=127.0.0.10 CACHE_ADDRESS=127.0.0.9

zoo_conf() { # FILE ROOT RESOLVER
	cat >"$1" <<-END
		store = "$T/store"
		dns {
		    roots = {"$2"}
		    resolvers = {"$3"}
		    timeout = 1500ms
		    tries = 2
		    queries_per_second = 1000
		}
		policy "default" { }
		policy "elsewhere" { proof = attest }
		policy "auto" { publisher = "zoo" }
		policy "delegated" {
		    mode = delegated
		    publisher = "zoo"
		}
		policy "slots" {
		    mode = slots
		    slot_zone = "slots.zoo"
		    publisher = "zoo"
		}
		publisher "zoo" {
		    type = rfc2136
		    server = "127.0.0.2:$DNS_PORT"
		    tsig_key = "$T/tsig.key"
		}
	END
}

zoo_answers() { # ADDRESS PORT
	dig +norec +time=1 +tries=1 -p "$2" "@$1" . SOA | grep -q 'status:'
}

zoo_begin() {
	"$PYTHON" "$HERE/zoo.py" make "$T" "$1" "$DNS_PORT" "$DNS2_PORT" || exit 1
	printf 'key "nobody" { algorithm hmac-sha256; secret "bm9ib2R5IGtub3dzIG1lIDAxMjM0NTY3ODlhYmNkZWY="; };\n' >"$T/tsig.key"
	chmod 600 "$T/tsig.key"
	lab_background named named -g -n 1 -c "$T/run/named.conf"
	lab_background knot knotd -c "$T/run/knot-knot.conf"
	lab_background root knotd -c "$T/run/knot-root.conf"
	lab_background nsd nsd -d -c "$T/run/nsd.conf"
	lab_background fake "$PYTHON" "$HERE/zoo_fake.py" "$DNS_PORT" "$T/fake"
	lab_background unbound unbound -d -c "$T/run/unbound.conf"
	zoo_conf "$T/signpost.conf" "$ROOT_ADDRESS:$DNS_PORT" "$CACHE_ADDRESS:$DNS2_PORT"
	"$SIGNPOST" init --config "$T/signpost.conf" --store "$T/store" --user "$(id -un)" --group "$(id -gn)" >"$T/log/init" 2>&1 || {
		cat "$T/log/init" >&2
		exit 1
	}
	"$ZOOTOOL" "$T/store" <"$T/zoo.tsv" || exit 1
	local server
	for server in 127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.20 $ROOT_ADDRESS; do
		wait_for 15 zoo_answers "$server" "$DNS_PORT" || { tail -n 20 "$T/log"/* >&2; exit 1; }
	done
	wait_for 15 zoo_answers $CACHE_ADDRESS "$DNS2_PORT" || { cat "$T/log/unbound" >&2; exit 1; }
}

# zoo_signpost VERB...: with the lab's configuration and store
zoo_signpost() {
	"$SIGNPOST" "$@" --config "${ZOO_CONF:-$T/signpost.conf}" --store "${ZOO_STORE:-$T/store}"
}

# All domains at once; findings counted, wording and dig lines looked at by zoo.py.
zoo_check() {
	: >"$T/check.json.begin"
	zoo_signpost check --json >"$T/check.json" 2>"$T/log/check"
	ZOO_STATUS=$?
	[ ! -s "$T/log/check" ] || cat "$T/log/check"
	local line
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		"not ok - "*) not_ok "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done < <("$PYTHON" "$HERE/zoo.py" judge "$T" "$T/check.json" 2>&1 || echo "not ok - zoo.py judges")
}
