/* SPDX-License-Identifier: ISC */
#include "dkim/verify_absent.h"

#include <string.h>

#define COVERS_MAX 128 /* each is compared with the others, and with the message's fields */
#define FIELDS_MAX 1000
#define LIST_LEN   190 /* what a verdict shows of it */
#define NAME_SHOW  40

/* How a signer counts most of the fields that are there. */
enum habit {
	HABIT_UNKNOWN, /* now so, now so; or nothing can be seen */
	HABIT_EXACT,   /* as many as there are: what is absent is not named */
	HABIT_ONE_MORE /* oversigned: what is absent may be named once */
};

struct group {
	struct slice name;
	size_t named, there;
	bool first; /* the cover is the first one of its name */
};

static struct group
group_of(const struct mutation_message *m, const struct cover_list *l, size_t cover)
{
	struct group g = {.name = l->covers[cover].name, .first = true};

	for (size_t i = 0; i < l->count; i++) {
		bool same = header_name_eq(l->covers[i].name, g.name);
		g.named += same;
		g.first = g.first && (!same || i >= cover);
	}
	g.there = header_count(m->others, g.name);
	return g;
}

/* From tells nothing: it is oversigned by many who oversign nothing else. */
static enum habit
habit_of(const struct mutation_message *m, const struct cover_list *l)
{
	size_t exact = 0, more = 0;

	for (size_t i = 0; i < l->count; i++) {
		struct group g = group_of(m, l, i);
		if (!g.first || g.there == 0 || header_name_eq(g.name, SLICE_LIT("From")))
			continue;
		exact += g.named == g.there;
		more += g.named == g.there + 1;
	}
	if (more > 2 * exact)
		return HABIT_ONE_MORE;
	return exact > 2 * more ? HABIT_EXACT : HABIT_UNKNOWN;
}

/* All mail has them (RFC 5322 3.6, 3.6.4). */
static bool
is_in_all_mail(struct slice name)
{
	return header_name_eq(name, SLICE_LIT("Date")) ||
	       header_name_eq(name, SLICE_LIT("Message-ID"));
}

/* VERIFY_SAY_COUNT: nothing is missing. */
static enum verify_say
judge(const struct group *g, enum habit habit)
{
	if (g->named <= g->there || (g->named == g->there + 1 && g->there > 0))
		return VERIFY_SAY_COUNT;
	/* twice and none there: one was there, and one more was named */
	if (g->named > g->there + 1 || habit == HABIT_EXACT || is_in_all_mail(g->name))
		return VERIFY_SAY_REMOVED;
	return habit == HABIT_ONE_MORE ? VERIFY_SAY_ABSENT_SIGNED : VERIFY_SAY_ABSENT;
}

static void
put(const struct group *g, enum verify_say say, struct buf *out)
{
	buf_put_str(out, out->len > 0 ? ", " : "");
	buf_put(out, slice_sub(g->name, 0, NAME_SHOW));
	if (say != VERIFY_SAY_REMOVED)
		return;
	buf_printf(out, g->named == 1 ? " (named once" : " (named %zu times", g->named);
	buf_printf(out, g->there == 0 ? ", none is there)" : ", %zu there)", g->there);
}

void
absent_tell(
    const struct mutation_message *m, const struct cover_list *l, struct verify_words *words)
{
	static const enum verify_say SAYS[] = {
	    VERIFY_SAY_REMOVED, VERIFY_SAY_ABSENT_SIGNED, VERIFY_SAY_ABSENT};
	struct buf names;

	if (l->count > COVERS_MAX || m->others->count > FIELDS_MAX)
		return;
	enum habit habit = habit_of(m, l);
	for (size_t k = 0; k < sizeof(SAYS) / sizeof(SAYS[0]); k++) {
		buf_init(&names, LIST_LEN);
		for (size_t i = 0; i < l->count && names.state == BUF_OK; i++) {
			struct group g = group_of(m, l, i);
			if (g.first && judge(&g, habit) == SAYS[k])
				put(&g, SAYS[k], &names);
		}
		if (names.len > 0)
			verify_tell(
			    words, SAYS[k], buf_slice(&names), slice_of(NULL), slice_of(NULL));
		buf_deinit(&names);
	}
}
