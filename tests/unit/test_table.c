/* SPDX-License-Identifier: ISC */
#include "keys/table.h"
#include "tests/unit/said.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define HEAD "signpost-table 1\ngeneration 42\n"

static struct table *
parse(const char *text)
{
	struct table *t = NULL;
	struct err err = ERR_INIT;

	if (table_parse(slice_of(text), "t", &t, &err) != 0)
		fail_msg("%s", err.text);
	return t;
}

static const char WHOLE[] = "# by hand\n"
			    "signpost-table 1\n"
			    "generation 42\n"
			    "date 1795305600\n"
			    "clock untrusted\n"
			    "set on_error accept\n"
			    "set dry_run yes\n"
			    "set header_len_max 65536\n"
			    "\n"
			    "domain Example.COM c=simple/relaxed t=no x=604800 keyless=unsigned\n"
			    "key example.com s1 rsa-sha256 keys/example.com/s1.pem " HASH "\n"
			    "domain b\xc3\xbc"
			    "cher.example\n"
			    "key example.com S2 ed25519-sha256 \"./a b//\\\"q\\\".pem\" " HASH "\n"
			    "allow bare example.com .example.org\n"
			    "allow local *\n"
			    "allow network 10.1.0.0/16 daemon=submission example.com\n"
			    "allow network 127.0.0.0/8 *\n"
			    "allow login \"Shop\\\\x\" example.org\n"
			    "allow login User@Example.COM\n"
			    "end 19\n";

static void
table_parse_whole_each_value(void **state)
{
	(void)state;
	struct table *t = parse(WHOLE);

	assert_int_equal(t->generation, 42);
	assert_int_equal(t->date, 1795305600);
	assert_true(t->clock_untrusted && t->settings.dry_run);
	assert_int_equal(t->settings.on_error, ON_ERROR_ACCEPT);
	assert_int_equal(t->settings.header_len_max, 65536);
	assert_int_equal(t->settings.header_count_max, 1000);
	assert_int_equal(t->domain_count, 2);
	assert_int_equal(t->key_count, 2);
	assert_string_equal(t->domains[1].name, "xn--bcher-kva.example");
	assert_int_equal(t->domains[1].key_count, 0);
	assert_int_equal(t->domains[1].keyless, KEYLESS_TEMPFAIL);
	const struct table_domain *d = table_find_domain(t, slice_of("example.com"));
	assert_non_null(d);
	assert_int_equal(d->header_canon, CANON_SIMPLE);
	assert_int_equal(d->body_canon, CANON_RELAXED);
	assert_int_equal(d->expire_after_s, 604800);
	assert_false(d->timestamp);
	assert_int_equal(d->keyless, KEYLESS_UNSIGNED);
	assert_int_equal(d->key_count, 2);
	assert_string_equal(d->keys[0].selector, "s1");
	assert_string_equal(d->keys[1].path, "a b/\"q\".pem");
	assert_int_equal(d->keys[1].alg, KEY_ED25519_SHA256);
	assert_int_equal(d->keys[1].spki_hash[31], 31);
	assert_int_equal(d->keys[1].line, 13);
	assert_string_equal(t->allows[2].daemon, "submission");
	assert_null(t->allows[3].daemon);
	table_free(t);
}

static void
table_find_signer_longest_suffix(void **state)
{
	static const struct {
		const char *author, *want;
	} rows[] = {
	    {"example.com", "example.com"},
	    {"a.b.example.com", "example.com"},
	    {"x.sub.example.com", "sub.example.com"},
	    {"notexample.com", NULL},
	    {"com", NULL},
	    {"", NULL},
	};
	(void)state;
	struct table *t = parse(HEAD "domain sub.example.com\ndomain example.com\nend 4\n");

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct table_domain *d = table_find_signer(t, slice_of(rows[i].author));
		if (rows[i].want == NULL)
			assert_null(d);
		else
			assert_string_equal(d->name, rows[i].want);
	}
	table_free(t);
}

static void
table_find_login_local_part_exact_domain_without_case(void **state)
{
	static const struct {
		const char *login;
		bool found;
	} rows[] = {
	    {"User@example.com", true},
	    {"User@EXAMPLE.com", true},
	    {"user@example.com", false},
	    {"Shop\\x", true},
	    {"shop\\x", false},
	    {"r@LOCALHOST", true},
	    {"", false},
	    {"User@example.co", false},
	};
	(void)state;
	struct table *t =
	    parse(HEAD "allow login \"Shop\\\\x\" a.example\nallow login User@Example.COM\n"
		       "allow login r@localhost\nend 5\n");

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(
		    table_find_login(t, slice_of(rows[i].login)) != NULL, rows[i].found);
	assert_int_equal(table_find_login(t, slice_of("r@localhost"))->entry_count, 0);
	table_free(t);
}

static void
write_all(const struct table *t, struct buf *out)
{
	struct table_writer w;

	table_write_begin(&w, out, t->generation, t->date, t->clock_untrusted);
	table_write_comment(&w, "written\nby a test");
	table_write_settings(&w, &t->settings);
	for (size_t i = 0; i < t->domain_count; i++)
		table_write_domain(&w, &t->domains[i]);
	for (size_t i = 0; i < t->allow_count; i++)
		table_write_allow(&w, &t->allows[i]);
	table_write_end(&w);
}

static void
table_write_what_was_parsed_parses_to_the_same(void **state)
{
	(void)state;
	struct table *t = parse(WHOLE);
	struct buf once, twice;

	buf_init(&once, 100000);
	buf_init(&twice, 100000);
	write_all(t, &once);
	table_free(t);
	t = parse(buf_str(&once));
	assert_string_equal(
	    table_find_domain(t, slice_of("example.com"))->keys[1].path, "a b/\"q\".pem");
	assert_non_null(table_find_login(t, slice_of("Shop\\x")));
	assert_int_equal(t->settings.header_len_max, 65536);
	write_all(t, &twice);
	assert_string_equal(buf_str(&once), buf_str(&twice));
	table_free(t);
	buf_deinit(&once);
	buf_deinit(&twice);
}

/* Why there is no signing table, as doctor tells it. */
static const struct said_row WHYS[] = {
    {"*: no signing table: the first row must be `signpost-table 1`", "empty"},
    {"*: format 2 is newer than this program (1): update signpost-milter, or write the table with a signpost of its age", "newer"},
    {"*: format `one` is no number; this program reads format 1", "format word"},
    {"*: no `end` line: the file is cut; write it again (signpost tick), or add `end 2` as its last line", "no end"},
    {"*: no `end` line: the file is cut; write it again (signpost tick), or add `end 3` as its last line", "no end, cut in a row"},
    {"*: has 3 lines before `end 17`: the file is cut, or was edited; count its lines and mend the number", "wrong count"},
    {"*: `end ` needs the number of lines before it: `end 3`", "cut count"},
    {"*: lines stand behind the end line; move them before it and mend its number", "behind end"},
    {"*: no generation row; write `generation 1` behind the first row", "no generation"},
    {"*: a second generation row; keep one", "generation twice"},
    {"*: generation `-1` is no number", "generation word"},
    {"*: a second date row; keep the later one", "date twice"},
    {"*: date `today` is no number of Unix seconds (`date +%s` prints it)", "date word"},
    {"*: clock `wrong`; only `clock untrusted` exists, a trusted clock has no row", "clock word"},
    {"*: a second clock row; keep one", "clock twice"},
    {"*: `sign` is no statement of a signing table; signing-table(5) lists them", "statement"},
    {"*: `signpost-table` is no statement of a signing table; signing-table(5) lists them", "format again"},
    {"*: no setting is called `on_eror`; signing-table(5) lists them", "setting"},
    {"*: dry_run is set twice; keep one row", "setting twice"},
    {"*: on_error is `reject`, which is none of: tempfail, accept", "setting name"},
    {"*: dry_run is `1`, which is none of: yes, no", "setting bool"},
    {"*: header_len_max is `4095`, not a number from 4096 to 16777216", "setting range"},
    {"*: the row ends where the setting's value should stand", "setting without value"},
    {"*: `no` is too much in this row; take it out", "too much"},
    {"*: domain: \"exa_mple.com\" is no domain name: only letters, digits and \"-\" may stand in a label", "domain bad"},
    {"*: domain: \"localhost\" is no domain name: it has only one label", "domain one label"},
    {"*: the row ends where a domain should stand", "domain none"},
    {"*: domain example.com is already in line 3; keep one of the two rows", "domain twice"},
    {"*: `l=5` is no option of a domain; there are c=, t=, x= and keyless=", "domain option"},
    {"*: x= stands twice; keep one", "domain option twice"},
    {"*: c is `relaxed`, not HEADER/BODY with simple or relaxed each, as relaxed/relaxed", "domain c"},
    {"*: x is `1h`, not a number from 0 to 315360000", "domain x"},
    {"*: key of example.com stands before its domain row in line 4; move it behind", "key before domain"},
    {"*: key of example.com, which has no domain row; write `domain example.com` before it", "key without domain"},
    {"*: selector `s!` is no DNS name of letters, digits and hyphens", "selector"},
    {"*: selector S of a.example is already in line 4; keep one of the two rows", "selector twice"},
    {"*: algorithm `rsa-sha1` is none of: rsa-sha256, ed25519-sha256", "algorithm"},
    {"*: key file `/etc/k` must be named relative to the table's directory", "path absolute"},
    {"*: key file `k/../../x` has `..`; keys lie below the table's directory", "path up"},
    {"*: key file `./` is a directory", "path directory"},
    {"*: `AAEC` is no base64 of 32 octets; it is the SHA-256 of the key's DER public key", "hash short"},
    {"*: `!!!!` is no base64 of 32 octets; it is the SHA-256 of the key's DER public key", "hash bad"},
    {"*: the row ends where the base64 SHA-256 of the public key should stand", "hash none"},
    {"*: the row ends where bare, local, network or login should stand", "allow alone"},
    {"*: the row ends where a network, as 10.1.0.0/16 should stand", "network alone"},
    {"*: the row names no domain, so it allows nothing; add the domains or take it out", "network entries"},
    {"*: a quoted word has no closing quote; add it", "network quote"},
    {"*: domain entry: \"*.x.example\" is no domain name: write \".example.com\" for all names below example.com, \"*\" for every name", "network entry"},
    {"*: the row ends where a setting's name should stand", "set alone"},
    {"*: the row ends where Unix seconds should stand", "date alone"},
    {"*: the row ends where `untrusted` should stand", "clock alone"},
    {"*: the row ends where a number should stand", "generation alone"},
    {"*: allow `all` is none of: bare, local, network, login", "allow kind"},
    {"*: domain entry: \"*.example.com\" is no domain name: write \".example.com\" for all names below example.com, \"*\" for every name", "allow entry"},
    {"*: network: \"10.1.2.3/16\" has bits set behind its prefix length; write 10.1.0.0/16, or the address alone", "network bad"},
    {"*: daemon= is empty; write the MTA's {daemon_name} behind it, or take it out", "daemon empty"},
    {"*: a login has 1 to 512 octets, this one 0", "login empty"},
    {"*: login a@b.example is already in line 3; join the two rows", "login twice"},
    {"*: `x` touches a closing quote; put a space between", "quote touches"},
    {"*: `sh\"op` has a quote inside; quote the whole word, as \"a word\"", "quote inside"},
    {"*: control octet 0x0b; save the file as text with UNIX line ends", "control"},
    {"*: a NUL octet: this is no text file, or a disk lost a block of it; write the table again (signpost tick)", "NUL"},
    {"*: more than * keys for *, and all of them would sign; take out the old ones", "keys"},
    {"*: longer than * octets", "a long row"},
    {"*: the row ends where a selector should stand", "key alone"},
    {"*: the row ends where an algorithm should stand", "key without algorithm"},
    {"*: the row ends where the key file's path should stand", "key without file"},
};

static int
heard_parse(struct slice text, const char *path, struct table **out, struct err *err)
{
	int rc = table_parse(text, path, out, err);

	if (rc != 0)
		hear(err->text);
	return rc;
}
#define table_parse heard_parse

/* Every refusal: where, which object, why. */
static const struct {
	const char *name, *text, *want;
} REFUSALS[] = {
    {"empty", "", "t:1: no signing table"},
    {"foreign file", "root:x:0:0\n",
	"t:1: no signing table: the first row must be `signpost-table 1`"},
    {"newer", "# x\nsignpost-table 2\nmystery\n",
	"t:2: format 2 is newer than this program (1): update signpost-milter, or"},
    {"format word", "signpost-table one\n", "t:1: format `one` is no number"},
    {"no end", HEAD, "t:2: no `end` line: the file is cut"},
    {"no end, cut in a row", HEAD "domain exam", "t:3: no `end` line: the file is cut"},
    {"wrong count", HEAD "# 3\nend 17\n",
	"t:4: has 3 lines before `end 17`: the file is cut, or was edited; count its lines and "
	"mend the number"},
    {"cut count", HEAD "# 3\nend\n", "t:4: `end ` needs the number of lines before it: `end 3`"},
    {"behind end", HEAD "end 2\n# more\n", "t:4: lines stand behind the end line"},
    {"two ends", HEAD "end 2\nend 3\n", "t:4: lines stand behind the end line"},
    {"no generation", "signpost-table 1\nend 1\n", "t:1: no generation row"},
    {"generation twice", HEAD "generation 43\nend 3\n", "t:3: a second generation row"},
    {"generation word", "signpost-table 1\ngeneration -1\nend 2\n",
	"t:2: generation `-1` is no number"},
    {"date twice", HEAD "date 1\ndate 2\nend 4\n", "t:4: a second date row"},
    {"date word", HEAD "date today\nend 3\n", "t:3: date `today` is no number of Unix seconds"},
    {"clock word", HEAD "clock wrong\nend 3\n",
	"t:3: clock `wrong`; only `clock untrusted` exists"},
    {"clock twice", HEAD "clock untrusted\nclock untrusted\nend 4\n", "t:4: a second clock row"},
    {"statement", HEAD "sign everything\nend 3\n",
	"t:3: `sign` is no statement of a signing table"},
    {"format again", HEAD "signpost-table 1\nend 3\n", "t:3: `signpost-table` is no statement"},
    {"setting", HEAD "set on_eror accept\nend 3\n", "t:3: no setting is called `on_eror`"},
    {"setting twice", HEAD "set dry_run no\nset dry_run yes\nend 4\n", "t:4: dry_run is set twice"},
    {"setting name", HEAD "set on_error reject\nend 3\n",
	"t:3: on_error is `reject`, which is none of: tempfail, accept"},
    {"setting bool", HEAD "set dry_run 1\nend 3\n",
	"t:3: dry_run is `1`, which is none of: yes, no"},
    {"setting range", HEAD "set header_len_max 4095\nend 3\n",
	"t:3: header_len_max is `4095`, not a number from 4096 to 16777216"},
    {"setting without value", HEAD "set dry_run\nend 3\n",
	"t:3: the row ends where the setting's value should stand"},
    {"too much", HEAD "set dry_run yes no\nend 3\n", "t:3: `no` is too much in this row"},
    {"domain bad", HEAD "domain exa_mple.com\nend 3\n", "t:3: domain: "},
    {"domain one label", HEAD "domain localhost\nend 3\n", "t:3: domain: "},
    {"domain none", HEAD "domain\nend 3\n", "t:3: the row ends where a domain should stand"},
    {"domain twice", HEAD "domain example.com\ndomain EXAMPLE.com\nend 4\n",
	"t:4: domain example.com is already in line 3"},
    {"domain option", HEAD "domain example.com l=5\nend 3\n",
	"t:3: `l=5` is no option of a domain"},
    {"domain option twice", HEAD "domain example.com x=1 x=2\nend 3\n", "t:3: x= stands twice"},
    {"domain c", HEAD "domain example.com c=relaxed\nend 3\n",
	"t:3: c is `relaxed`, not HEADER/BODY"},
    {"domain x", HEAD "domain example.com x=1h\nend 3\n",
	"t:3: x is `1h`, not a number from 0 to 315360000"},
    {"key before domain",
	HEAD "key example.com s rsa-sha256 k " HASH "\ndomain example.com\nend 4\n",
	"t:3: key of example.com stands before its domain row in line 4"},
    {"key without domain", HEAD "key example.com s rsa-sha256 k " HASH "\nend 3\n",
	"t:3: key of example.com, which has no domain row; write `domain example.com` before it"},
    {"selector", HEAD "domain a.example\nkey a.example s! rsa-sha256 k " HASH "\nend 4\n",
	"t:4: selector `s!` is no DNS name"},
    {"selector twice",
	HEAD "domain a.example\nkey a.example s rsa-sha256 k " HASH
	     "\nkey a.example S rsa-sha256 k " HASH "\nend 5\n",
	"t:5: selector S of a.example is already in line 4"},
    {"algorithm", HEAD "domain a.example\nkey a.example s rsa-sha1 k " HASH "\nend 4\n",
	"t:4: algorithm `rsa-sha1` is none of: rsa-sha256, ed25519-sha256"},
    {"path absolute", HEAD "domain a.example\nkey a.example s rsa-sha256 /etc/k " HASH "\nend 4\n",
	"t:4: key file `/etc/k` must be named relative"},
    {"path up", HEAD "domain a.example\nkey a.example s rsa-sha256 k/../../x " HASH "\nend 4\n",
	"t:4: key file `k/../../x` has `..`"},
    {"path directory", HEAD "domain a.example\nkey a.example s rsa-sha256 ./ " HASH "\nend 4\n",
	"t:4: key file `./` is a directory"},
    {"hash short", HEAD "domain a.example\nkey a.example s rsa-sha256 k AAEC\nend 4\n",
	"t:4: `AAEC` is no base64 of 32 octets"},
    {"hash bad", HEAD "domain a.example\nkey a.example s rsa-sha256 k !!!!\nend 4\n",
	"t:4: `!!!!` is no base64 of 32 octets"},
    {"hash none", HEAD "domain a.example\nkey a.example s rsa-sha256 k\nend 4\n",
	"t:4: the row ends where the base64 SHA-256 of the public key should stand"},
    {"allow alone", HEAD "allow\nend 3\n", "t:3: the row ends where "},
    {"network alone", HEAD "allow network\nend 3\n", "t:3: the row ends where "},
    {"network entries", HEAD "allow network 10.0.0.0/8\nend 3\n", "t:3: the row names no domain"},
    {"network quote", HEAD "allow network 10.0.0.0/8 \"x\nend 3\n", "t:3: a quoted word has no closing quote"},
    {"network entry", HEAD "allow network 10.0.0.0/8 *.x.example\nend 3\n", "t:3: domain entry: "},
    {"set alone", HEAD "set\nend 3\n", "t:3: the row ends where "},
    {"date alone", HEAD "date\nend 3\n", "t:3: the row ends where "},
    {"clock alone", HEAD "clock\nend 3\n", "t:3: the row ends where "},
    {"generation alone", "signpost-table 1\ngeneration\nend 2\n", "t:2: the row ends where "},
    {"allow kind", HEAD "allow all *\nend 3\n",
	"t:3: allow `all` is none of: bare, local, network, login"},
    {"allow empty", HEAD "allow local\nend 3\n",
	"t:3: the row names no domain, so it allows nothing"},
    {"allow entry", HEAD "allow local *.example.com\nend 3\n", "t:3: domain entry: "},
    {"network bad", HEAD "allow network 10.1.2.3/16 *\nend 3\n", "t:3: network: "},
    {"network empty", HEAD "allow network 10.1.0.0/16 daemon=x\nend 3\n",
	"t:3: the row names no domain"},
    {"daemon empty", HEAD "allow network 10.1.0.0/16 daemon= *\nend 3\n", "t:3: daemon= is empty"},
    {"login empty", HEAD "allow login \"\" *\nend 3\n",
	"t:3: a login has 1 to 512 octets, this one 0"},
    {"login twice", HEAD "allow login a@B.example\nallow login a@b.example\nend 4\n",
	"t:4: login a@b.example is already in line 3"},
    {"quote open", HEAD "allow login \"shop\nend 3\n", "t:3: a quoted word has no closing quote"},
    {"quote escape", HEAD "allow login \"shop\\\nend 3\n",
	"t:3: a quoted word has no closing quote"},
    {"quote touches", HEAD "allow login \"shop\"x *\nend 3\n", "t:3: `x` touches a closing quote"},
    {"quote inside", HEAD "allow login sh\"op *\nend 3\n", "t:3: `sh\"op` has a quote inside"},
    {"key alone", HEAD "domain a.example\nkey a.example\nend 4\n", "t:4: the row ends where a selector"},
    {"key without algorithm", HEAD "domain a.example\nkey a.example s\nend 4\n", "t:4: the row ends where an algorithm"},
    {"key without file", HEAD "domain a.example\nkey a.example s rsa-sha256\nend 4\n",
	"t:4: the row ends where the key file's path"},
    {"control", HEAD "allow login a\vb *\nend 3\n", "t:3: control octet 0x0b"},
};

static void
table_parse_refusals_say_place_object_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
		struct table *t = NULL;
		struct err err = ERR_INIT;
		if (table_parse(slice_of(REFUSALS[i].text), "t", &t, &err) == 0)
			fail_msg("%s: was taken", REFUSALS[i].name);
		assert_null(t);
		assert_int_equal(err.kind, ERR_CONFIG);
		if (strncmp(err.text, REFUSALS[i].want, strlen(REFUSALS[i].want)) != 0)
			fail_msg("%s: says \"%s\", not \"%s\"", REFUSALS[i].name, err.text,
			    REFUSALS[i].want);
	}
}

static void
table_parse_nul_refused_with_its_line(void **state)
{
	static const char text[] = HEAD "domain a.example\n# \0\nend 4\n";
	struct table *t;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(table_parse(slice_new(text, sizeof text - 1), "t", &t, &err), -1);
	assert_memory_equal(err.text, "t:4: a NUL octet", 16);
}

/* Wherever a table is cut, it is refused; and always with the words of a cut table once its first row is whole. */
static void
table_parse_any_cut_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof WHOLE - 2; len++) {
		struct table *t;
		struct err err = ERR_INIT;
		assert_int_equal(table_parse(slice_new(WHOLE, len), "t", &t, &err), -1);
		if (len > 28 && strstr(err.text, "cut") == NULL &&
		    strstr(err.text, "`end ` needs") == NULL)
			fail_msg("cut at %zu: %s", len, err.text);
	}
}

static void
table_parse_keys_max_counted(void **state)
{
	struct buf b;
	struct table *t;
	struct err err = ERR_INIT;

	(void)state;
	for (int keys = TABLE_KEYS_MAX; keys <= TABLE_KEYS_MAX + 1; keys++) {
		buf_init(&b, 100000);
		buf_put_str(&b, HEAD "domain a.example\n");
		for (int i = 0; i < keys; i++)
			buf_printf(&b, "key a.example s%d rsa-sha256 k " HASH "\n", i);
		buf_printf(&b, "end %d\n", keys + 3);
		int result = table_parse(buf_slice(&b), "t", &t, &err);
		assert_int_equal(result, keys == TABLE_KEYS_MAX ? 0 : -1);
		if (result == 0)
			table_free(t);
		buf_deinit(&b);
	}
	assert_non_null(strstr(err.text, "t:12: more than 8 keys for a.example"));
}

static void
table_parse_large_every_row_found(void **state)
{
	struct buf b;
	char name[64];

	(void)state;
	buf_init(&b, TABLE_LEN_MAX);
	buf_put_str(&b, HEAD);
	for (int i = 0; i < 10000; i++)
		buf_printf(&b,
		    "domain d%d.example\nkey d%d.example a rsa-sha256 keys/d%d.example/a.pem " HASH
		    "\nkey d%d.example b ed25519-sha256 keys/d%d.example/b.pem " HASH "\n",
		    i, i, i, i, i);
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "allow login user%d@d%d.example .d%d.example\n", i, i, i);
	buf_put_str(&b, "end 31002\n");
	clock_t start = clock();
	struct table *t = parse(buf_str(&b));
	print_message("%zu octets parsed in %.1f ms\n", b.len,
	    (double)(clock() - start) * 1e3 / CLOCKS_PER_SEC);
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof name, "x.d%d.example", i);
		const struct table_domain *d = table_find_signer(t, slice_of(name));
		assert_string_equal(d->name, name + 2);
		assert_int_equal(d->key_count, 2);
		assert_string_equal(d->keys[1].selector, "b");
		assert_memory_equal(d->keys[1].path + 5, d->name, strlen(d->name));
	}
	assert_non_null(table_find_login(t, slice_of("user999@D999.example")));
	table_free(t);
	buf_deinit(&b);
}

/* Its length alone is looked at. */
static void
table_parse_too_long_refused(void **state)
{
	struct table *t = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(table_parse(slice_new(HEAD, (size_t)TABLE_LEN_MAX + 1), "t", &t, &err), -1);
	assert_non_null(strstr(err.text, "longer than"));
}

static void
whys_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(WHYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table_parse_whole_each_value),
	    cmocka_unit_test(table_find_signer_longest_suffix),
	    cmocka_unit_test(table_find_login_local_part_exact_domain_without_case),
	    cmocka_unit_test(table_write_what_was_parsed_parses_to_the_same),
	    cmocka_unit_test(table_parse_refusals_say_place_object_reason),
	    cmocka_unit_test(table_parse_nul_refused_with_its_line),
	    cmocka_unit_test(table_parse_any_cut_refused),
	    cmocka_unit_test(table_parse_keys_max_counted),
	    cmocka_unit_test(table_parse_large_every_row_found),
	    cmocka_unit_test(table_parse_too_long_refused),
	    cmocka_unit_test(whys_each_was_said), /* the last */
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
