/* SPDX-License-Identifier: ISC */
#include "keys/route53_answer.h"
#include "keys/xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAMESPACE "https://route53.amazonaws.com/doc/2013-04-01/"
#define SET	  "ResourceRecordSets/ResourceRecordSet"
#define ZONE	  "HostedZones/HostedZone"

static void
copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%.*s", (int)size - 1, text);
}

/* The last part of "/hostedzone/Z1"; "" unless it is a plain identifier, since it goes into paths. */
static void
copy_id(char to[static ROUTE53_ID_LEN], const char *text)
{
	const char *slash = strrchr(text, '/');
	const char *id = slash == NULL ? text : slash + 1;
	bool good = strlen(id) < ROUTE53_ID_LEN;
	for (size_t i = 0; good && id[i] != '\0'; i++)
		good = ascii_is_alnum((uint8_t)id[i]);
	copy(to, ROUTE53_ID_LEN, good ? id : "");
}

static int
take_error(void *arg, const char *path, const char *text)
{
	struct route53_error *e = arg;
	if (strcmp(path, "Error/Code") == 0)
		copy(e->code, sizeof(e->code), text);
	else if (strcmp(path, "Error/Message") == 0)
		copy(e->message, sizeof(e->message), text);
	else if (strcmp(path, "Messages/Message") == 0 && e->message[0] == '\0') {
		copy(e->code, sizeof(e->code), "InvalidChangeBatch");
		copy(e->message, sizeof(e->message), text);
	}
	return 0;
}

void
route53_read_error(struct slice body, struct route53_error *e)
{
	struct err ignored = ERR_INIT; /* then it has no code */
	memset(e, 0, sizeof(*e));
	if (xml_read(body, &(struct xml_taker){take_error, e}, &ignored) != 0)
		memset(e, 0, sizeof(*e));
}

struct zones_reading {
	struct route53_zones *zones;
	bool is_list;
};

static int
take_zone(void *arg, const char *path, const char *text)
{
	struct zones_reading *r = arg;
	struct route53_zones *z = r->zones;
	struct route53_zone *zone = &z->zones[z->count];
	r->is_list = r->is_list || strcmp(path, "HostedZones") == 0;
	if (z->count == ROUTE53_ZONES_MAX)
		return 0;
	if (strcmp(path, ZONE "/Id") == 0)
		copy_id(zone->id, text);
	else if (strcmp(path, ZONE "/Name") == 0)
		copy(zone->name, sizeof(zone->name), text);
	else if (strcmp(path, ZONE "/Config/PrivateZone") == 0)
		zone->is_private = strcmp(text, "true") == 0;
	else if (strcmp(path, ZONE) == 0 && zone->id[0] != '\0')
		z->count++;
	return 0;
}

int
route53_read_zones(struct slice body, struct route53_zones *z, struct err *err)
{
	struct zones_reading r = {.zones = z};
	memset(z, 0, sizeof(*z));
	if (xml_read(body, &(struct xml_taker){take_zone, &r}, err) != 0)
		return -1;
	return r.is_list ? 0 : err_set(err, ERR_INPUT, "no list of hosted zones");
}

static int
take_record(void *arg, const char *path, const char *text)
{
	struct route53_page *p = arg;
	struct route53_record *r = &p->record;
	uint64_t ttl = 0;
	if (strcmp(path, SET "/Name") == 0) {
		copy(r->name, sizeof(r->name), text);
	} else if (strcmp(path, SET "/Type") == 0) {
		copy(r->type, sizeof(r->type), text);
	} else if (strcmp(path, SET "/SetIdentifier") == 0) {
		r->is_special = true;
	} else if (strcmp(path, SET "/TTL") == 0) {
		r->ttl_s = slice_to_u64(slice_of(text), INT32_MAX, &ttl) ? (int64_t)ttl : 0;
	} else if (strcmp(path, SET "/ResourceRecords/ResourceRecord/Value") == 0) {
		r->value = text;
		return p->take(p->arg, r);
	} else if (strcmp(path, SET "/AliasTarget/DNSName") == 0) {
		r->value = text;
		r->is_special = true;
		return p->take(p->arg, r);
	} else if (strcmp(path, SET) == 0) {
		memset(r, 0, sizeof(*r));
	} else if (strcmp(path, "IsTruncated") == 0) {
		p->is_truncated = strcmp(text, "true") == 0;
	} else if (strcmp(path, "NextRecordName") == 0) {
		copy(p->next, sizeof(p->next), text);
	}
	return 0;
}

struct page_reading {
	struct route53_page *page;
	bool is_list;
};

static int
take_page(void *arg, const char *path, const char *text)
{
	struct page_reading *r = arg;
	r->is_list = r->is_list || strcmp(path, "ResourceRecordSets") == 0;
	return take_record(r->page, path, text);
}

int
route53_read_page(struct slice body, struct route53_page *p, struct err *err)
{
	struct page_reading r = {.page = p};
	p->is_truncated = false;
	p->next[0] = '\0';
	memset(&p->record, 0, sizeof(p->record));
	int rc = xml_read(body, &(struct xml_taker){take_page, &r}, err);
	p->record.value = NULL;
	if (rc != 0 || r.is_list)
		return rc;
	return err_set(err, ERR_INPUT, "no list of records");
}

static int
take_change(void *arg, const char *path, const char *text)
{
	struct route53_change *c = arg;
	if (strcmp(path, "ChangeInfo/Id") == 0)
		copy_id(c->id, text);
	else if (strcmp(path, "ChangeInfo/Status") == 0)
		c->in_sync = strcmp(text, "INSYNC") == 0;
	return 0;
}

int
route53_read_change(struct slice body, struct route53_change *c, struct err *err)
{
	memset(c, 0, sizeof(*c));
	if (xml_read(body, &(struct xml_taker){take_change, c}, err) != 0)
		return -1;
	return c->id[0] != '\0' ? 0 : err_set(err, ERR_INPUT, "no change");
}

void
route53_begin_batch(struct buf *out)
{
	buf_put_str(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ChangeResourceRecordSetsRequest "
	    "xmlns=\"" NAMESPACE "\">\n<ChangeBatch>\n<Comment>signpost</Comment>\n<Changes>\n");
}

void
route53_put_change(struct buf *out, const char *action, const struct route53_record *r)
{
	buf_printf(out, "<Change><Action>%s</Action><ResourceRecordSet><Name>", action);
	xml_put_escaped(out, r->name);
	buf_printf(out, "</Name><Type>%s</Type><TTL>%" PRId64 "</TTL>", r->type, r->ttl_s);
	buf_put_str(out, "<ResourceRecords><ResourceRecord><Value>");
	xml_put_escaped(out, r->value);
	buf_put_str(
	    out, "</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>\n");
}

void
route53_end_batch(struct buf *out)
{
	buf_put_str(out, "</Changes>\n</ChangeBatch>\n</ChangeResourceRecordSetsRequest>\n");
}

/* "www.example.com" or with a final dot -> "com.example.www." */
static void
reverse(const char *name, char out[static ROUTE53_NAME_LEN])
{
	size_t end = strlen(name), n = 0;
	if (end > 0 && name[end - 1] == '.')
		end--;
	while (end > 0 && n + 2 < ROUTE53_NAME_LEN) {
		size_t begin = end;
		while (begin > 0 && name[begin - 1] != '.')
			begin--;
		if (n + (end - begin) + 2 > ROUTE53_NAME_LEN)
			break;
		memcpy(out + n, name + begin, end - begin);
		n += end - begin;
		out[n++] = '.';
		end = begin > 0 ? begin - 1 : 0;
	}
	out[n] = '\0';
}

int
route53_compare(const char *a, const char *b)
{
	char x[ROUTE53_NAME_LEN], y[ROUTE53_NAME_LEN];
	reverse(a, x);
	reverse(b, y);
	return strcmp(x, y);
}
