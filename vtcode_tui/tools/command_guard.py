"""How commands are judged before they run, and in which sandbox they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from vtcode_tui.workspace.sandbox import Sandbox


class JudgedCommand(Protocol):
    """``reason`` completes "it asks because it ..." where ``decision`` is "prompt".

    ``argv`` are the words to start an allowed command with, None where a shell has to; then, and
    only then, ``environment`` goes on top of the command's own.
    """

    @property
    def decision(self) -> Literal["allow", "prompt", "deny"]: ...

    @property
    def reason(self) -> str: ...

    @property
    def argv(self) -> tuple[str, ...] | None: ...

    @property
    def environment(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Unjudged:
    """What holds for every command where there are no rules: the user is asked."""

    decision: Literal["allow", "prompt", "deny"] = "prompt"
    reason: str = "cannot be judged here"
    argv: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CommandGuard:
    """``judge`` takes the exact text of a command and may block; without a ``sandbox`` there is
    none; ``state_dir`` is where whole outputs are kept, None keeps none."""

    judge: Callable[[str], JudgedCommand] = lambda _: Unjudged()
    sandbox: Sandbox | None = None
    state_dir: Path | None = None


UNGUARDED = CommandGuard()
