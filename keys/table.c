/* SPDX-License-Identifier: ISC */
#include "keys/table_private.h"

#include <stdlib.h>
#include <string.h>

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	struct table_box *box = (struct table_box *)table;
	arena_deinit(&box->arena);
	free(box);
}

bool
table_login_normalize(struct slice login, char out[static TABLE_LOGIN_SIZE])
{
	size_t at = login.len;
	char domain[DOMAIN_LEN_MAX + 1];
	struct err ignored = ERR_INIT;

	if (login.len > TABLE_LOGIN_LEN_MAX || !slice_to_str(login, out, TABLE_LOGIN_SIZE))
		return false;
	while (at > 0 && login.ptr[at - 1] != '@')
		at--;
	if (at == 0)
		return true;
	/* a realm that is no domain name ("user@LOCALHOST") is still compared without case */
	if (domain_normalize(slice_from(login, at), domain, &ignored) == 0) {
		memcpy(out + at, domain, strlen(domain) + 1);
		return true;
	}
	for (char *p = out + at; *p != '\0'; p++)
		*p = (char)ascii_lower((uint8_t)*p);
	return true;
}

const struct table_domain *
table_find_domain(const struct table *table, struct slice name)
{
	size_t low = 0, high = table->domain_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = slice_cmp(slice_of(table->domains[middle].name), name);
		if (order == 0)
			return &table->domains[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct table_domain *
table_find_signer(const struct table *table, struct slice author_domain)
{
	size_t dot;

	for (struct slice name = author_domain; name.len > 0; name = slice_from(name, dot + 1)) {
		const struct table_domain *domain = table_find_domain(table, name);
		if (domain != NULL)
			return domain;
		if (!slice_find(name, '.', &dot))
			break;
	}
	return NULL;
}

const struct table_allow *
table_find_login(const struct table *table, struct slice login)
{
	char name[TABLE_LOGIN_SIZE];
	size_t low = 0, high = table->login_count;

	if (high == 0 || !table_login_normalize(login, name))
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(table->logins[middle]->login, name);
		if (order == 0)
			return table->logins[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
