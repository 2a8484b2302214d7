/* SPDX-License-Identifier: ISC */
/* publisher.h - the seam behind which records get into DNS.  Each publisher is one file, keys/publish_TYPE.c, with one
 * row in publisher.c; to add one, see HACKING.
 *
 * What a publisher is asked for is a list of changes, each of one TXT record at one name: from what it is to be to
 * what it shall be.  Every change is idempotent: done already counts as done.  Nothing foreign is overwritten: a
 * publisher that can, makes the old value a condition of the change; where it cannot, it reads first.
 *
 *	struct publish_change c = {.zone = "example.com", .owner = "s._domainkey.example.com",
 *	    .old_text = NULL, .new_text = "v=DKIM1; ...", .ttl_s = 3600};
 *	struct publish_outcome o;
 *	if (publisher_change(conf, &c, 1, &o, err) != 0) ...	cannot even be tried: err says why
 *	switch (o.result) ...
 *
 * Threads: reentrant; a conf is read-only. */
#ifndef SIGNPOST_KEYS_PUBLISHER_H
#define SIGNPOST_KEYS_PUBLISHER_H

#include "base/buf.h"
#include "keys/key_state.h"
#include "keys/sweep.h"

#define PUBLISH_TEXT_LEN 512
#define PUBLISH_RECEIPT_LEN 64
#define PUBLISH_CHANGES_MAX 256 /* of one call */

enum publisher_type {
	PUBLISHER_RFC2136,
	PUBLISHER_ZONE_FILE,
	PUBLISHER_HOOK,
	PUBLISHER_ROUTE53,
	PUBLISHER_CLOUDFLARE,
	PUBLISHER_POWERDNS,
	PUBLISHER_TYPE_COUNT
};

/* A publisher block of signpost.conf.  Strings may be NULL where the type does not need them; publisher_check says
 * what is missing. */
struct publisher_conf {
	char *name;
	enum publisher_type type;
	int timeout_ms;		       /* of the whole call */
	char *zone;		       /* the zone that is changed; NULL: the zone that the sweep finds for the name */
	struct dns_endpoint *servers;  /* rfc2136: the primary; more than one: tried in turn */
	size_t server_count;
	char *tsig_key;		       /* rfc2136: file as tsig-keygen writes it */
	char *file;		       /* zone-file: the include file, written whole */
	char *zone_file;	       /* zone-file: the file that holds the SOA whose serial is raised; NULL: not ours to raise */
	char **check;		       /* zone-file: argv of the server's checker; words "%zone", "%file" are replaced */
	size_t check_count;
	char **reload;		       /* zone-file: argv of the reload command */
	size_t reload_count;
	char **program;		       /* hook: fixed argv; JSON on its standard input */
	size_t program_count;
	char *endpoint;		       /* providers: URL of the API; NULL: the usual one */
	char *ca_file;		       /* providers: authorities instead of the system's */
	char *credentials;	       /* providers: file with the secret; NULL: from the environment */
	char *profile;		       /* route53: section of the credentials */
	char *zone_id;		       /* route53, cloudflare: the zone; NULL: found by its name */
};

/* One TXT record at one name.  Texts are whole values, not yet cut into strings. */
struct publish_change {
	const char *zone;     /* that holds owner, as the sweep found it; A-labels, no final dot */
	const char *owner;    /* A-labels, no final dot */
	const char *old_text; /* what may be replaced; NULL: the name must hold no TXT and no CNAME */
	const char *new_text; /* NULL: the record is removed, and old_text is what it must have been */
	int64_t ttl_s;
	const char *receipt; /* of the outcome, when the same change was PENDING before; NULL, "" */
};

enum publish_result {
	PUBLISH_DONE,	   /* the server took it, or had it so already */
	PUBLISH_PENDING,   /* accepted, not yet in force: ask again, with the receipt */
	PUBLISH_BY_PERSON, /* by hand: a person enters it */
	PUBLISH_FOREIGN,   /* something is there that is not ours: nothing was changed */
	PUBLISH_TEMPORARY, /* server busy, away, clock apart: try again */
	PUBLISH_REFUSED,   /* will not change by itself: key, rights, zone, configuration */
};

struct publish_outcome {
	enum publish_result result;
	bool read_back;		      /* the server was asked afterwards, and has it */
	int64_t server_time;	      /* authenticated (TSIG), for the clock guard; NEVER */
	int64_t our_time;	      /* Unix seconds when server_time came */
	char text[PUBLISH_TEXT_LEN];  /* for an admin: what, which server, why, what next */
	char receipt[PUBLISH_RECEIPT_LEN]; /* PENDING: what the provider calls the change; "" */
};

/* The configuration is whole: ERR_CONFIG names what is missing or is not for this type.  Opens nothing. */
int publisher_check(const struct publisher_conf *, struct err *) MUST_CHECK;
const char *publisher_type_name(enum publisher_type);
/* All changes are of one zone.  Each gets its outcome.  0: tried; -1: it cannot be (ERR_CONFIG: key file; ERR_IO). */
int publisher_change(const struct publisher_conf *, const struct publish_change *, size_t count,
    struct publish_outcome *outcomes, struct err *) MUST_CHECK;
/* --dry-run: what publisher_change would send, run or write, as text; secrets are never in it. */
int publisher_show(const struct publisher_conf *, const struct publish_change *, size_t count, struct buf *out,
    struct err *) MUST_CHECK;
/* What the name server must allow, and no more: update-policy for BIND, acl for Knot and PowerDNS.  names: owners
 * below which records come and go ("_domainkey.example.com", or a slot zone). */
int publisher_rights(const struct publisher_conf *, const char *const *names, size_t count, struct buf *out,
    struct err *) MUST_CHECK;
/* Tries that the key can do no more than it must: each line of out says what was tried, and what the server
 * answered; 1 when the key can do too much (what was done is undone), 0 when not. */
int publisher_try_rights(const struct publisher_conf *, const char *zone, const char *domain, struct buf *out,
    struct err *) MUST_CHECK;

#endif
