#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""life_mail.py - sends mail all the time: one message after another for each domain, without a pause but PAUSE seconds.

usage: life_mail.py PORT SOURCE DOMAINS LOG PAUSE

DOMAINS is read before each message; its words are the domains that send: u@DOMAIN logs in and writes to
DOMAIN.NUMBER@sink.test.  A file named DOMAINS.stop ends it.  LOG has a line "NUMBER-OF-CASE BEGIN END CODE" for each.
"""
import os
import smtplib
import sys
import threading
import time

PORT, SOURCE, DOMAINS, LOG, PAUSE = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5])
LOCK = threading.Lock()
SESSION = 8  # messages of one connection: new ones come all the time, old ones last


def session(domain):
    server = smtplib.SMTP("127.0.0.1", PORT, "client.test", timeout=20, source_address=(SOURCE, 0))
    server.login(f"u@{domain}", "secret")
    return server


def note(case, begin, code):
    with LOCK, open(LOG, "a", encoding="utf-8") as f:
        f.write(f"{case} {begin:.3f} {time.time():.3f} {code}\n")


def message(domain, case):
    return (f"From: u@{domain}\r\nTo: {case}@sink.test\r\nSubject: {case}\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\nIt is {case}.\r\n\r\nThe end.\r\n\r\n").encode()


def one(server, domain, case):
    begin = time.time()
    try:
        server.sendmail(f"u@{domain}", [f"{case}@sink.test"], message(domain, case))
        note(case, begin, 250)
        return server
    except smtplib.SMTPResponseException as refusal:
        note(case, begin, refusal.smtp_code)
    except OSError:
        note(case, begin, 0)
    server.close()
    return None


def send(domain, wanted):
    number, server = 0, None
    while wanted():
        number += 1
        case = f"{domain}.{number:04}"
        try:
            server = server or session(domain)
        except (OSError, smtplib.SMTPException) as problem:
            note(case, time.time(), f"session:{type(problem).__name__}")
            server = None
            time.sleep(PAUSE)
            continue
        server = one(server, domain, case)
        if server is not None and number % SESSION == 0:
            server.quit()
            server = None
        time.sleep(PAUSE)
    if server is not None:
        server.quit()


def main():
    senders, chosen = {}, []
    while not os.path.exists(DOMAINS + ".stop"):
        with open(DOMAINS, encoding="utf-8") as f:
            chosen[:] = f.read().split()
        for domain in chosen:
            if domain not in senders:
                senders[domain] = threading.Thread(target=send, args=(domain, lambda d=domain: d in chosen))
                senders[domain].start()
        time.sleep(0.1)
    chosen.clear()
    for sender in senders.values():
        sender.join()


main()
