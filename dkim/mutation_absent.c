/* SPDX-License-Identifier: ISC */
/* mutation_absent.c - a field that h= names and that is not there: the values that it has in most mail. */
#include "dkim/mutation_field.h"

#define NAME_SHOW   64
#define ADDRESS_MAX 1000

static const struct {
	const char *name, *value;
} USUAL[] = {
    {"MIME-Version", " 1.0"},
    {"MIME-Version", " 1.0 (1.0)"},
    {"Content-Type", " text/plain; charset=utf-8"},
    {"Content-Type", " text/plain; charset=UTF-8"},
    {"Content-Type", " text/plain; charset=\"utf-8\""},
    {"Content-Type", " text/plain; charset=\"UTF-8\""},
    {"Content-Type", " text/plain; charset=us-ascii"},
    {"Content-Type", " text/plain; charset=\"us-ascii\""},
    {"Content-Type", " text/plain; charset=US-ASCII"},
    {"Content-Type", " text/plain"},
    {"Precedence", " bulk"},
    {"Precedence", " list"},
    {"Auto-Submitted", " auto-generated"},
    {"Auto-Submitted", " auto-replied"},
    {"List-Unsubscribe-Post", " List-Unsubscribe=One-Click"},
    {"Importance", " Normal"},
    {"X-Priority", " 3"},
};

/* Often the same mailbox. */
static const char *const AS_FROM[] = {"Sender", "Reply-To"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
was(struct alternatives *a, size_t cover, struct slice value)
{
	struct slice name = slice_sub(a->covers->covers[cover].name, 0, NAME_SHOW);

	alternative_value(a, MUTATION_FIELD_REMOVED, cover, value, (struct slice[3]){name, value});
}

static void
address_of_from(struct alternatives *a, size_t cover)
{
	const struct header_list *list = a->m->others;
	size_t from = header_find_last(list, SLICE_LIT("From"), list->count), open, len;
	struct buf bare;

	if (from == HEADER_ABSENT || list->fields[from].value.len > ADDRESS_MAX)
		return;
	struct slice value = list->fields[from].value;
	was(a, cover, value);
	if (!slice_find(value, '<', &open) || !slice_find(slice_from(value, open), '>', &len))
		return;
	buf_init(&bare, value.len + 1);
	buf_put_byte(&bare, ' ');
	buf_put(&bare, slice_sub(value, open + 1, len - 1));
	was(a, cover, buf_slice(&bare));
	buf_deinit(&bare);
}

void
alternatives_of_absent(struct alternatives *a, size_t cover)
{
	struct slice name = a->covers->covers[cover].name;

	for (size_t i = 0; i < COUNT(USUAL); i++) {
		if (header_name_eq(name, slice_of(USUAL[i].name)))
			was(a, cover, slice_of(USUAL[i].value));
	}
	for (size_t i = 0; i < COUNT(AS_FROM); i++) {
		if (header_name_eq(name, slice_of(AS_FROM[i])))
			address_of_from(a, cover);
	}
}
