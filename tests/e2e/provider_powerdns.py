# SPDX-License-Identifier: ISC
"""PowerDNS's HTTP API as its documentation has it, for what the real server cannot be made to say (provider-powerdns.sh)."""
import json
import urllib.parse

import provider_server
from provider_server import strings_of

KEY = "dG9rZW4tZm9yLXBvd2VyZG5z"
ZONES = "/api/v1/servers/localhost/zones/"


class PowerDNS(provider_server.Provider):
    def error(self, status, text):
        return status, {"Content-Type": "application/json"}, json.dumps({"error": text}).encode()

    def throttled(self, status):
        return json.dumps({"error": "said by a fault"}).encode()

    def answer(self, request):
        if request.headers.get("X-API-Key") != KEY:
            return 401, {}, b"Unauthorized"
        zone = urllib.parse.unquote(request.path[len(ZONES):])
        if not request.path.startswith(ZONES) or zone != "a.test.":
            return self.error(404, f"Could not find domain '{zone}'")
        if request.method == "GET":
            return self.show(request.query)
        if request.method == "PATCH" and request.headers.get("Content-Type") == "application/json":
            return self.patch(json.loads(request.body))
        return self.error(405, "Method Not Allowed")

    def show(self, query):
        wanted = query.get("rrset_name", [None])[0]
        sets = [{"name": name, "type": kind, "ttl": entry["ttl"], "comments": [],
                 "records": [{"content": v, "disabled": False} for v in entry["values"]]}
                for (name, kind), entry in self.records.items() if wanted in (None, name)]
        zone = {"name": "a.test.", "kind": "Native", "soa_edit_api": "DEFAULT", "rrsets": sets}
        return 200, {"Content-Type": "application/json"}, json.dumps(zone).encode()

    def patch(self, body):
        after = dict(self.records)
        for rrset in body["rrsets"]:
            name, kind = rrset["name"], rrset["type"]
            if not name.endswith(".a.test.") or kind != "TXT":
                return self.error(422, f"RRset {name} IN {kind}: Name is out of zone")
            if rrset["changetype"] == "DELETE":
                after.pop((name, kind), None)
                continue
            if (name, "CNAME") in after:
                return self.error(422, f"RRset {name} IN {kind}: Conflicts with pre-existing RRset")
            values = [record["content"] for record in rrset["records"]]
            if rrset["changetype"] != "REPLACE" or any(strings_of(v) is None for v in values):
                return self.error(422, f"Record {name}/{kind} {values}: Parsing record content failed")
            after[(name, kind)] = {"ttl": int(rrset["ttl"]), "values": values}
        self.records = after
        return 204, {}, b""


provider_server.serve(PowerDNS)
