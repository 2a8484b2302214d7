/* SPDX-License-Identifier: ISC */
#include "signpost/announce_send.h"
#include "base/run.h"

int
announce_send(
    const struct notify_conf *conf, enum alert_channel channel, struct slice text, struct err *err)
{
	/* -i: a dot on a line of its own is text; -t: to whom is said in the header */
	const char *const sendmail[] = {conf->sendmail, "-i", "-t", NULL};
	struct run_job job = {.argv = sendmail,
	    .input = text,
	    .timeout_ms = conf->timeout_ms,
	    .merge = true,
	    .keep_tail = true};
	struct run_result r;

	if (channel == ALERT_PROGRAM)
		job.argv = (const char *const *)conf->program;
	if (run_program(&job, &r, err) != 0)
		return -1;
	int rc = run_result_check(&r, &job, err);
	run_result_deinit(&r);
	return rc;
}
