/* SPDX-License-Identifier: ISC */
#include "keys/key_state.h"

static const char *const fact_names[FACT_COUNT] = {
    [FACT_GENERATED] = "generated",
    [FACT_PUBLISHED] = "published",
    [FACT_VERIFIED] = "verified",
    [FACT_ACTIVATED] = "activated",
    [FACT_RETIRED] = "retired",
    [FACT_ACKNOWLEDGED] = "acknowledged",
    [FACT_REVOKED] = "revoked",
    [FACT_REMOVED] = "removed",
    [FACT_DESTROYED] = "destroyed",
    [FACT_APPROVED] = "approved",
    [FACT_IMPORTED] = "imported",
    [FACT_COMPROMISED] = "compromised",
    [FACT_ABANDONED] = "abandoned",
};

/* The first row whose facts are there names the state: ends before beginnings, so that facts that
 * never were (a key that was imported has no publication of ours) do not matter. */
static const struct {
	enum key_fact fact;
	enum key_fact also;    /* or FACT_COUNT */
	enum key_fact without; /* or FACT_COUNT */
	enum key_state state;
	const char *name;
} STATES[] = {
    {FACT_REMOVED, FACT_DESTROYED, FACT_COUNT, KEY_STATE_DESTROYED, "destroyed"},
    {FACT_REMOVED, FACT_COUNT, FACT_COUNT, KEY_STATE_REMOVED, "removed"},
    {FACT_REVOKED, FACT_COUNT, FACT_COUNT, KEY_STATE_REVOKED, "revoked"},
    {FACT_ABANDONED, FACT_COUNT, FACT_COUNT, KEY_STATE_ABANDONED, "abandoned"},
    /* K29: a stolen key goes on signing until another takes over */
    {FACT_COMPROMISED, FACT_RETIRED, FACT_COUNT, KEY_STATE_COMPROMISED, "compromised"},
    {FACT_COMPROMISED, FACT_COUNT, FACT_ACTIVATED, KEY_STATE_COMPROMISED, "compromised"},
    {FACT_RETIRED, FACT_COUNT, FACT_COUNT, KEY_STATE_RETIRED, "retired"},
    {FACT_ACTIVATED, FACT_COUNT, FACT_COUNT, KEY_STATE_ACTIVE, "active"},
    {FACT_VERIFIED, FACT_COUNT, FACT_COUNT, KEY_STATE_READY, "ready"},
    {FACT_PUBLISHED, FACT_COUNT, FACT_COUNT, KEY_STATE_PUBLISHED, "published"},
    {FACT_GENERATED, FACT_COUNT, FACT_COUNT, KEY_STATE_GENERATED, "generated"},
};

#define STATE_COUNT (sizeof(STATES) / sizeof(STATES[0]))

void
key_facts_init(struct key_facts *facts)
{
	for (int i = 0; i < FACT_COUNT; i++)
		facts->at[i] = NEVER;
}

const char *
key_fact_name(enum key_fact fact)
{
	return fact_names[fact];
}

bool
key_fact_from_name(struct slice name, enum key_fact *fact)
{
	for (int i = 0; i < FACT_COUNT; i++) {
		if (slice_eq_str(name, fact_names[i])) {
			*fact = (enum key_fact)i;
			return true;
		}
	}
	return false;
}

static bool
has(const struct key_facts *facts, enum key_fact fact)
{
	return facts->at[fact] != NEVER;
}

enum key_state
key_state_of(const struct key_facts *facts)
{
	for (size_t i = 0; i < STATE_COUNT; i++) {
		if (has(facts, STATES[i].fact) &&
		    (STATES[i].also == FACT_COUNT || has(facts, STATES[i].also)) &&
		    (STATES[i].without == FACT_COUNT || !has(facts, STATES[i].without)))
			return STATES[i].state;
	}
	return KEY_STATE_GENERATED; /* the row exists before the fact does */
}

const char *
key_state_name(enum key_state state)
{
	for (size_t i = 0; i < STATE_COUNT; i++) {
		if (STATES[i].state == state)
			return STATES[i].name;
	}
	return "unknown";
}

bool
key_state_signs(enum key_state state)
{
	return state == KEY_STATE_ACTIVE;
}
