/* SPDX-License-Identifier: ISC */
/* CNAMEs behind each other, and where they end: D08 to D11, D31; several records at the end (D12). */
#include "keys/diagnose.h"
#include "keys/diagnose_names.h"
#include "keys/diagnose_tags.h"
#include "keys/sweep_verdict.h"

#include <stdio.h>
#include <string.h>

#define RCODE_NXDOMAIN 3
#define CHAIN_GOOD     3 /* CNAMEs that nobody minds */

static struct finding *
say(const struct judging *j, enum say what, const struct seen_reply *r)
{
	struct finding *f = finding_add(j, what);
	finding_ask(j, f, r);
	f->until = j->subject->now + (int64_t)r->ttl;
	return f;
}

static void
judge_beside(const struct judging *j, const struct seen_reply *cname, const struct seen_reply *txt)
{
	if (cname->cnames == 0 || txt->txts == 0 || !diagnose_speaks(cname) ||
	    !diagnose_speaks(txt) || findings_have(j->out, SAY_BESIDE))
		return;
	struct finding *f = say(j, SAY_BESIDE, txt);
	finding_is(f, "TXT for TXT; CNAME %s. for CNAME", cname->cname);
	finding_arg(f, 1, "%s", j->subject->alias == NULL ? "CNAME" : "TXT");
}

static void
judge_txt_fails(
    const struct judging *j, const struct seen_reply *cname, const struct seen_reply *txt)
{
	static const char *const names[] = {
	    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
	bool silent = txt->end != SEEN_REPLY, fails = txt->end == SEEN_REPLY && txt->rcode != 0;
	if (cname->cnames == 0 || !diagnose_speaks(cname) || (!silent && !fails) ||
	    txt->end == SEEN_CUT_UDP || txt->rcode == RCODE_NXDOMAIN ||
	    findings_have(j->out, SAY_TXT_FAILS_AT_ALIAS))
		return;
	struct finding *f = say(j, SAY_TXT_FAILS_AT_ALIAS, txt);
	const char *what = silent ? "nothing" : txt->rcode < 6 ? names[txt->rcode] : "an error";
	finding_is(f, "%s for TXT, CNAME %s. for CNAME", what, cname->cname);
	finding_arg(f, 1, "%s", what);
	f->until = NEVER;
}

static size_t
put_name(char *out, size_t size, const char *before, const char *name)
{
	int n = snprintf(out, size, "%s%s", before, name);
	return n < 0 || (size_t)n >= size ? size - 1 : (size_t)n;
}

/* The last CNAME leads back to a name of the chain. */
static void
judge_loop(const struct judging *j, const struct seen_reply *r)
{
	const struct sweep *s = &j->seen->sweep;
	char text[FINDING_TEXT_LEN];
	size_t from = 0, len = 0;
	if (r->cnames == 0 || !seen_is_last(j->seen, r) || findings_have(j->out, SAY_LOOP))
		return;
	while (from < s->link_count && !slice_ieq_str(slice_of(s->links[from].name), r->cname))
		from++;
	if (from < s->link_count) {
		for (size_t i = from; i < s->link_count; i++)
			len += put_name(text + len, sizeof(text) - len, i == from ? "" : " -> ",
			    s->links[i].name);
		(void)put_name(text + len, sizeof(text) - len, " -> ", r->cname);
		struct finding *f = say(j, SAY_LOOP, r);
		finding_is(f, "CNAME %s.", r->cname);
		finding_arg(f, 1, "%s", text);
	} else if (s->link_count == SWEEP_LINKS_MAX && !findings_have(j->out, SAY_LONG_CHAIN)) {
		struct finding *f = say(j, SAY_LONG_CHAIN, r);
		finding_is(f, "CNAME %s., and so on", r->cname);
		finding_arg(f, 1, "more than %d", SWEEP_LINKS_MAX - 1);
		f->severity = SEVERITY_FATAL; /* it leads nowhere */
	}
}

/* BIND fails to answer for TXT in a loop of one zone: its CNAMEs were asked for one after another. */
static void
judge_steps(const struct judging *j)
{
	const struct seen_reply *last = NULL;
	char text[FINDING_TEXT_LEN];
	size_t len = put_name(text, sizeof(text), "", j->subject->name);
	bool loops = false;
	for (size_t i = 0; i < j->seen->reply_count; i++) {
		const struct seen_reply *r = &j->seen->replies[i];
		if (r->what != SEEN_STEP || r->cnames == 0)
			continue;
		last = r;
		len += put_name(text + len, sizeof(text) - len, " -> ", r->name);
		for (size_t k = 0; k <= i; k++)
			loops = loops ||
				(j->seen->replies[k].what == SEEN_STEP &&
				    slice_ieq_str(slice_of(j->seen->replies[k].name), r->cname));
		loops = loops || slice_ieq_str(slice_of(j->subject->name), r->cname);
	}
	if (!loops || findings_have(j->out, SAY_LOOP))
		return;
	(void)put_name(text + len, sizeof(text) - len, " -> ", last->cname);
	struct finding *f = say(j, SAY_LOOP, last);
	finding_is(f, "CNAME %s.", last->cname);
	finding_arg(f, 1, "%s", text);
}

void
diagnose_chain(const struct judging *j)
{
	const struct sweep *s = &j->seen->sweep;
	for (size_t i = 0; i < s->count; i++) {
		const struct seen_reply *txt = seen_find(j->seen, SEEN_TXT, &s->answers[i]);
		if (txt != NULL && !s->answers[i].former)
			judge_loop(j, txt);
	}
	judge_steps(j);
	for (size_t i = 0; i < s->count; i++) {
		const struct seen_reply *cname = seen_find(j->seen, SEEN_CNAME, &s->answers[i]);
		const struct seen_reply *txt = seen_find(j->seen, SEEN_TXT, &s->answers[i]);
		if (cname == NULL || txt == NULL || s->answers[i].former)
			continue;
		judge_beside(j, cname, txt);
		if (!findings_have(j->out, SAY_LOOP))
			judge_txt_fails(j, cname, txt);
	}
	const struct seen_reply *first =
	    s->count == 0 ? NULL : seen_find(j->seen, SEEN_TXT, &s->answers[0]);
	if (first != NULL && s->link_count > CHAIN_GOOD + 1 && !findings_have(j->out, SAY_LOOP) &&
	    !findings_have(j->out, SAY_LONG_CHAIN)) {
		struct finding *f = say(j, SAY_LONG_CHAIN, first);
		finding_is(f, "CNAME %s., ... %s.", first->cname, s->links[s->link_count - 1].name);
		finding_arg(f, 1, "%zu", s->link_count - 1);
		f->until = NEVER;
	}
}

struct tally {
	size_t good, missing, other; /* listed servers of the last link */
	const struct seen_reply *first_missing, *first_other;
};

static void
count_end(const struct judging *j, struct tally *t)
{
	const struct sweep *s = &j->seen->sweep;
	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < s->count; i++) {
		const struct sweep_answer *a = &s->answers[i];
		const struct seen_reply *r = seen_find(j->seen, SEEN_TXT, a);
		if (a->former || a->link + 1u != s->link_count || r == NULL)
			continue;
		t->good += a->verdict == ANSWER_GOOD;
		if (a->verdict != ANSWER_BAD)
			continue;
		bool missing = a->found == FOUND_NODATA || a->found == FOUND_NXDOMAIN;
		t->missing += missing;
		t->other += !missing;
		if (missing && t->first_missing == NULL)
			t->first_missing = r;
		if (!missing && t->first_other == NULL)
			t->first_other = r;
	}
}

/* Something stands where p= or nothing is to be. */
static void
judge_going(const struct judging *j, const struct tally *t)
{
	const struct diagnose_subject *s = j->subject;
	if (t->first_other == NULL)
		return;
	struct finding *f = say(j, SAY_STILL_THERE, t->first_other);
	bool gone = s->expect == EXPECT_ABSENT;
	bool ours = diagnose_is_ours(j, t->first_other);
	diagnose_show(seen_text(j->seen, t->first_other, 0), f->is, sizeof(f->is));
	finding_arg(f, 1, "%s",
	    ours			 ? "the record of its key"
	    : t->first_other->cnames > 0 ? "a CNAME"
					 : "another record");
	finding_arg(f, 2, "%s", gone ? "gone" : "revoked");
	if (s->by_hand)
		finding_arg(f, 3,
		    gone ? "delete the TXT"
			 : "replace the value with  v=DKIM1; p=  or delete the TXT");
	else
		finding_arg(f, 3, "run signpost tick, and see signpost log %s", s->domain);
	if (s->by_hand) /* a courtesy to verifiers, no more */
		f->severity = SEVERITY_INFO;
}

static bool
same_answer(const struct seen_reply *a, const struct seen_reply *b)
{
	if (a->txts != b->txts || a->cnames != b->cnames || strcmp(a->cname, b->cname) != 0)
		return false;
	return a->txts == 0 || a->texts[0] == b->texts[0];
}

/* D31, K20: a name that nobody made is answered as ours is. */
static void
judge_wildcard(const struct judging *j)
{
	const struct sweep *s = &j->seen->sweep;
	for (size_t i = 0; i < s->count && s->wildcard; i++) {
		const struct seen_reply *sibling = seen_find(j->seen, SEEN_SIBLING, &s->answers[i]);
		const struct seen_reply *ours = seen_find(j->seen, SEEN_TXT, &s->answers[i]);
		if (sibling == NULL || ours == NULL || sibling->cnames + sibling->txts == 0)
			continue;
		bool in_place = same_answer(sibling, ours) && s->answers[i].verdict == ANSWER_BAD;
		struct finding *f = say(j, in_place ? SAY_WILDCARD : SAY_WILDCARD_BESIDE, sibling);
		if (sibling->txts > 0)
			diagnose_show(seen_text(j->seen, sibling, 0), f->is, sizeof(f->is));
		else
			finding_is(f, "CNAME %s.", sibling->cname);
		f->until = in_place ? f->until : NEVER;
		return;
	}
}

void
diagnose_end(const struct judging *j)
{
	const struct diagnose_subject *s = j->subject;
	const struct sweep *sweep = &j->seen->sweep;
	struct tally t;
	count_end(j, &t);
	judge_wildcard(j);
	if (s->expect != EXPECT_RECORD)
		judge_going(j, &t);
	if (sweep->link_count < 2 || t.good > 0 || t.missing == 0)
		return;
	const struct seen_reply *first = seen_find(j->seen, SEEN_TXT, &sweep->answers[0]);
	if (s->alias != NULL && diagnose_elsewhere(j, t.first_missing))
		return;
	if (s->alias != NULL) {
		struct finding *f = say(j, SAY_DANGLING, t.first_missing);
		finding_is(f, "%s",
		    t.first_missing->rcode == RCODE_NXDOMAIN ? "NXDOMAIN" : "NOERROR, and no TXT");
		f->until = NEVER;
		if (t.first_missing->has_soa)
			f->until = s->now + (int64_t)t.first_missing->negative_s;
	} else if (first != NULL && s->expect == EXPECT_RECORD) {
		struct finding *f = say(j, SAY_ALIAS_FOR_TXT, first);
		finding_is(f, "CNAME %s., where nothing is", first->cname);
		finding_arg(f, 1, "%s", first->cname);
	}
}

static void
judge_several(const struct judging *j, const struct seen_reply *r)
{
	struct finding *f = say(j, SAY_SEVERAL, r);
	size_t len = 0;
	finding_arg(f, 1, "%zu", r->txts);
	finding_arg(
	    f, 2, diagnose_is_ours(j, r) ? "; ours is among them" : "; ours is not among them");
	for (size_t i = 0; i < r->txts && i < SEEN_RECORDS_MAX && len + 4 < sizeof(f->is); i++) {
		diagnose_show(seen_text(j->seen, r, i), f->is + len, sizeof(f->is) - len);
		len = strlen(f->is);
		if (i + 1 < r->txts)
			len += (size_t)snprintf(f->is + len, sizeof(f->is) - len, " | ");
	}
}

/* Servers that say the same are judged once. */
static bool
was_judged(const struct judging *j, size_t at)
{
	const struct seen_reply *r = &j->seen->replies[at];
	for (size_t i = 0; i < at; i++) {
		const struct seen_reply *b = &j->seen->replies[i];
		if (seen_is_last(j->seen, b) && diagnose_speaks(b) && diagnose_is_listed(j, b) &&
		    b->txts == r->txts && memcmp(b->texts, r->texts, sizeof(r->texts)) == 0)
			return true;
	}
	return false;
}

void
diagnose_records(const struct judging *j)
{
	const struct diagnose_subject *s = j->subject;
	bool in_place =
	    findings_have(j->out, SAY_WILDCARD) || findings_have(j->out, SAY_TXT_FOR_ALIAS) ||
	    findings_have(j->out, SAY_TXT_FOR_ALIAS_TODAY) || findings_have(j->out, SAY_BESIDE);
	for (size_t i = 0; i < j->seen->reply_count; i++) {
		const struct seen_reply *r = &j->seen->replies[i];
		if (!seen_is_last(j->seen, r) || !diagnose_speaks(r) || !diagnose_is_listed(j, r) ||
		    r->txts == 0 || was_judged(j, i))
			continue;
		if (s->expect != EXPECT_RECORD || in_place)
			(void)diagnose_private(j, r, seen_text(j->seen, r, 0));
		else if (r->txts > 1)
			judge_several(j, r);
		else
			diagnose_record(j, r, seen_text(j->seen, r, 0));
	}
}
