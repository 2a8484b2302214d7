/* SPDX-License-Identifier: ISC */
#include "dkim/verify_cover.h"

#include "dkim/sha256.h"

#include <string.h>

#define HASH_INPUT_MAX ((size_t)64 << 20) /* the signed part of the largest message that is read */

int
cover_list_init(
    struct cover_list *l, const struct mutation_message *m, struct arena *arena, struct err *err)
{
	struct header_picks picks;

	if (header_pick_named(m->others, m->sig->h, arena, &picks, err) != 0)
		return -1;
	l->covers = arena_alloc(arena, (picks.count + 1) * sizeof(*l->covers));
	if (l->covers == NULL)
		return err_set(
		    err, ERR_LIMIT, "h= names more fields (%zu) than are looked at", picks.count);
	l->count = picks.count;
	for (size_t i = 0; i < picks.count; i++) {
		const struct header_pick *pick = &picks.picks[i];
		struct cover *c = &l->covers[i];
		*c = (struct cover){.name = pick->name, .index = pick->index};
		if (pick->index == HEADER_ABSENT)
			continue;
		c->name = m->others->fields[pick->index].name;
		c->value = m->others->fields[pick->index].value;
	}
	return 0;
}

int
cover_list_check(const struct cover_list *l, const struct mutation_message *m, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	struct buf input, own;
	int rc = -1;

	buf_init(&input, HASH_INPUT_MAX);
	buf_init(&own, SIGNATURE_LEN_MAX + m->sig_field->value.len);
	for (size_t i = 0; i < l->count; i++) {
		const struct cover *c = &l->covers[i];
		if (c->index != HEADER_ABSENT)
			canon_header(m->sig->header_canon, c->name, c->value, &input);
	}
	if (signature_without_b(m->sig_field->value, &own, err) != 0)
		goto out;
	canon_header(m->sig->header_canon, m->sig_field->name, buf_slice(&own), &input);
	if (buf_check(&input, "signed header", err) != 0)
		goto out;
	/* RFC 6376 3.7: without the CRLF at the end. */
	if (sha256_digest(slice_sub(buf_slice(&input), 0, input.len - 2), digest, err) != 0)
		goto out;
	rc = dkim_pubkey_verify(m->key, false, slice_new(digest, sizeof(digest)),
	    slice_new(m->sig->b, m->sig->b_len), err);
out:
	buf_deinit(&input);
	buf_deinit(&own);
	return rc;
}

static int
hash_body(const struct mutation_message *m, uint64_t len_max, uint8_t bh[static CANON_BH_LEN],
    uint64_t *len, struct err *err)
{
	struct canon_body c;

	if (canon_body_init(&c, m->sig->body_canon, err) != 0)
		return -1;
	c.body_len_max = len_max;
	int rc = canon_body_update(&c, m->body, err);
	if (rc == 0)
		rc = canon_body_finish(&c, bh, err);
	*len = c.body_len;
	canon_body_deinit(&c);
	return rc;
}

int
body_check(const struct mutation_message *m, struct body_state *state, struct err *err)
{
	const struct signature *sig = m->sig;
	uint8_t bh[CANON_BH_LEN];
	uint64_t taken;

	*state = (struct body_state){.fits = false};
	if (hash_body(m, UINT64_MAX, bh, &state->len, err) != 0)
		return -1;
	state->cut = sig->has_l && sig->l > state->len;
	state->partial = sig->has_l && sig->l < state->len;
	if (state->partial && hash_body(m, sig->l, bh, &taken, err) != 0)
		return -1;
	state->fits = !state->cut && memcmp(bh, sig->bh, CANON_BH_LEN) == 0;
	return 0;
}
