/* SPDX-License-Identifier: ISC */
/* notify.h - what a daemon tells the service manager (sd_notify(3)'s protocol, without its library).
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_BASE_NOTIFY_H
#define SIGNPOST_BASE_NOTIFY_H

/* "READY=1", "STATUS=next pass in 60 s", "STOPPING=1".  Without a manager, nothing; nothing can be done about a
 * failure. */
void notify_manager(const char *state);

#endif
