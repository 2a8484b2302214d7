/* SPDX-License-Identifier: ISC */
/* key_stock.h - RSA keys made ahead by some threads, for adding thousands of domains: making them is nearly all the
 * work, and none of it needs the store.
 *
 *	struct key_stock *stock = key_stock_new(2048, domains, err);
 *	struct dkim_key *key = key_stock_take(stock);	NULL: none is left, or making them failed
 *	key_stock_free(stock);				keys that nobody took go
 *
 * Threads: it starts its own and ends them; one thread takes. */
#ifndef SIGNPOST_SIGNPOST_KEY_STOCK_H
#define SIGNPOST_SIGNPOST_KEY_STOCK_H

#include "base/err.h"
#include "dkim/key.h"

#define KEY_STOCK_THREADS_MAX 16 /* as many as there are processors, at most */
#define KEY_STOCK_AHEAD	      64 /* keys that wait to be taken */

struct key_stock;

/* As many as are wanted, and no more.  NULL: ERR_NOMEM, ERR_IO. */
struct key_stock *key_stock_new(unsigned bits, size_t wanted, struct err *) MUST_CHECK;
struct dkim_key *key_stock_take(struct key_stock *); /* waits for one; the caller frees it */
void key_stock_put_back(struct key_stock *, struct dkim_key *); /* NULL is fine */
void key_stock_free(struct key_stock *);			/* NULL is fine */

#endif
