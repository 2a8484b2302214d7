/* SPDX-License-Identifier: ISC */
/* known_records.h - key records that were given on the command line instead of being asked for.
 *
 * Threads: read-only once loaded. */
#ifndef SIGNPOST_SIGNPOST_KNOWN_RECORDS_H
#define SIGNPOST_SIGNPOST_KNOWN_RECORDS_H

#include "base/buf.h"
#include "keys/lookup.h"

#define KNOWN_RECORDS_LEN_MAX ((size_t)1 << 20)

struct known_records {
	struct buf file;   /* of --records: "NAME<TAB>TEXT" lines; the whole of DNS then */
	bool has_file;
	struct slice name; /* of --record: only this name is known */
	struct buf text;
};

/* records: a file or NULL; record: "NAME=FILE" or NULL.  Undo with known_records_deinit in any case. */
int known_records_load(struct known_records *, const char *records, const char *record, struct err *) MUST_CHECK;
void known_records_deinit(struct known_records *);
/* True when DNS need not be asked: *count texts in out, each freed with buf_deinit; none: there is no record. */
bool known_records_find(const struct known_records *, const char *name, struct buf out[static DNS_TXT_MAX],
    size_t *count);

#endif
