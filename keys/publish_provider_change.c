/* SPDX-License-Identifier: ISC */
/* publish_provider_change.c - the changes of a call at a provider: read, sent, read again. */
#include "keys/dns_wire.h"
#include "keys/publish_provider.h"
#include "keys/publish_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
holds_text(const struct provider_name *n, const char *text)
{
	return text != NULL && n->state.holds == HOLDS_TXT && n->text != NULL &&
	       strcmp(n->text, text) == 0;
}

static void
say_done(const struct provider *p, size_t i, const char *how)
{
	struct publish_outcome *o = &p->outcomes[i];
	o->read_back = true;
	publish_say(o, PUBLISH_DONE, "%s: %s %s%s%s", p->changes[i].owner, how, p->http.host,
	    p->note == NULL ? "" : "; ", p->note == NULL ? "" : p->note);
}

/* It is so, and whether it is so everywhere the service tells: of the change that was asked for before, or of the same
 * change once more. */
static bool
is_to_be_told(struct provider *p, size_t i)
{
	struct provider_name *n = &p->names[i];
	const struct publish_change *c = &p->changes[i];
	bool receipt = c->receipt != NULL && c->receipt[0] != '\0';
	if (!p->service->tells || (!receipt && c->new_text == NULL))
		return false;
	snprintf(n->id, sizeof(n->id), "%s", receipt ? c->receipt : "");
	n->step = receipt ? PROVIDER_SENT : PROVIDER_SEND;
	if (receipt)
		p->outcomes[i].result = PUBLISH_DONE; /* as it was answered then */
	return true;
}

/* Before anything is sent. */
static void
judge_first(struct provider *p, size_t i)
{
	struct provider_name *n = &p->names[i];
	const struct publish_change *c = &p->changes[i];
	bool empty = n->state.holds == HOLDS_NOTHING;
	n->step = PROVIDER_NONE;
	if (n->state.holds == HOLDS_UNKNOWN)
		return;
	bool is_so = c->new_text == NULL ? empty : holds_text(n, c->new_text);
	if (is_so && is_to_be_told(p, i))
		return;
	if (is_so)
		say_done(p, i, c->new_text == NULL ? "was gone already at" : "stood already at");
	else if (c->old_text == NULL ? empty : holds_text(n, c->old_text))
		n->step = PROVIDER_SEND;
	else
		name_state_say_foreign(&n->state, c, &p->outcomes[i]);
}

/* After it was sent; o holds what the service said. */
static void
judge_second(struct provider *p, size_t i, const struct publish_outcome *said)
{
	struct provider_name *n = &p->names[i];
	const struct publish_change *c = &p->changes[i];
	struct publish_outcome *o = &p->outcomes[i];
	bool empty = n->state.holds == HOLDS_NOTHING;
	bool unchanged = c->old_text == NULL ? empty : holds_text(n, c->old_text);
	bool taken = n->state.holds == HOLDS_UNKNOWN && said->result == PUBLISH_DONE;
	if (p->service->tells && c->new_text != NULL && !n->tells_not &&
	    (taken || holds_text(n, c->new_text)))
		publish_say(o, PUBLISH_PENDING,
		    "%s: %s has it, and whether all its servers have it is asked next", c->owner,
		    p->http.host);
	else if (taken)
		publish_say(o, PUBLISH_DONE,
		    "%s: %s took it, but could not be read afterwards; the sweep is the proof",
		    c->owner, p->http.host);
	else if (n->state.holds == HOLDS_UNKNOWN)
		*o = *said;
	else if (c->new_text == NULL ? empty : holds_text(n, c->new_text))
		say_done(p, i, c->new_text == NULL ? "removed at" : "published at");
	else if (unchanged && said->result == PUBLISH_DONE)
		publish_say(o, PUBLISH_PENDING,
		    "%s: %s took it, and does not show it yet; it is looked at again", c->owner,
		    p->http.host);
	else if (unchanged)
		*o = *said;
	else
		name_state_say_foreign(&n->state, c, o);
}

/* What stands in the way of one stands in the way of all behind it that are at that step. */
static void
tell_rest(struct provider *p, size_t from, enum provider_step step)
{
	for (size_t i = from + 1; i < p->count; i++) {
		if (p->names[i].step == step)
			p->outcomes[i] = p->outcomes[from];
	}
}

static bool
any_at(const struct provider *p, enum provider_step step)
{
	bool any = false;
	for (size_t i = 0; i < p->count; i++)
		any = any || p->names[i].step == step;
	return any;
}

static int
read_first(struct provider *p)
{
	for (size_t i = 0; i < p->count; i++) {
		int rc = p->service->read(p, i);
		if (rc < 0)
			return -1;
		if (rc > 0) {
			tell_rest(p, i, PROVIDER_NONE);
			return 0;
		}
		judge_first(p, i);
	}
	return 0;
}

static int
look_again(struct provider *p, size_t i)
{
	struct publish_outcome said = p->outcomes[i];
	if (p->names[i].step != PROVIDER_SENT)
		return 0;
	if (p->service->read(p, i) < 0)
		return -1;
	judge_second(p, i, &said);
	p->names[i].step = PROVIDER_SETTLED;
	return 0;
}

static int
read_again(struct provider *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->names[i].step == PROVIDER_SENT)
			provider_name_clear(&p->names[i]);
	}
	for (size_t i = 0; i < p->count; i++) {
		if (look_again(p, i) != 0)
			return -1;
	}
	return 0;
}

static int
send_together(struct provider *p)
{
	if (read_first(p) != 0)
		return -1;
	if (!any_at(p, PROVIDER_SEND) && !any_at(p, PROVIDER_SENT))
		return 0;
	return p->service->send(p) < 0 ? -1 : 0;
}

static int
look_and_send(struct provider *p, size_t i)
{
	provider_name_clear(&p->names[i]);
	int rc = p->service->read(p, i);
	if (rc != 0)
		return rc;
	judge_first(p, i);
	return p->names[i].step == PROVIDER_SEND ? p->service->send_one(p, i) : 0;
}

/* Where a change has no conditions, each is read right before it is sent and right after. */
static int
send_alone(struct provider *p, enum provider_step step)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->names[i].step != step)
			continue;
		int rc = look_and_send(p, i);
		if (rc > 0)
			tell_rest(p, i, step);
		provider_name_clear(&p->names[i]);
		if (rc < 0 || look_again(p, i) != 0)
			return -1;
		if (rc > 0)
			return 0;
	}
	return 0;
}

static int
work(struct provider *p)
{
	const struct provider_service *s = p->service;
	int rc = s->open(p, &p->outcomes[0]);
	if (rc > 0)
		tell_rest(p, 0, PROVIDER_NONE);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (s->send != NULL)
		rc = send_together(p);
	if (rc == 0 && s->send_one != NULL)
		rc = send_alone(p, s->send == NULL ? PROVIDER_NONE : PROVIDER_SEND);
	return rc == 0 ? read_again(p) : -1;
}

static void
start(struct provider *p)
{
	p->until_ms = dns_now_ms() + p->conf->timeout_ms;
	p->server_time = p->our_time = NEVER;
}

void
provider_begin(
    struct provider *p, const struct publisher_conf *conf, const char *zone, struct err *err)
{
	*p = (struct provider){.conf = conf, .zone = zone, .err = err};
	start(p);
}

int
provider_change(struct provider *p)
{
	start(p);
	p->zone = publish_zone_of(p->conf, &p->changes[0]);
	p->names = calloc(p->count, sizeof(*p->names));
	if (p->names == NULL)
		return err_nomem(p->err);
	int rc = work(p);
	for (size_t i = 0; i < p->count; i++) {
		provider_name_clear(&p->names[i]);
		p->outcomes[i].server_time = p->server_time;
		p->outcomes[i].our_time = p->our_time;
	}
	free(p->names);
	http_deinit(&p->http);
	return rc == 0 ? 0 : err_wrap(p->err, "publisher %s", p->conf->name);
}
