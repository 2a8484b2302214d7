/* SPDX-License-Identifier: ISC */
/* A TXT of anybody's at a key's name: whatever it holds is judged, in words that a terminal can show. */
#include "keys/diagnose.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define RECORD "v=DKIM1; k=ed25519; h=sha256; p=CwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSo="

static void
check_text(const char *text, size_t size)
{
	if (memchr(text, '\0', size) == NULL)
		abort();
	for (; *text != '\0'; text++)
		if (*text != ' ' && !ascii_is_print((uint8_t)*text))
			abort();
}

static void
fill(struct seen *seen, struct slice text)
{
	struct sweep *s = &seen->sweep;
	const struct dns_endpoint e = {{IP_V4, {192, 0, 2, 1}}, 53};
	seen->swept = true;
	s->link_count = s->count = 1;
	memcpy(s->links[0].name, "s._domainkey.d.test", sizeof("s._domainkey.d.test"));
	s->answers[0] =
	    (struct sweep_answer){.endpoint = e, .verdict = ANSWER_BAD, .found = FOUND_OTHER_TEXT};
	struct seen_reply *r = seen_add(seen);
	if (r == NULL)
		abort();
	r->endpoint = e;
	r->type = "TXT";
	r->aa = true;
	r->ttl = 600;
	r->texts[0] = seen_put_text(seen, text);
	r->txts = 1;
	memcpy(r->name, s->links[0].name, sizeof(r->name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum key_expect expects[] = {
	    EXPECT_RECORD, EXPECT_RECORD, EXPECT_TOMBSTONE, EXPECT_ABSENT};
	struct diagnose_subject subject = {.domain = "d.test",
	    .selector = "s",
	    .name = "s._domainkey.d.test",
	    .expected = SLICE_LIT(RECORD),
	    .now = 1800000000};
	if (size == 0)
		return 0;
	subject.expect = expects[data[0] & 3];
	subject.alias = (data[0] & 4) != 0 ? "t.slots.test" : NULL;
	struct seen *seen = seen_new();
	struct findings *out = findings_new();
	if (seen == NULL || out == NULL)
		abort();
	fill(seen, slice_new(data + 1, size - 1));
	diagnose_judge(&subject, seen, NULL, out);
	for (size_t i = 0; i < out->count; i++) {
		const struct finding *f = &out->list[i];
		if (f->verdict[0] == '\0')
			abort();
		check_text(f->verdict, sizeof(f->verdict));
		check_text(f->is, sizeof(f->is));
		check_text(f->mend, sizeof(f->mend));
		check_text(f->asked, sizeof(f->asked));
	}
	findings_free(out);
	seen_free(seen);
	return 0;
}
