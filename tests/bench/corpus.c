/* SPDX-License-Identifier: ISC */
#include "tests/bench/corpus.h"

#include <string.h>

#define BODY_LEN_MAX (64u << 20)

static const char *const WORDS[] = {"the", "letter", "of", "yesterday", "reached", "us", "in",
    "good", "order", "and", "we", "shall", "answer", "it", "before", "the", "end", "of", "next",
    "week", "unless", "rain"};
#define WORD_COUNT (sizeof WORDS / sizeof WORDS[0])

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Lines of words, with an empty line now and then; `after` ends each line. */
static void
put_prose(struct buf *b, size_t len, const char *before, const char *after)
{
	const size_t until = b->len + len;
	uint32_t seed = 1;

	while (b->len < until) {
		size_t start = b->len;
		buf_put_str(b, before);
		buf_put_str(b, WORDS[next_random(&seed) % WORD_COUNT]);
		while (b->len - start < 66) {
			buf_put_byte(b, ' ');
			buf_put_str(b, WORDS[next_random(&seed) % WORD_COUNT]);
		}
		buf_put_str(b, after);
		buf_put_str(b, next_random(&seed) % 9 == 0 ? "\r\n\r\n" : "\r\n");
	}
}

static void
put_base64(struct buf *b, size_t len)
{
	static const char ALPHABET[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const size_t until = b->len + len;
	uint32_t seed = 2;
	char line[78];

	while (b->len < until) {
		for (size_t i = 0; i < 76; i++)
			line[i] = ALPHABET[next_random(&seed) % 64];
		memcpy(line + 76, "\r\n", 2);
		buf_put(b, slice_new(line, sizeof line));
	}
}

static void
put_alternative(struct buf *b, size_t len)
{
	buf_put_str(b, "--part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
	put_prose(b, len / 3, "", "");
	buf_put_str(b, "--part\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>\r\n");
	put_prose(b, len * 2 / 3, "<p style=\"margin:0\">", "</p>");
	buf_put_str(b, "</body></html>\r\n--part--\r\n");
}

static void
put_attachment(struct buf *b, size_t len)
{
	buf_put_str(b, "--part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
	put_prose(b, 1000, "", "");
	buf_put_str(b,
	    "--part\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: "
	    "base64\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n");
	put_base64(b, len);
	buf_put_str(b, "--part--\r\n");
}

static void
put_plain(struct buf *b, size_t len)
{
	put_prose(b, len, "", "");
}

/* RFC 3676: each line ends in a blank, the dearest thing for relaxed canonicalization that real mail does. */
static void
put_flowed(struct buf *b, size_t len)
{
	put_prose(b, len, "", " ");
}

static const struct {
	const char *name, *content_type;
	size_t len;
	void (*put)(struct buf *, size_t);
} KINDS[] = {
    {"2k", " text/plain; charset=utf-8; format=flowed", 1150, put_flowed},
    {"20k", " multipart/alternative;\n\tboundary=part", 19000, put_alternative},
    {"200k", " multipart/mixed;\n\tboundary=part", 200000, put_attachment},
    {"2m", " multipart/mixed;\n\tboundary=part", 2000000, put_attachment},
    {"20m", " multipart/mixed;\n\tboundary=part", 20000000, put_attachment},
    {"20m-prose", " text/plain; charset=utf-8", 20000000, put_plain},
    {"20m-flowed", " text/plain; charset=utf-8; format=flowed", 20000000, put_flowed},
};

static const struct {
	const char *name, *value;
} FIELDS[] = {
    {"Received", " from desk.example.com (desk.example.com [192.0.2.9])\n\tby "
		 "mail.example.com (Postfix) "
		 "with ESMTPSA id 4cXk2v0Yz1\n\tfor <rcpt@example.net>; Sat, "
		 "21 Nov 2026 10:00:00 +0000 (UTC)"},
    {"Date", " Sat, 21 Nov 2026 10:00:00 +0000"},
    {"From", " Some One <someone@example.com>"},
    {"To", " Another One <rcpt@example.net>, Third <third@example.org>"},
    {"Cc", " Team <team@example.net>"},
    {"Subject", " Re: the letter of yesterday, and what we\n shall do about it"},
    {"Message-ID", " <20261121100000.0123456789abcdef@desk.example.com>"},
    {"In-Reply-To", " <20261120090000.fedcba9876543210@example.net>"},
    {"References", " <20261119080000.00112233@example.net>\n "
		   "<20261120090000.fedcba9876543210@example.net>"},
    {"MIME-Version", " 1.0"},
    {"User-Agent", " Letters/7.1 (X11; Linux x86_64)"},
    {"Content-Language", " en-GB"},
    {"X-Priority", " 3"},
};

bool
bench_message_make(struct bench_message *m, const char *kind)
{
	struct err err = ERR_INIT;

	*m = (struct bench_message){.headers.count = 0};
	buf_init(&m->body, BODY_LEN_MAX);
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if (strcmp(KINDS[i].name, kind) != 0)
			continue;
		KINDS[i].put(&m->body, KINDS[i].len);
		for (size_t f = 0; f < sizeof FIELDS / sizeof FIELDS[0]; f++)
			if (header_list_add(&m->headers, slice_of(FIELDS[f].name),
				slice_of(FIELDS[f].value), 100, &err) != 0)
				return false;
		return header_list_add(&m->headers, SLICE_LIT("Content-Type"),
			   slice_of(KINDS[i].content_type), 100, &err) == 0 &&
		       m->body.state == BUF_OK;
	}
	return false;
}

void
bench_message_write(const struct bench_message *m, FILE *out)
{
	for (size_t i = 0; i < m->headers.count; i++) {
		const struct header_field *f = &m->headers.fields[i];
		fprintf(out, "%.*s:", SLICE_ARG(f->name));
		for (size_t k = 0; k < f->value.len; k++)
			fprintf(out, "%s%c", f->value.ptr[k] == '\n' ? "\r" : "", f->value.ptr[k]);
		fputs("\r\n", out);
	}
	fputs("\r\n", out);
	fwrite(m->body.data, 1, m->body.len, out);
}

void
bench_message_deinit(struct bench_message *m)
{
	header_list_deinit(&m->headers);
	buf_deinit(&m->body);
}
