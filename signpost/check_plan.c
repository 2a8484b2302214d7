/* SPDX-License-Identifier: ISC */
/* Which names of which keys are looked at, and what is expected there. */
#include "signpost/check.h"
#include "signpost/status_file.h"

#include <stdlib.h>
#include <string.h>

#define FRESH_S                                                                                    \
	3600 /* so long servers may take to fetch a zone, unless the domain is known to be slower */

static const char *
text_or_null(const char *text)
{
	return text == NULL || text[0] == '\0' ? NULL : text;
}

static bool
signs(const struct schedule_key *k)
{
	return key_state_signs(key_state_of(&k->facts));
}

static bool
others_sign(const struct observed *d, const struct schedule_key *but)
{
	for (size_t i = 0; i < d->domain.key_count; i++)
		if (&d->domain.keys[i] != but && signs(&d->domain.keys[i]) &&
		    (but == NULL || d->domain.keys[i].alg == KEY_RSA_SHA256 ||
			d->domain.keys[i].alg == but->alg))
			return true;
	return false;
}

static enum subject_role
role_of(enum key_state state, enum key_expect expect)
{
	if (expect != EXPECT_RECORD)
		return ROLE_GOING;
	if (key_state_signs(state))
		return ROLE_SIGNS;
	return state <= KEY_STATE_READY ? ROLE_COMING : ROLE_OVERLAP;
}

/* What stands in DNS because of it, or is to. */
static bool
is_visible(enum key_state state)
{
	return state != KEY_STATE_REMOVED && state != KEY_STATE_DESTROYED &&
	       state != KEY_STATE_ABANDONED;
}

/* Made, and nobody was asked to publish it. */
static bool
is_unpublished(const struct schedule_key *k, const struct key_policy *p)
{
	return key_state_of(&k->facts) == KEY_STATE_GENERATED && !p->by_hand &&
	       k->deeds[DEED_PUBLISH].tries == 0;
}

static bool
others_are_visible(const struct observed *d, size_t but)
{
	for (size_t i = 0; i < d->domain.key_count; i++)
		if (i != but && is_visible(key_state_of(&d->domain.keys[i].facts)) &&
		    !is_unpublished(&d->domain.keys[i], d->domain.policy))
			return true;
	return false;
}

/* The deed that is to make what is expected. */
static enum deed
deed_of(const struct schedule_key *k, enum key_expect expect)
{
	if (expect == EXPECT_RECORD)
		return DEED_PUBLISH;
	return k->deeds[DEED_REMOVE].tries > 0 ? DEED_REMOVE : DEED_REVOKE;
}

static bool
is_fresh(const struct check_domain *d, const struct schedule_key *k, enum deed deed, int64_t now)
{
	int64_t slow = d->seen->domain.propagation_max_s, since = k->deeds[deed].last_at;
	if (deed == DEED_PUBLISH && k->facts.at[FACT_PUBLISHED] > since)
		since = k->facts.at[FACT_PUBLISHED];
	return since != NEVER && now - since < (slow > FRESH_S ? slow : FRESH_S);
}

/* K2, as a pass has it. */
static int
add_formers(struct check_key *k, struct diagnose_subject *s, const struct key_policy *p,
    struct store *store, struct err *err)
{
	const char *last = s->zones == NULL ? NULL : strrchr(s->zones, ' ');
	int64_t listed = NEVER;
	size_t count = 0;
	if (s->zones == NULL || store == NULL)
		return 0;
	k->zone = strdup(last == NULL ? s->zones : last + 1);
	if (k->zone == NULL)
		return err_nomem(err);
	if (store_servers(store, k->zone, &k->servers, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		listed = k->servers[i].last_listed > listed ? k->servers[i].last_listed : listed;
	for (size_t i = 0; i < count && s->former_count < CHECK_FORMERS_MAX; i++) {
		const struct store_server *server = &k->servers[i];
		int64_t until = server->last_listed + server->ttl_s + p->publish_safety_s;
		if (server->last_listed >= listed || until <= s->now)
			continue;
		k->formers[s->former_count++] = (struct sweep_former){.zone = k->zone,
		    .name = server->host,
		    .endpoint = server->endpoint,
		    .until = until};
	}
	s->formers = k->formers;
	return 0;
}

static void
set_publication(struct check_key *k, struct diagnose_subject *s, const struct check_domain *d)
{
	const struct schedule_deed *deed = &k->view->deeds[deed_of(k->view, s->expect)];
	bool failed =
	    deed->tries > 0 && !deed->done && text_or_null(deed->why) != NULL && !s->by_hand;
	/* a record that others took away is put back, and says why that failed */
	if (!failed || (s->role == ROLE_OVERLAP && deed->last_at < k->view->facts.at[FACT_RETIRED]))
		return;
	(void)slice_to_str(
	    slice_sub(slice_of(deed->why), 0, sizeof(k->words) - 1), k->words, sizeof(k->words));
	s->publisher_words = k->words;
	s->fresh = s->fresh && is_fresh(d, k->view, deed_of(k->view, s->expect), s->now);
}

static void
begin(struct diagnose_subject *s, const struct check_plan *plan, const struct check_domain *d)
{
	const struct key_policy *p = d->seen->domain.policy;
	*s = (struct diagnose_subject){.domain = d->seen->row->name,
	    .by_hand = p->by_hand,
	    .proof_elsewhere = p->proof != PROOF_AUTHORITATIVE,
	    .publisher = p->by_hand ? NULL : config_publisher(plan->config, p->publisher),
	    .typed = text_or_null(d->typed),
	    .now = plan->now};
}

static int
add_key(struct check_plan *plan, struct check_domain *d, size_t nr, struct store *store,
    struct err *err)
{
	const struct observed *seen = d->seen;
	const struct schedule_key *view = &seen->domain.keys[nr];
	const struct store_key *row = &seen->keys[nr];
	enum key_state state = key_state_of(&view->facts);
	if (!is_visible(state))
		return 0;
	bool unpublished = is_unpublished(view, seen->domain.policy);
	if (unpublished && others_are_visible(seen, nr)) {
		d->unpublished++;
		return 0;
	}
	struct check_key *k = &plan->keys[plan->subject_count];
	struct diagnose_subject *s = &plan->subjects[plan->subject_count++];
	begin(s, plan, d);
	d->count++;
	k->row = row;
	k->view = view;
	s->selector = row->selector;
	s->name = row->alias[0] != '\0' ? row->alias : row->owner;
	s->alias = row->alias[0] != '\0' ? row->owner : NULL;
	s->expect = schedule_expect(&seen->domain, view);
	s->or_nothing = s->expect == EXPECT_TOMBSTONE && row->slot < 0;
	s->expected = slice_of(row->record);
	s->alg = row->alg;
	s->role = role_of(state, s->expect);
	s->others_sign = others_sign(seen, view);
	s->fresh =
	    unpublished || (!s->by_hand && is_fresh(d, view, deed_of(view, s->expect), plan->now));
	s->delegated = seen->domain.policy->mode == MODE_DELEGATED;
	s->proven = view->facts.at[FACT_VERIFIED] != NEVER;
	s->waits_for_person = s->by_hand && s->role == ROLE_COMING && s->others_sign;
	s->zones = text_or_null(seen->looks[nr].zones);
	set_publication(k, s, d);
	return add_formers(k, s, seen->domain.policy, store, err);
}

static bool
slot_has_subject(
    const struct check_plan *plan, const struct check_domain *d, const struct store_slot *slot)
{
	for (size_t i = d->first; i < d->first + d->count; i++) {
		const struct store_key *row = plan->keys[i].row;
		if (row != NULL && row->slot == slot->n && row->alg == slot->alg)
			return true;
	}
	for (size_t i = 0; i < d->seen->domain.key_count; i++) /* made, and about to be published */
		if (d->seen->keys[i].slot == slot->n && d->seen->keys[i].alg == slot->alg &&
		    is_unpublished(&d->seen->domain.keys[i], d->seen->domain.policy))
			return true;
	return false;
}

/* The alias of a slot without a key is to be right as well: the next key comes there. */
static void
add_slot(struct check_plan *plan, struct check_domain *d, const struct store_slot *slot)
{
	const struct key_policy *p = d->seen->domain.policy;
	if (p->mode != MODE_SLOTS || p->slot_zone == NULL || slot_has_subject(plan, d, slot))
		return;
	struct check_key *k = &plan->keys[plan->subject_count];
	struct diagnose_subject *s = &plan->subjects[plan->subject_count++];
	begin(s, plan, d);
	d->count++;
	snprintf(k->name, sizeof(k->name), "%s._domainkey.%.170s", slot->token, d->seen->row->name);
	snprintf(k->alias, sizeof(k->alias), "%s.%.180s", slot->token, p->slot_zone);
	s->selector = slot->token;
	s->name = k->name;
	s->alias = k->alias;
	s->expect = EXPECT_TOMBSTONE;
	s->alg = slot->alg;
	s->role = ROLE_EMPTY;
	s->others_sign = others_sign(d->seen, NULL);
	s->fresh = slot->prepared_at == NEVER || plan->now - slot->prepared_at < FRESH_S;
	if (slot->prepared_at == NEVER && slot->why[0] != '\0') {
		memcpy(k->words, slot->why, sizeof(k->words));
		s->publisher_words = k->words;
	}
}

static int
add_domain(struct check_plan *plan, const struct observation *o, size_t nr, struct store *store,
    struct err *err)
{
	const struct observed *seen = &o->domains[nr];
	struct check_domain *d = &plan->domains[plan->domain_count++];
	*d = (struct check_domain){.seen = seen, .world = &o->world, .first = plan->subject_count};
	if (seen->domain.policy == NULL)
		return err_set(err, ERR_CONFIG,
		    "domain %s has policy \"%s\", which %s does not define", seen->row->name,
		    seen->row->policy, plan->config->path);
	domain_to_unicode(seen->row->name, d->typed, sizeof(d->typed));
	if (strcmp(d->typed, seen->row->name) == 0)
		d->typed[0] = '\0';
	for (size_t i = 0; i < seen->domain.key_count; i++)
		if (add_key(plan, d, i, store, err) != 0)
			return -1;
	for (size_t i = 0; i < seen->domain.slot_count; i++)
		add_slot(plan, d, &seen->slots[i]);
	return 0;
}

static int
observe_all(
    struct check_plan *plan, struct store *store, const struct check_query *query, struct err *err)
{
	size_t count = query->name_count == 0 ? 1 : query->name_count;
	plan->observations = calloc(count, sizeof(*plan->observations));
	if (plan->observations == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		char name[DOMAIN_LEN_MAX + 1];
		const char *given = query->name_count == 0 ? NULL : query->names[i];
		if (given != NULL && domain_normalize(slice_of(given), name, err) != 0)
			return -1;
		struct observation *o = &plan->observations[i];
		const struct observe_query q = {.config = query->config,
		    .select = store_select_domain(given == NULL ? NULL : name),
		    .now = query->now};
		if (observe(store, &q, o, err) != 0)
			return -1;
		plan->observation_count++;
		if (given != NULL && o->count == 0)
			return err_set(err, ERR_INPUT,
			    "%s is not here; signpost add %s starts signing for it", name, name);
	}
	return 0;
}

static int
take_rebuilt(void *arg, json_t *domain, struct err *err)
{
	struct check_plan *plan = arg;
	size_t n = plan->rebuilt_count;
	/* room for a power of two; each lies still, for it points into itself */
	if ((n & (n - 1)) == 0) {
		size_t room = n == 0 ? 1 : 2 * n;
		struct status_rebuilt **more =
		    realloc(plan->rebuilt, room * sizeof(*plan->rebuilt));
		if (more == NULL)
			return err_nomem(err);
		plan->rebuilt = more;
	}
	struct status_rebuilt *r = malloc(sizeof(*r));
	if (r == NULL)
		return err_nomem(err);
	plan->rebuilt[plan->rebuilt_count++] = r;
	return status_rebuild(r, domain, plan->config, err);
}

/* The same from the status file. */
static int
rebuild_all(struct check_plan *plan, const struct check_query *query, struct err *err)
{
	size_t count = query->name_count == 0 ? 1 : query->name_count;
	for (size_t i = 0; i < count; i++) {
		char name[DOMAIN_LEN_MAX + 1];
		const char *given = query->name_count == 0 ? NULL : query->names[i];
		struct status_file file = {query->status_file, given == NULL ? NULL : name};
		if (given != NULL && domain_normalize(slice_of(given), name, err) != 0)
			return -1;
		size_t before = plan->rebuilt_count;
		if (status_file_each(&file, &plan->file, take_rebuilt, plan, err) != 0)
			return err_wrap(err, "the store is not yours to open");
		if (given != NULL && plan->rebuilt_count == before)
			return err_set(err, ERR_INPUT, "%s is not in the status file", name);
	}
	return 0;
}

static const struct observation *
observation_of(const struct check_plan *plan, size_t i)
{
	return i < plan->observation_count ? &plan->observations[i]
					   : &plan->rebuilt[i - plan->observation_count]->o;
}

int
check_plan_init(
    struct check_plan *plan, struct store *store, const struct check_query *query, struct err *err)
{
	size_t domains = 0, subjects = 0;
	*plan = (struct check_plan){.config = query->config, .now = query->now};
	if ((store == NULL ? rebuild_all(plan, query, err)
			   : observe_all(plan, store, query, err)) != 0)
		return -1;
	size_t count = plan->observation_count + plan->rebuilt_count;
	for (size_t i = 0; i < count; i++) {
		const struct observation *o = observation_of(plan, i);
		domains += o->count;
		subjects += o->key_count + o->slot_count;
	}
	plan->domains = calloc(domains + 1, sizeof(*plan->domains));
	plan->subjects = calloc(subjects + 1, sizeof(*plan->subjects));
	plan->keys = calloc(subjects + 1, sizeof(*plan->keys));
	if (plan->domains == NULL || plan->subjects == NULL || plan->keys == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const struct observation *o = observation_of(plan, i);
		for (size_t d = 0; d < o->count; d++)
			if (add_domain(plan, o, d, store, err) != 0)
				return -1;
	}
	return 0;
}

void
check_plan_deinit(struct check_plan *plan)
{
	for (size_t i = 0; i < plan->subject_count; i++) {
		free(plan->keys[i].servers);
		free(plan->keys[i].zone);
	}
	for (size_t i = 0; i < plan->observation_count; i++)
		observation_deinit(&plan->observations[i]);
	for (size_t i = 0; i < plan->rebuilt_count; i++) {
		status_rebuilt_deinit(plan->rebuilt[i]);
		free(plan->rebuilt[i]);
	}
	free(plan->rebuilt);
	free(plan->observations);
	free(plan->domains);
	free(plan->subjects);
	free(plan->keys);
	memset(plan, 0, sizeof(*plan));
}
