"""The sandbox of commands: which one there is, what a probe proved of it, and how to start in it.

Nothing is claimed that was not tried: before the first command a probe runs in the very sandbox
that commands get, tries what must fail, and what did fail is what is told.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Literal, TypeAlias

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace import bubblewrap, landlock, seatbelt
from vtcode_tui.workspace.enclosure import OPEN, Boundaries, Enclosure
from vtcode_tui.workspace.private import private_directory
from vtcode_tui.workspace.sandbox_probe import Tried, one_line, try_walls
from vtcode_tui.workspace.walls import Mechanism, SandboxKind, SandboxState, Wall

Mode: TypeAlias = Literal["off", "auto", "require"]


_BUBBLEWRAP = Mechanism(
    SandboxKind.BUBBLEWRAP, frozenset(Wall), bubblewrap.missing, bubblewrap.enclose
)
_LANDLOCK = Mechanism(
    SandboxKind.LANDLOCK, frozenset(Wall) - {Wall.GIT}, landlock.missing, landlock.enclose
)
_SEATBELT = Mechanism(SandboxKind.SEATBELT, frozenset(Wall), seatbelt.missing, seatbelt.enclose)


def mechanisms_of(platform: str) -> tuple[Mechanism, ...]:
    """The best first. ``platform`` is a ``sys.platform``."""
    if platform == "linux":
        return (_BUBBLEWRAP, _LANDLOCK)
    return (_SEATBELT,) if platform == "darwin" else ()


class Sandbox:
    """The sandbox of one workspace.

    ``roots`` gives the directories that commands may write to, the workspace first; ``hidden`` the
    places that they may not read; both are asked again for each command. ``state_dir`` is this
    program's own, and hidden too; ``environment`` is that of the commands.
    """

    def __init__(
        self,
        mode: Mode,
        *,
        network: bool,
        roots: Callable[[], Sequence[Path]],
        hidden: Callable[[], Iterable[Path]],
        state_dir: Path,
        environment: Mapping[str, str],
        mechanisms: Sequence[Mechanism] | None = None,
    ) -> None:
        self.mode = mode
        self._network = network
        self._environment = environment
        self._state_dir = state_dir
        self._roots = roots
        self._hidden = hidden
        self._mechanisms = mechanisms_of(sys.platform) if mechanisms is None else tuple(mechanisms)
        self._proven = _OFF if mode == "off" else None
        self._probing = asyncio.Lock()

    @property
    def known_state(self) -> SandboxState | None:
        """The state, if it was found out already."""
        return None if self._proven is None else self._proven[1]

    async def state(self) -> SandboxState:
        """What there is. The first time a probe runs, for a tenth of a second or so."""
        return (await self._prove())[1]

    async def why_refused(self) -> str | None:
        """Why commands may not run at all here, or None."""
        state = await self.state()
        if self.mode != "require" or state.is_enforced:
            return None
        return f'[sandbox] mode is "require", and there is none that holds ({state.words})'

    @asynccontextmanager
    async def enclosure(self) -> AsyncIterator[Enclosure]:
        """For one command; its temporary directory is removed at the end.

        Raises OSError where the sandbox cannot be prepared.
        """
        mechanism, _ = await self._prove()
        if mechanism is None:
            yield OPEN
            return
        async with self._enclosed_by(mechanism) as (enclosure, _):
            yield enclosure

    @asynccontextmanager
    async def _enclosed_by(
        self, mechanism: Mechanism
    ) -> AsyncIterator[tuple[Enclosure, Boundaries]]:
        with ExitStack() as stack:
            boundaries = await asyncio.to_thread(self._boundaries)
            try:
                yield await asyncio.to_thread(mechanism.enclose, boundaries, stack), boundaries
            finally:
                await asyncio.shield(asyncio.to_thread(_remove, boundaries.scratch))

    def _boundaries(self) -> Boundaries:
        writable = tuple(Path(os.path.realpath(root)) for root in self._roots())
        parent = private_directory(self._state_dir, "scratch")
        scratch = Path(os.path.realpath(tempfile.mkdtemp(dir=parent)))
        _remove_older(parent, scratch)
        metadata = (root / ".git" for root in writable)
        return Boundaries(
            writable=writable,
            scratch=scratch,
            read_only=tuple(path for path in metadata if _is_plain(path)),
            hidden=tuple(
                sorted(
                    path
                    for path in {*self._hidden(), self._state_dir}
                    if _is_plain(path) and path not in writable and not _is_of_kernel(path)
                )
            ),
            kept=tuple(Path(os.path.realpath(path)) for path in _OWN_PLACES),
            network=self._network,
        )

    async def _prove(self) -> tuple[Mechanism | None, SandboxState]:
        async with self._probing:
            if self._proven is not None:
                return self._proven
            # Without the directory every probe fails; once it is back, the sandbox may hold.
            root = self._roots()[0]
            if not await asyncio.to_thread(root.is_dir):
                return None, SandboxState(SandboxKind.NONE, trouble=f"{root} is gone")
            self._proven = await self._find()
            return self._proven

    async def _find(self) -> tuple[Mechanism | None, SandboxState]:
        troubles: list[str] = []
        for mechanism in self._mechanisms:
            trouble = mechanism.missing()
            if trouble is None:
                tried = await self._try(mechanism)
                trouble = tried.trouble
                if Wall.WRITES in tried.proved:
                    state = SandboxState(
                        mechanism.kind, tried.proved, tried.open, "; ".join(troubles)
                    )
                    return mechanism, state
            troubles.append(f"{mechanism.kind}: {trouble}")
        trouble = "; ".join(troubles) or "this system has none that is known"
        return None, SandboxState(SandboxKind.NONE, trouble=trouble)

    async def _try(self, mechanism: Mechanism) -> Tried:
        """What the probe proves of ``mechanism``. A failure of any kind proves nothing."""
        try:
            async with self._enclosed_by(mechanism) as (enclosure, boundaries):
                return await try_walls(
                    enclosure,
                    boundaries,
                    mechanism.builds,
                    state_dir=self._state_dir,
                    environment=self._environment,
                )
        except OSError as error:
            place = f" ({error.filename})" if error.filename else ""
            return Tried(trouble=f"{error.strerror or error}{place}")
        except WorkspaceError as error:
            return Tried(trouble=one_line(str(error)) or "it cannot be set up")


_OFF: tuple[Mechanism | None, SandboxState] = (
    None,
    SandboxState(SandboxKind.NONE, trouble='[sandbox] mode is "off"'),
)

_LONGEST_USE_S = 24 * 3600.0

# What a keeper of a command needs, wherever the program is installed.
_OWN_PLACES = (Path(__file__).parent, Path(sys.prefix), Path(sys.base_prefix))


def _is_plain(path: Path) -> bool:
    """Whether ``path`` is there and is reached without links."""
    return os.path.exists(path) and str(path) == os.path.realpath(path)  # noqa: PTH110 (Path.exists raises)


def _is_of_kernel(path: Path) -> bool:
    """Such directories are arranged by the sandbox itself."""
    return path.parts[1:2] in (("proc",), ("sys",), ("dev",))


def _remove_older(parent: Path, newest: Path) -> None:
    """Remove what a program that was killed left behind, long after any command has ended."""
    oldest_in_use = newest.stat().st_mtime - _LONGEST_USE_S
    for directory in parent.iterdir():
        with suppress(OSError):
            if directory.stat().st_mtime < oldest_in_use:
                _remove(directory)


def _remove(directory: Path) -> None:
    """Remove what a command left; what resists stays in the user's private directory."""
    with suppress(OSError, RecursionError):
        shutil.rmtree(directory)
