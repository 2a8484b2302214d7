/* SPDX-License-Identifier: ISC */
#include "signpost/config_finish.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400

bool
config_wants_queue(const struct config *config)
{
	for (size_t i = 0; i < config->policy_count; i++) {
		if (config->policies[i].queue_lifetime_s == 0)
			return true;
	}
	return false;
}

static void
settle_times(struct key_policy *p, const struct postfix_queue *queue)
{
	if (p->ttl_s == 0) /* a slot is used again: its old record must leave the caches */
		p->ttl_s = p->mode == MODE_SLOTS ? 300 : 3600;
	if (p->lifetime_s == 0)
		p->lifetime_s = (p->by_hand ? 180 : 90) * (int64_t)DAY_S;
	if (p->spread_s == 0)
		p->spread_s = p->lifetime_s / 12;
	if (p->ahead_s == 0)
		p->ahead_s = (p->by_hand ? 14 : 1) * (int64_t)DAY_S;
	if (p->queue_lifetime_s == 0) {
		p->queue_lifetime_s = queue->lifetime_s;
		p->queue_assumed = !queue->known;
	}
}

static void
settle(struct key_policy *p, const struct postfix_queue *queue)
{
	p->by_hand = strcmp(p->publisher, PUBLISHER_BY_HAND) == 0;
	if (p->rotate == ROTATE_BY_PUBLISHER)
		p->rotate = p->by_hand ? ROTATE_APPROVE : ROTATE_AUTO;
	if (p->standby == STANDBY_BY_PUBLISHER) {
		/* of two slots, one signs and the other holds what delayed mail still needs */
		bool room = p->mode != MODE_SLOTS || p->slots > 2;
		p->standby = !p->by_hand && room ? STANDBY_YES : STANDBY_NO;
	}
	settle_times(p, queue);
}

static int
no_publisher(const struct config *c, const struct key_policy *p, struct err *err)
{
	struct buf names;

	buf_init(&names, 400); /* the first few will do */
	for (size_t i = 0; i < c->publisher_count && names.len < 200; i++)
		buf_printf(&names, ", %s", c->publishers[i].name);
	err_set(err, ERR_CONFIG,
	    "publisher = %s: this file has no block publisher \"%s\" { ... }; there is by-hand%s",
	    p->publisher, p->publisher, buf_str(&names));
	buf_deinit(&names);
	return -1;
}

/* What a policy says of things outside it. */
static int
check_links(const struct config *c, const struct key_policy *p, struct err *err)
{
	if (!p->by_hand && config_publisher(c, p->publisher) == NULL)
		return no_publisher(c, p, err);
	if (p->mode == MODE_SLOTS && p->slot_zone == NULL)
		return err_set(err, ERR_CONFIG,
		    "mode = slots wants the zone of ours that the CNAMEs lead into: slot_zone = "
		    "dkim.example.com");
	if (p->mode != MODE_SLOTS && p->slot_zone != NULL)
		return err_set(err, ERR_CONFIG,
		    "slot_zone = %.100s is for mode = slots; add that, or take slot_zone out",
		    p->slot_zone);
	return 0;
}

static int
finish_policies(struct config *c, const struct postfix_queue *queue, struct config_fault *fault,
    struct err *err)
{
	c->written = calloc(c->policy_count + 1, sizeof(*c->written));
	if (c->written == NULL)
		return err_nomem(err);
	if (c->policy_count > 0)
		memcpy(c->written, c->policies, c->policy_count * sizeof(*c->written));
	for (size_t i = 0; i < c->policy_count; i++) {
		struct key_policy *p = &c->policies[i];
		settle(p, queue);
		*fault = (struct config_fault){SECTION_POLICY, p->name};
		if (check_links(c, p, err) != 0)
			return err_wrap(err, "policy \"%s\"", p->name);
		if (schedule_check_policy(p, err) != 0)
			return -1;
	}
	return 0;
}

static int
check_publishers(const struct config *c, struct config_fault *fault, struct err *err)
{
	for (size_t i = 0; i < c->publisher_count; i++) {
		*fault = (struct config_fault){SECTION_PUBLISHER, c->publishers[i].name};
		if (publisher_check(&c->publishers[i], err) != 0)
			return -1;
	}
	return 0;
}

/* Two times of which the first may not be the shorter. */
struct relation {
	const char *name, *than;
	int64_t is_s, least_s;
	const char *why;
};

static int
check_relation(const struct relation *r, struct err *err)
{
	struct buf is, least;

	if (r->is_s >= r->least_s)
		return 0;
	buf_init(&is, 64);
	buf_init(&least, 64);
	duration_format(r->is_s, &is);
	duration_format(r->least_s, &least);
	err_set(err, ERR_CONFIG, "%s = %s is shorter than %s = %s: %s", r->name, buf_str(&is),
	    r->than, buf_str(&least), r->why);
	buf_deinit(&is);
	buf_deinit(&least);
	return -1;
}

static int
check_keeper(const struct config *c, struct config_fault *fault, struct err *err)
{
	const struct keeper_conf *k = &c->keeper;
	const struct relation relations[] = {
	    {"retry_max", "retry", k->retry_max_s, k->retry_s,
		"the first is the longest of the pauses that begin with the second"},
	    {"recent_proof", "watch_interval", k->recent_proof_s, k->watch_interval_s,
		"a standby is proven once in a watch_interval, so between two looks none could "
		"take "
		"over from a lost key"},
	};

	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
		if (check_relation(&relations[i], err) != 0) {
			*fault = (struct config_fault){SECTION_KEEPER, NULL};
			return -1;
		}
	}
	return 0;
}

/* Both go into a header field as they are. */
static int
check_address(const char *option, const char *address, struct config_fault *fault, struct err *err)
{
	const char *c = address == NULL ? "" : address;

	while (*c > ' ' && *c != 0x7f && strchr("<>(),;:\\\"", *c) == NULL)
		c++;
	if (*c == '\0')
		return 0;
	*fault = (struct config_fault){SECTION_NOTIFY, NULL};
	return err_set(err, ERR_CONFIG,
	    "%s = %.80s: want one address, as in postmaster or postmaster@example.com", option,
	    address);
}

/* Two spellings of one login (the domain's case) are one login to the milter. */
static int
check_logins(const struct config *c, struct config_fault *fault, struct err *err)
{
	for (size_t i = 1; i < c->login_count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(c->logins[i].login, c->logins[j].login) != 0)
				continue;
			*fault = (struct config_fault){SECTION_LOGIN, c->logins[i].login};
			return err_set(err, ERR_CONFIG,
			    "login \"%.80s\" stands twice; put the domains of both into one",
			    c->logins[i].login);
		}
	}
	return 0;
}

int
config_finish(struct config *c, const struct postfix_queue *queue, struct config_fault *fault,
    struct err *err)
{
	if (finish_policies(c, queue, fault, err) != 0 || check_publishers(c, fault, err) != 0 ||
	    check_keeper(c, fault, err) != 0 || check_logins(c, fault, err) != 0 ||
	    check_address("mail", c->notify.mail, fault, err) != 0 ||
	    check_address("from", c->notify.from, fault, err) != 0)
		return -1;
	return 0;
}

void
config_schedule_times(const struct config *c, struct schedule_times *times)
{
	*times = (struct schedule_times){
	    .sweep_interval_s = c->sweep_interval_s,
	    .slow_after_s = c->slow_after_s,
	    .slow_interval_s = c->slow_interval_s,
	    .reprove_interval_s = c->keeper.reprove_interval_s,
	    .watch_interval_s = c->keeper.watch_interval_s,
	    .gone_sweeps = c->keeper.gone_sweeps,
	    .gone_over_s = c->keeper.gone_over_s,
	    .retry_s = c->keeper.retry_s,
	    .retry_max_s = c->keeper.retry_max_s,
	    .ask_signers_interval_s = c->signers.ask_every_s,
	    .recent_proof_s = c->keeper.recent_proof_s,
	    .rollback_hold_s = c->keeper.rollback_hold_s,
	    .resolver_wait_s = c->keeper.resolver_wait_s,
	    .person_interval_s = c->keeper.person_interval_s,
	    .queries = c->keeper.queries,
	};
}
