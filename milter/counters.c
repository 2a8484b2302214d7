/* SPDX-License-Identifier: ISC */
#include "milter/counters.h"

static const char *const NAMES[COUNTER_COUNT] = {
    [COUNTER_CONNECTIONS] = "connections",
    [COUNTER_MESSAGES] = "messages",
    [COUNTER_SIGNED] = "signed",
    [COUNTER_SIGNATURES] = "signatures",
    [COUNTER_WOULD_SIGN] = "would_sign",
    [COUNTER_UNSIGNED] = "unsigned",
    [COUNTER_TEMPFAIL] = "tempfail",
    [COUNTER_ABORTED] = "aborted",
    [COUNTER_PROBES] = "probes",
    [COUNTER_BODY_BYTES] = "body_bytes",
    [COUNTER_LONG_LINES] = "long_lines",
    [COUNTER_8BIT_BODIES] = "8bit_bodies",
    [COUNTER_DUPLICATE_FIELDS] = "duplicate_fields",
    [COUNTER_KEY_FAILURES] = "key_failures",
    [COUNTER_TABLE_LOADS] = "table_loads",
    [COUNTER_TABLE_FAILURES] = "table_failures",
};

void
counters_add(struct counters *c, enum counter which, uint64_t n)
{
	atomic_fetch_add_explicit(&c->value[which], n, memory_order_relaxed);
}

uint64_t
counters_get(const struct counters *c, enum counter which)
{
	return atomic_load_explicit(&c->value[which], memory_order_relaxed);
}

const char *
counter_name(enum counter which)
{
	return NAMES[which];
}
