/* SPDX-License-Identifier: ISC */
/* pass_watch.c - also when nothing changes, the milters are asked what they sign with, and whether they can read the
 * keys: once in watch_interval, soon after a domain's first key began to sign, and often while something is wrong.
 * What they answer has a place in the domain's row, as the acknowledgement has. */
#include "keys/keyfile.h"
#include "signpost/pass_private.h"

/* When its last key began to sign; NEVER: none does. */
static int64_t
signs_since(const struct share *s)
{
	int64_t since = NEVER;

	for (size_t i = 0; i < s->d->domain.key_count; i++) {
		const struct key_facts *facts = &s->d->keys[i].facts;
		int64_t at = facts->at[FACT_ACTIVATED];
		if (key_state_signs(key_state_of(facts)) && (since == NEVER || at > since))
			since = at;
	}
	return since;
}

int64_t
watch_due(const struct share *s)
{
	const struct schedule_signers *signers = &s->d->domain.signers;
	const struct config *config = s->pass->config;
	int64_t since = signs_since(s), asked = signers->asked_at, now = pass_now(s->pass);

	/* under a clock that is not trusted nothing is recorded */
	if (config->signers.milter_count == 0 || since == NEVER || s->d->domain.policy == NULL ||
	    !s->o->world.world.clock_trusted)
		return NEVER;
	/* the milters look for a new table each second */
	if (asked == NEVER || asked > now || asked <= since + 1)
		return since + 2;
	bool wrong = signers->needed && !signers->agree;
	return wrong ? asked + config->signers.ask_every_s
		     : schedule_watch_at(&s->d->domain, asked, config->keeper.watch_interval_s);
}

/* A milter that was restarted answers 451 where it cannot read what it could before. */
static void
look_at_files(const struct share *s)
{
	const struct pass *pass = s->pass;

	for (size_t i = 0; i < s->d->domain.key_count; i++) {
		const struct store_key *key = &s->d->keys[i];
		struct err why = ERR_INIT;
		if (key_state_signs(key_state_of(&key->facts)) &&
		    keyfile_look(store_dir(pass->store), key, &why) != 0)
			pass_tell(pass, key->domain, key->selector, "%s", why.text);
	}
}

size_t
watch_collect(struct batch *b, struct errand *errands, size_t count)
{
	const size_t asked = count;

	for (size_t i = 0; i < b->o.count && !b->pass->milter_silent; i++) {
		struct share *s = &b->shares[i];
		int64_t due = watch_due(s);
		bool listed = false;
		for (size_t k = 0; k < asked; k++)
			listed = listed || errands[k].share == s;
		if (s->troubled || s->overtaken || listed || due == NEVER ||
		    due > pass_now(b->pass))
			continue;
		look_at_files(s);
		errands[count++] = (struct errand){s, NULL};
	}
	return count;
}
