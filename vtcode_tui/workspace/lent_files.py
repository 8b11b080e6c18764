"""Temporary files for another program, such as an editor, and the removal of abandoned ones.

A file is removed after it was read. If its program was killed meanwhile it stays; a later run
removes it when it is old, its process is gone and nobody holds its lock.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from vtcode_tui.workspace.private import private_directory
from vtcode_tui.workspace.temporary import is_running, remove_unheld

KEPT_S = 7 * 24 * 3600
"""What somebody wrote may be the only copy: it stays for a week."""

_DIRECTORY = "editing"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Editors put copies of theirs beside a file, with a dot before its name or something behind it.
_NAME = re.compile(r"\.?prompt-([1-9][0-9]{0,9})-[0-9a-f]{12}\.md.*")


class LentText:
    """``text`` in a private file in ``state_dir``, at ``path``. Blocks. Raises OSError."""

    def __init__(self, state_dir: Path, text: str) -> None:
        directory = private_directory(state_dir, _DIRECTORY)
        self.path = directory / f"prompt-{os.getpid()}-{secrets.token_hex(6)}.md"
        self._descriptor = os.open(self.path, _NEW, 0o600)
        with suppress(OSError):  # not every file system has locks
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            os.fchmod(self._descriptor, 0o600)
            with os.fdopen(self._descriptor, "wb", closefd=False) as file:
                file.write(f"{text}\n".encode(errors="replace"))
        except BaseException:
            self.take_back()
            raise

    def text(self) -> str:
        """The current text, without the final line end that editors add. Raises OSError."""
        return self.path.read_bytes().decode("utf-8", "replace").removesuffix("\n")

    def take_back(self) -> None:
        """Remove the file and release its lock."""
        with suppress(OSError):
            self.path.unlink()
        os.close(self._descriptor)


def sweep_lent(state_dir: Path, now_s: float) -> int:
    """Remove abandoned files older than a week at ``now_s``; return how many. Blocks."""
    removed = 0
    with suppress(OSError), os.scandir(state_dir / _DIRECTORY) as entries:
        for entry in entries:
            name = _NAME.fullmatch(entry.name)
            if name is not None and not is_running(int(name[1])):
                removed += remove_unheld(entry.path, before_s=now_s - KEPT_S)
    return removed
