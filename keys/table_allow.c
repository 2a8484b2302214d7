/* SPDX-License-Identifier: ISC */
#include "keys/table_rows.h"

#include <string.h>

#define DAEMON_PREFIX "daemon="

static size_t
count_words(struct slice rest)
{
	size_t count = 0;

	for (size_t i = 0; i < rest.len; i++)
		count += !ascii_is_wsp(rest.ptr[i]) && (i == 0 || ascii_is_wsp(rest.ptr[i - 1]));
	return count;
}

static int
add_entry(struct table_parser *p, struct table_allow *allow, struct slice word, struct err *err)
{
	char entry[DOMAIN_LEN_MAX + 2];

	if (domain_entry_normalize(word, entry, err) != 0)
		return table_refuse_because(p, err, "domain entry");
	char *kept = table_keep(p, slice_of(entry), err);
	if (kept == NULL)
		return -1;
	allow->entries[allow->entry_count++] = kept;
	return 0;
}

/* All domain entries that are left in the row; `first` is one that was read already, or empty. */
static int
entries(struct table_parser *p, struct table_allow *allow, struct slice first, struct err *err)
{
	struct slice word;
	int got;

	allow->entries = arena_alloc(p->arena, (count_words(p->rest) + 1) * sizeof *allow->entries);
	if (allow->entries == NULL)
		return err_nomem(err);
	if (first.len > 0 && add_entry(p, allow, first, err) != 0)
		return -1;
	while ((got = table_next_word(p, &word, err)) > 0)
		if (add_entry(p, allow, word, err) != 0)
			return -1;
	if (got == 0 && allow->entry_count == 0 && allow->kind != ALLOW_LOGIN)
		return table_refuse(p, p->line, err,
		    "the row names no domain, so it allows nothing; add the domains or take it "
		    "out");
	return got;
}

static int
allow_list(struct table_parser *p, struct table_allow *allow, struct err *err)
{
	return entries(p, allow, slice_of(""), err);
}

static int
allow_network(struct table_parser *p, struct table_allow *allow, struct err *err)
{
	struct slice word;

	if (table_need_word(p, &word, "a network, as 10.1.0.0/16", err) != 0)
		return -1;
	if (ip_prefix_parse(word, &allow->prefix, err) != 0)
		return table_refuse_because(p, err, "network");
	int got = table_next_word(p, &word, err);
	if (got < 0)
		return -1;
	if (got == 0)
		return entries(p, allow, slice_of(""), err);
	const size_t prefix_len = sizeof DAEMON_PREFIX - 1;
	if (word.len < prefix_len || memcmp(word.ptr, DAEMON_PREFIX, prefix_len) != 0)
		return entries(p, allow, word, err);
	if (word.len == prefix_len)
		return table_refuse(p, p->line, err,
		    "daemon= is empty; write the MTA's {daemon_name} behind it, or take it out");
	if ((allow->daemon = table_keep(p, slice_from(word, prefix_len), err)) == NULL)
		return -1;
	return entries(p, allow, slice_of(""), err);
}

static int
allow_login(struct table_parser *p, struct table_allow *allow, struct err *err)
{
	char login[TABLE_LOGIN_SIZE];
	struct slice word;

	if (table_need_word(p, &word, "a login", err) != 0)
		return -1;
	if (word.len == 0 || !table_login_normalize(word, login))
		return table_refuse(p, p->line, err, "a login has 1 to %d octets, this one %zu",
		    TABLE_LOGIN_LEN_MAX, word.len);
	if ((allow->login = table_keep(p, slice_of(login), err)) == NULL)
		return -1;
	return entries(p, allow, slice_of(""), err);
}

static const struct {
	const char *word;
	enum allow_kind kind;
	int (*parse)(struct table_parser *, struct table_allow *, struct err *);
} KINDS[] = {
    {"bare", ALLOW_BARE, allow_list},
    {"local", ALLOW_LOCAL, allow_list},
    {"network", ALLOW_NETWORK, allow_network},
    {"login", ALLOW_LOGIN, allow_login},
};

int
table_row_allow(struct table_parser *p, struct err *err)
{
	struct table_allow allow = {.line = p->line};
	struct slice word;

	if (table_need_word(p, &word, "bare, local, network or login", err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if (!slice_eq_str(word, KINDS[i].word))
			continue;
		allow.kind = KINDS[i].kind;
		if (KINDS[i].parse(p, &allow, err) != 0)
			return -1;
		p->table->allows[p->table->allow_count++] = allow;
		return 0;
	}
	return table_refuse(p, p->line, err, "allow `%.*s` is none of: bare, local, network, login",
	    TABLE_SHOW(word));
}
