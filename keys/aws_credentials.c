/* SPDX-License-Identifier: ISC */
#include "keys/aws_credentials.h"
#include "keys/secret_file.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_LEN 4096

/* What is to go into a header or is signed with: printable, no blanks. */
static bool
take(struct slice value, char *to, size_t size)
{
	for (size_t i = 0; i < value.len; i++) {
		if (!ascii_is_print(value.ptr[i]))
			return false;
	}
	return value.len > 0 && slice_to_str(value, to, size);
}

static int
take_line(struct slice line, unsigned number, struct aws_credentials *c, struct err *err)
{
	size_t at;
	const struct {
		const char *name;
		char *to;
		size_t size;
	} keys[] = {
	    {"aws_access_key_id", c->key_id, sizeof(c->key_id)},
	    {"aws_secret_access_key", c->secret, sizeof(c->secret)},
	    {"aws_session_token", c->token, sizeof(c->token)},
	};
	if (!slice_find(line, '=', &at))
		return 0;
	struct slice name = slice_trim(slice_sub(line, 0, at)),
		     value = slice_trim(slice_from(line, at + 1));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (slice_ieq_str(name, keys[i].name) && !take(value, keys[i].to, keys[i].size))
			return err_set(err, ERR_CONFIG,
			    "line %u: that is no value of %s: want one word, and copy it anew",
			    number, keys[i].name);
	}
	return 0;
}

int
aws_credentials_parse(
    struct slice rest, const char *profile, struct aws_credentials *c, struct err *err)
{
	bool inside = false, found = false;
	memset(c, 0, sizeof(*c));
	for (unsigned number = 1; rest.len > 0; number++) {
		size_t end = rest.len;
		(void)slice_find(rest, '\n', &end);
		struct slice line = slice_trim(slice_sub(rest, 0, end));
		rest = slice_from(rest, end + 1);
		if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
			continue;
		if (line.ptr[0] == '[') {
			struct slice name = slice_trim(slice_sub(line, 1, line.len - 2));
			inside = line.ptr[line.len - 1] == ']' && slice_eq_str(name, profile);
			found = found || inside;
		} else if (inside && take_line(line, number, c, err) != 0) {
			aws_credentials_wipe(c);
			return -1;
		}
	}
	if (c->key_id[0] != '\0' && c->secret[0] != '\0')
		return 0;
	const char *lacks = c->key_id[0] == '\0' ? "aws_access_key_id" : "aws_secret_access_key";
	aws_credentials_wipe(c);
	if (!found)
		return err_set(err, ERR_CONFIG,
		    "it has no section [%.100s]: name the right one with `profile`", profile);
	return err_set(err, ERR_CONFIG,
	    "section [%.100s] has no %s; keys that a program or a login fetches are not for a "
	    "service",
	    profile, lacks);
}

static int
load_file(const char *path, const char *profile, struct aws_credentials *c, struct err *err)
{
	struct buf text;
	buf_init(&text, AWS_FILE_LEN_MAX);
	int rc = secret_file_read(path, "the access key of AWS", &text, err);
	if (rc == 0 && aws_credentials_parse(buf_slice(&text), profile, c, err) != 0)
		rc = err_wrap(err, "%s", path);
	buf_wipe(&text);
	return rc;
}

/* 1: it is not there. */
static int
load_environment(struct aws_credentials *c, struct err *err)
{
	const char *id = getenv("AWS_ACCESS_KEY_ID"), *secret = getenv("AWS_SECRET_ACCESS_KEY");
	const char *token = getenv("AWS_SESSION_TOKEN");
	if (id == NULL || secret == NULL)
		return 1;
	if (take(slice_of(id), c->key_id, sizeof(c->key_id)) &&
	    take(slice_of(secret), c->secret, sizeof(c->secret)) &&
	    (token == NULL || token[0] == '\0' ||
		take(slice_of(token), c->token, sizeof(c->token))))
		return 0;
	aws_credentials_wipe(c);
	return err_set(err, ERR_CONFIG,
	    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN in the environment is "
	    "empty, or is not one word: copy it anew");
}

int
aws_credentials_load(
    const char *file, const char *profile, struct aws_credentials *c, struct err *err)
{
	char usual[PATH_LEN];
	const char *wanted = profile != NULL ? profile : getenv("AWS_PROFILE");
	const char *home = getenv("HOME");
	memset(c, 0, sizeof(*c));
	if (wanted == NULL || wanted[0] == '\0')
		wanted = "default";
	if (file != NULL)
		return load_file(file, wanted, c, err);
	int rc = profile != NULL ? 1 : load_environment(c, err);
	if (rc <= 0)
		return rc;
	file = getenv("AWS_SHARED_CREDENTIALS_FILE");
	if (file != NULL)
		return load_file(file, wanted, c, err);
	int len = snprintf(usual, sizeof(usual), "%s/.aws/credentials", home == NULL ? "" : home);
	if (home == NULL || len < 0 || (size_t)len >= sizeof(usual) || access(usual, F_OK) != 0)
		return 1;
	return load_file(usual, wanted, c, err);
}

void
aws_credentials_wipe(struct aws_credentials *c)
{
	OPENSSL_cleanse(c, sizeof(*c));
}
