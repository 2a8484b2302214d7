/* SPDX-License-Identifier: ISC */
/* sha256.h - SHA-256, its implementation looked up once.  Threads: any. */
#ifndef SIGNPOST_DKIM_SHA256_H
#define SIGNPOST_DKIM_SHA256_H

#include "base/err.h"
#include "base/slice.h"

#include <openssl/types.h>

#define SHA256_LEN 32

const EVP_MD *sha256_md(void); /* lives as long as the program; NULL: OpenSSL has none */
int sha256_digest(struct slice, uint8_t out[static SHA256_LEN], struct err *) MUST_CHECK; /* ERR_CRYPTO */
/* "WHAT: OpenSSL's reason", and OpenSSL's queue of errors emptied.  Returns -1. */
int crypto_err(struct err *, const char *what);

#endif
