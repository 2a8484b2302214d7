/* SPDX-License-Identifier: ISC */
/* verify_words.h - every sentence that the verifier can say of a signature: the situation that says it, the verdict,
 * and what to do against it.  In verdicts %1 to %3 stand for what was found.  Pure.
 *
 *	struct verify_words words = {.count = 0};
 *	verify_tell(&words, VERIFY_SAY_PASS, SLICE_LIT("example.com"), SLICE_LIT(""), SLICE_LIT(""));
 *	puts(words.list[0].verdict);
 *
 * Threads: the table is constant; a list of words belongs to its caller. */
#ifndef SIGNPOST_DKIM_VERIFY_WORDS_H
#define SIGNPOST_DKIM_VERIFY_WORDS_H

#include "base/slice.h"

enum verify_say {
	/* of the signature */
	VERIFY_SAY_PASS,
	VERIFY_SAY_PARTIAL, VERIFY_SAY_TESTING, VERIFY_SAY_WEAK,
	VERIFY_SAY_FIELD_WRONG, VERIFY_SAY_ALGORITHM, VERIFY_SAY_SHA1, VERIFY_SAY_FROM_UNSIGNED,
	VERIFY_SAY_EXPIRED, VERIFY_SAY_FUTURE, VERIFY_SAY_UNCHECKED,
	/* of the key */
	VERIFY_SAY_NO_ANSWER, VERIFY_SAY_NO_KEY, VERIFY_SAY_KEYS, VERIFY_SAY_KEY_WRONG, VERIFY_SAY_REVOKED,
	VERIFY_SAY_REVOKED_AT, VERIFY_SAY_REVOKED_THERE, VERIFY_SAY_REVOKED_UNKNOWN, VERIFY_SAY_GONE_AT, VERIFY_SAY_OURS,
	VERIFY_SAY_K_UNKNOWN, VERIFY_SAY_K_OTHER, VERIFY_SAY_NO_SHA256, VERIFY_SAY_NO_EMAIL, VERIFY_SAY_STRICT,
	VERIFY_SAY_SHORT, VERIFY_SAY_OTHER_KEY, VERIFY_SAY_OTHER_HASH,
	/* of the message */
	VERIFY_SAY_UNSIGNED,
	VERIFY_SAY_BODY, VERIFY_SAY_BODY_ALONE, VERIFY_SAY_BODY_CUT, VERIFY_SAY_BODY_TRIED, VERIFY_SAY_BODY_LARGE,
	VERIFY_SAY_HEADER, VERIFY_SAY_HEADER_OR_KEY, VERIFY_SAY_HEADER_TRIED, VERIFY_SAY_HEADER_LARGE,
	VERIFY_SAY_REMOVED, VERIFY_SAY_ABSENT, VERIFY_SAY_ABSENT_SIGNED, VERIFY_SAY_COPY_DIFFERS,
	VERIFY_SAY_COPIES_MANY,
	/* mutations of the body: each undone gave the body hash */
	MUTATION_BODY_FIRST,
	MUTATION_FOOTER = MUTATION_BODY_FIRST, MUTATION_WAS_EMPTY, MUTATION_INSERTED, MUTATION_FOOTER_PART, MUTATION_WRAPPED,
	MUTATION_TO_QP, MUTATION_TO_BASE64, MUTATION_FROM_QP, MUTATION_FROM_BASE64, MUTATION_PARTS_ENCODED,
	MUTATION_PARTS_FROM_QP, MUTATION_PARTS_FROM_BASE64, MUTATION_PARTS_LABEL, MUTATION_TO_UTF8,
	MUTATION_TO_LATIN1, MUTATION_DOTS_DOUBLED, MUTATION_DOT_LOST, MUTATION_FROM_MANGLED, MUTATION_LONG_SPACE,
	MUTATION_LONG_BARE, MUTATION_BLANKS, MUTATION_SIGDASH, MUTATION_TABS, MUTATION_SPACES, MUTATION_BARE_LF,
	MUTATION_CR_DOUBLED, MUTATION_LINES_DOUBLED, MUTATION_FIRST_LINE, MUTATION_BOUNDARY,
	/* mutations of the header: with all of them undone b= verifies */
	MUTATION_HEADER_FIRST,
	MUTATION_FIELD_SECOND = MUTATION_HEADER_FIRST, MUTATION_FIELD_NEW, MUTATION_FIELD_BELOW, MUTATION_NAME_CASE,
	MUTATION_SUBJECT_TAG, MUTATION_SUBJECT_PREFIX, MUTATION_COMMAS, MUTATION_LEADING, MUTATION_TRAILING, MUTATION_FOLDED,
	MUTATION_REFOLDED, MUTATION_WORD_BROKEN, MUTATION_HEADER_TABS, MUTATION_FROM_MUNGED, MUTATION_REPLACED,
	MUTATION_ADDRESSES, MUTATION_DATE, MUTATION_ENCODING_FIELD, MUTATION_TYPE_FIELD, MUTATION_COPY, MUTATION_WORDS,
	MUTATION_TAG_ENCODED, MUTATION_FIELD_REMOVED,
	VERIFY_SAY_COUNT
};

struct verify_sentence {
	const char *name; /* for programs: "subject-tag" */
	const char *situation, *verdict;
	const char *mend; /* "" where nothing is to be done */
};
extern const struct verify_sentence VERIFY_SENTENCES[VERIFY_SAY_COUNT];

#define VERIFY_SAID_MAX	   12
#define VERIFY_VERDICT_LEN 512

struct verify_said {
	enum verify_say say;
	char verdict[VERIFY_VERDICT_LEN];
};
struct verify_words {
	struct verify_said list[VERIFY_SAID_MAX];
	size_t count;
};

/* Says it; nothing is said beyond VERIFY_SAID_MAX.  What came from the message cannot move a terminal's cursor. */
void verify_tell(struct verify_words *, enum verify_say, struct slice, struct slice, struct slice);
bool verify_told(const struct verify_words *, enum verify_say);
/* All verdicts in one line, cut where out ends. */
void verify_words_join(const struct verify_words *, char *out, size_t out_size);

#endif
