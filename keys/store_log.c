/* SPDX-License-Identifier: ISC */
/* store_log.c - the append-only log. */
#include "keys/store_sql.h"

#include <stdlib.h>
#include <string.h>

int
store_event_with(
    struct store *store, const struct store_event *event, int64_t evidence, struct err *err)
{
	return sql_run(store, err,
	    "INSERT INTO event (at, uid, verb, domain, selector, text, evidence) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?)",
	    "iittttn", event->at, store->actor, event->verb, event->domain, event->selector,
	    event->text, evidence == 0 ? NEVER : evidence);
}

int
store_event_put(struct store *store, const struct store_event *event, struct err *err)
{
	return store_event_with(store, event, 0, err);
}

static void
read_event(struct sql *q, struct store_log_row *row)
{
	memset(row, 0, sizeof(*row));
	row->id = sql_i64(q, 0);
	row->at = sql_i64(q, 1);
	row->uid = sql_i64(q, 2);
	sql_text(q, 3, row->verb, sizeof(row->verb));
	sql_text(q, 4, row->domain, sizeof(row->domain));
	sql_text(q, 5, row->selector, sizeof(row->selector));
	sql_text(q, 6, row->text, sizeof(row->text));
	row->evidence = sql_i64(q, 7);
}

/* Two queries, so that one domain's few events are found by the index among the many of ten thousand. */
#define OF_ALL	  "?1 = '' AND at >= ?2 AND id > ?3"
#define OF_DOMAIN "domain = ?1 AND at >= ?2 AND id > ?3"
#define READ(which)                                                                                \
	"SELECT * FROM (SELECT id, at, uid, verb, domain, selector, text, evidence FROM event "    \
	"WHERE " which " ORDER BY id DESC LIMIT ?4) ORDER BY id"

static int
count_events(
    struct store *store, const struct store_log_query *query, int64_t *count, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q,
	    query->domain == NULL ? "SELECT count(*) FROM event WHERE " OF_ALL
				  : "SELECT count(*) FROM event WHERE " OF_DOMAIN,
	    "tii", query->domain == NULL ? "" : query->domain, query->since, query->after_id);

	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		*count = sql_i64(&q, 0);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

static int
read_events(struct store *store, const struct store_log_query *query, struct store_log_row *rows,
    int64_t *count, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int64_t n = 0;
	int rc = sql_open(&q, query->domain == NULL ? READ(OF_ALL) : READ(OF_DOMAIN), "tiii",
	    query->domain == NULL ? "" : query->domain, query->since, query->after_id, *count);

	while (rc == 0 && n < *count && (rc = sql_row(&q)) == 1) {
		read_event(&q, &rows[n++]);
		rc = 0;
	}
	sql_close(&q);
	*count = n;
	return rc;
}

int
store_log(struct store *store, const struct store_log_query *query, struct store_log_row **out,
    size_t *count, struct err *err)
{
	int64_t n = 0;

	if (store_begin_read(store, err) != 0)
		return -1;
	int rc = count_events(store, query, &n, err);
	if (query->newest > 0 && n > query->newest)
		n = query->newest;
	struct store_log_row *rows = rc == 0 ? calloc((size_t)n + 1, sizeof(*rows)) : NULL;
	if (rc == 0 && rows == NULL)
		rc = err_nomem(err);
	if (rc == 0)
		rc = read_events(store, query, rows, &n, err);
	if (store_end(store, rc, err) != 0) {
		free(rows);
		return -1;
	}
	*out = rows;
	*count = (size_t)n;
	return 0;
}
