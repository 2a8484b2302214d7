/* SPDX-License-Identifier: ISC */
/* What lint.sh and fuzz.sh put before each file: what configure would define; and, for lint, what an analyzer must know
 * of base/err.h. */
#define HAVE_LINUX_OPENAT2_H 1
#define SIGNPOST_VERSION "0"
#define SIGNPOST_SYSCONFDIR "/etc/signpost"
#define SIGNPOST_STATEDIR "/var/lib/signpost"
#define VECTORS_DIR "tests/vectors"
#define CORPUS_DIR "tests/fuzz/corpus"
#define SOURCE_DIR "."

#ifdef LINT_MODEL
#include "base/err.h"

/* They return -1 always; who sees one file only would follow paths that a failure ends. */
static inline int
lint_failure(int rc)
{
	(void)rc;
	return -1;
}
#define err_set(...) lint_failure((err_set)(__VA_ARGS__))
#define err_vset(...) lint_failure((err_vset)(__VA_ARGS__))
#define err_wrap(...) lint_failure((err_wrap)(__VA_ARGS__))
#define err_nomem(...) lint_failure((err_nomem)(__VA_ARGS__))
#endif
