# SPDX-License-Identifier: ISC
"""An API of a DNS provider on loopback, for provider-*.sh: what all of them share.

Started with: PORT DIR [CERT KEY].  In DIR:
  journal   one line of JSON for each request: method, path, status or fault, body
  records   what the zone holds, one line "NAME TYPE TTL VALUE..." each, after each change
  faults    lines "METHOD[:PART-OF-PATH] KIND [ARGUMENT]", METHOD or *; the first that fits a request is used up:
            status N [RETRY-AFTER]  answers so, with no effect
            answer FILE             answers 400 with what FILE in DIR holds, with no effect
            cut-before | cut-after  the connection ends without an answer; the change is made only in the latter
            slow SECONDS            answers then, and does it
            drip                    an octet a second, for ever
            garbage | huge | half   200 and no answer of this API; without an end; half of what it promised
            redirect URL            302
"""
import http.server
import json
import os
import socket
import ssl
import sys
import threading
import time
import urllib.parse


class Lost(Exception):
    """The connection ends here."""


class Provider:
    """What a request does; subclasses answer() it under the lock."""

    def __init__(self, directory):
        self.directory = directory
        self.lock = threading.Lock()
        self.records = {}  # (name, type) -> {"ttl": n, "values": [...]}

    def path(self, name):
        return os.path.join(self.directory, name)

    def answer(self, request):
        """(status, headers, body in bytes)"""
        raise NotImplementedError

    def throttled(self, status):
        """Body of an answer that a fault asked for."""
        return b""

    def lines(self):
        for (name, kind), entry in sorted(self.records.items()):
            for value in entry["values"]:
                yield f"{name} {kind} {entry['ttl']} {value}"

    def dump(self):
        with open(self.path("records.new"), "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in self.lines()))
        os.rename(self.path("records.new"), self.path("records"))

    def note(self, **what):
        with open(self.path("journal"), "a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")

    def fault(self, request):
        """The first that fits, which is used up."""
        try:
            with open(self.path("faults"), encoding="utf-8") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            return None
        for i, line in enumerate(lines):
            words = line.split()
            method, _, part = words[0].partition(":")
            if method in ("*", request.method) and part in request.target:
                del lines[i]
                with open(self.path("faults"), "w", encoding="utf-8") as file:
                    file.write("".join(rest + "\n" for rest in lines))
                return words[1:]
        return None


class Request:
    def __init__(self, handler):
        self.method = handler.command
        self.target = handler.path
        self.path, _, self.query_string = handler.path.partition("?")
        self.query = urllib.parse.parse_qs(self.query_string, keep_blank_values=True)
        self.headers = handler.headers
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "provider"
    provider = None

    def log_message(self, *args):
        pass

    def send(self, status, headers, body, promised=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) if promised is None else promised))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        self.wfile.flush()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def do_fault(self, fault, request):
        """True: the request still has its effect and its answer."""
        kind = fault[0]
        if kind == "status":
            headers = {"Retry-After": fault[2]} if len(fault) > 2 else {}
            self.send(int(fault[1]), headers, self.provider.throttled(int(fault[1])))
        elif kind == "answer":
            with open(self.provider.path(fault[1]), "rb") as file:
                self.send(400, {"Content-Type": "text/xml"}, file.read())
        elif kind == "redirect":
            self.send(302, {"Location": fault[1]}, b"")
        elif kind == "garbage":
            self.send(200, {}, b"<html>\x1b[31mMaintenance</html>\0\xff")
        elif kind == "huge":
            self.send(200, {}, b"[" + b"1," * (4 << 20) + b"1]")
        elif kind == "half":
            self.send(200, {}, b'{"result": [', 1000)
            self.hang_up()
        elif kind == "drip":
            self.send(200, {}, b"{", 1000)
            for _ in range(60):
                time.sleep(1)
                self.wfile.write(b" ")
                self.wfile.flush()
        elif kind == "slow":
            time.sleep(float(fault[1]))
            return True
        elif kind == "cut-before":
            self.hang_up()
        elif kind == "cut-after":
            return True
        else:
            raise ValueError(kind)
        return False

    def do(self):
        request = Request(self)
        provider = self.provider
        with provider.lock:
            fault = provider.fault(request)
        entry = {"method": request.method, "path": request.target, "body": request.body.decode("utf-8", "replace")}
        try:
            if fault is not None and not self.do_fault(fault, request):
                provider.note(fault=fault[0], **entry)
                return
            with provider.lock:
                status, headers, body = provider.answer(request)
                provider.dump()
            provider.note(status=status, fault=fault[0] if fault else None, **entry)
            if fault is not None and fault[0] == "cut-after":
                self.hang_up()
            else:
                self.send(status, headers, body)
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (OSError, ssl.SSLError)):
            super().handle_error(request, client_address)


def serve(make):
    port, directory = int(sys.argv[1]), sys.argv[2]
    Handler.provider = make(directory)
    Handler.provider.dump()
    server = Server(("127.0.0.1", port), Handler)
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


def strings_of(content):
    """The strings of a TXT value in quotes, or None when it is not as RFC 1035 5.1 and the services want it."""
    out, i = [], 0
    while i < len(content):
        if content[i] == " " and out:
            i += 1
            continue
        if content[i] != '"':
            return None
        i += 1
        one = ""
        while i < len(content) and content[i] != '"':
            if content[i] == "\\":
                i += 1
                if i == len(content):
                    return None
            one += content[i]
            i += 1
        if i == len(content) or len(one) > 255:
            return None
        out.append(one)
        i += 1
    return out or None
