"""The messages of one conversation, kept valid for the server whatever happens to a turn.

A model's template renders each call with its result, and a call without one confuses the model. So
every call gets a result, even if it never ran.
"""

from __future__ import annotations

from dataclasses import replace

from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.conversation.prompts import UserInput, user_message
from vtcode_tui.session.history import drop_partial_answer


class History:
    """An append-only list of messages, without the system prompt (which each request adds)."""

    def __init__(self, messages: tuple[Message, ...] = ()) -> None:
        self._messages: list[Message] = list(messages)

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(self._messages)

    def add_prompt(self, prompt: UserInput) -> None:
        self._messages.append(user_message(prompt.text, prompt.attachments))

    def add_answer(self, message: AssistantMessage) -> None:
        """Add a complete or partial answer; an empty one is not added."""
        if message.content or message.thinking or message.tool_calls:
            self._messages.append(message)

    def add_result(self, call_id: str, tool_name: str, content: str) -> None:
        self._messages.append(ToolResultMessage(call_id, tool_name, content))

    def drop_partial_answer(self) -> None:
        """Remove a partial answer from the end, because it will be requested again."""
        drop_partial_answer(self._messages)

    def drop_last_pictures(self) -> bool:
        """Remove the images from the last message that has any; return whether there was one."""
        for index in reversed(range(len(self._messages))):
            message = self._messages[index]
            if isinstance(message, UserMessage) and message.images:
                self._messages[index] = replace(message, images=())
                return True
        return False

    @property
    def last_prompt(self) -> str | None:
        prompts = (each for each in reversed(self._messages) if isinstance(each, UserMessage))
        last = next(prompts, None)
        return last.content if last is not None else None

    @property
    def waits_for_an_answer(self) -> bool:
        """Whether the next message has to come from the model."""
        return bool(self._messages) and not isinstance(self._messages[-1], AssistantMessage)

    def replace(self, messages: tuple[Message, ...]) -> None:
        """Replace all messages, after a compaction."""
        self._messages = list(messages)

    def clear(self) -> None:
        self._messages.clear()

    def unanswered_calls(self) -> tuple[tuple[str, str], ...]:
        """``(call_id, tool name)`` of each call that has no result yet, in order."""
        open_calls: list[tuple[str, str]] = []
        for message in self._messages:
            match message:
                case AssistantMessage():
                    open_calls = [(call.call_id, call.name) for call in message.tool_calls]
                case ToolResultMessage():
                    pair = (message.call_id, message.tool_name)
                    if pair in open_calls:
                        open_calls.remove(pair)
                case _:
                    open_calls = []
        return tuple(open_calls)
