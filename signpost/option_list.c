/* SPDX-License-Identifier: ISC */
/* option_list.c - options that hold lists; and how any option is printed and freed. */
#include "signpost/option_list.h"
#include "signpost/config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
option_put_list(const struct option_row *row, void *base, void *list, size_t count)
{
	uint8_t *bytes = base;

	memcpy(bytes + row->offset, &list, sizeof(list));
	memcpy(bytes + row->offset2, &count, sizeof(count));
}

static int
set_algs(const struct option_row *row, uint8_t *base, const char *const *values, size_t count,
    struct err *err)
{
	enum key_alg algs[POLICY_ALGORITHMS_MAX];
	bool rsa = false;

	if (count == 0 || count > POLICY_ALGORITHMS_MAX)
		return err_set(
		    err, ERR_CONFIG, "%s: want rsa-sha256, or it and ed25519-sha256", row->name);
	for (size_t i = 0; i < count; i++) {
		if (!key_alg_from_name(slice_of(values[i]), &algs[i]))
			return err_set(err, ERR_CONFIG,
			    "%s: %.80s: want rsa-sha256 or ed25519-sha256", row->name, values[i]);
		if (i > 0 && algs[i] == algs[0])
			return err_set(
			    err, ERR_CONFIG, "%s: %s stands twice", row->name, values[i]);
		rsa = rsa || algs[i] == KEY_RSA_SHA256;
	}
	/* RFC 8301 3.1: every verifier has rsa-sha256, few have Ed25519 */
	if (!rsa)
		return err_set(err, ERR_CONFIG,
		    "%s: ed25519-sha256 alone leaves most receivers without a signature that they "
		    "can "
		    "check; add rsa-sha256",
		    row->name);
	memcpy(base + row->offset, algs, count * sizeof(algs[0]));
	memcpy(base + row->offset2, &count, sizeof(count));
	return 0;
}

int
option_wrap(const struct option_row *row, const char *value, struct err *err)
{
	return err->text[0] == '"' ? err_wrap(err, "%s", row->name)
				   : err_wrap(err, "%s: %.80s", row->name, value);
}

/* "192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]:53" */
static int
endpoint_parse(struct slice s, struct dns_endpoint *out, struct err *err)
{
	struct slice addr;

	out->port = DNS_PORT;
	if (!ip_endpoint_split(s, &addr, &out->port) || out->port == 0)
		return err_set(err, ERR_CONFIG, "want a port from 1 to 65535 behind the address");
	return ip_addr_parse(addr, &out->addr, err);
}

static int
set_endpoints(const struct option_row *row, uint8_t *base, const char *const *values, size_t count,
    struct err *err)
{
	struct dns_endpoint *list = calloc(count + 1, sizeof(*list));

	if (list == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		if (endpoint_parse(slice_of(values[i]), &list[i], err) != 0) {
			free(list);
			err->kind = ERR_CONFIG;
			return option_wrap(row, values[i], err);
		}
	}
	option_put_list(row, base, list, count);
	return 0;
}

int
option_set_list(const struct option_row *row, void *base, const char *const *values, size_t count,
    struct err *err)
{
	if (count > OPTION_VALUES_MAX)
		return err_set(
		    err, ERR_CONFIG, "%s: more than %d members", row->name, OPTION_VALUES_MAX);
	if (row->type == OPTION_ALGS)
		return set_algs(row, base, values, count, err);
	if (option_is_strings(row))
		return option_set_strings(row, base, values, count, err);
	return set_endpoints(row, base, values, count, err);
}

static void
put_quoted(struct buf *out, const char *text)
{
	buf_put_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_put_byte(out, '\\');
		buf_put_byte(out, (uint8_t)*text);
	}
	buf_put_byte(out, '"');
}

static void
put_endpoint(struct buf *out, const struct dns_endpoint *e)
{
	char addr[IP_TEXT_LEN], text[IP_TEXT_LEN + 16];

	ip_addr_format(&e->addr, addr);
	if (e->port == DNS_PORT)
		snprintf(text, sizeof(text), "%s", addr);
	else
		snprintf(text, sizeof(text), e->addr.family == IP_V6 ? "[%s]:%u" : "%s:%u", addr,
		    (unsigned)e->port);
	put_quoted(out, text);
}

static void
format_list(const struct option_row *row, const uint8_t *base, struct buf *out)
{
	void *list = NULL;
	enum key_alg algs[POLICY_ALGORITHMS_MAX] = {0};
	size_t count;

	memcpy(&count, base + row->offset2, sizeof(count));
	if (row->type == OPTION_ALGS)
		memcpy(algs, base + row->offset, sizeof(algs));
	else
		memcpy(&list, base + row->offset, sizeof(list));
	buf_put_str(out, "{");
	for (size_t i = 0; i < count; i++) {
		buf_put_str(out, i == 0 ? "" : ", ");
		if (row->type == OPTION_ALGS)
			put_quoted(out, key_alg_name(algs[i]));
		else if (option_is_strings(row))
			put_quoted(out, ((char **)list)[i]);
		else
			put_endpoint(out, (const struct dns_endpoint *)list + i);
	}
	buf_put_str(out, "}");
}

static void
format_ms(const uint8_t *field, struct buf *out)
{
	int ms;

	memcpy(&ms, field, sizeof(ms));
	time_format(ms, out);
}

static void
format_number(const struct option_row *row, const uint8_t *field, struct buf *out)
{
	unsigned number;

	memcpy(&number, field, sizeof(number));
	if (row->type == OPTION_CHOICE)
		buf_put_str(out, row->choices[number]);
	else
		buf_put_u64(out, number);
}

static void
format_canon(const struct option_row *row, const uint8_t *base, struct buf *out)
{
	enum canon_kind header, body;

	memcpy(&header, base + row->offset, sizeof(header));
	memcpy(&body, base + row->offset2, sizeof(body));
	buf_printf(out, "%s/%s", canon_name(header), canon_name(body));
}

void
option_format(const struct option_row *row, const void *base, struct buf *out)
{
	const uint8_t *field = (const uint8_t *)base + row->offset;
	char *text;
	int64_t seconds;
	bool yes;

	switch (row->type) {
	case OPTION_TEXT:
	case OPTION_PATH:
	case OPTION_PROGRAM:
	case OPTION_DOMAIN:
		memcpy(&text, field, sizeof(text));
		put_quoted(out, text == NULL ? "" : text);
		break;
	case OPTION_YESNO:
		memcpy(&yes, field, sizeof(yes));
		buf_put_str(out, yes ? "yes" : "no");
		break;
	case OPTION_DURATION:
		memcpy(&seconds, field, sizeof(seconds));
		duration_format(seconds, out);
		break;
	case OPTION_MS:
		format_ms(field, out);
		break;
	case OPTION_COUNT:
	case OPTION_CHOICE:
		format_number(row, field, out);
		break;
	case OPTION_CANON:
		format_canon(row, base, out);
		break;
	default:
		format_list(row, base, out);
		break;
	}
}

void
option_clear(const struct option_row *row, void *base)
{
	uint8_t *bytes = base;
	void *held;
	size_t count;

	if (row->type == OPTION_ENDPOINTS || option_is_strings(row)) {
		memcpy(&held, bytes + row->offset, sizeof(held));
		memcpy(&count, bytes + row->offset2, sizeof(count));
		for (size_t i = 0; option_is_strings(row) && i < count; i++)
			free(((char **)held)[i]);
		free(held);
		option_put_list(row, bytes, NULL, 0);
	} else if (row->type == OPTION_TEXT || row->type == OPTION_PATH ||
		   row->type == OPTION_PROGRAM || row->type == OPTION_DOMAIN) {
		memcpy(&held, bytes + row->offset, sizeof(held));
		free(held);
		held = NULL;
		memcpy(bytes + row->offset, &held, sizeof(held));
	}
}
