/* SPDX-License-Identifier: ISC */
#include "keys/publisher.h"
#include "keys/dns_packet.h"
#include "keys/publish_provider.h"
#include "keys/publish_type.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TTL_MAX	       INT32_MAX /* RFC 2181 8 */
#define TIMEOUT_MS_MAX 600000

static const struct publish_type *const types[PUBLISHER_TYPE_COUNT] = {
    [PUBLISHER_RFC2136] = &publish_rfc2136,
    [PUBLISHER_ZONE_FILE] = &publish_zone_file,
    [PUBLISHER_HOOK] = &publish_hook,
    [PUBLISHER_ROUTE53] = &publish_route53,
    [PUBLISHER_CLOUDFLARE] = &publish_cloudflare,
    [PUBLISHER_POWERDNS] = &publish_powerdns,
};

const char *
publisher_type_name(enum publisher_type type)
{
	return types[type]->name;
}

const char *
publish_zone_of(const struct publisher_conf *conf, const struct publish_change *c)
{
	return conf->zone != NULL ? conf->zone : c->zone;
}

void
publish_say(struct publish_outcome *o, enum publish_result result, const char *fmt, ...)
{
	va_list ap;
	struct err text = ERR_INIT; /* defuses control bytes that a server or program sent */

	va_start(ap, fmt);
	(void)err_vset(&text, ERR_DNS, fmt, ap);
	va_end(ap);
	o->result = result;
	snprintf(o->text, sizeof(o->text), "%.*s", (int)sizeof(o->text) - 1, text.text);
}

static void
put_time(struct buf *out, int64_t at)
{
	char text[32];
	time_t t = (time_t)at;
	struct tm tm;
	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		snprintf(text, sizeof(text), "%" PRId64, at);
	buf_put_str(out, text);
}

void
publish_put_clocks(struct buf *out, int64_t theirs, int64_t ours)
{
	int64_t apart = ours - theirs;
	buf_put_str(out, "its clock says ");
	put_time(out, theirs);
	buf_put_str(out, " and ours ");
	put_time(out, ours);
	buf_printf(out, ", ours is %" PRId64 " s %s", apart < 0 ? -apart : apart,
	    apart < 0 ? "behind" : "ahead");
}

int
publish_need(
    const struct publisher_conf *conf, const char *option, const char *value, struct err *err)
{
	if (value != NULL && value[0] != '\0')
		return 0;
	return err_set(err, ERR_CONFIG, "publisher %s: a publisher of type %s needs `%s`",
	    conf->name, publisher_type_name(conf->type), option);
}

int
publish_need_argv(const struct publisher_conf *conf, const char *option, char *const *argv,
    size_t count, struct err *err)
{
	if (count == 0)
		return publish_need(conf, option, NULL, err);
	if (argv[0][0] == '/')
		return 0;
	return err_set(err, ERR_CONFIG,
	    "publisher %s: %s = \"%s\": no shell looks for it; give the absolute path of the "
	    "program, "
	    "and each of its arguments as a member of the list",
	    conf->name, option, argv[0]);
}

#define OF(type)  (1U << (PUBLISHER_##type))
#define PROVIDERS (OF(ROUTE53) | OF(CLOUDFLARE) | OF(POWERDNS))

/* An option that this type does not use was meant for another. */
static int
check_foreign_options(const struct publisher_conf *conf, struct err *err)
{
	const struct {
		const char *name;
		bool set;
		unsigned types;
	} options[] = {
	    {"server", conf->server_count > 0, OF(RFC2136)},
	    {"tsig_key", conf->tsig_key != NULL, OF(RFC2136)},
	    {"file", conf->file != NULL, OF(ZONE_FILE)},
	    {"zone_file", conf->zone_file != NULL, OF(ZONE_FILE)},
	    {"check", conf->check_count > 0, OF(ZONE_FILE)},
	    {"reload", conf->reload_count > 0, OF(ZONE_FILE)},
	    {"program", conf->program_count > 0, OF(HOOK)},
	    {"endpoint", conf->endpoint != NULL, PROVIDERS},
	    {"ca_file", conf->ca_file != NULL, PROVIDERS},
	    {"credentials", conf->credentials != NULL, PROVIDERS},
	    {"profile", conf->profile != NULL, OF(ROUTE53)},
	    {"zone_id", conf->zone_id != NULL, OF(ROUTE53) | OF(CLOUDFLARE)},
	};
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct buf names;
		if (!options[i].set || (options[i].types & 1U << conf->type) != 0)
			continue;
		buf_init(&names, 200);
		for (unsigned t = 0; t < PUBLISHER_TYPE_COUNT; t++) {
			if ((options[i].types & 1U << t) != 0)
				buf_printf(
				    &names, "%s%s", names.len == 0 ? "" : " or ", types[t]->name);
		}
		err_set(err, ERR_CONFIG,
		    "publisher %s: `%s` is for publishers of type %s, this one is of type %s",
		    conf->name, options[i].name, buf_str(&names), publisher_type_name(conf->type));
		buf_deinit(&names);
		return -1;
	}
	return 0;
}

static bool
is_name(const char *name)
{
	char lower[SWEEP_NAME_LEN];
	size_t label = 0;
	if (name == NULL || name[0] == '\0' || !dns_name_lower(name, lower) ||
	    strcmp(name, lower) != 0)
		return false;
	for (const char *c = name; *c != '\0'; c++) {
		if (*c == '.' ? label == 0 : !ascii_is_alnum((uint8_t)*c) && *c != '-' && *c != '_')
			return false;
		label = *c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return true;
}

int
publisher_check(const struct publisher_conf *conf, struct err *err)
{
	if (conf->type >= PUBLISHER_TYPE_COUNT)
		return err_set(err, ERR_CONFIG, "publisher %s: its type is not known", conf->name);
	if (conf->timeout_ms < 1 || conf->timeout_ms > TIMEOUT_MS_MAX)
		return err_set(err, ERR_CONFIG,
		    "publisher %s: its time limit must be from 1 ms to 10 minutes", conf->name);
	if (conf->zone != NULL && !is_name(conf->zone))
		return err_set(err, ERR_CONFIG,
		    "publisher %s: zone = \"%s\" is no domain name (lower case, no final dot)",
		    conf->name, conf->zone);
	if (check_foreign_options(conf, err) != 0)
		return -1;
	const struct publish_type *type = types[conf->type];
	return type->provider != NULL ? provider_check(type->provider, conf, err)
				      : type->check(conf, err);
}

/* It goes between quotes, into files and programs' arguments. */
static bool
is_text(const char *text)
{
	size_t n = 0;
	for (; text != NULL && text[n] != '\0'; n++) {
		if ((uint8_t)text[n] < 0x20 || (uint8_t)text[n] > 0x7e || n == DNS_TXT_LEN_MAX)
			return false;
	}
	return true;
}

/* It goes into the path of a request. */
static bool
is_receipt(const char *text)
{
	size_t n = 0;
	for (; text != NULL && text[n] != '\0'; n++) {
		if (!ascii_is_alnum((uint8_t)text[n]) || n + 1 == PUBLISH_RECEIPT_LEN)
			return false;
	}
	return true;
}

static int
check_change(const struct publisher_conf *conf, const struct publish_change *c, const char *zone,
    struct err *err)
{
	if (!is_name(c->owner) || !is_name(c->zone))
		return err_set(err, ERR_INPUT,
		    "publisher %s: \"%s\" in zone \"%s\" is no domain name", conf->name,
		    c->owner == NULL ? "" : c->owner, c->zone == NULL ? "" : c->zone);
	if (strcmp(publish_zone_of(conf, c), zone) != 0 || !dns_name_within(c->owner, zone))
		return err_set(err, ERR_INPUT, "publisher %s: %s does not lie in zone %s",
		    conf->name, c->owner, zone);
	if ((c->old_text == NULL && c->new_text == NULL) || !is_text(c->old_text) ||
	    !is_text(c->new_text))
		return err_set(err, ERR_INPUT, "publisher %s: %s: that is no text of a key record",
		    conf->name, c->owner);
	if (!is_receipt(c->receipt))
		return err_set(err, ERR_INPUT, "publisher %s: %s: that is no receipt of a provider",
		    conf->name, c->owner);
	if (c->ttl_s < 0 || c->ttl_s > TTL_MAX)
		return err_set(err, ERR_INPUT, "publisher %s: %s: a TTL is from 0 to %d s",
		    conf->name, c->owner, TTL_MAX);
	return 0;
}

static int
check_changes(const struct publisher_conf *conf, const struct publish_change *changes, size_t count,
    struct err *err)
{
	if (publisher_check(conf, err) != 0)
		return -1;
	if (count == 0 || count > PUBLISH_CHANGES_MAX)
		return err_set(err, ERR_LIMIT,
		    "publisher %s: from 1 to %d changes at a time, not %zu", conf->name,
		    PUBLISH_CHANGES_MAX, count);
	for (size_t i = 0; i < count; i++) {
		if (check_change(conf, &changes[i], publish_zone_of(conf, &changes[0]), err) != 0)
			return -1;
	}
	return 0;
}

int
publisher_change(const struct publisher_conf *conf, const struct publish_change *changes,
    size_t count, struct publish_outcome *outcomes, struct err *err)
{
	if (check_changes(conf, changes, count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		outcomes[i] = (struct publish_outcome){
		    .result = PUBLISH_TEMPORARY, .server_time = NEVER, .our_time = NEVER};
		publish_say(&outcomes[i], PUBLISH_TEMPORARY,
		    "%s: the time for the whole (`timeout`) was over before its turn; it is tried "
		    "again",
		    changes[i].owner);
	}
	const struct publish_type *type = types[conf->type];
	if (type->provider == NULL)
		return type->change(conf, changes, count, outcomes, err);
	struct provider p = {.service = type->provider,
	    .conf = conf,
	    .changes = changes,
	    .count = count,
	    .outcomes = outcomes,
	    .err = err};
	return provider_change(&p);
}

int
publisher_show(const struct publisher_conf *conf, const struct publish_change *changes,
    size_t count, struct buf *out, struct err *err)
{
	if (check_changes(conf, changes, count, err) != 0)
		return -1;
	if (types[conf->type]->show(conf, changes, count, out, err) != 0)
		return -1;
	return buf_check(out, "what would be published", err);
}

int
publisher_rights(const struct publisher_conf *conf, const char *const *names, size_t count,
    struct buf *out, struct err *err)
{
	if (publisher_check(conf, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!is_name(names[i]))
			return err_set(err, ERR_INPUT, "publisher %s: \"%s\" is no domain name",
			    conf->name, names[i]);
	}
	if (types[conf->type]->rights(conf, names, count, out, err) != 0)
		return -1;
	return buf_check(out, "the rights that a publisher needs", err);
}

int
publisher_try_rights(const struct publisher_conf *conf, const char *zone, const char *domain,
    struct buf *out, struct err *err)
{
	const char *in = conf->zone != NULL ? conf->zone : zone;
	if (publisher_check(conf, err) != 0)
		return -1;
	if (!is_name(in) || !is_name(domain))
		return err_set(err, ERR_INPUT, "publisher %s: \"%s\" or \"%s\" is no domain name",
		    conf->name, in == NULL ? "" : in, domain == NULL ? "" : domain);
	int rc = types[conf->type]->try_rights(conf, in, domain, out, err);
	if (rc < 0 || buf_check(out, "what was tried", err) != 0)
		return -1;
	return rc;
}
