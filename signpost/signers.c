/* SPDX-License-Identifier: ISC */
#include "signpost/signers.h"
#include "milter/client.h"
#include "milter/session.h"
#include "signpost/signer_facts.h"
#include "signpost/signer_judge.h"

#include <stdio.h>
#include <string.h>

#define CLIENT_NAME "signpost"
#define SILENCE	    " does not answer"

/* One milter, while it is asked. */
struct asking {
	const struct signers_conf *conf;
	const struct table *table;
	const char *address;
	struct milter_client *client; /* NULL: no connection */
	struct signer_facts facts;
	/* of the connection: the client is told once */
	char connected_as[IP_TEXT_LEN];
	uint16_t connected_port;
	const char *connected_daemon;
};

bool
signers_is_silence(const char *laggard)
{
	return strstr(laggard, SILENCE) != NULL;
}

/* Mail waits for one that does not answer: it is told before those that sign with something else. */
static void
note_laggard(struct signers_answer *a, const struct err *why, bool silent)
{
	if (a->laggards++ == 0 || (silent && !a->silent))
		memcpy(a->laggard, why->text, sizeof(a->laggard));
	a->silent = a->silent || silent;
}

static void
say_more(struct signers_answer *a)
{
	size_t len = strlen(a->laggard);

	if (a->laggards > 1)
		(void)snprintf(
		    a->laggard + len, sizeof(a->laggard) - len, " (and %u more)", a->laggards - 1);
}

static bool
same_daemon(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int
connect_for(struct asking *k, struct err *why)
{
	const struct milter_client_options options = {
	    MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, k->conf->timeout_ms};
	const struct signer_facts *f = &k->facts;

	if (k->client != NULL && strcmp(k->connected_as, f->client) == 0 &&
	    k->connected_port == f->client_port && same_daemon(k->connected_daemon, f->daemon))
		return 0;
	milter_client_free(k->client);
	k->client = NULL;
	memcpy(k->connected_as, f->client, sizeof(k->connected_as));
	k->connected_port = f->client_port;
	k->connected_daemon = f->daemon;
	return milter_client_open(k->address, &options, &k->client, why);
}

static int
send_probe(struct asking *k, struct milter_reply *reply, struct err *why)
{
	const struct signer_facts *f = &k->facts;
	const struct milter_macro daemon[] = {{"{daemon_name}", f->daemon}, {NULL, NULL}};
	const struct milter_macro probe[] = {{"{signpost_probe}", "1"}, {NULL, NULL}};
	const struct milter_macro login[] = {{"{auth_type}", "PLAIN"}, {"{auth_authen}", f->login},
	    {"{signpost_probe}", "1"}, {NULL, NULL}};
	char from[sizeof(f->from) + 1];
	struct header_field fields[] = {{SLICE_LIT("From"), slice_of(from)},
	    {SLICE_LIT("Subject"), SLICE_LIT(" a probe of signpost's keeper")}};
	const struct header_list headers = {fields, 2, 2};
	const struct milter_message message = {.client_name = CLIENT_NAME,
	    .client_addr = f->client[0] != '\0' ? f->client : NULL,
	    .client_port = f->client_port,
	    .connect_macros = f->daemon != NULL ? daemon : NULL,
	    .mail_macros = f->login[0] != '\0' ? login : probe,
	    .headers = &headers,
	    .body = SLICE_LIT(SESSION_PROBE_BODY)};

	(void)snprintf(from, sizeof(from), " %s", f->from);
	fields[0].value = slice_of(from);
	milter_client_limit(k->client, k->conf->timeout_ms);
	return milter_client_message(k->client, &message, reply, why);
}

/* The client's texts begin with the address. */
static void
say_unanswered(const struct asking *k, struct err *why)
{
	size_t len = strlen(k->address);
	struct err told = *why;
	const char *text = told.text;

	if (strncmp(text, k->address, len) == 0 && strncmp(text + len, ": ", 2) == 0)
		text += len + 2;
	err_set(why, told.kind, "%s" SILENCE ": %s", k->address, text);
}

/* One domain.  -1: the milter cannot be asked, why says so. */
static int
ask_one(struct asking *k, struct signers_answer *a, struct err *why)
{
	const struct signer_expect expect = {k->address, a->domain, k->table};
	struct milter_reply reply = {.text = ""};
	struct err instead = ERR_INIT;

	if (connect_for(k, why) != 0)
		return -1;
	int rc = send_probe(k, &reply, why);
	if (rc == 0 && !signer_judge(&expect, &reply, &instead))
		note_laggard(a, &instead, false);
	milter_reply_deinit(&reply);
	return rc;
}

static int
ask_milter(struct asking *k, struct signers_answer *answers, size_t count, struct err *err)
{
	struct err why = ERR_INIT;
	bool lost = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct signers_answer *a = &answers[i];
		if (!a->needed)
			continue;
		if (!lost) {
			bool found;
			rc = signer_facts_find(k->table, a->domain, &k->facts, &found, err);
			if (rc != 0)
				break;
			lost = ask_one(k, a, &why) != 0;
			if (lost)
				say_unanswered(k, &why);
		}
		if (lost)
			note_laggard(a, &why, true);
	}
	milter_client_free(k->client);
	return rc;
}

int
signers_ask(const struct signers_conf *conf, const struct table *table,
    struct signers_answer *answers, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct signer_facts facts;
		bool found;
		if (signer_facts_find(table, answers[i].domain, &facts, &found, err) != 0)
			return -1;
		answers[i].needed = found && conf->milter_count > 0;
		answers[i].laggards = 0;
		answers[i].silent = false;
		answers[i].laggard[0] = '\0';
	}
	for (size_t m = 0; m < conf->milter_count; m++) {
		struct asking k = {.conf = conf, .table = table, .address = conf->milters[m]};
		if (ask_milter(&k, answers, count, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		say_more(&answers[i]);
		answers[i].agree = answers[i].laggards == 0;
	}
	return 0;
}
