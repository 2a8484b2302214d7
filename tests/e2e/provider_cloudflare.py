# SPDX-License-Identifier: ISC
"""Cloudflare's API, version 4, as its documentation has it, for provider-cloudflare.sh: success, errors with a chain and
pages; records with identifiers; TXT content in quoted strings; several TXT records of one name unless they are identical."""
import json
import re

import provider_server
from provider_server import strings_of

TOKEN = "Zc0_tokenTokenTOKEN-for-cloudflare-40chars"
FEW = "Zc1_tokenTokenTOKEN-that-may-only-read-zones"
ZONES = {
    "0123456789abcdef0123456789abcdef": ("a.test", "active"),
    "1123456789abcdef0123456789abcdef": ("pending.test", "pending"),
    "2123456789abcdef0123456789abcdef": ("twice.test", "active"),
    "3123456789abcdef0123456789abcdef": ("twice.test", "active"),
}
BASE = "/client/v4"


class Cloudflare(provider_server.Provider):
    def __init__(self, directory):
        super().__init__(directory)
        self.count = 0
        self.list = []
        for kind, name, content in (("CNAME", "alias._domainkey.a.test", "somewhere.else.test"),
                                    ("TXT", "other._domainkey.a.test", '"v=DKIM1; p=another"'),
                                    ("TXT", "bare._domainkey.a.test", "v=DKIM1; p=bare"),
                                    ("A", "www.a.test", "192.0.2.1")):
            self.add("0123456789abcdef0123456789abcdef", {"type": kind, "name": name, "content": content, "ttl": 300})

    def add(self, zone, fields):
        self.count += 1
        record = {"id": f"{self.count:032x}", "zone": zone, **fields}
        self.list.append(record)
        return record

    def lines(self):
        for r in self.list:
            yield f"{r['name']} {r['type']} {r['ttl']} {r['content']}"

    def good(self, result, **info):
        body = {"success": True, "errors": [], "messages": [], "result": result, **info}
        return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()

    def bad(self, status, code, message, chain=None):
        error = {"code": code, "message": message}
        if chain:
            error["error_chain"] = [{"code": chain[0], "message": chain[1]}]
        body = {"success": False, "errors": [error], "messages": [], "result": None}
        return status, {"Content-Type": "application/json"}, json.dumps(body).encode()

    def throttled(self, status):
        code = 971 if status == 429 else 1101
        return self.bad(status, code, "Please wait and consider throttling your request speed")[2]

    def page(self, items, query):
        number, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["100"])[0])
        info = {"page": number, "per_page": size, "count": len(items[(number - 1) * size:number * size]),
                "total_count": len(items), "total_pages": -(-len(items) // size)}
        return self.good(items[(number - 1) * size:number * size], result_info=info)

    def answer(self, request):
        bearer = request.headers.get("Authorization", "")
        if not re.fullmatch(r"Bearer [\w-]{40,}", bearer):
            return self.bad(400, 6003, "Invalid request headers", (6111, "Invalid format for Authorization header"))
        if bearer not in ("Bearer " + TOKEN, "Bearer " + FEW):
            return self.bad(401, 1000, "Invalid API Token")
        if request.path == BASE + "/zones" and request.method == "GET":
            wanted = request.query.get("name", [None])[0]
            return self.page([{"id": i, "name": n, "status": s} for i, (n, s) in ZONES.items() if wanted in (None, n)],
                             request.query)
        match = re.fullmatch(BASE + r"/zones/(\w+)/dns_records(?:/(\w+))?", request.path)
        if not match or match[1] not in ZONES:
            return self.bad(400, 7003, f"Could not route to {request.path}, perhaps your object identifier is invalid?")
        if bearer != "Bearer " + TOKEN:
            return self.bad(403, 10000, "Authentication error")
        return self.record(request, match[1], match[2])

    def record(self, request, zone, record_id):
        if request.method == "GET" and record_id is None:
            name = request.query.get("name", [None])[0]
            return self.page([r for r in self.list if r["zone"] == zone and name in (None, r["name"])], request.query)
        old = next((r for r in self.list if r["zone"] == zone and r["id"] == record_id), None)
        if record_id is not None and old is None:
            return self.bad(404, 81044, "Record does not exist.")
        if request.method == "DELETE":
            self.list.remove(old)
            return self.good({"id": record_id})
        if request.headers.get("Content-Type") != "application/json":
            return self.bad(415, 6003, "Unsupported media type")
        return self.put(request.method, zone, old, json.loads(request.body))

    def put(self, method, zone, old, fields):
        if set(fields) != {"type", "name", "content", "ttl", "proxied"} or fields["type"] != "TXT" or fields["proxied"]:
            return self.bad(400, 1004, "DNS Validation Error", (9005, f"Content for {fields.get('type')} is invalid"))
        if not 60 <= fields["ttl"] <= 86400:
            return self.bad(400, 1004, "DNS Validation Error", (9021, "Invalid TTL. Must be between 60 and 86400 seconds"))
        if strings_of(fields["content"]) is None:
            return self.bad(400, 1004, "DNS Validation Error", (9207, "content is not quoted strings of 255 bytes"))
        same = [r for r in self.list if r["zone"] == zone and r["name"] == fields["name"] and r is not old]
        if any(r["type"] == "CNAME" for r in same):
            return self.bad(400, 81054, "A CNAME record with that host already exists.")
        if any(r["type"] == "TXT" and r["content"] == fields["content"] for r in same):
            return self.bad(400, 81058, "An identical record already exists.")
        del fields["proxied"]
        if method == "POST":
            return self.good(self.add(zone, fields))
        if method != "PUT":
            return self.bad(405, 10405, "Method not allowed for this endpoint")
        old.update(fields)
        return self.good(old)


provider_server.serve(Cloudflare)
