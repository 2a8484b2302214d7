/* SPDX-License-Identifier: ISC */
/* publish_words.h - what a publisher over a provider's API says, and the answers that make it say so: a table of rows,
 * each of which is played.
 *
 * Threads: one. */
#ifndef SIGNPOST_TESTS_UNIT_PUBLISH_WORDS_H
#define SIGNPOST_TESTS_UNIT_PUBLISH_WORDS_H

#include "keys/publisher.h"
#include "tests/unit/http_script.h"

#include <signal.h>
#include <sys/stat.h>

#define WORDS_ZONE  "a.test"
#define WORDS_NAME  "s1._domainkey.a.test"
#define WORDS_KEY   "v=DKIM1; p=one"
#define WORDS_GONE  "v=DKIM1; p="
#define WORDS_STEPS 10

enum { WORDS_CANNOT = -1 }; /* it cannot even be tried */

struct words_row {
	const char *text, *situation; /* in the text * stands for what differs */
	int result;
	const char *old_text, *new_text;
	struct http_step steps[WORDS_STEPS];
	bool by_name; /* no zone_id */
	const char *receipt;
	int timeout_ms; /* 0: enough */
};

static char words_dir[] = "/tmp/signpost-test-XXXXXX", words_secret[80];

static inline int
words_write(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		return -1;
	return chmod(path, mode);
}

/* The file with the secret, and the service. */
static inline int
words_begin(const char *secret)
{
	static const char *const unset[] = {"CLOUDFLARE_API_TOKEN", "CF_API_TOKEN", "PDNS_API_KEY", "AWS_ACCESS_KEY_ID",
	    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE"};
	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
		unsetenv(unset[i]);
	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(words_dir) == NULL || setenv("HOME", words_dir, 1) != 0 || setenv("AWS_EC2_METADATA_DISABLED", "true", 1) != 0)
		return -1;
	snprintf(words_secret, sizeof(words_secret), "%s/secret", words_dir);
	if (words_write(words_secret, secret, 0640) != 0)
		return -1;
	return http_script_begin();
}

static inline int
words_end(void)
{
	http_script_end();
	unlink(words_secret);
	return rmdir(words_dir);
}

static inline struct publisher_conf
words_conf(enum publisher_type type)
{
	static char name[] = "dns", zone_id[] = "Z1";
	return (struct publisher_conf){.name = name, .type = type, .timeout_ms = 20000, .endpoint = http_script.url,
	    .credentials = words_secret, .zone_id = type == PUBLISHER_POWERDNS ? NULL : zone_id};
}

/* One change; its outcome, or why it cannot be tried, is in text and heard. */
static inline int
words_change(const struct publisher_conf *conf, const struct words_row *row, char text[static ERR_TEXT_LEN])
{
	struct publish_change c = {.zone = WORDS_ZONE, .owner = WORDS_NAME, .old_text = row->old_text, .new_text = row->new_text,
	    .ttl_s = 60, .receipt = row->receipt};
	struct publish_outcome o;
	struct err err = ERR_INIT;
	int rc = publisher_change(conf, &c, 1, &o, &err);
	snprintf(text, ERR_TEXT_LEN, "%s", rc == 0 ? o.text : err.text);
	hear(text);
	return rc == 0 ? (int)o.result : WORDS_CANNOT;
}

static inline void
words_play(const struct publisher_conf *base, const struct words_row *row)
{
	struct publisher_conf conf = *base;
	char text[ERR_TEXT_LEN];
	if (row->by_name)
		conf.zone_id = NULL;
	if (row->timeout_ms != 0)
		conf.timeout_ms = row->timeout_ms;
	http_script_play(row->steps);
	int result = words_change(&conf, row, text);
	const char *wrong = http_script_played();
	if (wrong != NULL || result != row->result || !said_fits(row->text, text))
		fail_msg("%s: result %d, wanted %d; it says\n%s\nwanted\n%s\n%s", row->situation, result, row->result, text, row->text,
		    wrong == NULL ? "" : wrong);
}

static inline void
words_play_all(const struct publisher_conf *conf, const struct words_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		words_play(conf, &rows[i]);
}
#define WORDS_PLAY_ALL(conf, rows) words_play_all(conf, rows, sizeof(rows) / sizeof((rows)[0]))

#endif
