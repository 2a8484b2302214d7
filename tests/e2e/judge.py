#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""judge.py - what three independent verifiers say about messages as the next hop received them.

usage: judge.py --dns ADDRESS:PORT [--table disagreements.tsv] [--used FILE] DIR EXPECTED
       judge.py --dns ADDRESS:PORT --figures DIR...

DIR holds CASE.eml files.  EXPECTED has a line "CASE TAB WANT [TAB REMARK]" each, WANT being
  unsigned                          no DKIM-Signature field
  signed WORD...                    as many signatures of ours as there are a= words (default one); WORD is a tag and
                                    its value (d=a.test, a=rsa-sha256, c=simple/simple, h~=name: h= covers it)
  signed+N WORD...                  the same above N foreign ones
  signed/N WORD...                  signed, and N passing verifiers are enough (two, where nothing is said)
  broken WORD...                    signed, and known not to survive the way: no verifier passes
One "ok - " or "not ok - " line a case.  A signature is good when dkimpy, Mail::DKIM and OpenDKIM pass it; where one of
them does not, a row {case, algorithm, verifier, reason} of the table must say so, and the other two must pass; a
verifier that does not know the algorithm needs its row too, but does not count.
--used appends the rows that were needed, so that stale ones are found.  --figures counts verdicts on signatures of
domains below .test instead.
"""
import argparse
import collections
import fnmatch
import os
import re
import subprocess
import sys
import warnings

import dkim

from judge_dns import Names

HERE = os.path.dirname(os.path.abspath(__file__))
PASS = "pass"
UNKNOWN = "unsupported algorithm"  # Mail::DKIM of Debian 12 on Ed25519
VERIFIERS = ("dkimpy", "Mail::DKIM", "OpenDKIM")


class Helper:
    """A verifier as a process: a path in, lines and "." out."""

    def __init__(self, *argv):
        self.argv, self.process = argv, None

    def verify(self, path):
        if self.process is None:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        found = []
        try:
            self.process.stdin.write(path.encode() + b"\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                line = line.decode("utf-8", "replace").rstrip("\n")
                if line == ".":
                    return found
                found.append(line.split("\t"))
        except BrokenPipeError:
            pass
        status = self.process.wait()
        self.process = None
        return [["-", "-", "-", f"the verifier died, status {status}"]]

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()


class Dkimpy:
    def __init__(self, names):
        self.names = names

    def lookup(self, name, timeout=5):
        return self.names.txt(name)

    def verify(self, message, index):
        try:
            return PASS if dkim.DKIM(message).verify(idx=index, dnsfunc=self.lookup) else "fail"
        except Exception as problem:                          # the verdict on hostile input may be any of them
            return f"{type(problem).__name__}: {problem}"[:200].replace("\n", " ")


class Signature:
    def __init__(self, value):
        self.value = value
        self.tags = {}
        for part in value.decode("latin-1").split(";"):
            name, equals, text = part.partition("=")
            if equals:
                self.tags[name.strip()] = re.sub(r"[ \t\r\n]+", "", text)
        self.verdicts = {}

    def key(self):
        return [self.tags.get(t, "-") for t in "dsa"]

    def form(self):
        """What is wrong with the field itself, or None."""
        value = b"DKIM-Signature:" + self.value
        if any(len(line) > 78 for line in value.split(b"\r\n")):
            return "a line over 78 octets"
        if any(byte > 126 for byte in value) or b"\r" in value.replace(b"\r\n", b""):
            return "octets that do not belong into it"
        if any(tag in self.tags for tag in "liz"):
            return "a tag that is never emitted"
        return None

    def has(self, word):
        if word.startswith("h~="):
            return word[3:].lower() in self.tags.get("h", "").lower().split(":")
        name, _, value = word.partition("=")
        return self.tags.get(name) == value


def signatures_of(message):
    header = re.split(rb"(?<=\r\n)\r\n", message, maxsplit=1)[0] if not message.startswith(b"\r\n") else b""
    return [Signature(m.group(1)) for m in
            re.finditer(rb"^DKIM-Signature:((?:[^\r]|\r(?!\n)|\r\n[ \t])*)", header, re.I | re.M)]


class Judge:
    def __init__(self, address, port):
        self.dkimpy = Dkimpy(Names(address, port))
        self.helpers = {"Mail::DKIM": Helper("perl", HERE + "/judge.pl", address, str(port)),
                        "OpenDKIM": Helper("/usr/bin/python3", HERE + "/judge_opendkim.py", address, str(port))}

    def examine(self, path):
        with open(path, "rb") as f:
            message = f.read()
        signatures = signatures_of(message)
        if not signatures:
            return []
        said = {name: helper.verify(path) for name, helper in self.helpers.items()}
        for index, signature in enumerate(signatures):
            signature.verdicts["dkimpy"] = self.dkimpy.verify(message, index)
            for name, lines in said.items():
                own = [line[3] for line in lines if line[:3] == signature.key()]
                rest = [line[3] for line in lines if line[0] == "-"]
                signature.verdicts[name] = (own or rest or ["does not see the signature"])[0]
        return signatures

    def close(self):
        for helper in self.helpers.values():
            helper.close()


class Table:
    """disagreements.tsv: case (glob), algorithm (or *), verifier, reason."""

    def __init__(self, path, used):
        self.rows, self.used = [], used
        if path:
            with open(path, encoding="utf-8") as f:
                for line in f:
                    if line.strip() and not line.startswith("#"):
                        self.rows.append(line.rstrip("\n").split("\t"))

    def excuses(self, case, algorithm, verifier):
        for row in self.rows:
            if row[2] == verifier and fnmatch.fnmatchcase(case, row[0]) and row[1] in ("*", algorithm):
                if self.used:
                    with open(self.used, "a", encoding="utf-8") as f:
                        f.write("\t".join(row[:3]) + "\n")
                return True
        return False


def complaint(case, want, signatures, table):
    """Why the case is not as it should be, or None."""
    words = want.split()
    if words[0] == "unsigned":
        return f"it carries {len(signatures)} signatures" if signatures else None
    algorithms = [w for w in words[1:] if w.startswith("a=")]
    kind, foreign, enough = re.fullmatch(r"([a-z]+)(?:\+(\d+))?(?:/(\d+))?", words[0]).groups()
    foreign, enough = int(foreign or 0), int(enough or 2)
    signatures, below = signatures[:len(signatures) - foreign], signatures[len(signatures) - foreign:]
    if len(below) != foreign:
        return f"{len(below)} foreign signatures, not {foreign}"
    if len(signatures) != max(1, len(algorithms)):
        return f"{len(signatures)} signatures, not {max(1, len(algorithms))}"
    for number, signature in enumerate(signatures):
        wanted = [w for w in words[1:] if not w.startswith("a=")] + algorithms[number:number + 1]
        missing = [w for w in wanted if not signature.has(w)]
        if missing:
            return f"signature {signature.key()} {signature.tags.get('c')} lacks {' '.join(missing)}"
        if signature.form():
            return signature.form()
        refused = [v for v in VERIFIERS if signature.verdicts[v] != PASS]
        if kind == "broken":
            if len(refused) < len(VERIFIERS):
                return f"passes although it should be broken: {signature.verdicts}"
            continue
        unexcused = [v for v in refused if not table.excuses(case, signature.tags.get("a"), v)]
        against = [v for v in refused if UNKNOWN not in signature.verdicts[v]]
        if unexcused or len(VERIFIERS) - len(against) < enough:
            return f"{signature.tags.get('a')} " + "; ".join(f"{v} says {signature.verdicts[v]}" for v in refused)
    return None


def judge_expected(judge, directory, expected, table):
    bad, seen = 0, set()
    with open(expected, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if line.strip()]
    for case, want, *remark in rows:
        seen.add(case + ".eml")
        path = os.path.join(directory, case + ".eml")
        if os.path.exists(path):
            problem = complaint(case, want, judge.examine(path), table)
        else:
            problem = "the next hop did not get it"
        name = f"{case}: {want.split()[0]}" + (f" ({remark[0]})" if remark else "")
        print(f"not ok - {name}: {problem}" if problem else f"ok - {name}", flush=True)
        bad += problem is not None
    for name in sorted(os.listdir(directory)):
        if name.endswith(".eml") and name not in seen:
            print(f"not ok - {name} was not expected")
            bad += 1
    return bad


def judge_figures(judge, directories):
    counts, differ = collections.Counter(), 0
    for directory in directories:
        for name in sorted(os.listdir(directory)):
            if not name.endswith(".eml"):
                continue
            signatures = judge.examine(os.path.join(directory, name))
            counts["messages"] += 1
            counts["unsigned"] += not signatures
            for signature in signatures:
                if not signature.tags.get("d", "").endswith(".test"):
                    counts["signatures of others"] += 1
                    continue
                counts["signatures"] += 1
                for verifier, verdict in signature.verdicts.items():
                    word = "pass" if verdict == PASS else "unknown" if UNKNOWN in verdict else "FAIL"
                    counts[f"{verifier} {signature.tags.get('a')} {word}"] += 1
                if any(v != PASS and UNKNOWN not in v for v in signature.verdicts.values()):
                    differ += 1
                    print(name, *signature.key(), signature.tags.get("c"), signature.verdicts)
    counts["signatures that a verifier who knows the algorithm does not pass"] = differ
    for name, count in sorted(counts.items()):
        print(f"{count:7d} {name}")
    return 0


def main():
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("--dns", required=True)
    parser.add_argument("--table")
    parser.add_argument("--used")
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    address, port = args.dns.rsplit(":", 1)
    judge = Judge(address, int(port))
    if args.figures:
        bad = judge_figures(judge, args.paths)
    else:
        bad = judge_expected(judge, *args.paths, Table(args.table, args.used))
    judge.close()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
