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
say_other_keys(const struct signer_expect *e, const struct table_domain *expected,
    const struct answer *a, struct err *why)
{
	struct buf seen, row;

	buf_init(&seen, WORDS_LEN);
	buf_init(&row, WORDS_LEN);
	put_seen(a, &seen);
	if (expected == NULL || expected->key_count == 0) {
		err_set(why, ERR_BUSY, "%s still signs %s with %s, which is to be signed no more",
		    e->address, e->domain, buf_str(&seen));
	} else {
		put_row(expected, &row);
		err_set(why, ERR_BUSY,
		    "%s still signs %s with %s, the table says %s: has it an older table?",
		    e->address, e->domain, buf_str(&seen), buf_str(&row));
	}
	buf_deinit(&seen);
	buf_deinit(&row);
}

static void
say_some_missing(const struct signer_expect *e, const struct table_domain *expected,
    const struct answer *a, struct err *why)
{
	struct buf seen, row;

	buf_init(&seen, WORDS_LEN);
	buf_init(&row, WORDS_LEN);
	put_seen(a, &seen);
	put_row(expected, &row);
	err_set(why, ERR_BUSY,
	    "%s signs %s with %s only, the table says %s; its log says what is wrong with the rest",
	    e->address, e->domain, buf_str(&seen), buf_str(&row));
	buf_deinit(&seen);
	buf_deinit(&row);
}

static const char *
answer_words(const struct milter_reply *r)
{
	switch (r->answer) {
	case MILTER_TEMPFAILED:
		return r->text[0] != '\0' ? r->text : "it answers \"tempfail\"";
	case MILTER_REJECTED:
		return r->text[0] != '\0' ? r->text : "it answers \"reject\"";
	case MILTER_DISCARDED:
		return "it answers \"discard\"";
	case MILTER_ACCEPTED:
		break;
	}
	return "it takes the mail as it is";
}

static void
say_key_missing(const struct signer_expect *e, const struct table_domain *row,
    const struct answer *a, const struct milter_reply *r, struct err *why)
{
	if (a->count > 0)
		say_some_missing(e, row, a, why);
	else if (a->other[0] != '\0')
		err_set(why, ERR_BUSY, "%s signs %s as d=%s, and not as itself", e->address,
		    e->domain, a->other);
	else
		err_set(why, ERR_BUSY,
		    "%s signs nothing of %s: %.120s; its log gives the reason in a line \"probe\"",
		    e->address, e->domain, answer_words(r));
}

/* Who has the table answers as the row without keys says; another answer comes of another table, or of none, and the
 * key may yet be there. */
static bool
leaves_it_as_told(const struct signer_expect *e, const struct table_domain *row,
    const struct milter_reply *r, struct err *why)
{
	bool tempfail =
	    row != NULL && row->keyless == KEYLESS_TEMPFAIL && !e->table->settings.dry_run;

	if (r->answer == (tempfail ? MILTER_TEMPFAILED : MILTER_ACCEPTED))
		return true;
	err_set(why, ERR_BUSY,
	    "%s does not sign %s, but not because of this table: %.120s; its log gives the reason "
	    "in "
	    "a line \"probe\"",
	    e->address, e->domain, answer_words(r));
	return false;
}

/* Each row has a selector of its own. */
static bool
has_all(const struct table_domain *row, const struct answer *a)
{
	for (size_t i = 0; i < row->key_count; i++) {
		bool found = false;

		for (size_t k = 0; k < a->count; k++)
			found = found ||
				slice_ieq_str(slice_of(a->seen[k].selector), row->keys[i].selector);
		if (!found)
			return false;
	}
	return true;
}

bool
signer_judge(const struct signer_expect *e, const struct milter_reply *r, struct err *why)
{
	const struct table_domain *row = table_find_domain(e->table, slice_of(e->domain));
	struct answer a;

	if (take_all(e, r, &a, why) != 0)
		return false;
	for (size_t i = 0; i < a.count; i++) {
		if (!is_expected(row, &a.seen[i])) {
			say_other_keys(e, row, &a, why);
			return false;
		}
	}
	if (row == NULL || row->key_count == 0)
		return leaves_it_as_told(e, row, r, why);
	if (has_all(row, &a))
		return true;
	say_key_missing(e, row, &a, r, why);
	return false;
}
