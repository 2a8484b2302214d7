/* SPDX-License-Identifier: ISC */
/* Events of a session in any order with any octets.  A model beside it says when a signature may come: only at the
 * end of a message that had a login of the domain, one From of it, an end of header and nothing behind that but body.
 *
 * Input: lines; the first octet is the event, the rest its argument ('|' separates name and value). */
#include "milter/session.h"
#include "tests/unit/fixture_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define ARG_MAX_LEN 4096

static struct fixture fx;
static struct counters counters;
static struct keyring *ring;

struct model {
	bool login_good, at_eoh, wrong;
	unsigned from_count;
	unsigned inserted;
};

static void
finish(void)
{
	keyring_free(ring);
	fixture_deinit(&fx);
}

static void
start(void)
{
	char hash[48], rows[512];

	fixture_init(&fx);
	fixture_key(&fx, "e.pem", KEY_ED25519_SHA256, 0, hash);
	(void)snprintf(rows, sizeof(rows),
	    "set log_unsigned none\nset header_len_max 4096\nset header_count_max 10\n"
	    "domain a.test\nkey a.test s ed25519-sha256 e.pem %s\n",
	    hash);
	fixture_table(&fx, 1, rows);
	ring = keyring_new(fx.table, &counters);
	if (ring == NULL || atexit(finish) != 0)
		abort();
}

static int
insert(void *arg, const char *value)
{
	struct model *m = arg;

	if (!m->login_good || !m->at_eoh || m->wrong || m->from_count != 1)
		abort();
	for (const char *c = value; *c != '\0'; c++)
		if ((*c < ' ' || *c > '~') && *c != '\t' && *c != '\n')
			abort();
	m->inserted++;
	return 0;
}

static void
header(struct session *s, struct model *m, char *arg)
{
	char *value = strchr(arg, '|');

	if (value != NULL)
		*value++ = '\0';
	m->from_count += header_name_eq(slice_of(arg), SLICE_LIT("From"));
	m->wrong |= m->at_eoh;
	(void)session_header(s, arg, value != NULL ? value : "");
}

static void
forget(struct model *m)
{
	*m = (struct model){.inserted = m->inserted};
}

static void
event(struct session *s, struct model *m, char what, char *arg)
{
	enum session_answer answer;
	unsigned before = m->inserted;

	switch (what) {
	case 'C':
		forget(m);
		session_connect(s, NULL, arg);
		break;
	case 'M':
		forget(m);
		m->login_good = strrchr(arg, '@') != NULL &&
				slice_ieq_str(slice_of(strrchr(arg, '@')), "@a.test");
		session_mail(s, arg[0] != '\0' ? "PLAIN" : NULL, arg);
		break;
	case 'P': /* gives no more than mail gets */
		session_probe(s);
		break;
	case 'H':
		header(s, m, arg);
		break;
	case 'E':
		m->wrong |= m->at_eoh;
		m->at_eoh = true;
		(void)session_eoh(s, arg);
		break;
	case 'B':
		m->wrong |= !m->at_eoh;
		(void)session_body(s, slice_of(arg));
		break;
	case 'Z':
		answer = session_eom(s, arg, insert, m);
		if (m->inserted > before && answer != SESSION_ACCEPT)
			abort();
		forget(m);
		break;
	default:
		forget(m);
		session_abort(s);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice rest = slice_new(data, len);
	struct session_abilities abilities = {.leading_space = len % 2 == 0};
	struct model m = {.login_good = false};
	struct session *s;

	if (ring == NULL)
		start();
	s = session_new(ring, &counters);
	if (s == NULL)
		abort();
	session_negotiated(s, &abilities);
	while (rest.len > 0) {
		char arg[ARG_MAX_LEN];
		size_t end = rest.len;

		(void)slice_find(rest, '\n', &end);
		for (size_t i = 0; i < end; i++) /* folds and CRs are written as \x01 and \x02 */
			if (i < sizeof(arg))
				arg[i] = rest.ptr[i] == 1   ? '\n'
					 : rest.ptr[i] == 2 ? '\r'
							    : (char)rest.ptr[i];
		arg[end < sizeof(arg) ? end : sizeof(arg) - 1] = '\0';
		if (end > 0)
			event(s, &m, arg[0], arg + 1);
		rest = slice_from(rest, end + 1);
	}
	session_free(s);
	return 0;
}
