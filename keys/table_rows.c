/* SPDX-License-Identifier: ISC */
#include "keys/table_rows.h"

#include "base/base64.h"
#include "dkim/record.h"
#include "keys/table_fields.h"

#include <inttypes.h>
#include <string.h>

static int
need_domain(struct table_parser *p, char out[static DOMAIN_LEN_MAX + 1], struct err *err)
{
	struct slice word;

	if (table_need_word(p, &word, "a domain", err) != 0)
		return -1;
	if (domain_normalize(word, out, err) != 0)
		return table_refuse_because(p, err, "domain");
	return 0;
}

static int
row_generation(struct table_parser *p, struct err *err)
{
	struct slice word;

	if (table_need_word(p, &word, "a number", err) != 0)
		return -1;
	if (p->generation_seen)
		return table_refuse(p, p->line, err, "a second generation row; keep one");
	if (!slice_to_u64(word, INT64_MAX, &p->table->generation))
		return table_refuse(
		    p, p->line, err, "generation `%.*s` is no number", TABLE_SHOW(word));
	p->generation_seen = true;
	return table_need_end(p, err);
}

static int
row_date(struct table_parser *p, struct err *err)
{
	struct slice word;
	uint64_t date;

	if (table_need_word(p, &word, "Unix seconds", err) != 0)
		return -1;
	if (p->table->date != TABLE_NO_DATE)
		return table_refuse(p, p->line, err, "a second date row; keep the later one");
	if (!slice_to_u64(word, INT64_MAX, &date))
		return table_refuse(p, p->line, err,
		    "date `%.*s` is no number of Unix seconds (`date +%%s` prints it)",
		    TABLE_SHOW(word));
	p->table->date = (int64_t)date;
	return table_need_end(p, err);
}

static int
row_clock(struct table_parser *p, struct err *err)
{
	struct slice word;

	if (table_need_word(p, &word, "`untrusted`", err) != 0)
		return -1;
	if (!slice_eq_str(word, "untrusted"))
		return table_refuse(p, p->line, err,
		    "clock `%.*s`; only `clock untrusted` exists, a trusted clock has no row",
		    TABLE_SHOW(word));
	if (p->clock_seen)
		return table_refuse(p, p->line, err, "a second clock row; keep one");
	p->clock_seen = true;
	p->table->clock_untrusted = true;
	return table_need_end(p, err);
}

static int
row_set(struct table_parser *p, struct err *err)
{
	struct slice name, value;

	if (table_need_word(p, &name, "a setting's name", err) != 0 ||
	    table_need_word(p, &value, "the setting's value", err) != 0)
		return -1;
	const struct table_field *f = table_field_find(TABLE_SETTINGS, name);
	if (f == NULL)
		return table_refuse(p, p->line, err,
		    "no setting is called `%.*s`; signing-table(5) lists them", TABLE_SHOW(name));
	uint32_t bit = UINT32_C(1) << (f - TABLE_SETTINGS);
	if (p->settings_seen & bit)
		return table_refuse(p, p->line, err, "%s is set twice; keep one row", f->name);
	p->settings_seen |= bit;
	if (table_field_parse(f, value, &p->table->settings, err) != 0)
		return table_refuse_because(p, err, "");
	return table_need_end(p, err);
}

/* One NAME=VALUE behind a domain. */
static int
domain_option(struct table_parser *p, struct slice word, struct table_domain *d, uint32_t *seen,
    struct err *err)
{
	size_t equals;
	const struct table_field *f = NULL;

	if (slice_find(word, '=', &equals))
		f = table_field_find(TABLE_DOMAIN_OPTIONS, slice_sub(word, 0, equals));
	if (f == NULL)
		return table_refuse(p, p->line, err,
		    "`%.*s` is no option of a domain; there are c=, t=, x= and keyless=",
		    TABLE_SHOW(word));
	uint32_t bit = UINT32_C(1) << (f - TABLE_DOMAIN_OPTIONS);
	if (*seen & bit)
		return table_refuse(p, p->line, err, "%s= stands twice; keep one", f->name);
	*seen |= bit;
	if (table_field_parse(f, slice_from(word, equals + 1), d, err) != 0)
		return table_refuse_because(p, err, "");
	return 0;
}

static int
row_domain(struct table_parser *p, struct err *err)
{
	char name[DOMAIN_LEN_MAX + 1];
	struct table_domain d = {.header_canon = CANON_RELAXED,
	    .body_canon = CANON_RELAXED,
	    .keyless = KEYLESS_TEMPFAIL,
	    .timestamp = true,
	    .line = p->line};
	struct slice word;
	uint32_t seen = 0;
	int got;

	if (need_domain(p, name, err) != 0)
		return -1;
	while ((got = table_next_word(p, &word, err)) > 0)
		if (domain_option(p, word, &d, &seen, err) != 0)
			return -1;
	if (got < 0 || (d.name = table_keep(p, slice_of(name), err)) == NULL)
		return -1;
	p->table->domains[p->table->domain_count++] = d;
	return 0;
}

/* The path below the table's directory; "." and empty parts go, what could lead out is refused. */
static char *
keep_path(struct table_parser *p, struct slice word, struct err *err)
{
	char *path = arena_alloc(p->arena, word.len + 1);
	size_t len = 0;

	if (path == NULL) {
		err_nomem(err);
		return NULL;
	}
	if (word.len == 0 || word.ptr[0] == '/') {
		table_refuse(p, p->line, err,
		    "key file `%.*s` must be named relative to the table's directory",
		    TABLE_SHOW(word));
		return NULL;
	}
	for (size_t at = 0, part_len; at < word.len; at += part_len + 1) {
		struct slice part = slice_from(word, at);
		if (slice_find(part, '/', &part_len))
			part = slice_sub(part, 0, part_len);
		part_len = part.len;
		if (slice_eq_str(part, "..")) {
			table_refuse(p, p->line, err,
			    "key file `%.*s` has `..`; keys lie below the table's directory",
			    TABLE_SHOW(word));
			return NULL;
		}
		if (part.len == 0 || slice_eq_str(part, "."))
			continue;
		if (len > 0)
			path[len++] = '/';
		memcpy(path + len, part.ptr, part.len);
		len += part.len;
	}
	path[len] = '\0';
	if (len > 0)
		return path;
	table_refuse(p, p->line, err, "key file `%.*s` is a directory", TABLE_SHOW(word));
	return NULL;
}

/* Without memory nothing is known about the word, and it is not accused. */
static int
refuse_hash(const struct table_parser *p, struct slice word, struct err *err)
{
	if (p->octets.state == BUF_NOMEM)
		return table_refuse_because(p, err, "");
	return table_refuse(p, p->line, err,
	    "`%.*s` is no base64 of 32 octets; it is the SHA-256 of the key's DER public key",
	    TABLE_SHOW(word));
}

static int
need_hash(struct table_parser *p, uint8_t hash[static KEY_SPKI_HASH_LEN], struct err *err)
{
	struct slice word;

	if (table_need_word(p, &word, "the base64 SHA-256 of the public key", err) != 0)
		return -1;
	buf_clear(&p->octets);
	if (word.len > BASE64_LEN(KEY_SPKI_HASH_LEN) || base64_decode(word, &p->octets, err) != 0 ||
	    p->octets.len != KEY_SPKI_HASH_LEN)
		return refuse_hash(p, word, err);
	memcpy(hash, p->octets.data, KEY_SPKI_HASH_LEN);
	return 0;
}

/* The name of a key's domain, shared with the domain row when that stands just before, as it mostly does. */
static const char *
key_domain(struct table_parser *p, struct err *err)
{
	const struct table *t = p->table;
	char name[DOMAIN_LEN_MAX + 1];

	if (t->domain_count > 0) {
		char *last = t->domains[t->domain_count - 1].name;
		struct slice word = table_first_word(slice_trim(p->rest));
		if (slice_eq_str(word, last)) {
			p->rest = slice_from(slice_trim(p->rest), word.len);
			return last;
		}
	}
	if (need_domain(p, name, err) != 0)
		return NULL;
	return table_keep(p, slice_of(name), err);
}

static int
row_key(struct table_parser *p, struct err *err)
{
	struct table_row_key row = {.key.line = p->line};
	struct slice selector, alg, path;

	if ((row.domain = key_domain(p, err)) == NULL ||
	    table_need_word(p, &selector, "a selector", err) != 0)
		return -1;
	if (!selector_is_valid(selector))
		return table_refuse(p, p->line, err,
		    "selector `%.*s` is no DNS name of letters, digits and hyphens",
		    TABLE_SHOW(selector));
	if (table_need_word(p, &alg, "an algorithm", err) != 0)
		return -1;
	if (!key_alg_from_name(alg, &row.key.alg))
		return table_refuse(p, p->line, err,
		    "algorithm `%.*s` is none of: rsa-sha256, ed25519-sha256", TABLE_SHOW(alg));
	if (table_need_word(p, &path, "the key file's path", err) != 0 ||
	    (row.key.path = keep_path(p, path, err)) == NULL ||
	    need_hash(p, row.key.spki_hash, err) != 0 || table_need_end(p, err) != 0 ||
	    (row.key.selector = table_keep(p, selector, err)) == NULL)
		return -1;
	p->keys[p->key_count++] = row;
	return 0;
}

static const struct {
	const char *word;
	int (*parse)(struct table_parser *, struct err *);
} STATEMENTS[] = {
    {"key", row_key},
    {"domain", row_domain},
    {"allow", table_row_allow},
    {"set", row_set},
    {"generation", row_generation},
    {"date", row_date},
    {"clock", row_clock},
};

int
table_row_parse(struct table_parser *p, struct err *err)
{
	struct slice word = table_first_word(p->rest);

	for (size_t i = 0; i < p->rest.len; i++)
		if (p->rest.ptr[i] < 0x20 && p->rest.ptr[i] != '\t')
			return table_refuse(p, p->line, err,
			    "control octet 0x%02x; save the file as text with UNIX line ends",
			    p->rest.ptr[i]);
	p->rest = slice_from(p->rest, word.len);
	for (size_t i = 0; i < sizeof STATEMENTS / sizeof STATEMENTS[0]; i++)
		if (slice_eq_str(word, STATEMENTS[i].word))
			return STATEMENTS[i].parse(p, err);
	return table_refuse(p, p->line, err,
	    "`%.*s` is no statement of a signing table; signing-table(5) lists them",
	    TABLE_SHOW(word));
}
