/* SPDX-License-Identifier: ISC */
/* corpus.h - messages for the benchmarks, made anew each time and always the same. */
#ifndef SIGNPOST_TESTS_BENCH_CORPUS_H
#define SIGNPOST_TESTS_BENCH_CORPUS_H

#include "dkim/header.h"

#include <stdio.h>

struct bench_message {
	struct header_list headers; /* fourteen fields, as a mail client writes them; borrowed constants */
	struct buf body;
};

/* 2k, 20k (multipart/alternative), 200k (base64 attachment), 2m, 20m, 20m-prose, 20m-flowed; false for another name. */
bool bench_message_make(struct bench_message *, const char *kind);
void bench_message_write(const struct bench_message *, FILE *); /* CRLF line ends */
void bench_message_deinit(struct bench_message *);

#endif
