/* SPDX-License-Identifier: ISC */
#include "signpost/record_format.h"
#include "signpost/json_out.h"

#include <inttypes.h>
#include <string.h>

typedef void record_text_fn(const struct record_list *, struct buf *out);
typedef json_t *record_json_fn(const struct record_list *);

static const char *const type_names[] = {
    [RECORD_TXT] = "TXT", [RECORD_CNAME] = "CNAME", [RECORD_NS] = "NS"};

const char *
record_type_name(enum record_type type)
{
	return type_names[type];
}

void
record_host(const struct record_list *list, const struct record *r, struct buf *out)
{
	size_t owner = strlen(r->owner), zone = strlen(list->zone);

	if (owner > zone + 1 && r->owner[owner - zone - 1] == '.' &&
	    strcmp(r->owner + owner - zone, list->zone) == 0)
		buf_put(out, slice_new(r->owner, owner - zone - 1));
	else
		buf_put_str(out, strcmp(r->owner, list->zone) == 0 ? "@" : r->owner);
}

void
record_rdata(const struct record *r, struct buf *out)
{
	if (r->type == RECORD_TXT)
		key_record_format_quoted(slice_of(r->value), out);
	else
		buf_printf(out, "%s.", r->value);
}

/* Several name servers are one entry. */
static bool
is_same_set(const struct record *a, const struct record *b)
{
	return a->type == b->type && strcmp(a->owner, b->owner) == 0;
}

static void
put_value(const struct record *r, struct buf *out)
{
	if (r->type != RECORD_TXT) {
		buf_printf(
		    out, "  Value   %s.   (some forms want it without the final dot)\n", r->value);
		return;
	}
	buf_printf(out, "  Value   %s\n          (one line, %zu characters)\n", r->value,
	    strlen(r->value));
	if (strlen(r->value) <= RECORD_STRING_MAX)
		return;
	buf_put_str(out, "  or      ");
	record_rdata(r, out);
	buf_printf(out, "\n          (if the form takes at most %d characters in one string)\n",
	    RECORD_STRING_MAX);
}

static void
put_hosts(const struct record_list *list, const struct record *r, struct buf *out)
{
	struct buf host;
	int width = (int)strlen(r->owner) + 1; /* all three end at one column */

	buf_init(&host, SWEEP_NAME_LEN);
	record_host(list, r, &host);
	buf_printf(out, "  Host    %-*s   if the form adds %s by itself\n", width, buf_str(&host),
	    list->zone);
	buf_printf(out, "          %-*s   if it wants the whole name\n", width, r->owner);
	buf_printf(out, "          %s.   if it wants the whole name and adds %s without a dot\n",
	    r->owner, list->zone);
	buf_deinit(&host);
}

/* Some were seen in DNS, and others not. */
static bool
is_mixed(const struct record_list *list)
{
	size_t proven = 0;

	for (size_t i = 0; i < list->count; i++)
		proven += list->records[i].proven;
	return proven > 0 && proven < list->count;
}

static void
put_person(const struct record_list *list, struct buf *out)
{
	bool mixed = is_mixed(list);

	for (size_t i = 0; i < list->count; i++) {
		const struct record *r = &list->records[i];
		if (i == 0 || !is_same_set(r, r - 1)) {
			buf_put_str(out, i == 0 ? "" : "\n");
			if (mixed)
				buf_printf(out, "%s  %s:\n",
				    r->proven ? "In DNS already" : "To be entered", r->selector);
			buf_printf(out, "  Type    %s\n", record_type_name(r->type));
			put_hosts(list, r, out);
			buf_printf(out, "  TTL     %" PRId64 "\n", r->ttl_s);
		}
		put_value(r, out);
	}
}

static void
put_zone(const struct record_list *list, struct buf *out)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct record *r = &list->records[i];
		buf_printf(out, "%s.\t%" PRId64 "\tIN\t%s\t%s", r->owner, r->ttl_s,
		    record_type_name(r->type), r->type == RECORD_TXT ? "( " : "");
		record_rdata(r, out);
		buf_put_str(out, r->type == RECORD_TXT ? " )\n" : "\n");
	}
}

static void
put_quoted(const struct record_list *list, struct buf *out)
{
	for (size_t i = 0; i < list->count; i++) {
		record_rdata(&list->records[i], out);
		buf_put_str(out, "\n");
	}
}

/* Nothing is added beside a CNAME, nor to a set that stands there, whose it may be (RFC 2136 2.4.3).  Each set is an
 * update of its own: what was entered before keeps nothing else out. */
static void
put_nsupdate(const struct record_list *list, struct buf *out)
{
	buf_put_str(
	    out, "; YXRRSET: records of that name are there already; nothing is changed there\n");
	buf_printf(out, "zone %s.\n", list->zone);
	for (size_t i = 0; i < list->count; i++) {
		const struct record *r = &list->records[i];
		if (i > 0 && !is_same_set(r, r - 1))
			buf_put_str(out, "send\n");
		if (i == 0 || !is_same_set(r, r - 1))
			buf_printf(out, "prereq nxrrset %s. %s\nprereq nxrrset %s. %s\n", r->owner,
			    record_type_name(r->type), r->owner,
			    r->type == RECORD_TXT ? "CNAME" : "TXT");
		buf_printf(out, "update add %s. %" PRId64 " %s ", r->owner, r->ttl_s,
		    record_type_name(r->type));
		record_rdata(r, out);
		buf_put_str(out, "\n");
	}
	buf_put_str(out, "send\n");
}

/* RFC 4180, but for the line's end: what reads it takes either. */
static void
put_field(const char *text, struct buf *out)
{
	buf_put_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_put_byte(out, '"');
		buf_put_byte(out, (uint8_t)*text);
	}
	buf_put_byte(out, '"');
}

static void
put_csv(const struct record_list *list, struct buf *out)
{
	struct buf host;

	buf_put_str(out, "type,host,name,ttl,value\n");
	for (size_t i = 0; i < list->count; i++) {
		const struct record *r = &list->records[i];
		buf_init(&host, SWEEP_NAME_LEN);
		record_host(list, r, &host);
		buf_printf(out, "%s,%s,%s,%" PRId64 ",", record_type_name(r->type), buf_str(&host),
		    r->owner, r->ttl_s);
		put_field(r->value, out);
		buf_put_str(out, "\n");
		buf_deinit(&host);
	}
}

static const struct {
	const char *name;
	record_text_fn *text;
	record_json_fn *json;
	const char *caution;
} forms[RECORD_FORM_COUNT] = {
    [RECORD_FORM_PERSON] = {"person", put_person, NULL, NULL},
    [RECORD_FORM_ZONE] = {"zone", put_zone, NULL, NULL},
    [RECORD_FORM_QUOTED] = {"quoted", put_quoted, NULL, NULL},
    [RECORD_FORM_NSUPDATE] = {"nsupdate", put_nsupdate, NULL, NULL},
    [RECORD_FORM_ROUTE53] = {"route53", NULL, record_route53_json, NULL},
    [RECORD_FORM_CLOUDFLARE] = {"cloudflare", NULL, record_cloudflare_json, NULL},
    [RECORD_FORM_POWERDNS] = {"powerdns", NULL, record_powerdns_json,
	"PowerDNS replaces what stands at these names (changetype REPLACE): look first that "
	"nothing of others does"},
    [RECORD_FORM_JSON] = {"json", NULL, record_list_json, NULL},
    [RECORD_FORM_CSV] = {"csv", put_csv, NULL, NULL},
};

bool
record_form_from_name(struct slice name, enum record_form *form)
{
	for (size_t i = 0; i < RECORD_FORM_COUNT; i++) {
		if (slice_eq_str(name, forms[i].name)) {
			*form = (enum record_form)i;
			return true;
		}
	}
	return false;
}

const char *
record_form_caution(enum record_form form)
{
	return forms[form].caution;
}

void
record_form_names(struct buf *out)
{
	for (size_t i = 0; i < RECORD_FORM_COUNT; i++)
		buf_printf(out, "%s%s",
		    i == 0			 ? ""
		    : i + 1 == RECORD_FORM_COUNT ? " or "
						 : ", ",
		    forms[i].name);
}

int
record_format(
    const struct record_list *list, enum record_form form, struct buf *out, struct err *err)
{
	if (forms[form].text != NULL) {
		forms[form].text(list, out);
		return buf_check(out, "the records", err);
	}
	if (json_put(forms[form].json(list), JSON_AS_MADE, out, err) != 0)
		return -1;
	return buf_check(out, "the records", err);
}
