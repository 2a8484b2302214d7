/* SPDX-License-Identifier: ISC */
/* look_notes.c - what a sweep tells beside its verdict: servers, TTLs, the alias, the domain itself. */
#include "keys/looks.h"
#include "keys/sweep_verdict.h"
#include "signpost/look_judge.h"

#include <stdio.h>
#include <string.h>

static int
note_servers(const struct look_judgement *j, const struct sweep *now, struct err *err)
{
	for (size_t l = 0; l < now->link_count; l++) {
		struct store_server listed[SWEEP_SERVERS_MAX];
		size_t n = 0;
		for (size_t i = 0; i < now->count; i++) {
			const struct sweep_answer *a = &now->answers[i];
			if (a->link != l || a->former || a->listed_ttl_s == 0)
				continue;
			memcpy(listed[n].host, a->server, sizeof(listed[n].host));
			listed[n].endpoint = a->endpoint;
			listed[n].last_listed = now->ended_at;
			listed[n++].ttl_s = a->listed_ttl_s;
		}
		if (n > 0 && store_servers_put(j->store, now->links[l].zone, listed, n, err) != 0)
			return -1;
	}
	return 0;
}

static bool
serves_other(const struct sweep *s)
{
	for (size_t i = 0; i < s->count; i++) {
		switch (s->answers[i].found) {
		case FOUND_TOMBSTONE:
		case FOUND_OTHER_KEY:
		case FOUND_OTHER_TEXT:
		case FOUND_SEVERAL:
			return true;
		default:
			break;
		}
	}
	return s->alias == ALIAS_WRONG || s->alias == ALIAS_PROXIED;
}

/* K4: kept with the domain, for the keys that follow. */
static int
note_negative(
    const struct look_judgement *j, const struct sweep *now, int64_t *max_s, struct err *err)
{
	struct store_domain row = *j->d->row;
	int64_t negative = now->negative_max_s;

	*max_s = NEVER;
	if (j->d->domain.policy->mode == MODE_DELEGATED && now->negative_parent_s > negative)
		negative = now->negative_parent_s;
	if (negative == SWEEP_UNKNOWN)
		return 0;
	struct looks_negative n = {row.negative_max_s, row.negative_lower_since};
	(void)looks_negative(&n, negative, now->ended_at, j->untrusted);
	*max_s = n.max_s;
	row.negative_max_s = n.max_s;
	row.negative_lower_since = n.lower_since;
	row.negative_at = now->ended_at;
	return store_domain_negative(j->store, &row, err);
}

/* K3, K4, K20, K24: what receivers may remember. */
static int
note_ttls(const struct look_judgement *j, const struct sweep *now, struct err *err)
{
	struct store_key key = j->d->keys[j->step->key];
	const struct store_key was = key;
	int64_t negative;

	if (note_negative(j, now, &negative, err) != 0)
		return -1;
	if (negative > key.negative_max_s)
		key.negative_max_s = negative;
	if (now->ttl_max_s > key.ttl_max_s)
		key.ttl_max_s = now->ttl_max_s;
	/* K20; and what a person has typed wrongly is remembered as long as if it were right */
	if ((now->wildcard || (j->step->expect == EXPECT_RECORD && serves_other(now))) &&
	    now->ttl_max_s > key.previous_ttl_s)
		key.previous_ttl_s = now->ttl_max_s;
	if (key.negative_max_s == was.negative_max_s && key.ttl_max_s == was.ttl_max_s &&
	    key.previous_ttl_s == was.previous_ttl_s)
		return 0;
	return store_key_raise(j->store, &key, err);
}

const char *
look_alias_wrong(enum sweep_alias alias)
{
	switch (alias) {
	case ALIAS_NONE_WANTED:
	case ALIAS_RIGHT:
	case ALIAS_FLATTENED:
	case ALIAS_UNKNOWN:
		return NULL;
	case ALIAS_MISSING:
		return "is missing";
	case ALIAS_WRONG:
		return "leads elsewhere";
	case ALIAS_PROXIED:
		return "is proxied, addresses answer in its place";
	case ALIAS_DIFFERS:
		return "is not the same at every server";
	}
	return NULL;
}

static int
note_alias(const struct look_judgement *j, const struct sweep *now, struct err *err)
{
	const struct store_domain *row = j->d->row;
	const struct store_key *key = &j->d->keys[j->step->key];
	char why[sizeof(row->alias_why)];

	if (j->d->domain.policy->mode == MODE_DELEGATED && !now->delegated && now->count > 0) {
		snprintf(why, sizeof(why), "_domainkey.%.100s is not delegated to us", row->name);
		return store_domain_alias(j->store, row->name, true, why, err);
	}
	if (now->alias == ALIAS_UNKNOWN)
		return 0;
	const char *wrong = look_alias_wrong(now->alias);
	/* the alias of another key is another matter */
	size_t len = strlen(key->selector);
	bool other =
	    row->alias_wrong && key->slot >= 0 && strncmp(row->alias_why, key->selector, len) != 0;
	if (wrong == NULL)
		return row->alias_wrong && !other
			   ? store_domain_alias(j->store, row->name, false, "", err)
			   : 0;
	snprintf(why, sizeof(why), "%s: the CNAME %s; it is to lead to %.90s", key->selector, wrong,
	    key->owner);
	return store_domain_alias(j->store, row->name, true, why, err);
}

static int
note_gone(const struct look_judgement *j, const struct sweep *now, struct err *err)
{
	const struct store_domain *row = j->d->row;

	if (row->is_gone == now->domain_gone)
		return 0;
	return store_domain_mark(j->store,
	    &(struct store_marking){row->name, MARK_GONE, now->domain_gone ? now->ended_at : NEVER},
	    NULL, err);
}

int
look_note(const struct look_judgement *j, const struct sweep *now, struct err *err)
{
	if (note_servers(j, now, err) != 0 || note_ttls(j, now, err) != 0 ||
	    note_alias(j, now, err) != 0)
		return -1;
	return note_gone(j, now, err);
}
