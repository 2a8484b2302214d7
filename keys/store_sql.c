/* SPDX-License-Identifier: ISC */
#include "keys/store_sql.h"
#include "base/grow.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_TEXT_MAX 4096

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
		    "%s is damaged or no keystore (%s); nothing was changed, and mail is signed as "
		    "before; put a backup in its place",
		    store->path, sqlite3_errmsg(store->db));
	case SQLITE_FULL:
		return err_set(err, ERR_IO,
		    "%s: the disk is full; free space on it.  Nothing was changed, and mail is "
		    "signed as before",
		    store->path);
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
		} else if (types[i] == 'i' || types[i] == 'n') {
			int64_t value = va_arg(ap, int64_t);
			rc = types[i] == 'n' && value == NEVER
				 ? sqlite3_bind_null(q->stmt, i + 1)
				 : sqlite3_bind_int64(q->stmt, i + 1, value);
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

int64_t
sql_time(struct sql *q, int column)
{
	return sqlite3_column_type(q->stmt, column) == SQLITE_NULL
		   ? NEVER
		   : sqlite3_column_int64(q->stmt, column);
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

/* A condition over domain d.  NOT INDEXED by due_at: the range of names comes first. */
#define CONDITION                                                                                  \
	"d.name >= ?1 AND d.name <= ?2 AND (d.due_at IS NULL OR d.due_at <= ?3) AND d.name > ?4 "  \
	"AND (d.removed_at IS NULL OR ?1 = ?2)"
#define BEHIND_ALL "\x7f" /* names are LDH */

static int
read_rows(struct sql *q, struct sql_list *list)
{
	int rc;

	while ((rc = sql_row(q)) == 1) {
		void *wider = grow_array(list->items, list->count, &list->cap, list->size);
		if (wider == NULL)
			return err_nomem(q->err);
		list->items = wider;
		void *element = (char *)wider + list->count * list->size;
		memset(element, 0, list->size);
		if (list->read(q, element) != 0)
			return -1;
		list->count++;
	}
	return rc;
}

int
sql_list(
    struct store *store, const struct store_select *select, struct sql_list *list, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	struct buf text;
	const char *where = strstr(list->text, "%s");

	buf_init(&text, SQL_TEXT_MAX);
	if (where != NULL)
		buf_printf(
		    &text, "%.*s%s%s", (int)(where - list->text), list->text, CONDITION, where + 2);
	int rc = buf_check(&text, "a statement", err);
	if (rc == 0 && where == NULL)
		rc = sql_open(&q, list->text, "");
	else if (rc == 0)
		rc =
		    sql_open(&q, buf_str(&text), "ttit", select->first == NULL ? "" : select->first,
			select->last == NULL ? BEHIND_ALL : select->last, select->due_by,
			select->after == NULL ? "" : select->after);
	buf_deinit(&text);
	list->items = NULL;
	list->count = list->cap = 0;
	if (rc == 0)
		rc = read_rows(&q, list);
	sql_close(&q);
	if (rc == 0)
		return 0;
	free(list->items);
	list->items = NULL;
	list->count = 0;
	return -1;
}

static int
begin(struct store *store, bool writing, struct err *err)
{
	if (store->depth > 0 && writing && !store->writing)
		return err_set(err, ERR_IO, "%s: written to while it was read", store->path);
	if (store->depth == 0) {
		if (sql_run(store, err, writing ? "BEGIN IMMEDIATE" : "BEGIN", "") != 0)
			return -1;
		store->failed = false;
		store->writing = writing;
	}
	store->depth++;
	return 0;
}

int
store_begin(struct store *store, struct err *err)
{
	return begin(store, true, err);
}

int
store_begin_read(struct store *store, struct err *err)
{
	return begin(store, false, err);
}

int
store_end(struct store *store, int rc, struct err *err)
{
	struct err ignored = ERR_INIT;

	store->failed = store->failed || rc != 0;
	if (--store->depth > 0)
		return rc;
	if (!store->failed && sql_run(store, err, "COMMIT", "") == 0)
		return 0;
	bool said = !store->failed || rc != 0; /* by whoever failed */
	if (sql_run(store, &ignored, "ROLLBACK", "") != 0)
		ignored.kind = ERR_NONE; /* SQLite has rolled back by itself */
	return said ? -1
		    : err_set(err, ERR_IO, "%s: a part of this failed; nothing was changed",
			  store->path);
}
