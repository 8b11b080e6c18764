"""The command line that starts a command in bubblewrap, with its own view of files, processes and
network.

Everything is mounted read-only; exceptions are mounted over it, outer directories first. The
command gets no capability, so it cannot mount anything itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from vtcode_tui.workspace.enclosure import Boundaries, Enclosure

# Distributions that restrict user namespaces make an exception for this very path.
PROGRAM = Path("/usr/bin/bwrap")
MAX_PROCESSES = 4096

# Sockets in these lead to programs outside: a session bus, a container engine, a multiplexer.
_TEMPORARY = Path(os.path.realpath("/tmp"))  # noqa: S108 (what is mounted there is the command's own)
_WITH_SOCKETS = ("/run", "/var/lib/lxd", "/var/snap/lxd", "/var/lib/incus")
_RESOLVER = Path("/etc/resolv.conf")


def missing() -> str | None:
    """Why bubblewrap cannot be used here, or None."""
    return None if os.access(PROGRAM, os.X_OK) else f"{PROGRAM} is not installed"


def enclose(boundaries: Boundaries, _: ExitStack) -> Enclosure:
    return Enclosure(
        around_all=bubblewrap_words(boundaries),
        max_processes=MAX_PROCESSES if _counts_by_namespace(os.uname().release) else None,
        environment={"TMPDIR": str(_TEMPORARY)},
    )


def bubblewrap_words(boundaries: Boundaries) -> tuple[str, ...]:
    """The command line up to and including ``--``. Checks which paths are directories, changes
    nothing."""
    mounts = _visible(_candidates(boundaries))
    words = [
        str(PROGRAM),
        "--unshare-user-try",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-uts",
        "--unshare-cgroup-try",
        *(() if boundaries.network else ("--unshare-net",)),
        *("--cap-drop", "ALL", "--die-with-parent"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
    ]
    for mount in mounts:
        words += mount.words(is_passed=any(mount.is_above(other) for other in mounts))
    # Only now: a mount point below one of them had to be made first.
    for mount in mounts:
        if mount.is_empty_directory:
            words += ("--remount-ro", str(mount.path))
    return (*words, "--chdir", str(boundaries.writable[0]), "--")


class _Use(IntEnum):
    """How a path is mounted, in the order in which mounts of one path override each other."""

    HIDE = 0
    KEEP = 1
    SCRATCH = 2
    WRITE = 3
    READ = 4


@dataclass(frozen=True, slots=True)
class _Mount:
    path: Path
    use: _Use
    source: Path | None = None

    @property
    def covers(self) -> bool:
        """Whether what lies below is not to be seen any more."""
        return self.use in (_Use.HIDE, _Use.SCRATCH)

    @property
    def is_empty_directory(self) -> bool:
        return self.use is _Use.HIDE and self.path.is_dir()

    def is_above(self, other: _Mount) -> bool:
        return other.path != self.path and other.path.is_relative_to(self.path)

    def words(self, *, is_passed: bool) -> tuple[str, ...]:
        """``is_passed``: something below it is mounted, so it must be possible to go through."""
        path = str(self.path)
        if self.use in (_Use.SCRATCH, _Use.WRITE):
            return "--bind", str(self.source or path), path
        if self.use in (_Use.READ, _Use.KEEP):
            return "--ro-bind", path, path
        if self.is_empty_directory:
            return "--perms", "0555" if is_passed else "0000", "--tmpfs", path
        return "--ro-bind", os.devnull, path


def _candidates(boundaries: Boundaries) -> list[_Mount]:
    kept = [*boundaries.kept]
    resolver = Path(os.path.realpath(_RESOLVER))
    if boundaries.network and os.path.exists(resolver):  # noqa: PTH110 (Path.exists raises)
        kept.append(resolver)
    with_sockets = (Path(os.path.realpath(place)) for place in _WITH_SOCKETS)
    hidden = [path for path in {*with_sockets, *boundaries.hidden} if os.path.exists(path)]  # noqa: PTH110
    mounts = [
        _Mount(_TEMPORARY, _Use.SCRATCH, boundaries.scratch),
        *(_Mount(path, _Use.HIDE) for path in hidden),
        *(_Mount(path, _Use.KEEP) for path in kept),
        *(_Mount(path, _Use.WRITE) for path in boundaries.writable),
        *(_Mount(path, _Use.READ) for path in boundaries.read_only),
    ]
    return sorted(mounts, key=lambda mount: (len(mount.path.parts), mount.use, mount.path))


def _visible(candidates: Sequence[_Mount]) -> list[_Mount]:
    """The mounts without those that are hidden anyway or redundant."""
    mounts: list[_Mount] = []
    for mount in candidates:
        around = [other for other in mounts if mount.path.is_relative_to(other.path)]
        is_covered = bool(around) and around[-1].covers
        if mount.use is _Use.HIDE and is_covered:
            continue
        if mount.use is _Use.KEEP and not is_covered:
            continue
        mounts.append(mount)
    return mounts


def _counts_by_namespace(release: str) -> bool:
    """Whether the kernel counts processes per user namespace (since 5.14)."""
    numbers = release.replace("-", ".").split(".")[:2]
    try:
        major, minor = (int(number) for number in numbers)
    except ValueError:
        return False
    return (major, minor) >= (5, 14)
