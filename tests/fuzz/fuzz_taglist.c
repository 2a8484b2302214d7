/* SPDX-License-Identifier: ISC */
/* Any octets as a tag-list: values lie inside the input, names are unique, items walk to the end. */
#include "dkim/taglist.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static bool
lies_inside(struct slice part, struct slice whole)
{
	return part.len == 0 ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = slice_new(data, len), item;
	struct taglist list;
	struct err err = ERR_INIT;

	if (taglist_parse(in, &list, &err) != 0) {
		if (err.kind != ERR_INPUT || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (list.count == 0 || list.count > TAGLIST_MAX)
		abort();
	for (size_t i = 0; i < list.count; i++) {
		size_t off = 0, steps = 0;
		if (!lies_inside(list.tags[i].name, in) || !lies_inside(list.tags[i].value, in))
			abort();
		for (size_t k = 0; k < i; k++) {
			if (slice_eq(list.tags[i].name, list.tags[k].name))
				abort();
		}
		while (tag_next_item(list.tags[i].value, &off, &item)) {
			if (++steps > list.tags[i].value.len + 1 || !lies_inside(item, in))
				abort();
		}
	}
	return 0;
}
