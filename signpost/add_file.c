/* SPDX-License-Identifier: ISC */
#include "signpost/add_file.h"
#include "signpost/deed_retry.h"
#include "base/grow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LEN_MAX	1023
#define IO_FAILURES_MAX 3 /* in a row: it is not the domain's key file */

struct line {
	unsigned number;
	const char *policy; /* of the configuration; NULL: none was named */
	char name[DOMAIN_LEN_MAX + 1];
};

struct lines {
	const struct add_file *f;
	const char *name; /* of the file */
	struct line *list;
	size_t count, room;
	struct key_stock *stock;
	unsigned stock_bits;
	int code;
};

static void
refuse(struct lines *l, unsigned number, const struct err *why)
{
	fprintf(stderr, "signpost: %s:%u: %s\n", l->name, number, why->text);
	l->code = EXIT_INPUT;
}

/* DOMAIN [POLICY]; -1 with what is wrong. */
static int
parse_line(const struct lines *l, struct slice text, struct line *out, struct err *err)
{
	const struct config *config = l->f->cli->config;
	char policy[POLICY_NAME_LEN_MAX + 1];
	struct slice domain, rest;
	size_t i = 0;

	while (i < text.len && !ascii_is_wsp(text.ptr[i]))
		i++;
	domain = slice_sub(text, 0, i);
	rest = slice_trim(slice_from(text, i));
	if (domain_normalize(domain, out->name, err) != 0)
		return -1;
	out->policy = NULL;
	if (rest.len == 0)
		return 0;
	if (!slice_to_str(rest, policy, sizeof(policy)) || config_policy(config, policy) == NULL)
		return err_set(err, ERR_CONFIG, "%s: %s has no policy \"%.*s\"", out->name,
		    config->path, (int)(rest.len < 63 ? rest.len : 63), (const char *)rest.ptr);
	out->policy = config_policy(config, policy)->name;
	return 0;
}

static int
room_for_one(struct lines *l, struct err *err)
{
	if (l->count >= ADD_FILE_LINES_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %d domains; take it in parts",
		    l->name, ADD_FILE_LINES_MAX);
	void *list = grow_array(l->list, l->count, &l->room, sizeof(*l->list));
	if (list == NULL)
		return err_nomem(err);
	l->list = list;
	return 0;
}

/* The whole line, without its end; false at the end of the file.  Of a longer one is kept what shows that it is. */
static bool
read_line(FILE *in, char text[static LINE_LEN_MAX + 1], struct slice *line)
{
	size_t len = 0;
	int c;

	while ((c = getc(in)) != EOF && c != '\n') {
		if (len <= LINE_LEN_MAX)
			text[len++] = (char)c;
	}
	*line = slice_new(text, len);
	return c != EOF || (len > 0 && !ferror(in));
}

static int
take_line(const struct lines *l, struct slice text, struct line *out, struct err *err)
{
	size_t nul;

	if (text.len > LINE_LEN_MAX)
		return err_set(err, ERR_INPUT, "the line is longer than %d octets", LINE_LEN_MAX);
	if (slice_find(text, '\0', &nul))
		return err_set(err, ERR_INPUT, "the line holds a NUL octet; want DOMAIN [POLICY]");
	return parse_line(l, slice_trim(text), out, err);
}

static int
read_lines(struct lines *l, FILE *in, struct err *err)
{
	char text[LINE_LEN_MAX + 1];
	struct slice line;

	for (unsigned n = 1; read_line(in, text, &line); n++) {
		struct err why = ERR_INIT;
		struct slice words = slice_trim(line);
		/* a comment may be of any length */
		if (words.len == 0 ? line.len <= LINE_LEN_MAX : words.ptr[0] == '#')
			continue;
		if (room_for_one(l, err) != 0)
			return -1;
		struct line *one = &l->list[l->count];
		one->number = n;
		if (take_line(l, line, one, &why) != 0)
			refuse(l, n, &why);
		else
			l->count++;
	}
	if (ferror(in))
		return err_set(err, ERR_IO, "%s: %s", l->name, strerror(errno));
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How many of the names are in neither the store nor an earlier line. */
static int
count_new(const struct lines *l, size_t *count, struct err *err)
{
	struct store_domain *rows = NULL;
	size_t row_count, r = 0;
	const char **names = calloc(l->count + 1, sizeof(*names));

	*count = 0;
	if (names == NULL)
		return err_nomem(err);
	int rc = store_domains(l->f->store, NULL, &rows, &row_count, err);
	for (size_t i = 0; i < l->count; i++)
		names[i] = l->list[i].name;
	qsort(names, l->count, sizeof(*names), by_name);
	for (size_t i = 0; rc == 0 && i < l->count; i++) {
		while (r < row_count && strcmp(rows[r].name, names[i]) < 0)
			r++;
		bool known = r < row_count && strcmp(rows[r].name, names[i]) == 0;
		bool again = i > 0 && strcmp(names[i - 1], names[i]) == 0;
		*count += !known && !again;
	}
	free(names);
	free(rows);
	return rc;
}

static struct adding
adding_of(const struct lines *l, const struct line *line)
{
	struct adding a = {.config = l->f->cli->config,
	    .store = l->f->store,
	    .now = l->f->cli->now,
	    .policy = line->policy != NULL ? line->policy : l->f->policy,
	    .stock = l->stock,
	    .stock_bits = l->stock_bits};

	memcpy(a.name, line->name, sizeof(a.name));
	return a;
}

static int
make(struct adding *a, struct err *err)
{
	return adding_choose(a, err) == 0 ? adding_make(a, err) : -1;
}

/* What was shown counts as handed over; a line's trouble is its own. */
static int
tell(struct lines *l, struct adding *a, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (a[i].rules != NULL && l->f->say(l->f->arg, &a[i], err) != 0)
			return -1;
	}
	if (fflush(stdout) != 0)
		return err_set(err, ERR_IO, "standard output: %s", strerror(errno));
	if (store_begin(l->f->store, err) != 0)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (a[i].rules != NULL)
			rc = adding_hand_over(&a[i], err);
		if (rc == 0 && a[i].rules != NULL)
			rc = deed_retry_added(&a[i], err);
	}
	return store_end(l->f->store, rc, err);
}

/* All in one transaction; the lock of add comes first, so that whoever has it does not wait for us. */
static int
make_together(struct lines *l, struct adding *a, size_t count, struct err *err)
{
	struct store *store = l->f->store;
	int lock = store_lock(store_dir(store), STORE_LOCK_ADD, STORE_WAIT_MS, err);
	int rc = 0;

	if (lock < 0)
		return -1;
	if (store_begin(store, err) != 0) {
		close(lock);
		return -1;
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		a[i].locked = true;
		rc = make(&a[i], err);
	}
	rc = store_end(store, rc, err);
	close(lock);
	return rc;
}

/* One of them failed, and took the others with it: each for itself. */
static int
make_singly(
    struct lines *l, const struct line *line, struct adding *a, size_t count, struct err *err)
{
	unsigned in_a_row = 0;

	for (size_t i = 0; i < count; i++) {
		struct err why = ERR_INIT;
		adding_deinit(&a[i]);
		a[i] = adding_of(l, &line[i]);
		if (make(&a[i], &why) == 0) {
			in_a_row = 0;
			continue;
		}
		a[i].rules = NULL;
		/* the next lines would only repeat what is wrong with the store itself */
		if (why.kind == ERR_BUSY || why.kind == ERR_NOMEM ||
		    (why.kind == ERR_IO && ++in_a_row == IO_FAILURES_MAX)) {
			*err = why;
			return err_wrap(err, "%s:%u", l->name, line[i].number);
		}
		refuse(l, line[i].number, &why);
	}
	return 0;
}

static int
add_chunk(struct lines *l, size_t from, size_t count, struct err *err)
{
	const struct line *line = &l->list[from];
	struct adding *a = calloc(count, sizeof(*a));
	struct err why = ERR_INIT;
	int rc = 0;

	if (a == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		a[i] = adding_of(l, &line[i]);
	if (make_together(l, a, count, &why) != 0)
		rc = make_singly(l, line, a, count, err);
	if (rc == 0)
		rc = tell(l, a, count, err);
	for (size_t i = 0; i < count; i++)
		adding_deinit(&a[i]);
	free(a);
	return rc;
}

static int
add_lines(struct lines *l, struct err *err)
{
	const struct key_policy *policy =
	    config_policy(l->f->cli->config, l->f->policy != NULL ? l->f->policy : "default");
	size_t wanted;

	if (count_new(l, &wanted, err) != 0)
		return -1;
	l->stock_bits = policy->rsa_bits;
	/* the first keys behind slots are made by the passes */
	l->stock = key_stock_new(l->stock_bits, policy->mode == MODE_SLOTS ? 0 : wanted, err);
	if (l->stock == NULL)
		return -1;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < l->count; i += ADD_FILE_CHUNK) {
		size_t left = l->count - i;
		rc = add_chunk(l, i, left < ADD_FILE_CHUNK ? left : ADD_FILE_CHUNK, err);
	}
	key_stock_free(l->stock);
	return rc;
}

int
add_file(const struct add_file *f, struct err *err)
{
	bool is_stdin = strcmp(f->path, "-") == 0;
	struct lines l = {.f = f, .name = is_stdin ? "standard input" : f->path, .code = EXIT_OK};
	FILE *in = is_stdin ? stdin : fopen(f->path, "re");

	if (in == NULL)
		return err_set(err, ERR_IO, "%s: %s", f->path, strerror(errno));
	int rc = read_lines(&l, in, err);
	if (!is_stdin)
		fclose(in);
	if (rc == 0)
		rc = add_lines(&l, err);
	free(l.list);
	return rc == 0 ? l.code : -1;
}
