/* SPDX-License-Identifier: ISC */
/* Messages that others signed (tests/vectors/verify/make.py), damaged in one place each: what does the verifier say? */
#include "base/file.h"
#include "dkim/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW	    1793700000
#define MESSAGE_MAX 65536
#define UNAVAILABLE "unavailable" /* instead of a record */
#define NO_RECORD   "none"
#define RSA	    "p=$rsa"

#define L63 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"

struct row {
	const char *name, *file;
	const char *find, *put; /* in the message; find NULL: leave it */
	const char
	    *record; /* "$rsa" is replaced by the key of that name; two records are parted by '|' */
	enum verify_reason reason;
	const char *text; /* part of what is said */
};

static const struct row ROWS[] = {
    {"as signed", "relaxed", NULL, NULL, "v=DKIM1; p=$rsa", VERIFY_OK, "when example.com signed"},
    {"simple as signed", "simple", NULL, NULL, RSA, VERIFY_OK, "when example.com signed"},
    {"ed25519 as signed", "ed25519", NULL, NULL, "v=DKIM1;k=ed25519;p=$ed25519", VERIFY_OK,
	"as they were"},
    {"no body", "empty", NULL, NULL, RSA, VERIFY_OK, "as they were"},
    {"times hold", "times", NULL, NULL, RSA, VERIFY_OK, "as they were"},
    {"i= below d=", "auid", NULL, NULL, RSA, VERIFY_OK, "as they were"},
    {"copies as signed", "copied", NULL, NULL, RSA, VERIFY_OK, "as they were"},
    {"testing", "relaxed", NULL, NULL, "t=y;p=$rsa", VERIFY_OK, "t=y of the key record"},
    {"1024 bits", "rsa1024", NULL, NULL, "p=$rsa1024", VERIFY_OK, "only 1024 bits"},
    {"l= and more behind it", "length", NULL, NULL, RSA, VERIFY_OK, "But l=12 leaves the end"},
    {"l= and changed behind it", "length", "See you", "Pay me", RSA, VERIFY_OK, "l=12 leaves"},
    {"relaxed forgives blanks", "relaxed", "Dinner at", "Dinner \t at", RSA, VERIFY_OK,
	"as they were"},
    {"unsigned field", "relaxed", "\r\n\r\n", "\r\nX-Spam: no\r\n\r\n", RSA, VERIFY_OK,
	"as they were"},

    {"no tag-list", "relaxed", "v=1; a=rsa-sha256", "v=1; a", RSA, VERIFY_TAG,
	"behind the tag name \"a\""},
    {"s= and d= name nothing", "relaxed", "; s=",
	"; s=" L63 "." L63 "." L63 "." L63 ".", RSA, VERIFY_TAG, "together with d= it is longer than a name in DNS may be"},
    {"wrong version", "relaxed", "v=1;", "v=3;", RSA, VERIFY_TAG, "v=3: only version 1"},
    {"unknown algorithm", "relaxed", "rsa-sha256", "rsa-sha512", RSA, VERIFY_TAG,
	"a=rsa-sha512 is no algorithm"},
    {"i= elsewhere", "auid", "alice@sub.example.com;", "alice@example.net;", RSA, VERIFY_TAG,
	"i=alice@example.net"},
    {"From not signed", "relaxed", "h=From:From:To:To:", "h=To:To:", RSA, VERIFY_FROM_UNSIGNED,
	"h= does not name From"},
    {"expired", "times", "x=1794218399", "x=1793699999", RSA, VERIFY_EXPIRED, "expired 1 s ago"},
    {"made in the future", "times", "t=1793613599", "t=1793700301", RSA, VERIFY_FUTURE,
	"301 s in the future"},
    {"clocks may differ", "times", "t=1793613599", "t=1793700300", RSA, VERIFY_HEADER_CHANGED,
	"A signed field was changed"},
    {"SHA-1", "sha1", NULL, NULL, RSA, VERIFY_SHA1, "rsa-sha1"},

    {"no record", "relaxed", NULL, NULL, NO_RECORD, VERIFY_KEY_ABSENT, "no key record"},
    {"no answer", "relaxed", NULL, NULL, UNAVAILABLE, VERIFY_KEY_UNAVAILABLE, "try again"},
    {"two records", "relaxed", NULL, NULL, "p=$rsa|p=$other", VERIFY_KEY_MULTIPLE, "2 TXT records"},
    {"record is no tag-list", "relaxed", NULL, NULL, "v=DKIM1 p=$rsa", VERIFY_KEY_SYNTAX,
	"key record is wrong"},
    {"record without p=", "relaxed", NULL, NULL, "v=DKIM1; k=rsa", VERIFY_KEY_SYNTAX, "no p= tag"},
    {"p= is no base64", "relaxed", NULL, NULL, "p=!", VERIFY_KEY_SYNTAX, "foreign character"},
    {"p= holds no key", "relaxed", NULL, NULL, "p=YWJj", VERIFY_KEY_SYNTAX, "holds no RSA key"},
    {"revoked", "relaxed", NULL, NULL, "v=DKIM1; p=", VERIFY_KEY_REVOKED, "revoked"},
    {"unknown k=", "relaxed", NULL, NULL, "k=dsa;p=$rsa", VERIFY_KEY_UNSUITABLE,
	"k= of the key record"},
    {"other k=", "relaxed", NULL, NULL, "k=ed25519;p=$ed25519", VERIFY_KEY_UNSUITABLE,
	"a key for ed25519"},
    {"h= forbids", "relaxed", NULL, NULL, "h=sha1;p=$rsa", VERIFY_KEY_UNSUITABLE,
	"does not allow sha256"},
    {"s= forbids", "relaxed", NULL, NULL, "s=tlsrpt;p=$rsa", VERIFY_KEY_UNSUITABLE,
	"does not allow email"},
    {"t=s forbids", "auid", NULL, NULL, "t=s;p=$rsa", VERIFY_KEY_UNSUITABLE,
	"t=s of the key record"},
    {"t=s allows", "relaxed", NULL, NULL, "t=s;p=$rsa", VERIFY_OK, "as they were"},
    {"768 bits", "relaxed", NULL, NULL, "p=$rsa768", VERIFY_KEY_SHORT, "768 bits"},
    {"another key", "relaxed", NULL, NULL, "p=$other", VERIFY_KEY_DIFFERS, "Another key made it"},
    {"another size", "relaxed", NULL, NULL, "p=$rsa1024", VERIFY_KEY_DIFFERS, "256 octets"},
    {"another hash than a= says", "sha1", "rsa-sha1|4t3idXqzgcEHPMX9aTQ8MdnwAqk=",
	"rsa-sha256|Jc65HY9S3HEFgFo2iM3oIntn0nmz6A66+HenqoYcCiA=", RSA, VERIFY_HEADER_CHANGED,
	"what it holds is no SHA-256 hash"},
    {"b= cut", "relaxed", "b=XXXX", "b=", RSA, VERIFY_KEY_DIFFERS, "Another key made it"},

    {"body changed", "relaxed", "See you", "See her", RSA, VERIFY_BODY_CHANGED,
	"The body was changed. The header was not."},
    {"body changed, simple", "simple", "See you", "See  you", RSA, VERIFY_BODY_CHANGED,
	"The header was not."},
    {"lines appended", "relaxed", "See you.\r\n", "See you.\r\n-- \r\nlist footer\r\n", RSA,
	VERIFY_BODY_CHANGED,
	"Lines were appended to the body: the last 2 of 7 lines, from \"--\"."},
    {"line appended", "simple", "See you.\r\n", "See you.\r\nad\r\n", RSA, VERIFY_BODY_CHANGED,
	"the last 1 of 6 lines"},
    {"body from nothing", "empty", "\r\n\r\n", "\r\n\r\nx\r\ny\r\n", RSA, VERIFY_BODY_CHANGED,
	"The body was empty when it was signed."},
    {"dot doubled", "relaxed", ".first", "..first", RSA, VERIFY_BODY_CHANGED,
	"A dot at the start of 1 line was doubled"},
    {"long line broken", "simple", "long end", "lo\r\n ng end", RSA, VERIFY_BODY_CHANGED,
	"A line of more than 998 octets was broken in 1 place (Postfix"},
    {"long line broken without space", "simple", "long end", "lo\r\nng end", RSA,
	VERIFY_BODY_CHANGED, "broken in 1 place, by a CRLF alone"},
    {"blanks at the end", "simple", "you.\r\n", "you.\r\n \r\n", RSA, VERIFY_BODY_CHANGED,
	"the last 1 of 6 lines"},
    {"blank at the last line", "simple", "you.\r\n", "you. \r\n", RSA, VERIFY_BODY_CHANGED,
	"Blanks were put at the end of 1 line."},
    {"shorter than l=", "length", "l=12;", "l=99999;", RSA, VERIFY_BODY_CHANGED,
	"l= counts 99999 octets, of which only 10"},
    {"changed inside l=", "length", "Hello", "Holla", RSA, VERIFY_BODY_CHANGED,
	"The header was not."},
    {"body and header changed", "relaxed", "Dinner at eight\r\n|See", "Dinner at nine\r\n|Saw", RSA,
	VERIFY_BODY_CHANGED, "The body was changed. Nothing that is usually"},

    {"From changed", "relaxed", "From: Alice", "From: Mallory", RSA, VERIFY_HEADER_CHANGED,
	"Signed and not there (absent from the start, or removed): Cc."},
    {"ed25519 cannot tell", "ed25519", "From: Alice", "From: Mallory", "k=ed25519;p=$ed25519",
	VERIFY_HEADER_CHANGED, "Ed25519 cannot tell"},
    {"tag in Subject", "relaxed", "Subject: Dinner", "Subject: [list] Dinner", RSA,
	VERIFY_HEADER_CHANGED, "Subject was tagged: \"[list]\" was put into it."},
    {"tag in Subject, ed25519", "ed25519", "Subject: Dinner", "Subject: [list] Dinner",
	"k=ed25519;p=$ed25519", VERIFY_HEADER_CHANGED, "Subject was tagged: \"["},
    {"tag in Subject, simple", "simple", "Subject: Dinner", "Subject: [x y] Dinner", RSA,
	VERIFY_HEADER_CHANGED, "Subject was tagged: \"["},
    {"second Subject above", "relaxed", "From: A", "Subject: x\r\nFrom: A", RSA,
	VERIFY_HEADER_CHANGED, "A second field Subject was added above the signed one: \"x\"."},
    {"second From above", "relaxed", "Received:", "from: m@b.test\r\nReceived:", RSA,
	VERIFY_HEADER_CHANGED, "A second field from was added above"},
    {"Subject below", "relaxed", "\r\n\r\n", "\r\nSubject: x\r\n\r\n", RSA, VERIFY_HEADER_CHANGED,
	"A field Subject was added below the signed one: \"x\"."},
    {"Subject below, signed once", "once", "\r\n\r\n", "\r\nSubject: x\r\n\r\n", RSA,
	VERIFY_HEADER_CHANGED, "A field Subject was added below"},
    {"Subject above, signed once", "once", "From: A", "Subject: x\r\nFrom: A", RSA, VERIFY_OK,
	"as they were"},
    {"Received below, signed once", "once", "From: A", "Received: x\r\nFrom: A", RSA,
	VERIFY_HEADER_CHANGED, "A field Received was added below"},
    {"Cc where none was", "relaxed", "From: A", "Cc: c@example.org\r\nFrom: A", RSA,
	VERIFY_HEADER_CHANGED, "A field Cc was added, and none was there when it was signed"},
    {"To unfolded", "simple", "net>,\r\n\tcarol", "net>, carol", RSA, VERIFY_HEADER_CHANGED,
	"To: it was unfolded or folded anew"},
    {"To folded with a space", "simple", "net>,\r\n\tcarol", "net>,\r\n carol", RSA,
	VERIFY_HEADER_CHANGED, "To: it was unfolded or folded anew"},
    {"To without blank", "relaxed", "net>,\r\n\tcarol", "net>,carol", RSA, VERIFY_HEADER_CHANGED,
	"To: the blanks behind its commas"},
    {"Subject folded", "simple", "Dinner at eight", "Dinner\r\n at eight", RSA,
	VERIFY_HEADER_CHANGED, "Subject: it was folded"},
    {"space behind colon lost", "simple", "Subject: D", "Subject:D", RSA, VERIFY_HEADER_CHANGED,
	"Subject: the space behind its colon"},
    {"space behind colon twice", "simple", "Subject: D", "Subject:  D", RSA, VERIFY_HEADER_CHANGED,
	"Subject: the space behind its colon"},
    {"blank at the end of a field", "simple", "eight\r\n", "eight \r\n", RSA, VERIFY_HEADER_CHANGED,
	"Subject: blanks were put at its end"},
    {"capitals of a name", "simple", "Message-Id:", "Message-ID:", RSA, VERIFY_HEADER_CHANGED,
	"The capitals of a field's name"},
    {"signature folded anew", "simple", ";\r\n\tbh=", ";\r\n bh=", RSA, VERIFY_HEADER_CHANGED,
	"DKIM-Signature itself: it was unfolded or folded anew"},
    {"several rewritten", "simple", "From: A|Subject: D", "From:A|Subject:D", RSA,
	VERIFY_HEADER_CHANGED, "several fields: the space behind"},
    {"Subject changed, copy known", "copied", "Dinner at eight", "Lunch", RSA,
	VERIFY_HEADER_CHANGED,
	"Subject was rewritten: it was \"Dinner at eight\" when it was signed, says z=."},
    {"copy of a field that is gone", "copied", "From: Alice", "By: Alice", RSA,
	VERIFY_HEADER_CHANGED,
	"From was rewritten: it was \"Alice <alice@example.com>\" when it was signed, says z=."},
    {"copies without a name", "copied", "z=From:=20Alice", "z=:=2", RSA, VERIFY_HEADER_CHANGED,
	"A signed field was changed"},
    {"copies damaged", "copied", "z=From:=20Alice", "z=From:=2xAlice", RSA, VERIFY_HEADER_CHANGED,
	"z= says that From was \"=2xAlice <alice"},
    {"dots in the whole body", "empty", "\r\n\r\n", "\r\n\r\n..\r\n..x", RSA, VERIFY_BODY_CHANGED,
	"The body was empty when it was signed."},
    {"Date changed, not copied", "copied", "Mon, 2 Nov 2026 09", "Tue, 3 Nov 2026 09", RSA,
	VERIFY_HEADER_CHANGED, "A signed field was changed"},
    {"Date removed", "relaxed", "Date: Mon", "Day: Mon", RSA, VERIFY_HEADER_CHANGED,
	"more than there are: Date (named once, none is there). Signed and not there (absent from "
	"the start, or removed): Cc."},
    {"no escape sequences in texts", "relaxed", "a=rsa-sha256", "a=\033[1m", RSA, VERIFY_TAG,
	"control octet 0x1b"},
    {"nor one of C1, nor what turns lines", "relaxed", "From: A",
	"Subject: \xc2\x9b[31m \x9b[1m \xe2\x80\xaepass\r\nFrom: A", RSA, VERIFY_HEADER_CHANGED,
	"above the signed one: \"?[31m ?[1m ?pass\"."},
};

/* RFC 8601 2.7.1 */
static const enum verify_result RESULTS[VERIFY_REASON_COUNT] = {
    [VERIFY_OK] = VERIFY_PASS,
    [VERIFY_TAG] = VERIFY_NEUTRAL,
    [VERIFY_FROM_UNSIGNED] = VERIFY_PERMERROR,
    [VERIFY_EXPIRED] = VERIFY_POLICY,
    [VERIFY_FUTURE] = VERIFY_POLICY,
    [VERIFY_SHA1] = VERIFY_PERMERROR,
    [VERIFY_KEY_ABSENT] = VERIFY_PERMERROR,
    [VERIFY_KEY_UNAVAILABLE] = VERIFY_TEMPERROR,
    [VERIFY_KEY_MULTIPLE] = VERIFY_PERMERROR,
    [VERIFY_KEY_SYNTAX] = VERIFY_PERMERROR,
    [VERIFY_KEY_REVOKED] = VERIFY_PERMERROR,
    [VERIFY_KEY_UNSUITABLE] = VERIFY_PERMERROR,
    [VERIFY_KEY_SHORT] = VERIFY_POLICY,
    [VERIFY_KEY_DIFFERS] = VERIFY_FAIL,
    [VERIFY_BODY_CHANGED] = VERIFY_FAIL,
    [VERIFY_HEADER_CHANGED] = VERIFY_FAIL,
};

static struct buf records_file;
static bool said[VERIFY_SAY_COUNT];

static int
load_records(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	buf_init(&records_file, MESSAGE_MAX);
	return file_read(VECTORS_DIR "/verify/records", &records_file, &err);
}

static int
free_records(void **state)
{
	(void)state;
	buf_deinit(&records_file);
	return 0;
}

static void
put_key(struct buf *out, struct slice name)
{
	struct slice rest = buf_slice(&records_file);
	size_t line, space;

	while (slice_find(rest, '\n', &line)) {
		struct slice text = slice_sub(rest, 0, line);
		if (slice_find(text, ' ', &space) && slice_eq(slice_sub(text, 0, space), name)) {
			buf_put(out, slice_from(text, space + 1));
			return;
		}
		rest = slice_from(rest, line + 1);
	}
	fail_msg("no key %.*s", SLICE_ARG(name));
}

static void
expand_record(const char *text, struct buf *out)
{
	buf_init(out, 4096);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p != '$') {
			buf_put_byte(out, (uint8_t)*p);
			continue;
		}
		size_t len = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
		put_key(out, slice_new(p + 1, len));
		p += len;
	}
}

/* Replaces each '|'-separated part of find by that of put; "XXXX" stands for the first four letters of b=. */
static void
replace(struct buf *message, const char *find, const char *put)
{
	while (find != NULL && *find != '\0') {
		size_t find_len = strcspn(find, "|"), put_len = strcspn(put, "|");
		char part[128];
		struct buf out;
		snprintf(part, sizeof(part), "%.*s", (int)find_len, find);
		char *x = strstr(part, "b=XXXX"), *at;
		if (x != NULL)
			memcpy(x + 2, strstr(buf_str(message), "\tb=") + 3, 4);
		at = strstr(buf_str(message), part);
		if (at == NULL)
			fail_msg("\"%s\" is not in the message", part);
		size_t off = (size_t)(at - buf_str(message));
		buf_init(&out, 2 * MESSAGE_MAX);
		buf_put(&out, slice_sub(buf_slice(message), 0, off));
		buf_put(&out, slice_new(put, put_len));
		buf_put(&out, slice_from(buf_slice(message), off + find_len));
		buf_deinit(message);
		*message = out;
		find += find_len + (find[find_len] == '|');
		put += put_len + (put[put_len] == '|');
	}
}

struct message {
	struct buf text;
	struct header_list list;
	size_t body;
};

static void
message_load(struct message *m, const char *file, const char *find, const char *put)
{
	char path[256];
	struct err err = ERR_INIT;

	memset(m, 0, sizeof(*m));
	snprintf(path, sizeof(path), VECTORS_DIR "/%s.eml", file);
	buf_init(&m->text, MESSAGE_MAX);
	if (file_read(path, &m->text, &err) != 0)
		fail_msg("%s", err.text);
	replace(&m->text, find, put);
	assert_int_equal(header_list_parse(&m->list, buf_slice(&m->text), 1000, &m->body, &err), 0);
}

static void
message_free(struct message *m)
{
	header_list_deinit(&m->list);
	buf_deinit(&m->text);
}

static void
verify_message(
    const struct message *m, size_t index, const char *record, struct verify_report *report)
{
	struct slice txt[2];
	struct verify_records records = {.txt = txt};
	size_t bar;
	struct buf text;

	expand_record(record, &text);
	txt[0] = buf_slice(&text);
	records.count = strcmp(record, NO_RECORD) == 0 ? 0 : 1;
	records.unavailable = strcmp(record, UNAVAILABLE) == 0;
	if (slice_find(txt[0], '|', &bar)) {
		txt[1] = slice_from(txt[0], bar + 1);
		txt[0] = slice_sub(txt[0], 0, bar);
		records.count = 2;
	}
	struct verify_message message = {
	    &m->list, index, slice_from(buf_slice(&m->text), m->body), NULL};
	verify_signature(&message, &records, NOW, report);
	buf_deinit(&text);
}

static void
verify_signature_table(void **state)
{
	bool seen[VERIFY_REASON_COUNT] = {false};
	size_t right = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		const struct row *row = &ROWS[i];
		struct message m;
		struct verify_report report;
		char file[64], text[4096];
		snprintf(file, sizeof(file), "verify/%s", row->file);
		message_load(&m, file, row->find, row->put);
		verify_message(&m, 0, row->record, &report);
		verify_words_join(&report.words, text, sizeof(text));
		for (size_t k = 0; k < report.words.count; k++)
			said[report.words.list[k].say] = true;
		if (report.reason != row->reason || report.result != RESULTS[row->reason] ||
		    strstr(text, row->text) == NULL)
			print_error("%s: got %s (%s): %s\n", row->name,
			    verify_result_name(report.result), verify_reason_name(report.reason),
			    text);
		else
			right++;
		seen[report.reason] = true;
		message_free(&m);
	}
	assert_int_equal(right, sizeof(ROWS) / sizeof(ROWS[0]));
	for (size_t i = 0; i < VERIFY_REASON_COUNT; i++) {
		if (!seen[i])
			fail_msg("no row produces %s", verify_reason_name((enum verify_reason)i));
	}
}

static void
verify_signature_rfc_messages_pass(void **state)
{
	static const char *const FILES[] = {"rfc8463-a3", "simple-a3"};

	(void)state;
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		struct message m;
		struct verify_report report;
		message_load(&m, FILES[i], NULL, NULL);
		verify_message(
		    &m, 0, "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", &report);
		if (report.reason != VERIFY_OK)
			fail_msg("%s: %s", FILES[i], report.words.list[0].verdict);
		message_free(&m);
	}
}

static void
verify_prepare_names_key_and_flags(void **state)
{
	struct message m;
	struct verify_report report;

	(void)state;
	message_load(&m, "verify/auid", NULL, NULL);
	verify_prepare(&m.list, 0, NOW, &report);
	assert_int_equal(report.result, VERIFY_PASS);
	assert_true(report.has_sig);
	assert_true(slice_eq_str(report.sig.domain, "example.com"));
	assert_true(slice_eq_str(report.sig.selector, "sel"));
	assert_true(slice_eq_str(report.sig.auid, "alice@sub.example.com"));
	message_free(&m);
	message_load(&m, "verify/length", NULL, NULL);
	verify_message(&m, 0, "t=y;p=$rsa", &report);
	assert_true(report.partial_body);
	assert_true(report.key_testing);
	assert_int_equal(report.key_bits, 2048);
	message_free(&m);
}

/* An exponent as long as the modulus makes each verification a private operation. */
static void
verify_long_exponent_refused(void **state)
{
	/* RSAPublicKey: a SEQUENCE of n, 128 octets, and e */
	uint8_t der[3 + 4 + 128 + 2 + 9] = {0x30, 0x81, 0, 0x02, 0x81, 0x81, 0x00};
	struct dkim_pubkey *key = NULL;
	struct err err = ERR_INIT;
	const size_t n_end = 7 + 128;

	(void)state;
	memset(der + 7, 0xc5, 128);
	for (size_t e_len = 8; e_len <= 9; e_len++) {
		size_t len = n_end + 2 + e_len;
		der[2] = (uint8_t)(len - 3);
		der[n_end] = 0x02;
		der[n_end + 1] = (uint8_t)e_len;
		memset(der + n_end + 2, 0x41, e_len);
		int rc = dkim_pubkey_parse(KEY_RSA_SHA256, slice_new(der, len), &key, &err);
		assert_int_equal(rc, e_len == 8 ? 0 : -1);
		if (rc == 0)
			dkim_pubkey_free(key);
	}
	assert_non_null(strstr(err.text, "more than 64 bits"));
}

/* After the others: what is no mutation (test_mutation.c), of no store (tests/e2e/verify.sh) and no lack of memory
 * (test_nomem.c) was said here. */
static void
verify_sentences_all_said(void **state)
{
	static const enum verify_say ELSEWHERE[] = {VERIFY_SAY_UNCHECKED, VERIFY_SAY_REVOKED_AT,
	    VERIFY_SAY_REVOKED_THERE, VERIFY_SAY_REVOKED_UNKNOWN, VERIFY_SAY_GONE_AT,
	    VERIFY_SAY_OURS, VERIFY_SAY_UNSIGNED, VERIFY_SAY_BODY_LARGE, VERIFY_SAY_HEADER_LARGE,
	    VERIFY_SAY_COPY_DIFFERS, VERIFY_SAY_COPIES_MANY, VERIFY_SAY_ABSENT_SIGNED};
	size_t missing = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(ELSEWHERE) / sizeof(ELSEWHERE[0]); i++)
		said[ELSEWHERE[i]] = true;
	for (size_t i = 0; i < MUTATION_BODY_FIRST; i++) {
		if (!said[i])
			print_error("%s was not said\n", VERIFY_SENTENCES[i].name);
		missing += !said[i];
	}
	assert_int_equal(missing, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verify_signature_table),
	    cmocka_unit_test(verify_signature_rfc_messages_pass),
	    cmocka_unit_test(verify_prepare_names_key_and_flags),
	    cmocka_unit_test(verify_long_exponent_refused),
	    cmocka_unit_test(verify_sentences_all_said),
	};
	return cmocka_run_group_tests_name("verify", tests, load_records, free_records);
}
