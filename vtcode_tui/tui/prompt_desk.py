"""Manages the chat's prompts: attachments, queue, drafts and history."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from textual.app import App

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.events import Event, TurnEnd, TurnFinished, TurnSteered
from vtcode_tui.conversation.prompts import Attachment, UserInput
from vtcode_tui.conversation.wording import counted
from vtcode_tui.errors import VtcodeError
from vtcode_tui.session.unsent import Draft, Waiting
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.attachment_tray import AttachmentTray
from vtcode_tui.tui.chips import ChipBar
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.folding_area import clean_input
from vtcode_tui.tui.mentions import mentions_in
from vtcode_tui.tui.prompt_queue import PromptQueue
from vtcode_tui.tui.queue_view import QueueView
from vtcode_tui.tui.user_command_runner import UserCommandRunner

if TYPE_CHECKING:
    from vtcode_tui.session.prompt_history import PromptHistory
    from vtcode_tui.tui.draft_keeper import DraftKeeper
    from vtcode_tui.workspace.path_index import PathIndex

_COMMAND_HINT = "Runs as you, outside the sandbox · !! keeps its output from the model"
_FOLD_HINT = "Ctrl+L opens the pasted text"


class PromptScreen(Protocol):
    """What the desk needs of its screen."""

    bench: Workbench
    is_turn_running: bool

    @property
    def composer(self) -> Composer: ...
    @property
    def chip_bar(self) -> ChipBar: ...
    @property
    def queue_view(self) -> QueueView: ...
    @property
    def app(self) -> App[int]: ...

    def notice(self, text: str) -> None: ...
    def warn(self, text: str) -> None: ...
    async def run_turns(self) -> None: ...
    def take(self, event: Event) -> None: ...
    def in_worker(self, flow: Callable[[], Awaitable[None]]) -> None: ...


class PromptDesk:
    """Call ``start`` once the project's trust is settled, and ``close`` at the end."""

    def __init__(self, screen: PromptScreen, launch: Launch) -> None:
        self._screen = screen
        self._launch = launch
        self.queue = PromptQueue(self._queue_changed)
        self.tray = AttachmentTray(screen.bench, screen.in_worker, self._chips_changed)
        self.commands = UserCommandRunner(screen, self.tray.attach)
        self._drafts: DraftKeeper | None = None
        self._history: PromptHistory | None = None
        self._sent: list[str] = []
        self._reading = asyncio.Lock()
        self._editing: asyncio.Task[object] | None = None

    async def start(self, launch: Launch) -> None:
        """Load the prompt history and restore unsent drafts."""
        from vtcode_tui.session.drafts import DraftStore
        from vtcode_tui.session.prompt_history import PromptHistory
        from vtcode_tui.tui.draft_keeper import DraftKeeper

        self._launch = launch
        if self._drafts is not None:
            return
        self._history = PromptHistory(launch.state_dir, launch.workspace)
        older = await asyncio.to_thread(self._history.load)
        self._sent[:0] = older
        self._screen.composer.set_history(self._sent)
        store = DraftStore(launch.state_dir, launch.workspace)
        self._drafts = DraftKeeper(store, self._warn_unsaved)
        await self._restore(self._drafts)

    async def _restore(self, drafts: DraftKeeper) -> None:
        left = await drafts.take_over()
        composer = self._screen.composer
        texts = [each.draft.text for each in left if each.draft.text.strip()]
        waiting = [prompt for each in left for prompt in each.waiting.queue]
        for each in left:
            composer.folds.restore(each.draft.folds)
            self.tray.attach(*each.waiting.attachments)
        if texts:
            composer.load_draft("\n\n".join([*texts, *filter(str.strip, [composer.text])]))
        for prompt in waiting:
            self.queue.add(prompt, is_held=True)
        self.draft_changed()
        await drafts.forget_taken()
        if texts or waiting:
            prompts = f"{counted(len(waiting), 'prompt')} that waited" if waiting else ""
            what = " and ".join(filter(None, ("your draft" if texts else "", prompts)))
            again = "is" if not waiting or (len(waiting) == 1 and not texts) else "are"
            self._screen.notice(
                f"From the last time, {what} {again} back."
                + (" Up walks to what waits; nothing is sent by itself." if waiting else "")
            )

    def _warn_unsaved(self, fault: str) -> None:
        self._screen.warn(
            f"What you write is not kept before it is sent: {fault}."
            f" Drafts belong in {self._launch.state_dir}; until they can be written there, send or"
            " copy what you need before you leave."
        )

    async def close(self) -> None:
        self.commands.stop()
        if self._editing is not None:
            self._editing.cancel()
            await asyncio.wait([self._editing])
        if self._drafts is not None:
            await self._drafts.close()

    async def gather_paths(self) -> PathIndex:
        from vtcode_tui.workspace.path_index import gather_paths

        files = await self._screen.bench.files()
        return await asyncio.to_thread(gather_paths, files.gate, self._launch.environ)

    # --- sending --------------------------------------------------------------------------------

    def remember(self, text: str) -> None:
        """Add a sent prompt to the history for Up and Ctrl+R."""
        if self._sent[-1:] == [text]:
            return
        self._sent.append(text)
        history = self._history
        if history is not None:
            known = self._screen.bench.secrets.values
            self._screen.in_worker(lambda: asyncio.to_thread(history.add, text, known))

    def submit(self, text: str, *, is_now: bool = False) -> None:
        """Send a prompt or queue it; with ``is_now`` it goes into the running turn."""
        if text.startswith("!"):
            self._enqueue(UserInput(text), is_now=False)
        elif mentions_in(text) or self.tray.attached or self._reading.locked():
            self._screen.in_worker(lambda: self._read_and_send(text, is_now=is_now))
        else:
            self._enqueue(UserInput(text), is_now=is_now)

    async def _read_and_send(self, text: str, *, is_now: bool) -> None:
        """Read the mentioned files and send; concurrent prompts keep their order."""
        async with self._reading:
            try:
                self.tray.check_pictures(self.tray.attached)
                mentioned = await self.tray.read_mentions(self._screen.app, text)
            except VtcodeError as error:
                self._give_back(text)
                self._screen.warn(
                    f"{error}\nNothing was sent: your prompt is back. Change or leave out what it names."
                )
                return
            prompt = UserInput(text, (*mentioned, *self.tray.take_all()))
        self._enqueue(prompt, is_now=is_now)

    def _enqueue(self, prompt: UserInput, *, is_now: bool) -> None:
        agent = self._screen.bench.agent
        self.queue.add(prompt)
        if is_now and agent is not None and agent.steer(prompt):
            self.queue.steer(len(self.queue) - 1)
        elif not self._screen.is_turn_running:
            self._screen.in_worker(self._screen.run_turns)

    def _give_back(self, text: str) -> None:
        """Put an unsent prompt back into the composer, before the current text."""
        composer = self._screen.composer
        composer.load_draft("\n\n".join(filter(str.strip, [text, composer.text])))

    def give_back_all(self) -> None:
        """Put all queued prompts back: no model was chosen."""
        for waiting in reversed(self.queue.take_all()):
            self.give_back(waiting.input)

    def give_back(self, prompt: UserInput) -> None:
        self._give_back(prompt.text)
        self.tray.attach(*_unmentioned(prompt))

    def take(self, event: Event) -> None:
        """Track what happens to sent prompts."""
        match event:
            case TurnSteered(prompt, attachments):
                self.queue.steered(UserInput(prompt, attachments))
            case TurnFinished(end=end):
                agent = self._screen.bench.agent
                if agent is not None:
                    agent.take_unsent()
                if end in (TurnEnd.CANCELLED, TurnEnd.FAILED):
                    self.queue.hold_all()
                else:
                    self.queue.take_back_steering()
            case _:
                pass

    # --- waiting prompts ------------------------------------------------------------------------

    def leave_composer(self, key: str) -> None:
        """Handle a key that left the composer at its beginning."""
        if key == "backspace":
            self.tray.remove_last()
        elif key == "up" and len(self.queue):
            self._screen.queue_view.choose_last()
            self._screen.queue_view.focus()
        elif key == "send" and len(self.queue):
            self._send(0)

    def change_waiting(self, what: str, index: int) -> None:
        """Edit, remove or send a queued prompt."""
        if index >= len(self.queue):
            return
        if what == "send":
            self._send(index)
        elif self._recall(index):
            prompt = self.queue.take(index).input
            if what == "edit":
                self.give_back(prompt)
                self._screen.composer.focus()

    def _recall(self, index: int) -> bool:
        """Take a steering prompt back from the agent; return whether it was still unsent."""
        waiting, agent = self.queue.prompts[index], self._screen.bench.agent
        if not waiting.is_steering or agent is None:
            return True
        unsent = list(agent.take_unsent())
        is_unsent = waiting.input in unsent
        if is_unsent:
            unsent.remove(waiting.input)
        for each in unsent:
            agent.steer(each)
        return is_unsent

    def _send(self, index: int) -> None:
        waiting, agent = self.queue.prompts[index], self._screen.bench.agent
        if waiting.is_steering:
            return
        if not waiting.is_command and agent is not None and agent.steer(waiting.input):
            self.queue.steer(index)
            return
        self.queue.release(index)
        if not self._screen.is_turn_running:
            self._screen.in_worker(self._screen.run_turns)

    # --- other input ----------------------------------------------------------------------------

    async def edit_draft(self) -> None:
        from vtcode_tui.tui.external_editor import edit_text

        composer = self._screen.composer
        before = composer.expanded()
        self._editing = asyncio.current_task()
        try:
            text = await edit_text(self._screen.app, before, self._launch, self._keep_edited)
        finally:
            self._editing = None
        if text != before:
            composer.load_draft(text)

    def _keep_edited(self, text: str) -> None:
        if self._drafts is not None and text != self._screen.composer.expanded():
            self._drafts.draft_changed(Draft(text))

    def keep_late(self, text: str) -> None:
        """Save text that was typed after the composer is gone."""
        if self._drafts is not None:
            self._drafts.add_to_draft(clean_input(text))

    async def search_history(self) -> None:
        from vtcode_tui.tui.history_search import HistorySearch

        if not self._sent:
            self._screen.notice("No prompt was sent in this folder yet.")
            return
        picked = await ask_screen(self._screen.app, HistorySearch(self._sent))
        if picked is not None:
            self._screen.composer.recall(picked)

    async def attach_paste(self, text: str) -> None:
        """Attach a paste that looks like an image; if it is not one, insert it as text."""
        try:
            is_attached = await self.tray.attach_pasted_image(text)
        except VtcodeError:
            self._screen.composer.insert_paste(text)
            raise
        if not is_attached:
            self._screen.composer.insert_paste(text)

    # --- display and drafts ---------------------------------------------------------------------

    def draft_changed(self) -> None:
        composer = self._screen.composer
        text = composer.text
        self.tray.text_changed("" if text.startswith("!") else text)
        self._chips_changed()
        if self._drafts is not None:
            self._drafts.draft_changed(Draft(text, composer.folds.in_text(text)))

    def remove_chip(self, key: str) -> None:
        mention = self.tray.remove(key)
        if mention is not None:
            composer = self._screen.composer
            text = composer.text
            rest = text[mention.end :].removeprefix(" ")
            composer.load_draft(text[: mention.start] + rest)

    def _chips_changed(self) -> None:
        composer = self._screen.composer
        text = composer.text
        hint = _COMMAND_HINT if text.startswith("!") else ""
        if not hint and composer.folds.in_text(text):
            hint = _FOLD_HINT
        self._screen.chip_bar.show(self.tray.chips(), hint)
        self._join()
        self._keep_waiting()

    def _queue_changed(self) -> None:
        if not self._is_taken_at_once():
            self._screen.queue_view.show(self.queue.prompts)
            self._screen.composer.has_waiting_prompts = bool(self.queue.prompts)
            self._join()
        self._keep_waiting()

    def _is_taken_at_once(self) -> bool:
        """Whether the only queued prompt is sent at once: showing it would shift the layout for a
        moment."""
        has_taker = self._screen.bench.agent is not None and not self._screen.is_turn_running
        return has_taker and len(self.queue) == 1 and self.queue.next is not None

    def _join(self) -> None:
        """Join the composer visually with the chips and the queue above it."""
        chip_bar, composer = self._screen.chip_bar, self._screen.composer
        has_queue = bool(self.queue.prompts)
        chip_bar.set_class(has_queue, "-joined")
        composer.set_class(has_queue or bool(chip_bar.display), "-joined")

    def _keep_waiting(self) -> None:
        if self._drafts is not None:
            prompts = tuple(each.input for each in self.queue.prompts)
            self._drafts.waiting_changed(Waiting(prompts, self.tray.attached))


def _unmentioned(prompt: UserInput) -> tuple[Attachment, ...]:
    """The attachments that are not mentions in the prompt's text."""
    named = {path for each in mentions_in(prompt.text) for path in each.paths}
    return tuple(each for each in prompt.attachments if each.name not in named)
