/* SPDX-License-Identifier: ISC */
/* Every note and headline of explain, with the situation that gives it: a row brings its domain there, in the world of
 * fixture_pass.h, and must be answered with its note.  The scheduler's reasons in them are test_explain_words.c's;
 * tests/check-words.sh finds in the source what is in no row. */
#include "fixture_pass.h"
#include "keys/keyfile.h"
#include "signpost/explain.h"
#include "tests/unit/said_run.h"

#include <fnmatch.h>

#define AHEAD_S (INT64_C(3) * 365 * 86400)
#define LIFE_S	200 /* until the first key signs and its standby is proven */

static const char OURS[] = CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n standby = yes\n" POLICY_TIMES "}\n";
static const char BY_HAND[] = CONFIG_TIMES "policy \"p\" {\n rotate = approve\n" POLICY_TIMES "}\n";
static const char ATTEST[] = CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n proof = attest\n" POLICY_TIMES "}\n";
static const char BY_RESOLVER[] =
    CONFIG_TIMES PUBLISHER "policy \"p\" {\n publisher = dns\n proof = resolver\n" POLICY_TIMES "}\n";

/* What a row may still change after the store was read. */
struct scene {
	struct box *box;
	struct operation op;
	struct schedule_domain *domain;
	struct schedule_world *world;
	struct step *steps;
	size_t count;
	size_t key; /* that the row is about */
};
typedef void touch_fn(struct scene *);

static struct cli cli;
static unsigned servers_more, servers_gone; /* beside the world's one */

/* More servers that say the same, and former ones that are silent. */
static void
many_servers(void *arg, struct sweep_batch *batch, const struct pass_sweeps *s)
{
	struct sweep_result *r = calloc(1, sizeof(*r));

	(void)batch;
	assert_non_null(r);
	for (size_t i = 0; i < s->count; i++) {
		r->index = i;
		world_sweep_one(((struct box *)arg)->w, &s->questions[i], &r->sweep);
		struct sweep *w = &r->sweep;
		for (unsigned n = 0; n < servers_more + servers_gone; n++) {
			struct sweep_answer *a = &w->answers[w->count++];
			*a = w->answers[0];
			snprintf(a->server, sizeof(a->server), "ns%u.test", n + 2);
			a->endpoint.port = (uint16_t)(54 + n);
			if (n < servers_more)
				continue;
			a->former = true;
			a->verdict = ANSWER_MUTE;
			snprintf(a->why, sizeof(a->why), "no answer");
		}
		w->good *= 1 + servers_more;
		w->bad *= 1 + servers_more;
		w->mute = w->count - w->good - w->bad;
		s->take(s->arg, r);
	}
	free(r);
}

static void
live(struct box *box, int64_t seconds)
{
	for (int64_t s = 0; s < seconds; s += 10) {
		(void)box_pass(box);
		box_later(box, 10);
	}
}

/* Made and published; nobody has looked. */
static void
life_published(struct box *box)
{
	(void)box_pass(box);
	(void)box_pass(box);
}

static void
life_lacks(struct box *box)
{
	(void)box_pass(box);
	(void)box_pass(box);
	box->w->count = 0;
	box_later(box, 10);
	live(box, 20);
}

static void
life_mute(struct box *box)
{
	box->w->mute = true;
	live(box, 40);
}

static void
life_down(struct box *box)
{
	box->w->publisher_down = true;
	(void)box_pass(box);
	(void)box_pass(box);
}

static void
life_grown(struct box *box)
{
	live(box, LIFE_S);
}

static void
life_two(struct box *box)
{
	servers_more = 1;
	live(box, LIFE_S);
}

static void
life_many(struct box *box)
{
	servers_more = 5;
	live(box, LIFE_S);
}

static void
life_former(struct box *box)
{
	servers_more = 1;
	servers_gone = 1;
	live(box, LIFE_S);
}

static void
mark(struct box *box, enum store_mark what)
{
	const struct store_marking m = {"a.test", what, box->w->now - 5};
	struct err err = ERR_INIT;

	live(box, 100);
	assert_int_equal(store_domain_mark(box->store, &m, NULL, &err), 0);
}

static void
life_held(struct box *box)
{
	mark(box, MARK_HELD);
}

static void
life_removed(struct box *box)
{
	mark(box, MARK_REMOVING);
}

static void
life_rolled(struct box *box)
{
	mark(box, MARK_ROLL);
}

static void
life_rolled_back(struct box *box)
{
	mark(box, MARK_ROLLBACK);
}

static void
life_all_held(struct box *box)
{
	struct err err = ERR_INIT;

	live(box, 100);
	assert_int_equal(store_number_put(box->store, NUMBER_HELD, box->w->now, &err), 0);
}

/* The first key of that state; the row is about it. */
static struct schedule_key *
key_of(struct scene *s, enum key_state state)
{
	for (size_t i = 0; i < s->domain->key_count; i++) {
		if (key_state_of(&s->domain->keys[i].facts) != state)
			continue;
		s->key = i;
		return &s->op.o.views[i];
	}
	fail_msg("no key is %s", key_state_name(state));
	return NULL;
}

static void
says(struct step *step, enum step_what what, enum step_wait wait, int64_t earliest)
{
	step->what = what;
	step->wait = wait;
	step->earliest = earliest;
	snprintf(step->why, sizeof(step->why), "because");
}

static void
touch_nothing(struct scene *s)
{
	(void)s;
}

static void
touch_resolver(struct scene *s)
{
	struct schedule_key *k = &s->op.o.views[0];

	s->op.o.keys[0].facts.at[FACT_VERIFIED] = k->facts.at[FACT_VERIFIED] = s->op.now - 10;
}

static void
touch_no_words(struct scene *s)
{
	struct schedule_key *k = &s->op.o.views[0];

	k->looks.looked_at = s->op.now - 10;
	k->looks.last_passed = false;
	k->looks.obstacle = NULL;
}

static void
touch_said(struct scene *s)
{
	says(&s->steps[0], STEP_PUBLISH, WAIT_PUBLISHER, s->op.now);
	snprintf(s->steps[0].why, sizeof(s->steps[0].why), "tried again, after 1 time: the primary is away");
}

static void
touch_unseen(struct scene *s)
{
	key_of(s, KEY_STATE_READY)->looks.looked_at = NEVER;
}

static void
touch_blind(struct scene *s)
{
	s->op.o.looks[0].failed = true;
}

static void
touch_file(struct scene *s)
{
	struct err err = ERR_INIT;

	assert_int_equal(keyfile_remove(s->box->dir, &s->op.d->keys[0], &err), 0);
}

static void
touch_clock(struct scene *s)
{
	s->world->clock_trusted = false;
	s->world->clock_why = "it jumped";
}

static void
touch_outage(struct scene *s)
{
	s->world->outage = true;
	s->world->outage_why = "many at once";
}

static void
touch_gone(struct scene *s)
{
	s->domain->is_gone = true;
}

static void
touch_alias(struct scene *s)
{
	s->domain->alias_wrong = true;
	s->domain->alias_why = "";
}

static void
touch_alias_why(struct scene *s)
{
	s->domain->alias_wrong = true;
	s->domain->alias_why = "the CNAME leads elsewhere";
}

static void
touch_laggard(struct scene *s)
{
	s->domain->signers = (struct schedule_signers){
	    .needed = true, .asked_at = s->op.now - 10, .table_at = NEVER, .laggard = "unix:/m is silent"};
}

static void
touch_rests(struct scene *s)
{
	says(&s->steps[0], STEP_NONE, WAIT_NOTHING, NEVER);
}

static void
touch_waits(struct scene *s)
{
	says(&s->steps[0], STEP_NONE, WAIT_DNS, NEVER);
}

static void
touch_next(struct scene *s)
{
	says(&s->steps[0], STEP_REVOKE, WAIT_NOTHING, s->op.now);
}

static void
touch_look(struct scene *s)
{
	says(&s->steps[0], STEP_LOOK, WAIT_DNS, s->op.now + 60);
}

static void
touch_later(struct scene *s)
{
	says(&s->steps[0], STEP_REVOKE, WAIT_TIME, s->op.now + 60);
}

static void
touch_made(struct scene *s)
{
	says(&s->steps[0], STEP_GENERATE, WAIT_TIME, s->op.now + 60);
	snprintf(s->steps[0].why, sizeof(s->steps[0].why), "so that it is there in time");
}

static void
touch_made_because(struct scene *s)
{
	says(&s->steps[0], STEP_GENERATE, WAIT_TIME, s->op.now + 60);
}

static void
touch_queue(struct scene *s)
{
	says(&s->steps[0], STEP_NONE, WAIT_QUEUE, NEVER);
}

static void
touch_publisher(struct scene *s)
{
	says(&s->steps[0], STEP_PUBLISH, WAIT_PUBLISHER, s->op.now + 60);
}

static void
touch_refused(struct scene *s)
{
	touch_publisher(s);
	s->op.o.views[s->steps[0].key].deeds[DEED_PUBLISH] = (struct schedule_deed){
	    .first_at = s->op.now - 10, .last_at = s->op.now - 10, .tries = 1, .refused = true, .why = "REFUSED"};
}

static void
touch_missing(struct scene *s)
{
	key_of(s, KEY_STATE_ACTIVE)->looks.gone_since = s->op.now - 60;
	says(&s->steps[s->key], STEP_NONE, WAIT_PERSON, NEVER);
}

static void
touch_withdrawn(struct scene *s)
{
	s->op.o.keys[s->steps[s->key].key].facts.at[FACT_COMPROMISED] = s->op.now - 60;
	says(&s->steps[s->key], STEP_REVOKE, WAIT_PERSON, s->op.now + 60);
}

static void
standby_waits(struct scene *s, enum rotate rotate, enum step_what what, enum step_wait wait)
{
	static struct key_policy policy;

	key_of(s, KEY_STATE_READY);
	policy = *s->domain->policy;
	policy.rotate = rotate;
	s->domain->policy = &policy;
	says(&s->steps[s->key], what, wait, what == STEP_NONE ? NEVER : s->op.now + 60);
	s->steps[s->key].other = 0;
}

static void
touch_approve(struct scene *s)
{
	standby_waits(s, ROTATE_APPROVE, STEP_NONE, WAIT_PERSON);
}

static void
touch_roll_only(struct scene *s)
{
	standby_waits(s, ROTATE_OFF, STEP_NONE, WAIT_PERSON);
}

static void
touch_sooner(struct scene *s)
{
	standby_waits(s, ROTATE_AUTO, STEP_ACTIVATE, WAIT_TIME);
}

static const struct {
	const char *kind, *text, *situation;
	const char *conf;
	void (*life)(struct box *);
	touch_fn *touch;
} NOTES[] = {
    {"proven", "the address of ns1.test served it twice, the second time *", "one server", OURS, life_grown, touch_nothing},
    {"proven", "all 2 addresses of ns1.test and ns2.test served it twice, the second time *", "two", OURS, life_two,
	touch_nothing},
    {"proven", "all 6 addresses of ns1.test, ns2.test, ns3.test, ns4.test and 2 more served it twice, the second time *",
	"more than are named", OURS, life_many, touch_nothing},
    {"proven", "2 of 3 addresses, of ns1.test and ns2.test served it twice, the second time *",
	"a former server was excused", OURS, life_former, touch_nothing},
    {"proven", "by resolvers only, *", "proof = resolver", BY_RESOLVER, life_published, touch_resolver},
    {"proven", "by a person's word (signpost attest), *", "proof = attest, or an attested record", ATTEST, life_published,
	touch_resolver},
    {"looked", "*: it was not as it should be", "the last look failed, and left no words", OURS, life_published,
	touch_no_words},
    {"looked", "*ns1.test*", "the last look failed", OURS, life_lacks, touch_nothing},
    {"lacks", "ns1.test (*): *", "a server without the record", OURS, life_lacks, touch_nothing},
    {"mute", "ns1.test (*): *", "a server that does not answer", OURS, life_mute, touch_nothing},
    {"file", "*.pem: No such file or directory; put it back from a backup", "a key file is missing or open to others", OURS,
	life_published, touch_file},
    {"publisher", "dns was asked for it to be published, 1 time, last now: the primary is away", "it failed", OURS, life_down,
	touch_nothing},
    {"next", "at the next pass: tried again, after 1 time", "its words stand in the note above", OURS, life_down, touch_said},
    {"now", "because", "nothing is to be done", OURS, life_grown, touch_rests},
    {"waits", "because", "it is not known until when", OURS, life_grown, touch_waits},
    {"next", "at the next pass: because", "it is due", OURS, life_grown, touch_next},
    {"waits", "because; looked at next *", "DNS is waited for", OURS, life_grown, touch_look},
    {"waits", "until *: because", "time is waited for", OURS, life_grown, touch_later},
    {"next", "a new key is made * (in 1 min), so that it is there in time", "its age", OURS, life_grown, touch_made},
    {"next", "a new key is made * (in 1 min): because", "another reason", OURS, life_grown, touch_made_because},
    {"then", "* (in *) at the latest: takes over from *", "nobody has looked yet: how long NXDOMAIN is remembered is not known", OURS,
	life_grown, touch_unseen},
    {"then", "when it can be looked at: signs", "port 53 is closed or intercepted", OURS, life_published, touch_blind},
    {"then", "* (in *): takes over from *", "what the forecast tells of this key", OURS, life_grown, touch_nothing},
    {"do", "signpost attest a.test *   (when the record is there for sure)", "proof = attest", ATTEST, life_published,
	touch_nothing},
    {"do", "signpost attest a.test *   (when its record is gone for sure)", "proof = attest, to be revoked by hand", ATTEST,
	life_published, touch_withdrawn},
    {"do", "signpost records a.test   (shows what is to be entered)", "by hand", BY_HAND, life_published, touch_nothing},
    {"do", "signpost approve a.test", "rotate = approve, and due", OURS, life_grown, touch_approve},
    {"sooner", "signpost roll a.test   (skips the age, never the proof)", "a standby waits for its time", OURS, life_grown,
	touch_sooner},
    {"do", "signpost roll a.test", "rotate = off", OURS, life_grown, touch_roll_only},
    {"do", "signpost records a.test   (shows what is to be entered again)", "the record of the key that signs is gone, by hand",
	OURS, life_grown, touch_missing},
    {"see", "postqueue -p", "our queue holds mail", OURS, life_grown, touch_queue},
    {"see", "signpost publisher dns a.test   (what the name server must allow)", "the publisher fails", OURS, life_grown,
	touch_publisher},
    {"mended?", "signpost publisher dns a.test --try   (when all is right, the next pass tries it)",
	"the publisher was refused", OURS, life_grown, touch_refused},
    {"clock", "not trusted: it jumped; no step is taken until then.  See signpost clock", "the clock", OURS, life_published,
	touch_clock},
    {"outage", "many at once: nothing is switched or published because of it", "K11", OURS, life_published, touch_outage},
    {"hold", "* ago): held; signpost release lets it go on", "signpost hold DOMAIN", OURS, life_held, touch_nothing},
    {"hold", "all domains are held; signpost release, without a domain, lets them go on", "signpost hold", OURS, life_all_held,
	touch_nothing},
    {"remove", "* ago): it is being removed; signpost add lets it stay", "signpost remove", OURS, life_removed, touch_nothing},
    {"roll", "* ago): signpost roll was said", "signpost roll", OURS, life_rolled, touch_nothing},
    {"rollback", "* ago): signpost rollback was said", "signpost rollback", OURS, life_rolled_back, touch_nothing},
    {"gone", "the zone above says that the domain does not exist", "K17", OURS, life_published, touch_gone},
    {"alias", "an alias or the delegation is missing.  signpost records a.test shows what is to be entered",
	"slots or delegated, not looked for yet", OURS, life_published, touch_alias},
    {"alias", "the CNAME leads elsewhere.  signpost records a.test shows what is to be entered", "and looked for", OURS,
	life_published, touch_alias_why},
    {"signers", "* ago): unix:/m is silent", "a milter lags", OURS, life_published, touch_laggard},
};

static void
collect(struct scene *s, struct buf *out)
{
	struct forecast f;
	struct notes notes;
	struct err err = ERR_INIT;

	assert_int_equal(operation_forecast(&s->op, s->op.now + AHEAD_S, 0, &f, &err), 0);
	explain_domain(&s->op, s->steps, s->count, &notes);
	for (size_t i = 0; i < notes.count; i++)
		buf_printf(out, "%s|%s\n", notes.notes[i].kind, notes.notes[i].text);
	for (size_t k = 0; k < s->count; k++) {
		if (s->steps[k].key == SIZE_MAX)
			continue;
		if (explain_key(&s->op, &s->steps[k], &f, &notes, &err) != 0)
			fail_msg("%s", err.text);
		for (size_t i = 0; i < notes.count; i++)
			buf_printf(out, "%s|%s\n", notes.notes[i].kind, notes.notes[i].text);
	}
	forecast_deinit(&f);
}

static bool
has_note(char *all, const char *kind, const char *text)
{
	char *rest = NULL;

	for (char *line = strtok_r(all, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		char *bar = strchr(line, '|');
		assert_non_null(bar);
		*bar = '\0';
		if (strcmp(line, kind) == 0 && fnmatch(text, bar + 1, 0) == 0)
			return true;
	}
	return false;
}

static void
scene_begin(struct scene *s, const char *conf, void (*life)(struct box *))
{
	struct err err = ERR_INIT;

	servers_more = servers_gone = 0;
	*s = (struct scene){.box = box_new(conf)};
	s->box->seams.sweep = many_servers;
	box_add(s->box, "a.test", "p");
	life(s->box);
	cli = (struct cli){.config = s->box->config};
	s->op = (struct operation){.cli = &cli, .store = s->box->store, .now = s->box->w->now};
	snprintf(s->op.domain, sizeof(s->op.domain), "a.test");
	const struct observe_query query = {
	    .config = s->box->config, .select = store_select_domain("a.test"), .now = s->op.now};
	if (observe(s->op.store, &query, &s->op.o, &err) != 0)
		fail_msg("%s", err.text);
	s->op.d = &s->op.o.domains[0];
	s->domain = &s->op.o.domains[0].domain;
	s->world = &s->op.o.world.world;
	assert_int_equal(observed_steps(s->op.d, &s->op.o.world, &s->steps, &s->count, &err), 0);
}

static void
scene_end(struct scene *s)
{
	free(s->steps);
	observation_deinit(&s->op.o);
	box_free(s->box);
}

static void
explain_notes_table(void **state)
{
	unsigned failed = 0;
	(void)state;

	for (size_t i = 0; i < sizeof(NOTES) / sizeof(NOTES[0]); i++) {
		struct scene s;
		struct buf all;
		scene_begin(&s, NOTES[i].conf, NOTES[i].life);
		NOTES[i].touch(&s);
		buf_init(&all, 1024 * 1024);
		collect(&s, &all);
		char *text = strdup(buf_str(&all));
		assert_non_null(text);
		if (!has_note(text, NOTES[i].kind, NOTES[i].text)) {
			print_error("%s (%s): no \"%s|%s\" in:\n%s\n", NOTES[i].kind, NOTES[i].situation, NOTES[i].kind,
			    NOTES[i].text, buf_str(&all));
			failed++;
		}
		free(text);
		buf_deinit(&all);
		scene_end(&s);
	}
	assert_int_equal(failed, 0);
}

static const struct {
	const char *text;
	enum key_fact last; /* all before it are there, too */
	enum key_fact also;
	const char *conf;
} HEADLINES[] = {
    {"is made, and not published yet", FACT_GENERATED, FACT_GENERATED, OURS},
    {"is published, and not proven yet", FACT_PUBLISHED, FACT_GENERATED, OURS},
    {"was handed over, and is not proven yet", FACT_PUBLISHED, FACT_GENERATED, BY_HAND},
    {"is published and proven, and waits", FACT_VERIFIED, FACT_GENERATED, OURS},
    {"signs", FACT_ACTIVATED, FACT_GENERATED, OURS},
    {"is to sign, but its file cannot be used", FACT_ACTIVATED, FACT_GENERATED, OURS},
    {"signs, though it is compromised", FACT_ACTIVATED, FACT_COMPROMISED, OURS},
    {"signs no more; mail that it signed may still be on its way", FACT_RETIRED, FACT_GENERATED, OURS},
    {"is compromised, and signs no more", FACT_RETIRED, FACT_COMPROMISED, OURS},
    {"is revoked", FACT_REVOKED, FACT_GENERATED, OURS},
    {"is gone from DNS", FACT_REMOVED, FACT_GENERATED, OURS},
    {"never signed, and never will", FACT_VERIFIED, FACT_ABANDONED, OURS},
};

static void
explain_headline_table(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(HEADLINES) / sizeof(HEADLINES[0]); i++) {
		struct scene s;
		scene_begin(&s, HEADLINES[i].conf, life_published);
		struct key_facts *facts = &s.op.o.keys[0].facts;
		key_facts_init(facts);
		for (int f = 0; f <= (int)HEADLINES[i].last; f++)
			facts->at[f] = s.op.now - 100;
		facts->at[HEADLINES[i].also] = s.op.now - 100;
		if (strstr(HEADLINES[i].text, "its file") != NULL)
			touch_file(&s);
		assert_string_equal(explain_headline(&s.op, 0), HEADLINES[i].text);
		scene_end(&s);
	}
}

/* The page as it is printed. */
static const struct said_row PAGES[] = {
    {"a.test: policy p, mode txt, publisher dns", "the first line"},
    {"* (rsa) signs.", "a key's headline"},
    {"* (rsa) is published and proven, and waits.", "the same of a standby"},
    {"  proven     the address of ns1.test served it twice, the second time *", "a note behind its kind"},
    {"  then       * (in *): its private key is deleted", "the forecast of this key; a time to come"},
    {"  then       now: takes over from *", "the same, due"},
    {"  hold       * (* ago): held; signpost release lets it go on", "a note of the domain; a time that is over"},
    {"nowhere.test is not here; signpost add nowhere.test starts signing for it", "a domain that the store does not have"},
};

static void
run_explain(struct scene *s, const char *domain, const char *const *words)
{
	struct cli run = {.verb = &verb_explain,
	    .config = s->box->config,
	    .store_dir = s->box->dir,
	    .operands = {domain},
	    .operand_count = 1,
	    .now = s->box->w->now};

	hear_options(&run, words);
	(void)hear_run(&run);
}

static void
explain_page_table(void **state)
{
	struct scene s;
	(void)state;

	scene_begin(&s, OURS, life_grown);
	run_explain(&s, "a.test", (const char *const[]){NULL});
	run_explain(&s, "a.test", (const char *const[]){"json", NULL});
	run_explain(&s, "nowhere.test", (const char *const[]){NULL});
	scene_end(&s);
	scene_begin(&s, OURS, life_held);
	run_explain(&s, "a.test", (const char *const[]){NULL});
	scene_end(&s);
	HEARD_ALL(PAGES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(explain_notes_table),
	    cmocka_unit_test(explain_headline_table),
	    cmocka_unit_test(explain_page_table),
	};

	(void)box_killed_pass;
	(void)box_table;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
