/* SPDX-License-Identifier: ISC */
#include "signpost/announce.h"
#include "signpost/announce_text.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOST_LEN 254
#define FROM_LEN 320

static unsigned
wanted_channels(const struct notify_conf *conf)
{
	unsigned mask = 0;

	for (int c = 0; c < ALERT_CHANNELS; c++) {
		if (announce_is_wanted(conf, (enum alert_channel)c))
			mask |= 1U << c;
	}
	return mask;
}

static bool
same(const struct store_alert *a, const struct store_alert *b)
{
	return strcmp(a->kind, b->kind) == 0 && strcmp(a->selector, b->selector) == 0;
}

static const struct store_alert *
find(const struct store_alert *list, size_t count, const struct store_alert *one)
{
	for (size_t i = 0; i < count; i++) {
		if (same(&list[i], one))
			return &list[i];
	}
	return NULL;
}

/* It holds now. */
static int
raise_alert(struct store *store, const struct announce_sync *s, const struct store_alert *found,
    const struct store_alert *old, struct err *err)
{
	enum alert_kind kind = alert_kind_of(found->kind);
	struct store_alert row = old == NULL ? *found : *old;

	if (old == NULL && s->outage && ALERT_WORDS[kind].by_outage)
		return 0;
	if (old == NULL)
		row.raised_at = s->now;
	row.ended_at = NEVER;
	for (int c = 0; c < ALERT_CHANNELS; c++) {
		if (row.told[c] == ALERT_END_TOLD)
			row.told[c] = ALERT_UNTOLD;
	}
	return store_alert_put(store, &row, err);
}

static int
bring_rows(struct store *store, const struct announce_sync *s, const struct store_alert *old,
    size_t count, struct err *err)
{
	for (size_t i = 0; i < s->found->count; i++) {
		const struct store_alert *found = &s->found->items[i];
		const struct store_alert *row = find(old, count, found);
		if ((row == NULL || row->ended_at != NEVER) &&
		    raise_alert(store, s, found, row, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		struct store_alert row = old[i];
		enum alert_kind kind = alert_kind_of(row.kind);
		bool stays = kind != KIND_COUNT && ALERT_WORDS[kind].stays;
		if (stays || row.ended_at != NEVER ||
		    find(s->found->items, s->found->count, &row) != NULL)
			continue;
		row.ended_at = s->now;
		if (store_alert_put(store, &row, err) != 0)
			return -1;
	}
	return 0;
}

/* Nothing is written when nothing changed. */
static bool
differs(const struct announce_sync *s, const struct store_alert *old, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum alert_kind kind = alert_kind_of(old[i].kind);
		if (kind != KIND_COUNT && ALERT_WORDS[kind].stays)
			continue;
		bool found = find(s->found->items, s->found->count, &old[i]) != NULL;
		if (found == (old[i].ended_at != NEVER))
			return true;
	}
	for (size_t i = 0; i < s->found->count; i++) {
		enum alert_kind kind = alert_kind_of(s->found->items[i].kind);
		if (find(old, count, &s->found->items[i]) == NULL &&
		    !(s->outage && ALERT_WORDS[kind].by_outage))
			return true;
	}
	return false;
}

int
announce_bring(struct store *store, const struct announce_sync *s, bool *changed, struct err *err)
{
	struct store_alert *old = NULL;
	size_t count = 0;

	if (s->found->failed)
		return err_nomem(err);
	if (store_alerts(store, s->domain, &old, &count, err) != 0)
		return -1;
	int rc = 0;
	if (differs(s, old, count)) {
		*changed = true;
		rc = store_begin(store, err);
		if (rc == 0)
			rc = store_end(store, bring_rows(store, s, old, count, err), err);
	}
	free(old);
	return rc;
}

static int
bring_domain(struct batch *b, const struct observed *seen, struct err *err)
{
	const struct health_view view = {
	    b->pass->store, b->pass->config, pass_now(b->pass), false, false};
	struct alert_list found = {.items = NULL};
	struct domain_health d;

	int rc = domain_health_init(&d, &view, &b->o, seen, err);
	if (rc == 0) {
		announce_find(&d, b->pass->config, view.now, &found);
		const struct announce_sync s = {
		    seen->row->name, &found, b->o.world.world.outage, view.now};
		rc = announce_bring(b->pass->store, &s, &b->pass->alerted, err);
	}
	domain_health_deinit(&d);
	free(found.items);
	return rc;
}

static void
complain(const struct err *err)
{
	fprintf(stderr, "signpost: notify: %s\n", err->text);
}

void
announce_batch(struct batch *b)
{
	struct err err = ERR_INIT;

	b->pass->domains += b->o.count;
	if (wanted_channels(&b->pass->config->notify) == 0)
		return;
	for (size_t i = 0; i < b->o.count; i++) {
		if (bring_domain(b, &b->o.domains[i], &err) != 0) {
			complain(&err);
			return;
		}
	}
}

/* What this channel is to be told of the row; false: nothing. */
static bool
item_of(const struct store_alert *a, enum alert_channel channel, struct digest_item *out)
{
	bool ended = a->ended_at != NEVER;

	*out = (struct digest_item){.alert = a, .kind = alert_kind_of(a->kind)};
	if (out->kind == KIND_COUNT)
		return false;
	out->what = !ended			     ? DIGEST_RAISED
		    : a->told[channel] == ALERT_TOLD ? DIGEST_ENDED
						     : DIGEST_PASSED;
	if (out->what == DIGEST_PASSED && !ALERT_WORDS[out->kind].also_over)
		return false;
	return a->told[channel] == ALERT_UNTOLD || (ended && a->told[channel] == ALERT_TOLD);
}

/* What a pass tells. */
struct telling {
	struct pass *pass;
	struct store_alert *rows;
	size_t count;
	int64_t now;
	char host[HOST_LEN];
};

static void
find_host(char host[static HOST_LEN])
{
	if (gethostname(host, HOST_LEN) != 0)
		host[0] = '\0';
	host[HOST_LEN - 1] = '\0';
	for (size_t i = 0; host[i] != '\0'; i++) {
		uint8_t c = (uint8_t)host[i];
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '.' && c != '-')
			host[i] = '-';
	}
	if (host[0] == '\0')
		snprintf(host, HOST_LEN, "localhost");
}

static int
put_mail(const struct telling *t, const struct digest *d, struct buf *out, struct err *err)
{
	const struct notify_conf *conf = &t->pass->config->notify;
	const struct passwd *pw = conf->from == NULL ? getpwuid(geteuid()) : NULL;
	char from[FROM_LEN];

	if (conf->from != NULL)
		snprintf(from, sizeof(from), "%.300s", conf->from);
	else
		snprintf(
		    from, sizeof(from), "%.60s@%s", pw == NULL ? "signpost" : pw->pw_name, t->host);
	return digest_mail(d, conf->mail, from, out, err);
}

static int
send_digest(
    const struct telling *t, enum alert_channel channel, const struct digest *d, struct err *err)
{
	struct buf text;

	buf_init(&text, 2 * DIGEST_LEN_MAX);
	int rc = channel == ALERT_MAIL ? put_mail(t, d, &text, err) : digest_json(d, &text, err);
	if (rc == 0) {
		pass_between(t->pass, "announce");
		rc = t->pass->seams->announce(
		    &t->pass->config->notify, channel, buf_slice(&text), err);
		pass_between(t->pass, "announced");
	}
	buf_deinit(&text);
	return rc;
}

static bool
is_time(const struct digest *d, const struct store_telling *last, int64_t interval_s)
{
	/* a time ahead is of a clock that was set back since */
	if (last->told_at == NEVER || last->told_at > d->at || d->at - last->told_at >= interval_s)
		return true;
	for (size_t i = 0; i < d->count; i++) {
		if (ALERT_WORDS[d->items[i].kind].urgent && d->items[i].what == DIGEST_RAISED)
			return true;
	}
	return false;
}

static int
note_told(struct telling *t, enum alert_channel channel, const struct digest *d, struct err *err)
{
	const struct store_telling told = {.told_at = t->now, .failed_at = NEVER};
	int rc = store_begin(t->pass->store, err);

	if (rc != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < d->count; i++) {
		/* the items are of our own rows */
		struct store_alert *row = &t->rows[d->items[i].alert - t->rows];
		row->told[channel] = row->ended_at == NEVER ? ALERT_TOLD : ALERT_END_TOLD;
		rc = store_alert_put(t->pass->store, row, err);
	}
	if (rc == 0)
		rc = store_telling_put(t->pass->store, channel, &told, err);
	return store_end(t->pass->store, rc, err);
}

static int
note_failed(struct telling *t, enum alert_channel channel, struct store_telling *last,
    const struct err *why, struct err *err)
{
	complain(why);
	if (last->failed_at == NEVER)
		last->failed_at = t->now;
	last->tries++;
	snprintf(last->why, sizeof(last->why), "%.*s", ALERT_TEXT_LEN - 1, why->text);
	return store_telling_put(t->pass->store, channel, last, err);
}

static int
tell(struct telling *t, enum alert_channel channel, struct err *err)
{
	struct digest d = {.at = t->now, .host = t->host};
	struct store_telling last;
	struct err why = ERR_INIT;

	if (store_telling_get(t->pass->store, channel, &last, err) != 0)
		return -1;
	d.items = calloc(t->count + 1, sizeof(*d.items));
	if (d.items == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < t->count; i++) {
		if (item_of(&t->rows[i], channel, &d.items[d.count]))
			d.count++;
	}
	int rc = 0;
	if (d.count > 0 && is_time(&d, &last, t->pass->config->notify.interval_s)) {
		digest_sort(&d);
		rc = send_digest(t, channel, &d, &why) == 0
			 ? note_told(t, channel, &d, err)
			 : note_failed(t, channel, &last, &why, err);
	}
	free(d.items);
	return rc;
}

/* What has ended, and all know of it. */
static int
drop_done(const struct telling *t, unsigned channels, struct err *err)
{
	if (t->count == 0)
		return 0;
	int rc = store_begin(t->pass->store, err);
	if (rc != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < t->count; i++) {
		const struct store_alert *a = &t->rows[i];
		struct digest_item item;
		bool done = a->ended_at != NEVER;
		for (int c = 0; c < ALERT_CHANNELS; c++)
			done = done && ((channels >> c & 1) == 0 ||
					   !item_of(a, (enum alert_channel)c, &item));
		if (done)
			rc = store_alert_drop(t->pass->store, a, err);
	}
	return store_end(t->pass->store, rc, err);
}

static int
bring_world(struct pass *pass, int64_t now, struct err *err)
{
	const struct observe_query query = {.config = pass->config, .now = now};
	struct alert_list found = {.items = NULL};
	struct observed_world world;

	if (observe_world(pass->store, &query, &world, err) != 0)
		return -1;
	announce_find_world(&world, &found);
	const struct announce_sync s = {"", &found, false, now};
	int rc = announce_bring(pass->store, &s, &pass->alerted, err);
	free(found.items);
	return rc;
}

static int
tell_all(struct telling *t, unsigned channels, struct err *err)
{
	struct pass *pass = t->pass;
	int rc = bring_world(pass, t->now, err);

	if (rc == 0 && pass->domains > 0)
		rc = store_alerts_forget(pass->store, err);
	if (rc == 0)
		rc = store_alerts_open(pass->store, channels, &t->rows, &t->count, err);
	if (rc == 0 && t->count > 0)
		find_host(t->host);
	for (int c = 0; rc == 0 && t->count > 0 && c < ALERT_CHANNELS; c++) {
		if ((channels >> c & 1) != 0)
			rc = tell(t, (enum alert_channel)c, err);
	}
	if (rc == 0)
		rc = drop_done(t, channels, err);
	free(t->rows);
	return rc;
}

void
announce_pass(struct pass *pass)
{
	unsigned channels = wanted_channels(&pass->config->notify);
	struct telling t = {.pass = pass, .now = pass_now(pass)};
	struct err err = ERR_INIT;

	if (channels != 0 && tell_all(&t, channels, &err) != 0)
		complain(&err);
}
