/* SPDX-License-Identifier: ISC */
/* publish_cloudflare_rights.c - the token that is enough, and how far a token reaches. */
#include "keys/publish_cloudflare.h"
#include "keys/publish_type.h"

#include <jansson.h>

int
publish_cloudflare_rights(const struct publisher_conf *conf, const char *const *names, size_t count,
    struct buf *out, struct err *err)
{
	(void)conf;
	(void)err;
	buf_put_str(
	    out, "An API token (My Profile / API Tokens / Create Token / Custom token) with\n");
	buf_put_str(out, "    Permissions     Zone / DNS / Edit\n");
	buf_put_str(out,
	    "                    Zone / Zone / Read        (not needed when zone_id is set)\n");
	buf_put_str(out,
	    "    Zone Resources  Include / Specific zone / the zone that holds these names, "
	    "no other:\n");
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "                        %s\n", names[i]);
	buf_put_str(out, "    Client IP       this host's address\n");
	buf_put_str(out, "It cannot be held to these names or to TXT records: it may change all of "
			 "the zone.  Slots in a zone of their own can.\n");
	buf_put_str(out, "The token goes into the file that `credentials` names, mode 0640.\n");
	return 0;
}

int
publish_cloudflare_try_rights(const struct publisher_conf *conf, const char *zone,
    const char *domain, struct buf *out, struct err *err)
{
	struct publish_outcome o = {.result = PUBLISH_TEMPORARY};
	struct provider p;
	json_t *root = NULL;
	(void)domain;
	provider_begin(&p, conf, zone, err);
	int rc = cloudflare_open(&p, &o);
	if (rc == 0)
		rc = cloudflare_ask(&p,
		    &(struct http_request){.method = "GET", .path = "/zones?per_page=5"}, &root,
		    &o);
	json_int_t seen = json_integer_value(
	    json_object_get(json_object_get(root, "result_info"), "total_count"));
	if (rc > 0) {
		rc = err_set(err, ERR_CONFIG, "publisher %s: %s", conf->name, o.text);
	} else if (rc == 0) {
		buf_printf(out, "right: the token reaches zone %s\n", zone);
		rc = seen > 1;
		buf_printf(out,
		    rc ? "wrong: the token reaches %lld zones; one is enough\n"
		       : "right: it reaches %lld zone and no other\n",
		    (long long)seen);
		buf_put_str(out, "whether it may change that zone's records only a change tells; "
				 "Cloudflare cannot hold it to "
				 "some names of a zone\n");
	}
	json_decref(root);
	http_deinit(&p.http);
	return rc;
}
