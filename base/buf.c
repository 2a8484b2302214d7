/* SPDX-License-Identifier: ISC */
#include "base/buf.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_CAP_MIN 128

void
buf_init(struct buf *b, size_t len_max)
{
	*b = (struct buf){.len_max = len_max};
}

void
buf_deinit(struct buf *b)
{
	free(b->data);
	*b = (struct buf){.len_max = b->len_max};
}

void
buf_wipe(struct buf *b)
{
	if (b->data != NULL)
		OPENSSL_cleanse(b->data, b->cap);
	buf_deinit(b);
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->state = BUF_OK;
	if (b->data != NULL)
		b->data[0] = '\0';
}

/* Not realloc: a buffer may hold a secret, and realloc leaves a copy behind. */
static bool
grow(struct buf *b, size_t need)
{
	size_t cap = b->cap < BUF_CAP_MIN ? BUF_CAP_MIN : b->cap;

	while (cap < need)
		cap *= 2;
	uint8_t *data = malloc(cap);
	if (data == NULL)
		return false;
	if (b->data != NULL) {
		memcpy(data, b->data, b->len);
		OPENSSL_cleanse(b->data, b->len);
		free(b->data);
	}
	b->data = data;
	b->cap = cap;
	return true;
}

/* Room for more bytes and the NUL; false (and the sticky error) otherwise. */
static bool
reserve(struct buf *b, size_t more)
{
	if (b->state != BUF_OK)
		return false;
	if (more > b->len_max - b->len) {
		b->state = BUF_FULL;
		return false;
	}
	if (b->len + more + 1 > b->cap && !grow(b, b->len + more + 1)) {
		b->state = BUF_NOMEM;
		return false;
	}
	return true;
}

void
buf_put(struct buf *b, struct slice s)
{
	if (!reserve(b, s.len))
		return;
	if (s.len > 0)
		memcpy(b->data + b->len, s.ptr, s.len);
	b->len += s.len;
	b->data[b->len] = '\0';
}

void
buf_put_str(struct buf *b, const char *str)
{
	buf_put(b, slice_of(str));
}

void
buf_put_byte(struct buf *b, uint8_t byte)
{
	buf_put(b, slice_new(&byte, 1));
}

void
buf_put_u64(struct buf *b, uint64_t v)
{
	char digits[24];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	buf_put(b, slice_new(digits + at, sizeof digits - at));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || !reserve(b, (size_t)len))
		return;
	va_start(ap, fmt);
	vsnprintf((char *)b->data + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
}

int
buf_check(const struct buf *b, const char *what, struct err *err)
{
	switch (b->state) {
	case BUF_OK:
		return 0;
	case BUF_FULL:
		return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes", what, b->len_max);
	case BUF_NOMEM:
		break;
	}
	return err_nomem(err);
}

struct slice
buf_slice(const struct buf *b)
{
	return (struct slice){b->data, b->len};
}

const char *
buf_str(const struct buf *b)
{
	return b->data == NULL ? "" : (const char *)b->data;
}
