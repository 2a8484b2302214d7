/* SPDX-License-Identifier: ISC */
#include "keys/diagnose.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOW_MAX 160 /* octets of a TXT in a finding */

const char *
severity_name(enum severity s)
{
	static const char *const names[] = {[SEVERITY_INFO] = "info",
	    [SEVERITY_WARNING] = "warning",
	    [SEVERITY_UNKNOWN] = "unknown",
	    [SEVERITY_FATAL] = "fatal"};
	return names[s];
}

struct findings *
findings_new(void)
{
	return calloc(1, sizeof(struct findings));
}

void
findings_free(struct findings *f)
{
	free(f);
}

struct finding *
finding_add(const struct judging *j, enum say say)
{
	struct findings *out = j->out;
	struct finding *f = &out->list[out->count < FINDINGS_MAX ? out->count++ : FINDINGS_MAX - 1];
	memset(f, 0, sizeof(*f));
	f->say = say;
	f->row = &DIAGNOSES[say];
	f->severity = f->row->severity;
	f->until = NEVER;
	return f;
}

/* What comes from DNS is not to reach a terminal, or JSON, as it is; U-labels are the domain's own. */
static void
clean(char *text, bool keeps_utf8)
{
	for (; *text != '\0'; text++)
		if (*text != ' ' && !ascii_is_print((uint8_t)*text) &&
		    (!keeps_utf8 || (uint8_t)*text < 0x80))
			*text = '?';
}

void
finding_arg(struct finding *f, int nr, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(f->args[nr - 1], sizeof(f->args[0]), fmt, ap);
	va_end(ap);
	clean(f->args[nr - 1], f->say == SAY_U_LABEL);
}

void
finding_is(struct finding *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(f->is, sizeof(f->is), fmt, ap);
	va_end(ap);
	clean(f->is, false);
}

static uint32_t
serial_of(const struct judging *j, const struct seen_reply *r)
{
	const struct seen *s = j->seen;
	for (size_t i = 0; i < s->sweep.count; i++) {
		const struct sweep_answer *a = &s->sweep.answers[i];
		if (a->link == r->link && a->endpoint.port == r->endpoint.port &&
		    ip_addr_eq(&a->endpoint.addr, &r->endpoint.addr))
			return a->serial;
	}
	return 0;
}

void
finding_ask(const struct judging *j, struct finding *f, const struct seen_reply *r)
{
	char addr[IP_TEXT_LEN], serial[32] = "";
	ip_addr_format(&r->endpoint.addr, addr);
	dig_line(&(struct dig){.server = &r->endpoint,
		     .recurse = r->recurse,
		     .unchecked = r->unchecked,
		     .type = r->type,
		     .name = r->name},
	    f->asked);
	uint32_t nr = serial_of(j, r);
	if (nr != 0)
		snprintf(serial, sizeof(serial), ", serial %" PRIu32, nr);
	if (strcmp(addr, r->server) == 0)
		snprintf(f->server, sizeof(f->server), "%s%s", addr, serial);
	else
		snprintf(f->server, sizeof(f->server), "%s (%s)%s", r->server, addr, serial);
}

bool
findings_have(const struct findings *all, enum say say)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].say == say)
			return true;
	return false;
}

void
diagnose_show(struct slice text, char *out, size_t size)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len && len + 5 < size; i++) {
		uint8_t c = text.ptr[i];
		if (i == SHOW_MAX) {
			snprintf(out + len, size - len, "...");
			return;
		}
		if (c == ' ' || ascii_is_print(c))
			out[len++] = (char)c;
		else
			len += (size_t)snprintf(out + len, size - len, "\\%03u", c);
	}
	out[len] = '\0';
}

/* SELECTOR._domainkey: what a form that adds the domain wants. */
static void
put_host(const struct diagnose_subject *s, struct buf *out)
{
	size_t len = strlen(s->name), tail = strlen(s->domain) + 1;
	if (len > tail && domain_is_within(slice_of(s->name), slice_of(s->domain)))
		len -= tail;
	buf_put(out, slice_new(s->name, len));
}

static void
put_entry(const struct diagnose_subject *s, struct buf *out)
{
	buf_put_str(out, s->alias == NULL ? "TXT  " : "CNAME  ");
	put_host(s, out);
	if (s->alias != NULL)
		buf_printf(out, "  to  %s.", s->alias);
	else if (s->expected.len > 0)
		buf_printf(out, "  with  %.*s", SLICE_ARG(s->expected));
}

static void
expand(const struct judging *j, const struct finding *f, const char *template, struct buf *out)
{
	const struct diagnose_subject *s = j->subject;
	const struct sweep *sweep = &j->seen->sweep;
	for (; *template != '\0'; template ++) {
		if (*template != '%' || template[1] == '\0') {
			buf_put_byte(out, (uint8_t) * template);
			continue;
		}
		switch (*++template) {
		case '1':
		case '2':
		case '3':
			buf_put_str(out, f->args[*template - '1']);
			break;
		case 'n':
			buf_put_str(out, s->name);
			break;
		case 'h':
			put_host(s, out);
			break;
		case 'd':
			buf_put_str(out, s->domain);
			break;
		case 't':
			buf_put_str(out, s->alias == NULL ? s->name : s->alias);
			break;
		case 'r':
			buf_put(out, s->expected);
			break;
		case 's':
			buf_put_str(out, s->selector);
			break;
		case 'z':
			buf_put_str(out, sweep->zone[0] == '\0' ? s->domain : sweep->zone);
			break;
		case 'e':
			put_entry(s, out);
			break;
		default:
			buf_put_byte(out, (uint8_t) * template);
		}
	}
}

static void
word(const struct judging *j, struct finding *f)
{
	struct buf text;
	buf_init(&text, FINDING_MEND_LEN - 1);
	expand(j, f, f->row->verdict, &text);
	snprintf(
	    f->verdict, sizeof(f->verdict), "%.*s", (int)sizeof(f->verdict) - 1, buf_str(&text));
	buf_clear(&text);
	expand(j, f, f->row->mend, &text);
	snprintf(f->mend, sizeof(f->mend), "%s", buf_str(&text));
	buf_deinit(&text);
}

void
findings_word(const struct judging *j)
{
	for (size_t i = 0; i < j->out->count; i++)
		word(j, &j->out->list[i]);
}

/* What is only a matter of minutes while servers take a change. */
static bool
is_spreading(enum say say)
{
	static const enum say rows[] = {SAY_NO_RECORD, SAY_NO_DATA, SAY_STALE, SAY_DANGLING,
	    SAY_REVOKED_ACTIVE, SAY_STILL_THERE, SAY_OTHER_KEY_OURS, SAY_WILDCARD,
	    SAY_DENIES_ABOVE};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i] == say)
			return true;
	return false;
}

/* No mail hangs on this record, or on it now. */
static void
temper(const struct judging *j, struct finding *f)
{
	const struct diagnose_subject *s = j->subject;
	bool coming = s->role == ROLE_COMING || s->role == ROLE_GOING || s->role == ROLE_EMPTY;
	if (f->say == SAY_PRIVATE_KEY)
		return;
	bool spared = s->others_sign || s->role == ROLE_GOING || s->role == ROLE_EMPTY;
	if (f->severity == SEVERITY_FATAL && coming && spared)
		f->severity = SEVERITY_WARNING;
	/* the CNAME is a person's, whatever the publisher does behind it */
	bool persons = s->alias != NULL && (f->say == SAY_NO_RECORD || f->say == SAY_NO_DATA);
	if (coming && s->fresh && !persons && is_spreading(f->say))
		f->severity = SEVERITY_INFO;
	if (s->waits_for_person && (f->say == SAY_NO_RECORD || f->say == SAY_NO_DATA))
		f->severity = SEVERITY_INFO;
}

static void
judge_hindrance(const struct judging *j)
{
	const struct seen *s = j->seen;
	bool elsewhere = j->subject->proof_elsewhere;
	struct finding *f;
	if (s->sweep.obstruction == OBSTRUCTION_BLOCKED) {
		f = finding_add(j, SAY_BLOCKED);
		finding_is(f, "the resolver answers, and no name server does");
	} else if (s->sweep.obstruction == OBSTRUCTION_INTERCEPTED) {
		f = finding_add(j, SAY_INTERCEPTED);
		finding_is(f, "each answer offers recursion, and none is authoritative");
	} else {
		f = finding_add(j, SAY_CANNOT_TELL);
		finding_arg(f, 1, "%.*s", FINDING_TEXT_LEN - 1, s->why.text);
		finding_arg(f, 2, "see who serves it: dig +trace %s NS", j->subject->domain);
		finding_is(f, "%.*s", FINDING_TEXT_LEN - 1, s->why.text);
		elsewhere = false;
	}
	snprintf(f->asked, sizeof(f->asked), "dig +norec +trace %s SOA", j->subject->domain);
	if (elsewhere) /* which is why the policy asks resolvers, or a person */
		f->severity = SEVERITY_INFO;
}

void
diagnose_judge(const struct diagnose_subject *subject, const struct seen *seen,
    const struct diagnose_known *known, struct findings *out)
{
	const struct judging j = {subject, seen, known, out};
	memset(out, 0, sizeof(*out));
	if (seen->swept) {
		diagnose_names(&j);
		diagnose_records(&j);
		diagnose_servers(&j);
	} else if (!diagnose_is_all_failing(&j)) {
		judge_hindrance(&j);
	}
	diagnose_caches(&j);
	if (subject->publisher_words != NULL)
		diagnose_publication(&j);
	for (size_t i = 0; i < out->count; i++)
		temper(&j, &out->list[i]);
	findings_word(&j);
}

enum severity
findings_worst(const struct findings *all)
{
	enum severity worst = SEVERITY_INFO;
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].severity > worst)
			worst = all->list[i].severity;
	return worst;
}
