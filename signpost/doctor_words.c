/* SPDX-License-Identifier: ISC */
#include "signpost/doctor_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK	DOCTOR_OK
#define NOTE	DOCTOR_NOTE
#define UNKNOWN DOCTOR_UNKNOWN
#define WARN	DOCTOR_WARN
#define FAIL	DOCTOR_FAIL

#define START_KEEPER                                                                               \
	"systemctl enable --now signpost-tick.timer, or without systemd: signpost tick every "     \
	"minute from cron"

const struct doctor_sentence DOCTOR_SENTENCES[DOCTOR_SAY_COUNT] = {
    [DOCTOR_PROBE_GOOD] = {"probe", OK, "a milter signs, and DNS verifies it",
	"a probe through %1 was signed with %2 and verified with public DNS (%3 ms)", ""},
    [DOCTOR_PROBE_BAD] = {"probe-fails", FAIL, "a milter signs, and it does not verify",
	"a probe through %1 was signed with %2, and receivers will not accept that: %3",
	"signpost check %4"},
    [DOCTOR_PROBE_UNVERIFIED] = {"probe-unverified", UNKNOWN,
	"a milter signs, and DNS gives no answer",
	"a probe through %1 was signed with %2; whether it verifies cannot be told: %3",
	"try again; dns { } of signpost.conf says whom to ask"},
    [DOCTOR_PROBE_UNSIGNED] = {"probe-unsigned", FAIL,
	"a milter that should sign takes it as it is",
	"a probe through %1 was not signed, though the table has keys and a rule for it",
	"the milter's log says why; has it another table?  (signpost-milter -t)"},
    [DOCTOR_PROBE_REFUSED] = {"probe-refused", FAIL, "a milter answers 4xx or 5xx",
	"a probe through %1 was refused: %2", "the milter's log says why"},
    [DOCTOR_PROBE_NO_ANSWER] = {"probe-no-answer", FAIL, "a milter cannot be asked",
	"the milter does not answer: %1",
	"systemctl start signpost-milter, or without systemd: signpost-milter "
	"--user=signpost-milter"},
    [DOCTOR_PROBE_OTHER] = {"probe-changed", WARN, "a milter changes more than it should",
	"%1 did more than adding a signature: it is another milter",
	"see signers { milters } of signpost.conf"},
    [DOCTOR_DRY_RUN] = {"dry-run", WARN, "dry_run = yes", "nothing is signed: dry_run = yes",
	"take dry_run out of sign { } in signpost.conf"},
    [DOCTOR_NO_RULE] = {"no-rule", WARN, "no rule grants the domain",
	"no rule lets anybody sign for %1",
	"add it to a block in sign { } of signpost.conf, or have logins user@%1"},
    [DOCTOR_NO_KEY] = {"no-key", NOTE, "the table has no key of the domain",
	"mail from %1 leaves unsigned: no key of it signs yet", "signpost explain %1"},
    [DOCTOR_NO_MILTERS] = {"no-milters", WARN, "signers { milters } is empty",
	"no milter is named in signpost.conf: no probe can be sent, and switches are not "
	"acknowledged",
	"signers { milters = {\"unix:/var/spool/postfix/signpost/milter.sock\"} }"},
    [DOCTOR_NO_TABLE] = {"no-table", FAIL, "the signing table is not there or wrong",
	"there is no signing table: %1", "signpost tick"},
    [DOCTOR_NO_DOMAINS] = {"no-domains", NOTE, "the store is empty", "there is no domain yet",
	"signpost add DOMAIN"},
    [DOCTOR_MORE_DOMAINS] = {"more-domains", NOTE, "more domains than are probed unasked",
	"%1 of %2 domains were probed; the others by their names", "signpost doctor DOMAIN..."},
    [DOCTOR_ACKNOWLEDGED] = {"acknowledged", OK, "all milters sign with the table's keys",
	"every milter was seen to sign with what the table says", ""},
    [DOCTOR_LAGS] = {"lags", WARN, "a milter signs with something else", "a signer lags: %1",
	"give it the present table; old keys stay in DNS until it has it"},
    [DOCTOR_NEVER_ASKED] = {"never-asked", NOTE, "the keeper has not asked the milters yet",
	"no switch of keys was to be acknowledged by the milters yet", ""},

    [DOCTOR_ALIGNED] = {"aligned", OK, "d= aligns, and there is a policy",
	"d=%1 aligns with From; DMARC p=%2 at %3", ""},
    [DOCTOR_ALIGNED_NONE] = {"policy-none", OK, "d= aligns, p=none",
	"d=%1 aligns with From; DMARC p=none at %2: receivers report, and deliver as before", ""},
    [DOCTOR_ALIGNED_ABSENT] = {"no-dmarc", WARN, "d= aligns, no DMARC record",
	"d=%1 aligns with From, but there is no DMARC record at or above _dmarc.%2; large "
	"receivers want one",
	"publish TXT _dmarc.%2  \"v=DMARC1; p=none\"  to begin with"},
    [DOCTOR_NOT_ALIGNED] = {"not-aligned", FAIL, "d= and From are of different organizations",
	"d=%1 does not align with From %2: their organizational domains are %3 and %4",
	"sign with a key of %2: signpost add %2"},
    [DOCTOR_NOT_ALIGNED_STRICT] = {"not-aligned-strict", FAIL,
	"adkim=s, and d= is not the domain of From",
	"d=%1 does not align with From %2: adkim=s at %3 wants them equal",
	"signpost add %2, or take adkim=s away"},
    [DOCTOR_DMARC_SEVERAL] = {"dmarc-several", WARN, "several DMARC records",
	"%1 has %2 DMARC records, and none of them counts", "leave one"},
    [DOCTOR_DMARC_WRONG] = {"dmarc-wrong", WARN, "a DMARC record without a valid p=",
	"the DMARC record at %1 has no valid policy (%2): it counts as p=none, if at all",
	"publish  v=DMARC1; p=none|quarantine|reject"},
    [DOCTOR_DMARC_UNKNOWN] = {"dmarc-unknown", UNKNOWN, "DNS gives no answer for _dmarc",
	"the DMARC record cannot be looked up: %1", "try again"},
    [DOCTOR_DMARC_TESTING] = {"dmarc-testing", NOTE, "t=y in the DMARC record",
	"t=y at %1: receivers apply one step less than p=%2", ""},
    [DOCTOR_DMARC_OLD_TAGS] = {"dmarc-old-tags", NOTE,
	"pct=, rf= or ri=", "%1= at %2 is not read any more (RFC 9989)", "drop it"},

    [DOCTOR_POSTFIX_NONE] = {"no-postfix", NOTE, "no postconf on this host",
	"no Postfix was found on this host: its settings were not looked at", ""},
    [DOCTOR_POSTFIX_GOOD] = {"postfix", OK, "nothing is wrong with the settings",
	"Postfix%1: nothing in its settings loses signatures", ""},
    [DOCTOR_NO_SMTPD] = {"no-smtpd", FAIL, "submissions are taken, and no smtpd has our socket",
	"no smtpd%1 hands its mail to %2", "signpost-postfix%3 install"},
    [DOCTOR_ONLY_PORT_25] = {"only-port-25", NOTE,
	"no smtpd has our socket, and none takes submissions",
	"mail from port 25 is not signed, and no listener%1 takes submissions",
	"enable submission in master.cf, then signpost-postfix%2 install; for hosts of a network "
	"block: signpost-postfix%2 --port25 install"},
    [DOCTOR_SUBMISSION_WITHOUT] = {"submission-unsigned", WARN,
	"an smtpd with logins lacks our socket",
	"%1 of master.cf takes logins and does not hand its mail to %2: it leaves unsigned",
	"postconf -P '%1/smtpd_milters = %3'"},
    [DOCTOR_CHROOT] = {"chroot", FAIL, "a chrooted smtpd is given a path that lies outside",
	"%1 of master.cf runs chrooted below %2 and cannot reach %3",
	"name the socket from there: smtpd_milters = %4"},
    [DOCTOR_CHROOT_LOCAL] = {"chroot-local", FAIL,
	"a chrooted cleanup is given a path that lies outside",
	"%1 of master.cf runs chrooted below %2 and cannot reach %3: mail of sendmail(1) is "
	"deferred",
	"signpost-postfix%4 install"},
    [DOCTOR_NOT_LAST] = {"not-last", WARN, "another milter comes behind ours",
	"%1 comes behind signpost in %2: what it changes breaks the signature",
	"put signpost's socket last in %2"},
    [DOCTOR_LOCAL_UNSIGNED] = {"local-unsigned", WARN, "non_smtpd_milters lacks our socket",
	"mail of sendmail(1) on this host leaves unsigned%1", "signpost-postfix%2 install"},
    [DOCTOR_BOUNCES_UNSIGNED] = {"bounces-unsigned", WARN,
	"internal_mail_filter_classes lacks bounce", "bounces leave unsigned%1",
	"postconf -e 'internal_mail_filter_classes = %2'"},
    [DOCTOR_ACTION_ACCEPT] = {"action-accept", WARN, "default action is accept",
	"when the milter is down, mail leaves unsigned (default action of %1 is accept)",
	"postconf -e 'milter_default_action = tempfail'"},
    [DOCTOR_ACTION_REJECT] = {"action-reject", WARN, "default action is reject",
	"when the milter is down, mail is refused for good (default action of %1 is reject)",
	"postconf -e 'milter_default_action = tempfail'"},
    [DOCTOR_EIGHT_BIT] = {"eight-bit", WARN, "Postfix can convert before the milter, and does not",
	"8-bit mail is re-encoded after signing towards servers without 8BITMIME%1",
	"postconf -e 'force_mime_input_conversion = yes'"},
    [DOCTOR_EIGHT_BIT_OLD] = {"eight-bit-old", NOTE, "Postfix cannot convert before the milter",
	"8-bit mail is re-encoded after signing towards servers without 8BITMIME%1",
	"how to avoid it: signpost-milter(8)"},
    [DOCTOR_AUTH_MACROS] = {"auth-macros", FAIL, "the macros of MAIL lack the login",
	"Postfix does not tell who has logged in: %1 is not in milter_mail_macros",
	"postconf -# milter_mail_macros"},
    [DOCTOR_DAEMON_MACRO] = {"daemon-macro", FAIL,
	"a network block wants a daemon's name, and it is not told",
	"a network block asks for a daemon, and {daemon_name} is not in milter_connect_macros",
	"postconf -# milter_connect_macros"},
    [DOCTOR_OLD_PROTOCOL] = {"old-protocol", WARN, "milter_protocol below 6",
	"milter_protocol = %1: header fields are told without their spaces, and c=simple breaks",
	"postconf -# milter_protocol"},
    [DOCTOR_GENERIC] = {"generic", WARN, "smtp_generic_maps",
	"%1 rewrites addresses after signing%2",
	"rewrite before: canonical_maps; or  postconf -# %1"},
    [DOCTOR_SMTP_CHECKS] = {"smtp-checks", WARN, "smtp_header_checks and its like",
	"%1 may change mail after signing%2",
	"use header_checks, which come before milters; or  postconf -# %1"},
    [DOCTOR_MILTER_CHECKS] = {"milter-checks", WARN, "milter_header_checks",
	"milter_header_checks may drop the field that the milter adds%1",
	"let it leave DKIM-Signature alone"},
    [DOCTOR_LINE_LENGTH] = {"line-length", WARN, "smtp_line_length_limit below 998",
	"lines of more than %1 octets are broken after signing%2",
	"postconf -# smtp_line_length_limit"},
    [DOCTOR_FILTERED] = {"filtered", WARN, "content_filter behind a listener with our milter",
	"%1 signs, then hands mail to the content filter %2: what that changes breaks the "
	"signature",
	"sign behind the filter: the milter on the listener it comes back to, not on %1"},
    [DOCTOR_NO_MILTERS_OPTION] = {"no-milters-option", WARN,
	"receive_override_options = no_milters on a listener with logins",
	"%1 of master.cf has receive_override_options with no_milters: its mail leaves unsigned",
	"take no_milters out of it"},
    [DOCTOR_REWRITTEN_AGAIN] = {"rewritten-again", NOTE,
	"canonical_maps or masquerade, and a filter that hands mail back",
	"%1 is applied again when the content filter hands mail back",
	"receive_override_options = no_address_mappings there"},
    [DOCTOR_CHECKED_AGAIN] = {"checked-again", NOTE,
	"header_checks and its like, and a filter that hands mail back",
	"%1 is applied again when the content filter hands mail back: what it changes breaks the "
	"signature",
	"receive_override_options = no_header_body_checks there"},
    [DOCTOR_SERVICE_CHANGES] = {"service-changes", WARN,
	"a service of master.cf with smtp_header_checks, smtp_generic_maps and its like of its own",
	"%2 of the service %1 in master.cf may change mail after signing%3",
	"use header_checks or canonical_maps, which come before milters; or  postconf -PX %1/%2"},

    [DOCTOR_FILES_GOOD] = {"files", OK, "owners and modes are right",
	"owners and modes of store, table%1 are right", ""},
    [DOCTOR_FILE_GONE] = {"file-gone", FAIL, "a file is not there", "%1 is not there",
	"restore it, or: signpost tick"},
    [DOCTOR_FILE_OPEN] = {"file-open", FAIL, "a secret is readable by others",
	"%1 is open to others (%2)", "chmod %3 %1"},
    [DOCTOR_FILE_WRITABLE] = {"file-writable", FAIL, "others can write it",
	"%1 can be written by its group or by others (%2)", "chmod %3 %1"},
    [DOCTOR_STORE_WRITABLE] = {"store-writable", FAIL, "everybody can write the store's directory",
	"no pass is made: %1 can be written by everybody (%2), who could put keys and a table "
	"there",
	"chmod %3 %1"},
    [DOCTOR_LOGIN_MAP] = {"login-map", WARN,
	"lines of the login map grant nothing, or it cannot be read", "%1",
	"mend the file; the next pass reads it"},
    [DOCTOR_FILE_GROUP] = {"file-group", WARN, "the milter's group is not the file's",
	"%1 belongs to group %2, the milter reads as group %3", "chgrp %3 %1"},
    [DOCTOR_FILE_OWNER] = {"file-owner", WARN, "the keeper does not own it",
	"%1 belongs to %2, the keeper is %3", "chown %3 %1"},
    [DOCTOR_FILE_CLOSED] = {"file-closed", FAIL, "the milter may not read it",
	"%1 cannot be read by its group, the milter (%2)", "chmod %3 %1"},
    [DOCTOR_SECRET_GONE] = {"secret-gone", FAIL, "a publisher's secret is not there",
	"%1, the secret of publisher %2, is not there",
	"put it back, or name another in signpost.conf"},
    [DOCTOR_SECRET_OPEN] = {"secret-open", FAIL, "a publisher's secret is open to everybody",
	"%1, the secret of publisher %2, is open to everybody on this host (%3)", "chmod o= %1"},
    [DOCTOR_SECRET_CLOSED] = {"secret-closed", FAIL, "the keeper may not read a publisher's secret",
	"%1, the secret of publisher %2, cannot be read by the keeper: %3",
	"chown %4 %1 && chmod 0600 %1, and see that the directories above let %4 in"},
    [DOCTOR_DISK_FULL] = {"disk-full", FAIL, "less than 1 MB, or 16 files, are left for the store",
	"the file system of %1 is full (%2 KB free, %3): nothing can be recorded, and no key be "
	"made",
	"make room: df %1; df -i %1"},
    [DOCTOR_KEY_WRONG] = {"key-wrong", FAIL, "the file of a key that signs", "%1",
	"see signpost status"},
    [DOCTOR_SOCKET_OPEN] = {"socket-open", WARN, "everybody may speak to the milter",
	"%1 may be used by everybody on this host (%2): by claims to a login, too",
	"chmod 0660 %1"},
    [DOCTOR_SOCKET_CLOSED] = {"socket-closed", FAIL, "Postfix may not open the socket",
	"Postfix (user %1) may not open %2 (%3, group %4)", "chgrp postfix %2 && chmod 0660 %2"},
    [DOCTOR_SOCKET_UNKNOWN] = {"socket-unknown", NOTE, "the socket cannot be looked at",
	"%1 cannot be looked at: %2", ""},
    [DOCTOR_CLOCK_GOOD] = {"clock", OK, "the clock is trusted",
	"the clock is right, as far as can be told", ""},
    [DOCTOR_CLOCK_WARNS] = {"clock-warns", WARN, "trusted, and something is wanting",
	"the clock: %1", "run an NTP client"},
    [DOCTOR_CLOCK_WRONG] = {"clock-wrong", FAIL, "the clock is not trusted",
	"the clock is not trusted, and rotation stands still: %1",
	"set it right; then signpost clock --accept"},
    [DOCTOR_KEEPER_GOOD] = {"keeper", OK, "a pass in the last 15 minutes", "keeper passed %1 ago",
	""},
    [DOCTOR_KEEPER_LATE] = {"keeper-late", WARN, "no pass for 15 minutes",
	"the keeper's last pass ended %1 ago", START_KEEPER},
    [DOCTOR_KEEPER_NEVER] = {"keeper-never", WARN, "never a pass", "the keeper has not run yet",
	START_KEEPER},
    [DOCTOR_KEEPER_HELD] = {"held", NOTE, "hold", "all domains are held: nothing is rotated",
	"signpost release"},
};

/* %1 to %4 are replaced; what came from elsewhere cannot move a terminal's cursor. */
static void
fill(const char *form, const char *const args[DOCTOR_ARGS], char *out, size_t size)
{
	size_t len = 0;

	for (const char *p = form; *p != '\0' && len + 1 < size; p++) {
		if (p[0] != '%' || p[1] < '1' || p[1] >= '1' + DOCTOR_ARGS) {
			out[len++] = *p;
			continue;
		}
		const char *arg = args[*++p - '1'];
		for (; arg != NULL && *arg != '\0' && len + 1 < size; arg++) {
			unsigned char c = (unsigned char)*arg;
			out[len++] = c < 0x20 || c == 0x7f ? '?' : *arg;
		}
	}
	out[len] = '\0';
}

void
doctor_add(struct doctor_findings *all, const struct doctor_finding *f)
{
	if (all->count == all->cap) {
		size_t cap = all->cap == 0 ? 32 : 2 * all->cap;
		struct doctor_finding *list = reallocarray(all->list, cap, sizeof(*list));
		if (list == NULL) {
			all->failed = true;
			return;
		}
		all->list = list;
		all->cap = cap;
	}
	all->list[all->count++] = *f;
}

void
doctor_tell(struct doctor_findings *all, enum doctor_say say, const char *domain,
    const char *const args[DOCTOR_ARGS])
{
	struct doctor_finding f = {.say = say};

	(void)snprintf(f.domain, sizeof(f.domain), "%s", domain == NULL ? "" : domain);
	fill(DOCTOR_SENTENCES[say].verdict, args, f.verdict, sizeof(f.verdict));
	fill(DOCTOR_SENTENCES[say].mend, args, f.mend, sizeof(f.mend));
	doctor_add(all, &f);
}

bool
doctor_told(const struct doctor_findings *all, enum doctor_say say)
{
	for (size_t i = 0; i < all->count; i++) {
		if (all->list[i].say == say)
			return true;
	}
	return false;
}

enum doctor_level
doctor_worst(const struct doctor_findings *all)
{
	enum doctor_level worst = DOCTOR_OK;

	for (size_t i = 0; i < all->count; i++) {
		enum doctor_level level = DOCTOR_SENTENCES[all->list[i].say].level;
		worst = level > worst ? level : worst;
	}
	return worst;
}

const char *
doctor_level_name(enum doctor_level level)
{
	static const char *const NAMES[] = {"ok", "note", "?", "warn", "fail"};

	return NAMES[level];
}

void
doctor_findings_deinit(struct doctor_findings *all)
{
	free(all->list);
	*all = (struct doctor_findings){.list = NULL};
}
