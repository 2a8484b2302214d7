/* SPDX-License-Identifier: ISC */
#include "signpost/health.h"
#include "keys/keyfile.h"
#include "signpost/health_text.h"
#include "signpost/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static enum health
health_of_waiting(const struct key_health *key, const struct health_view *view)
{
	const struct schedule_looks *l = &key->view->looks;
	const struct sweep *last = key->last == NULL ? NULL : &key->last->sweep;
	int64_t generated = key->row->facts.at[FACT_GENERATED];

	if (l->looked_at == NEVER || l->last_passed)
		return HEALTH_PENDING;
	if (key->look->failed || (last != NULL && last->good == 0 && last->bad == 0))
		return HEALTH_TEMPORARY;
	if (generated != NEVER && view->now - generated > view->config->slow_after_s)
		return HEALTH_FAILED; /* still looked for, less often */
	return HEALTH_PENDING;
}

/* K11: past the thresholds; the world cannot fetch it. */
static bool
is_lost(const struct key_health *key, const struct config *config)
{
	const struct schedule_looks *l = &key->view->looks;

	return l->contradicted && l->gone_since != NEVER &&
	       l->gone_sweeps >= config->keeper.gone_sweeps &&
	       l->looked_at - l->gone_since >= config->keeper.gone_over_s;
}

static void
say(struct domain_health *d, const char *selector, const char *text)
{
	if (d->next[0] != '\0')
		return; /* the first is the worst */
	if (selector == NULL)
		snprintf(d->next, sizeof(d->next), "%s", text);
	else
		snprintf(
		    d->next, sizeof(d->next), "%.63s: %.*s", selector, HEALTH_TEXT_LEN - 70, text);
}

static void
warn(struct domain_health *d, const char *selector, const char *text)
{
	d->warning = true;
	say(d, selector, text);
}

static void
judge_active(struct domain_health *d, const struct health_view *view)
{
	bool rsa_usable = false;

	for (size_t i = 0; i < d->key_count; i++) {
		const struct key_health *key = &d->keys[i];
		if (!signs(key))
			continue;
		int64_t since = key->row->facts.at[FACT_ACTIVATED];
		if (d->since == NEVER || since < d->since)
			d->since = since;
		bool lost = is_lost(key, view->config);
		if (key->trouble[0] != '\0')
			warn(d, NULL, key->trouble);
		else if (lost || key->view->looks.contradicted || key->row->imported_unproven)
			warn(d, key->row->selector, key->step.why);
		if (key->trouble[0] == '\0' && !lost && key->row->alg == KEY_RSA_SHA256)
			rsa_usable = true;
	}
	d->health = rsa_usable ? HEALTH_VERIFIED : HEALTH_FAILED;
}

/* What is wrong with a domain that signs, but with no key of it in particular. */
static void
judge_domain(struct domain_health *d, const struct health_view *view)
{
	const struct store_domain *row = d->seen->row;

	for (size_t i = 0; i < d->key_count; i++) {
		const struct key_health *key = &d->keys[i];
		if (key->step.wait == WAIT_SIGNERS && row->signers_asked_at != NEVER &&
		    !row->signers_agree && row->signers_laggard[0] != '\0')
			warn(d, NULL, row->signers_laggard);
		if (key->step.wait == WAIT_PUBLISHER)
			warn(d, key->row->selector, key->step.why);
	}
	if (row->alias_wrong)
		warn(d, NULL, row->alias_why);
	if (row->removing_at != NEVER)
		say(d, NULL, "is being removed");
	if (row->held_at != NEVER)
		say(d, NULL, "held: signpost release lets it go on");
	(void)view;
}

static void
judge_next(
    struct domain_health *d, const struct key_health *waiting, const struct health_view *view)
{
	char text[HEALTH_TEXT_LEN] = "";

	if (d->next[0] != '\0')
		return;
	if (waiting != NULL) {
		health_wait_text(waiting, view->now, text, sizeof(text));
		say(d, waiting->row->selector, text);
	}
	for (size_t i = 0; i < d->step_count; i++) {
		if (d->steps[i].what == STEP_GENERATE && d->steps[i].earliest > view->now) {
			health_step_text(
			    &d->steps[i], view->now, "a new key is made", text, sizeof(text));
			say(d, NULL, text);
		} else if (d->steps[i].what == STEP_NONE) {
			say(d, NULL, d->steps[i].why);
		}
	}
	say(d, NULL, "-");
}

/* No key signs. */
static void
judge_unsigned(
    struct domain_health *d, const struct key_health *waiting, const struct health_view *view)
{
	const struct store_domain *row = d->seen->row;
	bool was_active = row->active_from != NEVER;
	char text[HEALTH_TEXT_LEN] = "";

	d->health = HEALTH_FAILED;
	if (row->removing_at != NEVER) {
		d->health = HEALTH_PENDING;
		say(d, NULL, "is being removed; its mail leaves unsigned");
	} else if (was_active) {
		snprintf(text, sizeof(text), "no key signs any more; signpost add %s makes a key",
		    row->name);
		say(d, NULL, text);
	} else if (waiting != NULL) {
		d->health = health_of_waiting(waiting, view);
		if (waiting->trouble[0] != '\0') { /* DNS cannot mend it */
			d->health = HEALTH_FAILED;
			say(d, NULL, waiting->trouble);
		}
		health_wait_text(waiting, view->now, text, sizeof(text));
		say(d, NULL, text);
	} else if (d->step_count > 0) {
		d->health = HEALTH_PENDING;
		say(d, NULL, d->steps[0].why);
	} else {
		snprintf(
		    text, sizeof(text), "it has no key; signpost add %s makes a key", row->name);
		say(d, NULL, text);
	}
}

static void
judge(struct domain_health *d, const struct health_view *view)
{
	const struct key_health *waiting = waiting_key(d);
	bool active = false;

	if (d->seen->domain.policy == NULL) {
		d->health = HEALTH_FAILED;
		snprintf(d->next, sizeof(d->next), "its policy \"%s\" is not defined by %.200s",
		    d->seen->row->policy, view->config->path);
		return;
	}
	for (size_t i = 0; i < d->key_count; i++)
		active = active || signs(&d->keys[i]);
	if (!active) {
		judge_unsigned(d, waiting, view);
		return;
	}
	judge_active(d, view);
	judge_domain(d, view);
	judge_next(d, waiting, view);
}

static int
load_last(struct key_health *key, const struct health_view *view, struct err *err)
{
	bool waits = state_of(key) <= KEY_STATE_READY && !key->view->looks.last_passed;

	if (key->view->looks.looked_at == NEVER || (!view->sweeps && !waits))
		return 0;
	key->last = malloc(sizeof(*key->last));
	if (key->last == NULL)
		return err_nomem(err);
	return store_sweep_get(view->store, key->row->id, EVIDENCE_LAST, key->last, err);
}

static int
look_at_key(struct key_health *key, const struct health_view *view, struct err *err)
{
	struct err trouble = ERR_INIT;
	const char *dir = store_dir(view->store);

	if (state_of(key) <= KEY_STATE_ACTIVE) {
		int rc = view->files ? keyfile_check(dir, key->row, &trouble)
				     : keyfile_look(dir, key->row, &trouble);
		if (rc != 0)
			snprintf(key->trouble, sizeof(key->trouble), "%.*s", HEALTH_TEXT_LEN - 1,
			    trouble.text);
	}
	return load_last(key, view, err);
}

int
domain_health_init(struct domain_health *d, const struct health_view *view,
    const struct observation *o, const struct observed *seen, struct err *err)
{
	size_t count = 0;

	*d = (struct domain_health){.seen = seen, .since = NEVER};
	if (observed_steps(seen, &o->world, &d->steps, &count, err) != 0)
		return -1;
	d->keys = calloc(seen->domain.key_count + 1, sizeof(*d->keys));
	if (d->keys == NULL)
		return err_nomem(err);
	d->key_count = seen->domain.key_count;
	int rc = 0;
	for (size_t i = 0; i < d->key_count; i++) {
		struct key_health *key = &d->keys[i];
		key->row = &seen->keys[i];
		key->look = &seen->looks[i];
		key->view = &seen->domain.keys[i];
		if (i < count)
			key->step = d->steps[i];
		else
			key->step = (struct step){.what = STEP_NONE, .earliest = NEVER};
		if (rc == 0)
			rc = look_at_key(key, view, err);
	}
	/* behind those of the keys */
	d->step_count = count > d->key_count ? count - d->key_count : 0;
	if (d->step_count > 0)
		memmove(d->steps, d->steps + d->key_count, d->step_count * sizeof(*d->steps));
	if (rc == 0)
		judge(d, view);
	return rc;
}

void
domain_health_deinit(struct domain_health *d)
{
	for (size_t i = 0; i < d->key_count; i++)
		free(d->keys[i].last);
	free(d->keys);
	free(d->steps);
	d->keys = NULL;
	d->steps = NULL;
	d->key_count = d->step_count = 0;
}
