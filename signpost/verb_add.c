/* SPDX-License-Identifier: ISC */
#include "keys/advice.h"
#include "keys/keyfile.h"
#include "keys/lookup.h"
#include "signpost/config.h"
#include "signpost/verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LEN_MAX 1024
#define OUT_LEN_MAX  65536
#define ASK_MS	     2000 /* a person waits: of one question */

struct adding {
	const struct cli *cli;
	struct store *store;
	const char *policy; /* --policy, or NULL */
	bool one;	    /* a single domain: there is time to ask who serves it */
	struct store_domain domain;
	const struct key_policy *rules;
	struct store_key *keys;
	size_t count;
};

static bool
is_alive(const struct store_key *key)
{
	return key_state_of(&key->facts) <= KEY_STATE_ACTIVE;
}

static bool
has_key(const struct adding *a, enum key_alg alg)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->keys[i].alg == alg && is_alive(&a->keys[i]))
			return true;
	}
	return false;
}

/* The key's file is on disk before its row: a kill between the two leaves a file that the next
 * add takes up. */
static int
make_file(const struct adding *a, enum key_alg alg, struct store_key *row, struct dkim_key **key,
    struct err *err)
{
	const char *dir = a->cli->store_dir, *domain = a->domain.name;

	struct orphan_query query = {dir, domain, alg, a->keys, a->count};

	if (keyfile_find_orphan(&query, row->selector, err) != 0)
		return -1;
	if (row->selector[0] != '\0')
		return keyfile_read(dir, domain, row->selector, key, err);
	if (selector_generate(a->cli->now, row->selector, err) != 0 ||
	    dkim_key_generate(alg, alg == KEY_RSA_SHA256 ? a->rules->rsa_bits : 0, key, err) != 0)
		return -1;
	return keyfile_write(dir, domain, row->selector, *key, err);
}

static int
make_key(const struct adding *a, enum key_alg alg, struct err *err)
{
	struct store_key row = {.alg = alg, .ttl_s = a->rules->ttl_s};
	struct dkim_key *key = NULL;
	struct buf record;

	buf_init(&record, RECORD_LEN_MAX);
	snprintf(row.domain, sizeof(row.domain), "%s", a->domain.name);
	snprintf(row.policy, sizeof(row.policy), "%s", a->rules->name);
	int rc = make_file(a, alg, &row, &key, err);
	if (rc == 0)
		rc = key_record_format(key, &record, err);
	if (rc == 0)
		rc = buf_check(&record, "key record", err);
	if (rc == 0) {
		row.bits = dkim_key_bits(key);
		dkim_key_spki_hash(key, row.spki_hash);
		snprintf(row.record, sizeof(row.record), "%s", buf_str(&record));
		rc = store_key_put(a->store, &row, a->cli->now, "add", err);
	}
	dkim_key_free(key);
	buf_deinit(&record);
	return rc;
}

static int
make_keys(struct adding *a, struct err *err)
{
	for (size_t i = 0; i < a->rules->algorithm_count; i++) {
		if (!has_key(a, a->rules->algorithms[i]) &&
		    make_key(a, a->rules->algorithms[i], err) != 0)
			return -1;
	}
	free(a->keys);
	a->keys = NULL;
	return store_keys(a->store, a->domain.name, &a->keys, &a->count, err);
}

/* Policy and row of the domain: what is asked for, else what it has, else the default. */
static int
make_domain(struct adding *a, struct err *err)
{
	struct store_domain *old = NULL;
	size_t count;

	if (store_domains(a->store, a->domain.name, &old, &count, err) != 0)
		return -1;
	const char *policy = a->policy != NULL ? a->policy : count == 1 ? old->policy : "default";
	a->rules = config_policy(a->cli->config, policy);
	a->domain.added_at = a->cli->now;
	int rc = 0;
	if (a->rules == NULL)
		rc = err_set(
		    err, ERR_CONFIG, "%s has no policy \"%.63s\"", a->cli->config->path, policy);
	else
		snprintf(a->domain.policy, sizeof(a->domain.policy), "%s", policy);
	free(old);
	return rc == 0 ? store_domain_put(a->store, &a->domain, "add", err) : -1;
}

static void
put_name(const struct adding *a, struct buf *out)
{
	char unicode[4 * DOMAIN_LEN_MAX + 1];

	domain_to_unicode(a->domain.name, unicode, sizeof(unicode));
	buf_put_str(out, a->domain.name);
	if (strcmp(unicode, a->domain.name) != 0)
		buf_printf(out, " (%s)", unicode);
}

/* K5: for the domain and above only; that nobody tells is no reason to stop. */
static void
put_servers(const struct adding *a, struct buf *out)
{
	struct dns_conf dns = a->cli->config->dns;
	struct dns_servers found;
	struct err why = ERR_INIT;

	if (!a->one) {
		buf_put_str(out, ": it");
		return;
	}
	dns.timeout_ms = dns.timeout_ms < ASK_MS ? dns.timeout_ms : ASK_MS;
	if (dns_lookup_servers(&dns, a->domain.name, &found, &why) != 0)
		buf_printf(out, ": who serves it could not be found out: %s.\n", why.text);
	else if (strcmp(found.zone, a->domain.name) != 0)
		buf_printf(out, " lies in the zone %s, which is served by %s.\n", found.zone,
		    buf_str(&found.text));
	else
		buf_printf(out, " is served by %s.\n", buf_str(&found.text));
	buf_deinit(&found.text);
	buf_put_str(out, "It");
}

static void
put_outcome(const struct adding *a, size_t waiting, struct buf *out)
{
	const struct config *c = a->cli->config;
	bool active = false;

	for (size_t i = 0; i < a->count; i++)
		active = active || key_state_signs(key_state_of(&a->keys[i].facts));
	if (waiting == 0) {
		buf_printf(
		    out, "Nothing is left to do for it. See: signpost status %s\n", a->domain.name);
		return;
	}
	buf_printf(
	    out, "\nOther forms: signpost records %s --format zone|quoted\n", a->domain.name);
	if (active)
		buf_printf(out,
		    "Mail from %s is signed already; a new key joins when every name server has "
		    "its record.\n",
		    a->domain.name);
	else
		buf_printf(out,
		    "Until every name server has it, mail from %s leaves unsigned, as today. Then "
		    "signing starts by "
		    "itself.\n",
		    a->domain.name);
	buf_put_str(out, "`signpost tick` looks, from a timer of one minute, after ");
	advice_duration(c->slow_after_s, out);
	buf_put_str(out, " every ");
	advice_duration(c->slow_interval_s, out);
	buf_printf(out, ", for as long as it takes. See: signpost status %s\n", a->domain.name);
}

static int
print_advice(const struct adding *a, struct err *err)
{
	struct buf out;
	size_t waiting = 0;

	buf_init(&out, OUT_LEN_MAX);
	put_name(a, &out);
	for (size_t i = 0; i < a->count; i++) {
		if (!is_alive(&a->keys[i]) || key_state_signs(key_state_of(&a->keys[i].facts)))
			continue;
		if (waiting++ == 0) {
			put_servers(a, &out);
			buf_put_str(&out,
			    " cannot be updated from here, so the record is yours to enter:\n");
		}
		buf_put_str(&out, "\n");
		advice_record(&a->keys[i], ADVICE_TEXT, &out);
	}
	if (waiting == 0)
		buf_put_str(&out, ": every key of it signs. ");
	put_outcome(a, waiting, &out);
	int rc = buf_check(&out, "the records", err);
	if (rc == 0 && (fputs(buf_str(&out), stdout) == EOF || fflush(stdout) != 0))
		rc = err_set(err, ERR_IO, "standard output: %s", strerror(errno));
	buf_deinit(&out);
	return rc;
}

/* The deed of publishing by hand is handing the record over; it is done now. */
static int
note_published(const struct adding *a, struct err *err)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct store_key *key = &a->keys[i];
		if (key_state_of(&key->facts) == KEY_STATE_GENERATED &&
		    store_fact_put(a->store, key, FACT_PUBLISHED,
			&(struct store_event){a->cli->now, "add", key->domain, key->selector,
			    "record handed over, to be published by hand"},
			err) != 0)
			return -1;
	}
	return 0;
}

/* Two adds of one domain at once would each make keys, or take the other's file for a lost one. */
static int
make_all(struct adding *a, struct err *err)
{
	int lock = store_lock(a->cli->store_dir, STORE_LOCK_ADD, STORE_WAIT_MS, err);

	if (lock < 0)
		return -1;
	int rc = make_domain(a, err);
	if (rc == 0)
		rc = store_keys(a->store, a->domain.name, &a->keys, &a->count, err);
	if (rc == 0)
		rc = make_keys(a, err);
	close(lock);
	return rc;
}

static int
add_domain(const struct cli *cli, struct store *store, struct slice name, struct err *err)
{
	struct adding a = {.cli = cli,
	    .store = store,
	    .policy = cli_value(cli, "policy"),
	    .one = cli_value(cli, "file") == NULL};
	int rc = domain_normalize(name, a.domain.name, err);

	if (rc != 0)
		return err_wrap(
		    err, "%.*s", (int)(name.len < 80 ? name.len : 80), (const char *)name.ptr);
	rc = make_all(&a, err);
	if (rc == 0)
		rc = print_advice(&a, err);
	if (rc == 0)
		rc = note_published(&a, err);
	free(a.keys);
	return rc == 0 ? 0 : -1;
}

static int
add_lines(const struct cli *cli, struct store *store, FILE *in, const char *name, struct err *err)
{
	char line[LINE_LEN_MAX];
	int code = EXIT_OK;

	for (unsigned n = 1; fgets(line, sizeof(line), in) != NULL; n++) {
		struct slice domain = slice_trim(slice_of(line));
		struct err one = ERR_INIT;
		if (domain.len == 0 || domain.ptr[0] == '#')
			continue;
		if (add_domain(cli, store, domain, &one) == 0) {
			fputs("\n", stdout);
			continue;
		}
		fprintf(stderr, "signpost: %s:%u: %s\n", name, n, one.text);
		code = EXIT_INPUT;
		/* the next lines would only repeat what is wrong with the store itself */
		if (one.kind == ERR_IO || one.kind == ERR_BUSY || one.kind == ERR_NOMEM)
			return exit_code_of(one.kind);
	}
	if (ferror(in))
		return err_set(err, ERR_IO, "%s: %s", name, strerror(errno));
	return code;
}

static int
add_file(const struct cli *cli, struct store *store, const char *path, struct err *err)
{
	if (strcmp(path, "-") == 0)
		return add_lines(cli, store, stdin, "standard input", err);
	FILE *in = fopen(path, "re");
	if (in == NULL)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	int code = add_lines(cli, store, in, path, err);
	fclose(in);
	return code;
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *path = cli_value(cli, "file");
	const char *policy = cli_value(cli, "policy");
	struct store *store;
	int code;

	if ((path == NULL) == (cli->operand_count == 0))
		return err_set(err, ERR_USAGE, "want a DOMAIN, or --file with one a line");
	if (policy != NULL && config_policy(cli->config, policy) == NULL)
		return err_set(
		    err, ERR_CONFIG, "%s has no policy \"%.63s\"", cli->config->path, policy);
	if (store_open(cli->store_dir, STORE_WAIT_MS, &store, err) != 0)
		return -1;
	if (path != NULL)
		code = add_file(cli, store, path, err);
	else
		code = add_domain(cli, store, slice_of(cli->operands[0]), err);
	store_close(store);
	return code;
}

static const struct verb_option options[] = {
    {"policy", "NAME", "the policy of signpost.conf that the domain follows; default: \"default\""},
    {"file", "FILE", "read the domains from FILE, one a line; - is standard input"},
    {NULL, NULL, NULL},
};

const struct verb verb_add = {"add", "DOMAIN | --file FILE", options, 0, 1, VERB_KEEPER, true,
    "Start signing for a domain: make its keys and print the records to publish", run};
