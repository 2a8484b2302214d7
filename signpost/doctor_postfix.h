/* SPDX-License-Identifier: ISC */
/* doctor_postfix.h - what of a Postfix instance's settings loses signatures, or leaves mail unsigned.  Pure: the
 * texts are what postconf(1) printed (doctor_ask.h), expanded.
 *
 *	struct doctor_postfix p = {.settings = ..., .services = ..., .overrides = ...};
 *	doctor_judge_postfix(&p, &findings);
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_DOCTOR_POSTFIX_H
#define SIGNPOST_SIGNPOST_DOCTOR_POSTFIX_H

#include "base/slice.h"
#include "signpost/doctor_words.h"

struct doctor_postfix {
	const char *name;	/* configuration directory; NULL: the only one, and not said */
	struct slice settings;	/* postconf -x NAME...: "name = value" lines; those that it does not know are missing */
	struct slice services;	/* postconf -M: master.cf, a service a line */
	struct slice overrides; /* postconf -xP: "service/type/name = value" */
	char *const *milters;	/* ours, as signpost.conf names them */
	size_t milter_count;
	bool wants_login;	/* somebody may sign because of a login */
	bool wants_daemon;	/* a network block asks for a daemon */
};

/* The settings to be asked for, ended by NULL. */
extern const char *const DOCTOR_POSTFIX_SETTINGS[];

void doctor_judge_postfix(const struct doctor_postfix *, struct doctor_findings *);
/* doctor_overrides.c: -o smtp_header_checks=... and its like; in: " (DIRECTORY)", or "". */
void doctor_judge_overrides(const struct doctor_postfix *, const char *in, struct doctor_findings *);

/* One element of a milter list, "{ inet:a:1, default_action=accept }" or "unix:/a": *off is 0 at first. */
struct milter_element {
	struct slice address, action; /* action: its own default_action; empty */
};
bool milter_element_next(struct slice list, size_t *off, struct milter_element *);
/* Do Postfix's name of a socket and ours mean the same?  queue: what relative paths, and those of a chroot, begin
 * with. */
struct milter_place {
	struct slice queue;
	bool chrooted;
};
bool milter_is_ours(const struct milter_place *, struct slice postfix, const char *ours);

#endif
