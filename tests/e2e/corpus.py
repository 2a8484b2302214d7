#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""corpus.py - real messages (of public mail parser corpora, not in this tree) through the milter and three verifiers.

usage: corpus.py --milter PROGRAM --mtaclient PROGRAM [--verdicts] DIR-OR-FILE...

Every regular file below the arguments that begins with a header field is a message; its From, if it has one, is kept
as X-Original-From, and From becomes a mailbox of the test's domain, so that all are signed.  Each of the four
canonicalizations signs a quarter of them, with RSA and Ed25519.  Prints figures; --verdicts also every signature that
not all verifiers pass.
"""
import argparse
import base64
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import dns.flags
import dns.message
import dns.rrset

HERE = os.path.dirname(os.path.abspath(__file__))
CANONS = {"ss": "simple/simple", "sr": "simple/relaxed", "rs": "relaxed/simple", "rr": "relaxed/relaxed"}
FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]+[ \t]*:")


class NameServer(threading.Thread):
    """TXT records over UDP on a loopback port; answers of any length up to 4096 octets."""

    def __init__(self, records):
        super().__init__(daemon=True)
        self.records = records
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port = self.udp.getsockname()[1]

    def run(self):
        while True:
            wire, peer = self.udp.recvfrom(4096)
            query = dns.message.from_wire(wire)
            reply = dns.message.make_response(query)
            reply.flags |= dns.flags.AA
            text = self.records.get(str(query.question[0].name).lower().rstrip("."))
            if text:
                parts = " ".join(f'"{text[i:i + 250]}"' for i in range(0, len(text), 250))
                reply.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TXT", parts))
            self.udp.sendto(reply.to_wire(max_size=4096), peer)


def openssl(*words, **options):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, **options).stdout


def make_keys(work, records):
    """The signing table's directory; returns the table's path."""
    rows = []
    for canon, words in CANONS.items():
        domain = f"{canon}.test"
        os.makedirs(f"{work}/keys/{domain}")
        rows.append(f"domain {domain} c={words}")
        for selector, name, algorithm in (("r1", "RSA", "rsa-sha256"), ("e1", "ED25519", "ed25519-sha256")):
            path = f"keys/{domain}/{selector}.pem"
            openssl("genpkey", "-algorithm", name, "-out", f"{work}/{path}")
            os.chmod(f"{work}/{path}", 0o640)
            spki = openssl("pkey", "-in", f"{work}/{path}", "-pubout", "-outform", "DER")
            digest = base64.b64encode(hashlib.sha256(spki).digest()).decode()
            rows.append(f"key {domain} {selector} {algorithm} {path} {digest}")
            public = base64.b64encode(spki if name == "RSA" else spki[-32:]).decode()
            records[f"{selector}._domainkey.{domain}"] = f"v=DKIM1; k={name.lower()}; p={public}"
    rows = ["signpost-table 1", "generation 1", "set header_count_max 100000", "set header_len_max 16777216", *rows,
            "allow login corpus " + " ".join(f"{c}.test" for c in CANONS)]
    with open(f"{work}/table", "w", encoding="ascii") as f:
        f.write("\n".join(rows + [f"end {len(rows)}"]) + "\n")
    return f"{work}/table"


def find(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for directory, _, names in sorted(os.walk(path)):
            yield from (os.path.join(directory, name) for name in sorted(names))


def adapt(octets, domain):
    """The message with CRLF line ends and a From of ours; None when it is no message."""
    if octets.startswith(b"From "):
        octets = octets.partition(b"\n")[2]
    if not FIELD.match(octets):
        return None
    if b"\r\n" not in octets[:octets.find(b"\n") + 1]:
        octets = re.sub(rb"\r?\n", b"\r\n", octets)
    header, blank, body = octets.partition(b"\r\n\r\n")
    header = re.sub(rb"(?im)^From([ \t]*:)", rb"X-Original-From\1", header)
    if not body.endswith(b"\r\n") and blank:
        body += b"\r\n"
    return b"From: corpus@" + domain + b"\r\n" + header + (blank or b"\r\n\r\n") + body


def gather(paths, mail):
    count = skipped = 0
    for path in find(paths):
        with open(path, "rb") as f:
            octets = f.read(50 << 20)
        canon = list(CANONS)[count % 4]
        message = adapt(octets, f"{canon}.test".encode())
        if message is None:
            skipped += 1
            continue
        name = re.sub(r"[^A-Za-z0-9._-]", "_", os.path.basename(path))[-60:]
        with open(f"{mail}/{count:05d}-{canon}-{name}.eml", "wb") as f:
            f.write(message)
        count += 1
    return count, skipped


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--milter", required=True)
    parser.add_argument("--mtaclient", required=True)
    parser.add_argument("--verdicts", action="store_true")
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    work = tempfile.mkdtemp(prefix="signpost-corpus.")
    milter = None
    try:
        records = {}
        table = make_keys(work, records)
        server = NameServer(records)
        server.start()
        os.mkdir(f"{work}/mail")
        os.mkdir(f"{work}/out")
        count, skipped = gather(args.paths, f"{work}/mail")
        with open(f"{work}/log", "wb") as log:
            milter = subprocess.Popen([args.milter, "-s", f"unix:{work}/s", "-t", table, "--log", "stderr", "--group="],
                                      stderr=log)
        while not os.path.exists(f"{work}/s"):
            time.sleep(0.05)
            if milter.poll() is not None:
                sys.exit(open(f"{work}/log", encoding="utf-8", errors="replace").read())
        files = sorted(f"{work}/mail/{name}" for name in os.listdir(f"{work}/mail"))
        said = []
        for at in range(0, len(files), 500):
            said += subprocess.run([args.mtaclient, "--socket", f"unix:{work}/s", "--from-auth", "corpus", "--out",
                                    f"{work}/out", "--messages-per-connection", "20", *files[at:at + 500]],
                                   stdout=subprocess.PIPE, check=False).stdout.decode("utf-8", "replace").splitlines()
        print(f"{count:7d} messages, {skipped} other files")
        for line in said:
            if " accepted inserted=2" not in line:
                print(line)
        judged = subprocess.run(["/usr/bin/python3", HERE + "/judge.py", "--dns", f"127.0.0.1:{server.port}",
                                 "--figures", f"{work}/out"], stdout=subprocess.PIPE, check=True).stdout.decode()
        for line in judged.splitlines():
            if args.verdicts or re.match(r" *\d+ [A-Za-z]", line):
                print(line)
    finally:
        if milter:
            milter.terminate()
            milter.wait()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
