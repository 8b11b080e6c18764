"""Builds the prompt for the built-in model from a client's request. Pure.

The model is small and was not trained for chat: it continues a pattern. So it is shown a few
exchanges that resemble the request (in few_shot.jinja) and the running turn; without tools also the
last turns, which would otherwise be another pattern to continue. System prompts and tool
descriptions are left out: it cannot follow them, and reading them takes seconds. A prompt is
answered with a call, a tool's result with an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from vtcode_tui.conversation.messages import JsonObject, JsonValue
from vtcode_tui.embedded.chat_request import ChatOrder, WireMessage

RESULT_EXAMPLES = "result"
CHAT_EXAMPLES = "chat"
DIRECTORY_EXAMPLES = "list_files in a directory"

_VERBS: Mapping[str, str] = {
    verb: tool
    for tool, verbs in {
        "read_file": "read show open cat print display view",
        "list_files": "list ls files",
        "run_terminal_cmd": "run execute",
        "write_file": "create write make save add",
        "edit_file": "replace change edit rename",
        "search_files": "search find grep where",
    }.items()
    for verb in verbs.split()
}
_FILLERS = frozenset(
    ("please", "can", "could", "would", "you", "now", "then", "and", "the", "i", "want", "to", "me")
)
_QUESTIONS = frozenset(("what", "which", "what's", "whats"))
# Words of a prompt for a listing that name no directory.
_OF_A_LISTING = frozenset(
    (
        *("list", "ls", "show", "what", "which", "files", "all", "every", "are", "in", "of"),
        *("this", "here", "there", "directory", "folder", "project"),
    )
)
_NEED_A_PATH = frozenset(("write_file", "edit_file"))

# A second thought in one turn is a pattern run wild; the first has no newline before it.
_TURN_MARKS = ("### user", "### assistant", "### tool", "\n<think>")
_CALL_END = "</tool_call>"
_OUTPUT_TOKENS = 400
_MOST_OUTPUT_TOKENS = 2_000
_KEPT_TURNS = 2
_KEPT_CHARACTERS = 300
_RESULT_LINES = 5
_RESULT_LINE_CHARACTERS = 70


def completion_body(order: ChatOrder) -> bytes:
    """The request in llama.cpp's OpenAI format, streamed, as UTF-8 JSON.

    ``return_progress`` makes it report while it reads the prompt, so that a disconnected client is
    noticed then too.
    """
    examples = examples_for(order)
    wanted = "list_files" if examples == DIRECTORY_EXAMPLES else examples
    tools = [tool for tool in order.tools if _name_of(tool) == wanted]
    body: dict[str, JsonValue] = {
        "messages": _messages(order.messages, examples),
        "stream": True,
        "return_progress": True,
        "cache_prompt": True,
        "timings_per_token": True,  # An answer that is ended early has its counters, too.
        "max_tokens": _output_tokens(order.options.get("num_predict")),
        "temperature": 0,
        "repeat_penalty": 1.1 if examples == CHAT_EXAMPLES else 1.0,
        "stop": [*_TURN_MARKS, *([_CALL_END] if tools else []), *order.stop],
        "chat_template_kwargs": {
            "enable_thinking": order.thinks and order.answer_format is None,
            "examples": examples,
        },
        **{name: value for name, value in order.options.items() if name != "num_predict"},
    }
    if tools:
        body["tools"] = [dict(tool) for tool in tools]
        body["parallel_tool_calls"] = False
    elif order.answer_format is not None:
        body["response_format"] = _response_format(order.answer_format)
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def examples_for(order: ChatOrder) -> str:
    """The set of examples: ``result``, ``chat``, or the name of an offered tool.

    A listing of one directory has its own set: shown both, the model confuses them.
    """
    last = order.messages[-1]
    if last.role == "tool":
        return RESULT_EXAMPLES
    if last.role != "user" or order.answer_format is not None:
        return CHAT_EXAMPLES
    tool = tool_asked_for(last.content)
    if tool not in map(_name_of, order.tools):
        return CHAT_EXAMPLES
    names_a_directory = not _OF_A_LISTING.issuperset(_words(last.content))
    return DIRECTORY_EXAMPLES if tool == "list_files" and names_a_directory else tool


def tells_a_result(order: ChatOrder) -> bool:
    """Whether the answer should be one line, like in the examples."""
    return examples_for(order) == RESULT_EXAMPLES


def tool_asked_for(prompt: str) -> str:
    """The tool whose examples resemble ``prompt`` most, by its first verb; or empty."""
    words = _words(prompt)
    if not words:
        return ""
    first, is_about_files = words[0], "files" in words
    if first in _QUESTIONS:
        return "list_files" if is_about_files else "read_file" if "in" in words[:3] else ""
    if first == "in":
        return "edit_file" if "edit_file" in map(_VERBS.get, words) else ""
    tool = _VERBS.get(first, "")
    if tool in _NEED_A_PATH and not any("." in word or "/" in word for word in words):
        return ""
    return "list_files" if tool == "read_file" and is_about_files else tool


def _words(prompt: str) -> list[str]:
    """The significant words in lower case, without punctuation; of a long prompt only the first."""
    words = [word.strip("?!.,:;\"'`") for word in prompt.lower().split()[:200]]
    return [word for word in words if word and word not in _FILLERS]


def _messages(messages: Sequence[WireMessage], examples: str) -> list[JsonValue]:
    if examples == RESULT_EXAMPLES:
        return [{"role": "tool", "content": one_line(messages[-1].content)}]
    starts = [i for i, message in enumerate(messages) if message.role == "user"]
    if not starts:
        return [{"role": "user", "content": messages[-1].content}]
    running = starts[-1]
    kept_turns = min(_KEPT_TURNS, len(starts) - 1) if examples == CHAT_EXAMPLES else 0
    first = starts[-1 - kept_turns]
    earlier = [_shortened(message) for message in messages[first:running] if _counts(message)]
    now = [_as_sent(message, message.content) for message in messages[running:] if _counts(message)]
    return [*earlier, *now]


def _counts(message: WireMessage) -> bool:
    return message.role in ("user", "assistant", "tool")


def _shortened(message: WireMessage) -> JsonValue:
    content = message.content
    if message.role == "tool":
        content = one_line(content)
    elif len(content) > _KEPT_CHARACTERS:
        content = content[:_KEPT_CHARACTERS] + " ..."
    return _as_sent(message, content)


def _as_sent(message: WireMessage, content: str) -> JsonValue:
    sent: dict[str, JsonValue] = {"role": message.role, "content": content}
    if message.calls:
        sent["tool_calls"] = [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for number, (name, arguments) in enumerate(message.calls)
        ]
    return sent


def one_line(result: str) -> str:
    """The first lines of a tool's result joined into one, which a small model repeats reliably.

    The quotes around a docstring are left out.
    """
    plain = result[:4_000].replace('"""', "")
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0] == "[exit 0]":
        lines = lines[1:]
    return ", ".join(line[:_RESULT_LINE_CHARACTERS] for line in lines[:_RESULT_LINES])


def _output_tokens(asked: float | None) -> int:
    if asked is None or asked < 1:
        return _OUTPUT_TOKENS
    return min(int(asked), _MOST_OUTPUT_TOKENS)


def _response_format(answer_format: str | JsonObject) -> JsonValue:
    if isinstance(answer_format, str):
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"schema": dict(answer_format)}}


def _name_of(tool: JsonObject) -> str:
    function = tool.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else ""
