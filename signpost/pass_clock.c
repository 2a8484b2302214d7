/* SPDX-License-Identifier: ISC */
/* pass_clock.c - what is judged for all domains together: the clock, a changed configuration, an outage, our own
 * queue. */
#include "dkim/sha256.h"
#include "signpost/pass_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_CONFIG "config" /* hash of the configuration that the last pass had */

static int
note_trust(struct pass *pass, const struct clock_verdict *v, struct err *err)
{
	int64_t since;

	if (store_number_get(pass->store, NUMBER_UNTRUSTED, NEVER, &since, err) != 0)
		return -1;
	if (v->trusted == (since == NEVER))
		return 0;
	struct store_event event = {
	    pass->began, pass->verb, "", "", v->trusted ? "the clock is trusted again" : v->why};
	int rc = v->trusted ? store_number_drop(pass->store, NUMBER_UNTRUSTED, err)
			    : store_number_put(pass->store, NUMBER_UNTRUSTED, pass->began, err);
	if (rc == 0 && v->trusted)
		rc = store_looks_forget_untrusted(pass->store, err);
	if (rc == 0)
		rc = store_all_due(pass->store, err);
	if (rc == 0)
		rc = store_event_put(pass->store, &event, err);
	if (rc == 0 && !v->trusted)
		fprintf(stderr,
		    "signpost: %s; signing goes on, and nothing is recorded until then\n", v->why);
	return rc;
}

int
pass_clock(struct pass *pass, struct err *err)
{
	struct clock_memory memory;
	struct clock_reading reading;
	struct clock_verdict v;

	if (clock_memory_get(pass->store, &memory, err) != 0)
		return -1;
	pass->seams->read_clock(pass->seams->arg, &reading);
	clock_judge(&memory, &reading, pass->config->keeper.clock_tolerance_s, &v);
	if (store_begin(pass->store, err) != 0)
		return -1;
	int rc = v.trusted ? clock_memory_put(pass->store, &v.after, err) : 0;
	if (rc == 0)
		rc = note_trust(pass, &v, err);
	return store_end(pass->store, rc, err);
}

/* The time of a name server, authenticated by TSIG. */
int
pass_hear(struct pass *pass, const struct publish_outcome *o, struct err *err)
{
	struct clock_memory memory;
	struct clock_reading reading;

	if (o->server_time == NEVER || o->our_time == NEVER)
		return 0;
	if (clock_memory_get(pass->store, &memory, err) != 0)
		return -1;
	pass->seams->read_clock(pass->seams->arg, &reading);
	clock_hear(&memory, &reading, o->server_time, o->our_time);
	return clock_memory_put(pass->store, &memory, err);
}

static int
hash_config(const struct config *config, int64_t *out, struct err *err)
{
	uint8_t hash[SHA256_LEN];
	struct buf text;

	buf_init(&text, 4 * CONFIG_LEN_MAX);
	config_print(config, true, &text);
	/* what Postfix told is not written there */
	for (size_t i = 0; i < config->policy_count; i++)
		buf_printf(&text, "%s %" PRId64 "\n", config->policies[i].name,
		    config->policies[i].queue_lifetime_s);
	int rc = buf_check(&text, "the configuration", err);
	if (rc == 0)
		rc = sha256_digest(buf_slice(&text), hash, err);
	if (rc == 0)
		memcpy(out, hash, sizeof(*out));
	buf_deinit(&text);
	return rc;
}

int
pass_config(struct pass *pass, struct err *err)
{
	int64_t before, now;

	if (store_number_get(pass->store, NUMBER_CONFIG, 0, &before, err) != 0 ||
	    hash_config(pass->config, &now, err) != 0)
		return -1;
	if (before == now)
		return 0;
	if (store_begin(pass->store, err) != 0)
		return -1;
	int rc = store_all_due(pass->store, err);
	if (rc == 0)
		rc = store_number_put(pass->store, NUMBER_CONFIG, now, err);
	return store_end(pass->store, rc, err);
}

static bool
is_many(const struct keeper_conf *k, const struct store_lost *lost)
{
	return lost->lost > (int64_t)k->outage_domains ||
	       (lost->lost >= (int64_t)k->outage_domains_min &&
		   lost->lost * 100 > lost->domains * (int64_t)k->outage_share);
}

static int
note_outage(struct pass *pass, const struct store_lost *lost, bool begins, struct err *err)
{
	char text[ERR_TEXT_LEN];

	snprintf(text, sizeof(text),
	    begins ? "the records of %" PRId64 " of %" PRId64
		     " domains are gone or changed at once: that is an outage, and nothing is "
		     "switched "
		     "or published because of it"
		   : "the outage is over: the records of %" PRId64 " of %" PRId64
		     " domains are still missing",
	    lost->lost, lost->domains);
	fprintf(stderr, "signpost: %s\n", text);
	if (store_begin(pass->store, err) != 0)
		return -1;
	int rc = begins ? store_number_put(pass->store, NUMBER_OUTAGE_FROM, lost->earliest, err)
			: store_number_drop(pass->store, NUMBER_OUTAGE_FROM, err);
	if (rc == 0)
		rc = store_all_due(pass->store, err);
	if (rc == 0)
		rc = store_event_put(pass->store,
		    &(struct store_event){pass_now(pass), pass->verb, "", "", text}, err);
	return store_end(pass->store, rc, err);
}

static int
note_domains(struct pass *pass, int64_t domains, struct err *err)
{
	int64_t before;

	if (store_number_get(pass->store, NUMBER_DOMAINS, 0, &before, err) != 0)
		return -1;
	return before == domains ? 0 : store_number_put(pass->store, NUMBER_DOMAINS, domains, err);
}

/* K11.  The watch of many domains is spread over its interval: what was lost within one belongs together. */
int
pass_outage(struct pass *pass, struct err *err)
{
	const struct keeper_conf *k = &pass->config->keeper;
	int64_t now = pass_now(pass), from;
	struct store_lost lost;

	if (store_number_get(pass->store, NUMBER_OUTAGE_FROM, NEVER, &from, err) != 0)
		return -1;
	bool goes_on = from != NEVER;
	if (!goes_on)
		from = now - k->watch_interval_s - k->gone_over_s;
	if (store_lost_between(pass->store, from, INT64_MAX, &lost, err) != 0)
		return -1;
	if (note_domains(pass, lost.domains, err) != 0)
		return -1;
	if (is_many(k, &lost) == goes_on)
		return 0;
	return note_outage(pass, &lost, !goes_on, err);
}

int
pass_queue(struct pass *pass, struct err *err)
{
	int64_t oldest = NEVER, now = pass_now(pass);
	struct err why = ERR_INIT;

	if (pass->queue_asked)
		return 0;
	pass->queue_asked = true;
	pass_between(pass, "queue");
	if (pass->seams->ask_queue(&pass->config->keeper, &oldest, &why) != 0) {
		pass_note_trouble(pass, "queue", &why);
		return store_queue_unknown(pass->store, err);
	}
	return store_queue_put(pass->store, oldest, now, err);
}
