"""The conversation with the search bar and the sign of more content below."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from vtcode_tui.tui.find_bar import FindBar
from vtcode_tui.tui.reading_sign import ReadingSign
from vtcode_tui.tui.transcript_view import TranscriptView


class ReadingPane(Vertical):
    """``clock`` gives monotonic seconds; ``hints`` are the lines of an empty conversation."""

    DEFAULT_CSS = """
    ReadingPane { height: 1fr; }
    ReadingPane TranscriptView { height: 1fr; }
    """

    class SearchEnded(Message):
        """The search ended: the focus can return to the prompt."""

    def __init__(self, *, clock: Callable[[], float], hints: tuple[str, ...]) -> None:
        super().__init__()
        self.transcript = TranscriptView(clock=clock)
        self.transcript.hints = hints

    def compose(self) -> ComposeResult:
        yield self.transcript
        yield ReadingSign()
        yield FindBar()

    @property
    def bar(self) -> FindBar:
        return self.query_one(FindBar)

    @property
    def sign(self) -> ReadingSign:
        return self.query_one(ReadingSign)

    def end_search(self) -> bool:
        """Close the search; return whether there was one."""
        if not self.bar.is_open:
            return False
        was_in_bar = not self.transcript.has_focus
        self.bar.close()
        self.transcript.end_search()
        if was_in_bar:
            self.post_message(self.SearchEnded())
        return True

    @on(FindBar.Wanted)
    def _find(self, message: FindBar.Wanted) -> None:
        message.stop()
        self.transcript.find(message.query)

    @on(FindBar.Stepped)
    def _step(self, message: FindBar.Stepped) -> None:
        message.stop()
        self.transcript.step_match(message.step)

    @on(FindBar.Left)
    def _walk(self, message: FindBar.Left) -> None:
        message.stop()
        self.transcript.focus()

    @on(FindBar.Closed)
    def _close(self, message: FindBar.Closed) -> None:
        message.stop()
        self.end_search()

    @on(TranscriptView.SearchLeft)
    def _left(self, message: TranscriptView.SearchLeft) -> None:
        message.stop()
        self.end_search()

    @on(TranscriptView.Searched)
    def _searched(self, message: TranscriptView.Searched) -> None:
        message.stop()
        self.bar.show_count(message.number, message.total, is_complete=message.is_complete)

    @on(TranscriptView.FollowingChanged)
    def _following_changed(self, message: TranscriptView.FollowingChanged) -> None:
        self.sign.is_following = message.is_following
        self.sign.has_new_below = message.has_new_below

    @on(ReadingSign.Clicked)
    def _go_to_end(self, message: ReadingSign.Clicked) -> None:
        message.stop()
        self.transcript.follow()
