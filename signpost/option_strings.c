/* SPDX-License-Identifier: ISC */
/* option_strings.c - options that hold a list of strings: domain entries, a program with its arguments, paths, and
 * addresses of milters. */
#include "signpost/config.h"
#include "signpost/option_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

/* NULL: err is set. */
static char *
copy_of(const char *text, struct err *err)
{
	char *copy = strdup(text);

	if (copy == NULL)
		err_nomem(err);
	return copy;
}

static char *
entry_member(const char *value, struct err *err)
{
	char entry[DOMAIN_LEN_MAX + 2];

	return domain_entry_normalize(slice_of(value), entry, err) == 0 ? copy_of(entry, err)
									: NULL;
}

/* inet:HOST:PORT, as Postfix writes it, in the form of the milter and its client. */
static char *
inet_member(const char *value, struct err *err)
{
	struct slice rest = slice_of(value + strlen("inet:")), host;
	struct ip_addr addr = {.family = IP_NONE};
	struct err ignored = ERR_INIT; /* a host's name is no address */
	uint16_t port = 0;
	char text[300];

	if (!ip_endpoint_split(rest, &host, &port) || port == 0 || host.len == 0 ||
	    host.len > 255) {
		err_set(err, ERR_CONFIG,
		    "want unix:/PATH, inet:HOST:PORT or inet:PORT@HOST, with a port from 1 to "
		    "65535");
		return NULL;
	}
	bool v6 = ip_addr_parse(host, &addr, &ignored) == 0 && addr.family == IP_V6;
	snprintf(text, sizeof(text), "%s:%u@%.*s", v6 ? "inet6" : "inet", (unsigned)port,
	    SLICE_ARG(host));
	return copy_of(text, err);
}

static bool
is_port_at_host(const char *text)
{
	struct slice s = slice_of(text);
	uint64_t port;
	size_t at;

	return slice_find(s, '@', &at) && at + 1 < s.len &&
	       slice_to_u64(slice_sub(s, 0, at), 65535, &port) && port > 0;
}

static char *
milter_member(const char *value, struct err *err)
{
	static const struct sockaddr_un sa;
	const char *path = strncmp(value, "unix:", 5) == 0 ? value + 5 : value;

	if (path != value && path[0] != '/') {
		err_set(err, ERR_CONFIG,
		    "want the whole path, from the root of the file system: Postfix writes it "
		    "below "
		    "its queue directory, as in unix:/var/spool/postfix/signpost/milter.sock");
		return NULL;
	}
	if (path[0] == '/' && strlen(path) >= sizeof(sa.sun_path)) {
		err_set(err, ERR_CONFIG, "the path of a socket has at most %zu bytes",
		    sizeof(sa.sun_path) - 1);
		return NULL;
	}
	bool ready = path[0] == '/' ||
		     (strncmp(value, "inet:", 5) == 0 && is_port_at_host(value + 5)) ||
		     (strncmp(value, "inet6:", 6) == 0 && is_port_at_host(value + 6));
	if (!ready && strncmp(value, "inet:", 5) == 0)
		return inet_member(value, err);
	if (!ready) {
		err_set(err, ERR_CONFIG, "want unix:/PATH, inet:HOST:PORT or inet:PORT@HOST");
		return NULL;
	}
	return copy_of(value, err);
}

static char *
word_member(const struct option_row *row, const char *value, bool first, struct err *err)
{
	if (value[0] != '/' && (first || row->type == OPTION_PATHS)) {
		err_set(err, ERR_CONFIG,
		    row->type == OPTION_PATHS
			? "want a path that begins with /"
			: "want a program, with a path that begins with /; each argument is a "
			  "member of its own");
		return NULL;
	}
	return copy_of(value, err);
}

static char *
member(const struct option_row *row, const char *value, bool first, struct err *err)
{
	if (row->type == OPTION_ENTRIES)
		return entry_member(value, err);
	if (row->type == OPTION_MILTERS)
		return milter_member(value, err);
	return word_member(row, value, first, err);
}

int
option_set_strings(const struct option_row *row, void *base, const char *const *values,
    size_t count, struct err *err)
{
	char **list = calloc(count + 1, sizeof(*list)); /* ends in NULL, as argv does */

	if (list == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		list[i] = member(row, values[i], i == 0, err);
		if (list[i] == NULL) {
			option_put_list(row, base, list, i);
			option_clear(row, base);
			err->kind = err->kind == ERR_INPUT ? ERR_CONFIG : err->kind;
			return option_wrap(row, values[i], err);
		}
	}
	option_put_list(row, base, list, count);
	return 0;
}
