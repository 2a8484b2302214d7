/* SPDX-License-Identifier: ISC */
/* Any bytes as a zone file, and as the file that it includes: a raised serial is found again where it was put, with all else as
 * it stood; records that are taken are written so that they are read as the same. */
#include "keys/zone_include.h"
#include "keys/zone_text.h"

#include <stdlib.h>
#include <string.h>

#define INCLUDE "/var/lib/signpost/a.dkim"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
look_at_zone(struct slice text)
{
	struct zone_text z, again;
	struct err err = ERR_INIT;
	struct buf out;
	if (zone_text_scan(text, INCLUDE, &z, &err) != 0)
		return;
	uint32_t next = zone_serial_next(z.serial, INT64_C(1795348800));
	if (!zone_serial_is_before(z.serial, next))
		abort();
	buf_init(&out, text.len + 2 * sizeof(INCLUDE) + 16);
	zone_text_put(text, &z, next, NULL, &out);
	if (zone_text_scan(buf_slice(&out), INCLUDE, &again, &err) != 0 || again.serial != next ||
	    again.include_span.len != z.include_span.len || out.len != text.len - z.serial_span.len + again.serial_span.len)
		abort();
	buf_clear(&out);
	zone_text_put(text, &z, next, "/other", &out);
	if (zone_text_scan(buf_slice(&out), "/other", &again, &err) != 0 || again.serial != next ||
	    (z.include_span.len > 0 && again.include_span.len == 0))
		abort();
	buf_deinit(&out);
}

static void
look_at_include(struct slice text)
{
	struct zone_include z, again;
	struct err err = ERR_INIT;
	struct buf out, second;
	zone_include_init(&z);
	zone_include_init(&again);
	buf_init(&out, ZONE_INCLUDE_LEN_MAX);
	buf_init(&second, ZONE_INCLUDE_LEN_MAX);
	if (zone_include_parse(text, &z, &err) == 0) {
		zone_include_format(&z, &out);
		if (zone_include_parse(buf_slice(&out), &again, &err) != 0 || again.count != z.count)
			abort();
		zone_include_format(&again, &second);
		if (!slice_eq(buf_slice(&out), buf_slice(&second)))
			abort();
	}
	zone_include_deinit(&z);
	zone_include_deinit(&again);
	buf_deinit(&out);
	buf_deinit(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	look_at_zone(slice_new(data, len));
	look_at_include(slice_new(data, len));
	return 0;
}
