/* SPDX-License-Identifier: ISC */
/* diagnose.h - what is wrong with a key's record in DNS: the catalogue D01 to D51.  Pure judges over what was seen
 * (diagnose_seen.h), which diagnose_ask.h collects; every sentence stands in one table (diagnose_words.c).
 *
 *	struct findings *all = findings_new();
 *	diagnose_judge(&subject, &seen, &known, all);
 *	for (size_t i = 0; i < all->count; i++)
 *		printf("%s %s\n", all->list[i].row->id, all->list[i].verdict);
 *	findings_free(all);
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_KEYS_DIAGNOSE_H
#define SIGNPOST_KEYS_DIAGNOSE_H

#include "keys/diagnose_seen.h"
#include "keys/dig.h"

#define FINDINGS_MAX	 48 /* of one key; there are not as many judges */
#define FINDING_TEXT_LEN 640
#define FINDING_MEND_LEN 1600 /* holds a record */

/* In the order of how bad they are. */
enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_UNKNOWN, SEVERITY_FATAL };
const char *severity_name(enum severity);

/* One situation that has words of its own. */
enum say {
	SAY_NO_RECORD, SAY_NOT_DELEGATED, SAY_DOMAIN_GONE, SAY_NO_DATA, SAY_UNDERSCORE, SAY_UNDERSCORE_ALIAS, SAY_DOUBLED,
	SAY_TARGET_DOUBLED, SAY_OTHER_TARGET, SAY_TXT_FOR_ALIAS, SAY_TXT_FOR_ALIAS_TODAY, SAY_ALIAS_FOR_TXT, SAY_BESIDE,
	SAY_LOOP, SAY_LONG_CHAIN, SAY_DANGLING, SAY_TXT_FAILS_AT_ALIAS, SAY_SEVERAL, SAY_OTHER_KEY_OURS,
	SAY_OTHER_KEY_UNKNOWN, SAY_ALTERED, SAY_NOT_A_KEY, SAY_CUT, SAY_QUOTES, SAY_BACKSLASH, SAY_BLANK_IN_P, SAY_SPLIT_TAG,
	SAY_SEMICOLON, SAY_VERSION_LATE, SAY_VERSION_WRONG, SAY_VERSION_NONE, SAY_WRONG_K, SAY_ED25519_SPKI, SAY_PKCS1,
	SAY_PEM, SAY_PRIVATE_KEY, SAY_NO_SHA256, SAY_NO_EMAIL, SAY_TESTING, SAY_STRICT, SAY_TAG_TWICE, SAY_TAG_UNKNOWN,
	SAY_STRAY_TEXT, SAY_NOT_ASCII, SAY_TAG_LACKS, SAY_REVOKED_ACTIVE, SAY_STILL_THERE, SAY_SHORT_KEY, SAY_TINY_KEY,
	SAY_WILDCARD, SAY_WILDCARD_BESIDE, SAY_STALE, SAY_LAME, SAY_NS_DIFFER, SAY_SILENT, SAY_NO_ROUTE,
	SAY_CACHED_NONE, SAY_CACHED_OLD, SAY_BOGUS, SAY_BOGUS_RESOLVER, SAY_ALL_FAIL, SAY_CUT_NO_TCP, SAY_NO_TCP,
	SAY_TTL_LONG, SAY_TTL_SHORT, SAY_NEGATIVE_LONG, SAY_WRONG_LEVEL, SAY_NOT_SERVED_THERE, SAY_FORMER, SAY_PROXIED,
	SAY_EDNS, SAY_CASE, SAY_U_LABEL, SAY_PUBLISH_FAILED, SAY_BLOCKED, SAY_INTERCEPTED, SAY_DENIES_ABOVE,
	SAY_CANNOT_TELL,
	SAY_COUNT
};

/* Templates: %1 %2 %3 what the judge filled in, %n the name asked for, %h its host part, %d the domain, %t the wanted
 * CNAME target, %r the record, %s the selector, %z the zone, %e what to enter. */
struct diagnosis_row {
	const char *id; /* "D04"; "D00": outside the catalogue */
	enum severity severity;
	const char *situation, *verdict, *mend;
};
extern const struct diagnosis_row DIAGNOSES[SAY_COUNT];

struct finding {
	enum say say;
	const struct diagnosis_row *row;
	enum severity severity; /* the row's, or less: another key signs, or it is only minutes old */
	char server[FINDING_TEXT_LEN];	/* "ns1.example.com (192.0.2.1), serial 42"; "": of none in particular */
	char asked[DIG_LEN];		/* to be repeated: "dig +norec @192.0.2.1 TXT name." */
	char is[FINDING_TEXT_LEN];	/* what came back */
	char verdict[FINDING_TEXT_LEN]; /* one sentence */
	char mend[FINDING_MEND_LEN];	/* what to do or type; "": nothing */
	int64_t until; /* receivers may remember what is wrong until then, if it is mended now; NEVER */
	char args[3][FINDING_TEXT_LEN];
};

struct findings {
	struct finding list[FINDINGS_MAX];
	size_t count;
	char words[160]; /* nothing is wrong, but: "its record is being spread"; "" */
};
struct findings *findings_new(void); /* NULL without memory */
void findings_free(struct findings *);

/* The keys that we ever had, by the octets of p=: whose is it?  false: none of ours. */
struct diagnose_known {
	bool (*whose)(void *arg, struct slice p_octets, char *out, size_t size);
	void *arg;
};

/* Judges the whole; known NULL: knows none. */
void diagnose_judge(
    const struct diagnose_subject *, const struct seen *, const struct diagnose_known *, struct findings *out);
enum severity findings_worst(const struct findings *); /* INFO without any */

/* What the judges share. */
struct judging {
	const struct diagnose_subject *subject;
	const struct seen *seen;
	const struct diagnose_known *known;
	struct findings *out;
};
/* A new finding with the row's severity, not yet worded; the last one again when there are too many. */
struct finding *finding_add(const struct judging *, enum say);
void finding_arg(struct finding *, int nr, const char *fmt, ...) PRINTF(3, 4);
void finding_is(struct finding *, const char *fmt, ...) PRINTF(2, 3);
/* Server, serial and dig line of that reply. */
void finding_ask(const struct judging *, struct finding *, const struct seen_reply *);
bool findings_have(const struct findings *, enum say);
/* Expands verdict and mend of all. */
void findings_word(const struct judging *);
/* A TXT for people: what cannot be printed is \DDD, long ones are cut. */
void diagnose_show(struct slice text, char *out, size_t size);

void diagnose_names(const struct judging *);   /* D01 to D11, D31, D43, D45, D47 */
void diagnose_records(const struct judging *); /* D12 to D30 over all texts at the name */
void diagnose_record(const struct judging *, const struct seen_reply *, struct slice text); /* one of them */
/* Syntax only, of what a strict reader refuses; true when a finding says why. */
bool diagnose_text(const struct judging *, const struct seen_reply *, struct slice text);
void diagnose_servers(const struct judging *); /* D32 to D35, D39 to D42, D44, D46, D51 */
void diagnose_caches(const struct judging *);  /* D36 to D38 */
void diagnose_publication(const struct judging *); /* D48 */
bool diagnose_is_all_failing(const struct judging *); /* D39 where the sweep found no way; true when it was that */

#endif
