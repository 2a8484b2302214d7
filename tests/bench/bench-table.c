/* SPDX-License-Identifier: ISC */
/* bench-table - milliseconds of processor time to parse a signing table of 10,000 domains with two keys each and 1,000 logins. */
#include "keys/table.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS 5

static void
put_table(struct buf *b)
{
	struct table_writer w;
	struct table_settings settings;
	char name[64], login[80], path[2][96], selector[2][8] = {"a", "b"};

	table_settings_default(&settings);
	table_write_begin(&w, b, 1, TABLE_NO_DATE, false);
	table_write_settings(&w, &settings);
	for (int i = 0; i < 10000; i++) {
		struct table_key keys[2] = {{.alg = KEY_RSA_SHA256}, {.alg = KEY_ED25519_SHA256}};
		snprintf(name, sizeof name, "domain%d.example", (i * 7919) % 10000);
		for (int k = 0; k < 2; k++) {
			snprintf(path[k], sizeof path[k], "keys/%s/%s.pem", name, selector[k]);
			keys[k].selector = selector[k];
			keys[k].path = path[k];
		}
		const struct table_domain domain = {
		    .name = name, .keys = keys, .key_count = 2, .timestamp = true};
		table_write_domain(&w, &domain);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "domain%d.example", i);
		snprintf(login, sizeof login, "user%d@%s", i, name);
		char *entries[] = {name};
		const struct table_allow allow = {
		    .kind = ALLOW_LOGIN, .login = login, .entries = entries, .entry_count = 1};
		table_write_allow(&w, &allow);
	}
	table_write_end(&w);
}

static double
parse_ms(const struct buf *text)
{
	struct timespec start, end;
	struct table *t;
	struct err err = ERR_INIT;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	if (table_parse(buf_slice(text), "bench", &t, &err) != 0) {
		fprintf(stderr, "bench-table: %s\n", err.text);
		return -1;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	table_free(t);
	return (double)(end.tv_sec - start.tv_sec) * 1e3 +
	       (double)(end.tv_nsec - start.tv_nsec) / 1e6;
}

int
main(void)
{
	struct buf text;
	double best = 1e9;

	buf_init(&text, TABLE_LEN_MAX);
	put_table(&text);
	for (int i = 0; i < ROUNDS; i++) {
		double ms = parse_ms(&text);
		if (ms < 0)
			return 1;
		best = ms < best ? ms : best;
	}
	printf("%.1f\n", best);
	buf_deinit(&text);
	return 0;
}
