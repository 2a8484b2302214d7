/* SPDX-License-Identifier: ISC */
/* cli.c - the command line, and the way from there to a verb. */
#include "base/version.h"
#include "signpost/config.h"
#include "signpost/help.h"
#include "signpost/privileges.h"
#include "signpost/status_file.h"
#include "signpost/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static size_t
option_index(const struct verb_option *options, struct slice name)
{
	size_t i = 0;

	while (options[i].name != NULL && !slice_eq_str(name, options[i].name))
		i++;
	return i;
}

const char *
cli_value(const struct cli *cli, const char *option)
{
	size_t i = option_index(cli->verb->options, slice_of(option));

	return cli->verb->options[i].name == NULL ? NULL : cli->values[i];
}

bool
cli_has(const struct cli *cli, const char *option)
{
	return cli_value(cli, option) != NULL;
}

static int
set_global(struct cli *cli, size_t i, const char *value, bool *help)
{
	if (strcmp(GLOBAL_OPTIONS[i].name, "config") == 0)
		cli->config_path = value;
	else if (strcmp(GLOBAL_OPTIONS[i].name, "store") == 0)
		cli->store_dir = value;
	else
		*help = true;
	return 0;
}

/* argv[*at] is "--NAME" or "--NAME=VALUE"; a value may be the next word. */
static int
take_option(struct cli *cli, char **argv, int *at, bool *help, struct err *err)
{
	const char *word = argv[*at];
	struct slice name = slice_of(word + 2);
	const char *value = NULL;
	size_t equals;

	if (slice_find(name, '=', &equals)) {
		value = word + 2 + equals + 1;
		name = slice_sub(name, 0, equals);
	}
	const struct verb_option *rows = GLOBAL_OPTIONS;
	size_t i = option_index(rows, name);
	bool global = rows[i].name != NULL;
	if (!global) {
		rows = cli->verb->options;
		i = option_index(rows, name);
	}
	if (rows[i].name == NULL)
		return err_set(err, ERR_USAGE, "%s has no option %.80s; see signpost %s --help",
		    cli->verb->name, word, cli->verb->name);
	if (rows[i].arg == NULL && value != NULL)
		return err_set(err, ERR_USAGE, "--%s takes no value", rows[i].name);
	if (rows[i].arg != NULL && value == NULL && (value = argv[++*at]) == NULL)
		return err_set(err, ERR_USAGE, "--%s wants %s", rows[i].name, rows[i].arg);
	if (rows[i].arg == NULL)
		value = "";
	if (global)
		return set_global(cli, i, value, help);
	if (cli->values[i] != NULL)
		return err_set(err, ERR_USAGE, "--%s is given twice", rows[i].name);
	cli->values[i] = value;
	return 0;
}

static int
take_words(int argc, char **argv, struct cli *cli, bool *help, struct err *err)
{
	bool options_end = false;

	for (int i = 2; i < argc; i++) {
		if (!options_end && strcmp(argv[i], "--") == 0) {
			options_end = true;
		} else if (!options_end && strncmp(argv[i], "--", 2) == 0) {
			if (take_option(cli, argv, &i, help, err) != 0)
				return -1;
		} else if (!options_end && argv[i][0] == '-' && argv[i][1] != '\0') {
			return err_set(
			    err, ERR_USAGE, "%.80s: options are long ones, as in --help", argv[i]);
		} else if (cli->operand_count == CLI_OPERANDS_MAX) {
			return err_set(err, ERR_USAGE, "more than %d words", CLI_OPERANDS_MAX);
		} else {
			cli->operands[cli->operand_count++] = argv[i];
		}
	}
	return 0;
}

/* Fills cli from argv: verb, operands, values, config_path, store_dir.  *help: --help was given. */
static int
cli_parse(int argc, char **argv, struct cli *cli, bool *help, struct err *err)
{
	const char *name = argc < 2 ? "" : argv[1];

	*help = false;
	if (strcmp(name, "--help") == 0)
		name = "help";
	cli->verb = verb_find(name);
	if (cli->verb == NULL)
		return err_set(err, ERR_USAGE,
		    name[0] == '\0' ? "want a verb%s; see signpost help"
				    : "no verb %.40s; see signpost help",
		    name);
	if (take_words(argc, argv, cli, help, err) != 0)
		return -1;
	if (!*help && (cli->operand_count < cli->verb->operands_min ||
			  cli->operand_count > cli->verb->operands_max))
		return err_set(err, ERR_USAGE, "usage: signpost %s%s%s%s", cli->verb->name,
		    cli->verb->options[0].name == NULL ? "" : " [options]",
		    cli->verb->args[0] == '\0' ? "" : " ", cli->verb->args);
	return 0;
}

/* Who may open the store would see it judged by policies that are not the ones. */
static int
load_without(const struct cli *cli, struct config **config, struct err *err)
{
	if (config_default(cli->config_path, config, err) != 0)
		return -1;
	if (status_file_wanted(cli->store_dir != NULL ? cli->store_dir : (*config)->store))
		return 0;
	config_free(*config);
	*config = NULL;
	return err_set(err, ERR_IO,
	    "%s: cannot open: Permission denied; the keeper has to read it, and it has no secrets: "
	    "chmod 0644 %s",
	    cli->config_path, cli->config_path);
}

static int
load_config(struct cli *cli, struct config **config, struct err *err)
{
	bool chosen = cli->config_path != NULL;

	if (!chosen)
		cli->config_path = CONFIG_PATH_DEFAULT;
	/* sign opens nothing but the key; verify may be anybody's, who need not be allowed to
	 * read ours */
	if (cli->verb == &verb_sign ||
	    (!chosen && cli->verb->power == VERB_NOBODY && !cli->verb->needs_config &&
		access(cli->config_path, R_OK) != 0))
		return config_default(cli->config_path, config, err);
	/* what the status file tells, it tells without a configuration, too */
	bool reads_file = cli->verb == &verb_status || cli->verb == &verb_check;
	if (reads_file && access(cli->config_path, R_OK) != 0 && errno == EACCES)
		return load_without(cli, config, err);
	if (access(cli->config_path, F_OK) != 0 && errno == ENOENT) {
		if (!chosen && !cli->verb->needs_config)
			return config_default(cli->config_path, config, err);
		if (cli->verb == &verb_init)
			return config_default(cli->config_path, config, err);
		return err_set(
		    err, ERR_CONFIG, "%s is not there; signpost init makes it", cli->config_path);
	}
	if (privileges_check_config(cli->config_path, err) != 0)
		return -1;
	return config_load(cli->config_path, config, err);
}

static int
give_up_powers(const struct cli *cli, struct err *err)
{
	/* what can do without a configuration can do without a store: --table FILE */
	bool storeless = !cli->verb->needs_config && access(cli->store_dir, F_OK) != 0;

	if (cli->verb->power == VERB_KEEPER && !storeless)
		return privileges_become_owner(cli->store_dir, err);
	if (cli->verb->power != VERB_AS_IS)
		return privileges_become_nobody(err);
	return 0;
}

static int
run(int argc, char **argv, struct config **config, struct err *err)
{
	struct cli cli = {.now = (int64_t)time(NULL), .uid = (int64_t)getuid(), .argv = argv};
	bool help;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("signpost %s\n", SIGNPOST_VERSION);
		return EXIT_OK;
	}
	if (cli_parse(argc, argv, &cli, &help, err) != 0)
		return -1;
	if (help) {
		help_verb(cli.verb, stdout);
		return EXIT_OK;
	}
	if (load_config(&cli, config, err) != 0)
		return -1;
	cli.config = *config;
	if (cli.store_dir == NULL)
		cli.store_dir = cli.config->store;
	if (give_up_powers(&cli, err) != 0)
		return -1;
	return cli.verb->run(&cli, err);
}

/* A missing standard descriptor would be the next file that is opened: a message would go into
 * the keystore.  In its place goes one that answers with an error. */
static void
hold_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
			_exit(EXIT_IO);
	}
}

int
cli_main(int argc, char **argv)
{
	struct rlimit no_core = {0, 0};
	struct err err = ERR_INIT;
	struct config *config = NULL;

	hold_standard_files();
	/* private keys pass through our memory */
	if (setrlimit(RLIMIT_CORE, &no_core) != 0)
		fprintf(
		    stderr, "signpost: core dumps cannot be switched off: %s\n", strerror(errno));
	umask(027);
	int code = run(argc, argv, &config, &err);
	config_free(config);
	if (code >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		code = err_set(&err, ERR_IO, "standard output: %s", strerror(errno));
	if (code < 0) {
		fprintf(stderr, "signpost: %s\n", err.text);
		code = exit_code_of(err.kind);
	}
	return code;
}
