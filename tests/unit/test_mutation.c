/* SPDX-License-Identifier: ISC */
/* Messages signed here, then changed as mail systems change them: is just that found, and nothing where nothing is to be
 * found?  tests/e2e/verify.sh does the same with the signers and the lists of others. */
#include "base/base64.h"
#include "dkim/mutation.h"
#include "dkim/mutation_mime.h"
#include "dkim/mutation_undo.h"
#include "dkim/sha256.h"
#include "dkim/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW	    1793700000
#define MESSAGE_MAX ((size_t)8 << 20)
#define SAYS_MAX    4

#define FROM	  "From: Alice <alice@example.com>\r\n"
#define TO	  "To: Bob <bob@example.net>, carol@example.net\r\n"
#define SUBJECT	  "Subject: Dinner at eight\r\n"
#define DATE	  "Date: Mon, 2 Nov 2026 09:59:59 +0000\r\n"
#define ID	  "Message-ID: <1@example.com>\r\n"
#define HEAD	  FROM TO SUBJECT DATE ID
#define H	  "From:From:To:To:Cc:Subject:Subject:Date:Message-ID:Reply-To"
#define H_MIME	  H ":Content-Type:Content-Transfer-Encoding"
#define PLAIN	  "Content-Type: text/plain; charset=utf-8\r\n"
#define EIGHT	  "Content-Transfer-Encoding: 8bit\r\n"
#define MIXED	  "Content-Type: multipart/mixed; boundary=\"b 1\"\r\n"
#define SEVEN	  "Content-Transfer-Encoding: 7bit\r\n"
#define QUOTED	  "Content-Transfer-Encoding: quoted-printable\r\n"
#define SIXTYFOUR "Content-Transfer-Encoding: base64\r\n"
#define MESSAGE	  "Content-Type: message/rfc822\r\n"
#define HTML	  "Content-Type: text/html; charset=utf-8\r\n"
#define INNER	  "Content-Type: multipart/alternative; boundary=c\r\n\r\n"
#define GIF	  "--b 1\r\nContent-Type: image/gif\r\n" SIXTYFOUR "\r\nR0lGODlh\r\n"
#define LETTER	  "Hello Bob,\r\n\r\nsee you \xc3\xa4t eight.\r\n-- \r\nAlice\r\n"
#define PART1	  "--b 1\r\nContent-Type: text/plain\r\n\r\nfirst\r\n"
#define PART2	  "--b 1\r\nContent-Type: text/html\r\n\r\n<b>second</b>\r\n"
#define L70	  "0123456789012345678901234567890123456789012345678901234567890123456789"
#define L100                                                                                       \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"890123456789"
#define L900 L100 L100 L100 L100 L100 L100 L100 L100 L100

struct row {
	const char *name;
	const char *canon, *h, *extra;	    /* NULL: relaxed/relaxed, H, nothing */
	const char *head, *body;	    /* as signed; NULL: HEAD, LETTER */
	const char *got_head, *got_body;    /* as it came; NULL: the same */
	enum verify_say says[SAYS_MAX + 1]; /* mutations, in any order; 0 ends */
	const char *text;		    /* part of the words; NULL: any */
};

#define RELAXED "relaxed/relaxed"
#define SIMPLE	"simple/simple"

static const struct row BODIES[] = {
    {.name = "footer",
	.got_body = LETTER "____\r\nlist mailing list\r\n",
	.says = {MUTATION_FOOTER},
	.text = "the last 2 of 7 lines, from \"____\""},
    {.name = "footer, simple",
	.canon = SIMPLE,
	.got_body = LETTER "\r\n\r\nad\r\n",
	.says = {MUTATION_FOOTER},
	.text = "from \"ad\""},
    {.name = "footer behind empty lines",
	.body = LETTER "\r\n\r\n",
	.got_body = LETTER "\r\n\r\nad\r\n",
	.says = {MUTATION_FOOTER}},
    {.name = "from nothing", .body = "", .got_body = "ad\r\n", .says = {MUTATION_WAS_EMPTY}},
    {.name = "from nothing, simple",
	.canon = SIMPLE,
	.body = "",
	.got_body = "ad\r\n",
	.says = {MUTATION_WAS_EMPTY}},
    {.name = "banner",
	.got_body = "CAUTION: from outside.\r\n\r\n" LETTER,
	.says = {MUTATION_INSERTED},
	.text = "from line 1 on 2 lines, \"CAUTION: from outside.\""},
    {.name = "advertisement in the middle",
	.got_body = "Hello Bob,\r\n\r\nbuy\r\nthis\r\nsee you \xc3\xa4t eight.\r\n-- "
		    "\r\nAlice\r\n",
	.says = {MUTATION_INSERTED},
	.text = "from line 3 on 2 lines, \"buy\""},
    {.name = "footer as a part",
	.head = HEAD MIXED,
	.body = PART1 PART2 "--b 1--\r\n",
	.got_body =
	    PART1 PART2 "--b 1\r\nContent-Type: text/plain\r\n\r\nlist mailing list\r\n--b 1--\r\n",
	.says = {MUTATION_FOOTER_PART},
	.text = "\"list mailing list\""},
    {.name = "wrapped",
	.head = HEAD PLAIN,
	.got_head = HEAD MIXED,
	.got_body = "--b 1\r\n" PLAIN "\r\n" LETTER "\r\n--b 1\r\n\r\nfooter\r\n--b 1--\r\n",
	.says = {MUTATION_WRAPPED},
	.text = "part 1 of the multipart"},
    {.name = "wrapped behind a banner",
	.head = HEAD PLAIN,
	.got_head = HEAD MIXED,
	.got_body = "--b 1\r\n\r\nbanner\r\n--b 1\r\n" PLAIN "\r\n" LETTER "--b 1--\r\n",
	.says = {MUTATION_WRAPPED},
	.text = "part 2 of the multipart"},
    {.name = "third part",
	.head = HEAD PLAIN,
	.got_head = HEAD "Content-Type: multipart/mixed; boundary=b\r\n",
	.got_body = "--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b\r\n" PLAIN "\r\n" LETTER "--b--\r\n",
	.says = {MUTATION_WRAPPED},
	.text = "part 3 of the multipart"},
    {.name = "wrapped and encoded",
	.head = HEAD PLAIN EIGHT,
	.got_head = HEAD MIXED,
	.got_body = "--b 1\r\n" PLAIN
		    "Content-Transfer-Encoding: quoted-printable\r\n\r\nHello Bob,\r\n\r\nsee you "
		    "=C3=A4t eight.\r\n--=20\r\nAlice\r\n--b 1--\r\n",
	.says = {MUTATION_WRAPPED, MUTATION_PARTS_ENCODED}},
    {.name = "quoted-printable",
	.head = HEAD EIGHT,
	.got_head = HEAD "Content-Transfer-Encoding: quoted-printable\r\n",
	.got_body = "Hello =\r\nBob,\r\n\r\nsee you =C3=A4t eight.\r\n--=20\r\nAlice\r\n",
	.says = {MUTATION_TO_QP}},
    {.name = "quoted-printable and a footer",
	.head = HEAD EIGHT,
	.got_head = HEAD "Content-Transfer-Encoding: Quoted-Printable\r\n",
	.got_body = "Hello Bob,\r\n\r\nsee you =c3=a4t eight.\r\n--=20\r\nAlice\r\nad\r\n",
	.says = {MUTATION_TO_QP, MUTATION_FOOTER}},
    {.name = "base64",
	.head = HEAD EIGHT,
	.got_head = HEAD "Content-Transfer-Encoding: base64\r\n",
	.got_body = "SGVsbG8gQm9iLA0KDQpzZWUgeW91IMOkdCBlaWdo\r\ndC4NCi0tIA0KQWxpY2UNCg==\r\n",
	.says = {MUTATION_TO_BASE64}},
    {.name = "base64 of bare LF",
	.head = HEAD EIGHT,
	.got_head = HEAD "Content-Transfer-Encoding: BASE64\r\n",
	.got_body = "SGVsbG8gQm9iLAoKc2VlIHlvdSDDpHQgZWlnaHQuCi0tIApBbGljZQo=\r\n",
	.says = {MUTATION_TO_BASE64}},
    {.name = "decoded",
	.body = "SGVsbG8gQm9iLA0KDQpzZWUgeW91IMOkdCBlaWdodC4NCi0tIA0KQWxpY2UNCg==\r\n",
	.got_body = LETTER,
	.says = {MUTATION_FROM_BASE64}},
    {.name = "decoded, long",
	.body = "SGVsbG8gQm9iLCBoZWxsbyBDYXJvbCwgaGVsbG8gRGF2ZSwgaGVsbG8gRXZlLCBoZWxsbyBGcmFu\r\n"
		"aywgaGVsbG8gR3JhY2UuDQo=\r\n",
	.got_body = "Hello Bob, hello Carol, hello Dave, hello Eve, hello Frank, hello Grace.\r\n",
	.says = {MUTATION_FROM_BASE64}},
    {.name = "parts encoded",
	.head = HEAD MIXED,
	.body = PART1 "--b 1\r\n" EIGHT "\r\n\xc3\xa4\r\n--b 1\r\n" EIGHT
		      "X: y\r\n\r\n\xc3\xb6\r\n--b 1--\r\n",
	.got_body =
	    PART1 "--b 1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A4\r\n--b "
		  "1\r\nContent-Transfer-Encoding: base64\r\nX: y\r\n\r\nw7Y=\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_ENCODED},
	.text = "2 of the parts"},
    {.name = "Postfix's conversion: one part of three, its field moved to the end",
	.head = HEAD MIXED,
	.body = PART1 "--b 1\r\n" EIGHT "X: y\r\n\r\n\xc3\xa4\r\n" GIF "--b 1--\r\n",
	.got_body = PART1 "--b 1\r\nX: y\r\n" QUOTED "\r\n=C3=A4\r\n" GIF "--b 1--\r\n",
	.says = {MUTATION_PARTS_ENCODED},
	.text = "1 of the parts"},
    {.name = "parts of a part encoded, base64 left alone",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" INNER "--c\r\n" PLAIN EIGHT "\r\n\xc3\xa4\r\n--c\r\n" PLAIN EIGHT
		"\r\n\xc3\xb6\r\n--c--\r\n" GIF "--b 1--\r\n",
	.got_body = "--b 1\r\n" INNER "--c\r\n" PLAIN QUOTED "\r\n=C3=A4\r\n--c\r\n" PLAIN QUOTED
		    "\r\n=C3=B6\r\n--c--\r\n" GIF "--b 1--\r\n",
	.says = {MUTATION_PARTS_ENCODED},
	.text = "2 of the parts"},
    {.name = "the parts of a message in a part encoded",
	.head = HEAD MIXED,
	.body = PART1 "--b 1\r\n" MESSAGE "\r\n" FROM INNER "\r\n--c\r\n" PLAIN EIGHT
		      "\r\n\xc3\xa4\r\n--c--\r\n" GIF "--b 1--\r\n",
	.got_body = PART1 "--b 1\r\n" MESSAGE "\r\n" FROM INNER "\r\n--c\r\n" PLAIN QUOTED
			  "\r\n=C3=A4\r\n--c--\r\n" GIF "--b 1--\r\n",
	.says = {MUTATION_PARTS_ENCODED},
	.text = "1 of the parts"},
    {.name = "a message in a part encoded, and Postfix's word for what holds it",
	.head = HEAD MIXED,
	.body =
	    PART1 "--b 1\r\n" EIGHT MESSAGE "\r\n" FROM EIGHT "X: y\r\n\r\n\xc3\xa4\r\n--b 1--\r\n",
	.got_body = PART1 "--b 1\r\n" MESSAGE SEVEN "\r\n" FROM "X: y\r\n" QUOTED
			  "\r\n=C3=A4\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_ENCODED},
	.text = "1 of the parts"},
    {.name = "a message that is all of the body, decoded",
	.head = HEAD MESSAGE,
	.body = FROM PLAIN QUOTED "\r\nsee you =C3=A4t eight\r\n",
	.got_body = FROM PLAIN EIGHT "\r\nsee you \xc3\xa4t eight\r\n",
	.says = {MUTATION_PARTS_FROM_QP},
	.text = "1 of the parts"},
    {.name = "the second part encoded, the first one was so",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" QUOTED "\r\n=C3=A4\r\n--b 1\r\n" EIGHT "\r\n\xc3\xb6\r\n--b 1--\r\n",
	.got_body = "--b 1\r\n" QUOTED "\r\n=C3=A4\r\n--b 1\r\n" QUOTED "\r\n=C3=B6\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_ENCODED},
	.text = "1 of the parts"},
    {.name = "a part was 7bit",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" SEVEN "\r\na=b\r\n--b 1--\r\n",
	.got_body = "--b 1\r\n" QUOTED "\r\na=3Db\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_ENCODED}},
    {.name = "from quoted-printable",
	.head = HEAD QUOTED,
	.body = "see you =C3=A4t eight.\r\n--=20\r\nAlice =3D)\r\n",
	.got_head = HEAD EIGHT,
	.got_body = "see you \xc3\xa4t eight.\r\n-- \r\nAlice =)\r\n",
	.says = {MUTATION_FROM_QP},
	.text = "it was quoted-printable when it was signed and is not encoded now"},
    {.name = "from quoted-printable, long and with a footer",
	.head = HEAD QUOTED,
	.body = L70 "12345=\r\n6789\r\n" L70 "=C3=\r\n=A4=C3=B6\r\n",
	.got_head = HEAD EIGHT,
	.got_body = L70 "123456789\r\n" L70 "\xc3\xa4\xc3\xb6\r\nfooter\r\n",
	.says = {MUTATION_FROM_QP, MUTATION_FOOTER}},
    {.name = "from Postfix's quoted-printable",
	.head = HEAD QUOTED,
	.body = L70 "123=\r\n456\r\n",
	.got_head = HEAD EIGHT,
	.got_body = L70 "123456\r\n",
	.says = {MUTATION_FROM_QP}},
    {.name = "quoted-printable made base64",
	.head = HEAD QUOTED,
	.body = "=C3=A4\r\n",
	.got_head = HEAD SIXTYFOUR,
	.got_body = "w6QK\r\n",
	.says = {MUTATION_FROM_QP},
	.text = "and is base64 now"},
    {.name = "small letters",
	.head = HEAD QUOTED,
	.body = "=c3=a4\r\n",
	.got_head = HEAD QUOTED,
	.got_body = "=C3=A4\r\n",
	.says = {MUTATION_FROM_QP},
	.text = "is quoted-printable with other line ends or capitals now"},
    {.name = "base64 made quoted-printable",
	.head = HEAD SIXTYFOUR,
	.body = "w6QK\r\n",
	.got_head = HEAD QUOTED,
	.got_body = "=C3=A4\r\n",
	.says = {MUTATION_FROM_BASE64},
	.text = "it was base64 when it was signed and is quoted-printable now"},
    {.name = "base64 in other lines",
	.head = HEAD SIXTYFOUR,
	.body = "SGVsbG8gQm9iLCBoZWxsbyBDYXJvbCwgaGVsbG8gRGF2ZSwgaGVsbG8gRXZlLCBo\r\n"
		"ZWxsbyBGcmFuaywgaGVsbG8gR3JhY2UuDQo=\r\n",
	.got_head = HEAD SIXTYFOUR,
	.got_body =
	    "SGVsbG8gQm9iLCBoZWxsbyBDYXJvbCwgaGVsbG8gRGF2ZSwgaGVsbG8gRXZlLCBoZWxsbyBGcmFu\r\n"
	    "aywgaGVsbG8gR3JhY2UuDQo=\r\n",
	.says = {MUTATION_FROM_BASE64},
	.text = "is base64 in other lines now"},
    {.name = "parts from quoted-printable",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" PLAIN QUOTED "\r\n=C3=A4\r\n--b 1\r\n" HTML QUOTED "\r\n=C3=B6\r\n" GIF
		"--b 1--\r\n",
	.got_body = "--b 1\r\n" PLAIN EIGHT "\r\n\xc3\xa4\r\n--b 1\r\n" HTML EIGHT
		    "\r\n\xc3\xb6\r\n" GIF "--b 1--\r\n",
	.says = {MUTATION_PARTS_FROM_QP},
	.text = "2 of the parts were re-encoded: they were quoted-printable"},
    {.name = "one part from quoted-printable to base64",
	.head = HEAD MIXED,
	.body =
	    "--b 1\r\n" PLAIN SEVEN "\r\na\r\n--b 1\r\n" HTML QUOTED "\r\n=C3=B6\r\n--b 1--\r\n",
	.got_body =
	    "--b 1\r\n" PLAIN SEVEN "\r\na\r\n--b 1\r\n" HTML SIXTYFOUR "\r\nw7Y=\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_FROM_QP},
	.text = "1 of the parts"},
    {.name = "parts from base64",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" PLAIN SIXTYFOUR "\r\nw6Q=\r\n\r\n" GIF "--b 1--\r\n",
	.got_body = "--b 1\r\n" PLAIN EIGHT "\r\n\xc3\xa4\r\n" GIF "--b 1--\r\n",
	.says = {MUTATION_PARTS_FROM_BASE64},
	.text = "1 of the parts were re-encoded: they were base64"},
    {.name = "a part from base64 without a line end",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" PLAIN SIXTYFOUR "\r\nw6Q=\r\n--b 1--\r\n",
	.got_body = "--b 1\r\n" PLAIN QUOTED "\r\n=C3=A4\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_FROM_BASE64}},
    {.name = "7bit became 8bit",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" PLAIN SEVEN "\r\na\r\n--b 1--\r\n",
	.got_body = "--b 1\r\n" PLAIN EIGHT "\r\na\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_LABEL},
	.text = "when it was signed, 1 part had 7bit"},
    {.name = "7bit put in",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" PLAIN "\r\na\r\n--b 1\r\n" HTML "\r\nb\r\n--b 1--\r\n",
	.got_body = "--b 1\r\n" PLAIN SEVEN "\r\na\r\n--b 1\r\n" HTML SEVEN "\r\nb\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_LABEL},
	.text = "2 parts had none"},
    {.name = "8bit taken away",
	.head = HEAD MIXED,
	.body = "--b 1\r\n" PLAIN EIGHT "\r\na\r\n--b 1\r\n" HTML EIGHT "\r\nb\r\n--b 1--\r\n",
	.got_body = "--b 1\r\n" PLAIN "\r\na\r\n--b 1\r\n" HTML "\r\nb\r\n--b 1--\r\n",
	.says = {MUTATION_PARTS_LABEL},
	.text = "2 parts had 8bit"},
    {.name = "wrapped and decoded",
	.head = HEAD PLAIN QUOTED,
	.body = "see you =C3=A4t eight.\r\n",
	.got_head = HEAD MIXED,
	.got_body = "--b 1\r\n" PLAIN SIXTYFOUR "\r\nc2VlIHlvdSDDpHQgZWlnaHQuDQo=\r\n--b 1\r\n"
		    "\r\nfooter\r\n--b 1--\r\n",
	.says = {MUTATION_WRAPPED, MUTATION_FROM_QP}},
    {.name = "Windows' quoted-printable made UTF-8",
	.head = HEAD QUOTED,
	.body = "=93=E4=94\r\n",
	.got_head = HEAD EIGHT,
	.got_body = "\xe2\x80\x9c\xc3\xa4\xe2\x80\x9d\r\n",
	.says = {MUTATION_TO_UTF8, MUTATION_FROM_QP}},
    {.name = "to UTF-8",
	.body = "\xe4\xf6 \xa9\r\n",
	.got_body = "\xc3\xa4\xc3\xb6 \xc2\xa9\r\n",
	.says = {MUTATION_TO_UTF8},
	.text = "it was ISO 8859-1"},
    {.name = "to UTF-8 from Windows",
	.body = "\x93\xe4\x94 \x80\r\n",
	.got_body = "\xe2\x80\x9c\xc3\xa4\xe2\x80\x9d \xe2\x82\xac\r\n",
	.says = {MUTATION_TO_UTF8},
	.text = "it was windows-1252"},
    {.name = "from UTF-8",
	.got_body = "Hello Bob,\r\n\r\nsee you \xe4t eight.\r\n-- \r\nAlice\r\n",
	.says = {MUTATION_TO_LATIN1},
	.text = "is ISO 8859-1 now"},
    {.name = "from UTF-8 to Windows",
	.body = "\xe2\x80\x9c\xe2\x82\xac\r\n",
	.got_body = "\x93\x80\r\n",
	.says = {MUTATION_TO_LATIN1},
	.text = "is windows-1252 now"},
    {.name = "dots",
	.body = ".a\r\nb\r\n..c\r\n",
	.got_body = "..a\r\nb\r\n...c\r\n",
	.says = {MUTATION_DOTS_DOUBLED},
	.text = "start of 2 lines"},
    {.name = "dot lost",
	.body = "a\r\n.b\r\nc\r\n",
	.got_body = "a\r\nb\r\nc\r\n",
	.says = {MUTATION_DOT_LOST},
	.text = "start of line 2"},
    {.name = "mbox",
	.body = "a\r\nFrom here\r\n",
	.got_body = "a\r\n>From here\r\n",
	.says = {MUTATION_FROM_MANGLED},
	.text = "start of 1 line became"},
    {.name = "mbox, quoted",
	.body = ">From there\r\nFrom here\r\n",
	.got_body = ">>From there\r\n>From here\r\n",
	.says = {MUTATION_FROM_MANGLED}},
    {.name = "long line",
	.body = L900 L100 "x\r\n",
	.got_body = L900 L100 "\r\n x\r\n",
	.says = {MUTATION_LONG_SPACE},
	.text = "in 1 place"},
    {.name = "long line, bare",
	.body = L900 L100 "x\r\n",
	.got_body = L900 L100 "\r\nx\r\n",
	.says = {MUTATION_LONG_BARE}},
    {.name = "blanks",
	.canon = SIMPLE,
	.body = "a\r\nb\r\nc\r\n",
	.got_body = "a \r\nb\t \r\nc\r\n",
	.says = {MUTATION_BLANKS},
	.text = "end of 2 lines"},
    {.name = "dashes",
	.canon = SIMPLE,
	.got_body = "Hello Bob,\r\n\r\nsee you \xc3\xa4t eight.\r\n--\r\nAlice\r\n",
	.says = {MUTATION_SIGDASH}},
    {.name = "tabs",
	.canon = SIMPLE,
	.body = "\ta\r\n\t\tb\r\n",
	.got_body = "        a\r\n                b\r\n",
	.says = {MUTATION_TABS},
	.text = "8 spaces each"},
    {.name = "tabs of four",
	.canon = SIMPLE,
	.body = "\ta\r\n",
	.got_body = "    a\r\n",
	.says = {MUTATION_TABS},
	.text = "4 spaces each"},
    {.name = "spaces",
	.canon = SIMPLE,
	.body = "        a\r\n",
	.got_body = "\ta\r\n",
	.says = {MUTATION_SPACES},
	.text = "8 spaces became"},
    {.name = "spaces, four",
	.canon = SIMPLE,
	.body = "    a\r\n",
	.got_body = "\ta\r\n",
	.says = {MUTATION_SPACES}},
    {.name = "bare LF", .body = "a\nb\n", .got_body = "a\r\nb\r\n", .says = {MUTATION_BARE_LF}},
    {.name = "second CR",
	.body = "a\r\nb\r\n",
	.got_body = "a\r\r\nb\r\r\n",
	.says = {MUTATION_CR_DOUBLED}},
    {.name = "lines doubled",
	.body = "a\r\nb\r\nc\r\n",
	.got_body = "a\r\n\r\nb\r\n\r\nc\r\n\r\n",
	.says = {MUTATION_LINES_DOUBLED}},
    {.name = "first line", .body = "\r\na\r\n", .got_body = "a\r\n", .says = {MUTATION_FIRST_LINE}},
    {.name = "boundary",
	.head = HEAD MIXED,
	.extra = "z=Content-Type:=20multipart/mixed=3B=20boundary=3D\"b=201\"; ",
	.body = PART1 PART2 "--b 1--\r\n",
	.got_head = HEAD "Content-Type: multipart/mixed; boundary=c\r\n",
	.got_body = "--c\r\nContent-Type: text/plain\r\n\r\nfirst\r\n--c\r\nContent-Type: "
		    "text/html\r\n\r\n<b>second</b>\r\n"
		    "--c--\r\n",
	.says = {MUTATION_BOUNDARY},
	.text = "it was \"b 1\""},
    {.name = "mbox and a footer",
	.body = "a\r\nFrom here\r\n",
	.got_body = "a\r\n>From here\r\nad\r\n",
	.says = {MUTATION_FROM_MANGLED, MUTATION_FOOTER}},
    {.name = "tabs and dots",
	.canon = SIMPLE,
	.body = "\ta\r\n.b\r\n",
	.got_body = "        a\r\n..b\r\n",
	.says = {MUTATION_TABS, MUTATION_DOTS_DOUBLED}},
    {.name = "a word",
	.got_body = "Hello Rob,\r\n\r\nsee you \xc3\xa4t eight.\r\n-- \r\nAlice\r\n",
	.says = {VERIFY_SAY_BODY_TRIED},
	.text = "Nothing that is usually done to a body explains it ("},
    {.name = "a line gone",
	.got_body = "Hello Bob,\r\n\r\n-- \r\nAlice\r\n",
	.says = {VERIFY_SAY_BODY_TRIED}},
    {.name = "a word before a footer",
	.got_body = "Hello Rob,\r\n\r\nsee you \xc3\xa4t eight.\r\n-- \r\nAlice\r\nad\r\n",
	.says = {VERIFY_SAY_BODY_TRIED}},
};

static const struct row HEADERS[] = {
    {.name = "second Subject",
	.got_head = "Subject: x\r\n" HEAD,
	.says = {MUTATION_FIELD_SECOND},
	.text = "second field Subject was added above the signed one: \"x\""},
    {.name = "second From",
	.got_head = "From: Eve <eve@example.org>\r\n" HEAD,
	.says = {MUTATION_FIELD_SECOND}},
    {.name = "Reply-To where none was",
	.got_head = HEAD "Reply-To: list@example.org\r\n",
	.says = {MUTATION_FIELD_NEW},
	.text = "A field Reply-To was added, and none was there when it was signed: "
		"\"list@example.org\""},
    {.name = "Date below", .got_head = HEAD "Date: now\r\n", .says = {MUTATION_FIELD_BELOW}},
    {.name = "capitals",
	.canon = SIMPLE,
	.got_head = FROM TO SUBJECT DATE "Message-Id: <1@example.com>\r\n",
	.says = {MUTATION_NAME_CASE}},
    {.name = "tag",
	.got_head = FROM TO "Subject: [list] Dinner at eight\r\n" DATE ID,
	.says = {MUTATION_SUBJECT_TAG},
	.text = "\"[list]\" was put into it"},
    {.name = "tag behind Re:",
	.head = FROM TO "Subject: Re: Dinner\r\n" DATE ID,
	.got_head = FROM TO "Subject: Re: [my list] Dinner\r\n" DATE ID,
	.says = {MUTATION_SUBJECT_TAG}},
    {.name = "spam mark",
	.got_head = FROM TO "Subject: ***SPAM*** Dinner at eight\r\n" DATE ID,
	.says = {MUTATION_SUBJECT_PREFIX},
	.text = "\"***SPAM***\" was put in front"},
    {.name = "external mark",
	.got_head = FROM TO "Subject: EXTERNAL: Dinner at eight\r\n" DATE ID,
	.says = {MUTATION_SUBJECT_PREFIX}},
    {.name = "mark in braces",
	.got_head = FROM TO "Subject: {Spam?} Dinner at eight\r\n" DATE ID,
	.says = {MUTATION_SUBJECT_PREFIX}},
    {.name = "commas",
	.got_head = FROM "To: Bob <bob@example.net>,carol@example.net\r\n" SUBJECT DATE ID,
	.says = {MUTATION_COMMAS},
	.text = "To: the blanks"},
    {.name = "space behind the colon",
	.canon = SIMPLE,
	.got_head = FROM TO "Subject:Dinner at eight\r\n" DATE ID,
	.says = {MUTATION_LEADING}},
    {.name = "spaces of all",
	.canon = SIMPLE,
	.got_head =
	    "From:  Alice <alice@example.com>\r\nTo:  Bob <bob@example.net>, carol@example.net\r\n"
	    "Subject:  Dinner at eight\r\nDate:  Mon, 2 Nov 2026 09:59:59 +0000\r\nMessage-ID:  "
	    "<1@example.com>\r\n",
	.says = {MUTATION_LEADING},
	.text = "several fields: the space"},
    {.name = "blanks at the end",
	.canon = SIMPLE,
	.got_head = FROM TO "Subject: Dinner at eight \r\n" DATE ID,
	.says = {MUTATION_TRAILING}},
    {.name = "folded",
	.canon = SIMPLE,
	.got_head = FROM TO "Subject: Dinner\r\n at eight\r\n" DATE ID,
	.says = {MUTATION_FOLDED}},
    {.name = "folded anew",
	.canon = SIMPLE,
	.head = FROM TO "Subject: Dinner\r\n at eight\r\n" DATE ID,
	.got_head = FROM TO "Subject: Dinner\r\n\tat eight\r\n" DATE ID,
	.says = {MUTATION_REFOLDED}},
    {.name = "word broken",
	.got_head = FROM TO SUBJECT DATE "Message-ID: <1@exa\r\n mple.com>\r\n",
	.says = {MUTATION_WORD_BROKEN}},
    {.name = "tabs",
	.canon = SIMPLE,
	.got_head = FROM TO "Subject: Dinner\tat eight\r\n" DATE ID,
	.says = {MUTATION_HEADER_TABS}},
    {.name = "author in Reply-To",
	.h = "From:To:Subject:Date",
	.got_head =
	    "From: Alice via List <list@example.org>\r\nReply-To: Alice <alice@example.com>\r\n" TO
		SUBJECT DATE ID,
	.says = {MUTATION_FROM_MUNGED},
	.text = "From was rewritten: it was \"Alice <alice@example.com>\" when it was signed, as "
		"Reply-To still has it"},
    {.name = "author in a list, without name",
	.h = "From:To:Subject:Date",
	.got_head = "From: \"Alice via List\" <list@example.org>\r\nCc: \"x, y\" <z@example.org>, "
		    "alice@example.com\r\n" TO SUBJECT DATE,
	.says = {MUTATION_FROM_MUNGED},
	.text = "as Cc still has it"},
    {.name = "author in quotes",
	.head = "From: \"Alice\" <alice@example.com>\r\n" TO,
	.h = "From:To",
	.got_head = "From: Alice via List <list@example.org>\r\nX-Original-From: Alice "
		    "<alice@example.com>\r\n" TO,
	.says = {MUTATION_FROM_MUNGED}},
    {.name = "kept elsewhere",
	.got_head = FROM TO SUBJECT DATE
	"Message-ID: <9@relay>\r\nX-Original-Message-ID: <1@example.com>\r\n",
	.says = {MUTATION_REPLACED},
	.text = "Message-ID was rewritten: it was \"<1@example.com>\" when it was signed, as "
		"X-Original-Message-ID still has it"},
    {.name = "moved away",
	.got_head = FROM TO SUBJECT ID "Old-Date: Mon, 2 Nov 2026 09:59:59 +0000\r\n",
	.says = {MUTATION_REPLACED}},
    {.name = "quotes",
	.got_head = "From: \"Alice\" <alice@example.com>\r\n" TO SUBJECT DATE ID,
	.says = {MUTATION_ADDRESSES},
	.text = "it was \"Alice <alice@example.com>\""},
    {.name = "angles",
	.got_head = FROM "To: Bob <bob@example.net>, <carol@example.net>\r\n" SUBJECT DATE ID,
	.says = {VERIFY_SAY_HEADER_TRIED}},
    {.name = "angles of all",
	.head = FROM "To: bob@example.net, carol@example.net\r\n",
	.got_head = FROM "To: <bob@example.net>,\r\n\t<carol@example.net>\r\n",
	.says = {MUTATION_ADDRESSES}},
    {.name = "angles of one",
	.head = FROM "To: bob@example.net\r\n",
	.got_head = FROM "To: <bob@example.net>\r\n",
	.says = {MUTATION_ADDRESSES}},
    {.name = "GMT",
	.got_head = FROM TO SUBJECT "Date: Mon, 2 Nov 2026 09:59:59 GMT\r\n" ID,
	.says = {MUTATION_DATE},
	.text = "it was \"Mon, 2 Nov 2026 09:59:59 +0000\""},
    {.name = "two digits",
	.got_head = FROM TO SUBJECT "Date: Mon, 02 Nov 2026 09:59:59 +0000\r\n" ID,
	.says = {MUTATION_DATE}},
    {.name = "zone's name",
	.got_head = FROM TO SUBJECT "Date: Mon, 2 Nov 2026 09:59:59 +0000 (UTC)\r\n" ID,
	.says = {MUTATION_DATE}},
    {.name = "zone's name gone",
	.head = FROM "Date: Mon, 2 Nov 2026 09:59:59 +0000 (UTC)\r\n",
	.got_head = FROM DATE,
	.says = {MUTATION_DATE}},
    {.name = "encoding",
	.h = H_MIME,
	.head = HEAD EIGHT,
	.got_head = HEAD "Content-Transfer-Encoding: quoted-printable\r\n",
	.got_body = "Hello Bob,\r\n\r\nsee you =C3=A4t eight.\r\n-- \r\nAlice\r\n",
	.says = {MUTATION_ENCODING_FIELD, MUTATION_TO_QP},
	.text = "Content-Transfer-Encoding was 8bit"},
    {.name = "type of a part",
	.h = H_MIME,
	.head = HEAD PLAIN EIGHT,
	.got_head = HEAD MIXED,
	.got_body = "--b 1\r\n" PLAIN EIGHT "\r\n" LETTER "\r\n--b 1\r\n\r\nfooter\r\n--b 1--\r\n",
	.says = {MUTATION_TYPE_FIELD, MUTATION_ENCODING_FIELD, MUTATION_WRAPPED},
	.text = "Content-Type was \"text/plain; charset=utf-8\""},
    {.name = "copied",
	.extra = "z=Subject:=20Dinner=20at=20eight; ",
	.got_head = FROM TO "Subject: Lunch\r\n" DATE ID,
	.says = {MUTATION_COPY},
	.text = "Subject was rewritten: it was \"Dinner at eight\""},
    {.name = "copied and gone",
	.extra = "z=From:=20x|Subject:=20Dinner=20at=20eight; ",
	.got_head = FROM TO DATE ID,
	.says = {MUTATION_COPY}},
    {.name = "copies that do not help",
	.extra = "z=Subject:=20Breakfast; ",
	.got_head = FROM TO "Subject: Lunch\r\n" DATE ID,
	.says = {VERIFY_SAY_HEADER_TRIED, VERIFY_SAY_COPY_DIFFERS},
	.text = "z= says that Subject was \"Breakfast\""},
    {.name = "a list's all",
	.got_head =
	    "From: Alice via List <list@example.org>\r\nReply-To: Alice <alice@example.com>\r\n" TO
	    "Subject: [list] Dinner at eight\r\n" DATE ID,
	.says = {MUTATION_FROM_MUNGED, MUTATION_SUBJECT_TAG, MUTATION_FIELD_NEW}},
    {.name = "four at once",
	.got_head =
	    "From: Alice via List <list@example.org>\r\nReply-To: Alice <alice@example.com>\r\n" TO
	    "Subject: [list] Dinner at eight\r\nDate: Mon, 02 Nov 2026 09:59:59 +0000\r\n" ID,
	.says = {MUTATION_FROM_MUNGED, MUTATION_SUBJECT_TAG, MUTATION_FIELD_NEW, MUTATION_DATE}},
    {.name = "words of B made Q",
	.head = FROM TO "Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=\r\n" DATE ID,
	.says = {MUTATION_WORDS},
	.text = "Subject: its encoded words (RFC 2047) were written anew; it was "
		"\"=?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=\" when it was signed"},
    {.name = "words of Q made B, in their own charset",
	.head = "From: =?iso-8859-1?Q?M=FCller?= <alice@example.com>\r\n" TO SUBJECT DATE ID,
	.got_head = "From: =?iso-8859-1?B?TfxsbGVy?= <alice@example.com>\r\n" TO SUBJECT DATE ID,
	.says = {MUTATION_WORDS},
	.text = "From: its encoded words"},
    {.name = "words decoded",
	.head = FROM TO "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe!_=28x=29?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: Gr\xc3\xbc\xc3\x9f"
			    "e! (x)\r\n" DATE ID,
	.says = {MUTATION_WORDS}},
    {.name = "words decoded that let parentheses be",
	.head = FROM TO "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe!_(x)?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: Gr\xc3\xbc\xc3\x9f"
			    "e! (x)\r\n" DATE ID,
	.says = {MUTATION_WORDS}},
    {.name = "raw words encoded",
	.head = FROM TO "Subject: Gr\xc3\xbc\xc3\x9f"
			"e aus K\xc3\xb6ln\r\n" DATE ID,
	.got_head = FROM TO
	"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus?=\r\n =?iso-8859-1?q?_K=F6ln?=\r\n" DATE ID,
	.says = {MUTATION_WORDS},
	.text = "it was \"Gr\xc3\xbc\xc3\x9f"
		"e aus K\xc3\xb6ln\""},
    {.name = "single words",
	.head = FROM TO "Subject: Dinner =?UTF-8?Q?f=C3=BCr?= us =?UTF-8?Q?sp=C3=A4t?= again\r\n",
	.got_head = FROM TO "Subject: =?utf-8?b?RGlubmVyIGbDvHIgdXMgc3DDpHQgYWdhaW4=?=\r\n",
	.says = {MUTATION_WORDS}},
    {.name = "from the first word to the last",
	.head = FROM TO "Subject: Dinner =?UTF-8?B?ZsO8ciB1cyBzcMOkdA==?= again\r\n",
	.got_head = FROM TO "Subject: Dinner f\xc3\xbcr us sp\xc3\xa4t again\r\n",
	.says = {MUTATION_WORDS}},
    {.name = "the phrase of an author",
	.head = "From: =?UTF-8?B?SsO8cmdlbiBNw7xsbGVy?= <alice@example.com>\r\n" TO SUBJECT,
	.got_head = "From: \"J\xc3\xbcrgen M\xc3\xbcller\" <alice@example.com>\r\n" TO SUBJECT,
	.says = {MUTATION_WORDS}},
    {.name = "a quoted author",
	.head = "From: \"J\xc3\xbcrgen M\xc3\xbcller\" <alice@example.com>\r\n" TO SUBJECT,
	.got_head = "From: =?UTF-8?B?SsO8cmdlbiBNw7xsbGVy?= <alice@example.com>\r\n" TO SUBJECT,
	.says = {MUTATION_WORDS}},
    {.name = "long, as Python has it",
	.canon = SIMPLE,
	.head = FROM
	"Subject: =?utf-8?q?Einladung_zum_gro=C3=9Fen_Abendessen_f=C3=BCr_alle_Mitarb?=\r\n"
	" =?utf-8?q?eiter_und_Freunde_der_K=C3=BCche_am_n=C3=A4chsten_Dienstag_um_ach?=\r\n"
	" =?utf-8?q?t?=\r\n",
	.got_head = FROM
	"Subject: =?UTF-8?B?RWlubGFkdW5nIHp1bSBncm/Dn2VuIEFiZW5kZXNzZW4gZsO8ciBhbGxlIE1p?=\r\n"
	" =?UTF-8?B?dGFyYmVpdGVyIHVuZCBGcmV1bmRlIGRlciBLw7xjaGUgYW0gbsOkY2hzdGVu?=\r\n"
	" =?UTF-8?B?IERpZW5zdGFnIHVtIGFjaHQ=?=\r\n",
	.says = {MUTATION_WORDS}},
    {.name = "long, as Perl has it",
	.canon = SIMPLE,
	.head = FROM
	"Subject: =?UTF-8?B?RWlubGFkdW5nIHp1bSBncm/Dn2VuIEFiZW5kZXNzZW4gZsO8ciBhbGxlIE1p?=\r\n"
	" =?UTF-8?B?dGFyYmVpdGVyIHVuZCBGcmV1bmRlIGRlciBLw7xjaGUgYW0gbsOkY2hzdGVu?=\r\n"
	" =?UTF-8?B?IERpZW5zdGFnIHVtIGFjaHQ=?=\r\n",
	.got_head = FROM "Subject: Einladung zum gro\xc3\x9f"
			 "en Abendessen f\xc3\xbcr alle "
			 "Mitarbeiter und Freunde der K\xc3\xbc"
			 "che\r\n am n\xc3\xa4"
			 "chsten Dienstag um acht\r\n",
	.says = {MUTATION_WORDS}},
    {.name = "words of several fields",
	.head = "From: =?UTF-8?B?SsO8cmdlbg==?= <alice@example.com>\r\nTo: =?UTF-8?B?w6Q=?= "
		"<b@example.com>\r\nSubject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n" DATE ID,
	.got_head = "From: =?UTF-8?Q?J=C3=BCrgen?= <alice@example.com>\r\nTo: =?UTF-8?Q?=C3=A4?= "
		    "<b@example.com>\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n" DATE ID,
	.says = {MUTATION_WORDS},
	.text = "several fields: its encoded words"},
    {.name = "words and a footer's tag",
	.head = FROM TO "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: =?utf-8?q?=5Blist=5D_Gr=C3=BC=C3=9Fe?=\r\n" DATE ID,
	.says = {MUTATION_TAG_ENCODED},
	.text = "\"[list]\" was put into it; it was \"=?UTF-8?B?R3LDvMOfZQ==?=\""},
    {.name = "a tag before the words",
	.head = FROM TO "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: [list] =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" DATE ID,
	.says = {MUTATION_TAG_ENCODED}},
    {.name = "words, and the author elsewhere",
	.h = "From:To:Subject:Date",
	.head = FROM TO "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n" DATE ID,
	.got_head = "From: Alice via List <list@example.org>\r\nReply-To: Alice "
		    "<alice@example.com>\r\n" TO "Subject: Gr\xc3\xbc\xc3\x9f"
		    "e\r\n" DATE ID,
	.says = {MUTATION_WORDS, MUTATION_FROM_MUNGED}},
    {.name = "words of another charset",
	.head = FROM TO "Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n" DATE ID,
	.says = {MUTATION_WORDS},
	.text = "Subject: its encoded words (RFC 2047) were written anew; it was "
		"\"=?iso-8859-1?Q?Gr=FC=DFe?=\" when it was signed"},
    {.name = "words of another charset, decoded",
	.head = "From: =?Windows-1252?Q?J=FCrgen_=96_M=FCller?= <alice@example.com>\r\n" TO SUBJECT,
	.got_head =
	    "From: \"J\xc3\xbcrgen \xe2\x80\x93 M\xc3\xbcller\" <alice@example.com>\r\n" TO SUBJECT,
	.says = {MUTATION_WORDS}},
    {.name = "single words of another charset",
	.head =
	    FROM TO "Subject: Dinner =?ISO-8859-1?B?Zvxy?= us =?ISO-8859-1?B?c3DkdA==?= again\r\n",
	.got_head = FROM TO "Subject: =?utf-8?b?RGlubmVyIGbDvHIgdXMgc3DDpHQgYWdhaW4=?=\r\n",
	.says = {MUTATION_WORDS}},
    {.name = "raw octets of another charset",
	.head = FROM TO "Subject: Gr\xfc\xdf"
			"e\r\n" DATE ID,
	.got_head = FROM TO "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n" DATE ID,
	.says = {MUTATION_WORDS}},
    {.name = "Russian words",
	.head = FROM TO "Subject: =?koi8-r?B?9dbJziDXINfP08XN2A==?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: =?utf-8?b?0KPQttC40L0g0LIg0LLQvtGB0LXQvNGM?=\r\n" DATE ID,
	.says = {MUTATION_WORDS}},
    {.name = "Japanese words, in two of them",
	.canon = SIMPLE,
	.head =
	    FROM "Subject: =?iso-2022-jp?b?GyRCTTw/KSRPSCw7fiRHJDkhIyRfJEokNSRzTWgkRiQvGyhC?=\r\n"
		 " =?iso-2022-jp?b?GyRCJEAkNSQkISNNPD8pJE9ILDt+JEckOSEjJF8kSiQ1JHNNaCRGGyhC?=\r\n"
		 " =?iso-2022-jp?b?GyRCJC8kQCQ1JCQhIxsoQg==?=\r\n" DATE ID,
	.got_head =
	    FROM "Subject: =?UTF-8?B?5aSV6aOf44Gv5YWr5pmC44Gn44GZ44CC44G/44Gq44GV44KT5p2l44Gm?=\r\n"
		 " =?UTF-8?B?44GP44Gg44GV44GE44CC5aSV6aOf44Gv5YWr5pmC44Gn44GZ44CC44G/?=\r\n"
		 " =?UTF-8?B?44Gq44GV44KT5p2l44Gm44GP44Gg44GV44GE44CC?=\r\n" DATE ID,
	.says = {MUTATION_WORDS}},
    {.name = "words of another charset below a tag",
	.head = FROM TO "Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: =?utf-8?q?=5Blist=5D_Gr=C3=BC=C3=9Fe?=\r\n" DATE ID,
	.says = {MUTATION_TAG_ENCODED},
	.text = "\"[list]\" was put into it; it was \"=?iso-8859-1?Q?Gr=FC=DFe?=\""},
    {.name = "words of another charset in several fields",
	.head = "From: =?iso-8859-1?Q?J=FCrgen?= <alice@example.com>\r\nTo: =?iso-8859-1?Q?=E4?= "
		"<b@example.com>\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n" DATE ID,
	.got_head = "From: =?UTF-8?B?SsO8cmdlbg==?= <alice@example.com>\r\nTo: =?UTF-8?B?w6Q=?= "
		    "<b@example.com>\r\nSubject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n" DATE ID,
	.says = {MUTATION_WORDS},
	.text = "several fields: its encoded words"},
    {.name = "words of another charset, and the author elsewhere",
	.h = "From:To:Subject:Date",
	.head = FROM TO "Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n" DATE ID,
	.got_head = "From: Alice via List <list@example.org>\r\nReply-To: Alice "
		    "<alice@example.com>\r\n" TO "Subject: Gr\xc3\xbc\xc3\x9f"
		    "e\r\n" DATE ID,
	.says = {MUTATION_WORDS, MUTATION_FROM_MUNGED}},
    {.name = "other words",
	.head = FROM TO "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9F?=\r\n" DATE ID,
	.says = {VERIFY_SAY_HEADER_TRIED}},
    {.name = "broken words",
	.head = FROM TO "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n" DATE ID,
	.got_head = FROM TO "Subject: =?UTF-8?B?R3L?= =?x?Q?=3?= =?=?=?Q?\r\n" DATE ID,
	.says = {VERIFY_SAY_HEADER_TRIED}},
    {.name = "MIME-Version removed",
	.h = H ":MIME-Version:Content-Type",
	.head = HEAD "MIME-Version: 1.0\r\n" PLAIN,
	.got_head = HEAD PLAIN,
	.says = {MUTATION_FIELD_REMOVED},
	.text = "MIME-Version was removed: it was \"1.0\" when it was signed"},
    {.name = "Sender removed",
	.h = H ":Sender",
	.head = HEAD "Sender: alice@example.com\r\n",
	.says = {MUTATION_FIELD_REMOVED},
	.got_head = HEAD},
    {.name = "named twice and gone",
	.got_head = FROM TO DATE ID,
	.says = {VERIFY_SAY_HEADER_TRIED},
	.text = "Probably removed on the way, for h= counts more than there are: Subject (named 2 "
		"times, none is there). Signed and not there (absent from the start, or removed): "
		"Cc, Reply-To."},
    {.name = "named exactly and gone",
	.h = "From:From:To:Subject:X-Mailer:Date",
	.head = HEAD "X-Mailer: x\r\n",
	.got_head = HEAD,
	.says = {VERIFY_SAY_HEADER_TRIED},
	.text = "more than there are: X-Mailer (named once, none is there)."},
    {.name = "signed as absent, and something else was changed",
	.h = "From:From:To:To:Subject:Subject:Cc",
	.got_head = FROM TO "Subject: Lunch\r\n",
	.says = {VERIFY_SAY_HEADER_TRIED},
	.text = "Signed as absent, as it seems (this signer names fields once more than there "
		"are): Cc."},
    {.name = "no Date",
	.h = "From:From:To:To:Date",
	.got_head = FROM TO,
	.says = {VERIFY_SAY_HEADER_TRIED},
	.text = "more than there are: Date (named once, none is there)."},
    {.name = "two of three gone",
	.h = "From:Comments:Comments:Comments:Comments",
	.head = FROM "Comments: 1\r\nComments: 2\r\nComments: 3\r\n",
	.got_head = FROM "Comments: 1\r\n",
	.says = {VERIFY_SAY_HEADER_TRIED},
	.text = "Comments (named 4 times, 1 there)."},
    {.name = "one of two gone, which h= cannot tell",
	.h = "From:To:Comments:Comments",
	.head = FROM TO "Comments: 1\r\nComments: 2\r\n",
	.got_head = FROM TO "Comments: 1\r\n",
	.says = {VERIFY_SAY_HEADER_TRIED}},
    {.name = "a word",
	.got_head = FROM TO "Subject: Dinner at nine\r\n" DATE ID,
	.says = {VERIFY_SAY_HEADER_TRIED},
	.text = "Nothing that is usually done to a header explains it ("},
    {.name = "a word and a tag",
	.got_head = FROM TO "Subject: [list] Dinner at nine\r\n" DATE ID,
	.says = {VERIFY_SAY_HEADER_TRIED}},
};

static struct dkim_key *rsa, *ed25519;
static bool seen[VERIFY_SAY_COUNT];

static size_t *work_left;

static int
make_keys(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	return dkim_key_generate(KEY_RSA_SHA256, 2048, &rsa, &err) |
	       dkim_key_generate(KEY_ED25519_SHA256, 0, &ed25519, &err);
}

static int
free_keys(void **state)
{
	(void)state;
	dkim_key_free(rsa);
	dkim_key_free(ed25519);
	return 0;
}

struct letter {
	struct buf text;
	struct header_list list;
	size_t body;
};

static void
letter_parse(struct letter *l, const char *signature, struct slice head, struct slice body)
{
	struct err err = ERR_INIT;

	memset(&l->list, 0, sizeof(l->list));
	buf_init(&l->text, MESSAGE_MAX);
	buf_put_str(&l->text, signature);
	buf_put(&l->text, head);
	buf_put_str(&l->text, "\r\n");
	buf_put(&l->text, body);
	assert_int_equal(header_list_parse(&l->list, buf_slice(&l->text), 1000, &l->body, &err), 0);
}

static void
letter_free(struct letter *l)
{
	header_list_deinit(&l->list);
	buf_deinit(&l->text);
}

static void
body_hash(enum canon_kind kind, struct slice body, struct buf *out)
{
	struct canon_body c;
	uint8_t bh[CANON_BH_LEN];
	struct err err = ERR_INIT;

	assert_int_equal(canon_body_init(&c, kind, &err), 0);
	assert_int_equal(canon_body_update(&c, body, &err), 0);
	assert_int_equal(canon_body_finish(&c, bh, &err), 0);
	canon_body_deinit(&c);
	base64_encode(slice_new(bh, sizeof(bh)), out);
}

/* The whole field, z= and all: our signer would not write it. */
static void
sign(const struct row *row, const struct dkim_key *key, struct buf *field)
{
	const char *canon = row->canon == NULL ? RELAXED : row->canon;
	const char *h = row->h == NULL ? H : row->h;
	enum canon_kind kind = strcmp(canon, SIMPLE) == 0 ? CANON_SIMPLE : CANON_RELAXED;
	struct letter l;
	struct arena arena;
	struct header_picks picks;
	struct buf input, value;
	uint8_t digest[SHA256_LEN], b[KEY_SIG_LEN_MAX];
	size_t b_len;
	struct err err = ERR_INIT;

	letter_parse(&l, "", slice_of(row->head == NULL ? HEAD : row->head), slice_of(""));
	arena_init(&arena, 1 << 20);
	buf_init(&input, MESSAGE_MAX);
	buf_init(&value, MESSAGE_MAX);
	assert_int_equal(header_pick_named(&l.list, slice_of(h), &arena, &picks, &err), 0);
	for (size_t i = 0; i < picks.count; i++) {
		const struct header_pick *pick = &picks.picks[i];
		if (pick->index != HEADER_ABSENT)
			canon_header(kind, l.list.fields[pick->index].name,
			    l.list.fields[pick->index].value, &input);
	}
	buf_printf(&value,
	    " v=1; a=%s; c=%s; d=example.com; s=sel; %sh=%s; bh=", key_alg_name(dkim_key_alg(key)),
	    canon, row->extra == NULL ? "" : row->extra, h);
	body_hash(kind, slice_of(row->body == NULL ? LETTER : row->body), &value);
	buf_put_str(&value, "; b=");
	canon_header(kind, SLICE_LIT(SIGNATURE_NAME), buf_slice(&value), &input);
	assert_int_equal(
	    sha256_digest(slice_sub(buf_slice(&input), 0, input.len - 2), digest, &err), 0);
	assert_int_equal(dkim_key_sign(key, digest, b, &b_len, &err), 0);
	base64_encode(slice_new(b, b_len), &value);
	buf_printf(field, "%s:%s\r\n", SIGNATURE_NAME, buf_str(&value));
	buf_deinit(&value);
	buf_deinit(&input);
	arena_deinit(&arena);
	letter_free(&l);
}

static void
verify(const char *field, struct slice head, struct slice body, const struct dkim_key *key,
    struct verify_report *report)
{
	struct letter l;
	struct buf record;
	struct err err = ERR_INIT;

	letter_parse(&l, field, head, body);
	buf_init(&record, RECORD_LEN_MAX);
	assert_int_equal(key_record_format(key, &record, &err), 0);
	struct slice txt = buf_slice(&record);
	struct verify_records records = {&txt, 1, false, NULL};
	struct verify_message m = {&l.list, 0, slice_from(buf_slice(&l.text), l.body), work_left};
	verify_signature(&m, &records, NOW, report);
	/* the signature's tags lie in the letter */
	report->has_sig = false;
	buf_deinit(&record);
	letter_free(&l);
}

/* Of all that was said, what explains the change: just what is expected? */
static bool
says_just(const struct verify_words *words, const enum verify_say *want)
{
	size_t wanted = 0, found = 0;

	while (want[wanted] != 0)
		wanted++;
	for (size_t i = 0; i < words->count; i++) {
		enum verify_say say = words->list[i].say;
		seen[say] = true;
		bool explains = say >= MUTATION_BODY_FIRST || say == VERIFY_SAY_BODY_TRIED ||
				say == VERIFY_SAY_HEADER_TRIED || say == VERIFY_SAY_COPY_DIFFERS;
		bool expected = false;
		for (size_t k = 0; k < wanted; k++)
			expected = expected || want[k] == say;
		if (explains && !expected)
			return false;
		found += explains;
	}
	return found == wanted;
}

static size_t
run_rows(const struct row *rows, size_t count, const struct dkim_key *key, bool body)
{
	static struct verify_report report;
	size_t right = 0;

	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		const char *head = row->head == NULL ? HEAD : row->head;
		const char *text = row->body == NULL ? LETTER : row->body;
		char words[4096];
		struct buf field;
		buf_init(&field, MESSAGE_MAX);
		sign(row, key, &field);
		verify(buf_str(&field), slice_of(head), slice_of(text), key, &report);
		bool passed = report.reason == VERIFY_OK;
		if (!passed)
			print_error("%s: does not verify as signed: %s\n", row->name,
			    report.words.list[0].verdict);
		verify(buf_str(&field), slice_of(row->got_head == NULL ? head : row->got_head),
		    slice_of(row->got_body == NULL ? text : row->got_body), key, &report);
		verify_words_join(&report.words, words, sizeof(words));
		bool reason = report.reason == VERIFY_BODY_CHANGED ||
			      (!body && report.reason == VERIFY_HEADER_CHANGED);
		if (passed && reason && says_just(&report.words, row->says) &&
		    (row->text == NULL || strstr(words, row->text) != NULL))
			right++;
		else
			print_error("%s: %s\n", row->name, words);
		buf_deinit(&field);
	}
	return right;
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
mutation_body_found(void **state)
{
	(void)state;
	assert_int_equal(run_rows(BODIES, COUNT(BODIES), rsa, true), COUNT(BODIES));
}

static void
mutation_header_found(void **state)
{
	(void)state;
	assert_int_equal(run_rows(HEADERS, COUNT(HEADERS), rsa, false), COUNT(HEADERS));
}

/* Where a digest cannot be had from the signature, each trial is a verification. */
static void
mutation_header_ed25519_found(void **state)
{
	static const char *const NAMES[] = {
	    "second Subject", "tag", "author in Reply-To", "a list's all", "copied"};

	(void)state;
	for (size_t i = 0; i < COUNT(NAMES); i++) {
		size_t at = 0;
		while (strcmp(HEADERS[at].name, NAMES[i]) != 0)
			at++;
		if (run_rows(&HEADERS[at], 1, ed25519, false) != 1)
			fail_msg("%s", NAMES[i]);
	}
}

static void
mutation_too_large_said(void **state)
{
	static struct verify_report report;
	const struct row row = {.name = "large", .h = "From:Subject"};
	struct buf field, large;

	(void)state;
	buf_init(&field, MESSAGE_MAX);
	buf_init(&large, MESSAGE_MAX);
	sign(&row, rsa, &field);
	while (large.len <= ((size_t)4 << 20))
		buf_put_str(&large, L900 "\r\n");
	verify(buf_str(&field), slice_of(HEAD), buf_slice(&large), rsa, &report);
	assert_true(verify_told(&report.words, VERIFY_SAY_BODY_LARGE));
	seen[VERIFY_SAY_BODY_LARGE] = true;
	buf_clear(&large);
	buf_put_str(&large, FROM "Subject: ");
	for (int i = 0; i < 300; i++)
		buf_put_str(&large, L900 "\r\n ");
	buf_put_str(&large, "x\r\n");
	verify(buf_str(&field), buf_slice(&large), slice_of(LETTER), rsa, &report);
	assert_true(verify_told(&report.words, VERIFY_SAY_HEADER_LARGE));
	seen[VERIFY_SAY_HEADER_LARGE] = true;
	buf_deinit(&large);
	buf_deinit(&field);
}

/* Many short lines, none of which fits: the square of them would take minutes. */
static void
mutation_work_bounded(void **state)
{
	static struct verify_report report;
	const struct row row = {.name = "lines"};
	struct buf field, lines;
	char words[4096];

	(void)state;
	buf_init(&field, MESSAGE_MAX);
	buf_init(&lines, MESSAGE_MAX);
	sign(&row, rsa, &field);
	for (int i = 0; i < 20000; i++)
		buf_printf(&lines, "%d\r\n", i);
	verify(buf_str(&field), slice_of(FROM TO "Subject: Lunch\r\n"), buf_slice(&lines), rsa,
	    &report);
	verify_words_join(&report.words, words, sizeof(words));
	assert_true(verify_told(&report.words, VERIFY_SAY_BODY_TRIED));
	assert_true(verify_told(&report.words, VERIFY_SAY_HEADER_TRIED));
	buf_deinit(&lines);
	buf_deinit(&field);
}

/* Of "(N trials)", in the verdict. */
static size_t
trials_of(const struct verify_words *words, enum verify_say say)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *at = strchr(words->list[i].verdict, '(');
		if (words->list[i].say == say)
			return strtoul(at + 1, NULL, 10);
	}
	fail_msg("%s was not said", VERIFY_SENTENCES[say].name);
	return 0;
}

/* Multiparts in multiparts, each of many parts with many fields: each form of them is looked for. */
static void
mutation_parts_bounded(void **state)
{
	static struct verify_report report;
	const struct row row = {.name = "parts"};
	size_t left = (size_t)1 << 30;
	struct buf field, parts;

	(void)state;
	buf_init(&field, MESSAGE_MAX);
	buf_init(&parts, MESSAGE_MAX);
	sign(&row, rsa, &field);
	for (int depth = 0; depth < 70; depth++) {
		buf_put_str(&parts, "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
		for (int i = 0; i < 70; i++)
			buf_put_str(&parts,
			    "--b\r\na:b\r\na:b\r\na:b\r\n" QUOTED "a:b\r\na:b\r\n\r\n=\r\n");
	}
	work_left = &left;
	alarm(120);
	verify(buf_str(&field),
	    slice_of(FROM TO "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n"),
	    buf_slice(&parts), rsa, &report);
	alarm(0);
	work_left = NULL;
	assert_in_range(trials_of(&report.words, VERIFY_SAY_BODY_TRIED), 1, 1100000);
	assert_in_range(((size_t)1 << 30) - left, 1, (size_t)460 << 20);
	buf_deinit(&parts);
	buf_deinit(&field);
}

/* As many signed fields as are looked at, all of encoded words, of which some are wrong. */
static void
mutation_words_bounded(void **state)
{
	static const char *const WORDS[] = {"=?utf-8?q?=C3=A4?= ", "=?utf-8?b?w6Q=?= ", "=?q?q?\?=",
	    "=?utf-8?q?=?=?=", "=?=?=?", "\xc3\xa4 ", "=?iso-8859-1?q?=E4?="};
	static struct verify_report report;
	size_t left = (size_t)1 << 30;
	struct buf field, head, h;

	(void)state;
	for (size_t n = 0; n < 2 * COUNT(WORDS); n++) {
		size_t kind = n / 2, field_len = n % 2 == 0 ? 900 : 380;
		buf_init(&field, MESSAGE_MAX);
		buf_init(&head, MESSAGE_MAX);
		buf_init(&h, MESSAGE_MAX);
		buf_put_str(&h, "From:Subject");
		buf_put_str(&head, FROM "Subject: [x]");
		for (int i = 0; i < 100; i++) {
			buf_printf(&h, ":X-%d", i);
			for (size_t len = 0; len < field_len; len += strlen(WORDS[kind]))
				buf_put_str(&head, WORDS[kind]);
			buf_printf(&head, "\r\nX-%d: ", i);
		}
		buf_put_str(&head, "x\r\n");
		const struct row row = {.name = "words", .h = buf_str(&h), .head = FROM};
		sign(&row, rsa, &field);
		work_left = &left;
		alarm(60);
		verify(buf_str(&field), buf_slice(&head), slice_of(LETTER), rsa, &report);
		alarm(0);
		work_left = NULL;
		assert_true(verify_told(&report.words, VERIFY_SAY_HEADER_TRIED));
		assert_in_range(trials_of(&report.words, VERIFY_SAY_HEADER_TRIED), 1, 310000);
		buf_deinit(&h);
		buf_deinit(&head);
		buf_deinit(&field);
	}
}

/* A run of '>' counted at each of its octets would take hours: the square of 4 MiB. */
static void
mutation_quotes_linear(void **state)
{
	struct entity e = {.type = {NULL, 0}};
	struct undone undone;
	struct buf quotes;
	size_t rows = 0;

	(void)state;
	buf_init(&quotes, MESSAGE_MAX);
	while (quotes.len < MUTATION_BODY_MAX)
		buf_put_byte(&quotes, '>');
	e.body = buf_slice(&quotes);
	alarm(120);
	for (const struct undo_row *row = UNDO_ROWS; row->undo != NULL; row++) {
		if (row->say != MUTATION_FROM_MANGLED)
			continue;
		rows++;
		assert_false(undo_apply(row, &e, &undone));
		assert_true(slice_eq(buf_slice(&undone.text), e.body));
		undone_deinit(&undone);
	}
	alarm(0);
	assert_int_equal(rows, 2);
	buf_deinit(&quotes);
}

/* What is said of a search that was not finished. */
static const struct {
	const char *text, *when;
} LIMITS[] = {
    {" trials): footer or banner, lines put in, parts wrapped or added, re-encoding, charset, "
     "dots, "
     ">From, long lines, blanks, tabs, line ends; then it became too much.",
	"the work for a body, or a header, is done"},
};

/* A trial costs something, however short the line is. */
static void
mutation_short_lines_bounded(void **state)
{
	static struct verify_report report;
	const struct row row = {.name = "short lines"};
	struct buf field, lines;
	char words[4096];

	(void)state;
	buf_init(&field, MESSAGE_MAX);
	buf_init(&lines, MESSAGE_MAX);
	sign(&row, rsa, &field);
	while (lines.len < MUTATION_BODY_MAX - 3)
		buf_put_str(&lines, "x\r\n");
	verify(buf_str(&field), slice_of(HEAD), buf_slice(&lines), rsa, &report);
	verify_words_join(&report.words, words, sizeof(words));
	assert_non_null(strstr(words, LIMITS[0].text));
	assert_in_range(trials_of(&report.words, VERIFY_SAY_BODY_TRIED), 1, 1100000);
	buf_deinit(&lines);
	buf_deinit(&field);
}

/* What is hashed counts, not what stands there now: the signed Subject is short, the one above it is not. */
static void
mutation_header_work_counted(void **state)
{
	static struct verify_report report;
	const struct row row = {.name = "long above", .h = "From:To:Subject:Date"};
	size_t left = (size_t)1 << 30, most = (size_t)260 << 20;
	struct buf field, head;

	(void)state;
	buf_init(&field, MESSAGE_MAX);
	buf_init(&head, MESSAGE_MAX);
	sign(&row, rsa, &field);
	buf_put_str(&head, "Subject: ");
	for (int i = 0; i < 200; i++)
		buf_put_str(&head, L900 "\r\n ");
	buf_put_str(&head, "x\r\n" FROM TO "Subject: Lunch\r\n" DATE);
	work_left = &left;
	verify(buf_str(&field), buf_slice(&head), slice_of(LETTER), rsa, &report);
	size_t used = ((size_t)1 << 30) - left;
	assert_in_range(used, (size_t)20 << 20, most);
	/* what is left of the whole message's holds for the next signature */
	left = (size_t)1 << 20;
	verify(buf_str(&field), buf_slice(&head), slice_of(LETTER), rsa, &report);
	assert_int_equal(left, 0);
	size_t trials = trials_of(&report.words, VERIFY_SAY_HEADER_TRIED);
	verify(buf_str(&field), buf_slice(&head), slice_of(LETTER), rsa, &report);
	assert_in_range(trials_of(&report.words, VERIFY_SAY_HEADER_TRIED), 0, trials - 1);
	assert_in_range(trials_of(&report.words, VERIFY_SAY_HEADER_TRIED), 0, 1);
	work_left = NULL;
	buf_deinit(&head);
	buf_deinit(&field);
}

/* Each trial of Ed25519 is a verification, and charged as one. */
static void
mutation_verifications_bounded(void **state)
{
	static struct verify_report report;
	const struct row row = {.name = "ed25519"};
	size_t left = (size_t)4 << 20;
	struct buf field;

	(void)state;
	buf_init(&field, MESSAGE_MAX);
	sign(&row, ed25519, &field);
	work_left = &left;
	verify(buf_str(&field), slice_of(FROM TO "Subject: Lunch\r\n" DATE ID), slice_of(LETTER),
	    ed25519, &report);
	work_left = NULL;
	assert_int_equal(left, 0);
	assert_in_range(trials_of(&report.words, VERIFY_SAY_HEADER_TRIED), 50, 110);
	buf_deinit(&field);
}

/* The first hundred copies are compared, and fields not much longer than a copy can be. */
static void
mutation_copies_bounded(void **state)
{
	static struct verify_report report;
	struct row row = {.name = "copies"};
	struct buf field, z, head;

	(void)state;
	for (int same = 99; same <= 100; same++) {
		buf_init(&field, MESSAGE_MAX);
		buf_init(&z, MESSAGE_MAX);
		buf_init(&head, MESSAGE_MAX);
		buf_put_str(&z, "z=");
		for (int i = 0; i < same; i++)
			buf_put_str(&z, "X:y|");
		buf_put_str(&z, "X:other; ");
		row.extra = buf_str(&z);
		sign(&row, rsa, &field);
		buf_put_str(&head, "X: y\r\n" FROM TO "Subject: Lunch\r\n" DATE ID);
		verify(buf_str(&field), buf_slice(&head), slice_of(LETTER), rsa, &report);
		assert_int_equal(verify_told(&report.words, VERIFY_SAY_COPY_DIFFERS), same == 99);
		buf_deinit(&head);
		buf_deinit(&z);
		buf_deinit(&field);
	}
}

/* Each copy is compared with all fields of its name: that has its bound, which is told, and is of the message's. */
static void
mutation_copies_of_many_fields_bounded(void **state)
{
	static struct verify_report report;
	struct row row = {.name = "copies"};
	const size_t ALL = (size_t)1 << 30;
	struct buf field, z, head;

	(void)state;
	for (size_t fields = 4; fields <= 400; fields *= 100) {
		size_t left = ALL;
		buf_init(&field, MESSAGE_MAX);
		buf_init(&z, MESSAGE_MAX);
		buf_init(&head, (size_t)8 << 20);
		buf_put_str(&z, "z=X:top");
		for (int i = 1; i < 100; i++)
			buf_put_str(&z, "|X:top");
		buf_put_str(&z, "; ");
		row.extra = buf_str(&z);
		sign(&row, rsa, &field);
		buf_put_str(&head, "X: top\r\n");
		for (size_t i = 0; i < fields; i++)
			buf_put_str(&head, "X: " L900 "\r\n");
		buf_put_str(&head, FROM TO "Subject: Lunch\r\n" DATE ID);
		work_left = &left;
		alarm(60);
		verify(buf_str(&field), buf_slice(&head), slice_of(LETTER), rsa, &report);
		alarm(0);
		assert_int_equal(verify_told(&report.words, VERIFY_SAY_COPIES_MANY), fields == 400);
		assert_false(verify_told(&report.words, VERIFY_SAY_COPY_DIFFERS));
		size_t used = ALL - left;
		if (fields == 400)
			assert_in_range(used, (size_t)16 << 20, (size_t)300 << 20);
		/* what is left of the whole message's holds */
		left = 100;
		verify(buf_str(&field), buf_slice(&head), slice_of(LETTER), rsa, &report);
		assert_true(verify_told(&report.words, VERIFY_SAY_COPIES_MANY));
		assert_int_equal(left, 0);
		work_left = NULL;
		buf_deinit(&head);
		buf_deinit(&z);
		buf_deinit(&field);
	}
}

static void
mime_boundary_read(void **state)
{
	static const struct {
		const char *type, *want;
	} rows[] = {
	    {"multipart/mixed; boundary=abc", "abc"},
	    {"multipart/mixed; BOUNDARY=\"a b;c\"; x=y", "a b;c"},
	    {"Multipart/Alternative;\r\n\tboundary=\"abc\"", "abc"},
	    {"multipart/mixed; boundary=abc; charset=x", "abc"},
	    {"text/plain; boundary=abc", ""},
	    {"multipart/mixed", ""},
	    {"multipart/mixed; boundary=", ""},
	    {"multipart/mixed; boundary=\"", ""},
	    {"multipart/mixed; boundary=\"a\r\n b\"", ""},
	    {"multipart/mixed; boundary=\"a\rb\"", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!slice_eq_str(mime_boundary(slice_of(rows[i].type)), rows[i].want))
			fail_msg("%s", rows[i].type);
	}
}

/* After all others: each sentence about a change was produced, and each says something. */
static void
sentences_all_produced(void **state)
{
	size_t missing = 0;

	(void)state;
	for (size_t i = 0; i < VERIFY_SAY_COUNT; i++) {
		const struct verify_sentence *s = &VERIFY_SENTENCES[i];
		assert_non_null(s->name);
		assert_true(s->situation[0] != '\0' && s->verdict[0] != '\0' && s->mend != NULL);
		if (i >= MUTATION_BODY_FIRST && !seen[i]) {
			print_error("%s was not produced\n", s->name);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
	assert_true(seen[VERIFY_SAY_BODY_TRIED] && seen[VERIFY_SAY_BODY_LARGE]);
	assert_true(seen[VERIFY_SAY_HEADER_TRIED] && seen[VERIFY_SAY_HEADER_LARGE]);
	assert_true(seen[VERIFY_SAY_COPY_DIFFERS] && seen[VERIFY_SAY_REMOVED]);
	assert_true(seen[VERIFY_SAY_ABSENT] && seen[VERIFY_SAY_ABSENT_SIGNED]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mutation_body_found),
	    cmocka_unit_test(mutation_header_found),
	    cmocka_unit_test(mutation_header_ed25519_found),
	    cmocka_unit_test(mutation_too_large_said),
	    cmocka_unit_test(mutation_work_bounded),
	    cmocka_unit_test(mutation_parts_bounded),
	    cmocka_unit_test(mutation_words_bounded),
	    cmocka_unit_test(mutation_quotes_linear),
	    cmocka_unit_test(mutation_short_lines_bounded),
	    cmocka_unit_test(mutation_header_work_counted),
	    cmocka_unit_test(mutation_verifications_bounded),
	    cmocka_unit_test(mutation_copies_bounded),
	    cmocka_unit_test(mutation_copies_of_many_fields_bounded),
	    cmocka_unit_test(mime_boundary_read),
	    cmocka_unit_test(sentences_all_produced),
	};
	return cmocka_run_group_tests_name("mutation", tests, make_keys, free_keys);
}
