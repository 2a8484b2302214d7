/* SPDX-License-Identifier: ISC */
/* verify.h - says why a signature passes or fails (RFC 6376 6; results named as in RFC 8601).  A
 * diagnosis, never the judge of our own signatures in tests.  Pure: key records and time are
 * arguments.
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_DKIM_VERIFY_H
#define SIGNPOST_DKIM_VERIFY_H

#include "dkim/record.h"
#include "dkim/signature.h"
#include "dkim/verify_words.h"

enum verify_result { VERIFY_PASS, VERIFY_FAIL, VERIFY_POLICY, VERIFY_NEUTRAL, VERIFY_TEMPERROR, VERIFY_PERMERROR };

enum verify_reason {
	VERIFY_OK,
	VERIFY_TAG,             /* a tag is missing, wrong or unknown; words name it */
	VERIFY_FROM_UNSIGNED,   /* h= lacks From */
	VERIFY_EXPIRED,         /* x= has passed */
	VERIFY_FUTURE,          /* t= lies ahead */
	VERIFY_SHA1,            /* rsa-sha1, RFC 8301 */
	VERIFY_KEY_ABSENT,      /* no record */
	VERIFY_KEY_UNAVAILABLE, /* DNS gave no answer: temperror */
	VERIFY_KEY_MULTIPLE,    /* several records */
	VERIFY_KEY_SYNTAX,
	VERIFY_KEY_REVOKED,
	VERIFY_KEY_UNSUITABLE,  /* k=, h=, s=, t=s do not fit */
	VERIFY_KEY_SHORT,       /* RSA below 1024 bits */
	VERIFY_KEY_DIFFERS,     /* b= was made by another key: not even the digest's form fits */
	VERIFY_BODY_CHANGED,
	VERIFY_HEADER_CHANGED,  /* words name what changed when a trial shows it, or another hash than a= names */
	VERIFY_REASON_COUNT
};

struct verify_report {
	enum verify_result result;
	enum verify_reason reason;
	struct signature sig;   /* valid unless has_sig is false */
	bool has_sig;
	unsigned key_bits;      /* 0 when no key was read */
	bool partial_body;      /* l= leaves part of the body unsigned */
	bool key_testing;       /* t=y */
	struct verify_words words; /* for an admin: what is, and what explains it */
};

/* What the verb found in DNS for SELECTOR._domainkey.DOMAIN. */
struct verify_records {
	const struct slice *txt; /* joined strings, one entry a record */
	size_t count;
	bool unavailable;
	const char *why; /* unavailable: behind a blank, or NULL */
};

const char *verify_result_name(enum verify_result); /* "pass", "fail", ... */
const char *verify_reason_name(enum verify_reason);

/* Reads only the signature, so that the verb knows which record to ask for.  Report->result is PASS
 * when it may go on. */
void verify_prepare(const struct header_list *, size_t sig_index, int64_t now,
    struct verify_report *);

struct verify_message {
	const struct header_list *list;
	size_t sig_index;  /* of the DKIM-Signature field that is judged */
	struct slice body; /* all octets behind the empty line, CRLF line ends */
	size_t *work_left; /* as in dkim/mutation.h */
};

void verify_signature(const struct verify_message *, const struct verify_records *, int64_t now,
    struct verify_report *);

#endif
