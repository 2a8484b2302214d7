/* SPDX-License-Identifier: ISC */
#include "milter/callbacks.h"

#include "base/log.h"

#include <libmilter/mfapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define TIMEOUT_S 7210 /* longer than an MTA lets its client be idle between commands */
#define DATA_LEN_MAX                                                                               \
	(1024 * 1024) /* a header field may be larger than the 65535 that is the default */
#define TEMPFAIL_CODE  "451"
#define TEMPFAIL_ECODE "4.7.1"

/* smfi_ functions take writable strings, though they do not write. */
#define MUTABLE(name, text) static char name[] = text
MUTABLE(TEMPFAIL_TEXT, "signpost cannot sign now; try again");
MUTABLE(RCODE, TEMPFAIL_CODE);
MUTABLE(XCODE, TEMPFAIL_ECODE);
MUTABLE(FIELD_NAME, SIGNATURE_NAME);
MUTABLE(FILTER_NAME, "signpost");
MUTABLE(MACROS_CONNECT, "{daemon_name}");
MUTABLE(MACROS_MAIL, "{auth_type} {auth_authen} {signpost_probe}");
MUTABLE(MACROS_END, "i");
MUTABLE(MACRO_DAEMON, "{daemon_name}");
MUTABLE(MACRO_AUTH_TYPE, "{auth_type}");
MUTABLE(MACRO_AUTH_AUTHEN, "{auth_authen}");
MUTABLE(MACRO_PROBE, "{signpost_probe}");
MUTABLE(MACRO_QUEUE_ID, "i");

/* What is agreed on a connection, beside its session. */
struct connection {
	struct session *session;
	unsigned long protocol;
};

static struct keyring *ring;
static struct counters *counters;
static _Atomic unsigned running;
static atomic_bool stopping;

/* Once we stop, no callback begins: those that run end, and the MTA answers 451 for the rest. */
static struct connection *
enter(SMFICTX *ctx)
{
	atomic_fetch_add(&running, 1);
	if (atomic_load(&stopping)) {
		atomic_fetch_sub(&running, 1);
		for (;;)
			(void)pause();
	}
	return smfi_getpriv(ctx);
}

static sfsistat
leave(sfsistat status)
{
	atomic_fetch_sub(&running, 1);
	return status;
}

/* The answer where only going on is possible; none when the MTA agreed not to wait for one. */
static sfsistat
leave_quietly(const struct connection *c, unsigned long no_reply)
{
	return leave(c != NULL && (c->protocol & no_reply) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE);
}

/* The one mapping of a session's answers. */
static sfsistat
leave_with(SMFICTX *ctx, enum session_answer answer)
{
	switch (answer) {
	case SESSION_CONTINUE:
		return leave(SMFIS_CONTINUE);
	case SESSION_ACCEPT:
		return leave(SMFIS_ACCEPT);
	case SESSION_TEMPFAIL:
		break;
	}
	(void)smfi_setreply(ctx, RCODE, XCODE, TEMPFAIL_TEXT);
	return leave(SMFIS_TEMPFAIL);
}

static struct connection *
connection_new(void)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->session = session_new(ring, counters);
	if (c->session != NULL)
		return c;
	free(c);
	return NULL;
}

/* Only what the policy needs; an MTA that cannot be asked sends what its own settings say. */
static void
ask_for_macros(SMFICTX *ctx, unsigned long offered_actions)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;

	if ((offered_actions & SMFIF_SETSYMLIST) == 0) {
		if (!atomic_flag_test_and_set(&said))
			log_msg(LOG_LEVEL_INFO, "the MTA does not let a milter ask for macros: its "
						"own settings must give "
						"{daemon_name} at connect, {auth_type} and "
						"{auth_authen} at MAIL, i at the end");
		return;
	}
	(void)smfi_setsymlist(ctx, SMFIM_CONNECT, MACROS_CONNECT);
	(void)smfi_setsymlist(ctx, SMFIM_ENVFROM, MACROS_MAIL);
	(void)smfi_setsymlist(ctx, SMFIM_EOH, MACROS_END);
	(void)smfi_setsymlist(ctx, SMFIM_EOM, MACROS_END);
}

static sfsistat
/* NOLINTNEXTLINE(readability-function-size): libmilter's form */
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long protocol, unsigned long f2,
    unsigned long f3, unsigned long *want_actions, unsigned long *want_protocol,
    unsigned long *want_f2, unsigned long *want_f3)
{
	static const unsigned long WANTED = SMFIP_NOHELO | SMFIP_NORCPT | SMFIP_NODATA |
					    SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC | SMFIP_NR_CONN |
					    SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_BODY;
	struct connection *c = enter(ctx);
	struct session_abilities abilities;

	(void)f2;
	(void)f3;
	*want_f2 = *want_f3 = 0;
	if ((actions & SMFIF_ADDHDRS) == 0) {
		log_msg(LOG_LEVEL_ERR,
		    "the MTA does not let us add a header field: nothing can be signed, "
		    "so the connection is refused; look at its milter settings");
		return leave(SMFIS_REJECT);
	}
	if (c == NULL)
		c = connection_new();
	if (c == NULL || smfi_setpriv(ctx, c) != MI_SUCCESS) {
		log_msg(LOG_LEVEL_ERR, "out of memory: a connection of the MTA is refused");
		return leave(SMFIS_REJECT);
	}
	ask_for_macros(ctx, actions);
	c->protocol = protocol & WANTED;
	*want_actions = SMFIF_ADDHDRS;
	*want_protocol = c->protocol;
	abilities.leading_space = (c->protocol & SMFIP_HDR_LEADSPC) != 0;
	session_negotiated(c->session, &abilities);
	return leave(SMFIS_CONTINUE);
}

/* libmilter keeps a macro until the MTA sends others with the same command, and an MTA sends none where none has a
 * value: the login of one message would be that of the next, or of the next client.  Who copied it takes it away. */
static void
use_up(char *macro)
{
	if (macro != NULL)
		macro[0] = '\0';
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *peer)
{
	struct connection *c = enter(ctx);
	char *daemon_name = smfi_getsymval(ctx, MACRO_DAEMON);

	(void)host; /* a name is no fact: rDNS grants nothing */
	if (c != NULL)
		session_connect(c->session, peer, daemon_name);
	use_up(daemon_name);
	return leave_quietly(c, SMFIP_NR_CONN);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct connection *c = enter(ctx);
	char *auth_type = smfi_getsymval(ctx, MACRO_AUTH_TYPE);
	char *auth_authen = smfi_getsymval(ctx, MACRO_AUTH_AUTHEN);
	char *probe = smfi_getsymval(ctx, MACRO_PROBE);

	(void)argv; /* the envelope grants nothing */
	if (c != NULL)
		session_mail(c->session, auth_type, auth_authen);
	if (c != NULL && probe != NULL && probe[0] != '\0')
		session_probe(c->session);
	use_up(auth_type);
	use_up(auth_authen);
	use_up(probe);
	return leave_quietly(c, SMFIP_NR_MAIL);
}

/* What goes wrong here is kept by the session and answered at the end of header or message. */
static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct connection *c = enter(ctx);

	if (c != NULL)
		(void)session_header(c->session, name, value);
	return leave_quietly(c, SMFIP_NR_HDR);
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	struct connection *c = enter(ctx);

	if (c == NULL)
		return leave_with(ctx, SESSION_TEMPFAIL);
	return leave_with(ctx, session_eoh(c->session, smfi_getsymval(ctx, MACRO_QUEUE_ID)));
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *chunk, size_t len)
{
	struct connection *c = enter(ctx);

	if (c != NULL)
		(void)session_body(c->session, slice_new(chunk, len));
	return leave_quietly(c, SMFIP_NR_BODY);
}

static int
insert(void *arg, const char *value)
{
	SMFICTX *ctx = arg;
	char *copy = strdup(value);
	int rc = -1;

	if (copy != NULL && smfi_insheader(ctx, 0, FIELD_NAME, copy) == MI_SUCCESS)
		rc = 0;
	free(copy);
	return rc;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	struct connection *c = enter(ctx);

	if (c == NULL)
		return leave_with(ctx, SESSION_TEMPFAIL);
	return leave_with(
	    ctx, session_eom(c->session, smfi_getsymval(ctx, MACRO_QUEUE_ID), insert, ctx));
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct connection *c = enter(ctx);

	if (c != NULL)
		session_abort(c->session);
	return leave(SMFIS_CONTINUE);
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct connection *c = enter(ctx);

	if (c != NULL) {
		session_free(c->session);
		free(c);
		(void)smfi_setpriv(ctx, NULL);
	}
	return leave(SMFIS_CONTINUE);
}

int
callbacks_setup(int listen_fd, struct keyring *keyring, struct counters *count, struct err *err)
{
	static char address[32];
	struct smfiDesc desc = {
	    .xxfi_name = FILTER_NAME,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS,
	    .xxfi_connect = on_connect,
	    .xxfi_envfrom = on_mail,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_eoh,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_eom,
	    .xxfi_abort = on_abort,
	    .xxfi_close = on_close,
	    .xxfi_negotiate = on_negotiate,
	};

	ring = keyring;
	counters = count;
	(void)snprintf(address, sizeof(address), "fd:%d", listen_fd);
	(void)smfi_setmaxdatasize(DATA_LEN_MAX);
	if (smfi_setconn(address) != MI_SUCCESS || smfi_settimeout(TIMEOUT_S) != MI_SUCCESS ||
	    smfi_register(desc) != MI_SUCCESS)
		return err_set(
		    err, ERR_IO, "libmilter does not start; is it a build without fd: sockets?");
	return 0;
}

void
callbacks_run(void)
{
	(void)smfi_main();
}

/* Not smfi_stop(): it waits for the listening thread, which sleeps up to 5 s in poll() under the same lock.
 * libmilter's own lines would from now on only tell of the socket that we shut. */
void
callbacks_stop(void)
{
	atomic_store(&stopping, true);
	(void)setlogmask(LOG_MASK(LOG_DEBUG));
}

unsigned
callbacks_running(void)
{
	return atomic_load(&running);
}
