/* SPDX-License-Identifier: ISC */
/* xml.h - a document as a list of its elements' ends, each with its path and its own text: all that answers of an API
 * need.  expat reads; document types are refused, and so are depths, names and texts that no such answer has.
 *
 *	static int take(void *arg, const char *path, const char *text);	  "Error/Code", "AccessDenied"
 *	if (xml_read(body, &(struct xml_taker){take, &answer}, err) != 0) ...
 *
 * Threads: reentrant. */
#ifndef SIGNPOST_KEYS_XML_H
#define SIGNPOST_KEYS_XML_H

#include "base/err.h"
#include "base/slice.h"

#define XML_DEPTH_MAX	 16
#define XML_PATH_LEN	 512
#define XML_TEXT_LEN_MAX 16384 /* the longest TXT value with its quotes, escaped */

struct buf;

struct xml_taker {
	int (*take)(void *arg, const char *path, const char *text);
	void *arg;
};

/* take is called at the end of each element, inner ones first.  path: names from the root's children on, "/" between;
 * "" is the root.  text: what stands in it directly, without white space around; of one with children, what follows the
 * last of them.  ERR_INPUT: no such document; ERR_NOMEM.  -2: take returned other than 0, and the rest was not read. */
int xml_read(struct slice document, const struct xml_taker *, struct err *) MUST_CHECK;
/* & < > " ' as references. */
void xml_put_escaped(struct buf *, const char *text);

#endif
