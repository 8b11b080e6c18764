"""Where programs are measured: a home and a project of their own, the commands, the baselines."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.long_session import LAST_WORDS, MODEL, SESSION_ID, write_long_session
from tests.benchmarks.program import Program
from tests.benchmarks.server import ServerProcess
from tests.e2e.terminal import quiet_environment

COMMAND = str(Path(sys.executable).parent / "vtcode-tui")


class Stage:
    """``url`` is the server's address. Programs start with a state of their own."""

    def __init__(self, directory: Path, url: str) -> None:
        self.url = url
        self.project = directory / "project"
        self.project.mkdir()
        self._home = directory / "home"
        self._home.mkdir()
        self._held = directory / "held"
        self._runs = 0
        self.session_bytes = (
            write_long_session(self._held / ".local/state/vtcode-tui", self.project).stat().st_size
        )

    def environment(self, home: Path | None = None) -> dict[str, str]:
        """What a user has: animations are on."""
        environment = quiet_environment(home or self._home, PYTHONPATH=str(Path.cwd()))
        del environment["TEXTUAL_ANIMATIONS"]
        return environment

    def fresh_home(self, *, has_session: bool = False) -> Path:
        """A home that no program had yet."""
        self._runs += 1
        home = self._home / str(self._runs)
        if has_session:
            shutil.copytree(self._held, home)
        else:
            home.mkdir()
        return home

    def app(
        self,
        *,
        url: str | None = None,
        resumes: bool = False,
        is_themed: bool = False,
        project: Path | None = None,
    ) -> Program:
        """The app, just started, in ``project`` or the stage's own."""
        command = [sys.executable, "-m", "tests.benchmarks.themed_app"] if is_themed else [COMMAND]
        command += ["--base-url", url or self.url, "--model", MODEL]
        command += ["--resume", SESSION_ID] if resumes else []
        environment = self.environment(self.fresh_home(has_session=resumes))
        return Program(command, cwd=project or self.project, environment=environment)

    @contextmanager
    def ready_app(
        self, *, resumes: bool = False, is_themed: bool = False, project: Path | None = None
    ) -> Iterator[Program]:
        """The app with its model chosen and nothing more to load."""
        with self.app(resumes=resumes, is_themed=is_themed, project=project) as program:
            program.watch("ready", LAST_WORDS[-1])
            program.wait_for_paint()
            if resumes:
                program.wait_for(LAST_WORDS[-1])
            program.settle(1.0)
            yield program

    def bare(self) -> Program:
        """Textual with one input, just started."""
        command = [sys.executable, "-m", "tests.benchmarks.bare_app"]
        return Program(command, cwd=self.project, environment=self.environment())

    @contextmanager
    def ready_bare(self) -> Iterator[Program]:
        with self.bare() as program:
            program.wait_for_paint()
            program.wait_for_prompt()
            program.run(1.0)
            yield program

    def run(self, *arguments: str) -> subprocess.Popen[bytes]:
        """The command without a terminal, its standard output for the caller to read."""
        return start([COMMAND, *arguments], self.project, self.environment())


def start(command: list[str], cwd: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def dead_address() -> str:
    """An address on this machine where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


__all__ = ["COMMAND", "ServerProcess", "Stage", "dead_address", "start"]
