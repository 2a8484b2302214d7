/* SPDX-License-Identifier: ISC */
#include "keys/diagnose_seen.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

struct seen *
seen_new(void)
{
	return calloc(1, sizeof(struct seen));
}

void
seen_free(struct seen *s)
{
	if (s != NULL)
		free(s->replies);
	free(s);
}

struct seen_reply *
seen_add(struct seen *s)
{
	if (s->reply_count == s->reply_room) {
		size_t room = s->reply_room == 0 ? ROOM_FIRST : 2 * s->reply_room;
		struct seen_reply *more = realloc(s->replies, room * sizeof(*more));
		if (more == NULL)
			return NULL;
		s->replies = more;
		s->reply_room = room;
	}
	struct seen_reply *r = &s->replies[s->reply_count++];
	memset(r, 0, sizeof(*r));
	r->ede = -1;
	r->case_kept = true;
	return r;
}

uint8_t
seen_put_text(struct seen *s, struct slice text)
{
	struct slice kept = slice_sub(text, 0, SEEN_TEXT_LEN);
	for (size_t i = 0; i < s->text_count; i++)
		if (slice_eq(kept, slice_new(s->texts[i].octets, s->texts[i].len)))
			return (uint8_t)i;
	if (s->text_count == SEEN_TEXTS_MAX)
		return SEEN_TEXTS_MAX - 1;
	struct seen_text *t = &s->texts[s->text_count];
	if (kept.len > 0)
		memcpy(t->octets, kept.ptr, kept.len);
	t->len = kept.len;
	return (uint8_t)s->text_count++;
}

struct slice
seen_text(const struct seen *s, const struct seen_reply *r, size_t nr)
{
	if (nr >= r->txts || nr >= SEEN_RECORDS_MAX)
		return slice_of("");
	const struct seen_text *t = &s->texts[r->texts[nr]];
	return slice_new(t->octets, t->len);
}

const struct seen_reply *
seen_find(const struct seen *s, enum seen_what what, const struct sweep_answer *a)
{
	for (size_t i = 0; i < s->reply_count; i++) {
		const struct seen_reply *r = &s->replies[i];
		if (r->what == what && r->link == a->link && r->endpoint.port == a->endpoint.port &&
		    ip_addr_eq(&r->endpoint.addr, &a->endpoint.addr))
			return r;
	}
	return NULL;
}

bool
seen_is_last(const struct seen *s, const struct seen_reply *r)
{
	return r->what == SEEN_TXT && r->link + 1u == s->sweep.link_count;
}
