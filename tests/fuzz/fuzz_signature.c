/* SPDX-License-Identifier: ISC */
/* Any octets as the value of a DKIM-Signature field: what parses keeps its promises, and b= can be taken out. */
#include "dkim/domain.h"
#include "dkim/signature.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_parsed(struct slice in, const struct signature *sig)
{
	char domain[DOMAIN_LEN_MAX + 1];
	struct err err = ERR_INIT;
	struct buf once, twice;

	if (sig->h.len == 0 || sig->selector.len == 0 ||
	    domain_normalize(sig->domain, domain, &err) != 0)
		abort();
	if (sig->alg_known && (sig->b_len == 0 || sig->bh_len != (sig->sha1 ? 20 : CANON_BH_LEN)))
		abort();
	if (sig->signed_at < SIGNATURE_NO_TIME || sig->expires_at < SIGNATURE_NO_TIME)
		abort();
	buf_init(&once, in.len + 1);
	buf_init(&twice, in.len + 1);
	if (signature_without_b(in, &once, &err) != 0 || once.len >= in.len)
		abort();
	if (signature_without_b(buf_slice(&once), &twice, &err) != 0 ||
	    !slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
	buf_deinit(&once);
	buf_deinit(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = slice_new(data, len);
	static struct signature sig;
	struct err err = ERR_INIT;
	struct buf out;

	if (signature_parse(in, &sig, &err) == 0)
		check_parsed(in, &sig);
	else if (err.text[0] == '\0')
		abort();
	buf_init(&out, len + 1);
	if (signature_without_b(in, &out, &err) == 0 && out.len > len)
		abort();
	buf_deinit(&out);
	return 0;
}
