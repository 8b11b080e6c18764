"""The main screen: transcript, composer, status line. Starts turns and asks for approvals."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest
from vtcode_tui.conversation.events import Event, NoticeLevel, NoticeRaised
from vtcode_tui.errors import ConfigError, VtcodeError
from vtcode_tui.ollama.thinking import effort_name
from vtcode_tui.tui import commands
from vtcode_tui.tui.actions import Action
from vtcode_tui.tui.approval_modal import ApprovalModal
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.blocks.warming import warm_up
from vtcode_tui.tui.completion import CompletionPopup
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.connecting import Connector
from vtcode_tui.tui.file_commands import add_directory, redo, undo
from vtcode_tui.tui.hints import first_hints
from vtcode_tui.tui.keymap import actions_with_keys, changed_keys
from vtcode_tui.tui.model_choosing import choose_effort, choose_model
from vtcode_tui.tui.model_commands import ModelCommands
from vtcode_tui.tui.permissions_screen import show_permissions
from vtcode_tui.tui.session_desk import SessionDesk
from vtcode_tui.tui.status_bar import Status, StatusBar
from vtcode_tui.tui.transcript_view import TranscriptView
from vtcode_tui.tui.trusting import settle_trust
from vtcode_tui.tui.turn_status import TurnStatusReducer

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from vtcode_tui.agent.agent import Agent
    from vtcode_tui.agent.file_access import FileAccess

_CLIENT_MODULES = ("vtcode_tui.ollama.link", "vtcode_tui.agent.assembly")


class ChatScreen(ModelCommands):
    """One conversation. All that talks to a server happens in workers of this screen."""

    DEFAULT_CSS = """
    ChatScreen { layout: vertical; }
    ChatScreen TranscriptView { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("chat")

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self._launch = launch
        self.bench = Workbench(launch, self._approve)
        self._actions = actions_with_keys(launch.loaded)
        self._status = TurnStatusReducer(launch.clock)
        self._waiting_prompts: deque[str] = deque()
        self._is_turn_running = False
        self._flow = asyncio.Lock()
        self._connector = Connector(self.bench, launch, self.notice)
        show = lambda transcript: self.transcript.show(transcript)  # noqa: E731 - not composed yet
        self.sessions = SessionDesk(self.bench, show=show, notice=self.notice, warn=self.warn)

    def compose(self) -> ComposeResult:
        transcript = TranscriptView(clock=self._launch.clock)
        transcript.hints = first_hints(self._actions)
        yield transcript
        yield CompletionPopup()
        yield Composer()
        yield StatusBar(clock=self._launch.clock)

    @property
    def transcript(self) -> TranscriptView:
        return self.query_one(TranscriptView)

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    def on_mount(self) -> None:
        self._use_keys()
        self.composer.focus()
        self._show_status()
        # The first paint must not wait for a client to be imported or a server to answer.
        self.call_after_refresh(self._in_worker, self._begin)

    def _use_keys(self) -> None:
        """Let the keys and commands be those that the configuration has now. Raises ConfigError."""
        self._actions = actions_with_keys(self._launch.loaded)
        self.app.set_keymap(changed_keys(self._actions))
        popup = self.query_one(CompletionPopup)
        self.composer.completions.attach(popup, commands.completer_of(self._actions))

    async def on_unmount(self) -> None:
        if self.bench.agent is not None:
            await self.bench.agent.stop()
        await self.sessions.close()
        await self._connector.close()

    # --- what a person does -------------------------------------------------------------------

    @on(CompletionPopup.Taken)
    def _take_completion(self, message: CompletionPopup.Taken) -> None:
        self.composer.take_completion(message)

    @on(Composer.Submitted)
    def _submitted(self, message: Composer.Submitted) -> None:
        if commands.is_command(message.text):
            self._run_command(message.text)
            return
        self._waiting_prompts.append(message.text)
        if self._is_turn_running:
            self.notice(f"Queued: it is sent when this turn ends ({len(self._waiting_prompts)}).")
            return
        self._in_worker(self._run_turns)

    def _run_command(self, text: str) -> None:
        command = commands.find(text)
        if command is None:
            nearest = commands.nearest(text)
            hint = f" The nearest is {nearest}." if nearest else ""
            self.notice(f"There is no command {text.strip()}.{hint} /help lists them all.")
            return
        self.start(command, commands.argument_of(text))

    def start(self, action: Action, argument: str = "") -> None:
        """Do what a row of the table of actions says."""
        doer = self.app if action.place == "app" else self
        method = getattr(doer, f"action_{action.name}")
        self.call_next(method, *([argument] if action.argument else []))

    def interrupt(self) -> bool:
        """Stop the running turn; whether there was one."""
        agent = self.bench.agent
        if agent is None or not agent.is_running:
            return False
        agent.interrupt()
        return True

    def action_interrupt(self) -> None:
        self.interrupt()

    def action_pick_model(self) -> None:
        self._in_worker(self._pick_model)

    def action_pick_effort(self) -> None:
        self._in_worker(self._pick_effort)

    def action_choose_server(self) -> None:
        self._in_worker(lambda: self._connect(ask_first=True))

    def action_toggle_thinking(self) -> None:
        self.transcript.action_toggle_thinking()

    @on(Composer.HelpWanted)
    def action_show_help(self) -> None:
        from vtcode_tui.tui.help_screen import HelpScreen

        self.app.push_screen(HelpScreen(self._actions))

    def action_show_palette(self) -> None:
        from vtcode_tui.tui.palette_provider import show_palette

        show_palette(self.app, self._actions, self.start)

    def action_show_permissions(self) -> None:
        self._in_worker(lambda: show_permissions(self.app, self.bench, self.notice))

    def action_compact(self) -> None:
        self._in_worker(self._compact)

    def action_undo(self, choice: str = "") -> None:
        self._change_files(lambda files: undo(files, choice))

    def action_redo(self) -> None:
        self._change_files(redo)

    def action_add_directory(self, directory: str) -> None:
        self._change_files(lambda files: add_directory(files, self._launch, directory))

    def _change_files(self, change: Callable[[FileAccess], str]) -> None:
        """Do it in a thread and say what it says."""

        async def flow() -> None:
            files = await self.bench.files()
            self.notice(await asyncio.to_thread(change, files))

        self._between_turns(flow)

    def action_retry(self) -> None:
        self._between_turns(self._retry)

    def action_new_conversation(self) -> None:
        self._between_turns(self.sessions.new)

    def action_resume(self, session_id: str = "") -> None:
        self._between_turns(lambda: self.sessions.resume(self.app, session_id))

    def action_list_sessions(self) -> None:
        self.action_resume()

    def action_fork(self) -> None:
        self._between_turns(self.sessions.fork)

    def action_export(self, form: str = "") -> None:
        self._in_worker(lambda: self.sessions.export(form))

    def _between_turns(self, flow: Callable[[], Awaitable[None]]) -> None:
        """Do it in a worker, but never under the hands of the model; prompts wait meanwhile."""
        if self._is_turn_running:
            self.notice("The model is working: stop it with Esc first.")
            return

        async def guarded() -> None:
            try:
                await flow()
            finally:
                self._is_turn_running = False
                self._show_status()
            await self._run_turns()

        self._is_turn_running = True
        self._in_worker(guarded)

    # --- flows, each in a worker --------------------------------------------------------------

    def _in_worker(self, flow: Callable[[], Awaitable[None]]) -> None:
        self.run_worker(self._guarded(flow), exit_on_error=False)

    async def _guarded(self, flow: Callable[[], Awaitable[None]]) -> None:
        """Whatever goes wrong in a flow is told in the transcript and ends only that flow."""
        try:
            await flow()
        except VtcodeError as error:
            self.warn(str(error))
        except Exception as error:
            log.exception("a flow failed")
            self.warn(f"That did not work because of a defect in this program: {error!r}")

    async def _begin(self) -> None:
        async with self._flow:
            if not await self._settle_trust():
                return
            await self.sessions.start(self.app, self._launch)
        for module in _CLIENT_MODULES:
            await asyncio.to_thread(importlib.import_module, module)
        for warning in self._launch.loaded.warnings:
            self.warn(warning)
        self._in_worker(self._warm_up)
        await self._connect()

    async def _warm_up(self) -> None:
        """What the first answer needs is loaded while the user types."""
        await asyncio.to_thread(warm_up)
        # What is loaded by now stays: the collector need not walk it again while text streams.
        gc.freeze()

    async def _settle_trust(self) -> bool:
        """Have the user answer for what the project asks for; whether to go on."""
        settled = await settle_trust(
            self.app,
            self._launch,
            report=self.notice,
            keep_typed=self.composer.insert_typed_ahead,
        )
        if settled is None:
            self.app.exit(0)
            return False
        if settled is not self._launch:
            self._launch = settled
            self.bench.use(settled)
            try:
                self._use_keys()
            except ConfigError as error:
                self.warn(str(error))
            self._show_status()
        return True

    async def _connect(self, *, ask_first: bool = False) -> None:
        """Find a server and a model. Leaves without either only when the user wants it so."""
        async with self._flow:
            if not await self._settle_trust():
                return
            if not await self._connector.connect(self.app, ask_first=ask_first):
                return
            model = self._connector.embedded_model or self.sessions.model
            if model is None:
                await self._choose_model()
            else:
                await self.bench.choose(model, self.bench.effort)
        self._show_status()
        self._in_worker(self._prove_sandbox)
        await self._run_turns()

    async def _pick_model(self) -> None:
        async with self._flow:
            await self._choose_model()
        self._in_worker(self._prove_sandbox)

    async def _choose_model(self) -> None:
        await choose_model(self.app, self.bench, self.notice)
        self._show_status()

    async def _pick_effort(self) -> None:
        async with self._flow:
            await choose_effort(self.app, self.bench, self.notice)
        self._show_status()

    async def _compact(self) -> None:
        agent = self.bench.agent
        if agent is None or self._is_turn_running:
            self.notice("There is nothing to compact now.")
            return
        self._is_turn_running = True
        try:
            compacted = await agent.compact()
        finally:
            self._is_turn_running = False
        if compacted is not None:
            self._take(compacted)
        self._show_status()

    async def _run_turns(self) -> None:
        """Send the waiting prompts, one turn each, and none before there is a model."""
        if self._is_turn_running or not self._waiting_prompts:
            return
        if self.bench.agent is None:
            await self._ensure_agent()
        agent = self.bench.agent
        if agent is None:
            self._give_back_prompts()
            return
        self._is_turn_running = True
        try:
            while self._waiting_prompts:
                await self._run_turn(agent, self._waiting_prompts.popleft())
        finally:
            self._is_turn_running = False

    async def _ensure_agent(self) -> None:
        if not self._connector.is_connected:
            await self._connect()
        elif not self._flow.locked():
            await self._pick_model()

    def _give_back_prompts(self) -> None:
        """No model was chosen: what was typed goes back to where it was typed."""
        self.composer.load_draft("\n\n".join(self._waiting_prompts))
        self._waiting_prompts.clear()
        self.notice("No model is chosen yet. Ctrl+O opens the list; your prompt is kept.")

    async def _retry(self) -> None:
        agent = self.bench.agent
        prompt = agent.retryable_prompt if agent is not None else None
        if agent is None or prompt is None:
            self.notice("There is nothing to try again: the last prompt has its answer.")
            return
        await self._run_turn(agent, prompt, is_retry=True)

    async def _run_turn(self, agent: Agent, prompt: str, *, is_retry: bool = False) -> None:
        async with aclosing(agent.run_turn(prompt, is_retry=is_retry)) as events:
            async for event in events:
                self._take(event)

    def _take(self, event: Event) -> None:
        self.transcript.apply(event)
        if self._status.apply(event):
            self._show_status()

    async def _approve(self, request: ApprovalRequest) -> ApprovalDecision:
        modal = ApprovalModal(request, clock=self._launch.clock)
        try:
            return await ask_screen(self.app, modal)
        finally:
            if modal.typed_ahead:
                self.composer.insert_typed_ahead(modal.typed_ahead)

    # --- what a person sees -------------------------------------------------------------------

    def notice(self, text: str) -> None:
        self.transcript.apply(NoticeRaised(NoticeLevel.INFO, text))

    def warn(self, text: str) -> None:
        self.transcript.apply(NoticeRaised(NoticeLevel.WARNING, text))

    def _show_status(self) -> None:
        status = self._status.status
        agent = self.bench.agent
        fill = agent.context_fill if agent else None
        window = self.bench.window
        status_line = Status(
            model=agent.model.name if agent else "no model",
            effort=(effort_name(agent.model.think) if agent else self.bench.effort) or "",
            state=status.state,
            state_since=status.since,
            tokens_in=status.tokens_in,
            tokens_out=status.tokens_out,
            tokens_per_second=status.tokens_per_second,
            context_tokens=fill.tokens if fill else None,
            context_window=window.num_ctx if window else None,
            context_is_exact=fill.is_exact if fill else True,
            workspace=self._launch.workspace.name,
            notes=self._notes(),
        )
        # A flow that ends as the app is left finds no status bar any more.
        for bar in self.query(StatusBar):
            bar.show(status_line)

    def _notes(self) -> tuple[str, ...]:
        agent = self.bench.agent
        notes = [self.sessions.note] if self.sessions.note else []
        if agent is not None and agent.model.tool_mode != "native":
            notes.append("tools: text" if agent.model.offers_tools else "no tools")
        if self._waiting_prompts:
            notes.append(f"{len(self._waiting_prompts)} queued")
        sandbox = agent.sandbox.known_state if agent is not None and agent.sandbox else None
        if sandbox is not None:
            notes.append(sandbox.note)
        return tuple(notes)

    async def _prove_sandbox(self) -> None:
        """Before the first command needs it, so that the status line can tell of it."""
        agent = self.bench.agent
        if agent is not None and agent.sandbox is not None and agent.sandbox.known_state is None:
            state = await agent.sandbox.state()
            if not state.proved:
                self.notice(f"Commands run in {state.words}.")
            self._show_status()
