/* SPDX-License-Identifier: ISC */
/* http.h - requests to a provider's API: libcurl, held short.
 *
 * Certificates are verified; redirects, proxies of the environment, cookies and .netrc are not followed.  Answers are
 * bounded, and so is the time of all requests together.  A request that changes something has a connection of its own,
 * since one that is used again may be sent twice (RFC 9110 9.2.2).
 *
 *	struct http h;
 *	struct http_conf conf = {.endpoint = "https://api.example.com", .until_ms = dns_now_ms() + 30000};
 *	if (http_init(&h, &conf, err) != 0 || http_header(&h, "Authorization", value, err) != 0) ...
 *	struct http_reply r;
 *	if (http_ask(&h, &(struct http_request){.method = "GET", .path = "/zones"}, &r, err) != 0) ...	a failure of ours
 *	if (r.end != HTTP_ANSWERED) ...		r.text has it in words
 *	http_reply_deinit(&r);
 *	http_deinit(&h);
 *
 * No text holds a header's value or a key, if what a server says goes through http_quote.
 *
 * Threads: one struct http, one thread. */
#ifndef SIGNPOST_KEYS_HTTP_H
#define SIGNPOST_KEYS_HTTP_H

#include "base/buf.h"

#define HTTP_BODY_LEN_MAX (4U << 20) /* a zone of 10 000 records, whole, as old PowerDNS sends it */
#define HTTP_TEXT_LEN	  400
#define HTTP_QUOTE_LEN	  201
#define HTTP_HOST_LEN	  280

/* Keys for libcurl's AWS signature version 4; borrowed for http_init. */
struct http_sigv4 {
	const char *scope; /* "aws:amz:us-east-1:route53" */
	const char *key_id, *secret;
};

struct http_conf {
	const char *endpoint; /* http_check_url; borrowed for the call */
	const char *ca_file;  /* instead of the system's authorities; NULL: those */
	const struct http_sigv4 *sigv4; /* NULL: unsigned */
	int64_t until_ms;     /* dns_now_ms() */
};

struct http {
	void *curl;
	void *headers;
	char *endpoint; /* no final slash */
	bool is_tls; /* so a server's clock is its own */
	int64_t until_ms;
	char host[HTTP_HOST_LEN]; /* for texts, with the port if it is not the usual one */
};

struct http_request {
	const char *method;
	const char *path;  /* with its query, encoded; behind the endpoint */
	struct slice body; /* len 0: none */
};

enum http_end {
	HTTP_ANSWERED,	/* status is set, whatever it is */
	HTTP_UNREACHED, /* nothing was asked */
	HTTP_LOST,	/* it may have been asked, and there is no whole answer */
	HTTP_UNTRUSTED, /* its certificate does not verify */
	HTTP_TOO_LONG,	/* answered more than HTTP_BODY_LEN_MAX */
};

struct http_reply {
	enum http_end end;
	int status;
	struct buf body;
	int64_t date, our_time; /* the server's clock, and ours then: Unix seconds, or NEVER */
	int64_t retry_after_s;	/* 0: it does not say */
	char text[HTTP_TEXT_LEN];
};

/* https://HOST[:PORT][/PATH]; http:// only to this host itself (127.0.0.0/8, [::1], localhost), since what goes over it
 * can be read.  ERR_CONFIG. */
int http_check_url(const char *url, struct err *) MUST_CHECK;
int http_init(struct http *, const struct http_conf *, struct err *) MUST_CHECK;
/* For all requests.  ERR_CONFIG when the value holds what no header may; it is not in the text. */
int http_header(struct http *, const char *name, const char *value, struct err *) MUST_CHECK;
/* 0: the reply tells; end with http_reply_deinit.  -1: ERR_NOMEM, ERR_IO, nothing to undo. */
int http_ask(struct http *, const struct http_request *, struct http_reply *, struct err *) MUST_CHECK;
/* What a server said, for a text: its beginning, up to a NUL.  Where it shows the value of a header of ours, as pages
 * of proxies do, there is "[hidden]". */
void http_quote(const struct http *, struct slice said, char out[static HTTP_QUOTE_LEN]);
void http_reply_deinit(struct http_reply *);
void http_deinit(struct http *); /* a zeroed one is fine */
/* One part of a path or query, RFC 3986 2.1: all but unreserved characters as %XX. */
void http_put_encoded(struct buf *, const char *text);

#endif
