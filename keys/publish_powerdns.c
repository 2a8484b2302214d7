/* SPDX-License-Identifier: ISC */
/* PowerDNS Authoritative Server's own HTTP API: all changes of a call are one PATCH, which the server makes as a whole.
 * It has no conditions: what stands there is read just before.  The server signs and notifies as it is set up. */
#include "keys/publish_provider.h"
#include "keys/publish_type.h"
#include "keys/zone_include.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT     "http://127.0.0.1:8081"
#define VARIABLE     "PDNS_API_KEY"
#define WHAT	     "PowerDNS's API key (api-key in pdns.conf)"
#define ZONES	     "/api/v1/servers/localhost/zones/"
#define PATH_MAX_LEN 2000

static int
open_service(struct provider *p, struct publish_outcome *o)
{
	struct buf key;
	(void)o;
	buf_init(&key, PROVIDER_SECRET_MAX);
	int rc = provider_secret(p->conf, VARIABLE, WHAT, &key, p->err);
	if (rc == 0)
		rc = provider_connect(p, ENDPOINT, NULL);
	if (rc == 0)
		rc = http_header(&p->http, "X-API-Key", buf_str(&key), p->err);
	if (rc == 0)
		rc = http_header(&p->http, "Content-Type", "application/json", p->err);
	buf_wipe(&key);
	return rc;
}

/* Of an answer that is none of what was asked for; -1 never. */
static int
judge(const struct provider *p, const struct http_reply *r, struct publish_outcome *o)
{
	json_error_t e;
	json_t *root =
	    json_loadb((const char *)r->body.data, r->body.len, JSON_REJECT_DUPLICATES, &e);
	const char *error = json_string_value(json_object_get(root, "error"));
	const char *host = p->http.host;
	char said[HTTP_QUOTE_LEN];
	int rc = 1;
	http_quote(&p->http, slice_of(error == NULL ? "it does not say why" : error), said);
	if (r->status == 500 && r->body.len > 0)
		publish_say(o, PUBLISH_TEMPORARY, "%s could not do it (500): %s; its log says more",
		    host, said);
	else if (provider_judge_http(p, r, o))
		rc = 1;
	else if (r->status == 401)
		publish_say(o, PUBLISH_REFUSED,
		    "%s does not take the key (401): %s and api-key in pdns.conf differ", host,
		    p->conf->credentials != NULL ? p->conf->credentials : VARIABLE);
	else if (r->status == 403)
		publish_say(o, PUBLISH_REFUSED,
		    "%s does not let this host in (403): webserver-allow-from in pdns.conf, or a "
		    "proxy before it",
		    host);
	else if (r->status == 404 || r->status == 405)
		publish_say(o, PUBLISH_REFUSED,
		    "%s knows no zone %s (%d: %.160s): is it another server's, and is api=yes in "
		    "pdns.conf?",
		    host, p->zone, r->status, said);
	else
		publish_say(o, PUBLISH_REFUSED, "%s refuses it (%d): %s", host, r->status, said);
	json_decref(root);
	return rc;
}

static void
put_zone_path(const struct provider *p, struct buf *path)
{
	buf_put_str(path, ZONES);
	http_put_encoded(path, p->zone);
	buf_put_byte(path, '.');
}

/* The zone's own settings, which say whether a change here reaches the world. */
static bool
zone_is_fit(struct provider *p, json_t *zone, struct publish_outcome *o)
{
	const char *kind = json_string_value(json_object_get(zone, "kind"));
	const char *serials = json_string_value(json_object_get(zone, "soa_edit_api"));
	if (kind != NULL && (strcmp(kind, "Slave") == 0 || strcmp(kind, "Secondary") == 0)) {
		publish_say(o, PUBLISH_REFUSED,
		    "%s is a secondary of zone %s, and the next transfer would undo a change: name "
		    "the primary's API with `endpoint`",
		    p->http.host, p->zone);
		return false;
	}
	if (kind != NULL && (strcmp(kind, "Master") == 0 || strcmp(kind, "Primary") == 0) &&
	    (serials == NULL || serials[0] == '\0'))
		p->note = "it does not raise the serial by itself, so its secondaries stay behind: "
			  "pdnsutil set-meta "
			  "ZONE SOA-EDIT-API DEFAULT";
	return true;
}

static int
take_set(struct provider_name *n, json_t *set, struct err *err)
{
	const char *type = json_string_value(json_object_get(set, "type"));
	json_t *records = json_object_get(set, "records"), *record = NULL;
	size_t i = 0;
	if (type == NULL)
		return 0;
	json_array_foreach(records, i, record)
	{
		json_t *content = json_object_get(record, "content");
		struct slice value =
		    slice_new(json_string_value(content), json_string_length(content));
		if (strcmp(type, "TXT") != 0)
			provider_put_other(
			    n, type, value.ptr == NULL ? "" : json_string_value(content));
		else if (provider_put_txt(n, value, err) != 0)
			return -1;
		/* one that is switched off would be lost with the others: it counts as one more */
		else if (json_is_true(json_object_get(record, "disabled")) &&
			 provider_put_txt(n, value, err) != 0)
			return -1;
	}
	return 0;
}

static int
take_zone(struct provider *p, size_t i, json_t *zone)
{
	struct provider_name *n = &p->names[i];
	json_t *sets = json_object_get(zone, "rrsets"), *set = NULL;
	size_t k = 0;
	struct slice owner = slice_of(p->changes[i].owner);
	if (!json_is_array(sets)) {
		publish_say(&p->outcomes[i], PUBLISH_TEMPORARY,
		    "%s answered with no zone: is `endpoint` right?", p->http.host);
		return 1;
	}
	if (!zone_is_fit(p, zone, &p->outcomes[i]))
		return 1;
	n->state.holds = HOLDS_NOTHING;
	json_array_foreach(sets, k, set)
	{
		/* servers before 4.4 send the whole zone */
		struct slice name = slice_of(json_string_value(json_object_get(set, "name")));
		if (slice_ieq(slice_sub(name, 0, owner.len), owner) &&
		    slice_eq_str(slice_from(name, owner.len), ".") && take_set(n, set, p->err) != 0)
			return -1;
	}
	return 0;
}

static int
read_name(struct provider *p, size_t i)
{
	struct http_reply r;
	struct buf path;
	struct publish_outcome *o = &p->outcomes[i];
	buf_init(&path, PATH_MAX_LEN);
	put_zone_path(p, &path);
	buf_put_str(&path, "?rrset_name=");
	http_put_encoded(&path, p->changes[i].owner);
	buf_put_byte(&path, '.');
	struct http_request q = {.method = "GET", .path = buf_str(&path)};
	int rc = path.state == BUF_OK ? 0 : err_nomem(p->err); /* any two names fit */
	if (rc == 0)
		rc = provider_ask(p, &q, &r);
	buf_deinit(&path);
	if (rc != 0)
		return -1;
	json_t *zone = NULL;
	if (r.end != HTTP_ANSWERED || r.status != 200)
		rc = judge(p, &r, o);
	else if ((zone = provider_json(p, &r, o)) == NULL)
		rc = 1;
	else
		rc = take_zone(p, i, zone);
	json_decref(zone);
	http_reply_deinit(&r);
	return rc;
}

static json_t *
make_set(const struct publish_change *c)
{
	struct buf name, content;
	buf_init(&name, PATH_MAX_LEN);
	buf_init(&content, 3 * (size_t)DNS_TXT_LEN_MAX);
	buf_printf(&name, "%s.", c->owner);
	json_t *set;
	if (c->new_text == NULL) {
		set = json_pack("{s:s, s:s, s:s}", "name", buf_str(&name), "type", "TXT",
		    "changetype", "DELETE");
	} else {
		zone_put_strings(&content, c->new_text);
		set = json_pack("{s:s, s:s, s:I, s:s, s:[{s:s, s:b}]}", "name", buf_str(&name),
		    "type", "TXT", "ttl", (json_int_t)c->ttl_s, "changetype", "REPLACE", "records",
		    "content", buf_str(&content), "disabled", 0);
	}
	if (name.state != BUF_OK || content.state != BUF_OK) {
		json_decref(set);
		set = NULL;
	}
	buf_deinit(&name);
	buf_deinit(&content);
	return set;
}

/* NULL: out of memory.  Of those of the changes that `wanted` has, or of all.  Free with free(). */
static char *
make_body(const struct publish_change *changes, size_t count, const struct provider_name *names,
    size_t indent)
{
	json_t *sets = json_array();
	bool good = sets != NULL;
	for (size_t i = 0; good && i < count; i++) {
		if (names == NULL || names[i].step == PROVIDER_SEND)
			good = json_array_append_new(sets, make_set(&changes[i])) == 0;
	}
	json_t *root = good ? json_pack("{s:O}", "rrsets", sets) : NULL;
	char *text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(indent));
	json_decref(root);
	json_decref(sets);
	return text;
}

/* 1: each is to be sent alone. */
static int
send_range(struct provider *p, size_t from, size_t count)
{
	struct http_reply r;
	struct buf path;
	char *body = make_body(&p->changes[from], count, &p->names[from], 0);
	if (body == NULL)
		return err_nomem(p->err);
	buf_init(&path, PATH_MAX_LEN);
	put_zone_path(p, &path);
	struct http_request q = {.method = "PATCH", .path = buf_str(&path), .body = slice_of(body)};
	int rc = provider_ask(p, &q, &r);
	buf_deinit(&path);
	free(body);
	if (rc != 0)
		return -1;
	bool each = count > 1 && r.end == HTTP_ANSWERED && (r.status == 422 || r.status == 400);
	for (size_t i = from; !each && i < from + count; i++) {
		struct publish_outcome *o = &p->outcomes[i];
		if (p->names[i].step != PROVIDER_SEND)
			continue;
		p->names[i].step = PROVIDER_SENT;
		if (r.end == HTTP_ANSWERED && r.status / 100 == 2)
			o->result = PUBLISH_DONE;
		else
			(void)judge(p, &r, o);
	}
	http_reply_deinit(&r);
	return each;
}

static int
send_all(struct provider *p)
{
	return send_range(p, 0, p->count);
}

static int
send_one(struct provider *p, size_t i)
{
	return send_range(p, i, 1);
}

static int
show(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct buf *out, struct err *err)
{
	char *body = make_body(changes, count, NULL, 2);
	if (body == NULL)
		return err_nomem(err);
	buf_printf(out, "PATCH %s%s%s.\n%s\n", provider_endpoint(conf, ENDPOINT), ZONES,
	    publish_zone_of(conf, &changes[0]), body);
	free(body);
	return 0;
}

static int
rights(const struct publisher_conf *conf, const char *const *names, size_t count, struct buf *out,
    struct err *err)
{
	(void)conf;
	(void)err;
	buf_put_str(out, "PowerDNS has one key for its whole API, and that may do everything.  Two "
			 "ways to less:\n");
	buf_put_str(out, "  - type = rfc2136 and a TSIG key, with a policy in Lua: signpost "
			 "publisher shows both for such a block\n");
	buf_put_str(out, "  - a proxy before the API that lets through only GET and PATCH of these "
			 "zones, where these names are:\n");
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "    %s\n", names[i]);
	buf_put_str(out, "In pdns.conf the API wants api=yes, api-key=..., "
			 "webserver-address=127.0.0.1 and\n");
	buf_put_str(out, "webserver-allow-from=127.0.0.1; the key goes into the file that "
			 "`credentials` names, mode 0640.\n");
	return 0;
}

static int
try_rights(const struct publisher_conf *conf, const char *zone, const char *domain, struct buf *out,
    struct err *err)
{
	(void)conf;
	(void)domain;
	(void)err;
	buf_printf(out,
	    "wrong: a key of PowerDNS's API may change everything, zone %s and all others: this is "
	    "not tried\n",
	    zone);
	return 1;
}

static const struct provider_service service = {
    .open = open_service, .read = read_name, .send = send_all, .send_one = send_one};

const struct publish_type publish_powerdns = {
    "powerdns", NULL, NULL, show, rights, try_rights, &service};
