/* SPDX-License-Identifier: ISC */
#include "milter/client_answer.h"
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#define INSERTED_MAX 1000 /* a filter that inserts more than that is broken */

void
milter_reply_deinit(struct milter_reply *r)
{
	for (size_t i = 0; i < r->inserted_count; i++) {
		free(r->inserted[i].name);
		free(r->inserted[i].value);
	}
	free(r->inserted);
	r->inserted = NULL;
	r->inserted_count = r->inserted_cap = 0;
}

static enum progress
decided(struct milter_reply *r, enum milter_answer answer)
{
	r->answer = answer;
	return DONE;
}

/* 421 and 4xx put off, 5xx refuse; the text is kept for whoever reads the test's output. */
static enum progress
reply_code(struct slice data, struct milter_reply *r)
{
	struct slice text = slice_sub(data, 0, sizeof r->text - 1);
	size_t nul;

	if (slice_find(text, '\0', &nul))
		text = slice_sub(text, 0, nul);
	(void)slice_to_str(text, r->text, sizeof r->text);
	return decided(r, r->text[0] == '5' ? MILTER_REJECTED : MILTER_TEMPFAILED);
}

static int
add_inserted(struct milter_reply *r, struct slice data, struct err *err)
{
	size_t end;

	if (data.len < 4 || !slice_find(slice_from(data, 4), '\0', &end) ||
	    r->inserted_count == INSERTED_MAX)
		return err_set(err, ERR_IO, "a header insertion does not parse");
	struct slice name = slice_sub(data, 4, end), value = slice_from(data, 4 + end + 1);
	if (slice_find(value, '\0', &end))
		value = slice_sub(value, 0, end);
	struct milter_inserted *inserted =
	    grow_array(r->inserted, r->inserted_count, &r->inserted_cap, sizeof *inserted);
	if (inserted == NULL)
		return err_nomem(err);
	r->inserted = inserted;
	struct milter_inserted *to = &r->inserted[r->inserted_count++];
	*to = (struct milter_inserted){protocol_u32(data), slice_strdup(name), slice_strdup(value)};
	return to->name == NULL || to->value == NULL ? err_nomem(err) : 0;
}

enum progress
client_take_packet(const struct wire_packet *p, struct milter_reply *r, bool *more, struct err *err)
{
	*more = false;
	switch (p->command) {
	case SMFIR_CONTINUE:
		return GO_ON;
	case SMFIR_SKIP:
		return SKIP_BODY;
	case SMFIR_ACCEPT:
		return decided(r, MILTER_ACCEPTED);
	case SMFIR_TEMPFAIL:
	case SMFIR_SHUTDOWN:
		return decided(r, MILTER_TEMPFAILED);
	case SMFIR_REJECT:
		return decided(r, MILTER_REJECTED);
	case SMFIR_DISCARD:
		return decided(r, MILTER_DISCARDED);
	case SMFIR_REPLYCODE:
		return reply_code(p->data, r);
	case SMFIR_INSHEADER:
		*more = true;
		return add_inserted(r, p->data, err) == 0 ? GO_ON : FAILED;
	case SMFIR_ADDHEADER:
	case SMFIR_CHGHEADER:
	case SMFIR_ADDRCPT:
	case SMFIR_ADDRCPT_PAR:
	case SMFIR_DELRCPT:
	case SMFIR_REPLBODY:
	case SMFIR_CHGFROM:
	case SMFIR_QUARANTINE:
		r->other_changes++;
		*more = true;
		return GO_ON;
	case SMFIR_PROGRESS:
		*more = true;
		return GO_ON;
	default:
		err_set(err, ERR_IO, "answer 0x%02x is none of the milter protocol", p->command);
		return FAILED;
	}
}
