/* SPDX-License-Identifier: ISC */
#include "signpost/health.h"
#include "keys/keyfile.h"
#include "signpost/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static bool
signs(const struct key_health *key)
{
	return key_state_signs(key_state_of(&key->row.facts));
}

/* The first key that is still on its way; NULL if there is none. */
static const struct key_health *
waiting_key(const struct domain_health *d)
{
	for (size_t i = 0; i < d->key_count; i++) {
		if (key_state_of(&d->keys[i].row.facts) <= KEY_STATE_READY)
			return &d->keys[i];
	}
	return NULL;
}

/* "ns3.example.net (no such record)" of the first server that does not have the record. */
static void
describe_servers(const struct sweep *sweep, char *out, size_t size)
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
		return;
	}
}

static void
put_time(char *text, size_t size, int64_t at, int64_t now)
{
	time_t t = (time_t)at;
	struct tm tm;
	size_t len = strlen(text);

	if (at <= now)
		snprintf(text + len, size - len, "; looks again at the next pass");
	else if (localtime_r(&t, &tm) != NULL)
		strftime(text + len, size - len,
		    at - now < 86400 ? "; looks again %H:%M" : "; looks again %d %b %H:%M", &tm);
}

static void
describe_wait(const struct key_health *key, int64_t now, char *out, size_t size)
{
	const struct store_sweep *last = &key->seen.last;

	snprintf(out, size, "%s", key->step.why);
	/* where a resolver stands in the way, why says more than the silence */
	if (last->found && !last->failed && !last->passed && last->resolver[0] == '\0')
		describe_servers(&last->sweep, out, size);
	if (key->step.what == STEP_LOOK)
		put_time(out, size, key->step.earliest, now);
}

static enum health
health_of_waiting(const struct key_health *key, const struct config *config, int64_t now)
{
	const struct store_sweep *last = &key->seen.last;
	int64_t generated = key->row.facts.at[FACT_GENERATED];

	if (!last->found || last->passed)
		return HEALTH_PENDING;
	if (last->failed || (last->sweep.good == 0 && last->sweep.bad == 0))
		return HEALTH_TEMPORARY;
	if (generated != NEVER && now - generated > config->slow_after_s)
		return HEALTH_FAILED; /* still looked for, less often */
	return HEALTH_PENDING;
}

static void
judge_active(struct domain_health *d)
{
	bool rsa_usable = false;

	for (size_t i = 0; i < d->key_count; i++) {
		const struct key_health *key = &d->keys[i];
		if (!signs(key))
			continue;
		if (d->since == NEVER || key->row.facts.at[FACT_ACTIVATED] < d->since)
			d->since = key->row.facts.at[FACT_ACTIVATED];
		if (key->trouble[0] != '\0') {
			d->warning = true;
			snprintf(d->next, sizeof(d->next), "%s", key->trouble);
		} else if (key->row.alg == KEY_RSA_SHA256) {
			rsa_usable = true;
		}
	}
	d->health = rsa_usable ? HEALTH_VERIFIED : HEALTH_FAILED;
}

static void
judge(struct domain_health *d, const struct config *config, int64_t now)
{
	const struct key_health *waiting = waiting_key(d);
	bool was_active = false, active = false;

	for (size_t i = 0; i < d->key_count; i++) {
		was_active = was_active || d->keys[i].row.facts.at[FACT_ACTIVATED] != NEVER;
		active = active || signs(&d->keys[i]);
	}
	if (active) {
		judge_active(d);
		if (d->next[0] == '\0' && waiting != NULL) {
			char wait[HEALTH_TEXT_LEN - SELECTOR_LEN_MAX - 2] = "";
			describe_wait(waiting, now, wait, sizeof(wait));
			snprintf(d->next, sizeof(d->next), "%s: %s", waiting->row.selector, wait);
		} else if (d->next[0] == '\0') {
			snprintf(d->next, sizeof(d->next), "-");
		}
	} else if (was_active || waiting == NULL) {
		d->health = HEALTH_FAILED;
		snprintf(d->next, sizeof(d->next), "%s; signpost add %s makes a key",
		    was_active ? "no key signs any more" : "it has no key", d->row.name);
	} else {
		d->health = health_of_waiting(waiting, config, now);
		describe_wait(waiting, now, d->next, sizeof(d->next));
		if (waiting->trouble[0] != '\0') { /* DNS cannot mend it */
			d->health = HEALTH_FAILED;
			snprintf(d->next, sizeof(d->next), "%s", waiting->trouble);
		}
	}
}

static int
look_at_key(struct key_health *key, const struct health_view *view, const struct key_set *set,
    const struct key_times *times, struct err *err)
{
	struct err trouble = ERR_INIT;

	if (observe(view->store, set, &key->row, &key->seen, err) != 0)
		return -1;
	schedule_next(&key->row.facts, &key->seen.seen, times, view->now, &key->step);
	if (key_state_of(&key->row.facts) <= KEY_STATE_ACTIVE &&
	    keyfile_check(store_dir(view->store), &key->row, &trouble) != 0)
		snprintf(
		    key->trouble, sizeof(key->trouble), "%.*s", HEALTH_TEXT_LEN - 1, trouble.text);
	return 0;
}

int
domain_health_init(struct domain_health *d, const struct health_view *view,
    const struct store_domain *domain, struct err *err)
{
	const struct key_policy *policy = config_policy(view->config, domain->policy);
	struct store_key *rows = NULL;
	struct key_times times;
	size_t count = 0;

	*d = (struct domain_health){.row = *domain, .since = NEVER};
	if (policy == NULL)
		return err_set(err, ERR_CONFIG,
		    "domain %s has policy \"%s\", which %s does not define", domain->name,
		    domain->policy, view->config->path);
	observe_times(view->config, policy, &times);
	if (store_keys(view->store, domain->name, &rows, &count, err) != 0)
		return -1;
	const struct key_set set = {rows, count};
	int rc = 0;
	d->keys = calloc(count + 1, sizeof(*d->keys));
	if (d->keys == NULL)
		rc = err_nomem(err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		d->keys[i].row = rows[i];
		d->key_count++;
		rc = look_at_key(&d->keys[i], view, &set, &times, err);
	}
	free(rows);
	if (rc == 0)
		judge(d, view->config, view->now);
	return rc;
}

void
domain_health_deinit(struct domain_health *d)
{
	free(d->keys);
	d->keys = NULL;
}
