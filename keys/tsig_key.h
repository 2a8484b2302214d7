/* SPDX-License-Identifier: ISC */
/* tsig_key.h - the key that authenticates updates, from the file that tsig-keygen(8) writes:
 *
 *	key "signpost" {
 *		algorithm hmac-sha256;
 *		secret "K2tf3TRrmE7TJd+m2NPBuw==";
 *	};
 *
 * with the comments and spaces that named.conf(5) allows.  One key a file.  Algorithms are those that ldns can do:
 * hmac-sha256, hmac-sha512, hmac-sha1; not MD5, which RFC 8945 table 3 forbids.
 *
 *	struct tsig_key key;
 *	if (tsig_key_load("/etc/signpost/tsig.key", &key, err) != 0)
 *		return -1;
 *	...
 *	tsig_key_wipe(&key);
 *
 * Threads: reentrant.  The parser is pure. */
#ifndef SIGNPOST_KEYS_TSIG_KEY_H
#define SIGNPOST_KEYS_TSIG_KEY_H

#include "base/err.h"
#include "base/slice.h"

#define TSIG_FILE_LEN_MAX   8192
#define TSIG_NAME_LEN	    256
#define TSIG_SECRET_LEN	    1024 /* as base64, with its NUL */
#define TSIG_ALGORITHM_LEN  16

struct tsig_key {
	char name[TSIG_NAME_LEN];	    /* lower case, no final dot */
	char algorithm[TSIG_ALGORITHM_LEN]; /* "hmac-sha256" */
	char secret[TSIG_SECRET_LEN];	    /* base64; cleansed by tsig_key_wipe */
};

/* ERR_INPUT with the line; ERR_CONFIG for an algorithm that is known and not taken.  On -1 nothing is left to wipe.
 * No text ever holds what stood in the file's quotes. */
int tsig_key_parse(struct slice file, struct tsig_key *, struct err *) MUST_CHECK;
/* Also refuses (ERR_CONFIG) a file that others than root and we own, that its group may write, or others may touch. */
int tsig_key_load(const char *path, struct tsig_key *, struct err *) MUST_CHECK;
void tsig_key_wipe(struct tsig_key *);

#endif
