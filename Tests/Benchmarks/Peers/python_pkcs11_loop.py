"""Signatures and searches by python-pkcs11 with a key on a token.

python_pkcs11_loop.py sign|find MODULE TOKEN KEY MILLISECONDS

The PIN is the environment variable RAW_PKCS11_PIN. The message is hashed with SHA-256 before each signature, because the
token has no mechanism that does both.
"""
import hashlib
import os
import sys

import pkcs11
from measure import measure

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

work, module, token, label, milliseconds = sys.argv[1:]
session = pkcs11.lib(module).get_token(token_label=token).open(user_pin=os.environ["RAW_PKCS11_PIN"])


def find():
    return session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)


key = find()
message = b"\x5a" * 32
if key.key_type == pkcs11.KeyType.RSA:
    mechanism, prefix = pkcs11.Mechanism.RSA_PKCS, DIGEST_INFO
else:
    mechanism, prefix = pkcs11.Mechanism.ECDSA, b""


def sign():
    return key.sign(prefix + hashlib.sha256(message).digest(), mechanism=mechanism)


measure(int(milliseconds), find if work == "find" else sign)
