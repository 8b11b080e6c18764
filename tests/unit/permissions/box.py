"""Runs a command for real in a throw-away folder and tells what it did that it should not have.

The command gets an empty environment, a home inside the folder, a PATH of a few programs, limits
of time, size and files, and, where the tests run as root, the user "nobody".
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.unit.permissions.folder import CANARY_BYTES, Folder, FolderOracle, make_folder
from vtcode_tui.permissions.git_files import GIT_ENVIRONMENT


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


READERS = words(
    "ls cat head tail wc nl sort uniq cut tr grep egrep fgrep rg sed diff du stat file tree pwd"
    " date which basename dirname uname whoami echo true false find git"
)
ATTACKERS = words("touch tee xargs env sh bash cp ln base64 sleep")
_NOBODY = 65534
_TIMEOUT_S = 10.0
_BASH = ("/bin/bash", "--noprofile", "--norc", "-c")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``trouble`` says what went wrong, one sentence a finding; nothing is the good case."""

    exit_code: int | None
    output: bytes
    trouble: tuple[str, ...]


class Box:
    """One folder in which commands run, one after the other."""

    def __init__(
        self, base: Path, port_listener: socket.socket, *, tracks_secret: bool = False
    ) -> None:
        self._base = base
        self._tracks_secret = tracks_secret
        self._listener = port_listener
        self._programs = base / "bin"
        self.folder: Folder
        self.oracle: FolderOracle
        self._build()

    @property
    def port(self) -> int:
        address: tuple[str, int] = self._listener.getsockname()
        return address[1]

    def run(
        self,
        command: str,
        *,
        environment: Mapping[str, str] = GIT_ENVIRONMENT,
        strace: bool = False,
    ) -> Outcome:
        """``command`` as bash runs it."""
        return self.start((*_BASH, command), environment=environment, strace=strace)

    def has(self, program: str) -> bool:
        return (self._programs / program).exists()

    def bash_words(self, command: str) -> tuple[str, ...]:
        """The words that bash sees in a command that has no separators."""
        script = "show() { printf '%s\\0' \"$@\"; }; show " + command.strip()
        done = self.start((*_BASH, script))
        return tuple(done.output.decode().split("\0")[:-1])

    def start(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] = GIT_ENVIRONMENT,
        strace: bool = False,
    ) -> Outcome:
        """``argv`` without a shell, then a look at the folder, the output and the port."""
        log = self._base / "log" / "strace"
        traced = ("strace", "-f", "-qq", "-e", "trace=execve,openat,open,connect,creat")
        prefix = (*traced, "-o", str(log), "--") if strace else ()
        before = self._state
        exit_code, output = self._execute((*prefix, *argv), environment)
        trouble = list(_leaks(output))
        if strace:
            trouble.extend(
                found
                for found in _calls(log.read_text(errors="replace"), self._base)
                if not (self._tracks_secret and found == "opened .env")  # git counts its lines
            )
        if self._was_contacted():
            trouble.append("contacted the network")
        after = _snapshot(self._base)
        if after != before:
            changed = sorted({path for path, _ in before.items() ^ after.items()})
            trouble.append(f"changed {', '.join(changed[:5])}")
            self._build()
        return Outcome(exit_code, output, tuple(trouble))

    def look_again(self) -> None:
        """Takes the folder as it is now for its state without harm."""
        self._state = _snapshot(self._base)

    def _execute(self, argv: Sequence[str], extra: Mapping[str, str]) -> tuple[int | None, bytes]:
        as_nobody: dict[str, object] = {}
        if os.geteuid() == 0:
            as_nobody = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        environment = {
            **extra,
            "PATH": str(self._programs),
            "HOME": str(self.folder.home),
            "TMPDIR": str(self._base / "tmp"),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
        }
        try:
            done = subprocess.run(  # type: ignore[call-overload]  # options by name
                list(argv),
                executable=shutil.which(argv[0], path=f"{self._programs}:/usr/bin") or argv[0],
                cwd=self.folder.workspace,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_TIMEOUT_S,
                start_new_session=True,
                preexec_fn=_limit,
                **as_nobody,
            )
        except subprocess.TimeoutExpired as expired:
            return None, expired.output or b""
        except FileNotFoundError:
            return 127, b""
        return int(done.returncode), bytes(done.stdout)

    def _was_contacted(self) -> bool:
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return False
        connection.close()
        return True

    def _build(self) -> None:
        for entry in self._base.iterdir():
            shutil.rmtree(entry)
        for name in ("bin", "tmp", "log"):
            (self._base / name).mkdir()
        search = f"{os.defpath}:/usr/bin:/bin:{Path(sys.executable).parent}"
        for name in (*READERS, *ATTACKERS):
            found = shutil.which(name, path=search)
            if found is not None:
                (self._programs / name).symlink_to(os.path.realpath(found))
        self.folder = make_folder(self._base, tracks_secret=self._tracks_secret)
        self.oracle = FolderOracle(self.folder.workspace)
        if os.geteuid() == 0:
            for path in (self._base, *self._base.rglob("*")):
                os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
        self._state = _snapshot(self._base)


@contextmanager
def open_box(*, tracks_secret: bool = False) -> Iterator[Box]:
    """A box in a directory of its own, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="box-") as name, socket.socket() as listener:
        base = Path(os.path.realpath(name))
        base.chmod(0o755)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        yield Box(base, listener, tracks_secret=tracks_secret)


def _limit() -> None:
    for limit, value in (
        (resource.RLIMIT_CPU, 5),
        (resource.RLIMIT_FSIZE, 4_000_000),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _snapshot(base: Path) -> Mapping[str, tuple[object, ...]]:
    """What can be seen of every file but the time of the last reading."""
    found: dict[str, tuple[object, ...]] = {}
    directories = [str(base)]
    while directories:
        with os.scandir(directories.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if entry.path in (f"{base}/tmp", f"{base}/log"):
                    continue
                is_directory = stat.S_ISDIR(status.st_mode)
                size = 0 if is_directory else status.st_size
                found[os.path.relpath(entry.path, base)] = (
                    status.st_mode,
                    status.st_ino,
                    status.st_mtime_ns,
                    size,
                )
                if is_directory:
                    directories.append(entry.path)
    return found


def _leaks(output: bytes) -> Iterator[str]:
    if not CANARY_BYTES.isdisjoint(output):
        yield "printed a secret"


_OPENED = re.compile(r'(?:openat|open|creat)\((?:[^,"]*, )?"([^"]*)", ([A-Z_|]+).*= \d+$')
_STARTED = re.compile(r'execve\("([^"]*)".*= 0$')
_MAY_WRITE = ("/dev/null", "/dev/tty")


def _judge_open(path: str, flags: str, base: Path) -> Iterator[str]:
    writes = re.search(r"O_WRONLY|O_RDWR|O_CREAT", flags) is not None
    if writes and path not in _MAY_WRITE and not path.startswith(str(base / "tmp")):
        yield f"opened {path} for writing"
    if re.search(r"/\.ssh/|/\.aws/|\.env\b|\.pem\b", path):
        yield f"opened {path}"


def _calls(log: str, base: Path) -> Iterator[str]:
    """What the traced system calls did beyond reading."""
    for line in log.split("\n"):
        opened = _OPENED.search(line)
        if opened is not None:
            yield from _judge_open(opened[1], opened[2], base)
        started = _STARTED.search(line)
        if started and Path(started[1]).name not in {*READERS, "bash", "dash", "sh"}:
            yield f"started {started[1]}"
        if "connect(" in line and "AF_INET" in line:
            yield "opened a network connection"
