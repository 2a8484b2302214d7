/* SPDX-License-Identifier: ISC */
#include "signpost/status_file.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION	   1
#define FILE_MAX   ((size_t)1 << 30) /* of half a million domains */
#define NAME	   "status.json"
#define BEGIN	   "{\"domain\":\""
#define DOMAINS	   ",\"domains\":[\n"
#define END	   "]}\n"
#define HOUR_S	   3600
#define PER_SECOND (64 * 1024) /* octets: 10,000 domains are written at most every five minutes */

/* numbers of the store */
#define NUMBER_WRITTEN "status_written" /* when it was written last */
#define NUMBER_OWED    "status_owed"	/* something has changed since */

char *
status_file_path(const struct config *config, const char *store_dir)
{
	size_t len = strlen(store_dir);
	char *path = NULL;

	if (config->status_file != NULL)
		return strdup(config->status_file);
	while (len > 1 && store_dir[len - 1] == '/')
		len--;
	return asprintf(&path, "%.*s-status/" NAME, (int)len, store_dir) < 0 ? NULL : path;
}

bool
status_file_wanted(const char *store_dir)
{
	char *path = NULL;

	if (asprintf(&path, "%s/" STORE_DB, store_dir) < 0)
		return false;
	bool wanted = access(path, R_OK | W_OK) != 0 && errno == EACCES;
	free(path);
	return wanted;
}

struct writing {
	struct buf text;
	bool any;
};

static void
put_json(struct buf *out, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	if (text == NULL)
		out->state = BUF_NOMEM;
	else
		buf_put_str(out, text);
	free(text);
}

static int
write_domain(void *arg, json_t *domain, struct err *err)
{
	struct writing *w = arg;

	if (w->any)
		buf_put_str(&w->text, ",\n");
	w->any = true;
	put_json(&w->text, domain);
	return buf_check(&w->text, "the status file", err);
}

/* The head is known when all domains were read. */
static int
put_head(const struct status_world *world, struct buf *out, struct err *err)
{
	json_t *json = status_world_json(world);

	if (json == NULL ||
	    json_object_set_new(json, "signpost_status", json_integer(VERSION)) != 0) {
		json_decref(json);
		return err_nomem(err);
	}
	put_json(out, json);
	json_decref(json);
	if (out->len > 0 && out->state == BUF_OK)
		out->len--; /* the brace comes at the end */
	buf_put_str(out, DOMAINS);
	return buf_check(out, "the status file", err);
}

static int
mark_pass(const char *path, int64_t at, struct err *err)
{
	const struct timespec times[] = {{.tv_sec = (time_t)at}, {.tv_sec = (time_t)at}};

	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
}

/* What a killed pass left goes first: it is as large. */
static int
replace(const char *path, struct slice content, struct err *err)
{
	const char *name = strrchr(path, '/');
	char *dir = name == NULL ? NULL : strndup(path, (size_t)(name - path));

	if (dir == NULL)
		return err_nomem(err);
	file_remove_temps(dir, name + 1);
	free(dir);
	return file_replace(path, content, STATUS_FILE_MODE, err);
}

int
status_file_write(const char *path, struct store *store, const struct config *config, int64_t now,
    struct err *err)
{
	const struct status_query query = {
	    .store = store, .now = now, .form = {.config = config, .open = true}};
	struct status_world world;
	struct writing w = {.any = false};
	struct buf whole;

	buf_init(&w.text, FILE_MAX);
	buf_init(&whole, FILE_MAX);
	int rc = status_each(&query, &world, write_domain, &w, err);
	/* a program's words are not for everybody, nor logins and paths */
	world.telling[ALERT_PROGRAM].why[0] = '\0';
	troubles_close(&world.troubles);
	if (rc == 0)
		rc = put_head(&world, &whole, err);
	if (rc == 0) {
		buf_put(&whole, buf_slice(&w.text));
		buf_put_str(&whole, w.any ? "\n" END : END);
		rc = buf_check(&whole, "the status file", err);
	}
	if (rc == 0)
		rc = replace(path, buf_slice(&whole), err);
	if (rc == 0)
		rc = mark_pass(path, now, err);
	buf_deinit(&whole);
	buf_deinit(&w.text);
	return rc;
}

static int
read_whole(const char *path, struct buf *out, int64_t *passed_at, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_set(err, ERR_IO, "%s: %s%s", path, strerror(errno),
		    errno == ENOENT ? "; signpost tick makes it, if its directory is there" : "");
	int rc = fstat(fd, &st) == 0 ? file_read_fd(fd, path, out, err)
				     : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	*passed_at = rc == 0 ? (int64_t)st.st_mtim.tv_sec : NEVER;
	close(fd);
	return rc;
}

static int
not_ours(const char *path, struct err *err)
{
	return err_set(err, ERR_INPUT, "%s is no status file of this signpost", path);
}

/* The line's object begins with the domain's name. */
static bool
is_of(struct slice line, const char *name)
{
	struct slice begin = SLICE_LIT(BEGIN);
	struct slice rest = slice_from(line, begin.len);
	size_t quote;

	if (name == NULL)
		return true;
	return slice_eq(slice_sub(line, 0, begin.len), begin) && slice_find(rest, '"', &quote) &&
	       slice_eq_str(slice_sub(rest, 0, quote), name);
}

static int
read_head(struct slice line, const char *path, struct status_world *world, struct err *err)
{
	struct slice tail = SLICE_LIT(",\"domains\":[");
	struct buf text;

	if (!slice_has_suffix(line, tail))
		return not_ours(path, err);
	buf_init(&text, line.len + 2);
	buf_put(&text, slice_sub(line, 0, line.len - tail.len));
	buf_put_byte(&text, '}');
	json_t *json = json_loadb(buf_str(&text), text.len, 0, NULL);
	buf_deinit(&text);
	if (json_integer_value(json_object_get(json, "signpost_status")) != VERSION) {
		json_decref(json);
		return not_ours(path, err);
	}
	status_world_of(json, world);
	json_decref(json);
	return 0;
}

/* Cuts the next line off. */
static bool
next_line(struct slice *rest, struct slice *line)
{
	size_t at;

	if (!slice_find(*rest, '\n', &at))
		return false;
	*line = slice_sub(*rest, 0, at);
	*rest = slice_from(*rest, at + 1);
	return true;
}

int
status_file_each(const struct status_file *file, struct status_world *world, status_take_fn *take,
    void *arg, struct err *err)
{
	struct slice rest, line;
	int64_t passed_at = NEVER;
	struct buf text;

	buf_init(&text, FILE_MAX);
	int rc = read_whole(file->path, &text, &passed_at, err);
	rest = buf_slice(&text);
	if (rc == 0)
		rc = next_line(&rest, &line) ? read_head(line, file->path, world, err)
					     : not_ours(file->path, err);
	while (rc == 0 && next_line(&rest, &line) && !slice_eq_str(line, "]}")) {
		if (!is_of(line, file->name))
			continue;
		if (line.len > 0 && line.ptr[line.len - 1] == ',')
			line.len--;
		json_t *domain = json_loadb((const char *)line.ptr, line.len, 0, NULL);
		rc = json_is_object(domain) ? take(arg, domain, err) : not_ours(file->path, err);
		json_decref(domain);
		world->count++;
	}
	if (rc == 0)
		world->passed_at = passed_at;
	buf_deinit(&text);
	return rc;
}

/* Of what a pass knows: is it time to write? */
static int
is_due(const struct pass *pass, const char *path, int64_t now, bool *due, struct err *err)
{
	int64_t written, owed;
	struct stat st;

	*due = false;
	if (store_number_get(pass->store, NUMBER_WRITTEN, NEVER, &written, err) != 0 ||
	    store_number_get(pass->store, NUMBER_OWED, 0, &owed, err) != 0)
		return -1;
	if (pass->domains > 0 && owed == 0 &&
	    store_number_put(pass->store, NUMBER_OWED, 1, err) != 0)
		return -1;
	bool changed = pass->domains > 0 || pass->alerted || owed != 0;
	bool there = lstat(path, &st) == 0 && S_ISREG(st.st_mode);
	int64_t pause = pass->alerted || !there ? 0 : (int64_t)st.st_size / PER_SECOND;
	*due = !there || written == NEVER || written > now || (changed && now - written >= pause) ||
	       now - written >= HOUR_S;
	return 0;
}

static int
write_or_mark(const struct pass *pass, const char *path, int64_t now, struct err *err)
{
	bool due;

	if (is_due(pass, path, now, &due, err) != 0)
		return -1;
	if (!due)
		return mark_pass(path, now, err);
	if (status_file_write(path, pass->store, pass->config, now, err) != 0)
		return -1;
	if (store_begin(pass->store, err) != 0)
		return -1;
	int rc = store_number_put(pass->store, NUMBER_WRITTEN, now, err);
	if (rc == 0)
		rc = store_number_drop(pass->store, NUMBER_OWED, err);
	return store_end(pass->store, rc, err);
}

void
status_file_pass(struct pass *pass)
{
	char *path = status_file_path(pass->config, store_dir(pass->store));
	char *slash = path == NULL ? NULL : strrchr(path, '/');
	struct err err = ERR_INIT;
	int rc = 0;

	if (slash == NULL || slash == path) {
		free(path);
		return;
	}
	*slash = '\0';
	bool there = access(path, W_OK | X_OK) == 0;
	*slash = '/';
	if (there)
		rc = write_or_mark(pass, path, pass->seams->now(pass->seams->arg), &err);
	if (rc != 0)
		pass_tell(pass, "the status file", "-", "%s", err.text);
	free(path);
}
