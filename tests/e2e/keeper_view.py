#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""keeper_view.py - what became of a store: one line that says how far each key of a domain is, or whether a message that
the milter signed can be verified.

usage: keeper_view.py state STORE DOMAIN SERVER PORT
       keeper_view.py verify FILE SERVER PORT

state: "1=generated,published,file,dns:record 2=..." by the keys' ages; 1 and a line that begins with "!" when the store is
not as it should be, whatever the state: the database, the files, the table.
verify: the selector of the signature that passes, or 1 and why none does.
"""
import os
import re
import sqlite3
import subprocess
import sys

from judge_dns import Names

FACTS = ("generated published verified activated retired acknowledged revoked removed destroyed compromised "
         "abandoned").split()
TOMBSTONE = b"v=DKIM1; p="


def in_dns(names, row):
    text = names.txt(row["owner"])
    if text is None:
        return "none"
    return "record" if text == row["record"].encode() else "tombstone" if text == TOMBSTONE else "other"


def faults(db, store, names, keys, table):
    """What must never be, not even right after a kill."""
    for (word,) in db.execute("PRAGMA integrity_check"):
        if word != "ok":
            yield f"integrity_check: {word}"
    for row in db.execute("PRAGMA foreign_key_check"):
        yield f"foreign_key_check: {tuple(row)}"
    rows = {row["selector"]: row for row in keys}
    for selector, path, spki in table:
        row = rows.get(selector)
        if row is None:
            yield f"the table names {selector}, which the store does not have"
            continue
        if row["activated"] is None or row["verified"] is None:
            yield f"the table names {selector}, which was not proven"
        if in_dns(names, row) != "record":
            yield f"the table names {selector}, whose record is {in_dns(names, row)} at the primary"
        if not os.path.exists(f"{store}/{path}"):
            yield f"the table names {path}, which is not there"
    for folder, _, found in os.walk(f"{store}/keys"):
        for name in found:
            if name.endswith(".pem") and subprocess.run(
                    ["openssl", "pkey", "-in", f"{folder}/{name}", "-noout"], capture_output=True, check=False).returncode:
                yield f"half a key: {folder}/{name}"


def state(store, domain, server, port):
    db = sqlite3.connect(f"file:{store}/keystore.db?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    keys = db.execute("SELECT * FROM key WHERE domain = ? ORDER BY id", (domain,)).fetchall()
    names = Names(server, int(port))
    with open(f"{store}/signing.table", encoding="ascii") as f:
        table = re.findall(rf"^key {re.escape(domain)} (\S+) \S+ (\S+) (\S+)$", f.read(), re.M)
    line = []
    for n, row in enumerate(keys, 1):
        has = [fact for fact in FACTS if row[fact] is not None]
        has += ["file"] if os.path.exists(f"{store}/keys/{domain}/{row['selector']}.pem") else []
        has += ["table"] if any(selector == row["selector"] for selector, _, _ in table) else []
        line.append(f"{n}={','.join(has)},dns:{in_dns(names, row)}")
    bad = list(faults(db, store, names, keys, table))
    for word in bad:
        print("!", word)
    print(*line)
    return 1 if bad else 0


def verify(path, server, port):
    import dkim  # takes a while, which the other word need not wait for
    with open(path, "rb") as f:
        message = f.read()
    names = Names(server, int(port))
    judge = dkim.DKIM(message)
    fields = [value for name, value in judge.headers if name.lower() == b"dkim-signature"]
    if not fields:
        print("unsigned")
        return 1
    passed = []
    for n, field in enumerate(fields):
        selector = re.search(rb"\bs=([^;\s]+)", field).group(1).decode()
        try:
            if dkim.DKIM(message).verify(idx=n, dnsfunc=lambda name, timeout=5: names.txt(name)):
                passed.append(selector)
                continue
        except dkim.DKIMException as why:
            selector += f" ({why})"
        print("fails:", selector)
    print(*passed)
    return 0 if len(passed) == len(fields) else 1


if __name__ == "__main__":
    sys.exit(state(*sys.argv[2:]) if sys.argv[1] == "state" else verify(*sys.argv[2:]))
