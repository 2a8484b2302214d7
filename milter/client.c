/* SPDX-License-Identifier: ISC */
#include "milter/client.h"

#include "milter/client_answer.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_DEFAULT_MS 30000

struct milter_client {
	struct wire wire;
	uint32_t protocol;
	char *address;
	char *macro_lists
	    [STAGE_COUNT]; /* what the milter asked for; NULL: everything that is there */
	bool connected;	   /* connect and helo went out */
	bool dirty;	   /* a message is open: the next one begins with an abort */
	bool answered;	   /* the connection itself has an answer, which holds for every message */
	enum milter_answer answer;
};

/* The list that a filter asked for replaces the MTA's own (smfi_setsymlist). */
static int
take_macro_lists(struct milter_client *c, struct slice data, struct err *err)
{
	size_t end;

	while (data.len > 4) {
		uint32_t stage = protocol_u32(data);
		data = slice_from(data, 4);
		if (stage >= STAGE_COUNT || !slice_find(data, '\0', &end))
			return err_set(err, ERR_IO, "%s: the list of macros wanted does not parse",
			    c->address);
		free(c->macro_lists[stage]);
		if ((c->macro_lists[stage] = slice_strdup(slice_sub(data, 0, end))) == NULL)
			return err_nomem(err);
		data = slice_from(data, end + 1);
	}
	return 0;
}

static int
negotiate(struct milter_client *c, const struct milter_client_options *o, struct err *err)
{
	struct wire_packet p;

	wire_begin(&c->wire, SMFIC_OPTNEG);
	protocol_put_u32(&c->wire.out, SMFI_VERSION);
	protocol_put_u32(&c->wire.out, o->actions);
	protocol_put_u32(&c->wire.out, o->protocol);
	wire_end(&c->wire);
	if (wire_flush(&c->wire, slice_of(""), err) != 0 || wire_read(&c->wire, &p, err) != 0)
		return err->kind != ERR_IO ? -1
					   : err_set(err, ERR_IO,
						 "%s: the milter closed the connection instead of "
						 "negotiating; its log says why",
						 c->address);
	if (p.command == SMFIR_REJECT || p.command == SMFIR_TEMPFAIL)
		return err_set(err, ERR_IO, "%s: the milter refuses to negotiate; its log says why",
		    c->address);
	if (p.command != SMFIC_OPTNEG || p.data.len < PROTOCOL_OPTIONS_LEN)
		return err_set(
		    err, ERR_IO, "%s: does not negotiate: that is no milter", c->address);
	uint32_t actions = protocol_u32(slice_from(p.data, 4)),
		 protocol = protocol_u32(slice_from(p.data, 8));
	if ((actions & ~o->actions) != 0 || (protocol & ~o->protocol) != 0)
		return err_set(err, ERR_IO,
		    "%s: wants what was not offered: actions 0x%x of 0x%x, protocol 0x%x of 0x%x",
		    c->address, actions, o->actions, protocol, o->protocol);
	c->protocol = protocol;
	return take_macro_lists(c, slice_from(p.data, PROTOCOL_OPTIONS_LEN), err);
}

int
milter_client_open(const char *address, const struct milter_client_options *o,
    struct milter_client **out, struct err *err)
{
	struct milter_client *c = calloc(1, sizeof *c);

	if (c == NULL || (c->address = slice_strdup(slice_of(address))) == NULL) {
		free(c);
		return err_nomem(err);
	}
	int timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : TIMEOUT_DEFAULT_MS;
	if (wire_open(&c->wire, c->address, timeout_ms, err) != 0 || negotiate(c, o, err) != 0) {
		wire_close(&c->wire);
		milter_client_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

void
milter_client_free(struct milter_client *c)
{
	struct err ignored = ERR_INIT;

	if (c == NULL)
		return;
	if (c->wire.fd >= 0) {
		if (c->dirty)
			protocol_plain(&c->wire.out, SMFIC_ABORT);
		protocol_plain(&c->wire.out, SMFIC_QUIT);
		if (wire_flush(&c->wire, slice_of(""), &ignored) != 0)
			c->dirty = false; /* the milter is gone; there is nobody to tell */
	}
	wire_close(&c->wire);
	for (size_t i = 0; i < STAGE_COUNT; i++)
		free(c->macro_lists[i]);
	free(c->address);
	free(c);
}

void
milter_client_limit(struct milter_client *c, int ms)
{
	wire_limit(&c->wire, ms);
}

uint32_t
milter_client_protocol(const struct milter_client *c)
{
	return c->protocol;
}

/* Lists are separated by blanks or commas; "{name}" and "name" differ, as in Postfix. */
static bool
is_listed(const char *list, const char *name)
{
	const size_t len = strlen(name);

	for (const char *p = list; *p != '\0';) {
		size_t word = strcspn(p, " ,");
		if (word == len && memcmp(p, name, len) == 0)
			return true;
		p += word + (p[word] != '\0');
	}
	return false;
}

static void
put_macros(
    struct milter_client *c, enum protocol_stage stage, char command, const struct milter_macro *m)
{
	bool begun = false;

	for (; m != NULL && m->name != NULL; m++) {
		if (c->macro_lists[stage] != NULL && !is_listed(c->macro_lists[stage], m->name))
			continue;
		if (!begun) {
			wire_begin(&c->wire, SMFIC_MACRO);
			buf_put_byte(&c->wire.out, (uint8_t)command);
			begun = true;
		}
		protocol_put_string(&c->wire.out, slice_of(m->name));
		protocol_put_string(&c->wire.out, slice_of(m->value));
	}
	if (begun)
		wire_end(&c->wire);
}

static enum progress
await(struct milter_client *c, struct milter_reply *r, struct err *err)
{
	struct wire_packet p;
	bool more = true;
	enum progress got = GO_ON;

	if (wire_flush(&c->wire, slice_of(""), err) != 0)
		return FAILED;
	while (more && got == GO_ON) {
		if (wire_read(&c->wire, &p, err) != 0)
			return FAILED;
		if ((got = client_take_packet(&p, r, &more, err)) == FAILED)
			err_wrap(err, "%s", c->address);
	}
	return got;
}

/* After a command went into the buffer: its answer, unless it was agreed that there is none. */
static enum progress
settle(struct milter_client *c, uint32_t no_reply, struct milter_reply *r, struct err *err)
{
	if ((c->protocol & no_reply) == 0)
		return await(c, r, err);
	if (c->wire.out.len >= WIRE_GATHER_LEN && wire_flush(&c->wire, slice_of(""), err) != 0)
		return FAILED;
	return GO_ON;
}

/* The commands in their order, and the bits that make them unwanted or unanswered. */
struct command {
	char code;
	uint32_t unwanted, no_reply;
};

static const struct command CONNECT = {SMFIC_CONNECT, SMFIP_NOCONNECT, SMFIP_NR_CONN};
static const struct command HELO = {SMFIC_HELO, SMFIP_NOHELO, SMFIP_NR_HELO};
static const struct command MAIL = {SMFIC_MAIL, SMFIP_NOMAIL, SMFIP_NR_MAIL};
static const struct command RCPT = {SMFIC_RCPT, SMFIP_NORCPT, SMFIP_NR_RCPT};
static const struct command DATA = {SMFIC_DATA, SMFIP_NODATA, SMFIP_NR_DATA};
static const struct command EOH = {SMFIC_EOH, SMFIP_NOEOH, SMFIP_NR_EOH};

/* arg NULL: a command without data. */
static enum progress
command(struct milter_client *c, const struct command *cmd, const char *arg, struct milter_reply *r,
    struct err *err)
{
	if (c->protocol & cmd->unwanted)
		return GO_ON;
	wire_begin(&c->wire, cmd->code);
	if (arg != NULL)
		protocol_put_string(&c->wire.out, slice_of(arg));
	wire_end(&c->wire);
	return settle(c, cmd->no_reply, r, err);
}

static void
put_client(struct milter_client *c, const struct milter_message *m)
{
	const char *addr = m->client_addr;

	wire_begin(&c->wire, SMFIC_CONNECT);
	protocol_put_string(
	    &c->wire.out, slice_of(m->client_name != NULL ? m->client_name : "unknown"));
	if (addr == NULL) {
		buf_put_byte(&c->wire.out, 'U');
	} else {
		bool v6 = strchr(addr, ':') != NULL;
		buf_put_byte(&c->wire.out, v6 ? '6' : '4');
		protocol_put_u16(&c->wire.out, m->client_port);
		protocol_put_string(&c->wire.out, slice_of(addr));
	}
	wire_end(&c->wire);
}

/* Connect and helo.  An answer other than "go on" holds for the connection (Postfix milter8.c does so). */
static enum progress
introduce(struct milter_client *c, const struct milter_message *m, struct milter_reply *r,
    struct err *err)
{
	enum progress got = GO_ON;

	put_macros(c, STAGE_CONNECT, SMFIC_CONNECT, m->connect_macros);
	if (!(c->protocol & CONNECT.unwanted)) {
		put_client(c, m);
		got = settle(c, CONNECT.no_reply, r, err);
	}
	if (got == GO_ON)
		got = command(c, &HELO, m->helo != NULL ? m->helo : "localhost", r, err);
	if (got == DONE) {
		c->answered = true;
		c->answer = r->answer;
	}
	c->connected = true;
	return got;
}

/* From DATA on Postfix gives {i} alone; the rest of the eom macros comes at eom. */
static void
put_queue_id(struct milter_client *c, const struct milter_macro *m)
{
	for (; m != NULL && m->name != NULL; m++)
		if (strcmp(m->name, "i") == 0) {
			const struct milter_macro only[] = {*m, {NULL, NULL}};
			put_macros(c, STAGE_DATA, SMFIC_DATA, only);
		}
}

static enum progress
envelope(struct milter_client *c, const struct milter_message *m, struct milter_reply *r,
    struct err *err)
{
	if (c->dirty)
		protocol_plain(&c->wire.out, SMFIC_ABORT);
	c->dirty = true;
	put_macros(c, STAGE_MAIL, SMFIC_MAIL, m->mail_macros);
	enum progress got = command(c, &MAIL, m->mail_from != NULL ? m->mail_from : "<>", r, err);
	if (got == GO_ON)
		got = command(c, &RCPT, m->rcpt_to != NULL ? m->rcpt_to : "<postmaster>", r, err);
	if (got == GO_ON) {
		put_queue_id(c, m->eom_macros);
		got = command(c, &DATA, NULL, r, err);
	}
	return got;
}

static enum progress
header(struct milter_client *c, const struct milter_message *m, struct milter_reply *r,
    struct err *err)
{
	enum progress got = GO_ON;
	size_t count = m->headers == NULL || (c->protocol & SMFIP_NOHDRS) ? 0 : m->headers->count;

	for (size_t i = 0; i < count && got == GO_ON; i++) {
		struct slice value = m->headers->fields[i].value;
		/* what SMFIP_HDR_LEADSPC turns off: the MTA keeps one leading space to itself */
		if (!(c->protocol & SMFIP_HDR_LEADSPC) && value.len > 0 && value.ptr[0] == ' ')
			value = slice_from(value, 1);
		wire_begin(&c->wire, SMFIC_HEADER);
		protocol_put_string(&c->wire.out, m->headers->fields[i].name);
		protocol_put_string(&c->wire.out, value);
		wire_end(&c->wire);
		got = settle(c, SMFIP_NR_HDR, r, err);
	}
	return got == GO_ON ? command(c, &EOH, NULL, r, err) : got;
}

static enum progress
body(struct milter_client *c, const struct milter_message *m, struct milter_reply *r,
    struct err *err)
{
	const size_t chunk_len = m->chunk_len > 0 && m->chunk_len < PROTOCOL_CHUNK_MAX
				     ? m->chunk_len
				     : PROTOCOL_CHUNK_MAX;
	enum progress got = GO_ON;

	if (c->protocol & SMFIP_NOBODY)
		return GO_ON;
	r->body_wanted = true;
	for (size_t at = 0; at < m->body.len && got == GO_ON; at += chunk_len) {
		if (wire_send_data(&c->wire, SMFIC_BODY, slice_sub(m->body, at, chunk_len), err) !=
		    0)
			return FAILED;
		got = settle(c, SMFIP_NR_BODY, r, err);
	}
	if (got == SKIP_BODY || got == DONE)
		r->body_wanted = false;
	return got;
}

static enum progress
message(struct milter_client *c, const struct milter_message *m, struct milter_reply *r,
    struct err *err)
{
	enum progress got = envelope(c, m, r, err);

	if (got == GO_ON)
		got = header(c, m, r, err);
	if (got == GO_ON)
		got = body(c, m, r, err);
	if (m->abort_before_eom || (got != GO_ON && got != SKIP_BODY))
		return got;
	put_macros(c, STAGE_EOM, SMFIC_BODYEOB, m->eom_macros);
	protocol_plain(&c->wire.out, SMFIC_BODYEOB);
	return await(c, r, err);
}

int
milter_client_message(struct milter_client *c, const struct milter_message *m,
    struct milter_reply *r, struct err *err)
{
	enum progress got = GO_ON;

	*r = (struct milter_reply){.answer = MILTER_ACCEPTED};
	if (!c->connected)
		got = introduce(c, m, r, err);
	if (c->answered)
		r->answer = c->answer;
	else if (got != FAILED)
		got = message(c, m, r, err);
	return got == FAILED ? -1 : 0;
}
