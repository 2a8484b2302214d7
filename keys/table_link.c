/* SPDX-License-Identifier: ISC */
#include "keys/table_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Equal names stay in file order, so that the later row is the one refused. */
static int
domain_cmp(const void *va, const void *vb)
{
	const struct table_domain *a = va, *b = vb;
	int order = slice_cmp(slice_of(a->name), slice_of(b->name));

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static int
login_cmp(const void *va, const void *vb)
{
	const struct table_allow *a = *(const struct table_allow *const *)va;
	const struct table_allow *b = *(const struct table_allow *const *)vb;
	int order = strcmp(a->login, b->login);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static int
sort_domains(struct table_parser *p, struct err *err)
{
	struct table *t = p->table;

	if (t->domain_count > 1)
		qsort(t->domains, t->domain_count, sizeof *t->domains, domain_cmp);
	for (size_t i = 1; i < t->domain_count; i++) {
		const struct table_domain *a = &t->domains[i - 1], *b = &t->domains[i];
		if (strcmp(a->name, b->name) == 0)
			return table_refuse(p, b->line, err,
			    "domain %s is already in line %" PRIu32 "; keep one of the two rows",
			    b->name, a->line);
	}
	return 0;
}

/* Finds the domain of each key and counts; the domain's `keys` is set by place_keys. */
static int
own_keys(struct table_parser *p, struct err *err)
{
	struct table *t = p->table;

	for (size_t i = 0; i < p->key_count; i++) {
		struct table_row_key *row = &p->keys[i];
		const struct table_domain *found = table_find_domain(t, slice_of(row->domain));
		if (found == NULL)
			return table_refuse(p, row->key.line, err,
			    "key of %s, which has no domain row; write `domain %s` before it",
			    row->domain, row->domain);
		if (found->line > row->key.line)
			return table_refuse(p, row->key.line, err,
			    "key of %s stands before its domain row in line %" PRIu32
			    "; move it behind",
			    row->domain, found->line);
		row->owner = (size_t)(found - t->domains);
		if (t->domains[row->owner].key_count++ == TABLE_KEYS_MAX)
			return table_refuse(p, row->key.line, err,
			    "more than %d keys for %s, and all of them would sign; take out the "
			    "old ones",
			    TABLE_KEYS_MAX, row->domain);
	}
	return 0;
}

static int
place_keys(struct table_parser *p, struct err *err)
{
	struct table *t = p->table;
	size_t at = 0;

	for (size_t i = 0; i < t->domain_count; i++) {
		t->domains[i].keys = &t->keys[at];
		at += t->domains[i].key_count;
		t->domains[i].key_count = 0;
	}
	t->key_count = at;
	for (size_t i = 0; i < p->key_count; i++) {
		const struct table_row_key *row = &p->keys[i];
		struct table_domain *owner = &t->domains[row->owner];
		for (size_t k = 0; k < owner->key_count; k++)
			if (slice_ieq(
				slice_of(owner->keys[k].selector), slice_of(row->key.selector)))
				return table_refuse(p, row->key.line, err,
				    "selector %s of %s is already in line %" PRIu32
				    "; keep one of the two rows",
				    row->key.selector, owner->name, owner->keys[k].line);
		t->keys[(size_t)(owner->keys - t->keys) + owner->key_count++] = row->key;
	}
	return 0;
}

static int
sort_logins(struct table_parser *p, struct err *err)
{
	struct table *t = p->table;

	for (size_t i = 0; i < t->allow_count; i++)
		t->login_count += t->allows[i].kind == ALLOW_LOGIN;
	t->logins = arena_alloc(p->arena, t->login_count * sizeof *t->logins);
	if (t->logins == NULL)
		return err_nomem(err);
	for (size_t i = 0, n = 0; i < t->allow_count; i++)
		if (t->allows[i].kind == ALLOW_LOGIN)
			t->logins[n++] = &t->allows[i];
	if (t->login_count > 1)
		qsort(t->logins, t->login_count, sizeof(struct table_allow *), login_cmp);
	for (size_t i = 1; i < t->login_count; i++) {
		const struct table_allow *a = t->logins[i - 1], *b = t->logins[i];
		if (strcmp(a->login, b->login) == 0)
			return table_refuse(p, b->line, err,
			    "login %.80s is already in line %" PRIu32 "; join the two rows",
			    b->login, a->line);
	}
	return 0;
}

int
table_link(struct table_parser *p, struct err *err)
{
	struct table *t = p->table;

	t->keys = arena_alloc(p->arena, p->key_count * sizeof *t->keys);
	if (t->keys == NULL)
		return err_nomem(err);
	if (sort_domains(p, err) != 0 || own_keys(p, err) != 0 || place_keys(p, err) != 0)
		return -1;
	return sort_logins(p, err);
}
