/* SPDX-License-Identifier: ISC */
/* Amazon Route 53: all changes of a call are one batch, which is made as a whole.  What is replaced is deleted by its
 * exact value and created anew in the same batch, so a change that somebody else made in between fails ours.  Then it
 * is asked until all of its servers have it; when the time ends before that, the next call asks for the same change.  A
 * record that stands and of which no change is known (an answer was lost, we were killed) is replaced by itself: that
 * change follows the one that is not known, so when it is in force, both are. */
#include "keys/publish_route53.h"
#include "keys/dns_wire.h"
#include "keys/publish_type.h"
#include "keys/zone_include.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API	       "/2013-04-01/"
#define VALUES_LEN_MAX 30000 /* of one batch; Route 53 takes 32 000 characters */
#define BODY_LEN_MAX   (16 * (size_t)VALUES_LEN_MAX)
#define PAGE_LEN       300 /* Route 53's own limit */

/* One record of a page: into the name that it is of, if that one is being read. */
static int
take_record(void *arg, const struct route53_record *r)
{
	struct provider *p = arg;
	struct slice name = slice_of(r->name);
	for (size_t i = 0; i < p->count; i++) {
		struct provider_name *n = &p->names[i];
		struct slice owner = slice_of(p->changes[i].owner);
		if (!n->is_open || !slice_ieq(slice_sub(name, 0, owner.len), owner) ||
		    !slice_eq_str(slice_from(name, owner.len), "."))
			continue;
		n->ttl_s = r->ttl_s;
		if (strcmp(r->type, "TXT") != 0)
			provider_put_other(n, r->type, r->value);
		else if (provider_put_txt(n, slice_of(r->value), p->err) != 0)
			return -1;
		else if (
		    r->is_special) /* others of its name and type may come: it counts as several */
			return provider_put_txt(n, slice_of(r->value), p->err);
	}
	return 0;
}

/* A page from the name of change i on tells of all names up to where the next one begins. */
static void
close_page(struct provider *p, size_t i, const struct route53_page *page)
{
	for (size_t k = 0; k < p->count; k++) {
		struct provider_name *n = &p->names[k];
		const char *owner = p->changes[k].owner;
		bool told = route53_compare(owner, p->changes[i].owner) >= 0 &&
			    (!page->is_truncated || route53_compare(owner, page->next) < 0);
		if (n->is_open && (told || k == i)) {
			n->is_open = false;
			if (n->state.holds == HOLDS_UNKNOWN)
				n->state.holds = HOLDS_NOTHING;
		} else if (n->is_open) {
			provider_name_clear(n);
		}
	}
}

static int
read_name(struct provider *p, size_t i)
{
	char path[ROUTE53_PATH_LEN];
	struct http_reply r;
	struct route53_page page = {.take = take_record, .arg = p};
	struct publish_outcome *o = &p->outcomes[i];
	struct err why = ERR_INIT;
	if (p->names[i].state.holds != HOLDS_UNKNOWN)
		return 0; /* an earlier page had it */
	snprintf(path, sizeof(path), API "hostedzone/%s/rrset?maxitems=%d&name=%.255s.", p->zone_id,
	    PAGE_LEN, p->changes[i].owner);
	if (route53_ask(p, &(struct http_request){.method = "GET", .path = path}, &r) != 0)
		return -1;
	for (size_t k = 0; k < p->count; k++)
		p->names[k].is_open = p->names[k].state.holds == HOLDS_UNKNOWN;
	int rc = 0;
	if (r.end != HTTP_ANSWERED || r.status != 200) {
		rc = route53_judge(p, &r, o);
	} else if ((rc = route53_read_page(buf_slice(&r.body), &page, &why)) == 0) {
		close_page(p, i, &page);
	} else if (rc == -1) {
		publish_say(o, PUBLISH_TEMPORARY, "%s answered with %s: is `endpoint` right?",
		    p->http.host, why.text);
		rc = 1;
	}
	http_reply_deinit(&r);
	return rc == -2 ? -1 : rc;
}

static void
put_create(struct buf *out, const struct publish_change *c)
{
	struct buf value;
	struct route53_record r = {.type = "TXT", .ttl_s = c->ttl_s};
	buf_init(&value, 3 * (size_t)DNS_TXT_LEN_MAX);
	zone_put_strings(&value, c->new_text);
	snprintf(r.name, sizeof(r.name), "%s.", c->owner);
	r.value = buf_str(&value);
	route53_put_change(out, "CREATE", &r);
	buf_deinit(&value);
}

static void
put_delete(struct buf *out, const struct publish_change *c, const char *raw, int64_t ttl_s)
{
	struct route53_record r = {.type = "TXT", .ttl_s = ttl_s, .value = raw};
	snprintf(r.name, sizeof(r.name), "%s.", c->owner);
	route53_put_change(out, "DELETE", &r);
}

static void
put_changes(struct provider *p, size_t from, size_t end, struct buf *out)
{
	route53_begin_batch(out);
	for (size_t i = from; i < end; i++) {
		const struct provider_name *n = &p->names[i];
		if (n->step != PROVIDER_SEND)
			continue;
		if (n->raw != NULL)
			put_delete(out, &p->changes[i], n->raw, n->ttl_s);
		if (p->changes[i].new_text != NULL)
			put_create(out, &p->changes[i]);
	}
	route53_end_batch(out);
}

/* What came of a batch, for one of its changes. */
static void
note_sent(struct provider *p, size_t i, const struct http_reply *r)
{
	struct provider_name *n = &p->names[i];
	struct route53_change change;
	struct err ignored =
	    ERR_INIT; /* then the second look tells what stands, and the next call asks anew */
	n->id[0] = '\0';
	n->step = PROVIDER_SENT;
	if (r->end != HTTP_ANSWERED || r->status != 200) {
		(void)route53_judge(p, r, &p->outcomes[i]);
		return;
	}
	p->outcomes[i].result = PUBLISH_DONE;
	if (route53_read_change(buf_slice(&r->body), &change, &ignored) == 0)
		snprintf(n->id, sizeof(n->id), "%s", change.id);
}

static bool
is_conflict(const struct http_reply *r)
{
	struct route53_error e;
	if (r->end != HTTP_ANSWERED || r->status != 400)
		return false;
	route53_read_error(buf_slice(&r->body), &e);
	return strcmp(e.code, "InvalidChangeBatch") == 0 || strcmp(e.code, "InvalidInput") == 0;
}

/* 1: one of them does not fit, so each is to be sent alone; nothing was changed. */
static int
send_batch(struct provider *p, size_t from, size_t end, bool alone)
{
	char path[ROUTE53_PATH_LEN];
	struct http_reply r;
	struct buf body;
	snprintf(path, sizeof(path), API "hostedzone/%s/rrset/", p->zone_id);
	buf_init(&body, BODY_LEN_MAX);
	put_changes(p, from, end, &body);
	int rc = body.state == BUF_OK ? 0 : err_nomem(p->err); /* any batch fits */
	if (rc == 0)
		rc = route53_ask(p,
		    &(struct http_request){
			.method = "POST", .path = path, .body = buf_slice(&body)},
		    &r);
	buf_deinit(&body);
	if (rc != 0)
		return -1;
	bool each = !alone && is_conflict(&r);
	for (size_t i = from; !each && i < end; i++) {
		if (p->names[i].step == PROVIDER_SEND)
			note_sent(p, i, &r);
	}
	http_reply_deinit(&r);
	return each;
}

static int
send_range(struct provider *p, size_t from, size_t end)
{
	int rc = send_batch(p, from, end, false);
	for (size_t i = from; rc > 0 && i < end; i++) {
		if (p->names[i].step == PROVIDER_SEND && send_batch(p, i, i + 1, true) < 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

enum told { TOLD_IN_FORCE, TOLD_PENDING, TOLD_NEVER };

/* TOLD_NEVER: it knows no such change, or does not tell this key. */
static enum told
judge_told(const struct http_reply *r)
{
	struct route53_change change;
	struct route53_error e;
	struct err ignored = ERR_INIT;
	if (r->end != HTTP_ANSWERED)
		return TOLD_PENDING;
	if (r->status == 200 && route53_read_change(buf_slice(&r->body), &change, &ignored) == 0)
		return change.in_sync ? TOLD_IN_FORCE : TOLD_PENDING;
	route53_read_error(buf_slice(&r->body), &e);
	return strcmp(e.code, "NoSuchChange") == 0 || strncmp(e.code, "AccessDenied", 12) == 0
		   ? TOLD_NEVER
		   : TOLD_PENDING;
}

/* Until it is in force everywhere, or the time is over.  -1: a failure of ours. */
static int
wait_for(struct provider *p, const char *id, enum told *told)
{
	char path[ROUTE53_PATH_LEN];
	snprintf(path, sizeof(path), API "change/%s", id);
	for (unsigned attempt = 1;; attempt = 2) {
		struct http_reply r;
		if (route53_ask(p, &(struct http_request){.method = "GET", .path = path}, &r) != 0)
			return -1;
		*told = judge_told(&r);
		http_reply_deinit(&r);
		if (*told != TOLD_PENDING || !provider_pause(p, attempt, 0))
			return 0;
	}
}

static void
settle(struct provider *p, size_t i, enum told told)
{
	const struct publish_change *c = &p->changes[i];
	struct provider_name *n = &p->names[i];
	struct publish_outcome *o = &p->outcomes[i];
	const char *deed = c->new_text == NULL ? "removed" : "published";
	if (told == TOLD_NEVER) {
		n->tells_not = true; /* then the second look tells */
		return;
	}
	if (told == TOLD_PENDING) {
		publish_say(o, PUBLISH_PENDING,
		    "%s: %s took it (change %s), and does not say yet that all its servers have "
		    "it; it is asked again",
		    c->owner, p->http.host, n->id);
		snprintf(
		    o->receipt, sizeof(o->receipt), "%.*s", (int)sizeof(o->receipt) - 1, n->id);
	} else {
		publish_say(o, PUBLISH_DONE, "%s: %s at %s, on all its servers (change %s)",
		    c->owner, deed, p->http.host, n->id);
		o->read_back = true;
	}
	n->step = PROVIDER_SETTLED;
}

static int
wait_for_all(struct provider *p)
{
	char id[PROVIDER_ID_LEN] = "";
	enum told told = TOLD_NEVER;
	for (size_t i = 0; i < p->count; i++) {
		struct provider_name *n = &p->names[i];
		if (n->step != PROVIDER_SENT || n->id[0] == '\0')
			continue;
		if (strcmp(id, n->id) != 0 && wait_for(p, n->id, &told) != 0)
			return -1;
		snprintf(id, sizeof(id), "%s", n->id);
		settle(p, i, told);
	}
	return 0;
}

/* Characters of values in a batch, which are limited. */
static size_t
values_len(const struct provider *p, size_t i)
{
	const struct provider_name *n = &p->names[i];
	const char *text = p->changes[i].new_text;
	if (n->step != PROVIDER_SEND)
		return 0;
	return (n->raw == NULL ? 0 : strlen(n->raw)) +
	       (text == NULL ? 0 : strlen(text) + strlen(text) / 50 + 2);
}

static int
send_all(struct provider *p)
{
	for (size_t from = 0, end; from < p->count; from = end) {
		size_t len = values_len(p, from);
		for (end = from + 1; end < p->count && len + values_len(p, end) <= VALUES_LEN_MAX;
		     end++)
			len += values_len(p, end);
		bool any = false;
		for (size_t i = from; i < end; i++)
			any = any || p->names[i].step == PROVIDER_SEND;
		if (any && send_range(p, from, end) < 0)
			return -1;
	}
	return wait_for_all(p);
}

static int
show(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct buf *out, struct err *err)
{
	(void)err;
	buf_printf(out, "in hosted zone %s:\n", publish_zone_of(conf, &changes[0]));
	buf_printf(out, "POST " API "hostedzone/%s/rrset/\n",
	    conf->zone_id == NULL ? "ID" : conf->zone_id);
	route53_begin_batch(out);
	for (size_t i = 0; i < count; i++) {
		struct buf old;
		buf_init(&old, 3 * (size_t)DNS_TXT_LEN_MAX);
		if (changes[i].old_text != NULL) {
			zone_put_strings(&old, changes[i].old_text);
			put_delete(out, &changes[i], buf_str(&old), changes[i].ttl_s);
		}
		if (changes[i].new_text != NULL)
			put_create(out, &changes[i]);
		buf_deinit(&old);
	}
	route53_end_batch(out);
	return 0;
}

static const struct provider_service service = {.open = route53_open,
    .read = read_name,
    .send = send_all,
    .tells = true,
    .zone_id_form = "identifier of a hosted zone: Z and letters and digits"};

const struct publish_type publish_route53 = {
    "route53", NULL, NULL, show, publish_route53_rights, publish_route53_try_rights, &service};
