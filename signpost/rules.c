/* SPDX-License-Identifier: ISC */
#include "signpost/rules.h"
#include "base/file.h"
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

static int
add(struct rules *r, const struct table_allow *allow, struct err *err)
{
	struct table_allow *allows = grow_array(r->allows, r->count, &r->cap, sizeof(*allows));

	if (allows == NULL)
		return err_nomem(err);
	r->allows = allows;
	r->allows[r->count++] = *allow;
	return 0;
}

static int
add_config(struct rules *r, const struct config *c, struct err *err)
{
	if (c->bare.entry_count > 0 && add(r, &c->bare, err) != 0)
		return -1;
	if (c->local.entry_count > 0 && add(r, &c->local, err) != 0)
		return -1;
	for (size_t i = 0; i < c->network_count; i++) {
		if (add(r, &c->networks[i], err) != 0)
			return -1;
	}
	for (size_t i = 0; i < c->login_count; i++) {
		if (add(r, &c->logins[i], err) != 0)
			return -1;
	}
	return 0;
}

/* Cuts the next word off; empty at the end. */
static struct slice
next_word(struct slice *rest)
{
	struct slice s = slice_trim(*rest);
	size_t n = 0;

	while (n < s.len && !ascii_is_wsp(s.ptr[n]))
		n++;
	*rest = slice_from(s, n);
	return slice_sub(s, 0, n);
}

static size_t
count_words(struct slice rest)
{
	size_t n = 0;

	while (next_word(&rest).len > 0)
		n++;
	return n;
}

static void
allow_free(struct table_allow *a)
{
	for (size_t i = 0; i < a->entry_count; i++)
		free(a->entries[i]);
	free(a->entries);
	free(a->login);
}

static int
parse_login(struct slice word, struct table_allow *a, struct err *err)
{
	if (word.len > TABLE_LOGIN_LEN_MAX)
		return err_set(
		    err, ERR_CONFIG, "a login of more than %d bytes", TABLE_LOGIN_LEN_MAX);
	size_t at_nul;
	if (slice_find(word, 0, &at_nul))
		return err_set(err, ERR_CONFIG, "a NUL byte");
	a->login = slice_strdup(word);
	if (a->login == NULL)
		return err_nomem(err);
	for (char *at = strrchr(a->login, '@'); at != NULL && *at != '\0'; at++)
		*at = (char)ascii_lower((uint8_t)*at);
	return 0;
}

static int
parse_line(struct slice line, struct table_allow *a, struct err *err)
{
	char entry[DOMAIN_LEN_MAX + 2];

	*a = (struct table_allow){.kind = ALLOW_LOGIN};
	if (parse_login(next_word(&line), a, err) != 0)
		return -1;
	size_t words = count_words(line);
	if (words == 0)
		return err_set(err, ERR_CONFIG, "login \"%.80s\" has no domain", a->login);
	a->entries = calloc(words, sizeof(*a->entries));
	if (a->entries == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < words; i++) {
		struct slice word = next_word(&line);
		if (domain_entry_normalize(word, entry, err) != 0) {
			err->kind = err->kind == ERR_INPUT ? ERR_CONFIG : err->kind;
			return err_wrap(err, "%.*s", (int)(word.len < 80 ? word.len : 80),
			    (const char *)word.ptr);
		}
		a->entries[i] = strdup(entry);
		if (a->entries[i] == NULL)
			return err_nomem(err);
		a->entry_count++;
	}
	return 0;
}

static int
parse_map(struct rules *r, struct slice text, const char *path, struct err *err)
{
	for (uint32_t n = 1; text.len > 0; n++) {
		size_t len = text.len;
		bool ended = slice_find(text, '\n', &len);
		struct slice line = slice_trim(slice_sub(text, 0, ended ? len : text.len));
		text = slice_from(text, ended ? len + 1 : text.len);
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		struct table_allow a = {.kind = ALLOW_LOGIN};
		int rc = line.len > LOGIN_MAP_LINE_MAX
			     ? err_set(err, ERR_CONFIG, "a line of more than %d bytes",
				   LOGIN_MAP_LINE_MAX)
			     : parse_line(line, &a, err);
		a.line = n;
		if (rc == 0)
			rc = add(r, &a, err);
		if (rc != 0) {
			allow_free(&a);
			return err_wrap(err, "%s:%u", path, (unsigned)n);
		}
	}
	return 0;
}

static int
by_login(const void *a, const void *b)
{
	const struct table_allow *const *x = a, *const *y = b;
	int order = strcmp((*x)->login, (*y)->login);

	if (order != 0)
		return order;
	return (*x)->line < (*y)->line ? -1 : (*x)->line > (*y)->line;
}

/* One login has one row: of two, neither would be sure to hold. */
static int
check_twice(const struct rules *r, const char *path, struct err *err)
{
	const struct table_allow **sorted = calloc(r->count + 1, sizeof(*sorted));
	size_t n = 0;
	int rc = 0;

	if (sorted == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < r->count; i++) {
		if (r->allows[i].kind == ALLOW_LOGIN)
			sorted[n++] = &r->allows[i];
	}
	qsort(sorted, n, sizeof(*sorted), by_login);
	for (size_t i = 1; rc == 0 && i < n; i++) {
		if (strcmp(sorted[i - 1]->login, sorted[i]->login) != 0)
			continue;
		if (sorted[i - 1]->line == 0)
			rc = err_set(err, ERR_CONFIG,
			    "%s:%u: login \"%.80s\" has a login block in signpost.conf, too", path,
			    (unsigned)sorted[i]->line, sorted[i]->login);
		else
			rc = err_set(err, ERR_CONFIG,
			    "%s:%u: login \"%.80s\" stands in line %u, too", path,
			    (unsigned)sorted[i]->line, sorted[i]->login,
			    (unsigned)sorted[i - 1]->line);
	}
	free(sorted);
	return rc;
}

static int
add_map(struct rules *r, const char *path, struct err *err)
{
	struct buf text;

	buf_init(&text, LOGIN_MAP_LEN_MAX);
	int rc = file_read(path, &text, err);
	if (rc != 0)
		err_wrap(err, "login_map");
	else
		rc = parse_map(r, buf_slice(&text), path, err);
	buf_deinit(&text);
	return rc == 0 ? check_twice(r, path, err) : -1;
}

int
rules_init(struct rules *r, const struct config *c, struct err *err)
{
	*r = (struct rules){.allows = NULL};
	if (add_config(r, c, err) != 0)
		return -1;
	r->mapped_from = r->count;
	if (c->login_map != NULL && add_map(r, c->login_map, err) != 0)
		return -1;
	r->compile = (struct compile_rules){.settings = &c->settings,
	    .allows = r->allows,
	    .allow_count = r->count,
	    .policies = c->policies,
	    .policy_count = c->policy_count};
	return 0;
}

void
rules_deinit(struct rules *r)
{
	for (size_t i = r->mapped_from; i < r->count; i++)
		allow_free(&r->allows[i]);
	free(r->allows);
	*r = (struct rules){.allows = NULL};
}
