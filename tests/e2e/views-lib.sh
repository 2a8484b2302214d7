# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154 # the variables are the scripts' and lib.sh's
# views-lib.sh - a store with domains in many states, without any DNS; sourced after lab_begin.
ZOOTOOL=${ZOOTOOL:-$(lab_program zootool tests/tool)}
HOSTILE='<script>alert("x")</script> & <b onclick=1> '"'"$'\302\205\342\200\256'"' REFUSED"
LONG=a-subsidiary-with-a-long-name.marketing.europe.of-a-holding-company-that-has-one-too.example
LONG_KEY=a-selector-that-was-imported-and-is-as-long-as-it-may-be-in-dns

tabs() {
	local IFS=$'\t'
	printf '%s\n' "$*"
}

views_keys() { # DOMAIN SELECTOR ALGORITHM STATE AGE
	tabs key "$1" "$2" "$3" -1 "$4" "$5" - "v=DKIM1; p=$PUBLIC"
	mkdir -p "$T/store/keys/$1"
	case $3 in
	rsa-sha256) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$T/store/keys/$1/$2.pem" 2>/dev/null ;;
	*) openssl genpkey -algorithm ED25519 -out "$T/store/keys/$1/$2.pem" ;;
	esac
	chmod 640 "$T/store/keys/$1/$2.pem"
}

views_begin() {
	local day=86400
	PUBLIC=$(openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null | openssl pkey -pubout -outform DER | base64 -w 0)
	cat >"$T/signpost.conf" <<-END
		store = "$T/store"
		dns {
		    roots = {"127.0.0.1:$SPARE_PORT"}
		    resolvers = {"127.0.0.1:$SPARE_PORT"}
		    timeout = 200ms
		    tries = 1
		}
		policy "default" { }
		policy "auto" { publisher = "dns" }
		policy "both" {
		    publisher = "dns"
		    algorithms = {rsa-sha256, ed25519-sha256}
		}
		publisher "dns" {
		    type = rfc2136
		    server = "127.0.0.1:$DNS_PORT"
		    tsig_key = "$T/tsig.key"
		}
	END
	printf 'key "nobody" { algorithm hmac-sha256; secret "bm9ib2R5IGtub3dzIG1lIDAxMjM0NTY3ODlhYmNkZWY="; };\n' >"$T/tsig.key"
	chmod 600 "$T/tsig.key"
	"$SIGNPOST" init --config "$T/signpost.conf" --store "$T/store" --user "$(id -un)" --group "$(id -gn)" >"$T/log/init" 2>&1 || exit 1
	{
		tabs domain life.example auto
		views_keys life.example sp26q2-a1b2c3d4 rsa-sha256 retired $((5 * day))
		views_keys life.example sp26q3-h2cd7xqa rsa-sha256 active $((12 * day))
		views_keys life.example sp26q4-3vtp9bns rsa-sha256 ready 7200
		tabs domain new.example default
		views_keys new.example sp26q4-k7mq4x2d rsa-sha256 published 7200
		tabs domain hostile.example both
		views_keys hostile.example sp26q4-p2xr8wqm rsa-sha256 active $((3 * day))
		views_keys hostile.example sp26q4-e5xr8wqm ed25519-sha256 published 300
		tabs deed hostile.example sp26q4-e5xr8wqm publish failed 60 "$HOSTILE"
		tabs domain xn--bcher-kva.example default
		views_keys xn--bcher-kva.example sp26q4-b2xr8wqm rsa-sha256 generated 60
		tabs domain "$LONG" auto
		views_keys "$LONG" "$LONG_KEY" rsa-sha256 active $((100 * day))
		tabs domain lost.example nowhere
	} >"$T/store.tsv"
	"$ZOOTOOL" "$T/store" <"$T/store.tsv" || exit 1
}

v() {
	"$SIGNPOST" "$@" --config "$T/signpost.conf" --store "$T/store"
}
