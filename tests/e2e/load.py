#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""load.py - submits messages without pause, each as often as it takes until Postfix says 250.

usage: load.py --port PORT --login LOGIN --sender FROM --count N [--threads N] [--prefix WORD]
               [--per-session N] [--pause SECONDS]

Cases are PREFIX-NUMBER, recipients PREFIX-NUMBER@sink.test.  A 4xx or a lost connection: again, in a new session, after
20 ms.  Prints "CASE TAB TRIES TAB SECONDS-UNTIL-TAKEN TAB REFUSALS" per message.  Exit 1 when a 5xx came or 60 s were not enough.
"""
import argparse
import base64
import collections
import socket
import sys
import threading
import time

BODY = "".join(f"line {n} of some text that has to be hashed\r\n" for n in range(60))


class Refused(Exception):
    pass


class Session:
    def __init__(self, args):
        self.socket = socket.create_connection(("127.0.0.1", args.port), 20, ("127.0.0.66", 0))
        self.reader = self.socket.makefile("rb")
        self.sent = 0
        self.expect("220")
        self.command("EHLO load.test", "250")
        plain = base64.b64encode(f"\0{args.login}\0secret".encode()).decode()
        self.command("AUTH PLAIN " + plain, "235")

    def command(self, line, code):
        self.socket.sendall(line.encode() + b"\r\n")
        self.expect(code)

    def expect(self, code):
        while True:
            line = self.reader.readline().decode("utf-8", "replace")
            if line[3:4] != "-":
                break
        if not line:
            raise ConnectionError("closed")
        if not line.startswith(code):
            raise Refused(line.strip())

    def close(self):
        self.reader.close()
        self.socket.close()


class Worker(threading.Thread):
    def __init__(self, args, cases, results):
        super().__init__()
        self.args, self.cases, self.results, self.session = args, cases, results, None

    def run(self):
        while True:
            try:
                case = self.cases.popleft()
            except IndexError:
                break
            self.deliver(case)
            time.sleep(self.args.pause)
        if self.session:
            self.session.close()

    def deliver(self, case):
        begin, tries, refusals = time.monotonic(), 0, []
        while time.monotonic() < begin + 60:
            tries += 1
            try:
                self.once(case)
                break
            except (Refused, OSError) as problem:
                text = str(problem)
                refusals.append(text[:60])
                if self.session:
                    self.session.close()
                self.session = None
                if text.startswith("5"):
                    tries = 0
                    break
                time.sleep(0.02)
        else:
            tries = 0
        self.results.append((case, tries, time.monotonic() - begin, refusals))

    def once(self, case):
        if self.session is None or self.session.sent >= self.args.per_session:
            if self.session:
                self.session.close()
                self.session = None
            self.session = Session(self.args)
        session = self.session
        session.command(f"MAIL FROM:<{self.args.sender}>", "250")
        session.command(f"RCPT TO:<{case}@sink.test>", "250")
        session.command("DATA", "354")
        session.socket.sendall(f"From: {self.args.sender}\r\nTo: {case}@sink.test\r\nSubject: {case}\r\n\r\n{BODY}.\r\n".encode())
        session.expect("250")
        session.sent += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--sender", required=True)
    parser.add_argument("--prefix", default="load")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--per-session", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0)
    args = parser.parse_args()
    cases = collections.deque(f"{args.prefix}-{n}" for n in range(args.count))
    results = []
    workers = [Worker(args, cases, results) for _ in range(args.threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for case, tries, seconds, refusals in results:
        print(f"{case}\t{tries}\t{seconds:.3f}\t{' | '.join(sorted(set(refusals)))}")
    sys.exit(0 if all(result[1] for result in results) else 1)


if __name__ == "__main__":
    main()
