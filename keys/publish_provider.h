/* SPDX-License-Identifier: ISC */
/* publish_provider.h - what publishers over a provider's API have in common: each name is read, what is not as it shall
 * be and not foreign is sent, and then it is read again.  An answer that was lost is made good by that second look, or
 * by the first one of the next call; so nothing is sent twice.
 *
 *	static const struct provider_service service = {.open = open_service, .read = read_name, .send = send_all};
 *	struct provider p = {.service = &service, .conf = conf, .changes = changes, .count = count,
 *	    .outcomes = outcomes, .err = err};
 *	return provider_change(&p);
 *
 * For the publishers themselves.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_PUBLISH_PROVIDER_H
#define SIGNPOST_KEYS_PUBLISH_PROVIDER_H

#include "keys/http.h"
#include "keys/publish_answer.h"

#define PROVIDER_ID_LEN	    128
#define PROVIDER_SECRET_MAX 4096

enum provider_step {
	PROVIDER_NONE,	  /* done, foreign or not known: nothing to send */
	PROVIDER_SEND,	  /* to be sent */
	PROVIDER_SENT,	  /* perhaps made: the outcome says what came back, the name is read again */
	PROVIDER_SETTLED, /* the outcome is the last word */
};

/* What stands at the name of a change, as the API has it. */
struct provider_name {
	struct name_state state; /* its txt is not used */
	char *text;		 /* of the one TXT record; NULL: none, or several */
	char *raw;		 /* the same as the service writes it */
	char id[PROVIDER_ID_LEN];
	int64_t ttl_s;
	enum provider_step step;
	bool is_open;	/* the service's own: what is being read may tell of it */
	bool tells_not; /* of this one it does not tell when it is in force, though it tells: what is read counts */
};

struct provider_service;
struct provider {
	const struct provider_service *service;
	const struct publisher_conf *conf;
	const struct publish_change *changes;
	struct publish_outcome *outcomes;
	struct provider_name *names;
	size_t count;
	const char *zone; /* A-labels, no final dot */
	char zone_id[PROVIDER_ID_LEN];
	int64_t until_ms;
	struct http http;
	int64_t server_time, our_time; /* of the last answer that told; NEVER */
	const char *note;	       /* said with what is done: what the admin should know of the zone; NULL */
	void *keys;		       /* the service's own */
	struct err *err;
};

/* 0: go on; 1: the outcome says what stands in the way, of all that follow, too, so its text names no owner; -1: a
 * failure of ours. */
struct provider_service {
	int (*open)(struct provider *, struct publish_outcome *); /* keys, provider_connect, zone */
	/* names[i], empty before; HOLDS_UNKNOWN: outcome says why */
	int (*read)(struct provider *, size_t i);
	/* all that are to be sent, together; NULL: each alone.  What is still to be sent then is sent alone. */
	int (*send)(struct provider *);
	int (*send_one)(struct provider *, size_t i); /* NULL: send leaves nothing */
	/* It tells when a change is in force on all its servers: nothing counts as published before (K14).  What stands
	 * already is sent again, unless the change has a receipt, which is in names[i].id then. */
	bool tells;
	const char *zone_id_form; /* what a zone_id is, in an error's text; NULL: there are none */
};

/* The caller has set service, conf, changes, count, outcomes and err, and nothing else. */
int provider_change(struct provider *) MUST_CHECK;

/* For requests beside a change, within the time of the whole; end with http_deinit(&p->http). */
void provider_begin(struct provider *, const struct publisher_conf *, const char *zone, struct err *);
/* What all types of this kind need: a sane endpoint, a zone_id that can stand in a path. */
int provider_check(const struct provider_service *, const struct publisher_conf *, struct err *) MUST_CHECK;
/* The one word of the file `credentials`, or else of the environment; ERR_CONFIG when there is neither.  The caller
 * wipes out, which is empty. */
int provider_secret(const struct publisher_conf *, const char *variable, const char *what, struct buf *out,
    struct err *) MUST_CHECK;
const char *provider_endpoint(const struct publisher_conf *, const char *usual);
int provider_connect(struct provider *, const char *usual_endpoint, const struct http_sigv4 *) MUST_CHECK;

/* As before it was read. */
void provider_name_clear(struct provider_name *);
/* One record more of the name; raw: the strings as the service writes them. */
int provider_put_txt(struct provider_name *, struct slice raw, struct err *) MUST_CHECK;
/* CNAME, NS; others do not matter beside a TXT record. */
void provider_put_other(struct provider_name *, const char *type, const char *target);
/* Quoted strings, joined; what is not quoted is taken as it is.  Escapes by number stay as they are, as no text of ours
 * has them. */
void provider_join(struct slice raw, struct buf *out);

/* As http_ask; what is throttled (429, and 503 for reads) is asked again while there is time. */
int provider_ask(struct provider *, const struct http_request *, struct http_reply *) MUST_CHECK;
/* Waits as the service asks, or longer each time; false: there is no time for it. */
bool provider_pause(struct provider *, unsigned attempt, int64_t retry_after_s);
/* A reply that is none, or whose status says the same everywhere (3xx, 429, 5xx): true, and the outcome says so. */
bool provider_judge_http(
    const struct provider *, const struct http_reply *, struct publish_outcome *);
/* NULL: no JSON, and the outcome says so.  Free with json_decref. */
struct json_t *provider_json(const struct provider *, const struct http_reply *, struct publish_outcome *);

#endif
