/* SPDX-License-Identifier: ISC */
/* option_value.c - values of options: from words to fields and back. */
#include "signpost/config.h"
#include "signpost/options.h"
#include "signpost/option_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	uint8_t letter;
	int64_t seconds;
} UNITS[] = {{'w', 7 * 86400}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

#define UNIT_COUNT (sizeof(UNITS) / sizeof(UNITS[0]))

bool
duration_parse(struct slice s, int64_t *seconds)
{
	uint64_t n;

	*seconds = 0;
	if (slice_eq_str(s, "0"))
		return true;
	if (s.len < 2 || !slice_to_u64(slice_sub(s, 0, s.len - 1), 1000000000, &n))
		return false;
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (s.ptr[s.len - 1] == UNITS[i].letter) {
			*seconds = (int64_t)n * UNITS[i].seconds;
			return true;
		}
	}
	return false;
}

void
duration_format(int64_t seconds, struct buf *out)
{
	for (size_t i = 0; seconds > 0 && i < UNIT_COUNT; i++) {
		/* 14d reads better than 2w */
		if (UNITS[i].letter != 'w' && seconds % UNITS[i].seconds == 0) {
			buf_printf(
			    out, "%" PRId64 "%c", seconds / UNITS[i].seconds, UNITS[i].letter);
			return;
		}
	}
	buf_put_str(out, "0");
}

void
time_format(int64_t ms, struct buf *out)
{
	if (ms % 1000 == 0)
		duration_format(ms / 1000, out);
	else
		buf_printf(out, "%" PRId64 "ms", ms);
}

static int
wrong(const struct option_row *row, const char *value, const char *want, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s = %.80s: want %s", row->name, value, want);
}

static int
set_number(const struct option_row *row, uint8_t *field, const char *value, struct err *err)
{
	uint64_t n;

	if (!slice_to_u64(slice_of(value), (uint64_t)row->max, &n) || (int64_t)n < row->min)
		return err_set(err, ERR_CONFIG,
		    "%s = %.80s: want a number from %" PRId64 " to %" PRId64, row->name, value,
		    row->min, row->max);
	uint32_t number = (uint32_t)n;
	memcpy(field, &number, sizeof(number));
	return 0;
}

/* min and max of the row in milliseconds: "want a time from 100ms to 10m" */
static int
not_between(const struct option_row *row, const char *value, int64_t unit_ms, struct err *err)
{
	struct buf want;

	buf_init(&want, 128);
	buf_put_str(&want, "a time from ");
	time_format(row->min * unit_ms, &want);
	buf_put_str(&want, " to ");
	time_format(row->max * unit_ms, &want);
	wrong(row, value, buf_str(&want), err);
	buf_deinit(&want);
	return -1;
}

static int
set_duration(const struct option_row *row, uint8_t *field, const char *value, struct err *err)
{
	int64_t seconds;

	if (!duration_parse(slice_of(value), &seconds))
		return wrong(
		    row, value, "a time: a number and one of s, m, h, d, w, as in 90s or 30d", err);
	if (seconds < row->min || seconds > row->max)
		return not_between(row, value, 1000, err);
	memcpy(field, &seconds, sizeof(seconds));
	return 0;
}

static int
set_ms(const struct option_row *row, uint8_t *field, const char *value, struct err *err)
{
	struct slice s = slice_of(value), suffix = SLICE_LIT("ms");
	int64_t seconds;
	uint64_t n = 0;

	if (slice_has_suffix(s, suffix)) {
		if (!slice_to_u64(slice_sub(s, 0, s.len - suffix.len), 1000000000, &n))
			return wrong(row, value, "a time as in 4s or 500ms", err);
	} else if (duration_parse(s, &seconds)) {
		n = (uint64_t)seconds * 1000;
	} else {
		return wrong(row, value, "a time as in 4s or 500ms", err);
	}
	if (n < (uint64_t)row->min || n > (uint64_t)row->max)
		return not_between(row, value, 1, err);
	int ms = (int)n;
	memcpy(field, &ms, sizeof(ms));
	return 0;
}

static int
set_choice(const struct option_row *row, uint8_t *field, const char *value, struct err *err)
{
	char want[128] = "one of";

	for (unsigned i = 0; row->choices[i] != NULL; i++) {
		if (strcmp(row->choices[i], value) == 0) {
			memcpy(field, &i,
			    sizeof(i)); /* the enums of ours begin at 0 and have no gaps */
			return 0;
		}
		size_t len = strlen(want);
		snprintf(
		    want + len, sizeof(want) - len, "%s %s", i == 0 ? "" : ",", row->choices[i]);
	}
	return wrong(row, value, want, err);
}

static int
set_yesno(const struct option_row *row, uint8_t *field, const char *value, struct err *err)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return wrong(row, value, "yes or no", err);
	memcpy(field, &yes, sizeof(yes));
	return 0;
}

static int
set_canon(const struct option_row *row, uint8_t *base, const char *value, struct err *err)
{
	struct slice s = slice_of(value);
	enum canon_kind header, body;
	size_t slash;

	if (!slice_find(s, '/', &slash) || !canon_from_name(slice_sub(s, 0, slash), &header) ||
	    !canon_from_name(slice_from(s, slash + 1), &body))
		return wrong(row, value, "HEADER/BODY, each simple or relaxed", err);
	memcpy(base + row->offset, &header, sizeof(header));
	memcpy(base + row->offset2, &body, sizeof(body));
	return 0;
}

/* The field has the copy from here on. */
static int
keep_text(uint8_t *field, const char *value, struct err *err)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return err_nomem(err);
	memcpy(field, &copy, sizeof(copy));
	/* cppcheck-suppress memleak // the field has it */
	return 0;
}

static int
set_domain(const struct option_row *row, uint8_t *field, const char *value, struct err *err)
{
	char name[DOMAIN_LEN_MAX + 1];
	struct slice s = slice_of(value);
	size_t skip = 0;

	/* a delegated _domainkey is a zone, and no domain name of the other kind */
	if (strncmp(value, "_domainkey.", 11) == 0)
		skip = 11;
	if (domain_normalize(slice_from(s, skip), name, err) != 0) {
		err->kind = err->kind == ERR_INPUT ? ERR_CONFIG : err->kind;
		return err_wrap(err, "%s = %.80s", row->name, value);
	}
	char whole[DOMAIN_LEN_MAX + 12];
	snprintf(whole, sizeof(whole), "%.*s%s", (int)skip, value, name);
	return keep_text(field, whole, err);
}

static int
set_program(const struct option_row *row, uint8_t *field, const char *value, struct err *err)
{
	if (value[0] != '/' && strchr(value, '/') != NULL)
		return wrong(row, value,
		    "a path that begins with /, a name without one, or \"\" for none", err);
	return keep_text(field, value, err);
}

static int
set_text(const struct option_row *row, uint8_t *field, const char *value, struct err *err)
{
	if (value[0] == '\0')
		return wrong(row, "\"\"",
		    row->type == OPTION_PATH ? "a path that begins with /" : "some text", err);
	if (row->type == OPTION_PATH && value[0] != '/')
		return wrong(row, value, "a path that begins with /", err);
	return keep_text(field, value, err);
}

int
option_set(const struct option_row *row, void *base, const char *const *values, size_t count,
    struct err *err)
{
	uint8_t *field = (uint8_t *)base + row->offset;

	option_clear(row, base);
	if (option_is_list(row))
		return option_set_list(row, base, values, count, err);
	if (count != 1)
		return err_set(err, ERR_CONFIG, "%s: want one value", row->name);
	switch (row->type) {
	case OPTION_COUNT:
		return set_number(row, field, values[0], err);
	case OPTION_DURATION:
		return set_duration(row, field, values[0], err);
	case OPTION_MS:
		return set_ms(row, field, values[0], err);
	case OPTION_CHOICE:
		return set_choice(row, field, values[0], err);
	case OPTION_YESNO:
		return set_yesno(row, field, values[0], err);
	case OPTION_CANON:
		return set_canon(row, base, values[0], err);
	case OPTION_DOMAIN:
		return set_domain(row, field, values[0], err);
	case OPTION_PROGRAM:
		return set_program(row, field, values[0], err);
	default:
		return set_text(row, field, values[0], err);
	}
}

int
option_set_default(const struct option_row *row, void *base, struct err *err)
{
	option_clear(row, base);
	if (row->def == NULL)
		return 0; /* option_clear left nothing there */
	return option_set(row, base, &row->def, 1, err);
}

/* Large enough for the struct of any section. */
union scratch {
	struct config config;
	struct key_policy policy;
	struct table_allow allow;
	struct dns_zone_conf zone;
	struct publisher_conf publisher;
};

int
option_check(const struct option_row *row, const char *const *values, size_t count, struct err *err)
{
	union scratch *scratch = calloc(1, sizeof(*scratch));

	if (scratch == NULL)
		return err_nomem(err);
	int rc = option_set(row, scratch, values, count, err);
	option_clear(row, scratch);
	free(scratch);
	return rc;
}

bool
option_is_default(const struct option_row *row, const void *base)
{
	struct buf mine, theirs;
	struct err err = ERR_INIT;
	bool same = false;

	if (row->type == OPTION_CHOICE && row->def == NULL)
		return false; /* it was made */
	union scratch *scratch = calloc(1, sizeof(*scratch));

	buf_init(&mine, CONFIG_LEN_MAX);
	buf_init(&theirs, CONFIG_LEN_MAX);
	if (scratch != NULL && option_set_default(row, scratch, &err) == 0) {
		option_format(row, base, &mine);
		option_format(row, scratch, &theirs);
		same = slice_eq(buf_slice(&mine), buf_slice(&theirs));
		option_clear(row, scratch);
	}
	buf_deinit(&mine);
	buf_deinit(&theirs);
	free(scratch);
	return same;
}
