/* SPDX-License-Identifier: ISC */
/* The first line is the key record, the rest a received message: any of it ends in a result with a reason. */
#include "dkim/verify.h"

#include <stdlib.h>
#include <string.h>

#define NOW 1793700000

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = slice_new(data, len), txt = {NULL, 0};
	struct header_list list = {0};
	struct err err = ERR_INIT;
	static struct verify_report report;
	size_t line, body;

	if (slice_find(in, '\n', &line)) {
		txt = slice_sub(in, 0, line);
		in = slice_from(in, line + 1);
	}
	struct verify_records records = {.txt = &txt, .count = txt.len > 0};
	if (header_list_parse(&list, in, 100, &body, &err) == 0) {
		for (size_t i = 0; i < list.count && i < 4; i++) {
			struct verify_message message = {&list, i, slice_from(in, body), NULL};
			verify_signature(&message, &records, NOW, &report);
			if (report.reason >= VERIFY_REASON_COUNT || report.words.count == 0)
				abort();
			if ((report.result == VERIFY_PASS) != (report.reason == VERIFY_OK))
				abort();
			for (size_t k = 0; k < report.words.count; k++) {
				if (memchr(report.words.list[k].verdict, '\0',
					VERIFY_VERDICT_LEN) == NULL)
					abort();
			}
		}
	}
	header_list_deinit(&list);
	return 0;
}
