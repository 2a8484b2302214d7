/* SPDX-License-Identifier: ISC */
/* signpost doctor: the whole path of signed mail from the outside, and what is wrong with it.  Changes nothing. */
#include "signpost/doctor_ask.h"
#include "signpost/json_out.h"
#include "signpost/terminal.h"
#include "signpost/verbs.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDENT	   6
#define OUTPUT_MAX ((size_t)1 << 20)
#define TEXT_LEN   1024

static const int EXITS[] = {[DOCTOR_OK] = EXIT_OK,
    [DOCTOR_NOTE] = EXIT_OK,
    [DOCTOR_UNKNOWN] = EXIT_CANNOT_TELL,
    [DOCTOR_WARN] = EXIT_WARNING,
    [DOCTOR_FAIL] = EXIT_FAILED};

static enum terminal_ink
ink_of(enum doctor_level level)
{
	static const enum terminal_ink INKS[] = {[DOCTOR_OK] = INK_GOOD,
	    [DOCTOR_NOTE] = INK_PLAIN,
	    [DOCTOR_UNKNOWN] = INK_WARNING,
	    [DOCTOR_WARN] = INK_WARNING,
	    [DOCTOR_FAIL] = INK_BAD};

	return INKS[level];
}

/* "warn  TEXT   MEND" where that fits, else the mend in a line of its own. */
static void
print_finding(const struct terminal *t, const struct doctor_finding *f, bool named, struct buf *out)
{
	enum doctor_level level = DOCTOR_SENTENCES[f->say].level;
	const char *name = doctor_level_name(level);
	char text[TEXT_LEN];

	buf_printf(out, "%s%s%s%*s", terminal_ink(t, ink_of(level)), name,
	    ink_of(level) == INK_PLAIN ? "" : terminal_ink(t, INK_PLAIN),
	    INDENT - (int)strlen(name), "");
	(void)snprintf(text, sizeof(text), "%s%s%s", named ? f->domain : "",
	    named && f->domain[0] != '\0' ? ": " : "", f->verdict);
	terminal_wrap(t, (struct terminal_room){.used = INDENT, .indent = INDENT}, text, out);
	size_t columns = INDENT + terminal_columns(slice_of(text)),
	       mend = terminal_columns(slice_of(f->mend));
	if (mend == 0) {
		buf_put_byte(out, '\n');
	} else if (t->width == 0 || columns + 3 + mend <= t->width) {
		buf_printf(out, "   %s\n", f->mend);
	} else {
		buf_printf(out, "\n%*s", INDENT + 2, "");
		terminal_wrap(t, (struct terminal_room){.used = INDENT + 2, .indent = INDENT + 2},
		    f->mend, out);
		buf_put_byte(out, '\n');
	}
}

static void
print_text(const struct doctor_findings *all, bool named)
{
	struct terminal t = terminal_of_stdout();
	struct buf out;

	buf_init(&out, OUTPUT_MAX);
	for (size_t i = 0; i < all->count; i++)
		print_finding(&t, &all->list[i], named, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_deinit(&out);
}

static json_t *
json_of(const struct doctor_finding *f)
{
	static const char *const LEVELS[] = {"ok", "note", "cannot-tell", "warning", "failed"};
	const struct doctor_sentence *s = &DOCTOR_SENTENCES[f->say];
	json_t *verdict = json_string(f->verdict),
	       *mend = f->mend[0] == '\0' ? json_null() : json_string(f->mend);

	/* what a milter said need not be UTF-8 */
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "level", LEVELS[s->level], "situation",
	    s->name, "domain", f->domain[0] == '\0' ? json_null() : json_string(f->domain),
	    "verdict", verdict == NULL ? json_string(s->situation) : verdict, "mend",
	    mend == NULL ? json_null() : mend);
}

static int
print_json(const struct doctor_findings *all, int code, struct err *err)
{
	static const char *const WORDS[] = {"ok", "warning", "failed", "cannot-tell"};
	json_t *list = json_array();

	for (size_t i = 0; i < all->count; i++)
		json_array_append_new(list, json_of(&all->list[i]));
	return json_print(
	    json_pack("{s:s, s:o}", "result", WORDS[code], "findings", list), JSON_AS_MADE, err);
}

static int
doctor(const struct cli *cli, struct store *store, struct err *err)
{
	const struct doctor_query query = {.store = store,
	    .config = cli->config,
	    .names = cli->operands,
	    .name_count = cli->operand_count,
	    .now = cli->now};
	struct doctor_gathered gathered;
	struct doctor_findings findings = {.list = NULL};
	int rc = doctor_ask(&gathered, &query, err), code = EXIT_OK;

	if (rc == 0) {
		doctor_judge(&gathered.facts, &findings);
		rc = findings.failed ? err_nomem(err) : 0;
		code = EXITS[doctor_worst(&findings)];
	}
	if (rc == 0 && cli_has(cli, "json"))
		rc = print_json(&findings, code, err);
	else if (rc == 0)
		print_text(&findings, gathered.facts.domain_count > 1);
	doctor_findings_deinit(&findings);
	doctor_gathered_deinit(&gathered);
	return rc == 0 ? code : -1;
}

static int
run(const struct cli *cli, struct err *err)
{
	struct store *store;

	if (store_open(cli->store_dir, STORE_WAIT_MS, &store, err) != 0)
		return -1;
	int rc = doctor(cli, store, err);
	store_close(store);
	return rc;
}

static const struct verb_option options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct verb verb_doctor = {"doctor", "[DOMAIN...]", options, 0, CLI_OPERANDS_MAX, VERB_KEEPER,
    true,
    "Look at the whole path of signed mail: a probe through the milters, DMARC, Postfix, files, "
    "clock and keeper",
    run};
