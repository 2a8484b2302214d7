/* SPDX-License-Identifier: ISC */
#include "signpost/signer_judge.h"
#include "dkim/signature.h"

#include <stdlib.h>
#include <string.h>

#define SEEN_MAX  (2 * TABLE_KEYS_MAX) /* signatures of the domain; more is wrong in any case */
#define WORDS_LEN 320

struct seen {
	char selector[DOMAIN_LEN_MAX + 1];
	enum key_alg alg;
	bool alg_known;
};

struct answer {
	struct seen seen[SEEN_MAX];
	size_t count;
	char other[DOMAIN_LEN_MAX + 1]; /* a d= that is not the domain; "": none */
};

static int
take_field(const char *domain, const char *value, struct answer *a, struct err *why)
{
	char name[DOMAIN_LEN_MAX + 1];
	struct signature *sig = malloc(sizeof(*sig)); /* its tags and b= are large */
	struct seen *seen = &a->seen[a->count];
	int rc = -1;

	if (sig == NULL)
		return err_nomem(why);
	if (signature_parse(slice_of(value), sig, why) != 0 ||
	    domain_normalize(sig->domain, name, why) != 0)
		goto out;
	rc = 0;
	if (strcmp(name, domain) != 0) {
		memcpy(a->other, name, sizeof(name));
	} else if (a->count < SEEN_MAX &&
		   slice_to_str(sig->selector, seen->selector, sizeof(seen->selector))) {
		seen->alg = sig->alg;
		seen->alg_known = sig->alg_known && !sig->sha1;
		a->count++;
	}
out:
	free(sig);
	return rc;
}

static int
take_all(
    const struct signer_expect *e, const struct milter_reply *r, struct answer *a, struct err *why)
{
	a->count = 0;
	a->other[0] = '\0';
	for (size_t i = 0; i < r->inserted_count; i++) {
		if (!header_name_eq(slice_of(r->inserted[i].name), SLICE_LIT(SIGNATURE_NAME)))
			continue;
		if (take_field(e->domain, r->inserted[i].value, a, why) != 0)
			return err_wrap(
			    why, "%s inserts a DKIM-Signature that does not parse", e->address);
	}
	return 0;
}

static bool
is_expected(const struct table_domain *row, const struct seen *seen)
{
	for (size_t i = 0; row != NULL && i < row->key_count; i++) {
		if (seen->alg_known && row->keys[i].alg == seen->alg &&
		    slice_ieq_str(slice_of(seen->selector), row->keys[i].selector))
			return true;
	}
	return false;
}

static void
put_seen(const struct answer *a, struct buf *out)
{
	for (size_t i = 0; i < a->count; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", a->seen[i].selector);
}

static void
put_row(const struct table_domain *row, struct buf *out)
{
	for (size_t i = 0; i < row->key_count; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", row->keys[i].selector);
}

/* It signs, and with something that the table does not say. */
static void
say_other_keys(const struct signer_expect *e, const struct answer *a, struct err *why)
{
	struct buf seen, row;

	buf_init(&seen, WORDS_LEN);
	buf_init(&row, WORDS_LEN);
	put_seen(a, &seen);
	if (e->row == NULL || e->row->key_count == 0) {
		err_set(why, ERR_BUSY, "%s still signs %s with %s, which is to be signed no more",
		    e->address, e->domain, buf_str(&seen));
	} else {
		put_row(e->row, &row);
		err_set(why, ERR_BUSY,
		    "%s still signs %s with %s, the table says %s: has it an older table?",
		    e->address, e->domain, buf_str(&seen), buf_str(&row));
	}
	buf_deinit(&seen);
	buf_deinit(&row);
}

static void
say_some_missing(const struct signer_expect *e, const struct answer *a, struct err *why)
{
	struct buf seen, row;

	buf_init(&seen, WORDS_LEN);
	buf_init(&row, WORDS_LEN);
	put_seen(a, &seen);
	put_row(e->row, &row);
	err_set(why, ERR_BUSY,
	    "%s signs %s with %s only, the table says %s; its log says what is wrong with the rest",
	    e->address, e->domain, buf_str(&seen), buf_str(&row));
	buf_deinit(&seen);
	buf_deinit(&row);
}

static void
say_nothing_signed(const struct signer_expect *e, const struct milter_reply *r, struct err *why)
{
	const char *what = "it takes the mail as it is";

	if (r->answer == MILTER_TEMPFAILED)
		what = r->text[0] != '\0' ? r->text : "it answers \"tempfail\"";
	else if (r->answer == MILTER_REJECTED)
		what = r->text[0] != '\0' ? r->text : "it answers \"reject\"";
	else if (r->answer == MILTER_DISCARDED)
		what = "it answers \"discard\"";
	err_set(why, ERR_BUSY,
	    "%s signs nothing of %s: %.120s; its log gives the reason in a line \"probe\"",
	    e->address, e->domain, what);
}

bool
signer_judge(const struct signer_expect *e, const struct milter_reply *r, struct err *why)
{
	const size_t want = e->row == NULL ? 0 : e->row->key_count;
	struct answer a;

	if (take_all(e, r, &a, why) != 0)
		return false;
	for (size_t i = 0; i < a.count; i++) {
		if (!is_expected(e->row, &a.seen[i])) {
			say_other_keys(e, &a, why);
			return false;
		}
	}
	/* a selector that stands there twice is one: each row has a selector of its own */
	for (size_t i = 0; i < want; i++) {
		bool found = false;
		for (size_t k = 0; k < a.count; k++)
			found = found || slice_ieq_str(slice_of(a.seen[k].selector),
					     e->row->keys[i].selector);
		if (found)
			continue;
		if (a.count > 0)
			say_some_missing(e, &a, why);
		else if (a.other[0] != '\0')
			err_set(why, ERR_BUSY, "%s signs %s as d=%s, and not as itself", e->address,
			    e->domain, a.other);
		else
			say_nothing_signed(e, r, why);
		return false;
	}
	return true;
}
