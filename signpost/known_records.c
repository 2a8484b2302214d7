/* SPDX-License-Identifier: ISC */
#include "signpost/known_records.h"

#include "base/file.h"

#include <string.h>

/* The text alone, or as zone files and dig(1) show it: "..." "..." with backslashes, joined without a blank. */
static void
put_text(struct slice s, struct buf *out)
{
	bool quoted = false;

	s = slice_trim(s);
	if (s.len == 0 || s.ptr[0] != '"') {
		buf_put(out, s);
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"') {
			quoted = !quoted;
			continue;
		}
		if (s.ptr[i] == '\\' && i + 1 < s.len)
			i++;
		if (quoted)
			buf_put_byte(out, s.ptr[i]);
	}
}

/* The name of a line, and where its text begins. */
static bool
split_line(struct slice line, struct slice *name, struct slice *text)
{
	size_t tab;

	if (line.len == 0 || line.ptr[0] == '#' || !slice_find(line, '\t', &tab))
		return false;
	*name = slice_trim(slice_sub(line, 0, tab));
	*text = slice_from(line, tab + 1);
	if (name->len > 0 && name->ptr[name->len - 1] == '.')
		name->len--;
	return true;
}

static bool
next_line(struct slice *rest, struct slice *line)
{
	size_t lf;

	if (rest->len == 0)
		return false;
	if (!slice_find(*rest, '\n', &lf))
		lf = rest->len;
	*line = slice_trim_right(slice_sub(*rest, 0, lf));
	*rest = slice_from(*rest, lf + 1);
	return true;
}

static int
check_lines(const struct buf *file, const char *path, struct err *err)
{
	struct slice rest = buf_slice(file), line, name, text;

	for (unsigned number = 1; next_line(&rest, &line); number++) {
		if (line.len > 0 && line.ptr[0] != '#' && !split_line(line, &name, &text))
			return err_set(err, ERR_INPUT,
			    "%s:%u: want NAME, a tab and the text of its TXT record", path, number);
	}
	return 0;
}

int
known_records_load(
    struct known_records *k, const char *records, const char *record, struct err *err)
{
	size_t equals;

	memset(k, 0, sizeof(*k));
	buf_init(&k->file, KNOWN_RECORDS_LEN_MAX);
	buf_init(&k->text, KNOWN_RECORDS_LEN_MAX);
	if (records != NULL) {
		k->has_file = true;
		if (file_read(records, &k->file, err) != 0 ||
		    check_lines(&k->file, records, err) != 0)
			return -1;
	}
	if (record == NULL)
		return 0;
	if (!slice_find(slice_of(record), '=', &equals) || equals == 0)
		return err_set(
		    err, ERR_USAGE, "--record %.80s: want SELECTOR._domainkey.DOMAIN=FILE", record);
	k->name = slice_sub(slice_of(record), 0, equals);
	return file_read(record + equals + 1, &k->text, err);
}

void
known_records_deinit(struct known_records *k)
{
	buf_deinit(&k->file);
	buf_deinit(&k->text);
}

bool
known_records_find(const struct known_records *k, const char *name,
    struct buf out[static DNS_TXT_MAX], size_t *count)
{
	struct slice rest = buf_slice(&k->file), line, here, text;

	*count = 0;
	if (k->name.len > 0 && slice_ieq_str(k->name, name)) {
		buf_init(&out[0], KNOWN_RECORDS_LEN_MAX);
		put_text(buf_slice(&k->text), &out[0]);
		*count = 1;
		return true;
	}
	while (*count < DNS_TXT_MAX && next_line(&rest, &line)) {
		if (!split_line(line, &here, &text) || !slice_ieq_str(here, name))
			continue;
		buf_init(&out[*count], KNOWN_RECORDS_LEN_MAX);
		put_text(text, &out[(*count)++]);
	}
	return k->has_file;
}
