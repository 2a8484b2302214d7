#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""verify_cases.py - messages signed by three signers, changed as lists, relays and mailboxes change them, and what
`signpost verify` says of each.

usage: verify_cases.py SIGNPOST CONFIG DNS-ADDRESS DNS-PORT KEY DIR [POSTFIX-PORT SINK-DIR]

The domain is a.test, the selector sel1, the key in KEY.  Before anything is asked of signpost, dkimpy must pass each
message as it was signed and fail it as it was changed.  One "ok - " or "not ok - " line a case.  With a Postfix that
hands on to a sink without 8BITMIME, what it makes of messages is asked, too.
"""
import base64
import ctypes
import email
import email.charset
import email.generator
import email.header
import email.message
import email.policy
import io
import json
import mailbox
import os
import quopri
import re
import smtplib
import subprocess
import sys
import time
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import dkim

from judge_dns import Names

SIGNPOST, CONFIG, ADDRESS, PORT, KEY, DIR = sys.argv[1:7]
POSTFIX, SINK = (sys.argv[7:] + ["", ""])[:2]
NAMES = Names(ADDRESS, int(PORT))
BODY = "Hello B\u00f6b,\r\n\r\nFrom here it is far.\r\n.one dot\r\n\tsee you.\r\n-- \r\nAlice\r\n".encode()
HEAD = (b"Received: from x.a.test by mx.a.test; Mon, 2 Nov 2026 10:00:00 +0000\r\nFrom: Alice <alice@a.test>\r\n"
        b"To: Bob <bob@b.test>, carol@b.test\r\nSubject: Dinner at eight\r\nDate: Mon, 2 Nov 2026 09:59:59 +0000\r\n"
        b"Message-ID: <1@a.test>\r\nMIME-Version: 1.0\r\n")
TEXT = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
MIXED = b'Content-Type: multipart/mixed; boundary="b1"\r\n'
PARTS = (b"--b1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nHello\r\n\r\n--b1\r\n"
         b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>\xc3\xa4</p>\r\n--b1--\r\n")
PLAIN = HEAD + TEXT + b"\r\n" + BODY
MULTIPART = HEAD + MIXED + b"\r\n" + PARTS
INNER = b'--b1\r\nContent-Type: multipart/alternative; boundary="b2"\r\n\r\n'
LETTER = "Einladung zum gro\u00dfen Abendessen f\u00fcr alle Mitarbeiter und Freunde der K\u00fcche = am n\u00e4chsten Dienstag\n" \
         "\n.um acht \nFrom here it is far, and these are seventy-seven characters without others:\n\u00c4\tB\t\n"
FOOTER = b"_______________________________________________\r\nTest mailing list -- test@l.test\r\n"
INCLUDE = [b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to", b"content-type",
           b"content-transfer-encoding"]


## signers

def by_dkimpy(message, canon):
    key = open(KEY, "rb").read()
    h, b = canon.encode().split(b"/")
    return dkim.sign(message, b"sel1", b"a.test", key, canonicalize=(h, b),
                     include_headers=[n for n in INCLUDE if n + b":" in message.lower()] + [b"from", b"subject"]) + message


def by_opendkim(message, canon):
    """OpenDKIM's library, as its filter calls it."""
    lib, pointer = ctypes.CDLL("libopendkim.so.11"), ctypes.c_void_p
    lib.dkim_init.restype = lib.dkim_sign.restype = pointer
    lib.dkim_sign.argtypes = [pointer, ctypes.c_char_p, pointer, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p,
                              ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_longlong, ctypes.POINTER(ctypes.c_int)]
    lib.dkim_header.argtypes = lib.dkim_body.argtypes = [pointer, ctypes.c_char_p, ctypes.c_size_t]
    lib.dkim_eoh.argtypes = lib.dkim_free.argtypes = [pointer]
    lib.dkim_eom.argtypes = [pointer, pointer]
    lib.dkim_getsighdr.argtypes = [pointer, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t]
    kinds = [["simple", "relaxed"].index(word) for word in canon.split("/")]
    status, out = ctypes.c_int(0), ctypes.create_string_buffer(4096)
    with open(KEY, "rb") as f:
        sign = lib.dkim_sign(lib.dkim_init(None, None), b"x", None, f.read(), b"sel1", b"a.test", *kinds, 1, -1,
                             ctypes.byref(status))
    head, body = head_body(message)
    results = [lib.dkim_header(sign, field, len(field)) for field in re.split(rb"\r\n(?![ \t])", head)[:-1]]
    results += [lib.dkim_eoh(sign), lib.dkim_body(sign, body, len(body)), lib.dkim_eom(sign, None),
                lib.dkim_getsighdr(sign, out, len(out), len("DKIM-Signature: "))]
    assert not any(results), (status, results)
    lib.dkim_free(sign)
    return b"DKIM-Signature: " + re.sub(rb"\r?\n", b"\r\n", out.value) + b"\r\n" + message


def by_us(message, canon):
    return subprocess.run([SIGNPOST, "sign", "--domain", "a.test", "--selector", "sel1", "--key", KEY, "--canon", canon],
                          input=message, capture_output=True, check=True).stdout


## what is done to messages: bytes to bytes

def head_body(message):
    head, _, body = message.partition(b"\r\n\r\n")
    return head + b"\r\n", body


def on_body(change):
    def mutate(message):
        head, body = head_body(message)
        return head + b"\r\n" + change(body)
    return mutate


def on_head(pattern, put):
    """The first match in the header; the signature's own field stands above all and is left alone."""
    def mutate(message):
        head, body = head_body(message)
        own = re.match(rb"DKIM-Signature:.*?\r\n(?![ \t])", head, re.S | re.I).end()
        new, n = re.subn(pattern, put, head[own:], count=1, flags=re.M)
        assert n == 1, pattern
        return head[:own] + new + b"\r\n" + body
    return mutate


def both(*changes):
    def mutate(message):
        for change in changes:
            message = change(message)
        return message
    return mutate


def add_top(field):
    return lambda message: field + b"\r\n" + message


def add_end(field):
    def mutate(message):
        head, body = head_body(message)
        return head + field + b"\r\n\r\n" + body
    return mutate


def to_qp(message):
    head, body = head_body(message)
    lines = [quopri.encodestring(line).replace(b"\n", b"\r\n") for line in body.split(b"\r\n")]
    return re.sub(rb"8bit", b"quoted-printable", head) + b"\r\n" + b"\r\n".join(lines)


def to_base64(message):
    head, body = head_body(message)
    return re.sub(rb"8bit", b"base64", head) + b"\r\n" + base64.encodebytes(body).replace(b"\n", b"\r\n")


def part_to_qp(message):
    return message.replace(b"8bit\r\n\r\n<p>\xc3\xa4", b"quoted-printable\r\n\r\n<p>=C3=A4")


## transfer encodings as programs of others write them: of text with LF line ends

def perl(code, data):
    return subprocess.run(["perl", "-MMIME::QuotedPrint", "-MMIME::Base64", "-MEncode", "-0777", "-ne", code], input=data,
                          capture_output=True, check=True).stdout


def qp_quopri(data):
    return quopri.encodestring(data).replace(b"\n", b"\r\n")


def qp_email(data):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message.set_content(data.decode(), cte="quoted-printable")
    return message.as_bytes().partition(b"\r\n\r\n")[2]


def qp_perl(data):
    return perl(r'print encode_qp($_, "\r\n")', data)


def b64_email(data):
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def b64_perl(data):
    return perl(r's/\n/\r\n/g; print encode_base64($_, "\r\n")', data)


def none(data):
    return data.replace(b"\n", b"\r\n")


ENCODERS = {"quoted-printable": qp_quopri, "base64": b64_email, "8bit": none}


def text(name, encoder, kind=b"plain"):
    """The fields and the body of a text."""
    return (b"Content-Type: text/" + kind + b"; charset=utf-8\r\nContent-Transfer-Encoding: " + name +
            b"\r\nContent-Language: de\r\n\r\n" + encoder(LETTER.encode()))


def nested(name, encoder):
    """Two texts in a multipart in a multipart, and a picture behind."""
    return (HEAD + MIXED + b"\r\n" + INNER + b"--b2\r\n" + text(name, encoder) + b"\r\n--b2\r\n" +
            text(name, encoder, b"html") + b"\r\n--b2--\r\n\r\n--b1\r\nContent-Type: image/gif\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\nR0lGODlhAQABAAAAACw=\r\n\r\n--b1--\r\n")


def recode(to, moved=False):
    """Each text by Python's email, into another transfer encoding; moved: its field goes behind the others."""
    def mutate(message):
        parsed = email.message_from_bytes(message.replace(b"\r\n", b"\n"), policy=email.policy.compat32)
        for part in [p for p in parsed.walk() if p.get_content_maintype() == "text"]:
            octets = ENCODERS[to](part.get_payload(decode=True).replace(b"\r\n", b"\n")).replace(b"\r\n", b"\n")
            part._payload = octets.decode("ascii", "surrogateescape")
            if moved:
                del part["Content-Transfer-Encoding"]
                part["Content-Transfer-Encoding"] = to
            else:
                part.replace_header("Content-Transfer-Encoding", to)
        out = io.BytesIO()
        email.generator.BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(parsed)
        return out.getvalue().replace(b"\n", b"\r\n")
    return mutate


def by_postfix(message):
    path = os.path.join(SINK, "case.eml")
    with smtplib.SMTP("127.0.0.1", int(POSTFIX), timeout=20) as out:
        out.sendmail("alice@a.test", ["case@sink.test"], message, mail_options=["BODY=8BITMIME"])
    for _ in range(300):
        if os.path.exists(path):
            break
        time.sleep(0.1)
    with open(path, "rb") as f:
        got = f.read()
    os.unlink(path)
    return got


def subject(value):
    return HEAD.replace(b"Dinner at eight", value) + TEXT + b"\r\n" + BODY


def words_perl(name, value):
    return perl(f'print encode("{name}", decode("UTF-8", $_))', value.encode())


def words_python(value, charset="utf-8", encoding=None):
    out = email.header.Header(value, charset, header_name="Subject")
    if encoding is not None:
        out._chunks[0][1].header_encoding = encoding
    return out.encode().replace("\n", "\r\n").encode()


def new_subject(value):
    return on_head(rb"^Subject: [^\r\n]*(\r\n[ \t][^\r\n]*)*", lambda m: b"Subject: " + value)


LONG = LETTER.split("\n", 1)[0].replace("= ", "")
SHORT = "Gr\u00fc\u00dfe aus K\u00f6ln"


def by_mailman(message):
    """As Mailman does it with a footer: a text of another charset is wrapped, a multipart gets one part more."""
    parsed = email.message_from_bytes(message.replace(b"\r\n", b"\n"), policy=email.policy.compat32)
    footer = MIMEText(FOOTER.decode().replace("\r\n", "\n"), "plain", "us-ascii")
    footer["Content-Disposition"] = "inline"
    if parsed.is_multipart():
        parsed.get_payload().append(footer)
    else:
        inner = email.message.Message(policy=email.policy.compat32)
        for name in ("content-type", "content-transfer-encoding"):
            inner[name.title()] = parsed[name]
            del parsed[name]
        inner._payload, inner._charset = parsed._payload, parsed._charset
        wrapped = MIMEMultipart("mixed", _subparts=[inner, footer])
        parsed["Content-Type"] = wrapped["Content-Type"]
        parsed.set_payload(wrapped.get_payload())
    subject = parsed["Subject"]
    parsed.replace_header("Subject", "[Test] " + subject)
    for name, value in (("List-Id", "<test.l.test>"), ("Sender", "test-bounces@l.test")):
        parsed[name] = value
    out = io.BytesIO()
    email.generator.BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(parsed)
    return out.getvalue().replace(b"\n", b"\r\n")


def by_mbox(message):
    """Into an mbox and out of it again, by Python's own."""
    path = os.path.join(DIR, "mbox")
    if os.path.exists(path):
        os.unlink(path)
    box = mailbox.mbox(path)
    box.add(message.replace(b"\r\n", b"\n"))
    box.flush()
    with open(path, "rb") as f:
        text = f.read()
    return text.split(b"\n", 1)[1].rstrip(b"\n").replace(b"\n", b"\r\n") + b"\r\n"


MUNGE = both(on_head(rb"^From: [^\r\n]*", b"From: Alice via Test <test@l.test>"),
             on_head(rb"^To: ", b"Reply-To: Alice <alice@a.test>\r\nTo: "))

# name, message, change, situations (a subset is wanted, and no other mutation), canonicalizations; "" all
ANY, SIMPLE, RELAXED = "", "simple/simple", "relaxed/relaxed"
CASES = [
    ("footer", PLAIN, on_body(lambda b: b + FOOTER), {"footer"}, ANY),
    ("footer behind blank lines", PLAIN, on_body(lambda b: b + b"\r\n\r\n" + FOOTER), {"footer"}, ANY),
    ("banner", PLAIN, on_body(lambda b: b"CAUTION: external\r\n\r\n" + b), {"inserted"}, ANY),
    ("mailman, text", PLAIN, by_mailman, {"wrapped", "subject-tag", "type-field", "encoding-field"}, ANY),
    ("mailman, parts", MULTIPART, by_mailman, {"footer-part", "subject-tag"}, ANY),
    ("mailman with munged From", PLAIN, both(by_mailman, MUNGE),
     {"wrapped", "subject-tag", "type-field", "encoding-field", "from-munged"}, "none"),
    ("munged From", PLAIN, MUNGE, {"from-munged"}, "few"),
    ("munged From and tag", PLAIN, both(MUNGE, on_head(rb"^Subject: ", b"Subject: [Test] ")),
     {"from-munged", "subject-tag"}, "few"),
    ("quoted-printable", PLAIN, to_qp, {"to-quoted-printable", "encoding-field"}, ANY),
    ("base64", PLAIN, to_base64, {"to-base64", "encoding-field"}, ANY),
    ("quoted-printable and footer", PLAIN, both(to_qp, on_body(lambda b: b + FOOTER)),
     {"to-quoted-printable", "encoding-field", "footer"}, ANY),
    ("a part quoted-printable", MULTIPART, part_to_qp, {"parts-encoded"}, ANY),
    ("8bit from quopri's", HEAD + text(b"quoted-printable", qp_quopri), recode("8bit"),
     {"from-quoted-printable", "encoding-field"}, ANY),
    ("8bit from email's", HEAD + text(b"quoted-printable", qp_email), recode("8bit"),
     {"from-quoted-printable", "encoding-field"}, ANY),
    ("8bit from Perl's", HEAD + text(b"quoted-printable", qp_perl), recode("8bit"),
     {"from-quoted-printable", "encoding-field"}, ANY),
    ("8bit from Perl's, and a footer", HEAD + text(b"quoted-printable", qp_perl),
     both(recode("8bit"), on_body(lambda b: b + FOOTER)), {"from-quoted-printable", "encoding-field", "footer"}, ANY),
    ("base64 from email's", HEAD + text(b"quoted-printable", qp_email), recode("base64"),
     {"from-quoted-printable", "encoding-field"}, ANY),
    ("quopri's from email's", HEAD + text(b"quoted-printable", qp_email), recode("quoted-printable"),
     {"from-quoted-printable"}, ANY),
    ("8bit from Python's base64", HEAD + text(b"base64", b64_email), recode("8bit"), {"from-base64", "encoding-field"}, ANY),
    ("quoted-printable from Perl's base64", HEAD + text(b"base64", b64_perl), recode("quoted-printable"),
     {"from-base64", "encoding-field"}, ANY),
    ("parts quoted-printable", nested(b"8bit", none), recode("quoted-printable"), {"parts-encoded"}, ANY),
    ("parts quoted-printable, fields moved", nested(b"8bit", none), recode("quoted-printable", True), {"parts-encoded"}, ANY),
    ("parts base64", nested(b"8bit", none), recode("base64", True), {"parts-encoded"}, ANY),
    ("parts from quoted-printable", nested(b"quoted-printable", qp_perl), recode("8bit"), {"parts-from-quoted-printable"},
     ANY),
    ("parts from quoted-printable to base64", nested(b"quoted-printable", qp_email), recode("base64"),
     {"parts-from-quoted-printable"}, ANY),
    ("parts from base64", nested(b"base64", b64_email), recode("8bit"), {"parts-from-base64"}, ANY),
    ("parts called 7bit", nested(b"8bit", none), on_body(lambda b: b.replace(b": 8bit", b": 7bit")), {"parts-label"}, ANY),
    ("parts not called 8bit", nested(b"8bit", none),
     on_body(lambda b: b.replace(b"Content-Transfer-Encoding: 8bit\r\n", b"")), {"parts-label"}, ANY),
    ("Postfix, to a host without 8BITMIME", PLAIN, by_postfix, {"to-quoted-printable", "encoding-field"}, "postfix"),
    ("Postfix, parts to a host without 8BITMIME", nested(b"8bit", none), by_postfix, {"parts-encoded"}, "postfix"),
    ("Subject, Perl's B to Python's", subject(words_perl("MIME-B", LONG)), new_subject(words_python(LONG)),
     {"words-encoded"}, ANY),
    ("Subject, Python's to Perl's B", subject(words_python(LONG)), new_subject(words_perl("MIME-B", LONG)),
     {"words-encoded"}, ANY),
    ("Subject, Perl's Q to B", subject(words_perl("MIME-Q", LONG)), new_subject(words_perl("MIME-B", LONG)),
     {"words-encoded"}, ANY),
    ("Subject, of ISO 8859-1, to B", subject(words_python(SHORT, "iso-8859-1")),
     new_subject(words_python(SHORT, "iso-8859-1", email.charset.BASE64)), {"words-encoded"}, ANY),
    ("Subject decoded", subject(words_perl("MIME-Q", SHORT)), new_subject(SHORT.encode()), {"words-encoded"}, ANY),
    ("Subject encoded", subject(SHORT.encode()), new_subject(words_python(SHORT)), {"words-encoded"}, ANY),
    ("Subject tagged and encoded", subject(words_perl("MIME-B", SHORT)), new_subject(words_python("[Test] " + SHORT)),
     {"tag-encoded"}, ANY),
    ("Message-ID removed", PLAIN, on_head(rb"^Message-ID: [^\r\n]*\r\n", b""), {"header-tried", "removed"}, "message-id"),
    ("To removed", PLAIN, on_head(rb"^To: [^\r\n]*\r\n", b""), {"header-tried", "removed"}, ANY),
    ("MIME-Version removed", PLAIN, on_head(rb"^MIME-Version: [^\r\n]*\r\n", b""), {"field-removed"}, "mime-version"),
    ("latin1", PLAIN, on_body(lambda b: b.decode().encode("latin1")), {"to-latin1"}, ANY),
    ("mbox", PLAIN, by_mbox, {"from-mangled"}, ANY),
    ("dots doubled", PLAIN, on_body(lambda b: b.replace(b"\n.", b"\n..")), {"dots-doubled"}, ANY),
    ("dot lost", PLAIN, on_body(lambda b: b.replace(b"\n.", b"\n")), {"dot-lost"}, ANY),
    ("tabs", PLAIN, on_body(lambda b: b.replace(b"\t", b"        ")), {"tabs-to-spaces"}, "simple body"),
    ("dashes", PLAIN, on_body(lambda b: b.replace(b"-- \r\n", b"--\r\n")), {"signature-dashes"}, "simple body"),
    ("blanks", PLAIN, on_body(lambda b: b.replace(b"far.\r\n", b"far.  \r\n")), {"blanks"}, "simple body"),
    ("CR CR LF", PLAIN, on_body(lambda b: b.replace(b"\r\n", b"\r\r\n")), {"cr-doubled"}, ANY),
    ("first line lost", HEAD + TEXT + b"\r\n\r\n" + BODY, on_body(lambda b: b[2:]), {"first-line"}, ANY),
    ("tag", PLAIN, on_head(rb"^Subject: ", b"Subject: [Test] "), {"subject-tag"}, ANY),
    ("spam mark", PLAIN, on_head(rb"^Subject: ", b"Subject: *** SPAM *** "), {"subject-prefix"}, ANY),
    ("second From", PLAIN, add_top(b"From: Mallory <m@b.test>"), {"field-second"}, "oversigned"),
    ("second Subject", PLAIN, add_top(b"Subject: You won"), {"field-second"}, "oversigned"),
    ("Subject below", PLAIN, add_end(b"Subject: You won"), {"field-below"}, ANY),
    ("Reply-To added", PLAIN, add_end(b"Reply-To: test@l.test"), {"field-new"}, "ours"),
    ("To without blank", PLAIN, on_head(rb">, carol", b">,carol"), {"commas"}, ANY),
    ("To folded", PLAIN, on_head(rb">, carol", b">,\r\n\tcarol"), {"folded"}, "simple header"),
    ("quotes", PLAIN, on_head(rb"^From: Alice", b'From: "Alice"'), {"addresses"}, ANY),
    ("Date in GMT", PLAIN, on_head(rb"59 \+0000(?=\r$)", b"59 GMT"), {"date"}, ANY),
    ("Message-ID kept elsewhere", PLAIN, on_head(rb"^Message-ID: [^\r\n]*",
     b"Message-ID: <new@relay.test>\r\nX-Original-Message-ID: <1@a.test>"), {"replaced"}, "message-id"),
    ("a word", PLAIN, on_body(lambda b: b.replace(b"far", b"near")), {"body-tried"}, ANY),
    ("another subject", PLAIN, on_head(rb"Dinner", b"Lunch"), {"header-tried"}, ANY),
]
ATTENDANT = {"body", "body-alone", "header", "absent", "absent-signed"}


def passes(message):
    try:
        return dkim.DKIM(message).verify(dnsfunc=lambda name, timeout=5: NAMES.txt(name))
    except dkim.DKIMException:
        return False


def fits(want, canon, signature):
    h = re.search(rb"h=([^;]*)", signature).group(1).lower().replace(b" ", b"").replace(b"\t", b"").replace(b"\r\n", b"")
    names = h.split(b":")
    header, body = canon.split("/")
    return {ANY: True, "none": names.count(b"reply-to") == 0 and b"content-type" in names and b"subject" in names,
            "few": True, "simple body": body == "simple", "simple header": header == "simple",
            "oversigned": names.count(b"from") > 1 and names.count(b"subject") > 1, "ours": b"reply-to" in names,
            "message-id": b"message-id" in names, "mime-version": b"mime-version" in names,
            "postfix": POSTFIX != ""}[want]


def say(good, name, more=""):
    print(("ok - " if good else "not ok - ") + name + ("" if good else ": " + more), flush=True)


def look(message):
    path = os.path.join(DIR, "message.eml")
    with open(path, "wb") as f:
        f.write(message)
    out = subprocess.run([SIGNPOST, "verify", "--json", "--config", CONFIG, path], capture_output=True, check=False)
    return out.returncode, json.loads(out.stdout) if out.stdout else {"error": out.stderr.decode()}


def case(signer, canon, row):
    name, message, change, want, where = row
    signed = signer(message, canon)
    field = re.match(rb"DKIM-Signature:.*?\r\n(?![ \t])", signed, re.S | re.I).group(0)
    canon = re.search(rb"c=([a-z/]+)", field).group(1).decode() if b"c=" in field else "simple/simple"
    canon = canon if "/" in canon else canon + "/simple"
    if not fits(where, canon, field):
        return
    label = f"{signer.__name__[3:]} {canon}: {name}"
    changed = change(signed)
    if not passes(signed):
        say(False, label, "dkimpy does not pass it as it was signed")
        return
    if passes(changed):
        # what this canonicalization, or what is signed, forgives
        code, said = look(changed)
        say(code == 0, label + " (forgiven)", json.dumps(said))
        return
    code, said = look(changed)
    rows = said.get("signatures", [{"findings": []}])[0]["findings"]
    situations = {r["situation"] for r in rows} - ATTENDANT
    # Reply-To may be signed as absent, and fields that are not signed tell nothing
    allowed = want | ({"field-new"} if "from-munged" in want else set())
    signed_names = re.search(rb"h=([^;]*)", field).group(1).lower()
    need = {w for w in want if not (w.endswith("-field") and b"content-" not in signed_names)}
    good = code == 2 and situations <= allowed and need <= situations
    say(good, label, f"{sorted(situations)} instead of {sorted(want)}: {json.dumps(rows)}")


def main():
    for canon in (RELAXED, SIMPLE, "relaxed/simple"):
        for row in CASES:
            for signer in (by_dkimpy, by_opendkim, by_us):
                case(signer, canon, row)


main()
