"""Reconstructs the messages from a session's events, and makes messages valid for the server. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vtcode_tui.conversation.events import (
    Event,
    StepFinished,
    ToolCallFinished,
    TurnStarted,
    TurnSteered,
)
from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    ToolResultMessage,
)
from vtcode_tui.conversation.prompts import user_message

_FIRST_WORDS = 200

LOST_RESULT = "The result of this call was lost. Check what it did before you repeat it."


class HistoryBuilder:
    """Consumes a session's events and builds the agent's history."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self.messages: list[Message] = list(messages)
        self._tool_names: dict[str, str] = {}

    def take(self, event: Event) -> None:
        match event:
            case TurnStarted(is_retry=True):
                drop_partial_answer(self.messages)
            case (
                TurnStarted(prompt=prompt, attachments=attached)
                | TurnSteered(prompt=prompt, attachments=attached)
            ):
                self.messages.append(user_message(prompt, attached))
            case StepFinished(message=message):
                if message.content or message.thinking or message.tool_calls:
                    self.messages.append(message)
                for call in message.tool_calls:
                    self._tool_names[call.call_id] = call.name
            case ToolCallFinished(call_id=call_id, result=result):
                name = self._tool_names.pop(call_id, None)
                if name is not None:
                    self.messages.append(ToolResultMessage(call_id, name, result.content))
            case _:
                pass

    def correct(self, messages: Sequence[Message]) -> int | None:
        """Replace messages that differ from ``messages``; return how many are equal, None for all."""
        if self.messages == list(messages):
            self.messages = list(messages)
            return None
        pairs = zip(self.messages, messages, strict=False)
        same = next((at for at, (mine, other) in enumerate(pairs) if mine != other), None)
        self.messages, before = list(messages), len(self.messages)
        return min(before, len(messages)) if same is None else same

    def replace_from(self, keep: int, messages: Iterable[Message]) -> None:
        """Keep the first ``keep`` messages and append ``messages``."""
        self.messages[keep:] = messages


def drop_partial_answer(messages: list[Message]) -> None:
    """``messages`` without a partial answer at the end, before a retry."""
    if messages and isinstance(messages[-1], AssistantMessage) and not messages[-1].tool_calls:
        messages.pop()


def made_valid(messages: Iterable[Message]) -> tuple[Message, ...]:
    """The messages with exactly one result after each call, as a server expects.

    Missing results are added; results without a call are dropped.
    """
    valid: list[Message] = []
    waiting: dict[str, str] = {}
    for message in messages:
        if isinstance(message, ToolResultMessage):
            if waiting.pop(message.call_id, None) is not None:
                valid.append(message)
            continue
        valid += _lost(waiting)
        calls = message.tool_calls if isinstance(message, AssistantMessage) else ()
        waiting = {call.call_id: call.name for call in calls}
        valid.append(message)
    valid += _lost(waiting)
    return tuple(valid)


def _lost(waiting: dict[str, str]) -> list[Message]:
    return [ToolResultMessage(call_id, name, LOST_RESULT) for call_id, name in waiting.items()]


def first_words(prompt: str) -> str:
    """The beginning of a prompt in one line, as untrusted as the prompt."""
    return " ".join(prompt[: 4 * _FIRST_WORDS].split())[:_FIRST_WORDS]
