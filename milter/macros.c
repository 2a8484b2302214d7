/* SPDX-License-Identifier: ISC */
#include "milter/macros.h"

#include "milter/protocol.h"

#include <string.h>

static void
keep(char *to, size_t size, const char *value)
{
	size_t len = value == NULL ? 0 : strnlen(value, size - 1);

	if (len > 0)
		memcpy(to, value, len);
	to[len] = '\0';
}

/* No name at all rather than a part of one, which may be another's. */
static void
keep_daemon_name(struct macros *m, const char *value)
{
	bool fits = value != NULL && strlen(value) < sizeof(m->daemon_name);

	keep(m->daemon_name, sizeof(m->daemon_name), fits ? value : NULL);
}

/* What comes for a command replaces what came for it before. */
int
macros_take(struct macros *m, struct slice data, struct err *err)
{
	struct slice pairs;
	const char *value;
	uint8_t command;

	if (protocol_macros(data, &command, &pairs, err) != 0)
		return -1;
	if (command == SMFIC_CONNECT) {
		keep_daemon_name(m, protocol_macro(pairs, "daemon_name"));
		return 0;
	}
	if (command == SMFIC_MAIL) {
		keep(m->auth_type, sizeof(m->auth_type), protocol_macro(pairs, "auth_type"));
		keep(m->auth_authen, sizeof(m->auth_authen), protocol_macro(pairs, "auth_authen"));
		value = protocol_macro(pairs, "signpost_probe");
		m->is_probe = value != NULL && value[0] != '\0';
		m->queue_id[0] = '\0';
	}
	value = protocol_macro(pairs, "i");
	if (value != NULL)
		keep(m->queue_id, sizeof(m->queue_id), value);
	return 0;
}

const char *
macros_get(const char *macro)
{
	return macro[0] != '\0' ? macro : NULL;
}

void
macros_use_client(struct macros *m)
{
	m->daemon_name[0] = '\0';
}

void
macros_use_login(struct macros *m)
{
	m->auth_type[0] = m->auth_authen[0] = '\0';
	m->is_probe = false;
}

void
macros_forget_message(struct macros *m)
{
	macros_use_login(m);
	m->queue_id[0] = '\0';
}
