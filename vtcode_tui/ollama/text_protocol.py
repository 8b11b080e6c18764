"""A protocol for tools in plain text, for models whose template has no tools. Pure.

An Ollama server renders ``tools``, calls and results only if the model's template supports them,
and answers 400 to ``tools`` otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.ollama.call_words import signature
from vtcode_tui.ollama.types import ToolSpec

_RESULT_END = re.compile(r"</(?=tool_result\b)", re.IGNORECASE)
_HOW = """\
You have tools. To call one, end your reply with exactly this form and write nothing after it:
<tool_call>
{"name": "TOOL", "arguments": {"PARAMETER": "VALUE"}}
</tool_call>
Then stop: the result comes in the next message, in <tool_result>. Never write a result yourself.
Tools (? marks what may be left out):"""
_FORCED = """\
Answer with one call of a tool, as JSON: {"name": "TOOL", "arguments": {"PARAMETER": "VALUE"}}
Tools (? marks what may be left out):"""


def tools_in_words(tools: Sequence[ToolSpec]) -> str:
    """The part of the system prompt that describes the tools and how to call them."""
    return "\n".join([_HOW, *(f"- {signature(tool)}" for tool in tools)])


def forced_call_in_words(tools: Sequence[ToolSpec]) -> str:
    """The same for a reply that is constrained to the schema of a call."""
    return "\n".join([_FORCED, *(f"- {signature(tool)}" for tool in tools)])


def call_in_words(call: ToolCall) -> str:
    written = json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)
    return f"<tool_call>\n{written}\n</tool_call>"


def messages_in_words(messages: Iterable[Message]) -> tuple[Message, ...]:
    """The messages with calls and results as text: one user message for the results of one reply.

    A prefix of the messages that ends before a result gives a prefix of the outcome.
    """
    worded: list[Message] = []
    follows_result = False
    for message in messages:
        match message:
            case ToolResultMessage():
                result = _result_in_words(message)
                if follows_result and isinstance(last := worded[-1], UserMessage):
                    worded[-1] = replace(last, content=f"{last.content}\n{result}")
                else:
                    worded.append(UserMessage(result))
            case AssistantMessage(content=content, tool_calls=calls) if calls:
                text = "\n".join(part for part in (content, *map(call_in_words, calls)) if part)
                worded.append(replace(message, content=text, tool_calls=()))
            case _:
                worded.append(message)
        follows_result = isinstance(message, ToolResultMessage)
    return tuple(worded)


def with_system_words(messages: Sequence[Message], words: str) -> tuple[Message, ...]:
    """The messages with ``words`` appended to their system prompt, or as a new one."""
    match messages:
        case [SystemMessage(content=content), *rest]:
            return (SystemMessage(f"{content}\n\n{words}"), *rest)
        case _:
            return (SystemMessage(words), *messages)


def _result_in_words(message: ToolResultMessage) -> str:
    """A result in its frame, which the result's text cannot close."""
    content = _RESULT_END.sub("<\\\\/", message.content)
    return f'<tool_result name="{message.tool_name}">\n{content}\n</tool_result>'
