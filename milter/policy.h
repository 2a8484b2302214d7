/* SPDX-License-Identifier: ISC */
/* policy.h - who may sign: one pure function from the facts of an SMTP session and a header to a
 * decision. Default deny; a missing fact denies.  Decided once, at end of header.  No I/O, no
 * clock, no allocation.
 *
 *	struct policy_facts f = {.peer = peer, .peer_port = 40123,
 *	    .auth_type = slice_of("PLAIN"), .auth_authen = slice_of("alice@example.com"),
 *	    .from_count = 1, .from = slice_of(" Alice <alice@example.com>")};
 *	struct decision d;
 *	policy_decide(table, &f, &d);
 *	if (d.verdict == VERDICT_SIGN)
 *		use(slice_of(d.domain->name));
 *
 * Threads: reentrant; the table is only read. */
#ifndef SIGNPOST_MILTER_POLICY_H
#define SIGNPOST_MILTER_POLICY_H

#include "keys/table.h"

/* The session's and message's facts; all slices borrowed for the call, empty when the MTA did not
 * give them. */
struct policy_facts {
	struct ip_addr peer; /* IP_NONE: unknown family or none given */
	uint16_t peer_port;  /* 0 with a loopback peer: local submission */
	struct slice daemon_name;
	struct slice auth_type, auth_authen;
	size_t from_count;          /* From fields */
	struct slice from;          /* value of the only one */
	bool header_has_nul;        /* a NUL, or bare CR, anywhere in the header; a name that is none */
	bool header_over_limit;     /* a cap of the table's settings was passed */
	size_t signature_count;     /* DKIM-Signature fields already there */
	/* d= of those, normalized; asked only when settings.if_signed is skip.  May be NULL. */
	bool (*has_signature_of)(const void *arg, struct slice domain);
	const void *has_signature_arg;
};

enum verdict { VERDICT_UNSIGNED, VERDICT_SIGN, VERDICT_TEMPFAIL };

enum origin { ORIGIN_OUTSIDE, ORIGIN_AUTH, ORIGIN_NETWORK, ORIGIN_LOCAL };

enum reason {
	REASON_GRANTED,
	/* no class: not authenticated, no listed network, no local submission */
	REASON_OUTSIDE,
	REASON_NO_FROM,
	REASON_MULTI_FROM,       /* more than one From field */
	REASON_FROM_EMPTY, REASON_FROM_MALFORMED, REASON_FROM_MULTIPLE, REASON_FROM_GROUP, REASON_FROM_ROUTE,
	REASON_FROM_LITERAL, REASON_FROM_DOMAIN,
	REASON_HEADER_OCTETS,    /* NUL, bare CR or LF in the header, or an odd name */
	REASON_HEADER_LIMIT,     /* unsigned or tempfail by on_limit */
	REASON_NOT_AUTHORIZED,   /* a class, but not for this From domain */
	/* {auth_authen} without {auth_type}: the MTA's macros are misconfigured */
	REASON_AUTH_MACROS,
	REASON_NO_DOMAIN,        /* no row for the From domain or a parent */
	/* a parent has a row, but the matching entry does not cover the subdomain */
	REASON_PARENT,
	REASON_ALREADY_SIGNED,   /* if_signed = skip */
	REASON_MAX_SIGNATURES,
	REASON_KEYLESS,          /* unsigned or tempfail by the domain's row */
	REASON_KEY_UNUSABLE,     /* found at end of message, never by policy_decide */
	REASON_DOMAIN_GONE,      /* left the table between eoh and eom */
	REASON_NO_TABLE,         /* no signing table could be loaded */
	REASON_INTERNAL,
	REASON_COUNT
};

struct decision {
	enum verdict verdict;
	enum reason reason;
	enum origin origin;
	/* whose d= signs; also set for refusals when the From domain is one of ours; may be NULL
	 * */
	const struct table_domain *domain;
	/* the row that granted; NULL for the built-in rules and refusals */
	const struct table_allow *allow;
	char author[DOMAIN_LEN_MAX + 1];    /* From domain, normalized; "" when there is none */
};

void policy_decide(const struct table *, const struct policy_facts *, struct decision *);
/* log word: "outside", "multi-from", "key-unusable", ... */
const char *policy_reason_name(enum reason);
const char *policy_origin_name(enum origin); /* "outside", "auth", "network", "local" */
/* One sentence for `signpost decide`: what would have to be different. */
const char *policy_reason_help(enum reason);

#endif
