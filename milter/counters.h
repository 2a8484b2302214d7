/* SPDX-License-Identifier: ISC */
/* counters.h - what the milter did since it started; lock-free, written by all, read by an
 * exporter. Rows: {enum, name, help}; a counter never goes down.
 *
 * Threads: any; a sum over several counters is not of one instant. */
#ifndef SIGNPOST_MILTER_COUNTERS_H
#define SIGNPOST_MILTER_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

enum counter {
	COUNTER_CONNECTIONS,
	COUNTER_MESSAGES,          /* that reached end of header */
	COUNTER_SIGNED,
	COUNTER_SIGNATURES,        /* fields inserted; more than one a message is possible */
	COUNTER_WOULD_SIGN,        /* dry_run */
	COUNTER_UNSIGNED,
	COUNTER_TEMPFAIL,
	COUNTER_ABORTED,
	COUNTER_PROBES,            /* of the keeper, answered; none of the others counts them as mail */
	COUNTER_BODY_BYTES,        /* hashed */
	COUNTER_LONG_LINES,        /* signed messages with a line over 998 octets */
	COUNTER_8BIT_BODIES,       /* signed messages with 8-bit bodies */
	/* signed messages with a duplicated field that may stand once (RFC 5322 3.6) */
	COUNTER_DUPLICATE_FIELDS,
	COUNTER_KEY_FAILURES,      /* loads of a key that failed */
	COUNTER_TABLE_LOADS,
	COUNTER_TABLE_FAILURES,
	COUNTER_COUNT
};

struct counters {
	_Atomic uint64_t value[COUNTER_COUNT];
};

void counters_add(struct counters *, enum counter, uint64_t n);
uint64_t counters_get(const struct counters *, enum counter);
const char *counter_name(enum counter); /* "signed", ... */

#endif
