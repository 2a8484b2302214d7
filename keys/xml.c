/* SPDX-License-Identifier: ISC */
#include "keys/xml.h"
#include "base/buf.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

struct reading {
	XML_Parser parser;
	const struct xml_taker *taker;
	char path[XML_PATH_LEN];
	size_t ends[XML_DEPTH_MAX]; /* of path, for each open element */
	size_t depth;
	struct buf text; /* of the innermost open element, as far as it came */
	const char *why; /* it was stopped */
	bool stopped;
};

static void
stop(struct reading *r, const char *why)
{
	if (r->why == NULL)
		r->why = why;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL
begin_element(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = arg;
	size_t len = strlen(r->path), name_len = strlen(name);
	(void)attributes;
	buf_clear(&r->text);
	if (r->depth == XML_DEPTH_MAX || len + name_len + 2 > sizeof(r->path)) {
		stop(r, "it is nested too deep");
		return;
	}
	r->ends[r->depth++] = len;
	if (r->depth == 1) /* the root has no name in paths */
		return;
	if (len > 0)
		r->path[len++] = '/';
	memcpy(r->path + len, name, name_len + 1);
}

static void XMLCALL
end_element(void *arg, const XML_Char *name)
{
	struct reading *r = arg;
	char text[XML_TEXT_LEN_MAX + 1];
	(void)name;
	if (r->depth == 0)
		return;
	if (r->text.state != BUF_OK ||
	    !slice_to_str(slice_trim(buf_slice(&r->text)), text, sizeof(text))) {
		stop(r, "an element is too long");
		return;
	}
	if (r->why == NULL && r->taker->take(r->taker->arg, r->path, text) != 0) {
		r->stopped = true;
		stop(r, "stopped");
	}
	r->path[r->ends[--r->depth]] = '\0';
	buf_clear(&r->text);
}

static void XMLCALL
take_text(void *arg, const XML_Char *text, int len)
{
	struct reading *r = arg;
	buf_put(&r->text, slice_new(text, len < 0 ? 0 : (size_t)len));
}

/* Entities of a document's own can be of any size, or name files. */
static void XMLCALL
refuse_doctype(
    void *arg, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	stop(arg, "it has a document type");
}

int
xml_read(struct slice document, const struct xml_taker *taker, struct err *err)
{
	struct reading r = {.taker = taker};
	if (document.len > INT_MAX)
		return err_set(err, ERR_INPUT, "no XML: it is too long");
	r.parser = XML_ParserCreate(NULL);
	if (r.parser == NULL)
		return err_nomem(err);
	buf_init(&r.text, XML_TEXT_LEN_MAX);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, begin_element, end_element);
	XML_SetCharacterDataHandler(r.parser, take_text);
	XML_SetStartDoctypeDeclHandler(r.parser, refuse_doctype);
	enum XML_Status status = XML_Parse(r.parser,
	    document.len == 0 ? "" : (const char *)document.ptr, (int)document.len, XML_TRUE);
	int rc = 0;
	if (r.stopped)
		rc = -2;
	else if (r.why != NULL)
		rc = err_set(err, ERR_INPUT, "no XML that is to be expected: %s", r.why);
	else if (status != XML_STATUS_OK)
		rc = err_set(err, ERR_INPUT, "no XML: line %lu: %s",
		    (unsigned long)XML_GetCurrentLineNumber(r.parser),
		    XML_ErrorString(XML_GetErrorCode(r.parser)));
	XML_ParserFree(r.parser);
	buf_deinit(&r.text);
	return rc;
}

void
xml_put_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '&' || *text == '<' || *text == '>' || *text == '"' || *text == '\'')
			buf_printf(out, "&#%d;", *text);
		else
			buf_put_byte(out, (uint8_t)*text);
	}
}
