/* SPDX-License-Identifier: ISC */
/* The examples at the heads of the headers, compiled and run.  Each is the body of a function here, to the letter. */
#include "base/file.h"
#include "dkim/sha256.h"
#include "dkim/sign.h"
#include "milter/client.h"
#include "milter/policy.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char used[4096]; /* what the example made of it */
static size_t used_len;

static void
use(struct slice s)
{
	assert_true(s.len < sizeof used);
	memcpy(used, s.ptr, s.len);
	used[s.len] = '\0';
	used_len = s.len;
}

static void
example_slice(void)
{
	struct slice field = slice_of("Subject : two words \r\n"), name = field, value = field;
	size_t colon;
	if (slice_find(field, ':', &colon)) {
		name = slice_trim_right(slice_sub(field, 0, colon));
		value = slice_trim(slice_from(field, colon + 1));
		printf("%.*s=%.*s\n", SLICE_ARG(name), SLICE_ARG(value));
	}
	use(name);
	assert_true(slice_eq_str(value, "two words"));
}

static int
example_buf(struct slice p, struct err *err)
{
	struct buf b;
	buf_init(&b, 4096);
	buf_put_str(&b, "v=DKIM1; p=");
	buf_put(&b, p);
	int rc = buf_check(&b, "key record", err);
	if (rc == 0)
		use(buf_slice(&b));
	buf_deinit(&b);
	return rc;
}

static int
example_canon(const struct slice *chunks, size_t count, struct err *err)
{
	struct canon_body body;
	uint8_t bh[CANON_BH_LEN];
	int rc = canon_body_init(&body, CANON_RELAXED, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = canon_body_update(&body, chunks[i], err);
	if (rc == 0)
		rc = canon_body_finish(&body, bh, err);
	if (rc == 0)
		use(slice_new(bh, sizeof bh));
	canon_body_deinit(&body);
	return rc;
}

static int
example_sign(const struct dkim_key *key, const struct header_list *list, const uint8_t *bh, struct arena *arena,
    struct err *err)
{
	struct sign_params p = {.key = key, .bh = bh, .rules = HEADER_RULES,
	    .domain = slice_of("example.com"), .selector = slice_of("s1"),
	    .header_canon = CANON_RELAXED, .body_canon = CANON_RELAXED,
	    .signed_at = time(NULL), .expires_at = SIGNATURE_NO_TIME};
	struct buf value;
	buf_init(&value, SIGNATURE_LEN_MAX);
	int rc = sign_header(&p, list, arena, &value, err);
	if (rc == 0) {
		sign_to_lf(&value);
		use(buf_slice(&value));
	}
	buf_deinit(&value);
	return rc;
}

static void
example_policy(const struct table *table, struct ip_addr peer)
{
	struct policy_facts f = {.peer = peer, .peer_port = 40123,
	    .auth_type = slice_of("PLAIN"), .auth_authen = slice_of("alice@example.com"),
	    .from_count = 1, .from = slice_of(" Alice <alice@example.com>")};
	struct decision d;
	policy_decide(table, &f, &d);
	if (d.verdict == VERDICT_SIGN)
		use(slice_of(d.domain->name));
}

static int
example_client(const char *address, const struct milter_message *msg, struct err *err)
{
	struct milter_client_options opts = {MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 0};
	struct milter_reply reply = {.text = ""};
	struct milter_client *c = NULL;
	int rc = milter_client_open(address, &opts, &c, err);
	if (rc == 0)
		rc = milter_client_message(c, msg, &reply, err);
	if (rc == 0 && reply.inserted_count > 0)
		use(slice_of(reply.inserted[0].value));
	milter_reply_deinit(&reply);
	milter_client_free(c);
	return rc;
}

static int
forget(void **state)
{
	(void)state;
	used[0] = '\0';
	used_len = 0;
	return 0;
}

static void
read_source(const char *name, struct buf *text)
{
	struct err err = ERR_INIT;
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", SOURCE_DIR, name);
	buf_init(text, 100000);
	if (file_read(path, text, &err) != 0)
		fail_msg("%s", err.text);
}

/* What stands indented in the comment at the head. */
static void
take_example(struct slice header, struct buf *example)
{
	size_t end;

	buf_init(example, 10000);
	while (slice_find(header, '\n', &end) && !slice_eq_str(slice_sub(header, 0, 7), "#ifndef")) {
		if (slice_eq_str(slice_sub(header, 0, 3), " *\t"))
			buf_put(example, slice_sub(header, 2, end - 1));
		header = slice_from(header, end + 1);
	}
}

static void
headers_show_what_is_compiled(void **state)
{
	static const char *const NAMES[] = {
	    "base/slice.h", "base/buf.h", "dkim/canon.h", "dkim/sign.h", "milter/policy.h", "milter/client.h"};
	struct buf here;

	(void)state;
	read_source("tests/unit/test_examples.c", &here);
	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
		struct buf header, example;
		read_source(NAMES[i], &header);
		take_example(buf_slice(&header), &example);
		if (example.len < 100 || strstr(buf_str(&here), buf_str(&example)) == NULL)
			fail_msg("%s: its example is not in test_examples.c:\n%s", NAMES[i], buf_str(&example));
		buf_deinit(&header);
		buf_deinit(&example);
	}
	buf_deinit(&here);
}

static void
slice_example_splits_a_field(void **state)
{
	(void)state;
	example_slice();
	assert_string_equal(used, "Subject");
}

static void
buf_example_has_a_cap(void **state)
{
	static uint8_t big[4096];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(example_buf(slice_of("AAAA"), &err), 0);
	assert_string_equal(used, "v=DKIM1; p=AAAA");
	assert_int_equal(example_buf(slice_new(big, sizeof big), &err), -1);
	assert_string_equal(err.text, "key record is longer than 4096 bytes");
}

/* RFC 6376 3.4.5 */
static void
canon_example_hashes_in_chunks(void **state)
{
	const struct slice chunks[] = {SLICE_LIT(" C \r"), SLICE_LIT("\nD \t E\r\n\r"), SLICE_LIT("\n\r\n")};
	uint8_t want[SHA256_LEN];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(sha256_digest(SLICE_LIT(" C\r\nD E\r\n"), want, &err), 0);
	assert_int_equal(example_canon(chunks, 3, &err), 0);
	assert_int_equal(used_len, sizeof want);
	assert_memory_equal(used, want, sizeof want);
}

static void
sign_example_makes_a_value(void **state)
{
	static const uint8_t SEED[32] = {1}, BH[CANON_BH_LEN] = {2};
	struct header_field from = {SLICE_LIT("From"), SLICE_LIT(" a@example.com")};
	const struct header_list list = {&from, 1, 1};
	struct err err = ERR_INIT;
	struct dkim_key *key;
	struct arena arena;
	struct signature s;

	(void)state;
	arena_init(&arena, 100000);
	assert_int_equal(dkim_key_parse_ed25519_seed(SEED, &key, &err), 0);
	assert_int_equal(example_sign(key, &list, BH, &arena, &err), 0);
	assert_null(strchr(used, '\r'));
	assert_non_null(strstr(used, "\n\t"));
	assert_int_equal(signature_parse(slice_new(used, used_len), &s, &err), 0);
	assert_true(slice_eq_str(s.domain, "example.com") && slice_eq_str(s.selector, "s1"));
	assert_true(s.signed_at > 0 && s.expires_at == SIGNATURE_NO_TIME && s.b_len == 64);
	assert_memory_equal(s.bh, BH, sizeof BH);
	arena_clear(&arena);
	assert_int_equal(example_sign(key, &(struct header_list){NULL, 0, 0}, BH, &arena, &err), 0);
	arena_deinit(&arena);
	dkim_key_free(key);
}

static void
policy_example_decides(void **state)
{
	static const char WITH[] = "signpost-table 1\ngeneration 1\ndomain example.com\nkey example.com s1 rsa-sha256 k.pem "
				   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nend 4\n";
	static const char NONE[] = "signpost-table 1\ngeneration 1\nend 2\n";
	struct err err = ERR_INIT;
	struct table *table;
	struct ip_addr peer;

	(void)state;
	assert_int_equal(ip_addr_parse(slice_of("192.0.2.1"), &peer, &err), 0);
	assert_int_equal(table_parse(slice_of(NONE), "t", &table, &err), 0);
	example_policy(table, peer);
	assert_string_equal(used, "");
	table_free(table);
	assert_int_equal(table_parse(slice_of(WITH), "t", &table, &err), 0);
	example_policy(table, peer);
	assert_string_equal(used, "example.com");
	table_free(table);
}

/* A milter of one connection: takes part in all steps, inserts one field, accepts. */
static void *
run_milter(void *arg)
{
	static const char NEGOTIATED[] = "\0\0\0\15O\0\0\0\6\0\0\0\1\0\0\0\0", GO_ON[] = "\0\0\0\1c",
			  SIGNED[] = "\0\0\0\16i\0\0\0\0X\0signed\0\0\0\0\1a";
	uint8_t head[5], data[1000];
	int fd = accept(*(int *)arg, NULL, NULL);

	while (recv(fd, head, 5, MSG_WAITALL) == 5) {
		size_t len = ((size_t)head[2] << 8 | head[3]) - 1;
		if (len > sizeof data)
			break;
		if (len > 0 && recv(fd, data, len, MSG_WAITALL) != (ssize_t)len)
			break;
		if (head[4] == 'O')
			send(fd, NEGOTIATED, sizeof NEGOTIATED - 1, MSG_NOSIGNAL);
		else if (head[4] == 'E')
			send(fd, SIGNED, sizeof SIGNED - 1, MSG_NOSIGNAL);
		else if (strchr("DAQ", head[4]) == NULL)
			send(fd, GO_ON, sizeof GO_ON - 1, MSG_NOSIGNAL);
	}
	close(fd);
	return NULL;
}

static void
client_example_hands_a_message_over(void **state)
{
	char dir[] = "/tmp/signpost-test-XXXXXX", address[64];
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct header_field from = {SLICE_LIT("From"), SLICE_LIT(" a@example.com")};
	const struct header_list list = {&from, 1, 1};
	const struct milter_message msg = {.client_name = "c", .client_addr = "192.0.2.1", .client_port = 1, .helo = "c",
	    .mail_from = "<a@example.com>", .rcpt_to = "<b@example.net>", .headers = &list, .body = SLICE_LIT("x\r\n")};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err err = ERR_INIT;
	pthread_t thread;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(sa.sun_path, sizeof sa.sun_path, "%s/s", dir);
	snprintf(address, sizeof address, "unix:%s/s", dir);
	assert_int_equal(example_client(address, &msg, &err), -1);
	assert_non_null(strstr(err.text, address));
	assert_int_equal(bind(listener, (const struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, run_milter, &listener), 0);
	int rc = example_client(address, &msg, &err);
	shutdown(listener, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(listener);
	unlink(sa.sun_path);
	rmdir(dir);
	if (rc != 0)
		fail_msg("%s", err.text);
	assert_string_equal(used, "signed");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_show_what_is_compiled),
	    cmocka_unit_test_setup(slice_example_splits_a_field, forget),
	    cmocka_unit_test_setup(buf_example_has_a_cap, forget),
	    cmocka_unit_test_setup(canon_example_hashes_in_chunks, forget),
	    cmocka_unit_test_setup(sign_example_makes_a_value, forget),
	    cmocka_unit_test_setup(policy_example_decides, forget),
	    cmocka_unit_test_setup(client_example_hands_a_message_over, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
