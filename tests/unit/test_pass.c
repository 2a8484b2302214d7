/* SPDX-License-Identifier: ISC */
/* test_pass.c - passes over a world in memory: whole lives of keys, killed between any two deeds. */
#include "fixture_pass.h"
#include "keys/keyfile.h"
#include "signpost/deed_retry.h"

static const char TXT[] = CONFIG_TIMES PUBLISHER
    "signers {\n push = {\"/bin/true\"}\n}\npolicy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n";
static const char SLOTS[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n mode = slots\n slots = 4\n "
			   "slot_zone = zone.test\n" POLICY_TIMES "}\n";
#define ANNOUNCED "notify {\n mail = \"postmaster\"\n from = \"keeper@host.test\"\n}\n"
static const char TWO[] =
    CONFIG_TIMES PUBLISHER ANNOUNCED "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n"
				     "policy \"q\" {\n publisher = dns\n" POLICY_TIMES "}\n";
static const char ONE[] =
    CONFIG_TIMES PUBLISHER ANNOUNCED "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n";
static const char BY_HAND[] = CONFIG_TIMES "policy \"p\" {\n rotate = auto\n" POLICY_TIMES "}\n";

/* Every key that the table names has its file, and the world can fetch its record. */
static size_t
check_signing(struct box *box, bool wanted)
{
	struct table *table = box_table(box);
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count, n = 0;

	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	for (size_t i = 0; i < table->key_count; i++) {
		const struct store_key *k = NULL;
		for (size_t j = 0; j < count; j++) {
			if (memcmp(keys[j].spki_hash, table->keys[i].spki_hash,
				sizeof(keys[j].spki_hash)) == 0)
				k = &keys[j];
		}
		assert_non_null(k);
		const struct world_record *r = world_find(box->w, k->owner);
		if (r == NULL || strcmp(r->text, k->record) != 0)
			fail_msg("%lld: %s signs, and its record is \"%s\"",
			    (long long)(box->w->now - BEGIN), k->selector,
			    r == NULL ? "" : r->text);
		if (keyfile_look(box->dir, k, &err) != 0)
			fail_msg("%s", err.text);
		n++;
	}
	if (wanted && n == 0)
		fail_msg("%lld: nothing signs", (long long)(box->w->now - BEGIN));
	free(keys);
	table_free(table);
	return n;
}

/* Mail that a key signed while it was in the table is good until its overlap ends. */
static void
check_overlap(struct box *box)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count;

	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		const struct store_key *k = &keys[i];
		const struct world_record *r = world_find(box->w, k->owner);
		int64_t retired = k->facts.at[FACT_RETIRED];
		if (retired == NEVER || k->facts.at[FACT_COMPROMISED] != NEVER ||
		    box->w->now > retired + 150)
			continue;
		if (r == NULL || strcmp(r->text, k->record) != 0)
			fail_msg("%lld: %s is in overlap, and its record is \"%s\"",
			    (long long)(box->w->now - BEGIN), k->selector,
			    r == NULL ? "" : r->text);
	}
	free(keys);
}

static size_t
count_state(struct box *box, enum key_state state)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count, n = 0;

	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		n += key_state_of(&keys[i].facts) == state;
	free(keys);
	return n;
}

static size_t
count_files(struct box *box)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count, n = 0;

	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		n += keys[i].facts.at[FACT_DESTROYED] == NEVER &&
		     keyfile_look(box->dir, &keys[i], &err) == 0;
	free(keys);
	return n;
}

/* Passes for so long; each is looked at. */
static void
live(struct box *box, int64_t seconds, int64_t step)
{
	bool signs = check_signing(box, false) > 0;

	for (int64_t end = box->w->now + seconds; box->w->now < end;) {
		box_later(box, step);
		box_pass(box);
		signs = check_signing(box, signs) > 0 || signs;
		check_overlap(box);
	}
}

static void
begin(struct box *box)
{
	box_pass(box);
	for (int i = 0; i < 40 && check_signing(box, false) == 0; i++) {
		box_later(box, 5);
		box_pass(box);
	}
	assert_true(check_signing(box, true) > 0);
}

static void
pass_txt_lives_a_whole_life(void **state)
{
	struct box *box = box_new(TXT);
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	live(box, 4200, 10);
	/* three rotations at least, and the first keys have come to their end */
	assert_true(count_state(box, KEY_STATE_DESTROYED) >= 2);
	assert_int_equal(count_state(box, KEY_STATE_ACTIVE), 1);
	size_t open = count_state(box, KEY_STATE_ACTIVE) + count_state(box, KEY_STATE_READY) +
		      count_state(box, KEY_STATE_PUBLISHED) +
		      count_state(box, KEY_STATE_GENERATED) + count_state(box, KEY_STATE_RETIRED);
	assert_true(count_files(box) <= open);
	assert_true(box->w->pushes[PUSH_KEYS] >= 3 && box->w->pushes[PUSH_DELETE] >= 2);
	/* keys before the table that names them */
	assert_memory_equal(strstr(box->w->trail, "0 a.test\n") + 9, "1 signing.table\n", 16);
	box_free(box);
}

static void
pass_slots_rotate_behind_their_names(void **state)
{
	struct box *box = box_new(SLOTS);
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	live(box, 7000, 10);
	size_t live_records = 0;
	for (size_t i = 0; i < box->w->count; i++) {
		assert_true(box->w->records[i].text[0] != '\0'); /* a slot always holds something */
		live_records += strcmp(box->w->records[i].text, "v=DKIM1; p=") != 0;
	}
	assert_int_equal(box->w->count, 4);
	assert_true(live_records >= 2);
	assert_true(count_state(box, KEY_STATE_DESTROYED) >= 3);
	box_free(box);
}

static void
pass_by_hand_waits_for_the_person(void **state)
{
	struct box *box = box_new(BY_HAND);
	struct store_key *keys;
	struct err err = ERR_INIT;
	size_t count;
	(void)state;

	box_add(box, "a.test", "p");
	for (int i = 0; i < 20; i++) {
		box_later(box, 10);
		box_pass(box);
	}
	assert_int_equal(check_signing(box, false), 0);
	assert_int_equal(box->w->publishes, 0);
	assert_int_equal(store_keys(box->store, "a.test", &keys, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_not_equal(keys[0].facts.at[FACT_PUBLISHED], NEVER); /* handed over */
	world_put(box->w, keys[0].owner, keys[0].record);
	free(keys);
	begin(box);
	assert_int_equal(count_state(box, KEY_STATE_ACTIVE), 1);
	/* nothing is lost by a person who never enters the next one */
	live(box, 3000, 20);
	assert_int_equal(count_state(box, KEY_STATE_ACTIVE), 1);
	assert_int_equal(count_state(box, KEY_STATE_PUBLISHED), 1);
	box_free(box);
}

/* K1: a milter that is stuck keeps the old key's record and file for as long as it takes. */
static void
pass_waits_for_every_milter(void **state)
{
	struct box *box = box_new(TXT);
	struct store_domain *d;
	struct err err = ERR_INIT;
	size_t n;
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	box->w->milter_stuck = true;
	live(box, 3200, 20);
	assert_int_equal(count_state(box, KEY_STATE_REVOKED) + count_state(box, KEY_STATE_REMOVED) +
			     count_state(box, KEY_STATE_DESTROYED),
	    0);
	assert_true(count_state(box, KEY_STATE_RETIRED) >= 1);
	assert_int_equal(box->w->pushes[PUSH_DELETE], 0);
	assert_int_equal(store_domains(box->store, "a.test", &d, &n, &err), 0);
	assert_string_equal(d->signers_laggard, "unix:/m signs with the old key");
	free(d);
	box->w->milter_stuck = false;
	live(box, 1500, 10);
	assert_true(count_state(box, KEY_STATE_DESTROYED) >= 1);
	box_free(box);
}

static unsigned announced;

static int
note_announced(const struct notify_conf *conf, enum alert_channel channel, struct slice text,
    struct err *err)
{
	(void)conf;
	(void)channel;
	(void)text;
	(void)err;
	announced++;
	return 0;
}

/* A policy that a domain uses is deleted from signpost.conf: that domain stands still and signs, the others go on, and
 * it is told. */
static void
pass_goes_on_beside_an_undefined_policy(void **state)
{
	struct box *box = box_new(TWO);
	struct err err = ERR_INIT;
	(void)state;

	announced = 0;
	box->seams.announce = note_announced;
	box_add(box, "a.test", "q");
	box_add(box, "b.test", "p");
	for (int i = 0; i < 40; i++) {
		box_later(box, 5);
		box_pass(box);
	}
	assert_int_equal(count_state(box, KEY_STATE_ACTIVE), 2);
	config_free(box->config);
	assert_int_equal(config_parse(slice_of(ONE), "conf", &box->config, &err), 0);
	live(box, 2000, 10);
	assert_int_equal(box->first.kind, ERR_CONFIG);
	assert_non_null(strstr(box->first.text, "its policy \"q\" is not defined"));
	/* b.test was rotated, and the table says so */
	assert_true(count_state(box, KEY_STATE_DESTROYED) + count_state(box, KEY_STATE_REVOKED) +
			count_state(box, KEY_STATE_RETIRED) >
		    0);
	struct table *table = box_table(box);
	assert_int_equal(table->key_count, 2);
	table_free(table);
	assert_true(announced > 0);
	box_free(box);
}

/* A table that cannot be written: nothing that rests on it is done, the pass comes to its end, and it is told. */
static void
pass_without_a_table_destroys_nothing(void **state)
{
	struct box *box = box_new(TXT);
	char path[96];
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	snprintf(path, sizeof(path), "%s/" STORE_TABLE, box->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0750), 0); /* nothing can be put in its place */
	unsigned publishes = box->w->publishes;
	for (int i = 0; i < 200; i++) {
		box_later(box, 10);
		struct pass p = box_pass(box);
		assert_true(p.next_at > box->w->now);
		assert_int_not_equal(box->first.kind, ERR_NONE);
	}
	assert_int_equal(box->w->publishes, publishes);
	assert_int_equal(box->w->pushes[PUSH_DELETE], 0);
	assert_int_equal(rmdir(path), 0);
	box_pass(box);
	live(box, 2000, 10);
	assert_true(count_state(box, KEY_STATE_DESTROYED) > 0);
	box_free(box);
}

static size_t
count_unsigned(struct box *box, bool drop)
{
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count, n = 0;

	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		if (keys[i].facts.at[FACT_ACTIVATED] != NEVER ||
		    key_state_of(&keys[i].facts) > KEY_STATE_READY)
			continue;
		n++;
		if (drop)
			assert_int_equal(keyfile_remove(box->dir, &keys[i], &err), 0);
	}
	free(keys);
	return n;
}

/* The file of a key that never signed is gone: another key is made, and takes over. */
static void
pass_replaces_a_standby_without_its_file(void **state)
{
	struct box *box = box_new(TXT);
	(void)state;

	box_add(box, "a.test", "p");
	for (int i = 0; i < 4 && count_unsigned(box, true) == 0; i++) {
		box_pass(box);
		box_later(box, 5);
	}
	begin(box);
	assert_int_equal(count_state(box, KEY_STATE_ACTIVE), 1);
	assert_int_equal(count_state(box, KEY_STATE_ABANDONED) + count_state(box, KEY_STATE_REMOVED) +
			     count_state(box, KEY_STATE_DESTROYED),
	    1);
	box_free(box);
}

/* Something foreign is in a slot that the store takes for free: it is left alone, and the next slot is used. */
static void
pass_leaves_a_foreign_slot_alone(void **state)
{
	struct box *box = box_new(SLOTS);
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count = 0;
	(void)state;

	box_add(box, "a.test", "p");
	for (int i = 0; i < 10 && count == 0; i++) {
		free(keys);
		box->w->publisher_down = box->w->count == 4; /* all are prepared */
		box_pass(box);
		box_later(box, 5);
		assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	}
	assert_int_equal(count, 1);
	world_put(box->w, keys[0].owner, "v=DKIM1; p=AAAA");
	box->w->publisher_down = false;
	begin(box);
	assert_string_equal(world_find(box->w, keys[0].owner)->text, "v=DKIM1; p=AAAA");
	free(keys);
	box_free(box);
}

/* A queue that cannot be asked now and then, as each night while Postfix starts again, delays a revocation by no more
 * than that; one that nobody could ask at all is waited for, and for the next hop after it. */
static void
pass_revokes_though_the_queue_is_mute_at_times(void **state)
{
	struct box *box = box_new(TXT);
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	live(box, 1420, 10);
	for (int i = 0; i < 60; i++) {
		box->w->queue_mute = i % 5 < 2;
		live(box, 10, 10);
	}
	box->w->queue_mute = false;
	assert_true(count_state(box, KEY_STATE_REVOKED) + count_state(box, KEY_STATE_REMOVED) +
			count_state(box, KEY_STATE_DESTROYED) >
		    0);
	box_free(box);
}

static void
pass_waits_for_a_queue_that_was_mute_throughout(void **state)
{
	struct box *box = box_new(TXT);
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	box->w->queue_mute = true;
	live(box, 2400, 20);
	box->w->queue_mute = false;
	/* what was held may have been released just before */
	live(box, 50, 10);
	assert_int_equal(count_state(box, KEY_STATE_REVOKED) + count_state(box, KEY_STATE_REMOVED) +
			     count_state(box, KEY_STATE_DESTROYED),
	    0);
	live(box, 800, 10);
	assert_true(
	    count_state(box, KEY_STATE_REVOKED) + count_state(box, KEY_STATE_DESTROYED) > 0);
	box_free(box);
}

/* K8 */
static void
pass_does_not_revoke_while_mail_waits(void **state)
{
	struct box *box = box_new(TXT);
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	box->w->queue_oldest = box->w->now;
	live(box, 2400, 20);
	assert_int_equal(count_state(box, KEY_STATE_REVOKED) + count_state(box, KEY_STATE_REMOVED) +
			     count_state(box, KEY_STATE_DESTROYED),
	    0);
	box->w->queue_oldest = NEVER;
	live(box, 50, 10);
	/* it may still wait behind the next hop */
	assert_int_equal(count_state(box, KEY_STATE_REVOKED), 0);
	live(box, 800, 10);
	assert_true(
	    count_state(box, KEY_STATE_REVOKED) + count_state(box, KEY_STATE_DESTROYED) > 0);
	box_free(box);
}

/* A publisher that is away is asked again, less and less often; the old key signs. */
static void
pass_retries_a_publisher(void **state)
{
	struct box *box = box_new(TXT);
	struct store_log_row *rows;
	struct err err = ERR_INIT;
	size_t n, away = 0;
	(void)state;

	box_add(box, "a.test", "p");
	box->w->publisher_down = true;
	for (int i = 0; i < 200; i++) {
		box_later(box, 5);
		box_pass(box);
	}
	assert_true(box->w->publishes > 20 &&
		    box->w->publishes < 40); /* 5, 10, 20, then each 40 s of 1000 */
	assert_int_equal(
	    store_log(box->store, &(struct store_log_query){.since = NEVER}, &rows, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		away += strstr(rows[i].text, "away") != NULL;
	assert_int_equal(away, 1); /* that it is still so is no news */
	free(rows);
	box->w->publisher_down = false;
	begin(box);
	box_free(box);
}

static void
pass_often(struct box *box, int times)
{
	for (int i = 0; i < times; i++) {
		box_later(box, 5);
		box_pass(box);
	}
}

/* A refusal is asked for again after person_interval, or when a person says that it is mended. */
static void
pass_tries_what_was_refused_when_told_to(void **state)
{
	struct box *box = box_new(TXT);
	struct err err = ERR_INIT;
	size_t count = 9;
	(void)state;

	box_add(box, "a.test", "p");
	box_add(box, "b.test", "p");
	box->w->publisher_refuses = true;
	pass_often(box, 2);
	unsigned before = box->w->publishes;
	box->w->publisher_refuses = false;
	pass_often(box, 1);
	assert_int_equal(box->w->publishes, before);
	const struct deed_retry retry = {box->store, "add", box->w->now};
	assert_int_equal(deed_retry_publisher(&retry, box->config, "other", &count, &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(deed_retry_domain(&retry, "a.test", &count, &err), 0);
	assert_int_equal(count, 1);
	box_pass(box);
	assert_int_equal(box->w->count, 1);
	assert_int_equal(deed_retry_publisher(&retry, box->config, "dns", &count, &err), 0);
	assert_int_equal(count, 1); /* what is done is not asked for again */
	box_later(box, 5);
	box_pass(box);
	assert_int_equal(box->w->count, 2);
	box_free(box);
}

/* K14: what a publisher took is not published before it says so; until then it is asked for the same change, also when it
 * was away in between. */
static void
pass_waits_until_a_change_is_in_force(void **state)
{
	static const char *const policies[] = {TXT, SLOTS};
	(void)state;

	for (size_t p = 0; p < 2; p++) {
		struct box *box = box_new(policies[p]);
		box_add(box, "a.test", "p");
		box->w->publisher_slow = true;
		for (int i = 0; i < 40; i++) {
			box->w->publisher_down = i % 3 == 2;
			box_later(box, 5);
			box_pass(box);
		}
		assert_true(box->w->publishes > 3);
		assert_true(box->w->changes > 0);
		assert_int_equal(box->w->changes, box->w->count); /* each name once */
		assert_int_equal(count_state(box, KEY_STATE_PUBLISHED) + count_state(box, KEY_STATE_READY) +
				     count_state(box, KEY_STATE_ACTIVE),
		    0);
		box->w->publisher_down = box->w->publisher_slow = false;
		begin(box);
		assert_true(count_state(box, KEY_STATE_ACTIVE) > 0);
		box_free(box);
	}
}

/* Something foreign at the name: it is not touched, and another name is taken. */
static void
pass_leaves_foreign_records_alone(void **state)
{
	struct box *box = box_new(TXT);
	struct store_key *keys;
	struct err err = ERR_INIT;
	size_t count;
	(void)state;

	box_add(box, "a.test", "p");
	box->w->publisher_down = true;
	box_pass(box);
	box_later(box, 5);
	box_pass(box);
	assert_int_equal(store_keys(box->store, "a.test", &keys, &count, &err), 0);
	assert_int_equal(count, 1);
	world_put(box->w, keys[0].owner, "v=spf1 -all");
	box->w->publisher_down = false;
	begin(box);
	assert_string_equal(world_find(box->w, keys[0].owner)->text, "v=spf1 -all");
	assert_int_equal(count_state(box, KEY_STATE_ACTIVE), 1);
	free(keys);
	box_free(box);
}

/* K11: one record that vanishes is put back; those of many at once are an outage, and nothing is done. */
static void
pass_puts_back_one_and_stops_for_many(void **state)
{
	enum { MANY = 22 };
	struct box *box = box_new(TXT);
	char name[32];
	int64_t outage;
	struct err err = ERR_INIT;
	(void)state;

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "d%02d.test", i);
		box_add(box, name, "p");
	}
	for (int i = 0; i < 40; i++) {
		box_later(box, 5);
		box_pass(box);
	}
	assert_int_equal(count_state(box, KEY_STATE_ACTIVE), MANY);
	/* one: switched to its standby, or put back */
	struct table *table = box_table(box);
	assert_int_equal(table->key_count, MANY);
	table_free(table);
	struct store_key *keys;
	size_t count;
	assert_int_equal(store_keys(box->store, "d00.test", &keys, &count, &err), 0);
	world_put(box->w, keys[0].owner, NULL);
	free(keys);
	for (int i = 0; i < 60; i++) {
		box_later(box, 5);
		box_pass(box);
	}
	check_signing(box, true);
	assert_int_equal(store_number_get(box->store, NUMBER_OUTAGE_FROM, NEVER, &outage, &err), 0);
	assert_int_equal(outage, NEVER);
	/* all: the zone is empty */
	struct world *before = malloc(sizeof(*before));
	assert_non_null(before);
	*before = *box->w;
	for (size_t i = 0; i < box->w->count; i++)
		box->w->records[i].text[0] = '\0';
	for (int i = 0; i < 60; i++) {
		box_later(box, 5);
		box_pass(box);
	}
	assert_int_equal(store_number_get(box->store, NUMBER_OUTAGE_FROM, NEVER, &outage, &err), 0);
	assert_int_not_equal(outage, NEVER);
	/* what was due anyway, as p= for a key whose overlap has ended, is no answer to it */
	for (size_t i = 0; i < box->w->count; i++)
		assert_null(strstr(box->w->records[i].text, "k="));
	memcpy(box->w->records, before->records, sizeof(before->records));
	free(before);
	for (int i = 0; i < 40; i++) {
		box_later(box, 5);
		box_pass(box);
	}
	assert_int_equal(store_number_get(box->store, NUMBER_OUTAGE_FROM, NEVER, &outage, &err), 0);
	assert_int_equal(outage, NEVER);
	check_signing(box, true);
	box_free(box);
}

/* K18: a clock that jumps records nothing; the table says so, and all goes on when it is right again. */
static void
pass_freezes_while_the_clock_is_wrong(void **state)
{
	struct box *box = box_new(TXT);
	struct table *table;
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	live(box, 300, 10);
	size_t events = 0;
	struct store_key *keys, *after;
	struct err err = ERR_INIT;
	size_t count, count_after;
	assert_int_equal(store_keys(box->store, NULL, &keys, &count, &err), 0);
	box->w->now += 73LL * 365 * 86400; /* 2099 */
	for (int i = 0; i < 10; i++) {
		box_later(box, 10);
		box_pass(box);
	}
	assert_int_equal(store_keys(box->store, NULL, &after, &count_after, &err), 0);
	assert_int_equal(count, count_after);
	for (size_t i = 0; i < count; i++)
		assert_memory_equal(&keys[i].facts, &after[i].facts, sizeof(keys[i].facts));
	free(keys);
	free(after);
	table = box_table(box);
	assert_true(table->clock_untrusted);
	assert_int_equal(table->key_count, 1);
	table_free(table);
	box->w->now -= 73LL * 365 * 86400;
	live(box, 2000, 10);
	table = box_table(box);
	assert_false(table->clock_untrusted);
	table_free(table);
	assert_true(count_state(box, KEY_STATE_RETIRED) + count_state(box, KEY_STATE_REVOKED) +
			count_state(box, KEY_STATE_REMOVED) +
			count_state(box, KEY_STATE_DESTROYED) >
		    0);
	(void)events;
	box_free(box);
}

/* `remove`: with overlap, to the end. */
static void
pass_removes_a_domain_to_the_end(void **state)
{
	struct box *box = box_new(TXT);
	struct store_domain *d;
	struct err err = ERR_INIT;
	size_t n;
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	assert_int_equal(
	    store_domain_mark(box->store,
		&(struct store_marking){"a.test", MARK_REMOVING, box->w->now}, NULL, &err),
	    0);
	for (int i = 0; i < 200; i++) {
		box_later(box, 5);
		box_pass(box);
		check_overlap(box);
	}
	struct table *table = box_table(box);
	assert_int_equal(table->domain_count, 0); /* its mail leaves unsigned, as before */
	table_free(table);
	assert_int_equal(store_domains(box->store, NULL, &d, &n, &err), 0);
	assert_int_equal(n, 0);
	free(d);
	assert_int_equal(count_files(box), 0);
	for (size_t i = 0; i < box->w->count; i++)
		assert_string_equal(box->w->records[i].text, "");
	box_free(box);
}

/* Nothing due: nothing is asked, nothing is written but the clock. */
static void
pass_with_nothing_due_is_idle(void **state)
{
	struct box *box = box_new(TXT);
	(void)state;

	box_add(box, "a.test", "p");
	begin(box);
	live(box, 200, 5);
	for (int i = 0; i < 5; i++)
		box_pass(box); /* at the same moment */
	unsigned sweeps = box->w->sweeps, publishes = box->w->publishes, asks = box->w->asks;
	struct pass p = box_pass(box);
	assert_int_equal(p.steps, 0);
	assert_true(p.next_at > box->w->now && p.next_at <= box->w->now + 60);
	assert_int_equal(box->w->sweeps, sweeps);
	assert_int_equal(box->w->publishes, publishes);
	assert_int_equal(box->w->asks, asks);
	box_free(box);
}

/* Killed at each hook in turn: what follows comes to where it would have come, and at no moment is anything wrong. */
static void
kill_everywhere(const char *conf, int64_t seconds, size_t ended)
{
	struct box *box = box_new(conf);
	struct table *table;
	unsigned at = 0, kills = 0;
	bool signs = false;

	box_add(box, "a.test", "p");
	for (int64_t end = box->w->now + seconds; box->w->now < end;) {
		box_later(box, 10);
		/* each pass that has n hooks is killed at one after another of them, then let through */
		for (at = 1; box_killed_pass(box, at) && at < 12; at++) {
			kills++;
			char path[96];
			snprintf(path, sizeof(path), "%s/" STORE_TABLE, box->dir);
			if (access(path, F_OK) == 0)
				signs = check_signing(box, signs) > 0 || signs;
			check_overlap(box);
		}
		box_pass(box);
		signs = check_signing(box, signs) > 0 || signs;
		check_overlap(box);
	}
	assert_true(kills > 100);
	assert_true(signs);
	assert_true(count_state(box, KEY_STATE_DESTROYED) >= ended);
	table = box_table(box);
	assert_int_equal(table->key_count, 1);
	table_free(table);
	box_free(box);
}

static void
pass_killed_anywhere_goes_on_txt(void **state)
{
	(void)state;
	kill_everywhere(TXT, 2000, 1);
}

static void
pass_killed_anywhere_goes_on_slots(void **state)
{
	(void)state;
	kill_everywhere(SLOTS, 2000, 1);
}

/* test_pass [PATTERN]: only these */
int
main(int argc, char **argv)
{
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pass_txt_lives_a_whole_life),
	    cmocka_unit_test(pass_slots_rotate_behind_their_names),
	    cmocka_unit_test(pass_by_hand_waits_for_the_person),
	    cmocka_unit_test(pass_waits_for_every_milter),
	    cmocka_unit_test(pass_does_not_revoke_while_mail_waits),
	    cmocka_unit_test(pass_goes_on_beside_an_undefined_policy),
	    cmocka_unit_test(pass_without_a_table_destroys_nothing),
	    cmocka_unit_test(pass_replaces_a_standby_without_its_file),
	    cmocka_unit_test(pass_leaves_a_foreign_slot_alone),
	    cmocka_unit_test(pass_revokes_though_the_queue_is_mute_at_times),
	    cmocka_unit_test(pass_waits_for_a_queue_that_was_mute_throughout),
	    cmocka_unit_test(pass_retries_a_publisher),
	    cmocka_unit_test(pass_tries_what_was_refused_when_told_to),
	    cmocka_unit_test(pass_waits_until_a_change_is_in_force),
	    cmocka_unit_test(pass_leaves_foreign_records_alone),
	    cmocka_unit_test(pass_puts_back_one_and_stops_for_many),
	    cmocka_unit_test(pass_freezes_while_the_clock_is_wrong),
	    cmocka_unit_test(pass_removes_a_domain_to_the_end),
	    cmocka_unit_test(pass_with_nothing_due_is_idle),
	    cmocka_unit_test(pass_killed_anywhere_goes_on_txt),
	    cmocka_unit_test(pass_killed_anywhere_goes_on_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
