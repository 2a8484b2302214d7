/* SPDX-License-Identifier: ISC */
/* A body and a header as they came, and a hash that fits nothing: whatever is tried, it ends, and claims nothing.  The
 * first octet chooses canonicalizations and algorithm. */
#include "dkim/mutation.h"
#include "dkim/mutation_mime.h"
#include "dkim/mutation_undo.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const FIELDS[] = {
    (" v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.test; s=s; "
    "h=From:From:To:Cc:Subject:Subject:Date:Reply-To:"
    "Message-ID:Content-Type:Content-Transfer-Encoding; "
    "z=Subject:=20x|Content-Type:=20multipart/mixed=3B=20boundary=3Dz;"
    " bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA"),
    (" v=1; a=rsa-sha256; c=simple/simple; d=a.test; s=s; "
    "h=from:to:cc:subject:date:sender:content-type;"
    " bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA"),
    (" v=1; a=ed25519-sha256; c=simple/relaxed; d=a.test; s=s; h=From:Subject:Subject:From; l=9;"
    " bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA"),
};

static struct dkim_pubkey *
make_key(void)
{
	static const uint8_t octets[32] = {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5,
	    0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23,
	    0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
	struct dkim_pubkey *key = NULL;
	struct err err = ERR_INIT;

	if (dkim_pubkey_parse(KEY_ED25519_SHA256, slice_new(octets, sizeof(octets)), &key, &err) !=
	    0)
		abort();
	return key;
}

/* Each part may get a field of 45 octets, and be one of 5; a soft break stands for 70. */
static void
undo_rows(const struct undo_row *rows, const struct entity *e)
{
	for (; rows->undo != NULL; rows++) {
		for (unsigned more = 0; more <= rows->more; more++) {
			struct undo_row row = *rows;
			struct undone undone;
			row.arg += more;
			if (undo_apply(&row, e, &undone) &&
			    undone.entity.body.len > 16 * e->body.len + 64)
				abort();
			undone_deinit(&undone);
		}
	}
}

/* Whatever is undone lies in the body, or in what was made of it. */
static void
undo_all(const struct mutation_message *m)
{
	size_t type = header_find_last(m->others, SLICE_LIT("Content-Type"), m->others->count);
	size_t encoding =
	    header_find_last(m->others, SLICE_LIT("Content-Transfer-Encoding"), m->others->count);
	struct entity e = {.body = m->body};

	if (type != HEADER_ABSENT)
		e.type = m->others->fields[type].value;
	if (encoding != HEADER_ABSENT)
		e.encoding = m->others->fields[encoding].value;
	undo_rows(UNDO_ROWS, &e);
	undo_rows(UNDO_ENCODINGS, &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct dkim_pubkey *key;
	static struct signature sig;
	struct header_list list = {0};
	struct verify_words words = {.count = 0};
	struct err err = ERR_INIT;
	size_t body;

	if (len == 0 || len > 4096)
		return 0;
	if (key == NULL)
		key = make_key();
	struct slice value = slice_of(FIELDS[data[0] % 3]), in = slice_new(data + 1, len - 1);
	struct header_field own = {SLICE_LIT(SIGNATURE_NAME), value};
	if (signature_parse(value, &sig, &err) != 0)
		abort();
	if (header_list_parse(&list, in, 50, &body, &err) == 0) {
		struct mutation_message m = {&list, &own, &sig, key, slice_from(in, body), NULL};
		undo_all(&m);
		if (mutation_body(&m, &words) || (data[0] >= 0xc0 && mutation_header(&m, &words)))
			abort();
		if (words.count == 0)
			abort();
	}
	header_list_deinit(&list);
	return 0;
}
