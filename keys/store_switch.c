/* SPDX-License-Identifier: ISC */
/* store_switch.c - the switch from one key to the next, in one transaction. */
#include "keys/store_sql.h"

#include <stdio.h>

static int
set_on(struct store *store, const struct store_switch *s, struct err *err)
{
	const struct store_key *on = s->on;

	/* a key whose file is deleted, or whose record is revoked, never signs again */
	if (sql_run(store, err,
		"UPDATE key SET activated = ?, retired = NULL, acknowledged = NULL, counted_from = "
		"NULL "
		"WHERE id = ? AND destroyed IS NULL AND revoked IS NULL AND compromised IS NULL",
		"ii", s->at, on->id) != 0)
		return -1;
	if (sqlite3_changes(store->db) != 1)
		return err_set(err, ERR_INPUT, "%s of %s cannot sign again: it is %s", on->selector,
		    on->domain, key_state_name(key_state_of(&on->facts)));
	return sql_run(store, err,
	    "UPDATE domain SET active_from = coalesce(active_from, ?), last_key = ? "
	    "WHERE name = ?",
	    "iit", s->at, on->id, on->domain);
}

static int
set_off(struct store *store, const struct store_switch *s, struct err *err)
{
	return sql_run(store, err, "UPDATE key SET retired = coalesce(retired, ?) WHERE id = ?",
	    "ii", s->at, s->off->id);
}

static int
log_switch(struct store *store, const struct store_switch *s, int64_t evidence, struct err *err)
{
	char text[ERR_TEXT_LEN];
	int rc = 0;

	if (s->on != NULL) {
		snprintf(text, sizeof(text), "enters the signing table%s%s: %s",
		    s->off == NULL ? "" : " instead of ", s->off == NULL ? "" : s->off->selector,
		    s->why);
		rc = store_event_with(store,
		    &(struct store_event){s->at, s->verb, s->on->domain, s->on->selector, text},
		    evidence, err);
	}
	if (rc == 0 && s->off != NULL) {
		snprintf(text, sizeof(text), "leaves the signing table: %s", s->why);
		rc = store_event_put(store,
		    &(struct store_event){s->at, s->verb, s->off->domain, s->off->selector, text},
		    err);
	}
	return rc;
}

int
store_switch(struct store *store, const struct store_switch *s, struct err *err)
{
	const char *domain = s->on != NULL ? s->on->domain : s->off->domain;
	int64_t evidence = 0;

	if (store_begin(store, err) != 0)
		return -1;
	int rc = s->on == NULL ? 0 : set_on(store, s, err);
	if (rc == 0 && s->on != NULL)
		rc = store_sweep_keep(store, s->on->id, &evidence, err);
	if (rc == 0 && s->off != NULL)
		rc = set_off(store, s, err);
	if (rc == 0)
		rc = sql_run(store, err,
		    "UPDATE domain SET table_at = ?, due_at = NULL WHERE name = ?", "it", s->at,
		    domain);
	if (rc == 0)
		rc = log_switch(store, s, evidence, err);
	return store_end(store, rc, err);
}
