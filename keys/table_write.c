/* SPDX-License-Identifier: ISC */
#include "keys/table.h"
#include "keys/table_fields.h"

#include "base/base64.h"

#include <inttypes.h>
#include <string.h>

static void
end_line(struct table_writer *w)
{
	buf_put_byte(w->out, '\n');
	w->lines++;
}

static void
put_quoted(struct table_writer *w, const char *prefix, const char *word)
{
	buf_put_str(w->out, " \"");
	buf_put_str(w->out, prefix);
	for (const char *p = word; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_put_byte(w->out, '\\');
		buf_put_byte(w->out, (uint8_t)*p);
	}
	buf_put_byte(w->out, '"');
}

static void
put_word(struct table_writer *w, const char *prefix, const char *word)
{
	if (word[strcspn(word, " \t\"\\")] != '\0' || *prefix + *word == '\0') {
		put_quoted(w, prefix, word);
		return;
	}
	buf_put_byte(w->out, ' ');
	buf_put_str(w->out, prefix);
	buf_put_str(w->out, word);
}

void
table_write_begin(struct table_writer *w, struct buf *out, uint64_t generation, int64_t date,
    bool clock_untrusted)
{
	*w = (struct table_writer){.out = out};
	buf_printf(out, "signpost-table %d", TABLE_FORMAT);
	end_line(w);
	buf_printf(out, "generation %" PRIu64, generation);
	end_line(w);
	if (date != TABLE_NO_DATE) {
		buf_printf(out, "date %" PRId64, date);
		end_line(w);
	}
	if (clock_untrusted) {
		buf_put_str(out, "clock untrusted");
		end_line(w);
	}
}

void
table_write_comment(struct table_writer *w, const char *text)
{
	buf_put_str(w->out, "# ");
	for (const char *p = text; *p != '\0'; p++)
		buf_put_byte(w->out, (uint8_t)*p < 0x20 ? ' ' : (uint8_t)*p);
	end_line(w);
}

void
table_write_settings(struct table_writer *w, const struct table_settings *settings)
{
	for (const struct table_field *f = TABLE_SETTINGS; f->name != NULL; f++) {
		buf_printf(w->out, "set %s ", f->name);
		table_field_format(f, settings, w->out);
		end_line(w);
	}
}

static void
write_key(struct table_writer *w, const char *domain, const struct table_key *key)
{
	buf_printf(w->out, "key %s %s %s", domain, key->selector, key_alg_name(key->alg));
	put_word(w, "", key->path);
	buf_put_byte(w->out, ' ');
	base64_encode(slice_new(key->spki_hash, sizeof key->spki_hash), w->out);
	end_line(w);
}

void
table_write_domain(struct table_writer *w, const struct table_domain *domain)
{
	buf_printf(w->out, "domain %s", domain->name);
	for (const struct table_field *f = TABLE_DOMAIN_OPTIONS; f->name != NULL; f++) {
		buf_printf(w->out, " %s=", f->name);
		table_field_format(f, domain, w->out);
	}
	end_line(w);
	for (size_t i = 0; i < domain->key_count; i++)
		write_key(w, domain->name, &domain->keys[i]);
}

void
table_write_allow(struct table_writer *w, const struct table_allow *allow)
{
	char prefix[IP_TEXT_LEN];

	switch (allow->kind) {
	case ALLOW_BARE:
		buf_put_str(w->out, "allow bare");
		break;
	case ALLOW_LOCAL:
		buf_put_str(w->out, "allow local");
		break;
	case ALLOW_NETWORK:
		ip_prefix_format(&allow->prefix, prefix);
		buf_printf(w->out, "allow network %s", prefix);
		if (allow->daemon != NULL)
			put_word(w, "daemon=", allow->daemon);
		break;
	case ALLOW_LOGIN:
		buf_put_str(w->out, "allow login");
		put_quoted(w, "", allow->login);
		break;
	}
	for (size_t i = 0; i < allow->entry_count; i++)
		put_word(w, "", allow->entries[i]);
	end_line(w);
}

void
table_write_end(struct table_writer *w)
{
	buf_printf(w->out, "end %" PRIu32 "\n", w->lines);
}
