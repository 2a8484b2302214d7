#!/bin/sh
# SPDX-License-Identifier: ISC
# Every message that check, explain, doctor and verify can print stands in a table with the situation that prints it:
# DIAGNOSES[], DOCTOR_SENTENCES[] and VERIFY_SENTENCES[] in the sources, the others in unit tests, which produce each row.
# Here: no sentence of the sources is missing in the tables.
# Usage: check-words.sh [SOURCE_DIR]
set -u
LC_ALL=C
export LC_ALL
src=${1:-${SOURCE_DIR:-.}}
cd "$src" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# strings of C sources, neighbours joined, a line each; not those of options, which the manual tells
strings_of() {
	sed -e "s/'\\\\*\"'/0/g" -e 's,"/\*",0,g' -e '/^#/d'  -e '/^static const struct verb_option/,/^};/d' -e '/^const struct verb /,/;$/d' -e '/^_Static_assert/,/;$/d' -e 's/\\$//' "$@" | tr '\n\t' '  ' |
		sed -e 's,/\*[^*]*\(\*[^/*][^*]*\)*\**\*/,,g' -e 's/%" *PRI[a-z0-9]*/%d"/g' -e 's/\([^\\]\)" *"/\1/g' |
		grep -oE '(WAIT_[A-Z]+, *)?"([^"\\]|\\.)*"'
}

# Of those the sentences: what has a letter beside its conversions, and a blank; a word alone only where a rule says it, or
# in a file of words alone.
sentences_of() {
	strings_of "$@" | sed -e 's/^WAIT_[A-Z]*, *"/=/' -e 's/^"//' -e 's/"$//' -e 's/\\n/ /g' -e 's/^\(=*\) */\1/' -e 's/\( *%s\)* *$//' >"$work/all"
	case $words in
	yes) cat "$work/all" ;;
	*) grep -e ' ' -e '^=' "$work/all" ;;
	esac | sed 's/^=//' | grep -vE -e "$skip" | grep -v -e '^{.*}$' -e '%[HMYbd]:*.*%[HMYbd]' -e ' (vs\?)$' | sort -u >"$work/some"
	awk '{ plain = $0; gsub(/%[-+0-9*]*(\.[*0-9]*)?[hlz]*[a-z]/, "", plain); if (plain ~ /[A-Za-z][A-Za-z]/) print }' "$work/some"
}

# rows_of FILE...: what stands in its tables
rows_of() {
	sed -n -e '/^\(\t*} \|static const struct [a-z_]* \|const struct [a-z_]* \)[A-Za-z_]*\[[A-Z_]*\] = {/,/^\t*};/p' "$@"
}

# Caps that what the store and DNS hand over do not reach, and a host that lacks memory, random numbers, a date, a resolver or
# sockets; and a second look at what was read before.
cat >"$work/caps" <<END
%s is too long
%s is too long for a name
%s: its zone's name is too long
%s: the zones of its chain have more than %d server addresses
zone %s: the name is too long
%s: too many zone cuts
%s has more than %d name servers
%s has more than %d name server addresses
%s: socket: %s
%s: poll: %s
%s: the milter closed the connection: %s
a milter command
a milter's answer
it does not sign its answers
p= of the served record
Ed25519 verification
RSA verification
%s: the path of the store is too long
out of memory
no random numbers: %s
no random numbers for a name
the clock shows no date
no resolver is known: neither signpost.conf nor /etc/resolv.conf names one
END

# check_table NAME "TEST..." SOURCE...: each sentence of the sources is, or is part of, one in a table of the tests
check_table() {
	name=$1 tests=$2
	shift 2
	: >"$work/rows.c"
	for file in $tests; do
		rows_of "$file" >"$work/these.c"
		[ -s "$work/these.c" ] || { echo "$name: no table in $file" && failed=1; }
		cat "$work/these.c" >>"$work/rows.c"
	done
	for file in "$@"; do
		[ -f "$file" ] || { echo "$name: $file is not there" && failed=1 && return; }
	done
	strings_of "$work/rows.c" | sed -e 's/^[^"]*"//' -e 's/"$//' | sort -u >"$work/rows"
	sentences_of "$@" >"$work/sentences"
	count=0
	while IFS= read -r sentence; do
		count=$((count + 1))
		grep -qxF -e "$sentence" -e "$sentence %s" "$work/caps" && continue
		# what is put in is anything
		# shellcheck disable=SC2016 # a pattern
		pattern=$(printf '%s\n' "$sentence" | sed -e 's/[][\\.*^$(){}?+|]/\\&/g' \
			-e 's/%[-+0-9]*\(\\\*\)*\(\\\.\)*\(\\\*\)*[0-9]*[hlz]*[a-zKOZ]/.*/g')
		[ "$parts" = yes ] && awk -v "s=$sentence" 'length($0) > 9 && index(s, $0) { found = 1 } END { exit !found }' "$work/rows" &&
			continue
		case $sentence in
		*' '*) grep -qE -e "$pattern" "$work/rows" && continue ;;
		*) grep -qE -e "(^|[^A-Za-z])$pattern($|[^A-Za-z])" "$work/rows" && continue ;;
		esac
		echo "$name: in no table of $tests: $sentence"
		failed=1
	done <"$work/sentences"
	echo "$name: $count sentences"
}

unit=tests/unit
words=no parts=no skip='^$'
set -- keys/schedule*.c
for file in "$@"; do
	shift
	[ "$file" = keys/schedule_check.c ] || set -- "$@" "$file" # refuses configurations
done
check_table "the scheduler" $unit/test_explain_words.c "$@"
check_table "explain" $unit/test_explain_notes.c signpost/explain.c signpost/explain_headline.c signpost/verb_explain.c
check_table "the forecast" $unit/test_forecast.c signpost/forecast_text.c
set -- keys/diagnose*.c
for file in "$@"; do
	shift
	[ "$file" = keys/diagnose_words.c ] || set -- "$@" "$file"
done
check_table "findings" "$unit/test_diagnose.c $unit/test_sweep.c keys/diagnose_words.c" "$@"
check_table "check" $unit/test_check_verb.c signpost/check_plan.c signpost/verb_check.c
words=yes
check_table "check's page" $unit/test_check_words.c signpost/check_words.c signpost/check_print.c
words=no
check_table "sweeps" $unit/test_sweep_judge.c keys/sweep_judge.c keys/sweep_verdict.c
check_table "whole sweeps" "$unit/test_sweep_judge.c $unit/test_sweep.c" keys/sweep.c keys/sweep_batch.c keys/sweep_link.c keys/sweep_path.c \
	keys/sweep_survey.c keys/resolver_word.c keys/resolvers.c
check_table "the way to a zone" $unit/test_sweep.c keys/zone.c keys/zone_cache.c keys/zone_ds.c keys/zone_hosts.c keys/zone_start.c
check_table "signed zones" $unit/test_dnssec.c keys/dnssec.c
check_table "looks" $unit/test_pass_looks.c signpost/look_notes.c
check_table "the clock" $unit/test_clock.c keys/clock.c
check_table "laggards" $unit/test_signers.c signpost/signer_judge.c
check_table "milters" $unit/test_client.c milter/client.c milter/client_wire.c milter/client_answer.c
check_table "verify" "$unit/test_verify_verb.c dkim/verify_words.c" signpost/verb_verify.c signpost/verify_look.c signpost/verify_print.c \
	signpost/known_records.c signpost/message.c
parts=yes
check_table "fields and key records" "$unit/test_signature_parse.c $unit/test_taglist.c $unit/test_record.c $unit/test_key.c $unit/test_domain.c" \
	dkim/signature_parse.c dkim/taglist.c dkim/record.c dkim/pubkey.c dkim/domain.c
parts=no
check_table "the signing table" $unit/test_table.c keys/table.c keys/table_allow.c keys/table_fields.c keys/table_link.c \
	keys/table_parse.c keys/table_rows.c keys/table_words.c
check_table "what was done to a message" "$unit/test_mutation.c dkim/verify_words.c" dkim/mutation_encoding.c dkim/mutation_parts.c \
	dkim/mutation_word.c dkim/mutation_alternatives.c dkim/mutation_body.c dkim/mutation_header.c dkim/verify_absent.c
# not what they print for other verbs: nsupdate's lines, rights, refused configurations
skip='^publisher |^; or|^(server|zone|update|prereq) |update delete|^%sserver|by TCP, signed|^The user|nothing to try|^no random|^the rights|^what '
check_table "publishers" $unit/test_publisher.c keys/publish_answer.c keys/publish_rfc2136.c keys/publish_hook.c keys/publish_read_back.c
skip='^$'
# what is not read by persons: policies in JSON, batches in XML
skip='^([{] *)?\\"|^</?|^<\?xml|^\\">'
api="$unit/test_publish_provider_words.c $unit/test_publish_cloudflare_words.c"
check_table "providers" "$api $unit/test_publish_route53_words.c" keys/publish_provider.c keys/publish_provider_change.c
check_table "requests" "$unit/test_publish_provider_words.c $unit/test_publish_aws_words.c" keys/http.c
check_table "secrets" $unit/test_publish_provider_words.c keys/secret_file.c
check_table "Cloudflare" $unit/test_publish_cloudflare_words.c keys/publish_cloudflare.c keys/publish_cloudflare_rights.c
check_table "PowerDNS" $unit/test_publish_powerdns_words.c keys/publish_powerdns.c
check_table "Route 53" "$unit/test_publish_route53_words.c $unit/test_publish_aws_words.c" keys/publish_route53.c keys/publish_route53_ask.c \
	keys/publish_route53_rights.c keys/publish_route53_role.c keys/aws_credentials.c keys/route53_answer.c keys/xml.c
skip='^$'
# not what they print for other verbs: rights, and what would be published
skip='becomes|^The user|^, and |nothing to try|IN TXT'
check_table "zone files" $unit/test_zone_file.c keys/publish_zone_file.c keys/publish_zone_plan.c keys/zone_text.c keys/zone_include.c
skip='^$'
check_table "TSIG keys" "$unit/test_tsig_key.c $unit/test_publish_provider_words.c" keys/tsig_key.c
check_table "any publisher" "$unit/test_publisher_words.c $unit/test_publish_route53_words.c" keys/publisher.c keys/publish_update.c
check_table "key files" $unit/test_store.c keys/keyfile.c
set -- signpost/doctor*.c
for file in "$@"; do
	shift
	# the table; and the probe message, but for what is told of it
	[ "$file" = signpost/doctor_words.c ] || [ "$file" = signpost/doctor_probe.c ] || set -- "$@" "$file"
done
check_table "doctor" "$unit/test_doctor.c $unit/test_doctor_verb.c signpost/doctor_words.c" signpost/dmarc.c signpost/verb_doctor.c "$@"
[ "$failed" -eq 0 ] && echo "ok: each sentence is in its table"
exit "$failed"
