"""The content of one reply while it streams: thinking out of its tags, calls out of the text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vtcode_tui.ollama.hold_back import HoldBack
from vtcode_tui.ollama.text_calls import TextReply, read_text_calls
from vtcode_tui.ollama.think_tags import ThinkTagSplitter
from vtcode_tui.ollama.types import ContentPart, ThinkingPart, ToolSpec


class ReplyText:
    """``tools`` are those that were offered; without any, no call is looked for.

    What ``feed`` and ``finish`` give is to be shown. It is always a beginning of the content, and no
    more than the answer unless a call was longer than any is held back for.
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
        """The server parts the thinking from the content itself."""
        self._tags.pass_on()

    def feed(self, text: str) -> list[ThinkingPart | ContentPart]:
        return self._passed(self._tags.feed(text))

    def finish(self, *, reads_calls: bool) -> tuple[list[ThinkingPart | ContentPart], TextReply]:
        """The rest, and what it all was. ``reads_calls`` is False for a reply that was cut off."""
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
