/* SPDX-License-Identifier: ISC */
#include "signpost/json_out.h"

#include <stdio.h>
#include <stdlib.h>

/* NULL: err is set.  Free with free(). */
static char *
text_of(json_t *value, size_t flags, struct err *err)
{
	char *text = value == NULL ? NULL : json_dumps(value, flags);

	json_decref(value);
	if (text == NULL && err->text[0] == '\0')
		err_nomem(err);
	return text;
}

int
json_put(json_t *value, size_t flags, struct buf *out, struct err *err)
{
	char *text = text_of(value, flags, err);

	if (text == NULL)
		return -1;
	buf_printf(out, "%s\n", text);
	free(text);
	return 0;
}

int
json_print(json_t *value, size_t flags, struct err *err)
{
	char *text = text_of(value, flags, err);

	if (text == NULL)
		return -1;
	printf("%s\n", text);
	free(text);
	return 0;
}
