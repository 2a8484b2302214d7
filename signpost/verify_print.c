/* SPDX-License-Identifier: ISC */
#include "signpost/verify_print.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define INDENT	  10
#define WORDS_MAX 8192
#define AUID_SHOW 128

static const char *
algorithm_name(const struct signature *sig)
{
	if (!sig->alg_known)
		return "unknown";
	return sig->sha1 ? "rsa-sha1" : key_alg_name(sig->alg);
}

/* From the message to a terminal. */
static void
show(struct slice s, struct buf *out)
{
	struct slice shown;

	while (utf8_next_shown(&s, &shown))
		buf_put(out, shown);
}

static void
put_line(const struct terminal *t, const char *label, const char *text, struct buf *out)
{
	char head[INDENT + 1];

	snprintf(head, sizeof(head), "  %-*s", INDENT - 2, label);
	buf_put_str(out, head);
	terminal_wrap(t, (struct terminal_room){.used = INDENT, .indent = INDENT}, text, out);
	buf_put_byte(out, '\n');
}

void
verify_print_said(const struct terminal *t, const struct verify_said *s, struct buf *out)
{
	const char *mend = VERIFY_SENTENCES[s->say].mend;

	buf_put_str(out, "  ");
	terminal_wrap(t, (struct terminal_room){.used = 2, .indent = 2}, s->verdict, out);
	buf_put_byte(out, '\n');
	if (mend[0] != '\0')
		put_line(t, "  mend", mend, out);
}

static enum terminal_ink
ink_of(const struct verify_report *r)
{
	if (r->result == VERIFY_PASS)
		return INK_GOOD;
	return r->result == VERIFY_TEMPERROR ? INK_WARNING : INK_BAD;
}

static void
put_head(const struct terminal *t, size_t number, const struct verify_report *r, struct buf *out)
{
	buf_printf(out, "%zu %s%s%s reason=%s", number, terminal_ink(t, ink_of(r)),
	    verify_result_name(r->result), terminal_ink(t, INK_PLAIN),
	    verify_reason_name(r->reason));
	if (r->has_sig) {
		buf_put_str(out, " d=");
		show(r->sig.domain, out);
		buf_put_str(out, " s=");
		show(r->sig.selector, out);
		buf_printf(out, " a=%s c=%s/%s", algorithm_name(&r->sig),
		    canon_name(r->sig.header_canon), canon_name(r->sig.body_canon));
		if (r->sig.auid.len > 0) {
			buf_put_str(out, " i=");
			show(slice_sub(r->sig.auid, 0, AUID_SHOW), out);
		}
		if (r->sig.has_l)
			buf_printf(out, " l=%llu", (unsigned long long)r->sig.l);
	}
	if (r->key_bits > 0)
		buf_printf(out, " bits=%u", r->key_bits);
	buf_put_byte(out, '\n');
}

void
verify_print(const struct terminal *t, size_t number, const struct verified *v, struct buf *out)
{
	char dig[DIG_LEN];
	struct buf where;

	put_head(t, number, &v->report, out);
	if (v->name[0] != '\0') {
		buf_init(&where, WORDS_MAX);
		verify_where(v, &where);
		put_line(t, "key", buf_str(&where), out);
		buf_deinit(&where);
	}
	verify_dig(v, dig);
	if (dig[0] != '\0')
		put_line(t, "asked", dig, out);
	for (size_t i = 0; i < v->report.words.count; i++)
		verify_print_said(t, &v->report.words.list[i], out);
}

json_t *
verify_json_text(struct slice s)
{
	struct buf text;

	buf_init(&text, WORDS_MAX);
	show(slice_sub(s, 0, WORDS_MAX), &text);
	json_t *value = json_string(buf_str(&text));
	buf_deinit(&text);
	return value;
}

static json_t *
key_json(const struct verified *v)
{
	char dig[DIG_LEN], addr[IP_TEXT_LEN];
	json_t *key = json_object();

	verify_dig(v, dig);
	ip_addr_format(&v->told.server.addr, addr);
	json_object_set_new(
	    key, "name", v->name[0] == '\0' ? json_null() : verify_json_text(slice_of(v->name)));
	json_object_set_new(key, "records", json_integer((json_int_t)v->records));
	json_object_set_new(
	    key, "record", v->records == 0 ? json_null() : verify_json_text(slice_of(v->record)));
	json_object_set_new(key, "server", v->told.known ? json_string(addr) : json_null());
	json_object_set_new(
	    key, "by_resolver", v->told.known ? json_boolean(v->told.by_resolver) : json_null());
	json_object_set_new(
	    key, "asked", dig[0] == '\0' ? json_null() : verify_json_text(slice_of(dig)));
	json_object_set_new(key, "milliseconds", v->told.known ? json_integer(v->ms) : json_null());
	json_object_set_new(
	    key, "bits", v->report.key_bits > 0 ? json_integer(v->report.key_bits) : json_null());
	json_object_set_new(key, "testing", json_boolean(v->report.key_testing));
	return key;
}

static json_t *
findings_json(const struct verify_words *words)
{
	json_t *list = json_array();

	for (size_t i = 0; i < words->count; i++) {
		const struct verify_sentence *s = &VERIFY_SENTENCES[words->list[i].say];
		json_t *row = json_object();
		json_object_set_new(row, "situation", json_string(s->name));
		json_object_set_new(
		    row, "verdict", verify_json_text(slice_of(words->list[i].verdict)));
		json_object_set_new(
		    row, "mend", s->mend[0] == '\0' ? json_null() : json_string(s->mend));
		json_array_append_new(list, row);
	}
	return list;
}

json_t *
verify_json(const struct verified *v)
{
	const struct verify_report *r = &v->report;
	char text[WORDS_MAX];
	json_t *row = json_object();

	verify_words_join(&r->words, text, sizeof(text));
	json_object_set_new(row, "result", json_string(verify_result_name(r->result)));
	json_object_set_new(row, "reason", json_string(verify_reason_name(r->reason)));
	json_object_set_new(row, "text", verify_json_text(slice_of(text)));
	if (r->has_sig) {
		json_object_set_new(row, "domain", verify_json_text(r->sig.domain));
		json_object_set_new(row, "selector", verify_json_text(r->sig.selector));
		json_object_set_new(row, "algorithm", json_string(algorithm_name(&r->sig)));
		json_object_set_new(
		    row, "auid", r->sig.auid.len > 0 ? verify_json_text(r->sig.auid) : json_null());
		json_object_set_new(
		    row, "length", r->sig.has_l ? json_integer((json_int_t)r->sig.l) : json_null());
	}
	json_object_set_new(row, "partial_body", json_boolean(r->partial_body));
	json_object_set_new(row, "key", key_json(v));
	json_object_set_new(row, "findings", findings_json(&r->words));
	return row;
}
