/* SPDX-License-Identifier: ISC */
/* announce_send.h - hands a message to sendmail(1), or to the program of notify, on its standard input; without a
 * shell, and for a limited time.
 *
 * Threads: as base/run.h. */
#ifndef SIGNPOST_SIGNPOST_ANNOUNCE_SEND_H
#define SIGNPOST_SIGNPOST_ANNOUNCE_SEND_H

#include "keys/store_alerts.h"
#include "signpost/config.h"

/* 0: it was taken. */
typedef int announce_send_fn(const struct notify_conf *, enum alert_channel, struct slice text, struct err *);
announce_send_fn announce_send;

/* Has the channel anybody at its end? */
static inline bool
announce_is_wanted(const struct notify_conf *conf, enum alert_channel channel)
{
	return channel == ALERT_MAIL ? conf->mail != NULL : conf->program_count > 0;
}

#endif
