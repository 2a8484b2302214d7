/* SPDX-License-Identifier: ISC */
/* Any bytes as each of Route 53's answers: identifiers that are taken can go into paths, names into texts. */
#include "keys/route53_answer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_id(const char *id)
{
	for (; *id != '\0'; id++) {
		if (!ascii_is_alnum((uint8_t)*id))
			abort();
	}
}

static int
take(void *arg, const struct route53_record *r)
{
	size_t *count = arg;
	if (r->value == NULL || strlen(r->name) >= ROUTE53_NAME_LEN || r->ttl_s < 0)
		abort();
	return ++*count == 1000;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct route53_zones zones;
	static struct route53_page page;
	struct slice body = slice_new(data, len);
	struct route53_error e;
	struct route53_change change;
	struct err err = ERR_INIT;
	size_t count = 0;
	route53_read_error(body, &e);
	if (strlen(e.code) >= sizeof(e.code) || strlen(e.message) >= sizeof(e.message))
		abort();
	if (route53_read_zones(body, &zones, &err) == 0) {
		if (zones.count > ROUTE53_ZONES_MAX)
			abort();
		for (size_t i = 0; i < zones.count; i++)
			check_id(zones.zones[i].id);
	} else if (err.text[0] == '\0') {
		abort();
	}
	page = (struct route53_page){.take = take, .arg = &count};
	if (route53_read_page(body, &page, &err) == 0 && route53_compare(page.next, page.next) != 0)
		abort();
	if (route53_read_change(body, &change, &err) == 0)
		check_id(change.id);
	return 0;
}
