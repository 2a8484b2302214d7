#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""auth.py - SASL for Postfix (smtpd_sasl_type = dovecot): Dovecot's auth protocol, mechanism PLAIN.

usage: auth.py SOCKET USERS        USERS: lines "login password"
"""
import base64
import os
import socketserver
import sys


class Handler(socketserver.StreamRequestHandler):
    def say(self, *words):
        self.wfile.write(("\t".join(words) + "\n").encode("utf-8"))

    def handle(self):
        self.say("VERSION", "1", "1")
        self.say("MECH", "PLAIN", "plaintext")
        self.say("SPID", str(os.getpid()))
        self.say("CUID", "1")
        self.say("COOKIE", "00" * 16)
        self.say("DONE")
        for line in self.rfile:
            words = line.decode("utf-8").rstrip("\n").split("\t")
            if words[0] == "AUTH":
                self.auth(words[1], words[3:])

    def auth(self, number, parameters):
        response = [p[5:] for p in parameters if p.startswith("resp=")]
        try:
            _, login, password = base64.b64decode(response[0]).decode("utf-8").split("\0")
        except (IndexError, ValueError):
            self.say("FAIL", number, "reason=malformed")
            return
        if login and self.server.users.get(login) == password:
            self.say("OK", number, "user=" + login)
        else:
            self.say("FAIL", number, "user=" + login)


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def main():
    path, users = sys.argv[1:]
    server = Server(path, Handler)
    with open(users, encoding="utf-8") as f:
        server.users = dict(line.split() for line in f if line.strip())
    os.chmod(path, 0o666)
    server.serve_forever()


if __name__ == "__main__":
    main()
