/* SPDX-License-Identifier: ISC */
/* doctor_ask_host.c - what of this host doctor looks at: files, postconf(1), the clock. */
#include "base/run.h"
#include "keys/clock.h"
#include "keys/keyfile.h"
#include "signpost/doctor_ask.h"
#include "signpost/postfix.h"
#include "signpost/rules.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PATH_LEN	4096
#define POSTCONF_MS	10000
#define POSTCONF_OUTPUT ((size_t)256 << 10)
#define ARGUMENTS_MAX	40
#define TEXTS		3 /* of an instance */
#define MAIL_OWNER	"postfix"

static int
add_file(struct doctor_gathered *g, enum doctor_file_kind kind, const char *path, struct err *err)
{
	struct doctor_facts *facts = &g->facts;
	struct doctor_file *files =
	    reallocarray(facts->files, facts->file_count + 1, sizeof(*files));
	struct stat st;

	if (files == NULL)
		return err_nomem(err);
	facts->files = files;
	struct doctor_file *f = &files[facts->file_count++];
	*f = (struct doctor_file){.kind = kind};
	(void)snprintf(f->path, sizeof(f->path), "%s", path);
	f->there = stat(path, &st) == 0;
	if (!f->there && errno != ENOENT)
		(void)snprintf(f->why, sizeof(f->why), "%s", strerror(errno));
	if (f->there) {
		f->mode = st.st_mode;
		f->uid = st.st_uid;
		f->gid = st.st_gid;
	}
	return 0;
}

static int
add_below(struct doctor_gathered *g, enum doctor_file_kind kind, const char *dir, const char *name,
    struct err *err)
{
	char path[PATH_LEN];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return add_file(g, kind, path, err);
}

static int
add_wrong(struct doctor_gathered *g, const char *text, struct err *err)
{
	struct doctor_facts *facts = &g->facts;
	char(*list)[DOCTOR_WORDS_LEN] =
	    reallocarray(facts->keys_wrong, facts->keys_wrong_count + 1, sizeof(*list));

	if (list == NULL)
		return err_nomem(err);
	facts->keys_wrong = list;
	(void)snprintf(
	    list[facts->keys_wrong_count++], DOCTOR_WORDS_LEN, "%.*s", DOCTOR_WORDS_LEN - 1, text);
	return 0;
}

/* The files of the keys that sign. */
static int
ask_keys(
    struct doctor_gathered *g, const struct doctor_query *q, const char *domain, struct err *err)
{
	const char *dir = store_dir(q->store);
	struct store_key *keys;
	size_t count;
	struct buf name;
	int rc = 0;

	if (store_keys(q->store, domain, &keys, &count, err) != 0)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++) {
		struct err why = ERR_INIT;
		if (!key_state_signs(key_state_of(&keys[i].facts)))
			continue;
		buf_init(&name, PATH_LEN);
		keyfile_name(keys[i].domain, keys[i].selector, &name);
		rc = add_below(g, DOCTOR_SHARED, dir, buf_str(&name), err);
		buf_deinit(&name);
		/* a wrong mode is told as one */
		if (rc == 0 && keyfile_check(dir, &keys[i], &why) != 0 && why.kind != ERR_CONFIG)
			rc = add_wrong(g, why.text, err);
	}
	free(keys);
	return rc;
}

static int
ask_sockets(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	const struct signers_conf *signers = &q->config->signers;
	const struct passwd *pw = getpwnam(MAIL_OWNER);
	struct doctor_host *h = &g->facts.host;

	if (pw != NULL) {
		h->postfix_known = true;
		h->postfix_uid = pw->pw_uid;
		h->postfix_gid = pw->pw_gid;
		(void)snprintf(h->postfix_user, sizeof(h->postfix_user), "%s", pw->pw_name);
	}
	for (size_t i = 0; i < signers->milter_count; i++) {
		const char *path = signers->milters[i];
		if (strncmp(path, "unix:", 5) == 0)
			path += 5;
		if (path[0] == '/' && add_file(g, DOCTOR_SOCKET, path, err) != 0)
			return -1;
	}
	return 0;
}

/* What publishers of signpost.conf need: a key of TSIG, a token. */
static int
ask_secrets(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	for (size_t i = 0; i < q->config->publisher_count; i++) {
		const struct publisher_conf *p = &q->config->publishers[i];
		const char *const paths[] = {p->tsig_key, p->credentials};
		for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]); k++) {
			if (paths[k] == NULL)
				continue;
			if (add_file(g, DOCTOR_FOREIGN_SECRET, paths[k], err) != 0)
				return -1;
			struct doctor_file *f = &g->facts.files[g->facts.file_count - 1];
			f->publisher = p->name;
			f->closed = access(paths[k], R_OK) != 0;
		}
	}
	return 0;
}

static void
ask_room(struct doctor_gathered *g, const char *dir)
{
	struct doctor_room *r = &g->facts.room;
	struct statvfs st;

	if (statvfs(dir, &st) != 0)
		return;
	r->known = true;
	r->bytes = (uint64_t)st.f_bavail * st.f_frsize;
	r->files_known = st.f_files > 0;
	r->files = st.f_favail;
}

static int
ask_map(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	struct err trouble;

	if (rules_look(q->config, store_dir(q->store), &trouble, err) != 0)
		return -1;
	(void)snprintf(g->facts.map_wrong, sizeof(g->facts.map_wrong), "%.*s", DOCTOR_WORDS_LEN - 1,
	    trouble.text);
	return 0;
}

int
doctor_ask_files(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	const char *dir = store_dir(q->store);

	if (add_file(g, DOCTOR_STORE, dir, err) != 0 ||
	    add_below(g, DOCTOR_SECRET, dir, STORE_DB, err) != 0 ||
	    add_below(g, DOCTOR_SHARED, dir, STORE_TABLE, err) != 0)
		return -1;
	/* whoever has the directory is the keeper, and its group is the milter's */
	g->facts.host.keeper = g->facts.files[0].uid;
	g->facts.host.milter = g->facts.files[0].gid;
	for (size_t i = 0; i < g->row_count; i++) {
		if (ask_keys(g, q, g->rows[i].name, err) != 0)
			return -1;
	}
	ask_room(g, dir);
	if (ask_map(g, q, err) != 0)
		return -1;
	return ask_secrets(g, q, err) != 0 ? -1 : ask_sockets(g, q, err);
}

/* `postconf -c DIR ARGUMENT...`; what fails leaves out empty. */
static void
postconf(const char *dir, const char *const *arguments, struct buf *out)
{
	char path[PATH_LEN];
	const char *argv[ARGUMENTS_MAX + 4] = {path};
	struct run_job job = {
	    .argv = argv, .timeout_ms = POSTCONF_MS, .output_max = POSTCONF_OUTPUT};
	struct run_result result;
	struct err ignored = ERR_INIT; /* not known is an answer */
	size_t n = 1;

	if (dir != NULL) {
		argv[n++] = "-c";
		argv[n++] = dir;
	}
	for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
		argv[n++] = arguments[i];
	if (!postfix_find_program("postconf", path, sizeof(path)) ||
	    run_program(&job, &result, &ignored) != 0)
		return;
	if (result.end == RUN_EXITED && result.code == 0 && !result.cut)
		buf_put(out, buf_slice(&result.out));
	run_result_deinit(&result);
}

static void
ask_instance(struct doctor_gathered *g, const struct doctor_query *q, const char *dir,
    struct buf text[TEXTS])
{
	static const char *const SERVICES[] = {"-M", NULL}, *const OVERRIDES[] = {"-xP", NULL};
	const struct signers_conf *signers = &q->config->signers;
	const char *settings[ARGUMENTS_MAX] = {"-x"};

	for (size_t i = 0; DOCTOR_POSTFIX_SETTINGS[i] != NULL && i + 2 < ARGUMENTS_MAX; i++)
		settings[i + 1] = DOCTOR_POSTFIX_SETTINGS[i];
	for (size_t i = 0; i < TEXTS; i++)
		buf_init(&text[i], POSTCONF_OUTPUT);
	postconf(dir, settings, &text[0]);
	postconf(dir, SERVICES, &text[1]);
	postconf(dir, OVERRIDES, &text[2]);
	g->facts.postfix[g->facts.postfix_count++] = (struct doctor_postfix){.name = dir,
	    .settings = buf_slice(&text[0]),
	    .services = buf_slice(&text[1]),
	    .overrides = buf_slice(&text[2]),
	    .milters = signers->milters,
	    .milter_count = signers->milter_count,
	    .wants_login = true};
	for (size_t i = 0; i < q->config->network_count; i++)
		g->facts.postfix[g->facts.postfix_count - 1].wants_daemon |=
		    q->config->networks[i].daemon != NULL;
}

int
doctor_ask_postfix(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	const struct keeper_conf *keeper = &q->config->keeper;
	size_t count = keeper->postfix_config_count > 0 ? keeper->postfix_config_count : 1;

	g->facts.postfix = calloc(count, sizeof(*g->facts.postfix));
	g->texts = calloc(TEXTS * count, sizeof(*g->texts));
	if (g->facts.postfix == NULL || g->texts == NULL)
		return err_nomem(err);
	g->text_count = TEXTS * count;
	for (size_t i = 0; i < count; i++)
		ask_instance(g, q,
		    keeper->postfix_config_count > 0 ? keeper->postfix_configs[i] : NULL,
		    &g->texts[TEXTS * i]);
	return 0;
}

int
doctor_ask_clock(struct doctor_gathered *g, const struct doctor_query *q, struct err *err)
{
	struct clock_memory memory;
	struct clock_reading reading;
	struct clock_verdict v;

	if (clock_memory_get(q->store, &memory, err) != 0)
		return -1;
	clock_read(&reading);
	clock_judge(&memory, &reading, q->config->keeper.clock_tolerance_s, &v);
	g->facts.clock_trusted = v.trusted;
	(void)snprintf(g->facts.clock_why, sizeof(g->facts.clock_why), "%s", v.why);
	return 0;
}
