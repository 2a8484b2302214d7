#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""gate.py - stands between a secondary and its primary, UDP and TCP, and lets through what it is told to.

usage: gate.py ADDRESS PORT TARGET-ADDRESS TARGET-PORT FILE

FILE's first word is read for every question and connection: open, shut (nothing passes, nothing is answered),
lag=SECONDS, or drop (what is asked passes, and the answer is lost).
"""
import selectors
import socket
import sys
import threading
import time

HERE, TARGET = (sys.argv[1], int(sys.argv[2])), (sys.argv[3], int(sys.argv[4]))


def the_word():
    with open(sys.argv[5], encoding="ascii") as f:
        return f.read().strip()


def passes():
    word = the_word()
    if word.startswith("lag="):
        time.sleep(float(word[4:]))
    return word != "shut"


def one_question(here, question, peer):
    if not passes():
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.settimeout(5)
        out.connect(TARGET)
        try:
            out.send(question)
            answer = out.recv(65535)
            if the_word() != "drop":
                here.sendto(answer, peer)
        except OSError:
            pass


def one_connection(near):
    with near:
        if not passes():
            return
        with socket.create_connection(TARGET, 5) as far:
            other = {near: far, far: near}
            chosen = selectors.DefaultSelector()
            for end in other:
                chosen.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in chosen.select(30) or [(None, 0)]:
                    if key is None:
                        return
                    octets = key.fileobj.recv(65536)
                    if not octets or (key.fileobj is far and the_word() == "drop"):
                        return
                    other[key.fileobj].sendall(octets)


def connections(listener):
    while True:
        near, _ = listener.accept()
        threading.Thread(target=quietly, args=(near,), daemon=True).start()


def quietly(near):
    try:
        one_connection(near)
    except OSError:
        pass


def main():
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    here.bind(HERE)
    threading.Thread(target=connections, args=(socket.create_server(HERE),), daemon=True).start()
    while True:
        question, peer = here.recvfrom(65535)
        threading.Thread(target=one_question, args=(here, question, peer), daemon=True).start()


main()
