"""Loaded by Python itself when this directory is on PYTHONPATH: notes what a program does.

Writes a line to the file WATCH_LOG for each connection, name look-up and new process. WATCH_PATCH is code that is run first, such as one that takes a guard
out.
"""

import os
import sys

_WATCHED = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.sendto",
    "subprocess.Popen",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.system",
    "pty.spawn",
)

if "WATCH_LOG" in os.environ:
    _log = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _note(event: str, details: tuple[object, ...]) -> None:
        if event in _WATCHED:
            os.write(_log, f"{event} {details!r}\n".encode(errors="replace"))

    sys.addaudithook(_note)

exec(os.environ.get("WATCH_PATCH", ""))
