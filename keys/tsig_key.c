/* SPDX-License-Identifier: ISC */
#include "keys/tsig_key.h"
#include "base/base64.h"
#include "keys/secret_file.h"

#include <openssl/crypto.h>
#include <string.h>

#define SECRET_OCTETS_MIN 16 /* what tsig-keygen makes is 32; shorter than this is a mistake */
#define LABEL_LEN_MAX	  63

struct cursor {
	struct slice rest;
	unsigned line;
};

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_MARK, TOKEN_BROKEN };

struct token {
	enum token_kind kind;
	struct slice text; /* of a word, without its quotes */
	bool quoted;
};

static int
fail(const struct cursor *c, struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT,
	    "line %u: %s; a key file is as tsig-keygen writes it: "
	    "key \"NAME\" { algorithm hmac-sha256; secret \"BASE64\"; };",
	    c->line, what);
}

static void
advance(struct cursor *c, size_t n)
{
	for (size_t i = 0; i < n && i < c->rest.len; i++)
		c->line += c->rest.ptr[i] == '\n';
	c->rest = slice_from(c->rest, n);
}

static bool
begins(const struct cursor *c, const char *text)
{
	return slice_eq_str(slice_sub(c->rest, 0, strlen(text)), text);
}

/* Past a comment of C, false when it has no end. */
static bool
skip_long_comment(struct cursor *c)
{
	for (size_t i = 2; i + 1 < c->rest.len; i++) {
		if (c->rest.ptr[i] != '*' || c->rest.ptr[i + 1] != '/')
			continue;
		advance(c, i + 2);
		return true;
	}
	return false;
}

/* White space and the three comments of named.conf. */
static bool
skip_blank(struct cursor *c)
{
	while (c->rest.len > 0) {
		uint8_t b = c->rest.ptr[0];
		size_t end = c->rest.len;
		if (b == ' ' || b == '\t' || b == '\r' || b == '\n') {
			advance(c, 1);
		} else if (b == '#' || begins(c, "//")) {
			(void)slice_find(c->rest, '\n', &end);
			advance(c, end);
		} else if (!begins(c, "/*")) {
			return true;
		} else if (!skip_long_comment(c)) {
			return false;
		}
	}
	return true;
}

static bool
is_word_end(uint8_t b)
{
	return b <= ' ' || b == '{' || b == '}' || b == ';' || b == '"' || b == '#';
}

static struct token
next(struct cursor *c)
{
	struct token t = {.kind = TOKEN_BROKEN};
	size_t end = 0;
	if (!skip_blank(c))
		return t;
	if (c->rest.len == 0)
		return (struct token){.kind = TOKEN_END};
	uint8_t b = c->rest.ptr[0];
	if (b == '{' || b == '}' || b == ';') {
		t = (struct token){.kind = TOKEN_MARK, .text = slice_sub(c->rest, 0, 1)};
		advance(c, 1);
		return t;
	}
	if (b == '"') {
		struct slice inside = slice_from(c->rest, 1);
		size_t newline = inside.len;
		(void)slice_find(inside, '\n', &newline);
		if (!slice_find(inside, '"', &end) || newline < end)
			return t;
		t = (struct token){
		    .kind = TOKEN_WORD, .text = slice_sub(inside, 0, end), .quoted = true};
		advance(c, end + 2);
		return t;
	}
	while (end < c->rest.len && !is_word_end(c->rest.ptr[end]))
		end++;
	t = (struct token){
	    .kind = end > 0 ? TOKEN_WORD : TOKEN_BROKEN, .text = slice_sub(c->rest, 0, end)};
	advance(c, end);
	return t;
}

static bool
expect_mark(struct cursor *c, const char *mark)
{
	struct token t = next(c);
	return t.kind == TOKEN_MARK && slice_eq_str(t.text, mark);
}

/* A name as a host would have it: what needs escapes is not a key's. */
static int
take_name(const struct cursor *c, struct slice text, struct tsig_key *key, struct err *err)
{
	size_t label = 0;
	if (text.len > 0 && text.ptr[text.len - 1] == '.')
		text = slice_sub(text, 0, text.len - 1);
	bool good = text.len > 0 && text.len < sizeof(key->name) - 2;
	for (size_t i = 0; good && i < text.len; i++) {
		uint8_t b = text.ptr[i];
		label = b == '.' ? 0 : label + 1;
		good = (b == '.' || b == '-' || b == '_' || ascii_is_alnum(b)) &&
		       label <= LABEL_LEN_MAX && (b != '.' || (i > 0 && text.ptr[i - 1] != '.'));
		key->name[i] = (char)ascii_lower(b);
	}
	if (!good)
		return fail(c, err, "the key's name is not a domain name");
	key->name[text.len] = '\0';
	return 0;
}

static int
take_algorithm(const struct cursor *c, struct slice text, struct tsig_key *key, struct err *err)
{
	static const struct {
		const char *name, *why; /* NULL: taken */
	} known[] = {
	    {"hmac-sha256", NULL},
	    {"hmac-sha512", NULL},
	    {"hmac-sha1", NULL},
	    {"hmac-sha384",
		"the DNS library (ldns) has its name wrong, so that servers do not know it"},
	    {"hmac-sha224", "the DNS library (ldns) does not know it"},
	    {"hmac-md5", "RFC 8945 forbids MD5"},
	    {"hmac-md5.sig-alg.reg.int", "RFC 8945 forbids MD5"},
	};
	if (text.len > 0 && text.ptr[text.len - 1] == '.')
		text = slice_sub(text, 0, text.len - 1);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!slice_ieq_str(text, known[i].name))
			continue;
		if (known[i].why != NULL)
			return err_set(err, ERR_CONFIG,
			    "line %u: algorithm %s is not taken: %s; "
			    "make a key with `tsig-keygen -a hmac-sha256 NAME`",
			    c->line, known[i].name, known[i].why);
		(void)slice_to_str(slice_of(known[i].name), key->algorithm, sizeof(key->algorithm));
		return 0;
	}
	return fail(c, err, "the algorithm is not known (hmac-sha256 and hmac-sha512 are)");
}

static int
take_secret(const struct cursor *c, struct slice text, struct tsig_key *key, struct err *err)
{
	struct buf octets;
	struct err ignored = ERR_INIT;
	bool good = slice_to_str(text, key->secret, sizeof(key->secret));
	for (size_t i = 0; good && i < text.len; i++)
		good = ascii_is_print(
		    text.ptr[i]); /* base64_decode would skip blanks, ldns might not */
	buf_init(&octets, sizeof(key->secret));
	good = good && base64_decode(text, &octets, &ignored) == 0;
	size_t len = octets.len;
	buf_wipe(&octets);
	if (!good)
		return fail(c, err, "the secret is not base64");
	if (len < SECRET_OCTETS_MIN)
		return fail(c, err, "the secret is shorter than 16 octets");
	return 0;
}

static int
take_statement(struct cursor *c, struct slice keyword, struct tsig_key *key, struct err *err)
{
	bool algorithm = slice_ieq_str(keyword, "algorithm");
	if (!algorithm && !slice_ieq_str(keyword, "secret"))
		return fail(c, err, "neither algorithm nor secret");
	if ((algorithm ? key->algorithm : key->secret)[0] != '\0')
		return fail(c, err, algorithm ? "a second algorithm" : "a second secret");
	struct token value = next(c);
	if (value.kind != TOKEN_WORD)
		return fail(c, err, algorithm ? "algorithm has no value" : "secret has no value");
	int rc = algorithm ? take_algorithm(c, value.text, key, err)
			   : take_secret(c, value.text, key, err);
	if (rc == 0 && !expect_mark(c, ";"))
		rc = fail(c, err, "a ';' is missing");
	return rc;
}

static int
parse_key(struct cursor *c, struct tsig_key *key, struct err *err)
{
	struct token t = next(c);
	if (t.kind != TOKEN_WORD || t.quoted || !slice_ieq_str(t.text, "key"))
		return fail(c, err,
		    t.kind == TOKEN_END ? "there is no key in the file"
					: "it does not begin with `key`");
	t = next(c);
	if (t.kind != TOKEN_WORD)
		return fail(c, err, "the key has no name");
	if (take_name(c, t.text, key, err) != 0)
		return -1;
	if (!expect_mark(c, "{"))
		return fail(c, err, "a '{' is missing");
	for (t = next(c); t.kind == TOKEN_WORD && !t.quoted; t = next(c)) {
		if (take_statement(c, t.text, key, err) != 0)
			return -1;
	}
	if (t.kind != TOKEN_MARK || !slice_eq_str(t.text, "}") || !expect_mark(c, ";"))
		return fail(c, err, "the key does not end with `};`");
	if (key->algorithm[0] == '\0' || key->secret[0] == '\0')
		return fail(c, err,
		    key->secret[0] == '\0' ? "there is no secret" : "there is no algorithm");
	if (next(c).kind != TOKEN_END)
		return fail(c, err, "something follows the key: one key a file");
	return 0;
}

int
tsig_key_parse(struct slice file, struct tsig_key *key, struct err *err)
{
	struct cursor c = {file, 1};
	memset(key, 0, sizeof(*key));
	int rc = parse_key(&c, key, err);
	if (rc != 0)
		tsig_key_wipe(key);
	return rc;
}

int
tsig_key_load(const char *path, struct tsig_key *key, struct err *err)
{
	struct buf text;

	memset(key, 0, sizeof(*key));
	buf_init(&text, TSIG_FILE_LEN_MAX);
	int rc = secret_file_read(path, "the TSIG key", &text, err);
	if (rc == 0 && tsig_key_parse(buf_slice(&text), key, err) != 0)
		rc = err_wrap(err, "%s", path);
	buf_wipe(&text);
	return rc;
}

void
tsig_key_wipe(struct tsig_key *key)
{
	OPENSSL_cleanse(key, sizeof(*key));
}
