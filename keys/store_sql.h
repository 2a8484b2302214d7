/* SPDX-License-Identifier: ISC */
/* store_sql.h - statements, for the store's own files.
 *
 *	struct sql q = {.store = store, .err = err};
 *	int rc = sql_open(&q, "SELECT x FROM t WHERE a = ? AND b = ?", "ti", "text", (int64_t)7);
 *	while (rc == 0 && (rc = sql_row(&q)) == 1) { use sql_i64(&q, 0); rc = 0; }
 *	sql_close(&q);			rc: 0 all rows were seen, -1 err is set
 *
 * Threads: one store, one thread. */
#ifndef SIGNPOST_KEYS_STORE_SQL_H
#define SIGNPOST_KEYS_STORE_SQL_H

#include "keys/store_deeds.h"
#include "keys/store_evidence.h"

#include <sqlite3.h>

struct store {
	sqlite3 *db;
	char *dir;
	char *path;	/* of the database, for messages */
	unsigned depth; /* of store_begin */
	bool failed;	/* something inside did */
	bool writing;
	int64_t actor; /* uid, for the log */
};

extern const char *const STORE_SCHEMA[]; /* ended by NULL */
/* From an older format; inside a transaction. */
int store_schema_upgrade(struct store *, int64_t from, struct err *) MUST_CHECK;

struct sql {
	struct store *store;
	sqlite3_stmt *stmt;
	struct err *err;
};

/* types: t const char *, i int64_t, n int64_t with NEVER as NULL, b struct slice (blob). */
int sql_open(struct sql *, const char *text, const char *types, ...) MUST_CHECK;
int sql_row(struct sql *) MUST_CHECK; /* 1 a row, 0 the end, -1 */
void sql_close(struct sql *);	      /* safe after a failed sql_open */
int64_t sql_i64(struct sql *, int column);
int64_t sql_time(struct sql *, int column); /* NULL is NEVER */
void sql_text(struct sql *, int column, char *out, size_t out_size); /* cut at out_size */
bool sql_blob(struct sql *, int column, uint8_t *out, size_t len);   /* false: another length */

/* KEY_STATE_ACTIVE, as columns of key. */
#define SIGNING                                                                                    \
	"activated IS NOT NULL AND retired IS NULL AND revoked IS NULL AND removed IS NULL AND "   \
	"destroyed IS NULL AND abandoned IS NULL"

/* One statement without rows. */
int sql_run(struct store *, struct err *, const char *text, const char *types, ...) MUST_CHECK;

/* A list of rows: text selects, read fills one element of size octets.  Where text has %s, the condition of a
 * struct store_select over domain.name and domain.due_at is put. */
struct sql_list {
	const char *text;
	size_t size;
	int (*read)(struct sql *, void *element);
	void *items; /* free() */
	size_t count, cap;
};
int sql_list(struct store *, const struct store_select *, struct sql_list *, struct err *) MUST_CHECK;
/* An event that names the sweep that permitted it. */
int store_event_with(struct store *, const struct store_event *, int64_t evidence, struct err *) MUST_CHECK;
/* 1: it was not there before. */
int store_fact_set(struct store *, const struct store_key *, enum key_fact, int64_t at, struct err *) MUST_CHECK;
/* The domain's next pass looks at it. */
int store_touch(struct store *, const char *domain, struct err *) MUST_CHECK;

#endif
