/* SPDX-License-Identifier: ISC */
/* aws_credentials.h - an access key of AWS, from where its own tools look: the environment, or a file of
 *
 *	[default]
 *	aws_access_key_id = AKIA...
 *	aws_secret_access_key = ...
 *	aws_session_token = ...			only with temporary keys
 *
 *	struct aws_credentials c;
 *	if (aws_credentials_load(file, profile, &c, err) != 0)
 *		return -1;
 *	...
 *	aws_credentials_wipe(&c);
 *
 * Threads: reentrant, as far as nobody changes the environment.  The parser is pure. */
#ifndef SIGNPOST_KEYS_AWS_CREDENTIALS_H
#define SIGNPOST_KEYS_AWS_CREDENTIALS_H

#include "base/err.h"
#include "base/slice.h"

#define AWS_KEY_ID_LEN	 160
#define AWS_SECRET_LEN	 256
#define AWS_TOKEN_LEN	 4096
#define AWS_FILE_LEN_MAX 65536

struct aws_credentials {
	char key_id[AWS_KEY_ID_LEN];
	char secret[AWS_SECRET_LEN];
	char token[AWS_TOKEN_LEN]; /* "": none */
};

/* ERR_CONFIG: no such profile, or it lacks one of the two.  No text holds a value. */
int aws_credentials_parse(
    struct slice file, const char *profile, struct aws_credentials *, struct err *) MUST_CHECK;
/* file NULL: the environment, unless a profile is named, then AWS_SHARED_CREDENTIALS_FILE, then $HOME/.aws/credentials;
 * profile NULL: AWS_PROFILE, or default.  A file that others can read is refused.  1: nothing is at any of these. */
int aws_credentials_load(
    const char *file, const char *profile, struct aws_credentials *, struct err *) MUST_CHECK;
void aws_credentials_wipe(struct aws_credentials *);

#endif
