"""The sandboxes that work on this machine, and a place with everything a command could spoil."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.workspace.waiting import MARK
from vtcode_tui.workspace import bubblewrap
from vtcode_tui.workspace.environment import child_environment
from vtcode_tui.workspace.process import CommandResult, run_command
from vtcode_tui.workspace.sandbox import Mode, Sandbox, mechanisms_of
from vtcode_tui.workspace.walls import Mechanism, SandboxKind

SECRET = "canary-of-the-home"


def _works(mechanism: Mechanism) -> bool:
    """Asked without the code that is tested: a container may forbid what the machine has."""
    if mechanism.missing() is not None:
        return False
    if mechanism.kind is not SandboxKind.BUBBLEWRAP:
        return True
    words = [str(bubblewrap.PROGRAM), "--unshare-user-try", "--unshare-pid", "--unshare-net"]
    words += ["--ro-bind", "/", "/", "--proc", "/proc", "/bin/true"]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


WORKING = [mechanism for mechanism in mechanisms_of(sys.platform) if _works(mechanism)]


@dataclass(frozen=True)
class Place:
    """A home with a project in it; ``outside`` lies beside both. Not below /tmp, where a sandbox
    may show another directory."""

    base: Path

    @property
    def home(self) -> Path:
        return self.base / "home"

    @property
    def workspace(self) -> Path:
        return self.home / "project"

    @property
    def outside(self) -> Path:
        return self.base / "outside"

    @property
    def state_dir(self) -> Path:
        return self.home / ".local" / "state" / "vtcode-tui"

    @property
    def secrets(self) -> tuple[Path, ...]:
        return (self.home / ".ssh", self.home / ".netrc")

    @property
    def environment(self) -> dict[str, str]:
        return child_environment(
            {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(self.home)}, self.workspace
        )

    def sandbox(
        self,
        *mechanisms: Mechanism,
        mode: Mode = "auto",
        network: bool = False,
        added: Sequence[Path] = (),
    ) -> Sandbox:
        return Sandbox(
            mode,
            network=network,
            roots=lambda: (self.workspace, *added),
            hidden=lambda: self.secrets,
            state_dir=self.state_dir,
            environment=self.environment,
            mechanisms=mechanisms,
        )


@contextmanager
def made_place() -> Iterator[Place]:
    base = Path(os.path.realpath(tempfile.mkdtemp(prefix="vtcode-test-", dir="/var/tmp")))
    place = Place(base)
    for directory in (place.workspace / ".git", place.outside, place.home / ".ssh"):
        directory.mkdir(parents=True)
    place.state_dir.mkdir(parents=True, mode=0o700)
    (place.workspace / ".git" / "config").write_text("[core]\n")
    (place.home / ".ssh" / "id_ed25519").write_text(SECRET)
    (place.home / ".netrc").write_text(SECRET)
    (place.home / "notes.txt").write_text("of the user\n")
    (place.outside / "kept.txt").write_text("kept\n")
    try:
        yield place
    finally:
        shutil.rmtree(base, ignore_errors=True)


@dataclass
class Shell:
    """Runs commands in one sandbox."""

    place: Place
    sandbox: Sandbox
    extra: Mapping[str, str] = field(default_factory=dict)

    async def run(
        self,
        command: str,
        *,
        timeout_s: float = 20,
        mark: str = "",
        on_output: Callable[[str], None] = lambda _: None,
    ) -> CommandResult:
        async with self.sandbox.enclosure() as enclosure:
            return await run_command(
                command,
                self.place.workspace,
                timeout_s=timeout_s,
                environment={**self.place.environment, **self.extra, MARK: mark},
                on_output=on_output,
                enclosure=enclosure,
            )

    def start(self, command: str, *, mark: str) -> asyncio.Task[CommandResult]:
        return asyncio.create_task(self.run(command, timeout_s=60, mark=mark))
