/* SPDX-License-Identifier: ISC */
/* fuzz_config.c - signpost.conf: whatever is accepted is printed in a form that is accepted, and
 * means the same. */
#include "signpost/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
print(const struct config *config, struct buf *out)
{
	buf_init(out, 64 * CONFIG_LEN_MAX);
	config_print(config, false, out);
	if (out->state != BUF_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err err = ERR_INIT;
	struct config *config = NULL, *again = NULL;
	struct buf first, second;

	if (config_parse(slice_new(data, len), "fuzz", &config, &err) != 0) {
		if (err.kind == ERR_NONE || err.text[0] == '\0')
			abort(); /* a refusal says why */
		return 0;
	}
	print(config, &first);
	if (config_parse(buf_slice(&first), "again", &again, &err) != 0)
		abort();
	print(again, &second);
	if (!slice_eq(buf_slice(&first), buf_slice(&second)))
		abort();
	buf_deinit(&first);
	buf_deinit(&second);
	config_free(config);
	config_free(again);
	return 0;
}
