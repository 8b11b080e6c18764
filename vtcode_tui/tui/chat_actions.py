"""The actions of the chat screen, one method per row of the action table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on

from vtcode_tui.conversation.prompts import UserInput
from vtcode_tui.tui import commands
from vtcode_tui.tui.actions import BY_NAME, Action
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.connecting import Connector
from vtcode_tui.tui.file_commands import FileCommandResult, add_directory, redo, undo
from vtcode_tui.tui.mode_desk import ModeDesk
from vtcode_tui.tui.model_commands import ModelCommands
from vtcode_tui.tui.prompt_commands import PromptCommands
from vtcode_tui.tui.reading_actions import ReadingActions
from vtcode_tui.tui.session_desk import SessionDesk
from vtcode_tui.tui.status_bar import StatusBar
from vtcode_tui.tui.turn_status import TurnStatusReducer
from vtcode_tui.tui.turn_times import TurnTimes

if TYPE_CHECKING:
    from vtcode_tui.agent.file_access import FileAccess
    from vtcode_tui.tui.text_sheet import Text


class ChatActions(ModelCommands, PromptCommands, ReadingActions):
    """Declares what it needs of the screen here and in ChatFlows; the screen provides it."""

    actions: tuple[Action, ...]
    sessions: SessionDesk
    modes: ModeDesk
    times: TurnTimes
    _status: TurnStatusReducer
    _connector: Connector

    @property
    def way_back(self) -> tuple[str, ...]:
        """The options that resume the session, with its server; empty if there is no session."""
        session_id = self.sessions.last_id
        return ("--resume", session_id, *self._connector.options) if session_id else ()

    async def connect_again(self, *, ask_first: bool = False) -> None:
        raise NotImplementedError

    async def retry(self) -> None:
        raise NotImplementedError

    def run_command(self, text: str) -> None:
        command = commands.find(text)
        if command is None:
            nearest = commands.nearest(text)
            hint = f" The nearest is {nearest}." if nearest else ""
            self.notice(f"There is no command {text.strip()}.{hint} /help lists them all.")
            return
        argument = commands.argument_of(text)
        there = self.is_there.get(command.needs)
        if there is None or there.is_set():
            self.start(command, argument)
            return

        async def once_it_is_there() -> None:
            await there.wait()
            self.start(command, argument)

        self.tell(f"{command.slash} is kept until the chat is ready.")
        self.in_worker(once_it_is_there)

    def start(self, action: Action, argument: str = "") -> None:
        """Run the action of a row."""
        doer = self.app if action.place == "app" else self
        method = getattr(doer, f"action_{action.name}")
        self.call_next(method, *([argument] if action.argument else []))

    @on(StatusBar.Pressed)
    def _status_pressed(self, message: StatusBar.Pressed) -> None:
        self.start(BY_NAME[message.action])

    @on(Composer.HelpWanted)
    def _help_wanted(self) -> None:
        self.action_show_help()

    def action_choose_server(self) -> None:
        self.in_worker(lambda: self.connect_again(ask_first=True))

    def action_show_help(self) -> None:
        from vtcode_tui.tui.help_text import HELP_TITLE, help_text

        self._show_text(HELP_TITLE, lambda width: help_text(self.actions, width))

    def action_show_palette(self) -> None:
        from vtcode_tui.tui.palette_provider import show_palette

        show_palette(self.app, self.actions, self.start)

    def action_switch_mode(self, name: str = "") -> None:
        self.modes.switch(name)

    def action_show_tools(self) -> None:
        from vtcode_tui.tui.reports import tools_report

        agent = self.bench.agent
        if agent is None:
            self.notice("No model is chosen yet: /model opens the list.")
            return
        self._show_text(
            "Tools",
            tools_report(agent.calls, mode=self.bench.mode, offers_tools=agent.model.offers_tools),
        )

    def action_show_diff(self) -> None:
        from vtcode_tui.tui.desk_flows import show_changes

        self.in_worker(lambda: show_changes(self.app, self.bench, self.notice))

    def action_choose_theme(self) -> None:
        from vtcode_tui.tui.desk_flows import choose_theme

        self.in_worker(lambda: choose_theme(self.app, self.bench, self.notice))

    def action_init(self, what: str = "") -> None:
        from vtcode_tui.tui.desk_flows import write_initial_config

        if not what:
            self.in_worker(lambda: write_initial_config(self.app, self.bench, self.notice))
        elif not what.lower().startswith("agents"):
            self.notice("/init writes vtcode.toml; /init agents lets the model draft AGENTS.md.")
        elif self.bench.mode == "plan":
            self.notice("In plan mode nothing is written: switch the mode with /mode normal.")
        else:
            self.draft_instructions()

    def draft_instructions(self) -> None:
        """Have the model draft AGENTS.md; the write is shown as a diff that needs approval."""
        from vtcode_tui.agent.initial_config import AGENTS_PROMPT

        self.prompts.queue.add(UserInput(AGENTS_PROMPT))
        self.in_worker(self.run_turns)

    def action_show_config(self) -> None:
        from vtcode_tui.tui.reports import config_report

        self._show_text("Configuration", config_report(self.launch.loaded))

    def action_show_timing(self) -> None:
        from vtcode_tui.tui.reports import timing_report

        self._show_text("Time of each request to the model", timing_report(self.times.answers))

    def _show_text(self, title: str, content: Text) -> None:
        from vtcode_tui.tui.text_sheet import TextSheet

        self.app.push_screen(TextSheet(title, content))

    def action_show_permissions(self) -> None:
        from vtcode_tui.tui.permissions_screen import show_permissions

        self.in_worker(lambda: show_permissions(self.app, self.bench, self.notice))

    def action_compact(self) -> None:
        self.between_turns(self._compact)

    def action_undo(self, choice: str = "") -> None:
        self._change_files(lambda files: undo(files, choice))

    def action_redo(self) -> None:
        self._change_files(redo)

    def action_add_directory(self, directory: str) -> None:
        self._change_files(lambda files: add_directory(files, self.launch, directory))

    def _change_files(self, change: Callable[[FileAccess], FileCommandResult]) -> None:
        """Undo or redo in a thread and show the result; tell the model if files changed."""

        async def flow() -> None:
            told = await asyncio.to_thread(change, await self.bench.files())
            self.notice(told.text)
            if self.bench.agent is not None and self.bench.agent.history.messages:
                self.prompts.tray.attach(*told.changes)

        self.between_turns(flow)

    def action_retry(self) -> None:
        self.between_turns(self.retry)

    def action_new_conversation(self) -> None:
        self.between_turns(self.sessions.new)

    def action_resume(self, session_id: str = "") -> None:
        self.between_turns(lambda: self.sessions.resume(self.app, session_id))

    def action_list_sessions(self) -> None:
        self.action_resume()

    def action_fork(self) -> None:
        self.between_turns(self.sessions.fork)

    def action_export(self, form: str = "") -> None:
        self.in_worker(lambda: self.sessions.export(form))

    async def _compact(self) -> None:
        agent = self.bench.agent
        if agent is None:
            self.notice(
                "There is nothing to compact: no model is chosen yet. /model opens the list."
            )
            return
        self._status.begin("making room")
        self.show_status()
        try:
            compacted = await agent.compact()
        finally:
            self._status.end()
        if compacted is not None:
            self.take(compacted)
        else:
            self.notice("There is nothing to compact yet: all of it is recent.")
