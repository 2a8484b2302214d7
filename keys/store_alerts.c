/* SPDX-License-Identifier: ISC */
#include "keys/store_alerts.h"
#include "keys/store_sql.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
	"SELECT domain, kind, selector, text, raised_at, ended_at, told_mail, told_program FROM "  \
	"alert "

static const char *const CHANNELS[] = {[ALERT_MAIL] = "mail", [ALERT_PROGRAM] = "program"};

static enum alert_told
told_of(int64_t value)
{
	return value < ALERT_UNTOLD || value > ALERT_END_TOLD ? ALERT_UNTOLD
							      : (enum alert_told)value;
}

static void
read_alert(struct sql *q, struct store_alert *a)
{
	sql_text(q, 0, a->domain, sizeof(a->domain));
	sql_text(q, 1, a->kind, sizeof(a->kind));
	sql_text(q, 2, a->selector, sizeof(a->selector));
	sql_text(q, 3, a->text, sizeof(a->text));
	a->raised_at = sql_time(q, 4);
	a->ended_at = sql_time(q, 5);
	a->told[ALERT_MAIL] = told_of(sql_i64(q, 6));
	a->told[ALERT_PROGRAM] = told_of(sql_i64(q, 7));
}

/* All rows of an open query; closes it. */
static int
read_all(struct sql *q, int rc, struct store_alert **out, size_t *count)
{
	size_t cap = 0;

	*out = NULL;
	*count = 0;
	while (rc == 0 && (rc = sql_row(q)) == 1) {
		if (*count == cap) {
			cap = cap == 0 ? 16 : 2 * cap;
			struct store_alert *more = realloc(*out, cap * sizeof(**out));
			if (more == NULL) {
				rc = err_nomem(q->err);
				break;
			}
			*out = more;
		}
		read_alert(q, &(*out)[(*count)++]);
		rc = 0;
	}
	sql_close(q);
	if (rc != 0) {
		free(*out);
		*out = NULL;
		*count = 0;
	}
	return rc;
}

int
store_alerts(struct store *store, const char *domain, struct store_alert **out, size_t *count,
    struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q, COLUMNS "WHERE domain = ? ORDER BY kind, selector", "t", domain);

	return read_all(&q, rc, out, count);
}

int
store_alerts_open(struct store *store, unsigned channels, struct store_alert **out, size_t *count,
    struct err *err)
{
	int64_t mail = (channels >> ALERT_MAIL) & 1, program = (channels >> ALERT_PROGRAM) & 1;
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q,
	    COLUMNS "WHERE (? AND told_mail = 0) OR (? AND told_program = 0) OR ended_at IS NOT "
		    "NULL ORDER BY raised_at, domain, kind, selector",
	    "ii", mail, program);

	return read_all(&q, rc, out, count);
}

int
store_alert_put(struct store *store, const struct store_alert *a, struct err *err)
{
	return sql_run(store, err,
	    "INSERT OR REPLACE INTO alert (domain, kind, selector, text, raised_at, ended_at, "
	    "told_mail, told_program) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	    "ttttinii", a->domain, a->kind, a->selector, a->text, a->raised_at, a->ended_at,
	    (int64_t)a->told[ALERT_MAIL], (int64_t)a->told[ALERT_PROGRAM]);
}

int
store_alert_drop(struct store *store, const struct store_alert *a, struct err *err)
{
	return sql_run(store, err,
	    "DELETE FROM alert WHERE domain = ? AND kind = ? AND selector = ?", "ttt", a->domain,
	    a->kind, a->selector);
}

int
store_alerts_forget(struct store *store, struct err *err)
{
	return sql_run(store, err,
	    "DELETE FROM alert WHERE domain <> '' AND NOT EXISTS (SELECT 1 FROM domain d WHERE "
	    "d.name = alert.domain AND d.removed_at IS NULL)",
	    "");
}

int
store_telling_get(
    struct store *store, enum alert_channel channel, struct store_telling *out, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc =
	    sql_open(&q, "SELECT told_at, failed_at, tries, why FROM telling WHERE channel = ?",
		"t", CHANNELS[channel]);

	*out = (struct store_telling){.told_at = NEVER, .failed_at = NEVER};
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		out->told_at = sql_time(&q, 0);
		out->failed_at = sql_time(&q, 1);
		out->tries = sql_i64(&q, 2);
		sql_text(&q, 3, out->why, sizeof(out->why));
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

int
store_telling_put(
    struct store *store, enum alert_channel channel, const struct store_telling *t, struct err *err)
{
	return sql_run(store, err,
	    "INSERT OR REPLACE INTO telling (channel, told_at, failed_at, tries, why) VALUES (?, "
	    "?, "
	    "?, ?, ?)",
	    "tnnit", CHANNELS[channel], t->told_at, t->failed_at, t->tries, t->why);
}
