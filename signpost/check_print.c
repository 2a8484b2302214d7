/* SPDX-License-Identifier: ISC */
/* check_print.c - a domain's diagnosis for a person, and as one line for Nagios. */
#include "signpost/check.h"

#include <inttypes.h>
#include <string.h>

#define WORDS_MAX 4096

static void
print_finding(const struct finding *f, int64_t now, FILE *out)
{
	char until[40];
	fprintf(out, "\n  %s  %s\n", f->row->id, f->verdict);
	if (f->is[0] != '\0')
		fprintf(out, "       is      %s%s%s\n", f->is,
		    f->server[0] == '\0' ? "" : "        ", f->server);
	else if (f->server[0] != '\0')
		fprintf(out, "       at      %s\n", f->server);
	if (f->mend[0] != '\0')
		fprintf(out, "       mend    %s\n", f->mend);
	if (f->asked[0] != '\0')
		fprintf(out, "       asked   %s\n", f->asked);
	if (f->until != NEVER) {
		check_time(f->until, now, until);
		fprintf(out,
		    "       cached  who has asked may remember this until %s (%" PRId64
		    " s from now)\n",
		    until, f->until > now ? f->until - now : 0);
	}
}

/* One line: nothing is wrong with it. */
static void
print_note(const struct finding *f, int64_t now, FILE *out)
{
	char until[40];
	fprintf(out, "  %s  %s", f->row->id, f->verdict);
	if (f->until != NEVER) {
		check_time(f->until, now, until);
		fprintf(out, "  Until %s.", until);
	}
	if (f->mend[0] != '\0')
		fprintf(out, "  To do: %s.", f->mend);
	fputc('\n', out);
}

static const char *
key_status(const struct findings *all)
{
	switch (findings_worst(all)) {
	case SEVERITY_FATAL:
		return "failed";
	case SEVERITY_UNKNOWN:
		return "cannot tell";
	default:
		return "warning";
	}
}

static void
print_key(const struct check_result *r, size_t nr, FILE *out)
{
	const struct findings *all = r->findings[nr];
	const struct diagnose_subject *s = &r->plan->subjects[r->domain->first + nr];
	if (all == NULL) {
		fprintf(out, "%s  %s  cannot tell: out of memory\n", s->domain, s->selector);
		return;
	}
	if (findings_worst(all) == SEVERITY_INFO)
		return;
	fprintf(out, "%s  %s  %s\n", s->domain, s->selector, key_status(all));
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].severity > SEVERITY_INFO)
			print_finding(&all->list[i], r->plan->now, out);
	fputc('\n', out);
}

/* A note whose key the words tell of already. */
static bool
is_told(const struct finding *f)
{
	return f->say == SAY_NO_RECORD || f->say == SAY_NO_DATA || f->say == SAY_DANGLING ||
	       f->say == SAY_REVOKED_ACTIVE;
}

void
check_print(const struct check_result *r, FILE *out)
{
	struct buf words;
	bool bare = r->fatal + r->warnings == 0;
	for (size_t i = 0; i < r->domain->count; i++)
		print_key(r, i, out);
	buf_init(&words, WORDS_MAX);
	check_words(r, &words);
	if (words.len == 0 && bare)
		buf_put_str(&words, "no key of it is to be seen in DNS now");
	if (words.len > 0)
		fprintf(out, "%s  %s%s%s.\n", r->domain->seen->row->name,
		    bare ? check_status_name(r->status) : "", bare ? ". " : "", buf_str(&words));
	buf_deinit(&words);
	for (size_t k = 0; k < r->domain->count; k++) {
		const struct findings *all = r->findings[k];
		for (size_t i = 0; all != NULL && i < all->count; i++)
			if (all->list[i].severity == SEVERITY_INFO && !is_told(&all->list[i]))
				print_note(&all->list[i], r->plan->now, out);
	}
}

static const struct finding *
worst_finding(const struct check_result *r)
{
	for (size_t k = 0; k < r->domain->count; k++) {
		const struct findings *all = r->findings[k];
		for (size_t i = 0; all != NULL && i < all->count; i++)
			if (all->list[i].severity == r->worst && r->worst > SEVERITY_INFO)
				return &all->list[i];
	}
	return NULL;
}

/* A bar would begin the performance data. */
static void
print_plain(const char *text, FILE *out)
{
	for (; *text != '\0'; text++)
		fputc(*text == '|' ? '/' : *text, out);
}

void
check_print_nagios(const struct check_result *r, FILE *out)
{
	static const char *const states[] = {[SEVERITY_INFO] = "OK",
	    [SEVERITY_WARNING] = "WARNING",
	    [SEVERITY_UNKNOWN] = "UNKNOWN",
	    [SEVERITY_FATAL] = "CRITICAL"};
	const struct finding *f = worst_finding(r);
	struct buf words;
	buf_init(&words, WORDS_MAX);
	check_words(r, &words);
	fprintf(out, "DKIM %s - %s: ", states[r->worst], r->domain->seen->row->name);
	if (f != NULL) {
		fprintf(out, "%s ", f->row->id);
		print_plain(f->verdict, out);
	} else {
		fprintf(out, "%s. ", check_status_name(r->status));
		print_plain(buf_str(&words), out);
	}
	fprintf(out, " | fatal=%zu;;1 warnings=%zu;1 notes=%zu servers=%zu good=%zu\n", r->fatal,
	    r->warnings, r->infos, r->servers, r->good);
	buf_deinit(&words);
}
