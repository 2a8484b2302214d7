/* SPDX-License-Identifier: ISC */
#include "keys/clock.h"
#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/timex.h>
#include <time.h>

/* Longer than this no host is off, but that nobody misses it: a date so far ahead is rather a wrong clock. */
#define GAP_MAX_S (60 * 86400LL)

void
clock_memory_init(struct clock_memory *m)
{
	*m = (struct clock_memory){.real_s = NEVER,
	    .boot_s = NEVER,
	    .synchronised = NEVER,
	    .server_s = NEVER,
	    .server_boot_s = NEVER};
}

/* The first 15 hexadecimal digits of the kernel's random number. */
static int64_t
read_boot_id(void)
{
	struct buf text;
	struct err ignored = ERR_INIT;
	int64_t id = 0;
	unsigned digits = 0;

	buf_init(&text, 256);
	if (file_read("/proc/sys/kernel/random/boot_id", &text, &ignored) == 0) {
		for (const char *p = buf_str(&text); *p != '\0' && digits < 15; p++) {
			uint8_t c = ascii_lower((uint8_t)*p);
			if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
				continue;
			id = id * 16 + (ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
			digits++;
		}
	}
	buf_deinit(&text);
	return id;
}

void
clock_read(struct clock_reading *r)
{
	struct timespec boot = {0, 0};
	struct timex state = {.modes = 0};

	r->real_s = (int64_t)time(NULL);
	r->boot_s = clock_gettime(CLOCK_BOOTTIME, &boot) == 0 ? (int64_t)boot.tv_sec : NEVER;
	r->boot_id = read_boot_id();
	int status = adjtimex(&state);
	r->synchronised = status >= 0 && status != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

static bool
same_boot(int64_t id, const struct clock_reading *r)
{
	return id != 0 && id == r->boot_id && r->boot_s != NEVER;
}

/* Where /proc/sys is hidden no boot has a name: if the time since boot only grew it is taken for the same, for else
 * each pass were a boot of its own, and nothing would be noticed. */
static bool
runs_on(const struct clock_memory *m, const struct clock_reading *r)
{
	return m->boot_id == r->boot_id && m->boot_s != NEVER && r->boot_s != NEVER &&
	       r->boot_s >= m->boot_s;
}

static void
distrust(struct clock_verdict *v, const char *what, int64_t by_s)
{
	v->trusted = false;
	snprintf(v->why, sizeof(v->why),
	    "%s by %" PRId64 " s; set it right, or say that it is right: signpost clock --accept",
	    what, by_s);
}

/* What a name server said, and what must have become of it since. */
static bool
judge_server(const struct clock_memory *m, const struct clock_reading *r, int64_t tolerance_s,
    struct clock_verdict *v)
{
	if (m->server_s == NEVER || !same_boot(m->server_boot_id, r) ||
	    r->boot_s < m->server_boot_s)
		return false;
	int64_t there = m->server_s + (r->boot_s - m->server_boot_s);
	if (distance(there, r->real_s) > tolerance_s)
		distrust(v, "the clock and that of the name server (by TSIG) are apart",
		    distance(there, r->real_s));
	return v->trusted;
}

/* corroborated: a server's clock says the same. */
static int64_t
judge_same_boot(const struct clock_memory *m, const struct clock_reading *r, int64_t tolerance_s,
    bool corroborated, struct clock_verdict *v)
{
	int64_t real = r->real_s - m->real_s, boot = r->boot_s - m->boot_s;

	if (!corroborated && real < boot - tolerance_s)
		distrust(v, "the clock was set back", boot - real);
	else if (!corroborated && real > boot + tolerance_s)
		distrust(v, "the clock was set forward", real - boot);
	/* what was set right counts as time by the other clock alone */
	if (corroborated && distance(real, boot) > tolerance_s)
		return boot;
	return real < boot ? real : boot;
}

static int64_t
judge_other_boot(const struct clock_memory *m, const struct clock_reading *r, int64_t tolerance_s,
    bool corroborated, struct clock_verdict *v)
{
	int64_t real = r->real_s - m->real_s;

	if (corroborated || r->synchronised) {
		if (real < -tolerance_s && !corroborated)
			distrust(v, "since the last boot the clock went back", -real);
		return real;
	}
	if (real < -tolerance_s) {
		distrust(v, "since the last boot the clock went back", -real);
	} else if (real > GAP_MAX_S) {
		distrust(v, "since the last boot the clock went forward", real);
	} else {
		v->warns = true;
		snprintf(v->why, sizeof(v->why),
		    "the clock is not synchronised: of the time that this host was off, none "
		    "counts");
	}
	/* it surely runs since it was booted */
	return r->boot_s == NEVER || real < r->boot_s ? (r->boot_s == NEVER ? 0 : real) : r->boot_s;
}

void
clock_judge(const struct clock_memory *m, const struct clock_reading *r, int64_t tolerance_s,
    struct clock_verdict *v)
{
	int64_t passed = 0;

	*v = (struct clock_verdict){.trusted = true, .after = *m};
	bool corroborated = judge_server(m, r, tolerance_s, v);
	if (!v->trusted)
		return;
	if (m->real_s == NEVER)
		passed = 0;
	else if (runs_on(m, r)) {
		/* booted with a wrong clock, and then a time service set it right */
		corroborated = corroborated || (m->synchronised == 0 && r->synchronised);
		passed = judge_same_boot(m, r, tolerance_s, corroborated, v);
	} else {
		passed = judge_other_boot(m, r, tolerance_s, corroborated, v);
	}
	if (!v->trusted)
		return;
	if (!r->synchronised && v->why[0] == '\0') {
		v->warns = true;
		snprintf(
		    v->why, sizeof(v->why), "nothing keeps the clock right (no time service runs)");
	}
	v->after.real_s = r->real_s;
	v->after.boot_s = r->boot_s;
	v->after.boot_id = r->boot_id;
	v->after.synchronised = r->synchronised;
	v->after.trusted_s = m->trusted_s + (passed > 0 ? passed : 0);
}

void
clock_accept(struct clock_memory *m, const struct clock_reading *r)
{
	m->real_s = r->real_s;
	m->boot_s = r->boot_s;
	m->boot_id = r->boot_id;
	m->synchronised = r->synchronised;
	m->server_s = m->server_boot_s = NEVER;
	m->server_boot_id = 0;
}

void
clock_hear(
    struct clock_memory *m, const struct clock_reading *r, int64_t server_s, int64_t our_time)
{
	if (r->boot_s == NEVER || server_s == NEVER)
		return;
	m->server_s = server_s;
	m->server_boot_s = r->boot_s - (r->real_s - our_time);
	m->server_boot_id = r->boot_id;
}

static const struct {
	const char *name;
	size_t offset;
} NUMBERS[] = {
    {"clock_real", offsetof(struct clock_memory, real_s)},
    {"clock_boot", offsetof(struct clock_memory, boot_s)},
    {"clock_boot_id", offsetof(struct clock_memory, boot_id)},
    {"clock_synchronised", offsetof(struct clock_memory, synchronised)},
    {NUMBER_TRUSTED_S, offsetof(struct clock_memory, trusted_s)},
    {"clock_server", offsetof(struct clock_memory, server_s)},
    {"clock_server_boot", offsetof(struct clock_memory, server_boot_s)},
    {"clock_server_boot_id", offsetof(struct clock_memory, server_boot_id)},
};

#define NUMBER_COUNT (sizeof(NUMBERS) / sizeof(NUMBERS[0]))

int
clock_memory_get(struct store *store, struct clock_memory *m, struct err *err)
{
	clock_memory_init(m);
	for (size_t i = 0; i < NUMBER_COUNT; i++) {
		int64_t *at = (int64_t *)(void *)((char *)m + NUMBERS[i].offset);
		if (store_number_get(store, NUMBERS[i].name, *at, at, err) != 0)
			return -1;
	}
	return 0;
}

int
clock_memory_put(struct store *store, const struct clock_memory *m, struct err *err)
{
	int rc = 0;

	if (store_begin(store, err) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < NUMBER_COUNT; i++) {
		const int64_t *at =
		    (const int64_t *)(const void *)((const char *)m + NUMBERS[i].offset);
		rc = *at == NEVER ? store_number_drop(store, NUMBERS[i].name, err)
				  : store_number_put(store, NUMBERS[i].name, *at, err);
	}
	return store_end(store, rc, err);
}
