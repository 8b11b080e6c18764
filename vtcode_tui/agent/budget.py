"""How full the context window is: the server's own counts where it reported them, else an estimate.

Remembers only the last count.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from vtcode_tui.conversation.events import Usage
from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.types import ToolSpec

_CHARACTERS_PER_TOKEN = 3.5
_TOKENS_PER_MESSAGE = 6
_CUT_SLACK = 2
_ENOUGH_CHARACTERS = 2_000
_CHARACTERS_PER_IMAGE = 3_500
"""A picture is about a thousand tokens to the models of today."""


@dataclass(frozen=True, slots=True)
class Fill:
    """``tokens`` in the window; ``is_exact`` if the server counted all of them."""

    tokens: int
    is_exact: bool


class TokenGauge:
    """Counts the tokens of a conversation. ``characters_per_token`` follows the model in use."""

    def __init__(self) -> None:
        self._characters_per_token = _CHARACTERS_PER_TOKEN
        self._counted_messages = 0
        self._counted_tokens = 0

    def estimate(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> int:
        """About how many tokens the messages and the tools take."""
        characters = sum(map(characters_of, messages)) + characters_of_tools(tools)
        return int(characters / self._characters_per_token) + _TOKENS_PER_MESSAGE * len(messages)

    def characters_in(self, tokens: int) -> int:
        """About how many characters ``tokens`` tokens are."""
        return int(tokens * self._characters_per_token)

    def fill(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> Fill:
        """The fill of the window if ``messages`` were sent now."""
        counted = self._counted_messages
        if not counted or counted > len(messages):
            return Fill(self.estimate(messages, tools), is_exact=False)
        rest = messages[counted:]
        return Fill(self._counted_tokens + self.estimate(rest), is_exact=not rest)

    def count(self, sent: Sequence[Message], usage: Usage, tools: Sequence[ToolSpec] = ()) -> None:
        """Record the server's count for ``sent`` and the reply to it."""
        if not usage.prompt_tokens:
            return
        characters = sum(map(characters_of, sent)) + characters_of_tools(tools)
        if characters > _ENOUGH_CHARACTERS:
            # A ratio outside these bounds is a cut or a cache, not a way of writing.
            ratio = characters / usage.prompt_tokens
            self._characters_per_token = min(6.0, max(1.5, ratio))
        self._counted_messages = len(sent) + 1
        self._counted_tokens = usage.prompt_tokens + (usage.output_tokens or 0)

    def forget(self) -> None:
        """Drop the count: the messages were replaced."""
        self._counted_messages = self._counted_tokens = 0


def was_cut(usage: Usage, num_ctx: int | None) -> bool:
    """Whether the server truncated the prompt: Ollama truncates to half the window plus two tokens."""
    if num_ctx is None or usage.prompt_tokens is None:
        return False
    return abs(usage.prompt_tokens - (num_ctx // 2 + 2)) <= _CUT_SLACK


def characters_of(message: Message) -> int:
    """The characters of a message that a model reads."""
    match message:
        case UserMessage(content, images):
            return len(content) + _CHARACTERS_PER_IMAGE * len(images)
        case SystemMessage(content) | ToolResultMessage(_, _, content):
            return len(content)
        case AssistantMessage(content, thinking, calls):
            written = sum(len(call.name) + len(call.canonical_arguments()) for call in calls)
            return len(content) + len(thinking) + written


def characters_of_tools(tools: Sequence[ToolSpec]) -> int:
    """The characters of the tools as a server renders them for a model, as JSON."""
    return sum(len(json.dumps(tool.to_json())) for tool in tools)
