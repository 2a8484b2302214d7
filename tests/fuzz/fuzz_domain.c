/* SPDX-License-Identifier: ISC */
/* Any octets as a domain name: what is accepted is LDH, in bounds, and normalizes to itself. */
#include "dkim/domain.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char name[DOMAIN_LEN_MAX + 1], again[DOMAIN_LEN_MAX + 1], entry[DOMAIN_LEN_MAX + 2],
	    shown[1024];
	struct err err = ERR_INIT;
	struct slice in = slice_new(data, len);

	if (domain_entry_normalize(in, entry, &err) == 0 && strlen(entry) > DOMAIN_LEN_MAX + 1)
		abort();
	if (domain_normalize(in, name, &err) != 0) {
		if (name[0] != '\0' || err.kind != ERR_INPUT)
			abort();
		return 0;
	}
	size_t name_len = strlen(name);
	if (name_len > DOMAIN_LEN_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != name_len)
		abort();
	if (domain_normalize(slice_of(name), again, &err) != 0 || strcmp(name, again) != 0)
		abort();
	domain_to_unicode(name, shown, sizeof(shown));
	/* what people are shown leads back to the same name */
	if (domain_normalize(slice_of(shown), again, &err) != 0 || strcmp(name, again) != 0)
		abort();
	if (!domain_is_within(slice_of(name), slice_of(name)) ||
	    !domain_entry_covers(slice_of(entry), slice_of(name)))
		abort();
	return 0;
}
