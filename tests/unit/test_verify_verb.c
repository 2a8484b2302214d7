/* SPDX-License-Identifier: ISC */
/* What `verify` prints around its sentences (VERIFY_SENTENCES[], which test_mutation.c produces), what it puts into them, and
 * what it refuses, with the situation; each is produced by running it. */
#include "fixture_pass.h"
#include "signpost/message.h"
#include "signpost/verify_look.h"
#include "tests/unit/fake_dns.h"
#include "tests/unit/said_run.h"

#include <fcntl.h>
#include <sys/stat.h>

#define DOMAIN "example.test"
#define SEL    "sel._domainkey." DOMAIN
#define APEX                                                                                       \
	DOMAIN ". 700 IN SOA ns1." DOMAIN ". h." DOMAIN ". 42 60 60 86400 300\n" DOMAIN            \
	       ". 7200 IN NS ns1." DOMAIN ".\nns1." DOMAIN ". 60 IN A 127.0.0.1\n"
#define RSA "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define OURS CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n" POLICY_TIMES "}\n"

static const struct said_row LINES[] = {
    {"1 * reason=* d=example.test s=sel a=ed25519-sha256 c=simple/relaxed i=@example.test l=3 bits=*",
	"the first line of a signature: a signature that parses, with i=, l= and a key"},
    {"1 * reason=*", "the same of one that does not parse"},
    {"  key     found at *, as the command line says", "--records or --record"},
    {"  key     not found at *, as the command line says", "--records, and it is not in them"},
    {"  key     found at *, says the resolver * (* ms)", "a key that is not of our store"},
    {"  key     not found at *, says the resolver * (* ms): there is no such name", "NXDOMAIN"},
    {"  key     not found at *, says the resolver * (* ms): the name has no TXT", "another type stands there"},
    {"  key     not found at *, which leads to *, says the name server * (* ms)*", "a CNAME"},
    {"  key     not found at *, says the name server * (* ms): there is no such name", "a key of our store: its servers are asked"},
    {"  key     not found at *: nobody answered", "silence"},
    {"  asked   dig @* -p * TXT *.", "a resolver was asked"},
    {"  asked   dig +norec @* -p * TXT *.", "a name server was asked"},
    {"was not asked for", "the key of a signature that does not parse"},
    {"    mend  *", "what to do"},
    {"signpost: only the first 20 signatures were looked at", "more are in the message"},
    {"* the key is not of this store*", "put in: a key that is revoked, and no store of ours knows it"},
    {"* there is no store here that may be read*", "put in: a key that is revoked, and no store can be read"},
    {"* a time that is not known*", "put in: our key, of which one of two facts is missing"},
    {"--time now: want Unix seconds", "--time is no number"},
    {"--record x: want SELECTOR._domainkey.DOMAIN=FILE", "--record without ="},
    {"*:1: want NAME, a tab and the text of its TXT record", "--records: a line of another form"},
    {"*: No such file or directory", "the message is not there"},
    {"*: Permission denied; try: signpost verify < *", "the message is root's, and read as nobody"},
    {"*: there is no message", "an empty file"},
    {"*: the first line is no header field, so this is no message", "something else than a message"},
};

enum { AUTHORITY, RESOLVER, SERVERS };

struct lab {
	char dir[64];
	struct fake_dns *d;
	struct dns_endpoint authority, resolver;
	struct dns_zone_conf zone;
	struct config *config;
};

static int
lab_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	static char name[] = DOMAIN;
	struct err err = ERR_INIT;

	assert_non_null(lab);
	snprintf(lab->dir, sizeof(lab->dir), "/tmp/test_verify_verb.XXXXXX");
	assert_non_null(mkdtemp(lab->dir));
	assert_int_equal(chmod(lab->dir, 0755), 0);
	lab->d = fake_dns_start(SERVERS);
	lab->authority = fake_endpoint(lab->d, AUTHORITY);
	lab->resolver = fake_endpoint(lab->d, RESOLVER);
	lab->zone = (struct dns_zone_conf){name, &lab->authority, 1};
	assert_int_equal(config_parse(slice_of(""), "test", &lab->config, &err), 0);
	fake_zone(lab->d, AUTHORITY, DOMAIN, APEX);
	atomic_store(&lab->d->servers[RESOLVER].faults, FAKE_AS_RESOLVER);
	*state = lab;
	return 0;
}

static int
lab_down(void **state)
{
	struct lab *lab = *state;

	config_free(lab->config);
	fake_dns_stop(lab->d);
	assert_int_equal(nftw(lab->dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(lab);
	return 0;
}

static const char *
put_file(const struct lab *lab, const char *name, const char *text)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", lab->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* The tags beside v=, bh= and b=. */
static void
put_message(const struct lab *lab, const char *tags, size_t times)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	for (size_t i = 0; i < times; i++)
		buf_printf(&text,
		    "DKIM-Signature: v=1; %s; h=from;\r\n"
		    "\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n",
		    tags);
	buf_put_str(&text, "From: a@" DOMAIN "\r\n\r\nbody\r\n");
	(void)put_file(lab, "message", buf_str(&text));
	buf_deinit(&text);
}

#define TAGS "a=ed25519-sha256; c=simple/relaxed; d=" DOMAIN "; s=sel"

struct asking {
	const char *file;  /* in the laboratory; NULL: "message" */
	const char *store; /* NULL: none */
	const char *words[4];
};

static int
run_verify(struct lab *lab, const struct asking *a)
{
	char path[128];
	struct config config = *lab->config;
	struct cli cli = {.verb = &verb_verify,
	    .config = &config,
	    .store_dir = a->store == NULL ? "/nowhere" : a->store,
	    .operands = {path},
	    .operand_count = 1,
	    .now = BEGIN};

	config.dns = (struct dns_conf){.resolvers = &lab->resolver,
	    .resolver_count = 1,
	    .zones = &lab->zone,
	    .zone_count = 1,
	    .timeout_ms = 200,
	    .tries = 1,
	    .queries_per_second = 5000};
	if (a->store == NULL)
		config.dns.zone_count = 0;
	snprintf(path, sizeof(path), "%s/%s", lab->dir, a->file == NULL ? "message" : a->file);
	hear_options(&cli, a->words);
	return hear_run(&cli);
}

static void
serve(struct lab *lab, const char *records)
{
	char zone[2048];

	snprintf(zone, sizeof(zone), "%s%s", APEX, records);
	fake_zone(lab->d, RESOLVER, DOMAIN, zone);
}

static void
of_keys_in_dns(void **state)
{
	struct lab *lab = *state;
	char tags[1024], label[300];

	put_message(lab, TAGS "; i=@" DOMAIN "; l=3", 1);
	serve(lab, SEL ". 60 IN TXT \"" RSA "\"\n");
	assert_int_equal(run_verify(lab, &(struct asking){.file = NULL}), EXIT_FAILED);
	serve(lab, "");
	assert_int_equal(run_verify(lab, &(struct asking){.file = NULL}), EXIT_FAILED);
	serve(lab, SEL ". 60 IN A 192.0.2.1\n");
	assert_int_equal(run_verify(lab, &(struct asking){.file = NULL}), EXIT_FAILED);
	serve(lab, SEL ". 60 IN CNAME other." DOMAIN ".\n");
	assert_int_equal(run_verify(lab, &(struct asking){.file = NULL}), EXIT_FAILED);
	serve(lab, SEL ". 60 IN TXT \"v=DKIM1; p=\"\n");
	assert_int_equal(run_verify(lab, &(struct asking){.file = NULL}), EXIT_FAILED);
	atomic_store(&lab->d->servers[RESOLVER].faults, FAKE_SILENT);
	assert_int_equal(run_verify(lab, &(struct asking){.file = NULL}), EXIT_CANNOT_TELL);
	put_message(lab, "a=ed25519-sha256; s=sel", 21);
	assert_int_equal(run_verify(lab, &(struct asking){.file = NULL}), EXIT_FAILED);
	memset(label, 'a', sizeof(label));
	snprintf(tags, sizeof(tags), "a=ed25519-sha256; d=%.60s.%.60s.%.60s.test; s=%.60s", label, label, label, label);
	put_message(lab, tags, 1);
	(void)run_verify(lab, &(struct asking){.file = NULL});
}

static void
of_records_that_are_given(void **state)
{
	struct lab *lab = *state;
	char records[160], record[192], bad[160];

	put_message(lab, TAGS, 1);
	snprintf(records, sizeof(records), "records=%s", put_file(lab, "records", SEL "\t" RSA "\n"));
	assert_int_equal(run_verify(lab, &(struct asking){.words = {records}}), EXIT_FAILED);
	snprintf(records, sizeof(records), "records=%s", put_file(lab, "records", "other." SEL "\t" RSA "\n"));
	assert_int_equal(run_verify(lab, &(struct asking){.words = {records}}), EXIT_FAILED);
	snprintf(record, sizeof(record), "record=" SEL "=%s", put_file(lab, "record", RSA));
	assert_int_equal(run_verify(lab, &(struct asking){.words = {record}}), EXIT_FAILED);
	snprintf(bad, sizeof(bad), "records=%s", put_file(lab, "bad", "nothing\n"));
	assert_int_equal(run_verify(lab, &(struct asking){.words = {bad}}), -1);
	assert_int_equal(run_verify(lab, &(struct asking){.words = {"record=x"}}), -1);
	assert_int_equal(run_verify(lab, &(struct asking){.words = {"time=now"}}), -1);
}

static void
of_what_is_no_message(void **state)
{
	struct lab *lab = *state;
	uid_t uid = geteuid();

	assert_int_equal(run_verify(lab, &(struct asking){.file = "none"}), -1);
	(void)put_file(lab, "empty", "");
	assert_int_equal(run_verify(lab, &(struct asking){.file = "empty"}), -1);
	(void)put_file(lab, "other", "\177ELF\n");
	assert_int_equal(run_verify(lab, &(struct asking){.file = "other"}), -1);
	put_message(lab, TAGS, 1);
	char path[128];
	snprintf(path, sizeof(path), "%s/message", lab->dir);
	assert_int_equal(chmod(path, 0), 0);
	if (uid == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(run_verify(lab, &(struct asking){.file = NULL}), -1);
	if (uid == 0)
		assert_int_equal(seteuid(uid), 0);
}

/* A key of the store that is gone from DNS, and was never seen to retire; another that the store does not know. */
static void
of_our_own_keys(void **state)
{
	struct lab *lab = *state;
	struct box *box = box_new(OURS);
	struct store_key *keys = NULL;
	struct err err = ERR_INIT;
	size_t count;
	char tags[512], zone[1024];

	box_add(box, DOMAIN, "p");
	(void)box_pass(box);
	(void)box_pass(box);
	assert_int_equal(store_keys(box->store, DOMAIN, &keys, &count, &err), 0);
	assert_true(count > 0);
	struct store_event event = {.at = BEGIN + 100, .domain = DOMAIN, .selector = keys[0].selector, .text = "", .verb = "tick"};
	if (store_fact_put(box->store, &keys[0], FACT_REVOKED, &event, &err) != 0)
		fail_msg("%s", err.text);
	snprintf(tags, sizeof(tags), "a=rsa-sha256; c=simple/relaxed; d=" DOMAIN "; s=%s", keys[0].selector);
	put_message(lab, tags, 1);
	assert_int_equal(run_verify(lab, &(struct asking){.store = box->dir}), EXIT_FAILED);
	snprintf(zone, sizeof(zone), APEX "%s._domainkey." DOMAIN ". 60 IN CNAME other." DOMAIN ".\n", keys[0].selector);
	fake_zone(lab->d, AUTHORITY, DOMAIN, zone);
	assert_int_equal(run_verify(lab, &(struct asking){.store = box->dir}), EXIT_FAILED);
	put_message(lab, TAGS, 1);
	fake_zone(lab->d, AUTHORITY, DOMAIN, APEX SEL ". 60 IN TXT \"v=DKIM1; p=\"\n");
	assert_int_equal(run_verify(lab, &(struct asking){.store = box->dir}), EXIT_FAILED);
	free(keys);
	box_free(box);
}

/* A caller may ask where the key of a signature is that names none. */
static void
of_a_key_without_name(void **state)
{
	static const struct verified none;
	struct buf out;
	(void)state;

	buf_init(&out, 100);
	verify_where(&none, &out);
	hear(buf_str(&out));
	buf_deinit(&out);
}

static void
each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(LINES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(of_keys_in_dns, lab_up, lab_down),
	    cmocka_unit_test_setup_teardown(of_records_that_are_given, lab_up, lab_down),
	    cmocka_unit_test_setup_teardown(of_what_is_no_message, lab_up, lab_down),
	    cmocka_unit_test_setup_teardown(of_our_own_keys, lab_up, lab_down),
	    cmocka_unit_test(of_a_key_without_name),
	    cmocka_unit_test(each_was_said), /* the last */
	};

	(void)box_killed_pass;
	(void)box_table;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
