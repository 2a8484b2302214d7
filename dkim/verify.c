/* SPDX-License-Identifier: ISC */
#include "dkim/verify.h"

#include "dkim/domain.h"
#include "dkim/sha256.h"
#include "dkim/verify_absent.h"
#include "dkim/verify_copied.h"
#include "dkim/verify_cover.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_S	      86400
#define VERIFY_SKEW_S 300 /* clocks of honest signers differ by so much */
#define VERIFY_ARENA_MAX                                                                           \
	((size_t)16 << 20) /* covers of the longest h= and a copy of the field list */
#define NUMBER_LEN 40

static const struct {
	const char *name;
	enum verify_result result; /* RFC 8601 2.7.1 */
} REASONS[VERIFY_REASON_COUNT] = {
    [VERIFY_OK] = {"ok", VERIFY_PASS},
    [VERIFY_TAG] = {"tag", VERIFY_NEUTRAL},
    [VERIFY_FROM_UNSIGNED] = {"from-unsigned", VERIFY_PERMERROR},
    [VERIFY_EXPIRED] = {"expired", VERIFY_POLICY},
    [VERIFY_FUTURE] = {"future", VERIFY_POLICY},
    [VERIFY_SHA1] = {"sha1", VERIFY_PERMERROR}, /* RFC 8301 3.1 */
    [VERIFY_KEY_ABSENT] = {"key-absent", VERIFY_PERMERROR},
    [VERIFY_KEY_UNAVAILABLE] = {"key-unavailable", VERIFY_TEMPERROR},
    [VERIFY_KEY_MULTIPLE] = {"key-multiple", VERIFY_PERMERROR},
    [VERIFY_KEY_SYNTAX] = {"key-syntax", VERIFY_PERMERROR},
    [VERIFY_KEY_REVOKED] = {"key-revoked", VERIFY_PERMERROR},
    [VERIFY_KEY_UNSUITABLE] = {"key-unsuitable", VERIFY_PERMERROR},
    [VERIFY_KEY_SHORT] = {"key-short", VERIFY_POLICY},
    [VERIFY_KEY_DIFFERS] = {"key-differs", VERIFY_FAIL},
    [VERIFY_BODY_CHANGED] = {"body-changed", VERIFY_FAIL},
    [VERIFY_HEADER_CHANGED] = {"header-changed", VERIFY_FAIL},
};

const char *
verify_result_name(enum verify_result result)
{
	static const char *const NAMES[] = {
	    "pass", "fail", "policy", "neutral", "temperror", "permerror"};

	return NAMES[result];
}

const char *
verify_reason_name(enum verify_reason reason)
{
	return REASONS[reason].name;
}

/* One sentence; NULL for what it has no place for. */
static void
say(struct verify_report *r, enum verify_say what, const char *one, const char *two)
{
	verify_tell(&r->words, what, slice_of(one), slice_of(two), slice_of(NULL));
}

static const char *
number(uint64_t n, char text[static NUMBER_LEN])
{
	snprintf(text, NUMBER_LEN, "%" PRIu64, n);
	return text;
}

static void
conclude(struct verify_report *r, enum verify_reason reason)
{
	r->reason = reason;
	r->result = REASONS[reason].result;
}

static bool
from_is_signed(const struct signature *sig)
{
	size_t off = 0;
	struct slice name;

	while (tag_next_item(sig->h, &off, &name)) {
		if (slice_ieq_str(name, "from"))
			return true;
	}
	return false;
}

static void
check_times(struct verify_report *r, int64_t now)
{
	const struct signature *sig = &r->sig;
	char one[NUMBER_LEN], two[NUMBER_LEN];

	if (sig->expires_at != SIGNATURE_NO_TIME && sig->expires_at < now) {
		int64_t ago = now - sig->expires_at;
		bool days = ago >= 2 * DAY_S;
		conclude(r, VERIFY_EXPIRED);
		snprintf(one, sizeof(one), "%" PRId64 " %s", days ? ago / DAY_S : ago,
		    days ? "days" : "s");
		say(r, VERIFY_SAY_EXPIRED, one, number((uint64_t)sig->expires_at, two));
	} else if (sig->signed_at != SIGNATURE_NO_TIME && sig->signed_at > now + VERIFY_SKEW_S) {
		conclude(r, VERIFY_FUTURE);
		say(r, VERIFY_SAY_FUTURE, number((uint64_t)(sig->signed_at - now), one),
		    number((uint64_t)sig->signed_at, two));
	}
}

/* RFC 6376 6.1.1, RFC 8301 3.1. */
static void
check_signature(struct verify_report *r, int64_t now)
{
	const struct signature *sig = &r->sig;

	if (!sig->alg_known) {
		const struct tag *a = taglist_get(&sig->tags, "a");
		conclude(r, VERIFY_TAG);
		verify_tell(&r->words, VERIFY_SAY_ALGORITHM, slice_sub(a->value, 0, 64),
		    slice_of(NULL), slice_of(NULL));
	} else if (sig->sha1) {
		conclude(r, VERIFY_SHA1);
		say(r, VERIFY_SAY_SHA1, NULL, NULL);
	} else if (!from_is_signed(sig)) {
		conclude(r, VERIFY_FROM_UNSIGNED);
		say(r, VERIFY_SAY_FROM_UNSIGNED, NULL, NULL);
	} else {
		check_times(r, now);
	}
}

/* Without memory nothing is known about the object, and it is not accused. */
static void
conclude_err(
    struct verify_report *r, enum verify_reason reason, enum verify_say what, const struct err *err)
{
	conclude(r, err->kind == ERR_NOMEM ? VERIFY_KEY_UNAVAILABLE : reason);
	say(r, err->kind == ERR_NOMEM ? VERIFY_SAY_UNCHECKED : what, err->text, NULL);
}

void
verify_prepare(
    const struct header_list *list, size_t sig_index, int64_t now, struct verify_report *r)
{
	struct err err = ERR_INIT;

	memset(r, 0, sizeof(*r));
	if (signature_parse(list->fields[sig_index].value, &r->sig, &err) != 0) {
		conclude_err(r, VERIFY_TAG, VERIFY_SAY_FIELD_WRONG, &err);
		return;
	}
	r->has_sig = true;
	conclude(r, VERIFY_OK);
	check_signature(r, now);
}

static bool
auid_is_below_domain(const struct signature *sig)
{
	size_t at = sig->auid.len;

	while (at > 0 && sig->auid.ptr[at - 1] != '@')
		at--;
	return sig->auid.len > 0 && !slice_ieq(slice_from(sig->auid, at), sig->domain);
}

/* Does the record allow this use?  RFC 6376 3.6.1 and 6.1.2 points 4 to 8. */
static bool
key_is_suitable(struct verify_report *r, const struct key_record *rec)
{
	const struct signature *sig = &r->sig;

	conclude(r, VERIFY_KEY_UNSUITABLE);
	if (!rec->k_known)
		say(r, VERIFY_SAY_K_UNKNOWN, NULL, NULL);
	else if (rec->alg != sig->alg)
		say(r, VERIFY_SAY_K_OTHER, key_alg_k(rec->alg), key_alg_name(sig->alg));
	else if (!rec->allows_sha256)
		say(r, VERIFY_SAY_NO_SHA256, NULL, NULL);
	else if (!rec->allows_email)
		say(r, VERIFY_SAY_NO_EMAIL, NULL, NULL);
	else if (rec->strict_domain && auid_is_below_domain(sig))
		verify_tell(
		    &r->words, VERIFY_SAY_STRICT, sig->auid, slice_of(NULL), slice_of(NULL));
	else
		return true;
	return false;
}

/* The record's key, or NULL with the conclusion. */
static struct dkim_pubkey *
read_key(struct verify_report *r, const struct key_record *rec)
{
	struct dkim_pubkey *key = NULL;
	struct err err = ERR_INIT;
	char one[NUMBER_LEN], two[NUMBER_LEN];

	if (dkim_pubkey_parse(rec->alg, slice_new(rec->p, rec->p_len), &key, &err) != 0) {
		conclude_err(r, VERIFY_KEY_SYNTAX, VERIFY_SAY_KEY_WRONG, &err);
		return NULL;
	}
	r->key_bits = dkim_pubkey_bits(key);
	if (rec->alg == KEY_RSA_SHA256 && r->key_bits < KEY_RSA_BITS_LOAD_MIN) {
		conclude(r, VERIFY_KEY_SHORT);
		say(r, VERIFY_SAY_SHORT, number(r->key_bits, one),
		    number(KEY_RSA_BITS_LOAD_MIN, two));
		dkim_pubkey_free(key);
		return NULL;
	}
	return key;
}

static struct dkim_pubkey *
choose_key(struct verify_report *r, const struct verify_records *records)
{
	struct key_record rec;
	struct err err = ERR_INIT;
	char one[NUMBER_LEN];

	if (records->unavailable) {
		conclude(r, VERIFY_KEY_UNAVAILABLE);
		say(r, VERIFY_SAY_NO_ANSWER, records->why, NULL);
	} else if (records->count == 0) {
		conclude(r, VERIFY_KEY_ABSENT);
		say(r, VERIFY_SAY_NO_KEY, NULL, NULL);
	} else if (records->count > 1) {
		/* RFC 6376 3.6.2.2: what happens then is undefined. */
		conclude(r, VERIFY_KEY_MULTIPLE);
		say(r, VERIFY_SAY_KEYS, number(records->count, one), NULL);
	} else if (key_record_parse(records->txt[0], &rec, &err) != 0) {
		conclude_err(r, VERIFY_KEY_SYNTAX, VERIFY_SAY_KEY_WRONG, &err);
	} else if (rec.revoked) {
		conclude(r, VERIFY_KEY_REVOKED);
		say(r, VERIFY_SAY_REVOKED, NULL, NULL);
	} else if (key_is_suitable(r, &rec)) {
		r->key_testing = rec.testing;
		return read_key(r, &rec);
	}
	return NULL;
}

static void
say_pass(struct verify_report *r)
{
	char one[NUMBER_LEN], two[NUMBER_LEN];

	conclude(r, VERIFY_OK);
	verify_tell(&r->words, VERIFY_SAY_PASS, r->sig.domain, slice_of(NULL), slice_of(NULL));
	if (r->partial_body)
		say(r, VERIFY_SAY_PARTIAL, number(r->sig.l, one), NULL);
	if (r->key_testing)
		say(r, VERIFY_SAY_TESTING, NULL, NULL);
	if (r->sig.alg == KEY_RSA_SHA256 && r->key_bits < KEY_RSA_BITS_GOOD)
		say(r, VERIFY_SAY_WEAK, number(r->key_bits, one), number(KEY_RSA_BITS_GOOD, two));
}

/* What is to be said of a header over which b= does not verify. */
static void
explain_header(
    struct verify_report *r, const struct mutation_message *m, const struct cover_list *l)
{
	uint8_t digest[SHA256_LEN];

	if (r->sig.alg == KEY_RSA_SHA256 &&
	    !dkim_pubkey_recover_digest(m->key, slice_new(m->sig->b, m->sig->b_len), digest)) {
		say(r, VERIFY_SAY_OTHER_HASH, NULL, NULL);
		return;
	}
	say(r, r->sig.alg == KEY_RSA_SHA256 ? VERIFY_SAY_HEADER : VERIFY_SAY_HEADER_OR_KEY, NULL,
	    NULL);
	if (mutation_header(m, &r->words))
		return;
	absent_tell(m, l, &r->words);
	copied_tell(m, &r->words);
}

static void
explain_body(struct verify_report *r, const struct mutation_message *m,
    const struct body_state *body, bool header_ok)
{
	char one[NUMBER_LEN], two[NUMBER_LEN];

	say(r, header_ok ? VERIFY_SAY_BODY_ALONE : VERIFY_SAY_BODY, NULL, NULL);
	if (body->cut)
		say(r, VERIFY_SAY_BODY_CUT, number(m->sig->l, one), number(body->len, two));
	else
		(void)mutation_body(m, &r->words);
}

static int
check_all(struct cover_list *l, const struct mutation_message *m, struct verify_report *r,
    struct err *err)
{
	struct body_state body;
	struct slice b = slice_new(m->sig->b, m->sig->b_len);
	char one[NUMBER_LEN], two[NUMBER_LEN];

	int header = cover_list_check(l, m, err);
	if (header < 0 || body_check(m, &body, err) != 0)
		return -1;
	r->partial_body = body.partial;
	if (header == 1 && body.fits) {
		say_pass(r);
	} else if (header == 0 && !dkim_pubkey_recovers(m->key, b)) {
		conclude(r, VERIFY_KEY_DIFFERS);
		say(r, VERIFY_SAY_OTHER_KEY, number(b.len, one), number(r->key_bits, two));
	} else {
		conclude(r, body.fits ? VERIFY_HEADER_CHANGED : VERIFY_BODY_CHANGED);
		if (!body.fits)
			explain_body(r, m, &body, header == 1);
		if (header == 0)
			explain_header(r, m, l);
	}
	return 0;
}

/* RFC 6376 3.7: the signature itself is never among the fields that h= takes. */
static int
list_without(const struct header_list *list, size_t index, struct arena *arena,
    struct header_list *out, struct err *err)
{
	out->fields = arena_alloc(arena, list->count * sizeof(*out->fields));
	if (out->fields == NULL)
		return err_set(err, ERR_LIMIT, "no room for a header of %zu fields", list->count);
	out->count = 0;
	for (size_t i = 0; i < list->count; i++) {
		if (i != index)
			out->fields[out->count++] = list->fields[i];
	}
	return 0;
}

void
verify_signature(const struct verify_message *m, const struct verify_records *records, int64_t now,
    struct verify_report *r)
{
	struct err err = ERR_INIT;
	struct header_list others = {0};
	struct arena arena;

	verify_prepare(m->list, m->sig_index, now, r);
	if (r->result != VERIFY_PASS)
		return;
	struct dkim_pubkey *key = choose_key(r, records);
	if (key == NULL)
		return;
	arena_init(&arena, VERIFY_ARENA_MAX);
	struct cover_list l = {NULL, 0};
	struct mutation_message mutated = {
	    &others, &m->list->fields[m->sig_index], &r->sig, key, m->body, m->work_left};
	if (list_without(m->list, m->sig_index, &arena, &others, &err) != 0 ||
	    cover_list_init(&l, &mutated, &arena, &err) != 0 ||
	    check_all(&l, &mutated, r, &err) != 0) {
		/* memory or OpenSSL: nothing is known about the message */
		conclude(r, VERIFY_KEY_UNAVAILABLE);
		say(r, VERIFY_SAY_UNCHECKED, err.text, NULL);
	}
	arena_deinit(&arena);
	dkim_pubkey_free(key);
}
