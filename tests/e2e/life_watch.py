#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""life_watch.py - sees what each server has at every key's name, all the time; and is the receiver that asks the resolver
for each name, whenever it may, so that the caches hold whatever they could.

usage: life_watch.py STORE RESOLVER PORT SERVERS LOG

SERVERS has a line "DOMAIN ZONE-PART ADDRESS..." each: the servers to ask about keys of the domain; with a ZONE-PART other than
"-", names are SELECTOR.ZONE-PART instead of SELECTOR._domainkey.DOMAIN.  Keys are known by their files, from before they are
published.  LOG has a line "TIME DOMAIN SELECTOR SERVER WHAT" whenever something changes: key, revoked, nothing or silent; the
resolver is a server too.  Before the first key of a domain signs, the resolver is not asked: until then its mail is unsigned, and
signpost does not wait for what resolvers may remember of it.
"""
import os
import sys
import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

STORE, RESOLVER, PORT, SERVERS, LOG = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
PAUSE = 0.25


def find(server, name):
    query = dns.message.make_query(name, "TXT", use_edns=0, payload=4096)
    if server != RESOLVER:
        query.flags &= ~dns.flags.RD
    try:
        reply, _ = dns.query.udp_with_fallback(query, server, port=PORT, timeout=1)
    except (dns.exception.DNSException, OSError):
        return "silent"
    texts = [b"".join(r.strings) for s in reply.answer if s.rdtype == dns.rdatatype.TXT for r in s]
    if not texts:
        return "nothing" if reply.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) else "silent"
    return "revoked" if texts[0].replace(b" ", b"").endswith(b"p=") else "key"


def signing():
    try:
        with open(os.path.join(STORE, "signing.table"), encoding="utf-8") as f:
            return {line.split()[1] for line in f if line.startswith("key ")}
    except OSError:
        return set()


def keys(known, domains):
    for domain in domains:
        directory = os.path.join(STORE, "keys", domain)
        if os.path.isdir(directory):
            for name in os.listdir(directory):
                if name.endswith(".pem"):
                    known.add((domain, name[:-4]))


def main():
    with open(SERVERS, encoding="utf-8") as f:
        domains = {words[0]: words[1:] for words in (line.split() for line in f) if words}
    known, signed, last = set(), set(), {}
    with open(LOG, "w", encoding="utf-8") as out:
        while not os.path.exists(LOG + ".stop"):
            begin = time.time()
            keys(known, domains)
            signed |= signing()
            for domain, selector in sorted(known):
                place, *servers = domains[domain]
                name = f"{selector}.{place}." if place != "-" else f"{selector}._domainkey.{domain}."
                for server in servers + ([RESOLVER] if domain in signed else []):
                    asked = f"{selector}._domainkey.{domain}." if server == RESOLVER else name
                    what = find(server, asked)
                    if last.get((selector, domain, server)) != what:
                        last[selector, domain, server] = what
                        out.write(f"{time.time():.3f} {domain} {selector} {server} {what}\n")
                        out.flush()
            time.sleep(max(0.05, PAUSE - (time.time() - begin)))


main()
