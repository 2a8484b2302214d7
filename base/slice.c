/* SPDX-License-Identifier: ISC */
#include "base/slice.h"

#include <stdlib.h>
#include <string.h>

struct slice
slice_of(const char *str)
{
	return (struct slice){(const uint8_t *)str, str == NULL ? 0 : strlen(str)};
}

struct slice
slice_new(const void *ptr, size_t len)
{
	return (struct slice){ptr, len};
}

struct slice
slice_from(struct slice s, size_t off)
{
	if (off > s.len)
		off = s.len;
	if (off == 0) /* nothing is added to NULL */
		return s;
	return (struct slice){s.ptr + off, s.len - off};
}

struct slice
slice_sub(struct slice s, size_t off, size_t len)
{
	s = slice_from(s, off);
	if (len < s.len)
		s.len = len;
	return s;
}

static bool
is_space(uint8_t c)
{
	return ascii_is_wsp(c) || c == '\r' || c == '\n';
}

struct slice
slice_trim_right(struct slice s)
{
	while (s.len > 0 && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct slice
slice_trim(struct slice s)
{
	while (s.len > 0 && is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	return slice_trim_right(s);
}

bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
slice_eq_str(struct slice a, const char *b)
{
	return slice_eq(a, slice_of(b));
}

bool
slice_ieq(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
			return false;
	return true;
}

bool
slice_ieq_str(struct slice a, const char *b)
{
	return slice_ieq(a, slice_of(b));
}

bool
slice_has_suffix(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len && slice_eq(slice_from(s, s.len - suffix.len), suffix);
}

bool
slice_find(struct slice s, uint8_t byte, size_t *at)
{
	const uint8_t *p = s.len == 0 ? NULL : memchr(s.ptr, byte, s.len);

	if (p == NULL)
		return false;
	*at = (size_t)(p - s.ptr);
	return true;
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t min = a.len < b.len ? a.len : b.len;
	int r = min == 0 ? 0 : memcmp(a.ptr, b.ptr, min);

	if (r != 0)
		return r;
	return (a.len > b.len) - (a.len < b.len);
}

bool
slice_to_u64(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.ptr[i]))
			return false;
		uint64_t digit = (uint64_t)(s.ptr[i] - '0');
		if (v > (max - digit) / 10 || digit > max)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}

bool
slice_to_str(struct slice s, char *dst, size_t dst_size)
{
	size_t at;

	if (s.len >= dst_size || slice_find(s, '\0', &at))
		return false;
	if (s.len > 0)
		memcpy(dst, s.ptr, s.len);
	dst[s.len] = '\0';
	return true;
}

char *
slice_strdup(struct slice s)
{
	char *str = malloc(s.len + 1);

	if (str != NULL && !slice_to_str(s, str, s.len + 1)) {
		free(str);
		return NULL;
	}
	return str;
}
