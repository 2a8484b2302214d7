/* SPDX-License-Identifier: ISC */
#include "keys/table_fields.h"

#include "keys/table.h"

#include <inttypes.h>
#include <string.h>

#define EXPIRE_AFTER_MAX_S (3650u * 86400) /* ten years: beyond it is a slip of the pen */

static const char *const ON_ERROR_NAMES[] = {"tempfail", "accept", NULL};
static const char *const IF_SIGNED_NAMES[] = {"add", "skip", NULL};
static const char *const LOG_UNSIGNED_NAMES[] = {"ours", "all", "none", NULL};
static const char *const ON_LIMIT_NAMES[] = {"unsigned", "tempfail", NULL};
static const char *const AUTHENTICATED_NAMES[] = {"matching", "any", NULL};
static const char *const KEYLESS_NAMES[] = {"tempfail", "unsigned", NULL};

#define SETTING(f) #f, .offset = offsetof(struct table_settings, f)
#define OPTION(f)  .offset = offsetof(struct table_domain, f)

const struct table_field TABLE_SETTINGS[] = {
    {SETTING(on_error), .kind = TABLE_FIELD_NAMES, .names = ON_ERROR_NAMES},
    {SETTING(if_signed), .kind = TABLE_FIELD_NAMES, .names = IF_SIGNED_NAMES},
    {SETTING(log_unsigned), .kind = TABLE_FIELD_NAMES, .names = LOG_UNSIGNED_NAMES},
    {SETTING(on_limit), .kind = TABLE_FIELD_NAMES, .names = ON_LIMIT_NAMES},
    {SETTING(authenticated), .kind = TABLE_FIELD_NAMES, .names = AUTHENTICATED_NAMES},
    {SETTING(dry_run), .kind = TABLE_FIELD_BOOL},
    {SETTING(max_signatures), .kind = TABLE_FIELD_U32, .min = 0, .max = 1000},
    {SETTING(header_len_max), .kind = TABLE_FIELD_U32, .min = 4096, .max = 16u << 20},
    {SETTING(header_count_max), .kind = TABLE_FIELD_U32, .min = 10, .max = 100000},
    {.name = NULL},
};

const struct table_field TABLE_DOMAIN_OPTIONS[] = {
    {"c", .kind = TABLE_FIELD_CANON, OPTION(header_canon)},
    {"t", .kind = TABLE_FIELD_BOOL, OPTION(timestamp)},
    {"x", .kind = TABLE_FIELD_U32, OPTION(expire_after_s), .min = 0, .max = EXPIRE_AFTER_MAX_S},
    {"keyless", .kind = TABLE_FIELD_NAMES, OPTION(keyless), .names = KEYLESS_NAMES},
    {.name = NULL},
};

void
table_settings_default(struct table_settings *s)
{
	*s = (struct table_settings){
	    .on_error = ON_ERROR_TEMPFAIL,
	    .if_signed = IF_SIGNED_ADD,
	    .log_unsigned = LOG_UNSIGNED_OURS,
	    .on_limit = ON_LIMIT_UNSIGNED,
	    .authenticated = AUTHENTICATED_MATCHING,
	    .header_len_max = 256 * 1024,
	    .header_count_max = 1000,
	};
}

const struct table_field *
table_field_find(const struct table_field *f, struct slice name)
{
	for (; f->name != NULL; f++)
		if (slice_eq_str(name, f->name))
			return f;
	return NULL;
}

/* Enums are stored as the int-sized type that the compiler gives them. */
_Static_assert(sizeof(enum on_error) == sizeof(unsigned), "enums of a table are not int-sized");

static void
put_unsigned(void *base, size_t offset, unsigned value)
{
	memcpy((char *)base + offset, &value, sizeof value);
}

static unsigned
get_unsigned(const void *base, size_t offset)
{
	unsigned value;

	memcpy(&value, (const char *)base + offset, sizeof value);
	return value;
}

static int
parse_names(const struct table_field *f, struct slice value, void *base, struct err *err)
{
	char list[128] = "";
	struct buf names;

	for (unsigned i = 0; f->names[i] != NULL; i++)
		if (slice_eq_str(value, f->names[i])) {
			put_unsigned(base, f->offset, i);
			return 0;
		}
	buf_init(&names, sizeof list);
	for (unsigned i = 0; f->names[i] != NULL; i++)
		buf_printf(&names, "%s%s", i == 0 ? "" : ", ", f->names[i]);
	(void)slice_to_str(buf_slice(&names), list, sizeof list);
	buf_deinit(&names);
	return err_set(err, ERR_CONFIG, "%s is `%.*s`, which is none of: %s", f->name,
	    SLICE_ARG(slice_sub(value, 0, 80)), list);
}

static int
parse_canon(const struct table_field *f, struct slice value, void *base, struct err *err)
{
	enum canon_kind header, body;
	size_t slash;

	if (slice_find(value, '/', &slash) &&
	    canon_from_name(slice_sub(value, 0, slash), &header) &&
	    canon_from_name(slice_from(value, slash + 1), &body)) {
		put_unsigned(base, f->offset, header);
		put_unsigned(base, f->offset + sizeof header, body);
		return 0;
	}
	return err_set(err, ERR_CONFIG,
	    "%s is `%.*s`, not HEADER/BODY with simple or relaxed each, as relaxed/relaxed",
	    f->name, SLICE_ARG(slice_sub(value, 0, 80)));
}

_Static_assert(offsetof(struct table_domain, body_canon) ==
		   offsetof(struct table_domain, header_canon) + sizeof(enum canon_kind),
    "TABLE_FIELD_CANON wants body_canon behind header_canon");

int
table_field_parse(const struct table_field *f, struct slice value, void *base, struct err *err)
{
	uint64_t number;
	bool yes = slice_eq_str(value, "yes");

	switch (f->kind) {
	case TABLE_FIELD_NAMES:
		return parse_names(f, value, base, err);
	case TABLE_FIELD_CANON:
		return parse_canon(f, value, base, err);
	case TABLE_FIELD_BOOL:
		if (!yes && !slice_eq_str(value, "no"))
			return err_set(err, ERR_CONFIG, "%s is `%.*s`, which is none of: yes, no",
			    f->name, SLICE_ARG(slice_sub(value, 0, 80)));
		memcpy((char *)base + f->offset, &yes, sizeof yes);
		return 0;
	case TABLE_FIELD_U32:
		break;
	}
	if (!slice_to_u64(value, f->max, &number) || number < f->min)
		return err_set(err, ERR_CONFIG,
		    "%s is `%.*s`, not a number from %" PRIu32 " to %" PRIu32, f->name,
		    SLICE_ARG(slice_sub(value, 0, 80)), f->min, f->max);
	uint32_t narrow = (uint32_t)number;
	memcpy((char *)base + f->offset, &narrow, sizeof narrow);
	return 0;
}

void
table_field_format(const struct table_field *f, const void *base, struct buf *out)
{
	bool yes;
	uint32_t number;

	switch (f->kind) {
	case TABLE_FIELD_NAMES:
		buf_put_str(out, f->names[get_unsigned(base, f->offset)]);
		return;
	case TABLE_FIELD_CANON:
		buf_put_str(out, canon_name(get_unsigned(base, f->offset)));
		buf_put_byte(out, '/');
		buf_put_str(
		    out, canon_name(get_unsigned(base, f->offset + sizeof(enum canon_kind))));
		return;
	case TABLE_FIELD_BOOL:
		memcpy(&yes, (const char *)base + f->offset, sizeof yes);
		buf_put_str(out, yes ? "yes" : "no");
		return;
	case TABLE_FIELD_U32:
		memcpy(&number, (const char *)base + f->offset, sizeof number);
		buf_put_u64(out, number);
		return;
	}
}
