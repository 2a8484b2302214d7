/* SPDX-License-Identifier: ISC */
/* health_judge.c - the word for a domain, and the one thing that it waits for. */
#include "signpost/health.h"
#include "signpost/verbs.h"

#include <stdio.h>
#include <string.h>

#define SETTLE_S 10 /* for the milters to read a new table */

const char *
health_name(enum health health)
{
	static const char *const names[] = {
	    [HEALTH_VERIFIED] = "Verified",
	    [HEALTH_PENDING] = "Pending",
	    [HEALTH_FAILED] = "Failed",
	    [HEALTH_TEMPORARY] = "TemporaryFailure",
	};

	return names[health];
}

int
health_exit_code(enum health health, bool warning)
{
	static const int codes[] = {
	    [HEALTH_VERIFIED] = EXIT_OK,
	    [HEALTH_PENDING] = EXIT_WARNING,
	    [HEALTH_FAILED] = EXIT_FAILED,
	    [HEALTH_TEMPORARY] = EXIT_CANNOT_TELL,
	};

	return warning && health == HEALTH_VERIFIED ? EXIT_WARNING : codes[health];
}

static enum key_state
state_of(const struct key_health *key)
{
	return key_state_of(&key->row->facts);
}

bool
key_health_has_ended(const struct key_health *key)
{
	enum key_state state = state_of(key);

	return state == KEY_STATE_DESTROYED ||
	       (state == KEY_STATE_ABANDONED && key->row->facts.at[FACT_DESTROYED] != NEVER);
}

static bool
signs(const struct key_health *key)
{
	return key_state_signs(state_of(key));
}

/* The first key that is still on its way; NULL if there is none. */
static const struct key_health *
waiting_key(const struct domain_health *d)
{
	for (size_t i = 0; i < d->key_count; i++) {
		if (state_of(&d->keys[i]) <= KEY_STATE_READY)
			return &d->keys[i];
	}
	return NULL;
}

static const char *
wait_word(const struct key_health *key, const struct step *step)
{
	static const char *const words[] = {
	    [WAIT_NOTHING] = "nothing",
	    [WAIT_TIME] = "time",
	    [WAIT_DNS] = "dns",
	    [WAIT_PERSON] = "person",
	    [WAIT_PUBLISHER] = "publisher",
	    [WAIT_SIGNERS] = "signers",
	    [WAIT_CLOCK] = "clock",
	    [WAIT_HOLD] = "hold",
	    [WAIT_OUTAGE] = "outage",
	    [WAIT_QUEUE] = "queue",
	};

	if (key != NULL && key->obstruction == OBSTRUCTION_BLOCKED)
		return "port-53-blocked";
	if (key != NULL && key->obstruction == OBSTRUCTION_INTERCEPTED)
		return "port-53-intercepted";
	return words[step->wait];
}

static enum health
health_of_waiting(const struct key_health *key)
{
	const struct schedule_looks *l = &key->view->looks;
	const struct sweep *last = key->last == NULL ? NULL : &key->last->sweep;

	if (l->looked_at == NEVER || l->last_passed)
		return HEALTH_PENDING;
	if (key->obstruction != OBSTRUCTION_NONE || key->look->failed ||
	    (last != NULL && last->good == 0 && last->bad == 0))
		return HEALTH_TEMPORARY;
	return key->slow ? HEALTH_FAILED : HEALTH_PENDING; /* still looked for, less often */
}

/* "2 of 3 servers without the record: ns3.example.net (192.0.2.3): no such record" */
static bool
server_text(const struct sweep *sweep, char *out, size_t size)
{
	size_t lacking = sweep->bad > 0 ? sweep->bad : sweep->mute;
	const char *what = sweep->bad > 0 ? "without the record" : "without an answer";

	for (size_t i = 0; i < sweep->count; i++) {
		const struct sweep_answer *a = &sweep->answers[i];
		/* a contradiction tells more than silence */
		if (a->verdict == ANSWER_GOOD || (a->verdict == ANSWER_MUTE && sweep->bad > 0))
			continue;
		char addr[IP_TEXT_LEN];
		ip_addr_format(&a->endpoint.addr, addr);
		bool named = strcmp(a->server, addr) != 0;
		snprintf(out, size, "%zu of %zu servers %s: %s%s%s%s: %s", lacking, sweep->count,
		    what, a->server, named ? " (" : "", named ? addr : "", named ? ")" : "",
		    a->why);
		return true;
	}
	return false;
}

/* What a key on its way waits for. */
static void
wait_text(const struct key_health *key, char *out, size_t size)
{
	const struct store_sweep *last = key->last;

	/* where a resolver stands in the way, why says more than the silence */
	if (last == NULL || !last->found || last->failed || last->passed ||
	    last->resolver[0] != '\0' || !server_text(&last->sweep, out, size))
		snprintf(out, size, "%s", key->step.why);
}

struct saying {
	const struct key_health *key; /* NULL: the domain */
	bool name;		      /* the text begins with the key's selector */
	const struct step *step;
	const char *text;
	int64_t at;
};

static void
say(struct domain_health *d, const struct saying *s)
{
	if (d->next[0] != '\0')
		return; /* the first is the worst */
	if (s->name)
		snprintf(d->next, sizeof(d->next), "%.63s: %.*s", s->key->row->selector,
		    HEALTH_TEXT_LEN - 70, s->text);
	else
		snprintf(d->next, sizeof(d->next), "%s", s->text);
	d->next_at = s->at;
	d->wait = s->key;
	d->waits_for = s->step == NULL ? "person" : wait_word(s->key, s->step);
}

static void
say_key(struct domain_health *d, const struct key_health *key, bool name)
{
	char text[HEALTH_TEXT_LEN] = "";

	if (key->step.what == STEP_ACTIVATE && key->step.earliest != NEVER) {
		const char *what = key->step.other == SIZE_MAX ? "begins to sign" : "takes over";
		say(d, &(struct saying){key, name, &key->step, what, key->step.earliest});
		return;
	}
	wait_text(key, text, sizeof(text));
	say(d, &(struct saying){key, name, &key->step, text, NEVER});
}

/* Of the domain, for a person to mend. */
static void
say_trouble(struct domain_health *d, const char *text)
{
	say(d, &(struct saying){.text = text, .at = NEVER});
}

static void
judge_active(struct domain_health *d)
{
	bool rsa_usable = false;

	for (size_t i = 0; i < d->key_count; i++) {
		const struct key_health *key = &d->keys[i];
		const struct saying unproven = {key, true, &key->step, key->step.why, NEVER};
		if (!signs(key))
			continue;
		int64_t since = key->row->facts.at[FACT_ACTIVATED];
		if (d->since == NEVER || since < d->since)
			d->since = since;
		bool compromised = key->row->facts.at[FACT_COMPROMISED] != NEVER;
		if (key->trouble[0] != '\0')
			say_trouble(d, key->trouble);
		else if (key->lost || key->view->looks.contradicted || compromised ||
			 key->row->imported_unproven)
			say(d, &unproven);
		if (key->trouble[0] == '\0' && !key->lost && key->row->alg == KEY_RSA_SHA256)
			rsa_usable = true;
	}
	d->warning = d->next[0] != '\0';
	d->health = rsa_usable ? HEALTH_VERIFIED : HEALTH_FAILED;
}

bool
health_signers_lag(const struct observed *seen)
{
	const struct store_domain *row = seen->row;

	return seen->domain.signers.needed && row->signers_asked_at != NEVER &&
	       !row->signers_agree && row->signers_laggard[0] != '\0' &&
	       (row->table_at == NEVER || row->signers_asked_at - row->table_at >= SETTLE_S);
}

/* What is wrong with a domain that signs, but with no key of it in particular. */
static void
judge_domain(struct domain_health *d)
{
	const struct store_domain *row = d->seen->row;
	struct step held = {.wait = WAIT_HOLD};

	for (size_t i = 0; i < d->key_count; i++) {
		const struct key_health *key = &d->keys[i];
		const struct saying lags = {key, false, &key->step, row->signers_laggard, NEVER};
		const struct saying refused = {key, true, &key->step, key->step.why, NEVER};
		if (key->step.wait == WAIT_SIGNERS && row->signers_asked_at != NEVER &&
		    !row->signers_agree && row->signers_laggard[0] != '\0')
			say(d, &lags);
		if (key->step.wait == WAIT_PUBLISHER)
			say(d, &refused);
	}
	/* no switch waits for it, and mail does */
	const struct step asked = {.wait = WAIT_SIGNERS};
	if (health_signers_lag(d->seen))
		say(d, &(struct saying){NULL, false, &asked, row->signers_laggard, NEVER});
	if (row->alias_wrong)
		say_trouble(d, row->alias_why);
	for (size_t i = 0; i < d->seen->domain.slot_count; i++) {
		if (d->seen->domain.slots[i].alias_wrong)
			say_trouble(d, d->seen->slots[i].alias_why);
	}
	d->warning = d->next[0] != '\0';
	if (row->removing_at != NEVER)
		say_trouble(d, "is being removed");
	if (row->held_at != NEVER)
		say(d, &(struct saying){
			   NULL, false, &held, "held: signpost release lets it go on", NEVER});
}

static void
judge_next(struct domain_health *d, const struct key_health *waiting, int64_t now)
{
	if (waiting != NULL)
		say_key(d, waiting, true);
	for (size_t i = 0; i < d->step_count; i++) {
		const struct step *s = &d->steps[i];
		if (s->what == STEP_GENERATE && s->earliest > now)
			say(d, &(struct saying){NULL, false, s, "a new key is made", s->earliest});
		else if (s->what == STEP_NONE)
			say(d, &(struct saying){NULL, false, s, s->why, NEVER});
	}
}

/* No key signs. */
static void
judge_unsigned(struct domain_health *d, const struct key_health *waiting)
{
	const struct store_domain *row = d->seen->row;
	char text[HEALTH_TEXT_LEN] = "";

	d->health = HEALTH_FAILED;
	if (row->removing_at != NEVER) {
		d->health = HEALTH_PENDING;
		say_trouble(d, "is being removed; its mail leaves unsigned");
	} else if (row->active_from != NEVER && waiting == NULL) {
		snprintf(text, sizeof(text), "no key signs any more; signpost add %s makes a key",
		    row->name);
		say_trouble(d, text);
	} else if (waiting != NULL) {
		if (row->active_from == NEVER)
			d->health = health_of_waiting(waiting);
		if (waiting->trouble[0] != '\0') { /* DNS cannot mend it */
			d->health = HEALTH_FAILED;
			say_trouble(d, waiting->trouble);
		}
		say_key(d, waiting, false);
	} else if (d->step_count > 0) {
		d->health = HEALTH_PENDING;
		say(d, &(struct saying){NULL, false, &d->steps[0], d->steps[0].why, NEVER});
	} else {
		snprintf(
		    text, sizeof(text), "it has no key; signpost add %s makes a key", row->name);
		say_trouble(d, text);
	}
}

void
health_judge(struct domain_health *d, const struct config *config, int64_t now)
{
	const struct key_health *waiting = waiting_key(d);
	char text[HEALTH_TEXT_LEN];
	bool active = false;

	d->waits_for = "nothing";
	d->since = d->next_at = NEVER;
	if (d->seen->domain.policy == NULL) {
		d->health = HEALTH_FAILED;
		snprintf(text, sizeof(text), "its policy \"%s\" is not defined by %.200s",
		    d->seen->row->policy, config->path);
		say_trouble(d, text);
		return;
	}
	for (size_t i = 0; i < d->key_count; i++)
		active = active || signs(&d->keys[i]);
	if (!active) {
		judge_unsigned(d, waiting);
		return;
	}
	judge_active(d);
	judge_domain(d);
	judge_next(d, waiting, now);
}
