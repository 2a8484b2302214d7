/* SPDX-License-Identifier: ISC */
/* What `add --cname-refused` offers, as text and as JSON: the same three ways, with the policies of the configuration or the
 * lines that make one, and with the records where the servers of a zone of ours are known. */
#include "signpost/add_text.h"
#include "tests/unit/fake_dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DOMAIN "cust.test"
#define NONE   "policy \"default\" {\n publisher = \"own\"\n}\n"
#define ALL                                                                                        \
	"policy \"hand\" {\n publisher = by-hand\n rotate_every = 90d\n}\n"                         \
	"policy \"slots\" {\n mode = slots\n slot_zone = \"slots.own.test\"\n publisher = \"own\"\n}\n" \
	"policy \"below\" {\n mode = delegated\n publisher = \"own\"\n}\n"                        \
	"policy \"txt\" {\n publisher = \"own\"\n}\n"

struct lab {
	struct fake_dns *d;
	struct config *config;
};

static void
lab_up(struct lab *lab, const char *policies)
{
	char conf[2048];
	struct err err = ERR_INIT;

	lab->d = fake_dns_start(2);
	snprintf(conf, sizeof(conf),
	    "dns {\n roots = {\"127.0.0.1:%u\"}\n timeout = 300ms\n tries = 1\n queries_per_second = 1000\n}\n"
	    "publisher \"own\" {\n type = hook\n program = {\"/bin/false\"}\n}\n%s",
	    lab->d->port, policies);
	if (config_parse(slice_of(conf), "test", &lab->config, &err) != 0)
		fail_msg("%s", err.text);
	fake_zone(lab->d, 0, "",
	    ". 60 IN SOA a. h. 1 60 60 60 60\n. 60 IN NS a.\nslots.own.test. 600 IN NS ns1.own.test.\n"
	    "ns1.own.test. 600 IN A 127.0.0.2\n" DOMAIN ". 600 IN NS ns1.own.test.\n");
	fake_zone(lab->d, 1, "slots.own.test",
	    "slots.own.test. 600 IN SOA ns1.own.test. h.test. 1 60 60 60 900\n"
	    "slots.own.test. 600 IN NS ns1.own.test.\n");
	fake_zone(lab->d, 1, DOMAIN,
	    DOMAIN ". 600 IN SOA ns1.own.test. h.test. 1 60 60 60 900\n" DOMAIN ". 600 IN NS ns1.own.test.\n");
}

static void
lab_down(struct lab *lab)
{
	config_free(lab->config);
	fake_dns_stop(lab->d);
}

static const char *
text_at(const json_t *offer, const char *name)
{
	return json_string_value(json_object_get(offer, name));
}

/* NULL: null. */
static const struct want {
	const char *way, *name, *policy, *command;
	int64_t every_s;
	bool has_lines;
	size_t records;
} WITHOUT[] = {
    {"txt", NULL, "by-hand", "signpost add " DOMAIN " --policy by-hand", 0, true, 0},
    {"delegation", "_domainkey." DOMAIN, "delegated", "signpost add " DOMAIN " --policy delegated", 0, true, 0},
    {"subdomain", "mail." DOMAIN, "default", "signpost add mail." DOMAIN " --policy default", 0, false, 0},
}, WITH[] = {
    {"txt", NULL, "hand", "signpost add " DOMAIN " --policy hand", 90 * 86400, false, 0},
    {"delegation", "_domainkey." DOMAIN, "below", "signpost add " DOMAIN " --policy below", 0, false, 1},
    {"subdomain", "mail." DOMAIN, "txt", "signpost add mail." DOMAIN " --policy txt", 0, false, 1},
};

static void
judge_offer(const json_t *offer, const struct want *w, const char *page)
{
	const char *lines = text_at(offer, "policy_lines");
	const json_t *every = json_object_get(offer, "entered_again_every_s"), *records = json_object_get(json_object_get(offer, "to_enter"), "records"),
		     *one;
	size_t i;

	assert_string_equal(text_at(offer, "way"), w->way);
	assert_string_equal(text_at(offer, "policy"), w->policy);
	assert_string_equal(text_at(offer, "command"), w->command);
	if (w->name == NULL)
		assert_null(text_at(offer, "name"));
	else
		assert_string_equal(text_at(offer, "name"), w->name);
	assert_int_equal(lines != NULL, w->has_lines);
	assert_int_equal(json_integer_value(every), w->every_s);
	assert_int_equal(json_is_null(every), w->every_s == 0);
	assert_int_equal(json_array_size(records), w->records);
	/* the page says no less */
	assert_non_null(strstr(page, w->command));
	assert_true(lines == NULL || strstr(page, lines) != NULL);
	json_array_foreach (records, i, one) {
		assert_string_equal(text_at(one, "type"), "NS");
		assert_non_null(strstr(page, text_at(one, "value")));
	}
}

static void
judge(const char *policies, const struct want *want)
{
	struct lab lab;
	struct buf page;
	struct err err = ERR_INIT;

	lab_up(&lab, policies);
	buf_init(&page, RECORD_FORMAT_LEN_MAX);
	if (add_refused(lab.config, DOMAIN, &page, &err) != 0)
		fail_msg("%s", err.text);
	json_t *json = add_refused_json(lab.config, DOMAIN, &err);
	assert_non_null(json);
	const json_t *offers = json_object_get(json, "offers");
	assert_string_equal(text_at(json, "domain"), DOMAIN);
	assert_string_equal(text_at(json, "zone"), DOMAIN);
	assert_int_equal(json_array_size(offers), 3);
	for (size_t i = 0; i < 3; i++)
		judge_offer(json_array_get(offers, i), &want[i], buf_str(&page));
	json_decref(json);
	buf_deinit(&page);
	lab_down(&lab);
}

static void
offers_name_policies_that_fit(void **state)
{
	(void)state;
	judge(ALL, WITH);
}

static void
offers_without_policies_hold_lines_for_them(void **state)
{
	(void)state;
	judge(NONE, WITHOUT);
}

/* No name is below the longest. */
static void
longest_domain_is_offered_no_subdomain(void **state)
{
	char domain[DOMAIN_LEN_MAX + 1];
	struct lab lab;
	struct buf page;
	struct err err = ERR_INIT;
	(void)state;

	memset(domain, 'a', DOMAIN_LEN_MAX);
	domain[DOMAIN_LEN_MAX] = '\0';
	for (size_t at = 61; at < DOMAIN_LEN_MAX; at += 62)
		domain[at] = '.';
	lab_up(&lab, NONE);
	buf_init(&page, RECORD_FORMAT_LEN_MAX);
	if (add_refused(lab.config, domain, &page, &err) != 0)
		fail_msg("%s", err.text);
	assert_null(strstr(buf_str(&page), "3. Send from a subdomain"));
	json_t *json = add_refused_json(lab.config, domain, &err);
	assert_int_equal(json_array_size(json_object_get(json, "offers")), 2);
	json_decref(json);
	buf_deinit(&page);
	lab_down(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offers_name_policies_that_fit),
	    cmocka_unit_test(offers_without_policies_hold_lines_for_them),
	    cmocka_unit_test(longest_domain_is_offered_no_subdomain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
