#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""zoo_fake.py - name servers that misbehave as no real one would let itself be told to.

usage: zoo_fake.py PORT DIR

DIR/ADDRESS/ZONE are zone files; DIR/ADDRESS/.faults lines of "ZONE FAULT": beside (CNAME and TXT at one name), txt-servfail,
denies-above (NXDOMAIN for empty non-terminals), formerr-edns, notimp-edns, lower (0x20 is not kept), truncates, silent,
as-resolver (AA=0, RA=1).  An address whose .faults has "no-tcp" as a line does not listen by TCP.
"""
import os
import selectors
import socket
import sys

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.txtbase
import dns.rrset
import dns.zone

CNAME, TXT, SOA, NS = dns.rdatatype.CNAME, dns.rdatatype.TXT, dns.rdatatype.SOA, dns.rdatatype.NS


class Server:
    def __init__(self, path):
        self.address = os.path.basename(path)
        self.zones, self.faults, self.beside = {}, {}, {}
        with open(os.path.join(path, ".faults"), encoding="ascii") as f:
            for words in map(str.split, f):
                if len(words) == 2:
                    self.faults.setdefault(dns.name.from_text(words[0]), set()).add(words[1])
                elif words:
                    self.faults.setdefault(None, set()).add(words[0])
        for name in os.listdir(path):
            if name.startswith("."):
                continue
            apex = dns.name.root if name == "root" else dns.name.from_text(name)
            with open(os.path.join(path, name), encoding="utf-8") as f:
                lines = f.read()
            # what a zone file may not hold: TXT beside CNAME
            for line in [l for l in lines.splitlines() if l.startswith(";beside ")]:
                _, owner, text = line.split(" ", 2)
                self.beside[dns.name.from_text(owner, apex)] = text
            self.zones[apex] = dns.zone.from_text(lines, apex, relativize=False)

    def zone_of(self, name):
        return max((a for a in self.zones if name.is_subdomain(a)), key=len, default=None)

    def refer(self, zone, apex, name, reply):
        for at in range(len(apex.labels) + 1, len(name.labels) + 1):
            cut = dns.name.Name(name.labels[-at:])
            node = zone.get_node(cut)
            ns = node and node.get_rdataset(dns.rdataclass.IN, NS)
            if ns:
                reply.flags &= ~dns.flags.AA
                reply.authority.append(dns.rrset.from_rdata_list(cut, ns.ttl, list(ns)))
                for host in ns:
                    self.glue(zone, host.target, reply)
                return True
        return False

    @staticmethod
    def glue(zone, host, reply):
        node = zone.get_node(host) if host.is_subdomain(zone.origin) else None
        found = node and node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.A)
        if found:
            reply.additional.append(dns.rrset.from_rdata_list(host, found.ttl, list(found)))

    def fill(self, zone, apex, question, reply, faults):
        name, kind = question.name, question.rdtype
        if "beside" in faults and name in self.beside and kind == TXT:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", self.beside[name]))
            return
        if self.refer(zone, apex, name, reply):
            return
        node = zone.get_node(name)
        if node and "txt-servfail" in faults and kind == TXT and node.get_rdataset(dns.rdataclass.IN, CNAME):
            reply.set_rcode(dns.rcode.SERVFAIL)
            return
        for wanted in (kind, CNAME):
            found = node and node.get_rdataset(dns.rdataclass.IN, wanted)
            if found:
                reply.answer.append(dns.rrset.from_rdata_list(name, found.ttl, list(found)))
                return
        below = any(n != name and n.is_subdomain(name) for n in zone.nodes)
        if not node and (not below or "denies-above" in faults):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        soa = zone.get_node(apex).get_rdataset(dns.rdataclass.IN, SOA)
        reply.authority.append(dns.rrset.from_rdata_list(apex, soa.ttl, list(soa)))

    def answer(self, wire, udp):
        query = dns.message.from_wire(wire)
        question = query.question[0]
        print(self.address, question.name, dns.rdatatype.to_text(question.rdtype), flush=True)
        apex = self.zone_of(question.name)
        faults = self.faults.get(apex, set())
        if "silent" in faults:
            return None
        reply = dns.message.make_response(query)
        if apex is None:
            reply.set_rcode(dns.rcode.REFUSED)
        elif query.edns >= 0 and ("formerr-edns" in faults or "notimp-edns" in faults):
            reply.use_edns(-1)
            reply.set_rcode(dns.rcode.FORMERR if "formerr-edns" in faults else dns.rcode.NOTIMP)
        else:
            reply.flags |= dns.flags.AA
            self.fill(self.zones[apex], apex, question, reply, faults)
        if "as-resolver" in faults:
            reply.flags = reply.flags & ~dns.flags.AA | dns.flags.RA
        if "truncates" in faults and udp and question.rdtype == TXT:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
        out = bytearray(reply.to_wire(max_size=65535))
        if "lower" in faults:
            at = 12
            while out[at]:
                for i in range(at + 1, at + 1 + out[at]):
                    out[i] = ord(chr(out[i]).lower())
                at += 1 + out[at]
        else:
            # dnspython folds nothing, but compression may point at another case: the question stays as it came
            out[12:12 + len(question.name.to_wire())] = wire[12:12 + len(question.name.to_wire())]
        return bytes(out)


def exact(stream, count):
    octets = b""
    while len(octets) < count:
        more = stream.recv(count - len(octets))
        if not more:
            raise OSError("closed")
        octets += more
    return octets


def one_by_tcp(listener, server):
    stream, _ = listener.accept()
    with stream:
        stream.settimeout(1)
        try:
            wire = exact(stream, int.from_bytes(exact(stream, 2), "big"))
            reply = server.answer(wire, False)
            if reply is not None:
                stream.sendall(len(reply).to_bytes(2, "big") + reply)
        except OSError:
            pass


def main():
    port, root = int(sys.argv[1]), sys.argv[2]
    chosen = selectors.DefaultSelector()
    for address in sorted(os.listdir(root)):
        server = Server(os.path.join(root, address))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((address, port))
        chosen.register(udp, selectors.EVENT_READ, (server, True))
        if "no-tcp" not in server.faults.get(None, set()):
            tcp = socket.create_server((address, port), backlog=200)
            chosen.register(tcp, selectors.EVENT_READ, (server, False))
    while True:
        for key, _ in chosen.select():
            server, is_udp = key.data
            try:
                if is_udp:
                    wire, peer = key.fileobj.recvfrom(65535)
                    reply = server.answer(wire, True)
                    if reply is not None:
                        key.fileobj.sendto(reply, peer)
                else:
                    one_by_tcp(key.fileobj, server)
            except Exception as e:  # a question that is none must not end the others' server
                print(f"zoo_fake: {e!r}", file=sys.stderr, flush=True)


main()
