"""AGENTS.md, the file in which a project tells an agent how to work in it.

Its text goes to the model only after the user approved exactly this text. Until then it is read
for its digest alone.
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
    """``text`` is what the model would be told; ``digest`` the SHA-256 of the file in hex."""

    path: Path
    digest: str
    text: str = field(repr=False)

    @property
    def line_count(self) -> int:
        return len(self.text.splitlines())


def read_instructions(workspace: Path) -> tuple[InstructionFile | None, tuple[str, ...]]:
    """The file, or None where there is none to use; and warnings that say why it is left out.

    Never blocks: only a small regular file is read, and only one that lies in the workspace.
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
