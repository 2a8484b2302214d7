/* SPDX-License-Identifier: ISC */
/* mutation_body.c - which change to the body, undone, gives the body hash. */
#include "dkim/mutation.h"
#include "dkim/mutation_undo.h"
#include "dkim/sha256.h"
#include "dkim/verify_copied.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define WORK_MAX	((size_t)192 << 20) /* octets that are hashed or rewritten: about a second */
#define INSERT_WORK_MAX ((size_t)48 << 20)  /* of them for runs of lines, which cost the square */
#define TRIAL_WORK	200		    /* what a trial costs beside its octets */
#define COPIED_TYPE_MAX 4096

struct search {
	const struct signature *sig;
	struct verify_words *words;
	EVP_MD_CTX *ctx, *copy;
	struct buf text; /* canonical form of what is tried */
	size_t work, work_max;
	size_t trials;
	bool gave_up;
};

/* What fits, and what is to be said beside the rows that led there. */
struct fit {
	enum verify_say say;	    /* VERIFY_SAY_COUNT: nothing more */
	size_t first, count, total; /* lines */
	struct slice shown;
};

static void
keep(void *arg, struct slice canonical)
{
	buf_put(arg, canonical);
}

static bool
may_go_on(struct search *s, size_t work)
{
	if (s->gave_up || s->work + work > s->work_max) {
		s->gave_up = true;
		return false;
	}
	s->work += work;
	return true;
}

/* The canonical text, and whether its hash is the one. */
static bool
fits_whole(struct search *s, struct slice body)
{
	struct canon_body c;
	uint8_t bh[CANON_BH_LEN];
	struct err err = ERR_INIT;

	buf_clear(&s->text);
	s->trials++;
	if (canon_body_init(&c, s->sig->body_canon, &err) != 0)
		return false;
	c.body_len_max = s->sig->has_l ? s->sig->l : UINT64_MAX;
	c.tap = keep;
	c.tap_arg = &s->text;
	bool fit = canon_body_update(&c, body, &err) == 0 && canon_body_finish(&c, bh, &err) == 0 &&
		   memcmp(bh, s->sig->bh, CANON_BH_LEN) == 0;
	canon_body_deinit(&c);
	return fit;
}

static bool
begin_hash(struct search *s)
{
	return EVP_DigestInit_ex2(s->ctx, sha256_md(), NULL) == 1;
}

static void
hash_more(struct search *s, size_t from, size_t end)
{
	/* a failure shows as a hash that does not fit */
	(void)EVP_DigestUpdate(s->ctx, s->text.data + from, end - from);
}

/* What was hashed so far, then glue, then the text from `from` on: is it the one? */
static bool
fits_with(struct search *s, const char *glue, size_t from)
{
	uint8_t bh[CANON_BH_LEN];

	s->trials++;
	s->work += TRIAL_WORK;
	return EVP_MD_CTX_copy_ex(s->copy, s->ctx) == 1 &&
	       EVP_DigestUpdate(s->copy, glue, strlen(glue)) == 1 &&
	       EVP_DigestUpdate(s->copy, s->text.data + from, s->text.len - from) == 1 &&
	       EVP_DigestFinal_ex(s->copy, bh, NULL) == 1 &&
	       memcmp(bh, s->sig->bh, CANON_BH_LEN) == 0;
}

/* Behind the line that begins at `at`. */
static size_t
line_end(const struct search *s, size_t at)
{
	const uint8_t *lf = memchr(s->text.data + at, '\n', s->text.len - at);

	return lf == NULL ? s->text.len : (size_t)(lf - s->text.data) + 1;
}

static size_t
count_lines(const struct search *s)
{
	size_t lines = 0;

	for (size_t at = 0; at < s->text.len; at = line_end(s, at))
		lines++;
	return lines;
}

static struct slice
first_words(const struct search *s, size_t at)
{
	struct slice rest = slice_trim(slice_from(buf_slice(&s->text), at));
	size_t lf;

	return slice_find(rest, '\n', &lf) ? slice_trim(slice_sub(rest, 0, lf)) : rest;
}

/* RFC 6376 3.4.3, 3.4.4: an empty body is CRLF for simple, nothing for relaxed. */
static bool
fits_empty(struct search *s)
{
	return begin_hash(s) &&
	       fits_with(s, s->sig->body_canon == CANON_SIMPLE ? "\r\n" : "", s->text.len);
}

/* Each beginning of the text, with its empty lines at the end left out: one pass. */
static bool
fits_beginning(struct search *s, struct fit *fit)
{
	size_t hashed = 0, lines = 0, total = count_lines(s);

	if (s->text.len == 0 || s->sig->has_l)
		return false;
	if (fits_empty(s)) {
		fit->say = MUTATION_WAS_EMPTY;
		return true;
	}
	if (!begin_hash(s))
		return false;
	for (size_t at = 0, end; at < s->text.len && may_go_on(s, 0); at = end) {
		end = line_end(s, at);
		lines++;
		if (end - at <= 2)
			continue;
		hash_more(s, hashed, end);
		hashed = end;
		if (!fits_with(s, "", s->text.len))
			continue;
		*fit =
		    (struct fit){MUTATION_FOOTER, lines, total - lines, total, first_words(s, end)};
		return true;
	}
	return false;
}

static bool
try_body(struct search *s, struct slice body, struct fit *fit)
{
	*fit = (struct fit){.say = VERIFY_SAY_COUNT};
	return may_go_on(s, 3 * body.len) && (fits_whole(s, body) || fits_beginning(s, fit));
}

/* Runs of lines from `at` on, taken out; then a dot put there. */
static bool
try_line(struct search *s, size_t at, size_t number, size_t *work, struct fit *fit)
{
	if (fits_with(s, ".", at)) {
		*fit = (struct fit){MUTATION_DOT_LOST, number, 1, 0, {NULL, 0}};
		return true;
	}
	*work += s->text.len - at + TRIAL_WORK;
	size_t run = 0;
	for (size_t end = line_end(s, at); end < s->text.len; end = line_end(s, end)) {
		run++;
		*work += s->text.len - end + TRIAL_WORK;
		if (*work > INSERT_WORK_MAX)
			return false;
		if (!fits_with(s, "", end))
			continue;
		*fit = (struct fit){MUTATION_INSERTED, number, run, 0, first_words(s, at)};
		return true;
	}
	return false;
}

/* Lines put in, wherever; costs the square of the text. */
static bool
try_lines(struct search *s, struct slice body, struct fit *fit)
{
	size_t work = 0, number = 1;

	if (!may_go_on(s, body.len) || s->sig->has_l || fits_whole(s, body) || !begin_hash(s))
		return false;
	for (size_t at = 0, end; at < s->text.len; at = end, number++) {
		end = line_end(s, at);
		if (try_line(s, at, number, &work, fit))
			return true;
		if (work > INSERT_WORK_MAX) {
			s->gave_up = true;
			return false;
		}
		hash_more(s, at, end);
	}
	return false;
}

static void
tell_fit(struct search *s, const struct fit *fit)
{
	struct slice none = {NULL, 0};
	char one[40], two[40];

	switch (fit->say) {
	case MUTATION_FOOTER:
		snprintf(one, sizeof(one), "%zu", fit->count);
		snprintf(two, sizeof(two), "%zu line%s", fit->total, fit->total == 1 ? "" : "s");
		verify_tell(s->words, fit->say, slice_of(one), slice_of(two), fit->shown);
		break;
	case MUTATION_INSERTED:
		snprintf(one, sizeof(one), "%zu", fit->first);
		snprintf(two, sizeof(two), "%zu line%s", fit->count, fit->count == 1 ? "" : "s");
		verify_tell(s->words, fit->say, slice_of(one), slice_of(two), fit->shown);
		break;
	case MUTATION_DOT_LOST:
		snprintf(one, sizeof(one), "line %zu", fit->first);
		verify_tell(s->words, fit->say, slice_of(one), none, none);
		break;
	case MUTATION_WAS_EMPTY:
		verify_tell(s->words, fit->say, none, none, none);
		break;
	default:
		break; /* the rows say it all */
	}
}

static void
tell_undone(struct search *s, const struct undone *u)
{
	verify_tell(s->words, u->say, slice_of(u->word), slice_of(""), slice_of(""));
}

/* Each row with each of its args; *one is zero before the first, whose row is `row`. */
static bool
next_row(const struct undo_row **row, struct undo_row *one)
{
	if (one->undo != NULL && one->arg < (*row)->arg + (*row)->more) {
		one->arg++;
		return true;
	}
	*row += one->undo != NULL;
	*one = **row;
	return one->undo != NULL;
}

/* One thing undone, behind another one or none. */
static bool
try_row(struct search *s, const struct undo_row *row, const struct entity *e,
    const struct undone *before)
{
	struct undone undone;
	struct fit fit;

	bool found = undo_apply(row, e, &undone) && try_body(s, undone.entity.body, &fit);
	if (found) {
		if (before != NULL)
			tell_undone(s, before);
		tell_undone(s, &undone);
		tell_fit(s, &fit);
	}
	undone_deinit(&undone);
	return found;
}

static bool
try_rows(struct search *s, const struct undo_row *rows, const struct entity *e,
    const struct undone *before)
{
	struct undo_row row = {.undo = NULL};
	bool found = false;

	while (!found && !s->gave_up && next_row(&rows, &row)) {
		if (before != NULL && before->say == row.say && row.undo != undo_wrap)
			continue;
		found = may_go_on(s, e->body.len + TRIAL_WORK) && try_row(s, &row, e, before);
	}
	return found;
}

/* Behind what changes parts or charset: encodings, in all their forms. */
static bool
goes_before_encodings(enum verify_say say)
{
	return say == MUTATION_WRAPPED || say == MUTATION_FOOTER_PART || say == MUTATION_TO_UTF8 ||
	       say == MUTATION_TO_LATIN1;
}

/* Two things undone. */
static bool
try_pairs(struct search *s, const struct entity *e)
{
	const struct undo_row *rows = UNDO_ROWS;
	struct undo_row row = {.undo = NULL};
	bool found = false;

	while (!found && next_row(&rows, &row) && may_go_on(s, e->body.len + TRIAL_WORK)) {
		struct undone undone;
		if (undo_apply(&row, e, &undone))
			found = try_rows(s, UNDO_ROWS, &undone.entity, &undone) ||
				(goes_before_encodings(row.say) &&
				    try_rows(s, UNDO_ENCODINGS, &undone.entity, &undone));
		undone_deinit(&undone);
	}
	return found;
}

static bool
search_all(struct search *s, const struct entity *e)
{
	struct fit fit;

	if (try_body(s, e->body, &fit) && fit.say != VERIFY_SAY_COUNT) {
		tell_fit(s, &fit);
		return true;
	}
	if (try_rows(s, UNDO_ROWS, e, NULL))
		return true;
	if (try_lines(s, e->body, &fit)) {
		tell_fit(s, &fit);
		return true;
	}
	s->gave_up = false;
	return try_rows(s, UNDO_ENCODINGS, e, NULL) || try_pairs(s, e);
}

static struct slice
value_of(const struct header_list *list, const char *name)
{
	size_t at = header_find_last(list, slice_of(name), list->count);

	return at == HEADER_ABSENT ? slice_of("") : slice_trim(list->fields[at].value);
}

static void
tell_tried(struct search *s, struct slice body)
{
	char number[40];

	if (body.len > MUTATION_BODY_MAX) {
		snprintf(number, sizeof(number), "%zu", body.len);
		verify_tell(
		    s->words, VERIFY_SAY_BODY_LARGE, slice_of(number), slice_of(""), slice_of(""));
		return;
	}
	snprintf(number, sizeof(number), "%zu", s->trials);
	verify_tell(s->words, VERIFY_SAY_BODY_TRIED, slice_of(number),
	    slice_of(s->gave_up ? "; then it became too much" : ""), slice_of(""));
}

bool
mutation_body(const struct mutation_message *m, struct verify_words *words)
{
	struct search s = {.sig = m->sig,
	    .words = words,
	    .ctx = EVP_MD_CTX_new(),
	    .copy = EVP_MD_CTX_new(),
	    .work_max = mutation_work_max(m, WORK_MAX)};
	struct entity e = {.type = value_of(m->others, "Content-Type"),
	    .encoding = value_of(m->others, "Content-Transfer-Encoding"),
	    .body = m->body};
	struct buf copied;
	bool found = false;

	buf_init(&s.text, 2 * MUTATION_BODY_MAX);
	buf_init(&copied, COPIED_TYPE_MAX);
	if (copied_value(m->sig, SLICE_LIT("Content-Type"), &copied))
		e.signed_type = slice_trim(buf_slice(&copied));
	if (s.ctx != NULL && s.copy != NULL && m->body.len <= MUTATION_BODY_MAX)
		found = search_all(&s, &e);
	if (!found)
		tell_tried(&s, m->body);
	mutation_work_done(m, s.work);
	buf_deinit(&copied);
	buf_deinit(&s.text);
	EVP_MD_CTX_free(s.ctx);
	EVP_MD_CTX_free(s.copy);
	return found;
}
