/* SPDX-License-Identifier: ISC */
/* publish_route53_role.c - the role of an EC2 instance: a temporary key from the metadata service, version 2 only,
 * which wants a token of its own first. */
#include "keys/dns_wire.h"
#include "keys/publish_route53.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METADATA "http://169.254.169.254"
#define TRY_MS	 1000 /* where there is no such service nobody answers */
#define ROLE	 "/latest/meta-data/iam/security-credentials/"

/* One request with one header; the body as a word.  1: no such answer. */
static int
fetch(const struct http_conf *conf, const struct http_request *q, const char *const header[2],
    struct buf *out, struct err *err)
{
	struct http h;
	struct http_reply r;
	if (http_init(&h, conf, err) != 0)
		return -1;
	int rc = http_header(&h, header[0], header[1], err);
	if (rc == 0)
		rc = http_ask(&h, q, &r, err);
	if (rc == 0) {
		struct slice text = slice_trim(buf_slice(&r.body));
		rc = r.end != HTTP_ANSWERED || r.status != 200 || text.len == 0;
		buf_put(out, text);
		http_reply_deinit(&r);
	}
	http_deinit(&h);
	return rc;
}

static bool
take(json_t *root, const char *name, char *to, size_t size)
{
	json_t *value = json_object_get(root, name);
	struct slice s = slice_new(json_string_value(value), json_string_length(value));
	return s.len > 0 && slice_to_str(s, to, size);
}

static int
parse(const struct buf *text, struct aws_credentials *c, struct err *err)
{
	json_error_t e;
	json_t *root = json_loadb((const char *)text->data, text->len, 0, &e);
	bool good = take(root, "AccessKeyId", c->key_id, sizeof(c->key_id)) &&
		    take(root, "SecretAccessKey", c->secret, sizeof(c->secret)) &&
		    take(root, "Token", c->token, sizeof(c->token));
	json_decref(root);
	if (good)
		return 0;
	aws_credentials_wipe(c);
	return err_set(err, ERR_IO,
	    "the metadata service of this instance answers with no key for its role: "
	    "give the instance another role, or name a file with `credentials`");
}

/* The role's name, then its key. */
static int
fetch_role(const struct http_conf *conf, const char *token, struct buf *text, struct err *err)
{
	const char *const header[2] = {"X-aws-ec2-metadata-token", token};
	char path[400];
	int rc =
	    fetch(conf, &(struct http_request){.method = "GET", .path = ROLE}, header, text, err);
	if (rc != 0)
		return rc;
	int len = snprintf(
	    path, sizeof(path), ROLE "%.*s", (int)strcspn(buf_str(text), "\r\n"), buf_str(text));
	if (len < 0 || (size_t)len >= sizeof(path) || strpbrk(path, " ?#%\"<>") != NULL)
		return err_set(err, ERR_IO,
		    "the metadata service of this instance answers with no name of a role: give "
		    "the "
		    "instance another role, or name a file with `credentials`");
	buf_wipe(text);
	buf_init(text, 4 * (size_t)PROVIDER_SECRET_MAX);
	return fetch(
	    conf, &(struct http_request){.method = "GET", .path = path}, header, text, err);
}

int
route53_role_load(struct aws_credentials *c, int64_t until_ms, struct err *err)
{
	static const char *const life[2] = {"X-aws-ec2-metadata-token-ttl-seconds", "60"};
	const char *off = getenv("AWS_EC2_METADATA_DISABLED"),
		   *other = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	int64_t soon_ms = dns_now_ms() + TRY_MS;
	struct http_conf conf = {.endpoint = other != NULL && other[0] != '\0' ? other : METADATA,
	    .until_ms = until_ms < soon_ms ? until_ms : soon_ms};
	struct buf token, text;
	if (off != NULL && strcmp(off, "true") == 0)
		return 1;
	memset(c, 0, sizeof(*c));
	buf_init(&token, PROVIDER_SECRET_MAX);
	buf_init(&text, 4 * (size_t)PROVIDER_SECRET_MAX);
	int rc = fetch(&conf, &(struct http_request){.method = "PUT", .path = "/latest/api/token"},
	    life, &token, err);
	if (rc == 0)
		rc = fetch_role(&conf, buf_str(&token), &text, err);
	if (rc == 0)
		rc = buf_check(&text, "what the metadata service of this instance answers", err);
	if (rc == 0)
		rc = parse(&text, c, err);
	buf_wipe(&token);
	buf_wipe(&text);
	return rc;
}
