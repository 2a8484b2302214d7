/* SPDX-License-Identifier: ISC */
/* mtaclient - speaks to a milter as an MTA would, and writes what the message became.  For tests. */
#include "base/file.h"
#include "milter/client.h"
#include "tests/tool/mtamessage.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FILE_LEN_MAX (200u << 20)
#define MACROS_MAX   12

static const char USAGE[] =
    "usage: mtaclient --socket ADDRESS [OPTION]... --out DIR FILE...\n"
    "Hands each FILE, a message with CRLF or LF line ends, to the milter at ADDRESS (unix:/PATH, "
    "/PATH,\n"
    "inet:PORT@HOST) as Postfix would, writes what the milter made of it to DIR/BASENAME of FILE "
    "with CRLF\n"
    "line ends, and prints a line per file: FILE accepted|tempfailed|rejected|discarded "
    "inserted=N\n"
    "[changes=N] [reply=TEXT].  A file whose message was not accepted is not written.\n"
    "  --protocol BITS   offered protocol bits (0x1fffff; an old MTA: 0x7f)\n"
    "  --chunk N         octets per body chunk (65535)\n"
    "  --from-auth LOGIN {auth_type} PLAIN and {auth_authen} LOGIN come with MAIL\n"
    "  --client A:PORT   the SMTP client, [::1]:PORT for IPv6 (192.0.2.1:40000); `none`: unknown\n"
    "  --daemon NAME     {daemon_name} (smtpd)\n"
    "  --mail-from ARG   of MAIL, with <> (<sender@example.com>)\n"
    "  --mail-macro N=V  one more macro with MAIL, as {auth_author}=x; repeatable\n"
    "  --eom-macro N=V   one more macro at end of message; repeatable\n"
    "  --messages-per-connection N   (1; 0: all)\n"
    "  --keep-name-wsp   \"Name :\" keeps its blank, as Sendmail hands it on; Postfix takes it "
    "out\n"
    "  --abort           end each message with ABORT instead of its end; nothing is written\n"
    "  --connect-only    connect and close at once, once per FILE or once\n"
    "  --timeout MS      for each answer (30000)\n"
    "Exit: 0 each message got an answer, 1 one did not, 64 usage.\n";

struct settings {
	const char *socket, *out_dir, *daemon, *auth, *mail_from;
	char *client_addr;
	uint16_t client_port;
	size_t chunk, per_connection;
	bool keep_wsp, abort, connect_only;
	struct milter_client_options options;
	struct milter_macro mail_macros[MACROS_MAX + 1], eom_macros[MACROS_MAX + 1];
	size_t mail_macro_count, eom_macro_count;
};

static void
usage(const char *problem, const char *object)
{
	fprintf(stderr, "mtaclient: %s%s\n%s", problem, object, USAGE);
	exit(64);
}

static uint64_t
number(const char *text, uint64_t max)
{
	char *end;

	errno = 0;
	unsigned long long n = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || n > max)
		usage("no number: ", text);
	return n;
}

static void
add_macro(struct milter_macro *list, size_t *count, const char *name, const char *value)
{
	if (*count == MACROS_MAX)
		usage("too many macros at ", name);
	list[(*count)++] = (struct milter_macro){name, value};
}

static void
split_macro(struct milter_macro *list, size_t *count, char *text)
{
	char *equals = strchr(text, '=');

	if (equals == NULL)
		usage("no NAME=VALUE: ", text);
	*equals = '\0';
	add_macro(list, count, text, equals + 1);
}

static void
split_client(struct settings *s, char *text)
{
	char *colon = strrchr(text, ':');

	s->client_addr = NULL;
	if (strcmp(text, "none") == 0)
		return;
	if (colon == NULL)
		usage("no ADDR:PORT: ", text);
	*colon = '\0';
	s->client_port = (uint16_t)number(colon + 1, UINT16_MAX);
	if (text[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		text++;
	}
	s->client_addr = text;
}

enum flag {
	O_SOCKET = 256,
	O_PROTOCOL,
	O_CHUNK,
	O_AUTH,
	O_CLIENT,
	O_DAEMON,
	O_FROM,
	O_MAIL_MACRO,
	O_EOM_MACRO,
	O_PER_CONNECTION,
	O_OUT,
	O_KEEP,
	O_ABORT,
	O_CONNECT_ONLY,
	O_TIMEOUT,
	O_HELP,
};

static const struct option OPTIONS[] = {
    {"socket", required_argument, NULL, O_SOCKET},
    {"protocol", required_argument, NULL, O_PROTOCOL},
    {"chunk", required_argument, NULL, O_CHUNK},
    {"from-auth", required_argument, NULL, O_AUTH},
    {"client", required_argument, NULL, O_CLIENT},
    {"daemon", required_argument, NULL, O_DAEMON},
    {"mail-from", required_argument, NULL, O_FROM},
    {"mail-macro", required_argument, NULL, O_MAIL_MACRO},
    {"eom-macro", required_argument, NULL, O_EOM_MACRO},
    {"messages-per-connection", required_argument, NULL, O_PER_CONNECTION},
    {"out", required_argument, NULL, O_OUT},
    {"keep-name-wsp", no_argument, NULL, O_KEEP},
    {"abort", no_argument, NULL, O_ABORT},
    {"connect-only", no_argument, NULL, O_CONNECT_ONLY},
    {"timeout", required_argument, NULL, O_TIMEOUT},
    {"help", no_argument, NULL, O_HELP},
    {NULL, 0, NULL, 0},
};

static void
take_option(struct settings *s, int option, char *arg)
{
	switch (option) {
	case O_SOCKET:
		s->socket = arg;
		break;
	case O_PROTOCOL:
		s->options.protocol = (uint32_t)number(arg, UINT32_MAX);
		break;
	case O_CHUNK:
		s->chunk = number(arg, 65535);
		break;
	case O_AUTH:
		s->auth = arg;
		break;
	case O_CLIENT:
		split_client(s, arg);
		break;
	case O_DAEMON:
		s->daemon = arg;
		break;
	case O_FROM:
		s->mail_from = arg;
		break;
	case O_MAIL_MACRO:
		split_macro(s->mail_macros, &s->mail_macro_count, arg);
		break;
	case O_EOM_MACRO:
		split_macro(s->eom_macros, &s->eom_macro_count, arg);
		break;
	case O_PER_CONNECTION:
		s->per_connection = number(arg, SIZE_MAX);
		break;
	case O_OUT:
		s->out_dir = arg;
		break;
	case O_KEEP:
		s->keep_wsp = true;
		break;
	case O_ABORT:
		s->abort = true;
		break;
	case O_CONNECT_ONLY:
		s->connect_only = true;
		break;
	case O_TIMEOUT:
		s->options.timeout_ms = (int)number(arg, 3600000);
		break;
	case O_HELP:
		fputs(USAGE, stdout);
		exit(0);
	default:
		usage("", "");
	}
}

/* Two insertions at the same place: the later one is on top, as in Postfix and Sendmail. */
static int
insert_all(struct mta_message *m, const struct milter_reply *reply, bool leadspc, struct err *err)
{
	for (size_t i = 0; i < reply->inserted_count; i++) {
		const struct milter_inserted *in = &reply->inserted[i];
		struct buf value;
		buf_init(&value, FILE_LEN_MAX);
		buf_put_str(&value, leadspc ? "" : " ");
		buf_put_str(&value, in->value);
		struct slice kept = arena_copy(&m->arena, buf_slice(&value));
		struct slice name = arena_copy(&m->arena, slice_of(in->name));
		buf_deinit(&value);
		if (kept.ptr == NULL || name.ptr == NULL)
			return err_nomem(err);
		if (header_list_add(&m->headers, name, kept, SIZE_MAX, err) != 0)
			return -1;
		size_t last = m->headers.count - 1, at = in->index < last ? in->index : last;
		struct header_field field = m->headers.fields[last];
		memmove(
		    &m->headers.fields[at + 1], &m->headers.fields[at], (last - at) * sizeof field);
		m->headers.fields[at] = field;
	}
	return 0;
}

static int
write_message(
    const struct settings *s, const char *file, const struct mta_message *m, struct err *err)
{
	const char *base = strrchr(file, '/');
	char path[4096];
	struct buf text;

	snprintf(path, sizeof path, "%s/%s", s->out_dir, base == NULL ? file : base + 1);
	buf_init(&text, 2 * FILE_LEN_MAX);
	for (size_t i = 0; i < m->headers.count; i++)
		mta_field_format(m->headers.fields[i].name, m->headers.fields[i].value, &text);
	buf_put_str(&text, "\r\n");
	buf_put(&text, buf_slice(&m->body));
	int result = buf_check(&text, path, err);
	FILE *out = result == 0 ? fopen(path, "w") : NULL;
	if (result == 0 && (out == NULL || fwrite(text.data, 1, text.len, out) != text.len))
		result = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (out != NULL && fclose(out) != 0 && result == 0)
		result = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	buf_deinit(&text);
	return result;
}

static void
say(const char *file, const struct milter_reply *r, bool aborted)
{
	static const char *const NAMES[] = {"accepted", "tempfailed", "rejected", "discarded"};

	printf(
	    "%s %s inserted=%zu", file, aborted ? "aborted" : NAMES[r->answer], r->inserted_count);
	if (r->other_changes > 0)
		printf(" changes=%u", r->other_changes);
	if (r->text[0] != '\0')
		printf(" reply=%s", r->text);
	putchar('\n');
}

static int
hand_over(struct settings *s, struct milter_client *c, const char *file, struct err *err)
{
	static unsigned serial;
	char queue_id[16];
	const struct milter_macro connect_macros[] = {{"j", "mx.example.com"},
	    {"{daemon_name}", s->daemon}, {"v", "mtaclient"}, {NULL, NULL}};
	struct mta_message m = {.headers.count = 0};
	struct milter_reply reply = {.answer = MILTER_TEMPFAILED};
	struct buf text;

	snprintf(queue_id, sizeof queue_id, "MTA%08X", ++serial);
	s->eom_macros[0].value = queue_id;
	buf_init(&text, FILE_LEN_MAX);
	int result = file_read(file, &text, err);
	if (result == 0)
		result = mta_message_parse(&m, buf_slice(&text), s->keep_wsp, err);
	struct milter_message message = {.client_name = "client.example.net",
	    .client_addr = s->client_addr,
	    .client_port = s->client_port,
	    .connect_macros = connect_macros,
	    .mail_macros = s->mail_macros,
	    .eom_macros = s->eom_macros,
	    .helo = "client.example.net",
	    .mail_from = s->mail_from,
	    .rcpt_to = "<rcpt@example.net>",
	    .headers = &m.headers,
	    .body = buf_slice(&m.body),
	    .chunk_len = s->chunk,
	    .abort_before_eom = s->abort};
	if (result == 0)
		result = milter_client_message(c, &message, &reply, err);
	if (result == 0) {
		say(file, &reply, s->abort);
		if (reply.answer == MILTER_ACCEPTED && !s->abort)
			result = insert_all(
			    &m, &reply, milter_client_protocol(c) & MILTER_HDR_LEADSPC, err);
		if (result == 0 && reply.answer == MILTER_ACCEPTED && !s->abort)
			result = write_message(s, file, &m, err);
	}
	milter_reply_deinit(&reply);
	mta_message_deinit(&m);
	buf_deinit(&text);
	return result;
}

static int
connect_only(const char *address, struct err *err)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const char *path = strncmp(address, "unix:", 5) == 0 ? address + 5 : address;

	if (path[0] != '/' || !slice_to_str(slice_of(path), sa.sun_path, sizeof sa.sun_path))
		return err_set(err, ERR_USAGE, "--connect-only wants a UNIX socket");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int result = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)&sa, sizeof sa);
	if (result != 0)
		err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return result;
}

static int
run(struct settings *s, char *const *files, size_t count)
{
	struct milter_client *c = NULL;
	struct err err = ERR_INIT;
	int failures = 0;

	for (size_t i = 0, on_this = 0; i < count; i++) {
		int result = 0;
		if (s->connect_only) {
			result = connect_only(s->socket, &err);
		} else {
			if (c == NULL)
				result = milter_client_open(s->socket, &s->options, &c, &err);
			if (result == 0)
				result = hand_over(s, c, files[i], &err);
			on_this++;
		}
		if (result != 0)
			fprintf(stderr, "mtaclient: %s: %s\n", files[i], err.text);
		failures += result != 0;
		if (result != 0 || (s->per_connection != 0 && on_this >= s->per_connection)) {
			milter_client_free(c);
			c = NULL;
			on_this = 0;
		}
	}
	milter_client_free(c);
	return failures > 0;
}

int
main(int argc, char **argv)
{
	static char default_addr[] = "192.0.2.1";
	char none[] = "-";
	char *const once[] = {none};
	struct settings s = {.daemon = "smtpd",
	    .mail_from = "<sender@example.com>",
	    .client_addr = default_addr,
	    .client_port = 40000,
	    .per_connection = 1,
	    .options = {MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 0}};
	int option;

	add_macro(s.eom_macros, &s.eom_macro_count, "i", "");
	while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1)
		take_option(&s, option, optarg);
	if (s.auth != NULL) {
		add_macro(s.mail_macros, &s.mail_macro_count, "{auth_type}", "PLAIN");
		add_macro(s.mail_macros, &s.mail_macro_count, "{auth_authen}", s.auth);
	}
	if (s.socket == NULL)
		usage("--socket is missing", "");
	if (s.connect_only)
		return optind < argc ? run(&s, argv + optind, (size_t)(argc - optind))
				     : run(&s, once, 1);
	if (optind == argc || (s.out_dir == NULL && !s.abort))
		usage("--out and FILE are needed", "");
	return run(&s, argv + optind, (size_t)(argc - optind));
}
