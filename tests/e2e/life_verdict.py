#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""life_verdict.py - what all the mail, both verifiers and all servers say in the end.

usage: life_verdict.py DIR DWELL LATE KEYS SLOTS RESOLVER

DIR has the logs of life_mail.py (sent), life_judge.py (judged) and life_watch.py (watch), and stolen, with the selectors of
stolen keys.  DWELL is how long mail may be on its way; a second look that began more than LATE seconds after it tells nothing of a
record that has gone since.  Each algorithm of a domain must have had KEYS keys or more; those of the domains SLOTS are behind
aliases.
"""
import collections
import sys

DIR, DWELL, LATE, KEYS, SLOTS = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5].split(",")
RESOLVER = sys.argv[6]
SEEN_LATE = 1.0  # the watcher's round: it may see a change so much later than a resolver
SHOWN = 5
IN_TIME = 80  # so many second looks tell something; a busy machine's are late

Look = collections.namedtuple("Look", "phase case domain received began signatures")
Signature = collections.namedtuple("Signature", "d s a first second")


def tell(name, complaints, figure=""):
    print(f"not ok - {name}: {len(complaints)}: " + "; ".join(map(str, complaints[:SHOWN])) if complaints else f"ok - {name}{figure}")


def rows(name, separator=None):
    try:
        with open(f"{DIR}/{name}", encoding="utf-8") as f:
            return [line.rstrip("\n").split(separator) for line in f]
    except FileNotFoundError:
        return []


def looks():
    for phase, case, received, began, count, *rest in rows("judged", "\t"):
        signatures = [Signature(*rest[i:i + 5]) for i in range(0, 5 * int(count), 5)]
        yield Look(phase, case, case.rsplit(".", 1)[0], float(received), float(began), signatures)


def refusals(signature):
    return [v for v in (signature.first, signature.second) if v != "pass"]


def all_were_judged(sent, judged):
    refused = [row for row in sent if row[3] != "250"]
    tell("Postfix took every message", refused, f" ({len(sent)})")
    looked = collections.Counter(look.case for look in judged)
    tell("each was received, and verified twice", [row[0] for row in sent if row[3] == "250" and looked[row[0]] != 2])


def none_is_unsigned(arrived):
    began, complaints = {}, []
    for look in arrived:
        now = {s.a for s in look.signatures if s.d == look.domain}
        missing = began.setdefault(look.domain, set()) - now
        complaints += [f"{look.case} lacks {a}" for a in missing]
        began[look.domain] |= now
    tell("from the first activation on none is unsigned, by any algorithm", complaints)
    tell("every domain has signed", [d for d, algorithms in began.items() if not algorithms])


def none_fails(judged, revoked_at):
    complaints, late, excused, signatures = [], 0, 0, 0
    for look in judged:
        for s in look.signatures:
            signatures += 1
            if not refusals(s):
                continue
            if look.began >= revoked_at.get(s.s, float("inf")) - SEEN_LATE:
                excused += 1
            elif look.began > look.received + DWELL + LATE:
                late += 1
            else:
                complaints.append(f"{look.case} {look.phase} at {look.began:.3f}: {s.s} {' / '.join(refusals(s))}")
    tell("none fails but what a stolen key signed, from its revocation", complaints,
         f" ({signatures} signatures by two verifiers; {excused} of stolen keys failed)")
    ends = [look for look in judged if look.phase == "ends"]
    slow = sum(look.began > look.received + DWELL + LATE for look in ends)
    tell("the verifiers are in time", [f"{slow} of {len(ends)} second looks were late, {late} of them failed"] if len(ends) - slow < IN_TIME else [],
         f" ({slow} of {len(ends)} second looks were late, {late} of them failed)")


def keys_follow(arrived):
    used = collections.defaultdict(list)
    for look in arrived:
        for s in look.signatures:
            if used[look.domain, s.a][-1:] != [s.s]:
                used[look.domain, s.a].append(s.s)
    tell("each key is followed by another, and never comes back",
         [f"{d} {a}: {' '.join(keys)}" for (d, a), keys in used.items() if d not in SLOTS and len(set(keys)) < len(keys)])
    tell(f"at least {KEYS} keys of each algorithm have signed",
         [f"{d} {a}: {len(keys)}" for (d, a), keys in used.items() if len(keys) < KEYS],
         ": " + ", ".join(f"{d} {a} {len(keys)}" for (d, a), keys in sorted(used.items())))
    return {(d, s) for (d, _), keys in used.items() for s in keys}


def records_stay(watched, judged, stolen):
    needed = {}
    for look in judged:
        for s in look.signatures:
            needed[look.domain, s.s] = max(needed.get((look.domain, s.s), 0), look.received + DWELL)
    first, seen, complaints = {}, set(), []
    for when, domain, selector, server, what in watched:
        if server == RESOLVER:
            continue
        if what == "key":
            seen.add((domain, selector, server))
        elif what != "silent" and (domain, selector, server) in seen:
            first.setdefault((domain, selector), float(when))
    for key, when in first.items():
        if key[1] not in stolen and key[0] not in SLOTS and when < needed.get(key, 0):
            complaints.append(f"{key[0]} {key[1]} {needed[key] - when:.3f} s too early")
    tell("no server drops a record that mail on its way may need", complaints)


def how_they_end(watched, signed):
    course = collections.defaultdict(list)
    for _, domain, selector, server, what in watched:
        if what != "silent" and server != RESOLVER and course[domain, selector, server][-1:] != [what]:
            course[domain, selector, server].append(what)
    complaints = []
    for (domain, selector, server), whats in course.items():
        if (domain, selector) not in signed:
            continue
        end = ["key", "revoked"] if domain in SLOTS else ["key", "revoked", "nothing"]
        if whats[-len(end):] != end:
            complaints.append(f"{domain} {selector} at {server}: {' '.join(whats)}")
    tell("every server had each key, then its tombstone, then nothing (but in slots)", complaints, f" ({len(course)} courses)")


def main():
    sent, judged = rows("sent"), list(looks())
    watched, stolen = rows("watch"), {row[0] for row in rows("stolen")}
    arrived = sorted((look for look in judged if look.phase == "arrives"), key=lambda look: look.case)
    revoked_at = {}
    for when, _, selector, _, what in watched:
        if what == "revoked" and selector in stolen:
            revoked_at.setdefault(selector, float(when))
    all_were_judged(sent, judged)
    none_is_unsigned(arrived)
    none_fails(judged, revoked_at)
    signed = keys_follow(arrived)
    records_stay(watched, judged, stolen)
    how_they_end(watched, signed)
    tell("the resolver forgot each stolen key", [s for s in stolen if not any(
        row[2] == s and row[3] == RESOLVER and row[4] != "key" and float(row[0]) >= revoked_at.get(s, 0) for row in watched)])


main()
