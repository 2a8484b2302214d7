/* SPDX-License-Identifier: ISC */
#include "signpost/verbs.h"
#include "signpost/config.h"

#include <string.h>

const struct verb *const VERBS[] = {&verb_init, &verb_add, &verb_records, &verb_status, &verb_check,
    &verb_explain, &verb_plan, &verb_report, &verb_log, &verb_tick, &verb_run, &verb_roll,
    &verb_rollback, &verb_approve, &verb_attest, &verb_compromise, &verb_hold, &verb_release,
    &verb_remove, &verb_clock, &verb_publisher, &verb_doctor, &verb_decide, &verb_sign,
    &verb_verify, &verb_config, &verb_help, NULL};

const struct verb_option GLOBAL_OPTIONS[] = {
    {"config", "FILE", "read FILE instead of " CONFIG_PATH_DEFAULT},
    {"store", "DIR", "use the store in DIR instead of the configuration's"},
    {"help", NULL, "show how the verb is used"},
    {NULL, NULL, NULL},
};

const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; VERBS[i] != NULL; i++) {
		if (strcmp(VERBS[i]->name, name) == 0)
			return VERBS[i];
	}
	return NULL;
}

int
exit_code_of(enum err_kind kind)
{
	static const int codes[] = {
	    [ERR_NONE] = EXIT_OK,
	    [ERR_USAGE] = EXIT_USAGE,
	    [ERR_CONFIG] = EXIT_CONF,
	    [ERR_INPUT] = EXIT_INPUT,
	    [ERR_LIMIT] = EXIT_INPUT,
	    [ERR_CRYPTO] = EXIT_CRYPTO,
	    [ERR_DNS] = EXIT_BUSY,
	    [ERR_IO] = EXIT_IO,
	    [ERR_NOMEM] = EXIT_NOMEM,
	    [ERR_BUSY] = EXIT_BUSY,
	};

	return codes[kind];
}
