/* SPDX-License-Identifier: ISC */
/* doctor_words.h - every sentence that `signpost doctor` can say: the situation that says it, how bad it is, the
 * verdict, and the mend.  In both %1 to %4 stand for what was found.  Pure.
 *
 * Threads: the table is constant; findings belong to their caller. */
#ifndef SIGNPOST_SIGNPOST_DOCTOR_WORDS_H
#define SIGNPOST_SIGNPOST_DOCTOR_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* NOTE: worth saying, and nothing is wrong.  UNKNOWN: could not be looked at. */
enum doctor_level { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_UNKNOWN, DOCTOR_WARN, DOCTOR_FAIL };

enum doctor_say {
	/* the probe */
	DOCTOR_PROBE_GOOD, DOCTOR_PROBE_BAD, DOCTOR_PROBE_UNVERIFIED, DOCTOR_PROBE_UNSIGNED, DOCTOR_PROBE_REFUSED,
	DOCTOR_PROBE_NO_ANSWER, DOCTOR_PROBE_OTHER, DOCTOR_DRY_RUN, DOCTOR_NO_RULE, DOCTOR_NO_KEY, DOCTOR_NO_MILTERS,
	DOCTOR_NO_TABLE, DOCTOR_NO_DOMAINS, DOCTOR_MORE_DOMAINS, DOCTOR_ACKNOWLEDGED, DOCTOR_LAGS, DOCTOR_NEVER_ASKED,
	/* DMARC */
	DOCTOR_ALIGNED, DOCTOR_ALIGNED_NONE, DOCTOR_ALIGNED_ABSENT, DOCTOR_NOT_ALIGNED, DOCTOR_NOT_ALIGNED_STRICT,
	DOCTOR_DMARC_SEVERAL, DOCTOR_DMARC_WRONG, DOCTOR_DMARC_UNKNOWN, DOCTOR_DMARC_TESTING, DOCTOR_DMARC_OLD_TAGS,
	/* Postfix */
	DOCTOR_POSTFIX_NONE, DOCTOR_POSTFIX_GOOD, DOCTOR_NO_SMTPD, DOCTOR_ONLY_PORT_25, DOCTOR_SUBMISSION_WITHOUT,
	DOCTOR_CHROOT,
	DOCTOR_CHROOT_LOCAL,
	DOCTOR_NOT_LAST, DOCTOR_LOCAL_UNSIGNED, DOCTOR_BOUNCES_UNSIGNED, DOCTOR_ACTION_ACCEPT, DOCTOR_ACTION_REJECT,
	DOCTOR_EIGHT_BIT, DOCTOR_EIGHT_BIT_OLD, DOCTOR_AUTH_MACROS, DOCTOR_DAEMON_MACRO, DOCTOR_OLD_PROTOCOL,
	DOCTOR_GENERIC, DOCTOR_SMTP_CHECKS, DOCTOR_MILTER_CHECKS, DOCTOR_LINE_LENGTH, DOCTOR_FILTERED,
	DOCTOR_NO_MILTERS_OPTION,
	DOCTOR_REWRITTEN_AGAIN, DOCTOR_CHECKED_AGAIN, DOCTOR_SERVICE_CHANGES,
	/* files, clock, keeper */
	DOCTOR_FILES_GOOD, DOCTOR_FILE_GONE, DOCTOR_FILE_OPEN, DOCTOR_FILE_WRITABLE, DOCTOR_STORE_WRITABLE, DOCTOR_FILE_GROUP,
	DOCTOR_FILE_OWNER, DOCTOR_LOGIN_MAP,
	DOCTOR_FILE_CLOSED, DOCTOR_SECRET_GONE, DOCTOR_SECRET_OPEN, DOCTOR_SECRET_CLOSED, DOCTOR_DISK_FULL,
	DOCTOR_KEY_WRONG, DOCTOR_SOCKET_OPEN, DOCTOR_SOCKET_CLOSED, DOCTOR_SOCKET_UNKNOWN,
	DOCTOR_CLOCK_GOOD, DOCTOR_CLOCK_WARNS, DOCTOR_CLOCK_WRONG, DOCTOR_KEEPER_GOOD, DOCTOR_KEEPER_LATE, DOCTOR_KEEPER_NEVER,
	DOCTOR_KEEPER_HELD,
	DOCTOR_SAY_COUNT
};

struct doctor_sentence {
	const char *name; /* for programs: "bounces-unsigned" */
	enum doctor_level level;
	const char *situation, *verdict;
	const char *mend; /* "" where nothing is to be done */
};
extern const struct doctor_sentence DOCTOR_SENTENCES[DOCTOR_SAY_COUNT];

#define DOCTOR_VERDICT_LEN 640
#define DOCTOR_MEND_LEN	   512
#define DOCTOR_ARGS	   4

struct doctor_finding {
	enum doctor_say say;
	char domain[256]; /* "": of the host */
	char verdict[DOCTOR_VERDICT_LEN], mend[DOCTOR_MEND_LEN];
};
struct doctor_findings {
	struct doctor_finding *list;
	size_t count, cap;
	bool failed; /* no memory */
};

/* args: DOCTOR_ARGS texts, NULL for none.  domain NULL: of the host. */
void doctor_tell(struct doctor_findings *, enum doctor_say, const char *domain, const char *const args[DOCTOR_ARGS]);
void doctor_add(struct doctor_findings *, const struct doctor_finding *);
#define DOCTOR_TELL(findings, say, domain, ...)                                                    \
	doctor_tell(findings, say, domain, (const char *const[DOCTOR_ARGS]){__VA_ARGS__})
bool doctor_told(const struct doctor_findings *, enum doctor_say);
enum doctor_level doctor_worst(const struct doctor_findings *);
const char *doctor_level_name(enum doctor_level); /* "ok", "note", "?", "warn", "fail" */
void doctor_findings_deinit(struct doctor_findings *);

#endif
