/* SPDX-License-Identifier: ISC */
/* dirs.h - where things are when nobody says otherwise; configure's --sysconfdir and --localstatedir
 * tell the build.
 *
 * Threads: constants. */
#ifndef SIGNPOST_BASE_DIRS_H
#define SIGNPOST_BASE_DIRS_H

#ifndef SIGNPOST_SYSCONFDIR
#define SIGNPOST_SYSCONFDIR "/etc/signpost"
#endif
#ifndef SIGNPOST_STATEDIR
#define SIGNPOST_STATEDIR "/var/lib/signpost"
#endif
/* Below Postfix's queue directory: Debian's smtpd and cleanup run in a chroot there. */
#ifndef SIGNPOST_MILTER_SOCKET
#define SIGNPOST_MILTER_SOCKET "unix:/var/spool/postfix/signpost/milter.sock"
#endif

#endif
