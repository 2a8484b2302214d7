/* SPDX-License-Identifier: ISC */
/* Cloudflare's API, version 4: a request for each record.  It has no conditions, but records have identifiers, so that
 * what is replaced or removed is the very record that was read. */
#include "keys/publish_cloudflare.h"
#include "keys/publish_type.h"
#include "keys/zone_include.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT     "https://api.cloudflare.com/client/v4"
#define VARIABLE     "CLOUDFLARE_API_TOKEN"
#define OLD_VARIABLE "CF_API_TOKEN"
#define WHAT	     "Cloudflare's API token"
#define PATH_LEN     1000
#define BODY_LEN     (3 * DNS_TXT_LEN_MAX)
#define PAGE_LEN     100
#define PAGES_MAX    10 /* of one name */
#define TTL_MIN	     60
#define TTL_MAX	     86400

/* Codes that Cloudflare gives beside the HTTP status, and what an admin does about them. */
struct code_row {
	int code;
	bool for_all; /* each request would fare the same */
	enum publish_result result;
	const char *text;
};

static const struct code_row codes[] = {
    {10000, true, PUBLISH_REFUSED,
	"the token is not known, or may not change DNS of this zone: it needs the permission Zone "
	"/ DNS / Edit for it"},
    {9109, true, PUBLISH_REFUSED,
	"the token is not valid, has run out, may not be used from this host's address, or does "
	"not reach this zone"},
    {9106, true, PUBLISH_REFUSED,
	"the token was lost on its way: is something between us and Cloudflare?"},
    {9103, true, PUBLISH_REFUSED,
	"that is a global key, not a token: make a token under My Profile / API Tokens"},
    {6003, true, PUBLISH_REFUSED, "the token is not of the form that it has: copy it anew"},
    {6111, true, PUBLISH_REFUSED, "the token is not of the form that it has: copy it anew"},
    {1000, true, PUBLISH_REFUSED, "the token is not valid: copy it anew, or make another"},
    {1001, true, PUBLISH_REFUSED,
	"zone_id is not the identifier of a zone: the zone's overview shows it"},
    {7003, true, PUBLISH_REFUSED,
	"zone_id is not the identifier of a zone: the zone's overview shows it"},
    {1034, true, PUBLISH_REFUSED,
	"it does not let this zone be changed: the zone's overview there may say why"},
    {81044, false, PUBLISH_TEMPORARY,
	"the record went away just now; the next try looks what stands there then"},
    {81053, false, PUBLISH_FOREIGN,
	"a record that cannot stand beside a TXT record is there: remove it, or use mode slots"},
    {81054, false, PUBLISH_FOREIGN,
	"a CNAME is there, and a TXT record cannot stand beside it: remove it, or use mode slots"},
    {81057, false, PUBLISH_TEMPORARY, "such a record came in between; the next try looks whose"},
    {81058, false, PUBLISH_TEMPORARY, "such a record came in between; the next try looks whose"},
    {81045, true, PUBLISH_REFUSED,
	"the zone has as many records as its plan allows: remove some, or take a larger plan"},
    {971, true, PUBLISH_TEMPORARY, "it wants fewer requests; it is tried again later"},
};

/* What it says to what it did not do; 1 when each request would fare the same. */
static int
judge(const struct provider *p, const struct http_reply *r, struct publish_outcome *o)
{
	const char *host = p->http.host;
	if (provider_judge_http(p, r, o))
		return r->end != HTTP_LOST;
	json_t *root = provider_json(p, r, o);
	json_t *first = json_array_get(json_object_get(root, "errors"), 0);
	json_t *chained = json_array_get(json_object_get(first, "error_chain"), 0);
	int code = (int)json_integer_value(json_object_get(first, "code"));
	const char *message =
	    json_string_value(json_object_get(chained != NULL ? chained : first, "message"));
	char said[HTTP_QUOTE_LEN];
	int rc = 1;
	const struct code_row *row = NULL;
	http_quote(&p->http, slice_of(message), said);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]) && row == NULL; i++)
		row = codes[i].code == code ? &codes[i] : NULL;
	if (row != NULL) {
		rc = row->for_all;
		publish_say(o, row->result, "%s says %d (%.120s): %s", host, code, said, row->text);
	} else if (root != NULL) {
		rc = r->status == 401 || r->status == 403;
		publish_say(o, PUBLISH_REFUSED, "%s refuses it (HTTP status %d, code %d): %s", host,
		    r->status, code, message == NULL ? "it does not say why" : said);
	}
	json_decref(root);
	return rc;
}

int
cloudflare_ask(struct provider *p, const struct http_request *q, struct json_t **root,
    struct publish_outcome *o)
{
	struct http_reply r;
	*root = NULL;
	if (provider_ask(p, q, &r) != 0)
		return -1;
	int rc = 0;
	if (r.end != HTTP_ANSWERED || r.status / 100 != 2)
		rc = judge(p, &r, o);
	else if ((*root = provider_json(p, &r, o)) == NULL)
		rc = 1;
	else if (!json_is_true(json_object_get(*root, "success"))) {
		json_decref(*root);
		*root = NULL;
		rc = judge(p, &r, o);
	}
	http_reply_deinit(&r);
	return rc;
}

static int
find_zone(struct provider *p, struct publish_outcome *o)
{
	char path[PATH_LEN];
	json_t *root = NULL;
	snprintf(path, sizeof(path), "/zones?name=%.300s&per_page=50", p->zone);
	int rc = cloudflare_ask(p, &(struct http_request){.method = "GET", .path = path}, &root, o);
	if (root == NULL)
		return rc < 0 ? -1 : 1;
	json_t *list = json_object_get(root, "result"), *zone = json_array_get(list, 0);
	const char *id = json_string_value(json_object_get(zone, "id"));
	const char *status = json_string_value(json_object_get(zone, "status"));
	bool good = id != NULL && slice_to_str(slice_of(id), p->zone_id, sizeof(p->zone_id));
	if (json_array_size(list) > 1) {
		publish_say(o, PUBLISH_REFUSED,
		    "%s has zone %s more than once (in several accounts): name the right one with "
		    "zone_id",
		    p->http.host, p->zone);
		rc = 1;
	} else if (!good) {
		publish_say(o, PUBLISH_REFUSED,
		    "%s shows no zone %s to this token: is it in this account, and is the token "
		    "for it (Zone / Zone / Read)?",
		    p->http.host, p->zone);
		rc = 1;
	} else if (status != NULL && strcmp(status, "active") != 0) {
		p->note =
		    "the zone is not active there, so the world does not see its records: its "
		    "registrar has to name Cloudflare's name servers";
	}
	json_decref(root);
	return rc;
}

static int
connect_with_token(struct provider *p)
{
	struct buf token, value;
	buf_init(&token, PROVIDER_SECRET_MAX);
	buf_init(&value, PROVIDER_SECRET_MAX + 16);
	const char *variable =
	    getenv(VARIABLE) == NULL && getenv(OLD_VARIABLE) != NULL ? OLD_VARIABLE : VARIABLE;
	int rc = provider_secret(p->conf, variable, WHAT, &token, p->err);
	if (rc == 0)
		rc = provider_connect(p, ENDPOINT, NULL);
	buf_printf(&value, "Bearer %s", buf_str(&token));
	if (rc == 0)
		rc = http_header(&p->http, "Authorization", buf_str(&value), p->err);
	if (rc == 0)
		rc = http_header(&p->http, "Content-Type", "application/json", p->err);
	buf_wipe(&token);
	buf_wipe(&value);
	return rc;
}

int
cloudflare_open(struct provider *p, struct publish_outcome *o)
{
	if (connect_with_token(p) != 0)
		return -1;
	if (p->conf->zone_id == NULL)
		return find_zone(p, o);
	snprintf(p->zone_id, sizeof(p->zone_id), "%s", p->conf->zone_id);
	return 0;
}

/* It goes into a path, and without it the path is that of all records. */
static bool
take_id(struct provider_name *n, const char *id)
{
	bool good = id != NULL && id[0] != '\0' && slice_to_str(slice_of(id), n->id, sizeof(n->id));
	for (const char *c = n->id; good && *c != '\0'; c++)
		good = ascii_is_alnum((uint8_t)*c);
	return good;
}

/* 1: no such record is Cloudflare's, and what stands at the name is not known. */
static int
take_record(struct provider_name *n, json_t *record, struct err *err)
{
	const char *type = json_string_value(json_object_get(record, "type"));
	const char *id = json_string_value(json_object_get(record, "id"));
	json_t *content = json_object_get(record, "content");
	if (type == NULL)
		return 1;
	if (strcmp(type, "TXT") != 0) {
		if (json_is_string(content))
			provider_put_other(n, type, json_string_value(content));
		return 0;
	}
	if (!json_is_string(content) || !take_id(n, id))
		return 1;
	return provider_put_txt(
	    n, slice_new(json_string_value(content), json_string_length(content)), err);
}

static int
take_page(struct provider *p, size_t i, json_t *root)
{
	json_t *list = json_object_get(root, "result"), *record = NULL;
	size_t k = 0;
	if (!json_is_array(list)) {
		publish_say(&p->outcomes[i], PUBLISH_TEMPORARY,
		    "%s answered with no list of records: is `endpoint` right?", p->http.host);
		p->names[i].state.holds = HOLDS_UNKNOWN;
		return 1;
	}
	int rc = 0;
	json_array_foreach(list, k, record)
	{
		struct slice name = slice_of(json_string_value(json_object_get(record, "name")));
		/* others who speak this API write names with their final dot */
		if (name.len > 0 && name.ptr[name.len - 1] == '.')
			name.len--;
		if (rc == 0 && slice_ieq_str(name, p->changes[i].owner))
			rc = take_record(&p->names[i], record, p->err);
	}
	if (rc > 0) {
		publish_say(&p->outcomes[i], PUBLISH_TEMPORARY,
		    "%s answered with a record that lacks its type, or a TXT record that lacks its "
		    "content or identifier: is `endpoint` right?",
		    p->http.host);
		p->names[i].state.holds = HOLDS_UNKNOWN;
	}
	return rc;
}

static int
read_name(struct provider *p, size_t i)
{
	char path[PATH_LEN];
	json_int_t pages = 1;
	int rc = 0;
	p->names[i].state.holds = HOLDS_NOTHING;
	for (int page = 1; rc == 0 && page <= pages && page <= PAGES_MAX; page++) {
		json_t *root = NULL;
		snprintf(path, sizeof(path),
		    "/zones/%s/dns_records?name=%.300s&page=%d&per_page=%d", p->zone_id,
		    p->changes[i].owner, page, PAGE_LEN);
		rc = cloudflare_ask(p, &(struct http_request){.method = "GET", .path = path}, &root,
		    &p->outcomes[i]);
		if (root == NULL) {
			p->names[i].state.holds = HOLDS_UNKNOWN;
			return rc;
		}
		rc = take_page(p, i, root);
		pages = json_integer_value(
		    json_object_get(json_object_get(root, "result_info"), "total_pages"));
		json_decref(root);
	}
	return rc;
}

/* NULL: out of memory.  Free with free(). */
static char *
make_body(const struct publish_change *c, size_t indent)
{
	struct buf content;
	int64_t ttl_s = c->ttl_s < TTL_MIN ? TTL_MIN : c->ttl_s > TTL_MAX ? TTL_MAX : c->ttl_s;
	buf_init(&content, BODY_LEN);
	zone_put_strings(&content, c->new_text);
	json_t *o = content.state != BUF_OK
			? NULL
			: json_pack("{s:s, s:s, s:s, s:I, s:b}", "type", "TXT", "name", c->owner,
			      "content", buf_str(&content), "ttl", (json_int_t)ttl_s, "proxied", 0);
	char *text = o == NULL ? NULL : json_dumps(o, JSON_INDENT(indent) | JSON_PRESERVE_ORDER);
	json_decref(o);
	buf_deinit(&content);
	return text;
}

static int
send_one(struct provider *p, size_t i)
{
	const struct publish_change *c = &p->changes[i];
	struct provider_name *n = &p->names[i];
	struct publish_outcome *o = &p->outcomes[i];
	char path[PATH_LEN];
	json_t *root = NULL;
	bool creates = n->state.holds == HOLDS_NOTHING;
	char *body = c->new_text == NULL ? NULL : make_body(c, 0);
	if (body == NULL && c->new_text != NULL)
		return err_nomem(p->err);
	n->step = PROVIDER_SENT;
	snprintf(path, sizeof(path), "/zones/%s/dns_records%s%s", p->zone_id, creates ? "" : "/",
	    creates ? "" : n->id);
	struct http_request q = {.method = creates	  ? "POST"
					   : body == NULL ? "DELETE"
							  : "PUT",
	    .path = path,
	    .body = slice_of(body)};
	int rc = cloudflare_ask(p, &q, &root, o);
	if (root != NULL)
		o->result = PUBLISH_DONE;
	json_decref(root);
	free(body);
	return rc;
}

static int
show(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct buf *out, struct err *err)
{
	const char *zone_id = conf->zone_id != NULL ? conf->zone_id : "ZONE_ID";
	buf_printf(out, "in zone %s:\n", publish_zone_of(conf, &changes[0]));
	for (size_t i = 0; i < count; i++) {
		const struct publish_change *c = &changes[i];
		char *body = c->new_text == NULL ? strdup("") : make_body(c, 2);
		if (body == NULL)
			return err_nomem(err);
		buf_printf(out, "%s %s/zones/%s/dns_records%s\n%s\n",
		    c->old_text == NULL	  ? "POST"
		    : c->new_text == NULL ? "DELETE"
					  : "PUT",
		    provider_endpoint(conf, ENDPOINT), zone_id,
		    c->old_text == NULL ? "" : "/RECORD_ID", body);
		free(body);
	}
	return 0;
}

static const struct provider_service service = {.open = cloudflare_open,
    .read = read_name,
    .send_one = send_one,
    .zone_id_form = "identifier of Cloudflare's: 32 hexadecimal digits"};

const struct publish_type publish_cloudflare = {"cloudflare", NULL, NULL, show,
    publish_cloudflare_rights, publish_cloudflare_try_rights, &service};
