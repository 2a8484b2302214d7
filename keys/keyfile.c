/* SPDX-License-Identifier: ISC */
#include "keys/keyfile.h"
#include "base/file.h"
#include "keys/store_whose.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define DIR_MODE   02750 /* the group (the milter's) is handed down */
#define FILE_MODE  0640
#define PATH_LEN   4096
#define RANDOM_LEN 8
#define TOKEN_LEN  26
#define SUFFIX	   ".pem"

void
keyfile_name(const char *domain, const char *selector, struct buf *out)
{
	buf_printf(out, "keys/%s/%s" SUFFIX, domain, selector);
}

static int
path_of(char out[static PATH_LEN], const char *store_dir, const char *domain, const char *selector,
    struct err *err)
{
	int len = selector == NULL ? snprintf(out, PATH_LEN, "%s/keys/%s", store_dir, domain)
				   : snprintf(out, PATH_LEN, "%s/keys/%s/%s" SUFFIX, store_dir,
					 domain, selector);

	if (len < 0 || len >= PATH_LEN)
		return err_set(err, ERR_LIMIT, "%s: the path of the store is too long", store_dir);
	return 0;
}

/* Makes dir, which lies in parent, if it is missing; its name is on disk then. */
static int
make_dir(const char *dir, const char *parent, struct err *err)
{
	struct stat st;

	if (mkdir(dir, 0750) != 0) {
		if (errno == EEXIST)
			return 0;
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	}
	/* mkdir obeys the umask and drops the set-group-ID bit on some systems.  Only where it did: for one who is not
	 * in the group it is chmod that drops the bit. */
	if (stat(dir, &st) != 0 || ((st.st_mode & 07777) != DIR_MODE && chmod(dir, DIR_MODE) != 0))
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	return file_sync_dir(parent, err);
}

int
keyfile_write(const char *store_dir, const char *domain, const char *selector,
    const struct dkim_key *key, struct err *err)
{
	char keys[PATH_LEN], dir[PATH_LEN], path[PATH_LEN];
	struct buf pem;

	if (path_of(path, store_dir, domain, selector, err) != 0 ||
	    path_of(dir, store_dir, domain, NULL, err) != 0)
		return -1;
	snprintf(keys, sizeof(keys), "%.*s", (int)(strlen(store_dir) + strlen("/keys")), dir);
	if (make_dir(keys, store_dir, err) != 0 || make_dir(dir, keys, err) != 0)
		return -1;
	buf_init(&pem, KEY_PEM_LEN_MAX);
	int rc = dkim_key_format_pem(key, &pem, err);
	if (rc == 0)
		rc = file_create(path, buf_slice(&pem), FILE_MODE, err);
	buf_wipe(&pem);
	return rc;
}

int
keyfile_read(const char *store_dir, const char *domain, const char *selector, struct dkim_key **out,
    struct err *err)
{
	char path[PATH_LEN];
	struct buf pem;

	if (path_of(path, store_dir, domain, selector, err) != 0)
		return -1;
	buf_init(&pem, KEY_PEM_LEN_MAX);
	int rc = file_read(path, &pem, err);
	if (rc == 0 && dkim_key_parse_pem(buf_slice(&pem), out, err) != 0)
		rc = err_wrap(err, "%s", path);
	buf_wipe(&pem);
	return rc;
}

static int
check_dir(const char *dir, gid_t milter, struct err *err)
{
	char has[FILE_GROUP_LEN], wants[FILE_GROUP_LEN];
	struct stat st;

	/* not ERR_CONFIG: doctor judges the modes of files itself */
	if (stat(dir, &st) != 0)
		return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	(void)file_group_name(milter, wants);
	if (st.st_gid != milter)
		return err_set(err, ERR_IO,
		    "%s belongs to group %s, and the milter enters as group %s; chgrp %s it, and "
		    "chmod 2750 it",
		    dir, file_group_name(st.st_gid, has), wants, wants);
	if ((st.st_mode & S_IXGRP) == 0)
		return err_set(err, ERR_IO,
		    "%s has mode %04o, and the milter cannot enter it; chmod 2750 it", dir,
		    (unsigned)st.st_mode & 07777);
	return 0;
}

/* Where the store is open to its group, that is the milter's, which reads the key when it starts. */
static int
check_group(const char *store_dir, const char *path, const struct stat *file, struct err *err)
{
	char dir[PATH_LEN], has[FILE_GROUP_LEN], wants[FILE_GROUP_LEN];
	struct stat store;

	if (stat(store_dir, &store) != 0 || (store.st_mode & S_IXGRP) == 0)
		return 0;
	/* STORE/keys, and the domain's in it */
	for (const char *end = path + strlen(store_dir) + 1; (end = strchr(end, '/')) != NULL;
	     end++) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(end - path), path);
		if (check_dir(dir, store.st_gid, err) != 0)
			return -1;
	}
	(void)file_group_name(store.st_gid, wants);
	if (file->st_gid != store.st_gid)
		return err_set(err, ERR_CONFIG,
		    "%s belongs to group %s, and the milter reads as group %s; chgrp %s it, and "
		    "chmod 2750 its directory",
		    path, file_group_name(file->st_gid, has), wants, wants);
	if ((file->st_mode & S_IRGRP) == 0)
		return err_set(err, ERR_CONFIG,
		    "%s has mode %04o, and the milter cannot read it; chmod 0640 it", path,
		    (unsigned)file->st_mode & 07777);
	return 0;
}

int
keyfile_look(const char *store_dir, const struct store_key *row, struct err *err)
{
	char path[PATH_LEN];
	struct stat st;

	if (path_of(path, store_dir, row->domain, row->selector, err) != 0)
		return -1;
	if (stat(path, &st) != 0)
		return err_set(
		    err, ERR_IO, "%s: %s; put it back from a backup", path, strerror(errno));
	if ((st.st_mode & 027) != 0)
		return err_set(err, ERR_CONFIG, "%s has mode %04o; chmod 0640 it", path,
		    (unsigned)st.st_mode & 07777);
	return check_group(store_dir, path, &st, err);
}

static int
check_content(const char *store_dir, const struct store_key *row, struct err *err)
{
	struct dkim_key *key = NULL;
	uint8_t hash[KEY_SPKI_HASH_LEN];

	if (keyfile_read(store_dir, row->domain, row->selector, &key, err) != 0)
		return -1;
	dkim_key_spki_hash(key, hash);
	dkim_key_free(key);
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): an array of the row */
	if (memcmp(hash, row->spki_hash, sizeof(hash)) != 0)
		return err_set(err, ERR_CONFIG,
		    "%s/keys/%s/%s" SUFFIX " holds another key than the one that was published; "
		    "put the right one back from a backup",
		    store_dir, row->domain, row->selector);
	return 0;
}

int
keyfile_check(const char *store_dir, const struct store_key *row, struct err *err)
{
	if (keyfile_look(store_dir, row, err) != 0)
		return -1;
	return check_content(store_dir, row, err);
}

/* Else each file would seem to be damaged: OpenSSL has no memory, or its configuration no provider. */
static bool
can_judge(void)
{
	struct dkim_key *made = NULL, *again = NULL;
	struct err ignored = ERR_INIT;
	struct buf pem;

	buf_init(&pem, KEY_PEM_LEN_MAX);
	bool good = dkim_key_generate(KEY_ED25519_SHA256, 0, &made, &ignored) == 0 &&
		    dkim_key_format_pem(made, &pem, &ignored) == 0 &&
		    dkim_key_parse_pem(buf_slice(&pem), &again, &ignored) == 0;
	dkim_key_free(made);
	dkim_key_free(again);
	buf_wipe(&pem);
	return good;
}

bool
keyfile_is_lost(const char *store_dir, const struct store_key *row)
{
	char path[PATH_LEN];
	struct err why = ERR_INIT;

	if (path_of(path, store_dir, row->domain, row->selector, &why) != 0)
		return false;
	if (access(path, R_OK) != 0)
		return errno == ENOENT;
	return check_content(store_dir, row, &why) != 0 && why.kind != ERR_IO &&
	       why.kind != ERR_NOMEM && can_judge();
}

int
keyfile_remove(const char *store_dir, const struct store_key *row, struct err *err)
{
	char path[PATH_LEN], dir[PATH_LEN];

	if (path_of(path, store_dir, row->domain, row->selector, err) != 0 ||
	    path_of(dir, store_dir, row->domain, NULL, err) != 0)
		return -1;
	if (unlink(path) != 0 && errno != ENOENT)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	/* without its directory there is no file either */
	return access(dir, F_OK) != 0 ? 0 : file_sync_dir(dir, err);
}

static bool
has_row(const struct orphan_query *query, const char *selector)
{
	for (size_t i = 0; i < query->row_count; i++) {
		const struct store_key *row = &query->rows[i];
		/* of a slot's last key the row stays, and not the file */
		if (strcmp(row->domain, query->domain) == 0 &&
		    strcmp(row->selector, selector) == 0 && row->facts.at[FACT_DESTROYED] == NEVER)
			return true;
	}
	return false;
}

/* What is in a file that no row names. */
enum lost_file { FILE_OTHER, FILE_LOST, FILE_PUT_BACK };

static int
look_into(
    const struct orphan_query *query, const char *selector, enum lost_file *found, struct err *err)
{
	struct dkim_key *key = NULL;
	struct err ignored = ERR_INIT;
	uint8_t hash[KEY_SPKI_HASH_LEN];
	bool had;

	*found = FILE_OTHER;
	if (has_row(query, selector) ||
	    keyfile_read(store_dir(query->store), query->domain, selector, &key, &ignored) != 0)
		return 0;
	bool same = dkim_key_alg(key) == query->alg;
	dkim_key_spki_hash(key, hash);
	dkim_key_free(key);
	if (store_had_key(query->store, hash, &had, err) != 0)
		return -1;
	*found = had ? FILE_PUT_BACK : same ? FILE_LOST : FILE_OTHER;
	return 0;
}

int
keyfile_clear_name(const struct orphan_query *query, bool *cleared, struct err *err)
{
	struct store_key row = {.slot = -1};
	enum lost_file found;

	*cleared = false;
	if (look_into(query, query->selector, &found, err) != 0)
		return -1;
	if (found != FILE_PUT_BACK)
		return 0;
	snprintf(row.domain, sizeof(row.domain), "%s", query->domain);
	snprintf(row.selector, sizeof(row.selector), "%s", query->selector);
	*cleared = true;
	return keyfile_remove(store_dir(query->store), &row, err);
}

int
keyfile_find_orphan(
    const struct orphan_query *query, char selector[static SELECTOR_LEN_MAX + 1], struct err *err)
{
	char path[PATH_LEN];
	struct dirent *entry;
	int rc = 0;

	selector[0] = '\0';
	if (path_of(path, store_dir(query->store), query->domain, NULL, err) != 0)
		return -1;
	file_remove_temps(path, SUFFIX);
	DIR *dir = opendir(path);
	if (dir == NULL)
		return errno == ENOENT ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	while (rc == 0 && selector[0] == '\0' && (entry = readdir(dir)) != NULL) {
		struct slice name = slice_of(entry->d_name), suffix = SLICE_LIT(SUFFIX);
		char candidate[SELECTOR_LEN_MAX + 1];
		enum lost_file found = FILE_OTHER;
		if (!slice_has_suffix(name, suffix))
			continue;
		name = slice_sub(name, 0, name.len - suffix.len);
		if (slice_to_str(name, candidate, sizeof(candidate)) && selector_is_valid(name) &&
		    (query->selector == NULL || strcmp(candidate, query->selector) == 0))
			rc = look_into(query, candidate, &found, err);
		if (found == FILE_LOST)
			memcpy(selector, candidate, sizeof(candidate));
	}
	closedir(dir);
	return rc;
}

static int
random_letters(char *out, size_t len, struct err *err)
{
	static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789"; /* no i l o 0 1 */

	for (size_t n = 0; n < len;) {
		uint8_t byte;
		if (getrandom(&byte, 1, 0) != 1)
			return err_set(err, ERR_IO, "no random numbers: %s", strerror(errno));
		byte &= 31;
		if (byte < sizeof(alphabet) - 1) /* else again: each letter is equally likely */
			out[n++] = alphabet[byte];
	}
	out[len] = '\0';
	return 0;
}

int
selector_generate(int64_t now, char out[static SELECTOR_LEN_MAX + 1], struct err *err)
{
	time_t t = (time_t)now;
	struct tm tm;
	char random[RANDOM_LEN + 1] = "";

	if (gmtime_r(&t, &tm) == NULL)
		return err_set(err, ERR_IO, "the clock shows no date");
	if (random_letters(random, RANDOM_LEN, err) != 0)
		return -1;
	snprintf(out, SELECTOR_LEN_MAX + 1, "sp%02dq%d-%s", (tm.tm_year + 1900) % 100,
	    tm.tm_mon / 3 + 1, random);
	return 0;
}

int
slot_token_generate(char out[static SELECTOR_LEN_MAX + 1], struct err *err)
{
	return random_letters(out, TOKEN_LEN, err);
}
