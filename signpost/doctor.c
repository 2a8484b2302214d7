/* SPDX-License-Identifier: ISC */
#include "signpost/doctor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEEPER_LATE_S (15 * 60)
#define NUMBER_LEN    40
#define LIST_LEN      320

static const char *
span_text(int64_t seconds, char out[static NUMBER_LEN])
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < 120)
		(void)snprintf(out, NUMBER_LEN, "%" PRId64 " s", seconds);
	else if (seconds < 7200)
		(void)snprintf(out, NUMBER_LEN, "%" PRId64 " min", seconds / 60);
	else if (seconds < 2 * 86400)
		(void)snprintf(out, NUMBER_LEN, "%" PRId64 " h", seconds / 3600);
	else
		(void)snprintf(out, NUMBER_LEN, "%" PRId64 " d", seconds / 86400);
	return out;
}

/* "sp26q4-... rsa-sha256, ..." of those that are good. */
static void
good_ones(const struct doctor_probe *p, char out[static LIST_LEN])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < p->count; i++) {
		const struct doctor_signature *s = &p->signatures[i];
		if (s->good && len + 2 < LIST_LEN)
			len += (size_t)snprintf(out + len, LIST_LEN - len, "%s%.63s (%s)",
			    len > 0 ? " and " : "", s->selector, s->alg);
		len = len < LIST_LEN ? len : LIST_LEN - 1;
	}
}

static void
judge_signatures(
    const struct doctor_domain *d, const struct doctor_probe *p, struct doctor_findings *out)
{
	char good[LIST_LEN], ms[NUMBER_LEN], which[LIST_LEN];

	good_ones(p, good);
	(void)snprintf(ms, sizeof(ms), "%d", p->ms);
	if (good[0] != '\0')
		DOCTOR_TELL(out, DOCTOR_PROBE_GOOD, d->name, p->milter, good, ms);
	for (size_t i = 0; i < p->count; i++) {
		const struct doctor_signature *s = &p->signatures[i];
		if (s->good)
			continue;
		(void)snprintf(which, sizeof(which), "%.63s (%s)", s->selector, s->alg);
		DOCTOR_TELL(out, s->unknown ? DOCTOR_PROBE_UNVERIFIED : DOCTOR_PROBE_BAD, d->name,
		    p->milter, which, s->why, d->name);
	}
}

static void
judge_probe(const struct doctor_facts *facts, const struct doctor_domain *d,
    const struct doctor_probe *p, struct doctor_findings *out)
{
	if (p->no_answer[0] != '\0') {
		DOCTOR_TELL(out, DOCTOR_PROBE_NO_ANSWER, d->name, p->no_answer);
		return;
	}
	if (p->changes)
		DOCTOR_TELL(out, DOCTOR_PROBE_OTHER, d->name, p->milter);
	if (p->refused[0] != '\0')
		DOCTOR_TELL(out, DOCTOR_PROBE_REFUSED, d->name, p->milter, p->refused);
	else if (p->count > 0)
		judge_signatures(d, p, out);
	else if (!facts->dry_run && d->has_key)
		DOCTOR_TELL(out, DOCTOR_PROBE_UNSIGNED, d->name, p->milter);
}

static void
judge_record(const struct doctor_domain *d, const char *signer, struct doctor_findings *out)
{
	const struct dmarc_policy *p = &d->of_author;
	const char *action = dmarc_action(p);

	if (action[0] == '\0')
		DOCTOR_TELL(out, DOCTOR_DMARC_WRONG, d->name, p->at, p->record.wrong);
	else if (strcmp(action, "none") == 0)
		DOCTOR_TELL(out, DOCTOR_ALIGNED_NONE, d->name, signer, p->at);
	else
		DOCTOR_TELL(out, DOCTOR_ALIGNED, d->name, signer, action, p->at);
	if (p->record.testing && action[0] != '\0')
		DOCTOR_TELL(out, DOCTOR_DMARC_TESTING, d->name, p->at, action);
	if (p->record.old[0] != '\0')
		DOCTOR_TELL(out, DOCTOR_DMARC_OLD_TAGS, d->name, p->record.old, p->at);
}

/* Does what signs agree with From, and what do receivers make of mail that fails? */
static void
judge_dmarc(const struct doctor_domain *d, const char *signer, struct doctor_findings *out)
{
	const struct dmarc_policy *p = &d->of_author;
	char several[NUMBER_LEN];
	enum dmarc_alignment alignment = dmarc_aligns(signer, &d->of_domain, d->author, p);

	if (p->state == DMARC_SEVERAL) {
		(void)snprintf(several, sizeof(several), "%zu", p->several);
		DOCTOR_TELL(out, DOCTOR_DMARC_SEVERAL, d->name, p->at, several);
	} else if (alignment == DMARC_NOT_KNOWN || p->state == DMARC_UNKNOWN) {
		const struct dmarc_policy *mute = p->state == DMARC_UNKNOWN ? p : &d->of_domain;
		DOCTOR_TELL(out, DOCTOR_DMARC_UNKNOWN, d->name, mute->at);
	} else if (alignment == DMARC_DIFFERS_STRICT) {
		DOCTOR_TELL(out, DOCTOR_NOT_ALIGNED_STRICT, d->name, signer, d->author, p->at);
	} else if (alignment == DMARC_DIFFERS) {
		DOCTOR_TELL(out, DOCTOR_NOT_ALIGNED, d->name, signer, d->author,
		    d->of_domain.organization, p->organization);
	} else if (p->state == DMARC_ABSENT) {
		DOCTOR_TELL(out, DOCTOR_ALIGNED_ABSENT, d->name, signer, p->organization);
	} else {
		judge_record(d, signer, out);
	}
}

static void
judge_acknowledgement(const struct doctor_domain *d, struct doctor_findings *out)
{
	if (!d->acknowledgement_needed)
		return;
	if (d->asked_at == NEVER)
		DOCTOR_TELL(out, DOCTOR_NEVER_ASKED, d->name, NULL);
	else if (!d->agrees)
		DOCTOR_TELL(out, DOCTOR_LAGS, d->name, d->laggard);
	else
		DOCTOR_TELL(out, DOCTOR_ACKNOWLEDGED, d->name, NULL);
}

void
doctor_judge_domain(
    const struct doctor_facts *facts, const struct doctor_domain *d, struct doctor_findings *out)
{
	const char *signer = NULL;

	if (!d->granted) {
		DOCTOR_TELL(out, DOCTOR_NO_RULE, d->name, d->name);
		return;
	}
	if (!d->has_key)
		DOCTOR_TELL(out, DOCTOR_NO_KEY, d->name, d->name);
	for (size_t i = 0; i < d->probe_count; i++) {
		judge_probe(facts, d, &d->probes[i], out);
		if (signer == NULL && d->probes[i].count > 0)
			signer = d->probes[i].signatures[0].domain;
	}
	judge_dmarc(d, signer == NULL ? d->name : signer, out);
	judge_acknowledgement(d, out);
}

static void
judge_keeper(const struct doctor_facts *facts, struct doctor_findings *out)
{
	int64_t ago = facts->last_pass == NEVER ? 0 : facts->now - facts->last_pass;
	char text[NUMBER_LEN];

	if (facts->last_pass == NEVER)
		DOCTOR_TELL(out, DOCTOR_KEEPER_NEVER, NULL, NULL);
	else if (ago > KEEPER_LATE_S)
		DOCTOR_TELL(out, DOCTOR_KEEPER_LATE, NULL, span_text(ago, text));
	else
		DOCTOR_TELL(out, DOCTOR_KEEPER_GOOD, NULL, span_text(ago, text));
	if (facts->held)
		DOCTOR_TELL(out, DOCTOR_KEEPER_HELD, NULL, NULL);
}

static void
judge_clock(const struct doctor_facts *facts, struct doctor_findings *out)
{
	if (!facts->clock_trusted)
		DOCTOR_TELL(out, DOCTOR_CLOCK_WRONG, NULL, facts->clock_why);
	else if (facts->clock_why[0] != '\0')
		DOCTOR_TELL(out, DOCTOR_CLOCK_WARNS, NULL, facts->clock_why);
	else
		DOCTOR_TELL(out, DOCTOR_CLOCK_GOOD, NULL, NULL);
}

static void
judge_domains(const struct doctor_facts *facts, struct doctor_findings *out)
{
	char some[NUMBER_LEN], all[NUMBER_LEN];

	if (facts->dry_run)
		DOCTOR_TELL(out, DOCTOR_DRY_RUN, NULL, NULL);
	if (facts->milter_count == 0)
		DOCTOR_TELL(out, DOCTOR_NO_MILTERS, NULL, NULL);
	if (facts->domain_count == 0)
		DOCTOR_TELL(out, DOCTOR_NO_DOMAINS, NULL, NULL);
	for (size_t i = 0; i < facts->domain_count; i++)
		doctor_judge_domain(facts, &facts->domains[i], out);
	if (facts->domains_all <= facts->domain_count)
		return;
	(void)snprintf(some, sizeof(some), "%zu", facts->domain_count);
	(void)snprintf(all, sizeof(all), "%zu", facts->domains_all);
	DOCTOR_TELL(out, DOCTOR_MORE_DOMAINS, NULL, some, all);
}

void
doctor_judge(const struct doctor_facts *facts, struct doctor_findings *out)
{
	if (facts->table_wrong[0] != '\0')
		DOCTOR_TELL(out, DOCTOR_NO_TABLE, NULL, facts->table_wrong);
	else
		judge_domains(facts, out);
	if (facts->map_wrong[0] != '\0')
		DOCTOR_TELL(out, DOCTOR_LOGIN_MAP, NULL, facts->map_wrong);
	for (size_t i = 0; i < facts->postfix_count; i++)
		doctor_judge_postfix(&facts->postfix[i], out);
	doctor_judge_files(facts, out);
	judge_clock(facts, out);
	judge_keeper(facts, out);
}
