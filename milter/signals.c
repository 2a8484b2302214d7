/* SPDX-License-Identifier: ISC */
#include "milter/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void
fill_stops(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
}

int
signals_init(struct err *err)
{
	sigset_t set;
	int rc;

	if (signal(SIGHUP, SIG_IGN) == SIG_ERR || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_set(err, ERR_IO, "signals cannot be set up: %s", strerror(errno));
	fill_stops(&set);
	sigaddset(&set, SIGUSR1);
	rc = pthread_sigmask(SIG_BLOCK, &set, NULL);
	return rc == 0 ? 0 : err_set(err, ERR_IO, "signals cannot be set up: %s", strerror(rc));
}

enum signals_event
signals_wait(void)
{
	const struct timespec at_once = {0, 0};
	sigset_t stops, all;
	int sig = 0;

	fill_stops(&stops);
	all = stops;
	sigaddset(&all, SIGUSR1);
	while (sigwait(&all, &sig) != 0)
		;
	if (sig == SIGUSR1 && sigtimedwait(&stops, NULL, &at_once) < 0)
		return SIGNALS_COUNTERS;
	return SIGNALS_STOP;
}

void
signals_stop(void)
{
	(void)kill(getpid(), SIGTERM);
}
