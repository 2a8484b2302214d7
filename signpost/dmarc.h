/* SPDX-License-Identifier: ISC */
/* dmarc.h - the DMARC record of an author domain, its organizational domain, and whether d= aligns (RFC 9989, which
 * replaces RFC 7489): by the tree walk, without a list of public suffixes.
 *
 *	struct dmarc_policy p;
 *	dmarc_find(ask, arg, "mail.example.com", &p);
 *	if (p.state == DMARC_FOUND) ...
 *
 * Threads: reentrant; asking is the caller's. */
#ifndef SIGNPOST_SIGNPOST_DMARC_H
#define SIGNPOST_SIGNPOST_DMARC_H

#include "base/slice.h"
#include "dkim/domain.h"

#define DMARC_PREFIX	"_dmarc."
#define DMARC_LABELS_MAX 8 /* questions of one walk, RFC 9989 4.10 */
#define DMARC_TXT_MAX	8

struct dmarc_record {
	bool strict;	   /* adkim=s */
	bool testing;	   /* t=y */
	char p[16], sp[16]; /* "none", "quarantine", "reject"; "" when absent or another word */
	char psd;	   /* 'y', 'n' or 'u' */
	char old[8];	   /* the first of pct, rf, ri; "" */
	char wrong[64];	   /* the p= that is none of the three */
};
/* False: it is no DMARC record (it does not begin with v=DMARC1). */
bool dmarc_parse(struct slice txt, struct dmarc_record *);

/* The TXT of a name: fills lengths and texts; false: DNS gave no answer. */
struct dmarc_txt {
	char text[DMARC_TXT_MAX][1024];
	size_t count;
};
typedef bool dmarc_ask(void *arg, const char *name, struct dmarc_txt *out);

enum dmarc_state { DMARC_FOUND, DMARC_ABSENT, DMARC_SEVERAL, DMARC_UNKNOWN };

struct dmarc_policy {
	enum dmarc_state state;
	struct dmarc_record record;	    /* FOUND */
	char at[DOMAIN_LEN_MAX + 8];	    /* FOUND, SEVERAL: "_dmarc.example.com"; UNKNOWN: what was asked */
	size_t several;
	bool inherited;			    /* of the organizational domain, not of the domain itself: sp= counts */
	char organization[DOMAIN_LEN_MAX + 1]; /* the domain itself when nothing else is known */
	bool cut;			    /* FOUND at the domain itself, but DNS is silent above: so is the organization */
};
void dmarc_find(dmarc_ask *ask, void *arg, const char *domain, struct dmarc_policy *out);
/* What a receiver is to do with mail of the domain that fails: sp= or p=; "" when the record says neither. */
const char *dmarc_action(const struct dmarc_policy *);

enum dmarc_alignment { DMARC_ALIGNED, DMARC_DIFFERS, DMARC_DIFFERS_STRICT, DMARC_NOT_KNOWN };
/* d: of the signature, with its own walk; author: of From. */
enum dmarc_alignment dmarc_aligns(const char *d, const struct dmarc_policy *of_d, const char *author,
    const struct dmarc_policy *of_author);

#endif
