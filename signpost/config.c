/* SPDX-License-Identifier: ISC */
#include "signpost/config.h"
#include "base/file.h"
#include "signpost/config_fill.h"
#include "signpost/config_find.h"
#include "signpost/config_finish.h"
#include "signpost/config_scan.h"
#include "signpost/config_text.h"

#include <confuse.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* libconfuse hands its errors to a function without an argument of ours.  One file is read at a
 * time. */
static struct {
	struct err *err;
	const char *path;
	struct slice text; /* as it is in the file */
} sink;

/* libconfuse names the title alone. */
static bool
is_twice(const char *fmt, unsigned line)
{
	const char *section;
	struct slice title;

	if (strstr(fmt, "duplicate title") == NULL)
		return false;
	unsigned first = config_find_first(sink.text, line, &section, &title);
	if (first == 0 || first == line)
		return false;
	err_set(sink.err, ERR_CONFIG, "%s \"%.*s\" stands here twice; the first is in line %u",
	    section, SLICE_ARG(title), first);
	return true;
}

static void PRINTF(2, 0) collect_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	if (sink.err->kind != ERR_NONE)
		return; /* the first one is the cause */
	if (!is_twice(fmt, (unsigned)cfg->line))
		err_vset(sink.err, ERR_CONFIG, fmt, ap);
	err_wrap(sink.err, "%s:%d", sink.path, cfg->line);
}

static int
check_option(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct option_row *row = config_row_of(cfg, opt->name);
	const char *values[OPTION_VALUES_MAX + 1];
	unsigned count = cfg_opt_size(opt);
	struct err err = ERR_INIT;

	if (count > OPTION_VALUES_MAX + 1)
		count = OPTION_VALUES_MAX + 1;
	for (unsigned i = 0; i < count; i++)
		values[i] = cfg_opt_getnstr(opt, i);
	if (row == NULL || option_check(row, values, count, &err) == 0)
		return 0;
	if (err.kind == ERR_NOMEM)
		*sink.err = err;
	cfg_error(cfg, "%s", err.text);
	return -1;
}

static int
check_section(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct err err = ERR_INIT;

	if (config_check_section(section, &err) == 0)
		return 0;
	cfg_error(cfg, "%s", err.text);
	return -1;
}

struct opts {
	cfg_opt_t *list[SECTION_COUNT];
};

static void
opts_free(struct opts *o)
{
	for (size_t i = 0; i < SECTION_COUNT; i++)
		free(o->list[i]);
}

static cfg_opt_t
option_of(const struct option_row *row)
{
	if (option_is_list(row))
		return (cfg_opt_t)CFG_STR_LIST(row->name, NULL, CFGF_NODEFAULT);
	return (cfg_opt_t)CFG_STR(row->name, NULL, CFGF_NODEFAULT);
}

static cfg_opt_t
section_of(const struct section_row *row, cfg_opt_t *list)
{
	cfg_flag_t flags = row->titled ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE;

	return (cfg_opt_t)CFG_SEC(row->name, list, flags);
}

/* libconfuse's options from our rows.  Children come behind their parents in SECTIONS, so build
 * from the end. */
static int
opts_build(struct opts *o, struct err *err)
{
	for (size_t s = SECTION_COUNT; s-- > 0;) {
		size_t rows = 0, n = 0;
		for (const struct option_row *row = OPTIONS; row->name != NULL; row++)
			rows++;
		cfg_opt_t *list = calloc(rows + SECTION_COUNT + 1, sizeof(*list));
		if (list == NULL)
			return err_nomem(err);
		o->list[s] = list;
		for (const struct option_row *row = OPTIONS; row->name != NULL; row++) {
			if (row->section == s)
				list[n++] = option_of(row);
		}
		for (size_t child = s + 1; child < SECTION_COUNT; child++) {
			if (SECTIONS[child].parent == s)
				list[n++] = section_of(&SECTIONS[child], o->list[child]);
		}
		list[n] = (cfg_opt_t)CFG_END();
	}
	return 0;
}

static void
path_of(enum section section, const char *name, struct buf *out)
{
	if (section != SECTION_TOP) {
		path_of(SECTIONS[section].parent, SECTIONS[section].name, out);
		buf_put_byte(out, '|');
	}
	buf_put_str(out, name);
}

static void
set_checks(cfg_t *cfg)
{
	struct buf path;

	buf_init(&path, 256);
	for (const struct option_row *row = OPTIONS; row->name != NULL; row++) {
		buf_clear(&path);
		path_of(row->section, row->name, &path);
		cfg_set_validate_func(cfg, buf_str(&path), check_option);
	}
	for (size_t i = 1; i < SECTION_COUNT; i++) {
		buf_clear(&path);
		path_of(SECTIONS[i].parent, SECTIONS[i].name, &path);
		cfg_set_validate_func(cfg, buf_str(&path), check_section);
	}
	buf_deinit(&path);
}

/* A list with a default that the file empties: to libconfuse it is as if it were not there. */
static int
empty_lists(struct config *config, cfg_t *cfg, struct slice text, struct err *err)
{
	for (const struct option_row *row = OPTIONS; row->name != NULL; row++) {
		const struct section_row *section = &SECTIONS[row->section];
		if (!option_is_list(row) || row->def == NULL || section->titled)
			continue;
		if (cfg_size(cfg_getsec(cfg, section->name), row->name) == 0 &&
		    config_find_has(text, row->section, row->name) &&
		    option_set(row, config, NULL, 0, err) != 0)
			return -1;
	}
	return 0;
}

static int
parse_checked(struct slice text, const char *path, struct config *config, struct err *err)
{
	char *copy = slice_strdup(text);
	struct opts opts = {.list = {NULL}};
	cfg_t *cfg = NULL;
	int rc = -1;

	sink.err = err;
	sink.path = path;
	sink.text = text;
	if (copy == NULL) {
		err_nomem(err);
		goto out;
	}
	config_text_blank_comments(copy);
	if (opts_build(&opts, err) != 0)
		goto out;
	cfg = cfg_init(opts.list[SECTION_TOP], CFGF_NONE);
	if (cfg == NULL) {
		err_nomem(err);
		goto out;
	}
	cfg_set_error_function(cfg, collect_error);
	set_checks(cfg);
	if (cfg_parse_buf(cfg, copy) != CFG_SUCCESS) {
		if (err->kind == ERR_NONE)
			err_set(err, ERR_CONFIG, "%s: libconfuse cannot parse it", path);
		goto out;
	}
	rc = config_fill(config, cfg, err);
	if (rc == 0)
		rc = empty_lists(config, cfg, text, err);
	if (rc != 0)
		err_wrap(err, "%s", path);
out:
	if (cfg != NULL)
		cfg_free(cfg);
	free(copy);
	opts_free(&opts);
	return rc;
}

static int
finish(struct config *config, struct slice text, bool ask, struct err *err)
{
	struct postfix_queue queue = {.known = false, .lifetime_s = POSTFIX_QUEUE_ASSUMED_S};
	struct config_fault fault = {SECTION_TOP, NULL};

	if (ask && config_wants_queue(config))
		postfix_queue_ask(
		    config->keeper.postfix_configs, config->keeper.postfix_config_count, &queue);
	if (config_finish(config, &queue, &fault, err) == 0)
		return 0;
	unsigned line = config_find_line(text, fault.section, fault.title, err->text);
	return line == 0 ? err_wrap(err, "%s", config->path)
			 : err_wrap(err, "%s:%u", config->path, line);
}

static int
parse(struct slice text, const char *path, bool ask, struct config **out, struct err *err)
{
	if (text.len > CONFIG_LEN_MAX)
		return err_set(err, ERR_LIMIT, "%s is longer than %u bytes", path, CONFIG_LEN_MAX);
	if (config_scan(text, path, err) != 0)
		return -1;

	struct config *config = calloc(1, sizeof(*config));
	int rc = -1;
	if (config == NULL || (config->path = strdup(path)) == NULL)
		err_nomem(err);
	else
		rc = parse_checked(text, path, config, err);
	if (rc == 0)
		rc = finish(config, text, ask, err);
	if (rc != 0) {
		config_free(config);
		return -1;
	}
	*out = config;
	return 0;
}

int
config_parse(struct slice text, const char *path, struct config **out, struct err *err)
{
	return parse(text, path, false, out, err);
}

int
config_load(const char *path, struct config **out, struct err *err)
{
	struct buf text;

	buf_init(&text, CONFIG_LEN_MAX);
	int rc = file_read(path, &text, err);
	if (rc == 0)
		rc = parse(buf_slice(&text), path, true, out, err);
	buf_deinit(&text);
	return rc;
}

int
config_default(const char *path, struct config **out, struct err *err)
{
	return config_parse(slice_of(""), path, out, err);
}

const struct key_policy *
config_policy(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->policy_count; i++) {
		if (strcmp(config->policies[i].name, name) == 0)
			return &config->policies[i];
	}
	return NULL;
}

const struct publisher_conf *
config_publisher(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->publisher_count; i++) {
		if (strcmp(config->publishers[i].name, name) == 0)
			return &config->publishers[i];
	}
	return NULL;
}
