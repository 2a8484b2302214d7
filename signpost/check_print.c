/* SPDX-License-Identifier: ISC */
/* check_print.c - a domain's diagnosis for a person, and as one line for Nagios. */
#include "signpost/check.h"

#include <inttypes.h>
#include <string.h>

#define WORDS_MAX    4096
#define PRINT_MAX    (4 * 1024 * 1024)
#define WORD_INDENT  7 /* behind the number of the finding */
#define FIELD_INDENT 15
#define SIDE	     "        " /* between what came back and who said it */

/* "       mend    ..." */
static void
put_field(const struct terminal *t, const char *label, const char *text, struct buf *out)
{
	const struct terminal_room room = {FIELD_INDENT, FIELD_INDENT};

	if (text[0] == '\0')
		return;
	buf_printf(out, "%*s%-*s", WORD_INDENT, "", FIELD_INDENT - WORD_INDENT, label);
	/* a record is pasted in one piece */
	if (strstr(text, "v=DKIM1") != NULL)
		buf_put_str(out, text);
	else if (strcmp(label, "asked") == 0)
		terminal_wrap_command(t, room, text, out);
	else
		terminal_wrap(t, room, text, out);
	buf_put_byte(out, '\n');
}

static void
put_finding(const struct terminal *t, const struct finding *f, int64_t now, struct buf *out)
{
	enum terminal_ink ink = f->severity == SEVERITY_FATAL ? INK_BAD : INK_WARNING;
	char until[40], text[FINDING_TEXT_LEN + FINDING_TEXT_LEN + 16];

	buf_printf(
	    out, "\n  %s%s%s  ", terminal_ink(t, ink), f->row->id, terminal_ink(t, INK_PLAIN));
	terminal_wrap(t, (struct terminal_room){WORD_INDENT, WORD_INDENT}, f->verdict, out);
	buf_put_byte(out, '\n');
	size_t columns = FIELD_INDENT + strlen(SIDE) + terminal_columns(slice_of(f->is)) +
			 terminal_columns(slice_of(f->server));
	const char *between = t->width == 0 || columns <= t->width ? SIDE : "\n";
	snprintf(
	    text, sizeof(text), "%s%s%s", f->is, f->server[0] == '\0' ? "" : between, f->server);
	if (f->is[0] != '\0')
		put_field(t, "is", text, out);
	else
		put_field(t, "at", f->server, out);
	put_field(t, "mend", f->mend, out);
	put_field(t, "asked", f->asked, out);
	if (f->until == NEVER)
		return;
	check_time(f->until, now, until);
	snprintf(text, sizeof(text),
	    "who has asked may remember this until %s (%" PRId64 " s from now)", until,
	    f->until > now ? f->until - now : 0);
	put_field(t, "cached", text, out);
}

/* One paragraph: nothing is wrong with it. */
static void
put_note(const struct terminal *t, const struct finding *f, int64_t now, struct buf *out)
{
	struct buf text;
	char until[40];

	buf_init(&text, WORDS_MAX);
	buf_put_str(&text, f->verdict);
	if (f->until != NEVER) {
		check_time(f->until, now, until);
		buf_printf(&text, "  Until %s.", until);
	}
	if (f->mend[0] != '\0')
		buf_printf(&text, "  To do: %s.", f->mend);
	buf_printf(out, "  %s  ", f->row->id);
	terminal_wrap(t, (struct terminal_room){WORD_INDENT, WORD_INDENT}, buf_str(&text), out);
	buf_put_byte(out, '\n');
	buf_deinit(&text);
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
put_status(const struct terminal *t, const char *status, struct buf *out)
{
	enum terminal_ink ink = strcmp(status, "failed") == 0	  ? INK_BAD
				: strcmp(status, "verified") == 0 ? INK_GOOD
								  : INK_WARNING;

	buf_printf(out, "%s%s%s", terminal_ink(t, ink), status, terminal_ink(t, INK_PLAIN));
}

static void
put_key(const struct terminal *t, const struct check_result *r, size_t nr, struct buf *out)
{
	const struct findings *all = r->findings[nr];
	const struct diagnose_subject *s = &r->plan->subjects[r->domain->first + nr];

	if (all == NULL) {
		buf_printf(out, "%s  %s  cannot tell: out of memory\n", s->domain, s->selector);
		return;
	}
	if (findings_worst(all) == SEVERITY_INFO)
		return;
	buf_printf(out, "%s  %s  ", s->domain, s->selector);
	put_status(t, key_status(all), out);
	buf_put_byte(out, '\n');
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].severity > SEVERITY_INFO)
			put_finding(t, &all->list[i], r->plan->now, out);
	buf_put_byte(out, '\n');
}

/* A note whose key the words tell of already. */
static bool
is_told(const struct finding *f)
{
	return f->say == SAY_NO_RECORD || f->say == SAY_NO_DATA || f->say == SAY_DANGLING ||
	       f->say == SAY_REVOKED_ACTIVE;
}

static void
put_milters(const struct terminal *t, const struct check_result *r, struct buf *out)
{
	char asked[40];
	struct buf text;

	if (r->laggard == NULL)
		return;
	check_time(r->domain->seen->row->signers_asked_at, r->plan->now, asked);
	buf_init(&text, WORDS_MAX);
	buf_printf(&text, "%s  (the keeper asked it at %s)", r->laggard, asked);
	buf_printf(out, "%s  milters  ", r->domain->seen->row->name);
	put_status(t, r->milters == SEVERITY_FATAL ? "failed" : "warning", out);
	buf_printf(out, "\n\n%*s", WORD_INDENT, "");
	terminal_wrap(t, (struct terminal_room){WORD_INDENT, WORD_INDENT}, buf_str(&text), out);
	buf_put_byte(out, '\n');
	put_field(t, "mend", "signpost doctor", out);
	buf_put_byte(out, '\n');
	buf_deinit(&text);
}

/* What is as it should be. */
static void
put_words(const struct terminal *t, const struct check_result *r, struct buf *out)
{
	bool bare = r->fatal + r->warnings == 0 && r->status != CHECK_CANNOT_TELL;
	const char *name = r->domain->seen->row->name, *status = check_status_name(r->status);
	struct buf words;

	buf_init(&words, WORDS_MAX);
	check_words(r, &words);
	if (words.len == 0 && bare)
		buf_put_str(&words, "no key of it is to be seen in DNS now");
	if (words.len > 0) {
		size_t used = strlen(name) + 2 + (bare ? strlen(status) + 2 : 0);
		buf_printf(out, "%s  ", name);
		if (bare) {
			put_status(t, status, out);
			buf_put_str(out, ". ");
		}
		buf_put_byte(&words, '.');
		terminal_wrap(
		    t, (struct terminal_room){(unsigned)used, WORD_INDENT}, buf_str(&words), out);
		buf_put_byte(out, '\n');
	}
	buf_deinit(&words);
}

void
check_print(const struct check_result *r, const struct terminal *t, FILE *file)
{
	struct buf out;

	buf_init(&out, PRINT_MAX);
	for (size_t i = 0; i < r->domain->count; i++)
		put_key(t, r, i, &out);
	put_milters(t, r, &out);
	put_words(t, r, &out);
	for (size_t k = 0; k < r->domain->count; k++) {
		const struct findings *all = r->findings[k];
		for (size_t i = 0; all != NULL && i < all->count; i++)
			if (all->list[i].severity == SEVERITY_INFO && !is_told(&all->list[i]))
				put_note(t, &all->list[i], r->plan->now, &out);
	}
	fputs(buf_str(&out), file);
	buf_deinit(&out);
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

/* A finding of the worst kind, or what the milters do; else how DNS is. */
static void
print_worst(const struct check_result *r, FILE *out)
{
	const struct finding *f = worst_finding(r);
	char asked[40];

	if (f != NULL) {
		fprintf(out, "%s ", f->row->id);
		print_plain(f->verdict, out);
	}
	if (r->laggard != NULL) {
		check_time(r->domain->seen->row->signers_asked_at, r->plan->now, asked);
		fputs(f != NULL ? "; " : "", out);
		print_plain(r->laggard, out);
		fprintf(out, " (asked at %s)", asked);
	}
	if (f != NULL)
		return;
	struct buf words;
	buf_init(&words, WORDS_MAX);
	check_words(r, &words);
	fprintf(out, "%s%s. ", r->laggard != NULL ? "; DNS: " : "", check_status_name(r->status));
	print_plain(buf_str(&words), out);
	buf_deinit(&words);
}

void
check_print_nagios(const struct check_result *r, FILE *out)
{
	static const char *const states[] = {[SEVERITY_INFO] = "OK",
	    [SEVERITY_WARNING] = "WARNING",
	    [SEVERITY_UNKNOWN] = "UNKNOWN",
	    [SEVERITY_FATAL] = "CRITICAL"};

	fprintf(out, "DKIM %s - %s: ", states[r->worst], r->domain->seen->row->name);
	print_worst(r, out);
	fprintf(out, " | fatal=%zu;;1 warnings=%zu;1 notes=%zu servers=%zu good=%zu\n", r->fatal,
	    r->warnings, r->infos, r->servers, r->good);
}
