/* SPDX-License-Identifier: ISC */
/* What the configured resolvers together say; and their answers as text. */
#include "keys/resolvers.h"

#include "keys/sweep_verdict.h"

#include <stdio.h>
#include <stdlib.h>

/* "192.0.2.53", with the port if it is another one. */
static void
endpoint_text(const struct dns_endpoint *e, char out[static IP_TEXT_LEN + 8])
{
	char addr[IP_TEXT_LEN];
	ip_addr_format(&e->addr, addr);
	if (e->port == DNS_PORT)
		snprintf(out, IP_TEXT_LEN + 8, "%s", addr);
	else
		snprintf(out, IP_TEXT_LEN + 8, "%s#%u", addr, (unsigned)e->port);
}

static enum resolver_word
word_of(const struct resolver_answer *a)
{
	if (a->bogus)
		return RESOLVER_BOGUS;
	if (a->verdict == ANSWER_MUTE)
		return RESOLVER_NOT_ASKED;
	return a->verdict == ANSWER_GOOD ? RESOLVER_AGREES : RESOLVER_DIFFERS;
}

static void
take_word(const struct resolver_answer *a, const struct sweep_question *question,
    struct resolver_view *out)
{
	char at[IP_TEXT_LEN + 8];
	enum resolver_word word = word_of(a);
	if (word == RESOLVER_DIFFERS && a->ttl > out->ttl)
		out->ttl = a->ttl;
	if (out->word >= word)
		return; /* another one said what counts more */
	out->word = word;
	endpoint_text(&a->resolver, at);
	const char *what = a->why;
	if (a->verdict == ANSWER_GOOD)
		what =
		    question->expect == EXPECT_RECORD ? "has the record" : "has what is expected";
	snprintf(out->text, sizeof(out->text), "the resolver %s %s", at, what);
}

void
dns_ask_resolvers(
    const struct dns_conf *conf, const struct sweep_question *question, struct resolver_view *out)
{
	struct err ignored = ERR_INIT;
	const struct resolver_list own = {NULL, 0};
	struct resolver_poll *poll = calloc(1, sizeof(*poll));
	*out = (struct resolver_view){.word = RESOLVER_NOT_ASKED, .warn_at = NEVER};
	if (poll != NULL && resolvers_ask(conf, question, &own, poll, &ignored) == 0)
		for (size_t i = 0; i < poll->count; i++)
			take_word(&poll->answers[i], question, out);
	free(poll);
	if (out->word != RESOLVER_NOT_ASKED)
		return;
	out->word = RESOLVER_SILENT;
	snprintf(out->text, sizeof(out->text), "no resolver could be asked");
}

void
resolver_poll_format(const struct resolver_poll *poll, struct buf *out)
{
	static const char *const names[] = {"good", "bad", "mute"};
	char at[IP_TEXT_LEN + 8];
	for (size_t i = 0; i < poll->count; i++) {
		const struct resolver_answer *a = &poll->answers[i];
		endpoint_text(&a->resolver, at);
		buf_printf(out, "%s %s", at, names[a->verdict]);
		if (a->verdict != ANSWER_MUTE)
			buf_printf(
			    out, " %s ttl=%u", answer_found_name(a->found), (unsigned)a->ttl);
		if (a->why[0] != '\0')
			buf_printf(out, " (%s)", a->why);
		buf_put_byte(out, '\n');
	}
}
