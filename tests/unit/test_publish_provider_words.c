/* SPDX-License-Identifier: ISC */
/* What is told where an API cannot be asked, or answers what no API of its kind does, and of secrets and options that
 * cannot be used; sentence by sentence, with what makes it be said. */
#include "keys/dns_wire.h"
#include "keys/publish_provider.h"
#include "tests/unit/publish_words.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#define READ "GET /zones/Z1/dns_records?name="
#define TRY  NULL, WORDS_KEY, .steps =

static const struct words_row ROWS[] = {
    {"127.0.0.1:* wants fewer requests (429), and none for 3600 s; it is tried again later", "throttled for an hour", PUBLISH_TEMPORARY,
	TRY {{READ, 429, "Retry-After: 3600\r\n", ""}}},
    {"127.0.0.1:* wants fewer requests (429); it is tried again later", "throttled until the time is over", PUBLISH_TEMPORARY,
	TRY {{"*", 429, "", ""}}, .timeout_ms = 1900},
    {"127.0.0.1:* has a fault of its own (HTTP status 502); it is tried again", "a fault there", PUBLISH_TEMPORARY,
	TRY {{READ, 502, "", ""}}},
    {"127.0.0.1:* leads elsewhere (HTTP status 302), where the secret is not taken: is `endpoint` right?", "a redirect", PUBLISH_REFUSED,
	TRY {{READ, 302, "Location: http://127.0.0.1:1/\r\n", ""}}},
    {"127.0.0.1:* was asked, and its answer is lost: *; what came of it the next look finds out", "it hangs up", PUBLISH_TEMPORARY,
	TRY {{READ, 0, "", ""}}},
    {"127.0.0.1:* answers with more than 4194304 octets, which no answer of this API has: is `endpoint` right?", "an answer without an end",
	PUBLISH_REFUSED, TRY {{READ, 200, "", NULL}}},
    {"127.0.0.1:* answered with something that is no JSON (HTTP status 200): is `endpoint` right?  It says: <html>", "a web page",
	PUBLISH_TEMPORARY, TRY {{READ, 200, "", "<html>"}}},
    {"127.0.0.1:* answered with something that is no JSON (HTTP status 404): is `endpoint` right?  It says: nothing", "nothing at all",
	PUBLISH_TEMPORARY, TRY {{READ, 404, "", ""}}},
};

/* With no answer: what is played is no script. */
static const struct said_row SAID[] = {
    {"127.0.0.1:1 was not reached: *", "nobody listens there"},
    {"127.0.0.1:* was not reached: the time for the whole (`timeout`) was over before", "what came before took all the time"},
    {"127.0.0.1:* is not believed: *.  If it has a certificate of an authority of your own, name that in `ca_file`",
	"a certificate that nobody vouches for"},
    {"127.0.0.1:* is not believed: *.  Only the authorities in */secret (`ca_file`) are", "the same, with authorities of our own"},
    {"publisher dns: Cloudflare's API token is not known: name the file that holds it (credentials = \"/etc/signpost/...\"), or set CLOUDFLARE_API_TOKEN",
	"no secret anywhere"},
    {"publisher dns: */secret: want Cloudflare's API token alone, in one line", "two words in the file"},
    {"publisher dns: CLOUDFLARE_API_TOKEN: want Cloudflare's API token alone, in one line", "two words in the environment"},
    {"publisher dns: */none: cannot open Cloudflare's API token: No such file or directory", "a file that is not there"},
    {"publisher dns: *signpost-test*: is not a regular file", "a directory"},
    {"publisher dns: */secret has mode 0644: others could read or change the secret; chmod 0640 it", "a file that others can read"},
    {"publisher dns: */secret belongs to user *: whoever owns it can make signpost use another key; chown it to root or to the user that signpost runs as",
	"another's file"},
    {"publisher dns: endpoint = \"ftp://x\" is no URL of an API: want https://HOST[:PORT][/PATH]", "an endpoint that is none"},
    {"publisher dns: endpoint = \"http://192.0.2.1\": without TLS the secret could be read on its way; http:// is only for this host (127.0.0.1, [::1], localhost): want https://, or a tunnel that ends here",
	"an endpoint in the clear"},
    {"libcurl does not do what signpost needs of it (libcurl*)", "a libcurl that does not sign"},
    {"a header is longer than 4096 bytes", "a secret of 5000 octets"},
    {"the URL of a request is longer than 4000 bytes", "a path of 5000 octets"},
};

static bool is_another; /* we are somebody else */

/* In the C library's place. */
uid_t
geteuid(void)
{
	return is_another ? getuid() + 1 : getuid();
}

static void
change_each_row_is_said(void **state)
{
	struct publisher_conf conf = words_conf(PUBLISHER_CLOUDFLARE);
	(void)state;
	WORDS_PLAY_ALL(&conf, ROWS);
}

static void
expect(const struct publisher_conf *conf, int want, const char *words)
{
	static const struct words_row change = {.new_text = WORDS_KEY};
	static const struct http_step nothing[] = {{0}};
	char text[ERR_TEXT_LEN];
	http_script_play(nothing);
	int result = words_change(conf, &change, text);
	if (result != want || strstr(text, words) == NULL || http_script_played() != NULL)
		fail_msg("result %d, wanted %d with %s; it says %s", result, want, words, text);
}

static void
endpoints_that_cannot_be_asked(void **state)
{
	static const struct {
		const char *url;
		int want;
		const char *words;
	} cases[] = {
	    {"http://127.0.0.1:1", PUBLISH_TEMPORARY, "was not reached"},
	    {"ftp://x", WORDS_CANNOT, "is no URL"},
	    {"http://192.0.2.1", WORDS_CANNOT, "without TLS"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct publisher_conf conf = words_conf(PUBLISHER_CLOUDFLARE);
		conf.endpoint = strdup(cases[i].url);
		expect(&conf, cases[i].want, cases[i].words);
		free(conf.endpoint);
	}
}

/* A certificate that nobody signed but itself. */
static SSL_CTX *
make_tls(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	static const unsigned char name[] = "127.0.0.1";
	assert_true(key != NULL && cert != NULL && tls != NULL);
	X509_NAME *subject = X509_get_subject_name(cert);
	assert_true(X509_gmtime_adj(X509_getm_notBefore(cert), -60) != NULL && X509_gmtime_adj(X509_getm_notAfter(cert), 3600) != NULL);
	assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0), 1);
	assert_int_equal(X509_set_issuer_name(cert, subject), 1);
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(tls, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
	X509_free(cert);
	EVP_PKEY_free(key);
	return tls;
}

static void
certificate_that_nobody_vouches_for(void **state)
{
	struct publisher_conf conf = words_conf(PUBLISHER_CLOUDFLARE);
	char url[80];
	(void)state;
	snprintf(url, sizeof(url), "https%s", strchr(http_script.url, ':'));
	conf.endpoint = url;
	http_script.tls = make_tls();
	expect(&conf, PUBLISH_REFUSED, "is not believed");
	conf.ca_file = words_secret; /* it holds none */
	expect(&conf, PUBLISH_REFUSED, "is not believed");
	SSL_CTX_free(http_script.tls);
	http_script.tls = NULL;
}

static void
secrets_that_cannot_be_used(void **state)
{
	struct publisher_conf conf = words_conf(PUBLISHER_CLOUDFLARE);
	char none[100];
	(void)state;
	snprintf(none, sizeof(none), "%s/none", words_dir);
	conf.credentials = none;
	expect(&conf, WORDS_CANNOT, "No such file");
	conf.credentials = words_dir;
	expect(&conf, WORDS_CANNOT, "is not a regular file");
	conf.credentials = words_secret;
	assert_int_equal(words_write(words_secret, "two words\n", 0640), 0);
	expect(&conf, WORDS_CANNOT, "alone, in one line");
	assert_int_equal(words_write(words_secret, "token\n", 0644), 0);
	expect(&conf, WORDS_CANNOT, "mode 0644");
	assert_int_equal(chmod(words_secret, 0640), 0);
	if (getuid() == 0) /* whose files are good for everybody */
		assert_int_equal(chown(words_secret, 12345, (gid_t)-1), 0);
	is_another = true;
	expect(&conf, WORDS_CANNOT, "belongs to user");
	is_another = false;
	if (getuid() == 0)
		assert_int_equal(chown(words_secret, 0, (gid_t)-1), 0);
	conf.credentials = NULL;
	expect(&conf, WORDS_CANNOT, "is not known");
	assert_int_equal(setenv("CLOUDFLARE_API_TOKEN", "two words", 1), 0);
	expect(&conf, WORDS_CANNOT, "alone, in one line");
	unsetenv("CLOUDFLARE_API_TOKEN");
}

/* What came before it took all the time. */
static void
request_behind_the_time_is_not_made(void **state)
{
	struct publisher_conf conf = words_conf(PUBLISHER_CLOUDFLARE);
	static const struct http_step nothing[] = {{0}};
	struct http_request q = {.method = "GET", .path = "/zones"};
	struct publish_outcome o;
	struct http_reply r;
	struct provider p;
	struct err err = ERR_INIT;
	(void)state;
	http_script_play(nothing);
	provider_begin(&p, &conf, WORDS_ZONE, &err);
	p.until_ms = dns_now_ms() - 1;
	assert_int_equal(provider_connect(&p, "", NULL), 0);
	assert_int_equal(provider_ask(&p, &q, &r), 0);
	assert_true(provider_judge_http(&p, &r, &o));
	assert_int_equal(o.result, PUBLISH_TEMPORARY);
	assert_null(http_script_played());
	hear(o.text);
	http_reply_deinit(&r);
	http_deinit(&p.http);
}

/* What no publisher hands down, and a libcurl that takes not all of it. */
static void
requests_that_cannot_be_made(void **state)
{
	static const size_t too_long = 9000000; /* libcurl takes 8 000 000 octets */
	char *text = malloc(too_long + 1);
	struct http_sigv4 sigv4 = {.scope = text, .key_id = "id", .secret = "secret"};
	struct http_conf conf = {.endpoint = http_script.url, .until_ms = dns_now_ms() + 20000};
	struct http_request q = {.method = "GET", .path = text};
	struct http h;
	struct http_reply r;
	struct err err = ERR_INIT;
	(void)state;
	assert_non_null(text);
	memset(text, 'x', too_long);
	text[too_long] = '\0';
	conf.sigv4 = &sigv4;
	assert_int_equal(http_init(&h, &conf, &err), -1);
	hear(err.text);
	conf.sigv4 = NULL;
	text[5000] = '\0';
	assert_int_equal(http_init(&h, &conf, &err), 0);
	assert_int_equal(http_header(&h, "Authorization", text, &err), -1);
	hear(err.text);
	assert_int_equal(http_ask(&h, &q, &r, &err), -1);
	hear(err.text);
	http_deinit(&h);
	free(text);
}

static void
sentences_each_was_said(void **state)
{
	(void)state;
	HEARD_ALL(SAID);
}

static int
setup(void **state)
{
	(void)state;
	return words_begin("token\n");
}

static int
teardown(void **state)
{
	(void)state;
	return words_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(change_each_row_is_said),
	    cmocka_unit_test(endpoints_that_cannot_be_asked),
	    cmocka_unit_test(certificate_that_nobody_vouches_for),
	    cmocka_unit_test(secrets_that_cannot_be_used),
	    cmocka_unit_test(request_behind_the_time_is_not_made),
	    cmocka_unit_test(requests_that_cannot_be_made),
	    cmocka_unit_test(sentences_each_was_said), /* the last */
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
