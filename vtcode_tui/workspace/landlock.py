"""Shuts a command in with Landlock (Linux 6.2 and later) and a seccomp filter for sockets.

Landlock only ever adds rights to a directory with all that lies below it. So what is hidden is left
out by naming everything around it, names of hidden files stay visible, and nothing inside a
writable directory can be kept read-only; what it hides there is hidden together with what the
command itself makes beside it. Modes, owners and times of files are not its business.
Numbers are those of the kernel's interface, linux/landlock.h and linux/seccomp.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

from vtcode_tui.workspace.enclosure import Boundaries, Enclosure

_CREATE_RULESET = 444
_ADD_RULE = 445
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_TRUNCATE = 1 << 14
_IOCTL_DEV = 1 << 15
_ALL_UP_TO_TRUNCATE = (1 << 15) - 1
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_BIND_AND_CONNECT_TCP = 0b11
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

# Before this version a file outside could still be truncated by its name.
_LEAST_VERSION = 3
_VERSION_WITH_NETWORK = 4
_VERSION_WITH_IOCTL = 5
_VERSION_WITH_SCOPES = 6

# No terminals: with them a command could write to the user's own by its name.
_DEVICES = ("null", "zero", "full", "random", "urandom")
_MAX_NAMES = 20_000


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def missing() -> str | None:
    """Why Landlock cannot be tried here, or None."""
    version = _version()
    if version < 1:
        return "this kernel has no Landlock"
    if version < _LEAST_VERSION:
        return (
            f"the Landlock of this kernel is too old (version {version}, needed {_LEAST_VERSION})"
        )
    return None


def enclose(boundaries: Boundaries, stack: ExitStack) -> Enclosure:
    """The ruleset's descriptor is closed with ``stack``. Raises OSError."""
    descriptor = _make_ruleset(_version(), boundaries.network)
    stack.callback(os.close, descriptor)
    _allow(descriptor, Path("/"), _READ_DIR)
    for path in readable_around(Path("/"), boundaries.hidden):
        _allow(descriptor, path, _READ_FILE | _EXECUTE | _READ_DIR)
    for name in _DEVICES:
        _allow(descriptor, Path("/dev") / name, _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV)
    for path in boundaries.kept:
        _allow(descriptor, path, _READ_FILE | _EXECUTE | _READ_DIR)
    _allow(descriptor, boundaries.scratch, _handled(_version()))
    for path in boundaries.writable:
        hides = any(other.is_relative_to(path) for other in boundaries.hidden)
        _allow(descriptor, path, _handled(_version()) & ~(_READ_FILE if hides else 0))
    return Enclosure(
        ruleset_fd=descriptor,
        socket_filter=socket_filter(os.uname().machine, network=boundaries.network).hex(),
        environment={"TMPDIR": str(boundaries.scratch)},
    )


def readable_around(directory: Path, hidden: Sequence[Path]) -> Iterator[Path]:
    """Paths that together hold all of ``directory`` but what is ``hidden``, as it is now."""
    below = [path for path in hidden if path.is_relative_to(directory)]
    if directory in below:
        return
    if not below:
        yield directory
        return
    with suppress(OSError), os.scandir(directory) as entries:
        for number, entry in enumerate(entries):
            if number >= _MAX_NAMES:
                return
            if not entry.is_symlink():
                yield from readable_around(Path(entry.path), below)


def _handled(version: int) -> int:
    return _ALL_UP_TO_TRUNCATE | (_IOCTL_DEV if version >= _VERSION_WITH_IOCTL else 0)


def _make_ruleset(version: int, network: bool) -> int:
    closes_network = version >= _VERSION_WITH_NETWORK and not network
    attributes = _Attributes(
        handled_access_fs=_handled(version),
        handled_access_net=_BIND_AND_CONNECT_TCP if closes_network else 0,
        scoped=_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if version >= _VERSION_WITH_SCOPES else 0,
    )
    return _call(
        _CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes)), 0
    )


def _allow(ruleset: int, path: Path, access: int) -> None:
    """Add a rule; a path that is not there any more, or that cannot be entered, gets none."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (FileNotFoundError, PermissionError):
        return
    try:
        access &= _handled(_version())
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _FOR_FILES
        rule = _PathBeneath(allowed_access=access, parent_fd=descriptor)
        _call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)


@cache
def _version() -> int:
    """The version of the kernel's Landlock, 0 where there is none."""
    try:
        return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    except OSError:
        return 0


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "this is not Linux")
    result = int(_libc().syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000
_EACCES, _ENOSYS = 13, 38
_AF_UNIX = 1
_X32_FIRST_NUMBER = 0x40000000
_IO_URING_SETUP = 425
# By os.uname().machine: the architecture as seccomp names it, and the number of socket(2).
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}


def socket_filter(machine: str, *, network: bool) -> bytes:
    """A seccomp program that refuses new sockets; empty where ``machine`` is not known.

    With ``network`` only those of the machine itself are refused, behind which wait programs that
    are in no sandbox: a session bus, a container engine. Pairs of sockets stay allowed. io_uring,
    which opens sockets in another way, and programs of other architectures do not start.
    """
    if machine not in _MACHINES:
        return b""
    architecture, socket_number = _MACHINES[machine]
    only_unix = ((_LOAD, 0, 0, _FIRST_ARGUMENT), (_JUMP_IF_EQUAL, 0, 1, _AF_UNIX))
    steps = (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_IF_EQUAL, 0, 3, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_IF_AT_LEAST, 1, 0, _X32_FIRST_NUMBER),
        (_JUMP_IF_EQUAL, 0, 1, _IO_URING_SETUP),
        (_RETURN, 0, 0, _REFUSE | _ENOSYS),
        (_JUMP_IF_EQUAL, 1, 0, socket_number),
        (_RETURN, 0, 0, _ALLOW),
        *(only_unix if network else ()),
        (_RETURN, 0, 0, _REFUSE | _EACCES),
        (_RETURN, 0, 0, _ALLOW),
    )
    return b"".join(struct.pack("HBBI", *step) for step in steps)
