/* SPDX-License-Identifier: ISC */
#include "signpost/troubles.h"
#include "signpost/privileges.h"
#include "signpost/rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
troubles_add(struct troubles *t, const char *text)
{
	if (text != NULL && t->count < TROUBLES_MAX)
		snprintf(t->text[t->count++], TROUBLE_LEN, "%s", text);
}

/* A pass refuses it. */
static void
look_at_store(struct troubles *t, const char *store_dir)
{
	char text[TROUBLE_LEN];
	struct err why = ERR_INIT;

	if (privileges_check_store(store_dir, &why) == 0)
		return;
	snprintf(text, sizeof(text), "No pass is made: %s", why.text);
	troubles_add(t, text);
}

/* Else it would be found when something is to be published. */
static void
look_at_secret(struct troubles *t, const struct publisher_conf *p, const char *path)
{
	char text[TROUBLE_LEN];

	if (path == NULL || access(path, R_OK) == 0)
		return;
	snprintf(text, sizeof(text),
	    "%.200s, the secret of publisher %s, cannot be read: %s; see: signpost doctor", path,
	    p->name, strerror(errno));
	troubles_add(t, text);
}

int
troubles_find(
    const struct config *config, const char *store_dir, struct troubles *t, struct err *err)
{
	struct err map;

	t->count = 0;
	look_at_store(t, store_dir);
	for (size_t i = 0; i < config->publisher_count; i++) {
		look_at_secret(t, &config->publishers[i], config->publishers[i].tsig_key);
		look_at_secret(t, &config->publishers[i], config->publishers[i].credentials);
	}
	if (rules_look(config, store_dir, &map, err) != 0)
		return -1;
	troubles_add(t, map.kind == ERR_NONE ? NULL : map.text);
	return 0;
}

void
troubles_close(struct troubles *t)
{
	if (t->count == 0)
		return;
	t->count = 0;
	troubles_add(
	    t, "Something is wrong on the keeper's host: signpost status, by root, tells what");
}
