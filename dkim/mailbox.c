/* SPDX-License-Identifier: ISC */
#include "dkim/mailbox.h"

#include "base/utf8.h"

#define DOMAIN_TEXT_MAX (4 * DOMAIN_LEN_MAX) /* octets of a domain as written; longer is none */

/* Once `bad` is set the value is malformed, and every function below does nothing more. */
struct cursor {
	struct slice in;
	size_t at;
	bool bad;
};

/* The words and dots before "@", "<" or ":"; only what follows tells a local-part from a phrase. */
struct words {
	size_t count;
	bool leading_dot, trailing_dot;
	bool adjacent; /* a word follows a word, or a dot a dot: a phrase at best */
	bool not_utf8; /* a word holds octets that are no UTF-8 (RFC 6532 3.1) */
};

struct found {
	size_t mailboxes;
	bool group, route, literal, too_long;
	char domain[DOMAIN_TEXT_MAX];
	size_t domain_len;
};

const char *
mailbox_result_name(enum mailbox_result result)
{
	static const char *const NAMES[] = {
	    [MAILBOX_OK] = "ok",
	    [MAILBOX_EMPTY] = "from-empty",
	    [MAILBOX_MALFORMED] = "from-malformed",
	    [MAILBOX_MULTIPLE] = "from-multiple",
	    [MAILBOX_GROUP] = "from-group",
	    [MAILBOX_ROUTE] = "from-route",
	    [MAILBOX_LITERAL] = "from-literal",
	    [MAILBOX_DOMAIN] = "from-domain",
	};
	return NAMES[result];
}

/* The next octet, or -1 at the end and in a malformed value. */
static int
peek(const struct cursor *c)
{
	return c->bad || c->at >= c->in.len ? -1 : c->in.ptr[c->at];
}

static bool
take(struct cursor *c, uint8_t ch)
{
	if (peek(c) != ch)
		return false;
	c->at++;
	return true;
}

/* RFC 5322 3.2.3, with RFC 6532 3.2: octets from 0x80 too. */
static bool
is_atext(int ch)
{
	static const char SYMBOLS[] = "!#$%&'*+-/=?^_`{|}~";

	if (ch < 0)
		return false;
	if (ascii_is_alnum((uint8_t)ch) || ch >= 0x80)
		return true;
	for (const char *s = SYMBOLS; *s != '\0'; s++) {
		if (ch == *s)
			return true;
	}
	return false;
}

/* FWS and obs-FWS; a line end that no WSP follows is no fold. */
static void
skip_fws(struct cursor *c)
{
	for (;;) {
		int ch = peek(c);
		if (ch == ' ' || ch == '\t') {
			c->at++;
			continue;
		}
		if (ch != '\r' && ch != '\n')
			return;
		if (take(c, '\r') && peek(c) != '\n')
			c->bad = true;
		else
			take(c, '\n');
		if (peek(c) != ' ' && peek(c) != '\t')
			c->bad = true;
	}
}

/* quoted-pair and obs-qp, but no NUL and no line end: neither can be told apart from damage. */
static void
skip_quoted_pair(struct cursor *c)
{
	c->at++;
	int ch = peek(c);
	if (ch <= 0 || ch == '\r' || ch == '\n')
		c->bad = true;
	else
		c->at++;
}

/* One step inside a comment, quoted-string or domain-literal.  obs-NO-WS-CTL passes, NUL does not. */
static void
skip_content(struct cursor *c)
{
	int ch = peek(c);

	if (ch == '\\')
		skip_quoted_pair(c);
	else if (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n')
		skip_fws(c);
	else if (ch <= 0)
		c->bad = true;
	else
		c->at++;
}

static void
skip_comment(struct cursor *c)
{
	unsigned depth = 0;

	do {
		if (take(c, '('))
			depth++;
		else if (take(c, ')'))
			depth--;
		else
			skip_content(c);
		if (depth > MAILBOX_DEPTH_MAX)
			c->bad = true;
	} while (depth > 0 && !c->bad);
}

static void
skip_cfws(struct cursor *c)
{
	for (;;) {
		skip_fws(c);
		if (peek(c) != '(')
			return;
		skip_comment(c);
	}
}

static void
skip_quoted_string(struct cursor *c)
{
	take(c, '"');
	while (!c->bad && peek(c) != '"')
		skip_content(c);
	take(c, '"');
}

static struct slice
parse_atom(struct cursor *c)
{
	size_t start = c->at;

	while (is_atext(peek(c)))
		c->at++;
	return slice_sub(c->in, start, c->at - start);
}

/* *(word / "." / CFWS): covers phrase, obs-phrase, local-part and obs-local-part. */
static void
parse_words(struct cursor *c, struct words *w)
{
	bool first = true, after_word = false;

	*w = (struct words){0};
	for (;; first = false) {
		skip_cfws(c);
		bool word = is_atext(peek(c)) || peek(c) == '"';
		if (!word && peek(c) != '.')
			break;
		size_t start = c->at;
		if (peek(c) == '"')
			skip_quoted_string(c);
		else if (word)
			parse_atom(c);
		else
			c->at++;
		w->count += word;
		w->leading_dot = w->leading_dot || (first && !word);
		w->adjacent = w->adjacent || (!first && word == after_word);
		if (word && !utf8_is_valid(slice_sub(c->in, start, c->at - start)))
			w->not_utf8 = true;
		after_word = word;
	}
	w->trailing_dot = !first && !after_word;
}

static bool
words_are_local_part(const struct words *w)
{
	return w->count > 0 && !w->leading_dot && !w->trailing_dot && !w->adjacent && !w->not_utf8;
}

static bool
words_are_phrase(const struct words *w)
{
	return w->count > 0 && !w->leading_dot;
}

static void
skip_domain_literal(struct cursor *c)
{
	take(c, '[');
	while (!c->bad && peek(c) != ']') {
		if (peek(c) == '[')
			c->bad = true;
		else
			skip_content(c);
	}
	take(c, ']');
}

static void
found_append(struct found *f, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (f->domain_len == sizeof(f->domain)) {
			f->too_long = true;
			return;
		}
		f->domain[f->domain_len++] = (char)text.ptr[i];
	}
}

/* dot-atom, obs-domain or domain-literal.  Dots may stand anywhere here; domain_normalize judges them. */
static void
parse_domain(struct cursor *c, struct found *f)
{
	bool after_atom = false;
	size_t atoms = 0;

	f->domain_len = 0;
	skip_cfws(c);
	if (peek(c) == '[') {
		skip_domain_literal(c);
		skip_cfws(c);
		f->literal = true;
		return;
	}
	for (;;) {
		if (is_atext(peek(c)) && !after_atom) {
			found_append(f, parse_atom(c));
			after_atom = true;
			atoms++;
		} else if (take(c, '.')) {
			found_append(f, SLICE_LIT("."));
			after_atom = false;
		} else {
			break;
		}
		skip_cfws(c);
	}
	if (atoms == 0)
		c->bad = true;
}

/* obs-route = obs-domain-list ":" */
static void
skip_route(struct cursor *c, struct found *f)
{
	f->route = true;
	for (;;) {
		skip_cfws(c);
		if (take(c, ','))
			continue;
		if (!take(c, '@'))
			break;
		bool literal = f->literal;
		parse_domain(c, f);
		f->literal = literal; /* only the mailbox's own domain counts */
	}
	if (!take(c, ':'))
		c->bad = true;
}

static void
parse_angle_addr(struct cursor *c, struct found *f)
{
	struct words w;

	take(c, '<');
	skip_cfws(c);
	if (peek(c) == '@' || peek(c) == ',')
		skip_route(c, f);
	parse_words(c, &w);
	if (!words_are_local_part(&w) || !take(c, '@'))
		c->bad = true;
	parse_domain(c, f);
	if (!take(c, '>'))
		c->bad = true;
	skip_cfws(c);
}

/* An element of a list behind its words: nothing (obs-mbox-list), or a mailbox. */
static void
parse_element(struct cursor *c, struct found *f, const struct words *w)
{
	bool nothing = w->count == 0 && !w->leading_dot;
	int ch = peek(c);

	if (nothing && (ch == ',' || ch == ';' || ch == -1))
		return;
	f->mailboxes++;
	if (ch == '<' && (nothing || words_are_phrase(w))) {
		parse_angle_addr(c, f);
	} else if (ch == '@' && words_are_local_part(w)) {
		take(c, '@');
		parse_domain(c, f);
	} else {
		c->bad = true;
	}
}

/* group = display-name ":" [group-list] ";" [CFWS]; groups do not nest. */
static void
parse_group(struct cursor *c, struct found *f)
{
	struct words w;

	f->group = true;
	take(c, ':');
	do {
		parse_words(c, &w);
		parse_element(c, f, &w);
	} while (take(c, ','));
	if (!take(c, ';'))
		c->bad = true;
	skip_cfws(c);
}

/* address-list with obs-addr-list, since RFC 6854 allows groups in From. */
static void
parse_address_list(struct cursor *c, struct found *f)
{
	struct words w;

	do {
		parse_words(c, &w);
		if (peek(c) == ':' && words_are_phrase(&w))
			parse_group(c, f);
		else
			parse_element(c, f, &w);
	} while (take(c, ','));
	if (c->at < c->in.len)
		c->bad = true;
}

static enum mailbox_result
judge(const struct cursor *c, const struct found *f)
{
	if (c->bad)
		return MAILBOX_MALFORMED;
	if (f->group)
		return MAILBOX_GROUP;
	if (f->mailboxes == 0)
		return MAILBOX_MALFORMED; /* commas alone */
	if (f->mailboxes > 1)
		return MAILBOX_MULTIPLE;
	if (f->route)
		return MAILBOX_ROUTE;
	if (f->literal)
		return MAILBOX_LITERAL;
	return f->too_long ? MAILBOX_DOMAIN : MAILBOX_OK;
}

enum mailbox_result
mailbox_author_domain(struct slice from_value, char domain[static DOMAIN_LEN_MAX + 1])
{
	struct cursor c = {.in = from_value};
	struct found f = {.mailboxes = 0};
	struct err err = ERR_INIT;

	domain[0] = '\0';
	skip_cfws(&c);
	if (!c.bad && c.at == from_value.len)
		return MAILBOX_EMPTY;
	c.at = 0;
	parse_address_list(&c, &f);
	enum mailbox_result result = judge(&c, &f);
	if (result == MAILBOX_OK &&
	    domain_normalize(slice_new(f.domain, f.domain_len), domain, &err) != 0)
		return MAILBOX_DOMAIN;
	return result;
}
