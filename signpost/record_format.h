/* SPDX-License-Identifier: ISC */
/* record_format.h - records in the forms in which people and tools enter them: one table of formats, for
 * `records --format` and `add --format`.  Pure text.
 *
 *	enum record_form form;
 *	if (!record_form_from_name(slice_of("route53"), &form)) ...	record_form_names() lists them
 *	rc = record_format(&list, form, &out, err);
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_RECORD_FORMAT_H
#define SIGNPOST_SIGNPOST_RECORD_FORMAT_H

#include "dkim/record.h"
#include "keys/store.h"
#include "keys/sweep.h"

#include <jansson.h>

#define RECORD_FORMAT_LEN_MAX ((size_t)1 << 20) /* of one domain */

enum record_type { RECORD_TXT, RECORD_CNAME, RECORD_NS };

struct record {
	enum record_type type;
	char owner[SWEEP_NAME_LEN]; /* no final dot */
	char value[RECORD_LEN_MAX + 1]; /* a whole text, or a name without a final dot */
	int64_t ttl_s;
	char selector[SELECTOR_LEN_MAX + 1]; /* "" for NS */
	const char *algorithm;		  /* "" for NS */
	bool proven; /* it was seen in DNS */
};

struct record_list {
	char domain[DOMAIN_LEN_MAX + 1]; /* that mail is signed for */
	char zone[DOMAIN_LEN_MAX + 1];	 /* that holds the records */
	struct record *records;		 /* of one owner and type: one after the other */
	size_t count;
};

enum record_form {
	RECORD_FORM_PERSON,
	RECORD_FORM_ZONE,
	RECORD_FORM_QUOTED,
	RECORD_FORM_NSUPDATE,
	RECORD_FORM_ROUTE53,
	RECORD_FORM_CLOUDFLARE,
	RECORD_FORM_POWERDNS,
	RECORD_FORM_JSON,
	RECORD_FORM_CSV,
	RECORD_FORM_COUNT
};

bool record_form_from_name(struct slice, enum record_form *);
void record_form_names(struct buf *); /* "person, zone, ..." */
/* What is to be known before that form is used, for standard error; NULL: nothing. */
const char *record_form_caution(enum record_form);

/* ERR_LIMIT, ERR_NOMEM. */
int record_format(const struct record_list *, enum record_form, struct buf *out, struct err *) MUST_CHECK;

const char *record_type_name(enum record_type);
/* What a form wants that adds the zone by itself: "s._domainkey", or "s._domainkey.mail" in the zone above. */
void record_host(const struct record_list *, const struct record *, struct buf *out);
/* The value as a zone file has it: quoted strings of at most 255 octets, or the name with its final dot. */
void record_rdata(const struct record *, struct buf *out);

/* record_format_json.c.  NULL: no memory. */
json_t *record_list_json(const struct record_list *);
json_t *record_route53_json(const struct record_list *);
json_t *record_cloudflare_json(const struct record_list *);
json_t *record_powerdns_json(const struct record_list *);

#endif
