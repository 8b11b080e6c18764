"""Replaces a private file atomically, so that a kill leaves the old content or the new."""

from __future__ import annotations

import os
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def replace_private_file(path: Path, content: bytes, *, beside: Path) -> None:
    """Write ``content`` to ``beside``, in the directory of ``path``, and rename it. Blocks.

    The caller must prevent concurrent replacements. Raises OSError.
    """
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, _NEW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)
