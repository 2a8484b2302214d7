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

#endif
