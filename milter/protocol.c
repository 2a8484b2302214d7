/* SPDX-License-Identifier: ISC */
#include "milter/protocol.h"

#include <string.h>

#define IPV6_PREFIX "IPv6:" /* RFC 5321 4.1.3; some MTAs keep it here */

uint32_t
protocol_u32(struct slice s)
{
	return (uint32_t)s.ptr[0] << 24 | (uint32_t)s.ptr[1] << 16 | (uint32_t)s.ptr[2] << 8 |
	       s.ptr[3];
}

int
protocol_head(struct slice in, struct protocol_head *head, struct err *err)
{
	uint32_t len;

	*head = (struct protocol_head){.is_whole = false};
	if (in.len < 4)
		return 0;
	len = protocol_u32(in);
	if (len == 0 || len > PROTOCOL_LEN_MAX)
		return err_set(err, ERR_INPUT, "a packet of %u octets (1 to %u are possible)", len,
		    PROTOCOL_LEN_MAX);
	if (in.len < PROTOCOL_HEAD_LEN)
		return 0;
	*head = (struct protocol_head){
	    .is_whole = true, .command = in.ptr[4], .data_len = (size_t)len - 1};
	return 0;
}

int
protocol_options(struct slice data, struct protocol_options *o, struct err *err)
{
	if (data.len < PROTOCOL_OPTIONS_LEN)
		return err_set(err, ERR_INPUT, "a negotiation of %zu octets, %u are the least",
		    data.len, PROTOCOL_OPTIONS_LEN);
	o->version = protocol_u32(data);
	o->actions = protocol_u32(slice_from(data, PROTOCOL_OPTIONS_PART));
	o->steps = protocol_u32(slice_from(data, 2 * PROTOCOL_OPTIONS_PART));
	if (o->version < SMFI_VERSION_MIN)
		return err_set(err, ERR_INPUT, "version %u of the protocol, %u is the least",
		    o->version, SMFI_VERSION_MIN);
	return 0;
}

/* Takes a string off the front of *rest; NULL when no NUL ends it. */
static const char *
take_string(struct slice *rest)
{
	const uint8_t *start = rest->ptr;
	size_t end;

	if (!slice_find(*rest, '\0', &end))
		return NULL;
	*rest = slice_from(*rest, end + 1);
	return (const char *)start;
}

/* The name in front, of rDNS, is no fact.  Nor is an address that cannot be read: it grants nothing. */
int
protocol_connect(struct slice data, struct protocol_peer *peer, struct err *err)
{
	struct err unread = ERR_INIT;
	struct slice addr;
	const char *text;

	*peer = (struct protocol_peer){.addr = {.family = IP_NONE}};
	if (take_string(&data) == NULL || data.len == 0)
		return err_set(err, ERR_INPUT, "a client's name that does not end");
	if (data.ptr[0] != '4' && data.ptr[0] != '6')
		return 0;
	if (data.len < 3)
		return err_set(err, ERR_INPUT, "a client's address that is cut short");
	peer->port = (uint16_t)(data.ptr[1] << 8 | data.ptr[2]);
	data = slice_from(data, 3);
	if ((text = take_string(&data)) == NULL)
		return err_set(err, ERR_INPUT, "a client's address that does not end");
	addr = slice_of(text);
	if (slice_ieq_str(slice_sub(addr, 0, sizeof(IPV6_PREFIX) - 1), IPV6_PREFIX))
		addr = slice_from(addr, sizeof(IPV6_PREFIX) - 1);
	if (ip_addr_parse(addr, &peer->addr, &unread) != 0)
		*peer = (struct protocol_peer){.addr = {.family = IP_NONE}};
	return 0;
}

int
protocol_header(struct slice data, const char **name, const char **value, struct err *err)
{
	*name = take_string(&data);
	*value = *name == NULL ? NULL : take_string(&data);
	if (*value == NULL)
		return err_set(err, ERR_INPUT, "a header field that does not end");
	if (data.len > 0)
		return err_set(err, ERR_INPUT, "a header field with a NUL in it");
	return 0;
}

int
protocol_macros(struct slice data, uint8_t *command, struct slice *pairs, struct err *err)
{
	struct slice rest;

	if (data.len == 0)
		return err_set(err, ERR_INPUT, "macros of no command");
	*command = data.ptr[0];
	rest = *pairs = slice_from(data, 1);
	while (rest.len > 0) {
		const char *name = take_string(&rest), *value = take_string(&rest);

		if (name == NULL || value == NULL)
			return err_set(err, ERR_INPUT, "macros that do not end");
	}
	return 0;
}

static bool
is_named(struct slice macro, const char *name)
{
	if (macro.len > 2 && macro.ptr[0] == '{' && macro.ptr[macro.len - 1] == '}')
		macro = slice_sub(macro, 1, macro.len - 2);
	return slice_eq_str(macro, name);
}

const char *
protocol_macro(struct slice pairs, const char *name)
{
	while (pairs.len > 0) {
		const char *key = take_string(&pairs), *value = take_string(&pairs);

		if (key == NULL || value == NULL)
			return NULL;
		if (is_named(slice_of(key), name))
			return value;
	}
	return NULL;
}

static void
store_u32(uint8_t out[static 4], uint32_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (24 - 8 * i));
}

void
protocol_put_u32(struct buf *b, uint32_t n)
{
	uint8_t octets[4];

	store_u32(octets, n);
	buf_put(b, slice_new(octets, sizeof(octets)));
}

void
protocol_put_u16(struct buf *b, uint16_t n)
{
	const uint8_t octets[2] = {(uint8_t)(n >> 8), (uint8_t)n};

	buf_put(b, slice_new(octets, sizeof(octets)));
}

void
protocol_put_string(struct buf *b, struct slice s)
{
	buf_put(b, s);
	buf_put_byte(b, '\0');
}

void
protocol_put_head(struct buf *b, int command, size_t data_len)
{
	protocol_put_u32(b, (uint32_t)data_len + 1);
	buf_put_byte(b, (uint8_t)command);
}

size_t
protocol_begin(struct buf *b, int command)
{
	size_t at = b->len;

	protocol_put_head(b, command, 0);
	return at;
}

void
protocol_end(struct buf *b, size_t at)
{
	if (b->state == BUF_OK)
		store_u32(b->data + at, (uint32_t)(b->len - at - 4));
}

void
protocol_plain(struct buf *b, int command)
{
	protocol_put_head(b, command, 0);
}
