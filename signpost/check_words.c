/* SPDX-License-Identifier: ISC */
/* How a domain came out, and what is as it should be: ordinary things are said as such. */
#include "signpost/check.h"
#include "signpost/signers.h"

#include <string.h>
#include <time.h>

const char *
check_status_name(enum check_status status)
{
	static const char *const names[] = {[CHECK_VERIFIED] = "verified",
	    [CHECK_PENDING] = "pending",
	    [CHECK_FAILED] = "failed",
	    [CHECK_CANNOT_TELL] = "cannot tell"};
	return names[status];
}

int
check_exit_code(enum severity worst)
{
	static const int codes[] = {[SEVERITY_INFO] = 0,
	    [SEVERITY_WARNING] = 1,
	    [SEVERITY_UNKNOWN] = 3,
	    [SEVERITY_FATAL] = 2};
	return codes[worst];
}

/* Of the zone and its servers: the same for each key of the domain. */
static bool
is_of_zone(enum say say)
{
	static const enum say rows[] = {SAY_DOMAIN_GONE, SAY_LAME, SAY_NS_DIFFER, SAY_SILENT,
	    SAY_NO_ROUTE, SAY_ALL_FAIL, SAY_CUT_NO_TCP, SAY_NO_TCP, SAY_NEGATIVE_LONG, SAY_EDNS,
	    SAY_CASE, SAY_BLOCKED, SAY_INTERCEPTED, SAY_DENIES_ABOVE, SAY_CANNOT_TELL, SAY_TTL_LONG,
	    SAY_TTL_SHORT, SAY_BOGUS, SAY_WILDCARD_BESIDE};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i] == say)
			return true;
	return false;
}

static bool
was_said(const struct check_result *r, size_t subject, const struct finding *f)
{
	for (size_t s = 0; s < subject; s++) {
		const struct findings *all = r->findings[s];
		for (size_t i = 0; all != NULL && i < all->count; i++)
			if (all->list[i].say == f->say &&
			    (f->say == SAY_INTERCEPTED ||
				strcmp(all->list[i].verdict, f->verdict) == 0))
				return true;
	}
	return false;
}

static void
drop_repeated(struct check_result *r, size_t subject)
{
	struct findings *all = r->findings[subject];
	size_t kept = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct finding *f = &all->list[i];
		if (is_of_zone(f->say) && was_said(r, subject, f))
			continue;
		if (kept != i)
			memcpy(&all->list[kept], f, sizeof(*f));
		kept++;
	}
	all->count = kept;
}

/* DNS does not show it: it is what the keeper found when it asked them. */
static void
judge_milters(struct check_result *r)
{
	const struct observed *seen = r->domain->seen;
	r->laggard = NULL;
	r->milters = SEVERITY_INFO;
	if (!health_signers_lag(seen))
		return;
	r->laggard = seen->row->signers_laggard;
	r->milters = signers_is_silence(r->laggard) ? SEVERITY_FATAL : SEVERITY_WARNING;
	r->worst = r->milters > r->worst ? r->milters : r->worst;
}

void
check_judge(struct check_result *r)
{
	bool signs = false;
	r->worst = SEVERITY_INFO;
	for (size_t s = 0; s < r->domain->count; s++) {
		struct findings *all = r->findings[s];
		if (r->plan->subjects[r->domain->first + s].role == ROLE_SIGNS)
			signs = true;
		if (all == NULL) { /* no memory for it */
			r->worst = r->worst < SEVERITY_UNKNOWN ? SEVERITY_UNKNOWN : r->worst;
			continue;
		}
		drop_repeated(r, s);
		for (size_t i = 0; i < all->count; i++) {
			enum severity v = all->list[i].severity;
			r->worst = v > r->worst ? v : r->worst;
			r->fatal += v == SEVERITY_FATAL;
			r->warnings += v == SEVERITY_WARNING || v == SEVERITY_UNKNOWN;
			r->infos += v == SEVERITY_INFO;
		}
	}
	r->status = signs ? CHECK_VERIFIED : CHECK_PENDING;
	if (r->worst == SEVERITY_FATAL)
		r->status = CHECK_FAILED;
	else if (r->worst == SEVERITY_UNKNOWN)
		r->status = CHECK_CANNOT_TELL;
	judge_milters(r);
}

void
check_time(int64_t at, int64_t now, char out[static 40])
{
	time_t t = (time_t)at;
	struct tm tm;
	bool near = at - now < 86400 / 2 && now - at < 86400 / 2;
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(out, 40, near ? "%H:%M:%S" : "%d %b %H:%M:%S", &tm) == 0)
		snprintf(out, 40, "-");
}

static bool
has_trouble(const struct findings *all)
{
	for (size_t i = 0; all != NULL && i < all->count; i++)
		if (all->list[i].severity > SEVERITY_INFO)
			return true;
	return false;
}

static bool
lacks_record(const struct findings *all)
{
	return all != NULL &&
	       (findings_have(all, SAY_NO_RECORD) || findings_have(all, SAY_NO_DATA) ||
		   findings_have(all, SAY_STALE) || findings_have(all, SAY_DANGLING) ||
		   findings_have(all, SAY_REVOKED_ACTIVE));
}

static void
put_ready(const struct check_result *r, const struct check_key *k, struct buf *out)
{
	int64_t until = k->view->facts.at[FACT_VERIFIED] +
			schedule_publication_interval(&r->domain->seen->domain, k->view);
	char text[40];
	if (until <= r->plan->now) {
		buf_put_str(out, " stands by");
		return;
	}
	check_time(until, r->plan->now, text);
	buf_printf(out,
	    " is proven, and waits until %s: receivers may still remember that it was not there",
	    text);
}

static void
put_key(const struct check_result *r, size_t nr, struct buf *out)
{
	const struct check_key *k = &r->plan->keys[r->domain->first + nr];
	const struct diagnose_subject *s = &r->plan->subjects[r->domain->first + nr];
	const struct findings *all = r->findings[nr];
	buf_printf(out, "%s%s", out->len == 0 ? "" : "; ", s->selector);
	enum key_state state = key_state_of(&k->view->facts);
	if (s->role == ROLE_SIGNS)
		buf_put_str(out, " signs");
	else if (s->role == ROLE_OVERLAP)
		buf_put_str(out, " is kept for delayed mail");
	else if (s->role == ROLE_GOING && all != NULL && all->count > 0)
		buf_put_str(out, " is being revoked");
	else if (s->role == ROLE_GOING)
		buf_put_str(out, s->expect == EXPECT_ABSENT
				     ? " is gone, as it should be"
				     : " is revoked (p= or nothing), as it should be");
	else if (lacks_record(all) && s->waits_for_person)
		buf_printf(
		    out, " waits for you to enter its record (signpost records %s)", s->domain);
	else if (lacks_record(all) && state == KEY_STATE_GENERATED)
		buf_put_str(out, " is made and not published yet");
	else if (lacks_record(all))
		buf_put_str(out, " was published just now, the servers are taking it");
	else if (state == KEY_STATE_READY)
		put_ready(r, k, out);
	else
		buf_put_str(out, " is on every server that answers, and waits to be proven");
}

static void
put_slots(const struct check_result *r, struct buf *out)
{
	size_t live = 0, sign = 0, stand = 0, kept = 0, coming = 0,
	       total = r->domain->count + r->domain->unpublished;
	for (size_t i = 0; i < r->domain->count; i++) {
		const struct check_key *k = &r->plan->keys[r->domain->first + i];
		enum subject_role role = r->plan->subjects[r->domain->first + i].role;
		bool ready = k->row != NULL && key_state_of(&k->view->facts) == KEY_STATE_READY;
		live += role == ROLE_SIGNS || role == ROLE_OVERLAP || role == ROLE_COMING;
		sign += role == ROLE_SIGNS;
		kept += role == ROLE_OVERLAP;
		stand += role == ROLE_COMING && ready;
		coming += role == ROLE_COMING && !ready;
	}
	const struct {
		size_t n;
		const char *one, *more;
	} parts[] = {{sign, "signs", "sign"}, {stand, "stands by", "stand by"},
	    {kept, "is kept for delayed mail", "are kept for delayed mail"},
	    {coming, "is being published", "are being published"}};
	buf_printf(out, "%zu of %zu slots %s a key", live, total, live == 1 ? "carries" : "carry");
	const char *before = " (";
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].n == 0)
			continue;
		if (parts[i].n == 1)
			buf_printf(out, "%sone %s", before, parts[i].one);
		else
			buf_printf(out, "%s%zu %s", before, parts[i].n, parts[i].more);
		before = ", ";
	}
	if (live > 0)
		buf_put_byte(out, ')');
	if (total > live)
		buf_printf(out, "; %zu %s empty (p=), as it should be", total - live,
		    total - live == 1 ? "is" : "are");
}

void
check_words(const struct check_result *r, struct buf *out)
{
	bool slots = r->domain->seen->domain.policy->mode == MODE_SLOTS;
	if (slots && r->fatal + r->warnings == 0 && r->domain->count > 0) {
		put_slots(r, out);
		return;
	}
	for (size_t i = 0; i < r->domain->count; i++)
		if (!has_trouble(r->findings[i]) &&
		    r->plan->keys[r->domain->first + i].row != NULL && r->findings[i] != NULL)
			put_key(r, i, out);
	if (r->domain->unpublished > 0)
		buf_printf(out, "%s%zu %s made and not published yet", out->len == 0 ? "" : "; ",
		    r->domain->unpublished, r->domain->unpublished == 1 ? "key is" : "keys are");
}
