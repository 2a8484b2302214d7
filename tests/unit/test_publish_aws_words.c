/* SPDX-License-Identifier: ISC */
/* What is told of keys of AWS: where they are looked for, what is wrong with them, what they may do; sentence by
 * sentence, with the files, the environment or the answers that make it say so. */
#include "tests/unit/publish_words.h"

#define SEND	     "POST /2013-04-01/hostedzone/Z1/rrset/ "
#define FAILS(code)  {SEND, 403, "", "<ErrorResponse><Error><Code>" code "</Code><Message>no</Message></Error></ErrorResponse>"}
#define MAY	     {SEND, 400, "", "<InvalidChangeBatch><Messages><Message>Not found</Message></Messages></InvalidChangeBatch>"}
#define MAY_NOT	     FAILS("AccessDenied")
#define TOKEN(body)  {"PUT /latest/api/token ", 200, "", body}
#define ROLE(body)   {"GET /latest/meta-data/iam/security-credentials/ ", 200, "", body}
#define ROLE_KEY(body) {"GET /latest/meta-data/iam/security-credentials/mail ", 200, "", body}
#define ID	     "aws_access_key_id = AKIA1\n"
#define SECRET	     "aws_secret_access_key = secret1\n"

static char too_much[20000];

/* What the file has, or the environment, or the metadata service of an instance. */
struct key_row {
	const char *text, *situation;
	const char *file; /* NULL: none is named */
	const char *id;	  /* in the environment; NULL */
	struct http_step steps[4];
	bool metadata;
};

static const struct key_row KEYS[] = {
    {"publisher dns: no access key of AWS: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, nor ~/.aws/credentials of the user that signpost runs as, nor a role of this instance; name the file with `credentials`",
	"no key anywhere", NULL, NULL, .metadata = false},
    {"publisher dns: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN in the environment is empty, or is not one word: copy it anew",
	"two words in the environment", NULL, "AKIA1 AKIA2", .metadata = false},
    {"publisher dns: */secret: it has no section [default]: name the right one with `profile`", "another section", "[mail]\n" ID SECRET,
	NULL, .metadata = false},
    {"publisher dns: */secret: section [default] has no aws_secret_access_key; keys that a program or a login fetches are not for a service",
	"half a key", "[default]\n" ID, NULL, .metadata = false},
    {"publisher dns: */secret: section [default] has no aws_access_key_id; keys that a program or a login fetches are not for a service",
	"the other half", "[default]\n" SECRET, NULL, .metadata = false},
    {"publisher dns: */secret: line 2: that is no value of aws_access_key_id: want one word, and copy it anew", "two words in the file",
	"[default]\naws_access_key_id = AKIA1 AKIA2\n" SECRET, NULL, .metadata = false},
    {"publisher dns: the metadata service of this instance answers with no name of a role: give the instance another role, or name a file with `credentials`",
	"an odd role", NULL, NULL, .steps = {TOKEN("t"), ROLE("<html>")}, .metadata = true},
    {"publisher dns: the metadata service of this instance answers with no key for its role: give the instance another role, or name a file with `credentials`",
	"a role without a key", NULL, NULL, .steps = {TOKEN("t"), ROLE("mail"), ROLE_KEY("{\"Code\":\"Failed\"}")}, .metadata = true},
    {"publisher dns: what the metadata service of this instance answers is longer than 16384 bytes", "a role with too long a key", NULL, NULL,
	.steps = {TOKEN("t"), ROLE("mail"), ROLE_KEY(too_much)}, .metadata = true},
    {"publisher dns: what is to go into the header X-aws-ec2-metadata-token is empty, or holds what is no printable ASCII", "an odd token",
	NULL, NULL, .steps = {TOKEN("a\x01z")}, .metadata = true},
};

/* What `signpost publisher` prints, and of files that cannot be used. */
static const struct said_row SAID[] = {
    {"An IAM user of its own, or a role of this host, with this policy and no other:", "which rights are enough"},
    {"An IAM user of its own, or a role of this host, with this policy and no other (ID is the identifier of the hosted zone, Z...):",
	"the same, where no zone_id is named"},
    {"Its access key goes into the file that `credentials` names, mode 0640, as", "the same"},
    {"aws_access_key_id = ...", "the same"},
    {"aws_secret_access_key = ...", "the same"},
    {"right: the key may change TXT records of keys", "a key is tried"},
    {"right: the key may not change TXT records at other names", "the same"},
    {"right: the key may not change addresses", "the same"},
    {"wrong: the key may not change TXT records of keys", "a key without any right"},
    {"wrong: the key may change TXT records at other names", "a key that may change the whole zone"},
    {"wrong: the key may change addresses", "the same"},
    {"publisher dns: 127.0.0.1:* says ExpiredToken: the temporary key has run out: fetch a new one, or give a lasting one (no)",
	"a key that ran out is tried"},
    {"publisher dns: 127.0.0.1:* has no hosted zone a.test in this account: is the key of another account?",
	"a key is tried where there is no such zone"},
    {"publisher dns: */none: cannot open the access key of AWS: No such file or directory", "a file that is not there"},
};

static int
setup(void **state)
{
	(void)state;
	memset(too_much, 'x', sizeof(too_much) - 1);
	return words_begin("[default]\n" ID SECRET);
}

static int
teardown(void **state)
{
	(void)state;
	return words_end();
}

static void
play_key(const struct key_row *row)
{
	static const struct words_row change = {.new_text = WORDS_KEY};
	struct publisher_conf conf = words_conf(PUBLISHER_ROUTE53);
	char text[ERR_TEXT_LEN];
	if (row->file == NULL)
		conf.credentials = NULL;
	else
		assert_int_equal(words_write(words_secret, row->file, 0640), 0);
	if (row->id != NULL)
		assert_true(setenv("AWS_ACCESS_KEY_ID", row->id, 1) == 0 && setenv("AWS_SECRET_ACCESS_KEY", "secret1", 1) == 0);
	assert_int_equal(setenv("AWS_EC2_METADATA_DISABLED", row->metadata ? "false" : "true", 1), 0);
	assert_int_equal(setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", http_script.url, 1), 0);
	http_script_play(row->steps);
	int result = words_change(&conf, &change, text);
	const char *wrong = http_script_played();
	if (result != WORDS_CANNOT || wrong != NULL || !said_fits(row->text, text))
		fail_msg("%s: result %d, it says\n%s\nwanted\n%s\n%s", row->situation, result, text, row->text, wrong == NULL ? "" : wrong);
	assert_null(strstr(text, "secret1"));
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
}

static void
keys_each_row_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++)
		play_key(&KEYS[i]);
	assert_int_equal(setenv("AWS_EC2_METADATA_DISABLED", "true", 1), 0);
	assert_int_equal(words_write(words_secret, "[default]\n" ID SECRET, 0640), 0);
}

static void
file_that_is_not_there_is_named(void **state)
{
	static const struct words_row change = {.new_text = WORDS_KEY};
	struct publisher_conf conf = words_conf(PUBLISHER_ROUTE53);
	char path[100], text[ERR_TEXT_LEN];
	(void)state;
	snprintf(path, sizeof(path), "%s/none", words_dir);
	conf.credentials = path;
	assert_int_equal(words_change(&conf, &change, text), WORDS_CANNOT);
}

static void
rights_are_told_and_tried(void **state)
{
	static const struct {
		struct http_step steps[4];
		int want;
	} cases[] = {
	    {{MAY, MAY_NOT, MAY_NOT}, 0},
	    {{MAY_NOT, MAY, MAY}, 1},
	    {{FAILS("ExpiredToken")}, -1},
	};
	static const struct http_step no_zone[] = {
	    {"GET /2013-04-01/hostedzonesbyname?", 200, "", "<R><HostedZones></HostedZones></R>"}, {0}};
	struct publisher_conf conf = words_conf(PUBLISHER_ROUTE53);
	const char *const names[] = {"_domainkey.a.test"};
	struct err err = ERR_INIT;
	struct buf out;
	(void)state;
	buf_init(&out, 20000);
	assert_int_equal(publisher_rights(&conf, names, 1, &out, &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		http_script_play(cases[i].steps);
		assert_int_equal(publisher_try_rights(&conf, WORDS_ZONE, WORDS_ZONE, &out, &err), cases[i].want);
		assert_null(http_script_played());
	}
	hear(err.text);
	conf.zone_id = NULL;
	assert_int_equal(publisher_rights(&conf, names, 1, &out, &err), 0);
	http_script_play(no_zone);
	assert_int_equal(publisher_try_rights(&conf, WORDS_ZONE, WORDS_ZONE, &out, &err), -1);
	assert_null(http_script_played());
	hear(err.text);
	hear(buf_str(&out));
	buf_deinit(&out);
}

static void
sentences_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    /* the first: the metadata service has a second, and libcurl begins slowly under valgrind */
	    cmocka_unit_test(rights_are_told_and_tried),
	    cmocka_unit_test(keys_each_row_is_said),
	    cmocka_unit_test(file_that_is_not_there_is_named),
	    cmocka_unit_test(sentences_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
