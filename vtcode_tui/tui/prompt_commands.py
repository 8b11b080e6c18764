"""The chat screen's handling of prompts: messages of the composer, and prompt actions."""

from __future__ import annotations

from textual import events, on
from textual.widgets import TextArea

from vtcode_tui.errors import VtcodeError
from vtcode_tui.tui import commands
from vtcode_tui.tui.actions import READING
from vtcode_tui.tui.chat_flows import ChatFlows
from vtcode_tui.tui.chips import ChipBar
from vtcode_tui.tui.completion import CompletionPopup
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.hints import TOLD_S, HintLine
from vtcode_tui.tui.mentions import MentionCompleter
from vtcode_tui.tui.prompt_desk import PromptDesk
from vtcode_tui.tui.prompt_queue import WaitingPrompt
from vtcode_tui.tui.queue_view import QueueView
from vtcode_tui.tui.transcript_view import TranscriptView


class PromptCommands(ChatFlows):
    """Declares what it needs of the screen here and in ChatFlows; the screen provides it."""

    prompts: PromptDesk

    def run_command(self, text: str) -> None:
        raise NotImplementedError

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def chip_bar(self) -> ChipBar:
        return self.query_one(ChipBar)

    @property
    def queue_view(self) -> QueueView:
        return self.query_one(QueueView)

    def tell(self, text: str, for_s: float = TOLD_S) -> None:
        for line in self.query(HintLine):
            line.tell(text, for_s)

    def on_key(self, event: events.Key) -> None:
        """Put a letter that the transcript does not use into the composer."""
        if not event.is_printable or not event.character or event.key in self.active_bindings:
            return
        if self._is_beside_composer() or self.focused is self.composer:
            event.stop()
            self.set_focus(self.composer)
            self.composer.insert_typed_ahead(event.character)

    def on_paste(self, event: events.Paste) -> None:
        if self._is_beside_composer():
            event.stop()
            self.set_focus(self.composer)
            self.composer.insert_paste(event.text)

    def _is_beside_composer(self) -> bool:
        return isinstance(self.focused, TranscriptView | QueueView)

    def mention_completer(self) -> MentionCompleter:
        """Completes paths of the workspace in the composer."""
        return MentionCompleter(
            self.prompts.gather_paths,
            lambda work: self.run_worker(work, exit_on_error=False),
            self.composer.completions.changed,
        )

    @on(CompletionPopup.Taken)
    def _take_completion(self, message: CompletionPopup.Taken) -> None:
        self.composer.take_completion(message)

    @on(Composer.Submitted)
    def _submitted(self, message: Composer.Submitted) -> None:
        self.submit(message.text, is_now=message.is_now)

    def take_next(self) -> WaitingPrompt | None:
        """Take the next queued prompt. Raises VtcodeError, with the prompt back in the composer, if
        it has an image that the current model cannot see; the prompt can be older than the model
        choice."""
        waiting = self.prompts.queue.take_next()
        if waiting is not None:
            try:
                self.prompts.tray.check_pictures(waiting.input.attachments)
            except VtcodeError:
                self.prompts.give_back(waiting.input)
                raise
        return waiting

    def submit_first(self, text: str) -> None:
        """Submit the prompt of the command line as if it had been typed; it may be empty."""
        if text:
            self.composer.remember(text)
            self.submit(text)

    def submit(self, text: str, *, is_now: bool = False) -> None:
        """Send a prompt, or run a slash command."""
        self.prompts.remember(text)
        transcript = self.query_one(TranscriptView)
        # Not if it follows already: that would render around the end and show the prompt a frame
        # later.
        if self._shows_at_end(text) and not transcript.is_following:
            transcript.follow()
        if commands.is_command(text):
            self.run_command(text)
        else:
            self.prompts.submit(text, is_now=is_now)

    def _shows_at_end(self, text: str) -> bool:
        """Whether the result of ``text`` is shown at once, and not after the running turn."""
        if commands.is_command(text):
            command = commands.find(text)
            return command is None or command.group is not READING
        return not self.is_turn_running

    @on(TextArea.Changed)
    def _draft_changed(self, message: TextArea.Changed) -> None:
        if message.text_area is self.composer:
            self.prompts.draft_changed()

    @on(Composer.ImagePasted)
    def _image_pasted(self, message: Composer.ImagePasted) -> None:
        self.in_worker(lambda: self.prompts.attach_paste(message.text))

    @on(Composer.Left)
    def _composer_left(self, message: Composer.Left) -> None:
        self.prompts.leave_composer(message.key)

    @on(ChipBar.Removed)
    def _chip_removed(self, message: ChipBar.Removed) -> None:
        self.prompts.remove_chip(message.key)
        self.composer.focus()

    @on(QueueView.Wanted)
    def _waiting_wanted(self, message: QueueView.Wanted) -> None:
        self.prompts.change_waiting(message.what, message.index)

    @on(QueueView.Left)
    def _queue_left(self) -> None:
        self.composer.focus()

    def action_edit_draft(self) -> None:
        self.in_worker(self.prompts.edit_draft)

    def action_search_history(self) -> None:
        self.in_worker(self.prompts.search_history)

    def action_paste_image(self) -> None:
        self.in_worker(self.prompts.tray.attach_clipboard)
