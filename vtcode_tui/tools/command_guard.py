"""Judges commands before they run and provides their sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from vtcode_tui.workspace.sandbox import Sandbox


class JudgedCommand(Protocol):
    """The ruling on a command. ``reason`` completes "it asks because it ..." if ``decision`` is
    "prompt".

    ``argv`` are the words of an allowed command, None if it needs a shell; only with ``argv`` is
    ``environment`` added to the command's own.
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
    """The ruling without command rules: the user is asked."""

    decision: Literal["allow", "prompt", "deny"] = "prompt"
    reason: str = "cannot be judged here"
    argv: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CommandGuard:
    """``judge`` takes the exact command text and may block; without ``sandbox`` commands run in
    none; complete outputs are stored in ``state_dir``, unless it is None."""

    judge: Callable[[str], JudgedCommand] = lambda _: Unjudged()
    sandbox: Sandbox | None = None
    state_dir: Path | None = None


UNGUARDED = CommandGuard()
