/* SPDX-License-Identifier: ISC */
/* doctor_milters.c - lists of milters as Postfix writes them. */
#include "signpost/doctor_postfix.h"

#include <stdio.h>
#include <string.h>

#define ADDRESS_LEN 512

static bool
is_separator(uint8_t c)
{
	return ascii_is_wsp(c) || c == ',' || c == '\r' || c == '\n';
}

/* The word at *off; separators end it. */
static struct slice
next_word(struct slice s, size_t *off)
{
	size_t begin;

	while (*off < s.len && is_separator(s.ptr[*off]))
		(*off)++;
	begin = *off;
	while (*off < s.len && !is_separator(s.ptr[*off]))
		(*off)++;
	return slice_sub(s, begin, *off - begin);
}

static void
read_braces(struct slice inside, struct milter_element *out)
{
	static const char ACTION[] = "default_action";
	size_t off = 0, equals;

	out->address = next_word(inside, &off);
	for (struct slice word = next_word(inside, &off); word.len > 0;
	     word = next_word(inside, &off)) {
		/* "default_action=accept", also with blanks around "=" */
		if (!slice_ieq_str(slice_sub(word, 0, sizeof(ACTION) - 1), ACTION))
			continue;
		struct slice rest =
		    slice_from(inside, (size_t)(word.ptr - inside.ptr) + sizeof(ACTION) - 1);
		size_t at = 0;
		if (!slice_find(rest, '=', &equals))
			continue;
		out->action = next_word(slice_from(rest, equals + 1), &at);
	}
}

bool
milter_element_next(struct slice list, size_t *off, struct milter_element *out)
{
	size_t len;

	*out = (struct milter_element){.address = {NULL, 0}};
	while (*off < list.len && is_separator(list.ptr[*off]))
		(*off)++;
	if (*off == list.len)
		return false;
	if (list.ptr[*off] != '{') {
		out->address = next_word(list, off);
		return true;
	}
	struct slice inside = slice_from(list, *off + 1);
	if (!slice_find(inside, '}', &len))
		len = inside.len;
	*off += len + 2 > list.len - *off ? list.len - *off : len + 2;
	read_braces(slice_sub(inside, 0, len), out);
	return true;
}

/* "unix:/PATH" or "inet:HOST:PORT", as one form. */
static bool
postfix_address(const struct milter_place *place, struct slice s, char out[static ADDRESS_LEN])
{
	size_t colon;

	if (!slice_find(s, ':', &colon))
		return false;
	struct slice kind = slice_sub(s, 0, colon), rest = slice_from(s, colon + 1);
	if (slice_ieq_str(kind, "inet")) {
		(void)snprintf(out, ADDRESS_LEN, "inet:%.*s", SLICE_ARG(rest));
		return true;
	}
	if (!slice_ieq_str(kind, "unix") && !slice_ieq_str(kind, "local"))
		return false;
	bool below = place->chrooted || rest.len == 0 || rest.ptr[0] != '/';
	struct slice root = below ? place->queue : slice_sub(place->queue, 0, 0);
	const char *slash = below && (rest.len == 0 || rest.ptr[0] != '/') ? "/" : "";
	(void)snprintf(
	    out, ADDRESS_LEN, "unix:%.*s%s%.*s", SLICE_ARG(root), slash, SLICE_ARG(rest));
	return true;
}

static bool
our_address(const char *ours, char out[static ADDRESS_LEN])
{
	size_t at;

	if (ours[0] == '/' || strncmp(ours, "unix:", 5) == 0) {
		(void)snprintf(out, ADDRESS_LEN, "unix:%s", ours[0] == '/' ? ours : ours + 5);
		return true;
	}
	struct slice rest = slice_of(strchr(ours, ':'));
	if (rest.len == 0 || !slice_find(rest, '@', &at))
		return false;
	(void)snprintf(out, ADDRESS_LEN, "inet:%.*s:%.*s", SLICE_ARG(slice_from(rest, at + 1)),
	    SLICE_ARG(slice_sub(rest, 1, at - 1)));
	return true;
}

/* Postfix has "[::1]:8891" and "localhost" for what we call 8891@::1 and 127.0.0.1. */
static void
plain_host(char *address)
{
	static const char LOCAL[] = "inet:localhost:";
	char *open = strchr(address, '['), *close = open == NULL ? NULL : strchr(open, ']');
	char port[ADDRESS_LEN];

	if (close != NULL) {
		memmove(close, close + 1, strlen(close + 1) + 1);
		memmove(open, open + 1, strlen(open + 1) + 1);
	}
	if (strncmp(address, LOCAL, sizeof(LOCAL) - 1) != 0)
		return;
	(void)snprintf(port, sizeof(port), "%s", address + sizeof(LOCAL) - 1);
	(void)snprintf(address, ADDRESS_LEN, "inet:127.0.0.1:%.*s", ADDRESS_LEN - 20, port);
}

bool
milter_is_ours(const struct milter_place *place, struct slice postfix, const char *ours)
{
	char theirs[ADDRESS_LEN], mine[ADDRESS_LEN];

	if (!postfix_address(place, postfix, theirs) || !our_address(ours, mine))
		return false;
	plain_host(theirs);
	plain_host(mine);
	return strcmp(theirs, mine) == 0;
}
