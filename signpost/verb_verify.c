/* SPDX-License-Identifier: ISC */
/* signpost verify: a filter that says, for each signature of a received message, whether it holds, and if not, why. */
#include "dkim/domain.h"
#include "dkim/verify.h"
#include "keys/lookup.h"
#include "signpost/config.h"
#include "signpost/known_records.h"
#include "signpost/message.h"
#include "signpost/verbs.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define INPUT "standard input"
#define SIGNATURES_MAX                                                                             \
	20 /* each costs a question to DNS; a message with more is an attack or a loop */
#define AUID_SHOW 128

struct verifier {
	const struct dns_conf *dns;
	struct known_records known;
	struct message message;
	int64_t now;
	json_t *json; /* array of signatures, NULL: text */
	size_t number, failed, warned, unknown;
};

/* SELECTOR._domainkey.DOMAIN in A-labels; RFC 8616 5 lets signers write U-labels. */
static int
record_name(const struct signature *sig, char out[static SWEEP_NAME_LEN], struct err *err)
{
	char domain[DOMAIN_LEN_MAX + 1], joined[2 * SWEEP_NAME_LEN], ascii[DOMAIN_LEN_MAX + 1];
	struct slice selector = sig->selector;

	if (domain_normalize(sig->domain, domain, err) != 0)
		return -1;
	int len = snprintf(joined, sizeof(joined), "%.*s.%s", SLICE_ARG(selector), domain);
	/* a selector with "_" is no host name, and goes as it stands */
	if (domain_normalize(slice_new(joined, (size_t)len), ascii, err) == 0)
		selector = slice_new(ascii, strlen(ascii) - strlen(domain) - 1);
	len = snprintf(out, SWEEP_NAME_LEN, "%.*s._domainkey.%s", SLICE_ARG(selector), domain);
	if (len > DOMAIN_LEN_MAX)
		return err_set(
		    err, ERR_INPUT, "s= and d= together are longer than a name in DNS may be");
	return 0;
}

/* Asks for the key and judges; when DNS says nothing, the text ends with the reason. */
static void
judge(struct verifier *v, size_t index, struct verify_report *report)
{
	struct verify_message message = {&v->message.list, index, message_body(&v->message)};
	struct verify_records records = {NULL, 0, false};
	struct slice txt[DNS_TXT_MAX];
	struct buf found[DNS_TXT_MAX];
	char name[SWEEP_NAME_LEN];
	struct err err = ERR_INIT;

	verify_prepare(&v->message.list, index, v->now, report);
	if (report->result != VERIFY_PASS)
		return;
	if (record_name(&report->sig, name, &err) != 0)
		records.unavailable = true;
	else if (!known_records_find(&v->known, name, found, &records.count) &&
		 dns_lookup_txt(v->dns, name, found, &records.count, &err) != 0)
		records.unavailable = true;
	if (records.unavailable)
		records.count = 0;
	for (size_t i = 0; i < records.count; i++)
		txt[i] = buf_slice(&found[i]);
	records.txt = txt;
	verify_signature(&message, &records, v->now, report);
	for (size_t i = 0; i < records.count; i++)
		buf_deinit(&found[i]);
	size_t len = strlen(report->text);
	if (records.unavailable)
		snprintf(report->text + len, sizeof(report->text) - len, " %s", err.text);
}

static void
count(struct verifier *v, const struct verify_report *r)
{
	bool weak = r->sig.alg == KEY_RSA_SHA256 && r->key_bits < KEY_RSA_BITS_GOOD;

	v->number++;
	if (r->result == VERIFY_TEMPERROR)
		v->unknown++;
	else if (r->result != VERIFY_PASS)
		v->failed++;
	else if (r->partial_body || r->key_testing || weak)
		v->warned++;
}

static const char *
algorithm_name(const struct signature *sig)
{
	if (!sig->alg_known)
		return "unknown";
	return sig->sha1 ? "rsa-sha1" : key_alg_name(sig->alg);
}

/* From the message to a terminal: a fold or anything else that is not printable becomes '?'. */
static void
show(struct slice s, char *out, size_t out_size)
{
	size_t len = s.len < out_size - 1 ? s.len : out_size - 1;

	for (size_t i = 0; i < len; i++)
		out[i] = s.ptr[i] == 0x7f || s.ptr[i] < 0x20 ? '?' : (char)s.ptr[i];
	out[len] = '\0';
}

static void
print_text(const struct verifier *v, const struct verify_report *r)
{
	char domain[SWEEP_NAME_LEN], selector[SWEEP_NAME_LEN], auid[AUID_SHOW];

	printf("%zu %s reason=%s", v->number, verify_result_name(r->result),
	    verify_reason_name(r->reason));
	if (r->has_sig) {
		show(r->sig.domain, domain, sizeof(domain));
		show(r->sig.selector, selector, sizeof(selector));
		printf(" d=%s s=%s a=%s", domain, selector, algorithm_name(&r->sig));
		if (r->sig.auid.len > 0) {
			show(r->sig.auid, auid, sizeof(auid));
			printf(" i=%s", auid);
		}
		if (r->sig.has_l)
			printf(" l=%llu", (unsigned long long)r->sig.l);
	}
	if (r->key_bits > 0)
		printf(" bits=%u", r->key_bits);
	printf("\n  %s\n", r->text);
}

/* Octets that are no UTF-8 cannot stand in JSON. */
static json_t *
json_text(struct slice s)
{
	char text[1024];

	show(s, text, sizeof(text));
	json_t *value = json_string(text);
	if (value != NULL)
		return value;
	for (char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	return json_string(text);
}

static void
add_json(const struct verifier *v, const struct verify_report *r)
{
	json_t *row = json_object();

	json_object_set_new(row, "result", json_string(verify_result_name(r->result)));
	json_object_set_new(row, "reason", json_string(verify_reason_name(r->reason)));
	json_object_set_new(row, "text", json_text(slice_of(r->text)));
	if (r->has_sig) {
		json_object_set_new(row, "domain", json_text(r->sig.domain));
		json_object_set_new(row, "selector", json_text(r->sig.selector));
		json_object_set_new(row, "algorithm", json_string(algorithm_name(&r->sig)));
		json_object_set_new(
		    row, "auid", r->sig.auid.len > 0 ? json_text(r->sig.auid) : json_null());
		json_object_set_new(
		    row, "length", r->sig.has_l ? json_integer((json_int_t)r->sig.l) : json_null());
	}
	json_object_set_new(row, "bits", r->key_bits > 0 ? json_integer(r->key_bits) : json_null());
	json_object_set_new(row, "testing", json_boolean(r->key_testing));
	json_object_set_new(row, "partial_body", json_boolean(r->partial_body));
	json_array_append_new(v->json, row);
}

static int
verify_all(struct verifier *v)
{
	static struct verify_report report; /* large */

	for (size_t i = 0; i < v->message.list.count; i++) {
		if (!header_name_eq(v->message.list.fields[i].name, SLICE_LIT(SIGNATURE_NAME)))
			continue;
		if (v->number == SIGNATURES_MAX) {
			fprintf(stderr, "signpost: only the first %d signatures were looked at\n",
			    SIGNATURES_MAX);
			v->warned++;
			break;
		}
		judge(v, i, &report);
		count(v, &report);
		if (v->json != NULL)
			add_json(v, &report);
		else
			print_text(v, &report);
	}
	if (v->failed > 0 || v->number == 0)
		return EXIT_FAILED;
	if (v->unknown > 0)
		return EXIT_CANNOT_TELL;
	return v->warned > 0 ? EXIT_WARNING : EXIT_OK;
}

static int
print_end(const struct verifier *v, int code, struct err *err)
{
	static const char *const WORDS[] = {"ok", "warning", "failed", "cannot-tell"};

	if (v->json == NULL) {
		if (v->number == 0)
			printf("There is no %s field: the message was not signed, or lost it on "
			       "the way.\n",
			    SIGNATURE_NAME);
		return code;
	}
	json_t *root = json_pack("{s:s, s:O}", "result", WORDS[code], "signatures", v->json);
	if (root == NULL)
		return err_nomem(err);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return code;
}

static int
run(const struct cli *cli, struct err *err)
{
	struct verifier v = {.dns = &cli->config->dns, .now = cli->now};
	const char *at = cli_value(cli, "time");
	uint64_t seconds;
	int code = -1;

	if (at != NULL && !slice_to_u64(slice_of(at), INT64_MAX, &seconds))
		return err_set(err, ERR_USAGE, "--time %.40s: want Unix seconds", at);
	if (at != NULL)
		v.now = (int64_t)seconds;
	if (cli_has(cli, "json") && (v.json = json_array()) == NULL)
		return err_nomem(err);
	if (known_records_load(
		&v.known, cli_value(cli, "records"), cli_value(cli, "record"), err) == 0 &&
	    message_read(&v.message, STDIN_FILENO, INPUT, err) == 0)
		code = print_end(&v, verify_all(&v), err);
	message_deinit(&v.message);
	known_records_deinit(&v.known);
	json_decref(v.json);
	return code;
}

static const struct verb_option options[] = {
    {"record", "NAME=FILE", "take the key record of SELECTOR._domainkey.DOMAIN from FILE"},
    {"records", "FILE", "take all key records from FILE, lines of NAME, tab, text; do not ask DNS"},
    {"time", "SECONDS", "judge t= and x= as if it were that time"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct verb verb_verify = {"verify", "<MESSAGE", options, 0, 0, VERB_NOBODY, false,
    "Say whether the signatures of the message on standard input hold, and if not, why", run};
