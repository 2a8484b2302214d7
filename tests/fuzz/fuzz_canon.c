/* SPDX-License-Identifier: ISC */
/* The first octet gives kind and chunk size, the rest is a body: cut or whole, the hash is the same, and what is
 * canonical stays as it is when canonicalized again. */
#include "dkim/canon.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
tap(void *arg, struct slice canonical)
{
	buf_put(arg, canonical);
}

static void
hash(enum canon_kind kind, struct slice body, size_t chunk, struct buf *text,
    uint8_t bh[static CANON_BH_LEN])
{
	struct canon_body b;
	struct err err = ERR_INIT;

	if (canon_body_init(&b, kind, &err) != 0)
		abort();
	b.tap = tap;
	b.tap_arg = text;
	for (size_t at = 0; at < body.len; at += chunk) {
		if (canon_body_update(&b, slice_sub(body, at, chunk), &err) != 0)
			abort();
	}
	if (canon_body_finish(&b, bh, &err) != 0 || b.raw_len != body.len ||
	    b.body_len != text->len)
		abort();
	canon_body_deinit(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t whole[CANON_BH_LEN], cut[CANON_BH_LEN], again[CANON_BH_LEN];
	struct buf a, b, c;

	if (size == 0)
		return 0;
	enum canon_kind kind = data[0] & 1 ? CANON_RELAXED : CANON_SIMPLE;
	struct slice body = slice_new(data + 1, size - 1);
	buf_init(&a, 2 * size + 16);
	buf_init(&b, 2 * size + 16);
	buf_init(&c, 2 * size + 16);
	hash(kind, body, size, &a, whole);
	hash(kind, body, (size_t)(data[0] >> 1) + 1, &b, cut);
	hash(kind, buf_slice(&a), size, &c, again);
	if (memcmp(whole, cut, sizeof whole) != 0 || memcmp(whole, again, sizeof whole) != 0 ||
	    !slice_eq(buf_slice(&a), buf_slice(&b)))
		abort();
	buf_deinit(&a);
	buf_deinit(&b);
	buf_deinit(&c);
	return 0;
}
