# SPDX-License-Identifier: ISC
"""Route 53, API version 2013-04-01, as its documentation has it, for provider-route53.sh.  Signatures are verified from
what arrived, after the description of AWS signature version 4 and with nothing of the client's; batches are made as a
whole or not at all; a change is PENDING before it is INSYNC.  Beside it, an instance's metadata service, version 2.

Files in the directory: page-size (records of a page at most), hold (while it is there, all changes are PENDING),
old-errors (InvalidChangeBatch in its older form), no-getchange (the least rights lack it)."""
import datetime
import hashlib
import hmac
import json
import os
import re
import urllib.parse
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

import provider_server
from provider_server import strings_of

NS = "https://route53.amazonaws.com/doc/2013-04-01/"
KEYS = {  # access key -> secret, session token, what the policy allows
    "AKIAIOSFODNN7SIGNPOST": ("wJalrXUtnFEMI/K7MDENG+bPxRfiCYSIGNPOSTKEY", None, "all"),
    "AKIAIOSFODNN7LEASTKEY": ("leastleastLEAST/K7MDENG+bPxRfiCYLEASTKEY", None, "least"),
    "AKIAIOSFODNN7NOTHING1": ("nothingnothing0/K7MDENG+bPxRfiCYNOTHINGKE", None, "nothing"),
    "ASIAIOSFODNN7SESSION1": ("sessionsession0/K7MDENG+bPxRfiCYSESSIONKE", "FwoGZXIvYXdzEJr//session+token/with==", "all"),
    "ASIAIOSFODNN7INSTANCE": ("instanceinstanc/K7MDENG+bPxRfiCYINSTANCEK", "FwoGZXIvYXdzEJr//instance+token/==", "all"),
}
ZONES = [("Z0PRIVATE", "a.test.", True), ("Z1PUBLIC", "a.test.", False), ("Z2FIRST", "twice.test.", False),
         ("Z3SECOND", "twice.test.", False), ("Z4ONLY", "inside.test.", True), ("Z5OTHER", "b.test.", False)]


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def order(name):
    return "".join(label + "." for label in reversed(name.rstrip(".").split(".")))


def sign(secret, scope, to_sign):
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def quote(text):
    return urllib.parse.quote(text, safe="-._~")


class Route53(provider_server.Provider):
    def __init__(self, directory):
        super().__init__(directory)
        self.changes = {}
        self.zones = {zone[0]: {} for zone in ZONES}
        start = self.zones["Z1PUBLIC"]
        start["alias._domainkey.a.test.", "CNAME"] = [300, ["somewhere.else.test"], None]
        start["other._domainkey.a.test.", "TXT"] = [300, ['"v=DKIM1; p=another"'], None]
        start["weighted._domainkey.a.test.", "TXT"] = [300, ['"v=DKIM1; p=weighted"'], "first"]
        start["pieces._domainkey.a.test.", "TXT"] = [777, ['"v=DKIM1; " "p=pieces"'], None]
        start["a.test.", "SOA"] = [900, ["ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"], None]
        start["www.a.test.", "A"] = [300, ["192.0.2.1"], None]

    def lines(self):
        for zone, records in self.zones.items():
            for (name, kind), (ttl, values, _) in sorted(records.items()):
                if zone in ("Z1PUBLIC", "Z5OTHER"):
                    for value in values:
                        yield f"{name} {kind} {ttl} {value}"

    def setting(self, name, default):
        try:
            with open(self.path(name), encoding="utf-8") as file:
                return int(file.read())
        except FileNotFoundError:
            return default

    def xml(self, status, text):
        return status, {"Content-Type": "text/xml"}, ('<?xml version="1.0"?>\n' + text).encode()

    def error(self, refused):
        if refused.code == "InvalidChangeBatch" and os.path.exists(self.path("old-errors")):
            return self.xml(400, f'<InvalidChangeBatch xmlns="{NS}"><Messages><Message>{escape(refused.message)}</Message>'
                                 "</Messages></InvalidChangeBatch>")
        return self.xml(refused.status, f'<ErrorResponse xmlns="{NS}"><Error><Type>Sender</Type><Code>{refused.code}</Code>'
                                        f"<Message>{escape(refused.message)}</Message></Error>"
                                        "<RequestId>0ab1</RequestId></ErrorResponse>")

    def answer(self, request):
        try:
            if request.path.startswith("/latest/"):
                return self.metadata(request)
            allowed = self.verify(request)
            return self.act(request, allowed)
        except Refused as refused:
            return self.error(refused)

    # what AWS documents as "Create a signed AWS API request"
    def verify(self, request):
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^,/]+)/([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})",
                             request.headers.get("Authorization", ""))
        if not match:
            raise Refused(403, "MissingAuthenticationToken", "Missing Authentication Token")
        key_id, scope, signed, signature = match.groups()
        if key_id not in KEYS:
            raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
        secret, token, allowed = KEYS[key_id]
        names = signed.split(";")
        date = request.headers.get("X-Amz-Date", "")
        present = [h.lower() for h in request.headers]
        must = {"host", "x-amz-date"} | {h for h in present if h.startswith("x-amz-") or h == "content-type"}
        if names != sorted(names) or not must <= set(names) or not re.fullmatch(r"\d{8}T\d{6}Z", date):
            raise Refused(403, "IncompleteSignature", f"signed headers {signed}, sent {sorted(present)}")
        if scope != f"{date[:8]}/us-east-1/route53/aws4_request":
            raise Refused(403, "SignatureDoesNotMatch", f"Credential should be scoped to us-east-1/route53, not {scope}")
        pairs = [p.partition("=")[::2] for p in request.query_string.split("&")] if request.query_string else []
        query = "&".join(sorted(f"{quote(urllib.parse.unquote(k))}={quote(urllib.parse.unquote(v))}" for k, v in pairs))
        # every service but S3 encodes the path once more
        path = "/".join(quote(part) for part in request.path.split("/"))
        headers = "".join(f"{n}:{' '.join(', '.join(request.headers.get_all(n)).split())}\n" for n in names)
        canonical = "\n".join([request.method, path, query, headers, signed, hashlib.sha256(request.body).hexdigest()])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        if not hmac.compare_digest(sign(secret, scope, to_sign), signature):
            raise Refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature "
                                                        "you provided. Check your AWS Secret Access Key and signing method.")
        if request.headers.get("X-Amz-Security-Token") != token:
            raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
        at = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        now = datetime.datetime.now(datetime.timezone.utc)
        if abs((now - at).total_seconds()) > 900:
            raise Refused(403, "SignatureDoesNotMatch", f"Signature expired: {date} is now earlier than {now:%Y%m%dT%H%M%SZ}")
        return allowed

    def act(self, request, allowed):
        path = request.path.removeprefix("/2013-04-01/")
        if allowed == "nothing":
            raise Refused(403, "AccessDenied", "User: arn:aws:iam::123456789012:user/x is not authorized to perform this")
        if request.method == "GET" and path == "hostedzonesbyname":
            return self.list_zones(request.query)
        match = re.fullmatch(r"hostedzone/(\w+)/rrset/?", path)
        if match and match[1] not in self.zones:
            raise Refused(404, "NoSuchHostedZone", f"No hosted zone found with ID: {match[1]}")
        if match and request.method == "GET":
            return self.list_sets(self.zones[match[1]], request.query)
        if match and request.method == "POST":
            return self.change(match[1], request.body, allowed)
        match = re.fullmatch(r"change/(\w+)", path)
        if match and request.method == "GET":
            return self.show_change(match[1], allowed)
        raise Refused(404, "UnknownOperationException", request.path)

    def list_zones(self, query):
        name = query["dnsname"][0]
        rest = [z for z in sorted(ZONES, key=lambda z: order(z[1])) if order(z[1]) >= order(name)][:int(query["maxitems"][0])]
        zones = "".join(f"<HostedZone><Id>/hostedzone/{i}</Id><Name>{n}</Name><CallerReference>x</CallerReference>"
                        f"<Config><PrivateZone>{str(p).lower()}</PrivateZone></Config>"
                        "<ResourceRecordSetCount>2</ResourceRecordSetCount></HostedZone>" for i, n, p in rest)
        return self.xml(200, f'<ListHostedZonesByNameResponse xmlns="{NS}"><HostedZones>{zones}</HostedZones><DNSName>{name}'
                             "</DNSName><IsTruncated>false</IsTruncated><MaxItems>32</MaxItems>"
                             "</ListHostedZonesByNameResponse>")

    def list_sets(self, records, query):
        size = min(int(query["maxitems"][0]), self.setting("page-size", 300))
        rest = sorted((key for key in records if order(key[0]) >= order(query["name"][0])), key=lambda k: (order(k[0]), k[1]))
        text = ""
        for name, kind in rest[:size]:
            ttl, values, identifier = records[name, kind]
            text += f"<ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type>"
            text += f"<SetIdentifier>{identifier}</SetIdentifier><Weight>1</Weight>" if identifier else ""
            text += f"<TTL>{ttl}</TTL><ResourceRecords>"
            text += "".join(f"<ResourceRecord><Value>{escape(v)}</Value></ResourceRecord>" for v in values)
            text += "</ResourceRecords></ResourceRecordSet>"
        more = rest[size:]
        tail = f"<IsTruncated>true</IsTruncated><NextRecordName>{more[0][0]}</NextRecordName><NextRecordType>{more[0][1]}" \
               "</NextRecordType>" if more else "<IsTruncated>false</IsTruncated>"
        return self.xml(200, f'<ListResourceRecordSetsResponse xmlns="{NS}"><ResourceRecordSets>{text}</ResourceRecordSets>'
                             f"{tail}<MaxItems>{size}</MaxItems></ListResourceRecordSetsResponse>")

    def one(self, after, change):
        """A change of a batch, in the copy; the message when it does not fit."""
        action = change.findtext(f"{{{NS}}}Action")
        rrset = change.find(f"{{{NS}}}ResourceRecordSet")
        name, kind, ttl = (rrset.findtext(f"{{{NS}}}{n}") for n in ("Name", "Type", "TTL"))
        values = [v.text for v in rrset.iter(f"{{{NS}}}Value")]
        what = f"resource record set [name='{name}', type='{kind}']"
        old = after.get((name, kind))
        if kind == "TXT" and any(strings_of(v) is None for v in values):
            return f"Invalid Resource Record: FATAL problem: InvalidCharacterString or too long (Value) for {what}"
        if action == "CREATE":
            if old:
                return f"Tried to create {what} but it already exists"
            if (name, "CNAME") in after:
                return f"RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other records with " \
                       "the same DNS name in zone"
            after[name, kind] = [int(ttl), values, None]
        elif action == "DELETE":
            if not old:
                return f"Tried to delete {what} but it was not found"
            if old != [int(ttl), values, None]:
                return f"Tried to delete {what} but the values provided do not match the current values"
            del after[name, kind]
        else:
            return f"{action} is not what a publisher that overwrites nothing asks for"
        return None

    def change(self, zone, body, allowed):
        root = ET.fromstring(body)
        if root.tag != f"{{{NS}}}ChangeResourceRecordSetsRequest":
            raise Refused(400, "MalformedInput", "ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest")
        changes = root.findall(f"{{{NS}}}ChangeBatch/{{{NS}}}Changes/{{{NS}}}Change")
        length = sum(len(v.text) for v in root.iter(f"{{{NS}}}Value"))
        if not 1 <= len(changes) <= 1000 or length > 32000:
            raise Refused(400, "InvalidInput", f"{len(changes)} changes, {length} characters")
        if allowed == "least":
            for rrset in root.iter(f"{{{NS}}}ResourceRecordSet"):
                if "._domainkey." not in rrset.findtext(f"{{{NS}}}Name") or rrset.findtext(f"{{{NS}}}Type") != "TXT":
                    raise Refused(403, "AccessDenied", "User: arn:aws:iam::123456789012:user/signpost is not authorized to "
                                                       "perform: route53:ChangeResourceRecordSets")
        after, faults = dict(self.zones[zone]), []
        for change in changes:
            fault = self.one(after, change)
            if fault:
                faults.append(fault)
        if faults:
            raise Refused(400, "InvalidChangeBatch", f"[{', '.join(faults)}]")
        self.zones[zone] = after
        number = f"C{len(self.changes) + 1}CHANGE"
        self.changes[number] = 1
        return self.change_info("ChangeResourceRecordSetsResponse", number, "PENDING")

    def change_info(self, kind, number, status):
        return self.xml(200, f'<{kind} xmlns="{NS}"><ChangeInfo><Id>/change/{number}</Id><Status>{status}</Status>'
                             f"<SubmittedAt>2026-11-22T07:00:00.000Z</SubmittedAt></ChangeInfo></{kind}>")

    def show_change(self, number, allowed):
        if allowed == "least" and os.path.exists(self.path("no-getchange")):
            raise Refused(403, "AccessDenied", "not authorized to perform: route53:GetChange")
        if number not in self.changes:
            raise Refused(404, "NoSuchChange", f"A change with id {number} does not exist.")
        if not os.path.exists(self.path("hold")):
            self.changes[number] -= 1
        return self.change_info("GetChangeResponse", number, "INSYNC" if self.changes[number] < 0 else "PENDING")

    def metadata(self, request):
        role = "/latest/meta-data/iam/security-credentials/"
        if request.method == "PUT" and request.path == "/latest/api/token":
            if not request.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "").isdigit():
                return 400, {}, b""
            return 200, {}, b"metadata-token-of-an-instance=="
        if request.headers.get("X-aws-ec2-metadata-token") != "metadata-token-of-an-instance==":
            return 401, {}, b""
        if request.path == role:
            return 200, {}, b"signpost-role"
        if request.path == role + "signpost-role":
            key = "ASIAIOSFODNN7INSTANCE"
            return 200, {}, json.dumps({"Code": "Success", "AccessKeyId": key, "SecretAccessKey": KEYS[key][0],
                                        "Token": KEYS[key][1], "Expiration": "2026-11-23T00:00:00Z"}).encode()
        return 404, {}, b""


provider_server.serve(Route53)
