/* SPDX-License-Identifier: ISC */
#include "signpost/keymaker.h"
#include "keys/keyfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct making {
	const struct keymaker *m;
	enum key_alg alg;
	struct store_key *rows; /* all keys of the domain */
	size_t row_count;
	const struct store_slot *slot; /* or NULL */
	struct store_key row;
};

/* A slot has one name for all of its keys: an old one that was put back there would be in the way for ever. */
static int
clear_slot(const struct keymaker *m, const struct orphan_query *query, struct err *err)
{
	bool cleared;

	if (keyfile_clear_name(query, &cleared, err) != 0)
		return -1;
	return !cleared
		   ? 0
		   : store_event_put(m->store,
			 &(struct store_event){m->now, m->verb, m->domain, query->selector,
			     "the private key of an old key was put back: it is deleted again"},
			 err);
}

static int
make_file(struct making *mk, struct dkim_key **key, struct err *err)
{
	const struct keymaker *m = mk->m;
	const char *dir = store_dir(m->store);
	struct orphan_query query = {.store = m->store,
	    .domain = m->domain,
	    .alg = mk->alg,
	    .selector = mk->slot == NULL ? NULL : mk->slot->token,
	    .rows = mk->rows,
	    .row_count = mk->row_count};

	if (keyfile_find_orphan(&query, mk->row.selector, err) != 0)
		return -1;
	if (mk->row.selector[0] != '\0')
		return keyfile_read(dir, m->domain, mk->row.selector, key, err);
	if (mk->slot != NULL) {
		snprintf(mk->row.selector, sizeof(mk->row.selector), "%s", mk->slot->token);
		if (clear_slot(m, &query, err) != 0)
			return -1;
	} else if (selector_generate(m->now, mk->row.selector, err) != 0) {
		return -1;
	}
	if (m->ready != NULL && *m->ready != NULL && mk->alg == KEY_RSA_SHA256) {
		*key = *m->ready;
		*m->ready = NULL;
	} else if (dkim_key_generate(mk->alg, mk->alg == KEY_RSA_SHA256 ? m->policy->rsa_bits : 0,
		       key, err) != 0) {
		return -1;
	}
	return keyfile_write(dir, m->domain, mk->row.selector, *key, err);
}

/* What receivers may remember of the slot's last key and of its tombstone (K6). */
static int64_t
previous_ttl(const struct making *mk)
{
	int64_t ttl = mk->m->policy->ttl_s;

	if (mk->slot->previous_ttl_s > ttl)
		ttl = mk->slot->previous_ttl_s;
	for (size_t i = 0; i < mk->row_count; i++) {
		const struct store_key *k = &mk->rows[i];
		if (k->alg == mk->alg && k->slot == mk->slot->n && k->ttl_max_s > ttl)
			ttl = k->ttl_max_s;
	}
	return ttl;
}

/* What was seen of its CNAME while it was free is of that time. */
static int
forget_alias(const struct making *mk, struct err *err)
{
	struct store_slot slot = *mk->slot;

	slot.looked_at = NEVER;
	slot.alias_why[0] = '\0';
	slot.wrong_looks = 0;
	return store_slot_looked(mk->m->store, &slot, NULL, err);
}

static int
make_row(struct making *mk, const struct dkim_key *key, struct err *err)
{
	const struct keymaker *m = mk->m;
	struct store_key *row = &mk->row;
	struct buf record;

	buf_init(&record, RECORD_LEN_MAX);
	int rc = key_record_format(key, &record, err);
	if (rc == 0)
		rc = buf_check(&record, "key record", err);
	if (rc == 0 && mk->slot != NULL)
		rc = keymaker_slot_names(m->policy, mk->slot, row->owner, row->alias, err);
	if (rc == 0 && mk->slot != NULL)
		rc = forget_alias(mk, err);
	if (rc == 0) {
		snprintf(row->domain, sizeof(row->domain), "%s", m->domain);
		snprintf(row->policy, sizeof(row->policy), "%s", m->policy->name);
		snprintf(row->record, sizeof(row->record), "%s", buf_str(&record));
		row->alg = mk->alg;
		row->slot = mk->slot == NULL ? -1 : mk->slot->n;
		row->ttl_s = row->ttl_max_s = m->policy->ttl_s;
		row->previous_ttl_s = mk->slot == NULL ? 0 : previous_ttl(mk);
		row->bits = dkim_key_bits(key);
		dkim_key_spki_hash(key, row->spki_hash);
		rc = store_key_put(m->store, row, m->now, m->verb, err);
	}
	buf_deinit(&record);
	return rc;
}

/* One of the other mode is none of ours: it will never sign again. */
static bool
has_unsigned(const struct making *mk)
{
	for (size_t i = 0; i < mk->row_count; i++) {
		if (mk->rows[i].alg == mk->alg && (mk->rows[i].slot >= 0) == (mk->slot != NULL) &&
		    key_state_of(&mk->rows[i].facts) <= KEY_STATE_READY)
			return true;
	}
	return false;
}

static const struct store_slot *
find_slot(const struct store_slot *slots, size_t count, enum key_alg alg, int n)
{
	for (size_t i = 0; i < count; i++) {
		if (slots[i].alg == alg && slots[i].n == n)
			return &slots[i];
	}
	return NULL;
}

static int
make_locked(struct making *mk, bool *made, struct err *err)
{
	struct dkim_key *key = NULL;

	if (store_keys(mk->m->store, mk->m->domain, &mk->rows, &mk->row_count, err) != 0)
		return -1;
	if (has_unsigned(mk))
		return 0;
	int rc = make_file(mk, &key, err);
	if (rc == 0)
		rc = make_row(mk, key, err);
	dkim_key_free(key);
	*made = rc == 0;
	return rc;
}

int
keymaker_make(const struct keymaker *m, enum key_alg alg, int slot, bool *made, struct err *err)
{
	struct making mk = {.m = m, .alg = alg};
	struct store_select select = store_select_domain(m->domain);
	struct store_slot *slots = NULL;
	size_t count = 0;

	*made = false;
	/* two at once would each make a key, or take the other's file for a lost one */
	int lock =
	    m->locked ? -1 : store_lock(store_dir(m->store), STORE_LOCK_ADD, STORE_WAIT_MS, err);
	if (lock < 0 && !m->locked)
		return -1;
	int rc = slot < 0 ? 0 : store_slots_select(m->store, &select, &slots, &count, err);
	if (rc == 0 && slot >= 0) {
		mk.slot = find_slot(slots, count, alg, slot);
		if (mk.slot == NULL)
			rc = err_set(err, ERR_INPUT, "%s has no slot %d for %s", m->domain,
			    slot + 1, key_alg_name(alg));
	}
	if (rc == 0)
		rc = make_locked(&mk, made, err);
	free(mk.rows);
	free(slots);
	if (lock >= 0)
		close(lock);
	return rc;
}

static int
make_slot(const struct keymaker *m, enum key_alg alg, int n, struct err *err)
{
	struct store_slot slot = {
	    .alg = alg, .n = n, .prepared_at = NEVER, .free_at = NEVER, .deed_at = NEVER};
	char text[128];

	snprintf(slot.domain, sizeof(slot.domain), "%s", m->domain);
	if (slot_token_generate(slot.token, err) != 0)
		return -1;
	snprintf(text, sizeof(text), "slot %d for %s", n + 1, key_alg_name(alg));
	return store_slot_put(m->store, &slot,
	    &(struct store_event){m->now, m->verb, m->domain, slot.token, text}, err);
}

int
keymaker_slots(const struct keymaker *m, struct err *err)
{
	struct store_select select = store_select_domain(m->domain);
	struct store_slot *slots = NULL;
	size_t count = 0;

	if (m->policy->mode != MODE_SLOTS)
		return 0;
	if (store_begin(m->store, err) != 0)
		return -1;
	int rc = store_slots_select(m->store, &select, &slots, &count, err);
	for (size_t a = 0; rc == 0 && a < m->policy->algorithm_count; a++) {
		for (int n = 0; rc == 0 && n < (int)m->policy->slots; n++) {
			if (find_slot(slots, count, m->policy->algorithms[a], n) == NULL)
				rc = make_slot(m, m->policy->algorithms[a], n, err);
		}
	}
	free(slots);
	return store_end(m->store, rc, err);
}

int
keymaker_slot_names(const struct key_policy *policy, const struct store_slot *slot,
    char owner[static SWEEP_NAME_LEN], char alias[static SWEEP_NAME_LEN], struct err *err)
{
	if (snprintf(owner, SWEEP_NAME_LEN, "%s.%s", slot->token, policy->slot_zone) >=
		SWEEP_NAME_LEN ||
	    snprintf(alias, SWEEP_NAME_LEN, "%s._domainkey.%s", slot->token, slot->domain) >=
		SWEEP_NAME_LEN)
		return err_set(err, ERR_LIMIT, "%s is too long for a key below it", slot->domain);
	return 0;
}
