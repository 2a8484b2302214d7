/* SPDX-License-Identifier: ISC */
/* What a milter answers, whatever it is: the client ends with an answer or an error, and within its deadline. */
#include "milter/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWERS_LEN_MAX 60000 /* what a UNIX socket takes without a reader */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[64], path[96];
static int listener = -1;

static void
clean_up(void)
{
	unlink(path);
	rmdir(dir);
}

static void
open_listener(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	snprintf(dir, sizeof dir, "/tmp/fuzz-client-XXXXXX");
	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(path, sizeof path, "%s/s", dir);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(listener, (const struct sockaddr *)&sa, sizeof sa) != 0 ||
	    listen(listener, 4) != 0)
		abort();
	atexit(clean_up);
}

/* The answers lie ready before the first question, and nothing follows them. */
static void *
answer(void *arg)
{
	const struct slice *answers = arg;
	char sink[4096];
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		abort();
	if (send(fd, answers->ptr, answers->len, MSG_NOSIGNAL) < 0 && answers->len > 0)
		abort();
	shutdown(fd, SHUT_WR);
	while (recv(fd, sink, sizeof sink, 0) > 0)
		;
	close(fd);
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct milter_macro macros[] = {{"i", "Q"}, {"{auth_type}", "PLAIN"}, {NULL, NULL}};
	struct header_field fields[] = {{SLICE_LIT("From"), SLICE_LIT(" a@example.com")},
	    {SLICE_LIT("Subject"), SLICE_LIT(" x\n y")}};
	const struct header_list headers = {fields, 2, 2};
	const struct milter_message message = {.client_addr = "::1",
	    .connect_macros = macros,
	    .mail_macros = macros,
	    .eom_macros = macros,
	    .headers = &headers,
	    .body = SLICE_LIT("body\r\n"),
	    .chunk_len = 3};
	const struct milter_client_options options = {
	    MILTER_ACTIONS_ALL, MILTER_PROTOCOL_ALL, 2000};
	struct milter_client *c = NULL;
	struct err err = ERR_INIT;
	struct slice answers = slice_new(data, len < ANSWERS_LEN_MAX ? len : ANSWERS_LEN_MAX);
	pthread_t milter;

	if (listener < 0)
		open_listener();
	if (pthread_create(&milter, NULL, answer, &answers) != 0)
		abort();
	if (milter_client_open(path, &options, &c, &err) == 0) {
		for (int i = 0; i < 2; i++) {
			struct milter_reply reply;
			int result = milter_client_message(c, &message, &reply, &err);
			milter_reply_deinit(&reply);
			if (result != 0)
				break;
		}
	}
	milter_client_free(c);
	pthread_join(milter, NULL);
	if (err.kind == ERR_BUSY)
		abort();
	return 0;
}
