"""What a sandbox is in words: which kind, which walls it has, and which of them were proved. Pure."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum

from vtcode_tui.workspace.enclosure import Boundaries, Enclosure


class SandboxKind(StrEnum):
    NONE = "no sandbox"
    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "Landlock"
    SEATBELT = "sandbox-exec"


class Wall(StrEnum):
    """What a sandboxed command is refused."""

    WRITES = "writes outside the workspace"
    GIT = "changes of .git"
    SECRETS = "secrets of your home"
    NETWORK = "the network"


_SHORT = {
    Wall.WRITES: "writes",
    Wall.GIT: ".git",
    Wall.SECRETS: "secrets",
    Wall.NETWORK: "network",
}


@dataclass(frozen=True, slots=True)
class SandboxState:
    """``proved`` are the walls that held when they were tried, ``open`` those that are wanted and
    were not proved; ``trouble`` says why there is no sandbox, or not a better one."""

    kind: SandboxKind
    proved: tuple[Wall, ...] = ()
    open: tuple[Wall, ...] = ()
    trouble: str = ""

    @property
    def is_enforced(self) -> bool:
        """Whether commands can be held to the workspace, and off the network where that is wanted."""
        return Wall.WRITES in self.proved and not {Wall.WRITES, Wall.NETWORK} & set(self.open)

    @property
    def note(self) -> str:
        """A few words for a status line."""
        if self.kind is SandboxKind.NONE:
            return "no sandbox"
        missing = ", ".join(_SHORT[wall] for wall in self.open)
        return f"{self.kind}, {missing} open" if missing else f"sandbox {self.kind}"

    @property
    def note_in_short(self) -> str:
        """The same where it is just as wanted; empty where the whole of it has to be read."""
        return "" if self.open or self.kind is SandboxKind.NONE else "sandboxed"

    @property
    def words(self) -> str:
        """The whole of it in one sentence, for a person who decides."""
        if self.kind is SandboxKind.NONE:
            return f"no sandbox: {self.trouble}"
        opened = f"; it does not block {', '.join(self.open)}" if self.open else ""
        return f"{self.kind}, tried: it blocks {', '.join(self.proved)}{opened}"


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way to shut commands in.

    ``missing`` says, at once, why it cannot even be tried, or None; ``enclose`` blocks, keeps what
    it opens in the stack, and raises OSError; ``builds`` are the walls that it can have.
    """

    kind: SandboxKind
    builds: frozenset[Wall]
    missing: Callable[[], str | None]
    enclose: Callable[[Boundaries, ExitStack], Enclosure]
