/* SPDX-License-Identifier: ISC */
/* http_script.h - a service in a thread on loopback: it is asked one thing after another, and answers as a script says.
 * Each request has a connection of its own.
 *
 *	http_script_play((const struct http_step[]){{"GET /zones", 200, "", "{}"}, {0}});
 *	...
 *	http_script_played();	asked all of that, in that order, and nothing else
 *
 * Threads: one, beside that of the service. */
#ifndef SIGNPOST_TESTS_UNIT_HTTP_SCRIPT_H
#define SIGNPOST_TESTS_UNIT_HTTP_SCRIPT_H

#include "keys/http.h"
#include "tests/unit/said.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

struct http_step {
	const char *asked;   /* the begin of the request's first line; "*": what is begun, as often as it comes; NULL: the end */
	int status;	     /* 0: it hangs up */
	const char *headers; /* each with its CRLF */
	const char *body;    /* NULL: without an end */
};

struct http_script {
	int listener;
	char url[64];
	pthread_t thread;
	atomic_bool stop;
	const struct http_step *steps;
	atomic_size_t at;
	SSL_CTX *tls; /* every client ends the handshake here */
	char wrong[300];
};

static struct http_script http_script = {.listener = -1};

/* The head, and as much as it promises. */
static inline size_t
http_script_read(int fd, char *to, size_t size)
{
	size_t len = 0, want = size - 1;
	while (len < want) {
		ssize_t n = recv(fd, to + len, want - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
		to[len] = '\0';
		const char *end = strstr(to, "\r\n\r\n"), *told = strstr(to, "Content-Length: ");
		if (end != NULL)
			want = (size_t)(end + 4 - to) + (told != NULL && told < end ? strtoul(told + 16, NULL, 10) : 0);
		if (want >= size)
			break;
	}
	to[len] = '\0';
	return len;
}

static inline bool
http_script_send(int fd, const char *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = send(fd, bytes + at, len - at, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static inline void
http_script_answer(int fd, const struct http_step *step)
{
	char head[1000], filler[4096];
	size_t body_len = step->body == NULL ? 2 * (size_t)HTTP_BODY_LEN_MAX : strlen(step->body);
	int len = snprintf(head, sizeof(head), "HTTP/1.1 %d Said\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
	    step->status, step->headers, body_len);
	bool goes = len > 0 && http_script_send(fd, head, (size_t)len);
	if (step->body != NULL) {
		(void)http_script_send(fd, step->body, body_len);
		return;
	}
	memset(filler, 'x', sizeof(filler));
	for (size_t sent = 0; goes && sent < body_len; sent += sizeof(filler))
		goes = http_script_send(fd, filler, sizeof(filler));
}

static inline void
http_script_serve(struct http_script *s, int fd)
{
	static char request[1 << 20];
	size_t at = atomic_load(&s->at);
	if (s->tls != NULL) {
		SSL *ssl = SSL_new(s->tls);
		if (ssl != NULL && SSL_set_fd(ssl, fd) == 1)
			(void)SSL_accept(ssl);
		SSL_free(ssl);
		return;
	}
	if (http_script_read(fd, request, sizeof(request)) == 0)
		return;
	const struct http_step *step = &s->steps[at];
	bool any = step->asked != NULL && step->asked[0] == '*';
	if (step->asked == NULL || (!any && strncmp(request, step->asked, strlen(step->asked)) != 0)) {
		if (s->wrong[0] == '\0')
			snprintf(s->wrong, sizeof(s->wrong), "%s asked for, %.200s came", step->asked == NULL ? "nothing" : step->asked,
			    request);
		return;
	}
	if (!any)
		atomic_store(&s->at, at + 1);
	if (step->status != 0)
		http_script_answer(fd, step);
}

static inline void *
http_script_run(void *arg)
{
	struct http_script *s = arg;
	while (!s->stop) {
		struct pollfd p = {.fd = s->listener, .events = POLLIN};
		if (poll(&p, 1, 20) <= 0)
			continue;
		int fd = accept(s->listener, NULL, NULL);
		if (fd < 0)
			continue;
		http_script_serve(s, fd);
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

static inline int
http_script_begin(void)
{
	struct http_script *s = &http_script;
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&sa, len) != 0 || listen(s->listener, 8) != 0 ||
	    getsockname(s->listener, (struct sockaddr *)&sa, &len) != 0)
		return -1;
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", (unsigned)ntohs(sa.sin_port));
	return pthread_create(&s->thread, NULL, http_script_run, s);
}

static inline void
http_script_end(void)
{
	http_script.stop = true;
	pthread_join(http_script.thread, NULL);
	close(http_script.listener);
}

/* The steps are borrowed until the next. */
static inline void
http_script_play(const struct http_step *steps)
{
	http_script.steps = steps;
	http_script.wrong[0] = '\0';
	atomic_store(&http_script.at, 0);
}

/* NULL: as the script says. */
static inline const char *
http_script_played(void)
{
	const struct http_step *step = &http_script.steps[atomic_load(&http_script.at)];
	if (http_script.wrong[0] != '\0')
		return http_script.wrong;
	return step->asked == NULL || step->asked[0] == '*' ? NULL : step->asked;
}

#endif
