/* SPDX-License-Identifier: ISC */
/* config_print.c - the effective configuration, in the form in which it is read. */
#include "signpost/config.h"
#include "signpost/options.h"

#include <string.h>

struct printer {
	const struct config *config;
	struct buf *out;
	bool all;
	int depth;
};

static void
indent(struct printer *p, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_put_str(p->out, "    ");
}

/* force: the section with every choice made definite, if that can differ from base; else NULL. */
static void
print_help(struct printer *p, const struct option_row *row, const void *base, const void *force)
{
	bool is_default = option_is_default(row, base);
	struct buf written, definite;

	buf_init(&written, CONFIG_LEN_MAX);
	buf_init(&definite, CONFIG_LEN_MAX);
	option_format(row, base, &written);
	option_format(row, force == NULL ? base : force, &definite);
	indent(p, p->depth);
	buf_printf(p->out, "# %s%s", row->help, is_default ? " (default)" : "");
	if (!slice_eq(buf_slice(&written), buf_slice(&definite)))
		buf_printf(p->out, "; here: %s", buf_str(&definite));
	buf_put_str(p->out, "\n");
	buf_deinit(&written);
	buf_deinit(&definite);
}

static void
print_options(struct printer *p, enum section section, const void *base, const void *force)
{
	for (const struct option_row *row = OPTIONS; row->name != NULL; row++) {
		bool is_default = row->section == section && option_is_default(row, base);
		if (row->section != section || (is_default && !p->all))
			continue;
		if (p->all)
			print_help(p, row, base, force);
		indent(p, p->depth);
		/* an unset text or empty list has no written form */
		if (is_default && row->def == NULL) {
			buf_printf(p->out, "# %s is not set\n", row->name);
			continue;
		}
		buf_printf(p->out, "%s = ", row->name);
		option_format(row, base, p->out);
		buf_put_str(p->out, "\n");
	}
}

static void
open_section(struct printer *p, enum section section, const char *title)
{
	if (p->all) {
		indent(p, p->depth);
		buf_printf(p->out, "# %s\n", SECTIONS[section].help);
	}
	indent(p, p->depth++);
	buf_put_str(p->out, SECTIONS[section].name);
	if (title != NULL) {
		buf_put_str(p->out, " \"");
		for (; *title != '\0'; title++) {
			if (*title == '"' || *title == '\\')
				buf_put_byte(p->out, '\\');
			buf_put_byte(p->out, (uint8_t)*title);
		}
		buf_put_byte(p->out, '"');
	}
	buf_put_str(p->out, " {\n");
}

/* Closes the section; one that got nothing since `begin` is taken back unless it has a meaning
 * empty. */
static void
close_section(struct printer *p, size_t begin, size_t body, bool keep)
{
	p->depth--;
	if (p->out->len == body && !keep && p->out->state == BUF_OK) {
		p->out->len = begin;
		if (p->out->data != NULL)
			p->out->data[begin] = '\0';
		return;
	}
	indent(p, p->depth);
	buf_put_str(p->out, "}\n");
}

static void
print_section(struct printer *p, enum section section, const char *title, const void *base)
{
	size_t begin = p->out->len;

	open_section(p, section, title);
	size_t body = p->out->len;
	print_options(p, section, base, NULL);
	close_section(p, begin, body, title != NULL);
}

static void
print_sign(struct printer *p)
{
	const struct config *c = p->config;
	size_t begin = p->out->len;
	char prefix[IP_TEXT_LEN];

	open_section(p, SECTION_SIGN, NULL);
	size_t body = p->out->len;
	print_options(p, SECTION_SIGN, c, NULL);
	print_section(p, SECTION_BARE_LOGINS, NULL, &c->bare);
	print_section(p, SECTION_LOCAL_SUBMISSION, NULL, &c->local);
	for (size_t i = 0; i < c->network_count; i++) {
		ip_prefix_format(&c->networks[i].prefix, prefix);
		print_section(p, SECTION_NETWORK, prefix, &c->networks[i]);
	}
	for (size_t i = 0; i < c->login_count; i++)
		print_section(p, SECTION_LOGIN, c->logins[i].login, &c->logins[i]);
	close_section(p, begin, body, false);
}

static void
print_dns(struct printer *p)
{
	const struct config *c = p->config;
	size_t begin = p->out->len;

	open_section(p, SECTION_DNS, NULL);
	size_t body = p->out->len;
	print_options(p, SECTION_DNS, c, NULL);
	for (size_t i = 0; i < c->dns.zone_count; i++)
		print_section(p, SECTION_ZONE, c->dns.zones[i].name, &c->dns.zones[i]);
	close_section(p, begin, body, false);
}

static void
print_policy(struct printer *p, const struct key_policy *written, const struct key_policy *definite)
{
	size_t begin = p->out->len;

	open_section(p, SECTION_POLICY, definite->name);
	print_options(p, SECTION_POLICY, written, definite);
	if (definite->queue_assumed && p->all) {
		indent(p, p->depth);
		buf_put_str(p->out, "# queue_lifetime is assumed: postconf did not tell how long "
				    "Postfix queues mail\n");
	}
	close_section(p, begin, begin, true);
}

void
config_print(const struct config *config, bool all, struct buf *out)
{
	struct printer p = {.config = config, .out = out, .all = all, .depth = 0};

	print_options(&p, SECTION_TOP, config, NULL);
	print_sign(&p);
	for (size_t i = 0; i < config->policy_count; i++)
		print_policy(&p, &config->written[i], &config->policies[i]);
	for (size_t i = 0; i < config->publisher_count; i++)
		print_section(
		    &p, SECTION_PUBLISHER, config->publishers[i].name, &config->publishers[i]);
	print_section(&p, SECTION_SIGNERS, NULL, config);
	print_section(&p, SECTION_KEEPER, NULL, config);
	print_section(&p, SECTION_NOTIFY, NULL, config);
	print_dns(&p);
}
