/* SPDX-License-Identifier: ISC */
#include "keys/zone_text.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define DATE_SERIAL_MIN 1970010100U
#define DATE_SERIAL_MAX 2099123199U

struct scanner {
	struct slice text;
	size_t at;
	unsigned line, depth; /* of parentheses */
};

struct token {
	size_t at, len; /* len 0: the entry ends here */
	unsigned line;
	bool first_column; /* nothing stands before it in its line */
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Past blanks, comments, parentheses and, inside them, line ends. */
static void
skip(struct scanner *s)
{
	for (; s->at < s->text.len; s->at++) {
		uint8_t c = s->text.ptr[s->at];
		if (c == ';') {
			while (s->at < s->text.len && s->text.ptr[s->at] != '\n')
				s->at++;
			s->at--; /* the line end is looked at next */
		} else if (c == '(') {
			s->depth++;
		} else if (c == ')' && s->depth > 0) {
			s->depth--;
		} else if (c == '\n' && s->depth > 0) {
			s->line++;
		} else if (!is_blank(c)) {
			return;
		}
	}
}

/* One word, with its quotes and escapes as they stand. */
static struct token
next(struct scanner *s)
{
	size_t begin = s->at;
	skip(s);
	struct token t = {.at = s->at, .line = s->line};
	t.first_column = s->at == begin && (begin == 0 || s->text.ptr[begin - 1] == '\n');
	bool quoted = false;
	for (; s->at < s->text.len; s->at++) {
		uint8_t c = s->text.ptr[s->at];
		if (c == '\n' || (!quoted && (is_blank(c) || c == ';' || c == '(' || c == ')')))
			break;
		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && s->at + 1 < s->text.len && s->text.ptr[s->at + 1] != '\n')
			s->at++;
	}
	t.len = s->at - t.at;
	return t;
}

static struct slice
word(const struct scanner *s, struct token t)
{
	return slice_sub(s->text, t.at, t.len);
}

static void
skip_entry(struct scanner *s)
{
	while (next(s).len > 0)
		;
	if (s->at < s->text.len) { /* the line end that closed it */
		s->at++;
		s->line++;
	}
	s->depth = 0;
}

static bool
is_ttl(struct slice w)
{
	bool digit = false;
	for (size_t i = 0; i < w.len; i++) {
		uint8_t c = ascii_lower(w.ptr[i]);
		if (!ascii_is_digit(c) && (!digit || strchr("smhdw", c) == NULL || c == '\0'))
			return false;
		digit = digit || ascii_is_digit(c);
	}
	return digit;
}

static bool
is_class(struct slice w)
{
	return slice_ieq_str(w, "IN") || slice_ieq_str(w, "CH") || slice_ieq_str(w, "HS");
}

static int
take_soa(struct scanner *s, struct zone_text *z, struct err *err)
{
	uint64_t serial;
	if (z->serial_span.len > 0)
		return err_set(err, ERR_INPUT, "line %u: a second SOA record", s->line);
	struct token mname = next(s), rname = next(s), t = next(s);
	if (mname.len == 0 || rname.len == 0 || !slice_to_u64(word(s, t), UINT32_MAX, &serial))
		return err_set(err, ERR_INPUT,
		    "line %u: the SOA record has no serial where RFC 1035 wants it", t.line);
	z->serial = (uint32_t)serial;
	z->serial_span = (struct zone_span){t.at, t.len};
	return 0;
}

/* An $INCLUDE of a server may be relative to a directory that only the server knows. */
static bool
names_file(struct slice w, const char *include)
{
	if (w.len >= 2 && w.ptr[0] == '"' && w.ptr[w.len - 1] == '"')
		w = slice_sub(w, 1, w.len - 2);
	struct slice path = slice_of(include);
	if (w.len == 0 || !slice_has_suffix(path, w))
		return false;
	return w.len == path.len || (w.ptr[0] != '/' && path.ptr[path.len - w.len - 1] == '/');
}

static int
scan_entry(struct scanner *s, const char *include, struct zone_text *z, struct err *err)
{
	struct token t = next(s);
	if (t.len > 0 && slice_ieq_str(word(s, t), "$INCLUDE")) {
		struct token path = next(s);
		if (path.len > 0 && names_file(word(s, path), include))
			z->include_span = (struct zone_span){path.at, path.len};
		return 0;
	}
	if (t.len > 0 && s->text.ptr[t.at] == '$')
		return 0;
	if (t.len > 0 && t.first_column)
		t = next(s); /* past the owner */
	while (t.len > 0 && (is_ttl(word(s, t)) || is_class(word(s, t))))
		t = next(s);
	return t.len > 0 && slice_ieq_str(word(s, t), "SOA") ? take_soa(s, z, err) : 0;
}

int
zone_text_scan(struct slice text, const char *include, struct zone_text *z, struct err *err)
{
	struct scanner s = {.text = text, .line = 1};
	memset(z, 0, sizeof(*z));
	while (s.at < s.text.len) {
		if (scan_entry(&s, include, z, err) != 0)
			return -1;
		skip_entry(&s);
	}
	if (z->serial_span.len == 0)
		return err_set(
		    err, ERR_INPUT, "there is no SOA record whose serial could be raised");
	return 0;
}

void
zone_text_put(struct slice text, const struct zone_text *z, uint32_t serial, const char *include,
    struct buf *out)
{
	struct zone_span a = z->serial_span, b = z->include_span;
	bool swapped = b.len > 0 && b.at < a.at;
	size_t at = 0;
	for (int i = 0; i < 2; i++) {
		bool is_serial = (i == 0) != swapped;
		struct zone_span span = is_serial ? a : b;
		if (!is_serial && (include == NULL || b.len == 0))
			continue;
		buf_put(out, slice_sub(text, at, span.at - at));
		if (is_serial)
			buf_put_u64(out, serial);
		else
			/* NSD 4.6 takes quotes for a part of the path */
			buf_printf(out, text.ptr[b.at] == '"' ? "\"%s\"" : "%s", include);
		at = span.at + span.len;
	}
	buf_put(out, slice_from(text, at));
}

bool
zone_serial_is_before(uint32_t a, uint32_t b)
{
	return a != b && b - a < UINT32_C(1) << 31;
}

static bool
is_date(uint32_t serial)
{
	uint32_t month = serial / 10000 % 100, day = serial / 100 % 100;
	return serial >= DATE_SERIAL_MIN && serial <= DATE_SERIAL_MAX && month >= 1 &&
	       month <= 12 && day >= 1 && day <= 31;
}

uint32_t
zone_serial_next(uint32_t serial, int64_t now)
{
	uint32_t next_one = serial == UINT32_MAX ? 1 : serial + 1;
	time_t t = (time_t)now;
	struct tm tm;
	if (!is_date(serial) || gmtime_r(&t, &tm) == NULL || tm.tm_year < 70 || tm.tm_year > 199)
		return next_one;
	uint32_t day = (uint32_t)(tm.tm_year + 1900) * 10000 + (uint32_t)(tm.tm_mon + 1) * 100 +
		       (uint32_t)tm.tm_mday;
	uint32_t today = day * 100 + 1;
	return zone_serial_is_before(next_one, today) ? today : next_one;
}
