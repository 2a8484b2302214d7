/* SPDX-License-Identifier: ISC */
/* What is wrong with a key record that can be read: which key it is, and what its tags allow (D12 to D14, D17, D20 to
 * D22, D24 to D30). */
#include "keys/diagnose.h"
#include "keys/diagnose_tags.h"

#include "base/base64.h"
#include "dkim/sha256.h"

#include <string.h>

#define ALTERED_PART 16 /* of p= that may be other letters: less is no other key */

#define P_CHARS_MAX 3000
static const uint8_t ED25519_SPKI[] = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

/* One record under the glass. */
struct glass {
	const struct judging *j;
	const struct seen_reply *r;
	struct slice text;
	struct tags tags;
	bool same;			/* says the same as what was published */
	struct buf p, want_p;		/* characters, without blanks */
	struct buf octets, want_octets; /* decoded */
	enum key_alg alg;		/* as k= says */
};

static struct finding *
say(const struct glass *g, enum say what)
{
	struct finding *f = finding_add(g->j, what);
	finding_ask(g->j, f, g->r);
	diagnose_show(g->text, f->is, sizeof(f->is));
	f->until = g->j->subject->now + (int64_t)g->r->ttl;
	return f;
}

static void
compact(struct slice value, struct buf *out)
{
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_wsp(value.ptr[i]) && value.ptr[i] != '\r' && value.ptr[i] != '\n')
			buf_put_byte(out, value.ptr[i]);
}

static bool
is_base64(uint8_t c)
{
	return ascii_is_alnum(c) || c == '+' || c == '/' || c == '=';
}

static size_t
base64_span(struct slice s)
{
	size_t n = 0;
	while (
	    n < s.len && is_base64(s.ptr[n]) && (n == 0 || s.ptr[n - 1] != '=' || s.ptr[n] == '='))
		n++;
	return n;
}

static void
say_cut(const struct glass *g)
{
	struct finding *f = say(g, SAY_CUT);
	size_t limit = g->text.len;
	finding_arg(f, 1, "%zu", g->p.len);
	finding_arg(f, 2, "%zu", g->want_p.len);
	if (limit >= 253 && limit <= 256)
		finding_arg(f, 3, ": a provider's limit of 255");
	else if (limit >= 510 && limit <= 512)
		finding_arg(f, 3, ": a provider's limit of 512");
}

/* The outer SEQUENCE promises more than there is. */
static bool
is_der_cut(struct slice der)
{
	size_t len, head;
	if (der.len < 4 || der.ptr[0] != 0x30)
		return false;
	if (der.ptr[1] < 0x80) {
		len = der.ptr[1];
		head = 2;
	} else {
		size_t n = der.ptr[1] & 0x7f;
		if (n == 0 || n > 2 || der.len < 2 + n)
			return false;
		len = n == 1 ? der.ptr[2] : (size_t)der.ptr[2] << 8 | der.ptr[3];
		head = 2 + n;
	}
	return der.len < head + len;
}

/* What stands in the outer SEQUENCE: 0x30 of SubjectPublicKeyInfo, 0x02 of PKCS#1; 0: no such thing. */
static uint8_t
der_first(struct slice der, struct slice *inside)
{
	size_t head = der.len > 1 && der.ptr[1] >= 0x80 ? 2 + (size_t)(der.ptr[1] & 0x7f) : 2;
	if (der.len < head + 3 || der.ptr[0] != 0x30)
		return 0;
	*inside = slice_from(der, head);
	return inside->ptr[0];
}

/* PrivateKeyInfo and RSAPrivateKey begin with a version. */
static bool
is_private(struct slice der)
{
	struct slice in;
	return der_first(der, &in) == 0x02 && in.len > 3 && in.ptr[1] == 1 && in.ptr[2] <= 1;
}

static void
judge_owner(const struct glass *g)
{
	const struct diagnose_known *known = g->j->known;
	struct slice octets = buf_slice(&g->octets);
	uint8_t digest[SHA256_LEN];
	char whose[SWEEP_NAME_LEN * 2];
	struct buf text;
	struct err ignored = ERR_INIT;
	if (known != NULL && known->whose(known->arg, octets, whose, sizeof(whose))) {
		finding_arg(say(g, SAY_OTHER_KEY_OURS), 1, "%s", whose);
		return;
	}
	buf_init(&text, 2 * BASE64_LEN(SHA256_LEN));
	if (sha256_digest(octets, digest, &ignored) == 0)
		base64_encode(slice_new(digest, sizeof(digest)), &text);
	finding_arg(say(g, SAY_OTHER_KEY_UNKNOWN), 1, "%s", buf_str(&text));
	buf_deinit(&text);
}

static void
judge_bits(const struct glass *g)
{
	struct dkim_pubkey *key = NULL;
	struct err ignored = ERR_INIT;
	if (g->alg != KEY_RSA_SHA256)
		return;
	if (dkim_pubkey_parse(KEY_RSA_SHA256, buf_slice(&g->octets), &key, &ignored) != 0) {
		if (g->p.len < g->want_p.len && !findings_have(g->j->out, SAY_CUT))
			say_cut(g);
		return;
	}
	unsigned bits = dkim_pubkey_bits(key);
	dkim_pubkey_free(key);
	if (bits < KEY_RSA_BITS_GOOD)
		finding_arg(say(g, bits < KEY_RSA_BITS_LOAD_MIN ? SAY_TINY_KEY : SAY_SHORT_KEY), 1,
		    "%u", bits);
}

/* The form of the octets is the wrong one; true when nothing more can be said. */
static bool
judge_form(const struct glass *g, struct slice octets)
{
	bool ed25519 = octets.len == 32,
	     spki = octets.len == sizeof(ED25519_SPKI) + 32 &&
		    memcmp(octets.ptr, ED25519_SPKI, sizeof(ED25519_SPKI)) == 0;
	struct finding *f;
	if (is_private(octets)) {
		f = say(g, SAY_PRIVATE_KEY);
		finding_is(f, "p= is the private key (not shown once more)");
		return true;
	}
	if (spki) {
		(void)say(g, SAY_ED25519_SPKI);
		return true;
	}
	if (ed25519 != (g->alg == KEY_ED25519_SHA256)) {
		f = say(g, SAY_WRONG_K);
		finding_arg(f, 1, "%s", key_alg_k(g->alg));
		finding_arg(f, 2, "%s", key_alg_k(ed25519 ? KEY_ED25519_SHA256 : KEY_RSA_SHA256));
		return true;
	}
	return false;
}

static void
judge_octets(const struct glass *g)
{
	struct slice octets = buf_slice(&g->octets), want = buf_slice(&g->want_octets), in;
	if (judge_form(g, octets))
		return;
	if (g->alg == KEY_RSA_SHA256 && is_der_cut(octets)) {
		say_cut(g);
		return;
	}
	bool pkcs1 = g->alg == KEY_RSA_SHA256 && der_first(octets, &in) == 0x02;
	if (pkcs1)
		(void)say(g, SAY_PKCS1);
	if (!slice_eq(octets, want) && !(pkcs1 && slice_has_suffix(want, octets)))
		judge_owner(g);
	judge_bits(g);
}

/* Ours but for a slip of the finger: what lies between the same beginning and the same end is short. */
static bool
is_altered(struct slice p, struct slice want, size_t *at)
{
	size_t less = p.len < want.len ? p.len : want.len, more = p.len + want.len - less;
	size_t begin = 0, end = 0;
	while (begin < less && p.ptr[begin] == want.ptr[begin])
		begin++;
	while (end < less - begin && p.ptr[p.len - 1 - end] == want.ptr[want.len - 1 - end])
		end++;
	*at = begin + 1;
	return begin + end < more && begin > 0 && (more - begin - end) * ALTERED_PART <= more;
}

/* p= as characters; true when it could be decoded. */
static bool
judge_p(struct glass *g, struct slice value)
{
	struct slice p = buf_slice(&g->p), want = buf_slice(&g->want_p);
	struct err ignored = ERR_INIT;
	char show[80];
	size_t good = base64_span(p), at;
	if (p.len == 0) {
		struct finding *f = say(g, SAY_REVOKED_ACTIVE);
		finding_arg(f, 1, "%s",
		    g->j->subject->role == ROLE_SIGNS ? "The key we sign with" : "The key");
		return false;
	}
	if (p.len < want.len && slice_eq(p, slice_sub(want, 0, p.len))) {
		say_cut(g);
		return false;
	}
	if (good < p.len) {
		diagnose_show(slice_sub(p, good, 60), show, sizeof(show));
		finding_arg(say(g, SAY_STRAY_TEXT), 1, "%s", show);
		return false;
	}
	if (is_altered(p, want, &at)) {
		finding_arg(say(g, SAY_ALTERED), 1, "%zu", at);
		return false;
	}
	if (base64_decode(p, &g->octets, &ignored) != 0) {
		say_cut(g);
		return false;
	}
	if (value.len != p.len)
		(void)say(g, SAY_BLANK_IN_P);
	return true;
}

static bool
lists(struct slice value, const char *word, const char *or_word)
{
	struct slice item;
	size_t off = 0;
	while (tag_next_item(value, &off, &item))
		if (slice_eq_str(item, word) || slice_eq_str(item, or_word))
			return true;
	return false;
}

static void
judge_permissions(const struct glass *g)
{
	const struct tag *h = diagnose_tag(&g->tags, "h"), *s = diagnose_tag(&g->tags, "s");
	const struct tag *t = diagnose_tag(&g->tags, "t");
	if (h != NULL && !lists(h->value, "sha256", "sha256"))
		finding_arg(
		    say(g, SAY_NO_SHA256), 1, "%.*s", SLICE_ARG(slice_sub(h->value, 0, 60)));
	if (s != NULL && !lists(s->value, "email", "*"))
		finding_arg(say(g, SAY_NO_EMAIL), 1, "%.*s", SLICE_ARG(slice_sub(s->value, 0, 60)));
	if (t != NULL && lists(t->value, "y", "y"))
		(void)say(g, SAY_TESTING);
	if (t != NULL && lists(t->value, "s", "s"))
		(void)say(g, SAY_STRICT);
}

/* It is our key, and yet not our record. */
static void
judge_rest(const struct glass *g, size_t said_before)
{
	struct err why = ERR_INIT;
	struct tags want;
	char show[60];
	if (g->same || g->j->out->count != said_before)
		return;
	diagnose_tags(g->j->subject->expected, &want);
	for (size_t i = 0; i < g->tags.count; i++) {
		const struct tag *t = &g->tags.tags[i];
		if (slice_to_str(slice_sub(t->name, 0, 40), show, sizeof(show)) &&
		    diagnose_tag(&want, show) == NULL) {
			finding_arg(say(g, SAY_TAG_UNKNOWN), 1, "%s", show);
			return;
		}
	}
	(void)key_record_same(g->j->subject->expected, g->text, &why);
	finding_arg(say(g, SAY_TAG_LACKS), 1, "%.300s", why.text);
	if (diagnose_tag(&g->tags, "v") == NULL)
		(void)say(g, SAY_VERSION_NONE);
}

static void
set_glass(struct glass *g)
{
	const struct tag *p = diagnose_tag(&g->tags, "p"), *k = diagnose_tag(&g->tags, "k"), *want;
	struct err ignored = ERR_INIT;
	struct tags tags;
	if (p != NULL)
		compact(p->value, &g->p);
	diagnose_tags(g->j->subject->expected, &tags);
	if ((want = diagnose_tag(&tags, "p")) != NULL) {
		compact(want->value, &g->want_p);
		if (base64_decode(want->value, &g->want_octets, &ignored) != 0)
			buf_clear(&g->want_octets);
	}
	g->alg =
	    k != NULL && slice_eq_str(k->value, "ed25519") ? KEY_ED25519_SHA256 : KEY_RSA_SHA256;
	g->same = key_record_same(g->j->subject->expected, g->text, &ignored);
}

void
diagnose_record(const struct judging *j, const struct seen_reply *r, struct slice text)
{
	struct glass g = {.j = j, .r = r, .text = text};
	size_t before = j->out->count;
	if (diagnose_text(j, r, text))
		return;
	buf_init(&g.p, P_CHARS_MAX);
	buf_init(&g.want_p, P_CHARS_MAX);
	buf_init(&g.octets, P_CHARS_MAX);
	buf_init(&g.want_octets, P_CHARS_MAX);
	diagnose_tags(text, &g.tags);
	set_glass(&g);
	const struct tag *p = diagnose_tag(&g.tags, "p");
	if (p == NULL)
		say_cut(&g);
	else if (judge_p(&g, p->value))
		judge_octets(&g);
	judge_permissions(&g);
	judge_rest(&g, before);
	if (g.same) /* what is as published spoils nothing while it is cached */
		for (size_t i = before; i < j->out->count; i++)
			j->out->list[i].until = NEVER;
	buf_deinit(&g.p);
	buf_deinit(&g.want_p);
	buf_deinit(&g.octets);
	buf_deinit(&g.want_octets);
}
