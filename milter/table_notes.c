/* SPDX-License-Identifier: ISC */
#include "milter/table_notes.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdatomic.h>

static bool
has_star(const struct table_allow *allow)
{
	for (size_t i = 0; i < allow->entry_count; i++)
		if (allow->entries[i][0] == '*')
			return true;
	return false;
}

static const char *
kind_name(enum allow_kind kind)
{
	static const char *const NAMES[] = {
	    "allow bare", "allow local", "allow network", "allow login"};

	return NAMES[kind];
}

static void
note_allow(const struct table_allow *allow, const char *path)
{
	char prefix[IP_TEXT_LEN];

	if (allow->kind == ALLOW_NETWORK && ip_prefix_has_loopback(&allow->prefix)) {
		ip_prefix_format(&allow->prefix, prefix);
		log_msg(LOG_LEVEL_WARNING,
		    "%s:%u: network %s covers loopback: outside mail re-injected by a content "
		    "filter would "
		    "be signed as yours; take it out, or narrow it with daemon=NAME",
		    path, allow->line, prefix);
	}
	if (has_star(allow))
		log_msg(LOG_LEVEL_WARNING,
		    "%s:%u: %s has \"*\": it may sign for every domain of this table; list the "
		    "domains "
		    "unless that is meant",
		    path, allow->line, kind_name(allow->kind));
}

void
table_notes(const struct table *table, const char *path)
{
	log_msg(LOG_LEVEL_INFO,
	    "signing table %s: generation %" PRIu64 ", %zu domains, %zu keys%s%s", path,
	    table->generation, table->domain_count, table->key_count,
	    table->settings.dry_run ? ", dry run: nothing is signed" : "",
	    table->clock_untrusted ? ", clock untrusted: no t= and x=" : "");
	if (table->settings.authenticated == AUTHENTICATED_ANY)
		log_msg(LOG_LEVEL_WARNING,
		    "%s: authenticated = any: every login may sign for every domain of this table",
		    path);
	for (size_t i = 0; i < table->allow_count; i++)
		note_allow(&table->allows[i], path);
}

void
table_notes_age(const struct table *table, const char *path, const struct table_notes_clock *clock,
    _Atomic int64_t *said_at_s)
{
	int64_t before = atomic_load_explicit(said_at_s, memory_order_relaxed);

	if (table->date == TABLE_NO_DATE || clock->now <= table->date ||
	    clock->now - table->date <= TABLE_NOTES_AGE_MAX_S)
		return;
	if (before != TABLE_NOTES_NEVER && clock->monotonic_s - before < TABLE_NOTES_AGAIN_S)
		return;
	if (!atomic_compare_exchange_strong(said_at_s, &before, clock->monotonic_s))
		return; /* another thread says it */
	log_msg(LOG_LEVEL_WARNING,
	    "%s: its date was renewed %" PRId64
	    " hours ago, which is done daily: does `signpost tick` run on its host, does the table "
	    "reach this one, and is the clock right? Mail is signed on with the keys that it names "
	    "(said once a day)",
	    path, (clock->now - table->date) / 3600);
}
