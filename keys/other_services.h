/* SPDX-License-Identifier: ISC */
/* other_services.h - selectors that well-known services and mail servers use, for telling who else signs for a domain;
 * and the name servers of well-known DNS providers.
 *
 * A selector that answers says who may use it, not who does: others may have chosen the same word.  Services with
 * random selectors (Amazon SES, SparkPost, HubSpot, newer Postmark) cannot be listed.
 *
 * Threads: constants. */
#ifndef SIGNPOST_KEYS_OTHER_SERVICES_H
#define SIGNPOST_KEYS_OTHER_SERVICES_H

#include <stddef.h>

#define OTHER_SERVICES_MAX    96
#define OTHER_SERVICES_RANDOM "Amazon SES, SparkPost, HubSpot and newer Postmark have random ones"

struct other_service {
	const char *selector;
	const char *service; /* NULL: a word that many chose */
};

extern const struct other_service OTHER_SERVICES[];
extern const size_t OTHER_SERVICE_COUNT; /* at most OTHER_SERVICES_MAX */

struct dns_provider {
	const char *part;   /* of a name server's name: a whole label or several, or the beginning of one */
	const char *name;
	const char *format; /* of signpost records, that fits it best; NULL: the form */
};

/* Who is behind a name server's name; NULL: not one of the table. */
const struct dns_provider *dns_provider_of(const char *server);

#endif
