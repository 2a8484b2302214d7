/* SPDX-License-Identifier: ISC */
/* signpost-milter: signs mail that an MTA hands it, with the keys and by the rules of the signing table.
 * Its powers: one listening socket, the table, the key files below the table's directory, the log. */
#include "base/log.h"
#include "milter/engine.h"
#include "milter/flags.h"
#include "milter/process.h"
#include "milter/signals.h"

#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define IDENT "signpost-milter"
#define STOP_WAIT_MS                                                                               \
	800 /* systemd and Postfix wait longer; what is cut off then gets 451 from the MTA */
#define STOP_STEP_MS 5

static struct counters counters;

static int
exit_code(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return EX_OK;
	case ERR_USAGE:
		return EX_USAGE;
	case ERR_INPUT:
	case ERR_LIMIT:
		return EX_DATAERR;
	case ERR_CRYPTO:
		return EX_SOFTWARE;
	case ERR_NOMEM:
		return EX_OSERR;
	case ERR_IO:
		return EX_IOERR;
	case ERR_DNS:
	case ERR_BUSY:
		return EX_TEMPFAIL;
	case ERR_CONFIG:
		break;
	}
	return EX_CONFIG;
}

static void
sleep_ms(long ms)
{
	struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&ts, NULL);
}

static void
log_counters(void)
{
	struct log_line line;

	log_line_begin(&line, slice_of(NULL), "counters");
	for (int i = 0; i < COUNTER_COUNT; i++)
		log_line_put_u64(
		    &line, counter_name((enum counter)i), counters_get(&counters, (enum counter)i));
	log_line_put_u64(&line, "log_dropped", log_dropped());
	log_line_emit(&line, LOG_LEVEL_INFO);
}

/* Every key of the table, as the running milter would load it. */
static int
check_keys(const struct keyring_snapshot *snap)
{
	const struct table *table = keyring_table(snap);
	size_t usable = 0;

	for (size_t i = 0; i < table->domain_count; i++) {
		const struct table_domain *domain = &table->domains[i];
		struct keyring_key keys[TABLE_KEYS_MAX];
		struct err why = ERR_INIT;
		size_t count;

		count = keyring_keys(snap, domain, 0, keys, &why);
		usable += count;
		if (domain->key_count == 0)
			printf("%s: no key; its mail is %s\n", domain->name,
			    domain->keyless == KEYLESS_UNSIGNED ? "left unsigned"
								: "answered with 451");
	}
	printf("%zu of %zu keys of %zu domains are usable\n", usable, table->key_count,
	    table->domain_count);
	return usable == table->key_count ? EX_OK : EX_CONFIG;
}

static int
check(const struct flags *flags)
{
	struct err err = ERR_INIT;
	struct keyring *ring;
	const struct keyring_snapshot *snap;
	int rc = EX_CONFIG;

	if (flags->user != NULL && process_become(flags->user, &err) != 0) {
		log_err(LOG_LEVEL_ERR, NULL, &err);
		return exit_code(err.kind);
	}
	ring = keyring_new(flags->table, &counters);
	if (ring == NULL)
		return EX_OSERR;
	snap = keyring_acquire(ring, &err);
	if (snap != NULL)
		rc = check_keys(snap);
	keyring_release(ring, snap);
	keyring_free(ring);
	return rc;
}

static void
stop(struct milter_socket *sock)
{
	process_notify("STOPPING=1");
	engine_stop();
	milter_socket_close(sock);
	for (int ms = 0; ms < STOP_WAIT_MS && engine_running() > 0; ms += STOP_STEP_MS)
		sleep_ms(STOP_STEP_MS);
	log_counters();
	log_msg(LOG_LEVEL_INFO, "stopped");
	log_close();
}

static int
serve(const struct flags *flags, struct milter_socket *sock, struct keyring *ring, struct err *err)
{
	const struct keyring_snapshot *snap;
	struct err no_table = ERR_INIT;

	if (signals_init(err) != 0)
		return -1;
	snap = keyring_acquire(ring, &no_table); /* says in the log what it found */
	keyring_release(ring, snap);
	if (engine_start(sock->fd, ring, &counters, err) != 0)
		return -1;
	log_msg(LOG_LEVEL_INFO, "version %s listens on %s", SIGNPOST_VERSION,
	    sock->inherited ? "the service manager's socket" : flags->socket.address);
	process_notify("READY=1");
	while (signals_wait() == SIGNALS_COUNTERS)
		log_counters();
	stop(sock);
	/* threads may still wait or run: nothing is freed under them */
	_exit(engine_has_failed() ? EX_SOFTWARE : EX_OK);
}

static int
run(const struct flags *flags, struct err *err)
{
	struct milter_socket sock;
	struct keyring *ring;

	if (process_harden(err) != 0)
		return -1;
	if (milter_socket_inherited(&sock, err) != 0) {
		if (err->kind != ERR_NONE || milter_socket_open(&flags->socket, &sock, err) != 0)
			return -1;
	}
	if (flags->user != NULL && process_become(flags->user, err) != 0)
		goto fail;
	if (geteuid() == 0)
		log_msg(LOG_LEVEL_WARNING, "runs as root, which signing needs for nothing: start "
					   "it as another user, or with "
					   "--user=signpost-milter");
	ring = keyring_new(flags->table, &counters);
	if (ring == NULL) {
		(void)err_nomem(err);
		goto fail;
	}
	if (serve(flags, &sock, ring, err) == 0)
		return 0;
fail:
	milter_socket_close(&sock);
	return -1;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct flags flags;
	int rc;

	if (process_fill_std_fds(&err) != 0)
		return EX_OSERR;
	if (flags_parse(argc, argv, &flags, &err) != 0) {
		fprintf(stderr, IDENT ": %s\n", err.text);
		return exit_code(err.kind);
	}
	switch (flags.action) {
	case FLAGS_HELP:
		flags_usage(stdout);
		return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
	case FLAGS_VERSION:
		printf("signpost-milter %s\n", SIGNPOST_VERSION);
		return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
	case FLAGS_CHECK:
		log_open(LOG_TARGET_STDERR, IDENT);
		return check(&flags);
	case FLAGS_RUN:
		break;
	}
	log_open(flags.log, IDENT);
	rc = run(&flags, &err) == 0 ? EX_OK : exit_code(err.kind);
	if (rc != EX_OK)
		log_err(LOG_LEVEL_ERR, NULL, &err);
	return rc;
}
