/* SPDX-License-Identifier: ISC */
/* Records as the interfaces of DNS providers take them, each a whole request body. */
#include "signpost/record_format.h"

#include <string.h>

#define CLOUDFLARE_TTL_MIN 60 /* below it takes only 1, which means "automatic" */
#define CLOUDFLARE_TTL_MAX 86400

/* A string made by one of record_format.c's functions. */
static json_t *
rdata_json(const struct record *r)
{
	struct buf text;

	buf_init(&text, 2 * RECORD_LEN_MAX);
	record_rdata(r, &text);
	json_t *json = json_string(buf_str(&text));
	buf_deinit(&text);
	return json;
}

static json_t *
absolute_json(const char *name)
{
	return json_sprintf("%s.", name);
}

/* The strings of a TXT value, at most 255 octets each. */
static json_t *
strings_json(const struct record *r)
{
	json_t *strings = json_array();
	size_t len = strlen(r->value);

	for (size_t at = 0; at < len && r->type == RECORD_TXT; at += RECORD_STRING_MAX) {
		size_t n = len - at < RECORD_STRING_MAX ? len - at : RECORD_STRING_MAX;
		json_array_append_new(strings, json_stringn(r->value + at, n));
	}
	return strings;
}

static json_t *
record_json(const struct record_list *list, const struct record *r)
{
	struct buf host;

	buf_init(&host, SWEEP_NAME_LEN);
	record_host(list, r, &host);
	json_t *json = json_pack("{s:s, s:s, s:s, s:I, s:s, s:o, s:s, s:s}", "type",
	    record_type_name(r->type), "host", buf_str(&host), "name", r->owner, "ttl",
	    (json_int_t)r->ttl_s, "value", r->value, "strings", strings_json(r), "selector",
	    r->selector, "algorithm", r->algorithm);
	buf_deinit(&host);
	return json;
}

json_t *
record_list_json(const struct record_list *list)
{
	json_t *records = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(records, record_json(list, &list->records[i]));
	return json_pack(
	    "{s:s, s:s, s:o}", "domain", list->domain, "zone", list->zone, "records", records);
}

/* What stands at one name is one set; value makes one of its members. */
typedef json_t *member_fn(const struct record *);
struct sets {
	const struct record_list *list;
	member_fn *member;
	size_t at; /* of the next set's first record */
};

static json_t *
next_members(struct sets *s)
{
	const struct record *first = &s->list->records[s->at], *r = first;
	json_t *members = json_array();

	for (; s->at < s->list->count && r->type == first->type &&
	       strcmp(r->owner, first->owner) == 0;
	     s->at++, r++)
		json_array_append_new(members, s->member(r));
	return members;
}

static json_t *
route53_member(const struct record *r)
{
	return json_pack("{s:o}", "Value", rdata_json(r));
}

/* CREATE, not UPSERT: what stands there already is not ours to replace. */
json_t *
record_route53_json(const struct record_list *list)
{
	struct sets s = {.list = list, .member = route53_member};
	json_t *changes = json_array();

	while (s.at < list->count) {
		const struct record *r = &list->records[s.at];
		json_t *set = json_pack("{s:o, s:s, s:I, s:o}", "Name", absolute_json(r->owner),
		    "Type", record_type_name(r->type), "TTL", (json_int_t)r->ttl_s,
		    "ResourceRecords", next_members(&s));
		json_array_append_new(
		    changes, json_pack("{s:s, s:o}", "Action", "CREATE", "ResourceRecordSet", set));
	}
	return json_pack("{s:o, s:o}", "Comment",
	    json_sprintf("DKIM records of %s, by signpost", list->domain), "Changes", changes);
}

static json_t *
cloudflare_post(const struct record *r)
{
	int64_t ttl = r->ttl_s < CLOUDFLARE_TTL_MIN   ? CLOUDFLARE_TTL_MIN
		      : r->ttl_s > CLOUDFLARE_TTL_MAX ? CLOUDFLARE_TTL_MAX
						      : r->ttl_s;
	json_t *content = r->type == RECORD_TXT ? rdata_json(r) : json_string(r->value);
	json_t *json = json_pack("{s:s, s:s, s:o, s:I}", "type", record_type_name(r->type), "name",
	    r->owner, "content", content, "ttl", (json_int_t)ttl);

	/* a proxied alias answers with addresses and never leads to the key */
	if (json != NULL && r->type == RECORD_CNAME)
		json_object_set_new(json, "proxied", json_false());
	return json;
}

/* For POST /zones/ZONE_ID/dns_records/batch: all of it or nothing. */
json_t *
record_cloudflare_json(const struct record_list *list)
{
	json_t *posts = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(posts, cloudflare_post(&list->records[i]));
	return json_pack("{s:o}", "posts", posts);
}

static json_t *
powerdns_member(const struct record *r)
{
	return json_pack("{s:o, s:b}", "content", rdata_json(r), "disabled", 0);
}

/* For PATCH /api/v1/servers/localhost/zones/ZONE. */
json_t *
record_powerdns_json(const struct record_list *list)
{
	struct sets s = {.list = list, .member = powerdns_member};
	json_t *rrsets = json_array();

	while (s.at < list->count) {
		const struct record *r = &list->records[s.at];
		json_array_append_new(
		    rrsets, json_pack("{s:o, s:s, s:I, s:s, s:o}", "name", absolute_json(r->owner),
				"type", record_type_name(r->type), "ttl", (json_int_t)r->ttl_s,
				"changetype", "REPLACE", "records", next_members(&s)));
	}
	return json_pack("{s:o}", "rrsets", rrsets);
}
