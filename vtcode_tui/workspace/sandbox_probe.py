"""Tries in a sandbox what must fail there, and says what did.

The probe is a program of ours, but its word alone counts for little: a file that it made, a
datagram that arrived, a secret that it printed are looked for from outside.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.workspace.enclosure import Boundaries, Enclosure
from vtcode_tui.workspace.process import CommandResult, run_program
from vtcode_tui.workspace.walls import Wall

_TIME_LIMIT_S = 10.0
_MARK = "sandbox-probe"
_LAID_OVER = ("/tmp", "/run", "/dev", "/proc")  # noqa: S108 (never written to)

_PROGRAM = """
import errno, os, socket, sys
outside, git, secret, port = sys.argv[1:]

def attempt(name, act):
    try:
        act()
    except OSError as error:
        print("sandbox-probe", name, errno.errorcode.get(error.errno, "?"))
    else:
        print("sandbox-probe", name, "done")

def make(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

def change(path):
    if os.path.isdir(path):
        make(os.path.join(path, os.path.basename(outside)))
    else:
        os.close(os.open(path, os.O_WRONLY))

def show(path):
    with open(path) as file:
        print(file.read())

def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", int(port)))

attempt("own", lambda: make(os.path.join(os.environ["TMPDIR"], "probe")))
attempt("writes", lambda: make(outside))
if git:
    attempt("git", lambda: change(git))
attempt("secrets", lambda: show(secret))
if int(port):
    attempt("network", send)
"""
_REFUSALS = frozenset({"EACCES", "EPERM", "EROFS"})


@dataclass(frozen=True, slots=True)
class Tried:
    """``proved`` held, ``open`` did not or could not be tried; ``trouble`` where writes went out."""

    proved: tuple[Wall, ...] = ()
    open: tuple[Wall, ...] = ()
    trouble: str = ""


async def try_walls(
    enclosure: Enclosure,
    boundaries: Boundaries,
    builds: Collection[Wall],
    *,
    state_dir: Path,
    environment: Mapping[str, str],
) -> Tried:
    """Run the probe. ``builds`` are the walls that are worth a try; ``state_dir`` is to be hidden.

    Raises OSError and WorkspaceError where nothing could be tried.
    """
    traps = await asyncio.to_thread(_set_traps, boundaries, builds, state_dir, environment)
    if traps is None:
        return Tried(trouble="no directory is there to try a forbidden write in")
    try:
        result = await run_program(
            traps.program,
            boundaries.writable[0],
            timeout_s=_TIME_LIMIT_S,
            environment=environment,
            on_output=lambda _: None,
            enclosure=enclosure,
        )
    finally:
        fallen = await asyncio.to_thread(traps.clear)
    return _judged(traps, result, fallen)


@dataclass(frozen=True, slots=True)
class _Traps:
    """What the probe must not be able to do, each with where it would show.

    ``wanted`` are the walls that matter here; ``outside`` is a file that must not come to be, also
    within ``git``; ``secret`` is a file with ``secret_text`` in it; a datagram must not reach
    ``receiver``.
    """

    wanted: tuple[Wall, ...]
    program: tuple[str, ...]
    outside: Path
    git: Path | None
    secret: Path
    secret_text: str
    receiver: socket.socket

    def clear(self) -> frozenset[Wall]:
        """Take the traps away; the walls that something came through."""
        fallen: set[Wall] = set()
        with self.receiver, suppress(BlockingIOError):
            self.receiver.recv(16)
            fallen.add(Wall.NETWORK)
        with suppress(OSError):
            self.secret.unlink()
        with suppress(OSError):
            self.outside.unlink()
            fallen.add(Wall.WRITES)
        with suppress(OSError):
            (self.git or self.outside).joinpath(self.outside.name).unlink()
            fallen.add(Wall.GIT)
        return frozenset(fallen)


def _set_traps(
    boundaries: Boundaries,
    builds: Collection[Wall],
    state_dir: Path,
    environment: Mapping[str, str],
) -> _Traps | None:
    directory = _forbidden_directory(boundaries, environment.get("HOME", ""))
    if directory is None:
        return None
    outside = directory / f".vtcode-tui-{_MARK}-{secrets.token_hex(8)}"
    git = next((path for path in boundaries.read_only if Wall.GIT in builds), None)
    secret, secret_text = state_dir / f"{_MARK}-{secrets.token_hex(8)}", secrets.token_hex(16)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(secret, flags, 0o600), "w") as file:
        file.write(secret_text)
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setblocking(False)
    receiver.bind(("127.0.0.1", 0))
    wanted = {Wall.WRITES, Wall.SECRETS}
    if (boundaries.writable[0] / ".git").exists():
        wanted.add(Wall.GIT)
    if not boundaries.network:
        wanted.add(Wall.NETWORK)
    port = 0 if boundaries.network else receiver.getsockname()[1]
    return _Traps(
        wanted=tuple(wall for wall in Wall if wall in wanted),
        program=(
            *(os.path.realpath(sys.executable), "-I", "-S", "-c", _PROGRAM),
            *(str(outside), str(git or ""), str(secret), str(port)),
        ),
        outside=outside,
        git=git,
        secret=secret,
        secret_text=secret_text,
        receiver=receiver,
    )


def _forbidden_directory(boundaries: Boundaries, home: str) -> Path | None:
    """Where this program can write and a command must not, without anything laid over it."""
    places = [home] if home.startswith("/") else []
    places += [str(boundaries.writable[0].parent), "/var/tmp"]  # noqa: S108 (nothing stays there)
    covered = (*boundaries.writable, *boundaries.hidden, *map(Path, _LAID_OVER))
    for place in (Path(os.path.realpath(place)) for place in places):
        if any(place.is_relative_to(path) for path in covered):
            continue
        if place.is_dir() and os.access(place, os.W_OK):
            return place
    return None


def _judged(traps: _Traps, result: CommandResult, fallen: Collection[Wall]) -> Tried:
    lines = (line.split() for line in result.output.splitlines())
    told = {words[1]: words[2] for words in lines if len(words) == 3 and words[0] == _MARK}
    if told.get("own") != "done":
        return Tried(open=traps.wanted, trouble=one_line(result.output) or "nothing runs in it")
    held = {
        Wall.WRITES: told.get("writes") in _REFUSALS,
        Wall.GIT: told.get("git") in _REFUSALS,
        Wall.SECRETS: told.get("secrets") in _REFUSALS | {"ENOENT"}
        and traps.secret_text not in result.output,
        Wall.NETWORK: "network" in told,
    }
    proved = tuple(wall for wall in traps.wanted if held[wall] and wall not in fallen)
    trouble = "" if Wall.WRITES in proved else "a forbidden write was not refused"
    return Tried(proved, tuple(wall for wall in traps.wanted if wall not in proved), trouble)


def one_line(text: str) -> str:
    return " ".join(text.split())[:200]
