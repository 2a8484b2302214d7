/* SPDX-License-Identifier: ISC */
/* keyfile.h - private keys on disk: STORE/keys/DOMAIN/SELECTOR.pem, PKCS#8, 0640, written before
 * the store has their row.
 *
 * Domains are normalized and selectors valid when they come here, so both are safe as names of
 * files.
 *
 * Threads: reentrant; of two that write one name, one is refused. */
#ifndef SIGNPOST_KEYS_KEYFILE_H
#define SIGNPOST_KEYS_KEYFILE_H

#include "keys/store_rows.h"

/* Relative to the store, as the signing table names it. */
void keyfile_name(const char *domain, const char *selector, struct buf *out);
/* File and directories are on disk when it returns 0.  A file that is there already is refused
 * (ERR_IO). */
int keyfile_write(const char *store_dir, const char *domain, const char *selector,
    const struct dkim_key *, struct err *) MUST_CHECK;
/* Reads the key back; free with dkim_key_free. */
int keyfile_read(const char *store_dir, const char *domain, const char *selector,
    struct dkim_key **, struct err *) MUST_CHECK;
/* The file of this row is there, closed to others, open to the group that may enter the store (as are the directories
 * above it), and holds the key. */
int keyfile_check(const char *store_dir, const struct store_key *, struct err *) MUST_CHECK;
/* The same without reading it: for ten thousand of them. */
int keyfile_look(const char *store_dir, const struct store_key *, struct err *) MUST_CHECK;
/* Its file is not there, or holds something else: not merely closed to us, or to an OpenSSL that reads no key now. */
bool keyfile_is_lost(const char *store_dir, const struct store_key *);
/* The private key goes, for good; one that is gone already is fine. */
int keyfile_remove(const char *store_dir, const struct store_key *, struct err *) MUST_CHECK;
struct orphan_query {
	struct store *store;
	const char *domain;
	enum key_alg alg;
	const char *selector;	      /* only this one; NULL: any */
	const struct store_key *rows; /* those of the domain, at least */
	size_t row_count;
};

/* A key of the domain that has a file and no row: what a kill between the two leaves.  selector
 * "" when there is none.  A key that ever had a row is none: its file was put back from a backup, and whoever has
 * that one may have the key. */
int keyfile_find_orphan(const struct orphan_query *, char selector[static SELECTOR_LEN_MAX + 1],
    struct err *) MUST_CHECK;
/* Deletes such a file that was put back, if it lies under query->selector, which no row's file does. */
int keyfile_clear_name(const struct orphan_query *, bool *cleared, struct err *) MUST_CHECK;
/* "sp26q4-k7mq4x2d": the UTC quarter of now for people, random for caches. */
int selector_generate(int64_t now, char out[static SELECTOR_LEN_MAX + 1], struct err *) MUST_CHECK;

/* 26 letters that nobody guesses, for a name that stays. */
int slot_token_generate(char out[static SELECTOR_LEN_MAX + 1], struct err *) MUST_CHECK;

#endif
