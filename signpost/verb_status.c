/* SPDX-License-Identifier: ISC */
/* verb_status.c - how each domain stands: for the keeper from the store, for everybody else from the status file. */
#include "signpost/json_out.h"
#include "signpost/status_file.h"
#include "signpost/status_text.h"
#include "keys/advice.h"
#include "signpost/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)64 << 20)

struct showing {
	const struct cli *cli;
	struct status_reader reader;
	const char *name; /* NULL: all */
	bool open;	  /* from the file: how old it is, is said by who shows it */
	int worst;	  /* exit code */
	json_t *array;	  /* NULL: text */
	size_t count;
};

static int
print(struct buf *text, struct err *err)
{
	int rc = buf_check(text, "the status", err);

	if (rc == 0)
		fputs(buf_str(text), stdout);
	buf_deinit(text);
	return rc;
}

static int
show_domain(void *arg, json_t *domain, struct err *err)
{
	struct showing *s = arg;
	struct buf text;

	s->worst = status_worse(s->worst, status_exit_code(domain));
	s->count++;
	if (s->array != NULL)
		return json_array_append(s->array, domain) == 0 ? 0 : err_nomem(err);
	buf_init(&text, TEXT_MAX);
	if (s->count == 1)
		status_text_head(&s->reader, &text);
	status_text_line(&s->reader, domain, &text);
	if (s->name != NULL)
		status_text_detail(&s->reader, domain, &text);
	return print(&text, err);
}

static int
print_json(const struct showing *s, const struct status_world *world, struct err *err)
{
	json_t *top = status_world_json(world);

	if (top != NULL && json_object_set(top, "domains", s->array) != 0) {
		json_decref(top);
		top = NULL;
	}
	return json_print(top, JSON_BY_NAME, err);
}

static int
finish(struct showing *s, const struct status_world *world, struct err *err)
{
	struct buf text;

	if (s->name != NULL && s->count == 0)
		return err_set(err, ERR_INPUT,
		    s->open ? "%s is not in the status file: it is not here, or the next pass puts "
			      "it there"
			    : "%s is not here; signpost add %s starts signing for it",
		    s->name, s->name);
	s->worst = status_worse(s->worst, status_world_exit_code(&s->reader, world));
	if (s->array != NULL)
		return print_json(s, world, err);
	buf_init(&text, TEXT_MAX);
	if (s->count == 0)
		buf_put_str(&text, "No domain yet: signpost add DOMAIN starts signing for one.\n");
	status_text_world(&s->reader, world, &text);
	return print(&text, err);
}

/* Others cannot look; the keeper may want to know. */
static void
note_file(const struct cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? NULL : strndup(path, (size_t)(slash - path));

	if (dir != NULL && access(dir, W_OK | X_OK) != 0)
		printf("Ordinary users cannot see this: %s: %s%s.\n", dir, strerror(errno),
		    errno == ENOENT && cli->config->status_file == NULL ? "; signpost init makes it"
									: "");
	free(dir);
}

static int
show_store(struct showing *s, struct err *err)
{
	const struct cli *cli = s->cli;
	struct status_query query = {.now = cli->now,
	    .name = s->name,
	    .sweeps = s->name != NULL || s->array != NULL,
	    .files = s->name != NULL,
	    .form = {.config = cli->config,
		.brief = s->name == NULL && s->array == NULL,
		.ended = cli_has(cli, "all")}};
	struct status_world world;

	if (store_open(cli->store_dir, STORE_WAIT_MS, &query.store, err) != 0)
		return -1;
	int rc = status_each(&query, &world, show_domain, s, err);
	if (rc == 0)
		rc = finish(s, &world, err);
	store_close(query.store);
	return rc;
}

static int
show_file(struct showing *s, const char *path, struct err *err)
{
	struct status_world world;
	struct buf age;

	s->open = true;
	const struct status_file file = {path, s->name};
	if (status_file_each(&file, &world, show_domain, s, err) != 0)
		return err_wrap(
		    err, "the store is not yours to open, and the status file cannot be used");
	int rc = finish(s, &world, err);
	if (rc == 0 && s->array == NULL) {
		buf_init(&age, 64);
		if (world.written_at != NEVER)
			advice_duration(s->cli->now - world.written_at, &age);
		printf("From %s, written %s ago.\n", path, buf_str(&age));
		buf_deinit(&age);
	}
	return rc;
}

static int
show(struct showing *s, struct err *err)
{
	char *path = status_file_path(s->cli->config, s->cli->store_dir);
	int rc;

	if (path == NULL)
		return err_nomem(err);
	if (status_file_wanted(s->cli->store_dir)) {
		rc = show_file(s, path, err);
	} else {
		rc = show_store(s, err);
		if (rc == 0 && s->array == NULL && s->name == NULL && s->count > 0)
			note_file(s->cli, path);
	}
	free(path);
	return rc;
}

static int
run(const struct cli *cli, struct err *err)
{
	const struct terminal terminal = terminal_of_stdout();
	struct showing s = {
	    .cli = cli, .reader = {&terminal, cli->config, cli->now}, .worst = EXIT_OK};
	char domain[DOMAIN_LEN_MAX + 1];
	const char *name = cli->operands[0];

	if (name != NULL && domain_normalize(slice_of(name), domain, err) != 0)
		return -1;
	if (cli_has(cli, "json") && (s.array = json_array()) == NULL)
		return err_nomem(err);
	s.name = name == NULL ? NULL : domain;
	int rc = show(&s, err);
	json_decref(s.array);
	return rc == 0 ? s.worst : -1;
}

static const struct verb_option options[] = {
    {"all", NULL, "show keys, too, whose life is over"},
    {"json", NULL, "print JSON, times in UTC"},
    {NULL, NULL, NULL},
};

const struct verb verb_status = {"status", "[DOMAIN]", options, 0, 1, VERB_KEEPER, true,
    "Show how each domain stands, what it waits for and why", run};
