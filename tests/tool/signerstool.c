/* SPDX-License-Identifier: ISC */
/* signerstool - asks milters as the keeper does, and prints what they say.  For tests. */
#include "base/file.h"
#include "signpost/signers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESSES_MAX 8
#define DOMAINS_MAX   20000

static const char USAGE[] =
    "usage: signerstool TABLE TIMEOUT_MS MILTER[,MILTER...] DOMAIN...\n"
    "Asks each MILTER which keys it signs each DOMAIN's mail with, and prints a line per domain:\n"
    "DOMAIN not-needed | agree | laggards=N TEXT.\n"
    "Exit: 0 all agree, 1 some do not, 2 cannot ask, 64 usage.\n";

static struct table *
load(const char *path, struct err *err)
{
	struct table *table = NULL;
	struct buf text;

	buf_init(&text, TABLE_LEN_MAX);
	if (file_read(path, &text, err) != 0 ||
	    table_parse(buf_slice(&text), path, &table, err) != 0)
		table = NULL;
	buf_deinit(&text);
	return table;
}

static int
print(const struct signers_answer *answers, size_t count)
{
	int status = 0;

	for (size_t i = 0; i < count; i++) {
		const struct signers_answer *a = &answers[i];
		if (!a->needed)
			printf("%s not-needed\n", a->domain);
		else if (a->agree)
			printf("%s agree\n", a->domain);
		else
			printf("%s laggards=%u %s\n", a->domain, a->laggards, a->laggard);
		status |= !a->agree;
	}
	return status;
}

int
main(int argc, char **argv)
{
	char *milters[ADDRESSES_MAX];
	struct signers_conf conf = {.milters = milters};
	struct signers_answer *answers;
	struct err err = ERR_INIT;
	struct table *table;
	int status = 2;

	if (argc < 5 || argc - 4 > DOMAINS_MAX) {
		fputs(USAGE, stderr);
		return 64;
	}
	conf.timeout_ms = (int)strtol(argv[2], NULL, 10);
	char *list = argv[3];
	while (list != NULL && conf.milter_count < ADDRESSES_MAX)
		milters[conf.milter_count++] = strsep(&list, ",");
	const size_t count = (size_t)argc - 4;
	answers = calloc(count, sizeof(*answers));
	table = load(argv[1], &err);
	for (size_t i = 0; answers != NULL && i < count; i++)
		answers[i].domain = argv[i + 4];
	if (answers != NULL && table != NULL &&
	    signers_ask(&conf, table, answers, count, &err) == 0)
		status = print(answers, count);
	else
		fprintf(stderr, "signerstool: %s\n", err.text);
	table_free(table);
	free(answers);
	return status;
}
