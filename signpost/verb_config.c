/* SPDX-License-Identifier: ISC */
#include "signpost/config.h"
#include "signpost/verbs.h"

#include <stdio.h>

static int
run(const struct cli *cli, struct err *err)
{
	struct buf out;

	buf_init(&out, 16 * CONFIG_LEN_MAX); /* every option with its help */
	config_print(cli->config, cli_has(cli, "all"), &out);
	int rc = buf_check(&out, "the configuration", err);
	if (rc == 0)
		fputs(buf_str(&out), stdout);
	buf_deinit(&out);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"all", NULL, "show the defaults too, each with its help"},
    {NULL, NULL, NULL},
};

const struct verb verb_config = {"config", "", options, 0, 0, VERB_NOBODY, true,
    "Print the effective configuration: what differs from the defaults", run};
