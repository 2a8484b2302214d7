/* SPDX-License-Identifier: ISC */
#include "base/dirs.h"
#include "signpost/config.h"
#include "signpost/options.h"

#include <string.h>

#define DAY_S  86400LL
#define YEAR_S (365LL * DAY_S)
#define LONG_S (10LL * YEAR_S)

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
    [SECTION_PUBLISHER] = {"publisher", SECTION_TOP, true, "a way into DNS, which policies name"},
    [SECTION_SIGNERS] = {"signers", SECTION_TOP, false,
	"the milters that sign, and how tables and keys reach those on other hosts"},
    [SECTION_KEEPER] = {"keeper", SECTION_TOP, false,
	"how signpost watches, retries, and tells a lost record from an outage"},
    [SECTION_NOTIFY] = {"notify", SECTION_TOP, false,
	"who is told when a domain is verified, when something goes wrong, and when it is right "
	"again"},
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
/* in the order of their enums in keys/key_policy.h and keys/publisher.h */
static const char *const mode_names[] = {"txt", "slots", "delegated", NULL};
static const char *const rotate_names[] = {"auto", "approve", "off", "by-publisher", NULL};
static const char *const standby_names[] = {"no", "yes", "by-publisher", NULL};
static const char *const proof_names[] = {"authoritative", "resolver", "attest", NULL};
static const char *const type_names[] = {
    "rfc2136", "zone-file", "hook", "route53", "cloudflare", "powerdns", NULL};

#define IN(type, field) offsetof(struct type, field)
#define IN_DOMAINS	IN(table_allow, entries), IN(table_allow, entry_count)
#define DOMAINS_OF(section, about)                                                                 \
	{                                                                                          \
		section, "domains", OPTION_ENTRIES, IN_DOMAINS, NULL, 0, 0, NULL, about            \
	}

const struct option_row OPTIONS[] = {
    {SECTION_TOP, "store", OPTION_PATH, IN(config, store), 0, SIGNPOST_STATEDIR, 0, 0, NULL,
	"Directory of the keys, of their database and of the signing table"},
    {SECTION_TOP, "status_file", OPTION_PATH, IN(config, status_file), 0, NULL, 0, 0, NULL,
	"File without secrets from which ordinary users see the status; none: status.json in the "
	"directory of the store's name with -status behind it"},

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

    {SECTION_POLICY, "publisher", OPTION_TEXT, IN(key_policy, publisher), 0, PUBLISHER_BY_HAND, 0,
	0, NULL, "Who puts the key records into DNS: the name of a publisher block, or by-hand"},
    {SECTION_POLICY, "mode", OPTION_CHOICE, IN(key_policy, mode), 0, "txt", 0, 0, mode_names,
	"Where the records are: below the domain (txt), behind CNAMEs into a zone of ours (slots), "
	"or below a delegated _domainkey (delegated)"},
    {SECTION_POLICY, "slot_zone", OPTION_DOMAIN, IN(key_policy, slot_zone), 0, NULL, 0, 0, NULL,
	"The zone of ours that holds the slots"},
    {SECTION_POLICY, "slots", OPTION_COUNT, IN(key_policy, slots), 0, "3", 2, POLICY_SLOTS_MAX,
	NULL, "How many slots, and CNAMEs, each algorithm of a domain has"},
    {SECTION_POLICY, "algorithms", OPTION_ALGS, IN(key_policy, algorithms),
	IN(key_policy, algorithm_count), "rsa-sha256", 0, 0, NULL,
	"Signature algorithms, one key for each; ed25519-sha256 only beside rsa-sha256"},
    {SECTION_POLICY, "rsa_bits", OPTION_COUNT, IN(key_policy, rsa_bits), 0, "2048", 2048, 4096,
	NULL, "Length of new RSA keys"},
    {SECTION_POLICY, "ttl", OPTION_DURATION, IN(key_policy, ttl_s), 0, "0", 0, DAY_S, NULL,
	"TTL of the key record; 0: 1h, in slots 5m"},
    {SECTION_POLICY, "rotate", OPTION_CHOICE, IN(key_policy, rotate), 0, "by-publisher", 0, 0,
	rotate_names,
	"Whether a proven new key takes over by itself (auto), after signpost approve (approve), "
	"or "
	"only on signpost roll (off); by-publisher: auto, by hand approve"},
    {SECTION_POLICY, "rotate_every", OPTION_DURATION, IN(key_policy, lifetime_s), 0, "0", 0, LONG_S,
	NULL, "L: how long a key signs; 0: 90d with a publisher, 180d by hand"},
    {SECTION_POLICY, "rotate_spread", OPTION_DURATION, IN(key_policy, spread_s), 0, "0", 0, YEAR_S,
	NULL,
	"J: each key's switch comes up to so much later, so that not all domains switch at once; "
	"0: a "
	"twelfth of rotate_every"},
    {SECTION_POLICY, "ahead", OPTION_DURATION, IN(key_policy, ahead_s), 0, "0", 0, YEAR_S, NULL,
	"How much earlier than needed the next key is begun; 0: 24h, by hand 14d"},
    {SECTION_POLICY, "standby", OPTION_CHOICE, IN(key_policy, standby), 0, "by-publisher", 0, 0,
	standby_names,
	"Whether a proven key waits at all times; by-publisher: yes, but no by hand or with two "
	"slots"},
    {SECTION_POLICY, "switch_hour", OPTION_COUNT, IN(key_policy, switch_hour), 0, "24", 0,
	POLICY_ANY_HOUR, NULL, "The hour of the day, UTC, in which keys are switched; 24: any"},
    {SECTION_POLICY, "proof", OPTION_CHOICE, IN(key_policy, proof), 0, "authoritative", 0, 0,
	proof_names,
	"Who proves a record: every authoritative server, resolvers only, or a person's word"},
    {SECTION_POLICY, "publish_safety", OPTION_DURATION, IN(key_policy, publish_safety_s), 0, "1h",
	1, YEAR_S, NULL,
	"Sp: added to the time for which resolvers may remember that a record was not there"},
    {SECTION_POLICY, "retire_safety", OPTION_DURATION, IN(key_policy, retire_safety_s), 0, "1h", 1,
	YEAR_S, NULL, "Sr: added to the time for which mail under the old key may be on its way"},
    {SECTION_POLICY, "stale_allowance", OPTION_DURATION, IN(key_policy, stale_s), 0, "3d", 1,
	YEAR_S, NULL, "Wst: how long after its TTL a resolver may still serve a record"},
    {SECTION_POLICY, "tombstone", OPTION_DURATION, IN(key_policy, tombstone_s), 0, "30d", 1, LONG_S,
	NULL, "How long a revoked record (empty p=) stays before it is removed"},
    {SECTION_POLICY, "compromised_tombstone", OPTION_DURATION,
	IN(key_policy, compromised_tombstone_s), 0, "365d", 1, LONG_S, NULL,
	"How long that of a stolen key stays, if that is longer"},
    {SECTION_POLICY, "destroy_after", OPTION_DURATION, IN(key_policy, destroy_after_s), 0, "48h", 1,
	YEAR_S, NULL,
	"R: the private key is destroyed so long after every milter was seen to sign with another"},
    {SECTION_POLICY, "canonicalization", OPTION_CANON, IN(key_policy, header_canon),
	IN(key_policy, body_canon), "relaxed/relaxed", 0, 0, NULL,
	"Canonicalization of header and body"},
    {SECTION_POLICY, "timestamp", OPTION_YESNO, IN(key_policy, timestamp), 0, "yes", 0, 0, NULL,
	"Whether signatures carry the time of signing (t=)"},
    {SECTION_POLICY, "signature_lifetime", OPTION_DURATION, IN(key_policy, signature_lifetime_s), 0,
	"0", 0, YEAR_S, NULL, "X: how long signatures are good (x=), at least Q + V; 0: for ever"},
    {SECTION_POLICY, "queue_lifetime", OPTION_DURATION, IN(key_policy, queue_lifetime_s), 0, "0", 0,
	YEAR_S, NULL, "Q: how long a message may wait in our queue; 0: as long as Postfix says"},
    {SECTION_POLICY, "receiver_delay", OPTION_DURATION, IN(key_policy, receiver_delay_s), 0, "5d",
	1, YEAR_S, NULL, "V: how long it may wait behind our queue; an old key is kept for Q + V"},
    {SECTION_POLICY, "keyless", OPTION_CHOICE, IN(key_policy, keyless), 0, "tempfail", 0, 0,
	keyless_names,
	"What happens to mail of a domain that signed before and has no usable key now"},

    {SECTION_PUBLISHER, "type", OPTION_CHOICE, IN(publisher_conf, type), 0, NULL, 0, 0, type_names,
	"A dynamic update with a TSIG key, a zone's include file, a program, or a provider's API"},
    {SECTION_PUBLISHER, "zone", OPTION_DOMAIN, IN(publisher_conf, zone), 0, NULL, 0, 0, NULL,
	"The zone that is changed; none: the one that holds the name, as DNS shows it"},
    {SECTION_PUBLISHER, "server", OPTION_ENDPOINTS, IN(publisher_conf, servers),
	IN(publisher_conf, server_count), NULL, 0, 0, NULL,
	"rfc2136: address of the primary; more than one are tried in turn"},
    {SECTION_PUBLISHER, "tsig_key", OPTION_PATH, IN(publisher_conf, tsig_key), 0, NULL, 0, 0, NULL,
	"rfc2136: file with the key, as tsig-keygen writes it"},
    {SECTION_PUBLISHER, "file", OPTION_PATH, IN(publisher_conf, file), 0, NULL, 0, 0, NULL,
	"zone-file: the file that the zone includes, written whole"},
    {SECTION_PUBLISHER, "zone_file", OPTION_PATH, IN(publisher_conf, zone_file), 0, NULL, 0, 0,
	NULL, "zone-file: the file with the SOA, whose serial is raised; none: not raised"},
    {SECTION_PUBLISHER, "check", OPTION_WORDS, IN(publisher_conf, check),
	IN(publisher_conf, check_count), NULL, 0, 0, NULL,
	"zone-file: program that checks the zone, with its arguments; %zone and %file are "
	"replaced"},
    {SECTION_PUBLISHER, "reload", OPTION_WORDS, IN(publisher_conf, reload),
	IN(publisher_conf, reload_count), NULL, 0, 0, NULL,
	"zone-file: program that makes the server read it, with its arguments"},
    {SECTION_PUBLISHER, "program", OPTION_WORDS, IN(publisher_conf, program),
	IN(publisher_conf, program_count), NULL, 0, 0, NULL,
	"hook: program that makes the change, with its arguments"},
    {SECTION_PUBLISHER, "credentials", OPTION_PATH, IN(publisher_conf, credentials), 0, NULL, 0, 0,
	NULL,
	"route53, cloudflare, powerdns: file with the secret; none: where the provider's own tools "
	"look"},
    {SECTION_PUBLISHER, "profile", OPTION_TEXT, IN(publisher_conf, profile), 0, NULL, 0, 0, NULL,
	"route53: section of the credentials"},
    {SECTION_PUBLISHER, "zone_id", OPTION_TEXT, IN(publisher_conf, zone_id), 0, NULL, 0, 0, NULL,
	"route53, cloudflare: identifier of the zone; none: found by its name"},
    {SECTION_PUBLISHER, "endpoint", OPTION_TEXT, IN(publisher_conf, endpoint), 0, NULL, 0, 0, NULL,
	"route53, cloudflare, powerdns: URL of the API, when it is not the usual one"},
    {SECTION_PUBLISHER, "ca_file", OPTION_PATH, IN(publisher_conf, ca_file), 0, NULL, 0, 0, NULL,
	"route53, cloudflare, powerdns: authorities that the API's certificate is checked with; "
	"none: the system's"},
    {SECTION_PUBLISHER, "timeout", OPTION_MS, IN(publisher_conf, timeout_ms), 0, "30s", 100, 600000,
	NULL, "Time for one change"},

    {SECTION_SIGNERS, "milters", OPTION_MILTERS, IN(config, signers.milters),
	IN(config, signers.milter_count), SIGNPOST_MILTER_SOCKET, 0, 0, NULL,
	"Addresses of all milters that sign with our keys; {}: none is asked"},
    {SECTION_SIGNERS, "push", OPTION_WORDS, IN(config, signers.push),
	IN(config, signers.push_count), NULL, 0, 0, NULL,
	"Program that takes keys and signing table to other hosts, with its arguments"},
    {SECTION_SIGNERS, "ask_every", OPTION_DURATION, IN(config, signers.ask_every_s), 0, "1m", 1,
	DAY_S, NULL, "How often a milter that still signs with an old key is asked again"},
    {SECTION_SIGNERS, "timeout", OPTION_MS, IN(config, signers.timeout_ms), 0, "10s", 100, 600000,
	NULL, "Time for one milter's answer, and for push"},

    {SECTION_KEEPER, "watch_interval", OPTION_DURATION, IN(config, keeper.watch_interval_s), 0,
	"1h", 1, 7 * DAY_S, NULL, "How often the record of every key in use is looked at"},
    {SECTION_KEEPER, "reprove_interval", OPTION_DURATION, IN(config, keeper.reprove_interval_s), 0,
	"10m", 1, DAY_S, NULL, "How often a proven record is looked at while it waits to be used"},
    {SECTION_KEEPER, "gone_sweeps", OPTION_COUNT, IN(config, keeper.gone_sweeps), 0, "3", 1, 100,
	NULL, "A record is gone when so many looks in a row say so ..."},
    {SECTION_KEEPER, "gone_over", OPTION_DURATION, IN(config, keeper.gone_over_s), 0, "10m", 1,
	DAY_S, NULL, "... over at least this time"},
    {SECTION_KEEPER, "retry", OPTION_DURATION, IN(config, keeper.retry_s), 0, "1m", 1, DAY_S, NULL,
	"A change that failed is tried again after this time, then after twice as much, and so on "
	"..."},
    {SECTION_KEEPER, "retry_max", OPTION_DURATION, IN(config, keeper.retry_max_s), 0, "1h", 1,
	7 * DAY_S, NULL, "... up to this"},
    {SECTION_KEEPER, "queries", OPTION_COUNT, IN(config, keeper.queries), 0, "5", 1, 100, NULL,
	"Questions to each address in a look that may permit a step: several hosts may answer for "
	"it"},
    {SECTION_KEEPER, "outage_domains", OPTION_COUNT, IN(config, keeper.outage_domains), 0, "20", 1,
	1000000, NULL, "Records of more domains than this that go in one pass are an outage ..."},
    {SECTION_KEEPER, "outage_domains_min", OPTION_COUNT, IN(config, keeper.outage_domains_min), 0,
	"5", 1, 1000000, NULL, "... and so are those of at least so many domains ..."},
    {SECTION_KEEPER, "outage_share", OPTION_COUNT, IN(config, keeper.outage_share), 0, "5", 0, 100,
	NULL, "... if they are more than so many percent of all"},
    {SECTION_KEEPER, "clock_tolerance", OPTION_DURATION, IN(config, keeper.clock_tolerance_s), 0,
	"5m", 1, DAY_S, NULL,
	"By how much clocks may differ before time counts as not to be trusted"},
    {SECTION_KEEPER, "recent_proof", OPTION_DURATION, IN(config, keeper.recent_proof_s), 0, "24h",
	1, YEAR_S, NULL, "How old a standby's last proof may be when a lost key must be replaced"},
    {SECTION_KEEPER, "rollback_hold", OPTION_DURATION, IN(config, keeper.rollback_hold_s), 0, "24h",
	1, YEAR_S, NULL, "How long nothing is rotated after signpost rollback"},
    {SECTION_KEEPER, "person_interval", OPTION_DURATION, IN(config, keeper.person_interval_s), 0,
	"1d", 1, 30 * DAY_S, NULL,
	"How often a person is asked again for what only a person can do"},
    {SECTION_KEEPER, "resolver_wait", OPTION_DURATION, IN(config, keeper.resolver_wait_s), 0, "24h",
	1, YEAR_S, NULL,
	"With proof = resolver: no resolver is asked for a new record before it is so old"},
    {SECTION_KEEPER, "postqueue", OPTION_PROGRAM, IN(config, keeper.postqueue), 0, "postqueue", 0,
	0, NULL,
	"Program that lists the queue, so that no key of waiting mail is revoked; \"\": none"},
    {SECTION_KEEPER, "postfix_config", OPTION_PATHS, IN(config, keeper.postfix_configs),
	IN(config, keeper.postfix_config_count), NULL, 0, 0, NULL,
	"Configuration directories of the Postfix instances that send our mail; none: the default "
	"one"},

    {SECTION_NOTIFY, "mail", OPTION_TEXT, IN(config, notify.mail), 0, NULL, 0, 0, NULL,
	"Address that mail about it goes to; none: no mail"},
    {SECTION_NOTIFY, "from", OPTION_TEXT, IN(config, notify.from), 0, NULL, 0, 0, NULL,
	"Address that it comes from; none: the keeper's user at this host's name"},
    {SECTION_NOTIFY, "sendmail", OPTION_PATH, IN(config, notify.sendmail), 0, "/usr/sbin/sendmail",
	0, 0, NULL, "Program that takes the mail, with -i -t"},
    {SECTION_NOTIFY, "program", OPTION_WORDS, IN(config, notify.program),
	IN(config, notify.program_count), NULL, 0, 0, NULL,
	"Program that gets it as JSON on its standard input, with its arguments"},
    {SECTION_NOTIFY, "interval", OPTION_DURATION, IN(config, notify.interval_s), 0, "1h", 1, DAY_S,
	NULL, "At most one message in this time, but for a compromise, which is told at once"},
    {SECTION_NOTIFY, "timeout", OPTION_MS, IN(config, notify.timeout_ms), 0, "30s", 100, 600000,
	NULL, "Time for sendmail, and for program"},

    {SECTION_DNS, "resolvers", OPTION_ENDPOINTS, IN(config, dns.resolvers),
	IN(config, dns.resolver_count), NULL, 0, 0, NULL,
	"Resolvers to ask for domains and server names; none: those of /etc/resolv.conf"},
    {SECTION_DNS, "roots", OPTION_ENDPOINTS, IN(config, dns.roots), IN(config, dns.root_count),
	NULL, 0, 0, NULL, "Root servers; none: those of the Internet"},
    {SECTION_DNS, "timeout", OPTION_MS, IN(config, dns.timeout_ms), 0, "4s", 100, 60000, NULL,
	"Time for one question to one server, all tries"},
    {SECTION_DNS, "tries", OPTION_COUNT, IN(config, dns.tries), 0, "3", 1, 10, NULL,
	"Tries by UDP before a server counts as mute"},
    {SECTION_DNS, "queries_per_second", OPTION_COUNT, IN(config, dns.queries_per_second), 0, "20",
	1, 10000, NULL, "Questions to one server address in a second, at most"},
    {SECTION_DNS, "spread", OPTION_MS, IN(config, dns.spread_ms), 0, "1200ms", 10, 10000, NULL,
	"Over this time go the questions of one look that proves to one server; a cache in its "
	"place "
	"shows when it is longer than a second"},
    {SECTION_DNS, "vantage", OPTION_ENDPOINTS, IN(config, dns.vantage),
	IN(config, dns.vantage_count), NULL, 0, 0, NULL,
	"Resolvers outside that are asked too before a domain's first key signs; none: only from "
	"inside"},
    {SECTION_DNS, "ignore_server", OPTION_ENDPOINTS, IN(config, dns.ignored),
	IN(config, dns.ignored_count), NULL, 0, 0, NULL,
	"Addresses of listed servers whose wrong answers and silence hold no key back: a waiver"},
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
	return row->type == OPTION_ALGS || row->type == OPTION_ENDPOINTS || option_is_strings(row);
}

bool
option_is_strings(const struct option_row *row)
{
	return row->type == OPTION_ENTRIES || row->type == OPTION_WORDS ||
	       row->type == OPTION_PATHS || row->type == OPTION_MILTERS;
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
