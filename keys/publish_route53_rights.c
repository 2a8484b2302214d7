/* SPDX-License-Identifier: ISC */
/* publish_route53_rights.c - the IAM policy that is enough, and whether a key can do more.  It is tried without a
 * change: a batch that deletes what is not there is refused as AccessDenied when the key may not, and as
 * InvalidChangeBatch when it may. */
#include "keys/publish_route53.h"
#include "keys/publish_type.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define BODY_LEN_MAX 8192

static void
put_policy(
    const struct publisher_conf *conf, const char *const *names, size_t count, struct buf *out)
{
	const char *zone_id = conf->zone_id == NULL ? "ID" : conf->zone_id;
	buf_put_str(out,
	    "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": "
	    "\"Allow\",\n"
	    "      \"Action\": [\"route53:ListHostedZonesByName\", \"route53:GetChange\"],\n"
	    "      \"Resource\": \"*\"\n    },\n    {\n      \"Effect\": \"Allow\",\n"
	    "      \"Action\": \"route53:ListResourceRecordSets\",\n");
	buf_printf(out, "      \"Resource\": \"arn:aws:route53:::hostedzone/%s\"\n    },\n    {\n",
	    zone_id);
	buf_put_str(out, "      \"Effect\": \"Allow\",\n      \"Action\": "
			 "\"route53:ChangeResourceRecordSets\",\n");
	buf_printf(out,
	    "      \"Resource\": \"arn:aws:route53:::hostedzone/%s\",\n      \"Condition\": {\n",
	    zone_id);
	buf_put_str(out, "        \"ForAllValues:StringEquals\": {\n"
			 "          \"route53:ChangeResourceRecordSetsRecordTypes\": [\"TXT\"],\n"
			 "          \"route53:ChangeResourceRecordSetsActions\": [\"CREATE\", "
			 "\"DELETE\"]\n        },\n"
			 "        \"ForAllValues:StringLike\": {\n"
			 "          \"route53:ChangeResourceRecordSetsNormalizedRecordNames\": [");
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s\"*.%s\"", i == 0 ? "" : ", ", names[i]);
	buf_put_str(out, "]\n        }\n      }\n    }\n  ]\n}\n");
}

int
publish_route53_rights(const struct publisher_conf *conf, const char *const *names, size_t count,
    struct buf *out, struct err *err)
{
	(void)err;
	buf_printf(out,
	    "An IAM user of its own, or a role of this host, with this policy and no other%s:\n",
	    conf->zone_id == NULL ? " (ID is the identifier of the hosted zone, Z...)" : "");
	put_policy(conf, names, count, out);
	buf_put_str(
	    out, "Its access key goes into the file that `credentials` names, mode 0640, as\n");
	buf_put_str(out, "[default]\n");
	buf_put_str(out, "aws_access_key_id = ...\n");
	buf_put_str(out, "aws_secret_access_key = ...\n");
	return 0;
}

/* May the key change this?  1, 0, or -1. */
static int
may(struct provider *p, const char *owner, const char *type, const char *value)
{
	char path[ROUTE53_PATH_LEN];
	struct http_reply r;
	struct buf body;
	struct route53_error e;
	struct route53_record record = {.ttl_s = 60, .value = value};
	struct publish_outcome o;
	snprintf(record.name, sizeof(record.name), "%s.", owner);
	snprintf(record.type, sizeof(record.type), "%s", type);
	snprintf(path, sizeof(path), "/2013-04-01/hostedzone/%s/rrset/", p->zone_id);
	buf_init(&body, BODY_LEN_MAX);
	route53_begin_batch(&body);
	route53_put_change(&body, "DELETE", &record);
	route53_end_batch(&body);
	int rc = route53_ask(p,
	    &(struct http_request){.method = "POST", .path = path, .body = buf_slice(&body)}, &r);
	buf_deinit(&body);
	if (rc != 0)
		return -1;
	route53_read_error(buf_slice(&r.body), &e);
	if (r.end == HTTP_ANSWERED && strcmp(e.code, "InvalidChangeBatch") == 0)
		rc = 1;
	else if (r.end != HTTP_ANSWERED || strncmp(e.code, "AccessDenied", 12) != 0) {
		(void)route53_judge(p, &r, &o);
		rc = err_set(p->err, ERR_IO, "publisher %s: %s", p->conf->name, o.text);
	}
	http_reply_deinit(&r);
	return rc;
}

static int
try_all(struct provider *p, const char *domain, struct buf *out)
{
	char label[24];
	uint8_t random[8];
	char below[SWEEP_NAME_LEN + 40], beside[SWEEP_NAME_LEN + 40];
	if (RAND_bytes(random, sizeof(random)) != 1)
		return err_set(p->err, ERR_CRYPTO, "no random numbers for a name");
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(label + 2 * i, 3, "%02x", random[i]);
	snprintf(below, sizeof(below), "signpost-%s._domainkey.%.200s", label, domain);
	snprintf(beside, sizeof(beside), "signpost-%s.%.200s", label, p->zone);
	const struct {
		const char *owner, *type, *value, *what;
		int wanted;
	} tries[] = {
	    {below, "TXT", "\"signpost\"", "TXT records of keys", 1},
	    {beside, "TXT", "\"signpost\"", "TXT records at other names", 0},
	    {below, "A", "192.0.2.1", "addresses", 0},
	};
	int too_much = 0;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		int is = may(p, tries[i].owner, tries[i].type, tries[i].value);
		if (is < 0)
			return -1;
		buf_printf(out, "%s: the key %s change %s\n",
		    is == tries[i].wanted ? "right" : "wrong", is ? "may" : "may not",
		    tries[i].what);
		too_much |= is != tries[i].wanted;
	}
	return too_much;
}

int
publish_route53_try_rights(const struct publisher_conf *conf, const char *zone, const char *domain,
    struct buf *out, struct err *err)
{
	struct publish_outcome o = {.result = PUBLISH_TEMPORARY};
	struct provider p;
	provider_begin(&p, conf, zone, err);
	int rc = route53_open(&p, &o);
	if (rc > 0)
		rc = err_set(err, ERR_CONFIG, "publisher %s: %s", conf->name, o.text);
	else if (rc == 0)
		rc = try_all(&p, domain, out);
	http_deinit(&p.http);
	return rc;
}
