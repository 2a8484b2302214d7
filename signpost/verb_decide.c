/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "keys/store.h"
#include "milter/policy.h"
#include "signpost/verbs.h"

#include <stdio.h>
#include <string.h>

#define PATH_LEN 4096

/* "192.0.2.1", "192.0.2.1:25", "::1", "[::1]:0" */
static int
parse_client(const char *text, struct policy_facts *facts, struct err *err)
{
	struct slice addr;

	facts->peer_port = 1; /* some port: 0 would be local submission */
	if (!ip_endpoint_split(slice_of(text), &addr, &facts->peer_port))
		return err_set(
		    err, ERR_USAGE, "--client %.80s: want ADDRESS or ADDRESS:PORT", text);
	if (ip_addr_parse(addr, &facts->peer, err) != 0) {
		err->kind = ERR_USAGE;
		return err_wrap(err, "--client %.80s", text);
	}
	return 0;
}

static int
gather(const struct cli *cli, struct policy_facts *facts, struct err *err)
{
	const char *client = cli_value(cli, "client"), *login = cli_value(cli, "auth");
	const char *from = cli_value(cli, "from");

	if (from == NULL)
		return err_set(err, ERR_USAGE, "want --from, an address or a whole From field");
	facts->from_count = 1;
	facts->from = slice_of(from);
	facts->daemon_name = slice_of(cli_value(cli, "daemon"));
	if (login != NULL) {
		facts->auth_authen = slice_of(login);
		facts->auth_type = slice_of("PLAIN");
	}
	return client == NULL ? 0 : parse_client(client, facts, err);
}

static void
print_row(const struct decision *d)
{
	char prefix[IP_TEXT_LEN];

	if (d->allow == NULL)
		return;
	printf("granted by line %u of the table: allow ", (unsigned)d->allow->line);
	if (d->allow->kind == ALLOW_NETWORK) {
		ip_prefix_format(&d->allow->prefix, prefix);
		printf("network %s", prefix);
	} else if (d->allow->kind == ALLOW_LOGIN) {
		printf("login \"%s\"", d->allow->login);
	} else {
		printf("%s", d->allow->kind == ALLOW_LOCAL ? "local" : "bare");
	}
	for (size_t i = 0; i < d->allow->entry_count; i++)
		printf(" %s", d->allow->entries[i]);
	printf("\n");
}

static int
print_decision(const struct table *table, const struct decision *d)
{
	static const char *const verdicts[] = {
	    [VERDICT_UNSIGNED] = "unsigned",
	    [VERDICT_SIGN] = "sign",
	    [VERDICT_TEMPFAIL] = "tempfail",
	};
	static const int codes[] = {
	    [VERDICT_UNSIGNED] = EXIT_WARNING,
	    [VERDICT_SIGN] = EXIT_OK,
	    [VERDICT_TEMPFAIL] = EXIT_FAILED,
	};

	printf("%s reason=%s origin=%s from=%s", verdicts[d->verdict],
	    policy_reason_name(d->reason), policy_origin_name(d->origin),
	    d->author[0] == '\0' ? "-" : d->author);
	if (d->verdict == VERDICT_SIGN && d->domain != NULL) {
		printf(" d=%s", d->domain->name);
		for (size_t i = 0; i < d->domain->key_count; i++)
			printf(" s=%s", d->domain->keys[i].selector);
	}
	printf("\n%s\n", policy_reason_help(d->reason));
	print_row(d);
	if (table->settings.dry_run)
		printf("dry_run is on: this is logged, and nothing is signed\n");
	return codes[d->verdict];
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *path = cli_value(cli, "table");
	char in_store[PATH_LEN];
	struct policy_facts facts = {.peer = {.family = IP_NONE}};
	struct table *table = NULL;
	struct decision decision;
	struct buf text;
	int code = -1;

	if (gather(cli, &facts, err) != 0)
		return -1;
	snprintf(in_store, sizeof(in_store), "%s/%s", cli->store_dir, STORE_TABLE);
	if (path == NULL)
		path = in_store;
	buf_init(&text, TABLE_LEN_MAX);
	if (file_read(path, &text, err) != 0 ||
	    table_parse(buf_slice(&text), path, &table, err) != 0) {
		/* no table, no decision: that is neither yes nor no */
		fprintf(stderr, "signpost: %s\n", err->text);
		code = err->kind == ERR_NOMEM ? -1 : EXIT_CANNOT_TELL;
	} else {
		policy_decide(table, &facts, &decision);
		code = print_decision(table, &decision);
	}
	table_free(table);
	buf_deinit(&text);
	return code;
}

static const struct verb_option options[] = {
    {"from", "FROM", "the From field's value, or an address alone"},
    {"auth", "LOGIN", "the login of an authenticated session"},
    {"client", "ADDR[:PORT]", "the client; port 0 on loopback is sendmail(1)"},
    {"daemon", "NAME", "the listener's milter_macro_daemon_name"},
    {"table", "FILE", "decide by this signing table instead of the store's"},
    {NULL, NULL, NULL},
};

const struct verb verb_decide = {"decide", "--from FROM", options, 0, 0, VERB_KEEPER, false,
    "Say whether such a message would be signed, and why", run};
