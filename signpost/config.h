/* SPDX-License-Identifier: ISC */
/* config.h - signpost.conf, read and checked as a whole.  Only the command reads it; the milter
 * sees the signing table.
 *
 *	struct config *config;
 *	if (config_load(path, &config, err) != 0)	"signpost.conf:7: ..."
 *	config_free(config);
 *
 *
 * Threads: reading, one thread at a time (libconfuse's scanner has globals); a struct config is
 * read-only after that, and may be read by many. */
#ifndef SIGNPOST_SIGNPOST_CONFIG_H
#define SIGNPOST_SIGNPOST_CONFIG_H

#include "base/dirs.h"
#include "keys/key_policy.h"
#include "keys/sweep.h"
#include "keys/table.h"

#define CONFIG_LEN_MAX	    (1024u * 1024)
#define CONFIG_PATH_DEFAULT SIGNPOST_SYSCONFDIR "/signpost.conf"

struct config {
	char *path;			/* where it was read; for messages */
	char *store;			/* directory */
	struct table_settings settings; /* sign { } */
	char *login_map;		/* file, or NULL */
	struct table_allow bare, local; /* no entries: not given */
	struct table_allow *networks, *logins;
	size_t network_count, login_count;
	struct key_policy *policies; /* "default" is always among them */
	size_t policy_count;
	struct dns_conf dns;
	int64_t sweep_interval_s; /* two sweeps that prove are at least this far apart */
	int64_t lame_after_s, mute_after_s, mute_after_first_s; /* until silence is excused (K15) */
	int64_t slow_after_s;	  /* a key that waits longer is looked at every ... */
	int64_t slow_interval_s;
};

/* ERR_IO when the file cannot be read, ERR_CONFIG "FILE:LINE: ..." */
int config_load(const char *path, struct config **out, struct err *) MUST_CHECK;
/* The same from memory; path is for messages. */
int config_parse(struct slice text, const char *path, struct config **out, struct err *) MUST_CHECK;
int config_default(
    const char *path, struct config **out, struct err *) MUST_CHECK; /* an empty file */
void config_free(struct config *);				     /* NULL is fine */

const struct key_policy *config_policy(
    const struct config *, const char *name); /* NULL if there is none */
/* What differs from the defaults, or all of it with the help of each option, in the form of
 * signpost.conf. */
void config_print(const struct config *, bool all, struct buf *out);

#endif
