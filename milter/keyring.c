/* SPDX-License-Identifier: ISC */
#include "milter/keyring.h"

#include "base/file.h"
#include "base/log.h"
#include "milter/keyslot.h"
#include "milter/table_notes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READ_RETRY_S 1 /* a file that could not be read for a reason that its stamp does not show */

struct keyring_snapshot {
	_Atomic unsigned refs;
	struct table *table;
	struct keyslot *slots; /* one a row of table->keys */
	size_t slot_count;     /* initialised ones */
	struct keyslot_place place;
};

struct keyring {
	char *path, *dir;
	struct counters *counters;
	pthread_mutex_t load_lock; /* held while loading; only ever tried */
	pthread_mutex_t lock;	   /* of all below; held for a few instructions */
	struct keyring_snapshot *current;
	struct file_stamp seen; /* the version that was judged last */
	bool seen_valid;
	int64_t retry_at_s; /* when !seen_valid */
	struct err why;	    /* why the last load failed */
	char said[ERR_TEXT_LEN];
	_Atomic int64_t age_said_at_s; /* by whoever swaps first */
};

static int64_t
monotonic_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void
snapshot_free(struct keyring_snapshot *snap)
{
	if (snap == NULL)
		return;
	for (size_t i = 0; i < snap->slot_count; i++)
		keyslot_deinit(&snap->slots[i]);
	free(snap->slots);
	table_free(snap->table);
	free(snap);
}

/* Takes the table over, also on failure. */
static struct keyring_snapshot *
snapshot_new(const struct keyring *ring, struct table *table, uid_t owner, struct err *err)
{
	struct keyring_snapshot *snap = calloc(1, sizeof(*snap));

	if (snap == NULL) {
		table_free(table);
		(void)err_nomem(err);
		return NULL;
	}
	snap->table = table;
	atomic_init(&snap->refs, 1);
	snap->place =
	    (struct keyslot_place){.dir = ring->dir, .owner = owner, .counters = ring->counters};
	snap->slots = calloc(table->key_count + 1, sizeof(*snap->slots));
	while (snap->slots != NULL && snap->slot_count < table->key_count &&
	       keyslot_init(&snap->slots[snap->slot_count], err) == 0)
		snap->slot_count++;
	if (snap->slots != NULL && snap->slot_count == table->key_count)
		return snap;
	(void)err_nomem(err);
	snapshot_free(snap);
	return NULL;
}

static struct keyring_snapshot *
take_current(struct keyring *ring, struct err *err)
{
	struct keyring_snapshot *snap;

	pthread_mutex_lock(&ring->lock);
	snap = ring->current;
	if (snap != NULL)
		atomic_fetch_add_explicit(&snap->refs, 1, memory_order_relaxed);
	else if (err != NULL && ring->why.kind != ERR_NONE)
		*err = ring->why;
	else if (err != NULL)
		(void)err_set(err, ERR_BUSY, "the signing table %s is being loaded", ring->path);
	pthread_mutex_unlock(&ring->lock);
	return snap;
}

/* Not refused, as mail would stop; a key file is refused, as another of its domain may sign. */
static void
note_mode(const char *path, mode_t mode)
{
	if ((mode & S_IWOTH) != 0)
		log_msg(LOG_LEVEL_WARNING,
		    "signing table %s is writable by others (%04o): whoever writes it decides "
		    "whose mail is "
		    "signed; chmod 0640 %s",
		    path, (unsigned)mode & 07777, path);
}

/* Reads and parses; *stamp is of the octets that were read.  ERR_CONFIG and the like mean that these octets will
 * never do, ERR_IO and ERR_NOMEM that another try may. */
static struct table *
read_table(const struct keyring *ring, struct file_stamp *stamp, uid_t *owner, struct err *err)
{
	struct table *table = NULL;
	struct stat st;
	struct buf text;
	int fd = open(ring->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		(void)err_set(err, ERR_IO, "%s: %s", ring->path, strerror(errno));
		return NULL;
	}
	buf_init(&text, TABLE_LEN_MAX);
	if (fstat(fd, &st) != 0) {
		(void)err_set(err, ERR_IO, "%s: %s", ring->path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		(void)err_set(err, ERR_CONFIG, "%s is not a regular file", ring->path);
	} else {
		file_stamp_of(&st, stamp);
		*owner = st.st_uid;
		if (file_read_fd(fd, ring->path, &text, err) == 0 &&
		    table_parse(buf_slice(&text), ring->path, &table, err) != 0)
			table = NULL;
		note_mode(ring->path, st.st_mode);
	}
	buf_deinit(&text);
	close(fd);
	return table;
}

static void
swap(struct keyring *ring, struct keyring_snapshot *snap)
{
	struct keyring_snapshot *old;

	pthread_mutex_lock(&ring->lock);
	old = ring->current;
	ring->current = snap;
	ring->why.kind = ERR_NONE;
	ring->said[0] = '\0';
	pthread_mutex_unlock(&ring->lock);
	keyring_release(ring, old);
}

/* Remembers why, and says each reason once; with a table in use also what signs meanwhile.  A load is tried only when
 * the file has changed or a second has passed, so the log is not flooded. */
static void
fail(struct keyring *ring, const struct err *err)
{
	uint64_t generation = 0;
	bool has_old, say;

	pthread_mutex_lock(&ring->lock);
	has_old = ring->current != NULL;
	if (has_old)
		generation = ring->current->table->generation;
	ring->why = *err;
	say = strcmp(ring->said, err->text) != 0;
	if (say)
		memcpy(ring->said, err->text, sizeof(ring->said));
	pthread_mutex_unlock(&ring->lock);
	if (say && has_old)
		log_msg(LOG_LEVEL_ERR, "signing table: %s; generation %" PRIu64 " stays in use",
		    err->text, generation);
	else if (say)
		log_msg(LOG_LEVEL_ERR,
		    "signing table: %s; until it is there mail is answered with 451", err->text);
}

static void
judge(struct keyring *ring, const struct file_stamp *stamp, bool is_final)
{
	pthread_mutex_lock(&ring->lock);
	ring->seen = *stamp;
	ring->seen_valid = is_final;
	if (!is_final)
		ring->retry_at_s = monotonic_s() + READ_RETRY_S;
	pthread_mutex_unlock(&ring->lock);
}

static int
load(struct keyring *ring, struct file_stamp *stamp, struct err *err)
{
	struct keyring_snapshot *snap, *old;
	struct table *table;
	uid_t owner = 0;
	int rc = -1;

	if (!stamp->exists)
		return err_set(
		    err, ERR_CONFIG, "%s does not exist; `signpost tick` writes it", ring->path);
	table = read_table(ring, stamp, &owner, err);
	if (table == NULL)
		return -1;
	old = take_current(ring, NULL);
	if (old != NULL && table->generation < old->table->generation) {
		(void)err_set(err, ERR_CONFIG,
		    "%s: generation %" PRIu64
		    " is older than the one in use; give it a higher one, or "
		    "restart signpost-milter to go back",
		    ring->path, table->generation);
		table_free(table);
	} else if ((snap = snapshot_new(ring, table, owner, err)) != NULL) {
		table_notes(snap->table, ring->path);
		swap(ring, snap);
		rc = 0;
	}
	keyring_release(ring, old);
	return rc;
}

static void
refresh(struct keyring *ring, struct file_stamp *stamp)
{
	struct err err = ERR_INIT;
	bool ok = load(ring, stamp, &err) == 0;

	judge(ring, stamp, ok || (err.kind != ERR_IO && err.kind != ERR_NOMEM));
	if (!ok)
		fail(ring, &err);
	if (ring->counters != NULL)
		counters_add(ring->counters, ok ? COUNTER_TABLE_LOADS : COUNTER_TABLE_FAILURES, 1);
}

static bool
is_due(struct keyring *ring, const struct file_stamp *stamp)
{
	bool due;

	pthread_mutex_lock(&ring->lock);
	if (!ring->seen_valid)
		due = monotonic_s() >= ring->retry_at_s;
	else
		due = !file_stamp_eq(stamp, &ring->seen);
	pthread_mutex_unlock(&ring->lock);
	return due;
}

struct keyring *
keyring_new(const char *table_path, struct counters *counters)
{
	struct keyring *ring = calloc(1, sizeof(*ring));
	const char *slash = strrchr(table_path, '/');

	if (ring == NULL)
		return NULL;
	ring->counters = counters;
	ring->retry_at_s = INT64_MIN;
	atomic_init(&ring->age_said_at_s, TABLE_NOTES_NEVER);
	ring->path = strdup(table_path);
	if (slash == NULL)
		ring->dir = strdup(".");
	else
		ring->dir =
		    strndup(table_path, slash == table_path ? 1 : (size_t)(slash - table_path));
	if (ring->path == NULL || ring->dir == NULL || pthread_mutex_init(&ring->lock, NULL) != 0 ||
	    pthread_mutex_init(&ring->load_lock, NULL) != 0) {
		free(ring->path);
		free(ring->dir);
		free(ring);
		return NULL;
	}
	return ring;
}

void
keyring_free(struct keyring *ring)
{
	if (ring == NULL)
		return;
	keyring_release(ring, ring->current);
	pthread_mutex_destroy(&ring->lock);
	pthread_mutex_destroy(&ring->load_lock);
	free(ring->path);
	free(ring->dir);
	free(ring);
}

static void
note_age(struct keyring *ring, const struct keyring_snapshot *snap)
{
	const struct table_notes_clock clock = {(int64_t)time(NULL), monotonic_s()};

	table_notes_age(snap->table, ring->path, &clock, &ring->age_said_at_s);
}

const struct keyring_snapshot *
keyring_acquire(struct keyring *ring, struct err *err)
{
	const struct keyring_snapshot *snap;
	struct file_stamp stamp;

	if (file_stamp_get(ring->path, &stamp, err) != 0) {
		fail(ring, err);
	} else if (is_due(ring, &stamp) && pthread_mutex_trylock(&ring->load_lock) == 0) {
		if (is_due(ring, &stamp)) /* else another thread has just done it */
			refresh(ring, &stamp);
		pthread_mutex_unlock(&ring->load_lock);
	}
	snap = take_current(ring, err);
	if (snap != NULL)
		note_age(ring, snap);
	return snap;
}

const struct keyring_snapshot *
keyring_peek(struct keyring *ring)
{
	return take_current(ring, NULL);
}

void
keyring_release(struct keyring *ring, const struct keyring_snapshot *held)
{
	struct keyring_snapshot *snap = (struct keyring_snapshot *)(uintptr_t)held;

	(void)ring;
	if (snap != NULL && atomic_fetch_sub_explicit(&snap->refs, 1, memory_order_acq_rel) == 1)
		snapshot_free(snap);
}

const struct table *
keyring_table(const struct keyring_snapshot *snap)
{
	return snap->table;
}

size_t
keyring_keys(const struct keyring_snapshot *snap, const struct table_domain *domain, int64_t now_s,
    struct keyring_key out[static TABLE_KEYS_MAX], struct err *why)
{
	struct err err = ERR_INIT;
	size_t count = 0;

	why->kind = ERR_NONE;
	why->text[0] = '\0';
	for (size_t i = 0; i < domain->key_count && count < TABLE_KEYS_MAX; i++) {
		const struct table_key *row = &domain->keys[i];
		struct keyslot *slot = &snap->slots[row - snap->table->keys];
		const struct dkim_key *key = keyslot_get(slot, row, &snap->place, now_s, &err);

		if (key != NULL)
			out[count++] = (struct keyring_key){.row = row, .key = key};
		else if (why->kind == ERR_NONE)
			*why = err;
	}
	return count;
}
