"""Opens files relative to a held directory so that no symbolic link can redirect the opening.

Every function takes the names of a path without ``.`` and ``..``. A symbolic link at any of them,
even one created a moment ago, fails with ELOOP or ENOTDIR. Linux does this in one call (openat2
with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, since 5.6); elsewhere, and if a container forbids the
call, each name is opened relative to the previous one with O_NOFOLLOW.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from collections.abc import Iterator

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_AT_SYSCALL_OPENAT2 = 437
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_NO_SYMLINKS = 0x04
_RESOLVE_BENEATH = 0x08
_TRIES = 100
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EPERM, errno.E2BIG, errno.EINVAL})


class _OpenHow(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


def open_beneath(root_fd: int, names: tuple[str, ...], flags: int, mode: int = 0) -> int:
    """A new file descriptor for the path, or for the root itself if ``names`` is empty.

    ``flags`` are those of os.open; O_CLOEXEC and O_NOFOLLOW are added. Raises OSError.
    """
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    if not names:
        return os.open(".", flags, mode, dir_fd=root_fd)
    if _OPENAT2.is_supported:
        return _OPENAT2.open(root_fd, "/".join(names), flags, mode)
    return _open_by_walk(root_fd, names, flags, mode)


@contextlib.contextmanager
def directory_beneath(
    root_fd: int, names: tuple[str, ...], *, create: bool = False
) -> Iterator[int]:
    """Open the directory as a descriptor that is closed at the end; with ``create`` it is created
    if missing."""
    try:
        descriptor = open_beneath(root_fd, names, _DIRECTORY)
    except FileNotFoundError:
        if not create:
            raise
        descriptor = _make_directories(root_fd, names)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _make_directories(root_fd: int, names: tuple[str, ...]) -> int:
    current = os.dup(root_fd)
    try:
        for name in names:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=current)
            below = os.open(name, _DIRECTORY, dir_fd=current)
            os.close(current)
            current = below
    except BaseException:
        os.close(current)
        raise
    return current


def _open_by_walk(root_fd: int, names: tuple[str, ...], flags: int, mode: int) -> int:
    current = os.dup(root_fd)
    try:
        for name in names[:-1]:
            below = os.open(name, _DIRECTORY, dir_fd=current)
            os.close(current)
            current = below
        return os.open(names[-1], flags, mode, dir_fd=current)
    finally:
        os.close(current)


class _OpenAt2:
    """The openat2 system call, and whether this kernel supports it."""

    def __init__(self) -> None:
        self._is_supported: bool | None = None if sys.platform == "linux" else False

    @property
    def is_supported(self) -> bool:
        if self._is_supported is None:
            self._is_supported = self._probe()
        return self._is_supported

    def open(self, root_fd: int, path: str, flags: int, mode: int) -> int:
        wants_mode = flags & os.O_CREAT
        how = _OpenHow(
            flags=flags,
            mode=mode if wants_mode else 0,
            resolve=_RESOLVE_BENEATH | _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS,
        )
        code = errno.EAGAIN
        for _ in range(_TRIES):
            descriptor = ctypes.CDLL(None, use_errno=True).syscall(
                ctypes.c_long(_AT_SYSCALL_OPENAT2),
                ctypes.c_int(root_fd),
                ctypes.c_char_p(os.fsencode(path)),
                ctypes.byref(how),
                ctypes.c_size_t(ctypes.sizeof(how)),
            )
            if descriptor >= 0:
                return int(descriptor)
            code = ctypes.get_errno()
            if code not in (errno.EINTR, errno.EAGAIN):
                break
        raise OSError(code, os.strerror(code), path)

    def _probe(self) -> bool:
        here = os.open("/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.close(self.open(here, ".", _DIRECTORY, 0))
        except OSError as error:
            if error.errno in _UNSUPPORTED:
                return False
            raise
        finally:
            os.close(here)
        return True


_OPENAT2 = _OpenAt2()
