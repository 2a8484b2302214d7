/* SPDX-License-Identifier: ISC */
/* verb_report.c - static pages that anybody may be shown: how each domain stands, what was, what comes. */
#include "signpost/report.h"
#include "signpost/when.h"

#include <stdio.h>

#define DAY_S	INT64_C(86400)
#define PAST_S	(120 * DAY_S)
#define UNTIL_S (200 * DAY_S)
#define FEW	50 /* so many domains' key files are read */

struct reporting {
	struct report report;
	struct report_out out;
	struct report_index index;
	struct buf page;
};

static int
report_one(void *arg, struct err *err)
{
	struct reporting *r = arg;
	struct operation *op = r->report.op;

	if (r->index.count == 0) /* of the first batch */
		op->skims = op->o.count >= FEW;
	const struct health_view view = {.store = op->store,
	    .config = op->cli->config,
	    .now = op->now,
	    .sweeps = true,
	    .files = !op->skims};
	char name[REPORT_NAME_LEN];
	struct domain_health d;

	int rc = domain_health_init(&d, &view, &op->o, op->d, err);
	if (rc == 0) {
		buf_clear(&r->page);
		rc = report_page(&r->report, &d, &r->page, err);
	}
	report_page_name(op->d->row->name, name);
	if (rc == 0)
		rc = report_out_put(&r->out, name, buf_slice(&r->page), err);
	if (rc == 0)
		rc = report_index_add(&r->index, &d, err);
	domain_health_deinit(&d);
	return rc;
}

static int
write_all(struct reporting *r, struct err *err)
{
	struct operation *op = r->report.op;

	if (store_number_get(op->store, NUMBER_LAST_PASS, NEVER, &r->report.last_pass, err) != 0 ||
	    operation_each(op, report_one, r, err) != 0 ||
	    report_index_write(&r->index, &r->report, &r->out, err) != 0)
		return -1;
	return report_out_tidy(&r->out, err);
}

static int
run(const struct cli *cli, struct err *err)
{
	const char *dir = cli_value(cli, "out"), *until = cli_value(cli, "until");
	struct operation op = {.store = NULL};
	struct reporting r = {
	    .report = {.op = &op, .past_s = PAST_S, .ahead_s = UNTIL_S}, .out.fd = -1};

	if (dir == NULL)
		return err_set(
		    err, ERR_USAGE, "report wants a directory: signpost report --out DIR");
	if (until != NULL && span_parse(until, &r.report.ahead_s, err) != 0)
		return err_wrap(err, "--until");
	buf_init(&r.page, REPORT_PAGE_MAX);
	int rc = operation_open(&op, cli, err);
	if (rc == 0)
		rc = report_out_open(&r.out, dir, err);
	r.report.stamp = r.out.stamp;
	if (rc == 0)
		rc = write_all(&r, err);
	if (rc == 0)
		printf("%zu domains, %zu pages: %s/index.html\n", r.index.count, r.out.pages, dir);
	report_index_deinit(&r.index);
	report_out_close(&r.out);
	buf_deinit(&r.page);
	operation_end(&op);
	return rc == 0 ? EXIT_OK : -1;
}

static const struct verb_option options[] = {
    {"out", "DIR", "write the pages there; the directory is made if it is missing"},
    {"until", "SPAN", "how far ahead the timelines go: 36h, 200d; default: 200d"},
    {NULL, NULL, NULL},
};

const struct verb verb_report = {"report", "--out DIR", options, 0, 0, VERB_KEEPER, true,
    "Write static HTML pages: all domains, and the timeline of each", run};
