"""Opens, starts, forks and closes the session that a door records to.

Knows no screen. Methods that are not async do no I/O.
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
    """A resumed session. ``notices`` are for the user."""

    replayed: Replayed
    notices: tuple[str, ...]


class SessionKeeper:
    """Gives ``bench`` the recorder of the current session. ``on_fault`` is called with the reason
    when nothing can be saved, and with an empty text when it can again."""

    def __init__(self, launch: Launch, bench: Workbench, on_fault: Callable[[str], None]) -> None:
        self.store = SessionStore(launch.state_dir, launch.workspace)
        self._launch = launch
        self._bench = bench
        self._on_fault = on_fault
        self.recorder: SessionRecorder | None = None

    @property
    def fault(self) -> str:
        """Why the session is not being saved, or empty."""
        return self.recorder.journal.fault if self.recorder else ""

    @property
    def resumable_id(self) -> str:
        """The id of the session, or empty if it has no content to resume."""
        recorder = self.recorder
        return (
            recorder.session_id if recorder and recorder.journal.exists and recorder.turns else ""
        )

    async def begin(self) -> None:
        """Start a new session. Its file is created with the first record."""
        await self._use(self._journal(), Past())

    async def find(self, wish: SessionWish) -> Path:
        """The path of the session that the user asked for. Raises SessionError."""
        if wish.session_id:
            return await asyncio.to_thread(self.store.find, wish.session_id)
        return await asyncio.to_thread(self.store.latest)

    async def open(self, path: Path, *, as_copy: bool = False) -> Opened:
        """Resume a session; as a copy if it is open elsewhere or ``as_copy`` is set.

        Raises SessionError, with the current session still in use.
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
        """A notice if the session was held with another server: nothing is sent to an address that
        only a session's file names."""
        before, now = replayed.settings.server, _plain(self._bench.url)
        if self._launch.use_embedded:
            now = "the built-in model"
        if before and before != now:
            yield (
                f"This session was held with {before}, and goes on with {now}. To go on where it was:"
                f" vtcode-tui --resume {session_id_of(path)} --base-url {shlex.quote(before)}"
            )

    async def fork(self) -> Opened | None:
        """Continue in a copy of the current session; None if there is nothing to copy yet."""
        recorder = self.recorder
        if recorder is None or not self.resumable_id:
            return None
        recorder.flush()
        opened = await self.open(recorder.journal.path, as_copy=True)
        if self.recorder is not None:
            self.recorder.begin()
        return opened

    async def close(self) -> None:
        """Write what is left and release the session's file."""
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
        """Values that are never written to a session: configured keys, and secrets learned since."""
        return self._bench.secrets.values


def settings_to_use(launch: Launch, past: SessionSettings) -> tuple[str | None, str | None]:
    """The model and effort to use: from the command line, else the session, else the configuration."""
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
    """``url`` in the normal form in which server addresses are compared."""
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
    """Disable garbage collection: loading makes thousands of records that all stay, and collecting
    takes as long as the rest."""
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
