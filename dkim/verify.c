/* SPDX-License-Identifier: ISC */
#include "dkim/verify.h"

#include "dkim/domain.h"
#include "dkim/verify_trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DAY_S	      86400
#define VERIFY_SKEW_S 300 /* clocks of honest signers differ by so much */
#define VERIFY_ARENA_MAX                                                                           \
	((size_t)16 << 20) /* covers of the longest h= and a copy of the field list */
#define FOUND_LEN_MAX 320

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

/* Appends to the text, cut at its end; what came from the message cannot move a terminal's cursor. */
static void PRINTF(2, 3) say(struct verify_report *r, const char *fmt, ...)
{
	size_t len = strlen(r->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->text + len, sizeof(r->text) - len, fmt, ap);
	va_end(ap);
	for (char *p = r->text + len; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
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

/* RFC 6376 6.1.1, RFC 8301 3.1. */
static void
check_signature(struct verify_report *r, int64_t now)
{
	const struct signature *sig = &r->sig;

	if (!sig->alg_known) {
		const struct tag *a = taglist_get(&sig->tags, "a");
		conclude(r, VERIFY_TAG);
		say(r, "a=%.*s is no algorithm that is known here.",
		    SLICE_ARG(slice_sub(a->value, 0, 64)));
	} else if (sig->sha1) {
		conclude(r, VERIFY_SHA1);
		say(r, "It was made with rsa-sha1, which verifiers must treat as failed (RFC "
		       "8301): the signer "
		       "has to change to rsa-sha256.");
	} else if (!from_is_signed(sig)) {
		conclude(r, VERIFY_FROM_UNSIGNED);
		say(r, "h= does not name From, which every signature must cover (RFC 6376 5.4).");
	} else if (sig->expires_at != SIGNATURE_NO_TIME && sig->expires_at < now) {
		conclude(r, VERIFY_EXPIRED);
		long long ago = (long long)(now - sig->expires_at);
		bool days = ago >= 2 * DAY_S;
		say(r, "It expired %lld %s ago (x=%lld).", days ? ago / DAY_S : ago,
		    days ? "days" : "s", (long long)sig->expires_at);
	} else if (sig->signed_at != SIGNATURE_NO_TIME && sig->signed_at > now + VERIFY_SKEW_S) {
		conclude(r, VERIFY_FUTURE);
		say(r,
		    "It was made %lld s in the future (t=%lld): the clock of the signer or of this "
		    "host is wrong.",
		    (long long)(sig->signed_at - now), (long long)sig->signed_at);
	}
}

/* Without memory nothing is known about the object, and it is not accused. */
static void
conclude_err(
    struct verify_report *r, enum verify_reason reason, const char *object, const struct err *err)
{
	conclude(r, err->kind == ERR_NOMEM ? VERIFY_KEY_UNAVAILABLE : reason);
	if (err->kind == ERR_NOMEM)
		say(r, "It could not be checked: %s.", err->text);
	else
		say(r, "%s is wrong: %s.", object, err->text);
}

void
verify_prepare(
    const struct header_list *list, size_t sig_index, int64_t now, struct verify_report *r)
{
	struct err err = ERR_INIT;

	memset(r, 0, sizeof(*r));
	if (signature_parse(list->fields[sig_index].value, &r->sig, &err) != 0) {
		conclude_err(r, VERIFY_TAG, "The " SIGNATURE_NAME " field", &err);
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
		say(r, "k= of the key record names an algorithm that is not known here.");
	else if (rec->alg != sig->alg)
		say(r, "The key record holds a key for %s, but the signature says a=%s.",
		    key_alg_k(rec->alg), key_alg_name(sig->alg));
	else if (!rec->allows_sha256)
		say(r, "h= of the key record does not allow sha256.");
	else if (!rec->allows_email)
		say(r, "s= of the key record does not allow email.");
	else if (rec->strict_domain && auid_is_below_domain(sig))
		say(r, "t=s of the key record forbids the subdomain in i=%.*s.",
		    SLICE_ARG(slice_sub(sig->auid, 0, 128)));
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

	if (dkim_pubkey_parse(rec->alg, slice_new(rec->p, rec->p_len), &key, &err) != 0) {
		conclude_err(r, VERIFY_KEY_SYNTAX, "The key record", &err);
		return NULL;
	}
	r->key_bits = dkim_pubkey_bits(key);
	if (rec->alg == KEY_RSA_SHA256 && r->key_bits < KEY_RSA_BITS_LOAD_MIN) {
		conclude(r, VERIFY_KEY_SHORT);
		say(r, "The key has %u bits; below %d no verifier may accept it (RFC 8301).",
		    r->key_bits, KEY_RSA_BITS_LOAD_MIN);
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

	if (records->unavailable) {
		conclude(r, VERIFY_KEY_UNAVAILABLE);
		say(r, "DNS gave no answer for the key: try again.");
	} else if (records->count == 0) {
		conclude(r, VERIFY_KEY_ABSENT);
		say(r, "DNS has no key record.");
	} else if (records->count > 1) {
		/* RFC 6376 3.6.2.2: what happens then is undefined. */
		conclude(r, VERIFY_KEY_MULTIPLE);
		say(r, "DNS has %zu TXT records there; a verifier may pick any of them. Leave one.",
		    records->count);
	} else if (key_record_parse(records->txt[0], &rec, &err) != 0) {
		conclude_err(r, VERIFY_KEY_SYNTAX, "The key record", &err);
	} else if (rec.revoked) {
		conclude(r, VERIFY_KEY_REVOKED);
		say(r, "The key was revoked: p= of its record is empty.");
	} else if (key_is_suitable(r, &rec)) {
		r->key_testing = rec.testing;
		return read_key(r, &rec);
	}
	return NULL;
}

static void
say_pass(struct verify_report *r)
{
	conclude(r, VERIFY_OK);
	say(r, "Body and signed fields are as they were when %.*s signed them.",
	    SLICE_ARG(slice_sub(r->sig.domain, 0, 128)));
	if (r->partial_body)
		say(r, " But l=%llu leaves the end of the body unsigned: anything can be appended.",
		    (unsigned long long)r->sig.l);
	if (r->key_testing)
		say(r, " t=y of the key record says that the domain is only testing.");
	if (r->sig.alg == KEY_RSA_SHA256 && r->key_bits < KEY_RSA_BITS_GOOD)
		say(r, " The key has only %u bits; %d are the rule today.", r->key_bits,
		    KEY_RSA_BITS_GOOD);
}

/* Names that h= signs as absent, or that somebody took away. */
static void
say_absent(struct verify_report *r, const struct cover_list *l)
{
	bool first = true;

	for (size_t i = 0; i < l->count; i++) {
		if (l->covers[i].present || header_count(l->list, l->covers[i].name) > 0)
			continue;
		say(r, "%s %.*s",
		    first ? " Signed and not there (absent from the start, or removed):" : ",",
		    SLICE_ARG(slice_sub(l->covers[i].name, 0, 40)));
		first = false;
	}
	if (!first)
		say(r, ".");
}

/* What is to be said of a header over which b= does not verify. */
static void
explain_header(struct verify_report *r, struct cover_list *l)
{
	struct buf found;

	buf_init(&found, FOUND_LEN_MAX);
	if (trial_run(l, &found)) {
		say(r, "The header was changed: %s.", buf_str(&found));
	} else if (trial_copied(l, &found)) {
		say(r, "The header was changed: %s.", buf_str(&found));
	} else {
		say(r, r->sig.alg == KEY_RSA_SHA256
			   ? "A signed field was changed; the key is the right one."
			   : "A signed field was changed, or another key made the signature: "
			     "Ed25519 cannot tell which.");
		say_absent(r, l);
	}
	buf_deinit(&found);
}

static void
judge(struct verify_report *r, struct cover_list *l, bool header_ok, const char *body_found,
    bool body_ok)
{
	if (header_ok && body_ok) {
		say_pass(r);
		return;
	}
	if (!header_ok && !dkim_pubkey_recovers(l->key, slice_new(r->sig.b, r->sig.b_len))) {
		conclude(r, VERIFY_KEY_DIFFERS);
		say(r,
		    "Another key made it: b= (%zu octets) does not open with the key in DNS (%u "
		    "bits).",
		    r->sig.b_len, r->key_bits);
		return;
	}
	conclude(r, body_ok ? VERIFY_HEADER_CHANGED : VERIFY_BODY_CHANGED);
	if (!body_ok) {
		say(r, "The body was changed%s%s.%s", *body_found != '\0' ? ": " : "", body_found,
		    header_ok ? " The header was not." : " ");
	}
	if (!header_ok)
		explain_header(r, l);
}

static int
check_all(struct cover_list *l, struct slice body, struct verify_report *r, struct err *err)
{
	struct buf found;

	buf_init(&found, FOUND_LEN_MAX);
	int header = cover_list_check(l, err);
	int whole = header < 0 ? -1 : body_check(&r->sig, body, &r->partial_body, &found, err);
	if (whole >= 0)
		judge(r, l, header == 1, buf_str(&found), whole == 1);
	buf_deinit(&found);
	return whole < 0 ? -1 : 0;
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
	struct cover_list l = {.list = &others,
	    .sig_field = &m->list->fields[m->sig_index],
	    .sig = &r->sig,
	    .key = key};
	if (list_without(m->list, m->sig_index, &arena, &others, &err) != 0 ||
	    cover_list_init(&l, &arena, &err) != 0 || check_all(&l, m->body, r, &err) != 0) {
		/* memory or OpenSSL: nothing is known about the message */
		conclude(r, VERIFY_KEY_UNAVAILABLE);
		say(r, "It could not be checked: %s.", err.text);
	}
	arena_deinit(&arena);
	dkim_pubkey_free(key);
}
