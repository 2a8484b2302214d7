/* SPDX-License-Identifier: ISC */
#include "keys/store_whose.h"

#include "dkim/sha256.h"
#include "keys/store_sql.h"

int
store_whose(struct store *store, struct slice octets, struct store_whose *out, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	uint8_t hash[SHA256_LEN];

	*out = (struct store_whose){.found = false};
	if (sha256_digest(octets, hash, err) != 0)
		return -1;
	int rc = sql_open(&q,
	    "SELECT k.domain, k.selector FROM ours o JOIN key k ON k.id = o.key WHERE o.p_hash = ? "
	    "ORDER BY k.id DESC LIMIT 1",
	    "b", slice_new(hash, sizeof(hash)));
	if (rc == 0 && (rc = sql_row(&q)) == 1) {
		out->found = true;
		sql_text(&q, 0, out->domain, sizeof(out->domain));
		sql_text(&q, 1, out->selector, sizeof(out->selector));
		rc = 0;
	}
	sql_close(&q);
	return rc;
}

int
store_had_key(
    struct store *store, const uint8_t hash[static KEY_SPKI_HASH_LEN], bool *had, struct err *err)
{
	struct sql q = {.store = store, .err = err};
	int rc = sql_open(&q, "SELECT 1 FROM key WHERE spki_hash = ? LIMIT 1", "b",
	    slice_new(hash, KEY_SPKI_HASH_LEN));

	*had = rc == 0 && (rc = sql_row(&q)) == 1;
	sql_close(&q);
	return rc < 0 ? -1 : 0;
}
