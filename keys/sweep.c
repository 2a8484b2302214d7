/* SPDX-License-Identifier: ISC */
#include "keys/sweep.h"

#include "keys/sweep_run.h"
#include "keys/zone_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROOF_CACHE_AGE_MS 60000 /* within one sweep */

static void
fill_link(struct sweep_running *r)
{
	struct sweep *s = r->out;
	struct sweep_link *link = &s->links[s->link_count];
	char below[SWEEP_NAME_LEN];
	memcpy(link->name, r->name, sizeof(link->name));
	memcpy(link->zone, r->path.zone.name, sizeof(link->zone));
	link->zone_signed = r->check_signatures;
	if (s->link_count == 0 &&
	    snprintf(below, sizeof(below), "_domainkey.%.240s", r->domain) < (int)sizeof(below))
		s->delegated = dns_name_within(link->zone, below);
	s->link_count++;
}

static bool
is_all_mute(const struct sweep *s, size_t from)
{
	for (size_t i = from; i < s->count; i++)
		if (s->answers[i].verdict != ANSWER_MUTE)
			return false;
	return true;
}

/* What is known of a link once its servers were asked. */
static int
conclude_link(struct sweep_running *r, size_t from, struct err *err)
{
	struct sweep *s = r->out;
	bool first = s->link_count == 0;
	sweep_measure(r);
	if (first && r->wanted[0] != '\0' && sweep_judge_wanted(r, err) != 0)
		return -1;
	if (first && r->survey && sweep_measure_parent(r, err) != 0)
		return -1;
	fill_link(r);
	if (!slice_to_str(slice_of(r->path.zone.name), s->zone, sizeof(s->zone)))
		return err_set(err, ERR_DNS, "%s: its zone's name is too long", r->name);
	return is_all_mute(s, from) ? sweep_check_way(r, err) : 0;
}

/* Zone, servers, answers of r->name. */
static int
follow_link(struct sweep_running *r, struct err *err)
{
	size_t from = r->out->count;
	int result = sweep_find_zone(r, r->watches, err);
	if (result == 0)
		result = sweep_ask_link(r, err);
	if (result == 0 && r->other_cut) {
		sweep_drop_link(r);
		r->other_cut = false;
		result = sweep_find_zone(r, false, err);
		if (result == 0)
			result = sweep_ask_link(r, err);
	}
	if (result == 0)
		result = conclude_link(r, from, err);
	sweep_drop_link(r);
	return result;
}

/* Those whose CNAME leads nowhere contradict, however right it is by itself. */
static void
spoil_last(struct sweep *s, const char *why)
{
	for (size_t i = 0; i < s->count; i++) {
		struct sweep_answer *a = &s->answers[i];
		if (a->link + 1u != s->link_count || a->verdict != ANSWER_GOOD ||
		    a->found != FOUND_ALIAS)
			continue;
		a->verdict = ANSWER_BAD;
		a->ttl = 0;
		snprintf(a->why, sizeof(a->why), "%s", why);
	}
}

/* "its CNAME closes a loop: a -> b -> a" */
static bool
closes_loop(const struct sweep_running *r, char why[static sizeof(((struct sweep_answer *)0)->why)])
{
	const struct sweep *s = r->out;
	size_t size = sizeof(((struct sweep_answer *)0)->why), from = 0;
	while (from < s->link_count && strcmp(s->links[from].name, r->alias) != 0)
		from++;
	if (from == s->link_count)
		return false;
	int len = snprintf(why, size, "its CNAME closes a loop: ");
	for (size_t i = from; i <= s->link_count && len >= 0 && (size_t)len < size; i++)
		len += snprintf(why + len, size - (size_t)len, "%s%s", i > from ? " -> " : "",
		    i < s->link_count ? s->links[i].name : r->alias);
	return true;
}

static int
follow_chain(struct sweep_running *r, struct err *err)
{
	char why[sizeof(r->out->answers[0].why)];
	for (;;) {
		if (follow_link(r, err) != 0)
			return r->out->link_count == 0
				   ? -1
				   : err_wrap(err, "behind a CNAME: %s", r->name);
		if (r->alias[0] == '\0')
			return 0;
		bool stop = closes_loop(r, why);
		if (!stop && r->out->link_count == SWEEP_LINKS_MAX) {
			stop = true;
			snprintf(why, sizeof(why),
			    "more than %d CNAMEs behind each other, at last to %.120s",
			    SWEEP_LINKS_MAX - 1, r->alias);
		}
		if (stop) {
			spoil_last(r->out, why);
			return 0;
		}
		memcpy(r->name, r->alias, sizeof(r->name));
	}
}

static void
count_verdicts(struct sweep *s)
{
	s->good = s->bad = s->mute = 0;
	for (size_t i = 0; i < s->count; i++) {
		s->good += s->answers[i].verdict == ANSWER_GOOD;
		s->bad += s->answers[i].verdict == ANSWER_BAD;
		s->mute += s->answers[i].verdict == ANSWER_MUTE;
	}
}

static int
set_up(struct sweep_running *r, struct err *err)
{
	const struct sweep_question *q = r->question;
	r->queries = q->queries == 0 ? SWEEP_QUERIES : q->queries;
	if (r->queries > SWEEP_QUERIES_MAX)
		r->queries = SWEEP_QUERIES_MAX;
	r->survey = q->survey;
	r->watches = r->queries == 1 && !q->survey;
	r->out->negative_max_s = r->out->negative_parent_s = SWEEP_UNKNOWN;
	if (!dns_name_lower(q->name, r->name) || !dns_name_lower(q->domain, r->domain) ||
	    (q->alias != NULL && !dns_name_lower(q->alias, r->wanted)))
		return err_set(err, ERR_INPUT, "%s is too long for a name", q->name);
	return 0;
}

int
sweep_carry_out(
    struct dns_asker *a, const struct sweep_question *question, struct sweep *out, struct err *err)
{
	struct sweep_running *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return err_nomem(err);
	r->asker = a;
	r->question = question;
	r->out = out;
	int result = set_up(r, err);
	/* a watch that knows the zones need not look at the domain above them */
	if (result == 0 && (!r->watches || question->zones == NULL))
		result = sweep_look_ahead(r, err);
	if (out->domain_gone) { /* it is the zone above that is asked now: once is enough */
		r->queries = 1;
		r->survey = false;
	}
	if (result == 0)
		result = follow_chain(r, err);
	free(r);
	return result;
}

int
sweep_run_with(
    struct dns_asker *a, const struct sweep_question *question, struct sweep *out, struct err *err)
{
	int64_t began_ms = dns_now_ms();
	memset(out, 0, sizeof(*out));
	out->expect = question->expect;
	int result = sweep_carry_out(a, question, out, err);
	count_verdicts(out);
	out->started_at = question->now;
	out->ended_at = question->now + (dns_now_ms() - began_ms + 999) / 1000;
	return result;
}

int
sweep_run(const struct dns_conf *conf, const struct sweep_question *question, struct sweep *out,
    struct err *err)
{
	struct dns_asker *a = calloc(1, sizeof(*a));
	if (a == NULL) {
		memset(out, 0, sizeof(*out));
		out->started_at = out->ended_at = question->now;
		return err_nomem(err);
	}
	dns_asker_init(a, conf);
	a->cache = zone_cache_new();
	a->cache_age_ms = PROOF_CACHE_AGE_MS;
	int result = sweep_run_with(a, question, out, err);
	zone_cache_free(a->cache);
	free(a);
	return result;
}

void
sweep_zones(const struct sweep *s, struct buf *out)
{
	for (size_t i = 0; i < s->link_count; i++) {
		if (i > 0)
			buf_put_byte(out, ' ');
		buf_put_str(out, s->links[i].zone);
	}
}
