/* SPDX-License-Identifier: ISC */
#include "signpost/doctor_probe.h"
#include "milter/client.h"
#include "keys/dns_wire.h"
#include "signpost/verify_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIELDS	    8
#define MESSAGE_MAX 65536
#define CLIENT_NAME "signpost"
#define BODY	    "This is a probe of signpost doctor. It went through the milter, and to nobody.\r\n"

/* The message as lines, before and after it went through the milter. */
struct letter {
	char from[sizeof(((struct signer_facts *)NULL)->from) + 4], date[64], id[128];
	struct header_field fields[FIELDS];
	struct header_list list;
};

static void
write_letter(const struct signer_facts *f, int64_t now, struct letter *l)
{
	time_t at = (time_t)now;
	struct tm tm;

	(void)snprintf(l->from, sizeof(l->from), " %s", f->from);
	if (gmtime_r(&at, &tm) == NULL ||
	    strftime(l->date, sizeof(l->date), " %a, %d %b %Y %H:%M:%S +0000", &tm) == 0)
		l->date[0] = '\0';
	(void)snprintf(l->id, sizeof(l->id), " <%lld.doctor@signpost.invalid>", (long long)now);
	l->fields[0] = (struct header_field){SLICE_LIT("From"), slice_of(l->from)};
	l->fields[1] = (struct header_field){SLICE_LIT("To"), slice_of(l->from)};
	l->fields[2] =
	    (struct header_field){SLICE_LIT("Subject"), SLICE_LIT(" a probe of signpost doctor")};
	l->fields[3] = (struct header_field){SLICE_LIT("Date"), slice_of(l->date)};
	l->fields[4] = (struct header_field){SLICE_LIT("Message-ID"), slice_of(l->id)};
	l->fields[5] = (struct header_field){SLICE_LIT("MIME-Version"), SLICE_LIT(" 1.0")};
	l->fields[6] = (struct header_field){
	    SLICE_LIT("Content-Type"), SLICE_LIT(" text/plain; charset=us-ascii")};
	l->list = (struct header_list){l->fields, 7, FIELDS};
}

static int
hand_over(const struct doctor_way *way, const struct signer_facts *f, const struct letter *l,
    struct milter_reply *reply, struct err *err)
{
	const struct milter_client_options options = {
	    MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, way->timeout_ms};
	const struct milter_macro daemon[] = {{"{daemon_name}", f->daemon}, {NULL, NULL}};
	const struct milter_macro login[] = {
	    {"{auth_type}", "PLAIN"}, {"{auth_authen}", f->login}, {NULL, NULL}};
	const struct milter_macro eom[] = {{"i", "DOCTOR"}, {NULL, NULL}};
	const struct milter_message message = {.client_name = CLIENT_NAME,
	    .client_addr = f->client[0] != '\0' ? f->client : NULL,
	    .client_port = f->client_port,
	    .connect_macros = f->daemon != NULL ? daemon : NULL,
	    .mail_macros = f->login[0] != '\0' ? login : NULL,
	    .eom_macros = eom,
	    .headers = &l->list,
	    .body = SLICE_LIT(BODY)};
	struct milter_client *client = NULL;

	if (milter_client_open(way->milter, &options, &client, err) != 0)
		return -1;
	milter_client_limit(client, way->timeout_ms);
	int rc = milter_client_message(client, &message, reply, err);
	milter_client_free(client);
	return rc;
}

/* A value of the milter's as it stands in the message: folds as CRLF, and the space that Postfix may add. */
static void
put_value(const char *value, struct buf *out)
{
	if (value[0] != ' ' && value[0] != '\t')
		buf_put_byte(out, ' ');
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			buf_put_byte(out, '\r');
		buf_put_byte(out, (uint8_t)*value);
	}
}

static void
put_message(const struct milter_reply *reply, const struct letter *l, struct buf *out)
{
	for (size_t i = reply->inserted_count; i > 0; i--) {
		buf_printf(out, "%s:", reply->inserted[i - 1].name);
		put_value(reply->inserted[i - 1].value, out);
		buf_put_str(out, "\r\n");
	}
	for (size_t i = 0; i < l->list.count; i++)
		buf_printf(out, "%.*s:%.*s\r\n", SLICE_ARG(l->fields[i].name),
		    SLICE_ARG(l->fields[i].value));
	buf_put_str(out, "\r\n" BODY);
}

static void
take_signature(const struct verified *v, struct doctor_signature *out)
{
	const struct verify_report *r = &v->report;
	size_t len = 0;

	*out = (struct doctor_signature){
	    .good = r->result == VERIFY_PASS, .unknown = r->result == VERIFY_TEMPERROR};
	if (r->has_sig) {
		(void)slice_to_str(slice_sub(r->sig.selector, 0, DOMAIN_LEN_MAX), out->selector,
		    sizeof(out->selector));
		(void)slice_to_str(
		    slice_sub(r->sig.domain, 0, DOMAIN_LEN_MAX), out->domain, sizeof(out->domain));
		(void)snprintf(out->alg, sizeof(out->alg), "%s",
		    r->sig.alg_known ? key_alg_name(r->sig.alg) : "?");
	}
	for (size_t i = 0; i < r->words.count && len < sizeof(out->why); i++)
		len += (size_t)snprintf(out->why + len, sizeof(out->why) - len, "%s%s",
		    i > 0 ? " " : "", r->words.list[i].verdict);
}

static void
look(const struct doctor_way *way, struct slice message, struct doctor_probe *out)
{
	const struct verify_asker asker = {
	    .dns = way->dns, .now = way->now, .authorities = way->authorities};
	struct verified *v = malloc(sizeof(*v)); /* large */
	struct header_list list = {0};
	struct err err = ERR_INIT;
	size_t body;

	if (v != NULL && header_list_parse(&list, message, 1000, &body, &err) == 0) {
		for (size_t i = 0; i < list.count && out->count < DOCTOR_SIGNATURES_MAX; i++) {
			if (!header_name_eq(list.fields[i].name, SLICE_LIT(SIGNATURE_NAME)))
				continue;
			verify_look(&asker,
			    &(struct verify_message){&list, i, slice_from(message, body), NULL}, v);
			take_signature(v, &out->signatures[out->count++]);
		}
	}
	header_list_deinit(&list);
	free(v);
}

void
doctor_probe_send(
    const struct doctor_way *way, const struct signer_facts *f, struct doctor_probe *out)
{
	struct milter_reply reply = {.text = ""};
	struct letter letter;
	struct buf message;
	struct err err = ERR_INIT;
	int64_t began = dns_now_ms();

	*out = (struct doctor_probe){.milter = way->milter};
	write_letter(f, way->now, &letter);
	buf_init(&message, MESSAGE_MAX);
	if (hand_over(way, f, &letter, &reply, &err) != 0) {
		(void)snprintf(
		    out->no_answer, sizeof(out->no_answer), "%.*s", DOCTOR_WORDS_LEN - 1, err.text);
	} else if (reply.answer != MILTER_ACCEPTED) {
		(void)snprintf(out->refused, sizeof(out->refused), "%s",
		    reply.text[0] != '\0' ? reply.text : "without a reason");
	} else {
		out->changes = reply.other_changes != 0;
		put_message(&reply, &letter, &message);
		look(way, buf_slice(&message), out);
	}
	out->ms = (int)(dns_now_ms() - began);
	milter_reply_deinit(&reply);
	buf_deinit(&message);
}
