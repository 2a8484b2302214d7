/* SPDX-License-Identifier: ISC */
#include "dkim/verify_trial.h"

#include <string.h>

#define TRIAL_BODY_MAX	((size_t)4 << 20) /* larger bodies are not tried: each trial hashes once */
#define TRIAL_LINES_MAX 40		  /* lines that a list or a scanner appends */
#define LONG_LINE_MIN	900		  /* no mailer folds a shorter line behind our back */

struct body_hash {
	uint8_t bh[CANON_BH_LEN];
	uint64_t len; /* canonical octets that went into it */
};

static int
hash_body(const struct signature *sig, struct slice body, uint64_t len_max, struct body_hash *out,
    struct err *err)
{
	struct canon_body c;

	if (canon_body_init(&c, sig->body_canon, err) != 0)
		return -1;
	c.body_len_max = len_max;
	int rc = canon_body_update(&c, body, err);
	if (rc == 0)
		rc = canon_body_finish(&c, out->bh, err);
	out->len = c.body_len;
	canon_body_deinit(&c);
	return rc;
}

static bool
hash_fits(const struct signature *sig, struct slice body)
{
	struct body_hash hash;
	struct err err = ERR_INIT;

	return hash_body(sig, body, sig->has_l ? sig->l : UINT64_MAX, &hash, &err) == 0 &&
	       memcmp(hash.bh, sig->bh, CANON_BH_LEN) == 0;
}

static bool
try_shorter(const struct signature *sig, struct slice body, struct buf *found)
{
	size_t lines = 0, end = body.len;

	/* empty lines at the end never count */
	while (end > 0 && (body.ptr[end - 1] == '\n' || body.ptr[end - 1] == '\r'))
		end--;
	for (; end > 0 && lines < TRIAL_LINES_MAX; end--) {
		if (body.ptr[end - 1] != '\n')
			continue;
		lines++;
		if (!hash_fits(sig, slice_sub(body, 0, end)))
			continue;
		buf_printf(found, "the last %zu line%s %s added", lines, lines == 1 ? "" : "s",
		    lines == 1 ? "was" : "were");
		return true;
	}
	if (lines < TRIAL_LINES_MAX && hash_fits(sig, slice_of(NULL))) {
		buf_put_str(found, "it was empty when it was signed");
		return true;
	}
	return false;
}

static bool
at_line_start(struct slice body, size_t at)
{
	return at == 0 || body.ptr[at - 1] == '\n';
}

/* RFC 5321 4.5.2 done once too often: "." at the start of a line is doubled. */
static bool
try_dots(const struct signature *sig, struct slice body, struct buf *found)
{
	struct buf other;
	size_t changed = 0;

	buf_init(&other, TRIAL_BODY_MAX);
	for (size_t at = 0; at < body.len; at++) {
		bool two = body.ptr[at] == '.' && at + 1 < body.len && body.ptr[at + 1] == '.';
		if (two && at_line_start(body, at))
			changed++;
		else
			buf_put_byte(&other, body.ptr[at]);
	}
	bool fit = changed > 0 && hash_fits(sig, buf_slice(&other));
	buf_deinit(&other);
	if (fit)
		buf_printf(found, "a dot at the start of %zu line%s was doubled", changed,
		    changed == 1 ? "" : "s");
	return fit;
}

/* Postfix breaks lines over smtp_line_length_limit with CRLF SP, others with CRLF alone. */
static bool
try_long_lines(const struct signature *sig, struct slice body, bool with_space, struct buf *found)
{
	struct buf other;
	size_t line_start = 0, changed = 0;

	buf_init(&other, TRIAL_BODY_MAX);
	for (size_t at = 0; at < body.len; at++) {
		bool line_end =
		    body.ptr[at] == '\r' && at + 1 < body.len && body.ptr[at + 1] == '\n';
		bool space = at + 2 < body.len && body.ptr[at + 2] == ' ';
		if (line_end && at - line_start >= LONG_LINE_MIN && (space || !with_space)) {
			at += with_space ? 2 : 1;
			line_start = at + 1;
			changed++;
			continue;
		}
		if (body.ptr[at] == '\n')
			line_start = at + 1;
		buf_put_byte(&other, body.ptr[at]);
	}
	bool fit = changed > 0 && hash_fits(sig, buf_slice(&other));
	buf_deinit(&other);
	if (fit)
		buf_printf(found,
		    "a line of more than 998 octets was broken in %zu place%s "
		    "(Postfix: smtp_line_length_limit = 0)",
		    changed, changed == 1 ? "" : "s");
	return fit;
}

/* RFC 6376 3.4.3 forgives empty lines at the end, but no blanks. */
static bool
try_final_newline(const struct signature *sig, struct slice body, struct buf *found)
{
	if (body.len < 2 || sig->body_canon != CANON_SIMPLE)
		return false;
	struct slice shorter = slice_trim_right(body);
	if (!hash_fits(sig, shorter))
		return false;
	buf_put_str(found, "blanks at its end were added");
	return true;
}

static bool
trial_body(const struct signature *sig, struct slice body, struct buf *found)
{
	if (body.len > TRIAL_BODY_MAX)
		return false;
	return try_shorter(sig, body, found) || try_dots(sig, body, found) ||
	       try_long_lines(sig, body, true, found) || try_long_lines(sig, body, false, found) ||
	       try_final_newline(sig, body, found);
}

int
body_check(const struct signature *sig, struct slice body, bool *partial, struct buf *found,
    struct err *err)
{
	struct body_hash hash;

	if (hash_body(sig, body, UINT64_MAX, &hash, err) != 0)
		return -1;
	if (sig->has_l && sig->l > hash.len) {
		buf_printf(found, "l= counts %llu octets, of which only %llu are there",
		    (unsigned long long)sig->l, (unsigned long long)hash.len);
		return 0;
	}
	*partial = sig->has_l && sig->l < hash.len;
	if (*partial && hash_body(sig, body, sig->l, &hash, err) != 0)
		return -1;
	if (memcmp(hash.bh, sig->bh, CANON_BH_LEN) == 0)
		return 1;
	trial_body(sig, body, found);
	return 0;
}
