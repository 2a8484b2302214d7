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

#include "keys/store.h"

#include <sqlite3.h>

struct store {
	sqlite3 *db;
	char *dir;
	char *path; /* of the database, for messages */
};

struct sql {
	struct store *store;
	sqlite3_stmt *stmt;
	struct err *err;
};

/* types: t const char *, i int64_t, b struct slice (blob). */
int sql_open(struct sql *, const char *text, const char *types, ...) MUST_CHECK;
int sql_row(struct sql *) MUST_CHECK; /* 1 a row, 0 the end, -1 */
void sql_close(struct sql *);	      /* safe after a failed sql_open */
int64_t sql_i64(struct sql *, int column);
void sql_text(struct sql *, int column, char *out, size_t out_size); /* cut at out_size */
bool sql_blob(struct sql *, int column, uint8_t *out, size_t len);   /* false: another length */

/* One statement without rows. */
int sql_run(struct store *, struct err *, const char *text, const char *types, ...) MUST_CHECK;

int store_begin(struct store *, struct err *) MUST_CHECK;
/* Commits when rc is 0, else rolls back; returns rc, or -1 when the commit failed. */
int store_end(struct store *, int rc, struct err *) MUST_CHECK;

#endif
