/* SPDX-License-Identifier: ISC */
/* signpost verify: says for each signature of a received message whether it holds, and if not, why: what is with the
 * key, and what was done to the message on its way. */
#include "signpost/config.h"
#include "signpost/message.h"
#include "signpost/verbs.h"
#include "signpost/verify_print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define INPUT "standard input"
#define SIGNATURES_MAX                                                                             \
	20 /* each costs a question to DNS; a message with more is an attack or a loop */
#define OUTPUT_MAX ((size_t)1 << 20)
#define WORK_MAX   ((size_t)1 << 30) /* octets hashed to explain all of them: some seconds */

struct verifier {
	struct verify_asker asker;
	struct known_records known;
	struct message message;
	json_t *json; /* array of signatures, NULL: text */
	size_t number, failed, warned, unknown;
};

static void
count(struct verifier *v, const struct verify_report *r)
{
	bool weak = r->sig.alg == KEY_RSA_SHA256 && r->key_bits < KEY_RSA_BITS_GOOD;

	if (r->result == VERIFY_TEMPERROR)
		v->unknown++;
	else if (r->result != VERIFY_PASS)
		v->failed++;
	else if (r->partial_body || r->key_testing || weak)
		v->warned++;
}

static void
show(struct verifier *v, const struct verified *seen)
{
	struct terminal t = terminal_of_stdout();
	struct buf out;

	if (v->json != NULL) {
		json_array_append_new(v->json, verify_json(seen));
		return;
	}
	buf_init(&out, OUTPUT_MAX);
	verify_print(&t, v->number, seen, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_deinit(&out);
}

static int
verify_all(struct verifier *v)
{
	static struct verified seen; /* large */
	size_t work_left = WORK_MAX;

	for (size_t i = 0; i < v->message.list.count; i++) {
		if (!header_name_eq(v->message.list.fields[i].name, SLICE_LIT(SIGNATURE_NAME)))
			continue;
		if (v->number == SIGNATURES_MAX) {
			fprintf(stderr, "signpost: only the first %d signatures were looked at\n",
			    SIGNATURES_MAX);
			v->warned++;
			break;
		}
		v->number++;
		verify_look(&v->asker,
		    &(struct verify_message){
			&v->message.list, i, message_body(&v->message), &work_left},
		    &seen);
		count(v, &seen.report);
		show(v, &seen);
	}
	if (v->failed > 0 || v->number == 0)
		return EXIT_FAILED;
	if (v->unknown > 0)
		return EXIT_CANNOT_TELL;
	return v->warned > 0 ? EXIT_WARNING : EXIT_OK;
}

static void
print_unsigned(void)
{
	struct terminal t = terminal_of_stdout();
	struct verify_words words = {.count = 0};
	struct buf out;

	verify_tell(&words, VERIFY_SAY_UNSIGNED, slice_of(NULL), slice_of(NULL), slice_of(NULL));
	buf_init(&out, OUTPUT_MAX);
	verify_print_said(&t, &words.list[0], &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_deinit(&out);
}

static int
print_end(const struct verifier *v, int code, struct err *err)
{
	static const char *const WORDS[] = {"ok", "warning", "failed", "cannot-tell"};

	if (v->json == NULL) {
		if (v->number == 0)
			print_unsigned();
		return code;
	}
	json_t *root = json_pack("{s:s, s:O}", "result", WORDS[code], "signatures", v->json);
	if (root == NULL)
		return err_nomem(err);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return code;
}

/* Root reads it as nobody, who may not. */
static int
open_input(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(err, ERR_IO, "%s: %s%s%s", path, strerror(errno),
		    errno == EACCES ? "; try: signpost verify < " : "",
		    errno == EACCES ? path : "");
	return fd;
}

static int
read_and_verify(struct verifier *v, const struct cli *cli, struct err *err)
{
	const char *path = cli->operand_count > 0 ? cli->operands[0] : NULL;
	int fd = STDIN_FILENO;

	if (path != NULL && strcmp(path, "-") != 0 && (fd = open_input(path, err)) < 0)
		return -1;
	int rc = message_read(&v->message, fd, path == NULL ? INPUT : path, err);
	if (fd != STDIN_FILENO)
		close(fd);
	return rc != 0 ? -1 : print_end(v, verify_all(v), err);
}

static int
run(const struct cli *cli, struct err *err)
{
	struct verifier v = {
	    .asker = {.dns = &cli->config->dns, .store_dir = cli->store_dir, .now = cli->now}};
	const char *at = cli_value(cli, "time");
	uint64_t seconds;
	int code = -1;

	if (at != NULL && !slice_to_u64(slice_of(at), INT64_MAX, &seconds))
		return err_set(err, ERR_USAGE, "--time %.40s: want Unix seconds", at);
	if (at != NULL)
		v.asker.now = (int64_t)seconds;
	v.asker.known = &v.known;
	if (cli_has(cli, "json") && (v.json = json_array()) == NULL)
		return err_nomem(err);
	if (known_records_load(
		&v.known, cli_value(cli, "records"), cli_value(cli, "record"), err) == 0)
		code = read_and_verify(&v, cli, err);
	message_deinit(&v.message);
	known_records_deinit(&v.known);
	json_decref(v.json);
	return code;
}

static const struct verb_option options[] = {
    {"record", "NAME=FILE", "take the key record of SELECTOR._domainkey.DOMAIN from FILE"},
    {"records", "FILE", "take all key records from FILE, lines of NAME, tab, text; do not ask DNS"},
    {"time", "SECONDS", "judge t= and x= as if it were that time"},
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct verb verb_verify = {"verify", "[FILE]", options, 0, 1, VERB_NOBODY, false,
    "Say whether the signatures of a received message hold, and if not, what broke them", run};
