/* SPDX-License-Identifier: ISC */
#include "milter/session_header.h"

#include "dkim/signature.h"
#include "dkim/taglist.h"

#include <string.h>

#define ARENA_SLACK	16384 /* login, alignment */
#define RULES_MAX	64    /* names of HEADER_RULES that are oversigned while absent, and more */
#define FIELD_OVERHEAD	64    /* of the arena, for each field */
#define FIELD_LIST_KEPT 1024  /* entries of the list that stay allocated between messages */

void
session_header_init(struct session_header *h)
{
	memset(h, 0, sizeof(*h));
	arena_init(&h->arena, ARENA_SLACK);
}

void
session_header_deinit(struct session_header *h)
{
	header_list_deinit(&h->list);
	arena_deinit(&h->arena);
}

void
session_header_reset(struct session_header *h)
{
	struct arena arena = h->arena;
	struct header_list list = h->list;

	arena_clear(&arena);
	header_list_clear(&list);
	if (list.cap > FIELD_LIST_KEPT)
		header_list_deinit(&list);
	memset(h, 0, sizeof(*h));
	h->arena = arena;
	h->list = list;
}

void
session_header_begin(struct session_header *h, const struct table_settings *caps)
{
	size_t picks = ((size_t)caps->header_count_max + RULES_MAX) * sizeof(struct header_pick);

	h->len_max = caps->header_len_max;
	h->count_max = caps->header_count_max;
	h->arena.len_max = h->len_max + (size_t)h->count_max * FIELD_OVERHEAD +
			   picks * TABLE_KEYS_MAX + ARENA_SLACK;
}

struct slice
session_header_keep(struct session_header *h, struct slice s)
{
	struct slice kept = arena_copy(&h->arena, s);

	if (kept.ptr != NULL)
		return kept;
	h->out_of_memory = true;
	(void)err_nomem(&h->err);
	return slice_of(NULL);
}

/* RFC 5322 2.2, 4.5.1.  Readers differ in what they make of other octets, so such a field may be a From to one. */
static bool
is_field_name(struct slice name)
{
	while (name.len > 0 && ascii_is_wsp(name.ptr[name.len - 1]))
		name.len--;
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_print(name.ptr[i]))
			return false;
	return name.len > 0;
}

/* Octets by which the value grows when each LF becomes CRLF; *is_bad for a CR or LF that is no fold, and for NUL. */
static size_t
growth(struct slice v, bool *is_bad)
{
	size_t n = 0;

	if (memchr(v.ptr, '\n', v.len) == NULL && memchr(v.ptr, '\r', v.len) == NULL) {
		*is_bad = memchr(v.ptr, '\0', v.len) != NULL;
		return 0;
	}
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] == '\0' ||
		    (v.ptr[i] == '\r' && (i + 1 == v.len || v.ptr[i + 1] != '\n')))
			*is_bad = true;
		if (v.ptr[i] != '\n')
			continue;
		if (i + 1 == v.len || !ascii_is_wsp(v.ptr[i + 1]))
			*is_bad = true;
		n += i == 0 || v.ptr[i - 1] != '\r';
	}
	return n;
}

static struct slice
keep_with_crlf(struct session_header *h, struct slice v, size_t grown)
{
	uint8_t *to;
	size_t n = 0;

	if (grown == 0)
		return session_header_keep(h, v);
	to = arena_alloc(&h->arena, v.len + grown);
	if (to == NULL) {
		h->out_of_memory = true;
		(void)err_nomem(&h->err);
		return slice_of(NULL);
	}
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] == '\n' && (i == 0 || v.ptr[i - 1] != '\r'))
			to[n++] = '\r';
		to[n++] = v.ptr[i];
	}
	return slice_new(to, n);
}

void
session_header_add(struct session_header *h, struct slice name, struct slice value)
{
	bool is_from = header_name_eq(name, SLICE_LIT("From")), is_bad = false;
	size_t grown;

	if (value.ptr == NULL)
		value = SLICE_LIT("");
	grown = growth(value, &is_bad);
	h->has_bad_octets |= is_bad || !is_field_name(name);
	h->from_count += is_from;
	h->signature_count += header_name_eq(name, SLICE_LIT(SIGNATURE_NAME));
	/* 3: the colon and the CRLF are part of what came */
	if (h->list.count >= h->count_max || name.len + value.len + grown + 3 > h->len_max - h->len)
		h->is_over_limit = true;
	if (h->is_over_limit || h->out_of_memory)
		return;
	h->len += name.len + value.len + grown + 3;
	name = session_header_keep(h, name);
	value = keep_with_crlf(h, value, grown);
	if (!h->out_of_memory && header_list_add(&h->list, name, value, h->count_max, &h->err) != 0)
		h->out_of_memory = true;
	if (is_from && !h->out_of_memory)
		h->from = value;
}

static bool
has_signature_of(const void *arg, struct slice domain)
{
	const struct session_header *h = arg;

	for (size_t i = 0; i < h->list.count; i++) {
		const struct header_field *f = &h->list.fields[i];
		char name[DOMAIN_LEN_MAX + 1];
		struct err err = ERR_INIT;
		struct taglist tags;
		const struct tag *d;

		if (!header_name_eq(f->name, SLICE_LIT(SIGNATURE_NAME)) ||
		    taglist_parse(f->value, &tags, &err) != 0)
			continue;
		d = taglist_get(&tags, "d");
		if (d != NULL && domain_normalize(d->value, name, &err) == 0 &&
		    slice_eq_str(domain, name))
			return true;
	}
	return false;
}

void
session_header_facts(const struct session_header *h, struct policy_facts *f)
{
	f->from_count = h->from_count;
	f->from = h->from;
	f->header_has_nul = h->has_bad_octets;
	f->header_over_limit = h->is_over_limit;
	f->signature_count = h->signature_count;
	f->has_signature_of = has_signature_of;
	f->has_signature_arg = h;
}
