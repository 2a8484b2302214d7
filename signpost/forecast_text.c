/* SPDX-License-Identifier: ISC */
#include "signpost/forecast_text.h"
#include "dkim/key.h"
#include "signpost/when.h"

#include <stdio.h>
#include <string.h>

void
forecast_name(const struct forecast *f, size_t key, char out[static FORECAST_NAME_LEN])
{
	unsigned n = 1;

	if (key >= f->key_count) {
		snprintf(out, FORECAST_NAME_LEN, "-");
		return;
	}
	if (f->keys[key].selector != NULL) {
		snprintf(out, FORECAST_NAME_LEN, "%s", f->keys[key].selector);
		return;
	}
	for (size_t i = 0; i < key; i++)
		n += f->keys[i].selector == NULL && f->keys[i].alg == f->keys[key].alg ? 1 : 0;
	snprintf(out, FORECAST_NAME_LEN, "(new %s key %u)", key_alg_k(f->keys[key].alg), n);
}

void
forecast_label(const struct forecast *f, size_t key, char out[static FORECAST_LABEL_LEN])
{
	char name[FORECAST_NAME_LEN];

	forecast_name(f, key, name);
	if (key < f->key_count && f->keys[key].selector != NULL)
		snprintf(out, FORECAST_LABEL_LEN, "%s %s", name, key_alg_k(f->keys[key].alg));
	else
		snprintf(out, FORECAST_LABEL_LEN, "%s", name);
}

/* Without a text: no event, or one whose text has the slot in it. */
static const struct {
	const char *word, *text;
	bool news;
} STEPS[STEP_COUNT] = {
    [STEP_NONE] = {"wait", "", true},
    [STEP_PREPARE_SLOT] = {"prepare-slot", "", false},
    [STEP_GENERATE] = {"generate", "is made", false},
    [STEP_PUBLISH] = {"publish", "is published", true},
    [STEP_LOOK] = {"look", "", false},
    [STEP_VERIFY] = {"verify", "is proven", false},
    [STEP_ACTIVATE] = {"activate", "signs", true},
    [STEP_RETIRE] = {"retire", "leaves the signing table", true},
    [STEP_ASK_SIGNERS] = {"ask-signers", "", false},
    [STEP_ACKNOWLEDGE] = {"acknowledge", "every milter has left it: its overlap begins", false},
    [STEP_REVOKE] = {"revoke", "its record becomes p=", true},
    [STEP_REVOKED] = {"revoked", "is seen to be revoked", false},
    [STEP_REMOVE] = {"remove", "its record is taken away", true},
    [STEP_REMOVED] = {"removed", "is gone from DNS", false},
    [STEP_DESTROY] = {"destroy", "its private key is deleted", true},
    [STEP_ABANDON] = {"abandon", "is given up", true},
};

static const struct {
	const char *word, *text;
} ASKS[ASK_COUNT] = {
    [ASK_NOBODY] = {NULL, ""},
    [ASK_RECORD] = {"record", "its record is to be entered: signpost records tells it"},
    [ASK_REVOCATION] = {"revocation", "its value may become v=DKIM1; p= (a courtesy)"},
    [ASK_REMOVAL] = {"removal", "its record may be removed"},
    [ASK_APPROVAL] = {"approval", "proven and due; waits for signpost approve"},
    [ASK_ATTEST] = {"attest", "waits for signpost attest"},
    [ASK_ALIAS] = {"alias", "waits for the alias or the delegation"},
};

void
forecast_text(const struct forecast *f, const struct forecast_event *e, struct buf *out)
{
	char name[FORECAST_NAME_LEN];

	if (e->ask != ASK_NOBODY) {
		buf_put_str(out, ASKS[e->ask].text);
	} else if (e->what == STEP_ACTIVATE && e->other != SIZE_MAX) {
		forecast_name(f, e->other, name);
		buf_printf(out, "takes over from %s", name);
	} else if (e->what == STEP_PREPARE_SLOT) {
		buf_printf(out, "slot %d gets its first p=", e->slot + 1);
	} else {
		buf_put_str(out, STEPS[e->what].text);
	}
}

const char *
forecast_word(enum step_what what)
{
	return STEPS[what].word;
}

const char *
forecast_ask_word(enum forecast_ask ask)
{
	return ASKS[ask].word;
}

bool
forecast_is_news(const struct forecast_event *e)
{
	return e->ask != ASK_NOBODY || STEPS[e->what].news;
}

const char *
forecast_end_text(enum forecast_end end)
{
	static const char *const texts[] = {
	    [FORECAST_UNTIL] = "",
	    [FORECAST_RESTS] = "Nothing more happens by itself.",
	    [FORECAST_HELD] = "Held: nothing more happens until signpost release.",
	    [FORECAST_LIMITED] = "More can not be told ahead.",
	};

	return texts[end];
}

void
forecast_put_made(int64_t at, int64_t now, const char *why, struct buf *out)
{
	buf_put_str(out, "a new key is made ");
	when_put_far(out, at, now);
	buf_printf(out, "%s%s", strncmp(why, "so that ", 8) == 0 ? ", " : ": ", why);
}
