/* SPDX-License-Identifier: ISC */
#include "keys/store.h"
#include "base/file.h"
#include "keys/store_sql.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define APPLICATION_ID 0x73676e70 /* "sgnp" */
#define LOCK_PAUSE_MS  50

static char *
join(const char *dir, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

static int
open_database(const char *dir, int wait_ms, struct store **out, struct err *err)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return err_nomem(err);
	store->actor = (int64_t)getuid();
	store->dir = strdup(dir);
	store->path = join(dir, STORE_DB);
	if (store->dir == NULL || store->path == NULL) {
		err_nomem(err);
		goto fail;
	}
	/* without CREATE: a store that is not there is an error, not a new one */
	if (sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		int why = store->db == NULL ? ENOMEM : sqlite3_system_errno(store->db);
		err_set(err, ERR_IO, "%s: %s%s", store->path, strerror(why),
		    why == EACCES ? "; run this as root, or as the user who owns the store" : "");
		goto fail;
	}
	sqlite3_busy_timeout(store->db, wait_ms);
	/* both are of the connection: nothing is written yet, so that a newer store stays
	 * untouched */
	if (sql_run(store, err, "PRAGMA synchronous = EXTRA", "") != 0 ||
	    sql_run(store, err, "PRAGMA foreign_keys = ON", "") != 0)
		goto fail;
	*out = store;
	return 0;
fail:
	store_close(store);
	return -1;
}

static int
pragma_get(struct store *store, const char *text, int64_t *out, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q, text, "");

	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		*out = sql_i64(&q, 0);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

static int
create_schema(struct store *store, int64_t now, struct err *err)
{
	char pragma[64];

	for (size_t i = 0; STORE_SCHEMA[i] != NULL; i++) {
		if (sql_run(store, err, STORE_SCHEMA[i], "") != 0)
			return -1;
	}
	snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d", APPLICATION_ID);
	if (sql_run(store, err, pragma, "") != 0)
		return -1;
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", STORE_FORMAT);
	if (sql_run(store, err, pragma, "") != 0)
		return -1;
	return store_event_put(
	    store, &(struct store_event){now, "init", "", "", "the store was made"}, err);
}

/* How many entries; filled: of those that hold something themselves. */
static size_t
count_below(int at, const char *name, bool filled)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t count = 0;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		count += e->d_name[0] != '.' &&
			 (!filled || count_below(dirfd(dir), e->d_name, false) > 0);
	closedir(dir);
	return count;
}

/* An empty store would disown what signs.  what: is the database "missing" or "empty"? */
static int
refuse_orphans(const char *dir, const char *what, struct err *err)
{
	char *keys = join(dir, "keys");

	if (keys == NULL)
		return err_nomem(err);
	size_t count = count_below(AT_FDCWD, keys, true);
	free(keys);
	if (count == 0)
		return 0;
	return err_set(err, ERR_CONFIG,
	    "%s/" STORE_DB " is %s, but keys/ beside it has %zu domain%s: put a backup of it "
	    "back; mail is signed meanwhile as signing.table says.  To begin anew, move keys/ away",
	    dir, what, count, count == 1 ? "" : "s");
}

/* A full disk leaves an empty file where a copy was to be.  One that init left, cut off, has no keys beside it. */
static int
refuse_without_rows(const char *dir, const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno != ENOENT ? 0 : refuse_orphans(dir, "missing", err);
	return st.st_size > 0 ? 0 : refuse_orphans(dir, "empty", err);
}

int
store_create(const char *dir, int64_t now, struct err *err)
{
	struct store *store = NULL;
	int64_t format = 0;
	char *path = join(dir, STORE_DB);
	int rc = -1;

	if (path == NULL)
		return err_nomem(err);
	if (refuse_without_rows(dir, path, err) != 0) {
		free(path);
		return -1;
	}
	/* Our mode, not SQLite's.  An empty file is what a kill right here leaves; the next init
	 * goes on from it. */
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
		goto out;
	}
	close(fd);
	if (open_database(dir, STORE_WAIT_MS, &store, err) != 0 || store_begin(store, err) != 0)
		goto out;
	rc = pragma_get(store, "PRAGMA user_version", &format, err);
	if (rc == 0 && format != 0)
		rc = err_set(err, ERR_BUSY, "%s is there already", path);
	if (rc == 0)
		rc = create_schema(store, now, err);
	rc = store_end(store, rc, err);
	if (rc == 0)
		rc = file_sync_dir(dir, err);
out:
	store_close(store);
	free(path);
	return rc;
}

static int
refuse_newer(const struct store *store, int64_t format, struct err *err)
{
	return err_set(err, ERR_CONFIG,
	    "%s has format %lld and this signpost knows %d: a newer signpost wrote it; use "
	    "that one. "
	    "Nothing was changed",
	    store->path, (long long)format, STORE_FORMAT);
}

/* Another program may have done it while we waited for the lock, and more than we can. */
static int
upgrade(struct store *store, struct err *err)
{
	int64_t format = 0;

	if (store_begin(store, err) != 0)
		return -1;
	int rc = pragma_get(store, "PRAGMA user_version", &format, err);
	if (rc == 0 && format > STORE_FORMAT)
		rc = refuse_newer(store, format, err);
	if (rc == 0 && format < STORE_FORMAT)
		rc = store_schema_upgrade(store, format, err);
	return store_end(store, rc, err);
}

static int
check_format(struct store *store, struct err *err)
{
	int64_t id = 0, format = 0;

	if (pragma_get(store, "PRAGMA application_id", &id, err) != 0 ||
	    pragma_get(store, "PRAGMA user_version", &format, err) != 0)
		return -1;
	if (format > STORE_FORMAT && id == APPLICATION_ID)
		return refuse_newer(store, format, err);
	if (id == 0 && format == 0)
		return err_set(
		    err, ERR_CONFIG, "%s is empty; signpost init makes a store of it", store->path);
	if (id != APPLICATION_ID || format < 1)
		return err_set(
		    err, ERR_CONFIG, "%s is a database, but no keystore of signpost", store->path);
	return format == STORE_FORMAT ? 0 : upgrade(store, err);
}

int
store_open(const char *dir, int wait_ms, struct store **out, struct err *err)
{
	struct store *store = NULL;
	char *path = join(dir, STORE_DB);

	if (path == NULL)
		return err_nomem(err);
	int rc = refuse_without_rows(dir, path, err);
	if (rc == 0 && access(path, F_OK) != 0 && errno == ENOENT)
		rc = err_set(err, ERR_CONFIG, "%s: no store here; signpost init makes one", dir);
	free(path);
	if (rc != 0)
		return -1;
	if (open_database(dir, wait_ms, &store, err) != 0)
		return -1;
	if (check_format(store, err) != 0) {
		store_close(store);
		return -1;
	}
	*out = store;
	return 0;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	sqlite3_close(store->db);
	free(store->path);
	free(store->dir);
	free(store);
}

int
store_version(struct store *store, int64_t *out, struct err *err)
{
	struct stat st;

	if (pragma_get(store, "PRAGMA data_version", out, err) != 0)
		return -1;
	/* of the file that we hold open it says nothing when another has taken its name: that one has an inode of
	 * its own */
	if (stat(store->path, &st) == 0)
		*out ^= (int64_t)((uint64_t)st.st_ino << 32);
	return 0;
}

const char *
store_dir(const struct store *store)
{
	return store->dir;
}

void
store_set_actor(struct store *store, int64_t uid)
{
	store->actor = uid;
}

/* 0, or the errno of the last try. */
static int
try_lock(int fd, int wait_ms)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EINTR && (errno != EWOULDBLOCK || wait_ms <= 0))
			return errno;
		nanosleep(&pause, NULL);
		wait_ms -= LOCK_PAUSE_MS;
	}
	return 0;
}

int
store_lock(const char *dir, enum store_lock lock, int wait_ms, struct err *err)
{
	static const char *const names[] = {[STORE_LOCK_PASS] = "pass.lock",
	    [STORE_LOCK_ADD] = "add.lock",
	    [STORE_LOCK_TABLE] = "table.lock"};
	char *path = join(dir, names[lock]);

	if (path == NULL)
		return err_nomem(err);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int e = fd < 0 ? errno : try_lock(fd, wait_ms);
	if (e != 0) {
		if (fd >= 0)
			close(fd);
		fd = e == EWOULDBLOCK ? err_set(err, ERR_BUSY,
					    "%s: another signpost has this lock; try again", path)
				      : err_set(err, ERR_IO, "%s: %s", path, strerror(e));
	}
	free(path);
	return fd;
}

int
store_number_get(
    struct store *store, const char *name, int64_t otherwise, int64_t *out, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q, "SELECT value FROM number WHERE name = ?", "t", name);

	*out = otherwise;
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		*out = sql_i64(&q, 0);
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

int
store_number_put(struct store *store, const char *name, int64_t value, struct err *err)
{
	return sql_run(store, err, "INSERT OR REPLACE INTO number (name, value) VALUES (?, ?)",
	    "ti", name, value);
}

int
store_number_drop(struct store *store, const char *name, struct err *err)
{
	return sql_run(store, err, "DELETE FROM number WHERE name = ?", "t", name);
}
