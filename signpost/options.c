/* SPDX-License-Identifier: ISC */
#include "base/dirs.h"
#include "signpost/config.h"
#include "signpost/options.h"

#include <string.h>

#define YEAR_S (365LL * 86400)

const struct section_row SECTIONS[SECTION_COUNT] = {
    [SECTION_TOP] = {"", SECTION_TOP, false, "the whole file"},
    [SECTION_SIGN] = {"sign", SECTION_TOP, false, "what the milter does, and who may sign"},
    [SECTION_BARE_LOGINS] = {"bare_logins", SECTION_SIGN, false,
	"logins without a domain, and the domains that they may sign for"},
    [SECTION_LOCAL_SUBMISSION] = {"local_submission", SECTION_SIGN, false,
	"sendmail(1) on this host, and the domains that it may sign for"},
    [SECTION_NETWORK] = {"network", SECTION_SIGN, true,
	"clients of an address prefix, and the domains that they may sign for"},
    [SECTION_LOGIN] = {"login", SECTION_SIGN, true,
	"one login, and the domains that it may sign for instead of its own"},
    [SECTION_POLICY] = {"policy", SECTION_TOP, true, "how the keys of a domain are made and used"},
    [SECTION_DNS] = {"dns", SECTION_TOP, false, "how name servers are asked"},
    [SECTION_ZONE] = {"zone", SECTION_DNS, true,
	"the servers of a zone, when they are not to be found through DNS"},
};

static const char *const authenticated_names[] = {"matching", "any", NULL};
static const char *const on_error_names[] = {"tempfail", "accept", NULL};
static const char *const if_signed_names[] = {"add", "skip", NULL};
static const char *const log_unsigned_names[] = {"ours", "all", "none", NULL};
static const char *const on_limit_names[] = {"unsigned", "tempfail", NULL};
static const char *const keyless_names[] = {"tempfail", "unsigned", NULL};
static const char *const publisher_names[] = {"by-hand", NULL};

#define IN(type, field) offsetof(struct type, field)
#define IN_DOMAINS	IN(table_allow, entries), IN(table_allow, entry_count)
#define DOMAINS_OF(section, about)                                                                 \
	{                                                                                          \
		section, "domains", OPTION_ENTRIES, IN_DOMAINS, NULL, 0, 0, NULL, about            \
	}

const struct option_row OPTIONS[] = {
    {SECTION_TOP, "store", OPTION_PATH, IN(config, store), 0, SIGNPOST_STATEDIR, 0, 0, NULL,
	"Directory of the keys, of their database and of the signing table"},

    {SECTION_SIGN, "authenticated", OPTION_CHOICE, IN(config, settings.authenticated), 0,
	"matching", 0, 0, authenticated_names,
	"Whether a login user@domain signs for its own domain only (matching) or for any domain of "
	"ours"},
    {SECTION_SIGN, "login_map", OPTION_PATH, IN(config, login_map), 0, NULL, 0, 0, NULL,
	"File with a login and its domains on each line, as login blocks in bulk"},
    {SECTION_SIGN, "on_error", OPTION_CHOICE, IN(config, settings.on_error), 0, "tempfail", 0, 0,
	on_error_names, "What happens to mail that should be signed and cannot be"},
    {SECTION_SIGN, "if_signed", OPTION_CHOICE, IN(config, settings.if_signed), 0, "add", 0, 0,
	if_signed_names, "Whether a message that has a signature of the same domain gets another"},
    {SECTION_SIGN, "max_signatures", OPTION_COUNT, IN(config, settings.max_signatures), 0, "0", 0,
	1000, NULL, "Messages with so many DKIM-Signature fields leave as they are; 0: no limit"},
    {SECTION_SIGN, "log_unsigned", OPTION_CHOICE, IN(config, settings.log_unsigned), 0, "ours", 0,
	0, log_unsigned_names, "Which messages that leave unsigned are logged"},
    {SECTION_SIGN, "dry_run", OPTION_YESNO, IN(config, settings.dry_run), 0, "no", 0, 0, NULL,
	"Decide and log, but add no signature and never tempfail"},
    {SECTION_SIGN, "header_len_max", OPTION_COUNT, IN(config, settings.header_len_max), 0, "262144",
	4096, 16 * 1024 * 1024, NULL, "Octets of a header that are kept to be signed"},
    {SECTION_SIGN, "header_count_max", OPTION_COUNT, IN(config, settings.header_count_max), 0,
	"1000", 10, 100000, NULL, "Fields of a header that are kept to be signed"},
    {SECTION_SIGN, "on_limit", OPTION_CHOICE, IN(config, settings.on_limit), 0, "unsigned", 0, 0,
	on_limit_names, "What happens to mail whose header is larger"},

    DOMAINS_OF(SECTION_BARE_LOGINS, "Domains that logins without a domain may sign for"),
    DOMAINS_OF(SECTION_LOCAL_SUBMISSION, "Domains that any user of this host may sign for"),
    DOMAINS_OF(SECTION_NETWORK, "Domains that clients in this network may sign for"),
    {SECTION_NETWORK, "daemon", OPTION_TEXT, IN(table_allow, daemon), 0, NULL, 0, 0, NULL,
	"Only on the listener with this milter_macro_daemon_name"},
    DOMAINS_OF(SECTION_LOGIN, "Domains that this login may sign for; none: it signs nothing"),

    {SECTION_POLICY, "publisher", OPTION_CHOICE, IN(key_policy, publisher), 0, "by-hand", 0, 0,
	publisher_names, "Who puts the key records into DNS; this version knows by-hand only"},
    {SECTION_POLICY, "algorithms", OPTION_ALGS, IN(key_policy, algorithms),
	IN(key_policy, algorithm_count), "rsa-sha256", 0, 0, NULL,
	"Signature algorithms, one key for each; ed25519-sha256 only beside rsa-sha256"},
    {SECTION_POLICY, "rsa_bits", OPTION_COUNT, IN(key_policy, rsa_bits), 0, "2048", 2048, 4096,
	NULL, "Length of new RSA keys"},
    {SECTION_POLICY, "ttl", OPTION_DURATION, IN(key_policy, ttl_s), 0, "1h", 1, 86400, NULL,
	"TTL that is asked for in the key record"},
    {SECTION_POLICY, "publication_interval", OPTION_DURATION,
	IN(key_policy, publication_interval_s), 0, "25h", 1, 30LL * 86400, NULL,
	"How long a proven key waits before it joins a domain that signs already: resolvers may "
	"remember that it was not there"},
    {SECTION_POLICY, "canonicalization", OPTION_CANON, IN(key_policy, header_canon),
	IN(key_policy, body_canon), "relaxed/relaxed", 0, 0, NULL,
	"Canonicalization of header and body"},
    {SECTION_POLICY, "timestamp", OPTION_YESNO, IN(key_policy, timestamp), 0, "yes", 0, 0, NULL,
	"Whether signatures carry the time of signing (t=)"},
    {SECTION_POLICY, "signature_lifetime", OPTION_DURATION, IN(key_policy, signature_lifetime_s), 0,
	"0", 0, YEAR_S, NULL, "How long signatures are good (x=); 0: for ever"},
    {SECTION_POLICY, "queue_lifetime", OPTION_DURATION, IN(key_policy, queue_lifetime_s), 0, "5d",
	1, YEAR_S, NULL,
	"How long a message may wait in our queue; signature_lifetime may not be shorter"},
    {SECTION_POLICY, "receiver_delay", OPTION_DURATION, IN(key_policy, receiver_delay_s), 0, "5d",
	1, YEAR_S, NULL, "How long it may wait behind our queue; added to queue_lifetime"},
    {SECTION_POLICY, "keyless", OPTION_CHOICE, IN(key_policy, keyless), 0, "tempfail", 0, 0,
	keyless_names,
	"What happens to mail of a domain that signed before and has no usable key now"},

    {SECTION_DNS, "resolvers", OPTION_ENDPOINTS, IN(config, dns.resolvers),
	IN(config, dns.resolver_count), NULL, 0, 0, NULL,
	"Resolvers to ask for domains and server names; none: those of /etc/resolv.conf"},
    {SECTION_DNS, "roots", OPTION_ENDPOINTS, IN(config, dns.roots), IN(config, dns.root_count),
	NULL, 0, 0, NULL, "Root servers; none: those of the Internet"},
    {SECTION_DNS, "timeout", OPTION_MS, IN(config, dns.timeout_ms), 0, "4s", 100, 60000, NULL,
	"Time for one question to one server, all tries"},
    {SECTION_DNS, "tries", OPTION_COUNT, IN(config, dns.tries), 0, "3", 1, 10, NULL,
	"Tries by UDP before a server counts as mute"},
    {SECTION_DNS, "sweep_interval", OPTION_DURATION, IN(config, sweep_interval_s), 0, "60s", 1,
	86400, NULL, "Time between the two equal looks at all servers that prove a record"},
    {SECTION_DNS, "lame_after", OPTION_DURATION, IN(config, lame_after_s), 0, "1h", 1, YEAR_S, NULL,
	"After this time a server that answers, but not for the zone, holds no key back"},
    {SECTION_DNS, "mute_after", OPTION_DURATION, IN(config, mute_after_s), 0, "1d", 1, YEAR_S, NULL,
	"After this time a server that does not answer holds no key back"},
    {SECTION_DNS, "mute_after_first", OPTION_DURATION, IN(config, mute_after_first_s), 0, "1h", 1,
	YEAR_S, NULL, "The same, while no key of the domain signs: mail cannot get worse"},
    {SECTION_DNS, "slow_after", OPTION_DURATION, IN(config, slow_after_s), 0, "3d", 1, YEAR_S, NULL,
	"A record that is still missing after this time is looked for less often"},
    {SECTION_DNS, "slow_interval", OPTION_DURATION, IN(config, slow_interval_s), 0, "1h", 1,
	7 * 86400, NULL, "How often that is"},
    {SECTION_ZONE, "servers", OPTION_ENDPOINTS, IN(dns_zone_conf, servers),
	IN(dns_zone_conf, server_count), NULL, 0, 0, NULL,
	"Addresses of the zone's servers, all of them"},
    {SECTION_TOP, NULL, OPTION_TEXT, 0, 0, NULL, 0, 0, NULL, NULL},
};

bool
option_is_list(const struct option_row *row)
{
	return row->type == OPTION_ALGS || row->type == OPTION_ENTRIES ||
	       row->type == OPTION_ENDPOINTS;
}

const struct option_row *
option_find(enum section section, const char *name)
{
	for (const struct option_row *row = OPTIONS; row->name != NULL; row++) {
		if (row->section == section && strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}
