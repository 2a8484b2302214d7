/* SPDX-License-Identifier: ISC */
#include "milter/keyslot.h"

#include "base/file.h"
#include "base/log.h"
#include "milter/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each text ends with the command that mends it. */
static int
check_file(const struct stat *st, const char *path, uid_t owner, struct err *err)
{
	unsigned mode = (unsigned)st->st_mode & 07777;

	if (!S_ISREG(st->st_mode))
		return err_set(
		    err, ERR_CONFIG, "%s is not a regular file; put the key itself there", path);
	if (st->st_uid != 0 && st->st_uid != owner)
		return err_set(err, ERR_CONFIG,
		    "%s belongs to user %lu, not to root or to the table's owner; chown %lu %s",
		    path, (unsigned long)st->st_uid, (unsigned long)owner, path);
	if ((mode & S_IRWXO) != 0)
		return err_set(err, ERR_CONFIG, "%s is %s by others (%04o); chmod 0640 %s", path,
		    (mode & S_IROTH) != 0   ? "readable"
		    : (mode & S_IWOTH) != 0 ? "writable"
					    : "accessible",
		    mode, path);
	if ((mode & S_IWGRP) != 0)
		return err_set(err, ERR_CONFIG, "%s is writable by its group (%04o); chmod 0640 %s",
		    path, mode, path);
	if (st->st_size > KEY_PEM_LEN_MAX)
		return err_set(err, ERR_LIMIT,
		    "%s has %lld bytes, more than the %d that a key may have; put only the private "
		    "key there",
		    path, (long long)st->st_size, KEY_PEM_LEN_MAX);
	return 0;
}

static int
open_beneath(const char *dir, const char *path, struct err *err)
{
	int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (dirfd < 0)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	fd = file_open_beneath(dirfd, path, err);
	close(dirfd);
	return fd;
}

static int
read_pem(const struct table_key *row, const struct keyslot_place *place, const char *full,
    struct buf *pem, struct err *err)
{
	struct stat st;
	int fd = open_beneath(place->dir, row->path, err), rc = -1;

	if (fd < 0 && errno == EACCES)
		return err_set(err, ERR_IO,
		    "key file %s: cannot open: Permission denied; chmod 0640 %s, and chgrp it to "
		    "the milter's group",
		    full, full);
	if (fd < 0)
		return err_wrap(err, "key file below %s", place->dir);
	if (fstat(fd, &st) != 0)
		(void)err_set(err, ERR_IO, "%s: %s", full, strerror(errno));
	else if (check_file(&st, full, place->owner, err) == 0)
		rc = file_read_fd(fd, full, pem, err);
	close(fd);
	return rc;
}

static int
check_key(
    const struct dkim_key *key, const struct table_key *row, const char *full, struct err *err)
{
	uint8_t hash[KEY_SPKI_HASH_LEN];

	if (dkim_key_alg(key) != row->alg)
		return err_set(err, ERR_CONFIG,
		    "%s holds a key for %s, but line %u of the signing table says %s; put the "
		    "right key "
		    "there or mend the line",
		    full, key_alg_name(dkim_key_alg(key)), row->line, key_alg_name(row->alg));
	dkim_key_spki_hash(key, hash);
	if (memcmp(hash, row->spki_hash, sizeof(hash)) != 0)
		return err_set(err, ERR_CONFIG,
		    "%s is another key than the one that line %u of the signing table names; put "
		    "the "
		    "right key there or mend the line",
		    full, row->line);
	if (row->alg == KEY_RSA_SHA256 && dkim_key_bits(key) < KEY_RSA_BITS_GOOD)
		log_msg(LOG_LEVEL_WARNING,
		    "%s: selector %s has an RSA key of %u bits; receivers may not trust less than "
		    "%d",
		    full, row->selector, dkim_key_bits(key), KEY_RSA_BITS_GOOD);
	return 0;
}

static int
load(const struct table_key *row, const struct keyslot_place *place, struct dkim_key **out,
    struct err *err)
{
	struct buf pem, name;
	struct dkim_key *key = NULL;
	int rc = -1;

	*out = NULL;
	buf_init(&pem, KEY_PEM_LEN_MAX);
	buf_init(&name, ERR_TEXT_LEN);
	buf_printf(&name, "%s/%s", place->dir, row->path);
	if (read_pem(row, place, buf_str(&name), &pem, err) != 0)
		goto out;
	if (dkim_key_parse_pem(buf_slice(&pem), &key, err) != 0) {
		(void)err_wrap(err, "%s", buf_str(&name));
		goto out;
	}
	if (check_key(key, row, buf_str(&name), err) != 0)
		goto out;
	*out = key;
	key = NULL;
	rc = 0;
out:
	dkim_key_free(key);
	buf_wipe(&pem);
	buf_deinit(&name);
	return rc;
}

static void
remember_failure(struct keyslot *slot, int64_t now_s, const struct err *err)
{
	slot->retry_at_s = now_s + KEYRING_RETRY_S;
	if (slot->why != NULL && strcmp(slot->why, err->text) == 0)
		return;
	free(slot->why);
	slot->why = strdup(err->text);
	slot->why_kind = err->kind;
	log_err(LOG_LEVEL_ERR, "key", err);
}

int
keyslot_init(struct keyslot *slot, struct err *err)
{
	memset(slot, 0, sizeof(*slot));
	slot->retry_at_s = INT64_MIN;
	if (pthread_mutex_init(&slot->lock, NULL) != 0)
		return err_nomem(err);
	return 0;
}

void
keyslot_deinit(struct keyslot *slot)
{
	dkim_key_free(atomic_load(&slot->key));
	free(slot->why);
	pthread_mutex_destroy(&slot->lock);
}

const struct dkim_key *
keyslot_get(struct keyslot *slot, const struct table_key *row, const struct keyslot_place *place,
    int64_t now_s, struct err *err)
{
	struct dkim_key *key = atomic_load_explicit(&slot->key, memory_order_acquire);

	if (key != NULL)
		return key;
	pthread_mutex_lock(&slot->lock);
	key = atomic_load_explicit(&slot->key, memory_order_acquire);
	if (key == NULL && now_s < slot->retry_at_s) {
		(void)err_set(
		    err, slot->why_kind, "%s", slot->why != NULL ? slot->why : "out of memory");
	} else if (key == NULL && load(row, place, &key, err) != 0) {
		if (place->counters != NULL)
			counters_add(place->counters, COUNTER_KEY_FAILURES, 1);
		remember_failure(slot, now_s, err);
	} else {
		atomic_store_explicit(&slot->key, key, memory_order_release);
	}
	pthread_mutex_unlock(&slot->lock);
	return key;
}
