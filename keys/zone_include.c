/* SPDX-License-Identifier: ISC */
#include "keys/zone_include.h"
#include "base/grow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEADER	       "; signpost writes this file whole: what others add here stops it."
#define SERIAL_LINE    "; serial "
#define TEXT_LEN_MAX   4096
#define STRING_LEN_MAX 255 /* RFC 1035 3.3 */

void
zone_include_init(struct zone_include *z)
{
	memset(z, 0, sizeof(*z));
}

static void
drop(struct include_record *r)
{
	free(r->owner);
	free(r->text);
}

void
zone_include_deinit(struct zone_include *z)
{
	for (size_t i = 0; i < z->count; i++)
		drop(&z->records[i]);
	free(z->records);
	zone_include_init(z);
}

static int
add(struct zone_include *z, struct slice owner, struct slice text, uint32_t ttl_s, struct err *err)
{
	struct include_record *grown = grow_array(z->records, z->count, &z->cap, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err);
	z->records = grown;
	struct include_record r = {slice_strdup(owner), slice_strdup(text), ttl_s};
	if (r.owner == NULL || r.text == NULL) {
		drop(&r);
		return err_nomem(err);
	}
	z->records[z->count++] = r;
	return 0;
}

/* The next word of a line, at one blank's distance as we write it. */
static struct slice
take_word(struct slice *line)
{
	size_t end = line->len;
	(void)slice_find(*line, ' ', &end);
	struct slice w = slice_sub(*line, 0, end);
	*line = slice_from(*line, end + 1);
	return w;
}

/* "..." with \" and \\ in it; false when it is anything else. */
static bool
take_string(struct slice *line, struct buf *text)
{
	size_t i = 1, begin = text->len;
	if (line->len == 0 || line->ptr[0] != '"')
		return false;
	for (; i < line->len && line->ptr[i] != '"'; i++) {
		if (line->ptr[i] == '\\' &&
		    (++i == line->len || (line->ptr[i] != '"' && line->ptr[i] != '\\')))
			return false;
		if (line->ptr[i] < 0x20 || line->ptr[i] > 0x7e)
			return false;
		buf_put_byte(text, line->ptr[i]);
	}
	if (i >= line->len || text->len - begin > STRING_LEN_MAX)
		return false;
	*line = slice_from(*line, i + 1);
	return true;
}

static bool
is_owner(struct slice w)
{
	if (w.len < 2 || w.len > 255 || w.ptr[w.len - 1] != '.' || w.ptr[0] == '.')
		return false;
	for (size_t i = 0; i < w.len; i++) {
		uint8_t c = w.ptr[i];
		if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.')
			return false;
	}
	return true;
}

static int
parse_record(struct zone_include *z, struct slice line, struct buf *text, struct err *err)
{
	uint64_t ttl = 0;
	struct slice owner = take_word(&line);
	bool good = is_owner(owner) && slice_to_u64(take_word(&line), INT32_MAX, &ttl) &&
		    slice_eq_str(take_word(&line), "IN") && slice_eq_str(take_word(&line), "TXT");
	buf_clear(text);
	good = good && take_string(&line, text);
	while (good && line.len > 0) {
		good = line.ptr[0] == ' ';
		line = slice_from(line, 1);
		good = good && take_string(&line, text);
	}
	if (!good || text->state != BUF_OK)
		return err_set(err, ERR_INPUT, "is no record that signpost writes");
	return add(z, slice_sub(owner, 0, owner.len - 1), buf_slice(text), (uint32_t)ttl, err);
}

static int
parse_line(
    struct zone_include *z, struct slice line, unsigned number, struct buf *text, struct err *err)
{
	uint64_t serial;
	struct slice lit = SLICE_LIT(SERIAL_LINE);
	if (number == 1)
		return slice_eq_str(line, HEADER)
			   ? 0
			   : err_set(err, ERR_INPUT, "is not signpost's first line");
	if (number == 2 && slice_eq(slice_sub(line, 0, lit.len), lit)) {
		z->has_serial = slice_to_u64(slice_from(line, lit.len), UINT32_MAX, &serial);
		z->serial = z->has_serial ? (uint32_t)serial : 0;
		return z->has_serial ? 0 : err_set(err, ERR_INPUT, "has no serial");
	}
	return parse_record(z, line, text, err);
}

int
zone_include_parse(struct slice rest, struct zone_include *z, struct err *err)
{
	struct buf text;
	int rc = 0;
	buf_init(&text, TEXT_LEN_MAX);
	for (unsigned number = 1; rc == 0 && rest.len > 0; number++) {
		size_t end = rest.len;
		(void)slice_find(rest, '\n', &end);
		rc = parse_line(z, slice_sub(rest, 0, end), number, &text, err);
		if (rc != 0)
			err_wrap(err, "line %u", number);
		rest = slice_from(rest, end + 1);
	}
	buf_deinit(&text);
	return rc;
}

static int
by_owner(const void *a, const void *b)
{
	const struct include_record *x = a, *y = b;
	return strcmp(x->owner, y->owner);
}

void
zone_put_strings(struct buf *out, const char *text)
{
	const char *begin = text;
	do { /* an empty text is one empty string */
		buf_put_str(out, text == begin ? "\"" : " \"");
		for (size_t n = 0; n < STRING_LEN_MAX && *text != '\0'; n++, text++) {
			if (*text == '"' || *text == '\\')
				buf_put_byte(out, '\\');
			buf_put_byte(out, (uint8_t)*text);
		}
		buf_put_byte(out, '"');
	} while (*text != '\0');
}

void
zone_include_format(struct zone_include *z, struct buf *out)
{
	if (z->count > 0)
		qsort(z->records, z->count, sizeof(z->records[0]), by_owner);
	buf_put_str(out, HEADER "\n");
	if (z->has_serial)
		buf_printf(out, SERIAL_LINE "%" PRIu32 "\n", z->serial);
	for (size_t i = 0; i < z->count; i++) {
		buf_printf(
		    out, "%s. %" PRIu32 " IN TXT ", z->records[i].owner, z->records[i].ttl_s);
		zone_put_strings(out, z->records[i].text);
		buf_put_byte(out, '\n');
	}
}

const struct include_record *
zone_include_find(const struct zone_include *z, const char *owner, size_t *count)
{
	const struct include_record *found = NULL;
	*count = 0;
	for (size_t i = 0; i < z->count; i++) {
		if (!slice_ieq_str(slice_of(z->records[i].owner), owner))
			continue;
		if (found == NULL)
			found = &z->records[i];
		(*count)++;
	}
	return found;
}

int
zone_include_set(
    struct zone_include *z, const char *owner, const char *text, uint32_t ttl_s, struct err *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < z->count; i++) {
		if (slice_ieq_str(slice_of(z->records[i].owner), owner))
			drop(&z->records[i]);
		else
			z->records[kept++] = z->records[i];
	}
	z->count = kept;
	return text == NULL ? 0 : add(z, slice_of(owner), slice_of(text), ttl_s, err);
}
