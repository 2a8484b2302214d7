/* SPDX-License-Identifier: ISC */
/* Any bytes as a file of AWS credentials: what is taken can go into a header, what is refused leaves nothing behind. */
#include "keys/aws_credentials.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_value(const char *value, size_t size)
{
	if (memchr(value, '\0', size) == NULL)
		abort();
	for (; *value != '\0'; value++) {
		if (!ascii_is_print((uint8_t)*value))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct aws_credentials c, zero;
	struct err err = ERR_INIT;
	if (aws_credentials_parse(slice_new(data, len), "default", &c, &err) != 0) {
		if (memcmp(&c, &zero, sizeof(c)) != 0 || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (c.key_id[0] == '\0' || c.secret[0] == '\0')
		abort();
	check_value(c.key_id, sizeof(c.key_id));
	check_value(c.secret, sizeof(c.secret));
	check_value(c.token, sizeof(c.token));
	aws_credentials_wipe(&c);
	return 0;
}
