/* SPDX-License-Identifier: ISC */
/* Any text is refused with a place, or taken; what was taken is written so that it parses to the same text again. */
#include "keys/table.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct table *
must_parse(const struct buf *text)
{
	struct table *t;
	struct err err = ERR_INIT;

	if (table_parse(buf_slice(text), "t", &t, &err) != 0)
		abort();
	return t;
}

static void
write_all(const struct table *t, struct buf *out)
{
	struct table_writer w;

	table_write_begin(&w, out, t->generation, t->date, t->clock_untrusted);
	table_write_settings(&w, &t->settings);
	for (size_t i = 0; i < t->domain_count; i++)
		table_write_domain(&w, &t->domains[i]);
	for (size_t i = 0; i < t->allow_count; i++)
		table_write_allow(&w, &t->allows[i]);
	table_write_end(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct table *t = NULL;
	struct err err = ERR_INIT;
	struct buf once, twice;

	if (table_parse(slice_new(data, len), "t", &t, &err) != 0) {
		if (err.text[0] != 't' || err.text[1] != ':')
			abort();
		return 0;
	}
	buf_init(&once, TABLE_LEN_MAX);
	buf_init(&twice, TABLE_LEN_MAX);
	write_all(t, &once);
	table_free(t);
	t = must_parse(&once);
	write_all(t, &twice);
	if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
	table_free(t);
	buf_deinit(&once);
	buf_deinit(&twice);
	return 0;
}
