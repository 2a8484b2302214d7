/* SPDX-License-Identifier: ISC */
#include "dkim/header.h"
#include "base/grow.h"

#include <stdlib.h>

const struct header_rule HEADER_RULES[] = {
    {"From", HEADER_OVERSIGN},
    {"To", HEADER_OVERSIGN},
    {"Cc", HEADER_OVERSIGN},
    {"Subject", HEADER_OVERSIGN},
    {"Reply-To", HEADER_OVERSIGN},
    {"Date", HEADER_SIGN_PLUS},
    {"Sender", HEADER_SIGN_PLUS},
    {"Message-ID", HEADER_SIGN_PLUS},
    {"MIME-Version", HEADER_SIGN_PLUS},
    {"Content-Type", HEADER_SIGN_PLUS},
    {"Content-Transfer-Encoding", HEADER_SIGN_PLUS},
    {"In-Reply-To", HEADER_SIGN_PLUS},
    {"References", HEADER_SIGN_PLUS},
    {"List-Unsubscribe", HEADER_SIGN_PLUS},
    {"List-Unsubscribe-Post", HEADER_SIGN_PLUS},
    {"Autocrypt", HEADER_SIGN_PLUS},
    {"Feedback-ID", HEADER_SIGN_PLUS},
    {"CFBL-Address", HEADER_SIGN_PLUS},
    /* RFC 2369, RFC 2919 */
    {"List-Id", HEADER_SIGN},
    {"List-Help", HEADER_SIGN},
    {"List-Subscribe", HEADER_SIGN},
    {"List-Post", HEADER_SIGN},
    {"List-Owner", HEADER_SIGN},
    {"List-Archive", HEADER_SIGN},
    /* RFC 5322 3.6.6, but for Resent-Bcc, which is removed on the way */
    {"Resent-Date", HEADER_SIGN},
    {"Resent-From", HEADER_SIGN},
    {"Resent-Sender", HEADER_SIGN},
    {"Resent-To", HEADER_SIGN},
    {"Resent-Cc", HEADER_SIGN},
    {"Resent-Message-ID", HEADER_SIGN},
    {NULL, HEADER_SIGN},
};

static struct slice
bare_name(struct slice name)
{
	while (name.len > 0 && ascii_is_wsp(name.ptr[name.len - 1]))
		name.len--;
	return name;
}

bool
header_name_eq(struct slice a, struct slice b)
{
	return slice_ieq(bare_name(a), bare_name(b));
}

size_t
header_count(const struct header_list *l, struct slice name)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		n += header_name_eq(l->fields[i].name, name);
	return n;
}

size_t
header_find_last(const struct header_list *l, struct slice name, size_t below)
{
	for (size_t i = below < l->count ? below : l->count; i > 0; i--) {
		if (header_name_eq(l->fields[i - 1].name, name))
			return i - 1;
	}
	return HEADER_ABSENT;
}

int
header_list_add(
    struct header_list *l, struct slice name, struct slice value, size_t count_max, struct err *err)
{
	if (l->count >= count_max)
		return err_set(
		    err, ERR_LIMIT, "the message has more than %zu header fields", count_max);
	struct header_field *fields = grow_array(l->fields, l->count, &l->cap, sizeof *fields);
	if (fields == NULL)
		return err_nomem(err);
	l->fields = fields;
	l->fields[l->count++] = (struct header_field){name, value};
	return 0;
}

void
header_list_clear(struct header_list *l)
{
	l->count = 0;
}

void
header_list_deinit(struct header_list *l)
{
	free(l->fields);
	*l = (struct header_list){NULL, 0, 0};
}

/* The line at `at` without its end; *next is where the following one starts. */
static struct slice
line_at(struct slice message, size_t at, size_t *next)
{
	struct slice rest = slice_from(message, at);
	size_t lf;

	if (!slice_find(rest, '\n', &lf)) {
		*next = message.len;
		return rest;
	}
	*next = at + lf + 1;
	return slice_sub(rest, 0, lf > 0 && rest.ptr[lf - 1] == '\r' ? lf - 1 : lf);
}

/* RFC 5322 2.2 and, for WSP before the colon, 4.5.1. */
static bool
split_field(struct slice line, size_t *colon)
{
	if (!slice_find(line, ':', colon))
		return false;
	struct slice name = bare_name(slice_sub(line, 0, *colon));
	for (size_t i = 0; i < name.len; i++) {
		if (!ascii_is_print(name.ptr[i]))
			return false;
	}
	return name.len > 0;
}

int
header_list_parse(struct header_list *l, struct slice message, size_t count_max, size_t *body_off,
    struct err *err)
{
	size_t at = 0, next, colon;

	while (at < message.len) {
		struct slice line = line_at(message, at, &next);
		if (line.len == 0) {
			at = next;
			break;
		}
		if (!split_field(line, &colon))
			break;
		size_t end = at + line.len, start = at;
		while (next < message.len && ascii_is_wsp(message.ptr[next])) {
			size_t fold = next;
			end = fold + line_at(message, fold, &next).len;
		}
		struct slice value = slice_sub(message, start + colon + 1, end - start - colon - 1);
		if (header_list_add(l, slice_sub(message, start, colon), value, count_max, err) !=
		    0)
			return -1;
		at = next;
	}
	*body_off = at;
	return 0;
}

static size_t
rule_extra(enum header_cover cover, size_t present)
{
	switch (cover) {
	case HEADER_SIGN:
		return 0;
	case HEADER_SIGN_PLUS:
		return present > 0 ? 1 : 0;
	case HEADER_OVERSIGN:
		break;
	}
	return 1;
}

static int
alloc_picks(struct header_picks *p, size_t count, struct arena *arena, struct err *err)
{
	p->count = 0;
	p->picks = arena_alloc(arena, (count == 0 ? 1 : count) * sizeof *p->picks);
	if (p->picks == NULL)
		return err_set(
		    err, ERR_LIMIT, "no room for a list of %zu signed header fields", count);
	return 0;
}

static void
add_pick(struct header_picks *p, struct slice name, size_t index)
{
	p->picks[p->count++] = (struct header_pick){name, index};
}

/* For each field the number of its rule, rule_count when there is none: one look at each name, however many rules. */
static size_t *
match_rules(const struct header_list *l, const struct header_rule *rules, size_t rule_count,
    struct arena *arena)
{
	size_t *match = arena_alloc(arena, (l->count + 1) * sizeof *match);
	struct slice *names = arena_alloc(arena, (rule_count + 1) * sizeof *names);

	if (match == NULL || names == NULL)
		return NULL;
	for (size_t r = 0; r < rule_count; r++)
		names[r] = slice_of(rules[r].name);
	for (size_t i = 0; i < l->count; i++) {
		struct slice name = bare_name(l->fields[i].name);
		size_t r = 0;
		while (r < rule_count && (names[r].len != name.len || !slice_ieq(names[r], name)))
			r++;
		match[i] = r;
	}
	return match;
}

/* Distinct rules take distinct fields, so the fields and one extra for each rule are room enough. */
int
header_pick_all(const struct header_list *l, const struct header_rule *rules, struct arena *arena,
    struct header_picks *out, struct err *err)
{
	size_t rule_count = 0;

	while (rules[rule_count].name != NULL)
		rule_count++;
	if (alloc_picks(out, l->count + rule_count, arena, err) != 0)
		return -1;
	const size_t *match = match_rules(l, rules, rule_count, arena);
	if (match == NULL)
		return err_set(err, ERR_LIMIT, "no room for a header of %zu fields", l->count);
	for (size_t r = 0; r < rule_count; r++) {
		struct slice name = slice_of(rules[r].name);
		size_t before = out->count;
		/* RFC 6376 5.4.2: from the bottom of the header block to the top */
		for (size_t i = l->count; i > 0; i--)
			if (match[i - 1] == r)
				add_pick(out, name, i - 1);
		if (rule_extra(rules[r].cover, out->count - before) > 0)
			add_pick(out, name, HEADER_ABSENT);
	}
	return 0;
}

static bool
next_name(struct slice h, size_t *off, struct slice *name)
{
	size_t len;

	if (*off > h.len)
		return false;
	struct slice rest = slice_from(h, *off);
	if (!slice_find(rest, ':', &len))
		len = rest.len;
	*name = slice_trim(slice_sub(rest, 0, len));
	*off += len + 1;
	return true;
}

/* Others write both header and h=, so that no entry may cost a look at each field: the names in order. */
struct named {
	struct slice name;
	size_t index;
	size_t left; /* of the first of its name: how many h= has not taken */
};

static int
compare_names(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	for (size_t i = 0; i < a.len; i++) {
		int diff = ascii_lower(a.ptr[i]) - ascii_lower(b.ptr[i]);
		if (diff != 0)
			return diff;
	}
	return 0;
}

static int
by_name(const void *one, const void *other)
{
	const struct named *a = one, *b = other;
	int diff = compare_names(a->name, b->name);

	return diff != 0 ? diff : (a->index > b->index) - (a->index < b->index);
}

static struct named *
sort_names(const struct header_list *l, struct arena *arena)
{
	struct named *names = arena_alloc(arena, (l->count + 1) * sizeof *names);
	size_t first = 0;

	if (names == NULL)
		return NULL;
	for (size_t i = 0; i < l->count; i++)
		names[i] = (struct named){bare_name(l->fields[i].name), i, 0};
	qsort(names, l->count, sizeof *names, by_name);
	for (size_t i = 0; i < l->count; i++) {
		if (compare_names(names[first].name, names[i].name) != 0)
			first = i;
		names[first].left++;
	}
	return names;
}

/* The last field of that name that no earlier entry of h= has taken. */
static size_t
take_last(struct named *names, size_t count, struct slice name)
{
	size_t low = 0, high = count;

	name = bare_name(name);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_names(names[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count || names[low].left == 0 || compare_names(names[low].name, name) != 0)
		return HEADER_ABSENT;
	return names[low + --names[low].left].index;
}

int
header_pick_named(const struct header_list *l, struct slice h_tag, struct arena *arena,
    struct header_picks *out, struct err *err)
{
	struct slice name;
	size_t count = 0, off = 0;

	while (next_name(h_tag, &off, &name))
		count++;
	if (alloc_picks(out, count, arena, err) != 0)
		return -1;
	struct named *names = sort_names(l, arena);
	if (names == NULL)
		return err_set(err, ERR_LIMIT, "no room for a header of %zu fields", l->count);
	for (off = 0; next_name(h_tag, &off, &name);)
		add_pick(out, name, take_last(names, l->count, name));
	return 0;
}
