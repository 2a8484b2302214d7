/* SPDX-License-Identifier: ISC */
#include "dkim/verify_words.h"

#include "base/utf8.h"

#include <string.h>

#define ARGUMENT_SHOW 200 /* octets of one thing found */

#define LIST_MEND                                                                                  \
	"let the list or gateway leave what is signed alone; where it cannot, receivers need its " \
	"ARC seal, or it has "                                                                     \
	"to sign with a domain of its own"
#define ENCODING_MEND                                                                              \
	"keep 8-bit mail from being converted on its way: force_mime_input_conversion = yes "      \
	"(Postfix 3.9 and later) "                                                                 \
	"before the milter, or let the relay announce 8BITMIME"

#define DECODED_MEND                                                                               \
	"let the relay, filter or list keep the transfer encoding of what it passes on, or do "    \
	"its "                                                                                     \
	"work before the message is signed"

const struct verify_sentence VERIFY_SENTENCES[VERIFY_SAY_COUNT] = {
    [VERIFY_SAY_PASS] = {"pass", "bh= and b= verify",
	"Body and signed fields are as they were when %1 signed them.", ""},
    [VERIFY_SAY_PARTIAL] = {"partial-body", "l= is less than the body",
	"But l=%1 leaves the end of the body unsigned: anything can be appended.",
	"let the signer drop l="},
    [VERIFY_SAY_TESTING] = {"testing", "t=y in the key record",
	"t=y of the key record says that the domain is only testing.",
	"drop y from t= of the key record"},
    [VERIFY_SAY_WEAK] = {"weak-key", "RSA of less than 2048 bits",
	"The key has only %1 bits; %2 are the rule today.",
	"let the signer rotate to a key of 2048 bits"},
    [VERIFY_SAY_FIELD_WRONG] = {"field-wrong", "DKIM-Signature does not parse",
	"The DKIM-Signature field is wrong: %1.",
	"compare it with the message as it left the signer: either its software is wrong, or a "
	"relay rewrote the field"},
    [VERIFY_SAY_ALGORITHM] = {"algorithm", "a= is unknown",
	"a=%1 is no algorithm that is known here.", "let the signer use rsa-sha256"},
    [VERIFY_SAY_SHA1] = {"sha1", "a=rsa-sha1",
	"It was made with rsa-sha1, which verifiers must treat as failed (RFC 8301).",
	"let the signer change to rsa-sha256"},
    [VERIFY_SAY_FROM_UNSIGNED] = {"from-unsigned", "h= lacks From",
	"h= does not name From, which every signature must cover (RFC 6376 5.4).",
	"let the signer add From to what it signs"},
    [VERIFY_SAY_EXPIRED] = {"expired", "x= has passed", "It expired %1 ago (x=%2).",
	"give signatures more time than mail may wait in queues (expire_after), or none"},
    [VERIFY_SAY_FUTURE] = {"future", "t= lies ahead",
	"It was made %1 s in the future (t=%2): the clock of the signer or of this host is wrong.",
	"set the clock right"},
    [VERIFY_SAY_UNCHECKED] = {"unchecked", "no memory, or OpenSSL fails",
	"It could not be checked: %1.", "try again"},

    [VERIFY_SAY_NO_ANSWER] = {"no-answer", "DNS is silent or fails",
	"DNS gave no answer for the key: try again.%1",
	"see  signpost check  for the name servers of d="},
    [VERIFY_SAY_NO_KEY] = {"no-key", "no TXT at the name", "DNS has no key record.",
	"publish it; for a domain of yours:  signpost check  says where it went"},
    [VERIFY_SAY_KEYS] = {"several-keys", "several TXT at the name",
	"DNS has %1 TXT records there; a verifier may pick any of them.", "leave one"},
    [VERIFY_SAY_KEY_WRONG] = {"key-wrong", "the TXT is no key record",
	"The key record is wrong: %1.",
	"publish it anew; for a domain of yours:  signpost records  has its text"},
    [VERIFY_SAY_REVOKED] = {"revoked", "p= is empty",
	"The key was revoked: p= of its record is empty.",
	"nothing makes this signature good again; mail signed now has another key"},
    [VERIFY_SAY_REVOKED_AT] = {"revoked-since", "p= is empty, and our store knows the key",
	"It is a key of ours: it signed until %1 and was revoked %2.",
	"mail that comes later than this needs a longer overlap: receiver_delay and queue_lifetime "
	"of the policy"},
    [VERIFY_SAY_REVOKED_THERE] = {"revoked-by-others",
	"p= is empty, and our store did not revoke it",
	"It is a key of ours, and no revocation of it is recorded here (it is %1).",
	"see  signpost check"},
    [VERIFY_SAY_REVOKED_UNKNOWN] = {"revoked-unknown",
	"p= is empty, and the key is not in a store that can be read",
	"Since when is not known here: %1.", ""},
    [VERIFY_SAY_GONE_AT] = {"removed-since", "no TXT, and our store took it away",
	"It is a key of ours: it signed until %1, and its record was removed %2.",
	"mail that comes later than this needs a longer overlap: receiver_delay and queue_lifetime "
	"of the policy"},
    [VERIFY_SAY_OURS] = {"ours", "no TXT, and our store wants one",
	"It is a key of ours, and its record should be there (it is %1).", "see  signpost check"},
    [VERIFY_SAY_K_UNKNOWN] = {"k-unknown", "k= is unknown",
	"k= of the key record names an algorithm that is not known here.",
	"publish the record of the key that signs"},
    [VERIFY_SAY_K_OTHER] = {"k-other", "k= and a= differ",
	"The key record holds a key for %1, but the signature says a=%2.",
	"publish the record of the key that signs, or sign under its selector"},
    [VERIFY_SAY_NO_SHA256] = {"no-sha256", "h= of the record lacks sha256",
	"h= of the key record does not allow sha256.",
	"drop h= from the key record, or write h=sha256"},
    [VERIFY_SAY_NO_EMAIL] = {"no-email", "s= of the record excludes mail",
	"s= of the key record does not allow email.", "drop s= from the key record"},
    [VERIFY_SAY_STRICT] = {"strict", "t=s, and i= is below d=",
	"t=s of the key record forbids the subdomain in i=%1.", "drop s from t= of the key record"},
    [VERIFY_SAY_SHORT] = {"short-key", "RSA of less than 1024 bits",
	"The key has %1 bits; below %2 no verifier may accept it (RFC 8301).",
	"let the signer rotate to a key of 2048 bits"},
    [VERIFY_SAY_OTHER_KEY] = {"other-key", "b= does not open with the key",
	"Another key made it: b= (%1 octets) does not open with the key in DNS (%2 bits).",
	"publish the key that signs; two signers must not share a selector"},
    [VERIFY_SAY_OTHER_HASH] = {"other-hash", "b= opens with the key, and holds no SHA-256",
	"b= opens with the key, but what it holds is no SHA-256 hash, as a= says it is.",
	"let the signer sign with the hash that it names in a="},

    [VERIFY_SAY_UNSIGNED] = {"unsigned", "no DKIM-Signature",
	"There is no DKIM-Signature field: the message was not signed, or lost it on the way.",
	"signpost decide  says whether mail like this is signed; the milter's log has its queue "
	"id"},
    [VERIFY_SAY_BODY] = {"body", "bh= differs, b= too", "The body was changed.", ""},
    [VERIFY_SAY_BODY_ALONE] = {"body-alone", "bh= differs, b= verifies",
	"The body was changed. The header was not.", ""},
    [VERIFY_SAY_BODY_CUT] = {"body-cut", "l= is more than the body",
	"l= counts %1 octets, of which only %2 are there.",
	"look for a relay or filter that shortens mail"},
    [VERIFY_SAY_BODY_TRIED] = {"body-tried", "no trial gives bh=",
	"Nothing that is usually done to a body explains it (%1 trials): footer or banner, lines "
	"put in, parts wrapped or "
	"added, re-encoding, charset, dots, >From, long lines, blanks, tabs, line ends%2.",
	"compare it with the message as it left the signer"},
    [VERIFY_SAY_BODY_LARGE] = {"body-large", "the body is larger than is tried",
	"It is too large (%1 octets) to look for what was done to it.",
	"compare it with the message as it left the signer"},
    [VERIFY_SAY_HEADER] = {"header", "b= opens with the key and is of another header",
	"A signed field was changed; the key is the right one.", ""},
    [VERIFY_SAY_HEADER_OR_KEY] = {"header-or-key", "b= of Ed25519 does not verify",
	"A signed field was changed, or another key made the signature: Ed25519 cannot tell which.",
	""},
    [VERIFY_SAY_HEADER_TRIED] = {"header-tried", "no trial gives b=",
	"Nothing that is usually done to a header explains it (%1 trials): fields added, tags in "
	"Subject, From rewritten, "
	"addresses, dates, folds, blanks, names, encodings, encoded words, fields of usual values "
	"removed%2.",
	"compare the fields of h= with the message as it left the signer"},
    [VERIFY_SAY_HEADER_LARGE] = {"header-large", "the header is larger than is tried",
	"The header is too large to look for what was done to it.",
	"compare the fields of h= with the message as it left the signer"},
    [VERIFY_SAY_REMOVED] = {"removed",
	"h= counts more fields of a name than are likely to be signed",
	"Probably removed on the way, for h= counts more than there are: %1.",
	"look for the relay, filter or list that removes it; what it was cannot be told without "
	"z="},
    [VERIFY_SAY_ABSENT] = {"absent", "h= names fields that are not there",
	"Signed and not there (absent from the start, or removed): %1.", ""},
    [VERIFY_SAY_ABSENT_SIGNED] = {"absent-signed",
	"h= names fields that are not there, and most others once more than there are",
	"Signed as absent, as it seems (this signer names fields once more than there are): %1.",
	""},
    [VERIFY_SAY_COPY_DIFFERS] = {"copy-differs", "z= differs, and does not give b= either",
	"z= says that %1 was \"%2\" when it was signed, but that alone does not explain it.", ""},
    [VERIFY_SAY_COPIES_MANY] = {"copies-many", "z= and the header are more than is compared",
	"Comparing z= with the header became too much: not all copies were looked at.",
	"compare the fields of h= with the message as it left the signer"},

    [MUTATION_FOOTER] = {"footer", "bh= fits a beginning of the body",
	"Lines were appended to the body: the last %1 of %2, from \"%3\".", LIST_MEND},
    [MUTATION_WAS_EMPTY] = {"was-empty", "bh= is that of an empty body",
	"The body was empty when it was signed.", LIST_MEND},
    [MUTATION_INSERTED] = {"inserted", "bh= fits the body without a run of lines",
	"Lines were put into the body: from line %1 on %2, \"%3\".",
	"let the gateway that marks mail leave signed mail alone, or do so before it is signed"},
    [MUTATION_FOOTER_PART] = {"footer-part", "bh= fits without the last part",
	"A part was added behind the parts of the message: \"%1\".", LIST_MEND},
    [MUTATION_WRAPPED] = {"wrapped", "bh= fits one part of the body",
	"The body was wrapped: what was signed is part %1 of the multipart that it is now.",
	LIST_MEND},
    [MUTATION_TO_QP] = {"to-quoted-printable", "bh= fits what quoted-printable decodes to",
	"The body was re-encoded: it was not encoded (8bit or 7bit) when it was signed and is "
	"quoted-printable now.",
	ENCODING_MEND},
    [MUTATION_TO_BASE64] = {"to-base64", "bh= fits what base64 decodes to",
	"The body was re-encoded: it was not encoded (8bit or 7bit) when it was signed and is "
	"base64 now.",
	ENCODING_MEND},
    [MUTATION_FROM_QP] = {"from-quoted-printable", "bh= fits the body in quoted-printable",
	"The body was re-encoded: it was quoted-printable when it was signed and is %1 now.",
	DECODED_MEND},
    [MUTATION_FROM_BASE64] = {"from-base64", "bh= fits the body in base64",
	"The body was re-encoded: it was base64 when it was signed and is %1 now.", DECODED_MEND},
    [MUTATION_PARTS_ENCODED] = {"parts-encoded", "bh= fits with its parts decoded",
	"%1 of the parts were re-encoded: they were not encoded (8bit or 7bit) when they were "
	"signed.",
	ENCODING_MEND},
    [MUTATION_PARTS_FROM_QP] = {"parts-from-quoted-printable",
	"bh= fits with its parts in quoted-printable",
	"%1 of the parts were re-encoded: they were quoted-printable when they were signed.",
	DECODED_MEND},
    [MUTATION_PARTS_FROM_BASE64] = {"parts-from-base64", "bh= fits with its parts in base64",
	"%1 of the parts were re-encoded: they were base64 when they were signed.", DECODED_MEND},
    [MUTATION_PARTS_LABEL] = {"parts-label", "bh= fits with other transfer encodings named",
	"The Content-Transfer-Encoding that parts name was changed, their octets were not: when it "
	"was signed, %1.",
	DECODED_MEND},
    [MUTATION_TO_UTF8] = {"to-utf-8", "bh= fits the body in ISO 8859-1 or windows-1252",
	"The charset of the body was changed: it was %1 when it was signed and is UTF-8 now.",
	"let the relay or list keep the charset"},
    [MUTATION_TO_LATIN1] = {"to-latin1", "bh= fits the body in UTF-8",
	"The charset of the body was changed: it was UTF-8 when it was signed and is %1 now.",
	"let the relay or list keep the charset"},
    [MUTATION_DOTS_DOUBLED] = {"dots-doubled", "bh= fits with one dot less",
	"A dot at the start of %1 was doubled: dot-stuffing was done once too often (RFC 5321 "
	"4.5.2).",
	"look for the filter that speaks SMTP wrongly"},
    [MUTATION_DOT_LOST] = {"dot-lost", "bh= fits with one dot more",
	"A dot at the start of %1 was lost: dot-stuffing was undone once too often (RFC 5321 "
	"4.5.2).",
	"look for the filter that speaks SMTP wrongly"},
    [MUTATION_FROM_MANGLED] = {"from-mangled", "bh= fits without > before From",
	"\"From \" at the start of %1 became \">From \": the message lay in an mbox.",
	"let mail that goes on be kept in another format than mbox; or encode such lines before "
	"signing"},
    [MUTATION_LONG_SPACE] = {"long-line-space", "bh= fits with long lines joined, a space too",
	"A line of more than 998 octets was broken in %1 (Postfix: smtp_line_length_limit).",
	"send lines of at most 998 octets (quoted-printable, base64), as RFC 5322 2.1.1 wants"},
    [MUTATION_LONG_BARE] = {"long-line", "bh= fits with long lines joined",
	"A line of more than 998 octets was broken in %1, by a CRLF alone.",
	"send lines of at most 998 octets (quoted-printable, base64), as RFC 5322 2.1.1 wants"},
    [MUTATION_BLANKS] = {"blanks", "bh= fits without blanks at ends of lines",
	"Blanks were put at the end of %1.", "sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_SIGDASH] = {"signature-dashes", "bh= fits with \"-- \" for \"--\"",
	"The blank behind the \"--\" above a mail signature was cut off.",
	"sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_TABS] = {"tabs-to-spaces", "bh= fits with tabs for spaces",
	"Tabs became %1 spaces each.", "sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_SPACES] = {"spaces-to-tabs", "bh= fits with spaces for tabs",
	"%1 spaces became a tab, each time.", "sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_BARE_LF] = {"bare-lf", "bh= fits the body with bare LF",
	"The line ends were LF alone when it was signed; SMTP carries CRLF.",
	"let the signer hash what is sent: CRLF"},
    [MUTATION_CR_DOUBLED] = {"cr-doubled", "bh= fits with one CR less a line",
	"A second CR was put before the line ends.",
	"look for the program that converts line ends twice"},
    [MUTATION_LINES_DOUBLED] = {"lines-doubled", "bh= fits with every second empty line gone",
	"An empty line was put behind every line.",
	"look for the program that converts line ends twice"},
    [MUTATION_FIRST_LINE] = {"first-line", "bh= fits with an empty line in front",
	"An empty line at the beginning of the body was lost.",
	"let the relay or list keep empty lines"},
    [MUTATION_BOUNDARY] = {"boundary", "bh= fits with the boundary that z= has",
	"The boundary between the parts was changed: it was \"%1\" when it was signed.",
	"let the relay or list keep the parts as they are"},

    [MUTATION_FIELD_SECOND] = {"field-second", "b= fits without the topmost field of a name",
	"A second field %1 was added above the signed one: \"%2\".",
	"look for who adds it; verifiers refuse it because readers may be shown the wrong one"},
    [MUTATION_FIELD_NEW] = {"field-new", "b= fits without a field that h= names in vain",
	"A field %1 was added, and none was there when it was signed: \"%2\".",
	"let the field be there before it is signed (Postfix adds what is missing before milters: "
	"always_add_missing_headers), or keep the relay or list from adding it"},
    [MUTATION_FIELD_BELOW] = {"field-below", "b= fits without the lowest field of a name",
	"A field %1 was added below the signed one: \"%2\".",
	"let fields be added on top only (RFC 5321 4.4)"},
    [MUTATION_NAME_CASE] = {"name-case", "b= fits with names as h= has them",
	"The capitals of a field's name were changed, which c=simple does not forgive.",
	"sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_SUBJECT_TAG] = {"subject-tag", "b= fits without a tag in brackets",
	"Subject was tagged: \"%1\" was put into it.", LIST_MEND},
    [MUTATION_SUBJECT_PREFIX] = {"subject-prefix", "b= fits without words in front",
	"Subject was marked: \"%1\" was put in front of it.",
	"let the filter mark mail in a field of its own (X-Spam-Status), or before it is signed"},
    [MUTATION_COMMAS] = {"commas", "b= fits with other blanks behind commas",
	"%1: the blanks behind its commas were changed.",
	"let the relay keep header fields as they are"},
    [MUTATION_LEADING] = {"leading-space", "b= fits with another space behind the colon",
	"%1: the space behind its colon was changed.",
	"sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_TRAILING] = {"trailing-blanks", "b= fits without blanks at the end",
	"%1: blanks were put at its end.", "sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_FOLDED] = {"folded", "b= fits with the field in one line",
	"%1: it was folded into lines.", "sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_REFOLDED] = {"refolded", "b= fits with other folds",
	"%1: it was unfolded or folded anew.", "sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_WORD_BROKEN] = {"word-broken", "b= fits with folds taken out whole",
	"%1: it was folded in the middle of a word.",
	"keep words in header fields short; Postfix: smtp_line_length_limit"},
    [MUTATION_HEADER_TABS] = {"header-tabs", "b= fits with tabs for spaces in folds",
	"%1: tabs and spaces at its folds were exchanged.",
	"sign with c=relaxed/relaxed, which forgives that"},
    [MUTATION_FROM_MUNGED] = {"from-munged", "b= fits with the author that another field has",
	"From was rewritten: it was \"%1\" when it was signed, as %2 still has it.",
	"nothing: the list does this on purpose for DMARC, and signs with a domain of its own"},
    [MUTATION_REPLACED] = {"replaced", "b= fits with the value that another field has",
	"%1 was rewritten: it was \"%2\" when it was signed, as %3 still has it.",
	"let the relay or list keep the field"},
    [MUTATION_ADDRESSES] = {"addresses", "b= fits with addresses in another form",
	"%1: its addresses were written anew; it was \"%2\" when it was signed.",
	"let the relay or list keep the field; Postfix: no smtp_generic_maps behind the milter"},
    [MUTATION_DATE] = {"date", "b= fits with the date in another form",
	"Date was written anew: it was \"%1\" when it was signed.",
	"let the relay or list keep the field"},
    [MUTATION_ENCODING_FIELD] = {"encoding-field", "b= fits with another transfer encoding",
	"Content-Transfer-Encoding was %1 when it was signed.", ENCODING_MEND},
    [MUTATION_TYPE_FIELD] = {"type-field", "b= fits with the type of a part",
	"Content-Type was \"%1\" when it was signed, as a part inside still has it.", LIST_MEND},
    [MUTATION_COPY] = {"copy", "b= fits with what z= copied",
	"%1 was rewritten: it was \"%2\" when it was signed, says z=.",
	"let the relay or list keep the field"},
    [MUTATION_WORDS] = {"words-encoded", "b= fits with encoded words in another form, or raw",
	"%1: its encoded words (RFC 2047) were written anew; it was \"%2\" when it was signed.",
	"let the relay or list keep header fields as they are"},
    [MUTATION_TAG_ENCODED] = {"tag-encoded", "b= fits without a tag, and encoded in another form",
	"Subject was tagged and encoded anew (RFC 2047): \"%1\" was put into it; it was \"%2\" "
	"when "
	"it was signed.",
	LIST_MEND},
    [MUTATION_FIELD_REMOVED] = {"field-removed", "b= fits with the value that most mail has",
	"%1 was removed: it was \"%2\" when it was signed.",
	"let the relay or list keep the field"},
};

/* Whole characters, at most ARGUMENT_SHOW octets of them. */
static void
put(struct verify_said *s, size_t *len, struct slice text)
{
	struct slice shown;
	size_t put = 0;

	for (; put < ARGUMENT_SHOW && utf8_next_shown(&text, &shown); put += shown.len) {
		if (*len + shown.len >= sizeof(s->verdict))
			return;
		memcpy(s->verdict + *len, shown.ptr, shown.len);
		*len += shown.len;
	}
	if (text.len > 0 && *len + 4 < sizeof(s->verdict)) {
		memcpy(s->verdict + *len, "...", 3);
		*len += 3;
	}
}

void
verify_tell(struct verify_words *w, enum verify_say say, struct slice one, struct slice two,
    struct slice three)
{
	const struct slice args[] = {one, two, three};
	size_t len = 0;

	if (w->count == VERIFY_SAID_MAX)
		return;
	struct verify_said *s = &w->list[w->count++];
	s->say = say;
	for (const char *p = VERIFY_SENTENCES[say].verdict; *p != '\0'; p++) {
		if (p[0] == '%' && p[1] >= '1' && p[1] <= '3')
			put(s, &len, args[*++p - '1']);
		else if (len + 1 < sizeof(s->verdict))
			s->verdict[len++] = *p;
	}
	s->verdict[len] = '\0';
}

bool
verify_told(const struct verify_words *w, enum verify_say say)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->list[i].say == say)
			return true;
	}
	return false;
}

void
verify_words_join(const struct verify_words *w, char *out, size_t out_size)
{
	size_t len = 0;

	for (size_t i = 0; i < w->count; i++) {
		size_t more = strlen(w->list[i].verdict);
		if (len + more + 2 > out_size)
			break;
		if (i > 0)
			out[len++] = ' ';
		memcpy(out + len, w->list[i].verdict, more);
		len += more;
	}
	out[len] = '\0';
}
