/* SPDX-License-Identifier: ISC */
/* zootool - fills a store with domains and keys in any state of their lives, for tests/e2e/zoo-*.sh.
 *
 *	zootool STORE_DIR <lines		words are parted by tabs, AGE is seconds ago
 *
 *	domain	NAME	POLICY
 *	key	DOMAIN	SELECTOR	ALGORITHM	SLOT|-1	STATE	AGE	OWNER|-	RECORD
 *	slot	DOMAIN	ALGORITHM	N	TOKEN
 *	deed	DOMAIN	SELECTOR	publish|revoke|remove	done|failed|refused	AGE	WHY|-
 *	former	ZONE	HOST	ADDRESS	PORT	TTL	AGE
 *	zones	DOMAIN	SELECTOR	ZONES
 *
 * A key whose file is in the store already is that of the file. */
#include "keys/keyfile.h"
#include "keys/store_deeds.h"
#include "keys/store_evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORDS_MAX 10
#define LINE_LEN  8192

static struct store *store;
static int64_t now;

static _Noreturn void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "zootool: %s: %s\n", what, err == NULL ? "" : err->text);
	exit(1);
}

static int64_t
number(const char *text)
{
	char *end = NULL;
	long long v = strtoll(text, &end, 10);
	if (end == text || *end != '\0')
		die(text, NULL);
	return v;
}

static void
copy(char *out, size_t size, const char *text)
{
	if (!slice_to_str(slice_of(text), out, size))
		die(text, NULL);
}

static void
put_domain(char **w)
{
	struct err err = ERR_INIT;
	struct store_domain d = {.added_at = now - 864000, .removing_at = NEVER, .removed_at = NEVER};
	copy(d.name, sizeof(d.name), w[1]);
	copy(d.policy, sizeof(d.policy), w[2]);
	if (store_domain_put(store, &d, "add", &err) != 0)
		die(w[1], &err);
}

static const struct {
	const char *name;
	size_t facts;
} STATES[] = {{"generated", 1}, {"published", 2}, {"ready", 3}, {"active", 4}, {"retired", 6}, {"revoked", 7},
    {"removed", 8}};
static const enum key_fact LIFE[] = {FACT_GENERATED, FACT_PUBLISHED, FACT_VERIFIED, FACT_ACTIVATED, FACT_RETIRED,
    FACT_ACKNOWLEDGED, FACT_REVOKED, FACT_REMOVED};

static void
put_facts(const struct store_key *k, const char *state, int64_t age)
{
	struct err err = ERR_INIT;
	size_t count = 0;
	for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++)
		count = strcmp(STATES[i].name, state) == 0 ? STATES[i].facts : count;
	if (count == 0)
		die(state, NULL);
	for (size_t i = 1; i < count; i++) {
		/* only the last one is so young */
		int64_t at = now - age - (i + 1 < count ? 864000 : 0);
		const struct store_event e = {at, "tick", k->domain, k->selector, state};
		if (store_fact_put(store, k, LIFE[i], &e, &err) != 0)
			die(state, &err);
	}
}

static void
put_key(char **w)
{
	struct err err = ERR_INIT;
	struct store_key *k = calloc(1, sizeof(*k));
	if (k == NULL)
		die("memory", NULL);
	copy(k->domain, sizeof(k->domain), w[1]);
	copy(k->selector, sizeof(k->selector), w[2]);
	copy(k->policy, sizeof(k->policy), "default");
	copy(k->record, sizeof(k->record), w[8]);
	if (!key_alg_from_name(slice_of(w[3]), &k->alg))
		die(w[3], NULL);
	k->slot = (int)number(w[4]);
	k->bits = k->alg == KEY_RSA_SHA256 ? 2048 : 256;
	k->ttl_s = 3600;
	for (size_t i = 0; i < sizeof(k->spki_hash); i++)
		k->spki_hash[i] = (uint8_t)(w[2][i % strlen(w[2])] + w[1][i % strlen(w[1])]);
	struct dkim_key *file = NULL;
	if (keyfile_read(store_dir(store), k->domain, k->selector, &file, &err) == 0)
		dkim_key_spki_hash(file, k->spki_hash);
	dkim_key_free(file);
	if (strcmp(w[7], "-") != 0) {
		copy(k->owner, sizeof(k->owner), w[7]);
		if (k->slot >= 0)
			snprintf(k->alias, sizeof(k->alias), "%s._domainkey.%.170s", k->selector, k->domain);
	}
	if (store_key_put(store, k, now - number(w[6]) - 864000, "add", &err) != 0)
		die(w[2], &err);
	k->negative_max_s = 120;
	if (store_key_raise(store, k, &err) != 0)
		die(w[2], &err);
	put_facts(k, w[5], number(w[6]));
	free(k);
}

static void
put_slot(char **w)
{
	struct err err = ERR_INIT;
	struct store_slot s = {.n = (int)number(w[3]), .prepared_at = now - 864000, .free_at = NEVER, .deed_at = NEVER};
	copy(s.domain, sizeof(s.domain), w[1]);
	copy(s.token, sizeof(s.token), w[4]);
	if (!key_alg_from_name(slice_of(w[2]), &s.alg) || store_slot_put(store, &s, NULL, &err) != 0)
		die(w[4], &err);
}

/* The newest of that selector. */
static struct store_key
find_key(const char *domain, const char *selector)
{
	struct store_key *keys = NULL, found;
	struct err err = ERR_INIT;
	size_t count = 0, at = SIZE_MAX;
	if (store_keys(store, domain, &keys, &count, &err) != 0)
		die(domain, &err);
	for (size_t i = 0; i < count; i++)
		at = strcmp(keys[i].selector, selector) == 0 ? i : at;
	if (at == SIZE_MAX)
		die(selector, NULL);
	found = keys[at];
	free(keys);
	return found;
}

static void
put_deed(char **w)
{
	static const char *const names[] = {"publish", "revoke", "remove"};
	struct err err = ERR_INIT;
	struct store_key key = find_key(w[1], w[2]);
	struct store_deed d = {.key_id = key.id, .deed = DEED_COUNT};
	for (int i = 0; i < DEED_COUNT; i++)
		d.deed = strcmp(names[i], w[3]) == 0 ? (enum deed)i : d.deed;
	d.tries.first_at = d.tries.last_at = now - number(w[5]);
	d.tries.tries = 1;
	d.tries.done = strcmp(w[4], "done") == 0;
	d.tries.refused = strcmp(w[4], "refused") == 0;
	if (strcmp(w[6], "-") != 0)
		copy(d.why, sizeof(d.why), w[6]);
	const struct store_deed_put p = {.key = &key, .deed = &d, .fact = FACT_COUNT};
	if (store_deed_put(store, &p, NULL, &err) != 0)
		die(w[2], &err);
}

static void
put_former(char **w)
{
	struct err err = ERR_INIT;
	struct store_server s = {.last_listed = now - number(w[6]), .ttl_s = number(w[5])};
	copy(s.host, sizeof(s.host), w[2]);
	s.endpoint.port = (uint16_t)number(w[4]);
	if (ip_addr_parse(slice_of(w[3]), &s.endpoint.addr, &err) != 0 || store_servers_put(store, w[1], &s, 1, &err) != 0)
		die(w[2], &err);
}

static void
put_zones(char **w)
{
	struct err err = ERR_INIT;
	struct store_key key = find_key(w[1], w[2]);
	struct store_look *look = calloc(1, sizeof(*look));
	struct store_sweep *sweep = calloc(1, sizeof(*sweep));
	if (look == NULL || sweep == NULL)
		die("memory", NULL);
	look->key_id = key.id;
	look->looks = (struct schedule_looks){.looked_at = now - 60,
	    .passed_at = NEVER,
	    .first_pass_at = NEVER,
	    .second_pass_at = NEVER,
	    .proven_at = NEVER,
	    .gone_since = NEVER,
	    .resolver_first_at = NEVER,
	    .resolver_last_at = NEVER,
	    .resolver_wait_until = NEVER};
	copy(look->zones, sizeof(look->zones), w[3]);
	sweep->found = sweep->failed = true;
	sweep->resolver_warn_at = NEVER;
	sweep->sweep.started_at = sweep->sweep.ended_at = now - 60;
	if (store_look_put(store, look, sweep, &err) != 0)
		die(w[2], &err);
	free(look);
	free(sweep);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int words;
		void (*put)(char **);
	} rows[] = {{"domain", 3, put_domain}, {"key", 9, put_key}, {"slot", 5, put_slot}, {"deed", 7, put_deed},
	    {"former", 7, put_former}, {"zones", 4, put_zones}};
	char line[LINE_LEN];
	struct err err = ERR_INIT;
	now = (int64_t)time(NULL);
	if (argc != 2 || store_open(argv[1], STORE_WAIT_MS, &store, &err) != 0 || store_begin(store, &err) != 0)
		die("usage: zootool STORE_DIR", &err);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *w[WORDS_MAX] = {NULL}, *at = line;
		int count = 0;
		line[strcspn(line, "\n")] = '\0';
		for (; at != NULL && count < WORDS_MAX; count++) {
			w[count] = at;
			if ((at = strchr(at, '\t')) != NULL)
				*at++ = '\0';
		}
		bool known = false;
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			if (strcmp(w[0], rows[i].word) != 0 || count != rows[i].words)
				continue;
			rows[i].put(w);
			known = true;
		}
		if (!known)
			die(w[0], NULL);
	}
	if (store_end(store, 0, &err) != 0)
		die("store", &err);
	store_close(store);
	return 0;
}
