/* SPDX-License-Identifier: ISC */
/* table.h - the signing table, signing-table(5): what the keeper tells the milter.  Text in, struct
 * out, and back. Pure: needs neither ldns nor SQLite, opens no file.
 *
 * The format, version 1; one statement a line, words separated by SP or HTAB, a word may be
 * "quoted" with \" and \\ inside; lines that are empty or begin with '#' are comments.  All lines
 * before `end` are counted by it.
 *
 *	signpost-table 1
 *	generation 42
 *	date 1795305600				Unix seconds; optional; renewed daily by the keeper
 *	clock untrusted				optional: leave out t= and x= (K9)
 *	set on_error tempfail			any of TABLE_SETTINGS, each at most once
 *	domain example.com c=relaxed/relaxed t=yes x=0 keyless=tempfail
 *	key example.com SELECTOR rsa-sha256 keys/example.com/SELECTOR.pem BASE64(SHA-256 of SPKI)
 *	allow bare DOMAIN...			logins without '@'
 *	allow local DOMAIN...			sendmail(1)
 *	allow network 10.1.0.0/16 [daemon=NAME] DOMAIN...
 *	allow login "shop" [DOMAIN...]		replaces the built-in right of that login; none: may sign nothing
 *	end 10
 *
 * DOMAIN is an entry as in dkim/domain.h.  Key rows follow their domain row.  Paths are relative to
 * the table's directory, and stay below it.  Several key rows of one domain all sign; a domain
 * without key rows is keyless.
 *
 *
 * Threads: reentrant; a struct table is immutable after table_parse and may be shared. */
#ifndef SIGNPOST_KEYS_TABLE_H
#define SIGNPOST_KEYS_TABLE_H

#include "base/buf.h"
#include "base/ip.h"
#include "dkim/canon.h"
#include "dkim/domain.h"
#include "dkim/key.h"

#define TABLE_FORMAT         1
#define TABLE_LEN_MAX        (64u * 1024 * 1024) /* 10,000 domains with two keys take about 4 MB */
#define TABLE_KEYS_MAX       8                   /* of one domain; all of them sign */
#define TABLE_NO_DATE        ((int64_t)-1)
#define TABLE_LOGIN_LEN_MAX  512

enum on_error { ON_ERROR_TEMPFAIL, ON_ERROR_ACCEPT };
enum if_signed { IF_SIGNED_ADD, IF_SIGNED_SKIP };
enum log_unsigned { LOG_UNSIGNED_OURS, LOG_UNSIGNED_ALL, LOG_UNSIGNED_NONE };
enum on_limit { ON_LIMIT_UNSIGNED, ON_LIMIT_TEMPFAIL };
enum authenticated { AUTHENTICATED_MATCHING, AUTHENTICATED_ANY };
enum keyless { KEYLESS_TEMPFAIL, KEYLESS_UNSIGNED };

struct table_settings {
	enum on_error on_error;           /* default tempfail */
	enum if_signed if_signed;         /* default add */
	enum log_unsigned log_unsigned;   /* default ours */
	enum on_limit on_limit;           /* header cap reached; default unsigned */
	enum authenticated authenticated; /* default matching */
	bool dry_run;                     /* default no */
	uint32_t max_signatures;          /* 0 = no limit */
	uint32_t header_len_max;          /* octets; default 262144; 4096 .. 16 MiB */
	uint32_t header_count_max;        /* fields; default 1000; 10 .. 100000 */
};

struct table_key {
	char *selector;
	char *path; /* relative, normalized: no "..", not absolute */
	enum key_alg alg;
	uint8_t spki_hash[KEY_SPKI_HASH_LEN];
	uint32_t line; /* in the table, for messages */
};

struct table_domain {
	char *name; /* A-labels */
	const struct table_key *keys;
	size_t key_count;
	enum canon_kind header_canon, body_canon;
	enum keyless keyless;      /* default tempfail */
	bool timestamp;            /* t=; default yes */
	uint32_t expire_after_s;   /* x= is t= plus this; 0 = no x= */
	uint32_t line;
};

enum allow_kind { ALLOW_BARE, ALLOW_LOCAL, ALLOW_NETWORK, ALLOW_LOGIN };

struct table_allow {
	enum allow_kind kind;
	struct ip_prefix prefix; /* network */
	char *daemon;            /* network: {daemon_name} must equal it; NULL = any */
	char *login;             /* login: exact local part, domain part lower-cased */
	char **entries;          /* domain entries */
	size_t entry_count;
	uint32_t line;
};

struct table {
	uint64_t generation;
	int64_t date; /* or TABLE_NO_DATE */
	bool clock_untrusted;
	struct table_settings settings;
	struct table_domain *domains; /* sorted by name */
	size_t domain_count;
	struct table_key *keys; /* all keys, grouped by domain; index = slot in a keyring */
	size_t key_count;
	/* in file order; logins sorted and last are an implementation matter of table_find_login
	 * */
	struct table_allow *allows;
	size_t allow_count;
	const struct table_allow **logins; /* sorted by login */
	size_t login_count;
};

void table_settings_default(struct table_settings *);
/* name: for messages, "NAME:LINE: ...".  ERR_CONFIG; the whole text is checked, a missing or wrong
 * end line is "cut or edited".  Free with table_free. */
int table_parse(struct slice text, const char *name, struct table **out, struct err *) MUST_CHECK;
/* Its first row tells a format above TABLE_FORMAT; table_parse refuses it, and says so. */
bool table_is_newer(struct slice text);
void table_free(struct table *); /* NULL is fine */

/* Writing, row by row; the rows are counted for the end line.  Check buf_check(out) at the end. */
struct table_writer {
	struct buf *out;
	uint32_t lines;
};
void table_write_begin(struct table_writer *, struct buf *out, uint64_t generation, int64_t date,
    bool clock_untrusted);
void table_write_comment(struct table_writer *, const char *text);          /* one line, "# TEXT" */
void table_write_settings(struct table_writer *, const struct table_settings *); /* all of them */
void table_write_domain(struct table_writer *, const struct table_domain *);     /* with its keys */
void table_write_allow(struct table_writer *, const struct table_allow *);
void table_write_end(struct table_writer *);

const struct table_domain *table_find_domain(const struct table *, struct slice name); /* exact */
/* Longest suffix of author_domain (itself included) that has a row; NULL if none. */
const struct table_domain *table_find_signer(const struct table *, struct slice author_domain);
/* Local part as it is, domain part (behind the last '@') normalized or at least lower-cased; false: too long or
 * with a NUL. */
#define TABLE_LOGIN_SIZE (TABLE_LOGIN_LEN_MAX + DOMAIN_LEN_MAX + 2)
bool table_login_normalize(struct slice login, char out[static TABLE_LOGIN_SIZE]);
/* NULL if none */
const struct table_allow *table_find_login(const struct table *, struct slice login);

#endif
