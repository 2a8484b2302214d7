/* SPDX-License-Identifier: ISC */
#include "signpost/rules.h"
#include "base/file.h"
#include "base/grow.h"

#include <inttypes.h>
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
	char login[TABLE_LOGIN_SIZE];

	/* as the table's rows want it */
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] < 0x20)
			return err_set(
			    err, ERR_CONFIG, "a control byte 0x%02x in a login", word.ptr[i]);
	}
	if (!table_login_normalize(word, login) || strlen(login) > TABLE_LOGIN_LEN_MAX)
		return err_set(
		    err, ERR_CONFIG, "a login of more than %d bytes", TABLE_LOGIN_LEN_MAX);
	a->login = strdup(login);
	return a->login == NULL ? err_nomem(err) : 0;
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

/* It grants nothing, and the others are not kept back by it.  Only the first is told, with how many there are. */
static int
leave_out(struct rules *r, struct table_allow *a, struct err *why)
{
	allow_free(a);
	*a = (struct table_allow){.kind = ALLOW_LOGIN};
	if (why->kind == ERR_NOMEM)
		return -1;
	if (r->left_out++ == 0)
		r->trouble = *why;
	*why = (struct err)ERR_INIT;
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
			err_wrap(err, "%s:%" PRIu32, path, n);
			rc = leave_out(r, &a, err);
		}
		if (rc != 0)
			return -1;
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

static void
say_twice(
    const struct table_allow *a, const struct table_allow *first, const char *path, struct err *err)
{
	if (first->line == 0)
		err_set(err, ERR_CONFIG,
		    "%s:%" PRIu32 ": login \"%.80s\" has a login block in signpost.conf, too", path,
		    a->line, a->login);
	else
		err_set(err, ERR_CONFIG,
		    "%s:%" PRIu32 ": login \"%.80s\" stands in line %" PRIu32 ", too", path,
		    a->line, a->login, first->line);
}

/* Those that were left out. */
static void
close_gaps(struct rules *r)
{
	size_t n = r->mapped_from;

	for (size_t i = r->mapped_from; i < r->count; i++) {
		if (r->allows[i].login != NULL)
			r->allows[n++] = r->allows[i];
	}
	r->count = n;
}

/* One login has one row: that of signpost.conf, or the first. */
static int
drop_twice(struct rules *r, const char *path, struct err *err)
{
	struct table_allow **sorted = calloc(r->count + 1, sizeof(*sorted));
	const struct table_allow *first = NULL;
	size_t n = 0;
	int rc = 0;

	if (sorted == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < r->count; i++) {
		if (r->allows[i].kind == ALLOW_LOGIN)
			sorted[n++] = &r->allows[i];
	}
	qsort(sorted, n, sizeof(*sorted), by_login);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct err why = ERR_INIT;
		if (first == NULL || strcmp(first->login, sorted[i]->login) != 0 ||
		    sorted[i]->line == 0) {
			first = sorted[i];
			continue;
		}
		say_twice(sorted[i], first, path, &why);
		rc = leave_out(r, sorted[i], &why);
	}
	free(sorted);
	close_gaps(r);
	return rc;
}

static const struct table_allow *
configured(const struct rules *r, const char *login)
{
	for (size_t i = 0; i < r->mapped_from; i++) {
		if (r->allows[i].kind == ALLOW_LOGIN && strcmp(r->allows[i].login, login) == 0)
			return &r->allows[i];
	}
	return NULL;
}

/* The map cannot be read.  Its logins are what the table has: without them their mail would leave unsigned, and while
 * they waited for a person, so would each switch and each key that is to be revoked. */
static int
keep_logins(struct rules *r, const char *store_dir, struct err *err)
{
	struct err why = *err;
	struct buf path, text;

	buf_init(&path, 4096);
	buf_init(&text, TABLE_LEN_MAX);
	buf_printf(&path, "%s/" STORE_TABLE, store_dir);
	int rc = file_read(buf_str(&path), &text, err);
	if (rc == 0)
		rc = table_parse(buf_slice(&text), buf_str(&path), &r->kept, err);
	buf_deinit(&text);
	buf_deinit(&path);
	for (size_t i = 0; rc == 0 && i < r->kept->allow_count; i++) {
		const struct table_allow *a = &r->kept->allows[i];
		if (a->kind == ALLOW_LOGIN && configured(r, a->login) == NULL)
			rc = add(r, a, err);
	}
	if (rc != 0) {
		*err = err->kind == ERR_NOMEM ? *err : why;
		return -1;
	}
	err_set(
	    &r->trouble, why.kind, "%s; its logins stay as the signing table has them", why.text);
	*err = (struct err)ERR_INIT;
	return 0;
}

static int
add_map(struct rules *r, const char *path, const char *store_dir, struct err *err)
{
	struct buf text;

	buf_init(&text, LOGIN_MAP_LEN_MAX);
	int rc = file_read(path, &text, err);
	if (rc != 0 && err->kind != ERR_NOMEM) {
		buf_deinit(&text);
		return keep_logins(r, store_dir, err);
	}
	if (rc == 0)
		rc = parse_map(r, buf_slice(&text), path, err);
	buf_deinit(&text);
	return rc == 0 ? drop_twice(r, path, err) : -1;
}

static void
count_left_out(struct rules *r)
{
	if (r->left_out == 1)
		err_wrap(&r->trouble, "a line grants nothing");
	else if (r->left_out > 1)
		err_wrap(&r->trouble, "%zu lines grant nothing, the first", r->left_out);
}

int
rules_init(struct rules *r, const struct config *c, const char *store_dir, struct err *err)
{
	*r = (struct rules){.trouble = ERR_INIT};
	if (add_config(r, c, err) != 0)
		return -1;
	r->mapped_from = r->count;
	if (c->login_map != NULL && add_map(r, c->login_map, store_dir, err) != 0)
		return err_wrap(err, "login_map");
	count_left_out(r);
	if (r->trouble.kind != ERR_NONE)
		err_wrap(&r->trouble, "login_map");
	r->compile = (struct compile_rules){.settings = &c->settings,
	    .allows = r->allows,
	    .allow_count = r->count,
	    .policies = c->policies,
	    .policy_count = c->policy_count};
	return 0;
}

int
rules_look(const struct config *c, const char *store_dir, struct err *trouble, struct err *err)
{
	struct rules r;

	*trouble = (struct err)ERR_INIT;
	if (rules_init(&r, c, store_dir, trouble) == 0)
		*trouble = r.trouble;
	rules_deinit(&r);
	return trouble->kind == ERR_NOMEM ? err_nomem(err) : 0;
}

void
rules_deinit(struct rules *r)
{
	for (size_t i = r->mapped_from; r->kept == NULL && i < r->count; i++)
		allow_free(&r->allows[i]);
	free(r->allows);
	table_free(r->kept);
	*r = (struct rules){.trouble = ERR_INIT};
}
