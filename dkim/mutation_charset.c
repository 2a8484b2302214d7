/* SPDX-License-Identifier: ISC */
#include "dkim/mutation_charset.h"

#include "base/utf8.h"

#include <errno.h>

#define PIECE 1024

/* Of those that hold the same letters the first are tried; mail that says GB 2312 means GBK. */
const struct charset CHARSETS[] = {
    {"ISO-8859-1", {"iso-8859-1", "ISO-8859-1"}},
    {"CP1252", {"windows-1252", "Windows-1252", "WINDOWS-1252"}},
    {"ISO-8859-15", {"iso-8859-15", "ISO-8859-15"}},
    {"KOI8-R", {"koi8-r", "KOI8-R"}},
    {"CP1251", {"windows-1251", "Windows-1251", "WINDOWS-1251"}},
    {"ISO-8859-2", {"iso-8859-2", "ISO-8859-2"}},
    {"CP1250", {"windows-1250", "Windows-1250", "WINDOWS-1250"}},
    {"ISO-8859-7", {"iso-8859-7", "ISO-8859-7"}},
    {"CP1253", {"windows-1253", "Windows-1253"}},
    {"ISO-8859-9", {"iso-8859-9", "ISO-8859-9"}},
    {"CP1254", {"windows-1254", "Windows-1254"}},
    {"ISO-8859-8", {"iso-8859-8", "ISO-8859-8", "iso-8859-8-i"}},
    {"CP1255", {"windows-1255", "Windows-1255"}},
    {"CP1256", {"windows-1256", "Windows-1256"}},
    {"ISO-8859-6", {"iso-8859-6", "ISO-8859-6"}},
    {"TIS-620", {"tis-620", "TIS-620"}},
    {"CP874", {"windows-874", "Windows-874"}},
    {"KOI8-U", {"koi8-u", "KOI8-U"}},
    {"ISO-8859-5", {"iso-8859-5", "ISO-8859-5"}},
    {"ISO-2022-JP", {"iso-2022-jp", "ISO-2022-JP"}},
    {"CP932", {"shift_jis", "Shift_JIS", "SHIFT_JIS"}},
    {"GBK", {"gb2312", "GB2312"}},
    {"BIG5", {"big5", "Big5", "BIG5"}},
    {"EUC-KR", {"euc-kr", "EUC-KR"}},
    {"CP949", {"ks_c_5601-1987", "KS_C_5601-1987"}},
    {"EUC-JP", {"euc-jp", "EUC-JP"}},
    {"GBK", {"gbk", "GBK"}},
    {"GB18030", {"gb18030", "GB18030"}},
    {"CP1257", {"windows-1257", "Windows-1257"}},
    {"ISO-8859-13", {"iso-8859-13", "ISO-8859-13"}},
    {"ISO-8859-4", {"iso-8859-4", "ISO-8859-4"}},
    {"ISO-8859-10", {"iso-8859-10", "ISO-8859-10"}},
    {"ISO-8859-3", {"iso-8859-3", "ISO-8859-3"}},
    {"ISO-8859-14", {"iso-8859-14", "ISO-8859-14"}},
    {"ISO-8859-16", {"iso-8859-16", "ISO-8859-16"}},
    {"CP1258", {"windows-1258", "Windows-1258"}},
    {NULL, {NULL}},
};

const struct charset *
charset_find(struct slice label)
{
	size_t star;

	if (slice_find(label, '*', &star))
		label = slice_sub(label, 0, star);
	for (const struct charset *c = CHARSETS; c->codec != NULL; c++) {
		for (size_t i = 0; i < CHARSET_LABELS_MAX && c->labels[i] != NULL; i++) {
			if (slice_ieq_str(label, c->labels[i]))
				return c;
		}
	}
	return NULL;
}

/* All of it, from the first state to the first state. */
static bool
convert(iconv_t cd, struct slice in, struct buf *out)
{
	char piece[PIECE];
	/* iconv reads it; POSIX has the pointer without const */
	union {
		const uint8_t *octets;
		char *text;
	} from = {in.ptr};
	size_t left = in.len, rc;

	(void)iconv(cd, NULL, NULL, NULL, NULL);
	do {
		char *to = piece;
		size_t room = sizeof(piece);
		rc = iconv(cd, left > 0 ? &from.text : NULL, &left, &to, &room);
		if (rc == (size_t)-1 && errno != E2BIG)
			return false;
		/* a count: characters that were replaced by others */
		if (rc != 0 && rc != (size_t)-1)
			return false;
		if (rc == 0 && left == 0 && to == piece)
			return out->state == BUF_OK; /* nor was there a shift to be ended */
		buf_put(out, slice_new(piece, (size_t)(to - piece)));
	} while (out->state == BUF_OK);
	return false;
}

bool
charset_to_utf8(struct slice label, struct slice octets, struct buf *out)
{
	if (slice_ieq_str(label, "utf-8") || slice_ieq_str(label, "us-ascii")) {
		bool valid = utf8_is_valid(octets);
		if (valid)
			buf_put(out, octets);
		return valid;
	}
	const struct charset *charset = charset_find(label);
	if (charset == NULL)
		return false;
	iconv_t cd = iconv_open("UTF-8", charset->codec);
	if (cd == (iconv_t)-1)
		return false;
	bool good = convert(cd, octets, out);
	(void)iconv_close(cd);
	return good;
}

bool
charset_writer_open(struct charset_writer *w, const struct charset *charset)
{
	w->to = iconv_open(charset->codec, "UTF-8");
	return w->to != (iconv_t)-1;
}

bool
charset_write(const struct charset_writer *w, struct slice utf8, struct buf *out)
{
	return convert(w->to, utf8, out);
}

void
charset_writer_close(struct charset_writer *w)
{
	(void)iconv_close(w->to);
}
