#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""zoo.py - broken DNS set-ups: zones for real servers, keys for the store, and what `signpost check` must say of each.

usage: zoo.py make DIR GROUP PORT RESOLVER_PORT     writes DIR/{bind,knot,nsd,root,fake,keys}, configurations, zoo.tsv, zoo.json
       zoo.py judge DIR CHECK_JSON                  "ok - " and "not ok - " lines

The set-ups themselves are in zoo_cases.py.
"""
import base64
import calendar
import json
import os
import subprocess
import sys
import time

ADDRESS = {"bind": "127.0.0.1", "knot": "127.0.0.2", "nsd": "127.0.0.3", "cache": "127.0.0.9", "root": "127.0.0.10",
           "fake": "127.0.0.20", "notcp": "127.0.0.21", "box": "127.0.0.22", "dead": "127.0.0.30"}
FAKES = ("fake", "notcp", "box")


def ed25519(seed):
    """32 octets that no other set-up has."""
    return base64.b64encode(bytes((seed * 7 + i * 13 + seed // 256) % 256 for i in range(30)) +
                            seed.to_bytes(2, "big")).decode()


class Zoo:
    def __init__(self, root, port, resolver_port):
        self.root, self.port, self.resolver_port = root, port, resolver_port
        self.zones = {s: {} for s in ("bind", "knot", "nsd", "root", "fake", "notcp", "box")}
        self.faults, self.tld, self.store, self.expected, self.stubs, self.anchors = {}, [], [], [], {}, []
        self.next_key, self.files, self.raw_zones = 0, {}, []
        for server in ("bind", "knot", "nsd", "fake", "notcp", "dead"):
            self.tld.append(f"{server}.ops A {ADDRESS[server]}")
        self.tld.append("ops NS root.ops")
        self.tld.append(f"root.ops A {ADDRESS['root']}")
        self.zones["root"]["ops.zoo"] = self.zone_text(
            ["@ NS root"] + [f"{s} A {a}" for s, a in ADDRESS.items()])
        self.rsa_cache = {}

    # keys

    def rsa(self, bits=2048, nr=0):
        if (bits, nr) not in self.rsa_cache:
            pem = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}"],
                                 check=True, capture_output=True).stdout
            self.rsa_cache[bits, nr] = pem
        return self.rsa_cache[bits, nr]

    def rsa_p(self, bits=2048, nr=0, form="DER"):
        args = ["openssl", "pkey", "-pubout", "-outform", "DER"]
        if form == "PKCS1":
            args = ["openssl", "rsa", "-RSAPublicKey_out", "-outform", "DER"]
        out = subprocess.run(args, input=self.rsa(bits, nr), check=True, capture_output=True).stdout
        return base64.b64encode(out).decode()

    def ed(self):
        self.next_key += 1
        return f"v=DKIM1; k=ed25519; h=sha256; p={ed25519(self.next_key)}"

    def rsa_record(self, bits=2048, nr=0):
        return f"v=DKIM1; k=rsa; h=sha256; p={self.rsa_p(bits, nr)}"

    # zones

    @staticmethod
    def zone_text(lines, serial=7, soa_ttl=500, minimum=120):
        soa = f"@ {soa_ttl} IN SOA bind.ops.zoo. hostmaster.ops.zoo. {serial} 3600 600 864000 {minimum}"
        return "$TTL 600\n" + "\n".join([soa] + list(lines)) + "\n"

    def zone(self, domain, lines, ns=("bind", "knot"), parent=None, on=None, resolver=None, **soa):
        """Zone of a domain on its servers; `on` gives other lines, or None, to one of them."""
        nslines = [f"@ NS {s}.ops.zoo." for s in ns]
        for server in ns:
            own = lines
            extra = dict(soa)
            if on and server in on:
                own = on[server]
            if own is None or server == "dead":
                continue
            if isinstance(own, tuple):
                extra["serial"], own = own
            self.zones[server][domain] = self.zone_text(nslines + list(own), **extra)
        self.delegate(domain, parent or ns)
        self.stubs[domain] = [ADDRESS[s] for s in ([resolver] if resolver else ns)]

    def delegate(self, domain, ns):
        if domain.endswith(".zoo") and domain.count(".") == 1:
            self.tld += [f"{domain}. NS {s}.ops.zoo." for s in ns]

    # the store

    def domain(self, name, policy="default"):
        self.store.append(("domain", name, policy))

    def key(self, domain, selector, record, state="active", age=400000, slot=-1, owner="-"):
        alg = "ed25519-sha256" if "k=ed25519" in record else "rsa-sha256"
        self.store.append(("key", domain, selector, alg, slot, state, age, owner, record))

    def expect(self, domain, ids=(), **more):
        """ids: of all findings that are at least warnings; more: says, mends, asked (substrings), until (seconds), exit, words,
        notes (ids of those that are only information)."""
        self.expected.append({"domain": domain, "ids": sorted(ids), **more})

    # files

    def write(self, path, text, mode="w"):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, mode, encoding="utf-8") as f:
            f.write(text)

    def write_all(self):
        self.zones["root"]["zoo"] = self.zone_text(["@ NS root.ops"] + self.tld)
        self.zones["root"]["root"] = self.zone_text(["@ NS root.ops.zoo.", f"root.ops.zoo. A {ADDRESS['root']}",
                                                     "zoo NS root.ops.zoo."])
        for server, zones in self.zones.items():
            path = server if server not in FAKES else f"fake/{ADDRESS[server]}"
            os.makedirs(os.path.join(self.root, path), exist_ok=True)
            for apex, text in zones.items():
                self.write(f"{path}/{apex}", text)
        for server in FAKES:
            lines = [f"{z} {f}" for z, f in self.faults.items()] + (["no-tcp"] if server == "notcp" else [])
            self.write(f"fake/{ADDRESS[server]}/.faults", "\n".join(lines) + "\n")
        for path, text in self.files.items():
            self.write(path, text)
        self.write("zoo.tsv", "".join("\t".join(str(w) for w in row) + "\n" for row in self.store))
        self.write("zoo.json", json.dumps(self.expected))
        self.write_configurations()

    def write_configurations(self):
        p = self.port
        self.write("run/named.conf", f"""options {{ directory "{self.root}/bind"; listen-on port {p} {{ 127.0.0.1; }};
listen-on-v6 {{ none; }}; pid-file none; recursion no; dnssec-validation no; notify no; session-keyfile none;
max-cache-size 8m; minimal-responses yes; check-names primary ignore; allow-new-zones no; }};
controls {{ }};
key "zoo" {{ algorithm hmac-sha256; secret "c2VjcmV0IG9mIHRoZSB6b28gMDEyMzQ1Njc4OWFi"; }};
""" + "".join(f'zone "{z}" {{ type primary; file "{z}"; }};\n' for z in self.zones["bind"]))
        for name in ("knot", "root"):
            zones = "".join(f'  - domain: "{"." if z == "root" else z}"\n    file: "{self.root}/{name}/{z}"\n'
                            for z in self.zones[name])
            if name == "knot":
                zones += "".join(f"  - domain: {z}\n    file: \"{self.root}/knot/{f}\"\n" for z, f in self.raw_zones)
            os.makedirs(os.path.join(self.root, f"{name}.db"), exist_ok=True)
            self.write(f"run/knot-{name}.conf", f"""server:
    rundir: "{self.root}/{name}.db"
    listen: {ADDRESS[name]}@{p}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: warning
database:
    storage: "{self.root}/{name}.db"
template:
  - id: default
    zonefile-sync: -1
    journal-content: none
    semantic-checks: off
zone:
{zones}""")
        self.write("run/nsd.conf", f"""server:
    ip-address: {ADDRESS['nsd']}@{p}
    username: ""
    zonesdir: "{self.root}/nsd"
    pidfile: ""
    database: ""
    zonelistfile: "{self.root}/run/zones"
    xfrdfile: "{self.root}/run/xfrd"
    xfrdir: "{self.root}/run"
    logfile: "{self.root}/log/nsd.log"
    server-count: 1
remote-control:
    control-enable: no
""" + "".join(f'zone:\n    name: "{z}"\n    zonefile: "{z}"\n' for z in self.zones["nsd"]))
        self.write_resolver()

    def write_resolver(self):
        anchors = "".join(f'    trust-anchor: "{a}"\n' for a in self.anchors)
        signed = {a.split()[0].rstrip(".") for a in self.anchors}
        stubs = "".join(f'stub-zone:\n    name: "{z}"\n' + "".join(f"    stub-addr: {a}@{self.port}\n" for a in to)
                        for z, to in self.stubs.items() if "\\" not in z)
        self.write("run/unbound.conf", f"""server:
    interface: {ADDRESS['cache']}@{self.resolver_port}
    port: {self.resolver_port}
    username: ""
    chroot: ""
    directory: "{self.root}/run"
    pidfile: ""
    use-syslog: no
    do-ip6: no
    num-threads: 1
    access-control: 0.0.0.0/0 allow
    do-not-query-localhost: no
    module-config: "validator iterator"
    ede: yes
    log-queries: yes
    val-log-level: 1
    infra-host-ttl: 1
    local-zone: "zoo." nodefault
    local-zone: "blocked.zoo." static
    local-data: "blocked.zoo. NS dead.ops.zoo."
""" + anchors + "".join(f'    domain-insecure: "{z}"\n' for z in self.stubs if z not in signed and "\\" not in z) +
                   stubs + "remote-control:\n    control-enable: no\n")

    def sign(self, domain, expired=False):
        """The zone text of BIND's and Knot's, signed, and its DS in the parent and as Unbound's anchor."""
        path = os.path.join(self.root, "keys", domain)
        os.makedirs(path, exist_ok=True)
        run = lambda *a: subprocess.run(a, check=True, capture_output=True, cwd=path, text=True).stdout
        key = run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", domain).strip()
        servers = [s for s in ("bind", "knot", "nsd") if domain in self.zones[s]]
        with open(os.path.join(path, f"{key}.key"), encoding="ascii") as f:
            dnskey = f.read()
        with open(os.path.join(path, "plain"), "w", encoding="utf-8") as f:
            f.write(self.zones[servers[0]][domain] + dnskey)
        when = ["-s", "20200101000000", "-e", "20200201000000"] if expired else []
        run("dnssec-signzone", "-q", "-x", "-z", "-P", *when, "-o", domain, "-f", "signed", "-K", ".", "plain")
        with open(os.path.join(path, "signed"), encoding="utf-8") as f:
            signed = f.read()
        for s in servers:
            self.zones[s][domain] = signed
        ds = run("dnssec-dsfromkey", "-2", f"{key}.key").strip()
        self.tld.append(ds)
        self.anchors.append(" ".join(ds.split()))


def judge_one(want, got, now):
    """What differs; empty: nothing."""
    wrong = []
    serious = sorted({f["id"] for f in got["findings"] if f["severity"] != "info"})
    notes = sorted({f["id"] for f in got["findings"] if f["severity"] == "info"})
    if serious != want["ids"]:
        wrong.append(f"found {serious}, want {want['ids']}")
    if "notes" in want and notes != sorted(want["notes"]):
        wrong.append(f"notes {notes}, want {want['notes']}")
    if not want["ids"] and got["exit"] != want.get("exit", 0):
        wrong.append(f"exit {got['exit']}")
    if "exit" in want and got["exit"] != want["exit"]:
        wrong.append(f"exit {got['exit']}, want {want['exit']}")
    if "status" in want and got["status"] != want["status"]:
        wrong.append(f"status {got['status']}")
    if "words" in want and want["words"] not in got["words"]:
        wrong.append(f"words {got['words']!r}")
    about = [f for f in got["findings"] if f["id"] in (want["ids"] or want.get("notes", []))]
    for field, key in (("verdict", "says"), ("mend", "mends"), ("asked", "asked"), ("is", "is"), ("server", "server")):
        for text in want.get(key, []):
            if not any(text in f[field] for f in about):
                wrong.append(f"no {field} with {text!r}")
    if "until" in want:
        times = [calendar.timegm(time.strptime(f["until"], "%Y-%m-%dT%H:%M:%SZ"))
                 for f in about if f["until"]]
        low, high = want["until"] if isinstance(want["until"], list) else (want["until"] - 3, want["until"] + 3)
        if not any(low <= t - now <= high for t in times):
            wrong.append(f"until {[t - now for t in times]}, want {low}..{high}")
    for f in got["findings"]:
        if not f["verdict"] or "%" in f["verdict"].replace("%5F", "") or (f["severity"] != "info" and not f["mend"]):
            wrong.append(f"badly worded: {f}")
        if not f["asked"].startswith("dig ") and f["id"] not in ("D48",):
            wrong.append(f"nothing to repeat: {f['id']}")
    return wrong


def judge(root, path):
    with open(os.path.join(root, "zoo.json"), encoding="utf-8") as f:
        wanted = json.load(f)
    with open(path, encoding="utf-8") as f:
        got = {d["domain"]: d for d in json.load(f)}
    now = int(os.stat(path + ".begin").st_mtime)
    for want in wanted:
        name = want["domain"]
        wrong = judge_one(want, got[name], now) if name in got else ["not checked"]
        title = f"{name}: {' '.join(want['ids']) or 'nothing to complain of'}"
        print(f"ok - {title}" if not wrong else f"not ok - {title}: {'; '.join(wrong)}")
        if wrong and name in got:
            print("  " + json.dumps(got[name]))
    judge_privacy(root, got)


def judge_privacy(root, got):
    """A resolver is asked for a key's name only where every server that answers has the record."""
    with open(os.path.join(root, "log", "unbound"), encoding="utf-8") as f:
        asked = {line.split()[-3].rstrip(".") for line in f if "_domainkey" in line and " info: " in line}
    healthy = {k["name"] for d in got.values() for k in d["keys"]
               if not any(f["id"] in ("D01", "D02", "D03", "D04", "D10", "D12", "D13", "D29", "D32") for f in d["findings"]
                          if f["selector"] == k["selector"])}
    print("ok - resolvers were asked for no name that some server lacks" if asked <= healthy else
          f"not ok - resolvers were asked for names that some server lacks: {asked - healthy}")
    print("ok - and for others they were" if asked else "not ok - resolvers were asked for no record at all")


def main():
    if sys.argv[1] == "judge":
        judge(sys.argv[2], sys.argv[3])
        return
    import zoo_cases
    zoo = Zoo(sys.argv[2], int(sys.argv[4]), int(sys.argv[5]))
    getattr(zoo_cases, sys.argv[3])(zoo)
    zoo.write_all()


if __name__ == "__main__":
    main()
