/* SPDX-License-Identifier: ISC */
#include "dkim/sign.h"

#include "dkim/sha256.h"

static void
cut(struct buf *b, size_t len)
{
	b->len = len;
	if (b->data != NULL)
		b->data[len] = '\0';
}

/* Canonical fields are never longer than the fields, but for the colon and the CRLF. */
static size_t
input_len_max(const struct sign_input *in)
{
	size_t len = sizeof SIGNATURE_NAME + in->value_without_b.len + 3;

	for (size_t i = 0; i < in->picks->count; i++) {
		if (in->picks->picks[i].index != HEADER_ABSENT) {
			const struct header_field *f = &in->list->fields[in->picks->picks[i].index];
			len += f->name.len + f->value.len + 3;
		}
	}
	return len;
}

int
sign_hash_input(const struct sign_input *in, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < in->picks->count; i++) {
		size_t index = in->picks->picks[i].index;
		/* RFC 6376 5.4: a field that is not there is the null string */
		if (index == HEADER_ABSENT)
			continue;
		const struct header_field *f = &in->list->fields[index];
		canon_header(in->canon, f->name, f->value, out);
	}
	canon_header(in->canon, SLICE_LIT(SIGNATURE_NAME), in->value_without_b, out);
	if (buf_check(out, "header hash input", err) != 0)
		return -1;
	/* RFC 6376 3.7: the signature's own field goes in without its final CRLF */
	cut(out, out->len - 2);
	return 0;
}

static int
hash_header(const struct sign_input *in, uint8_t digest[static SHA256_LEN], struct err *err)
{
	struct buf input;

	buf_init(&input, input_len_max(in));
	int rc = sign_hash_input(in, &input, err);
	if (rc == 0)
		rc = sha256_digest(buf_slice(&input), digest, err);
	buf_deinit(&input);
	return rc;
}

int
sign_header(const struct sign_params *p, const struct header_list *l, struct arena *arena,
    struct buf *value, struct err *err)
{
	uint8_t digest[SHA256_LEN], sig[KEY_SIG_LEN_MAX];
	struct header_picks picks;
	size_t start = value->len, sig_len;

	if (header_pick_all(l, p->rules, arena, &picks, err) != 0)
		return -1;
	struct signature_spec spec = {
	    .alg = dkim_key_alg(p->key),
	    .header_canon = p->header_canon,
	    .body_canon = p->body_canon,
	    .domain = p->domain,
	    .selector = p->selector,
	    .signed_at = p->signed_at,
	    .expires_at = p->expires_at,
	    .picks = &picks,
	    .bh = p->bh,
	};
	struct sign_input input = {p->header_canon, l, &picks, {NULL, 0}};
	if (signature_format(&spec, value, err) != 0)
		goto bad;
	input.value_without_b = slice_from(buf_slice(value), start);
	if (hash_header(&input, digest, err) == 0 &&
	    dkim_key_sign(p->key, digest, sig, &sig_len, err) == 0 &&
	    signature_append_b(value, slice_new(sig, sig_len), err) == 0)
		return 0;
bad:
	/* Half a field must not look like one. */
	cut(value, start);
	return -1;
}

void
sign_to_lf(struct buf *value)
{
	size_t to = 0;

	for (size_t i = 0; i < value->len; i++) {
		if (value->data[i] == '\r' && i + 1 < value->len && value->data[i + 1] == '\n')
			continue;
		value->data[to++] = value->data[i];
	}
	cut(value, to);
}
