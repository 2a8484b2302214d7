/* SPDX-License-Identifier: ISC */
/* Octets of an MTA, or of whoever found the socket.  Whatever they are: the answers are packets, they are the same
 * however the octets are cut, and a signature comes only to who named a login of the domain.
 *
 * Input: packets as on the wire.  With 'n' as the first octet a negotiation is put in its place. */
#include "milter/connection.h"
#include "milter/protocol.h"
#include "tests/unit/fixture_packets.h"
#include "tests/unit/fixture_table.h"

#define INPUT_LEN_MAX 65536
#define OUTPUT_MAX    (1u << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct fixture fx;
static struct counters counters;
static struct keyring *ring;
static struct packets greeting;

static void
finish(void)
{
	keyring_free(ring);
	fixture_deinit(&fx);
}

static void
start(void)
{
	char hash[48], rows[512];

	fixture_init(&fx);
	fixture_key(&fx, "e.pem", KEY_ED25519_SHA256, 0, hash);
	(void)snprintf(rows, sizeof(rows),
	    "set log_unsigned none\nset header_len_max 4096\nset header_count_max 10\n"
	    "domain a.test t=no\nkey a.test s ed25519-sha256 e.pem %s\n",
	    hash);
	fixture_table(&fx, 1, rows);
	packets_negotiate(&greeting);
	ring = keyring_new(fx.table, &counters);
	if (ring == NULL || atexit(finish) != 0)
		abort();
}

/* As much as there is, in an exact copy; *left octets of it wait for more. */
static bool
feed(struct connection *c, struct slice in, struct buf *out, size_t *left)
{
	enum connection_step step = CONNECTION_TOOK;
	uint8_t *exact = malloc(in.len > 0 ? in.len : 1);
	struct err err = ERR_INIT;
	size_t at = 0, taken = 0;

	if (exact == NULL)
		abort();
	memcpy(exact, in.ptr, in.len);
	while (step == CONNECTION_TOOK) {
		step = connection_step(c, slice_new(exact + at, in.len - at), &taken, &err);
		if (taken > in.len - at || (step == CONNECTION_TOOK && taken == 0))
			abort();
		at += taken;
	}
	*left = in.len - at;
	if (step == CONNECTION_WANTS &&
	    (connection_wants(c) <= *left || connection_wants(c) > PROTOCOL_LEN_MAX + 4))
		abort();
	free(exact);
	buf_put(out, buf_slice(connection_answers(c)));
	buf_clear(connection_answers(c));
	return step == CONNECTION_WANTS;
}

static void
converse(struct slice in, size_t chunk, struct buf *out)
{
	struct connection *c = connection_new(ring, &counters);
	size_t start_at = 0, end = 0, left = 0;
	bool goes_on = c != NULL;

	while (goes_on && end < in.len) {
		end = chunk < in.len - end ? end + chunk : in.len;
		goes_on = feed(c, slice_sub(in, start_at, end - start_at), out, &left);
		start_at = end - left;
	}
	connection_free(c);
	if (buf_check(out, "answers", &(struct err)ERR_INIT) != 0)
		abort();
}

static void
judge(struct slice in, struct slice out)
{
	while (out.len > 0) {
		struct protocol_head head;

		if (protocol_head(out, &head, &(struct err)ERR_INIT) != 0 || !head.is_whole ||
		    head.data_len > out.len - PROTOCOL_HEAD_LEN || strchr("Ociay", head.command) == NULL)
			abort();
		if (head.command == SMFIR_INSHEADER &&
		    (memmem(in.ptr, in.len, "auth_authen", 11) == NULL ||
			memmem(in.ptr, in.len, "a.test", 6) == NULL))
			abort();
		out = slice_from(out, PROTOCOL_HEAD_LEN + head.data_len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf in, whole, cut;

	if (ring == NULL)
		start();
	if (len == 0 || len > INPUT_LEN_MAX)
		return 0;
	buf_init(&in, OUTPUT_MAX);
	buf_init(&whole, OUTPUT_MAX);
	buf_init(&cut, OUTPUT_MAX);
	if (data[0] == 'n')
		buf_put(&in, slice_new(greeting.data, greeting.len));
	buf_put(&in, slice_new(data + (data[0] == 'n'), len - (data[0] == 'n')));
	converse(buf_slice(&in), SIZE_MAX, &whole);
	converse(buf_slice(&in), 1 + len % 13, &cut);
	if (!slice_eq(buf_slice(&whole), buf_slice(&cut)))
		abort();
	judge(buf_slice(&in), buf_slice(&whole));
	buf_deinit(&in);
	buf_deinit(&whole);
	buf_deinit(&cut);
	return 0;
}
