/* SPDX-License-Identifier: ISC */
#include "signpost/dmarc.h"

#include <stdio.h>
#include <string.h>

/* One tag at *off: "NAME = VALUE", up to the semicolon. */
static bool
next_tag(struct slice txt, size_t *off, struct slice *name, struct slice *value)
{
	size_t end, equals;

	while (*off < txt.len) {
		struct slice tag = slice_from(txt, *off);
		if (slice_find(tag, ';', &end))
			tag = slice_sub(tag, 0, end);
		*off += tag.len + 1;
		if (!slice_find(tag, '=', &equals))
			continue;
		*name = slice_trim(slice_sub(tag, 0, equals));
		*value = slice_trim(slice_from(tag, equals + 1));
		return true;
	}
	return false;
}

static bool
is_policy(struct slice value)
{
	return slice_ieq_str(value, "none") || slice_ieq_str(value, "quarantine") ||
	       slice_ieq_str(value, "reject");
}

static void
take_policy(struct slice value, char out[static 16])
{
	size_t i = 0;

	for (; is_policy(value) && i < value.len; i++)
		out[i] = (char)ascii_lower(value.ptr[i]);
	out[i] = '\0';
}

static void
take_tag(struct slice name, struct slice value, struct dmarc_record *r)
{
	static const char *const OLD[] = {"pct", "rf", "ri"};

	if (slice_ieq_str(name, "p")) {
		take_policy(value, r->p);
		(void)snprintf(
		    r->wrong, sizeof(r->wrong), "p=%.*s", SLICE_ARG(slice_sub(value, 0, 40)));
	} else if (slice_ieq_str(name, "sp")) {
		take_policy(value, r->sp);
	} else if (slice_ieq_str(name, "adkim")) {
		r->strict = slice_ieq_str(value, "s");
	} else if (slice_ieq_str(name, "t")) {
		r->testing = slice_ieq_str(value, "y");
	} else if (slice_ieq_str(name, "psd") && value.len == 1) {
		r->psd = (char)ascii_lower(value.ptr[0]);
	}
	for (size_t i = 0; i < sizeof(OLD) / sizeof(OLD[0]) && r->old[0] == '\0'; i++) {
		if (slice_ieq_str(name, OLD[i]))
			(void)snprintf(r->old, sizeof(r->old), "%s", OLD[i]);
	}
}

bool
dmarc_parse(struct slice txt, struct dmarc_record *r)
{
	struct slice name, value;
	size_t off = 0;

	*r = (struct dmarc_record){.psd = 'u', .wrong = "no p="};
	/* RFC 9989 4.7: v= comes first, and its value counts to the letter */
	if (!next_tag(txt, &off, &name, &value) || !slice_eq_str(name, "v") ||
	    !slice_eq_str(value, "DMARC1"))
		return false;
	while (next_tag(txt, &off, &name, &value))
		take_tag(name, value, r);
	return true;
}

/* What stands at one name. */
struct step {
	enum dmarc_state state;
	size_t several;
	struct dmarc_record record;
};

static struct step
look_at(dmarc_ask *ask, void *arg, const char *domain, char name[static DOMAIN_LEN_MAX + 8])
{
	struct dmarc_txt txt = {.count = 0};
	struct step step = {.state = DMARC_ABSENT};
	struct dmarc_record record;

	(void)snprintf(name, DOMAIN_LEN_MAX + 8, DMARC_PREFIX "%s", domain);
	if (!ask(arg, name, &txt)) {
		step.state = DMARC_UNKNOWN;
		return step;
	}
	for (size_t i = 0; i < txt.count && i < DMARC_TXT_MAX; i++) {
		if (!dmarc_parse(slice_of(txt.text[i]), &record))
			continue;
		step.several++;
		step.record = record;
	}
	if (step.several > 0)
		step.state = step.several == 1 ? DMARC_FOUND : DMARC_SEVERAL;
	return step;
}

static size_t
count_labels(const char *domain)
{
	size_t n = 1;

	for (; *domain != '\0'; domain++)
		n += *domain == '.';
	return n;
}

/* One label less; of very long names as many as leave seven (RFC 9989 4.10).  NULL: there is none above. */
static const char *
parent(const char *domain, bool first)
{
	size_t labels = count_labels(domain);
	size_t drop = first && labels > DMARC_LABELS_MAX - 1 ? labels - (DMARC_LABELS_MAX - 1) : 1;

	while (drop-- > 0) {
		domain = strchr(domain, '.');
		if (domain == NULL)
			return NULL;
		domain++;
	}
	return domain;
}

/* The label below `above` that `domain` has. */
static const char *
one_below(const char *domain, const char *above)
{
	const char *at = domain + strlen(domain) - strlen(above);

	if (at == domain)
		return domain;
	for (at--; at > domain && at[-1] != '.'; at--)
		;
	return at;
}

/* A record further up: its organization is the one of the fewest labels, unless psd= says where it ends.  True: the
 * walk ends. */
static bool
take_step(const struct step *s, const char *domain, const char *at, const char *name,
    struct dmarc_policy *out)
{
	const char *organization = at;

	if (s->record.psd == 'y' && strcmp(at, domain) != 0)
		organization = one_below(domain, at);
	(void)snprintf(out->organization, sizeof(out->organization), "%s", organization);
	/* the policy is the domain's own, or the organization's, and of a public suffix only where nothing is below */
	if (strcmp(out->at, "") == 0 || (out->inherited && s->record.psd != 'y')) {
		out->state = DMARC_FOUND;
		out->record = s->record;
		out->inherited = strcmp(at, domain) != 0;
		(void)snprintf(out->at, sizeof(out->at), "%s", name);
	}
	return s->record.psd == 'y' || s->record.psd == 'n';
}

void
dmarc_find(dmarc_ask *ask, void *arg, const char *domain, struct dmarc_policy *out)
{
	char name[DOMAIN_LEN_MAX + 8];
	bool first = true;

	*out = (struct dmarc_policy){.state = DMARC_ABSENT};
	(void)snprintf(out->organization, sizeof(out->organization), "%s", domain);
	for (const char *at = domain; at != NULL; at = parent(at, first), first = at == domain) {
		struct step step = look_at(ask, arg, at, name);
		if (step.state == DMARC_UNKNOWN) {
			out->cut = out->state == DMARC_FOUND && !out->inherited;
			if (out->cut)
				return;
			/* what is further up cannot be told, and so no policy */
			out->state = DMARC_UNKNOWN;
			(void)snprintf(out->at, sizeof(out->at), "%s", name);
			return;
		}
		if (step.state == DMARC_SEVERAL && first) {
			out->state = DMARC_SEVERAL;
			out->several = step.several;
			(void)snprintf(out->at, sizeof(out->at), "%s", name);
			return;
		}
		if (step.state == DMARC_FOUND && take_step(&step, domain, at, name, out))
			return;
	}
}

const char *
dmarc_action(const struct dmarc_policy *p)
{
	return p->inherited && p->record.sp[0] != '\0' ? p->record.sp : p->record.p;
}

enum dmarc_alignment
dmarc_aligns(const char *d, const struct dmarc_policy *of_d, const char *author,
    const struct dmarc_policy *of_author)
{
	if (strcmp(d, author) == 0)
		return DMARC_ALIGNED;
	if (of_author->state == DMARC_UNKNOWN || of_d->state == DMARC_UNKNOWN)
		return DMARC_NOT_KNOWN;
	if (of_author->state == DMARC_FOUND && of_author->record.strict)
		return DMARC_DIFFERS_STRICT;
	if (of_author->cut || of_d->cut)
		return DMARC_NOT_KNOWN;
	/* without any record there is nothing to align for; one above the other is what a record would align */
	if (of_author->state == DMARC_ABSENT && of_d->state == DMARC_ABSENT)
		return domain_is_within(slice_of(author), slice_of(d)) ||
			       domain_is_within(slice_of(d), slice_of(author))
			   ? DMARC_ALIGNED
			   : DMARC_DIFFERS;
	return strcmp(of_d->organization, of_author->organization) == 0 ? DMARC_ALIGNED
									: DMARC_DIFFERS;
}
