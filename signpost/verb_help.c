/* SPDX-License-Identifier: ISC */
#include "signpost/help.h"
#include "signpost/options.h"

#include <stdio.h>

static void
print_options(const struct verb_option *options, FILE *out)
{
	for (; options->name != NULL; options++) {
		char left[64];
		snprintf(left, sizeof(left), "--%s%s%s", options->name,
		    options->arg == NULL ? "" : " ", options->arg == NULL ? "" : options->arg);
		fprintf(out, "  %-22s %s\n", left, options->help);
	}
}

void
help_verb(const struct verb *verb, FILE *out)
{
	fprintf(out, "signpost %s%s%s\n%s.\n\n", verb->name, verb->args[0] == '\0' ? "" : " ",
	    verb->args, verb->help);
	print_options(verb->options, out);
	print_options(GLOBAL_OPTIONS, out);
}

/* For the checks that the manual pages and the completion have not drifted: one line a thing,
 * never reordered. */
static void
print_all(FILE *out)
{
	for (size_t i = 0; VERBS[i] != NULL; i++) {
		const struct verb *verb = VERBS[i];
		fprintf(out, "verb\t%s\t%s\t%s\n", verb->name, verb->args, verb->help);
		for (const struct verb_option *o = verb->options; o->name != NULL; o++)
			fprintf(out, "verb-option\t%s\t--%s\t%s\t%s\n", verb->name, o->name,
			    o->arg == NULL ? "" : o->arg, o->help);
	}
	for (const struct verb_option *o = GLOBAL_OPTIONS; o->name != NULL; o++)
		fprintf(out, "global-option\t--%s\t%s\t%s\n", o->name, o->arg == NULL ? "" : o->arg,
		    o->help);
	for (size_t i = 1; i < SECTION_COUNT; i++)
		fprintf(out, "section\t%s\t%s\t%s\t%s\n", SECTIONS[SECTIONS[i].parent].name,
		    SECTIONS[i].name, SECTIONS[i].titled ? "titled" : "", SECTIONS[i].help);
	for (const struct option_row *row = OPTIONS; row->name != NULL; row++)
		fprintf(out, "option\t%s\t%s\t%s\t%s\n", SECTIONS[row->section].name, row->name,
		    row->def == NULL ? "" : row->def, row->help);
}

static int
run(const struct cli *cli, struct err *err)
{
	if (cli_has(cli, "all")) {
		print_all(stdout);
		return EXIT_OK;
	}
	if (cli->operand_count == 1) {
		const struct verb *verb = verb_find(cli->operands[0]);
		if (verb == NULL)
			return err_set(
			    err, ERR_USAGE, "no verb %.40s; see signpost help", cli->operands[0]);
		help_verb(verb, stdout);
		return EXIT_OK;
	}
	printf("signpost signs outbound mail with DKIM, and keeps the keys.\n\n");
	for (size_t i = 0; VERBS[i] != NULL; i++)
		printf(
		    "  signpost %-8s %-22s %s\n", VERBS[i]->name, VERBS[i]->args, VERBS[i]->help);
	printf("\nOptions of a verb: signpost VERB --help.  Of every verb:\n");
	print_options(GLOBAL_OPTIONS, stdout);
	return EXIT_OK;
}

static const struct verb_option options[] = {
    {"all", NULL, "print the tables of verbs and options, tab separated"},
    {NULL, NULL, NULL},
};

const struct verb verb_help = {
    "help", "[VERB]", options, 0, 1, VERB_AS_IS, false, "Show the verbs, or one of them", run};
