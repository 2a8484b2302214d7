/* SPDX-License-Identifier: ISC */
#include "milter/connection.h"

#include "base/log.h"
#include "milter/macros.h"
#include "milter/protocol.h"

#include <stdlib.h>
#include <string.h>

#define ANSWERS_LEN_MAX (1u << 20) /* more signatures than a domain has keys */
#define TEMPFAIL_REPLY	"451 4.7.1 signpost cannot sign now; try again"

/* What the session never answers need not be sent, or not be waited for. */
#define STEPS_WANTED                                                                               \
	(SMFIP_NOHELO | SMFIP_NORCPT | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC |        \
	    SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_BODY)

struct connection {
	struct keyring *ring;
	struct counters *counters;
	struct session *session;
	bool is_negotiated, is_busy;
	uint32_t steps;	   /* as agreed */
	size_t body_left;  /* of the packet that is being taken piece by piece */
	bool ends_message; /* that packet is SMFIC_BODYEOB */
	size_t wants;
	struct macros macros;
	struct buf answers;
};

struct connection *
connection_new(struct keyring *ring, struct counters *counters)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->ring = ring;
	c->counters = counters;
	c->wants = PROTOCOL_HEAD_LEN;
	buf_init(&c->answers, ANSWERS_LEN_MAX);
	c->session = session_new(ring, counters);
	if (c->session != NULL)
		return c;
	free(c);
	return NULL;
}

void
connection_free(struct connection *c)
{
	if (c == NULL)
		return;
	session_free(c->session);
	buf_deinit(&c->answers);
	free(c);
}

/* The answer where only going on is possible; none when the MTA agreed not to wait for one. */
static void
go_on(struct connection *c, uint32_t no_reply)
{
	if ((c->steps & no_reply) == 0)
		protocol_plain(&c->answers, SMFIR_CONTINUE);
}

/* The one mapping of a session's answers. */
static void
reply(struct connection *c, enum session_answer answer)
{
	size_t at;

	switch (answer) {
	case SESSION_CONTINUE:
		protocol_plain(&c->answers, SMFIR_CONTINUE);
		return;
	case SESSION_ACCEPT:
		c->is_busy = false;
		protocol_plain(&c->answers, SMFIR_ACCEPT);
		return;
	case SESSION_TEMPFAIL:
		break;
	}
	c->is_busy = false;
	at = protocol_begin(&c->answers, SMFIR_REPLYCODE);
	protocol_put_string(&c->answers, SLICE_LIT(TEMPFAIL_REPLY));
	protocol_end(&c->answers, at);
}

static int
insert(void *arg, const char *value)
{
	struct connection *c = arg;
	size_t at = protocol_begin(&c->answers, SMFIR_INSHEADER);

	protocol_put_u32(&c->answers, 0);
	protocol_put_string(&c->answers, SLICE_LIT(SIGNATURE_NAME));
	protocol_put_string(&c->answers, slice_of(value));
	protocol_end(&c->answers, at);
	return c->answers.state == BUF_OK ? 0 : -1;
}

static void
put_list(struct buf *out, enum protocol_stage stage, struct slice names)
{
	protocol_put_u32(out, stage);
	protocol_put_string(out, names);
}

/* Only what the policy needs; an MTA that cannot be asked sends what its own settings say. */
static void
ask_for_macros(struct buf *out, uint32_t actions)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;

	if ((actions & SMFIF_SETSYMLIST) != 0) {
		put_list(out, STAGE_CONNECT, SLICE_LIT("{daemon_name}"));
		put_list(out, STAGE_MAIL, SLICE_LIT("{auth_type} {auth_authen} {signpost_probe}"));
		put_list(out, STAGE_EOM, SLICE_LIT("i"));
		put_list(out, STAGE_EOH, SLICE_LIT("i"));
	} else if (!atomic_flag_test_and_set(&said)) {
		log_msg(LOG_LEVEL_INFO,
		    "the MTA does not let a milter ask for macros: its own settings must give "
		    "{daemon_name} at connect, {auth_type} and {auth_authen} at MAIL, i at the "
		    "end");
	}
}

static void
tell_abilities(struct connection *c)
{
	const struct session_abilities abilities = {
	    .leading_space = (c->steps & SMFIP_HDR_LEADSPC) != 0};

	session_negotiated(c->session, &abilities);
}

static int
negotiate(struct connection *c, struct slice data, struct err *err)
{
	struct protocol_options o;
	size_t at;

	if (c->is_negotiated)
		return err_set(err, ERR_INPUT, "a second negotiation");
	if (protocol_options(data, &o, err) != 0)
		return -1;
	if ((o.actions & SMFIF_ADDHDRS) == 0)
		return err_set(err, ERR_INPUT,
		    "the MTA does not let us add a header field, so that nothing can be signed; "
		    "look at its milter settings");
	c->is_negotiated = true;
	c->steps = o.steps & STEPS_WANTED;
	at = protocol_begin(&c->answers, SMFIC_OPTNEG);
	protocol_put_u32(&c->answers, o.version < SMFI_VERSION ? o.version : SMFI_VERSION);
	protocol_put_u32(&c->answers, SMFIF_ADDHDRS);
	protocol_put_u32(&c->answers, c->steps);
	ask_for_macros(&c->answers, o.actions);
	protocol_end(&c->answers, at);
	tell_abilities(c);
	return 0;
}

static void
forget_message(struct connection *c)
{
	c->is_busy = false;
	macros_forget_message(&c->macros);
}

static int
connect_client(struct connection *c, struct slice data, struct err *err)
{
	struct sockaddr_storage ss;
	struct protocol_peer peer;
	union {
		const struct sockaddr_storage *storage;
		const struct sockaddr *any;
	} sa = {.storage = &ss};

	if (protocol_connect(data, &peer, err) != 0)
		return -1;
	if (ip_addr_to_sockaddr(&peer.addr, peer.port, &ss) == 0)
		sa.any = NULL;
	forget_message(c);
	session_connect(c->session, sa.any, macros_get(c->macros.daemon_name));
	macros_use_client(&c->macros);
	go_on(c, SMFIP_NR_CONN);
	return 0;
}

/* What goes wrong with it is kept by the session and answered at the end of header or message. */
static int
header(struct connection *c, struct slice data, struct err *err)
{
	const char *name, *value;

	if (protocol_header(data, &name, &value, err) != 0)
		return -1;
	(void)session_header(c->session, name, value);
	go_on(c, SMFIP_NR_HDR);
	return 0;
}

static void
begin_message(struct connection *c)
{
	/* the envelope grants nothing */
	session_mail(
	    c->session, macros_get(c->macros.auth_type), macros_get(c->macros.auth_authen));
	if (c->macros.is_probe)
		session_probe(c->session);
	macros_use_login(&c->macros);
	c->is_busy = true;
	go_on(c, SMFIP_NR_MAIL);
}

/* What the client may that is gone is not what the next one may. */
static int
change_client(struct connection *c, struct err *err)
{
	struct session *fresh = session_new(c->ring, c->counters);

	if (fresh == NULL)
		return err_nomem(err);
	session_free(c->session);
	c->session = fresh;
	tell_abilities(c);
	forget_message(c);
	macros_use_client(&c->macros);
	return 0;
}

/* Commands whose data has come whole: all but those that bring the body. */
static int
command(struct connection *c, int code, struct slice data, struct err *err)
{
	if (code == SMFIC_OPTNEG)
		return negotiate(c, data, err);
	if (!c->is_negotiated)
		return err_set(err, ERR_INPUT, "no negotiation first");
	switch (code) {
	case SMFIC_MACRO:
		return macros_take(&c->macros, data, err);
	case SMFIC_CONNECT:
		return connect_client(c, data, err);
	case SMFIC_MAIL:
		begin_message(c);
		return 0;
	case SMFIC_HEADER:
		return header(c, data, err);
	case SMFIC_EOH:
		reply(c, session_eoh(c->session, macros_get(c->macros.queue_id)));
		return 0;
	case SMFIC_ABORT:
		session_abort(c->session);
		forget_message(c);
		return 0;
	case SMFIC_QUIT_NC:
		return change_client(c, err);
	case SMFIC_HELO: /* from here on: what we asked not to be told, from an MTA that has to */
	case SMFIC_RCPT:
	case SMFIC_DATA:
	case SMFIC_UNKNOWN:
		go_on(c, 0);
		return 0;
	default:
		return err_set(err, ERR_INPUT, "a command 0x%02x", (unsigned)code);
	}
}

/* A body is hashed from where it lies, as far as it has come. */
static enum connection_step
take_body(struct connection *c, struct slice in, size_t *taken)
{
	struct slice piece = slice_sub(in, 0, c->body_left);

	*taken += piece.len;
	c->body_left -= piece.len;
	c->wants = 1;
	if (piece.len > 0)
		(void)session_body(c->session, piece);
	if (c->body_left > 0)
		return CONNECTION_WANTS;
	if (!c->ends_message) {
		go_on(c, SMFIP_NR_BODY);
		return CONNECTION_TOOK;
	}
	c->ends_message = false;
	reply(c, session_eom(c->session, macros_get(c->macros.queue_id), insert, c));
	forget_message(c);
	return CONNECTION_TOOK;
}

static enum connection_step
begin_body(struct connection *c, const struct protocol_head *head, struct slice in, size_t *taken)
{
	*taken = PROTOCOL_HEAD_LEN;
	c->body_left = head->data_len;
	c->ends_message = head->command == SMFIC_BODYEOB;
	return take_body(c, slice_from(in, PROTOCOL_HEAD_LEN), taken);
}

static bool
brings_body(int code)
{
	return code == SMFIC_BODY || code == SMFIC_BODYEOB;
}

enum connection_step
connection_step(struct connection *c, struct slice in, size_t *taken, struct err *err)
{
	struct protocol_head head;

	*taken = 0;
	if (c->body_left > 0)
		return in.len > 0 ? take_body(c, in, taken) : CONNECTION_WANTS;
	if (protocol_head(in, &head, err) != 0)
		return CONNECTION_OVER;
	c->wants = PROTOCOL_HEAD_LEN;
	if (!head.is_whole)
		return CONNECTION_WANTS;
	if (brings_body(head.command) && c->is_negotiated)
		return begin_body(c, &head, in, taken);
	c->wants = PROTOCOL_HEAD_LEN + head.data_len;
	if (in.len < c->wants)
		return CONNECTION_WANTS;
	*taken = c->wants;
	c->wants = PROTOCOL_HEAD_LEN;
	if (head.command == SMFIC_QUIT)
		return CONNECTION_OVER;
	if (command(c, head.command, slice_sub(in, PROTOCOL_HEAD_LEN, head.data_len), err) != 0)
		return CONNECTION_OVER;
	return CONNECTION_TOOK;
}

size_t
connection_wants(const struct connection *c)
{
	return c->wants;
}

struct buf *
connection_answers(struct connection *c)
{
	return &c->answers;
}

bool
connection_is_busy(const struct connection *c)
{
	return c->is_busy;
}
