/* SPDX-License-Identifier: ISC */
#include "dkim/sha256.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *md;

static void
fetch(void)
{
	md = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	ERR_clear_error();
}

const EVP_MD *
sha256_md(void)
{
	pthread_once(&once, fetch);
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
