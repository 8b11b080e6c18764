"""A workspace with its undo log, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vtcode_tui.workspace.files import digest, read_if_exists, remove, write_atomic
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.undo import UndoLog


@dataclass
class Project:
    """A workspace with its undo log, and a tool that writes in turns."""

    base: Path
    limit_bytes: int = 200_000_000
    max_changes: int = 10_000
    gate: Gate = field(init=False)
    log: UndoLog = field(init=False)
    turn: int = 0

    def __post_init__(self) -> None:
        self.root.mkdir(exist_ok=True)
        self.start()

    @property
    def root(self) -> Path:
        return self.base / "ws"

    @property
    def state(self) -> Path:
        return self.base / "state"

    def start(self) -> None:
        """A new run of the program."""
        self.gate = Gate(Workspace(self.root))
        self.log = UndoLog(
            self.state,
            self.gate.workspace,
            self.gate.root_of,
            limit_bytes=self.limit_bytes,
            max_changes=self.max_changes,
        )
        self.turn = 0

    def begin(self) -> None:
        self.turn += 1
        self.log.begin_turn(self.turn)

    def write(self, path: str, content: bytes) -> None:
        place = self.gate.to_write(path)
        before = read_if_exists(place.root, place.path)
        self.log.record(place.path, before, content)
        write_atomic(place.root, place.path, content, digest(before))

    def delete(self, path: str) -> None:
        place = self.gate.to_write(path)
        before = read_if_exists(place.root, place.path)
        self.log.record(place.path, before, None)
        remove(place.root, place.path, digest(before))

    def read(self, path: str) -> bytes | None:
        return (self.root / path).read_bytes() if (self.root / path).exists() else None

    def tree(self) -> dict[str, tuple[int, bytes | None]]:
        """Every path with its mode and its bytes."""
        return {
            str(path.relative_to(self.root)): (
                path.stat().st_mode,
                path.read_bytes() if path.is_file() else None,
            )
            for path in sorted(self.root.rglob("*"))
        }

    def files(self) -> dict[str, tuple[int, bytes | None]]:
        return {path: state for path, state in self.tree().items() if state[1] is not None}
