#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""sink.py - the next hop: an SMTP server that stores each message byte for byte, as RCPT.eml (RCPT.2.eml, ...).

usage: sink.py --port PORT --dir DIR [--address A] [--forward HOST:PORT]

The recipient refused@... is refused.  DIR/.options is read for every command; its words change what the server is like:
  no-8bitmime no-smtputf8   do not offer the extension
  tempfail                  451 at end of data, nothing stored
  slow=SECONDS              waits before the answer to end of data
With --forward each message is handed on over SMTP instead of stored: a content filter that re-injects.
"""
import argparse
import os
import re
import smtplib
import socketserver
import threading
import time

LOCK = threading.Lock()


class Handler(socketserver.StreamRequestHandler):
    def options(self):
        try:
            with open(os.path.join(self.server.dir, ".options"), encoding="ascii") as f:
                return f.read().split()
        except FileNotFoundError:
            return []

    def say(self, *lines):
        self.wfile.write(b"".join(l.encode("ascii") + b"\r\n" for l in lines))

    def handle(self):
        try:
            self.talk()
        except (BrokenPipeError, ConnectionResetError):
            pass

    def talk(self):
        self.say("220 sink.test ESMTP")
        sender, rcpts = "", []
        while True:
            line = self.rfile.readline(65536)
            if not line:
                return
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.ehlo()
            elif verb == b"MAIL":
                sender, rcpts = line.decode("utf-8", "replace").strip(), []
                self.say("250 2.1.0 ok")
            elif verb == b"RCPT" and b"<refused@" in line:
                self.say("550 5.1.1 no such person")
            elif verb == b"RCPT":
                rcpts.append(line.decode("utf-8", "replace").strip())
                self.say("250 2.1.5 ok")
            elif verb == b"DATA" and not rcpts:
                self.say("554 5.5.1 no valid recipients")
            elif verb == b"DATA":
                self.say("354 go on")
                self.data(sender, rcpts)
            elif verb == b"QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250 2.0.0 ok")

    def ehlo(self):
        words = self.options()
        offers = ["PIPELINING", "ENHANCEDSTATUSCODES"]
        if "no-8bitmime" not in words:
            offers.append("8BITMIME")
        if "no-smtputf8" not in words:
            offers.append("SMTPUTF8")
        lines = ["sink.test"] + offers
        self.say(*["250-" + l for l in lines[:-1]], "250 " + lines[-1])

    def data(self, sender, rcpts):
        message = bytearray()
        while True:
            # a line is what CRLF ends; a bare LF is data
            line = self.rfile.readline(1 << 20)
            if not line:
                return
            if line == b".\r\n" and (not message or message.endswith(b"\r\n")):
                break
            if line.startswith(b".") and (not message or message.endswith(b"\r\n")):
                line = line[1:]
            message += line
        words = self.options()
        for word in words:
            if word.startswith("slow="):
                time.sleep(float(word[5:]))
        if "tempfail" in words:
            self.say("451 4.3.0 not now")
            return
        if self.server.forward:
            self.hand_on(sender, rcpts, bytes(message))
        else:
            self.store(sender, rcpts, bytes(message))
        self.say("250 2.0.0 stored")

    def hand_on(self, sender, rcpts, message):
        with smtplib.SMTP(*self.server.forward, timeout=20) as out:
            out.ehlo("filter.test")
            out.docmd("MAIL", sender[5:])
            for rcpt in rcpts:
                out.docmd("RCPT", rcpt[5:])
            out.data(message)

    def store(self, sender, rcpts, message):
        found = re.search(r"<([^@>]*)", rcpts[0] if rcpts else "")
        case = re.sub(r"[^A-Za-z0-9._+-]", "_", found.group(1) if found else "none")
        with LOCK:
            name, number = case, 1
            while os.path.exists(os.path.join(self.server.dir, name + ".eml")):
                number += 1
                name = f"{case}.{number}"
            path = os.path.join(self.server.dir, name)
            with open(path + ".tmp", "wb") as f:
                f.write(message)
            with open(path + ".env", "w", encoding="utf-8") as f:
                f.write("\n".join([sender] + rcpts) + "\n")
            os.rename(path + ".tmp", path + ".eml")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--dir", required=True)
    parser.add_argument("--forward")
    args = parser.parse_args()
    server = Server((args.address, args.port), Handler)
    server.dir = args.dir
    server.forward = None
    if args.forward:
        host, port = args.forward.rsplit(":", 1)
        server.forward = (host, int(port))
    server.serve_forever()


if __name__ == "__main__":
    main()
