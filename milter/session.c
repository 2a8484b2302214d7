/* SPDX-License-Identifier: ISC */
#include "milter/session.h"

#include "milter/session_message.h"

#include <stdlib.h>
#include <string.h>

#define LOGIN_KEPT_MAX (TABLE_LOGIN_LEN_MAX + 1) /* one more than any table holds: still no match */
#define AUTH_TYPE_MAX  64

static void
enter(struct session *s)
{
	s->entered_ns = session_clock_ns();
}

static enum session_answer
leave(struct session *s, enum session_answer answer)
{
	s->spent_ns += session_clock_ns() - s->entered_ns;
	return answer;
}

static void
begin(struct session *s)
{
	const struct keyring_snapshot *snap = keyring_peek(s->ring);
	struct table_settings settings;

	session_message_reset(s);
	if (snap != NULL)
		settings = keyring_table(snap)->settings;
	else
		table_settings_default(&settings);
	keyring_release(s->ring, snap);
	session_header_begin(&s->header, &settings);
	s->state = MESSAGE_HEADER;
}

static void
set_queue_id(struct session *s, const char *queue_id)
{
	if (queue_id == NULL)
		return;
	memset(s->queue_id, 0, sizeof(s->queue_id));
	memcpy(s->queue_id, queue_id, strnlen(queue_id, sizeof(s->queue_id) - 1));
}

static void
broken(struct session *s, const char *what)
{
	if (s->failure.kind == ERR_NONE)
		(void)err_set(&s->failure, ERR_INPUT, "the MTA sent %s out of order", what);
}

struct session *
session_new(struct keyring *ring, struct counters *counters)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->ring = ring;
	s->counters = counters;
	session_header_init(&s->header);
	return s;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	session_abort(s);
	session_header_deinit(&s->header);
	free(s->daemon_name);
	free(s);
}

void
session_negotiated(struct session *s, const struct session_abilities *abilities)
{
	s->abilities = *abilities;
}

void
session_connect(struct session *s, const struct sockaddr *peer, const char *daemon_name)
{
	session_abort(s);
	ip_addr_from_sockaddr(&s->peer, &s->peer_port, peer);
	free(s->daemon_name);
	s->daemon_name = daemon_name != NULL ? slice_strdup(slice_of(daemon_name)) : NULL;
	counters_add(s->counters, COUNTER_CONNECTIONS, 1);
}

void
session_mail(struct session *s, const char *auth_type, const char *auth_authen)
{
	struct slice login = slice_sub(slice_of(auth_authen), 0, LOGIN_KEPT_MAX);

	session_abort(s);
	enter(s);
	begin(s);
	s->auth_type =
	    session_header_keep(&s->header, slice_sub(slice_of(auth_type), 0, AUTH_TYPE_MAX));
	s->auth_authen = session_header_keep(&s->header, login);
	(void)leave(s, SESSION_CONTINUE);
}

void
session_probe(struct session *s)
{
	if (s->state == MESSAGE_HEADER)
		s->is_probe = true;
}

enum session_answer
session_header(struct session *s, const char *name, const char *value)
{
	enter(s);
	if (s->state == MESSAGE_NONE)
		begin(s);
	if (s->state == MESSAGE_HEADER)
		session_header_add(&s->header, slice_of(name), slice_of(value));
	else
		broken(s, "a header field");
	return leave(s, SESSION_CONTINUE);
}

enum session_answer
session_eoh(struct session *s, const char *queue_id)
{
	enter(s);
	if (s->state == MESSAGE_NONE)
		begin(s);
	if (s->state == MESSAGE_DONE)
		return leave(s, s->answer);
	set_queue_id(s, queue_id);
	if (s->state == MESSAGE_HEADER)
		return leave(s, session_message_decide(s));
	broken(s, "end of header");
	return leave(s, SESSION_CONTINUE);
}

enum session_answer
session_body(struct session *s, struct slice chunk)
{
	enter(s);
	if (s->state == MESSAGE_DONE)
		return leave(s, s->answer);
	if (s->state == MESSAGE_NONE)
		begin(s);
	if (s->state != MESSAGE_SIGNING)
		broken(s, "the body");
	else if (!s->is_probe && s->failure.kind == ERR_NONE &&
		 canon_body_update(&s->body, chunk, &s->failure) != 0)
		(void)err_wrap(&s->failure, "hashing the body");
	return leave(s, SESSION_CONTINUE);
}

enum session_answer
session_eom(struct session *s, const char *queue_id, session_insert *insert, void *arg)
{
	const struct session_inserter to = {.insert = insert, .arg = arg};
	const struct keyring_snapshot *snap;
	enum session_answer answer;
	struct err err = ERR_INIT;

	enter(s);
	if (s->state == MESSAGE_DONE) {
		answer = s->answer;
		session_message_reset(s);
		return leave(s, answer);
	}
	set_queue_id(s, queue_id);
	if (s->state != MESSAGE_SIGNING)
		broken(s, "end of message");
	if (s->failure.kind != ERR_NONE) {
		err = s->failure;
		answer = session_message_give_up(s, REASON_INTERNAL, NULL, &err);
	} else if ((snap = keyring_acquire(s->ring, &err)) == NULL) {
		answer = session_message_give_up(s, REASON_NO_TABLE, NULL, &err);
	} else {
		answer = session_message_sign(s, snap, &to);
		keyring_release(s->ring, snap);
	}
	session_message_reset(s);
	return leave(s, answer);
}

void
session_abort(struct session *s)
{
	if (!s->is_probe && (s->state == MESSAGE_HEADER || s->state == MESSAGE_SIGNING))
		counters_add(s->counters, COUNTER_ABORTED, 1);
	session_message_reset(s);
}
