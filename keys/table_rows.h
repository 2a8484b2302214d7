/* SPDX-License-Identifier: ISC */
/* table_rows.h - one row of a signing table, word by word; inside keys/table_*.c.
 *
 * Threads: one parser, one thread. */
#ifndef SIGNPOST_KEYS_TABLE_ROWS_H
#define SIGNPOST_KEYS_TABLE_ROWS_H

#include "keys/table_private.h"

#define TABLE_SHOW(word) SLICE_ARG(slice_sub((word), 0, 80)) /* no message drowns in what it quotes */

/* The statement's word, as it stands: never quoted. */
struct slice table_first_word(struct slice line);
/* 1: *word is the next one of p->rest, borrowed until the text or the table goes; 0: the line is done; -1. */
int table_next_word(struct table_parser *, struct slice *word, struct err *) MUST_CHECK;
int table_need_word(struct table_parser *, struct slice *word, const char *what, struct err *) MUST_CHECK;
int table_need_end(struct table_parser *, struct err *) MUST_CHECK;
/* A string that lives as long as the table; NULL with ERR_NOMEM. */
char *table_keep(struct table_parser *, struct slice, struct err *) MUST_CHECK;

/* Parses p->rest, a line with something on it, into p->table. */
int table_row_parse(struct table_parser *, struct err *) MUST_CHECK;
/* What stands behind `allow`. */
int table_row_allow(struct table_parser *, struct err *) MUST_CHECK;

#endif
