"""Writes a file with several hard links in place, so that it stays one file.

Not atomic, unlike all other writes: if a step fails, the old bytes are restored.
"""

from __future__ import annotations

import contextlib
import errno
import os

_CHUNK_BYTES = 1024 * 1024


def write_in_place(descriptor: int, old: bytes, content: bytes) -> None:
    """Replace the bytes ``old`` of the open file by ``content``. Raises OSError."""
    try:
        if len(content) > len(old) and hasattr(os, "posix_fallocate"):
            # Room on the disk is taken before a byte is changed.
            os.posix_fallocate(descriptor, 0, len(content))
        _overwrite(descriptor, content)
        check_written(descriptor, content)
    except BaseException:
        with contextlib.suppress(OSError):
            _overwrite(descriptor, old)
        raise


def write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def check_written(descriptor: int, content: bytes) -> None:
    """Read the file back. Raises OSError if its bytes are not exactly ``content``."""
    is_same = os.fstat(descriptor).st_size == len(content) and all(
        os.pread(descriptor, _CHUNK_BYTES, start) == content[start : start + _CHUNK_BYTES]
        for start in range(0, len(content), _CHUNK_BYTES)
    )
    if not is_same:
        raise OSError(errno.EIO, "what was written reads back as something else")


def _overwrite(descriptor: int, content: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    write_all(descriptor, content)
    os.ftruncate(descriptor, len(content))
    os.fsync(descriptor)
