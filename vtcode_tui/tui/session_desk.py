"""Manages the chat's session: starting, resuming, listing, forking, exporting."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from textual.app import App

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch, SessionWish
from vtcode_tui.conversation.events import Event
from vtcode_tui.errors import SessionError
from vtcode_tui.transcript.clean import clean_text
from vtcode_tui.transcript.reducer import Transcript
from vtcode_tui.tui.asking import ask_screen

if TYPE_CHECKING:
    from vtcode_tui.agent.sessions import SessionKeeper
    from vtcode_tui.session.listing import SessionSummary
    from vtcode_tui.tui.session_picker import PickedSession

_FAULT = (
    "This session is not being saved: {fault}. The conversation goes on, and saving is tried again"
    " with each turn."
)
_ALREADY_OPEN = "This is the session that is open."


class SessionDesk:
    """``show`` displays another transcript; ``notice`` and ``warn`` show messages. Nothing is
    recorded before ``start``."""

    def __init__(
        self,
        bench: Workbench,
        *,
        show: Callable[[Transcript], None],
        notice: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._bench = bench
        self._show = show
        self._notice = notice
        self._warn = warn
        self._launch = bench.launch
        self._keeper: SessionKeeper | None = None
        self._fault = ""
        self._is_closed = False
        self._model: str | None = None
        self.last_id = ""
        """The id of the session at exit, or empty."""

    @property
    def note(self) -> str:
        """Status line note that the session is not being saved, with the reason; or empty."""
        return f"not saved: {self._fault}" if self._fault else ""

    @property
    def model(self) -> str | None:
        """The session's model, or else the configured one."""
        return self._model or self._launch.loaded.settings.agent.default_model

    async def start(self, app: App[int], launch: Launch) -> None:
        """Start a session, or resume the one requested on the command line."""
        from vtcode_tui.agent.sessions import SessionKeeper

        self._launch = launch
        if self._keeper is not None:
            return
        self._keeper = SessionKeeper(launch, self._bench, self._take_fault)
        await self._keeper.begin()
        if launch.session is None:
            return
        try:
            if launch.session.asks:
                await self.pick(app)
            else:
                await self._open(await self._keeper.find(launch.session))
        except SessionError as error:
            self._warn(str(error))

    async def new(self) -> None:
        """Start a new conversation; the current one can be resumed later."""
        if self._keeper is not None:
            await self._keeper.begin()
        self._show(Transcript())

    async def pick(self, app: App[int]) -> None:
        """Show the list of sessions: open, rename, export, delete. Raises SessionError."""
        from vtcode_tui.tui.session_picker import SessionPicker

        keeper, chosen, query, outcome = self._started_keeper(), "", "", ""
        while True:
            screen = SessionPicker(
                now=self._launch.time(),
                current=keeper.resumable_id,
                chosen=chosen,
                query=query,
                outcome=outcome,
            )
            reading = asyncio.create_task(self._load_list(screen.set_rows))
            try:
                picked = await ask_screen(app, screen)
            finally:
                reading.cancel()
            if picked is None:
                return
            if picked.action == "open" and picked.session.session_id != keeper.resumable_id:
                await self._switch(picked.session.path)
                return
            chosen, query = picked.session.session_id, picked.query
            try:
                outcome = await self._change(app, picked)
            except SessionError as error:
                outcome = " ".join(str(error).split("\n"))

    async def resume(self, app: App[int], session_id: str) -> None:
        """Resume the session with an id; without one the user picks. Raises SessionError."""
        if not session_id:
            await self.pick(app)
            return
        await self._switch(await self._started_keeper().find(SessionWish(session_id)))

    async def fork(self) -> None:
        """Continue in a copy of this session."""
        opened = await self._started_keeper().fork()
        if opened is None:
            self._notice("There is nothing to copy yet.")
            return
        for notice in opened.notices:
            self._notice(notice)

    async def export(self, form: str) -> None:
        """Export this session into the workspace: "md" or "json". Raises SessionError."""
        keeper = self._started_keeper()
        if keeper.recorder is None or not keeper.resumable_id:
            self._notice("There is nothing to export yet.")
            return
        keeper.recorder.flush()
        self._notice(await self._export(keeper.recorder.journal.path, form))

    async def close(self) -> None:
        """Release the session's file."""
        self._is_closed = True
        if self._keeper is not None:
            self.last_id = self._keeper.resumable_id
            await self._keeper.close()

    # --- steps --------------------------------------------------------------------------------

    def _started_keeper(self) -> SessionKeeper:
        if self._keeper is None:
            raise SessionError(
                "The app has not started yet.",
                why="It still reads what the project asks for.",
                advice="Try again in a moment.",
            )
        return self._keeper

    async def _load_list(self, set_rows: Callable[[tuple[SessionSummary, ...]], None]) -> None:
        try:
            set_rows(await asyncio.to_thread(self._started_keeper().store.list))
        except SessionError as error:
            self._warn(str(error))
            set_rows(())

    async def _change(self, app: App[int], picked: PickedSession) -> str:
        """Do what the user picked; return the outcome for the list. Raises SessionError."""
        store, session = self._started_keeper().store, picked.session
        is_held = session.session_id == self._started_keeper().resumable_id
        match picked.action:
            case "rename":
                recorder = self._started_keeper().recorder
                if is_held and recorder is not None:
                    recorder.rename(picked.title)
                else:
                    now = self._launch.time().timestamp()
                    await asyncio.to_thread(store.rename, session.path, picked.title, now)
                return "Renamed."
            case "export":
                return await self._export(session.path, "md")
            case "delete":
                if is_held:
                    raise SessionError(
                        "It is not deleted.",
                        why="It is the session that is open here.",
                        advice="Begin another first: /new",
                    )
                if not await self._confirm(app, session):
                    return "Kept."
                await asyncio.to_thread(store.delete, session.path)
                return f"Deleted {session.session_id}."
            case "open":
                return _ALREADY_OPEN
            case _:
                assert_never(picked.action)

    async def _confirm(self, app: App[int], session: SessionSummary) -> bool:
        from vtcode_tui.tui.confirm_screen import ConfirmScreen

        question = ConfirmScreen(
            "Delete this session? It cannot be brought back.",
            session.name,
            do="Delete it",
            keep="Keep it",
        )
        return await ask_screen(app, question)

    async def _switch(self, path: Path) -> None:
        """Resume a session with its model."""
        keeper = self._started_keeper()
        if keeper.recorder is not None and keeper.recorder.journal.path == path:
            self._notice(_ALREADY_OPEN)
            return
        await self._open(path)
        if self._bench.agent is not None and self._model is not None:
            await self._bench.choose(self._model, self._bench.effort)

    async def _open(self, path: Path) -> None:
        from vtcode_tui.agent.sessions import settings_to_use

        opened = await self._started_keeper().open(path)
        self._show(await asyncio.to_thread(_transcript_of, opened.replayed.events))
        self._model, self._bench.effort = settings_to_use(self._launch, opened.replayed.settings)
        for notice in opened.notices:
            self._warn(notice)

    async def _export(self, path: Path, form: str) -> str:
        if form not in ("", "md", "json"):
            raise SessionError(
                f"There is no format {form}.",
                why="A session is written as Markdown or as JSON.",
                advice="Use: /export md or /export json",
            )
        written = await asyncio.to_thread(
            write_export, path, self._launch.workspace, self._launch, form or "md"
        )
        return f"Written to {written}"

    def _take_fault(self, fault: str) -> None:
        self._fault = fault
        if self._is_closed:
            return  # No screen is left that could show it.
        if fault:
            self._warn(_FAULT.format(fault=fault))
        else:
            self._notice("The session is saved again, with all that was missing.")


def _transcript_of(events: tuple[Event, ...]) -> Transcript:
    transcript = Transcript()
    for event in events:
        transcript.apply(event)
    return transcript


def write_export(path: Path, directory: Path, launch: Launch, form: str) -> Path:
    """Write an exported session into ``directory`` without overwriting; return its path. Raises
    SessionError."""
    from vtcode_tui.session.export import Exported, to_json, to_markdown
    from vtcode_tui.session.listing import session_id_of
    from vtcode_tui.session.store import read_session

    session_id = session_id_of(path)
    exported = Exported(session_id, read_session(path), launch.time().tzinfo)
    text = to_json(exported) if form == "json" else to_markdown(exported, clean_text)
    for number in range(1, 1000):
        name = f"session-{session_id}{f'-{number}' if number > 1 else ''}.{form}"
        try:
            descriptor = os.open(
                directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600
            )
        except FileExistsError:
            continue
        except OSError as error:
            raise _unwritable(directory, session_id, error) from None
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8", "replace"))
        except OSError as error:
            raise _unwritable(directory, session_id, error) from None
        return directory / name
    raise SessionError(
        f"This session is not exported to {directory}.",
        why="There are 999 exports of it already.",
        advice=f"Under another name: vtcode-tui sessions export {session_id} -o FILE",
    )


def _unwritable(directory: Path, session_id: str, error: OSError) -> SessionError:
    return SessionError(
        f"The session cannot be written to {directory}.",
        why=error.strerror or str(error),
        advice=f"In a directory that can be: vtcode-tui sessions export {session_id} -o FILE",
    )
