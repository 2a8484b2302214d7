/* SPDX-License-Identifier: ISC */
/* A private key file: what loads signs, and its own PEM loads again. */
#include "dkim/key.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t digest[32] = {1};
	uint8_t sig[KEY_SIG_LEN_MAX], a[KEY_SPKI_HASH_LEN], b[KEY_SPKI_HASH_LEN];
	struct dkim_key *key = NULL, *again = NULL;
	struct err err = ERR_INIT;
	struct buf pem;
	size_t len;

	if (dkim_key_parse_pem(slice_new(data, size), &key, &err) != 0) {
		if (err.text[0] == '\0' || key != NULL)
			abort();
		return 0;
	}
	buf_init(&pem, KEY_PEM_LEN_MAX);
	if (dkim_key_sign(key, digest, sig, &len, &err) != 0 || len > sizeof sig ||
	    dkim_key_format_pem(key, &pem, &err) != 0 ||
	    dkim_key_parse_pem(buf_slice(&pem), &again, &err) != 0)
		abort();
	dkim_key_spki_hash(key, a);
	dkim_key_spki_hash(again, b);
	if (memcmp(a, b, sizeof a) != 0)
		abort();
	buf_wipe(&pem);
	dkim_key_free(key);
	dkim_key_free(again);
	return 0;
}
