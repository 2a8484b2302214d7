/* SPDX-License-Identifier: ISC */
/* Any octets as the value of a From field: a domain comes out only with MAILBOX_OK, and then it is a normal one whose
 * last label stands in the value. */
#include "dkim/mailbox.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char domain[DOMAIN_LEN_MAX + 1], again[DOMAIN_LEN_MAX + 1];
	struct err err = ERR_INIT;
	struct slice in = slice_new(data, len);
	size_t at;

	enum mailbox_result result = mailbox_author_domain(in, domain);
	if (mailbox_result_name(result) == NULL || memchr(domain, '\0', sizeof(domain)) == NULL)
		abort();
	if ((result == MAILBOX_OK) != (domain[0] != '\0'))
		abort();
	if (result != MAILBOX_OK)
		return 0;
	if (domain_normalize(slice_of(domain), again, &err) != 0 || strcmp(domain, again) != 0)
		abort();
	if (!slice_find(in, '@', &at) || slice_find(in, '\0', &at))
		abort();
	return 0;
}
