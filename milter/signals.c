/* SPDX-License-Identifier: ISC */
#include "milter/signals.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

static sem_t wake;
static atomic_bool stop_asked, counters_asked;

static void
on_signal(int sig)
{
	int saved = errno;

	if (sig == SIGUSR1)
		atomic_store(&counters_asked, true);
	else
		atomic_store(&stop_asked, true);
	(void)sem_post(&wake);
	errno = saved;
}

static void
fill_mask(sigset_t *mask)
{
	sigemptyset(mask);
	sigaddset(mask, SIGHUP);
	sigaddset(mask, SIGINT);
	sigaddset(mask, SIGTERM);
	sigaddset(mask, SIGUSR1);
}

int
signals_init(struct err *err)
{
	static const int HANDLED[] = {SIGINT, SIGTERM, SIGUSR1}, IGNORED[] = {SIGHUP, SIGPIPE};
	struct sigaction act;
	sigset_t mask;
	int rc = 0;

	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_flags = SA_RESTART;
	if (sem_init(&wake, 0, 0) != 0)
		return err_set(err, ERR_IO, "sem_init: %s", strerror(errno));
	fill_mask(&mask);
	rc |= pthread_sigmask(SIG_BLOCK, &mask, NULL);
	act.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof(HANDLED) / sizeof(HANDLED[0]); i++)
		rc |= sigaction(HANDLED[i], &act, NULL);
	act.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(IGNORED) / sizeof(IGNORED[0]); i++)
		rc |= sigaction(IGNORED[i], &act, NULL);
	return rc == 0 ? 0 : err_set(err, ERR_IO, "signals cannot be set up: %s", strerror(errno));
}

int
signals_open(struct err *err)
{
	sigset_t mask;
	int rc;

	fill_mask(&mask);
	rc = pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
	return rc == 0 ? 0 : err_set(err, ERR_IO, "signals cannot be set up: %s", strerror(rc));
}

enum signals_event
signals_wait(void)
{
	for (;;) {
		if (atomic_load(&stop_asked))
			return SIGNALS_STOP;
		if (atomic_exchange(&counters_asked, false))
			return SIGNALS_COUNTERS;
		(void)sem_wait(&wake); /* EINTR: a handler ran, look again */
	}
}

void
signals_stop(void)
{
	atomic_store(&stop_asked, true);
	(void)sem_post(&wake);
}
