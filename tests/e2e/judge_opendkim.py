#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""judge_opendkim.py - OpenDKIM's library as a long-running verifier.  usage: judge_opendkim.py ADDRESS PORT

A path a line on stdin; for each, a line "domain TAB selector TAB algorithm TAB result" per signature, then ".".
The library may abort the process on hostile input; judge.py starts it again.
"""
import ctypes
import sys

from judge_dns import Names

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
FOUND, NOT_FOUND = 0, 3            # DKIM_CBSTAT_*
PROCESSED, PASSED = 0x02, 0x04     # DKIM_SIGFLAG_*
BH_MATCH = 0
STAT_NOSIG = 2
RSA_SHA1, RSA_SHA256, ED25519 = 0, 1, 2
ALGORITHMS = {RSA_SHA1: "rsa-sha1", RSA_SHA256: "rsa-sha256", ED25519: "ed25519-sha256"}
STATS = {0: "ok", 1: "bad signature", 2: "no signature", 3: "no key", 4: "cannot verify", 5: "syntax", 6: "no resource",
         7: "internal", 8: "revoked", 9: "invalid", 10: "not implemented", 11: "key retrieval"}


def load():
    lib = ctypes.CDLL("libopendkim.so.11")
    pointer = ctypes.c_void_p
    for name, result, arguments in (
            ("dkim_init", pointer, [pointer, pointer]),
            ("dkim_verify", pointer, [pointer, ctypes.c_char_p, pointer, ctypes.POINTER(ctypes.c_int)]),
            ("dkim_chunk", ctypes.c_int, [pointer, ctypes.c_char_p, ctypes.c_size_t]),
            ("dkim_eom", ctypes.c_int, [pointer, pointer]),
            ("dkim_free", ctypes.c_int, [pointer]),
            ("dkim_getsiglist", ctypes.c_int,
             [pointer, ctypes.POINTER(ctypes.POINTER(pointer)), ctypes.POINTER(ctypes.c_int)]),
            ("dkim_sig_process", ctypes.c_int, [pointer, pointer]),
            ("dkim_sig_getflags", ctypes.c_uint, [pointer]),
            ("dkim_sig_getbh", ctypes.c_int, [pointer]),
            ("dkim_sig_geterror", ctypes.c_int, [pointer]),
            ("dkim_sig_geterrorstr", ctypes.c_char_p, [ctypes.c_int]),
            ("dkim_sig_getdomain", ctypes.c_char_p, [pointer]),
            ("dkim_sig_getselector", ctypes.c_char_p, [pointer]),
            ("dkim_sig_getsignalg", ctypes.c_int, [pointer, ctypes.POINTER(ctypes.c_int)]),
            ("dkim_set_key_lookup", ctypes.c_int, [pointer, CALLBACK])):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


class Verifier:
    def __init__(self, names):
        self.lib = load()
        self.handle = self.lib.dkim_init(None, None)
        self.names = names
        self.callback = CALLBACK(self.key_lookup)
        self.lib.dkim_set_key_lookup(self.handle, self.callback)

    def key_lookup(self, _dkim, sig, buf, size):
        name = self.lib.dkim_sig_getselector(sig) + b"._domainkey." + self.lib.dkim_sig_getdomain(sig)
        record = self.names.txt(name)
        if record is None or len(record) >= size:
            return NOT_FOUND
        ctypes.memmove(buf, record + b"\0", len(record) + 1)
        return FOUND

    def signature(self, dkim, sig):
        algorithm = ctypes.c_int(-1)
        self.lib.dkim_sig_getsignalg(sig, ctypes.byref(algorithm))
        if not self.lib.dkim_sig_getflags(sig) & PROCESSED:
            self.lib.dkim_sig_process(dkim, sig)
        flags, body = self.lib.dkim_sig_getflags(sig), self.lib.dkim_sig_getbh(sig)
        if flags & PASSED and body == BH_MATCH:
            result = "pass"
        else:
            text = self.lib.dkim_sig_geterrorstr(self.lib.dkim_sig_geterror(sig)) or b"?"
            result = f"fail: {text.decode()}, flags={flags:#x} bh={body}"
        return "\t".join([(self.lib.dkim_sig_getdomain(sig) or b"-").decode("ascii", "replace"),
                          (self.lib.dkim_sig_getselector(sig) or b"-").decode("ascii", "replace"),
                          ALGORITHMS.get(algorithm.value, "-"), result])

    def verify(self, message):
        stat = ctypes.c_int(0)
        dkim = self.lib.dkim_verify(self.handle, b"judge", None, ctypes.byref(stat))
        stat = self.lib.dkim_chunk(dkim, message, len(message))
        if stat == 0:
            stat = self.lib.dkim_chunk(dkim, b"", 0)
        whole = self.lib.dkim_eom(dkim, None) if stat == 0 else stat
        sigs, count = ctypes.POINTER(ctypes.c_void_p)(), ctypes.c_int(0)
        lines = []
        if self.lib.dkim_getsiglist(dkim, ctypes.byref(sigs), ctypes.byref(count)) == 0:
            lines = [self.signature(dkim, sigs[i]) for i in range(count.value)]
        if not lines and whole not in (0, STAT_NOSIG):
            lines = ["-\t-\t-\tfail: " + STATS.get(whole, str(whole))]
        self.lib.dkim_free(dkim)
        return lines


def main():
    verifier = Verifier(Names(sys.argv[1], int(sys.argv[2])))
    for path in sys.stdin:
        with open(path.rstrip("\n"), "rb") as f:
            for line in verifier.verify(f.read()):
                print(line)
        print(".", flush=True)


if __name__ == "__main__":
    main()
