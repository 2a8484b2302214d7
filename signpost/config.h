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
#include "keys/publisher.h"
#include "keys/sweep.h"
#include "keys/table.h"

#define CONFIG_LEN_MAX	    (1024u * 1024)
#define CONFIG_PATH_DEFAULT SIGNPOST_SYSCONFDIR "/signpost.conf"

/* signers { } */
struct signers_conf {
	char **milters; /* as milter/client.h takes them; all must acknowledge (K1) */
	size_t milter_count;
	char **push; /* argv, or none */
	size_t push_count;
	int64_t ask_every_s;
	int timeout_ms;
};

/* keeper { } */
struct keeper_conf {
	int64_t watch_interval_s, reprove_interval_s;
	uint32_t gone_sweeps; /* K11 */
	int64_t gone_over_s;
	int64_t retry_s, retry_max_s;
	uint32_t queries;			 /* K14 */
	uint32_t outage_domains;		 /* K11: more than so many, or ... */
	uint32_t outage_domains_min, outage_share; /* at least so many, and more than so many percent */
	int64_t clock_tolerance_s;
	int64_t recent_proof_s;	 /* K12 */
	int64_t rollback_hold_s; /* K30 */
	int64_t person_interval_s;
	int64_t resolver_wait_s; /* K34 */
	char *postqueue;	/* a path, or a name to be found in PATH; "": the queue is not looked at */
	char **postfix_configs; /* directories; none: Postfix's own default */
	size_t postfix_config_count;
};

/* notify { } */
struct notify_conf {
	char *mail, *from; /* NULL: not given */
	char *sendmail;
	char **program; /* argv, or none */
	size_t program_count;
	int64_t interval_s;
	int timeout_ms;
};

struct config {
	char *path;			/* where it was read; for messages */
	char *store;			/* directory */
	char *status_file;		/* NULL: where status_file_path says */
	struct table_settings settings; /* sign { } */
	char *login_map;		/* file, or NULL */
	struct table_allow bare, local; /* no entries: not given */
	struct table_allow *networks, *logins;
	size_t network_count, login_count;
	struct key_policy *policies; /* "default" is always among them; every value is definite */
	struct key_policy *written;  /* the same as they stand in the file, strings shared; for config_print */
	size_t policy_count;
	struct publisher_conf *publishers;
	size_t publisher_count;
	struct signers_conf signers;
	struct keeper_conf keeper;
	struct notify_conf notify;
	struct dns_conf dns;
	int64_t sweep_interval_s; /* two sweeps that prove are at least this far apart */
	int64_t lame_after_s, mute_after_s, mute_after_first_s; /* until silence is excused (K15) */
	int64_t slow_after_s;	  /* a key that waits longer is looked at every ... */
	int64_t slow_interval_s;
};

/* ERR_IO when the file cannot be read, ERR_CONFIG "FILE:LINE: ...".  Asks Postfix for its queue lifetimes if a
 * policy leaves them to it. */
int config_load(const char *path, struct config **out, struct err *) MUST_CHECK;
/* The same from memory; path is for messages.  Asks nobody: what Postfix would tell is assumed. */
int config_parse(struct slice text, const char *path, struct config **out, struct err *) MUST_CHECK;
int config_default(
    const char *path, struct config **out, struct err *) MUST_CHECK; /* an empty file */
void config_free(struct config *);				     /* NULL is fine */

const struct key_policy *config_policy(
    const struct config *, const char *name); /* NULL if there is none */
const struct publisher_conf *config_publisher(
    const struct config *, const char *name); /* NULL: by-hand, or there is none */
/* What differs from the defaults, or all of it with the help of each option, in the form of
 * signpost.conf. */
void config_print(const struct config *, bool all, struct buf *out);

#endif
