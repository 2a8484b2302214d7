#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""gen_content.py - messages for content.sh, as a client sends them.  usage: gen_content.py DIR DOMAIN SUFFIX > PLAN

A line "CASE TAB MAIL-PARAMETERS|- TAB WANT TAB REMARK" each; the message is DIR/CASE.  WANT: signed, unsigned, broken.
"""
import os
import sys


def cases(domain):
    """(case, header and body, parameters, want, remark)"""
    who = b"From: alice@" + domain + b"\r\n"
    head = who + b"To: someone@sink.test\r\nSubject: content\r\nMIME-Version: 1.0\r\n"
    text = head + b"Content-Type: text/plain; charset=utf-8\r\n"
    eight = text + b"Content-Transfer-Encoding: 8bit\r\n"
    plain = b"\r\nA line.\r\n"

    def subject(value):
        return who + b"Subject:" + value + b"\r\nTo: someone@sink.test\r\n" + plain

    yield "utf8-header", subject(" Grüße 你好".encode()), "-", "signed", "8-bit header, SMTPUTF8 not asked for"
    yield "utf8-asked", subject(" Grüße 你好".encode()), "SMTPUTF8", "signed", ""
    yield "latin1-header", subject(b" Gr\xfc\xdfe"), "-", "signed", ""
    yield "utf8-local-part", text.replace(b"alice@", "älice@".encode()) + plain, "SMTPUTF8", "signed", ""
    yield "8bit-body", eight + "\r\nGrüße\r\n".encode(), "BODY=8BITMIME", "signed", ""
    yield "8bit-undeclared", who + "\r\nGrüße \xa0\r\n".encode("latin-1"), "-", "signed", ""
    yield "empty-body", head + b"\r\n", "-", "signed", ""
    yield "no-blank-line", head, "-", "signed", "a header and nothing behind it"
    yield "non-header-line", head + b"this is no field\r\nbody already\r\n", "-", "signed", ""
    yield "crlf-body", head + b"\r\n\r\n\r\n\r\n", "-", "signed", ""
    yield "blank-only-line", head + b"\r\n \t \r\n", "-", "signed", ""
    yield "trailing-blanks", head + b"\r\none  \r\n\ttwo \t\r\n \r\n\r\n  \r\n\r\n", "-", "signed", ""
    yield "no-final-crlf", head + b"\r\none\r\ntwo", "-", "signed", ""
    yield "dots", head + b"\r\n.\r\n..\r\n.one\r\n. \r\n...\r\n", "-", "signed", ""
    yield "nul-body", head + b"\r\na\0b\r\n\0\r\n\0\0\r\n", "-", "signed", ""
    yield "nul-header", who + b"Subject: one\0two\r\n" + plain, "-", "signed", "Postfix cuts the value there"
    yield "bare-cr", head + b"\r\none\rtwo\r\r\nthree\r\n", "-", "signed", ""
    yield "bare-lf", head + b"\r\none\ntwo\n\nthree\r\n", "-", "signed", ""
    yield "vt-ff", head + b"\r\none\x0btwo\r\n\x0c\r\nthree \x0b \r\n\x0b\r\n", "-", "signed", ""
    yield "header-vt", subject(b" one\x0btwo \x0c three"), "-", "signed", ""
    yield "huge-header", who + b"References:" + b"".join(b"\r\n <%050d@x.example>" % i for i in range(1900)) + \
        b"\r\n" + plain, "-", "signed", "Postfix keeps 60 kB of 124"
    yield "many-fields", who + b"".join(b"X-%d: %d\r\n" % (i, i) for i in range(900)) + plain, "-", "signed", ""
    yield "too-many-fields", who + b"".join(b"X-%d: %d\r\n" % (i, i) for i in range(2000)) + plain, "-", \
        "unsigned", "over header_count_max"
    yield "dup-subject", subject(b" one\r\nSubject: two"), "-", "signed", ""
    yield "wsp-before-colon", head.replace(b"Subject:", b"Subject \t:") + plain, "-", "signed", ""
    yield "folded-first", subject(b"\r\n on the second line\r\n\t and third"), "-", "signed", ""
    yield "fold-of-blanks", subject(b" one\r\n  \r\n two"), "-", "signed", ""
    yield "no-space", subject(b"tight"), "-", "signed", ""
    yield "many-spaces", subject(b"    wide \t  gaps   "), "-", "signed", ""
    yield "empty-subject", subject(b""), "-", "signed", ""
    yield "comma-list", who + b"To: a@sink.test,b@sink.test,c@sink.test\r\nCc: d,e@sink.test\r\n" + plain, "-", \
        "signed", ""
    yield "group-to", who + b"To: undisclosed-recipients:;\r\nSubject: x\r\n" + plain, "-", "signed", ""
    yield "bcc", who + b"Bcc: hidden@sink.test\r\nReturn-Path: <x@y.example>\r\nContent-Length: 5\r\n" + plain, "-", \
        "signed", "Postfix drops these before"
    yield "only-from", who + plain, "-", "signed", "no Date, no Message-ID, and none is added for this client"
    yield "foreign-signature", b"DKIM-Signature: v=1; a=rsa-sha256; d=gone.example; s=x;\r\n\th=from; bh=AAAA; b=AAAA" \
        b"\r\nReceived: from x by y; Sat, 21 Nov 2026 10:00:00 +0000\r\n" + head + plain, "-", "signed+1", ""
    yield "two-from", who + who + plain, "-", "unsigned", "two From fields"
    yield "two-from-wsp", who + b"From : mallory@" + domain + b"\r\n" + plain, "-", "unsigned", ""
    yield "two-mailboxes", b"From: alice@" + domain + b", bob@" + domain + b"\r\n" + plain, "-", "unsigned", ""
    yield "no-from", b"Subject: who\r\n" + plain, "-", "unsigned", ""
    yield "8bit-from-domain", b"From: alice@\xff\xfe" + domain + b"\r\n" + plain, "-", "unsigned", ""
    yield "from-encoded", b"From: =?utf-8?q?x=40b.test?= <alice@" + domain + b">\r\n" + plain, "-", "signed", ""
    yield "long-line", head + b"\r\n" + b"x" * 3000 + b"\r\n", "-", "broken", "smtp(8) cuts at 998"
    yield "long-header", subject(b" " + b"y" * 1500), "-", "broken", "smtp(8) cuts at 998"
    yield "line-998", head + b"\r\n" + b"x" * 998 + b"\r\n", "-", "signed", ""
    yield "200kB", head + b"\r\n" + b"some words in a line \t of text \r\n" * 6000, "-", "signed", ""
    yield "multipart", head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\nContent-Type: " \
        b"text/plain\r\n\r\n part \r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: " \
        b"base64\r\n\r\nAAECAwQ=\r\n--b--\r\n\r\n", "-", "signed", ""


def main():
    directory, domain, suffix = sys.argv[1:]
    for case, message, parameters, want, remark in cases(domain.encode("utf-8")):
        case += suffix
        with open(os.path.join(directory, case), "wb") as f:
            f.write(message)
        print("\t".join((case, parameters, want, remark)))


if __name__ == "__main__":
    main()
