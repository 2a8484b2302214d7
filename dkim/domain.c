/* SPDX-License-Identifier: ISC */
#include "dkim/domain.h"

#include "base/utf8.h"

#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN_IN_MAX (4 * DOMAIN_LEN_MAX) /* no UTF-8 name of more octets fits into 253 */
#define LABEL_LEN_MAX 63

/* IDNA2008 without the mappings of UTS 46: width forms and other look-alikes of a letter are refused, "ß" stays. */
#define IDN_FLAGS (IDN2_NFC_INPUT | IDN2_NO_TR46)

/* Capital letters of the scripts that have them (RFC 5895 2 point 1); step 2: capitals alternate with small ones. */
static const struct {
	uint32_t first, last, distance, step;
} CAPITALS[] = {
    {'A', 'Z', 32, 1},
    {0xc0, 0xd6, 32, 1}, /* Latin-1 */
    {0xd8, 0xde, 32, 1},
    {0x100, 0x12e, 1, 2}, /* Latin Extended-A */
    {0x132, 0x136, 1, 2},
    {0x139, 0x147, 1, 2},
    {0x14a, 0x176, 1, 2},
    {0x179, 0x17d, 1, 2},
    {0x388, 0x38a, 37, 1}, /* Greek with tonos */
    {0x391, 0x3a1, 32, 1},
    {0x3a3, 0x3ab, 32, 1},
    {0x400, 0x40f, 80, 1}, /* Cyrillic */
    {0x410, 0x42f, 32, 1},
    {0x460, 0x480, 1, 2},
    {0x48a, 0x4be, 1, 2},
    {0x4d0, 0x52e, 1, 2},
    {0x531, 0x556, 48, 1},  /* Armenian */
    {0x1e00, 0x1e94, 1, 2}, /* Latin Extended Additional */
    {0x1ea0, 0x1efe, 1, 2},
};

static uint32_t
lower_code_point(uint32_t cp)
{
	for (size_t i = 0; i < sizeof(CAPITALS) / sizeof(CAPITALS[0]); i++) {
		if (cp >= CAPITALS[i].first && cp <= CAPITALS[i].last &&
		    (cp - CAPITALS[i].first) % CAPITALS[i].step == 0)
			return cp + CAPITALS[i].distance;
	}
	return cp;
}

static int
refuse(struct err *err, struct slice in, const char *why)
{
	struct slice shown = slice_sub(in, 0, 80);

	return err_set(err, ERR_INPUT, "\"%.*s%s\" is no domain name: %s", SLICE_ARG(shown),
	    shown.len < in.len ? "..." : "", why);
}

/* RFC 5890 2.3.2.1: an A-label is one only if it decodes and encodes back to itself. */
static bool
a_label_is_valid(struct slice label)
{
	char text[LABEL_LEN_MAX + 1];
	char *unicode = NULL;
	uint8_t *back = NULL;
	bool valid = false;

	if (!slice_to_str(label, text, sizeof(text)))
		return false;
	if (idn2_to_unicode_8z8z(text, &unicode, 0) == IDN2_OK && strcmp(unicode, text) != 0 &&
	    idn2_lookup_u8((const uint8_t *)unicode, &back, IDN_FLAGS) == IDN2_OK)
		valid = slice_eq_str(label, (const char *)back);
	idn2_free(unicode);
	idn2_free(back);
	return valid;
}

/* NULL, or what is wrong with a lower-case ASCII label. */
static const char *
label_problem(struct slice label)
{
	if (label.len > LABEL_LEN_MAX)
		return "a label is longer than 63 octets";
	for (size_t i = 0; i < label.len; i++) {
		if (!ascii_is_alnum(label.ptr[i]) && label.ptr[i] != '-')
			return "only letters, digits and \"-\" may stand in a label";
	}
	if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
		return "a label begins or ends with \"-\"";
	if (label.len >= 4 && memcmp(label.ptr, "xn--", 4) == 0 && !a_label_is_valid(label))
		return "a label that begins with \"xn--\" does not decode by IDNA2008";
	return NULL;
}

static bool
all_digits(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.ptr[i]))
			return false;
	}
	return true;
}

static const char *
ascii_name_problem(struct slice name)
{
	size_t labels = 0, off = 0, len;
	struct slice label = {NULL, 0};

	if (name.len == 0)
		return "it is empty";
	if (name.len > DOMAIN_LEN_MAX)
		return "it is longer than 253 octets";
	if (name.ptr[name.len - 1] == '.')
		return "it ends with a dot";
	if (name.ptr[0] == '.')
		return "it begins with a dot";
	/* rather than what else is wrong in it: a slip of the finger */
	for (size_t i = 1; i < name.len; i++) {
		if (name.ptr[i] == '.' && name.ptr[i - 1] == '.')
			return "two dots follow each other";
	}
	while (off <= name.len) {
		struct slice rest = slice_from(name, off);
		if (!slice_find(rest, '.', &len))
			len = rest.len;
		label = slice_sub(rest, 0, len);
		const char *problem = label_problem(label);
		if (problem != NULL)
			return problem;
		labels++;
		off += len + 1;
	}
	if (labels < 2)
		return "it has only one label";
	if (all_digits(label))
		return "its last label is a number";
	return NULL;
}

/* Lower case without a locale; false for what is no UTF-8, or for ASCII that no name may hold (NUL too). */
static bool
lower_utf8(struct slice in, char out[static DOMAIN_IN_MAX * 2 + 1])
{
	size_t len = 0;
	uint32_t cp;

	for (size_t at = 0; at < in.len;) {
		size_t step = utf8_decode(slice_from(in, at), &cp);
		if (step == 0)
			return false;
		if (cp < 0x80 && !ascii_is_alnum((uint8_t)cp) && cp != '-' && cp != '.')
			return false;
		at += step;
		len += utf8_encode(lower_code_point(cp), (uint8_t *)out + len);
	}
	out[len] = '\0';
	return true;
}

static int
normalize_unicode(struct slice in, char out[static DOMAIN_LEN_MAX + 1], struct err *err)
{
	char lower[DOMAIN_IN_MAX * 2 + 1];
	uint8_t *ascii = NULL;
	int ret = -1;

	if (in.len > DOMAIN_IN_MAX)
		return refuse(err, in, "it is too long");
	if (!lower_utf8(in, lower))
		return refuse(err, in, "it is neither letters, digits, \"-\" and dots nor UTF-8");
	int rc = idn2_lookup_u8((const uint8_t *)lower, &ascii, IDN_FLAGS);
	if (rc != IDN2_OK) {
		refuse(err, in, idn2_strerror(rc));
		goto out;
	}
	struct slice name = slice_of((const char *)ascii);
	const char *problem = ascii_name_problem(name);
	if (problem != NULL) {
		refuse(err, in, problem);
		goto out;
	}
	memcpy(out, name.ptr, name.len + 1);
	ret = 0;
out:
	idn2_free(ascii);
	return ret;
}

int
domain_normalize(struct slice in, char out[static DOMAIN_LEN_MAX + 1], struct err *err)
{
	char lower[DOMAIN_LEN_MAX + 1] = ""; /* gcc 12 at -O2 does not see that it is filled */

	out[0] = '\0';
	for (size_t i = 0; i < in.len; i++) {
		if (in.ptr[i] >= 0x80)
			return normalize_unicode(in, out, err);
	}
	if (in.len > DOMAIN_LEN_MAX)
		return refuse(err, in, "it is longer than 253 octets");
	for (size_t i = 0; i < in.len; i++)
		lower[i] = (char)ascii_lower(in.ptr[i]);
	const char *problem = ascii_name_problem(slice_new(lower, in.len));
	if (problem != NULL)
		return refuse(err, in, problem);
	memcpy(out, lower, in.len);
	out[in.len] = '\0';
	return 0;
}

void
domain_to_unicode(const char *a_label, char *out, size_t out_size)
{
	char *unicode = NULL;

	if (idn2_to_unicode_8z8z(a_label, &unicode, 0) != IDN2_OK || strlen(unicode) >= out_size)
		snprintf(out, out_size, "%s", a_label);
	else
		memcpy(out, unicode, strlen(unicode) + 1);
	idn2_free(unicode);
}

bool
domain_is_within(struct slice name, struct slice above)
{
	if (above.len == 0 || name.len < above.len || !slice_has_suffix(name, above))
		return false;
	return name.len == above.len || name.ptr[name.len - above.len - 1] == '.';
}

bool
domain_entry_covers(struct slice entry, struct slice name)
{
	if (slice_eq_str(entry, "*"))
		return true;
	if (entry.len > 0 && entry.ptr[0] == '.')
		return name.len > entry.len && slice_has_suffix(name, entry);
	return entry.len > 0 && slice_eq(entry, name);
}

int
domain_entry_normalize(struct slice in, char out[static DOMAIN_LEN_MAX + 2], struct err *err)
{
	out[0] = '\0';
	if (slice_eq_str(in, "*")) {
		memcpy(out, "*", 2);
		return 0;
	}
	if (in.len > 1 && in.ptr[0] == '*' && in.ptr[1] == '.')
		return refuse(err, in,
		    "write \".example.com\" for all names below example.com, \"*\" for every name");
	if (in.len == 0 || in.ptr[0] != '.')
		return domain_normalize(in, out, err);
	if (domain_normalize(slice_from(in, 1), out + 1, err) != 0)
		return -1;
	out[0] = '.';
	return 0;
}
