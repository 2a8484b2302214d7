/* SPDX-License-Identifier: ISC */
/* forecast_text.h - what is to come, in words.
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_SIGNPOST_FORECAST_TEXT_H
#define SIGNPOST_SIGNPOST_FORECAST_TEXT_H

#include "base/buf.h"
#include "keys/forecast.h"

#define FORECAST_NAME_LEN  80
#define FORECAST_LABEL_LEN (FORECAST_NAME_LEN + 16)

/* Its selector; "(new rsa key 2)" for what is not made yet. */
void forecast_name(const struct forecast *, size_t key, char out[static FORECAST_NAME_LEN]);
/* With the algorithm: "sp26q4-h2cd7xqa rsa". */
void forecast_label(const struct forecast *, size_t key, char out[static FORECAST_LABEL_LEN]);
/* "takes over from sp26q4-h2cd7xqa", without the key's own name. */
void forecast_text(const struct forecast *, const struct forecast_event *, struct buf *out);
/* For JSON: "activate", "publish". */
const char *forecast_word(enum step_what);
const char *forecast_ask_word(enum forecast_ask); /* "approval"; NULL for nobody */
/* How it ends; "" when it is just the time that was asked for. */
const char *forecast_end_text(enum forecast_end);
/* A line of their own in what people read; what only a log is for (made, proven) is none. */
bool forecast_is_news(const struct forecast_event *);
/* "a new key is made 20 May 13:29 (in 179 d), so that ..." */
void forecast_put_made(int64_t at, int64_t now, const char *why, struct buf *out);

#endif
