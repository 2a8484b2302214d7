/* SPDX-License-Identifier: ISC */
/* Where the record went: D01 to D07, D43, D44, D47; and what stands in its place. */
#include "keys/diagnose.h"
#include "keys/diagnose_names.h"
#include "keys/diagnose_tags.h"

#include <stdio.h>
#include <string.h>

#define RCODE_NXDOMAIN 3
#define P_MATCH_MIN    24 /* characters of p= that nobody else's key has in common */

static bool
is_of(const struct judging *j, const struct seen_reply *r, bool former)
{
	const struct sweep *s = &j->seen->sweep;
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		if (a->former == former && a->link == r->link &&
		    a->endpoint.port == r->endpoint.port &&
		    ip_addr_eq(&a->endpoint.addr, &r->endpoint.addr))
			return true;
	}
	return false;
}

bool
diagnose_is_listed(const struct judging *j, const struct seen_reply *r)
{
	return is_of(j, r, false);
}

bool
diagnose_speaks(const struct seen_reply *r)
{
	return r->end == SEEN_REPLY && r->aa && (r->rcode == 0 || r->rcode == RCODE_NXDOMAIN);
}

static bool
is_missing(const struct seen_reply *r)
{
	return diagnose_speaks(r) && r->cnames == 0 && r->txts == 0;
}

/* The text holds the key's p=, or the beginning of it. */
static bool
has_our_p(const struct diagnose_subject *s, struct slice text)
{
	struct tags have, want;
	struct err ignored = ERR_INIT;
	if (s->expected.len == 0)
		return false;
	if (key_record_same(s->expected, text, &ignored))
		return true;
	diagnose_tags(text, &have);
	diagnose_tags(s->expected, &want);
	const struct tag *p = diagnose_tag(&have, "p"), *ours = diagnose_tag(&want, "p");
	if (p == NULL || ours == NULL || p->value.len < P_MATCH_MIN)
		return false;
	size_t len = p->value.len < ours->value.len ? p->value.len : ours->value.len;
	len = len < 2 * P_MATCH_MIN ? len : 2 * P_MATCH_MIN + (len - 2 * P_MATCH_MIN) / 2;
	return slice_eq(slice_sub(p->value, 0, len), slice_sub(ours->value, 0, len));
}

bool
diagnose_is_ours(const struct judging *j, const struct seen_reply *r)
{
	const struct diagnose_subject *s = j->subject;
	size_t len = s->alias == NULL ? 0 : strlen(s->alias);
	if (r->end != SEEN_REPLY)
		return false;
	if (len > 0 && slice_ieq(slice_sub(slice_of(r->cname), 0, len), slice_of(s->alias)) &&
	    (r->cname[len] == '\0' || r->cname[len] == '.'))
		return true;
	for (size_t i = 0; i < r->txts && i < SEEN_RECORDS_MAX; i++)
		if (has_our_p(s, seen_text(j->seen, r, i)))
			return true;
	return false;
}

/* With the time until which the answer of whoever lacks it is remembered. */
static struct finding *
say_found_at(const struct judging *j, enum say say, const struct seen_reply *where,
    const struct seen_reply *missing)
{
	struct finding *f = finding_add(j, say);
	finding_ask(j, f, where);
	finding_is(f, "%s", where->name);
	finding_arg(f, 1, "%s", where->name);
	f->until = missing->has_soa ? j->subject->now + (int64_t)missing->negative_s : NEVER;
	return f;
}

static enum say
say_of(const struct judging *j, enum seen_variant v)
{
	switch (v) {
	case VARIANT_UNDERSCORE:
		return j->subject->alias == NULL ? SAY_UNDERSCORE : SAY_UNDERSCORE_ALIAS;
	case VARIANT_DOUBLED:
		return SAY_DOUBLED;
	case VARIANT_U_LABEL:
		return SAY_U_LABEL;
	default:
		return SAY_WRONG_LEVEL;
	}
}

static void
list_servers(const struct judging *j, char *out, size_t size)
{
	const struct sweep *s = &j->seen->sweep;
	size_t len = 0;
	out[0] = '\0';
	for (size_t i = 0; i < s->count && len + SWEEP_NAME_LEN + 4 < size; i++) {
		const struct sweep_answer *a = &s->answers[i];
		bool before = a->former || a->link + 1u != s->link_count;
		for (size_t k = 0; k < i && !before; k++)
			before = strcmp(s->answers[k].server, a->server) == 0 &&
				 s->answers[k].link == a->link;
		if (before)
			continue;
		len += (size_t)snprintf(
		    out + len, size - len, "%s%s", len == 0 ? "" : ", ", a->server);
	}
}

bool
diagnose_elsewhere(const struct judging *j, const struct seen_reply *missing)
{
	const struct seen *s = j->seen;
	bool found = false;
	for (size_t i = 0; i < s->reply_count && !found; i++) {
		const struct seen_reply *r = &s->replies[i];
		bool former = r->what == SEEN_TXT && is_of(j, r, true);
		struct seen_reply at_link = *r;
		at_link.link = missing->link;
		if ((r->what != SEEN_PUBLISHER && !former) || !diagnose_speaks(r) ||
		    !diagnose_is_ours(j, r) || diagnose_is_listed(j, &at_link))
			continue;
		struct finding *f =
		    say_found_at(j, former ? SAY_FORMER : SAY_NOT_SERVED_THERE, r, missing);
		finding_arg(f, 1, "%s", f->server);
		list_servers(j, f->args[1], sizeof(f->args[1]));
		found = true;
	}
	return found;
}

/* Not one of them alone. */
static void
name_all(const struct judging *j, const struct seen_reply *missing, struct finding *f)
{
	size_t count = 0;
	for (size_t i = 0; i < j->seen->reply_count; i++) {
		const struct seen_reply *r = &j->seen->replies[i];
		count += r->what == missing->what && r->link == 0 && diagnose_is_listed(j, r) &&
			 diagnose_speaks(r);
	}
	if (count > 1)
		snprintf(f->server, sizeof(f->server), "all %zu servers that answer", count);
}

/* Every server that answers lacks it. */
static void
judge_lost(const struct judging *j, const struct seen_reply *missing)
{
	const struct seen *s = j->seen;
	bool found = false;
	for (size_t i = 0; i < s->reply_count; i++) {
		const struct seen_reply *r = &s->replies[i];
		if (r->what != SEEN_VARIANT || !diagnose_is_ours(j, r) ||
		    findings_have(j->out, say_of(j, r->variant)))
			continue;
		struct finding *f = say_found_at(j, say_of(j, r->variant), r, missing);
		if (r->variant == VARIANT_U_LABEL)
			finding_arg(f, 1, "%s", j->subject->typed);
		found = true;
	}
	if (found || diagnose_elsewhere(j, missing))
		return;
	bool denied = missing->rcode == RCODE_NXDOMAIN;
	enum say what = denied ? SAY_NO_RECORD : SAY_NO_DATA;
	if (j->subject->delegated && !s->sweep.delegated)
		what = SAY_NOT_DELEGATED;
	struct finding *f = finding_add(j, what);
	finding_ask(j, f, missing);
	name_all(j, missing, f);
	finding_is(f, "%s", denied ? "NXDOMAIN" : "NOERROR, and nothing of that type");
	finding_arg(f, 1, "%s", j->subject->alias == NULL ? "TXT" : "CNAME");
	f->until = missing->has_soa ? j->subject->now + (int64_t)missing->negative_s : NEVER;
}

/* The first reply at link 0 that lacks the record, if all that speak do. */
static const struct seen_reply *
all_missing(const struct judging *j, enum seen_what what)
{
	const struct seen_reply *missing = NULL;
	for (size_t i = 0; i < j->seen->reply_count; i++) {
		const struct seen_reply *r = &j->seen->replies[i];
		if (r->what != what || r->link != 0 || !diagnose_is_listed(j, r) ||
		    !diagnose_speaks(r))
			continue;
		if (!is_missing(r))
			return NULL;
		if (missing == NULL)
			missing = r;
	}
	return missing;
}

static bool
say_proxied(const struct judging *j)
{
	for (size_t i = 0; i < j->seen->reply_count; i++) {
		const struct seen_reply *r = &j->seen->replies[i];
		if (r->what != SEEN_ADDRESS || r->addresses == 0 || !diagnose_speaks(r) ||
		    r->cnames > 0)
			continue;
		struct finding *f = finding_add(j, SAY_PROXIED);
		finding_ask(j, f, r);
		finding_is(f, "%zu addresses, no CNAME", r->addresses);
		f->until = j->subject->now + (int64_t)r->ttl;
		return true;
	}
	return false;
}

static void
judge_target(const struct judging *j, const struct seen_reply *r)
{
	const char *want = j->subject->alias;
	size_t len = strlen(want);
	bool doubled = slice_ieq(slice_sub(slice_of(r->cname), 0, len), slice_of(want)) &&
		       r->cname[len] == '.';
	enum say what = doubled ? SAY_TARGET_DOUBLED : SAY_OTHER_TARGET;
	if (slice_ieq_str(slice_of(r->cname), want) || findings_have(j->out, what))
		return;
	struct finding *f = finding_add(j, what);
	finding_ask(j, f, r);
	finding_is(f, "CNAME %s.", r->cname);
	finding_arg(f, 1, "%s", doubled ? r->cname + len + 1 : r->cname);
	f->until = j->subject->now + (int64_t)r->ttl;
}

/* A TXT where a CNAME is to be. */
static void
judge_flat(const struct judging *j, const struct seen_reply *r)
{
	const struct diagnose_subject *s = j->subject;
	struct err ignored = ERR_INIT;
	struct key_record record;
	struct slice text = seen_text(j->seen, r, 0);
	bool today = s->expect == EXPECT_RECORD
			 ? key_record_same(s->expected, text, &ignored)
			 : key_record_parse(text, &record, &ignored) == 0 && record.revoked;
	enum say what = today ? SAY_TXT_FOR_ALIAS_TODAY : SAY_TXT_FOR_ALIAS;
	if (findings_have(j->out, what))
		return;
	struct finding *f = finding_add(j, what);
	finding_ask(j, f, r);
	diagnose_show(text, f->is, sizeof(f->is));
	f->until = today ? NEVER : s->now + (int64_t)r->ttl;
}

static void
judge_alias(const struct judging *j)
{
	const struct seen_reply *missing = all_missing(j, SEEN_CNAME);
	for (size_t i = 0; i < j->seen->reply_count; i++) {
		const struct seen_reply *r = &j->seen->replies[i];
		if (r->link != 0 || !diagnose_is_listed(j, r) || !diagnose_speaks(r))
			continue;
		if (r->what == SEEN_CNAME && r->cnames > 0)
			judge_target(j, r);
		if (r->what == SEEN_TXT && r->txts > 0 && r->cnames == 0 &&
		    !findings_have(j->out, SAY_BESIDE)) {
			judge_flat(j, r);
			missing = NULL;
		}
	}
	if (missing != NULL && !say_proxied(j))
		judge_lost(j, missing);
}

void
diagnose_names(const struct judging *j)
{
	const struct diagnose_subject *s = j->subject;
	const struct seen_reply *missing;
	if (j->seen->sweep.domain_gone && s->expect == EXPECT_RECORD) {
		struct finding *f = finding_add(j, SAY_DOMAIN_GONE);
		const struct seen_reply *said =
		    j->seen->reply_count == 0 ? NULL : &j->seen->replies[0];
		finding_arg(f, 1, "%s", j->seen->sweep.zone);
		if (said != NULL) {
			struct seen_reply about = *said;
			about.type = "NS";
			(void)slice_to_str(slice_of(s->domain), about.name, sizeof(about.name));
			finding_ask(j, f, &about);
			finding_is(f, "NXDOMAIN");
		}
		return;
	}
	diagnose_chain(j);
	if (s->alias != NULL)
		judge_alias(j);
	else if (s->expect == EXPECT_RECORD && (missing = all_missing(j, SEEN_TXT)) != NULL)
		judge_lost(j, missing);
	diagnose_end(j);
}
