# SPDX-License-Identifier: ISC
"""zoo_cases.py - the set-ups of the zoo, by group: names, records, servers, healthy.

A domain is called after what is wrong with it; its key has selector "sel", unless more than one is needed.
"""
import base64

from zoo import ADDRESS


def txt(owner, text, ttl=""):
    """A line of a zone file: strings of 200 octets, escaped where they must be."""
    def escaped(octets):
        return "".join("\\" + chr(o) if chr(o) in '"\\' else chr(o) if 32 <= o < 127 else f"\\{o:03}" for o in octets)
    octets = text.encode()
    parts = [escaped(octets[i:i + 200]) for i in range(0, len(octets), 200)]
    return f"{owner} {ttl} IN TXT " + " ".join(f'"{p}"' for p in parts)


TOMBSTONE = "v=DKIM1; p="


def broken(zoo, domain, lines, ids, record=None, state="active", policy="default", **more):
    """One domain with one key, whose zone holds these lines; {r} in them is the record."""
    record = record or zoo.ed()
    given = {k: more.pop(k) for k in ("ns", "parent", "on", "resolver", "serial", "soa_ttl", "minimum") if k in more}
    lines = [line.replace("{r}", record) for line in lines]
    zoo.zone(domain, lines, **given)
    zoo.domain(domain, policy)
    zoo.key(domain, "sel", record, state)
    zoo.expect(domain, ids, **more)
    return record


def slots(zoo, domain, lines, ids, held=("live",), expect=True, **more):
    """A domain in mode slots; lines use {live}, {want}.  The slot's own record stands in slots.zoo on NSD."""
    record = zoo.ed()
    token = "tok" + domain.replace(".", "").replace("-", "")
    want = f"{token}.slots.zoo"
    given = {k: more.pop(k) for k in ("ns", "on", "soa_ttl", "minimum") if k in more}
    target = more.pop("target", record)
    if target is not None:
        zoo.slot_lines.append(txt(token, target, 300))
    zoo.zone(domain, [line.replace("{live}", f"{token}._domainkey").replace("{want}", want).replace("{r}", record)
                      for line in lines], **given)
    zoo.domain(domain, "slots")
    zoo.store.append(("slot", domain, "ed25519-sha256", 0, token))
    zoo.key(domain, token, record, "active", slot=0, owner=want)
    if expect:
        zoo.expect(domain, ids, **more)
    return token, record


def begin_slots(zoo):
    zoo.slot_lines = []


def end_slots(zoo):
    zoo.zone("slots.zoo", zoo.slot_lines, ns=("nsd",))


def names(zoo):
    begin_slots(zoo)
    broken(zoo, "d01.zoo", [], ["D01"], until=120, mends=["TXT  sel._domainkey  with  v=DKIM1; k=ed25519"],
           says=["No record exists at sel._domainkey.d01.zoo."],
           asked=[f"dig +norec @{ADDRESS['bind']} -p {zoo.port} TXT sel._domainkey.d01.zoo."], exit=2, status="failed")
    slots(zoo, "d01-alias.zoo", [], ["D01"], until=120, mends=["CNAME  tokd01aliaszoo._domainkey  to  tokd01aliaszoo.slots.zoo."])
    slots(zoo, "d01-empty.zoo", ["{live} CNAME {want}."], ["D01"], exit=1, says=["No record exists at tokempty._domainkey.d01-empty.zoo."])
    zoo.store.append(("slot", "d01-empty.zoo", "ed25519-sha256", 1, "tokempty"))
    zoo.slot_lines.append(txt("tokempty", TOMBSTONE))
    broken(zoo, "d01-delegated.zoo", [], ["D01"], policy="delegated", says=["_domainkey.d01-delegated.zoo is not delegated"])
    broken(zoo, "d02.zoo", ["sel._domainkey A 192.0.2.1"], ["D02"], ns=("nsd",), until=120, says=["but has no TXT"])
    broken(zoo, "d02-below.zoo", ['x.sel._domainkey TXT "below"'], ["D02"], ns=("knot",))
    for n, owner in enumerate(("sel.domainkey", "sel.-domainkey", "sel.%5Fdomainkey", r"sel.\\_domainkey", "sel_domainkey")):
        broken(zoo, f"d03-{n}.zoo", [txt(owner, "{r}")], ["D03"], ns=("bind", "nsd"), until=120, says=[f"{owner}.d03-{n}.zoo"],
               mends=["with its underscore"])
    slots(zoo, "d03-alias.zoo", ["tokd03aliaszoo.domainkey CNAME {want}."], ["D03"], mends=["mode = txt"])
    broken(zoo, "d04.zoo", [txt("sel._domainkey.d04.zoo", "{r}")], ["D04"], until=120,
           mends=["enter the host as  sel._domainkey  or end the whole name with a dot"],
           asked=["TXT sel._domainkey.d04.zoo.d04.zoo."])
    slots(zoo, "d05.zoo", ["{live} CNAME {want}"], ["D05"], until=600, says=["appended d05.zoo"], mends=["tokd05zoo.slots.zoo."])
    slots(zoo, "d06.zoo", ["{live} CNAME other.example.net."], ["D06"], until=600,
          says=["points to other.example.net, expected tokd06zoo.slots.zoo"])
    slots(zoo, "d07.zoo", [txt("{live}", "v=spf1 -all")], ["D07"], until=600, mends=["delete the TXT at"])
    slots(zoo, "d07-today.zoo", [txt("{live}", "{r}")], ["D07"], exit=1, says=["breaks at the next rotation"])
    broken(zoo, "d07-reverse.zoo", ["sel._domainkey CNAME nothing.ops.zoo."], ["D07"], says=["CNAME to nothing.ops.zoo"],
           mends=["delete the CNAME"])
    zoo.faults["d08.zoo"] = "beside"
    slots(zoo, "d08.zoo", ["{live} CNAME {want}.", ";beside {live} \"v=spf1 -all\""], ["D08"], ns=("fake",),
          mends=["delete the TXT at"])
    slots(zoo, "d09.zoo", ["{live} CNAME {want}."], ["D09"], target=None, says=["CNAME loop: tokd09zoo.slots.zoo -> "])
    zoo.slot_lines += ["tokd09zoo CNAME ring.slots.zoo.", "ring CNAME tokd09zoo.slots.zoo."]
    # BIND fails to answer for TXT there, Knot follows until it is tired
    broken(zoo, "d09-bind.zoo", ["sel._domainkey CNAME a", "a CNAME sel._domainkey"], ["D09"], ns=("bind",),
           says=["CNAME loop: sel._domainkey.d09-bind.zoo -> a.d09-bind.zoo -> sel._domainkey"])
    broken(zoo, "d09-loop.zoo", ["sel._domainkey CNAME a", "a CNAME b", "b CNAME sel._domainkey"], ["D09"], until=600,
                    says=["CNAME loop: sel._domainkey.d09-loop.zoo -> a.d09-loop.zoo -> b.d09-loop.zoo -> sel._domainkey"])
    broken(zoo, "d09-long.zoo", ["sel._domainkey CNAME a", "a CNAME b", "b CNAME c", "c CNAME d", txt("d", "{r}")], ["D09"],
           exit=1, says=["A chain of 4 CNAMEs"])
    slots(zoo, "d10.zoo", ["{live} CNAME {want}."], ["D10"], target=None, until=120,
          says=["tokd10zoo.slots.zoo does not exist: our side"], mends=["signpost tick"])
    zoo.faults["d11.zoo"] = "txt-servfail"
    slots(zoo, "d11.zoo", ["{live} CNAME {want}."], ["D11"], ns=("fake",), says=["it says SERVFAIL"])
    broken(zoo, "d31.zoo", ['*._domainkey TXT "v=spf1 -all"'], ["D31"], ns=("nsd",), until=600,
           says=["the record itself does not exist"], exit=2)
    broken(zoo, "d31-beside.zoo", ['*._domainkey TXT "v=spf1 -all"', txt("sel._domainkey", "{r}")], ["D31"], exit=1,
           says=["none can be withdrawn"])
    broken(zoo, "d43-apex.zoo", [txt("@", "{r}")], ["D43"], says=["it is at d43-apex.zoo."], until=120)
    broken(zoo, "d43-below.zoo", [txt("_domainkey", "{r}")], ["D43"], says=["it is at _domainkey.d43-below.zoo."])
    broken(zoo, "d43-www.zoo", [txt("sel._domainkey.www", "{r}")], ["D43"], says=["it is at sel._domainkey.www.d43-www.zoo."])
    broken(zoo, "d43-plain.zoo", [txt("sel", "{r}")], ["D43"], says=["it is at sel.d43-plain.zoo."])
    broken(zoo, "d44.zoo", [], ["D44"], ns=("bind",), policy="auto", says=["d44.zoo is served by bind.ops.zoo"],
           server=[f"({ADDRESS['knot']})"], until=120)
    zoo.zones["knot"]["d44.zoo"] = zoo.zone_text(["@ NS knot.ops.zoo.", txt("sel._domainkey", zoo.store[-1][8])])
    broken(zoo, "d44-former.zoo", [], ["D44"], ns=("bind",), says=["which is not listed any more"], until=120)
    zoo.zones["nsd"]["d44-former.zoo"] = zoo.zone_text(["@ NS nsd.ops.zoo.", txt("sel._domainkey", zoo.store[-1][8])])
    zoo.store += [("zones", "d44-former.zoo", "sel", "d44-former.zoo"),
                  ("former", "d44-former.zoo", "bind.ops.zoo", ADDRESS["bind"], zoo.port, 172800, 60),
                  ("former", "d44-former.zoo", "nsd.ops.zoo", ADDRESS["nsd"], zoo.port, 172800, 7200)]
    slots(zoo, "d45.zoo", ["{live} A 192.0.2.80"], ["D45"], exit=1, until=600, mends=["DNS only"])
    # müller.zoo as octets, and as mail has it
    broken(zoo, "xn--mller-kva.zoo", [], ["D47"], ns=("knot",), says=["below müller.zoo"], mends=["use xn--mller-kva.zoo"])
    raw = "m\\195\\188ller.zoo"
    zoo.files["knot/raw.zone"] = zoo.zone_text(["@ NS knot.ops.zoo.", txt("sel._domainkey", zoo.store[-1][8])])
    zoo.raw_zones = [(raw, "raw.zone")]
    broken(zoo, "gone.zoo", [], ["D01"], parent=["none"], says=["does not exist any more"])
    zoo.tld = [line for line in zoo.tld if not line.startswith("gone.zoo.")]
    zoo.store.append(("zones", "gone.zoo", "sel", "gone.zoo"))
    end_slots(zoo)


def records(zoo):
    """What stands at the name, in the right place."""
    rsa, other = zoo.rsa_p(), zoo.rsa_p(2048, 1)
    good = zoo.rsa_record()

    def served(name, text, ids, record=good, **more):
        lines = [text] if text.startswith("sel._domainkey") else [txt("sel._domainkey", text)]
        broken(zoo, name, lines, ids, record=record, **more)

    served("d12.zoo", 'sel._domainkey TXT "v=spf1 -all"\n' + txt("sel._domainkey", good), ["D12"], says=["2 records", "ours is among"],
           until=600)
    served("d13-ours.zoo", zoo.rsa_record(2048, 1), ["D13"], says=["it is the key of keeper of d13-owner.zoo"], until=600,
           mends=[good])
    zoo.zone("d13-owner.zoo", [txt("keeper._domainkey", zoo.rsa_record(2048, 1))])
    zoo.domain("d13-owner.zoo")
    zoo.key("d13-owner.zoo", "keeper", zoo.rsa_record(2048, 1))
    zoo.expect("d13-owner.zoo")
    served("d13-unknown.zoo", zoo.rsa_record(2048, 2), ["D13"], says=["unknown here, fingerprint SHA256:"])
    served("d13-spf.zoo", "v=spf1 -all", ["D13"], says=["is no key record"])
    served("d14-255.zoo", good[:255], ["D14"], says=["a provider's limit of 255", f"of {len(rsa)} characters"], until=600,
           mends=["signpost records d14-255.zoo --format quoted"])
    served("d14-all.zoo", "v=DKIM1; k=rsa; h=sha256", ["D14"], says=["after 0 of"])
    served("d14-other.zoo", "v=DKIM1; k=rsa; p=" + other[:300], ["D14", "D13"][:1], says=["cut"])
    served("d15.zoo", '"' + good[:200] + '" "' + good[200:] + '"', ["D15"], says=["Quotes were stored"], until=600)
    served("d16.zoo", good.replace(";", "\\;"), ["D16"], says=["Backslashes"], until=600)
    served("d17-blank.zoo", good[:100] + " " + good[100:], ["D17"], exit=1, says=["blanks inside"])
    served("d17-tag.zoo", good.replace("DKIM1", "DKIM 1"), ["D17"], exit=2, says=['"v=DKIM 1"'])
    served("d17-name.zoo", good.replace("h=sha256", "h=sha 256"), ["D17"], says=['"h=sha 256"'])
    # as it is entered without quotes: what is behind the semicolon is a comment
    served("d18.zoo", "sel._domainkey IN TXT v=DKIM1; k=rsa; p=" + rsa, ["D18"], says=["taken as a comment"],
           mends=["signpost records d18.zoo --format zone"])
    served("d19-late.zoo", f"k=rsa; v=DKIM1; h=sha256; p={rsa}", ["D19"], says=["must be first"])
    served("d19-wrong.zoo", good.replace("DKIM1", "DKIM2"), ["D19"], says=["v=DKIM2"])
    served("d19-none.zoo", f"k=rsa; h=sha256; p={rsa}", ["D28"], notes=["D19"], exit=1)
    ed = zoo.ed()
    served("d20-rsa.zoo", good.replace("k=rsa", "k=ed25519"), ["D20"], says=["k=ed25519, but p= is a key of rsa"])
    served("d20-ed.zoo", ed.replace("k=ed25519; ", ""), ["D20"], record=ed, says=["k=rsa, but p= is a key of ed25519"])
    spki = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(ed.split("p=")[1])).decode()
    served("d21.zoo", f"v=DKIM1; k=ed25519; h=sha256; p={spki}", ["D21"], record=ed, says=["32 raw octets"])
    served("d22.zoo", f"v=DKIM1; k=rsa; h=sha256; p={zoo.rsa_p(2048, 0, 'PKCS1')}", ["D22"], exit=1, says=["PKCS#1"])
    served("d23-public.zoo", f"v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----{rsa}-----END PUBLIC KEY-----", ["D23"],
           says=["armour"], exit=2)
    pem = zoo.rsa().decode().replace("\n", "")
    served("d23-private.zoo", pem, ["D23"], exit=2, says=["YOUR PRIVATE KEY IS PUBLIC"],
           mends=["signpost compromise d23-private.zoo sel"])
    der = base64.b64encode(base64.b64decode("".join(zoo.rsa().decode().split("\n")[1:-2]))).decode()
    served("d23-bare.zoo", f"v=DKIM1; k=rsa; p={der}", ["D23"], says=["YOUR PRIVATE KEY IS PUBLIC"])
    served("d24.zoo", good.replace("sha256", "sha1"), ["D24"], says=["h=sha1 forbids"], until=600)
    served("d25.zoo", good.replace("h=sha256", "h=sha256; s=tlsrpt"), ["D25"], says=["s=tlsrpt excludes mail"])
    served("d26.zoo", good.replace("h=sha256", "h=sha256; t=y"), ["D26"], exit=1)
    served("d27.zoo", good.replace("h=sha256", "h=sha256; t=s"), ["D27"], exit=1)
    served("d28-twice.zoo", good + "; k=rsa", ["D28"], exit=2, says=["The tag k= stands twice"])
    served("d28-unknown.zoo", good + "; x=1", ["D28"], exit=1, says=["The tag x="])
    served("d28-stray.zoo", good + "; here it is", ["D28"], exit=2, says=['"here it is"'])
    served("d28-junk.zoo", good + "==junk", ["D28"], exit=2)
    served("d28-curly.zoo", "\u201c" + good + "\u201d", ["D28"], exit=2, says=["beyond ASCII"])
    served("d28-lacks.zoo", good.replace("h=sha256; ", ""), ["D28"], exit=1, says=["lacks h="])
    served("d29.zoo", TOMBSTONE, ["D29"], exit=2, says=["The key we sign with is revoked"], until=600)
    served("d29-still.zoo", good, ["D29"], state="revoked", policy="auto", exit=1, says=["still shows the record of its key"])
    for bits, code in ((1024, 1), (768, 2)):
        short = zoo.rsa_record(bits)
        served(f"d30-{bits}.zoo", short, ["D30"], record=short, exit=code, says=[f"has {bits} bits"], mends=["signpost roll"])


def servers(zoo):
    rsa = zoo.rsa_record(4096)
    record = zoo.ed()
    here = [txt("sel._domainkey", record)]
    old = [txt("sel._domainkey", zoo.ed())]

    def with_servers(name, ids, **more):
        """record and zone given here; the key signs."""
        state, policy, rec, lines = (more.pop("state", "active"), more.pop("policy", "default"), more.pop("record", record),
                                     more.pop("lines", here))
        given = {k: more.pop(k) for k in ("ns", "parent", "on", "resolver", "serial", "soa_ttl", "minimum") if k in more}
        zoo.zone(name, lines, **given)
        zoo.domain(name, policy)
        zoo.key(name, "sel", rec, state)
        zoo.expect(name, ids, **more)

    with_servers("d32.zoo", ["D32"], on={"knot": (41, [])}, serial=42, says=["1 of 2 servers of d32.zoo", "serial 41", "knot.ops.zoo"],
                 until=120, exit=2)
    with_servers("d32-old.zoo", ["D13", "D32"], on={"knot": (41, old)}, serial=42, until=600)
    with_servers("d33.zoo", ["D33"], ns=("bind", "nsd"), on={"nsd": None}, exit=1, says=["nsd.ops.zoo", "not authoritative for d33.zoo"])
    with_servers("d34.zoo", ["D34"], ns=("bind", "knot"), parent=("bind", "nsd"), on={"nsd": None}, exit=1,
                 says=["bind.ops.zoo nsd.ops.zoo, the zone itself bind.ops.zoo knot.ops.zoo"])
    zoo.zones["nsd"]["d34.zoo"] = zoo.zone_text(["@ NS bind.ops.zoo.", "@ NS knot.ops.zoo."] + here)
    with_servers("d35.zoo", ["D35"], ns=("bind", "dead"), exit=1, says=[f"({ADDRESS['dead']})", "closed"])
    zoo.faults["d35-silent.zoo"] = "silent"
    with_servers("d35-silent.zoo", ["D35"], ns=("bind", "fake"), exit=1, says=["no answer in"])
    # the resolver asked while the old zone was all there was
    with_servers("d36.zoo", [], notes=["D36"], resolver="nsd", says=["remembers \"none\" for"], until=[1, 120],
                 asked=[f"dig @{ADDRESS['cache']} -p {zoo.resolver_port} TXT sel._domainkey.d36.zoo."])
    zoo.zones["nsd"]["d36.zoo"] = zoo.zone_text(["@ NS bind.ops.zoo."])
    with_servers("d37.zoo", [], notes=["D37"], resolver="nsd", says=["remembers the old record"], until=[1, 600])
    zoo.zones["nsd"]["d37.zoo"] = zoo.zone_text(["@ NS bind.ops.zoo."] + old)
    with_servers("d38.zoo", ["D38"], exit=2, says=["signatures of the zone d38.zoo are not valid", "does not validate",
                                                   "signature expired"], mends=["sign the zone anew"])
    zoo.sign("d38.zoo", expired=True)
    with_servers("d39.zoo", ["D33", "D39"], exit=2, says=["No server of d39.zoo answers"])
    for server in ("bind", "knot"): # configured, and without a file that can be loaded
        zoo.zones[server]["d39.zoo"] = "this is no zone\n"
    zoo.faults["d40-cut.zoo"] = "truncates"
    with_servers("d40-cut.zoo", ["D40"], ns=("bind", "notcp"), exit=2, says=["by UDP is cut"])
    with_servers("d40.zoo", ["D40"], ns=("bind", "notcp"), exit=1, record=rsa, lines=[txt("sel._domainkey", rsa)],
                 says=["takes no TCP"], asked=["+tcp"])
    with_servers("d41-long.zoo", ["D41"], lines=[txt("sel._domainkey", record, 172800)], exit=1, says=["172800 s"])
    with_servers("d41-short.zoo", ["D41"], lines=[txt("sel._domainkey", record, 30)], exit=1, says=["30 s"])
    with_servers("d42.zoo", ["D42"], soa_ttl=86400, minimum=7200, exit=1, says=["remembered for 7200 s"])
    for fault in ("formerr-edns", "lower", "notimp-edns"):
        zoo.faults[f"d46-{fault}.zoo"] = fault
        with_servers(f"d46-{fault}.zoo", ["D46"], ns=("bind", "fake"), exit=1, says=["fake.ops.zoo"])
    now = zoo.ed()
    with_servers("d48-words.zoo", ["D48"], lines=here + [txt("now._domainkey", now)], state="published", policy="auto",
                 says=["BADTIME"], mends=["chronyc tracking"], exit=1)
    zoo.key("d48-words.zoo", "now", now)
    zoo.store.append(("deed", "d48-words.zoo", "sel", "publish", "failed", 7200,
                      "127.0.0.1: BADTIME: its clock says 2026-01-01 00:00:00 UTC and ours 2026-01-01 01:00:00 UTC"))
    zoo.zone("refused.zoo", [])
    # for runs of their own: the way out is blocked; a box answers in the servers' place
    for name in ("blocked.zoo", "boxed.zoo"):
        zoo.domain(name)
        zoo.key(name, "sel", zoo.ed())
    with_servers("attested.zoo", [], policy="elsewhere")
    zoo.zones["box"]["root"] = zoo.zone_text(["@ NS root.ops.zoo.", "boxed.zoo NS bind.ops.zoo.", "sel._domainkey.boxed.zoo TXT x"])
    zoo.faults["."] = "as-resolver"
    zoo.faults["d51.zoo"] = "denies-above"
    with_servers("d51.zoo", ["D51"], ns=("fake",), exit=2, says=["_domainkey.d51.zoo does not exist"], until=120)


def healthy(zoo):
    """Twenty and more that nothing is wrong with, in the middle of each step of a rotation, in each mode."""
    begin_slots(zoo)
    now, day = 60, 400000

    def domain(name, keys, policy="auto", extra=(), **more):
        """keys: (selector, state, age, served) with served: True its record, False nothing, "p=" the tombstone."""
        lines = list(extra)
        given = {k: more.pop(k) for k in ("ns", "soa_ttl", "minimum", "zone_name") if k in more}
        zone_name, prefix = given.pop("zone_name", None), "._domainkey"
        rows = []
        for selector, state, age, shown in keys:
            record = zoo.rsa_record() if selector.startswith("rsa") else zoo.ed()
            rows.append((selector, record, state, age))
            owner = selector + ("" if zone_name else prefix)
            if shown:
                lines.append(txt(owner, record if shown is True else TOMBSTONE))
        if zone_name:
            zoo.zone(zone_name, lines, ns=("nsd",))
            zoo.zone(name, ["_domainkey NS nsd.ops.zoo."], **given)
        else:
            zoo.zone(name, lines, **given)
        zoo.domain(name, policy)
        for row in rows:
            zoo.key(name, *row)
        zoo.expect(name, [], **more)

    def steps(mode, policy, **given):
        """One key signs; the other is in each state."""
        def one(step, keys, words, **more):
            name = f"{mode}-{step}.zoo"
            zone = {"zone_name": f"_domainkey.{name}"} if mode == "delegated" else {}
            domain(name, [("old", "active", day, True)] + keys, policy, words=words, **zone, **given, **more)
        one("alone", [], "old signs")
        one("made", [("new", "generated", now, False)], "made and not published yet" if policy != "default" else "enter its record",
            **({"notes": ["D01"]} if policy == "default" else {}))
        one("published", [("new", "published", now, True)], "waits to be proven")
        one("spreading", [("new", "published", now, False)], "enter its record" if policy == "default" else "published just now",
            notes=["D01"])
        one("ready", [("new", "ready", now, True)], "is proven, and waits until")
        one("standby", [("new", "ready", day, True)], "new stands by")
        one("switched", [("new", "retired", now, True)], "new is kept for delayed mail")
        one("revoked", [("new", "revoked", day, "p=")], "new is revoked")
        one("revoked-gone", [("new", "revoked", day, False)], "new is revoked")
        one("removed", [("new", "removed", day, False)], "old signs")

    steps("txt", "auto")
    steps("hand", "default")
    steps("delegated", "delegated")
    # revocation and removal under way: some servers still have what was
    domain("txt-revoking.zoo", [("old", "active", day, True), ("gone", "retired", day, True)], words="gone is being revoked",
           notes=["D29"])
    zoo.store.append(("deed", "txt-revoking.zoo", "gone", "revoke", "done", now, "-"))
    domain("txt-removing.zoo", [("old", "active", day, True), ("gone", "revoked", day, False)], words="gone is gone")
    zoo.store.append(("deed", "txt-removing.zoo", "gone", "remove", "done", now, "-"))
    domain("hand-revoking.zoo", [("old", "active", day, True), ("gone", "retired", day, True)], "default", notes=["D29"])
    zoo.store.append(("deed", "hand-revoking.zoo", "gone", "revoke", "refused", day, "a person is asked"))
    domain("first.zoo", [("sel", "published", now, True)], status="pending")
    domain("first-spreading.zoo", [("sel", "published", now, False)], status="pending", notes=["D01"])
    domain("both.zoo", [("rsa", "active", day, True), ("ed", "active", day, True)], words="rsa signs; ed signs")
    domain("rsa.zoo", [("rsa", "active", day, True)])
    domain("signed.zoo", [("sel", "active", day, True)])
    zoo.sign("signed.zoo")
    domain("spf.zoo", [("sel", "active", day, True)], extra=['@ TXT "v=spf1 -all"', '_domainkey TXT "o=~"', '_adsp._domainkey TXT "x"'])
    domain("wild.zoo", [("sel", "active", day, True)], extra=['* TXT "v=spf1 -all"', "* A 192.0.2.80"])
    domain("others.zoo", [("sel", "active", day, True)], extra=["s1._domainkey CNAME s1.example.net."])
    zoo.domain("spelled.zoo")
    spelled = zoo.rsa_record()
    zoo.zone("spelled.zoo", [txt("sel._domainkey", "v=DKIM1;p=" + spelled.split("p=")[1] + ";h = sha256;k=rsa;")])
    zoo.key("spelled.zoo", "sel", spelled)
    zoo.expect("spelled.zoo", [])
    zoo.domain("led.zoo")
    led = zoo.ed()
    zoo.zone("led.zoo", ["sel._domainkey CNAME key", txt("key", led)])
    zoo.key("led.zoo", "sel", led)
    zoo.expect("led.zoo", [])
    zoo.domain("long.zoo")
    long = zoo.rsa_record(4096)
    zoo.zone("long.zoo", [txt("sel._domainkey", long)])
    zoo.key("long.zoo", "sel", long)
    zoo.expect("long.zoo", [])

    def slotted(name, rows, words, **more):
        """rows: (state, age, served) or None for an empty slot."""
        zoo.domain(name, "slots")
        lines = []
        for n, row in enumerate(rows):
            token = f"t{n}{name.replace('.', '').replace('-', '')}"
            lines.append(f"{token}._domainkey CNAME {token}.slots.zoo.")
            zoo.store.append(("slot", name, "ed25519-sha256", n, token))
            record = zoo.ed()
            shown = True if row is None else row[2]
            zoo.slot_lines.append(txt(token, record if row is not None and shown is True else TOMBSTONE, 300))
            if row is not None:
                zoo.key(name, token, record, row[0], row[1], n, f"{token}.slots.zoo")
        zoo.zone(name, lines)
        zoo.expect(name, [], words=words, **more)

    live = ("active", day, True)
    slotted("slots-standby.zoo", [live, ("ready", day, True), None],
            "2 of 3 slots carry a key (one signs, one stands by); 1 is empty (p=), as it should be")
    slotted("slots-alone.zoo", [live, None, None], "1 of 3 slots carries a key (one signs); 2 are empty (p=), as it should be")
    slotted("slots-made.zoo", [live, ("generated", now, "p="), None], "1 of 3 slots carries a key")
    slotted("slots-publishing.zoo", [live, ("published", now, "p="), None], "one is being published", notes=["D29"])
    slotted("slots-published.zoo", [live, ("published", now, True), None], "one is being published")
    slotted("slots-ready.zoo", [live, ("ready", now, True), None], "one stands by")
    slotted("slots-switched.zoo", [live, ("retired", now, True), ("ready", day, True)], "one is kept for delayed mail")
    slotted("slots-revoked.zoo", [live, ("revoked", day, "p="), None], "2 are empty (p=)")
    slotted("slots-removed.zoo", [live, ("removed", day, "p="), ("ready", day, True)], "1 is empty (p=)")
    end_slots(zoo)
