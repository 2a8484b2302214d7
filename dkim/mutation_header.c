/* SPDX-License-Identifier: ISC */
/* mutation_header.c - which changes to the header, undone together, make b= verify. */
#include "dkim/mutation.h"
#include "dkim/mutation_field.h"
#include "dkim/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define COVERS_MAX 128
#define TOGETHER_MAX                                                                               \
	4 /* changes that are undone at once: a list's tag, author, Reply-To, and one more */
#define ARENA_MAX   ((size_t)16 << 20)
#define WORK_MAX    ((size_t)256 << 20) /* octets hashed */
#define VERIFY_WORK ((size_t)40 << 10)	/* as long as a verification of Ed25519 takes, about */
#define TRIALS_MAX  300000

enum kinds { KINDS_ALL, KINDS_USUAL, KINDS_OF_LISTS, KINDS_NO_WORDS };

struct search {
	const struct mutation_message *m;
	struct alternatives *all;
	uint8_t digest[SHA256_LEN];
	bool has_digest;
	EVP_MD_CTX *ctx;
	size_t len; /* octets of the signed fields as they are */
	size_t trials, work, work_max;
	enum kinds kinds; /* that may be chosen */
	bool gave_up;
};

static bool
fits(struct search *s, const size_t *chosen, size_t count)
{
	const struct alternatives *a = s->all;
	struct slice canon[COVERS_MAX + 1];
	uint8_t digest[SHA256_LEN];
	struct err err = ERR_INIT;
	const size_t own = a->covers->count;

	memcpy(canon, a->now, (own + 1) * sizeof(*canon));
	for (size_t i = 0; i < count; i++) {
		const struct alternative *alt = &a->list[chosen[i]];
		for (size_t k = 0; k < alt->edit_count; k++)
			canon[alt->edits[k].cover] = alt->edits[k].canon;
	}
	s->trials++;
	s->work += s->has_digest ? 0 : VERIFY_WORK;
	if (canon[own].len < 2 || EVP_DigestInit_ex2(s->ctx, sha256_md(), NULL) != 1)
		return false;
	canon[own].len -= 2; /* RFC 6376 3.7: without the CRLF at the end */
	for (size_t i = 0; i <= own; i++) {
		s->work += canon[i].len;
		if (canon[i].len > 0 && EVP_DigestUpdate(s->ctx, canon[i].ptr, canon[i].len) != 1)
			return false;
	}
	if (EVP_DigestFinal_ex(s->ctx, digest, NULL) != 1)
		return false;
	if (s->has_digest)
		return memcmp(digest, s->digest, SHA256_LEN) == 0;
	return dkim_pubkey_verify(s->m->key, false, slice_new(digest, SHA256_LEN),
		   slice_new(s->m->sig->b, s->m->sig->b_len), &err) == 1;
}

static bool
is_spent(struct search *s)
{
	s->gave_up = s->gave_up || s->work > s->work_max || s->trials >= TRIALS_MAX;
	return s->gave_up;
}

/* One field has one history, and of the rare ones one is enough. */
static bool
may_join(const struct alternatives *a, const size_t *chosen, size_t count, size_t next)
{
	for (size_t i = 0; i < count; i++) {
		bool both_rare = chosen[i] >= a->usual && next >= a->usual;
		if (a->list[chosen[i]].group == a->list[next].group || both_rare)
			return false;
	}
	return true;
}

/* What lists do comes together with other things that lists do; the rest comes alone. */
static bool
is_of_lists(enum verify_say say)
{
	switch (say) {
	case MUTATION_FIELD_SECOND:
	case MUTATION_FIELD_NEW:
	case MUTATION_FIELD_BELOW:
	case MUTATION_SUBJECT_TAG:
	case MUTATION_SUBJECT_PREFIX:
	case MUTATION_FROM_MUNGED:
	case MUTATION_REPLACED:
	case MUTATION_ENCODING_FIELD:
	case MUTATION_TYPE_FIELD:
	case MUTATION_COPY:
	case MUTATION_TAG_ENCODED:
		return true;
	default:
		return false;
	}
}

/* Encoded words have so many forms that they would take the place of all others. */
static bool
is_wanted(enum kinds kinds, const struct alternatives *a, size_t i)
{
	enum verify_say say = a->list[i].say;

	switch (kinds) {
	case KINDS_USUAL:
		return i < a->usual;
	case KINDS_OF_LISTS:
		return i < a->usual && is_of_lists(say);
	case KINDS_NO_WORDS:
		return say != MUTATION_WORDS && say != MUTATION_TAG_ENCODED;
	case KINDS_ALL:
		break;
	}
	return true;
}

/* `want` more alternatives from `from` on; the depth is at most TOGETHER_MAX. */
static bool
choose(struct search *s, size_t *chosen, size_t count, size_t want, size_t from)
{
	if (want == 0)
		return fits(s, chosen, count);
	for (size_t i = from; i < s->all->count && !is_spent(s); i++) {
		if (!is_wanted(s->kinds, s->all, i) || !may_join(s->all, chosen, count, i))
			continue;
		chosen[count] = i;
		if (choose(s, chosen, count + 1, want - 1, i + 1))
			return true;
	}
	return false;
}

static bool
search_all(struct search *s, struct verify_words *words)
{
	/* the likely ones first: all by ones and twos, what lists do by threes and fours, then the rest */
	static const struct {
		size_t want;
		enum kinds kinds;
	} ROUNDS[] = {{1, KINDS_ALL}, {2, KINDS_NO_WORDS}, {3, KINDS_OF_LISTS}, {4, KINDS_OF_LISTS},
	    {2, KINDS_ALL}, {3, KINDS_NO_WORDS}, {3, KINDS_USUAL}, {4, KINDS_NO_WORDS}};
	size_t chosen[TOGETHER_MAX];

	for (size_t r = 0; r < sizeof(ROUNDS) / sizeof(ROUNDS[0]) && !is_spent(s); r++) {
		s->kinds = ROUNDS[r].kinds;
		if (!choose(s, chosen, 0, ROUNDS[r].want, 0))
			continue;
		for (size_t i = 0; i < ROUNDS[r].want; i++) {
			const struct alternative *alt = &s->all->list[chosen[i]];
			verify_tell(words, alt->say, alt->args[0], alt->args[1], alt->args[2]);
		}
		return true;
	}
	return false;
}

static bool
begin(struct search *s, struct cover_list *l, struct slice own)
{
	struct alternatives *a = s->all;
	struct err err = ERR_INIT;

	if (cover_list_init(l, s->m, a->arena, &err) != 0 || l->count > COVERS_MAX)
		return false;
	a->now = arena_alloc(a->arena, (l->count + 1) * sizeof(*a->now));
	if (a->now == NULL)
		return false;
	a->covers = l;
	for (size_t i = 0; i <= l->count; i++) {
		struct slice name = i < l->count ? l->covers[i].name : s->m->sig_field->name;
		struct slice value = i < l->count ? l->covers[i].value : own;
		a->now[i] = alternative_canon(a, name, value);
		s->len += a->now[i].len;
	}
	return !a->full && s->len <= MUTATION_HEADER_MAX;
}

static void
tell_tried(const struct search *s, bool begun, struct verify_words *words)
{
	char number[40];

	snprintf(number, sizeof(number), "%zu", s->trials);
	if (begun)
		verify_tell(words, VERIFY_SAY_HEADER_TRIED, slice_of(number),
		    slice_of(s->gave_up ? "; then it became too much" : ""), slice_of(""));
	else
		verify_tell(
		    words, VERIFY_SAY_HEADER_LARGE, slice_of(""), slice_of(""), slice_of(""));
}

size_t
mutation_work_max(const struct mutation_message *m, size_t most)
{
	return m->work_left != NULL && *m->work_left < most ? *m->work_left : most;
}

void
mutation_work_done(const struct mutation_message *m, size_t work)
{
	if (m->work_left != NULL)
		*m->work_left -= work < *m->work_left ? work : *m->work_left;
}

bool
mutation_header(const struct mutation_message *m, struct verify_words *words)
{
	static const size_t ALL_LEN = sizeof(struct alternatives);
	struct arena arena;
	struct buf own;
	struct cover_list covers = {NULL, 0};
	struct err err = ERR_INIT;
	struct search s = {
	    .m = m, .ctx = EVP_MD_CTX_new(), .work_max = mutation_work_max(m, WORK_MAX)};
	bool found = false, begun = false;

	arena_init(&arena, ARENA_MAX);
	buf_init(&own, SIGNATURE_LEN_MAX + m->sig_field->value.len);
	s.all = arena_alloc(&arena, ALL_LEN);
	if (s.ctx != NULL && s.all != NULL &&
	    signature_without_b(m->sig_field->value, &own, &err) == 0) {
		memset(s.all, 0, ALL_LEN);
		s.all->m = m;
		s.all->arena = &arena;
		s.has_digest = dkim_pubkey_recover_digest(
		    m->key, slice_new(m->sig->b, m->sig->b_len), s.digest);
		begun = begin(&s, &covers, buf_slice(&own));
	}
	if (begun) {
		alternatives_all(s.all, buf_slice(&own));
		found = search_all(&s, words);
	}
	if (!found)
		tell_tried(&s, begun, words);
	mutation_work_done(m, s.work);
	buf_deinit(&own);
	arena_deinit(&arena);
	EVP_MD_CTX_free(s.ctx);
	return found;
}
