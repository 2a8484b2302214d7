/* SPDX-License-Identifier: ISC */
#include "keys/publish_provider.h"
#include "keys/dns_wire.h"
#include "keys/publish_type.h"
#include "keys/secret_file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ATTEMPTS_MAX	  5
#define RETRY_AFTER_MAX_S 86400

int
provider_check(
    const struct provider_service *service, const struct publisher_conf *conf, struct err *err)
{
	for (const char *c = conf->zone_id; c != NULL && *c != '\0'; c++) {
		if (!ascii_is_alnum((uint8_t)*c))
			return err_set(err, ERR_CONFIG,
			    "publisher %s: zone_id = \"%.80s\" is no %s", conf->name, conf->zone_id,
			    service->zone_id_form);
	}
	if (conf->endpoint == NULL)
		return 0;
	if (http_check_url(conf->endpoint, err) == 0)
		return 0;
	return err_wrap(err, "publisher %s", conf->name);
}

const char *
provider_endpoint(const struct publisher_conf *conf, const char *usual)
{
	return conf->endpoint != NULL ? conf->endpoint : usual;
}

int
provider_secret(const struct publisher_conf *conf, const char *variable, const char *what,
    struct buf *out, struct err *err)
{
	const char *value = conf->credentials == NULL ? getenv(variable) : NULL;
	if (conf->credentials == NULL && value == NULL)
		return err_set(err, ERR_CONFIG,
		    "%s is not known: name the file that holds it (credentials = "
		    "\"/etc/signpost/...\"), or set %s",
		    what, variable);
	if (value != NULL)
		buf_put_str(out, value);
	else if (secret_file_read(conf->credentials, what, out, err) != 0)
		return -1;
	struct slice word = slice_trim(buf_slice(out));
	bool good = word.len > 0 && out->state == BUF_OK;
	for (size_t i = 0; good && i < word.len; i++)
		good = ascii_is_print(word.ptr[i]);
	if (!good)
		return err_set(err, ERR_CONFIG, "%s: want %s alone, in one line",
		    value != NULL ? variable : conf->credentials, what);
	memmove(out->data, word.ptr, word.len);
	out->len = word.len;
	out->data[word.len] = '\0';
	return 0;
}

int
provider_connect(struct provider *p, const char *usual_endpoint, const struct http_sigv4 *sigv4)
{
	struct http_conf conf = {.endpoint = provider_endpoint(p->conf, usual_endpoint),
	    .ca_file = p->conf->ca_file,
	    .sigv4 = sigv4,
	    .until_ms = p->until_ms};
	return http_init(&p->http, &conf, p->err);
}

bool
provider_pause(struct provider *p, unsigned attempt, int64_t retry_after_s)
{
	if (retry_after_s > RETRY_AFTER_MAX_S)
		retry_after_s = RETRY_AFTER_MAX_S; /* the server's own word */
	int64_t wait_ms = retry_after_s > 0 ? retry_after_s * 1000 : 500LL << attempt;
	if (attempt + 1 >= ATTEMPTS_MAX || dns_now_ms() + wait_ms >= p->until_ms)
		return false;
	const struct timespec pause = {
	    .tv_sec = (time_t)(wait_ms / 1000), .tv_nsec = (long)(wait_ms % 1000) * 1000000L};
	nanosleep(&pause, NULL);
	return true;
}

int
provider_ask(struct provider *p, const struct http_request *q, struct http_reply *r)
{
	bool reads = strcmp(q->method, "GET") == 0;
	for (unsigned attempt = 0;; attempt++) {
		if (http_ask(&p->http, q, r, p->err) != 0)
			return -1;
		if (r->date != NEVER && p->http.is_tls) {
			p->server_time = r->date;
			p->our_time = r->our_time;
		}
		bool throttled =
		    r->end == HTTP_ANSWERED && (r->status == 429 || (reads && r->status == 503));
		if (!throttled || !provider_pause(p, attempt, r->retry_after_s))
			return 0;
		http_reply_deinit(r);
	}
}

static void
say_status(const struct provider *p, const struct http_reply *r, struct publish_outcome *o)
{
	const char *host = p->http.host;
	if (r->status == 429 && r->retry_after_s > 0)
		publish_say(o, PUBLISH_TEMPORARY,
		    "%s wants fewer requests (429), and none for %lld s; it is tried again later",
		    host, (long long)r->retry_after_s);
	else if (r->status == 429)
		publish_say(o, PUBLISH_TEMPORARY,
		    "%s wants fewer requests (429); it is tried again later", host);
	else if (r->status >= 500)
		publish_say(o, PUBLISH_TEMPORARY,
		    "%s has a fault of its own (HTTP status %d); it is tried again", host,
		    r->status);
	else
		publish_say(o, PUBLISH_REFUSED,
		    "%s leads elsewhere (HTTP status %d), where the secret is not taken: is "
		    "`endpoint` right?",
		    host, r->status);
}

bool
provider_judge_http(const struct provider *p, const struct http_reply *r, struct publish_outcome *o)
{
	const char *host = p->http.host;
	switch (r->end) {
	case HTTP_ANSWERED:
		if (r->status / 100 != 3 && r->status != 429 && r->status < 500)
			return false;
		say_status(p, r, o);
		return true;
	case HTTP_UNREACHED:
		publish_say(o, PUBLISH_TEMPORARY, "%s was not reached: %s", host, r->text);
		return true;
	case HTTP_LOST:
		publish_say(o, PUBLISH_TEMPORARY,
		    "%s was asked, and its answer is lost: %s; what came of it the next look finds "
		    "out",
		    host, r->text);
		return true;
	case HTTP_UNTRUSTED:
		if (p->conf->ca_file != NULL)
			publish_say(o, PUBLISH_REFUSED,
			    "%s is not believed: %s.  Only the authorities in %s (`ca_file`) are",
			    host, r->text, p->conf->ca_file);
		else
			publish_say(o, PUBLISH_REFUSED,
			    "%s is not believed: %s.  If it has a certificate of an authority of "
			    "your own, name that in `ca_file`",
			    host, r->text);
		return true;
	case HTTP_TOO_LONG:
	default:
		publish_say(o, PUBLISH_REFUSED,
		    "%s answers with more than %u octets, which no answer of this API has: is "
		    "`endpoint` right?",
		    host, HTTP_BODY_LEN_MAX);
		return true;
	}
}

json_t *
provider_json(const struct provider *p, const struct http_reply *r, struct publish_outcome *o)
{
	json_error_t e;
	char said[HTTP_QUOTE_LEN];
	json_t *root =
	    json_loadb((const char *)r->body.data, r->body.len, JSON_REJECT_DUPLICATES, &e);
	if (root != NULL)
		return root;
	http_quote(&p->http, buf_slice(&r->body), said);
	publish_say(o, PUBLISH_TEMPORARY,
	    "%s answered with something that is no JSON (HTTP status %d): is `endpoint` "
	    "right?  It says: %s%s",
	    p->http.host, r->status, r->body.len == 0 ? "nothing" : said,
	    r->body.len >= HTTP_QUOTE_LEN ? "..." : "");
	return NULL;
}

void
provider_join(struct slice raw, struct buf *out)
{
	bool quoted = false;
	raw = slice_trim(raw);
	if (raw.len == 0 || raw.ptr[0] != '"') {
		buf_put(out, raw);
		return;
	}
	for (size_t i = 0; i < raw.len; i++) {
		uint8_t c = raw.ptr[i];
		if (c == '"') {
			quoted = !quoted;
		} else if (quoted && c == '\\' && i + 1 < raw.len &&
			   !ascii_is_digit(raw.ptr[i + 1])) {
			buf_put_byte(out, raw.ptr[++i]);
		} else if (quoted ||
			   !ascii_is_wsp(c)) { /* what stands between strings is not ours */
			buf_put_byte(out, c);
		}
	}
}

void
provider_name_clear(struct provider_name *n)
{
	free(n->text);
	free(n->raw);
	*n = (struct provider_name){.step = n->step, .tells_not = n->tells_not};
}

int
provider_put_txt(struct provider_name *n, struct slice raw, struct err *err)
{
	struct buf text;
	n->state.count++;
	if (n->state.holds != HOLDS_ALIAS)
		n->state.holds = HOLDS_TXT;
	buf_init(&text, 2 * (size_t)DNS_TXT_LEN_MAX);
	provider_join(raw, &text);
	if (n->state.holds == HOLDS_TXT)
		name_state_put_txt(&n->state, buf_slice(&text));
	free(n->text);
	free(n->raw);
	n->text = slice_strdup(buf_slice(&text)); /* with a NUL in it, it is none of ours */
	n->raw = memchr(raw.ptr, '\0', raw.len) == NULL ? slice_strdup(raw) : strdup("");
	if (text.state == BUF_FULL || n->state.count > 1) {
		free(n->text);
		n->text = NULL;
	}
	bool starved = text.state == BUF_NOMEM || n->raw == NULL;
	buf_deinit(&text);
	return starved ? err_nomem(err) : 0;
}

void
provider_put_other(struct provider_name *n, const char *type, const char *target)
{
	bool alias = strcmp(type, "CNAME") == 0;
	if (!alias && strcmp(type, "NS") != 0)
		return;
	if (alias)
		snprintf(n->state.text, sizeof(n->state.text), "a CNAME to %.250s", target);
	else
		snprintf(n->state.text, sizeof(n->state.text),
		    "it is delegated to other name servers (%.200s)", target);
	n->state.holds = alias ? HOLDS_ALIAS : HOLDS_DELEGATION;
}
