"""Drives the OpenZiti C SDK (the wheel openziti 0.6.0) as a client that is not ours.

    ziti_sdk.py enroll JWT OUT [KEYPEM]   enroll with the JWT in a file; write the identity file, mode 0600
    ziti_sdk.py authenticate IDENTITY     load an identity file and wait until the SDK has an API session, or 15 s

Exit status: 0 done, 1 the SDK refused, 2 wrong usage, 3 no API session in time. What the SDK claims is not what
judges: the controller's list of API sessions is. The library keeps threads that do not end, and hangs where a
controller refuses, so run this under `timeout -k`.

Through ctypes, because the wheel's own `enroll` cannot pass a key (a str where a char * is expected).
"""

import ctypes
import os
import sys
import threading

from openziti import zitilib

SECONDS = 15


def leave(status):
    """Ends the process at once; an ordinary exit would join threads of the library that wait for ever."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def enroll(jwt_path, out_path, key_path=None):
    with open(jwt_path, "rb") as file:
        jwt = file.read().strip()
    key = None
    if key_path is not None:
        with open(key_path, "rb") as file:
            key = file.read()
    zitilib.init()
    text = ctypes.c_char_p()
    length = ctypes.c_size_t()
    status = zitilib._ziti_enroll(jwt, key, None, ctypes.byref(text), ctypes.byref(length))
    if status != 0:
        print(f"enroll: {status} {zitilib.errorstr(status)}", file=sys.stderr)
        leave(1)
    descriptor = os.open(out_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.value)
    leave(0)


def authenticate(identity_path):
    # Loading returns when services came, if ever; that there is an API session only the library's log tells, and the
    # log goes to the standard error, which is a pipe from here on.
    os.environ["ZITI_LOG"] = "4"
    real_error = os.dup(2)
    log_end, write_end = os.pipe()
    os.dup2(write_end, 2)
    zitilib.init()
    done = threading.Event()
    seen = []

    def read():
        with os.fdopen(log_end, "rb") as lines:
            for line in lines:
                if b"authenticated successfully" in line:
                    seen.append(line)
                    done.set()

    def load():
        if not zitilib._load_ctx(identity_path.encode()):
            done.set()

    for work in (read, load):
        threading.Thread(target=work, daemon=True).start()
    in_time = done.wait(SECONDS)
    os.dup2(real_error, 2)
    if seen:
        print("authenticated")
        leave(0)
    print("authenticate: " + ("refused" if in_time else "no API session in time"), file=sys.stderr)
    leave(1 if in_time else 3)


def main(arguments):
    if len(arguments) in (3, 4) and arguments[0] == "enroll":
        enroll(*arguments[1:])
    elif len(arguments) == 2 and arguments[0] == "authenticate":
        authenticate(arguments[1])
    else:
        print(__doc__, file=sys.stderr)
        leave(2)


if __name__ == "__main__":
    main(sys.argv[1:])
