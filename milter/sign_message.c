/* SPDX-License-Identifier: ISC */
#include "milter/sign_message.h"

bool
sign_message_keys_suffice(const struct keyring_key *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keys[i].row->alg == KEY_RSA_SHA256)
			return true;
	return false;
}

static int
sign_one(const struct sign_message_params *p, const struct keyring_key *key, struct buf *value,
    struct err *err)
{
	struct sign_params params = {
	    .key = key->key,
	    .domain = slice_of(p->domain->name),
	    .selector = slice_of(key->row->selector),
	    .header_canon = p->leading_space ? p->domain->header_canon : CANON_RELAXED,
	    .body_canon = p->domain->body_canon,
	    .signed_at = p->domain->timestamp ? p->now : SIGNATURE_NO_TIME,
	    .expires_at = SIGNATURE_NO_TIME,
	    .rules = HEADER_RULES,
	    .bh = p->bh,
	};

	if (p->now != SIGNATURE_NO_TIME && p->domain->expire_after_s > 0)
		params.expires_at = p->now + p->domain->expire_after_s;
	if (sign_header(&params, p->headers, p->arena, value, err) != 0)
		return err_wrap(
		    err, "signing for %s with selector %s", p->domain->name, key->row->selector);
	sign_to_lf(value);
	return 0;
}

int
sign_message(const struct sign_message_params *p, struct signed_value out[static TABLE_KEYS_MAX],
    size_t *count, struct err *err)
{
	*count = 0;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < p->key_count; i++) {
			struct signed_value *v = &out[*count];

			if ((p->keys[i].row->alg == KEY_RSA_SHA256) != (pass == 1))
				continue;
			v->row = p->keys[i].row;
			buf_init(&v->value, SIGNATURE_LEN_MAX);
			(*count)++;
			if (sign_one(p, &p->keys[i], &v->value, err) != 0) {
				sign_message_deinit(out, *count);
				*count = 0;
				return -1;
			}
		}
	}
	return 0;
}

void
sign_message_deinit(struct signed_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_deinit(&values[i].value);
}
