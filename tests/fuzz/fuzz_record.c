/* SPDX-License-Identifier: ISC */
/* A key record: parsed, compared with itself, its key made; its quoted form has no string over 255 octets. */
#include "dkim/record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice txt = slice_new(data, size);
	struct key_record r;
	struct dkim_pubkey *pub = NULL;
	struct err err = ERR_INIT;
	struct buf quoted;

	if (key_record_parse(txt, &r, &err) == 0) {
		if (r.p_len > sizeof r.p || r.revoked != (r.p_len == 0) ||
		    !key_record_same(txt, txt, &err))
			abort();
		if (dkim_pubkey_parse(r.alg, slice_new(r.p, r.p_len), &pub, &err) == 0 &&
		    dkim_pubkey_bits(pub) == 0)
			abort();
		dkim_pubkey_free(pub);
	}
	(void)selector_is_valid(txt);
	buf_init(&quoted, 5 * size + 64);
	key_record_format_quoted(txt, &quoted);
	if (buf_check(&quoted, "quoted", &err) != 0)
		abort();
	buf_deinit(&quoted);
	return 0;
}
