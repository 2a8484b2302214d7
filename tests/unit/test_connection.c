/* SPDX-License-Identifier: ISC */
#include "milter/connection.h"
#include "tests/unit/fixture_packets.h"
#include "tests/unit/fixture_table.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CHUNKS_WHOLE SIZE_MAX
#define REFUSED	     "y451 4.7.1 signpost cannot sign now; try again"

struct world {
	struct fixture fx;
	struct counters counters;
	struct keyring *ring;
	struct packets in;
	struct buf out;	  /* what was answered */
	char letters[64]; /* its packets, a letter each */
	struct err err;
	size_t left; /* of the input when it was over, or wanted more */
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char hash[48], rows[512];

	if (w == NULL)
		return -1;
	fixture_init(&w->fx);
	fixture_key(&w->fx, "e.pem", KEY_ED25519_SHA256, 0, hash);
	(void)snprintf(rows, sizeof(rows),
	    "domain a.test t=no\nkey a.test s ed25519-sha256 e.pem %s\n"
	    "domain b.test\nallow network 192.0.2.7 daemon=desk a.test\n",
	    hash);
	fixture_table(&w->fx, 1, rows);
	w->ring = keyring_new(w->fx.table, &w->counters);
	buf_init(&w->out, 1u << 20);
	*state = w;
	return w->ring == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	buf_deinit(&w->out);
	keyring_free(w->ring);
	fixture_deinit(&w->fx);
	free(w);
	return 0;
}

/* As the engine does it, with what lies there in an exact copy, so that a sanitizer sees one octet too many. */
static enum connection_step
feed(struct world *w, struct connection *c, struct slice in)
{
	enum connection_step step = CONNECTION_TOOK;
	uint8_t *exact = malloc(in.len + 1);
	size_t at = 0, taken;

	assert_non_null(exact);
	memcpy(exact, in.ptr, in.len);
	exact[in.len] = 'x';
	while (step == CONNECTION_TOOK) {
		step = connection_step(c, slice_new(exact + at, in.len - at), &taken, &w->err);
		assert_true(taken <= in.len - at);
		at += taken;
		if (step == CONNECTION_WANTS)
			assert_true(connection_wants(c) > in.len - at);
	}
	free(exact);
	w->left = in.len - at;
	return step;
}

static void
read_letters(struct world *w)
{
	size_t n = 0;

	for (size_t at = 0; at < w->out.len; n++) {
		const uint8_t *p = w->out.data + at;

		assert_true(w->out.len - at >= 5 && n + 1 < sizeof(w->letters));
		w->letters[n] = (char)p[4];
		at += 4 + ((size_t)p[2] << 8 | p[3]);
		assert_true(at <= w->out.len);
	}
	w->letters[n] = '\0';
}

/* All of w->in, by at most `chunk` octets at a time. */
static enum connection_step
converse(struct world *w, size_t chunk)
{
	struct connection *c = connection_new(w->ring, &w->counters);
	enum connection_step step = CONNECTION_WANTS;
	size_t start = 0, end = 0;

	assert_non_null(c);
	buf_clear(&w->out);
	w->err = (struct err)ERR_INIT;
	while (step == CONNECTION_WANTS && end < w->in.len) {
		end = chunk < w->in.len - end ? end + chunk : w->in.len;
		step = feed(w, c, slice_new(w->in.data + start, end - start));
		start = end - w->left;
		buf_put(&w->out, buf_slice(connection_answers(c)));
		buf_clear(connection_answers(c));
	}
	connection_free(c);
	read_letters(w);
	return step;
}

static bool
answers_hold(const struct world *w, const char *text)
{
	return memmem(w->out.data, w->out.len, text, strlen(text)) != NULL;
}

static void
negotiation_asks_for_what_is_needed(void **state)
{
	static const struct {
		const char *name, *offer;
		size_t offer_len;
		const char *want;
		size_t want_len;
	} ROWS[] = {
#define ROW(name, offer, want) {name, offer, sizeof(offer) - 1, want, sizeof(want) - 1}
	    ROW("Postfix 3.7", PACKETS_OPTIONS_FULL,
		"O\0\0\0\6\0\0\0\1\0\30\123\212\0\0\0\0{daemon_name}\0\0\0\0\2{auth_type} "
		"{auth_authen} {signpost_probe}\0\0\0\0\5i\0\0\0\0\6i\0"),
	    ROW("version 2", PACKETS_OPTIONS_OLD, "O\0\0\0\2\0\0\0\1\0\0\0\12"),
	    ROW("a later version", "\0\0\0\11\0\0\0\1\377\377\377\377",
		"O\0\0\0\6\0\0\0\1\0\30\123\212"),
	    ROW("nothing but header fields", "\0\0\0\6\0\0\0\1\0\0\0\0",
		"O\0\0\0\6\0\0\0\1\0\0\0\0"),
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		w->in.len = 0;
		packets_put(&w->in, 'O', ROWS[i].offer, ROWS[i].offer_len);
		assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_WANTS);
		if (w->out.len != ROWS[i].want_len + 4 ||
		    memcmp(w->out.data + 4, ROWS[i].want, ROWS[i].want_len) != 0)
			fail_msg("%s: another answer", ROWS[i].name);
	}
}

/* The mark of the keeper's probe is of one message, as the login is. */
static void
probe_is_of_one_message(void **state)
{
	struct world *w = *state;

	packets_negotiate(&w->in);
	for (int probe = 1; probe >= 0; probe--) {
		if (probe == 1)
			PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN "\0{signpost_probe}\0" "1");
		else
			PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
		packets_message(&w->in);
	}
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN "\0{signpost_probe}\0");
	packets_message(&w->in);
	packets_put(&w->in, 'Q', NULL, 0);
	assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_OVER);
	assert_int_equal(counters_get(&w->counters, COUNTER_PROBES), 1);
	assert_int_equal(counters_get(&w->counters, COUNTER_SIGNED), 2);
}

static void
message_is_signed(void **state)
{
	struct world *w = *state;

	packets_negotiate(&w->in);
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	packets_message(&w->in);
	packets_put(&w->in, 'Q', NULL, 0);
	assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_OVER);
	assert_int_equal(w->err.kind, ERR_NONE);
	assert_string_equal(w->letters, "Ocia");
	assert_true(answers_hold(w, "DKIM-Signature"));
	assert_int_equal(counters_get(&w->counters, COUNTER_SIGNED), 1);
	assert_int_equal(counters_get(&w->counters, COUNTER_CONNECTIONS), 1);
}

/* Only what it never waits for stays without an answer. */
static void
old_mta_gets_an_answer_to_each_command(void **state)
{
	struct world *w = *state;

	PACKETS_RAW(&w->in, 'O', PACKETS_OPTIONS_OLD);
	PACKETS_PUT(&w->in, 'C', "host\0004\20\1" "192.0.2.1");
	PACKETS_PUT(&w->in, 'H', "host");
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	PACKETS_PUT(&w->in, 'M', "<u@a.test>");
	PACKETS_PUT(&w->in, 'R', "<v@c.test>");
	packets_put(&w->in, 'T', NULL, 0);
	PACKETS_PUT(&w->in, 'U', "NOOP");
	packets_header(&w->in);
	PACKETS_RAW(&w->in, 'B', "a body\r\n");
	PACKETS_RAW(&w->in, 'E', "its end\r\n");
	packets_put(&w->in, 'A', NULL, 0);
	assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_WANTS);
	assert_string_equal(w->letters, "Occccccccccia");
	assert_int_equal(counters_get(&w->counters, COUNTER_BODY_BYTES), 17);
}

/* However the octets are cut: the same answers. */
static void
cuts_change_nothing(void **state)
{
	static const size_t CHUNKS[] = {1, 2, 3, 5, 7, 64, 1000, 4096};
	struct world *w = *state;
	static uint8_t body[60000];
	struct buf want;

	memset(body, 'x', sizeof(body));
	packets_negotiate(&w->in);
	for (int i = 0; i < 3; i++) {
		PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
		PACKETS_PUT(&w->in, 'M', "<u@a.test>");
		packets_header(&w->in);
		packets_put(&w->in, 'B', body, sizeof(body) - (size_t)i * 29999);
		packets_put(&w->in, 'B', NULL, 0);
		packets_put(&w->in, 'E', body, (size_t)i);
	}
	(void)converse(w, CHUNKS_WHOLE);
	assert_string_equal(w->letters, "Ociaciacia");
	want = w->out;
	buf_init(&w->out, want.len_max);
	for (size_t i = 0; i < sizeof(CHUNKS) / sizeof(CHUNKS[0]); i++) {
		assert_int_equal(converse(w, CHUNKS[i]), CONNECTION_WANTS);
		assert_int_equal(w->out.len, want.len);
		assert_memory_equal(w->out.data, want.data, want.len);
	}
	buf_deinit(&want);
}

/* What lets one message or client sign does not let the next. */
static void
rights_end_with_their_use(void **state)
{
	struct world *w = *state;

	packets_negotiate(&w->in);
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	packets_message(&w->in); /* ia */
	packets_message(&w->in); /* a */
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	packets_put(&w->in, 'A', NULL, 0);
	packets_message(&w->in); /* a */
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	PACKETS_PUT(&w->in, 'C', "host\0U");
	packets_message(&w->in); /* a */
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	packets_put(&w->in, 'K', NULL, 0);
	packets_message(&w->in); /* a */
	PACKETS_PUT(&w->in, 'D', "C{daemon_name}\0desk");
	PACKETS_PUT(&w->in, 'C', "host\0004\20\1" "192.0.2.7");
	packets_message(&w->in); /* ia, by its network and daemon */
	packets_message(&w->in); /* ia */
	packets_put(&w->in, 'K', NULL, 0);
	packets_message(&w->in); /* a: no client yet */
	PACKETS_PUT(&w->in, 'C', "host\0004\20\1" "192.0.2.7");
	packets_message(&w->in); /* a: no daemon's name */
	assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_WANTS);
	/* behind the answer to EOH, a decided message's body and end are answered once more */
	for (char *c = strchr(w->letters, 'O'); c != NULL && *c != '\0'; c++)
		assert_non_null(strchr("Ocia", *c));
	assert_int_equal(counters_get(&w->counters, COUNTER_SIGNED), 3);
	assert_int_equal(counters_get(&w->counters, COUNTER_UNSIGNED), 6);
}

static void
aborted_bodies_are_forgotten(void **state)
{
	struct world *w = *state;

	packets_negotiate(&w->in);
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	PACKETS_PUT(&w->in, 'M', "<u@a.test>");
	packets_header(&w->in);
	PACKETS_RAW(&w->in, 'B', "half a bo");
	packets_put(&w->in, 'A', NULL, 0);
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	packets_message(&w->in);
	assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_WANTS);
	assert_string_equal(w->letters, "Occia");
	assert_int_equal(counters_get(&w->counters, COUNTER_ABORTED), 1);
	assert_int_equal(counters_get(&w->counters, COUNTER_BODY_BYTES), 8);
}

static void
tempfail_has_its_text(void **state)
{
	struct world *w = *state;

	packets_negotiate(&w->in);
	PACKETS_PUT(&w->in, 'D', "M{auth_type}\0PLAIN\0{auth_authen}\0u@b.test");
	PACKETS_PUT(&w->in, 'M', "<u@b.test>");
	PACKETS_PUT(&w->in, 'L', "From\0 u@b.test");
	packets_put(&w->in, 'N', NULL, 0);
	assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_WANTS);
	assert_string_equal(w->letters, "Oy");
	assert_true(answers_hold(w, REFUSED));
}

/* Nothing is answered, and the reason is said. */
static void
broken_packets_end_it(void **state)
{
	static const struct {
		const char *name, *octets;
		size_t len;
		const char *text;
	} ROWS[] = {
#undef ROW
#define ROW(name, octets, text) {name, octets, sizeof(octets) - 1, text}
	    ROW("not a milter's client", "GET / HTTP/1.0\r\n", "a packet of 1195725856 octets"),
	    ROW("no length", "\0\0\0\0", "a packet of 0 octets"),
	    ROW("sign bit", "\200\0\0\1A", "a packet of 2147483649 octets"),
	    ROW("one octet too long", "\0\20\0\1B", "a packet of 1048577 octets"),
	    ROW("an unknown command", "\0\0\0\1z", "a command 0x7a"),
	    ROW("a second negotiation", "\0\0\0\15O" PACKETS_OPTIONS_FULL, "a second negotiation"),
	    ROW("a header field's value", "\0\0\0\7LFrom\0 ", "a header field that does not end"),
	    ROW("a header field's name", "\0\0\0\5LFrom", "a header field that does not end"),
	    ROW("a NUL in a field", "\0\0\0\11LX\0 a\0b\0\0", "a header field with a NUL in it"),
	    ROW("no macros' command", "\0\0\0\1D", "macros of no command"),
	    ROW("macros", "\0\0\0\5DMi\0Q", "macros that do not end"),
	    ROW("a client", "\0\0\0\2Ch", "a client's name that does not end"),
	    ROW("an address", "\0\0\0\7Ch\0004\0\0011", "a client's address that does not end"),
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		w->in.len = 0;
		PACKETS_RAW(&w->in, 'O', PACKETS_OPTIONS_FULL);
		memcpy(w->in.data + w->in.len, ROWS[i].octets, ROWS[i].len);
		w->in.len += ROWS[i].len;
		for (size_t chunk = 1; chunk < 20; chunk += 9) {
			assert_int_equal(converse(w, chunk), CONNECTION_OVER);
			assert_string_equal(w->letters, "O");
			if (strstr(w->err.text, ROWS[i].text) == NULL)
				fail_msg("%s: says %s", ROWS[i].name, w->err.text);
		}
	}
}

static void
nothing_before_the_negotiation(void **state)
{
	static const char COMMANDS[] = "ABCDEHKLMNRTU";
	struct world *w = *state;

	for (const char *c = COMMANDS; *c != '\0'; c++) {
		w->in.len = 0;
		packets_put(&w->in, *c, "x", 2);
		assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_OVER);
		assert_int_equal(w->out.len, 0);
		assert_non_null(strstr(w->err.text, "no negotiation first"));
	}
	w->in.len = 0;
	packets_put(&w->in, 'Q', NULL, 0);
	assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_OVER);
	assert_int_equal(w->err.kind, ERR_NONE);
	w->in.len = 0;
	PACKETS_RAW(&w->in, 'O', "\0\0\0\6\0\0\0\76\0\0\0\177");
	assert_int_equal(converse(w, CHUNKS_WHOLE), CONNECTION_OVER);
	assert_non_null(strstr(w->err.text, "does not let us add a header field"));
}

/* A peer that goes at any octet leaves nothing behind, and is never answered what it did not ask. */
static void
end_at_any_octet(void **state)
{
	struct world *w = *state;
	size_t whole;

	packets_negotiate(&w->in);
	PACKETS_PUT(&w->in, 'D', PACKETS_LOGIN);
	packets_message(&w->in);
	whole = w->in.len;
	for (w->in.len = 0; w->in.len < whole; w->in.len++) {
		assert_int_equal(converse(w, 11), CONNECTION_WANTS);
		assert_memory_equal(w->letters, "Oc", strlen(w->letters));
	}
	assert_int_equal(counters_get(&w->counters, COUNTER_SIGNED), 0);
}

int
main(void)
{
#define ROW_OF(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest TESTS[] = {
	    ROW_OF(negotiation_asks_for_what_is_needed),
	    ROW_OF(probe_is_of_one_message),
	    ROW_OF(message_is_signed),
	    ROW_OF(old_mta_gets_an_answer_to_each_command),
	    ROW_OF(cuts_change_nothing),
	    ROW_OF(rights_end_with_their_use),
	    ROW_OF(aborted_bodies_are_forgotten),
	    ROW_OF(tempfail_has_its_text),
	    ROW_OF(broken_packets_end_it),
	    ROW_OF(nothing_before_the_negotiation),
	    ROW_OF(end_at_any_octet),
	};

	return cmocka_run_group_tests_name("connection", TESTS, NULL, NULL);
}
