"""Reads AGENTS.md, in which a project tells agents how to work in it.

The text is sent to a model only after the user approved exactly this text; until then only its
digest is used.
"""

from __future__ import annotations

import os
from dataclasses import field
from pathlib import Path

from vtcode_tui.config.reading import read_bytes
from vtcode_tui.errors import ConfigError
from vtcode_tui.lazy_dataclass import dataclass

INSTRUCTIONS_NAME = "AGENTS.md"


@dataclass(frozen=True, slots=True)
class InstructionFile:
    """``text`` is for the model; ``digest`` is the SHA-256 of the file in hex."""

    path: Path
    digest: str
    text: str = field(repr=False)

    @property
    def line_count(self) -> int:
        return len(self.text.splitlines())


def read_instructions(workspace: Path) -> tuple[InstructionFile | None, tuple[str, ...]]:
    """The file, or None if there is no usable one; and warnings that say why.

    Never blocks: only a small regular file inside the workspace is read.
    """
    path = workspace / INSTRUCTIONS_NAME
    if not os.path.lexists(path):
        return None, ()
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(os.path.realpath(workspace)):
        return None, (f"{path} leads out of the project and is left out.",)
    try:
        content = read_bytes(target)
    except ConfigError as error:
        return None, (f"{path} is left out: {error.why}",)
    if content is None or not content.strip():
        return None, ()
    from hashlib import sha256

    text = content.decode("utf-8-sig", errors="replace")
    return InstructionFile(path, sha256(content).hexdigest(), text), ()
