"""The main screen: transcript, composer, status line. Starts turns and asks for approvals."""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest
from vtcode_tui.conversation.events import Event, TurnFinished
from vtcode_tui.conversation.prompts import UserInput
from vtcode_tui.errors import ConfigError, VtcodeError
from vtcode_tui.tui import commands, loading
from vtcode_tui.tui.actions import Place
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.attention import Attention
from vtcode_tui.tui.attention_of_app import attention_of
from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.chat_actions import ChatActions
from vtcode_tui.tui.chat_status import status_of
from vtcode_tui.tui.chips import ChipBar
from vtcode_tui.tui.completion import CompletionPopup
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.connecting import Connector
from vtcode_tui.tui.hints import BREAKPOINTS, HintLine, first_hints
from vtcode_tui.tui.keymap import actions_with_keys, changed_keys
from vtcode_tui.tui.mode_desk import ModeDesk
from vtcode_tui.tui.prompt_desk import PromptDesk
from vtcode_tui.tui.queue_view import QueueView
from vtcode_tui.tui.reading_pane import ReadingPane
from vtcode_tui.tui.session_desk import SessionDesk
from vtcode_tui.tui.status_bar import StatusBar
from vtcode_tui.tui.transcript_view import TranscriptView
from vtcode_tui.tui.trusting import settle_trust
from vtcode_tui.tui.turn_status import TurnStatusReducer
from vtcode_tui.tui.turn_times import TurnTimes
from vtcode_tui.workspace.git_head import checked_out

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from vtcode_tui.agent.agent import Agent

_DOUBLE_PRESS_S = 2.0
"""Two Esc within this time count as a double press."""


class ChatScreen(ChatActions):
    """The screen of one conversation. Everything that talks to a server runs in its workers."""

    DEFAULT_CSS = """
    ChatScreen { layout: vertical; }
    ChatScreen Composer { margin: 0; }
    ChatScreen.-low HintLine { display: none; &.-telling { display: block; } }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("chat")
    AUTO_FOCUS = "Composer"
    # Nearly every terminal is this high. A class that came with the first resize would style, lay
    # out and paint the whole screen a second time.
    DEFAULT_CLASSES = "-high"
    VERTICAL_BREAKPOINTS = BREAKPOINTS

    def __init__(self, launch: Launch) -> None:
        super().__init__(launch)
        self.bench = Workbench(launch, self._approve)
        self.actions = actions_with_keys(launch.loaded)
        self._status = TurnStatusReducer(launch.clock)
        self.prompts = PromptDesk(self, launch)
        self.times = TurnTimes(launch.clock)
        self.modes = ModeDesk(self.bench, tell=self.tell, changed=self.show_status)
        self._branch = ""
        self._last_escape = float("-inf"), ""
        self._is_untrusted = False
        self._attention: Attention | None = None
        self._connector = Connector(self.bench, launch, self.notice, self._show_activity)
        show = lambda transcript: self.transcript.show(transcript)  # noqa: E731 - not composed yet
        self.sessions = SessionDesk(self.bench, show=show, notice=self.notice, warn=self.warn)

    def compose(self) -> ComposeResult:
        yield ReadingPane(clock=self.launch.clock, hints=first_hints(self.actions))
        yield QueueView()
        yield ChipBar()
        yield CompletionPopup()
        yield Composer()
        yield StatusBar(clock=self.launch.clock)
        yield HintLine(self.actions)

    @property
    def transcript(self) -> TranscriptView:
        return self.query_one(TranscriptView)

    async def on_mount(self) -> None:
        # Flows that need a model wait until ``begin`` has connected.
        await self.flow_lock.acquire()
        self._use_keys()
        self.composer.focus()
        self.show_status()
        self._attention = attention_of(self.app, self.launch)

    def _use_keys(self) -> None:
        """Apply the keys and commands of the current configuration. Raises ConfigError."""
        self.actions = actions_with_keys(self.launch.loaded)
        self.app.set_keymap(changed_keys(self.actions))
        self.composer.completions.attach(
            self.query_one(CompletionPopup),
            commands.completer_of(self.actions),
            self.mention_completer(),
        )
        self.query_one(HintLine).show(actions=self.actions)

    async def on_unmount(self) -> None:
        if self.bench.agent is not None:
            await self.bench.agent.stop()
        if self._attention is not None:
            self._attention.close()
        await self.prompts.close()
        await self.sessions.close()
        await self._connector.close()

    # --- user actions -------------------------------------------------------------------------

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for line in self.query(HintLine):
            line.show(place=_place_of(event.widget))

    def interrupt(self) -> bool:
        """Stop the turn, compaction, command or attempt to connect; whether there was one."""
        if self.prompts.commands.stop():
            return True
        agent = self.bench.agent
        return (agent is not None and agent.interrupt()) or self._connector.stop_trying()

    def action_interrupt(self) -> None:
        """Stop what is running; if nothing is, a double press on the same text sets it aside. An
        edit in between means that the first Esc closed a list or was meant for other text."""
        if self.interrupt() or not self.composer.text.strip():
            return
        now, text = self.launch.clock(), self.composer.text
        last_s, last_text = self._last_escape
        if now - last_s >= _DOUBLE_PRESS_S or text != last_text:
            self._last_escape = now, text
            self.tell("Esc again sets the prompt aside.")
        elif text := self.composer.set_aside():
            self.prompts.remember(text)
            self.tell("The prompt was set aside: Up brings it back.")

    # --- flows, each in a worker --------------------------------------------------------------

    async def begin(self) -> None:
        """Start up: settle trust, open the session, connect, then send the prompts that wait."""
        # The command line disabled the collector until here, where the first screen is painted.
        # Objects that exist by now stay, and need not be traversed while the first letters are
        # typed.
        gc.freeze()
        gc.enable()
        try:
            await loading.load(loading.SESSION)
            if not await self._settle_trust():
                return
            await self.sessions.start(self.app, self.launch)
            self.is_there["session"].set()
            await self.prompts.start(self.launch)
            self._branch = await asyncio.to_thread(checked_out, self.launch.workspace)
            await loading.load(loading.CLIENT)
            for warning in self.launch.loaded.warnings:
                self.warn(warning)
            self.in_worker(self.warm_up)
            if not await self._connect():
                self.keep_typed(self.launch.first_prompt)
                return
        finally:
            self.flow_lock.release()
            for there in self.is_there.values():
                there.set()
        await self._start_turns()
        self.submit_first(self.launch.first_prompt)

    async def _settle_trust(self) -> bool:
        """Ask the user whether to trust the project; return False if the user leaves instead."""
        launch = await settle_trust(
            self.app, self.launch, report=self.notice, keep_typed=self.keep_typed
        )
        if launch is None:
            self.app.exit(0)
            return False
        if launch is not self.launch:
            self._is_untrusted = launch.loaded.given_trust is None
            self.launch = launch
            self.bench.use(launch)
            try:
                self._use_keys()
            except ConfigError as error:
                self.warn(str(error))
            self.show_status()
        return True

    async def connect_again(self, *, ask_first: bool = False) -> None:
        """Find a server and a model, unless the user gives up; then run the waiting turns."""
        async with self.flow_lock:
            if not await self._connect(ask_first=ask_first):
                return
        await self._start_turns()

    async def _connect(self, *, ask_first: bool = False) -> bool:
        """Connect and choose a model; return whether there is a server. Needs ``flow_lock``."""
        if not await self._settle_trust():
            return False
        if not await self._connector.connect(self.app, ask_first=ask_first):
            return False
        model = self._connector.embedded_model or self.sessions.model
        if model is None:
            await self.choose_model()
        else:
            await self.bench.choose(model, self.bench.effort)
        return True

    async def _start_turns(self) -> None:
        self.show_status()
        self.in_worker(self.prove_sandbox)
        await self.run_turns()

    async def run_turns(self) -> None:
        """Run a turn for each waiting prompt; without a model, give the prompts back."""
        queue = self.prompts.queue
        while queue.next is not None and not self.is_turn_running:
            if not queue.next.is_command and self.bench.agent is None:
                await self._ensure_agent()
                if self._is_without_agent():
                    self.prompts.give_back_all()
                    self.notice(
                        "No model is chosen yet. Ctrl+O opens the list; your prompt is kept."
                    )
                    return
                continue
            self.is_turn_running = True
            try:
                await self._run_next()
            finally:
                self.is_turn_running = False

    def hold_waiting(self) -> None:
        self.prompts.queue.hold_all()

    def _is_without_agent(self) -> bool:
        return self.bench.agent is None

    async def _run_next(self) -> None:
        waiting = self.take_next()
        if waiting is None:
            return
        if waiting.is_command:
            await self.prompts.commands.run(waiting.input.text)
        elif self.bench.agent is not None:
            await self._run_turn(self.bench.agent, waiting.input)
            await self._after_turn()

    async def _after_turn(self) -> None:
        self._branch = await asyncio.to_thread(checked_out, self.launch.workspace)
        self.show_status()
        if self.prompts.queue.next is not None:
            return
        prompt = await self.modes.after_turn(self.app, self.keep_typed)
        if prompt:
            self.prompts.queue.add(UserInput(prompt))

    async def _ensure_agent(self) -> None:
        if self.flow_lock.locked():
            async with self.flow_lock:
                return  # The flow that held the lock has brought one, or the user declined.
        if not self._connector.is_connected:
            await self.connect_again()
        else:
            await self.pick_model()

    async def retry(self) -> None:
        agent = self.bench.agent
        prompt = agent.retryable_prompt if agent is not None else None
        if agent is None or prompt is None:
            self.notice("There is nothing to try again: the last prompt has its answer.")
            return
        await self._run_turn(agent, UserInput(prompt), is_retry=True)

    async def _run_turn(self, agent: Agent, prompt: UserInput, *, is_retry: bool = False) -> None:
        last: Event | None = None
        async with aclosing(agent.run_turn(prompt, is_retry=is_retry)) as events:
            async for event in events:
                self.take(event)
                last = event
        if isinstance(last, TurnFinished) and last.error is not None:
            await self._offer_remedy(last.error)

    async def _offer_remedy(self, error: VtcodeError) -> None:
        """Offer a remedy for a failure, unless a prompt is being written."""
        if self.composer.text.strip():
            return
        from vtcode_tui.tui.remedies import offer_remedy

        if await offer_remedy(self.app, self.bench, error, self.notice, self.keep_typed):
            self.show_status()
            await self.retry()

    def take(self, event: Event) -> None:
        self.transcript.apply(event)
        self.prompts.take(event)
        self.times.apply(event)
        self.modes.apply(event)
        if self._attention is not None:
            self._attention.apply(event)
        if self._status.apply(event):
            self.show_status()

    async def _approve(self, request: ApprovalRequest) -> ApprovalDecision:
        from vtcode_tui.tui.approval_modal import ApprovalModal

        modal = ApprovalModal(
            request, clock=self.launch.clock, has_draft=bool(self.composer.text.strip())
        )
        try:
            return await ask_screen(self.app, modal)
        finally:
            self.keep_typed(modal.typed_ahead)

    def keep_typed(self, text: str) -> None:
        if self.is_attached:
            self.composer.insert_typed_ahead(text)
        elif text:  # The app exits while a dialog is open: no composer can save the text.
            self.prompts.keep_late(text)

    def _show_activity(self, what: str) -> None:
        """Show ``what`` as the state while no turn runs; empty ends it."""
        if not self.is_turn_running:
            self._status.begin(what) if what else self._status.end()
            self.show_status()

    def show_status(self) -> None:
        status = status_of(
            self.bench,
            self._status.status,
            session_note=self.sessions.note,
            branch=self._branch,
            is_untrusted=self._is_untrusted,
        )
        # A flow that ends while the app exits finds no status bar any more.
        for bar in self.query(StatusBar):
            bar.show(status)
        for line in self.query(HintLine):
            line.show(is_busy=status.state_since is not None)


def _place_of(widget: Widget) -> Place:
    if isinstance(widget, TranscriptView):
        return "transcript"
    return "queue" if isinstance(widget, QueueView) else "composer"
