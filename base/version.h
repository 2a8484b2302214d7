/* SPDX-License-Identifier: ISC */
/* version.h - which signpost this is, as configure says; a build without it has no number.
 *
 * Threads: a constant. */
#ifndef SIGNPOST_BASE_VERSION_H
#define SIGNPOST_BASE_VERSION_H

#ifndef SIGNPOST_VERSION
#define SIGNPOST_VERSION "unreleased"
#endif

#endif
