/* SPDX-License-Identifier: ISC */
#include "keys/diagnose_ask.h"
#include "keys/store_whose.h"
#include "signpost/check.h"
#include "keys/advice.h"
#include "signpost/status_file.h"
#include "signpost/verbs.h"

#include <stdlib.h>
#include <string.h>

#define OLD_S 86400 /* what a status file of that age says may all be wrong */

enum form { FORM_TEXT, FORM_NAGIOS, FORM_JSON };

/* What is shown as it comes. */
struct show {
	const struct check_plan *plan;
	struct store *store;
	enum form form;
	struct terminal terminal;
	json_t *array;
	size_t at; /* domain that is being filled */
	struct findings **findings;
	size_t servers, good;
	enum severity worst;
	size_t by_severity[SEVERITY_FATAL + 1]; /* domains */
	bool failed;				/* no memory */
	char stale[80];				/* "no keeper ran for 20 min; " */
	FILE *rest; /* Nagios, many domains: the first line is the sum */
};

static bool
whose(void *arg, struct slice octets, char *out, size_t size)
{
	struct show *s = arg;
	struct store_whose found;
	struct err ignored = ERR_INIT;
	if (s->store == NULL || store_whose(s->store, octets, &found, &ignored) != 0 ||
	    !found.found)
		return false;
	snprintf(out, size, "%s of %s", found.selector, found.domain);
	return true;
}

static void
show_domain(struct show *s, struct check_result *r)
{
	check_judge(r);
	s->worst = r->worst > s->worst ? r->worst : s->worst;
	s->by_severity[r->worst]++;
	if (s->form == FORM_TEXT) {
		check_print(r, &s->terminal, stdout);
		fflush(stdout);
	} else if (s->form == FORM_NAGIOS) {
		if (s->rest == stdout || r->worst > SEVERITY_INFO)
			check_print_nagios(r, s->rest);
	} else if (json_array_append_new(s->array, check_json(r)) != 0) {
		s->failed = true;
	}
}

/* All subjects of the domain are there, and of those behind it that have none. */
static void
finish_domains(struct show *s, size_t subjects)
{
	while (s->at < s->plan->domain_count) {
		const struct check_domain *d = &s->plan->domains[s->at];
		if (d->first + d->count > subjects)
			return;
		struct check_result r = {.plan = s->plan,
		    .domain = d,
		    .findings = s->findings + d->first,
		    .servers = s->servers,
		    .good = s->good};
		show_domain(s, &r);
		for (size_t i = 0; i < d->count; i++) {
			findings_free(s->findings[d->first + i]);
			s->findings[d->first + i] = NULL;
		}
		s->servers = s->good = 0;
		s->at++;
	}
}

static void
take(void *arg, size_t index, const struct seen *seen)
{
	struct show *s = arg;
	const struct diagnose_known known = {whose, s};
	struct findings *all = seen == NULL ? NULL : findings_new();
	if (all != NULL) {
		diagnose_judge(&s->plan->subjects[index], seen, &known, all);
		/* the same servers are asked for each key */
		s->good =
		    s->servers == 0 || seen->sweep.good < s->good ? seen->sweep.good : s->good;
		s->servers = seen->sweep.count > s->servers ? seen->sweep.count : s->servers;
	}
	s->findings[index] = all;
	finish_domains(s, index + 1);
}

static int
print_json(struct show *s, struct err *err)
{
	char *text = s->failed ? NULL : json_dumps(s->array, JSON_INDENT(2) | JSON_SORT_KEYS);
	if (text == NULL)
		return err_nomem(err);
	printf("%s\n", text);
	free(text);
	return 0;
}

static void
print_sum(const struct show *s, const char *rest)
{
	static const char *const states[] = {[SEVERITY_INFO] = "OK",
	    [SEVERITY_WARNING] = "WARNING",
	    [SEVERITY_UNKNOWN] = "UNKNOWN",
	    [SEVERITY_FATAL] = "CRITICAL"};
	const size_t *n = s->by_severity;
	printf("DKIM %s - %s%zu domain%s: %zu failed, %zu with warnings, %zu cannot be told | "
	       "domains=%zu failed=%zu;;1 "
	       "warning=%zu;1 unknown=%zu\n%s",
	    states[s->worst], s->stale, s->plan->domain_count,
	    s->plan->domain_count == 1 ? "" : "s", n[SEVERITY_FATAL], n[SEVERITY_WARNING],
	    n[SEVERITY_UNKNOWN], s->plan->domain_count, n[SEVERITY_FATAL], n[SEVERITY_WARNING],
	    n[SEVERITY_UNKNOWN], rest);
}

static int
show_all(struct show *s, struct err *err)
{
	char *rest = NULL;
	size_t rest_len = 0;
	bool sum = s->form == FORM_NAGIOS && (s->plan->domain_count != 1 || s->stale[0] != '\0');
	s->rest = stdout;
	if (sum)
		s->rest = open_memstream(&rest, &rest_len);
	if (s->rest == NULL)
		return err_nomem(err);
	finish_domains(s, 0);
	int rc =
	    diagnose_ask(&s->plan->config->dns, s->plan->subjects, s->plan->subject_count, take, s);
	if (rc != 0)
		rc = err_set(err, ERR_NOMEM, "no thread could be started, or no memory is left");
	if (s->rest != stdout)
		(void)fclose(s->rest);
	if (rc == 0 && sum)
		print_sum(s, rest == NULL ? "" : rest);
	free(rest);
	if (rc == 0 && s->form == FORM_JSON)
		rc = print_json(s, err);
	if (rc == 0 && s->form == FORM_TEXT && s->plan->domain_count == 0)
		printf("No domain yet: signpost add DOMAIN starts signing for one.\n");
	if (rc == 0 && s->form == FORM_TEXT && s->stale[0] != '\0')
		printf("%sthe last pass made no newer status file.\n", s->stale);
	return rc;
}

/* What an old status file says is not what the keeper knows. */
static void
judge_age(struct show *s, const struct cli *cli)
{
	const struct status_world *file = &s->plan->file;
	int64_t age = cli->now - file->passed_at;
	struct buf text;
	if (s->store != NULL || !status_is_stale(file, cli->config, cli->now))
		return;
	enum severity least = age > OLD_S ? SEVERITY_UNKNOWN : SEVERITY_WARNING;
	s->worst = least > s->worst ? least : s->worst;
	buf_init(&text, sizeof(s->stale));
	advice_duration(age, &text);
	snprintf(s->stale, sizeof(s->stale), "no keeper ran for %.40s; ", buf_str(&text));
	buf_deinit(&text);
}

static int
check(const struct cli *cli, struct store *store, const char *path, enum form form, struct err *err)
{
	struct check_plan plan;
	const struct check_query query = {.names = cli->operands,
	    .name_count = cli->operand_count,
	    .config = cli->config,
	    .now = cli->now,
	    .status_file = path};
	struct show s = {.plan = &plan,
	    .store = store,
	    .form = form,
	    .terminal = terminal_of_stdout(),
	    .worst = SEVERITY_INFO};
	int rc = check_plan_init(&plan, store, &query, err);
	if (rc == 0) {
		judge_age(&s, cli);
		s.findings = calloc(plan.subject_count + 1, sizeof(struct findings *));
		s.array = json_array();
		rc = s.findings == NULL || s.array == NULL ? err_nomem(err) : show_all(&s, err);
	}
	free(s.findings);
	json_decref(s.array);
	check_plan_deinit(&plan);
	return rc == 0 ? check_exit_code(s.worst) : -1;
}

static int
run(const struct cli *cli, struct err *err)
{
	enum form form = cli_has(cli, "nagios") ? FORM_NAGIOS : FORM_TEXT;
	struct store *store = NULL;
	if (cli_has(cli, "json"))
		form = FORM_JSON;
	if (cli_has(cli, "json") && cli_has(cli, "nagios"))
		return err_set(err, ERR_USAGE, "--json and --nagios: one of them");
	char *path = status_file_path(cli->config, cli->store_dir);
	int rc = path == NULL ? err_nomem(err) : 0;
	if (rc == 0 && !status_file_wanted(cli->store_dir))
		rc = store_open(cli->store_dir, STORE_WAIT_MS, &store, err);
	if (rc == 0)
		rc = check(cli, store, path, form, err);
	store_close(store);
	free(path);
	if (rc >= 0 || form != FORM_NAGIOS)
		return rc;
	/* the third state is for what went wrong on the way */
	printf("DKIM UNKNOWN - %s\n", err->text);
	return EXIT_CANNOT_TELL;
}

static const struct verb_option options[] = {
    {"nagios", NULL,
	"one line with performance data; of many domains the sum first, then those with trouble"},
    {"json", NULL, "print JSON, times in UTC"},
    {NULL, NULL, NULL},
};

const struct verb verb_check = {"check", "[DOMAIN...]", options, 0, CLI_OPERANDS_MAX, VERB_KEEPER,
    true,
    "Look at DNS now: what is wrong, on which server, how to mend it, and until when it is "
    "remembered",
    run};
