/* SPDX-License-Identifier: ISC */
#include "milter/policy.h"

#include "dkim/mailbox.h"

#include <string.h>

static const struct {
	const char *name, *help;
} REASONS[REASON_COUNT] = {
    [REASON_GRANTED] = {"granted", "It is signed."},
    [REASON_OUTSIDE] = {"outside",
	"The client would have to log in, or come from a listed network, "
	"or hand the mail to sendmail(1) on this host."},
    [REASON_NO_FROM] = {"no-from", "The message would have to have a From field."},
    [REASON_MULTI_FROM] = {"multi-from", "The message would have to have only one From field."},
    [REASON_FROM_EMPTY] = {"from-empty", "The From field would have to name a mailbox."},
    [REASON_FROM_MALFORMED] = {"from-malformed",
	"The From field would have to be a mailbox as RFC 5322 writes it."},
    [REASON_FROM_MULTIPLE] = {"from-multiple",
	"The From field would have to name a single mailbox."},
    [REASON_FROM_GROUP] = {"from-group",
	"The From field would have to name a mailbox instead of a group."},
    [REASON_FROM_ROUTE] = {"from-route",
	"The address in From would have to come without a source route."},
    [REASON_FROM_LITERAL] = {"from-literal",
	"The address in From would have to have a domain name instead of an IP address."},
    [REASON_FROM_DOMAIN] = {"from-domain",
	"The domain in From would have to be a valid name, without a final dot."},
    [REASON_HEADER_OCTETS] = {"header-octets",
	"The header would have to be free of NUL, bare CR and bare LF, and its field names of all "
	"but printable ASCII."},
    [REASON_HEADER_LIMIT] = {"header-limit",
	"The header would have to be smaller; header_len_max and header_count_max set the limit, "
	"on_limit what happens beyond."},
    [REASON_NOT_AUTHORIZED] = {"not-authorized",
	"The login, network or local submission would have to be allowed for this From domain."},
    [REASON_AUTH_MACROS] = {"auth-macros",
	"The MTA would have to tell {auth_type} together with {auth_authen}; see its macro "
	"settings for MAIL (Postfix: milter_mail_macros)."},
    [REASON_NO_DOMAIN] = {"no-domain",
	"The From domain, or a parent of it, would have to be in the signing table; a domain "
	"enters it when DNS is proven to serve its key."},
    [REASON_PARENT] = {"parent",
	"A parent domain would sign, but the rule that matches does not cover subdomains: write "
	"\".parent\" or \"*\" there, or add the From domain itself."},
    [REASON_ALREADY_SIGNED] = {"already-signed",
	"The message bears a signature of this domain; if_signed = add would sign it again."},
    [REASON_MAX_SIGNATURES] = {"max-signatures",
	"The message bears as many signatures as max_signatures allows."},
    [REASON_KEYLESS] = {"keyless", "The domain would have to have a key in the signing table."},
    [REASON_KEY_UNUSABLE] = {"key-unusable",
	"The domain's key file would have to be readable and right; the log names it."},
    [REASON_DOMAIN_GONE] = {"domain-gone",
	"The domain left the signing table while the message was on its way."},
    [REASON_NO_TABLE] = {"no-table",
	"A signing table would have to be there; the log says why not."},
    [REASON_INTERNAL] = {"internal", "Something failed inside signpost-milter; the log says what."},
};

static bool
network_holds(const struct table_allow *allow, const struct policy_facts *f)
{
	return allow->kind == ALLOW_NETWORK && ip_prefix_has(&allow->prefix, &f->peer) &&
	       (allow->daemon == NULL || slice_eq_str(f->daemon_name, allow->daemon));
}

/* As Postfix shows sendmail(1): exactly 127.0.0.1 or ::1, and no port. */
static bool
is_local_submission(const struct policy_facts *f)
{
	static const struct ip_addr V4 = {.family = IP_V4, .octet = {127, 0, 0, 1}};
	static const struct ip_addr V6 = {.family = IP_V6, .octet = {[15] = 1}};

	return f->peer_port == 0 && (ip_addr_eq(&f->peer, &V4) || ip_addr_eq(&f->peer, &V6));
}

/* The first class that holds decides; a later one does not come to the rescue. */
static enum origin
find_origin(const struct table *table, const struct policy_facts *f)
{
	if (f->auth_authen.len > 0 && f->auth_type.len > 0)
		return ORIGIN_AUTH;
	for (size_t i = 0; i < table->allow_count; i++)
		if (network_holds(&table->allows[i], f))
			return ORIGIN_NETWORK;
	return is_local_submission(f) ? ORIGIN_LOCAL : ORIGIN_OUTSIDE;
}

static enum reason
author_reason(const struct policy_facts *f, char author[static DOMAIN_LEN_MAX + 1])
{
	author[0] = '\0';
	if (f->from_count == 0)
		return REASON_NO_FROM;
	if (f->from_count > 1)
		return REASON_MULTI_FROM;
	switch (mailbox_author_domain(f->from, author)) {
	case MAILBOX_OK:
		return REASON_GRANTED;
	case MAILBOX_EMPTY:
		return REASON_FROM_EMPTY;
	case MAILBOX_MULTIPLE:
		return REASON_FROM_MULTIPLE;
	case MAILBOX_GROUP:
		return REASON_FROM_GROUP;
	case MAILBOX_ROUTE:
		return REASON_FROM_ROUTE;
	case MAILBOX_LITERAL:
		return REASON_FROM_LITERAL;
	case MAILBOX_DOMAIN:
		return REASON_FROM_DOMAIN;
	case MAILBOX_MALFORMED:
		break;
	}
	return REASON_FROM_MALFORMED;
}

/* What a rule says of an author: REASON_GRANTED, or why not.  A parent signs for a subdomain only where
 * the rule says so by a dot or '*'; that it names the parent or the subdomain is not enough. */
static enum reason
allow_reason(const struct table_allow *allow, const char *author, const char *signer)
{
	bool is_parent = strcmp(author, signer) != 0;
	enum reason reason = REASON_NOT_AUTHORIZED;

	for (size_t i = 0; i < allow->entry_count; i++) {
		const char *entry = allow->entries[i];

		if (domain_entry_covers(slice_of(entry), slice_of(author))) {
			if (!is_parent || entry[0] == '.' || entry[0] == '*')
				return REASON_GRANTED;
			reason = REASON_PARENT;
		} else if (is_parent && strcmp(entry, signer) == 0) {
			reason = REASON_PARENT;
		}
	}
	return reason;
}

/* All rows of one kind that hold; the first that grants is named. */
static enum reason
class_reason(const struct table *table, const struct policy_facts *f, enum allow_kind kind,
    struct decision *d)
{
	enum reason best = REASON_NOT_AUTHORIZED;

	for (size_t i = 0; i < table->allow_count; i++) {
		const struct table_allow *allow = &table->allows[i];
		enum reason reason;

		if (allow->kind != kind || (kind == ALLOW_NETWORK && !network_holds(allow, f)))
			continue;
		reason = allow_reason(allow, d->author, d->domain->name);
		if (reason == REASON_GRANTED) {
			d->allow = allow;
			return REASON_GRANTED;
		}
		if (reason == REASON_PARENT)
			best = REASON_PARENT;
	}
	return best;
}

struct login {
	char text[TABLE_LOGIN_LEN_MAX + 1]; /* as the table spells it: domain part normalized */
	char domain[DOMAIN_LEN_MAX + 1];    /* "" when there is none or it is no valid name */
	bool is_bare;
	bool is_plain; /* only such a login has a right without a row of its own */
};

static bool
login_is_plain(struct slice local)
{
	if (local.len == 0)
		return false;
	for (size_t i = 0; i < local.len; i++)
		if ((!ascii_is_print(local.ptr[i]) && local.ptr[i] != ' ') || local.ptr[i] == '%')
			return false;
	return true;
}

/* user@domain is split at the last '@'.  False for a login that no table can hold. */
static bool
login_read(struct slice raw, struct login *login)
{
	struct slice local = raw, domain;
	size_t at = raw.len;

	memset(login, 0, sizeof(*login));
	if (raw.len > TABLE_LOGIN_LEN_MAX)
		return false; /* it may have been cut: what is left of its domain is another one */
	while (at > 0 && raw.ptr[at - 1] != '@')
		at--;
	login->is_bare = at == 0;
	if (!login->is_bare) {
		struct err err = ERR_INIT;

		local = slice_sub(raw, 0, at - 1);
		domain = slice_from(raw, at);
		if (domain_normalize(domain, login->domain, &err) != 0)
			login->domain[0] = '\0';
	}
	login->is_plain = login_is_plain(local);
	if (login->domain[0] == '\0')
		return slice_to_str(raw, login->text, sizeof(login->text));
	if (at + strlen(login->domain) > TABLE_LOGIN_LEN_MAX)
		return false;
	if (!slice_to_str(slice_sub(raw, 0, at), login->text, sizeof(login->text)))
		return false;
	memcpy(login->text + at, login->domain, strlen(login->domain) + 1);
	return true;
}

static enum reason
login_reason(const struct table *table, const struct policy_facts *f, struct decision *d)
{
	struct login login;
	const struct table_allow *own;
	bool is_parent = strcmp(d->author, d->domain->name) != 0;

	if (!login_read(f->auth_authen, &login))
		return REASON_NOT_AUTHORIZED;
	own = table_find_login(table, slice_of(login.text));
	if (own != NULL) {
		d->allow = own;
		enum reason reason = allow_reason(own, d->author, d->domain->name);
		if (reason != REASON_GRANTED)
			d->allow = NULL;
		return reason;
	}
	if (!login.is_plain)
		return REASON_NOT_AUTHORIZED;
	if (table->settings.authenticated == AUTHENTICATED_ANY)
		return REASON_GRANTED;
	if (login.is_bare)
		return class_reason(table, f, ALLOW_BARE, d);
	if (login.domain[0] != '\0' && strcmp(login.domain, d->author) == 0)
		return is_parent ? REASON_PARENT : REASON_GRANTED;
	if (is_parent && strcmp(login.domain, d->domain->name) == 0)
		return REASON_PARENT;
	return REASON_NOT_AUTHORIZED;
}

static enum reason
authorize(const struct table *table, const struct policy_facts *f, struct decision *d)
{
	switch (d->origin) {
	case ORIGIN_AUTH:
		return login_reason(table, f, d);
	case ORIGIN_NETWORK:
		return class_reason(table, f, ALLOW_NETWORK, d);
	case ORIGIN_LOCAL:
		return class_reason(table, f, ALLOW_LOCAL, d);
	case ORIGIN_OUTSIDE:
		break;
	}
	return f->auth_authen.len > 0 ? REASON_AUTH_MACROS : REASON_OUTSIDE;
}

/* What may still keep a message of an entitled sender from its signature. */
static enum reason
message_reason(const struct table *table, const struct policy_facts *f, const struct decision *d)
{
	const struct table_settings *set = &table->settings;

	if (f->header_over_limit)
		return REASON_HEADER_LIMIT;
	if (set->if_signed == IF_SIGNED_SKIP && f->has_signature_of != NULL &&
	    f->has_signature_of(f->has_signature_arg, slice_of(d->domain->name)))
		return REASON_ALREADY_SIGNED;
	if (set->max_signatures > 0 && f->signature_count >= set->max_signatures)
		return REASON_MAX_SIGNATURES;
	if (d->domain->key_count == 0)
		return REASON_KEYLESS;
	return REASON_GRANTED;
}

static enum reason
find_reason(const struct table *table, const struct policy_facts *f, struct decision *d)
{
	enum reason from = author_reason(f, d->author), reason;

	if (d->author[0] != '\0')
		d->domain = table_find_signer(table, slice_of(d->author));
	if (d->origin == ORIGIN_OUTSIDE)
		return authorize(table, f, d);
	if (f->header_has_nul)
		return REASON_HEADER_OCTETS;
	if (f->header_over_limit && f->from.len == 0)
		return REASON_HEADER_LIMIT; /* From may be among what was not kept */
	if (from != REASON_GRANTED)
		return from;
	if (d->domain == NULL)
		return REASON_NO_DOMAIN;
	reason = authorize(table, f, d);
	return reason == REASON_GRANTED ? message_reason(table, f, d) : reason;
}

void
policy_decide(const struct table *table, const struct policy_facts *f, struct decision *d)
{
	memset(d, 0, sizeof(*d));
	d->origin = find_origin(table, f);
	d->reason = find_reason(table, f, d);
	d->verdict = VERDICT_UNSIGNED;
	if (d->reason == REASON_GRANTED)
		d->verdict = VERDICT_SIGN;
	else if (d->reason == REASON_KEYLESS && d->domain->keyless == KEYLESS_TEMPFAIL)
		d->verdict = VERDICT_TEMPFAIL;
	else if (d->reason == REASON_HEADER_LIMIT && table->settings.on_limit == ON_LIMIT_TEMPFAIL)
		d->verdict = VERDICT_TEMPFAIL;
}

const char *
policy_reason_name(enum reason reason)
{
	return REASONS[reason].name;
}

const char *
policy_reason_help(enum reason reason)
{
	return REASONS[reason].help;
}

const char *
policy_origin_name(enum origin origin)
{
	static const char *const NAMES[] = {"outside", "auth", "network", "local"};

	return NAMES[origin];
}
