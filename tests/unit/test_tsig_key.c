/* SPDX-License-Identifier: ISC */
/* TSIG key files: what tsig-keygen writes and named.conf allows; what is refused, and that no text shows a secret. */
#include "keys/tsig_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "K2tf3TRrmE7TJd+m2NPBuwJ0HxnyVfYjZlEMKuGqpJc="

static void
parse_what_named_takes(void **state)
{
	static const struct {
		const char *name, *file, *key, *algorithm;
	} rows[] = {
	    {"tsig-keygen", "key \"signpost\" {\n\talgorithm hmac-sha256;\n\tsecret \"" SECRET "\";\n};\n", "signpost", "hmac-sha256"},
	    {"one line", "key a.b{algorithm hmac-sha512;secret " SECRET ";};", "a.b", "hmac-sha512"},
	    {"other order, case and dots", "KEY \"Sign.Post.\" { SECRET \"" SECRET "\"; Algorithm \"HMAC-SHA1.\"; };", "sign.post", "hmac-sha1"},
	    {"comments", "# one\n// two\n/* three\n */ key /* four */ x { # five };\n algorithm hmac-sha256; // }\n secret \"" SECRET "\"; };\n# end",
		"x", "hmac-sha256"},
	    {"CRLF", "key x {\r\n algorithm hmac-sha256;\r\n secret \"" SECRET "\";\r\n};\r\n", "x", "hmac-sha256"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tsig_key key;
		struct err err = ERR_INIT;
		if (tsig_key_parse(slice_of(rows[i].file), &key, &err) != 0)
			fail_msg("%s: %s", rows[i].name, err.text);
		assert_string_equal(key.name, rows[i].key);
		assert_string_equal(key.algorithm, rows[i].algorithm);
		assert_string_equal(key.secret, SECRET);
		tsig_key_wipe(&key);
		for (size_t b = 0; b < sizeof(key); b++)
			assert_int_equal(((const uint8_t *)&key)[b], 0);
	}
}

#define GOOD "algorithm hmac-sha256; secret \"" SECRET "\"; "

static void
parse_what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *file, *words;
		enum err_kind kind;
	} rows[] = {
	    {"", "line 1: there is no key in the file", ERR_INPUT},
	    {"# nothing\n\n", "line 3: there is no key in the file", ERR_INPUT},
	    {"/* no end", "line 1: it does not begin with `key`", ERR_INPUT},
	    {"hmac-sha256:x:" SECRET, "it does not begin with `key`", ERR_INPUT},
	    {"\"key\" x { " GOOD "};", "it does not begin with `key`", ERR_INPUT},
	    {"key { " GOOD "};", "the key has no name", ERR_INPUT},
	    {"key \"a b\" { " GOOD "};", "not a domain name", ERR_INPUT},
	    {"key \"a..b\" { " GOOD "};", "not a domain name", ERR_INPUT},
	    {"key \"\" { " GOOD "};", "not a domain name", ERR_INPUT},
	    {"key .a { " GOOD "};", "not a domain name", ERR_INPUT},
	    {"key x " GOOD "};", "a '{' is missing", ERR_INPUT},
	    {"key x { " GOOD "}", "does not end with `};`", ERR_INPUT},
	    {"key x { " GOOD, "does not end with `};`", ERR_INPUT},
	    {"key x { " GOOD "}; }", "something follows the key", ERR_INPUT},
	    {"key x { " GOOD "};\nkey y { " GOOD "};", "line 2: something follows the key: one key a file", ERR_INPUT},
	    {"key x { secret \"" SECRET "\"; };", "there is no algorithm", ERR_INPUT},
	    {"key x { algorithm hmac-sha256; };", "there is no secret", ERR_INPUT},
	    {"key x { " GOOD "secret \"" SECRET "\"; };", "a second secret", ERR_INPUT},
	    {"key x { algorithm hmac-sha512; " GOOD "};", "a second algorithm", ERR_INPUT},
	    {"key x { " GOOD "colour blue; };", "neither algorithm nor secret", ERR_INPUT},
	    {"key x {\nalgorithm hmac-sha256\nsecret \"" SECRET "\"; };", "line 3: a ';' is missing", ERR_INPUT},
	    {"key x { algorithm; };", "algorithm has no value", ERR_INPUT},
	    {"key x { algorithm hmac-sha384; secret \"" SECRET "\"; };", "ldns", ERR_CONFIG},
	    {"key x { algorithm hmac-sha224; secret \"" SECRET "\"; };", "ldns", ERR_CONFIG},
	    {"key x { algorithm hmac-md5; secret \"" SECRET "\"; };", "RFC 8945 forbids MD5", ERR_CONFIG},
	    {"key x { algorithm HMAC-MD5.SIG-ALG.REG.INT.; secret \"" SECRET "\"; };", "RFC 8945 forbids MD5", ERR_CONFIG},
	    {"key x { algorithm hmac-sha256-128; secret \"" SECRET "\"; };", "the algorithm is not known", ERR_INPUT},
	    {"key x { algorithm hmac-sha256; secret \"not*base64*at*all*\"; };", "the secret is not base64", ERR_INPUT},
	    {"key x { algorithm hmac-sha256; secret \"K2tf3TRrmE7TJd+m2N\nPBuwJ0HxnyVfYjZlEMKuGqpJc=\"; };", "secret has no value", ERR_INPUT},
	    {"key x { algorithm hmac-sha256; secret \"K2tf 3TRrmE7TJd+m2NPBuwJ0HxnyVf=\"; };", "the secret is not base64", ERR_INPUT},
	    {"key x { algorithm hmac-sha256; secret \"c2hvcnQ=\"; };", "shorter than 16 octets", ERR_INPUT},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tsig_key key;
		struct err err = ERR_INIT;
		if (tsig_key_parse(slice_of(rows[i].file), &key, &err) != -1)
			fail_msg("was taken: %s", rows[i].file);
		if (err.kind != rows[i].kind || strstr(err.text, rows[i].words) == NULL)
			fail_msg("%s: %s", rows[i].file, err.text);
		assert_null(strstr(err.text, "K2tf"));
		for (size_t b = 0; b < sizeof(key); b++)
			assert_int_equal(((const uint8_t *)&key)[b], 0);
	}
}

static void
load_mode_and_owner_are_looked_at(void **state)
{
	static const struct {
		mode_t mode;
		bool good;
	} rows[] = {{0600, true}, {0640, true}, {0400, true}, {0440, true}, {0644, false}, {0660, false}, {0620, false}, {0641, false}};
	char dir[] = "/tmp/signpost-test-XXXXXX", path[64];
	struct tsig_key key;
	struct err err = ERR_INIT;
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("key x { " GOOD "};\n", f);
	fclose(f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(chmod(path, rows[i].mode), 0);
		int rc = tsig_key_load(path, &key, &err);
		if ((rc == 0) != rows[i].good)
			fail_msg("mode %04o: %d", (unsigned)rows[i].mode, rc);
		tsig_key_wipe(&key);
	}
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(tsig_key_load(path, &key, &err), -1);
		assert_non_null(strstr(err.text, "belongs to user 65534"));
	}
	unlink(path);
	assert_int_equal(tsig_key_load(path, &key, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(tsig_key_load(path, &key, &err), -1); /* and does not hang */
	unlink(path);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parse_what_named_takes),
	    cmocka_unit_test(parse_what_is_wrong_is_named),
	    cmocka_unit_test(load_mode_and_owner_are_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
