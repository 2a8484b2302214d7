#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""keeper_view.py - what became of a store: one line that says how far each key of a domain is, or whether a message that
the milter signed can be verified.

usage: keeper_view.py state STORE DOMAIN SERVER PORT
       keeper_view.py facts STORE DOMAIN
       keeper_view.py verify FILE SERVER PORT

state: "1=generated,published,file,dns:record 2=..." by the keys' ages; 1 and a line that begins with "!" when the store is
not as it should be, whatever the state: the database, the files, the table.
facts: the same line, quickly: without what is in DNS, and without a look whether all is well.
verify: the selector of the signature that passes, or 1 and why none does.
"""
import os
import re
import sqlite3
import subprocess
import sys

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


class Store:
    def __init__(self, store, domain):
        self.store, self.domain = store, domain
        self.db = sqlite3.connect(f"file:{store}/keystore.db?mode=ro", uri=True)
        self.db.row_factory = sqlite3.Row
        self.keys = self.db.execute("SELECT * FROM key WHERE domain = ? ORDER BY id", (domain,)).fetchall()
        with open(f"{store}/signing.table", encoding="ascii") as f:
            self.table = re.findall(rf"^key {re.escape(domain)} (\S+) \S+ (\S+) (\S+)$", f.read(), re.M)

    def words(self, row):
        has = [fact for fact in FACTS if row[fact] is not None]
        has += ["file"] if os.path.exists(f"{self.store}/keys/{self.domain}/{row['selector']}.pem") else []
        has += ["table"] if any(selector == row["selector"] for selector, _, _ in self.table) else []
        return ",".join(has)


def facts(store, domain):
    it = Store(store, domain)
    print(*(f"{n}={it.words(row)}" for n, row in enumerate(it.keys, 1)))
    return 0


def state(store, domain, server, port):
    from judge_dns import Names  # takes a while, which the other words need not wait for
    it, names = Store(store, domain), Names(server, int(port))
    bad = list(faults(it.db, store, names, it.keys, it.table))
    for word in bad:
        print("!", word)
    print(*(f"{n}={it.words(row)},dns:{in_dns(names, row)}" for n, row in enumerate(it.keys, 1)))
    return 1 if bad else 0


def verify(path, server, port):
    import dkim
    from judge_dns import Names
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
    sys.exit({"state": state, "facts": facts, "verify": verify}[sys.argv[1]](*sys.argv[2:]))
