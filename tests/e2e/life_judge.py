#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""life_judge.py - verifies each message when the next hop has it, and again when it is DWELL seconds old, which is as long
as mail may be on its way: by dkimpy and by Mail::DKIM, or OpenDKIM for Ed25519, each asking the resolver anew.

usage: life_judge.py ADDRESS PORT DWELL SINK LOG

LOG has a line of words for each message and time:
  PHASE CASE RECEIVED BEGAN NUMBER-OF-SIGNATURES, and for each signature d s a and what the two say, "pass" or why not,
joined by tabs.  A file named LOG.stop ends it when all messages are old enough.
"""
import collections
import heapq
import os
import sys
import time
import warnings

import dns.exception

from judge import HERE, PASS, Dkimpy, Helper, signatures_of
from judge_dns import Names
from judge_opendkim import Verifier

ADDRESS, PORT, DWELL, SINK, LOG = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], sys.argv[5]


class Forgetful(Names):
    """What caches is the resolver alone."""

    def txt(self, name):
        name = name.decode("ascii") if isinstance(name, bytes) else name
        try:
            return self.ask(name.rstrip("."))
        except (dns.exception.DNSException, OSError):
            return None


class Judge:
    def __init__(self):
        self.dkimpy = Dkimpy(Forgetful(ADDRESS, PORT))
        self.opendkim = Verifier(Forgetful(ADDRESS, PORT))
        self.helper = Helper("perl", HERE + "/judge.pl", ADDRESS, str(PORT), "1")

    def examine(self, phase, case, received, out):
        path = os.path.join(SINK, case + ".eml")
        with open(path, "rb") as f:
            message = f.read()
        words = [phase, case, f"{received:.3f}", f"{time.time():.3f}"]
        signatures = signatures_of(message)
        words.append(str(len(signatures)))
        said = self.helper.verify(path) if signatures else []
        if any(s.tags.get("a") == "ed25519-sha256" for s in signatures):
            said = [line for line in said if line[2] != "ed25519-sha256"]
            said += [line.split("\t") for line in self.opendkim.verify(message) if "\ted25519-sha256\t" in line]
        for index, signature in enumerate(signatures):
            own = [line[3] for line in said if line[:3] == signature.key()] or ["does not see the signature"]
            words += signature.key() + [self.dkimpy.verify(message, index), own[0]]
        out.write("\t".join(words) + "\n")
        out.flush()


def main():
    warnings.simplefilter("ignore")
    judge, arrived, waiting, seen = Judge(), collections.deque(), [], set()
    with open(LOG, "w", encoding="utf-8") as out:
        while True:
            ends = os.path.exists(LOG + ".stop")
            new = [e.name[:-4] for e in os.scandir(SINK) if e.name.endswith(".eml") and e.name not in seen]
            for case in sorted(new):
                seen.add(case + ".eml")
                received = os.stat(os.path.join(SINK, case + ".eml")).st_mtime
                arrived.append((case, received))
                heapq.heappush(waiting, (received + DWELL, case, received))
            # what is due goes first; a first look may be late
            if waiting and waiting[0][0] <= time.time():
                _, case, received = heapq.heappop(waiting)
                judge.examine("ends", case, received, out)
            elif arrived:
                case, received = arrived.popleft()
                judge.examine("arrives", case, received, out)
            elif ends and not waiting:
                break
            else:
                time.sleep(0.02)
    judge.helper.close()


main()
