/* SPDX-License-Identifier: ISC */
/* test_pass_trouble.c - what goes wrong with one key, one domain or one zone stays with it. */
#include "fixture_pass.h"

#include <fcntl.h>
#include <sys/stat.h>

static const char NOBODY[] = CONFIG_TIMES PUBLISHER "signers {\n milters = {}\n}\npolicy \"p\" {\n publisher = dns\n standby = no\n" POLICY_TIMES "}\n";

static const char ONE[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n standby = no\n" POLICY_TIMES "}\n";

static const char BOTH[] = CONFIG_TIMES PUBLISHER
    "policy \"p\" {\n publisher = dns\n standby = no\n algorithms = {\"rsa-sha256\", "
    "\"ed25519-sha256\"}\n" POLICY_TIMES "}\n";

static const char STANDBY[] = CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n";

/* What stands at one name, if it is not simply the record. */
static struct {
	char name[SWEEP_NAME_LEN];
	char zones[SWEEP_LINKS_MAX][SWEEP_NAME_LEN]; /* of the links that follow */
	size_t count;
} chain;

static void
sweep_chain(void *arg, struct sweep_batch *batch, const struct pass_sweeps *s)
{
	struct world *w = ((struct box *)arg)->w;
	struct sweep_result *r = calloc(1, sizeof(*r));

	(void)batch;
	assert_non_null(r);
	for (size_t i = 0; i < s->count; i++) {
		memset(r, 0, sizeof(*r));
		r->index = i;
		world_sweep_one(w, &s->questions[i], &r->sweep);
		bool is_it = strcmp(s->questions[i].name, chain.name) == 0;
		for (size_t l = 0; is_it && l < chain.count; l++) {
			struct sweep_link *link = &r->sweep.links[r->sweep.link_count++];
			snprintf(link->name, sizeof(link->name), "x%zu.%.230s", l, chain.zones[l]);
			snprintf(link->zone, sizeof(link->zone), "%s", chain.zones[l]);
		}
		s->take(s->arg, r);
	}
	free(r);
}

static struct box *
begin(const char *conf)
{
	struct box *box = box_new(conf);

	memset(&chain, 0, sizeof(chain));
	box->seams.sweep = sweep_chain;
	return box;
}

static void
live(struct box *box, int64_t seconds)
{
	for (int64_t end = box->w->now + seconds; box->w->now < end;) {
		box_pass(box);
		box_later(box, 5);
	}
}

/* The newest RSA key of the domain, or the newest Ed25519 key that signs. */
static struct store_key
newest(struct box *box, const char *domain, bool rsa)
{
	struct store_key *keys = NULL, key = {.id = 0};
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(store_keys(box->store, domain, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		if (rsa ? keys[i].alg == KEY_RSA_SHA256
			: keys[i].alg != KEY_RSA_SHA256 && key_state_of(&keys[i].facts) == KEY_STATE_ACTIVE)
			key = keys[i];
	}
	free(keys);
	assert_true(key.id != 0);
	return key;
}

static struct store_key
oldest(struct box *box, const char *domain)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(store_keys(box->store, domain, &keys, &count, &err), 0);
	assert_true(count > 0);
	struct store_key key = keys[0];
	free(keys);
	return key;
}

static enum key_state
state_of(const struct store_key *key)
{
	return key_state_of(&key->facts);
}

static void
lead_on(const char *owner, const char *zone)
{
	snprintf(chain.name, sizeof(chain.name), "%s", owner);
	snprintf(chain.zones[chain.count++], SWEEP_NAME_LEN, "%s", zone);
}

/* Eight CNAMEs in zones with the longest names: what they are is not kept, and all else goes on. */
static void
pass_long_chain_stops_no_other_domain(void **state)
{
	struct box *box = begin(ONE);
	char zone[SWEEP_NAME_LEN];
	(void)state;

	box_add(box, "evil.test", "p");
	live(box, 200);
	for (int i = 0; i < 253; i++)
		zone[i] = i % 60 == 59 ? '.' : 'z';
	zone[253] = '\0';
	while (chain.count < SWEEP_LINKS_MAX - 1)
		lead_on(newest(box, "evil.test", true).owner, zone);
	live(box, 100);
	box_add(box, "good.test", "p");
	live(box, 300);
	struct store_key good = newest(box, "good.test", true), evil = newest(box, "evil.test", true);
	assert_int_equal(state_of(&good), KEY_STATE_ACTIVE);
	assert_int_equal(state_of(&evil), KEY_STATE_ACTIVE);
	box_free(box);
}

static void
damage(struct box *box, const struct store_key *key)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/keys/%s/%s.pem", box->dir, key->domain, key->selector);
	int fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0 && write(fd, "damaged\n", 8) == 8);
	close(fd);
}

static void
close_file(struct box *box, const struct store_key *key)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/keys/%s/%s.pem", box->dir, key->domain, key->selector);
	assert_int_equal(chmod(path, 0666), 0);
}

/* A key that never signed and whose file is damaged waits for nobody: the record of the key that signs is put back, and
 * another is made. */
static void
pass_gives_up_a_damaged_key(void **state)
{
	struct box *box = begin(STANDBY);
	(void)state;

	box_add(box, "a.test", "p");
	live(box, 500);
	struct store_key next = newest(box, "a.test", true), active = oldest(box, "a.test");
	assert_int_equal(state_of(&active), KEY_STATE_ACTIVE);
	assert_int_equal(state_of(&next), KEY_STATE_READY);
	damage(box, &next);
	world_put(box->w, active.owner, NULL);
	live(box, 500);
	assert_string_equal(world_find(box->w, active.owner)->text, active.record);
	struct store_key other = newest(box, "a.test", true);
	active = oldest(box, "a.test");
	assert_int_equal(state_of(&active), KEY_STATE_ACTIVE);
	assert_true(other.id != next.id);
	assert_int_equal(state_of(&other), KEY_STATE_READY);
	assert_string_equal(world_find(box->w, next.owner)->text, "");
	box_free(box);
}

/* The file of the RSA key that is to take over has a wrong mode, which a person has to mend: the Ed25519 key's record is
 * put back meanwhile. */
static void
pass_closed_key_keeps_no_other_from_its_record(void **state)
{
	struct box *box = begin(BOTH);
	struct err err = ERR_INIT;
	(void)state;

	box_add(box, "a.test", "p");
	live(box, 300);
	struct store_key first = newest(box, "a.test", true), next = first;
	const struct store_marking roll = {"a.test", MARK_ROLL, box->w->now};
	assert_int_equal(store_domain_mark(box->store, &roll, NULL, &err), 0);
	for (int i = 0; i < 100 && next.id == first.id; i++) {
		live(box, 5);
		next = newest(box, "a.test", true);
	}
	close_file(box, &next);
	live(box, 300);
	assert_non_null(strstr(box->first.text, "cannot sign"));
	struct store_key ed = newest(box, "a.test", false);
	world_put(box->w, ed.owner, NULL);
	live(box, 300);
	assert_string_equal(world_find(box->w, ed.owner)->text, ed.record);
	assert_non_null(strstr(box->first.text, "cannot sign"));
	box_free(box);
}

/* No milter is configured, and the table cannot be written: whoever reads the old one still signs with the key. */
static void
pass_counts_no_key_as_left_that_the_table_names(void **state)
{
	struct box *box = begin(NOBODY);
	char table[128], aside[128];
	struct err err = ERR_INIT;
	(void)state;

	box_add(box, "a.test", "p");
	live(box, 300);
	struct store_key first = newest(box, "a.test", true), next = first;
	const struct store_marking roll = {"a.test", MARK_ROLL, box->w->now};
	assert_int_equal(store_domain_mark(box->store, &roll, NULL, &err), 0);
	for (int i = 0; i < 100 && (next.id == first.id || state_of(&next) != KEY_STATE_READY); i++) {
		live(box, 5);
		next = newest(box, "a.test", true);
	}
	snprintf(table, sizeof(table), "%s/" STORE_TABLE, box->dir);
	snprintf(aside, sizeof(aside), "%s/aside", box->dir);
	assert_int_equal(rename(table, aside), 0);
	assert_int_equal(mkdir(table, 0700), 0);
	live(box, 200);
	first = oldest(box, "a.test");
	assert_int_equal(state_of(&first), KEY_STATE_RETIRED);
	assert_true(first.facts.at[FACT_ACKNOWLEDGED] == NEVER);
	assert_int_equal(rmdir(table), 0);
	assert_int_equal(rename(aside, table), 0);
	live(box, 10);
	first = oldest(box, "a.test");
	assert_true(first.facts.at[FACT_ACKNOWLEDGED] != NEVER);
	box_free(box);
}

static unsigned elsewhere; /* changes for zones that are not ours */

static int
publish_in_zone(const struct publisher_conf *conf, const struct publish_change *c, size_t count,
    struct publish_outcome *o, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		elsewhere += strcmp(c[i].zone, "zone.test") != 0;
	return world_publish(conf, c, count, o, err);
}

/* Somebody has put a CNAME in the place of the record of the key that signs: the next key is published where the domain
 * is, not where that leads. */
static void
pass_foreign_cname_does_not_choose_the_zone(void **state)
{
	struct box *box = begin(ONE);
	(void)state;

	elsewhere = 0;
	box->seams.publish = publish_in_zone;
	box_add(box, "a.test", "p");
	live(box, 200);
	struct store_key first = newest(box, "a.test", true);
	lead_on(first.owner, "other.example");
	world_put(box->w, first.owner, "v=DKIM1; k=rsa; p=AAAA");
	live(box, 1000);
	struct store_key next = newest(box, "a.test", true);
	assert_true(next.id != first.id);
	assert_int_equal(state_of(&next), KEY_STATE_ACTIVE);
	assert_int_equal(elsewhere, 0);
	box_free(box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pass_long_chain_stops_no_other_domain),
	    cmocka_unit_test(pass_gives_up_a_damaged_key),
	    cmocka_unit_test(pass_closed_key_keeps_no_other_from_its_record),
	    cmocka_unit_test(pass_counts_no_key_as_left_that_the_table_names),
	    cmocka_unit_test(pass_foreign_cname_does_not_choose_the_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
