/* SPDX-License-Identifier: ISC */
#include "dkim/signature.h"

#include "base/base64.h"
#include "dkim/domain.h"

#include <stdio.h>
#include <string.h>

#define TIME_DIGITS_MAX 12 /* RFC 6376 3.5 t=: at least 10^12 must be understood */
#define SHOW_MAX	64 /* octets of a value in an error text */
#define SHA1_LEN	20
#define SELECTOR_MAX	253 /* of no longer one is there a key */
#define LABEL_MAX	63

static int
refuse(struct err *err, const char *name, struct slice value, const char *why)
{
	struct slice shown = slice_sub(value, 0, SHOW_MAX);

	return err_set(err, ERR_INPUT, "%s=%.*s%s: %s", name, SLICE_ARG(shown),
	    shown.len < value.len ? "..." : "", why);
}

static struct slice
tag_value(const struct signature *sig, const char *name)
{
	const struct tag *tag = taglist_get(&sig->tags, name);

	return tag == NULL ? slice_of(NULL) : tag->value;
}

/* RFC 6376 6.1.1: a signature that lacks a required tag MUST be ignored. */
static int
check_required(const struct signature *sig, struct err *err)
{
	static const char *const REQUIRED[] = {"v", "a", "b", "bh", "d", "h", "s"};

	for (size_t i = 0; i < sizeof(REQUIRED) / sizeof(REQUIRED[0]); i++) {
		const struct tag *tag = taglist_get(&sig->tags, REQUIRED[i]);
		if (tag == NULL)
			return err_set(
			    err, ERR_INPUT, "the required tag %s= is missing", REQUIRED[i]);
		if (tag->value.len == 0)
			return err_set(
			    err, ERR_INPUT, "the required tag %s= is empty", REQUIRED[i]);
	}
	if (!slice_eq_str(tag_value(sig, "v"), "1"))
		return refuse(err, "v", tag_value(sig, "v"), "only version 1 exists");
	return 0;
}

static void
read_algorithm(struct signature *sig)
{
	struct slice a = tag_value(sig, "a");

	sig->sha1 = slice_ieq_str(a, "rsa-sha1");
	sig->alg = KEY_RSA_SHA256;
	if (slice_ieq_str(a, "ed25519-sha256"))
		sig->alg = KEY_ED25519_SHA256;
	sig->alg_known =
	    sig->sha1 || sig->alg == KEY_ED25519_SHA256 || slice_ieq_str(a, "rsa-sha256");
}

/* RFC 6376 3.5 c=: "header/body", the body's default is simple. */
static int
read_canon(struct signature *sig, struct err *err)
{
	const struct tag *tag = taglist_get(&sig->tags, "c");
	size_t slash;

	sig->header_canon = sig->body_canon = CANON_SIMPLE;
	if (tag == NULL)
		return 0;
	struct slice header = tag->value, body = SLICE_LIT("simple");
	if (slice_find(tag->value, '/', &slash)) {
		header = slice_sub(tag->value, 0, slash);
		body = slice_from(tag->value, slash + 1);
	}
	if (!canon_from_name(header, &sig->header_canon) ||
	    !canon_from_name(body, &sig->body_canon))
		return refuse(
		    err, "c", tag->value, "a canonicalization is \"simple\" or \"relaxed\"");
	return 0;
}

/* sub-domain labels; "_" is seen in the wild and harms nothing here, UTF-8 by RFC 8616 5. */
static bool
selector_is_readable(struct slice s)
{
	bool label_empty = true;

	for (size_t i = 0; i < s.len; i++) {
		uint8_t ch = s.ptr[i];
		if (ch == '.' && label_empty)
			return false;
		if (!(ascii_is_alnum(ch) || ch == '-' || ch == '_' || ch == '.' || ch >= 0x80))
			return false;
		label_empty = ch == '.';
	}
	return !label_empty;
}

/* RFC 6376 3.5 i=: its domain is d= or lies below it; the domain begins behind the last "@". */
static int
check_auid(const struct signature *sig, const char *domain, struct err *err)
{
	char auid_domain[DOMAIN_LEN_MAX + 1];
	struct err why = ERR_INIT;
	size_t at = sig->auid.len;

	while (at > 0 && sig->auid.ptr[at - 1] != '@')
		at--;
	if (at == 0)
		return refuse(err, "i", sig->auid, "there is no \"@\"");
	if (domain_normalize(slice_from(sig->auid, at), auid_domain, &why) != 0)
		return refuse(err, "i", sig->auid, "what follows the \"@\" is no domain name");
	if (!domain_is_within(slice_of(auid_domain), slice_of(domain)))
		return refuse(err, "i", sig->auid, "its domain is neither that of d= nor below it");
	return 0;
}

static bool
labels_fit(struct slice s)
{
	size_t len;

	for (; slice_find(s, '.', &len); s = slice_from(s, len + 1)) {
		if (len > LABEL_MAX)
			return false;
	}
	return s.len <= LABEL_MAX;
}

/* DNS could not be asked for more (RFC 1035 2.3.4), today or ever: the signature is wrong, no answer is missing. */
int
signature_key_name(
    const struct signature *sig, char out[static SIGNATURE_KEY_NAME_LEN], struct err *err)
{
	char domain[DOMAIN_LEN_MAX + 1], ascii[DOMAIN_LEN_MAX + 1];
	char joined[SELECTOR_MAX + sizeof(domain) + 1];
	struct slice selector = sig->selector;
	struct err why = ERR_INIT;

	if (domain_normalize(sig->domain, domain, &why) != 0)
		return refuse(err, "d", sig->domain, why.text);
	int len = snprintf(joined, sizeof(joined), "%.*s.%s",
	    SLICE_ARG(slice_sub(selector, 0, SELECTOR_MAX)), domain);
	/* a selector with "_" is no host name, and goes as it stands */
	if (domain_normalize(slice_new(joined, (size_t)len), ascii, &why) == 0)
		selector = slice_new(ascii, strlen(ascii) - strlen(domain) - 1);
	if (!labels_fit(selector))
		return refuse(err, "s", sig->selector, "a label is longer than 63 octets");
	len = snprintf(
	    out, SIGNATURE_KEY_NAME_LEN, "%.*s._domainkey.%s", SLICE_ARG(selector), domain);
	if (len > DOMAIN_LEN_MAX)
		return refuse(err, "s", sig->selector,
		    "together with d= it is longer than a name in DNS may be");
	return 0;
}

static int
read_names(struct signature *sig, struct err *err)
{
	char domain[DOMAIN_LEN_MAX + 1], name[SIGNATURE_KEY_NAME_LEN];
	struct err why = ERR_INIT;

	sig->domain = tag_value(sig, "d");
	sig->selector = tag_value(sig, "s");
	sig->auid = tag_value(sig, "i");
	if (domain_normalize(sig->domain, domain, &why) != 0)
		return refuse(err, "d", sig->domain, why.text);
	if (!selector_is_readable(sig->selector))
		return refuse(err, "s", sig->selector,
		    "a selector is made of labels with letters, digits and \"-\"");
	if (signature_key_name(sig, name, err) != 0)
		return -1;
	if (taglist_get(&sig->tags, "i") != NULL)
		return check_auid(sig, domain, err);
	return 0;
}

/* h= = hdr-name *(":" hdr-name); ftext of RFC 5322 3.6.8, without ";" by the tag-list. */
static int
read_field_names(struct signature *sig, struct err *err)
{
	size_t off = 0;
	struct slice name;

	sig->h = tag_value(sig, "h");
	while (tag_next_item(sig->h, &off, &name)) {
		if (name.len == 0)
			return refuse(err, "h", sig->h, "a field name is empty");
		for (size_t i = 0; i < name.len; i++) {
			if (!ascii_is_print(name.ptr[i]))
				return refuse(err, "h", name, "this is no field name");
		}
	}
	return 0;
}

static int
read_time(const struct signature *sig, const char *name, int64_t *out, struct err *err)
{
	const struct tag *tag = taglist_get(&sig->tags, name);
	uint64_t seconds;

	*out = SIGNATURE_NO_TIME;
	if (tag == NULL)
		return 0;
	if (tag->value.len > TIME_DIGITS_MAX || !slice_to_u64(tag->value, INT64_MAX, &seconds))
		return refuse(
		    err, name, tag->value, "it must be a time in Unix seconds, digits only");
	*out = (int64_t)seconds;
	return 0;
}

static int
read_times(struct signature *sig, struct err *err)
{
	if (read_time(sig, "t", &sig->signed_at, err) != 0 ||
	    read_time(sig, "x", &sig->expires_at, err) != 0)
		return -1;
	/* RFC 6376 3.5 x=: MUST be greater than t= if both are there. */
	if (sig->signed_at != SIGNATURE_NO_TIME && sig->expires_at != SIGNATURE_NO_TIME &&
	    sig->expires_at <= sig->signed_at)
		return refuse(
		    err, "x", tag_value(sig, "x"), "the signature expires before it was made (t=)");
	return 0;
}

static int
read_length(struct signature *sig, struct err *err)
{
	const struct tag *tag = taglist_get(&sig->tags, "l");

	sig->has_l = tag != NULL;
	if (tag != NULL && !slice_to_u64(tag->value, UINT64_MAX - 1, &sig->l))
		return refuse(err, "l", tag->value, "it must be a number of octets, digits only");
	return 0;
}

/* RFC 6376 3.5 q=: unknown query methods are skipped; dns/txt is the one there is. */
static int
check_query(const struct signature *sig, struct err *err)
{
	const struct tag *tag = taglist_get(&sig->tags, "q");
	size_t off = 0;
	struct slice method;

	if (tag == NULL)
		return 0;
	while (tag_next_item(tag->value, &off, &method)) {
		if (slice_ieq_str(method, "dns/txt") || slice_ieq_str(method, "dns"))
			return 0;
	}
	return refuse(err, "q", tag->value, "keys can only be asked for with dns/txt");
}

struct octets {
	uint8_t *ptr;
	size_t max;
	size_t *len;
};

static int
read_base64(const struct signature *sig, const char *name, struct octets to, struct err *err)
{
	struct slice value = tag_value(sig, name);
	struct err why = ERR_INIT;
	struct buf b;
	int ret = -1;

	buf_init(&b, to.max);
	if (base64_decode(value, &b, &why) != 0) {
		if (why.kind == ERR_NOMEM)
			*err = why;
		else
			refuse(err, name, value, why.text);
		goto out;
	}
	memcpy(to.ptr, buf_str(&b), b.len);
	*to.len = b.len;
	ret = 0;
out:
	buf_deinit(&b);
	return ret;
}

static int
read_hashes(struct signature *sig, struct err *err)
{
	if (!sig->alg_known)
		return 0; /* sizes and forms are the unknown algorithm's */
	size_t want = sig->sha1 ? SHA1_LEN : CANON_BH_LEN;
	if (read_base64(sig, "b", (struct octets){sig->b, sizeof(sig->b), &sig->b_len}, err) != 0 ||
	    read_base64(sig, "bh", (struct octets){sig->bh, sizeof(sig->bh), &sig->bh_len}, err) !=
		0)
		return -1;
	if (sig->bh_len != want)
		return refuse(err, "bh", tag_value(sig, "bh"),
		    sig->sha1 ? "a SHA-1 hash has 20 octets" : "a SHA-256 hash has 32 octets");
	return 0;
}

int
signature_parse(struct slice value, struct signature *sig, struct err *err)
{
	memset(sig, 0, sizeof(*sig));
	/* of others too: lists of fields (h=) and copies (z=) cost their number times the header */
	if (value.len > SIGNATURE_LEN_MAX)
		return err_set(err, ERR_INPUT,
		    "the field has %zu octets; more than %d are not looked at", value.len,
		    SIGNATURE_LEN_MAX);
	if (taglist_parse(value, &sig->tags, err) != 0)
		return -1;
	if (check_required(sig, err) != 0)
		return -1;
	read_algorithm(sig);
	if (read_canon(sig, err) != 0 || read_names(sig, err) != 0 ||
	    read_field_names(sig, err) != 0)
		return -1;
	if (read_times(sig, err) != 0 || read_length(sig, err) != 0 || check_query(sig, err) != 0)
		return -1;
	return read_hashes(sig, err);
}

/* A tag-spec up to its ";": is it b=, and where does its value begin? */
static bool
spec_is_b(struct slice spec, size_t *value_off)
{
	size_t eq;

	if (!slice_find(spec, '=', &eq) || !slice_eq_str(slice_trim(slice_sub(spec, 0, eq)), "b"))
		return false;
	*value_off = eq + 1;
	return true;
}

int
signature_without_b(struct slice value, struct buf *out, struct err *err)
{
	for (size_t off = 0; off < value.len;) {
		struct slice rest = slice_from(value, off);
		size_t len, keep;
		if (!slice_find(rest, ';', &len))
			len = rest.len;
		if (spec_is_b(slice_sub(rest, 0, len), &keep)) {
			/* RFC 6376 3.7: the value goes, with all whitespace around it. */
			buf_put(out, slice_sub(value, 0, off + keep));
			buf_put(out, slice_from(value, off + len));
			return buf_check(out, SIGNATURE_NAME, err);
		}
		off += len + 1;
	}
	return err_set(err, ERR_INPUT, "the required tag b= is missing");
}
