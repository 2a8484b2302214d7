/* SPDX-License-Identifier: ISC */
/* pass_table.c - the signing table, the hook that carries it to other hosts, and the milters that read it. */
#include "base/file.h"
#include "dkim/sha256.h"
#include "signpost/pass_private.h"
#include "signpost/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
pass_push(struct pass *pass, enum push_what what, const char *path, struct err *err)
{
	if (pass->config->signers.push_count == 0)
		return 0;
	pass_between(pass, "push");
	return pass->seams->push(&pass->config->signers, what, store_dir(pass->store), path, err);
}

/* A host that could not be reached is told again in the next pass, which the number remembers. */
static int
push_table(struct pass *pass, bool changed, struct err *err)
{
	struct err why = ERR_INIT;
	int64_t owed;

	if (store_number_get(pass->store, NUMBER_PUSH_OWED, 0, &owed, err) != 0)
		return -1;
	if (pass->config->signers.push_count == 0 || (!changed && owed == 0))
		return 0;
	if (pass_push(pass, PUSH_TABLE, STORE_TABLE, &why) != 0) {
		pass_note_trouble(pass, "push", &why);
		return store_number_put(pass->store, NUMBER_PUSH_OWED, 1, err);
	}
	return owed == 0 ? 0 : store_number_drop(pass->store, NUMBER_PUSH_OWED, err);
}

/* Said once, when it is found. */
static int
say_restored(const struct pass *pass, int64_t before, struct err *err)
{
	int64_t now;

	if (store_number_get(pass->store, NUMBER_RESTORED, NEVER, &now, err) != 0)
		return -1;
	if (before == NEVER && now != NEVER)
		fprintf(stderr,
		    "signpost: %s/" STORE_DB " is older than the signing table: it was put back "
		    "from a copy.  What signs goes on signing, and "
		    "every key is proven anew before anything is switched or revoked; see: "
		    "signpost log\n",
		    store_dir(pass->store));
	return 0;
}

/* 0: nothing is wrong with it. */
static int
hash_trouble(const struct err *trouble, int64_t *out, struct err *err)
{
	uint8_t hash[SHA256_LEN];

	*out = 0;
	if (trouble->kind == ERR_NONE)
		return 0;
	if (sha256_digest(slice_of(trouble->text), hash, err) != 0)
		return -1;
	memcpy(out, hash, sizeof(*out));
	return 0;
}

/* Said when it is found, and when it is another: a pass each minute is no news.  `status` goes on telling it. */
static int
say_map(struct pass *pass, const struct err *trouble, struct err *err)
{
	int64_t before, now;

	if (store_number_get(pass->store, NUMBER_MAP_TOLD, 0, &before, err) != 0 ||
	    hash_trouble(trouble, &now, err) != 0)
		return -1;
	if (before == now)
		return 0;
	struct store_event event = {
	    pass_now(pass), pass->verb, "", "", "the login map is right again"};
	if (now != 0) {
		pass_note_trouble(pass, "the signing table", trouble);
		event.text = trouble->text;
	}
	if (store_begin(pass->store, err) != 0)
		return -1;
	int rc = now == 0 ? store_number_drop(pass->store, NUMBER_MAP_TOLD, err)
			  : store_number_put(pass->store, NUMBER_MAP_TOLD, now, err);
	if (rc == 0)
		rc = store_event_put(pass->store, &event, err);
	return store_end(pass->store, rc, err);
}

int
pass_update_table(struct pass *pass, struct err *err)
{
	struct rules rules;
	enum compile_change change = COMPILE_SAME;

	pass_between(pass, "table");
	int64_t before = pass->table_version, restored;
	/* before the rows are read: what is written later makes it another */
	if (store_version(pass->store, &pass->table_version, err) != 0)
		return -1;
	if (store_number_get(pass->store, NUMBER_RESTORED, NEVER, &restored, err) != 0)
		return -1;
	int rc = rules_init(&rules, pass->config, store_dir(pass->store), err);
	if (rc == 0)
		rc = say_map(pass, &rules.trouble, err);
	if (rc == 0)
		rc = compile_update(pass->store, &rules.compile, pass_now(pass), &change, err);
	rules_deinit(&rules);
	if (rc == 0)
		rc = say_restored(pass, restored, err);
	pass->table_stale = rc != 0;
	if (rc != 0)
		return -1;
	/* the same as somebody else has just written is another than we have */
	if (change != COMPILE_SAME || before != pass->table_version) {
		table_free(pass->table);
		pass->table = NULL;
	}
	if (change == COMPILE_NEW && pass->verbose)
		printf("signing table written\n");
	return push_table(pass, change != COMPILE_SAME, err);
}

static int
load_table(struct pass *pass, struct err *err)
{
	char *path = NULL;
	struct buf text;

	if (pass->table != NULL)
		return 0;
	if (asprintf(&path, "%s/%s", store_dir(pass->store), STORE_TABLE) < 0)
		return err_nomem(err);
	buf_init(&text, TABLE_LEN_MAX);
	int rc = file_read(path, &text, err);
	if (rc == 0)
		rc = table_parse(buf_slice(&text), path, &pass->table, err);
	buf_deinit(&text);
	free(path);
	return rc;
}

/* The table is what the store says; else a milter that agrees with it need not have left any key (K1). */
static int
is_table_current(const struct pass *pass, bool *current, struct err *err)
{
	int64_t version;

	if (store_version(pass->store, &version, err) != 0)
		return -1;
	*current = version == pass->table_version;
	return 0;
}

/* The table as it is, and as the store is. */
static int
current_table(struct pass *pass, struct err *err)
{
	bool current = false;

	if (is_table_current(pass, &current, err) != 0 ||
	    (!current && pass_update_table(pass, err) != 0))
		return -1;
	return load_table(pass, err);
}

int
pass_table_names(struct pass *pass, const struct store_key *key, bool *names, struct err *err)
{
	if (current_table(pass, err) != 0)
		return -1;
	const struct table_domain *d = table_find_domain(pass->table, slice_of(key->domain));
	*names = false;
	for (size_t i = 0; d != NULL && i < d->key_count; i++) {
		if (strcmp(d->keys[i].selector, key->selector) == 0 &&
		    memcmp(d->keys[i].spki_hash, key->spki_hash, sizeof(key->spki_hash)) == 0)
			*names = true;
	}
	return 0;
}

static int
note_answers(struct pass *pass, const struct signers_answer *answers, size_t count,
    int64_t asked_at, struct err *err)
{
	bool current = false;

	pass_between(pass, "asked");
	if (store_begin(pass->store, err) != 0)
		return -1;
	int rc = is_table_current(pass, &current, err);
	/* what was answered while somebody switched keys says nothing: the next pass asks again */
	for (size_t i = 0; rc == 0 && current && i < count; i++) {
		char laggard[SIGNERS_LAGGARD_LEN];
		snprintf(
		    laggard, sizeof(laggard), "%.*s", SIGNERS_LAGGARD_LEN - 1, answers[i].laggard);
		rc = store_signers_put(pass->store,
		    &(struct store_signers){.domain = answers[i].domain,
			.asked_at = asked_at,
			.needed = answers[i].needed,
			.agree = answers[i].agree,
			.laggard = laggard},
		    err);
		if (answers[i].agree)
			pass_tell(
			    pass, answers[i].domain, "-", "every milter signs as the table says");
		else
			pass_tell(pass, answers[i].domain, "-", "%s", laggard);
	}
	return store_end(pass->store, rc, err);
}

static bool
takes_for_active(const struct observed *d, const char *selector)
{
	for (size_t i = 0; i < d->domain.key_count; i++) {
		if (strcmp(d->keys[i].selector, selector) == 0 &&
		    key_state_signs(key_state_of(&d->keys[i].facts)))
			return true;
	}
	return false;
}

/* K13: after a restore the table may keep a key that the store takes for retired, or does not know.  Who agrees
 * with that table has left nothing. */
static int
doubt_answers(const struct pass *pass, const struct errand *errands, struct signers_answer *answers,
    size_t count, struct err *err)
{
	int64_t restored;

	if (store_number_get(pass->store, NUMBER_RESTORED, NEVER, &restored, err) != 0)
		return -1;
	for (size_t i = 0; restored != NEVER && i < count; i++) {
		const struct table_domain *t =
		    table_find_domain(pass->table, slice_of(answers[i].domain));
		for (size_t k = 0; t != NULL && k < t->key_count; k++) {
			if (takes_for_active(errands[i].share->d, t->keys[k].selector))
				continue;
			answers[i].agree = false;
			snprintf(answers[i].laggard, sizeof(answers[i].laggard),
			    "the signing table keeps %.64s, which signed before the store was put "
			    "back from a copy",
			    t->keys[k].selector);
		}
	}
	return 0;
}

int
pass_ask_signers(struct pass *pass, const struct errand *errands, size_t count, struct err *err)
{
	struct signers_answer *answers = calloc(count + 1, sizeof(*answers));
	int64_t asked_at = pass_now(pass);

	if (answers == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		answers[i].domain = errands[i].share->d->row->name;
	int rc = current_table(pass, err);
	if (rc == 0) {
		pass_between(pass, "ask");
		rc = pass->seams->ask_signers(
		    &pass->config->signers, pass->table, answers, count, err);
	}
	for (size_t i = 0; rc == 0 && i < count; i++)
		pass->milter_silent = pass->milter_silent || answers[i].silent;
	if (rc == 0)
		rc = doubt_answers(pass, errands, answers, count, err);
	if (rc == 0)
		rc = note_answers(pass, answers, count, asked_at, err);
	free(answers);
	return rc;
}
