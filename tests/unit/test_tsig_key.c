/* SPDX-License-Identifier: ISC */
/* TSIG key files: what tsig-keygen writes and named.conf allows; what is refused, and that no text shows a secret. */
#include "keys/tsig_key.h"
#include "tests/unit/said.h"

#include <sys/stat.h>
#include <unistd.h>

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

#define AS_KEYGEN                                                                                                              \
	"; a key file is as tsig-keygen writes it: key \"NAME\" { algorithm hmac-sha256; secret \"BASE64\"; };"

struct wrong_row {
	const char *text, *situation;
	const char *file;
	enum err_kind kind;
};

static const struct wrong_row WRONG[] = {
    {"line 1: there is no key in the file; a key file is as tsig-keygen writes it: key \"NAME\" { algorithm hmac-sha256; secret \"BASE64\"; };", "an empty file",
	"", ERR_INPUT},
    {"line 3: there is no key in the file" AS_KEYGEN, "comments alone",
	"# nothing\n\n", ERR_INPUT},
    {"line 1: it does not begin with `key`" AS_KEYGEN, "a comment without an end",
	"/"
	"* no end", ERR_INPUT},
    {"line 1: it does not begin with `key`" AS_KEYGEN, "a key as of dig -y",
	"hmac-sha256:x:" SECRET, ERR_INPUT},
    {"line 1: it does not begin with `key`" AS_KEYGEN, "a keyword in quotes",
	"\"key\" x { " GOOD "};", ERR_INPUT},
    {"line 1: the key has no name" AS_KEYGEN, "no name",
	"key { " GOOD "};", ERR_INPUT},
    {"line 1: the key's name is not a domain name" AS_KEYGEN, "a blank in the name",
	"key \"a b\" { " GOOD "};", ERR_INPUT},
    {"line 1: the key's name is not a domain name" AS_KEYGEN, "an empty label",
	"key \"a..b\" { " GOOD "};", ERR_INPUT},
    {"line 1: the key's name is not a domain name" AS_KEYGEN, "an empty name",
	"key \"\" { " GOOD "};", ERR_INPUT},
    {"line 1: the key's name is not a domain name" AS_KEYGEN, "a dot in front",
	"key .a { " GOOD "};", ERR_INPUT},
    {"line 1: a '{' is missing" AS_KEYGEN, "no brace",
	"key x " GOOD "};", ERR_INPUT},
    {"line 1: the key does not end with `};`" AS_KEYGEN, "no last semicolon",
	"key x { " GOOD "}", ERR_INPUT},
    {"line 1: the key does not end with `};`" AS_KEYGEN, "cut off",
	"key x { " GOOD, ERR_INPUT},
    {"line 1: something follows the key: one key a file" AS_KEYGEN, "more braces than are opened",
	"key x { " GOOD "}; }", ERR_INPUT},
    {"line 2: something follows the key: one key a file" AS_KEYGEN, "two keys",
	"key x { " GOOD "};\nkey y { " GOOD "};", ERR_INPUT},
    {"line 1: there is no algorithm" AS_KEYGEN, "no algorithm",
	"key x { secret \"" SECRET "\"; };", ERR_INPUT},
    {"line 1: there is no secret" AS_KEYGEN, "no secret",
	"key x { algorithm hmac-sha256; };", ERR_INPUT},
    {"line 1: a second secret" AS_KEYGEN, "two secrets",
	"key x { " GOOD "secret \"" SECRET "\"; };", ERR_INPUT},
    {"line 1: a second algorithm" AS_KEYGEN, "two algorithms",
	"key x { algorithm hmac-sha512; " GOOD "};", ERR_INPUT},
    {"line 1: neither algorithm nor secret" AS_KEYGEN, "a statement of others",
	"key x { " GOOD "colour blue; };", ERR_INPUT},
    {"line 3: a ';' is missing" AS_KEYGEN, "a line without its semicolon",
	"key x {\nalgorithm hmac-sha256\nsecret \"" SECRET "\"; };", ERR_INPUT},
    {"line 1: algorithm has no value" AS_KEYGEN, "an algorithm without its name",
	"key x { algorithm; };", ERR_INPUT},
    {"line 1: algorithm hmac-sha384 is not taken: the DNS library (ldns) has its name wrong, so that servers do not know it; make a key with `tsig-keygen -a hmac-sha256 NAME`", "a truncated name in ldns",
	"key x { algorithm hmac-sha384; secret \"" SECRET "\"; };", ERR_CONFIG},
    {"line 1: algorithm hmac-sha224 is not taken: the DNS library (ldns) does not know it; make a key with `tsig-keygen -a hmac-sha256 NAME`", "an algorithm that ldns lacks",
	"key x { algorithm hmac-sha224; secret \"" SECRET "\"; };", ERR_CONFIG},
    {"line 1: algorithm hmac-md5 is not taken: RFC 8945 forbids MD5; make a key with `tsig-keygen -a hmac-sha256 NAME`", "MD5",
	"key x { algorithm hmac-md5; secret \"" SECRET "\"; };", ERR_CONFIG},
    {"line 1: algorithm hmac-md5.sig-alg.reg.int is not taken: RFC 8945 forbids MD5; make a key with `tsig-keygen -a hmac-sha256 NAME`", "MD5 by its whole name",
	"key x { algorithm HMAC-MD5.SIG-ALG.REG.INT.; secret \"" SECRET "\"; };", ERR_CONFIG},
    {"line 1: the algorithm is not known (hmac-sha256 and hmac-sha512 are)" AS_KEYGEN, "an algorithm that nobody knows",
	"key x { algorithm hmac-sha256-128; secret \"" SECRET "\"; };", ERR_INPUT},
    {"line 1: the secret is not base64" AS_KEYGEN, "other signs than base64's",
	"key x { algorithm hmac-sha256; secret \"not*base64*at*all*\"; };", ERR_INPUT},
    {"line 1: secret has no value" AS_KEYGEN, "a secret over two lines",
	"key x { algorithm hmac-sha256; secret \"K2tf3TRrmE7TJd+m2N\nPBuwJ0HxnyVfYjZlEMKuGqpJc=\"; };", ERR_INPUT},
    {"line 1: the secret is not base64" AS_KEYGEN, "a blank in the secret",
	"key x { algorithm hmac-sha256; secret \"K2tf 3TRrmE7TJd+m2NPBuwJ0HxnyVf=\"; };", ERR_INPUT},
    {"line 1: the secret is shorter than 16 octets" AS_KEYGEN, "a secret of five octets",
	"key x { algorithm hmac-sha256; secret \"c2hvcnQ=\"; };", ERR_INPUT},
};

static void
parse_what_is_wrong_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
		struct tsig_key key;
		struct err err = ERR_INIT;
		if (tsig_key_parse(slice_of(WRONG[i].file), &key, &err) != -1)
			fail_msg("%s: it was taken", WRONG[i].situation);
		if (err.kind != WRONG[i].kind || strcmp(err.text, WRONG[i].text) != 0)
			fail_msg("%s: it says %s", WRONG[i].situation, err.text);
		assert_null(strstr(err.text, "K2tf"));
		for (size_t b = 0; b < sizeof(key); b++)
			assert_int_equal(((const uint8_t *)&key)[b], 0);
	}
}

static const struct said_row LOADED[] = {
    {"*/key: cannot open the TSIG key: No such file or directory", "the file is gone"},
    {"*/key: is not a regular file", "a pipe in its place"},
    {"*/key has mode 0644: others could read or change the secret; chmod 0640 it*", "a file that all may read"},
    {"*/key: line 1: there is no algorithm; a key file is as tsig-keygen writes it: *", "what is in the file is wrong"},
};

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
		if (rc != 0)
			hear(err.text);
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
	hear(err.text);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(tsig_key_load(path, &key, &err), -1); /* and does not hang */
	hear(err.text);
	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("key x { secret \"" SECRET "\"; };\n", f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(tsig_key_load(path, &key, &err), -1);
	hear(err.text);
	HEARD_ALL(LOADED);
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
