"""The prompts sent in a workspace: one private, append-only file of bounded size.

Each line is a JSON string. Several apps may append concurrently. What looks like a secret is masked
before it is written. Nothing here raises: if the history cannot be stored, it lasts for this run.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from vtcode_tui.errors import SessionError
from vtcode_tui.session.journal import check_private, make_private_directory
from vtcode_tui.session.masking import mask_secrets
from vtcode_tui.session.replacing import replace_private_file
from vtcode_tui.session.store import workspace_key

log = logging.getLogger(__name__)

MOST_PROMPTS = 1_000
_MOST_BYTES = 2 * 1024 * 1024
_LONGEST_PROMPT = 16 * 1024
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class PromptHistory:
    """The history of ``workspace``, an absolute path. Blocks."""

    def __init__(self, state_dir: Path, workspace: Path) -> None:
        self._path = state_dir / "history" / f"{workspace_key(workspace)}.jsonl"

    def load(self) -> tuple[str, ...]:
        """The last prompts, oldest first, without consecutive duplicates. Shortens a file that is
        too long."""
        try:
            descriptor = self._opened()
        except (OSError, SessionError) as error:
            log.warning("the history of prompts cannot be read: %s", error)
            return ()
        try:
            check_private(os.fstat(descriptor), self._path)
            prompts = _prompts(_tail(descriptor))
            if len(prompts) > MOST_PROMPTS or os.fstat(descriptor).st_size > _MOST_BYTES:
                prompts = prompts[-MOST_PROMPTS // 2 :]
                with suppress(OSError):  # It is as it was, and shortened when there is room.
                    self._replace(prompts)
            return tuple(prompts)
        except (OSError, SessionError) as error:
            log.warning("the history of prompts cannot be read: %s", error)
            return ()
        finally:
            os.close(descriptor)

    def add(self, prompt: str, secrets: Iterable[str] = ()) -> None:
        """Append one prompt with the known ``secrets`` masked. A very long one is not stored: the
        session has it."""
        if not prompt.strip() or len(prompt) > _LONGEST_PROMPT:
            return
        line = _line(mask_secrets(prompt, secrets))
        try:
            descriptor = self._opened()
        except (OSError, SessionError) as error:
            log.warning("the prompt is not kept in the history: %s", error)
            return
        with suppress(OSError):
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.write(descriptor, line)
        os.close(descriptor)

    def _opened(self) -> int:
        """The file, locked, and still the one at this path after locking. Raises OSError,
        SessionError."""
        make_private_directory(self._path.parent)
        while True:
            descriptor = os.open(self._path, _APPEND, 0o600)
            try:
                with suppress(OSError):  # not every file system has locks
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
                if os.path.samestat(os.fstat(descriptor), self._path.lstat()):
                    return descriptor
            except FileNotFoundError:
                pass
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _replace(self, prompts: list[str]) -> None:
        """Replace the file atomically. The lock is held, so no other app does so at the same time."""
        content = b"".join(map(_line, prompts))
        replace_private_file(self._path, content, beside=self._path.with_suffix(".new"))


def _line(prompt: str) -> bytes:
    return json.dumps(prompt).encode() + b"\n"


def _tail(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, 2 * _MOST_BYTES, max(0, size - 2 * _MOST_BYTES))


def _prompts(content: bytes) -> list[str]:
    prompts: list[str] = []
    for line in content.split(b"\n"):
        try:
            prompt = json.loads(line)
        except ValueError:
            continue  # An empty line, or one that a full disk cut.
        if isinstance(prompt, str) and prompt.strip() and prompts[-1:] != [prompt]:
            prompts.append(prompt)
    return prompts
