"""The messages of one conversation, kept valid for the server whatever happens to a turn.

An Ollama server renders calls and results through the model's template: a call without a result
confuses the model, so every call gets one, also when it was never run.
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
    """An append-only list of messages without the system prompt, which is made for each request."""

    def __init__(self, messages: tuple[Message, ...] = ()) -> None:
        self._messages: list[Message] = list(messages)

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(self._messages)

    def add_prompt(self, prompt: UserInput) -> None:
        self._messages.append(user_message(prompt.text, prompt.attachments))

    def add_answer(self, message: AssistantMessage) -> None:
        """Add a whole or partial answer; one with nothing in it is left out."""
        if message.content or message.thinking or message.tool_calls:
            self._messages.append(message)

    def add_result(self, call_id: str, tool_name: str, content: str) -> None:
        self._messages.append(ToolResultMessage(call_id, tool_name, content))

    def drop_partial_answer(self) -> None:
        """Take back an answer at the end that another try takes the place of."""
        drop_partial_answer(self._messages)

    def drop_last_pictures(self) -> bool:
        """Take the pictures out of the last message that has some; whether there was one."""
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
        """Whether the model has the next word."""
        return bool(self._messages) and not isinstance(self._messages[-1], AssistantMessage)

    def replace(self, messages: tuple[Message, ...]) -> None:
        """Go on with ``messages`` in place of what was there, after a compaction."""
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
