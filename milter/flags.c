/* SPDX-License-Identifier: ISC */
#include "milter/flags.h"
#include "base/dirs.h"

#include <getopt.h>
#include <string.h>

#define SOCKET_DEFAULT SIGNPOST_MILTER_SOCKET
#define TABLE_DEFAULT  SIGNPOST_STATEDIR "/signing.table"
#define GROUP_DEFAULT  "postfix"
#define MODE_DEFAULT   0660
#define MODE_MAX       0777

enum option_id {
	OPT_SOCKET,
	OPT_TABLE,
	OPT_GROUP,
	OPT_MODE,
	OPT_USER,
	OPT_LOG,
	OPT_ALLOW_REMOTE,
	OPT_CHECK,
	OPT_VERSION,
	OPT_HELP,
	OPT_COUNT
};

static const struct {
	const char *name;
	char letter;
	const char *arg; /* NULL: none */
	const char *help;
} ROWS[OPT_COUNT] = {
    [OPT_SOCKET] = {"socket", 's', "ADDRESS",
	"where the MTA finds us: unix:/PATH, inet:PORT@HOST or inet6:PORT@HOST (" SOCKET_DEFAULT
	")"},
    [OPT_TABLE] = {"table", 't', "FILE", "the signing table (" TABLE_DEFAULT ")"},
    [OPT_GROUP] = {"group", '\0', "GROUP",
	"group of a UNIX socket, empty to leave it (" GROUP_DEFAULT ")"},
    [OPT_MODE] = {"mode", '\0', "OCTAL", "mode of a UNIX socket (0660)"},
    [OPT_USER] = {"user", '\0', "USER", "become this user when the socket is made"},
    [OPT_LOG] = {"log", '\0', "WHERE", "stderr, syslog or auto (auto)"},
    [OPT_ALLOW_REMOTE] = {"allow-remote", '\0', NULL, "listen on an address other than loopback"},
    [OPT_CHECK] = {"check", '\0', NULL,
	"read the table, load every key, say what is wrong, and exit"},
    [OPT_VERSION] = {"version", '\0', NULL, "print the version and exit"},
    [OPT_HELP] = {"help", '\0', NULL, "print this and exit"},
};

static int
parse_mode(const char *text, mode_t *mode, struct err *err)
{
	unsigned n = 0;
	size_t len = strlen(text);

	for (size_t i = 0; i < len && n <= MODE_MAX; i++) {
		if (text[i] < '0' || text[i] > '7')
			len = 0;
		else
			n = n * 8 + (unsigned)(text[i] - '0');
	}
	if (len == 0 || n > MODE_MAX)
		return err_set(
		    err, ERR_USAGE, "--mode=%s: write an octal mode, such as 0660", text);
	*mode = n;
	return 0;
}

static int
parse_log(const char *text, enum log_target *log, struct err *err)
{
	static const struct {
		const char *name;
		enum log_target target;
	} TARGETS[] = {{"auto", LOG_TARGET_AUTO}, {"stderr", LOG_TARGET_STDERR},
	    {"syslog", LOG_TARGET_SYSLOG}};

	for (size_t i = 0; i < sizeof(TARGETS) / sizeof(TARGETS[0]); i++) {
		if (strcmp(text, TARGETS[i].name) == 0) {
			*log = TARGETS[i].target;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "--log=%s: write stderr, syslog or auto", text);
}

static int
apply(enum option_id id, const char *arg, struct flags *o, struct err *err)
{
	switch (id) {
	case OPT_SOCKET:
		o->socket.address = arg;
		break;
	case OPT_TABLE:
		o->table = arg;
		break;
	case OPT_GROUP:
		o->socket.group = arg[0] != '\0' ? arg : NULL;
		break;
	case OPT_MODE:
		return parse_mode(arg, &o->socket.mode, err);
	case OPT_USER:
		o->user = arg;
		break;
	case OPT_LOG:
		return parse_log(arg, &o->log, err);
	case OPT_ALLOW_REMOTE:
		o->socket.allow_remote = true;
		break;
	case OPT_CHECK:
		o->action = FLAGS_CHECK;
		break;
	case OPT_VERSION:
		o->action = FLAGS_VERSION;
		break;
	case OPT_HELP:
	case OPT_COUNT:
		o->action = FLAGS_HELP;
		break;
	}
	return 0;
}

/* getopt's forms of the rows; values are the row's number, letters come back as themselves. */
static void
build(struct option longs[static OPT_COUNT + 1], char letters[static 2 * OPT_COUNT + 2])
{
	size_t n = 0;

	letters[n++] = ':';
	for (int i = 0; i < OPT_COUNT; i++) {
		longs[i] = (struct option){
		    ROWS[i].name, ROWS[i].arg != NULL ? required_argument : no_argument, NULL, i};
		if (ROWS[i].letter == '\0')
			continue;
		letters[n++] = ROWS[i].letter;
		letters[n++] = ':'; /* those with a letter take an argument */
	}
	letters[n] = '\0';
	longs[OPT_COUNT] = (struct option){NULL, 0, NULL, 0};
}

static int
find_row(int c)
{
	if (c < OPT_COUNT)
		return c;
	for (int i = 0; i < OPT_COUNT; i++)
		if (ROWS[i].letter == c)
			return i;
	return OPT_COUNT;
}

int
flags_parse(int argc, char **argv, struct flags *o, struct err *err)
{
	struct option longs[OPT_COUNT + 1];
	char letters[2 * OPT_COUNT + 2];
	int c;

	*o = (struct flags){.table = TABLE_DEFAULT,
	    .log = LOG_TARGET_AUTO,
	    .socket = {.address = SOCKET_DEFAULT, .group = GROUP_DEFAULT, .mode = MODE_DEFAULT}};
	build(longs, letters);
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == ':')
			return err_set(
			    err, ERR_USAGE, "%s needs a value; see --help", argv[optind - 1]);
		if (c == '?')
			return err_set(err, ERR_USAGE,
			    "%s: no such option, or a value that it does not take; "
			    "see --help",
			    argv[optind - 1]);
		if (apply((enum option_id)find_row(c), optarg, o, err) != 0)
			return -1;
	}
	if (optind < argc)
		return err_set(
		    err, ERR_USAGE, "%s: only options are taken; see --help", argv[optind]);
	return 0;
}

void
flags_usage(FILE *out)
{
	fputs("usage: signpost-milter [options]\n", out);
	for (int i = 0; i < OPT_COUNT; i++) {
		char left[40];

		(void)snprintf(left, sizeof(left), "--%s%s%s", ROWS[i].name,
		    ROWS[i].arg != NULL ? "=" : "", ROWS[i].arg != NULL ? ROWS[i].arg : "");
		if (ROWS[i].letter != '\0')
			fprintf(out, "  -%c, %-18s %s\n", ROWS[i].letter, left, ROWS[i].help);
		else
			fprintf(out, "      %-18s %s\n", left, ROWS[i].help);
	}
}
