/* SPDX-License-Identifier: ISC */
#include "signpost/verify_look.h"
#include "dkim/domain.h"
#include "keys/dns_wire.h"
#include "keys/store_rows.h"
#include "signpost/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_LEN     4096
#define TIME_LEN_MAX 80

static bool
is_of(const struct store_key *key, const char *name)
{
	char usual[2 * SWEEP_NAME_LEN];

	(void)snprintf(usual, sizeof(usual), "%s._domainkey.%s", key->selector, key->domain);
	return strcmp(usual, name) == 0 || strcmp(key->alias, name) == 0 ||
	       strcmp(key->owner, name) == 0;
}

/* 1: found; 0: it is not ours; -1: the store cannot be read. */
static int
find_key(const struct verify_asker *a, const struct verified *v, struct store_key *out)
{
	char path[PATH_LEN], domain[DOMAIN_LEN_MAX + 1];
	struct store_key *keys = NULL;
	struct store *store;
	struct err ignored = ERR_INIT;
	size_t count = 0;
	int result = -1;

	if (a->store_dir == NULL ||
	    (size_t)snprintf(path, sizeof(path), "%s/" STORE_DB, a->store_dir) >= sizeof(path) ||
	    access(path, R_OK | W_OK) != 0 || store_open(a->store_dir, 1000, &store, &ignored) != 0)
		return -1;
	if (domain_normalize(v->report.sig.domain, domain, &ignored) == 0 &&
	    store_keys(store, domain, &keys, &count, &ignored) == 0) {
		result = 0;
		for (size_t i = 0; result == 0 && i < count; i++) {
			if (!is_of(&keys[i], v->name))
				continue;
			*out = keys[i];
			result = 1;
		}
	}
	free(keys);
	store_close(store);
	return result;
}

/* A resolver that was asked while a record of our own is not there goes on saying so (K5).  False: it is not to be
 * asked, and *rc is what the authorities said. */
static bool
may_ask_resolvers(const struct verify_asker *a, const struct verified *v, struct dns_txt *found,
    int *rc, struct err *err)
{
	const struct dns_conf *first = a->authorities;
	struct store_key key;
	bool proven = false;

	if (first == NULL && find_key(a, v, &key) == 1) {
		first = a->dns;
		proven =
		    key.facts.at[FACT_VERIFIED] != NEVER && key.facts.at[FACT_REMOVED] == NEVER;
	}
	if (first == NULL)
		return true;
	*rc = dns_lookup_txt_authorities(first, v->name, found, err);
	if (*rc == 0 && found->count == 0)
		return false;
	for (size_t i = 0; *rc == 0 && i < found->count; i++)
		buf_deinit(&found->txt[i]);
	/* authorities that cannot be reached from here: proven by resolvers (K34), it is no news to them */
	return *rc == 0 || (proven && err->kind == ERR_DNS);
}

static bool
fetch(const struct verify_asker *a, struct verified *v, struct dns_txt *found, struct err *err)
{
	if (signature_key_name(&v->report.sig, v->name, err) != 0) {
		v->name[0] = '\0';
		return false;
	}
	v->given =
	    a->known != NULL && known_records_find(a->known, v->name, found->txt, &found->count);
	if (v->given)
		return true;
	int64_t began = dns_now_ms();
	int rc = 0;
	if (may_ask_resolvers(a, v, found, &rc, err))
		rc = dns_lookup_txt_told(a->dns, v->name, found, err);
	v->ms = (int)(dns_now_ms() - began);
	v->told = found->told;
	return rc == 0;
}

static void
put_time(int64_t at, int64_t now, char out[static TIME_LEN_MAX])
{
	struct buf text;

	buf_init(&text, TIME_LEN_MAX - 1);
	if (at == NEVER)
		buf_put_str(&text, "a time that is not known");
	else
		when_put_far(&text, at, at > now ? at : now);
	(void)snprintf(out, TIME_LEN_MAX, "%s", buf_str(&text));
	buf_deinit(&text);
}

/* What our own facts say of a key whose record is empty or gone. */
static void
tell_of(const struct store_key *key, int64_t now, struct verify_report *r)
{
	const int64_t *at = key->facts.at;
	bool empty = r->reason == VERIFY_KEY_REVOKED;
	int64_t gone = empty ? at[FACT_REVOKED] : at[FACT_REMOVED];
	struct slice state = slice_of(key_state_name(key_state_of(&key->facts)));
	char until[TIME_LEN_MAX], since[TIME_LEN_MAX];

	if (!empty && gone == NEVER)
		gone = at[FACT_REVOKED]; /* by taking the record away */
	put_time(at[FACT_RETIRED], now, until);
	put_time(gone, now, since);
	if (gone != NEVER)
		verify_tell(&r->words, empty ? VERIFY_SAY_REVOKED_AT : VERIFY_SAY_GONE_AT,
		    slice_of(until), slice_of(since), slice_of(NULL));
	else
		verify_tell(&r->words, empty ? VERIFY_SAY_REVOKED_THERE : VERIFY_SAY_OURS, state,
		    slice_of(NULL), slice_of(NULL));
}

static void
look_for_history(const struct verify_asker *a, struct verified *v)
{
	struct verify_report *r = &v->report;

	if (r->reason != VERIFY_KEY_REVOKED && r->reason != VERIFY_KEY_ABSENT)
		return;
	struct store_key key;
	int told = find_key(a, v, &key);
	if (told == 1)
		tell_of(&key, a->now, r);
	if (told < 1 && r->reason == VERIFY_KEY_REVOKED)
		verify_tell(&r->words, VERIFY_SAY_REVOKED_UNKNOWN,
		    slice_of(told == 0 ? "the key is not of this store"
				       : "there is no store here that may be read"),
		    slice_of(NULL), slice_of(NULL));
}

void
verify_look(const struct verify_asker *a, const struct verify_message *m, struct verified *v)
{
	struct verify_records records = {NULL, 0, false, NULL};
	struct slice txt[DNS_TXT_MAX];
	struct dns_txt found = {.count = 0};
	char why[ERR_TEXT_LEN + 2] = " ";
	struct err err = ERR_INIT;

	memset(v, 0, sizeof(*v));
	verify_prepare(m->list, m->sig_index, a->now, &v->report);
	if (v->report.result != VERIFY_PASS)
		return;
	records.unavailable = !fetch(a, v, &found, &err);
	v->records = records.unavailable ? 0 : found.count;
	if (records.unavailable) {
		(void)snprintf(why + 1, sizeof(why) - 1, "%s.", err.text);
		records.why = why;
	}
	for (size_t i = 0; i < v->records; i++)
		txt[i] = buf_slice(&found.txt[i]);
	records.txt = txt;
	records.count = v->records;
	verify_signature(m, &records, a->now, &v->report);
	if (v->records > 0)
		(void)snprintf(v->record, sizeof(v->record), "%s", buf_str(&found.txt[0]));
	for (size_t i = 0; i < v->records; i++)
		buf_deinit(&found.txt[i]);
	look_for_history(a, v);
}

void
verify_dig(const struct verified *v, char out[static DIG_LEN])
{
	out[0] = '\0';
	if (!v->told.known)
		return;
	dig_line(&(struct dig){.server = &v->told.server,
		     .recurse = v->told.by_resolver,
		     .type = "TXT",
		     .name = v->told.name},
	    out);
}

void
verify_where(const struct verified *v, struct buf *out)
{
	char addr[IP_TEXT_LEN];

	if (v->name[0] == '\0') {
		buf_put_str(out, "was not asked for");
		return;
	}
	buf_put_str(out, v->records > 0 ? "found at " : "not found at ");
	buf_put_str(out, v->name);
	if (v->given) {
		buf_put_str(out, ", as the command line says");
	} else if (!v->told.known) {
		buf_put_str(out, ": nobody answered");
	} else {
		ip_addr_format(&v->told.server.addr, addr);
		if (strcmp(v->told.name, v->name) != 0)
			buf_printf(out, ", which leads to %s", v->told.name);
		buf_printf(out, ", says the %s %s (%d ms)%s",
		    v->told.by_resolver ? "resolver" : "name server", addr, v->ms,
		    v->records > 0   ? ""
		    : v->told.denied ? ": there is no such name"
				     : ": the name has no TXT");
	}
}
