/* SPDX-License-Identifier: ISC */
/* doctor_probe.h - one whole message through a milter, as an MTA hands it over, and what verifiers say of the result.
 *
 * Threads: one call, one thread. */
#ifndef SIGNPOST_SIGNPOST_DOCTOR_PROBE_H
#define SIGNPOST_SIGNPOST_DOCTOR_PROBE_H

#include "keys/dns_conf.h"
#include "signpost/doctor.h"
#include "signpost/signer_facts.h"

struct doctor_way {
	const char *milter; /* as signers { milters } names it */
	int timeout_ms;
	const struct dns_conf *dns;
	int64_t now;
	const struct dns_conf *authorities; /* as in signpost/verify_look.h */
};

/* The facts say who sends it. */
void doctor_probe_send(const struct doctor_way *, const struct signer_facts *, struct doctor_probe *out);

#endif
