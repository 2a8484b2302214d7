/* SPDX-License-Identifier: ISC */
/* receivers.c - the receivers as a set: whatever a server said is held by one of them for as long as that may be, and
 * a message is verified at any time until its overlap ends.  So it is enough to look at two kinds of instants: when
 * a signer begins to use a key, and when a server begins to say something else than the key's record. */
#include "tests/sim/sim.h"

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
memory_wrong_until(const struct memory *memory, int64_t key)
{
	int64_t until = later(memory->nothing, memory->tombstone);

	until = later(until, later(memory->foreign, memory->other));
	return memory->record_key == key ? until : later(until, memory->record);
}

static void
remember(struct memory *memory, const struct answer *old, int64_t until)
{
	switch (old->content) {
	case SAYS_NOTHING:
		memory->nothing = later(memory->nothing, until);
		break;
	case SAYS_TOMBSTONE:
		memory->tombstone = later(memory->tombstone, until);
		break;
	case SAYS_FOREIGN:
		memory->foreign = later(memory->foreign, until);
		break;
	case SAYS_RECORD:
		if (memory->record_key != old->key) {
			memory->other = later(memory->other, memory->record);
			memory->record_key = old->key;
			memory->record = until;
		}
		memory->record = later(memory->record, until);
		break;
	case IS_SILENT:
		break;
	}
}

static bool
is_record_of(const struct answer *answer, int64_t key)
{
	return answer->content == SAYS_RECORD && answer->key == key;
}

/* A server begins to say something else: is there mail under way that needs the record? */
static void
record_lost(struct site *site, struct domain *domain, struct model_key *key, int node)
{
	int64_t end = key_overlap_end(site, domain, key);

	if (end == NEVER || end <= site->now || key->k.facts.at[FACT_COMPROMISED] != NEVER)
		return;
	if (answer_is_worlds(domain, node, &domain->names[key->name]))
		return;
	violation(site, domain, key,
	    "its record left a server while mail that it signed may still be verified: for %lld s "
	    "more, "
	    "signers %x",
	    end == FOREVER ? -1LL : (long long)(end - site->now), key->signing);
}

void
receivers_hear(
    struct site *site, struct domain *domain, int name, int node, struct answer old, bool worlds)
{
	struct name *at = &domain->names[name];
	struct answer new = node_says(site, domain, node, at);
	int64_t stale = at->slot >= 0 ? domain->policy.stale_s : 0;

	if (new.content == old.content &&new.key == old.key &&new.ttl_s == old.ttl_s)
		return;
	at->at[node].seen = false;
	/* What went wrong by itself between two looks cannot be known, and nobody is to blame. */
	if (old.content != IS_SILENT && (!worlds || old.seen)) {
		for (int m = domain->nodes[node].met ? 0 : 1; m < 2; m++)
			remember(&at->memory[m], &old, site->now + old.ttl_s + stale);
	}
	if (new.content == IS_SILENT)
		return;
	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *key = &domain->keys[i];
		if (key->name == name && !is_record_of(&new, key->k.id) &&
		    (is_record_of(&old, key->k.id) || old.content == IS_SILENT))
			record_lost(site, domain, key, node);
	}
}

int64_t
receivers_wrong_until(const struct site *site, const struct domain *domain,
    const struct model_key *key, bool met_only)
{
	const struct name *name = &domain->names[key->name];
	int64_t until = memory_wrong_until(&name->memory[met_only ? 0 : 1], key->k.id);

	for (int n = 0; n < NODES_MAX; n++) {
		struct answer says = node_says(site, domain, n, name);
		if (says.content == IS_SILENT || is_record_of(&says, key->k.id) ||
		    (met_only && !domain->nodes[n].met))
			continue;
		if (!answer_is_worlds(domain, n, name) || name->at[n].seen)
			return FOREVER;
	}
	return until > site->now ? until : NEVER;
}

static long long
seconds(const struct site *site, int64_t until)
{
	return until == FOREVER || until < site->now ? -1LL : (long long)(until - site->now);
}

void
key_begins_to_sign(struct site *site, struct domain *domain, struct model_key *key, int signer)
{
	int64_t until = receivers_wrong_until(site, domain, key, key->urgent);

	key->signing |= 1u << signer;
	key->ever_signed = true;
	if (key->in_use_q == 0) {
		key->in_use_q = domain->policy.queue_lifetime_s;
		key->in_use_v = domain->policy.receiver_delay_s;
	}
	key->in_use_s = later(key->in_use_s, domain->policy.retire_safety_s);
	key->in_use_x = later(key->in_use_x, domain->policy.signature_lifetime_s);
	if (domain->first_signed == NEVER)
		domain->first_signed = site->now;
	if (!key->pem)
		violation(site, domain, key, "a signer wants it, and its private key is destroyed");
	/* A milter that was stuck comes late: what befell the record since is not the switch's fault. */
	if (until == NEVER || key->free_start || key->k.imported_unproven ||
	    site->now - key->switched_at > MINUTE || clock_was_accepted(site))
		return;
	const struct memory *m = &domain->names[key->name].memory[1];
	violation(site, domain, key,
	    "it signs, and receivers may hold something else for %lld s (nothing %lld, p= %lld, "
	    "foreign %lld, another "
	    "key %lld)",
	    seconds(site, until), seconds(site, m->nothing), seconds(site, m->tombstone),
	    seconds(site, m->foreign), seconds(site, m->other > m->record ? m->other : m->record));
}

void
key_ends_to_sign(struct site *site, struct domain *domain, struct model_key *key, int signer)
{
	(void)domain;
	key->signing &= ~(1u << signer);
	key->last_signed = site->now;
}

/* Until when a message of the key may be verified; FOREVER: no end is in sight, NEVER: it signed nothing. */
int64_t
key_overlap_end(const struct site *site, const struct domain *domain, const struct model_key *key)
{
	(void)site;
	(void)domain;
	if (!key->ever_signed)
		return NEVER;
	if (key->signing != 0 || key->held)
		return FOREVER;
	/* x= says for how long: somebody takes it at its word */
	int64_t use_s = later(key->in_use_q + key->in_use_v, key->in_use_x);
	/* a message whose DATA is slow leaves so long after the milter's last look at the table */
	return later(key->overlap_end, key->last_signed + key->in_use_s + use_s);
}

/* The queue's lifetime was changed: mail that is still in some queue waits as long as that says now. */
void
key_use_grows(struct site *site, struct domain *domain)
{
	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *key = &domain->keys[i];
		if (key_overlap_end(site, domain, key) < site->now || !key->ever_signed)
			continue;
		if (key->signing != 0)
			key->in_use_x = later(key->in_use_x, domain->policy.signature_lifetime_s);
		key->in_use_q = later(key->in_use_q, domain->policy.queue_lifetime_s);
		key->in_use_v = later(key->in_use_v, domain->policy.receiver_delay_s);
		key->in_use_s = later(key->in_use_s, domain->policy.retire_safety_s);
	}
}

/* An operator puts what is in our queue on hold; when it is released it leaves, and waits elsewhere. */
void
hold_queue(struct site *site, struct domain *domain, int64_t until)
{
	domain->queue_held_until = until;
	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *key = &domain->keys[i];
		int64_t in_ours = key->signing != 0 ? FOREVER : key->last_signed + key->in_use_q;
		key->held = key->ever_signed && in_ours >= site->now;
	}
}

void
release_queue(struct site *site, struct domain *domain)
{
	domain->queue_held_until = NEVER;
	for (size_t i = 0; i < domain->key_count; i++) {
		struct model_key *key = &domain->keys[i];
		if (key->held &&
		    key->saw_held) /* a hold that came and went unseen cannot be allowed for */
			key->overlap_end =
			    later(key->overlap_end, site->now + key->in_use_v + key->in_use_s);
		key->held = false;
	}
}
