/* SPDX-License-Identifier: ISC */
/* bench-scale - fills a new store with domains that sign with one key each and have another standing by, both just looked
 * at and found well: what a keeper of many domains is like on a day on which nothing is due.
 *
 *	bench-scale STORE_DIR [DOMAINS]		10000; STORE_DIR as `signpost init` made it */
#include "keys/keyfile.h"
#include "keys/store_evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define KEYS  8 /* pairs to take from: making 20,000 takes an hour.  So a row's hash is not its file's */
#define AGE_S 864000

static struct store *store;
static int64_t now;

static _Noreturn void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "bench-scale: %s: %s\n", what, err->text);
	exit(1);
}

static void
put_look(const struct store_key *key, struct store_look *look, struct store_sweep *sweep)
{
	struct err err = ERR_INIT;
	*look = (struct store_look){.key_id = key->id,
	    .expect = EXPECT_RECORD,
	    .looks = {.looked_at = now,
		.last_passed = true,
		.passed_at = now,
		.first_pass_at = now - AGE_S,
		.second_pass_at = now - AGE_S + 60,
		.proven_at = now,
		.gone_since = NEVER,
		.resolver_first_at = NEVER,
		.resolver_last_at = NEVER,
		.resolver_wait_until = NEVER}};
	*sweep = (struct store_sweep){.found = true, .passed = true, .resolver_warn_at = NEVER};
	sweep->sweep.started_at = sweep->sweep.ended_at = now;
	if (store_look_put(store, look, sweep, &err) != 0)
		die(key->domain, &err);
}

static struct store_key
put_key(const char *domain, const struct dkim_key *pair, int n)
{
	static const enum key_fact life[] = {FACT_PUBLISHED, FACT_VERIFIED, FACT_ACTIVATED};
	struct store_key key = {.alg = KEY_RSA_SHA256,
	    .slot = -1,
	    .bits = 2048,
	    .ttl_s = 3600,
	    .ttl_max_s = 3600,
	    .negative_max_s = 3600,
	    .policy = "default"};
	struct err err = ERR_INIT;
	struct buf record;
	buf_init(&record, RECORD_LEN_MAX);
	if (key_record_format(pair, &record, &err) != 0)
		die(domain, &err);
	snprintf(key.domain, sizeof(key.domain), "%s", domain);
	snprintf(key.selector, sizeof(key.selector), "sp26q4-bench%d", n);
	snprintf(key.record, sizeof(key.record), "%s", buf_str(&record));
	buf_deinit(&record);
	snprintf((char *)key.spki_hash, sizeof(key.spki_hash), "%d %.24s", n, domain);
	if (keyfile_write(store_dir(store), domain, key.selector, pair, &err) != 0 ||
	    store_key_put(store, &key, now - AGE_S, "add", &err) != 0)
		die(domain, &err);
	for (int i = 0; i < 3 - n; i++) {
		const struct store_event e = {
		    now - AGE_S + 7200 * (i + 1), "tick", domain, key.selector, "bench"};
		if (store_fact_put(store, &key, life[i], &e, &err) != 0)
			die(domain, &err);
	}
	return key;
}

int
main(int argc, char **argv)
{
	struct dkim_key *pairs[KEYS];
	struct store_look *look = calloc(1, sizeof(*look));
	struct store_sweep *sweep = calloc(1, sizeof(*sweep));
	struct err err = ERR_INIT;
	const long count = argc > 2 ? strtol(argv[2], NULL, 10) : 10000;
	now = (int64_t)time(NULL);
	if (argc < 2 || look == NULL || sweep == NULL ||
	    store_open(argv[1], STORE_WAIT_MS, &store, &err) != 0 || store_begin(store, &err) != 0)
		die("usage: bench-scale STORE_DIR [DOMAINS]", &err);
	for (int i = 0; i < KEYS; i++) {
		if (dkim_key_generate(KEY_RSA_SHA256, 2048, &pairs[i], &err) != 0)
			die("key", &err);
	}
	for (long i = 0; i < count; i++) {
		struct store_domain d = {.policy = "default",
		    .added_at = now - AGE_S,
		    .removing_at = NEVER,
		    .removed_at = NEVER};
		snprintf(d.name, sizeof(d.name), "domain%ld.example", i);
		if (store_domain_put(store, &d, "add", &err) != 0)
			die(d.name, &err);
		for (int n = 0; n < 2; n++) {
			const struct store_key key = put_key(d.name, pairs[(i + n) % KEYS], n);
			put_look(&key, look, sweep);
		}
	}
	if (store_end(store, 0, &err) != 0)
		die("store", &err);
	store_close(store);
	for (int i = 0; i < KEYS; i++)
		dkim_key_free(pairs[i]);
	free(look);
	free(sweep);
	return 0;
}
