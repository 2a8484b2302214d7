/* SPDX-License-Identifier: ISC */
#include "signpost/announce_text.h"
#include "base/scan.h"
#include "base/utf8.h"
#include "dkim/sha256.h"
#include "keys/advice.h"
#include "signpost/status_json.h"
#include "signpost/terminal.h"
#include "signpost/when.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS	  76
#define INDENT	  4
#define ID_OCTETS 16
#define LINE_LEN  4096

static const char *const WHATS[] = {
    [DIGEST_RAISED] = "raised", [DIGEST_PASSED] = "passed", [DIGEST_ENDED] = "ended"};

static int
rank(const struct digest_item *i)
{
	bool good = ALERT_WORDS[i->kind].stays;

	return i->what == DIGEST_RAISED && !good ? 0 : i->what == DIGEST_PASSED ? 1 : good ? 3 : 2;
}

static int
by_weight(const void *a, const void *b)
{
	const struct digest_item *x = a, *y = b;

	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	int names = strcmp(x->alert->domain, y->alert->domain);
	return names != 0 ? names : strcmp(x->alert->selector, y->alert->selector);
}

void
digest_sort(struct digest *d)
{
	if (d->count > 0)
		qsort(d->items, d->count, sizeof(*d->items), by_weight);
}

static const char *
headline(const struct digest_item *i)
{
	const struct alert_words *w = &ALERT_WORDS[i->kind];

	return i->what == DIGEST_ENDED ? w->ended : w->raised;
}

/* The domain, or what else it is of. */
static const char *
owner(const struct digest_item *i)
{
	return i->alert->domain[0] == '\0' ? "all domains" : i->alert->domain;
}

static void
put_item(const struct digest *d, const struct digest_item *i, struct buf *out)
{
	const struct terminal page = {.width = COLUMNS};
	const struct store_alert *a = i->alert;
	struct buf text;

	buf_init(&text, LINE_LEN);
	buf_printf(&text, "%s: %s%s", owner(i), headline(i),
	    i->what == DIGEST_PASSED ? ", and that is over" : "");
	if (a->selector[0] != '\0')
		buf_printf(&text, " (%s)", a->selector);
	terminal_wrap(&page, (struct terminal_room){0, INDENT}, buf_str(&text), out);
	buf_clear(&text);
	buf_printf(out, "\n%*s", INDENT, "");
	if (a->text[0] != '\0')
		buf_printf(&text, "%s\n", a->text);
	buf_put_str(&text, "since ");
	when_put(&text, a->raised_at, d->at);
	if (a->ended_at != NEVER) {
		buf_put_str(&text, ", until ");
		when_put(&text, a->ended_at, d->at);
	}
	terminal_wrap(&page, (struct terminal_room){INDENT, INDENT}, buf_str(&text), out);
	buf_put_str(out, "\n\n");
	buf_deinit(&text);
}

static void
put_body(const struct digest *d, struct buf *out)
{
	for (size_t i = 0; i < d->count && i < DIGEST_MAX; i++)
		put_item(d, &d->items[i], out);
	if (d->count > DIGEST_MAX)
		buf_printf(out, "And %zu more: signpost status shows all domains.\n\n",
		    d->count - DIGEST_MAX);
	buf_printf(out,
	    "More of each: signpost status DOMAIN, signpost explain DOMAIN, signpost check DOMAIN\n"
	    "This mail comes from signpost on %s; notify in signpost.conf says to whom.\n",
	    d->host);
}

/* The same announcement has the same name: a mail that went out twice can be told. */
static int
put_id(const struct digest *d, struct buf *out, struct err *err)
{
	uint8_t hash[SHA256_LEN];
	struct buf text;

	buf_init(&text, 64 * DIGEST_LEN_MAX);
	for (size_t i = 0; i < d->count; i++) {
		const struct store_alert *a = d->items[i].alert;
		buf_printf(&text, "%s %s %s %s %" PRId64 "\n", WHATS[d->items[i].what], a->kind,
		    a->domain, a->selector, a->raised_at);
	}
	int rc = buf_check(&text, "an announcement", err);
	if (rc == 0)
		rc = sha256_digest(buf_slice(&text), hash, err);
	buf_deinit(&text);
	if (rc != 0)
		return -1;
	buf_put_str(out, "Message-ID: <signpost.");
	for (size_t i = 0; i < ID_OCTETS; i++)
		buf_printf(out, "%02x", hash[i]);
	buf_printf(out, "@%s>\n", d->host);
	return 0;
}

static void
put_subject(const struct digest *d, struct buf *out)
{
	const struct digest_item *first = &d->items[0];

	if (d->count == 1)
		buf_printf(out, "Subject: signpost: %.200s: %s\n", owner(first), headline(first));
	else
		buf_printf(out, "Subject: signpost: %.200s: %s,\n and %zu more\n", owner(first),
		    headline(first), d->count - 1);
}

/* strftime(3)'s names are those of the locale */
static void
put_date(int64_t at, struct buf *out)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t t = (time_t)at;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n", days[tm.tm_wday],
		    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		    tm.tm_sec);
}

/* What came from outside must not end a line or the header. */
static void
put_clean(struct slice text, struct buf *out)
{
	bool valid = utf8_is_valid(text);

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		bool bad = (c < 0x20 && c != '\n') || c == 0x7f || (c >= 0x80 && !valid);
		buf_put_byte(out, bad ? '?' : c);
	}
}

int
digest_mail(
    const struct digest *d, const char *to, const char *from, struct buf *out, struct err *err)
{
	struct buf body;

	buf_init(&body, DIGEST_LEN_MAX);
	put_body(d, &body);
	buf_printf(out, "From: signpost <%s>\nTo: <%s>\n", from, to);
	put_subject(d, out);
	put_date(d->at, out);
	int rc = put_id(d, out, err);
	buf_printf(out,
	    "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: %s\n\n",
	    scan_has_8bit(buf_slice(&body)) ? "8bit" : "7bit");
	put_clean(buf_slice(&body), out);
	if (rc == 0)
		rc = buf_check(&body, "an announcement", err);
	if (rc == 0)
		rc = buf_check(out, "an announcement", err);
	buf_deinit(&body);
	return rc;
}

static json_t *
item_json(const struct digest_item *i)
{
	const struct store_alert *a = i->alert;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b}", "event", a->kind, "what",
	    WHATS[i->what], "headline", headline(i), "domain", a->domain, "selector", a->selector,
	    "text", status_json_text(a->text), "since", status_json_time(a->raised_at), "until",
	    status_json_time(a->ended_at), "urgent", (int)ALERT_WORDS[i->kind].urgent);
}

int
digest_json(const struct digest *d, struct buf *out, struct err *err)
{
	json_t *events = json_array();

	for (size_t i = 0; i < d->count && i < DIGEST_MAX; i++)
		json_array_append_new(events, item_json(&d->items[i]));
	json_t *top = json_pack("{s:s, s:o, s:I, s:o}", "host", d->host, "at",
	    status_json_time(d->at), "count", (json_int_t)d->count, "events", events);
	char *text = top == NULL ? NULL : json_dumps(top, JSON_COMPACT);
	json_decref(top);
	if (text == NULL)
		return err_nomem(err);
	buf_printf(out, "%s\n", text);
	free(text);
	return buf_check(out, "an announcement", err);
}
