"""Ends this process with its parent. POSIX signals, Linux's parent-death signal."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """End the process when its standard input closes, or when its parent dies.

    Closing the input works on every system, but only while Python runs; the kernel's signal also
    ends a process that is loading a model. A SIGTERM ends the process at once: it has no state to
    save.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_wait_for_end_of_input, daemon=True).start()


def _wait_for_end_of_input() -> None:
    descriptor = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
    try:
        while os.read(descriptor, 4_096):
            pass
    except OSError:
        pass
    os._exit(0)
