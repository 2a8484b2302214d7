/* SPDX-License-Identifier: ISC */
#include "dkim/sha256.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdatomic.h>

static _Atomic(EVP_MD *) found;

/* Two threads that look it up at once both find it; the one that comes second gives its own back. */
const EVP_MD *
sha256_md(void)
{
	EVP_MD *md = atomic_load_explicit(&found, memory_order_acquire);

	if (md != NULL)
		return md;
	EVP_MD *fresh = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	ERR_clear_error();
	if (fresh == NULL || atomic_compare_exchange_strong(&found, &md, fresh))
		return fresh;
	EVP_MD_free(fresh);
	return md;
}

int
sha256_digest(struct slice in, uint8_t out[static SHA256_LEN], struct err *err)
{
	const EVP_MD *type = sha256_md();

	if (type == NULL || EVP_Digest(in.ptr, in.len, out, NULL, type, NULL) != 1)
		return crypto_err(err, "SHA-256");
	return 0;
}

int
crypto_err(struct err *err, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

	err_set(err, ERR_CRYPTO, "%s: %s", what,
	    reason == NULL ? "OpenSSL failed without a reason" : reason);
	ERR_clear_error();
	return -1;
}
