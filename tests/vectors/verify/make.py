#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Makes the signed messages of this directory anew, with new keys: run it here.

Canonicalization and the verdict are dkimpy's, the signatures python3-cryptography's; nothing of signpost
takes part.  Private keys are thrown away.
"""
import base64
import hashlib

import dkim
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from dkim.canonicalization import CanonicalizationPolicy

FIELDS = [
    (b"Received", b" from x.example by mx.example;\r\n\tMon, 2 Nov 2026 10:00:00 +0000"),
    (b"From", b" Alice <alice@example.com>"),
    (b"To", b" Bob <bob@example.net>,\r\n\tcarol@example.net"),
    (b"Subject", b" Dinner at eight"),
    (b"Date", b" Mon, 2 Nov 2026 09:59:59 +0000"),
    (b"Message-Id", b" <1@example.com>"),
]
BODY = (b"Hello Bob,\r\n\r\n.first dot\r\n" + b"long " * 200 + b"end\r\nSee you.\r\n")
H = b"From:From:To:To:Cc:Subject:Subject:Date:Message-Id"


def rsa_key(bits):
    return rsa.generate_private_key(65537, bits)


def p_of(key):
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    else:
        raw = key.public_key().public_bytes(serialization.Encoding.DER,
                                            serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(raw).decode()


def make(name, key, canon, h=H, extra=b"", body=BODY, alg=None, bh_len=None):
    ed = isinstance(key, ed25519.Ed25519PrivateKey)
    alg = alg or (b"ed25519-sha256" if ed else b"rsa-sha256")
    policy = CanonicalizationPolicy.from_c_value(canon)
    digest = hashlib.sha1 if alg == b"rsa-sha1" else hashlib.sha256
    bh = base64.b64encode(digest(policy.canonicalize_body(body)[:bh_len]).digest())
    value = (b" v=1; a=" + alg + b"; c=" + canon + b"; d=example.com; s=sel;\r\n\th=" + h + b";\r\n\t" + extra +
             b"bh=" + bh + b";\r\n\tb=")
    left = list(FIELDS)
    picked = []
    for want in h.lower().split(b":"):
        for i in range(len(left) - 1, -1, -1):
            if left[i][0].lower() == want:
                picked.append((left[i][0], left[i][1] + b"\r\n"))
                del left[i]
                break
    picked.append((b"DKIM-Signature", value))
    data = b"".join(n + b":" + v for n, v in policy.canonicalize_headers(picked))
    if data.endswith(b"\r\n"):
        data = data[:-2]
    if ed:
        sig = key.sign(hashlib.sha256(data).digest())
    else:
        sig = key.sign(data, padding.PKCS1v15(), hashes.SHA1() if alg == b"rsa-sha1" else hashes.SHA256())
    b64 = base64.b64encode(sig)
    value += b"\r\n\t ".join(b64[i:i + 72] for i in range(0, len(b64), 72))
    msg = b"DKIM-Signature:" + value + b"\r\n"
    msg += b"".join(n + b":" + v + b"\r\n" for n, v in FIELDS) + b"\r\n" + body
    txt = b"v=DKIM1; k=%s; p=%s" % (b"ed25519" if ed else b"rsa", p_of(key).encode())
    if alg != b"rsa-sha1" and b"x=" not in extra:
        assert dkim.verify(msg, dnsfunc=lambda name, timeout=5: txt), name
    with open(name + ".eml", "wb") as f:
        f.write(msg)


def main():
    good, other, ed = rsa_key(2048), rsa_key(2048), ed25519.Ed25519PrivateKey.generate()
    small, short = rsa_key(1024), rsa_key(768)
    make("relaxed", good, b"relaxed/relaxed")
    make("simple", good, b"simple/simple")
    make("ed25519", ed, b"relaxed/simple")
    make("length", good, b"relaxed/simple", extra=b"l=12; ", bh_len=12)
    make("copied", good, b"relaxed/relaxed", h=b"From:To:Subject:Date",
         extra=b"z=From:=20Alice=20<alice@example.com>|\r\n\t Subject:=20Dinner=20at=20=65ight; ")
    make("times", good, b"relaxed/relaxed", extra=b"t=1793613599; x=1794218399; ")
    make("auid", good, b"relaxed/relaxed", extra=b"i=alice@sub.example.com; ")
    make("sha1", good, b"relaxed/relaxed", alg=b"rsa-sha1")
    make("rsa1024", small, b"relaxed/relaxed")
    make("once", good, b"relaxed/relaxed", h=b"Received:From:Subject:To")
    make("empty", good, b"simple/simple", body=b"")
    with open("records", "w", encoding="ascii") as f:
        f.write("# record of: the signer of all but ed25519 and rsa1024; another key; and what their names say\n")
        for name, key in (("rsa", good), ("other", other), ("ed25519", ed), ("rsa1024", small), ("rsa768", short)):
            f.write("%s %s\n" % (name, p_of(key)))


main()
