/* SPDX-License-Identifier: ISC */
#include "signpost/pass.h"
#include "signpost/announce.h"
#include "signpost/pass_private.h"
#include "signpost/privileges.h"
#include "signpost/status_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
pass_tell(const struct pass *pass, const char *domain, const char *selector, const char *fmt, ...)
{
	va_list ap;

	if (!pass->verbose)
		return;
	printf("%s %s: ", domain, selector);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void
pass_note_trouble(struct pass *pass, const char *domain, const struct err *err)
{
	fprintf(stderr, "signpost: %s: %s\n", domain, err->text);
	if (pass->first.kind == ERR_NONE)
		pass->first = *err;
}

static void
batch_end(struct batch *b)
{
	for (size_t i = 0; b->shares != NULL && i < b->o.count; i++)
		free(b->shares[i].steps);
	free(b->shares);
	b->shares = NULL;
	observation_deinit(&b->o);
}

static int
plan_share(struct batch *b, size_t i, struct err *err)
{
	struct share *s = &b->shares[i];
	struct err one = ERR_INIT;

	s->pass = b->pass;
	s->o = &b->o;
	s->d = &b->o.domains[i];
	if (s->d->domain.policy == NULL) {
		err_set(&one, ERR_CONFIG, "its policy \"%s\" is not defined by %s",
		    s->d->row->policy, b->pass->config->path);
		s->troubled = true;
		pass_note_trouble(b->pass, s->d->row->name, &one);
		return 0;
	}
	return observed_steps(s->d, &b->o.world, &s->steps, &s->count, err);
}

int
batch_load(struct batch *b, const struct store_select *select, struct err *err)
{
	const struct observe_query query = {.config = b->pass->config,
	    .select = *select,
	    .now = pass_now(b->pass),
	    .pass_began = b->pass->began};

	if (observe(b->pass->store, &query, &b->o, err) != 0)
		return -1;
	b->shares = calloc(b->o.count + 1, sizeof(*b->shares));
	int rc = b->shares == NULL ? err_nomem(err) : 0;
	for (size_t i = 0; rc == 0 && i < b->o.count; i++)
		rc = plan_share(b, i, err);
	return rc;
}

/* The next domains that were due when the pass began. */
static int
batch_next(struct batch *b, struct err *err)
{
	struct store_select select = {
	    .after = b->after, .due_by = b->pass->began, .max = PASS_BATCH};

	int rc = batch_load(b, &select, err);
	if (rc == 0 && b->o.count > 0)
		snprintf(b->after, sizeof(b->after), "%s", b->o.rows[b->o.count - 1].name);
	return rc;
}

/* Every domain that is due, a batch at a time. */
static int
each_batch(struct pass *pass, int (*work)(struct batch *, struct err *), struct err *err)
{
	struct batch b = {.pass = pass};
	size_t count = 1;
	int rc = 0;

	while (rc == 0 && count > 0) {
		rc = batch_next(&b, err);
		count = b.o.count;
		if (rc == 0 && count > 0)
			rc = work(&b, err);
		batch_end(&b);
	}
	return rc;
}

/* K8: what each key may have signed under the longest times that ever held; they only rise. */
static int
raise_maxima(struct batch *b, struct err *err)
{
	for (size_t i = 0; i < b->o.count; i++) {
		const struct key_policy *p = b->o.domains[i].domain.policy;
		for (size_t k = 0; p != NULL && k < b->o.domains[i].domain.key_count; k++) {
			struct store_key key = b->o.domains[i].keys[k];
			enum key_state state = key_state_of(&key.facts);
			if (state != KEY_STATE_ACTIVE && state != KEY_STATE_RETIRED)
				continue;
			if (key.queue_max_s >= p->queue_lifetime_s &&
			    key.delay_max_s >= p->receiver_delay_s &&
			    key.signature_max_s >= p->signature_lifetime_s &&
			    key.safety_max_s >= p->retire_safety_s)
				continue;
			key.queue_max_s = p->queue_lifetime_s;
			key.delay_max_s = p->receiver_delay_s;
			key.signature_max_s = p->signature_lifetime_s;
			key.safety_max_s = p->retire_safety_s;
			if (store_key_raise(b->pass->store, &key, err) != 0)
				return -1;
		}
	}
	return 0;
}

static int
look_batch(struct batch *b, struct err *err)
{
	if (raise_maxima(b, err) != 0)
		return -1;
	return pass_looks(b->pass, b->shares, b->o.count, err);
}

/* Mail that waits longer than the queue's lifetime is on hold; it is watched for from then on (K8). */
static bool
may_be_held(const struct schedule_key *k, const struct keeper_conf *keeper)
{
	return k->facts.at[FACT_ACKNOWLEDGED] != NEVER && k->facts.at[FACT_REVOKED] == NEVER &&
	       (k->queue_held || k->overlap_s >= k->queue_max_s - 2 * keeper->watch_interval_s);
}

static int
wants_queue(const struct batch *b, bool *wants, struct err *err)
{
	const struct keeper_conf *keeper = &b->pass->config->keeper;
	int64_t asked;

	*wants = false;
	if (store_number_get(b->pass->store, NUMBER_QUEUE_ASKED, NEVER, &asked, err) != 0)
		return -1;
	bool old = asked == NEVER || asked > b->pass->began ||
		   b->pass->began - asked >= keeper->watch_interval_s;
	for (size_t i = 0; i < b->o.count; i++) {
		for (size_t k = 0; k < b->shares[i].count; k++) {
			const struct step *s = &b->shares[i].steps[k];
			*wants = *wants || s->wait == WAIT_QUEUE ||
				 (s->what == STEP_REVOKE && s->earliest <= b->pass->began);
		}
		for (size_t k = 0; old && k < b->o.domains[i].domain.key_count; k++)
			*wants = *wants || may_be_held(&b->o.domains[i].domain.keys[k], keeper);
	}
	return 0;
}

/* The domains of the batch once more, as they are now. */
static int
batch_again(struct batch *b, struct err *err)
{
	char first[DOMAIN_LEN_MAX + 1], last[DOMAIN_LEN_MAX + 1];

	snprintf(first, sizeof(first), "%s", b->o.rows[0].name);
	snprintf(last, sizeof(last), "%s", b->o.rows[b->o.count - 1].name);
	struct store_select select = {.first = first, .last = last, .due_by = b->pass->began};
	batch_end(b);
	return batch_load(b, &select, err);
}

/* The errands that are due now and that wanted takes. */
static size_t
collect(struct batch *b, bool (*wanted)(enum step_what), struct errand *out)
{
	int64_t now = b->o.world.world.now;
	size_t n = 0;

	for (size_t i = 0; i < b->o.count; i++) {
		for (size_t k = 0; !b->shares[i].overtaken && k < b->shares[i].count; k++) {
			const struct step *s = &b->shares[i].steps[k];
			if (wanted(s->what) && s->earliest <= now && s->earliest != NEVER)
				out[n++] = (struct errand){&b->shares[i], s};
		}
	}
	return n;
}

static bool
is_ask(enum step_what what)
{
	return what == STEP_ASK_SIGNERS;
}

static bool
is_destroy(enum step_what what)
{
	return what == STEP_DESTROY;
}

/* What fails is tried again soon.  It ends nothing else, not for its domain either: the file of one key may need a
 * person to mend it, and the others have lives of their own. */
static void
do_each(struct batch *b, const struct errand *errands, size_t count,
    int (*deed)(const struct errand *, struct err *))
{
	for (size_t i = 0; i < count; i++) {
		struct err one = ERR_INIT;
		if (errands[i].share->overtaken)
			continue;
		if (deed(&errands[i], &one) == 0) {
			b->pass->steps++;
			continue;
		}
		if (errands[i].share->overtaken)
			continue;
		errands[i].share->troubled = true;
		pass_note_trouble(b->pass, errands[i].share->d->row->name, &one);
	}
}

/* The order is that of safety: what signs is switched first, and the table says so before anything else is asked for;
 * private keys go last, when no table names them. */
static int
do_errands(struct batch *b, struct errand *errands, struct err *err)
{
	struct pass *pass = b->pass;
	size_t n = collect(b, deed_is_local, errands);
	struct err table = ERR_INIT;

	do_each(b, errands, n, deed_local);
	/* what the table does not say is not acted upon; the other batches, and whoever is told, have their turn */
	if (pass->table_stale && pass_update_table(pass, &table) != 0) {
		for (size_t i = 0; i < b->o.count; i++)
			b->shares[i].troubled = true;
		pass_note_trouble(pass, "the signing table", &table);
		return 0;
	}
	n = collect(b, deed_is_published, errands);
	pass->steps += n;
	if (n > 0 && pass_publish(pass, errands, n, err) != 0)
		return -1;
	n = collect(b, is_ask, errands);
	pass->steps += n;
	n = watch_collect(b, errands, n);
	if (n > 0 && pass_ask_signers(pass, errands, n, err) != 0)
		return -1;
	/* a key that the table may still name is not deleted */
	if (!pass->table_stale)
		do_each(b, errands, collect(b, is_destroy, errands), deed_destroy);
	return 0;
}

static int
act_batch(struct batch *b, struct err *err)
{
	size_t room = 0;
	bool wants;

	if (wants_queue(b, &wants, err) != 0 ||
	    (wants && (pass_queue(b->pass, err) != 0 || batch_again(b, err) != 0)))
		return -1;
	for (size_t i = 0; i < b->o.count; i++)
		room += b->shares[i].count + 1; /* its milters may be asked without a step */
	if (b->o.count == 0)
		return 0;
	struct errand *errands = calloc(room + 1, sizeof(*errands));
	if (errands == NULL)
		return err_nomem(err);
	int rc = do_errands(b, errands, err);
	free(errands);
	if (rc == 0)
		rc = batch_note_due(b, err);
	if (rc == 0)
		announce_batch(b);
	return rc;
}

static int
pass_domains(struct pass *pass, struct err *err)
{
	struct err look = ERR_INIT;

	if (pass_config(pass, err) != 0 || pass_clock(pass, err) != 0)
		return -1;
	/* what a pass before could not finish, a changed configuration, the daily date line, an untrusted clock */
	if (pass_update_table(pass, &look) != 0)
		pass_note_trouble(pass, "the signing table", &look);
	if (each_batch(pass, look_batch, err) != 0 || pass_outage(pass, err) != 0 ||
	    each_batch(pass, act_batch, err) != 0)
		return -1;
	return store_number_put(pass->store, NUMBER_LAST_PASS, pass_now(pass), err);
}

static int
pass_all(struct pass *pass, struct err *err)
{
	int rc = pass_domains(pass, err);

	/* also of a pass that came to nothing; its time is not that of the status file, which tells the last good one's */
	announce_pass(pass);
	if (rc != 0)
		return -1;
	status_file_pass(pass);
	return store_next_due(pass->store, &pass->next_at, err);
}

int
pass_run(struct pass *pass, struct err *err)
{
	pass->first = (struct err)ERR_INIT;
	pass->unanswered = pass->queue_asked = pass->table_stale = pass->milter_silent = false;
	pass->steps = pass->domains = 0;
	pass->alerted = false;
	pass->table = NULL;
	pass->began = pass_now(pass);
	if (privileges_check_store(store_dir(pass->store), err) != 0)
		return -1;
	if (sweep_batch_new(&pass->config->dns, &pass->batch, err) != 0)
		return -1;
	int rc = pass_all(pass, err);
	sweep_batch_free(pass->batch);
	table_free(pass->table);
	pass->batch = NULL;
	pass->table = NULL;
	return rc;
}
