/* SPDX-License-Identifier: ISC */
/* store_schema.c - the tables, and what makes those of an older format into them.  Times are Unix seconds, NULL is
 * NEVER. */
#include "keys/store_sql.h"

#include <stdio.h>

/* What is to be announced (store_alerts.h), and how that went. */
#define ALERT_TABLE                                                                                \
	"CREATE TABLE alert (domain TEXT NOT NULL, kind TEXT NOT NULL, selector TEXT NOT NULL, "   \
	"text TEXT NOT NULL, raised_at INTEGER NOT NULL, ended_at INTEGER, told_mail INTEGER NOT " \
	"NULL, told_program INTEGER NOT NULL, PRIMARY KEY (domain, kind, selector)) WITHOUT ROWID"
#define TELLING_TABLE                                                                              \
	"CREATE TABLE telling (channel TEXT PRIMARY KEY, told_at INTEGER, failed_at INTEGER, "     \
	"tries INTEGER NOT NULL, why TEXT NOT NULL) WITHOUT ROWID"

const char *const STORE_SCHEMA[] = {
    "CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",

    "CREATE TABLE domain (name TEXT PRIMARY KEY, policy TEXT NOT NULL, added_at INTEGER NOT NULL, "
    "removing_at INTEGER, removed_at INTEGER, roll_at INTEGER, rollback_at INTEGER, held_at "
    "INTEGER, "
    "gone_at INTEGER, active_from INTEGER, last_key INTEGER, table_at INTEGER, "
    "propagation_max_s INTEGER NOT NULL DEFAULT 0, negative_max_s INTEGER, negative_lower_since "
    "INTEGER, negative_at INTEGER, signers_asked_at INTEGER, "
    "signers_generation INTEGER, signers_needed INTEGER NOT NULL DEFAULT 1, "
    "signers_agree INTEGER NOT NULL DEFAULT 0, "
    "signers_laggard TEXT NOT NULL DEFAULT '', "
    "alias_wrong INTEGER NOT NULL DEFAULT 0, alias_why TEXT NOT NULL DEFAULT '', "
    "due_at INTEGER) WITHOUT ROWID",
    /* a pass asks for what is due, not for all */
    "CREATE INDEX domain_due ON domain (due_at) WHERE removed_at IS NULL",

    /* the facts are columns: each is one time, or not yet */
    "CREATE TABLE key (id INTEGER PRIMARY KEY AUTOINCREMENT, domain TEXT NOT NULL REFERENCES "
    "domain(name), "
    "selector TEXT NOT NULL, policy TEXT NOT NULL, publisher TEXT NOT NULL DEFAULT '', owner TEXT "
    "NOT NULL, "
    "alias TEXT NOT NULL, alg TEXT NOT NULL, slot INTEGER NOT NULL, bits INTEGER NOT NULL, ttl_s "
    "INTEGER NOT NULL, "
    "spki_hash BLOB NOT NULL, record TEXT NOT NULL, "
    "imported_unproven INTEGER NOT NULL DEFAULT 0, selector_taken INTEGER NOT NULL DEFAULT 0, "
    "queue_max_s INTEGER NOT NULL DEFAULT 0, delay_max_s INTEGER NOT NULL DEFAULT 0, "
    "signature_max_s INTEGER NOT NULL DEFAULT 0, safety_max_s INTEGER NOT NULL DEFAULT 0, "
    "ttl_max_s INTEGER NOT NULL DEFAULT 0, "
    "previous_ttl_s INTEGER NOT NULL DEFAULT 0, negative_max_s INTEGER, counted_from INTEGER, "
    "queue_held INTEGER NOT NULL DEFAULT 0, queue_clear_from INTEGER, "
    "generated INTEGER, published INTEGER, verified INTEGER, activated INTEGER, retired INTEGER, "
    "acknowledged INTEGER, revoked INTEGER, removed INTEGER, destroyed INTEGER, approved INTEGER, "
    "imported INTEGER, compromised INTEGER, abandoned INTEGER)",
    "CREATE INDEX key_domain ON key (domain, id)",
    "CREATE INDEX key_live ON key (domain, id) WHERE destroyed IS NULL OR removed IS NULL",
    /* one key file lies under a name at a time; imported keys of several domains may be one key */
    "CREATE UNIQUE INDEX key_file ON key (domain, selector) WHERE destroyed IS NULL",
    "CREATE UNIQUE INDEX key_once ON key (spki_hash) WHERE imported IS NULL",
    "CREATE INDEX key_signs ON key (domain, id) WHERE activated IS NOT NULL AND retired IS NULL",
    /* K31: ours for ever; p_hash is SHA-256 of the octets of p= */
    "CREATE TABLE ours (p_hash BLOB NOT NULL, key INTEGER NOT NULL REFERENCES key(id), "
    "PRIMARY KEY (p_hash, key)) WITHOUT ROWID",
    "CREATE TRIGGER ours_is_kept BEFORE DELETE ON ours BEGIN SELECT RAISE(ABORT, 'never pruned'); "
    "END",
    "CREATE TABLE vanished (key INTEGER NOT NULL REFERENCES key(id), at INTEGER NOT NULL, "
    "PRIMARY KEY (key, at)) WITHOUT ROWID",
    "CREATE INDEX vanished_at ON vanished (at)",
    "CREATE TABLE deed (key INTEGER NOT NULL REFERENCES key(id), deed INTEGER NOT NULL, first_at "
    "INTEGER NOT NULL, "
    "last_at INTEGER NOT NULL, tries INTEGER NOT NULL, done INTEGER NOT NULL, refused INTEGER NOT "
    "NULL, "
    "why TEXT NOT NULL, receipt TEXT NOT NULL DEFAULT '', PRIMARY KEY (key, deed)) WITHOUT ROWID",
    "CREATE TABLE slot (domain TEXT NOT NULL REFERENCES domain(name), alg TEXT NOT NULL, n INTEGER "
    "NOT NULL, "
    "token TEXT NOT NULL UNIQUE, prepared_at INTEGER, free_at INTEGER, deed_at INTEGER, "
    "previous_ttl_s INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL, "
    "receipt TEXT NOT NULL DEFAULT '', looked_at INTEGER, alias_why TEXT NOT NULL DEFAULT '', "
    "wrong_looks INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (domain, alg, n)) WITHOUT ROWID",

    "CREATE TABLE look (key INTEGER PRIMARY KEY REFERENCES key(id), expect INTEGER NOT NULL, "
    "looked_at INTEGER, "
    "last_passed INTEGER NOT NULL, failed INTEGER NOT NULL, "
    "untrusted INTEGER NOT NULL DEFAULT 0, passed_at INTEGER, first_pass_at INTEGER, "
    "second_pass_at INTEGER, "
    "proven_at INTEGER, contradicted INTEGER NOT NULL, obstacle TEXT NOT NULL, zones TEXT NOT "
    "NULL, "
    "gone_since INTEGER, gone_sweeps INTEGER NOT NULL, differs INTEGER NOT NULL, "
    "resolver_passes INTEGER NOT NULL, resolver_first_at INTEGER, resolver_last_at INTEGER, "
    "resolver_wait_until INTEGER)",
    "CREATE INDEX look_gone ON look (gone_since) WHERE gone_since IS NOT NULL",
    "CREATE TABLE sweep (id INTEGER PRIMARY KEY AUTOINCREMENT, key INTEGER NOT NULL REFERENCES "
    "key(id), "
    "role TEXT NOT NULL, "
    "expect INTEGER NOT NULL, queries INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at "
    "INTEGER NOT NULL, "
    "links TEXT NOT NULL, passed INTEGER NOT NULL, failed INTEGER NOT NULL, "
    "why TEXT NOT NULL, resolver TEXT NOT NULL, resolver_warn_at INTEGER, alias INTEGER NOT NULL, "
    "alias_found TEXT NOT NULL, delegated INTEGER NOT NULL, domain_gone INTEGER NOT NULL, wildcard "
    "INTEGER NOT NULL, "
    "ttl_max_s INTEGER NOT NULL, negative_max_s INTEGER NOT NULL, negative_parent_s INTEGER NOT "
    "NULL, "
    "obstruction INTEGER NOT NULL)",
    "CREATE INDEX sweep_of_key ON sweep (key, role)",
    "CREATE TABLE answer (sweep INTEGER NOT NULL REFERENCES sweep(id) ON DELETE CASCADE, n INTEGER "
    "NOT NULL, "
    "server TEXT NOT NULL, addr TEXT NOT NULL, port INTEGER NOT NULL, verdict INTEGER NOT NULL, "
    "found INTEGER NOT NULL, link INTEGER NOT NULL, former INTEGER NOT NULL, unroutable INTEGER "
    "NOT NULL, "
    "lame INTEGER NOT NULL, ttl INTEGER NOT NULL, listed_ttl_s INTEGER NOT NULL, serial INTEGER "
    "NOT NULL, "
    "why TEXT NOT NULL, PRIMARY KEY (sweep, n)) WITHOUT ROWID",
    "CREATE TABLE silence (zone TEXT NOT NULL, addr TEXT NOT NULL, port INTEGER NOT NULL, since "
    "INTEGER NOT NULL, "
    "seen INTEGER NOT NULL, PRIMARY KEY (zone, addr, port)) WITHOUT ROWID",
    "CREATE TABLE server (zone TEXT NOT NULL, host TEXT NOT NULL, addr TEXT NOT NULL, port INTEGER "
    "NOT NULL, "
    "last_listed INTEGER NOT NULL, ttl_s INTEGER NOT NULL, PRIMARY KEY (zone, addr, port)) WITHOUT "
    "ROWID",
    "CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, uid INTEGER "
    "NOT NULL, "
    "verb TEXT NOT NULL, domain TEXT NOT NULL, selector TEXT NOT NULL, text TEXT NOT NULL, "
    "evidence INTEGER)",
    "CREATE INDEX event_domain ON event (domain, id)",
    /* the log is append-only, for our own mistakes too */
    "CREATE TRIGGER event_is_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the log is "
    "append-only'); END",
    "CREATE TRIGGER event_is_fixed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the log is "
    "append-only'); END",
    ALERT_TABLE,
    TELLING_TABLE,
    NULL,
};

/* From each format to the next; STORE_SCHEMA has all of it from the beginning. */
static const char *const FROM_1[] = {ALERT_TABLE, TELLING_TABLE,
    "ALTER TABLE domain ADD COLUMN negative_max_s INTEGER",
    "ALTER TABLE domain ADD COLUMN negative_lower_since INTEGER",
    "ALTER TABLE domain ADD COLUMN negative_at INTEGER",
    "ALTER TABLE key ADD COLUMN safety_max_s INTEGER NOT NULL DEFAULT 0", NULL};
static const char *const FROM_2[] = {"ALTER TABLE deed ADD COLUMN receipt TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE slot ADD COLUMN receipt TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE slot ADD COLUMN looked_at INTEGER",
    "ALTER TABLE slot ADD COLUMN alias_why TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE slot ADD COLUMN wrong_looks INTEGER NOT NULL DEFAULT 0", NULL};
static const char *const *const UPGRADES[] = {[1] = FROM_1, [2] = FROM_2};

int
store_schema_upgrade(struct store *store, int64_t from, struct err *err)
{
	char pragma[64];

	for (int64_t f = from; f < STORE_FORMAT; f++) {
		for (size_t i = 0; UPGRADES[f][i] != NULL; i++) {
			if (sql_run(store, err, UPGRADES[f][i], "") != 0)
				return -1;
		}
	}
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", STORE_FORMAT);
	return sql_run(store, err, pragma, "");
}
