/* SPDX-License-Identifier: ISC */
/* Any bytes as a TSIG key file: what is taken is a whole key, what is refused leaves nothing behind and shows nothing. */
#include "base/base64.h"
#include "keys/tsig_key.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tsig_key key, zero;
	struct err err = ERR_INIT;
	struct buf octets;
	memset(&zero, 0, sizeof(zero));
	if (tsig_key_parse(slice_new(data, len), &key, &err) != 0) {
		if (memcmp(&key, &zero, sizeof(key)) != 0 || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (key.name[0] == '\0' || key.name[strlen(key.name) - 1] == '.' || strncmp(key.algorithm, "hmac-sha", 8) != 0)
		abort();
	buf_init(&octets, TSIG_SECRET_LEN);
	if (base64_decode(slice_of(key.secret), &octets, &err) != 0 || octets.len < 16)
		abort();
	buf_wipe(&octets);
	tsig_key_wipe(&key);
	return 0;
}
