#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""gen_messages.py - messages of every nasty shape, the same ones for the same seed.

usage: gen_messages.py [--seed N] [--soup N] DIR PLAN

Writes DIR/CASE.eml as an MTA would hold it (CRLF lines), and PLAN with "CASE TAB CANON TAB WANT" each: CANON is the
canonicalization of the domain in its From (ss, sr, rs, rr: header, body), WANT as in
judge.py: signed, signed+N (above N other signatures), signed/N (N verifiers are enough) or unsigned.
CASE is h.HEADER-SHAPE+b.BODY-SHAPE or soup-N, so that a table of disagreements can name a shape by a glob.
"""
import argparse
import os
import random

CANONS = ("ss", "sr", "rs", "rr")
IDN = "bücher".encode()

# Header shapes: fields added to, or instead of, the plain ones; a value is all behind the colon.
PLAIN = [(b"Date", b" Sat, 21 Nov 2026 10:00:00 +0000"), (b"From", b" Alice <alice@%d>"),
         (b"To", b" someone@sink.test"), (b"Message-ID", b" <1@%d>"), (b"Subject", b" a plain one"),
         (b"MIME-Version", b" 1.0"), (b"Content-Type", b" text/plain; charset=utf-8")]
LONG = b" ".join(b"word%d" % i for i in range(300))
FOLDED_HUGE = b"\r\n\t".join([b" start"] + [b"<%040d@list.example>" % i for i in range(1030)])

ADDED = {
    "plain": [],
    "dup-subject": [(b"Subject", b" the second")],
    "dup-everything": PLAIN[2:],
    "cc-twice": [(b"Cc", b" one@sink.test"), (b"Cc", b" two@sink.test")],
    "sender-twice": [(b"Sender", b" a@x.example"), (b"Sender", b" b@x.example")],
    "resent": [(b"Resent-From", b" x@y.example"), (b"Resent-To", b" z@y.example"), (b"Resent-Date", b" today")],
    "list": [(b"List-Id", b" <l.y.example>"), (b"List-Unsubscribe", b" <mailto:u@y.example>"),
             (b"List-Unsubscribe-Post", b" List-Unsubscribe=One-Click")],
    "received": [(b"Received", b" from a by b; Sat, 21 Nov 2026 09:59:59 +0000")] * 30,
    "foreign-signature": [(b"DKIM-Signature", b" v=1; a=rsa-sha256; d=gone.example; s=x; c=relaxed/simple;\r\n"
                           b"\th=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA")],
    "own-signature": [(b"DKIM-Signature", b" v=1; a=rsa-sha256; d=%d; s=old; c=relaxed/simple;\r\n"
                       b"\th=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA")],
    "signature-junk": [(b"DKIM-Signature", b" ;;;=;"), (b"DKIM-Signature", b"")],
    "many-fields": [(b"X-Number-%d" % i, b" %d" % i) for i in range(900)],
    "odd-names": [(b"X-!#$%&'*+/=?^_`{|}~", b" odd"), (b"1", b" digit"), (b"Keywords", b" a: b: c;")],
    "many-references": [(b"References", b"\r\n ".join([b""] + [b"<%d@x.example>" % i for i in range(200)]))],
    "autocrypt": [(b"Autocrypt", b" addr=a@b; keydata=\r\n" + b"\r\n".join([b" " + b"QUJD" * 18] * 20))],
    "bcc": [(b"Bcc", b" secret@x.example"), (b"Return-Path", b" <x@x.example>")],
    "looks-like-fold": [(b"X-Trap", b" one\r\n DKIM-Signature: v=1; a=none\r\n\tFrom: evil@x.example")],
}
# Shapes that verifiers read so differently that fewer than two pass: how many must.
FEW = {"b.bare-lf": 1, "b.bare-lf-last": 1, "b.lf-cr": 1, "h.tab-before-colon": 1, "h.vt-at-ends": 0}
# One field of the plain ones gets another value.
CHANGED = {
    "no-space": (b"Subject", b"tight"),
    "tab-first": (b"Subject", b"\ttabbed"),
    "many-blanks": (b"Subject", b"   \t  wide   \t gaps \t  here"),
    "trailing-blanks": (b"Subject", b" ends in blanks \t  "),
    "empty-value": (b"Subject", b""),
    "blank-value": (b"Subject", b"  \t "),
    "folded-first": (b"Subject", b"\r\n on the second line"),
    "folded-tab": (b"Subject", b" one\r\n\ttwo\r\n\tthree"),
    "folded-blanks": (b"Subject", b" one  \r\n \t  two \t\r\n   three"),
    "folded-blank-line": (b"Subject", b" one\r\n  \r\n two"),
    "folded-deep": (b"Subject", b"\r\n ".join([b" x"] + [b"y"] * 400)),
    "utf8": (b"Subject", " Grüße, 你好, Привет 🎉".encode()),
    "latin1": (b"Subject", b" Gr\xfc\xdfe \xff\xfe\x80"),
    "long-line": (b"Subject", b" " + LONG),
    "huge-folded": (b"References", FOLDED_HUGE),
    "comma-list": (b"To", b" a@sink.test,b@sink.test,c@sink.test"),
    "to-group": (b"To", b" undisclosed-recipients:;"),
    "vt-inside": (b"Subject", b" a\x0bb \x0b c\x0cd"),
    "vt-at-ends": (b"Subject", b" \x0b in between \x0c"),
    "control-octets": (b"Subject", b" \x01\x02\x07\x1b[31m\x7f"),
    "nbsp-at-ends": (b"Subject", " \u00a0 wide \u00a0".encode()),
    "semicolons": (b"Subject", b" b=; d=x; h=from:to; \"=\" \\"),
    "from-comment": (b"From", b" (ceo@b.example) alice@%d (the (nested) one)"),
    "from-quoted": (b"From", b' "ceo@b.example" <alice@%d>'),
    "from-quoted-local": (b"From", b' <"a b"@%d>'),
    "from-encoded": (b"From", b" =?utf-8?q?x=40b.example?= <alice@%d>"),
    "from-folded": (b"From", b"\r\n\t\"Alice\r\n of\" \r\n <alice@%d>\r\n (x)"),
    "from-upper": (b"From", b" <ALICE@%D>"),
    "from-utf8-name": (b"From", " Алиса <alice@%d>".encode()),
    "from-bare": (b"From", b"alice@%d"),
}
FOREIGN = {"foreign-signature": 1, "own-signature": 1, "signature-junk": 2}  # signatures that are there already
LEFT_OUT = {"only-from": [b"Date", b"To", b"Message-ID", b"Subject", b"MIME-Version", b"Content-Type"],
            "no-date": [b"Date", b"Message-ID"], "no-to": [b"To"]}
RENAMED = {"upper-names": lambda n: n.upper(), "lower-names": lambda n: n.lower(), "mixed-names": lambda n: n.swapcase(),
           "wsp-before-colon": lambda n: n + b" ", "tab-before-colon": lambda n: n + b"\t"}
# What must leave unsigned: the value of From, or another field of the plain ones.
REFUSED = {
    "two-from": [(b"From", b" mallory@%d")],
    "two-from-wsp": [(b"From ", b" mallory@%d")],
}
REFUSED_VALUES = {
    "from-two-mailboxes": (b"From", b" alice@%d, bob@%d"),
    "from-group": (b"From", b" all: alice@%d;"),
    "from-two-angles": (b"From", b" <alice@%d> <bob@%d>"),
    "from-at-in-phrase": (b"From", b" x@b.example <alice@%d>"),
    "from-route": (b"From", b" <@b.example:alice@%d>"),
    "from-literal": (b"From", b" alice@[192.0.2.1]"),
    "from-empty": (b"From", b""),
    "from-8bit-domain": (b"From", b" alice@\xff\xfe%d"),
    "from-trailing-dot": (b"From", b" alice@%d."),
    "from-cyrillic": (b"From", " alice@\u0430%d".encode()),
    "from-unbalanced": (b"From", b' "alice <alice@%d>'),
    "bare-cr": (b"Subject", b" one\rtwo"),
}

BODIES = {
    "plain": b"Hello.\r\n\r\nA second  paragraph.\r\n",
    "empty": b"",
    "one-crlf": b"\r\n",
    "many-crlf": b"\r\n" * 50,
    "blank-only": b" \t \r\n",
    "blank-only-open": b"  \t",
    "blank-only-lines": b" \r\n\t\r\n  \r\n",
    "no-final-crlf": b"one\r\ntwo",
    "open-blanks": b"one\r\ntwo \t ",
    "trailing-lines": b"one\r\n\r\n\r\n\r\n",
    "trailing-blank-lines": b"one\r\n \r\n\t\r\n   \t\r\n",
    "inner-blank-lines": b"one\r\n\r\n\r\n  \r\n\r\ntwo\r\n",
    "leading-lines": b"\r\n\r\n \r\none\r\n",
    "blanks": b" lead\r\ntrail  \r\nin \t between\t\ttabs\r\n\t\r\n",
    "vt-ff": b"a\x0bb\r\n\x0b\r\n\x0c\r\ntrail\x0b\r\n \x0c \r\n",
    "vt-last": b"one\r\n\x0b\r\n",
    "nul": b"a\0b\r\n\0\r\n\0\0 \r\n",
    "dots": b".\r\n..\r\n...\r\n. \r\n.x\r\n",
    "eight-bit": bytes(range(0x80, 0x100)) + b"\r\n",
    "utf8": "Grüße\r\n你好\r\n\u00a0\r\n\u2028\r\n".encode(),
    "controls": bytes(b for b in range(1, 32) if b not in (10, 13)) + b"\x7f\r\n",
    "long-line": b"x" * 3000 + b"\r\n" + b"y z " * 1000 + b"\r\n",
    "long-blanks": b"x" + b" " * 5000 + b"y" + b"\t" * 5000 + b"\r\n",
    "many-blank-lines": b"top\r\n" + b"\r\n" * 2000 + b"bottom\r\n",
    "blank-tail": b"top\r\n" + b" \r\n\r\n" * 1000,
    "chunk-edge": b"z" * 65533 + b"\r\n" + b" " + b"w" * 65533 + b"\r\n \r\n",
    "mime": b"--b\r\nContent-Type: text/plain\r\n\r\npart  \r\n\r\n--b--\r\n\r\nepilogue\r\n\r\n",
    "header-like": b"From: evil@x.example\r\nDKIM-Signature: v=1; b=\r\n\r\n",
    "from-line": b"From someone Sat Nov 21\r\n>From x\r\n",
    "bare-lf": b"one\ntwo\n\nthree\r\n",
    "bare-lf-last": b"one\r\ntwo\n",
    "bare-cr": b"one\rtwo\r\rthree\r\n",
    "bare-cr-last": b"one\r\ntwo\r",
    "cr-cr-lf": b"one\r\r\ntwo\r\r\n",
    "lf-cr": b"one\n\rtwo\n\r",
    "blank-cr": b"one \r \r\n \r\r\n",
}


def fill(octets, domain):
    return octets.replace(b"%d", domain).replace(b"%D", domain.upper())


def fields_of(shape):
    """The fields of a header shape, or None when there is no such shape."""
    if shape in ADDED:
        return PLAIN + ADDED[shape]
    if shape in REFUSED:
        return PLAIN + REFUSED[shape]
    if shape in CHANGED or shape in REFUSED_VALUES:
        name, value = CHANGED.get(shape) or REFUSED_VALUES[shape]
        rest = [(n, v) for n, v in PLAIN if n != name]
        return rest[:2] + [(name, value)] + rest[2:]
    if shape in LEFT_OUT:
        return [(n, v) for n, v in PLAIN if n not in LEFT_OUT[shape]]
    rename = RENAMED[shape]
    return [(rename(n), v) for n, v in PLAIN]


def soup(rng):
    """A random header and body of octets that canonicalization treats specially; CRLF is the only line end."""
    def stuff(words, most):
        return b"".join(rng.choice(words) for _ in range(rng.randrange(most)))
    inner = (b" ", b"\t", b"a", b"B", b"  ", b"\r\n ", b"\r\n\t", b"\xe4", b";", b":", b"=", b"word")
    fields = [(rng.choice((b"Subject", b"To", b"Cc", b"X-Soup", b"Reply-To", b"References", b"List-Id", b"sUBJECT")),
               stuff(inner, 30) + b"e") for _ in range(rng.randrange(12))]
    fields.insert(rng.randrange(len(fields) + 1), (b"From", b" alice@%d"))
    body = stuff((b" ", b"\t", b"\r\n", b"\r\n", b"a", b".", b"\0", b"\x0b", b"\xff", b"word", b" \r\n"), 400)
    return fields, body


class Writer:
    def __init__(self, directory, plan):
        self.directory, self.plan, self.number = directory, plan, 0

    def write(self, case, fields, body, want, canon=None):
        canon = canon or CANONS[self.number % 4]
        self.number += 1
        for part in case.split("+"):
            want += f"/{FEW[part]}" if part in FEW else ""
        domain = IDN + b".%s.test" % canon.encode() if "idn" in case else b"%s.test" % canon.encode()
        message = b"".join(n + b":" + fill(v, domain) + b"\r\n" for n, v in fields) + b"\r\n" + body
        with open(os.path.join(self.directory, case + ".eml"), "wb") as f:
            f.write(message)
        self.plan.write(f"{case}\t{canon}\t{want}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=6376)
    parser.add_argument("--soup", type=int, default=120)
    parser.add_argument("directory")
    parser.add_argument("plan")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    headers = list(ADDED) + list(CHANGED) + list(LEFT_OUT) + list(RENAMED)
    with open(args.plan, "w", encoding="ascii") as plan:
        writer = Writer(args.directory, plan)
        for canon in CANONS:
            for shape, body in BODIES.items():
                writer.write(f"h.plain+b.{shape}+{canon}", PLAIN, body, "signed", canon)
        for shape in headers[1:]:
            for canon in CANONS:
                body = rng.choice(("plain", "empty", "no-final-crlf", "blanks", "vt-ff", "nul", "trailing-blank-lines"))
                want = f"signed+{FOREIGN[shape]}" if shape in FOREIGN else "signed"
                writer.write(f"h.{shape}+b.{body}+{canon}", fields_of(shape), BODIES[body], want, canon)
        for shape in list(REFUSED) + list(REFUSED_VALUES):
            writer.write(f"h.{shape}+b.plain", fields_of(shape), BODIES["plain"], "unsigned")
        for canon in CANONS:
            writer.write(f"idn+{canon}", PLAIN, BODIES["plain"], "signed", canon)
        for number in range(args.soup):
            fields, body = soup(rng)
            writer.write(f"soup-{number}", fields, body, "signed")


if __name__ == "__main__":
    main()
