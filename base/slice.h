/* SPDX-License-Identifier: ISC */
/* slice.h - a borrowed run of bytes, passed by value; and ASCII, free of any locale.
 *
 * A slice owns nothing and need not end in NUL.  Valid as long as what it points into.
 *
 *	struct slice field = slice_of("Subject : two words \r\n"), name = field, value = field;
 *	size_t colon;
 *	if (slice_find(field, ':', &colon)) {
 *		name = slice_trim_right(slice_sub(field, 0, colon));
 *		value = slice_trim(slice_from(field, colon + 1));
 *		printf("%.*s=%.*s\n", SLICE_ARG(name), SLICE_ARG(value));
 *	}
 *
 * Threads: reentrant; nothing is shared. */
#ifndef SIGNPOST_BASE_SLICE_H
#define SIGNPOST_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const uint8_t *ptr;
	size_t len;
};

/* For "%.*s"; callers print only what is known to be short. */
#define SLICE_ARG(s)   (int)(s).len, (const char *)(s).ptr
/* A string literal. */
#define SLICE_LIT(lit) ((struct slice){(const uint8_t *)("" lit), sizeof(lit) - 1})

struct slice slice_of(const char *str); /* NULL gives the empty slice */
struct slice slice_new(const void *ptr, size_t len);
/* [off, end), empty when off > len */
struct slice slice_from(struct slice, size_t off);
struct slice slice_sub(struct slice, size_t off, size_t len);  /* clipped to what is there */
/* no SP, HTAB, CR, LF at both ends */
struct slice slice_trim(struct slice);
struct slice slice_trim_right(struct slice);                   /* at the end only */

bool slice_eq(struct slice, struct slice);
bool slice_eq_str(struct slice, const char *);
bool slice_ieq(struct slice, struct slice); /* ASCII case ignored */
bool slice_ieq_str(struct slice, const char *);
bool slice_has_suffix(struct slice, struct slice suffix);
bool slice_find(struct slice, uint8_t byte, size_t *at); /* first one; at untouched when false */
int slice_cmp(struct slice, struct slice);               /* as memcmp, the shorter first */

/* Decimal digits only, all of them, at most max: false for anything else. */
bool slice_to_u64(struct slice, uint64_t max, uint64_t *out);

/* NUL-terminated copy, malloc'd; NULL when out of memory or when s holds a NUL. */
char *slice_strdup(struct slice);
/* Copies into dst (NUL-terminated); false when it does not fit or holds a NUL. */
bool slice_to_str(struct slice, char *dst, size_t dst_size);

static inline bool
ascii_is_wsp(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static inline bool
ascii_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool
ascii_is_alpha(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool
ascii_is_alnum(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

static inline bool
ascii_is_print(uint8_t c) /* 0x21..0x7e: VCHAR, no space */
{
	return c > 0x20 && c < 0x7f;
}

static inline uint8_t
ascii_lower(uint8_t c)
{
	return ascii_is_upper(c) ? (uint8_t)(c | 0x20) : c;
}

static inline int
ascii_hex_value(uint8_t c) /* -1: no hex digit, of either case */
{
	c = ascii_lower(c);
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
