/* SPDX-License-Identifier: ISC */
#include "keys/http.h"
#include "base/ip.h"
#include "keys/dns_wire.h"
#include "keys/key_state.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define URL_LEN_MAX	 2000
#define CONNECT_MS_MAX	 10000L
#define KEPT_CONNECTIONS 1L
#define HEADER_LEN_MAX	 4096
#define SHOWN_LEN_MIN	 8 /* of a secret whose end is cut off */
#define HIDDEN		 "[hidden]"

#define SET(option, value) (good = good && curl_easy_setopt(c, option, value) == CURLE_OK)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode begun = CURLE_FAILED_INIT;

static void
begin(void)
{
	begun = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool
is_this_host(struct slice host)
{
	struct ip_addr addr;
	struct err ignored = ERR_INIT;
	/* where an instance of EC2 is told its keys, by its own host */
	if (slice_eq_str(host, "localhost") || slice_eq_str(host, "169.254.169.254"))
		return true;
	return ip_addr_parse(host, &addr, &ignored) == 0 && ip_addr_is_loopback(&addr);
}

/* The authority of a URL that http_check_url would take. */
static bool
split(const char *url, struct slice *authority, struct slice *host, bool *is_tls)
{
	struct slice rest = slice_of(url);
	size_t end;
	*is_tls = strncmp(url, "https://", 8) == 0;
	if (!*is_tls && strncmp(url, "http://", 7) != 0)
		return false;
	rest = slice_from(rest, *is_tls ? 8 : 7);
	end = rest.len;
	(void)slice_find(rest, '/', &end);
	*authority = *host = slice_sub(rest, 0, end);
	if (host->len > 0 && host->ptr[0] == '[') {
		if (!slice_find(*host, ']', &end))
			return false;
		*host = slice_sub(*host, 1, end - 1);
	} else if (slice_find(*host, ':', &end)) {
		*host = slice_sub(*host, 0, end);
	}
	return host->len > 0 && authority->len < HTTP_HOST_LEN;
}

int
http_check_url(const char *url, struct err *err)
{
	struct slice authority, host;
	bool is_tls = false,
	     good = strlen(url) <= URL_LEN_MAX && split(url, &authority, &host, &is_tls);
	/* a user, a query or a fragment is no part of an endpoint */
	for (const char *c = url; good && *c != '\0'; c++)
		good = ascii_is_print((uint8_t)*c) && strchr("@?#\"<>\\^`{|}", *c) == NULL;
	if (!good)
		return err_set(err, ERR_CONFIG,
		    "endpoint = \"%.200s\" is no URL of an API: want https://HOST[:PORT][/PATH]",
		    url);
	if (!is_tls && !is_this_host(host))
		return err_set(err, ERR_CONFIG,
		    "endpoint = \"%.200s\": without TLS the secret could be read on its way; "
		    "http:// is only for "
		    "this host (127.0.0.1, [::1], localhost): want https://, or a tunnel that ends "
		    "here",
		    url);
	return 0;
}

static int
unfit(struct err *err)
{
	return err_set(
	    err, ERR_IO, "libcurl does not do what signpost needs of it (%s)", curl_version());
}

static bool
set_up(CURL *c, const struct http_conf *conf)
{
	bool good = true;
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROXY, ""); /* nor that of the environment */
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_MAXCONNECTS, KEPT_CONNECTIONS);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_USERAGENT, "signpost");
	if (conf->ca_file != NULL) {
		SET(CURLOPT_CAINFO, conf->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
	if (conf->sigv4 != NULL) {
		SET(CURLOPT_AWS_SIGV4, conf->sigv4->scope);
		SET(CURLOPT_USERNAME, conf->sigv4->key_id);
		SET(CURLOPT_PASSWORD, conf->sigv4->secret);
	}
	return good;
}

int
http_init(struct http *h, const struct http_conf *conf, struct err *err)
{
	struct slice authority, host;
	memset(h, 0, sizeof(*h));
	if (http_check_url(conf->endpoint, err) != 0)
		return -1;
	(void)pthread_once(&once, begin);
	h->curl = begun == CURLE_OK ? curl_easy_init() : NULL;
	h->endpoint = strdup(conf->endpoint);
	if (h->curl == NULL || h->endpoint == NULL) {
		http_deinit(h);
		return err_nomem(err);
	}
	for (size_t len = strlen(h->endpoint); len > 0 && h->endpoint[len - 1] == '/'; len--)
		h->endpoint[len - 1] = '\0';
	h->until_ms = conf->until_ms;
	if (split(conf->endpoint, &authority, &host, &h->is_tls))
		(void)slice_to_str(authority, h->host, sizeof(h->host));
	if (set_up(h->curl, conf))
		return 0;
	http_deinit(h);
	return unfit(err);
}

int
http_header(struct http *h, const char *name, const char *value, struct err *err)
{
	struct buf line;
	size_t len = 0;
	for (; value[len] != '\0' && (ascii_is_print((uint8_t)value[len]) || value[len] == ' ');
	     len++)
		continue;
	if (len == 0 || value[len] != '\0')
		return err_set(err, ERR_CONFIG,
		    "what is to go into the header %s is empty, or holds what is no printable "
		    "ASCII",
		    name);
	buf_init(&line, HEADER_LEN_MAX);
	buf_printf(&line, "%s: %s", name, value);
	int rc = buf_check(&line, "a header", err);
	struct curl_slist *grown = rc == 0 ? curl_slist_append(h->headers, buf_str(&line)) : NULL;
	buf_wipe(&line);
	if (rc == 0 && grown == NULL)
		rc = err_nomem(err);
	if (grown != NULL)
		h->headers = grown;
	return rc;
}

static size_t
take_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_reply *r = arg;
	buf_put(&r->body, slice_new(data, size * count));
	return r->body.state == BUF_OK ? size * count : 0;
}

static size_t
take_header(char *data, size_t size, size_t count, void *arg)
{
	struct http_reply *r = arg;
	struct slice line = slice_new(data, size * count), name = SLICE_LIT("date:");
	char value[64];
	if (slice_ieq(slice_sub(line, 0, name.len), name) &&
	    slice_to_str(slice_trim(slice_from(line, name.len)), value, sizeof(value))) {
		time_t at = curl_getdate(value, NULL);
		r->date = at == -1 ? NEVER : (int64_t)at;
		r->our_time = (int64_t)time(NULL);
	}
	return size * count;
}

static bool
prepare(struct http *h, const struct http_request *q, const char *url, struct http_reply *r)
{
	CURL *c = h->curl;
	bool reads = strcmp(q->method, "GET") == 0, has_body = q->body.len > 0;
	int64_t left_ms = h->until_ms - dns_now_ms();
	long ms = left_ms < 1 ? 1L : (long)left_ms;
	bool good = true;
	SET(CURLOPT_TIMEOUT_MS, ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS_MAX ? ms : CONNECT_MS_MAX);
	SET(CURLOPT_FRESH_CONNECT, reads ? 0L : 1L);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len);
	/* NULL, too: the signature takes in what an earlier request left there */
	SET(CURLOPT_POSTFIELDS, has_body ? (const char *)q->body.ptr : NULL);
	if (!has_body)
		SET(CURLOPT_HTTPGET, 1L);
	SET(CURLOPT_CUSTOMREQUEST, q->method);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_HTTPHEADER, (struct curl_slist *)h->headers);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, (void *)r);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, (void *)r);
	return good;
}

/* Was the request on its way? */
static bool
was_sent(CURL *c)
{
	curl_off_t us = 0;
	return curl_easy_getinfo(c, CURLINFO_PRETRANSFER_TIME_T, &us) == CURLE_OK && us > 0;
}

static void
judge(struct http *h, CURLcode rc, const char *detail, struct http_reply *r)
{
	long status = 0;
	curl_off_t wait_s = 0;
	const char *why = detail[0] != '\0' ? detail : curl_easy_strerror(rc);
	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &wait_s);
	r->status = (int)status;
	r->retry_after_s = (int64_t)wait_s;
	switch ((int)rc) {
	case CURLE_OK:
		r->end = HTTP_ANSWERED;
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		r->end = HTTP_UNTRUSTED;
		break;
	case CURLE_WRITE_ERROR:
		r->end = HTTP_TOO_LONG;
		why = "";
		break;
	default:
		r->end = was_sent(h->curl) ? HTTP_LOST : HTTP_UNREACHED;
	}
	snprintf(r->text, sizeof(r->text), "%s", why);
}

int
http_ask(struct http *h, const struct http_request *q, struct http_reply *r, struct err *err)
{
	char detail[CURL_ERROR_SIZE] = "";
	struct buf url;
	memset(r, 0, sizeof(*r));
	r->date = r->our_time = NEVER;
	buf_init(&r->body, HTTP_BODY_LEN_MAX);
	buf_init(&url, 2 * (size_t)URL_LEN_MAX);
	buf_printf(&url, "%s%s", h->endpoint, q->path);
	int rc = buf_check(&url, "the URL of a request", err);
	if (rc == 0 && !prepare(h, q, buf_str(&url), r))
		rc = unfit(err);
	if (rc == 0 && dns_now_ms() >= h->until_ms) {
		r->end = HTTP_UNREACHED;
		snprintf(
		    r->text, sizeof(r->text), "the time for the whole (`timeout`) was over before");
	} else if (rc == 0) {
		(void)curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, detail);
		judge(h, curl_easy_perform(h->curl), detail, r);
		(void)curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, NULL);
	}
	if (rc == 0 && r->body.state == BUF_NOMEM)
		rc = err_nomem(err);
	if (rc != 0)
		http_reply_deinit(r);
	buf_deinit(&url);
	return rc;
}

/* Octets of a value that `said` begins with, in JSON's escapes, too, and if `said` is cut within; 0: none. */
static size_t
shown(struct slice said, const char *value)
{
	size_t at = 0, len = 0;
	for (; value[len] != '\0' && at < said.len; len++, at++) {
		if (said.ptr[at] == '\\' && value[len] != '\\' && at + 1 < said.len)
			at++;
		if (said.ptr[at] != (uint8_t)value[len])
			return 0;
	}
	return value[len] == '\0' || len >= SHOWN_LEN_MIN ? at : 0;
}

/* No secret, and servers speak of it. */
static bool
is_public(const char *header)
{
	return slice_ieq_str(
	    slice_sub(slice_of(header), 0, sizeof("Content-Type:") - 1), "Content-Type:");
}

static size_t
shown_any(const struct http *h, struct slice said)
{
	for (const struct curl_slist *l = h->headers; l != NULL; l = l->next) {
		/* "Authorization: Bearer WORD": the last word alone is the secret */
		size_t len = is_public(l->data) ? 0 : shown(said, strrchr(l->data, ' ') + 1);
		if (len > 0)
			return len;
	}
	return 0;
}

void
http_quote(const struct http *h, struct slice said, char out[static HTTP_QUOTE_LEN])
{
	size_t len = 0;
	for (size_t at = 0; at < said.len && said.ptr[at] != '\0';) {
		size_t hidden = shown_any(h, slice_from(said, at));
		size_t more = hidden > 0 ? sizeof(HIDDEN) - 1 : 1;
		if (len + more >= HTTP_QUOTE_LEN)
			break;
		memcpy(out + len, hidden > 0 ? (const uint8_t *)HIDDEN : said.ptr + at, more);
		len += more;
		at += hidden > 0 ? hidden : 1;
	}
	out[len] = '\0';
}

void
http_reply_deinit(struct http_reply *r)
{
	buf_wipe(&r->body); /* the metadata service answers with keys */
}

void
http_deinit(struct http *h)
{
	for (struct curl_slist *l = h->headers; l != NULL; l = l->next)
		OPENSSL_cleanse(l->data, strlen(l->data));
	curl_slist_free_all(h->headers);
	curl_easy_cleanup(h->curl);
	free(h->endpoint);
	memset(h, 0, sizeof(*h));
}

void
http_put_encoded(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		uint8_t c = (uint8_t)*text;
		if (ascii_is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL))
			buf_put_byte(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)c);
	}
}
