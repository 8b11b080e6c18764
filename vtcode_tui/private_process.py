"""Keeps what this process was started with from other processes: no core dump, no look into it, and no
secret in the environment that its children inherit. Imports nothing heavy: it runs before all else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping, Sequence

from vtcode_tui.secrecy import SENSITIVE_NAME

_PR_SET_DUMPABLE = 4


def close_to_other_processes() -> None:
    """No core dumps, and on Linux no process of the same user looks into this one: a child could
    otherwise read the key out of /proc/PID/environ, which holds it whatever becomes of os.environ.
    """
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def forget_secrets(environ: MutableMapping[str, str]) -> None:
    """Take what is named like a secret out of ``environ``, which children may inherit."""
    import re

    is_secret = re.compile(SENSITIVE_NAME, re.IGNORECASE).match
    names = [name for name in environ if is_secret(name)]
    _blank_in_memory(names)
    for name in names:
        del environ[name]


def _blank_in_memory(names: Sequence[str]) -> None:
    """Overwrite the values that this process was started with: /proc/PID/environ shows them for as
    long as it runs, to root at least, and to whoever looks before it is closed."""
    if sys.platform != "linux" or not names:
        return
    import ctypes

    wanted = {os.fsencode(name) for name in names}
    block = ctypes.POINTER(ctypes.c_void_p).in_dll(ctypes.CDLL(None), "environ")
    position = 0
    while address := block[position]:
        name, _, value = ctypes.string_at(address).partition(b"=")
        if name in wanted:
            ctypes.memset(address + len(name) + 1, 0, len(value))
        position += 1
