"""Separates thinking, answer and text calls in the content of a streaming reply. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vtcode_tui.ollama.hold_back import HoldBack
from vtcode_tui.ollama.text_calls import TextReply, read_text_calls
from vtcode_tui.ollama.think_tags import ThinkTagSplitter
from vtcode_tui.ollama.types import ContentPart, ThinkingPart, ToolSpec


class ReplyText:
    """``tools`` are the offered tools; without any, no call is looked for.

    The output of ``feed`` and ``finish`` may be shown. It is a prefix of the content and contains
    no call, unless one was longer than is held back.
    """

    def __init__(self, tools: Sequence[ToolSpec] = ()) -> None:
        self._tools = tools
        self._tags = ThinkTagSplitter()
        self._hold_back = HoldBack(tool.name for tool in tools)
        self._content: list[str] = []
        self._shown_size = 0

    @property
    def content(self) -> str:
        """All content so far, without thinking."""
        return "".join(self._content)

    def thinks_apart(self) -> None:
        """The server separates thinking itself, so tags in the content are text."""
        self._tags.pass_on()

    def feed(self, text: str) -> list[ThinkingPart | ContentPart]:
        return self._passed(self._tags.feed(text))

    def finish(self, *, reads_calls: bool) -> tuple[list[ThinkingPart | ContentPart], TextReply]:
        """The remaining text and the parsed reply. ``reads_calls`` is False for a truncated reply."""
        parts = self._passed(self._tags.finish())
        result = read_text_calls(self.content, self._tools if reads_calls else ())
        rest = result.text[self._shown_size :]
        return ([*parts, ContentPart(rest)] if rest else parts), result

    def _passed(
        self, parts: Iterable[ThinkingPart | ContentPart]
    ) -> list[ThinkingPart | ContentPart]:
        passed: list[ThinkingPart | ContentPart] = []
        for part in parts:
            match part:
                case ThinkingPart():
                    passed.append(part)
                case ContentPart(text):
                    self._content.append(text)
                    shown = self._hold_back.feed(text)
                    self._shown_size += len(shown)
                    if shown:
                        passed.append(ContentPart(shown))
        return passed
