/* SPDX-License-Identifier: ISC */
/* Every reason that the scheduler can give, as explain and status print it, with the situation that gives it.  The scenes of
 * test_schedule.c are run again, and some that are about words alone: what they say must be in the table, and each row of
 * the table must be said.  tests/check-words.sh finds in the sources what neither has. */
#include "keys/schedule.h"

#include <fnmatch.h>

static size_t recorded_next(const struct schedule_domain *, const struct schedule_world *, struct step *);
int schedule_main(void);
#define schedule_next recorded_next
#define main	      schedule_main
#include "tests/unit/test_schedule.c"
#undef schedule_next
#undef main

#define SAID_MAX 1024

/* A * stands for what differs: a key, a time, a server's words. */
static const struct {
	const char *text, *situation;
} WORDS[] = {
    /* all states */
    {"the clock is not trusted; signing goes on", "the pass did not trust the clock, and has no words for it"},
    {"the clock is not trusted: *; signing goes on", "the pass did not trust the clock"},
    {"looked at while the clock is not trusted", "a look is due then"},
    {"held: signpost release lets it go on; signing and watching do", "signpost hold"},
    {"looked at while the domain is held", "a look is due then"},
    {"ended", "the last state"},
    {"the domain is being removed", "signpost remove; the key does not sign, or leaves"},
    {"its algorithm is no longer in the policy", "the policy was changed"},
    {"the policy now puts records elsewhere", "another mode or slot zone, and the key does not sign yet"},
    {"no server was asked yet", "its name was never looked at"},
    {"ns1 lacks it", "the last look's own words (obstacle)"},
    {"ns1 has no such record", "the last look's own words (obstacle)"},
    {"every server that answers has it; a second look proves it", "the first of two looks passed"},
    {"the domain does not exist any more, and so its record", "K17: the zone above denies the domain"},
    {"its private key is deleted", "it is time, or is told with the time"},
    /* a new key */
    {"the key that signs is compromised: it signs until this one is proven", "signpost compromise, no standby"},
    {"the record of the key that signs was changed: this one replaces it", "K11: the record is gone past the thresholds"},
    {"the domain has no key of this algorithm", "a new domain, or a new algorithm in the policy"},
    {"signpost roll was said", "and there is no standby"},
    {"the key that signs was imported without proof", "K31"},
    {"a proven key is to stand by at all times", "standby = yes"},
    {"so that it is proven when the key that signs is due to be replaced", "its age, less what a new key needs"},
    {"no new key is made: an alias or the delegation is missing", "slots or delegated, not seen in DNS yet"},
    {"no new key is made: ns2 is silent", "the same, with what the last look found"},
    {"no new key is made: the CNAME of each free slot is missing or wrong", "slots, and one is due"},
    {"no new key is made while the clock is not trusted", "and one is due"},
    {"no new key is made while the domain is held", "and one is due"},
    {"a new key waits for its slot to be prepared", "the tombstone of the slot is not published yet"},
    {"a new key waits for a slot: each holds a key that signs, stands by, is in overlap or is not yet forgotten",
	"all slots are taken"},
    {"slot * may be used again when no resolver can remember its last key", "the next slot is free later"},
    {"an empty slot holds p=, so that its alias leads somewhere", "a slot that never held a key"},
    {"slot *: *", "its tombstone was not taken by the publisher"},
    /* made, published */
    {"its record is to be published", "made just now"},
    {"something else is at its name: another is chosen", "the publisher found a foreign record there"},
    {"tried * time*, again in *: *", "the publisher failed; until it is tried again"},
    {"tried again, after * time*: no answer", "the publisher left no words"},
    {"tried again, after * time*: *", "the publisher failed, and the time is over"},
    {"signpost attest is to say that its record is there", "proof = attest"},
    {"no resolver is asked before it must have spread, lest it remembers that the record was not there",
	"proof = resolver, K34"},
    {"its record is not yet on every server", "a look failed, and has no words for it"},
    {"published, but not seen for long: it is published again", "K12: the publisher took it, and no server has it"},
    {"two equal looks at every server found its record", "proven"},
    /* ready */
    {"no key signs: this one is proven", "all keys of the algorithm were lost"},
    {"* is compromised: this one is proven and takes over", "signpost compromise, with a standby"},
    {"* has lost its record: this one is proven and takes over", "K11, with a standby"},
    {"proven, but it does not sign yet: an alias or the delegation is missing", "slots or delegated"},
    {"proven, but it does not sign yet: ns2 is silent", "the same, with what the last look found"},
    {"proven; a receiver may remember for *, safety included, that the record was not there", "Ipub is not over"},
    {"proven; a receiver may remember for * that the slot was empty or held another key", "Ipub of a slot is not over"},
    {"proven; stands by behind another", "a second key of the algorithm is proven"},
    {"its record is in doubt, and nobody looks: signpost attest is to say that it is there",
	"proof = attest, and the store was put back from a copy"},
    {"proven; joins when an RSA key of the domain that is proven signs", "Ed25519 never signs alone"},
    {"the key that signs is lost; this one takes over as soon as it is seen again", "K12: the standby was not seen lately"},
    {"stands by; rotate = off: signpost roll lets it take over", "rotate = off"},
    {"stands by; takes over when * is * old", "its time has not come"},
    {"stands by; takes over when * is * old, in the hour of the policy", "the same with switch_hour"},
    {"rolled back: the schedule rests for *", "K30: signpost rollback"},
    {"proven and due; signpost approve lets it take over", "rotate = approve"},
    {"proven; looked at again", "a watch is due"},
    {"proven; one more look before it signs", "K12: it was not seen in this pass"},
    {"it was proven, but now: *", "that look failed"},
    {"proven, and seen again just now; it signs", "the first key"},
    {"proven, seen again just now, and * is due to be replaced", "the switch"},
    {"proven, seen again just now, and * was rolled", "the switch, asked for"},
    {"somebody put another record at its name: a new key takes its place", "K11: it differs, and does not sign yet"},
    {"a server contradicted since; two equal looks prove it anew", "it was proven, and is missing somewhere"},
    {"contradicted since, and proven anew by two looks", "and is everywhere again"},
    /* active */
    {"signs", "all is well"},
    {"signs; its record is looked at", "a watch is due"},
    {"signs; a server contradicted its record", "it is missing somewhere, not yet past the thresholds"},
    {"contradicted since, and found again by two looks", "and is everywhere again"},
    {"signs unproven, as it did before the import; it is replaced first", "K31"},
    {"* signs too, and one key of an algorithm is enough", "an import brought two"},
    {"* takes over", "a successor is proven, and this one is lost"},
    {"leaves when the Ed25519 key has left", "the domain is being removed; RSA leaves last"},
    {"its record is gone, but so are many others at once: an outage, in which nothing is switched or published again",
	"K11: an outage"},
    {"its record is gone, but so are many others at once: *: an outage, in which nothing is switched or published again",
	"K11: an outage, with words of the pass"},
    {"its record is gone since *: it is published again", "K11, and it is ours to publish"},
    {"another tool owns this zone: the record was removed * times within 24 h, and is not published again until that ends",
	"K11"},
    {"somebody put another record at its name, which is not overwritten; signing goes on", "K11: it differs"},
    {"its record is gone: enter it again (signpost records); signing goes on", "K11, and a person enters it"},
    {"compromised; signs until a key that was not stolen is proven, then it is revoked at once", "signpost compromise"},
    /* retired */
    {"every milter was seen to have left it", "all milters say so"},
    {"every milter is asked whether it has left the old key", "after the switch"},
    {"no rule lets anybody sign for the domain: no milter needs to be asked", "the configuration has no rule for it"},
    {"kept until every milter was asked and has left it", "none was asked yet"},
    {"kept until every milter has left it: *", "one still signs with it, or does not answer"},
    {"ns2 is silent", "the milter's own words (laggard)"},
    {"mute", "the milter's own words (laggard)"},
    {"every milter has left it for *: the private key is deleted", "destroy_after is over"},
    {"in overlap: mail that it signed may be on its way for * since every milter left it, of which * are counted", "Iret"},
    {"in overlap; its record is looked at", "a watch is due"},
    {"was imported: its record is not ours to revoke", "K31"},
    {"our queue holds mail from before it was retired", "K8"},
    {"mail that it signed left our queue late, and may be on its way for * from then", "K8"},
    {"kept: no other key of its algorithm signs", "it would be the last"},
    {"kept until the record of *, which signs, is seen to be fine", "the successor is contradicted"},
    {"no mail that it signed is on its way any more: its record becomes p=", "Iret is over"},
    {"revoked, but not yet on every server", "p= is asked for, a look failed"},
    {"the publisher took it; by resolvers only: taken to be everywhere after *", "proof = resolver, to be revoked or removed"},
    {"the resolvers that were asked have its key no more", "proof = resolver, revoked by a person"},
    {"the resolvers that were asked have its record no more", "proof = resolver, removed by a person"},
    {"the publisher took it; proof = attest: no server is asked", "proof = attest, revoked or removed"},
    {"a person vouches for it; proof = attest: no server is asked", "proof = attest, revoked or removed by a person"},
    {"every server that answers was seen twice without its key", "revoked"},
    {"every server that answers was seen twice without its record", "removed"},
    /* compromised */
    {"compromised before its record was handed out", "by hand, and nobody has it"},
    {"compromised: revoked at once", "K29"},
    {"compromised before it signed anything", "its private key goes at once"},
    {"compromised; revoked, but not yet on every server", "a look failed"},
    {"compromised; its record was published by others: revoke it where you published it", "an import"},
    /* revoked, removed, abandoned */
    {"revoked; slot * is free again when no resolver can remember it, after *", "slots"},
    {"no resolver can remember it: its slot is free again", "slots"},
    {"revoked; p= stays for *", "tombstone"},
    {"revoked; what is left of its record is not ours to remove", "K31"},
    {"its record is needed no more and is removed", "the tombstone's time is over"},
    {"to be removed, but not yet gone from every server", "a look failed"},
    {"its private key is kept until every milter left it", "removed, and a milter lags"},
    {"never signed, and never will: its private key is deleted", "abandoned"},
    {"abandoned; nothing of it is in DNS", "it was never published"},
    {"it never signed: its record is taken away", "abandoned"},
    {"abandoned", "an import that never signed here, and proof = attest: nobody looks"},
    {"abandoned, but its record is not yet gone from every server", "a look failed"},
};

#define WORD_COUNT (sizeof(WORDS) / sizeof(WORDS[0]))

static char said[SAID_MAX][STEP_WHY_LEN];
static size_t said_count;

static size_t
recorded_next(const struct schedule_domain *domain, const struct schedule_world *world, struct step *steps)
{
	size_t count = schedule_next(domain, world, steps);

	for (size_t i = 0; i < count; i++) {
		size_t at = 0;
		while (at < said_count && strcmp(said[at], steps[i].why) != 0)
			at++;
		if (at < said_count)
			continue;
		assert_true(said_count < SAID_MAX);
		memcpy(said[said_count++], steps[i].why, STEP_WHY_LEN);
	}
	return count;
}

/* A standby that was stolen before it signed, and whose p= is on its way. */
static void
scene_stolen_standby(struct scene *s)
{
	blank(s);
	ready_of(s, KEY_RSA_SHA256);
	s->keys[0].facts.at[FACT_COMPROMISED] = NOW - HOUR;
	tried(&s->keys[0], DEED_REVOKE, MINUTE / 2);
}

/* One look found it everywhere since a server lacked it. */
static void
scene_contradicted(struct scene *s)
{
	blank(s);
	active_of(s, 10 * DAY);
	s->keys[0].looks.looked_at = NOW - 10;
	s->keys[0].looks.contradicted = true;
}

/* It was imported, and nobody looks. */
static void
scene_abandoned_unseen(struct scene *s)
{
	blank(s);
	ready_of(s, KEY_RSA_SHA256);
	s->policy.proof = PROOF_ATTEST;
	s->keys[0].facts.at[FACT_ABANDONED] = NOW - HOUR;
	s->keys[0].facts.at[FACT_DESTROYED] = NOW - HOUR;
	s->keys[0].facts.at[FACT_IMPORTED] = NOW - 2 * DAY;
}

static void
scheduler_says_what_is_in_the_table(void **state)
{
	void (*const more[])(struct scene *) = {scene_stolen_standby, scene_contradicted, scene_abandoned_unseen};

	schedule_next_table(state);
	schedule_asks_for_every_slot_and_algorithm(state);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		struct step steps[SCHEDULE_STEPS(KEYS)];
		struct scene s;
		more[i](&s);
		run_scene(&s, steps);
	}
	unsigned failed = 0;
	for (size_t i = 0; i < said_count; i++) {
		size_t w = 0;
		while (w < WORD_COUNT && fnmatch(WORDS[w].text, said[i], 0) != 0)
			w++;
		if (w == WORD_COUNT) {
			print_error("said, and not in the table: %s\n", said[i]);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

static void
scheduler_says_all_of_the_table(void **state)
{
	unsigned failed = 0;
	(void)state;

	for (size_t w = 0; w < WORD_COUNT; w++) {
		size_t i = 0;
		while (i < said_count && fnmatch(WORDS[w].text, said[i], 0) != 0)
			i++;
		if (i == said_count) {
			print_error("in the table, and never said: %s (%s)\n", WORDS[w].text, WORDS[w].situation);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(scheduler_says_what_is_in_the_table),
	    cmocka_unit_test(scheduler_says_all_of_the_table),
	};

	(void)schedule_main; /* its other cases are run by its own program */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
