"""Signatures and searches by PyKCS11 with a key on a token.

pykcs11_loop.py sign|find MODULE TOKEN KEY MILLISECONDS

The PIN is the environment variable RAW_PKCS11_PIN. The message is hashed with SHA-256 before each signature.
"""
import hashlib
import os
import sys

import PyKCS11
from measure import measure

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

work, module, token, label, milliseconds = sys.argv[1:]
library = PyKCS11.PyKCS11Lib()
library.load(module)
slot = next(slot for slot in library.getSlotList(True) if library.getTokenInfo(slot).label.strip() == token)
session = library.openSession(slot)
session.login(os.environ["RAW_PKCS11_PIN"])


def find():
    return session.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY), (PyKCS11.CKA_LABEL, label)])[0]


key = find()
message = b"\x5a" * 32
if session.getAttributeValue(key, [PyKCS11.CKA_KEY_TYPE])[0] == PyKCS11.CKK_RSA:
    mechanism, prefix = PyKCS11.Mechanism(PyKCS11.CKM_RSA_PKCS), DIGEST_INFO
else:
    mechanism, prefix = PyKCS11.Mechanism(PyKCS11.CKM_ECDSA), b""


def sign():
    return session.sign(key, prefix + hashlib.sha256(message).digest(), mechanism)


measure(int(milliseconds), find if work == "find" else sign)
