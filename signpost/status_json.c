/* SPDX-License-Identifier: ISC */
#include "signpost/status_json.h"
#include "keys/sweep_verdict.h"
#include "signpost/report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define FORMAT	    "%Y-%m-%dT%H:%M:%SZ"
#define SERVER_LEN  1024
#define HOOK_IS_MUM "what the program said is shown to the keeper only: sudo signpost status "

json_t *
status_json_time(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;
	char text[32];

	if (at == NEVER || gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), FORMAT, &tm) == 0)
		return json_null();
	return json_string(text);
}

int64_t
status_time_of(const json_t *value)
{
	const char *text = json_string_value(value);
	struct tm tm = {.tm_isdst = 0};

	const char *end = text == NULL ? NULL : strptime(text, FORMAT, &tm);
	return end == NULL || *end != '\0' ? NEVER : (int64_t)timegm(&tm);
}

int64_t
status_time_get(const json_t *object, const char *name)
{
	return status_time_of(json_object_get(object, name));
}

const char *
status_text_get(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

json_t *
status_json_text(const char *text)
{
	json_t *out = json_string(text);

	if (out != NULL)
		return out;
	struct buf plain;
	buf_init(&plain, 4096);
	for (; *text != '\0'; text++)
		buf_put_byte(&plain, (uint8_t)*text < 0x80 ? (uint8_t)*text : '?');
	out = json_string(buf_str(&plain));
	buf_deinit(&plain);
	return out;
}

static json_t *
servers_json(const struct sweep *sweep)
{
	static const char *const verdicts[] = {
	    [ANSWER_GOOD] = "good",
	    [ANSWER_BAD] = "bad",
	    [ANSWER_MUTE] = "mute",
	};
	json_t *array = json_array();
	struct buf said;

	buf_init(&said, SERVER_LEN);
	for (size_t i = 0; i < sweep->count; i++) {
		const struct sweep_answer *a = &sweep->answers[i];
		char addr[IP_TEXT_LEN];
		ip_addr_format(&a->endpoint.addr, addr);
		buf_clear(&said);
		sweep_answer_format(a, &said);
		json_array_append_new(
		    array, json_pack("{s:s, s:s, s:i, s:s, s:s, s:I, s:o, s:o}", "server",
			       a->server, "address", addr, "port", (int)a->endpoint.port, "verdict",
			       verdicts[a->verdict], "found", answer_found_name(a->found), "serial",
			       (json_int_t)a->serial, "why", status_json_text(a->why), "said",
			       status_json_text(buf_str(&said))));
	}
	buf_deinit(&said);
	return array;
}

static json_t *
facts_json(const struct key_facts *facts)
{
	json_t *object = json_object();

	for (int i = 0; i < FACT_COUNT; i++) {
		if (facts->at[i] != NEVER)
			json_object_set_new(object, key_fact_name((enum key_fact)i),
			    status_json_time(facts->at[i]));
	}
	return object;
}

const char *
status_step_name(enum step_what what)
{
	static const char *const names[STEP_COUNT] = {
	    [STEP_NONE] = "none",
	    [STEP_PREPARE_SLOT] = "prepare-slot",
	    [STEP_GENERATE] = "generate",
	    [STEP_PUBLISH] = "publish",
	    [STEP_LOOK] = "look",
	    [STEP_VERIFY] = "verify",
	    [STEP_ACTIVATE] = "activate",
	    [STEP_RETIRE] = "retire",
	    [STEP_ASK_SIGNERS] = "ask-signers",
	    [STEP_ACKNOWLEDGE] = "acknowledge",
	    [STEP_REVOKE] = "revoke",
	    [STEP_REVOKED] = "revoked",
	    [STEP_REMOVE] = "remove",
	    [STEP_REMOVED] = "removed",
	    [STEP_DESTROY] = "destroy",
	    [STEP_ABANDON] = "abandon",
	};

	return names[what];
}

struct domain_form {
	const struct domain_health *d;
	const struct status_form *form;
	bool mum; /* a hook's words are not for everybody */
};

/* Words that may be the publisher's. */
static json_t *
words_json(const struct domain_form *f, const char *text)
{
	char other[sizeof(HOOK_IS_MUM) + DOMAIN_LEN_MAX];

	if (!f->mum || text[0] == '\0')
		return status_json_text(text);
	snprintf(other, sizeof(other), "%s%s", HOOK_IS_MUM, f->d->seen->row->name);
	return json_string(other);
}

/* A hook's words are told on in whatever is waited for. */
static json_t *
told_json(const struct domain_form *f, const char *text)
{
	struct buf open;

	if (!f->mum)
		return status_json_text(text);
	buf_init(&open, STEP_WHY_LEN + 256);
	report_put_open(f->d->seen->row->name, text, &open);
	json_t *out = status_json_text(buf_str(&open));
	buf_deinit(&open);
	return out;
}

static json_t *
step_json(const struct domain_form *f, const struct step *step)
{
	return json_pack("{s:s, s:o, s:o}", "step", status_step_name(step->what), "earliest",
	    status_json_time(step->earliest), "why",
	    step->wait == WAIT_PUBLISHER ? words_json(f, step->why) : told_json(f, step->why));
}

static void
put_last(json_t *key, const struct store_sweep *last)
{
	if (last == NULL || !last->found)
		return;
	json_object_set_new(key, "servers", servers_json(&last->sweep));
	if (last->resolver[0] != '\0')
		json_object_set_new(key, "resolver", status_json_text(last->resolver));
}

static json_t *
deeds_json(const struct domain_form *f, const struct schedule_key *view)
{
	static const char *const names[] = {
	    [DEED_PUBLISH] = "publish", [DEED_REVOKE] = "revoke", [DEED_REMOVE] = "remove"};
	json_t *array = json_array();

	for (int i = 0; i < DEED_COUNT; i++) {
		const struct schedule_deed *deed = &view->deeds[i];
		if (deed->tries == 0)
			continue;
		json_array_append_new(
		    array, json_pack("{s:s, s:o, s:o, s:i, s:b, s:b, s:o}", "deed", names[i],
			       "first_at", status_json_time(deed->first_at), "last_at",
			       status_json_time(deed->last_at), "tries", (int)deed->tries, "done",
			       (int)deed->done, "refused", (int)deed->refused, "why",
			       words_json(f, deed->why == NULL ? "" : deed->why)));
	}
	return array;
}

static json_t *
key_json(const struct domain_form *f, const struct key_health *k)
{
	const struct store_key *row = k->row;
	json_t *key = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:o, s:o}", "selector",
	    row->selector, "algorithm", key_alg_name(row->alg), "bits", (int)row->bits, "state",
	    key_state_name(key_state_of(&row->facts)), "name", row->owner, "record", row->record,
	    "facts", facts_json(&row->facts), "next", step_json(f, &k->step));

	if (key == NULL)
		return NULL;
	json_object_set_new(key, "since", status_json_time(k->since));
	json_object_set_new(key, "looked_at", status_json_time(k->view->looks.looked_at));
	json_object_set_new(key, "next_look", status_json_time(k->next_look));
	json_object_set_new(key, "zones", json_string(k->look->zones));
	json_object_set_new(key, "deeds", deeds_json(f, k->view));
	if (row->slot >= 0) {
		json_object_set_new(key, "slot", json_integer(row->slot + 1));
		json_object_set_new(key, "alias", json_string(row->alias));
	}
	if (k->trouble[0] != '\0')
		json_object_set_new(key, "trouble", status_json_text(k->trouble));
	put_last(key, k->last);
	return key;
}

static json_t *
slots_json(const struct domain_form *f)
{
	const struct observed *seen = f->d->seen;
	json_t *array = json_array();

	for (size_t i = 0; i < seen->domain.slot_count; i++) {
		const struct store_slot *s = &seen->slots[i];
		json_array_append_new(array,
		    json_pack("{s:s, s:i, s:s, s:o, s:o, s:o}", "algorithm", key_alg_name(s->alg),
			"slot", s->n + 1, "token", s->token, "prepared_at",
			status_json_time(s->prepared_at), "why", words_json(f, s->why), "alias_why",
			status_json_text(seen->domain.slots[i].alias_wrong ? s->alias_why : "")));
	}
	return array;
}

static json_t *
waiver(const struct dns_conf *dns)
{
	struct buf text;

	buf_init(&text, 8192);
	buf_put_str(&text, "Waived: what these servers say, or that they do not, holds no key back "
			   "(ignore_server): ");
	sweep_put_ignored(dns, &text);
	buf_put_str(&text, ".");
	json_t *out = json_string(buf_str(&text));
	buf_deinit(&text);
	return out;
}

/* What weakens the proof, or was granted by a person. */
static json_t *
notes_json(const struct domain_form *f)
{
	const struct key_policy *policy = f->d->seen->domain.policy;
	json_t *array = json_array();

	if (policy == NULL)
		return array;
	if (policy->proof == PROOF_RESOLVER)
		json_array_append_new(
		    array, json_string("Proven by resolvers only (proof = resolver)."));
	if (policy->proof == PROOF_ATTEST)
		json_array_append_new(
		    array, json_string("Nothing is asked for: proven by signpost attest only."));
	if (f->form->config->dns.vantage_count == 0)
		json_array_append_new(
		    array, json_string("Seen from this network only: section dns has no vantage."));
	if (f->form->config->dns.ignored_count > 0)
		json_array_append_new(array, waiver(&f->form->config->dns));
	if (policy->queue_assumed)
		json_array_append_new(array,
		    json_string("The queue's lifetime is assumed: postconf does not tell it."));
	return array;
}

static void
put_keys(json_t *out, const struct domain_form *f)
{
	static const char *const modes[] = {
	    [MODE_TXT] = "txt", [MODE_SLOTS] = "slots", [MODE_DELEGATED] = "delegated"};
	static const char *const proofs[] = {[PROOF_AUTHORITATIVE] = "authoritative",
	    [PROOF_RESOLVER] = "resolver",
	    [PROOF_ATTEST] = "attest"};
	const struct domain_health *d = f->d;
	const struct key_policy *policy = d->seen->domain.policy;
	json_t *keys = json_array(), *steps = json_array();

	for (size_t i = 0; i < d->key_count; i++) {
		if (f->form->ended || !key_health_has_ended(&d->keys[i]))
			json_array_append_new(keys, key_json(f, &d->keys[i]));
	}
	for (size_t i = 0; i < d->step_count; i++)
		json_array_append_new(steps, step_json(f, &d->steps[i]));
	json_object_set_new(out, "keys", keys);
	json_object_set_new(out, "steps", steps);
	json_object_set_new(out, "slots", slots_json(f));
	json_object_set_new(out, "notes", notes_json(f));
	json_object_set_new(
	    out, "slowest_s", json_integer((json_int_t)d->seen->row->propagation_max_s));
	if (policy == NULL)
		return;
	json_object_set_new(out, "mode", json_string(modes[policy->mode]));
	json_object_set_new(out, "proof", json_string(proofs[policy->proof]));
	json_object_set_new(out, "publisher", json_string(policy->publisher));
	if (policy->slot_zone != NULL)
		json_object_set_new(out, "slot_zone", json_string(policy->slot_zone));
}

static json_t *
signing_json(const struct domain_health *d)
{
	json_t *array = json_array();

	for (size_t i = 0; i < d->key_count; i++) {
		const struct store_key *row = d->keys[i].row;
		if (key_state_signs(key_state_of(&row->facts)))
			json_array_append_new(
			    array, json_pack("{s:s, s:s}", "selector", row->selector, "algorithm",
				       key_alg_name(row->alg)));
	}
	return array;
}

static bool
is_hook(const struct domain_health *d, const struct status_form *form)
{
	const struct key_policy *p = d->seen->domain.policy;
	const struct publisher_conf *publisher =
	    p == NULL || p->by_hand ? NULL : config_publisher(form->config, p->publisher);

	return publisher != NULL && publisher->type == PUBLISHER_HOOK;
}

json_t *
status_json_domain(const struct domain_health *d, const struct status_form *form)
{
	const struct domain_form f = {d, form, form->open && is_hook(d, form)};
	const struct store_domain *row = d->seen->row;
	const struct key_health *w = d->wait;
	bool words = w != NULL && strcmp(d->waits_for, "publisher") == 0;
	json_t *out = json_pack(
	    "{s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}",
	    "domain", row->name, "policy", row->policy, "status", health_name(d->health), "warning",
	    (int)d->warning, "since", status_json_time(d->since), "next",
	    words ? words_json(&f, d->next) : told_json(&f, d->next), "next_at",
	    status_json_time(d->next_at), "waits_for", d->waits_for, "waits_since",
	    status_json_time(w == NULL ? NEVER : w->since), "last_look",
	    status_json_time(w == NULL ? NEVER : w->view->looks.looked_at), "next_look",
	    status_json_time(w == NULL ? NEVER : w->next_look), "slow", (int)(w != NULL && w->slow),
	    "removing", status_json_time(row->removing_at), "held", status_json_time(row->held_at),
	    "laggard", status_json_text(row->signers_agree ? "" : row->signers_laggard),
	    "signs_with", signing_json(d));

	if (out != NULL && health_signers_lag(d->seen))
		json_object_set_new(out, "lags_at", status_json_time(row->signers_asked_at));
	if (out != NULL && !form->brief)
		put_keys(out, &f);
	return out;
}
