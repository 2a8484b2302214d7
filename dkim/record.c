/* SPDX-License-Identifier: ISC */
#include "dkim/record.h"

#include "base/base64.h"
#include "dkim/taglist.h"

#include <string.h>

#define LABEL_LEN_MAX 63
#define SHOW_MAX      64 /* octets of a tag in an error text */
#define SELECTOR_LEN_MAX                                                                           \
	238 /* leaves room for "._domainkey." and the shortest domain in 253 octets */

/* Whether the colon list of the tag holds one of two words; an absent tag is `otherwise`.  Values are
 * case-sensitive (RFC 6376 3.2). */
static bool
lists(const struct taglist *tags, const char *name, const char *word, const char *or_word,
    bool otherwise)
{
	const struct tag *t = taglist_get(tags, name);
	struct slice item;
	size_t off = 0;

	if (t == NULL)
		return otherwise;
	while (tag_next_item(t->value, &off, &item)) {
		if (slice_eq_str(item, word) || slice_eq_str(item, or_word))
			return true;
	}
	return false;
}

/* RFC 6376 3.6.1: v= is DKIM1 and the first tag, or absent. */
static int
parse_version(const struct taglist *tags, struct key_record *r, struct err *err)
{
	const struct tag *v = taglist_get(tags, "v");

	if (v == NULL)
		return 0;
	if (v != &tags->tags[0])
		return err_set(err, ERR_INPUT, "v= is not the first tag of the key record");
	if (!slice_eq_str(v->value, "DKIM1"))
		return err_set(err, ERR_INPUT, "v= of the key record is not DKIM1");
	r->has_version = true;
	return 0;
}

static void
parse_alg(const struct taglist *tags, struct key_record *r)
{
	const struct tag *k = taglist_get(tags, "k");

	r->alg =
	    k != NULL && slice_eq_str(k->value, "ed25519") ? KEY_ED25519_SHA256 : KEY_RSA_SHA256;
	r->k_known =
	    k == NULL || slice_eq_str(k->value, "ed25519") || slice_eq_str(k->value, "rsa");
}

static int
parse_p(const struct taglist *tags, struct key_record *r, struct err *err)
{
	const struct tag *p = taglist_get(tags, "p");
	struct buf octets;

	if (p == NULL)
		return err_set(err, ERR_INPUT, "the key record has no p= tag");
	buf_init(&octets, RECORD_P_LEN_MAX);
	if (base64_decode(p->value, &octets, err) != 0) {
		buf_deinit(&octets);
		if (err->kind != ERR_NOMEM)
			err->kind = ERR_INPUT;
		return err_wrap(err, "p= of the key record");
	}
	/* Empty p=: the key is revoked. */
	r->revoked = octets.len == 0;
	r->p_len = octets.len;
	if (octets.len > 0)
		memcpy(r->p, octets.data, octets.len);
	buf_deinit(&octets);
	return 0;
}

int
key_record_parse(struct slice txt, struct key_record *r, struct err *err)
{
	struct taglist tags;

	memset(r, 0, sizeof *r);
	if (taglist_parse(txt, &tags, err) != 0)
		return err_wrap(err, "key record");
	if (parse_version(&tags, r, err) != 0 || parse_p(&tags, r, err) != 0)
		return -1;
	parse_alg(&tags, r);
	r->allows_sha256 = lists(&tags, "h", "sha256", "sha256", true);
	r->allows_sha1 = lists(&tags, "h", "sha1", "sha1", true);
	r->allows_email = lists(&tags, "s", "email", "*", true);
	r->testing = lists(&tags, "t", "y", "y", false);
	r->strict_domain = lists(&tags, "t", "s", "s", false);
	return 0;
}

int
key_record_format(const struct dkim_key *key, struct buf *out, struct err *err)
{
	struct buf p;

	buf_init(&p, RECORD_P_LEN_MAX);
	int rc = dkim_key_public_octets(key, &p, err);
	if (rc == 0) {
		buf_put_str(out, "v=DKIM1; k=");
		buf_put_str(out, key_alg_k(dkim_key_alg(key)));
		buf_put_str(out, "; h=sha256; p=");
		base64_encode(buf_slice(&p), out);
		rc = buf_check(out, "key record", err);
	}
	buf_deinit(&p);
	return rc;
}

void
key_record_format_revoked(struct buf *out)
{
	buf_put_str(out, "v=DKIM1; p=");
}

/* p= by its octets: FWS inside is nobody's business. */
static bool
same_p(struct slice expected, struct slice served, struct err *why)
{
	struct buf a, b;
	struct err ignored = ERR_INIT;
	bool same = false;

	buf_init(&a, RECORD_P_LEN_MAX);
	buf_init(&b, RECORD_P_LEN_MAX);
	if (base64_decode(expected, &a, &ignored) != 0)
		err_set(why, ERR_INPUT, "p= of the expected record is no base64");
	else if (base64_decode(served, &b, why) != 0)
		err_wrap(why, "p= of the served record");
	else if (slice_eq(buf_slice(&a), buf_slice(&b)))
		same = true;
	else if (b.len == 0)
		err_set(why, ERR_INPUT,
		    "p= of the served record is empty: it says that the key is revoked");
	else if (b.len < a.len && memcmp(a.data, b.data, b.len) == 0)
		err_set(why, ERR_INPUT, "p= of the served record is cut: %zu of %zu octets", b.len,
		    a.len);
	else
		err_set(why, ERR_INPUT, "p= of the served record is another key");
	buf_deinit(&a);
	buf_deinit(&b);
	return same;
}

/* By slice: what DNS serves may have names of any length. */
static const struct tag *
find_tag(const struct taglist *tags, struct slice name)
{
	for (size_t i = 0; i < tags->count; i++) {
		if (slice_eq(tags->tags[i].name, name))
			return &tags->tags[i];
	}
	return NULL;
}

static bool
same_tag(const struct tag *expected, const struct taglist *served, struct err *why)
{
	const struct tag *t = find_tag(served, expected->name);
	struct slice name = slice_sub(expected->name, 0, SHOW_MAX);

	if (t == NULL) {
		err_set(why, ERR_INPUT, "the served record lacks %.*s=", SLICE_ARG(name));
		return false;
	}
	if (slice_eq_str(name, "p"))
		return same_p(expected->value, t->value, why);
	if (slice_eq(expected->value, t->value))
		return true;
	err_set(why, ERR_INPUT, "%.*s= of the served record is \"%.*s\" instead of \"%.*s\"",
	    SLICE_ARG(name), SLICE_ARG(slice_sub(t->value, 0, SHOW_MAX)),
	    SLICE_ARG(slice_sub(expected->value, 0, SHOW_MAX)));
	return false;
}

static bool
only_known(const struct taglist *expected, const struct taglist *served, struct err *why)
{
	for (size_t i = 0; i < served->count; i++) {
		const struct tag *t = &served->tags[i];
		if (find_tag(expected, t->name) == NULL) {
			err_set(why, ERR_INPUT,
			    "the served record has a tag that was not published: %.*s=%.*s",
			    SLICE_ARG(slice_sub(t->name, 0, SHOW_MAX)),
			    SLICE_ARG(slice_sub(t->value, 0, SHOW_MAX)));
			return false;
		}
	}
	return true;
}

bool
key_record_same(struct slice expected, struct slice served, struct err *why)
{
	struct taglist want, have;
	struct key_record ignored;

	if (taglist_parse(expected, &want, why) != 0) {
		err_wrap(why, "expected record");
		return false;
	}
	/* As a verifier reads it: v= in the wrong place or a foreign octet makes it no record. */
	if (taglist_parse(served, &have, why) != 0 ||
	    key_record_parse(served, &ignored, why) != 0) {
		err_wrap(why, "served record");
		return false;
	}
	for (size_t i = 0; i < want.count; i++) {
		if (!same_tag(&want.tags[i], &have, why))
			return false;
	}
	return only_known(&want, &have, why);
}

/* RFC 1035 5.1: quote and backslash are escaped, what cannot be printed is \DDD. */
static void
put_quoted_octet(uint8_t c, struct buf *out)
{
	if (c == '"' || c == '\\')
		buf_printf(out, "\\%c", c);
	else if (c < 0x20 || c > 0x7e)
		buf_printf(out, "\\%03u", c);
	else
		buf_put_byte(out, c);
}

void
key_record_format_quoted(struct slice txt, struct buf *out)
{
	size_t at = 0;

	do {
		struct slice part = slice_sub(txt, at, RECORD_STRING_MAX);
		buf_put_str(out, at == 0 ? "\"" : " \"");
		for (size_t i = 0; i < part.len; i++)
			put_quoted_octet(part.ptr[i], out);
		buf_put_byte(out, '"');
		at += part.len;
	} while (at < txt.len);
}

/* RFC 5321 4.1.2, sub-domain: letters, digits and inner hyphens. */
static bool
label_is_valid(struct slice label)
{
	if (label.len == 0 || label.len > LABEL_LEN_MAX)
		return false;
	for (size_t i = 0; i < label.len; i++) {
		bool edge = i == 0 || i + 1 == label.len;
		if (!ascii_is_alnum(label.ptr[i]) && (edge || label.ptr[i] != '-'))
			return false;
	}
	return true;
}

bool
selector_is_valid(struct slice s)
{
	size_t dot;

	if (s.len > SELECTOR_LEN_MAX)
		return false;
	while (slice_find(s, '.', &dot)) {
		if (!label_is_valid(slice_sub(s, 0, dot)))
			return false;
		s = slice_from(s, dot + 1);
	}
	return label_is_valid(s);
}
