/* SPDX-License-Identifier: ISC */
#include "signpost/message.h"

#include "base/file.h"

#include <string.h>

static bool
ends_lines_with_lf(struct slice raw)
{
	size_t lf;

	return slice_find(raw, '\n', &lf) && (lf == 0 || raw.ptr[lf - 1] != '\r');
}

/* mbox puts "From SENDER DATE" before the header. */
static size_t
mbox_line_len(struct slice raw)
{
	size_t lf;

	if (raw.len < 5 || memcmp(raw.ptr, "From ", 5) != 0 || !slice_find(raw, '\n', &lf))
		return 0;
	return lf + 1;
}

static void
put_with_crlf(struct slice raw, struct buf *out)
{
	size_t lf;

	for (size_t at = 0; at < raw.len; at += lf + 1) {
		struct slice rest = slice_from(raw, at);
		if (!slice_find(rest, '\n', &lf)) {
			buf_put(out, rest);
			return;
		}
		bool has_cr = lf > 0 && rest.ptr[lf - 1] == '\r';
		buf_put(out, slice_sub(rest, 0, has_cr ? lf - 1 : lf));
		buf_put_str(out, "\r\n");
	}
}

int
message_read(struct message *m, int fd, const char *path, struct err *err)
{
	memset(m, 0, sizeof(*m));
	buf_init(&m->raw, MESSAGE_LEN_MAX);
	buf_init(&m->text, 2 * MESSAGE_LEN_MAX);
	if (file_read_fd(fd, path, &m->raw, err) != 0)
		return -1;
	struct slice raw = buf_slice(&m->raw);
	if (raw.len == 0)
		return err_set(err, ERR_INPUT, "%s: there is no message", path);
	m->lf_only = ends_lines_with_lf(raw);
	m->mbox_len = mbox_line_len(raw);
	raw = slice_from(raw, m->mbox_len);
	if (m->lf_only)
		put_with_crlf(raw, &m->text);
	else
		buf_put(&m->text, raw);
	if (buf_check(&m->text, path, err) != 0)
		return -1;
	if (header_list_parse(
		&m->list, buf_slice(&m->text), MESSAGE_FIELDS_MAX, &m->body_off, err) != 0)
		return err_wrap(err, "%s", path);
	if (m->list.count == 0)
		return err_set(err, ERR_INPUT,
		    "%s: the first line is no header field, so this is no message", path);
	return 0;
}

void
message_deinit(struct message *m)
{
	header_list_deinit(&m->list);
	buf_deinit(&m->text);
	buf_deinit(&m->raw);
}

struct slice
message_body(const struct message *m)
{
	return slice_from(buf_slice(&m->text), m->body_off);
}
