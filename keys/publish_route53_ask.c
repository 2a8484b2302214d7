/* SPDX-License-Identifier: ISC */
/* publish_route53_ask.c - requests to Route 53: keys, signature, the hosted zone, and what its errors mean.
 *
 * libcurl signs (AWS signature version 4).  Versions before 8.3 take the query as it stands, so all of ours have their
 * parameters in order, and nothing but unreserved characters in them. */
#include "keys/dns_wire.h"
#include "keys/publish_route53.h"
#include "keys/publish_type.h"

#include <stdio.h>
#include <string.h>

#define ENDPOINT      "https://route53.amazonaws.com"
#define API	      "/2013-04-01/"
#define CLOCK_APART_S 240 /* AWS bears 15 min; when our clock is this wrong it is worth saying */

struct code_row {
	const char *code;
	enum publish_result result;
	const char *text;
};

static const struct code_row codes[] = {
    {"AccessDenied", PUBLISH_REFUSED,
	"the key may not do this: signpost publisher shows the policy that is enough"},
    {"AccessDeniedException", PUBLISH_REFUSED,
	"the key may not do this: signpost publisher shows the policy that is enough"},
    {"InvalidClientTokenId", PUBLISH_REFUSED,
	"AWS knows no such access key: it was deleted or mistyped, or is of another partition "
	"(China, GovCloud)"},
    {"UnrecognizedClientException", PUBLISH_REFUSED,
	"AWS knows no such access key: it was deleted or mistyped, or is of another partition "
	"(China, GovCloud)"},
    {"SignatureDoesNotMatch", PUBLISH_REFUSED,
	"the secret does not belong to this access key: copy both anew"},
    {"IncompleteSignature", PUBLISH_REFUSED,
	"the signature is not whole: is something between us and AWS?"},
    {"MissingAuthenticationToken", PUBLISH_REFUSED,
	"the signature was lost: is something between us and AWS?"},
    {"RequestExpired", PUBLISH_TEMPORARY,
	"the request was too old when it came: is something slow between us and AWS?"},
    {"ExpiredToken", PUBLISH_TEMPORARY,
	"the temporary key has run out: fetch a new one, or give a lasting one"},
    {"ExpiredTokenException", PUBLISH_TEMPORARY,
	"the temporary key has run out: fetch a new one, or give a lasting one"},
    {"OptInRequired", PUBLISH_REFUSED, "the account is not signed up for Route 53"},
    {"NoSuchHostedZone", PUBLISH_REFUSED,
	"there is no hosted zone of that identifier: is zone_id right, and the account?"},
    {"InvalidInput", PUBLISH_REFUSED, "it does not take the request"},
    {"InvalidDomainName", PUBLISH_REFUSED, "it does not take the name"},
    {"Throttling", PUBLISH_TEMPORARY,
	"it wants fewer requests: 5 in a second for an account, of all its users; it is tried "
	"again later"},
    {"ThrottlingException", PUBLISH_TEMPORARY,
	"it wants fewer requests: 5 in a second for an account, of all its users; it is tried "
	"again later"},
    {"PriorRequestNotComplete", PUBLISH_TEMPORARY,
	"it still works on an earlier change of this zone; it is tried again later"},
    {"InvalidChangeBatch", PUBLISH_TEMPORARY,
	"a change does not fit what stands there now; the next try looks what that is"},
};

static bool
is_throttled(const struct http_reply *r)
{
	struct route53_error e;
	if (r->end != HTTP_ANSWERED || r->status != 400)
		return false;
	route53_read_error(buf_slice(&r->body), &e);
	return strncmp(e.code, "Throttling", 10) == 0 ||
	       strcmp(e.code, "PriorRequestNotComplete") == 0;
}

int
route53_ask(struct provider *p, const struct http_request *q, struct http_reply *r)
{
	for (unsigned attempt = 0;; attempt++) {
		if (provider_ask(p, q, r) != 0)
			return -1;
		if (!is_throttled(r) || !provider_pause(p, attempt, r->retry_after_s))
			return 0;
		http_reply_deinit(r);
	}
}

/* A request is good for 15 minutes: both clocks, when they are that far apart. */
static bool
say_clocks(const struct provider *p, const struct http_reply *r, const char *code,
    struct publish_outcome *o)
{
	struct buf clocks;
	int64_t apart = r->date == NEVER ? 0 : r->our_time - r->date;
	bool of_time = strcmp(code, "RequestExpired") == 0 ||
		       strcmp(code, "SignatureDoesNotMatch") == 0 ||
		       strcmp(code, "RequestTimeTooSkewed") == 0;
	if (!of_time || (apart < CLOCK_APART_S && apart > -CLOCK_APART_S))
		return false;
	buf_init(&clocks, PUBLISH_TEXT_LEN);
	publish_put_clocks(&clocks, r->date, r->our_time);
	publish_say(o, PUBLISH_TEMPORARY,
	    "%s says %s: %s; AWS bears 15 minutes.  Set this host's clock (`chronyc tracking` or "
	    "`timedatectl` shows it)",
	    p->http.host, code, buf_str(&clocks));
	buf_deinit(&clocks);
	return true;
}

int
route53_judge(const struct provider *p, const struct http_reply *r, struct publish_outcome *o)
{
	struct route53_error e;
	const struct code_row *row = NULL;
	const char *host = p->http.host;
	char said[HTTP_QUOTE_LEN];
	if (provider_judge_http(p, r, o))
		return r->end != HTTP_LOST;
	route53_read_error(buf_slice(&r->body), &e);
	http_quote(&p->http, slice_of(e.message), said);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]) && row == NULL; i++)
		row = strcmp(codes[i].code, e.code) == 0 ? &codes[i] : NULL;
	if (e.code[0] == '\0')
		publish_say(o, PUBLISH_TEMPORARY,
		    "%s answered with no XML of Route 53 (HTTP status %d): is "
		    "`endpoint` right?",
		    host, r->status);
	else if (say_clocks(p, r, e.code, o))
		return 1;
	else if (row == NULL)
		publish_say(
		    o, PUBLISH_REFUSED, "%s refuses it (%d %s): %s", host, r->status, e.code, said);
	else
		publish_say(o, row->result, "%s says %s: %s (%s)", host, e.code, row->text, said);
	return strcmp(e.code, "InvalidChangeBatch") != 0 && strcmp(e.code, "InvalidInput") != 0;
}

static int
choose_zone(struct provider *p, const struct route53_zones *z, struct publish_outcome *o)
{
	char name[SWEEP_NAME_LEN + 1];
	size_t found = 0, hidden = 0;
	snprintf(name, sizeof(name), "%s.", p->zone);
	for (size_t i = 0; i < z->count; i++) {
		if (!slice_ieq_str(slice_of(z->zones[i].name), name))
			continue;
		hidden += z->zones[i].is_private;
		if (z->zones[i].is_private)
			continue;
		if (found++ == 0)
			snprintf(p->zone_id, sizeof(p->zone_id), "%s", z->zones[i].id);
	}
	if (found == 1)
		return 0;
	if (found > 1)
		publish_say(o, PUBLISH_REFUSED,
		    "%s has %zu hosted zones %s in this account: name the one that the registrar "
		    "points to with zone_id",
		    p->http.host, found, p->zone);
	else
		publish_say(o, PUBLISH_REFUSED,
		    "%s has no %shosted zone %s in this account: is the key of another account?",
		    p->http.host, hidden > 0 ? "public " : "", p->zone);
	return 1;
}

static int
find_zone(struct provider *p, struct publish_outcome *o)
{
	char path[ROUTE53_PATH_LEN];
	struct http_reply r;
	struct route53_zones zones;
	struct err why = ERR_INIT;
	snprintf(path, sizeof(path), API "hostedzonesbyname?dnsname=%.255s.&maxitems=%d", p->zone,
	    ROUTE53_ZONES_MAX);
	if (route53_ask(p, &(struct http_request){.method = "GET", .path = path}, &r) != 0)
		return -1;
	int rc = 1;
	if (r.end != HTTP_ANSWERED || r.status != 200)
		(void)route53_judge(p, &r, o);
	else if (route53_read_zones(buf_slice(&r.body), &zones, &why) != 0)
		publish_say(o, PUBLISH_TEMPORARY, "%s answered with %s: is `endpoint` right?",
		    p->http.host, why.text);
	else
		rc = choose_zone(p, &zones, o);
	http_reply_deinit(&r);
	return rc;
}

/* Each partition of AWS signs for a region of its own. */
static const char *
scope_of(const char *endpoint)
{
	if (strstr(endpoint, ".amazonaws.com.cn") != NULL)
		return "aws:amz:cn-northwest-1:route53";
	if (strstr(endpoint, ".us-gov.") != NULL)
		return "aws:amz:us-gov-west-1:route53";
	return "aws:amz:us-east-1:route53";
}

static int
connect_with_key(struct provider *p)
{
	struct aws_credentials key;
	int rc = aws_credentials_load(p->conf->credentials, p->conf->profile, &key, p->err);
	if (rc > 0)
		rc = route53_role_load(&key, p->until_ms, p->err);
	if (rc > 0)
		return err_set(p->err, ERR_CONFIG,
		    "no access key of AWS: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
		    "nor "
		    "~/.aws/credentials of the user that signpost runs as, nor a role of this "
		    "instance; name the file with "
		    "`credentials`");
	if (rc < 0)
		return -1;
	struct http_sigv4 sigv4 = {.scope = scope_of(provider_endpoint(p->conf, ENDPOINT)),
	    .key_id = key.key_id,
	    .secret = key.secret};
	rc = provider_connect(p, ENDPOINT, &sigv4);
	if (rc == 0)
		rc = http_header(&p->http, "Content-Type", "application/xml", p->err);
	if (rc == 0 && key.token[0] != '\0')
		rc = http_header(&p->http, "X-Amz-Security-Token", key.token, p->err);
	aws_credentials_wipe(&key);
	return rc;
}

int
route53_open(struct provider *p, struct publish_outcome *o)
{
	if (connect_with_key(p) != 0)
		return -1;
	if (p->conf->zone_id == NULL)
		return find_zone(p, o);
	snprintf(p->zone_id, sizeof(p->zone_id), "%s", p->conf->zone_id);
	return 0;
}
