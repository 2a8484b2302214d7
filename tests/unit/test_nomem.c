/* SPDX-License-Identifier: ISC */
/* Memory that ends: each work is done again and again, and each time a later allocation fails, once or with all that
 * follow.  It must then say so, or give the same result; and leak nothing, which the sanitizer build sees.  The
 * linker hands our allocations over (--wrap), OpenSSL its own. */
#include "dkim/record.h"
#include "dkim/sha256.h"
#include "dkim/sign.h"
#include "dkim/verify.h"
#include "keys/table.h"

#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NEVER_FAILS SIZE_MAX
#define TRIES_MAX   20000

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_reallocarray(void *, size_t, size_t);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_reallocarray(void *, size_t, size_t);

static size_t seen, fail_at = NEVER_FAILS, failed;
static bool fail_for_good, ours_alone;

static bool
is_denied(void)
{
	size_t n = seen++;

	if (n != fail_at && !(fail_for_good && n > fail_at))
		return false;
	failed++;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return is_denied() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return is_denied() ? NULL : __real_calloc(count, size);
}

void *
__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return is_denied() ? NULL : __real_reallocarray(old, count, size);
}

static void *
openssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return !ours_alone && is_denied() ? NULL : __real_malloc(size);
}

static void *
openssl_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return !ours_alone && is_denied() ? NULL : realloc(old, size);
}

static void
openssl_free(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

#define MAIL "From: a@example.com\r\nTo: b@example.net\r\nSubject: memory\r\n\r\n"
#define BODY "One line \r\n\r\nand another\r\n\r\n"

static struct dkim_key *rsa, *ed25519;
static char pem[4096], record[2048], message[8192];

static int
do_sign(struct buf *out, struct err *err)
{
	struct dkim_key *const keys[] = {rsa, ed25519};
	struct canon_body body = {.md = NULL};
	struct header_list list = {NULL, 0, 0};
	struct arena arena;
	uint8_t bh[CANON_BH_LEN];
	size_t off;

	arena_init(&arena, 100000);
	int rc = header_list_parse(&list, slice_of(MAIL), 100, &off, err);
	if (rc == 0)
		rc = canon_body_init(&body, CANON_RELAXED, err);
	if (rc == 0)
		rc = canon_body_update(&body, slice_of(BODY), err);
	if (rc == 0)
		rc = canon_body_finish(&body, bh, err);
	for (size_t i = 0; rc == 0 && i < 2; i++) {
		struct sign_params p = {.key = keys[i],
		    .bh = bh,
		    .rules = HEADER_RULES,
		    .domain = slice_of("example.com"),
		    .selector = slice_of("s1"),
		    .header_canon = CANON_RELAXED,
		    .body_canon = CANON_RELAXED,
		    .signed_at = 1000,
		    .expires_at = SIGNATURE_NO_TIME};
		rc = sign_header(&p, &list, &arena, out, err);
	}
	canon_body_deinit(&body);
	header_list_deinit(&list);
	arena_deinit(&arena);
	return rc;
}

static int
do_key(struct buf *out, struct err *err)
{
	struct dkim_key *key = NULL;

	int rc = dkim_key_parse_pem(slice_of(pem), &key, err);
	if (rc == 0)
		rc = dkim_key_format_pem(key, out, err);
	if (rc == 0)
		rc = key_record_format(key, out, err);
	dkim_key_free(key);
	return rc;
}

static int
do_table(struct buf *out, struct err *err)
{
	static const char TEXT[] =
	    "signpost-table 1\ngeneration 1\ndomain example.com\nkey example.com s1 rsa-sha256 "
	    "k.pem "
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nallow bare example.com\n"
	    "allow network 10.0.0.0/8 daemon=X example.com\nallow login \"u@X.example\" "
	    "example.com\nend 7\n";
	struct table *table = NULL;

	if (table_parse(slice_of(TEXT), "t", &table, err) != 0)
		return -1;
	struct table_writer w;
	table_write_begin(&w, out, table->generation, 0, false);
	for (size_t i = 0; i < table->domain_count; i++)
		table_write_domain(&w, &table->domains[i]);
	for (size_t i = 0; i < table->allow_count; i++)
		table_write_allow(&w, &table->allows[i]);
	table_write_end(&w);
	table_free(table);
	return buf_check(out, "the table", err);
}

/* A verifier reports and does not fail; what it may not do is accuse: only pass, or that it could not be checked. */
static int
do_verify(struct buf *out, struct err *err)
{
	struct header_list list = {NULL, 0, 0};
	struct slice txt = slice_of(record);
	const struct verify_records records = {.txt = &txt, .count = 1};
	struct verify_report report = {.result = VERIFY_NEUTRAL};
	size_t off;

	int rc = header_list_parse(&list, slice_of(message), 100, &off, err);
	if (rc == 0) {
		struct verify_message m = {&list, 0, slice_from(slice_of(message), off), NULL};
		verify_signature(&m, &records, 1000, &report);
		buf_put_str(out, verify_result_name(report.result));
		rc = buf_check(out, "the result", err);
	}
	header_list_deinit(&list);
	if (rc != 0 || report.result != VERIFY_TEMPERROR)
		return rc;
	assert_true(verify_told(&report.words, VERIFY_SAY_UNCHECKED));
	return err_set(err, ERR_NOMEM, "%s", report.words.list[0].verdict);
}

typedef int work(struct buf *out, struct err *err);

static int
run(work *w, struct buf *out, struct err *err)
{
	buf_init(out, 65536);
	seen = failed = 0;
	int rc = w(out, err);
	fail_at = NEVER_FAILS;
	return rc;
}

static void
fails_cleanly(work *w, bool for_good)
{
	struct buf want, got;
	struct err err = ERR_INIT;
	size_t n = 0, errors = 0;

	if (run(w, &want, &err) != 0)
		fail_msg("%s", err.text);
	for (fail_for_good = for_good;; n++) {
		assert_true(n < TRIES_MAX);
		err = (struct err)ERR_INIT;
		fail_at = n;
		int rc = run(w, &got, &err);
		if (rc == 0 && !slice_eq(buf_slice(&want), buf_slice(&got)))
			fail_msg("allocation %zu: another result: %s", n, buf_str(&got));
		if (rc != 0 && (failed == 0 || (err.kind != ERR_NOMEM && err.kind != ERR_CRYPTO &&
						   err.kind != ERR_LIMIT)))
			fail_msg("allocation %zu: kind %d: %s", n, (int)err.kind, err.text);
		errors += rc != 0;
		buf_deinit(&got);
		if (failed == 0)
			break;
	}
	assert_true(errors > 0);
	buf_deinit(&want);
}

#define TEST(name, alone)                                                                          \
	static void name##_fails_cleanly(void **state)                                             \
	{                                                                                          \
		(void)state;                                                                       \
		ours_alone = (alone);                                                              \
		fails_cleanly(do_##name, false);                                                   \
		fails_cleanly(do_##name, true);                                                    \
	}
/* Where keys are read, our own allocations alone: OpenSSL does not tell a bad key from no memory. */
TEST(sign, false)
TEST(key, true)
TEST(table, false)
TEST(verify, true)

static int
make_keys(void **state)
{
	static const uint8_t SEED[32] = {7};
	struct err err = ERR_INIT;
	struct buf text;

	(void)state;
	if (dkim_key_generate(KEY_RSA_SHA256, 2048, &rsa, &err) != 0 ||
	    dkim_key_parse_ed25519_seed(SEED, &ed25519, &err) != 0)
		return -1;
	buf_init(&text, sizeof pem - 1);
	if (dkim_key_format_pem(ed25519, &text, &err) != 0 ||
	    !slice_to_str(buf_slice(&text), pem, sizeof pem))
		return -1;
	buf_clear(&text);
	if (key_record_format(ed25519, &text, &err) != 0 ||
	    !slice_to_str(buf_slice(&text), record, sizeof record))
		return -1;
	buf_clear(&text);
	/* the second signature is the Ed25519 key's: on top, alone */
	struct buf both;
	buf_init(&both, 65536);
	if (do_sign(&both, &err) != 0)
		return -1;
	snprintf(message, sizeof message, "DKIM-Signature:%s\r\n" MAIL BODY,
	    strstr(buf_str(&both) + 1, " v=1;"));
	buf_deinit(&both);
	buf_deinit(&text);
	return 0;
}

static int
free_keys(void **state)
{
	(void)state;
	dkim_key_free(rsa);
	dkim_key_free(ed25519);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sign_fails_cleanly),
	    cmocka_unit_test(key_fails_cleanly),
	    cmocka_unit_test(table_fails_cleanly),
	    cmocka_unit_test(verify_fails_cleanly),
	};

	if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
		return 1;
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
