/* SPDX-License-Identifier: ISC */
/* check_json.c - a domain's diagnosis as JSON, times in UTC. */
#include "signpost/check.h"
#include "signpost/status_json.h"

#define WORDS_MAX 4096

/* What came from DNS may be no UTF-8; findings show it as \DDD. */
static json_t *
finding_json(const struct finding *f, const char *selector)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "id", f->row->id,
	    "severity", severity_name(f->severity), "selector", selector, "server", f->server,
	    "asked", f->asked, "is", f->is, "verdict", f->verdict, "mend", f->mend, "until",
	    status_json_time(f->until));
}

json_t *
check_json(const struct check_result *r)
{
	json_t *findings = json_array(), *keys = json_array();
	struct buf words;
	buf_init(&words, WORDS_MAX);
	check_words(r, &words);
	for (size_t k = 0; k < r->domain->count; k++) {
		const struct diagnose_subject *s = &r->plan->subjects[r->domain->first + k];
		const struct findings *all = r->findings[k];
		const struct check_key *key = &r->plan->keys[r->domain->first + k];
		json_array_append_new(keys,
		    json_pack("{s:s, s:s, s:s, s:s}", "selector", s->selector, "name", s->name,
			"state",
			key->row == NULL ? "empty"
					 : key_state_name(key_state_of(&key->view->facts)),
			"worst", all == NULL ? "unknown" : severity_name(findings_worst(all))));
		for (size_t i = 0; all != NULL && i < all->count; i++)
			json_array_append_new(findings, finding_json(&all->list[i], s->selector));
	}
	json_t *out = json_pack("{s:s, s:s, s:i, s:s, s:o, s:o, s:I, s:I}", "domain",
	    r->domain->seen->row->name, "status", check_status_name(r->status), "exit",
	    check_exit_code(r->worst), "words", buf_str(&words), "keys", keys, "findings", findings,
	    "servers", (json_int_t)r->servers, "good", (json_int_t)r->good);
	if (r->laggard != NULL) {
		json_object_set_new(out, "laggard", status_json_text(r->laggard));
		json_object_set_new(
		    out, "lags_at", status_json_time(r->domain->seen->row->signers_asked_at));
	}
	buf_deinit(&words);
	return out;
}
