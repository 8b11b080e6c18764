"""Reads AGENTS.md, in which a project tells agents how to work in it.

The text is sent to a model only after the user approved exactly this text; until then only its
digest is used.
"""

from __future__ import annotations

import os
import re
from dataclasses import field
from pathlib import Path

from vtcode_tui.config.reading import read_bytes
from vtcode_tui.errors import ConfigError
from vtcode_tui.lazy_dataclass import dataclass

INSTRUCTIONS_NAME = "AGENTS.md"
_SUFFIXES = (".md", ".mdc", ".markdown", "rules")
_HIDDEN = (
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class InstructionFile:
    """``text`` is for the model; ``digest`` is the SHA-256 of the file in hex."""

    path: Path
    digest: str
    text: str = field(repr=False)

    @property
    def line_count(self) -> int:
        return len(self.text.splitlines())

    @property
    def hidden_count(self) -> int:
        """How many characters a model reads and a person cannot see. The joiner of emoji is none."""
        return len(re.findall(_HIDDEN, self.text))


def _holds_instructions(target: Path) -> bool:
    """A link may lead to the instructions for another agent, but not to a file of secrets: what is
    approved by its name is sent to a model."""
    return target.name.lower().endswith(_SUFFIXES) and ".git" not in target.parts


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
    if target.name != INSTRUCTIONS_NAME and not _holds_instructions(target):
        return None, (
            f"{path} is a link to {target.name}, which does not look like instructions, and is left out.",
        )
    try:
        content = read_bytes(target)
    except ConfigError as error:
        return None, (f"{path} is left out: {error.why}",)
    if content is None or not content.strip():
        return None, ()
    from hashlib import sha256

    text = content.decode("utf-8-sig", errors="replace")
    return InstructionFile(path, sha256(content).hexdigest(), text), ()
