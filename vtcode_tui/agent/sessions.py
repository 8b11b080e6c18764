"""Which session a door writes to: a new one, or one that goes on, with all that it was held with.

Knows no screen. Methods that are not async touch no disk.
"""

from __future__ import annotations

import asyncio
import gc
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch, SessionWish
from vtcode_tui.errors import ConfigError
from vtcode_tui.session.journal import Journal, Loaded, load
from vtcode_tui.session.listing import session_id_of
from vtcode_tui.session.recorder import Past, SessionRecorder
from vtcode_tui.session.replay import Replayed, replay
from vtcode_tui.session.settings import SessionSettings
from vtcode_tui.session.store import SessionStore


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that goes on. ``notices`` say what the user should know of it."""

    replayed: Replayed
    notices: tuple[str, ...]


class SessionKeeper:
    """Gives ``bench`` what records its session. ``on_fault`` hears why nothing is being saved, and
    nothing when all is again."""

    def __init__(self, launch: Launch, bench: Workbench, on_fault: Callable[[str], None]) -> None:
        self.store = SessionStore(launch.state_dir, launch.workspace)
        self._launch = launch
        self._bench = bench
        self._on_fault = on_fault
        self.recorder: SessionRecorder | None = None

    @property
    def fault(self) -> str:
        """Why the session is not being saved, or nothing."""
        return self.recorder.journal.fault if self.recorder else ""

    @property
    def resumable_id(self) -> str:
        """The id of the session if there is anything to come back to, else nothing."""
        recorder = self.recorder
        return (
            recorder.session_id if recorder and recorder.journal.exists and recorder.turns else ""
        )

    async def begin(self) -> None:
        """Go on with a new session. Its file is made with its first record."""
        await self._use(self._journal(), Past())

    async def find(self, wish: SessionWish) -> Path:
        """The file of the session that the user wants. Raises SessionError."""
        if wish.session_id:
            return await asyncio.to_thread(self.store.find, wish.session_id)
        return await asyncio.to_thread(self.store.latest)

    async def open(self, path: Path, *, as_copy: bool = False) -> Opened:
        """Go on with a session; in a copy where it is open elsewhere or ``as_copy`` asks for one.

        Raises SessionError, with the present session still in use.
        """
        loaded, replayed = await asyncio.to_thread(_read, path)
        is_copy = as_copy or not loaded.is_locked
        if is_copy:
            journal = self._journal(loaded)
        else:
            journal = Journal.reopened(
                loaded, now=self._now, on_fault=self._on_fault, secrets=self._secrets
            )
        past = Past(
            messages=replayed.messages,
            turns=replayed.turns,
            settings=replayed.settings,
            grants=replayed.grants,
            title=replayed.title,
            first_words=replayed.first_words,
            parent=path.stem.rpartition("-")[2] if is_copy else "",
        )
        await self._use(journal, past)
        notices = (
            *_notices(replayed, loaded, as_copy=as_copy),
            *self._other_server(path, replayed),
        )
        return Opened(replayed, notices)

    def _other_server(self, path: Path, replayed: Replayed) -> Iterator[str]:
        """Says so where a session goes on with another server than it was held with: nothing is sent
        to an address that only a session's file names."""
        before, now = replayed.settings.server, _plain(self._bench.url)
        if self._launch.use_embedded:
            now = "the built-in model"
        if before and before != now:
            yield (
                f"This session was held with {before}, and goes on with {now}. To go on where it was:"
                f" vtcode-tui --resume {session_id_of(path)} --base-url {shlex.quote(before)}"
            )

    async def fork(self) -> Opened | None:
        """Go on in a copy of the present session; None where there is nothing to copy yet."""
        recorder = self.recorder
        if recorder is None or not self.resumable_id:
            return None
        recorder.flush()
        opened = await self.open(recorder.journal.path, as_copy=True)
        if self.recorder is not None:
            self.recorder.begin()
        return opened

    async def close(self) -> None:
        """Write what is left and let go of the session's file."""
        recorder, self.recorder = self.recorder, None
        if recorder is not None:
            recorder.flush()
            await recorder.saved()
            recorder.close()

    async def _use(self, journal: Journal, past: Past) -> None:
        await self.close()
        header = {"app": self._launch.app_version(), "workspace": str(self._launch.workspace)}
        self.recorder = SessionRecorder(journal, header, past)
        self._bench.go_on(self.recorder, past)

    def _journal(self, after: Loaded | None = None) -> Journal:
        path = self.store.new_path(self._launch.time())
        return Journal(
            path, now=self._now, on_fault=self._on_fault, secrets=self._secrets, after=after
        )

    def _now(self) -> float:
        return self._launch.time().timestamp()

    def _secrets(self) -> tuple[str, ...]:
        """What is never written into a session: the keys, and what was learned since."""
        return self._bench.secrets.values


def settings_to_use(launch: Launch, past: SessionSettings) -> tuple[str | None, str | None]:
    """The model and the effort to go on with: those of the command line, of the session, of the
    configuration, in this order."""
    agent = launch.loaded.settings.agent

    def is_given(key: str) -> bool:
        origin = launch.loaded.origins.get(key)
        return origin is not None and origin.layer == "cli"

    model = agent.default_model
    effort: str | None = agent.reasoning_effort
    if past.model and not is_given("agent.default_model"):
        model = past.model
    if past.model and not is_given("agent.reasoning_effort"):
        effort = past.effort
    return model, effort


def _plain(url: str) -> str:
    """The address that ``url`` means, written as the one of a server in use."""
    from vtcode_tui.ollama.address import parse_address

    try:
        return parse_address(url).url
    except ConfigError:
        return url


def _read(path: Path) -> tuple[Loaded, Replayed]:
    with _without_collecting():
        loaded = load(path)
        return loaded, replay(loaded.scan)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Thousands of records are made that all stay: looking for garbage among them doubles the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _notices(replayed: Replayed, loaded: Loaded, *, as_copy: bool) -> Iterator[str]:
    if replayed.damaged:
        word = "record was" if replayed.damaged == 1 else "records were"
        yield f"{replayed.damaged} damaged {word} skipped. All else of the session is here."
    if replayed.unknown:
        yield (
            f"{replayed.unknown} records of this session are of a newer version of vtcode-tui."
            " They are kept and not shown."
        )
    if as_copy:
        yield "This is a copy: the session that you had stays as it is."
    elif not loaded.is_locked:
        yield "The session is open in another vtcode-tui, or read-only: it goes on here in a copy."
