/* SPDX-License-Identifier: ISC */
/* doctor.h - the path of signed mail from the outside, as facts, and what is wrong with it.  Judging is pure; the facts
 * come from doctor_ask.h.
 *
 *	struct doctor_facts facts = {...};
 *	struct doctor_findings findings = {.list = NULL};
 *	doctor_judge(&facts, &findings);
 *	doctor_findings_deinit(&findings);
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_DOCTOR_H
#define SIGNPOST_SIGNPOST_DOCTOR_H

#include "keys/key_state.h"
#include "signpost/dmarc.h"
#include "signpost/doctor_postfix.h"

#include <stdint.h>
#include <sys/types.h>

#define DOCTOR_WORDS_LEN      512
#define DOCTOR_SIGNATURES_MAX 8

/* What a milter put before the probe. */
struct doctor_signature {
	char selector[DOMAIN_LEN_MAX + 1], alg[24];
	char domain[DOMAIN_LEN_MAX + 1]; /* d= */
	bool good, unknown;		 /* unknown: DNS gave no answer */
	char why[DOCTOR_WORDS_LEN];	 /* not good */
};

struct doctor_probe {
	const char *milter;
	char no_answer[DOCTOR_WORDS_LEN]; /* "": it answered */
	char refused[DOCTOR_WORDS_LEN];	  /* "": it took the message */
	bool changes;			  /* it did more than adding fields */
	struct doctor_signature signatures[DOCTOR_SIGNATURES_MAX];
	size_t count;
	int ms; /* milter and DNS together */
};

struct doctor_domain {
	const char *name;
	bool granted;			       /* some rule of the table lets it be signed */
	bool has_key;			       /* the table has one */
	char author[DOMAIN_LEN_MAX + 1];       /* of the probe's From */
	struct doctor_probe *probes;
	size_t probe_count;
	struct dmarc_policy of_author, of_domain; /* of the author's domain, and of d= */
	bool acknowledgement_needed, agrees;
	int64_t asked_at; /* NEVER */
	char laggard[DOCTOR_WORDS_LEN];
};

enum doctor_file_kind {
	DOCTOR_STORE,  /* the directory: keeper:milter 2750 */
	DOCTOR_SECRET, /* for the keeper alone: 0600 */
	DOCTOR_SHARED, /* for the milter's group, too: 0640 */
	DOCTOR_SOCKET, /* for Postfix */
	DOCTOR_FOREIGN_SECRET, /* a publisher's: somebody else's, and the keeper reads it */
};
struct doctor_file {
	enum doctor_file_kind kind;
	char path[4096];
	bool there;
	char why[128]; /* not there: errno's text when it is another than ENOENT */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	bool closed;	       /* FOREIGN_SECRET: the keeper may not read it */
	const char *publisher; /* FOREIGN_SECRET: that names it */
};

/* Of the store's file system. */
struct doctor_room {
	bool known, files_known; /* some count no files */
	uint64_t bytes, files;	 /* that the keeper may still make */
};

struct doctor_host {
	uid_t keeper;
	gid_t milter;
	bool postfix_known; /* its user is */
	uid_t postfix_uid;
	gid_t postfix_gid;
	char postfix_user[64];
};

struct doctor_facts {
	int64_t now;
	bool dry_run;
	size_t milter_count;
	char table_wrong[DOCTOR_WORDS_LEN]; /* "": it could be read */
	char map_wrong[DOCTOR_WORDS_LEN];   /* "": nothing is wrong with the login map */
	struct doctor_domain *domains;
	size_t domain_count, domains_all; /* looked at, and there are */
	struct doctor_postfix *postfix;
	size_t postfix_count;
	struct doctor_file *files;
	size_t file_count;
	char (*keys_wrong)[DOCTOR_WORDS_LEN];
	size_t keys_wrong_count;
	struct doctor_host host;
	struct doctor_room room;
	bool clock_trusted;
	char clock_why[DOCTOR_WORDS_LEN];
	int64_t last_pass; /* NEVER */
	bool held;
};

void doctor_judge(const struct doctor_facts *, struct doctor_findings *);
void doctor_judge_domain(const struct doctor_facts *, const struct doctor_domain *, struct doctor_findings *);
void doctor_judge_files(const struct doctor_facts *, struct doctor_findings *); /* doctor_files.c */

#endif
