/* SPDX-License-Identifier: ISC */
/* fixture_table.h - a directory with a signing table and its keys, for tests of the milter. */
#ifndef SIGNPOST_TESTS_FIXTURE_TABLE_H
#define SIGNPOST_TESTS_FIXTURE_TABLE_H

#include "base/base64.h"
#include "base/file.h"
#include "dkim/key.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	char table[96];
};

static inline void
fixture_must(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "fixture: %s\n", err->text);
	abort();
}

static inline void
fixture_path(const struct fixture *fx, const char *name, char out[static 128])
{
	(void)snprintf(out, 128, "%s/%s", fx->dir, name);
}

static inline void
fixture_init(struct fixture *fx)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(fx->dir, sizeof(fx->dir), "%s/signpost.XXXXXX",
	    tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
	if (mkdtemp(fx->dir) == NULL)
		abort();
	(void)snprintf(fx->table, sizeof(fx->table), "%s/signing.table", fx->dir);
}

/* Files only, one level. */
static inline void
fixture_deinit(struct fixture *fx)
{
	DIR *d = opendir(fx->dir);
	char path[128 + 256];

	for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d)) {
		(void)snprintf(path, sizeof(path), "%s/%s", fx->dir, e->d_name);
		(void)unlink(path);
	}
	if (d != NULL)
		closedir(d);
	(void)rmdir(fx->dir);
}

static inline void
fixture_write(const struct fixture *fx, const char *name, struct slice content, mode_t mode)
{
	struct err err = ERR_INIT;
	char path[128];

	fixture_path(fx, name, path);
	fixture_must(file_replace(path, content, mode, &err), &err);
}

/* Key number n of an algorithm is the same for the whole run; its PEM goes to FILE, its SPKI hash to hash. */
static inline void
fixture_key(
    const struct fixture *fx, const char *file, enum key_alg alg, unsigned n, char hash[static 48])
{
	static struct dkim_key *keys[2][3];
	struct dkim_key **key = &keys[alg == KEY_RSA_SHA256][n];
	uint8_t spki[KEY_SPKI_HASH_LEN];
	struct err err = ERR_INIT;
	struct buf pem, text;

	if (*key == NULL)
		fixture_must(dkim_key_generate(alg, 2048, key, &err), &err);
	buf_init(&pem, KEY_PEM_LEN_MAX);
	buf_init(&text, 47);
	fixture_must(dkim_key_format_pem(*key, &pem, &err), &err);
	fixture_write(fx, file, buf_slice(&pem), 0640);
	dkim_key_spki_hash(*key, spki);
	base64_encode(slice_new(spki, sizeof(spki)), &text);
	(void)snprintf(hash, 48, "%s", buf_str(&text));
	buf_wipe(&pem);
	buf_deinit(&text);
}

/* rows: all lines between `generation` and `end`. */
static inline void
fixture_table(const struct fixture *fx, unsigned generation, const char *rows)
{
	struct buf text;
	unsigned lines = 2;

	for (const char *c = rows; *c != '\0'; c++)
		lines += *c == '\n';
	buf_init(&text, 65536);
	buf_printf(&text, "signpost-table 1\ngeneration %u\n%send %u\n", generation, rows, lines);
	fixture_write(fx, "signing.table", buf_slice(&text), 0640);
	buf_deinit(&text);
}

#endif
