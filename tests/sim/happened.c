/* SPDX-License-Identifier: ISC */
/* happened.c - how often each kind of thing befell a domain, so that no run calls itself good which never met it. */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <string.h>

static const char *const NAMES[HAPPENINGS] = {
    [MODE_IS_TXT] = "txt",
    [MODE_IS_SLOTS] = "slots",
    [MODE_IS_DELEGATED] = "delegated",
    [RECORDS_BY_HAND] = "records by hand",
    [PROOF_BY_RESOLVERS] = "proof by resolvers",
    [PROOF_BY_A_PERSON] = "proof by a person",
    [TWO_ALGORITHMS] = "two algorithms",
    [KEY_IMPORTED] = "keys imported",
    [NO_RULE] = "no rule signs",
    [SERVER_NEVER_MET] = "servers never met",
    [SERVER_BEHIND_ANOTHER] = "servers behind one address",
    [SERVER_LAGS] = "servers hours behind",
    [SERVER_DIES] = "servers dead",
    [SERVER_FREEZES] = "servers frozen",
    [SERVER_EXPIRES] = "servers expired",
    [SERVER_GOES_BOGUS] = "servers bogus",
    [SERVER_IS_RESTORED] = "servers restored from a backup",
    [SERVER_LOSES_ALL] = "servers without records",
    [SERVERS_CHANGE] = "servers replaced",
    [FORMER_SERVER_LIES] = "former servers emptied",
    [PUBLISHER_FAILS] = "publisher down",
    [PUBLISHER_REFUSES] = "publisher refuses",
    [PUBLISHER_ANSWER_LOST] = "publisher's answer lost",
    [PERSON_ERRS] = "records mistyped",
    [NAME_IS_TAKEN] = "names taken",
    [RECORD_REMOVED] = "records removed",
    [RECORD_REPLACED] = "records replaced",
    [ANOTHER_TOOL_FIGHTS] = "another tool fights",
    [NEGATIVE_TTL_CHANGES] = "negative TTL changed",
    [WILDCARD_COMES] = "wildcards",
    [ALIAS_BREAKS] = "aliases broken",
    [MANY_LOSE_ALL] = "many domains without records",
    [OUTAGE_IS_SEEN] = "passes in an outage",
    [SIGNER_STUCK] = "milters stuck",
    [SIGNER_AWAY] = "milters away",
    [KEEPER_DOWN] = "keeper down",
    [MACHINE_RESTARTS] = "restarts",
    [CLOCK_GOES_AHEAD] = "clock set ahead",
    [CLOCK_GOES_BACK] = "clock set back",
    [CLOCK_IS_DOUBTED] = "passes under a doubted clock",
    [WRONG_CLOCK_ACCEPTED] = "wrong clock accepted",
    [QUEUE_HELD] = "queue held",
    [ROLL_SAID] = "roll",
    [ROLLBACK_DONE] = "rollback",
    [COMPROMISE_SAID] = "compromise",
    [COMPROMISE_OF_HOST] = "compromise of the host",
    [STOP_NOW_SAID] = "compromise --stop-now",
    [REMOVE_SAID] = "remove",
    [ADDED_AGAIN] = "add again",
    [DOMAIN_IS_GONE] = "domain gone",
    [POLICY_EDITED] = "policy edited",
    [HOLD_SAID] = "hold",
    [RELEASE_SAID] = "release",
    [APPROVE_SAID] = "approve",
    [ATTEST_SAID] = "attest",
    [SWITCH_BY_AGE] = "switches by age",
    [SWITCH_FROM_LOST] = "switches from a lost key",
    [SWITCH_FROM_STOLEN] = "switches from a stolen key",
};

void
happened(struct site *site, enum happening what)
{
	site->totals->happened[what]++;
}

static unsigned
show(const char *what, uint64_t count, size_t *column)
{
	char text[80];
	int length = snprintf(text, sizeof(text), "%s %llu", what, (unsigned long long)count);

	if (*column + (size_t)length + 2 > 110) {
		printf("\n");
		*column = 0;
	}
	printf("%s%s", *column > 0 ? ", " : "    ", text);
	*column += (size_t)length + 2;
	return count == 0;
}

unsigned
happened_report(const struct totals *totals)
{
	unsigned never = 0;
	size_t column = 0;
	char text[60];

	for (size_t i = 0; i < HAPPENINGS; i++)
		never += show(NAMES[i], totals->happened[i], &column);
	for (int s = STEP_NONE + 1; s < STEP_COUNT; s++) {
		(void)snprintf(text, sizeof(text), "%s:", step_name((enum step_what)s));
		never += show(text, totals->steps[s], &column);
		never += show("died before", totals->died_before[s], &column);
		never += show("after", totals->died_after[s], &column);
	}
	printf("\n");
	return never;
}
