"""The chat screen's actions for reading the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on

from vtcode_tui.tui.actions import Action, keys_in_words
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.chat_flows import ChatFlows
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.reading_pane import ReadingPane
from vtcode_tui.tui.transcript_view import TranscriptView

if TYPE_CHECKING:
    from vtcode_tui.tui.link_screen import LinkAnswer

_MOUSE_RELEASED = "the terminal has the mouse · {key} takes it back"


class ReadingActions(ChatFlows):
    """Acts on the screen's reading pane."""

    actions: tuple[Action, ...]
    _selected_before = ""

    @property
    def pane(self) -> ReadingPane:
        return self.query_one(ReadingPane)

    def action_find(self, text: str = "") -> None:
        self.pane.bar.open(text)

    def action_page_up(self) -> None:
        self.pane.transcript.action_page_up()

    def action_page_down(self) -> None:
        self.pane.transcript.action_page_down()

    def action_go_to_end(self) -> None:
        self.pane.transcript.follow()

    def action_previous_prompt(self) -> None:
        self.pane.transcript.go_to_prompt(-1)

    def action_next_prompt(self) -> None:
        self.pane.transcript.go_to_prompt(1)

    def action_toggle_thinking(self) -> None:
        self.pane.transcript.action_toggle_thinking()

    def action_copy(self, what: str = "") -> None:
        """Copy the last answer, or a code block of it."""
        if what.strip().lower() == "code":
            self.pane.transcript.action_copy_code()
        else:
            self.pane.transcript.action_copy_answer()

    # --- copying ------------------------------------------------------------------------------

    @on(TranscriptView.CopyWanted)
    def _copy(self, message: TranscriptView.CopyWanted) -> None:
        message.stop()
        if message.text:
            self.copy(message.text, message.what)
        else:
            self.tell(f"There is no {message.what} to copy.")

    @on(events.TextSelected)
    @on(TranscriptView.TextMarked)
    def _copy_selected(self) -> None:
        """Copy a mouse selection at once, unless that is configured off."""
        text = self.get_selected_text() or ""
        is_new, self._selected_before = text != self._selected_before, text
        if text.strip() and is_new and self.launch.loaded.settings.ui.copy_on_select:
            self.copy(text, "")

    def copy(self, text: str, what: str) -> None:
        from vtcode_tui.tui.copying import copy_text

        self.in_worker(lambda: copy_text(self.app, text, what, self.launch.environ, self.tell))

    @on(ReadingPane.SearchEnded)
    def _focus_prompt(self) -> None:
        self.query_one(Composer).focus()

    # --- editor, links, mouse -------------------------------------------------------------------

    @on(TranscriptView.EditWanted)
    def _edit(self, message: TranscriptView.EditWanted) -> None:
        """Show a text in the editor; edits are discarded, since the conversation is a record."""

        async def flow() -> None:
            from vtcode_tui.tui.external_editor import edit_text

            await edit_text(self.app, message.text, self.launch)

        message.stop()
        self.in_worker(flow)

    @on(TranscriptView.LinksWanted)
    def _ask_about_links(self, message: TranscriptView.LinksWanted) -> None:
        from vtcode_tui.tui.link_screen import host_of

        message.stop()
        urls = tuple(url for url in message.urls if host_of(url))
        if not urls:
            self.tell("There is no web address in this block.")
            return
        self.in_worker(lambda: self._open_link(urls))

    async def _open_link(self, urls: tuple[str, ...]) -> None:
        from vtcode_tui.tui.browser import open_or_copy
        from vtcode_tui.tui.link_screen import LinkScreen

        answer: LinkAnswer | None = await ask_screen(self.app, LinkScreen(urls))
        if answer is None:
            return
        what, url = answer
        if what == "copy":
            self.copy(url, "address")
        else:
            await open_or_copy(self.app, url, self.launch.environ, self.tell)

    def action_release_mouse(self) -> None:
        """Release the mouse to the terminal for its own selection, or capture it again."""
        driver = self.app._driver
        disable = getattr(driver, "_disable_mouse_support", None)
        enable = getattr(driver, "_enable_mouse_support", None)
        if driver is None or disable is None or enable is None:
            self.notice(
                "The mouse cannot be given to the terminal here. In most terminals Shift and the mouse"
                " select past the app."
            )
            return
        sign = self.pane.sign
        if sign.mouse_note:
            driver._mouse = True
            enable()
            sign.mouse_note = ""
            return
        disable()
        # Otherwise the driver would enable it again after an editor had the terminal.
        driver._mouse = False
        sign.mouse_note = _MOUSE_RELEASED.format(key=self._key_of("release_mouse"))

    def _key_of(self, name: str) -> str:
        return next((keys_in_words(each) for each in self.actions if each.name == name), "")
