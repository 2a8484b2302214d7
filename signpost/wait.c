/* SPDX-License-Identifier: ISC */
#include "signpost/wait.h"
#include "base/utf8.h"
#include "keys/advice.h"
#include "signpost/health.h"
#include "signpost/operation.h"
#include "signpost/pass.h"
#include "signpost/terminal.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_S	      1 /* how often what another signpost wrote is looked for */
#define COLUMNS_LEAST 20
#define COLUMNS_USUAL 79

struct watching {
	const struct waiting *w;
	struct operation op;
	bool terminal, told;
	unsigned columns; /* of a line that can be put over itself */
	int64_t began, next_at;
	char said[HEALTH_TEXT_LEN + DOMAIN_LEN_MAX + 96]; /* last */
	char trouble[ERR_TEXT_LEN];
	sigset_t signals;
};

/* Its rows are in the signing table, with a key that signs. */
static const struct store_key *
signing_key(const struct watching *s)
{
	const struct observed *d = s->op.d;

	for (size_t i = 0; i < d->domain.key_count; i++) {
		const struct store_key *key = &d->keys[i];
		if (key_state_signs(key_state_of(&key->facts)) && d->row->table_at != NEVER &&
		    d->row->table_at >= key->facts.at[FACT_ACTIVATED])
			return key;
	}
	return NULL;
}

/* A line over the last one, or a new one. */
static void
tell(struct watching *s, const char *text)
{
	char said[sizeof(s->said)];

	snprintf(said, sizeof(said), "%s", text);
	utf8_defuse(said); /* what a hook or name server said may stand in it */
	bool news = strcmp(said, s->said) != 0;
	memcpy(s->said, said, sizeof(said));
	if (s->terminal) {
		fprintf(stderr, "\r\033[K%.*s", (int)s->columns, said);
		s->told = true;
	} else if (news) {
		fprintf(s->w->quiet ? stderr : stdout, "%s\n", said);
	}
	fflush(stdout);
	fflush(stderr);
}

static void
clear_line(struct watching *s)
{
	if (s->told)
		fputs("\r\033[K", stderr);
	s->told = false;
}

static int
tell_progress(struct watching *s, struct err *err)
{
	const struct health_view view = {s->op.store, s->op.cli->config, s->op.now, true, false};
	struct domain_health d;
	char text[sizeof(s->said)];
	struct buf waited;

	int rc = domain_health_init(&d, &view, &s->op.o, s->op.d, err);
	buf_init(&waited, 32);
	advice_duration(s->op.now - s->began, &waited);
	if (rc == 0 && s->terminal)
		snprintf(text, sizeof(text), "%s: %s, %s: %s", s->op.domain, health_name(d.health),
		    buf_str(&waited), d.next);
	else if (rc == 0)
		snprintf(
		    text, sizeof(text), "%s: %s: %s", s->op.domain, health_name(d.health), d.next);
	if (rc == 0)
		tell(s, text);
	buf_deinit(&waited);
	domain_health_deinit(&d);
	return rc;
}

/* A pass that another signpost makes just now is as good. */
static void
pass_once(struct watching *s)
{
	const struct cli *cli = s->op.cli;
	struct pass pass = {
	    .config = cli->config, .store = s->op.store, .verb = "add", .seams = &PASS_SEAMS};
	struct err why = ERR_INIT;
	int64_t now = (int64_t)time(NULL);

	int lock = store_lock(cli->store_dir, STORE_LOCK_PASS, 0, &why);
	s->next_at = now + LOOK_S;
	if (lock < 0)
		return;
	clear_line(s); /* a pass may have something to say */
	if (pass_run(&pass, &why) == 0)
		s->next_at = pass.steps > 0 || pass.next_at == NEVER ? now : pass.next_at;
	close(lock);
	if (why.kind == ERR_NONE || strcmp(why.text, s->trouble) == 0)
		return;
	clear_line(s);
	fprintf(stderr, "signpost: %s\n", why.text);
	memcpy(s->trouble, why.text, sizeof(s->trouble));
}

/* Until the next look; true when it is to end. */
static bool
rest(const struct watching *s)
{
	int64_t left = s->w->timeout_s - ((int64_t)time(NULL) - s->began);
	const struct timespec slice = {.tv_sec = left < LOOK_S ? (left < 0 ? 0 : left) : LOOK_S};

	return sigtimedwait(&s->signals, NULL, &slice) > 0;
}

static int
end(struct watching *s, const char *why)
{
	clear_line(s);
	fprintf(s->w->quiet ? stderr : stdout,
	    "%s: %s. Nothing is undone: the passes of signpost tick (or run) go on, and signing "
	    "starts by itself. See: signpost status %s, signpost check %s\n",
	    s->op.domain, why, s->op.domain, s->op.domain);
	return EXIT_BUSY;
}

static int
end_signed(struct watching *s, const struct store_key *key)
{
	clear_line(s);
	fprintf(s->w->quiet ? stderr : stdout, "%s: mail is signed, with %s (%s).\n", s->op.domain,
	    key->selector, key_alg_name(key->alg));
	return EXIT_OK;
}

static int
watch(struct watching *s, struct err *err)
{
	for (;;) {
		char why[64];
		struct buf limit;
		if (operation_load(&s->op, err) != 0)
			return -1;
		const struct store_key *key = signing_key(s);
		if (key != NULL)
			return end_signed(s, key);
		if (tell_progress(s, err) != 0)
			return -1;
		if (s->op.now - s->began >= s->w->timeout_s) {
			buf_init(&limit, 32);
			advice_duration(s->w->timeout_s, &limit);
			snprintf(why, sizeof(why), "not signed yet after %s", buf_str(&limit));
			buf_deinit(&limit);
			return end(s, why);
		}
		if ((int64_t)time(NULL) >= s->next_at)
			pass_once(s);
		else if (rest(s))
			return end(s, "not waited for any longer");
	}
}

int
wait_until_signed(const struct waiting *w, struct err *err)
{
	struct watching s = {.w = w, .terminal = isatty(STDERR_FILENO) == 1, .next_at = 0};

	s.columns = terminal_of_stdout().width;
	s.columns = s.columns < COLUMNS_LEAST ? COLUMNS_USUAL : s.columns - 1;
	sigemptyset(&s.signals);
	sigaddset(&s.signals, SIGINT);
	sigaddset(&s.signals, SIGTERM);
	sigaddset(&s.signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &s.signals, NULL) != 0)
		return err_set(err, ERR_IO, "signals cannot be blocked");
	if (operation_open(&s.op, w->cli, err) != 0)
		return -1;
	snprintf(s.op.domain, sizeof(s.op.domain), "%s", w->domain);
	s.began = (int64_t)time(NULL);
	int code = watch(&s, err);
	clear_line(&s);
	operation_end(&s.op);
	return code;
}
