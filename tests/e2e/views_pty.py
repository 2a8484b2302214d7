# SPDX-License-Identifier: ISC
"""views_pty.py - runs a command on a terminal of its own and judges what it wrote.

    views_pty.py COLUMNS color|plain COMMAND...

Prints what was written without its escape sequences.  Exits 1 when a line is wider than the terminal and could have been
broken (more than one word stands in it, and it is no record that is to be pasted in one piece), when colours are where none
are wanted or lack where they are, when something else than colour is sent, or when colours do not end.
"""
import fcntl
import os
import pty
import re
import struct
import sys
import termios
import unicodedata


def width(text):
    """Columns of a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def run(columns, argv):
    child, master = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        os.execvp(argv[0], argv)
    out = b""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    os.waitpid(child, 0)
    return out.decode("utf-8").replace("\r\n", "\n")


def main():
    columns, want, argv = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    text, wrong = run(columns, argv), []
    colors = re.findall(r"\033\[[0-9;]*m", text)
    plain = re.sub(r"\033\[[0-9;]*m", "", text)
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", plain):
        wrong.append("control characters beside colour")
    if want == "plain" and colors:
        wrong.append(f"colours: {sorted(set(colors))}")
    if want == "color" and (not colors or colors[-1] != "\033[0m"):
        wrong.append(f"no colour, or one that does not end: {colors[-1:]}")
    for line in plain.split("\n"):
        # a name that is longer than the line is not cut: the terminal wraps it, and it can be pasted
        if width(line) > columns and len(line.split()) > 1 and "v=DKIM1" not in line:
            wrong.append(f"{width(line)} columns: {line}")
    if not plain.strip():
        wrong.append("nothing was written")
    sys.stdout.write(plain)
    for line in wrong:
        print(f"!! {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
