/* SPDX-License-Identifier: ISC */
#include "keys/store_sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* err from SQLite's state */
static int
sql_fail(struct store *store, struct err *err)
{
	switch (sqlite3_errcode(store->db)) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(
		    err, ERR_BUSY, "%s: another signpost holds it; try again", store->path);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_SCHEMA:
		return err_set(err, ERR_CONFIG,
		    "%s is damaged or no keystore (%s); nothing was changed; put a backup in its "
		    "place",
		    store->path, sqlite3_errmsg(store->db));
	case SQLITE_NOMEM:
		return err_nomem(err);
	default:
		return err_set(err, ERR_IO, "%s: %s", store->path, sqlite3_errmsg(store->db));
	}
}

static int
bind_all(struct sql *q, const char *types, va_list ap)
{
	int rc = SQLITE_OK;

	for (int i = 0; types[i] != '\0' && rc == SQLITE_OK; i++) {
		if (types[i] == 't') {
			rc = sqlite3_bind_text(
			    q->stmt, i + 1, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		} else if (types[i] == 'i') {
			rc = sqlite3_bind_int64(q->stmt, i + 1, va_arg(ap, int64_t));
		} else {
			struct slice s = va_arg(ap, struct slice);
			rc = sqlite3_bind_blob64(q->stmt, i + 1, s.ptr, s.len, SQLITE_TRANSIENT);
		}
	}
	return rc == SQLITE_OK ? 0 : sql_fail(q->store, q->err);
}

static int
open_bound(struct sql *q, const char *text, const char *types, va_list ap)
{
	if (sqlite3_prepare_v2(q->store->db, text, -1, &q->stmt, NULL) != SQLITE_OK)
		return sql_fail(q->store, q->err);
	return bind_all(q, types, ap);
}

int
sql_open(struct sql *q, const char *text, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	int rc = open_bound(q, text, types, ap);
	va_end(ap);
	return rc;
}

int
sql_row(struct sql *q)
{
	int rc = sqlite3_step(q->stmt);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : sql_fail(q->store, q->err);
}

void
sql_close(struct sql *q)
{
	sqlite3_finalize(q->stmt);
	q->stmt = NULL;
}

int64_t
sql_i64(struct sql *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

void
sql_text(struct sql *q, int column, char *out, size_t out_size)
{
	const unsigned char *text = sqlite3_column_text(q->stmt, column);

	snprintf(out, out_size, "%s", text == NULL ? "" : (const char *)text);
}

bool
sql_blob(struct sql *q, int column, uint8_t *out, size_t len)
{
	const void *blob = sqlite3_column_blob(q->stmt, column);

	if (blob == NULL || (size_t)sqlite3_column_bytes(q->stmt, column) != len)
		return false;
	memcpy(out, blob, len);
	return true;
}

int
sql_run(struct store *store, struct err *err, const char *text, const char *types, ...)
{
	struct sql q = {.store = store, .err = err};
	va_list ap;

	va_start(ap, types);
	int rc = open_bound(&q, text, types, ap);
	va_end(ap);
	while (rc == 0 && (rc = sql_row(&q)) == 1)
		rc = 0; /* a PRAGMA answers with a row */
	sql_close(&q);
	return rc;
}

int
store_begin(struct store *store, struct err *err)
{
	return sql_run(store, err, "BEGIN IMMEDIATE", "");
}

int
store_end(struct store *store, int rc, struct err *err)
{
	struct err ignored = ERR_INIT;

	if (rc == 0 && sql_run(store, err, "COMMIT", "") == 0)
		return 0;
	if (sql_run(store, &ignored, "ROLLBACK", "") != 0)
		return -1; /* SQLite has rolled back by itself */
	return -1;
}
