#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""smtp.py - an SMTP client that does what it is told, byte for byte.

usage: smtp.py [--source ADDRESS] PORT < SCRIPT

A line of the script each:
  > TEXT             send TEXT and CRLF; \\r \\n \\t \\0 \\xHH \\\\ are escapes
  >> TEXT            the same, kept back until the next < (pipelining)
  < CODE [TEXT]      read one reply; it must start with CODE (and hold TEXT)
  plain LOGIN PASS   AUTH PLAIN, expects 235
  data FILE          the octets of FILE, dots stuffed, then the final dot (expects nothing)
  mail FROM TO FILE [MAIL-PARAMETERS]     the whole transaction, each step expected to be fine
  drop               close without QUIT
  sleep SECONDS
Exit status 1 and one line on stderr when a reply is not as expected.
"""
import argparse
import base64
import re
import socket
import sys
import time

ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}


def unescape(text):
    out = b""
    for m in re.finditer(r"\\x([0-9a-fA-F]{2})|\\(.)|([^\\]+)", text):
        if m.group(1):
            out += bytes([int(m.group(1), 16)])
        elif m.group(2):
            out += ESCAPES[m.group(2)]
        else:
            out += m.group(3).encode("utf-8")
    return out


def stuffed(path):
    with open(path, "rb") as f:
        octets = f.read()
    if octets.startswith(b"."):
        octets = b"." + octets
    octets = octets.replace(b"\r\n.", b"\r\n..")
    return octets + (b".\r\n" if octets.endswith(b"\r\n") else b"\r\n.\r\n")


class Unexpected(Exception):
    pass


class Client:
    def __init__(self, port, source):
        self.socket = socket.create_connection(("127.0.0.1", port), 30, (source, 0) if source else None)
        self.reader = self.socket.makefile("rb")
        self.kept = b""

    def send(self, octets):
        self.kept += octets

    def flush(self):
        if self.kept:
            self.socket.sendall(self.kept)
            self.kept = b""

    def expect(self, code, text=""):
        self.flush()
        reply = ""
        while True:
            line = self.reader.readline().decode("utf-8", "replace")
            reply += line
            if line[3:4] != "-":
                break
        if not reply.startswith(code) or text not in reply:
            raise Unexpected(f"expected {code} {text}, got {reply.strip()!r}")

    def mail(self, words):
        self.send(f"MAIL FROM:<{words[0]}>{' '.join([''] + words[3:])}\r\n".encode("utf-8"))
        self.expect("250")
        self.send(f"RCPT TO:<{words[1]}>\r\n".encode("utf-8"))
        self.expect("250")
        self.send(b"DATA\r\n")
        self.expect("354")
        self.send(stuffed(words[2]))
        self.expect("250")

    def step(self, line):
        verb, _, rest = line.partition(" ")
        if verb == ">>":
            self.send(unescape(rest) + b"\r\n")
        elif verb == ">":
            self.send(unescape(rest) + b"\r\n")
            self.flush()
        elif verb == "<":
            code, _, text = rest.partition(" ")
            self.expect(code, text)
        elif verb == "plain":
            login, password = rest.split()
            self.send(b"AUTH PLAIN " + base64.b64encode(f"\0{login}\0{password}".encode()) + b"\r\n")
            self.expect("235")
        elif verb == "data":
            self.send(stuffed(rest))
        elif verb == "mail":
            self.mail([w if w != "-" else "" for w in rest.split()])
        elif verb == "sleep":
            self.flush()
            time.sleep(float(rest))
        elif verb == "drop":
            self.flush()
            self.reader.close()
            self.socket.close()
        else:
            raise Unexpected(f"no such step: {line}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source")
    parser.add_argument("port", type=int)
    args = parser.parse_args()
    line = ""
    try:
        client = Client(args.port, args.source)
        for line in sys.stdin:
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                client.step(line)
    except (OSError, Unexpected) as problem:
        print(f"smtp.py: at {line!r}: {problem}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
