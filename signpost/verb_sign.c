/* SPDX-License-Identifier: ISC */
/* signpost sign: a filter that puts one DKIM-Signature on top.  It opens the key and nothing else; started by root,
 * it is nobody before it reads the message. */
#include "base/file.h"
#include "dkim/domain.h"
#include "dkim/record.h"
#include "dkim/sign.h"
#include "signpost/message.h"
#include "signpost/privileges.h"
#include "signpost/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT	      "standard input"
#define SIGN_TIME_MAX ((uint64_t)999999999999) /* twelve digits, RFC 6376 3.5 */
#define OUTPUT	      "standard output"
#define ARENA_MAX     ((size_t)8 << 20) /* picks of MESSAGE_FIELDS_MAX fields */

static int
check_mode(const struct stat *st, const char *path, struct err *err)
{
	unsigned mode = (unsigned)st->st_mode & 07777;

	if ((mode & 07) != 0)
		return err_set(err, ERR_CONFIG, "%s is open to others (%04o); chmod 0640 %s", path,
		    mode, path);
	if ((mode & 020) != 0)
		return err_set(err, ERR_CONFIG, "%s is writable by its group (%04o); chmod 0640 %s",
		    path, mode, path);
	return 0;
}

static int
load_key(const char *path, struct dkim_key **key, struct err *err)
{
	struct stat st;
	struct buf pem;
	int rc = -1;
	/* O_NONBLOCK: a FIFO must not hang us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(err, ERR_IO, "%s: cannot open: %s", path, strerror(errno));
	buf_init(&pem, KEY_PEM_LEN_MAX);
	if (fstat(fd, &st) != 0) {
		err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_CONFIG,
		    "%s is not a regular file; --key wants the private key itself", path);
		goto out;
	}
	if (file_read_fd(fd, path, &pem, err) != 0)
		goto out;
	rc = dkim_key_parse_pem(buf_slice(&pem), key, err);
	if (rc != 0)
		err_wrap(err, "%s", path);
	else if (check_mode(&st, path, err) !=
		 0) { /* the mode of what is no key is not ours to judge */
		dkim_key_free(*key);
		*key = NULL;
		rc = -1;
	}
out:
	buf_wipe(&pem);
	close(fd);
	return rc;
}

static int
parse_canon(const char *text, struct sign_params *p, struct err *err)
{
	struct slice s = slice_of(text);
	size_t slash;

	p->header_canon = p->body_canon = CANON_RELAXED;
	if (text == NULL)
		return 0;
	if (!slice_find(s, '/', &slash) ||
	    !canon_from_name(slice_sub(s, 0, slash), &p->header_canon) ||
	    !canon_from_name(slice_from(s, slash + 1), &p->body_canon))
		return err_set(err, ERR_USAGE,
		    "--canon %.40s: want HEADER/BODY, each simple or relaxed, as in "
		    "relaxed/relaxed",
		    text);
	return 0;
}

static int
parse_times(const struct cli *cli, struct sign_params *p, struct err *err)
{
	const char *at = cli_value(cli, "time"), *lifetime = cli_value(cli, "expire-after");
	uint64_t n = (uint64_t)cli->now;

	if (at != NULL && !slice_to_u64(slice_of(at), SIGN_TIME_MAX, &n))
		return err_set(err, ERR_USAGE, "--time %.40s: want Unix seconds", at);
	p->signed_at = (int64_t)n;
	p->expires_at = SIGNATURE_NO_TIME;
	if (lifetime == NULL)
		return 0;
	if (!slice_to_u64(slice_of(lifetime), SIGN_TIME_MAX, &n) || n == 0)
		return err_set(
		    err, ERR_USAGE, "--expire-after %.40s: want seconds, at least 1", lifetime);
	p->expires_at = p->signed_at + (int64_t)n;
	return 0;
}

static int
parse_names(const struct cli *cli, struct sign_params *p, char domain[static DOMAIN_LEN_MAX + 1],
    struct err *err)
{
	if (cli_value(cli, "domain") == NULL || cli_value(cli, "selector") == NULL ||
	    cli_value(cli, "key") == NULL)
		return err_set(err, ERR_USAGE,
		    "want --domain, --selector and --key; see signpost sign --help");
	if (domain_normalize(slice_of(cli_value(cli, "domain")), domain, err) != 0) {
		err->kind = ERR_USAGE;
		return err_wrap(err, "--domain");
	}
	p->domain = slice_of(domain);
	p->selector = slice_of(cli_value(cli, "selector"));
	if (!selector_is_valid(p->selector))
		return err_set(err, ERR_USAGE,
		    "--selector %.80s: want labels of letters, digits and \"-\"",
		    cli_value(cli, "selector"));
	return 0;
}

static int
hash_body(
    const struct message *m, enum canon_kind kind, uint8_t bh[static CANON_BH_LEN], struct err *err)
{
	struct canon_body c;

	if (canon_body_init(&c, kind, err) != 0)
		return -1;
	int rc = canon_body_update(&c, message_body(m), err);
	if (rc == 0)
		rc = canon_body_finish(&c, bh, err);
	canon_body_deinit(&c);
	return rc;
}

/* The mbox line if there was one, the new field, and every octet as it came. */
static int
write_signed(const struct message *m, struct buf *value, struct err *err)
{
	struct slice raw = buf_slice(&m->raw);
	struct buf field;

	if (m->lf_only)
		sign_to_lf(value);
	buf_init(&field, value->len + sizeof(SIGNATURE_NAME) + 8);
	buf_printf(&field, "%s:", SIGNATURE_NAME);
	buf_put(&field, buf_slice(value));
	buf_put_str(&field, m->lf_only ? "\n" : "\r\n");
	int rc = buf_check(&field, SIGNATURE_NAME, err);
	if (rc == 0)
		rc = file_write_all(STDOUT_FILENO, slice_sub(raw, 0, m->mbox_len), OUTPUT, err);
	if (rc == 0)
		rc = file_write_all(STDOUT_FILENO, buf_slice(&field), OUTPUT, err);
	if (rc == 0)
		rc = file_write_all(STDOUT_FILENO, slice_from(raw, m->mbox_len), OUTPUT, err);
	buf_deinit(&field);
	return rc;
}

static int
sign_message(const struct sign_params *p, const struct message *m, struct err *err)
{
	uint8_t bh[CANON_BH_LEN];
	struct sign_params params = *p;
	struct arena arena;
	struct buf value;
	int rc = -1;

	/* RFC 6376 5.4: From MUST be signed. */
	if (header_count(&m->list, SLICE_LIT("From")) == 0)
		return err_set(err, ERR_INPUT,
		    INPUT ": the message has no From field, which every signature covers");
	params.bh = bh;
	arena_init(&arena, ARENA_MAX);
	buf_init(&value, SIGNATURE_LEN_MAX);
	if (hash_body(m, p->body_canon, bh, err) == 0 &&
	    sign_header(&params, &m->list, &arena, &value, err) == 0)
		rc = write_signed(m, &value, err);
	buf_deinit(&value);
	arena_deinit(&arena);
	return rc;
}

static int
run(const struct cli *cli, struct err *err)
{
	struct sign_params p = {.rules = HEADER_RULES};
	char domain[DOMAIN_LEN_MAX + 1];
	struct dkim_key *key = NULL;
	struct message m = {0};
	int rc = -1;

	if (parse_names(cli, &p, domain, err) != 0 ||
	    parse_canon(cli_value(cli, "canon"), &p, err) != 0 || parse_times(cli, &p, err) != 0)
		return -1;
	if (load_key(cli_value(cli, "key"), &key, err) != 0 || privileges_become_nobody(err) != 0)
		goto out;
	p.key = key;
	if (message_read(&m, STDIN_FILENO, INPUT, err) == 0)
		rc = sign_message(&p, &m, err);
out:
	message_deinit(&m);
	dkim_key_free(key);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"domain", "DOMAIN", "the signing domain, d="},
    {"selector", "SELECTOR", "the selector, s="},
    {"key", "FILE", "the private key, PEM, closed to others"},
    {"canon", "HEADER/BODY", "canonicalization; relaxed/relaxed if not given"},
    {"time", "SECONDS", "sign as if it were that time, t="},
    {"expire-after", "SECONDS", "let the signature expire, x="},
    {NULL, NULL, NULL},
};

const struct verb verb_sign = {"sign", "--domain D --selector S --key FILE <MESSAGE", options, 0, 0,
    VERB_AS_IS, false, "Sign the message on standard input and write it to standard output", run};
