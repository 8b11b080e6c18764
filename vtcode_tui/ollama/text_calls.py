"""Tool calls that a model wrote as text. Pure, total, linear in the text.

An Ollama server hands a call on as content where the model has no tool template, and where the
model wrote it in another form than its template wants. Read are:

- a whole reply that is JSON: one call, a list of them, or one after the other
- the same in a code fence
- ``<tool_call>`` tags round JSON, or round the next form
- ``<function=name><parameter=path>...</parameter></function>``, as Qwen coder models write
- ``[TOOL_CALLS]`` before a list of calls, or before ``name[ARGS]{...}``, as Mistral models write

A quoted example must never run, so a call counts only where the reply ends with it. JSON without a
mark must be the whole reply. JSON in a fence may follow a few words, but no other fence. A mark may
follow any text that opens no fence round it. What the words right before call an example, and a mark
that is quoted, is none. What a model makes up after its call as the tool's result is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from vtcode_tui.conversation.messages import JsonObject, JsonValue
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama import tolerant_json
from vtcode_tui.ollama.call_fit import fit_arguments
from vtcode_tui.ollama.call_shapes import WrittenCall, calls_in, plain_name
from vtcode_tui.ollama.call_words import problem_words
from vtcode_tui.ollama.types import ToolSpec

CALLS_CAP = 32
MARKS = ("<tool_call>", "<function=", "[TOOL_CALLS]")
FENCE_KINDS = ("", "json", "tool_call", "tool_calls", "tool_code", "xml")

_STARTS_CAP = 16
_FLOOD = 4 * CALLS_CAP
FEW_WORDS_CAP = 400
_LAST_WORDS = 200
_EXAMPLE = re.compile(
    r"\b(?:for example|for instance|an example|examples? of|example:|e\.g\.|like this|sample call)",
    re.IGNORECASE,
)
_MARK = re.compile("|".join(re.escape(mark) for mark in MARKS))
_FENCE = re.compile(r"^ {0,3}```([A-Za-z_]*)[ \t]*$", re.MULTILINE)
_FENCE_END = re.compile(r"\s*+```")
_SPACE = re.compile(r"\s*+")
_END = re.compile(r"(?:\s|</s>|<end_of_turn>|<\|[a-z_]{1,30}\|>)*+")
_MADE_UP = re.compile(r"\s*+<(?:tool_response|tool_result|function_results?)\b")
_FUNCTION = re.compile(r"<function=([^<>\s]{1,200})>")
_PARAMETER = re.compile(r"\s*+<parameter=([^<>\s]{1,200})>")
_PARAMETER_END = re.compile(
    r"</parameter>(?=\s*+(?:<parameter=|</function>|</tool_call>|\Z))"
    r"|(?=</function>\s*+(?:</tool_call>|<tool_call>|<function=|\Z))"
)
_NAMED_ARGUMENTS = re.compile(r"\s*+([\w.:-]{1,200})(?:\[CALL_ID\][\w-]{1,100})?\[ARGS\]\s*+")
_NAME_IN_RUINS = re.compile(r'"(?:name|tool)"\s{0,20}:\s{0,20}"([\w.:-]{1,200})"')


@dataclass(frozen=True, slots=True)
class TextCall:
    """A parsed call. ``problem`` is empty if it may run, else a message for the model.

    ``repairs`` describe what was corrected.
    """

    name: str
    arguments: JsonObject
    problem: str = ""
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextReply:
    """A reply's ``text`` without its ``calls``. ``is_tagged``: they were in ``<tool_call>`` tags."""

    text: str
    calls: tuple[TextCall, ...] = ()
    is_tagged: bool = False


_Block: TypeAlias = tuple[list[WrittenCall], int]
"""The calls that begin at a place, and where they end."""


def read_text_calls(content: str, tools: Sequence[ToolSpec]) -> TextReply:
    """Parse the calls at the end of a complete reply. Never raises; without calls the text is
    unchanged."""
    if not tools:
        return TextReply(content)
    names = _Names(tools)
    found = _whole_json(content, names) or _fenced(content, names) or _marked(content)
    if found is None:
        return TextReply(content)
    start, written = found
    calls = tuple(names.call_of(call) for call in written[:CALLS_CAP])
    is_tagged = content.startswith("<tool_call>", start)
    return TextReply(content[:start].rstrip(), calls, is_tagged)


class _Names:
    """Looks up the offered tools by any spelling that models use."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._tools = tools
        self._exact = {tool.name: tool for tool in tools}
        self._plain: dict[str, ToolSpec | None] = {}
        for tool in tools:
            key = plain_name(tool.name)
            self._plain[key] = None if key in self._plain else tool

    def get(self, name: str) -> ToolSpec | None:
        return self._exact.get(name) or self._plain.get(plain_name(name))

    def call_of(self, written: WrittenCall) -> TextCall:
        tool = self.get(written.name)
        if tool is None or written.ruins:
            words = problem_words(written.name, self._tools, tool, ruins=written.ruins)
            return TextCall(tool.name if tool else written.name, {}, words)
        fit = fit_arguments(written.arguments, tool.parameters)
        if fit.problem:
            words = problem_words(tool.name, self._tools, tool, misfit=fit.problem)
            return TextCall(tool.name, fit.arguments, words, fit.repairs)
        return TextCall(tool.name, fit.arguments, "", fit.repairs)


def _is_end(text: str, position: int) -> bool:
    end = _END.match(text, position)
    if end is not None and end.end() == len(text):
        return True
    return _MADE_UP.match(text, position) is not None


def _announces_example(text: str, start: int) -> bool:
    words = text[max(0, start - _LAST_WORDS) : start].rstrip().rpartition("\n\n")[2]
    return _EXAMPLE.search(words) is not None


# --- JSON that is the whole reply ---------------------------------------------------------------


def _whole_json(text: str, names: _Names) -> tuple[int, list[WrittenCall]] | None:
    start = _skip(text, 0)
    if text[start : start + 1] not in ("{", "["):
        return None
    block = _json_block(text, start, names)
    if block is None:
        return None
    calls, end = block
    return (start, calls) if _is_end(text, end) else None


def _json_block(text: str, start: int, names: _Names) -> _Block | None:
    """Consecutive JSON calls; None if any part is not a call of an offered tool."""
    calls: list[WrittenCall] = []
    position = start
    while text[position : position + 1] in ("{", "[") and len(calls) <= _FLOOD:
        try:
            value, end = tolerant_json.read_value(text, position)
        except ValueError:
            return _ruined_json(text, position, names) if not calls else None
        more = _offered(value, names)
        if more is None:
            return None
        calls += more
        position = _skip(text, end)
        if text[position : position + 1] == ";":
            position = _skip(text, position + 1)
        if text[position : position + 1] not in ("{", "["):
            return calls, _past_slip(text, end)
    return None


def _past_slip(text: str, end: int) -> int:
    """The end of a value, after one surplus bracket if there is one."""
    return end + 1 if text[end : end + 1] == "}" else end


def _ruined_json(text: str, start: int, names: _Names) -> _Block | None:
    """A call whose brackets must be repaired: it extends to the closing fence or the end."""
    fence = text.find("\n```", start)
    end = len(text) if fence < 0 else fence
    try:
        calls = _offered(tolerant_json.loads(text[start:end]), names)
    except ValueError:
        return None
    return None if calls is None else (calls, end)


def _offered(value: object, names: _Names) -> list[WrittenCall] | None:
    calls = calls_in(value, is_marked=False)
    if not calls or any(names.get(call.name) is None for call in calls):
        return None
    return calls


# --- in a code fence ----------------------------------------------------------------------------


def _fenced(text: str, names: _Names) -> tuple[int, list[WrittenCall]] | None:
    opening = _FENCE.search(text)
    if opening is None or opening.group(1).lower() not in FENCE_KINDS:
        return None
    start = opening.start()
    words = text[:start].strip()
    if "```" in words or len(words) > FEW_WORDS_CAP or _announces_example(text, start):
        return None
    calls: list[WrittenCall] = []
    while opening is not None:
        block = _in_fence(text, opening.end(), names, takes_marks=not words)
        if block is None:
            return None
        more, end = block
        calls += more
        opening = _FENCE.match(text, _skip(text, end))
    return (start, calls) if _is_end(text, end) else None


def _in_fence(text: str, start: int, names: _Names, *, takes_marks: bool) -> _Block | None:
    position = _skip(text, start)
    block = None
    if text[position : position + 1] in ("{", "["):
        block = _json_block(text, position, names)
    elif takes_marks:
        block = _marked_block(text, position)
    if block is None:
        return None
    calls, end = block
    closing = _FENCE_END.match(text, end)
    if closing is not None:
        return calls, closing.end()
    return (calls, end) if _skip(text, end) == len(text) else None


# --- after a mark -------------------------------------------------------------------------------


def _marked(text: str) -> tuple[int, list[WrittenCall]] | None:
    for start in _mark_starts(text):
        block = _marked_block(text, start)
        if block is None:
            continue
        calls, end = block
        if _is_end(text, end) and not _announces_example(text, start):
            return start, calls
    return None


def _mark_starts(text: str) -> Iterator[int]:
    """The positions of the first few markers outside code fences and backticks."""
    fences = re.finditer(r"^ {0,3}```", text, re.MULTILINE)
    fence = next(fences, None)
    is_open = False
    count = 0
    for mark in _MARK.finditer(text):
        while fence is not None and fence.start() < mark.start():
            is_open = not is_open
            fence = next(fences, None)
        if is_open or text[mark.start() - 1 : mark.start()] == "`":
            continue
        count += 1
        if count > _STARTS_CAP:
            return
        yield mark.start()


def _marked_block(text: str, start: int) -> _Block | None:
    """All calls from the marker at ``start``, separated by white space only."""
    calls: list[WrittenCall] = []
    position = end = start
    while (read := _reader_at(text, position)) is not None and len(calls) <= _FLOOD:
        block = read(text, position)
        if block is None:
            break
        calls += block[0]
        end = block[1]
        position = _skip(text, end)
    return (calls, end) if calls else None


def _reader_at(text: str, position: int) -> Callable[[str, int], _Block | None] | None:
    readers = (_tool_call, _function, _mistral)
    return next(
        (
            read
            for mark, read in zip(MARKS, readers, strict=True)
            if text.startswith(mark, position)
        ),
        None,
    )


def _tool_call(text: str, start: int) -> _Block | None:
    position = _skip(text, start + len(MARKS[0]))
    fence = _FENCE.match(text, position)
    if fence is not None:
        position = _skip(text, fence.end())
    if text.startswith(MARKS[1], position):
        block = _function(text, position)
    elif text[position : position + 1] in ("{", "["):
        block = _json_after_mark(text, position, "</tool_call>")
    else:
        return None
    if block is None:
        return None
    calls, end = block
    if fence is not None and (closing := _FENCE_END.match(text, end)) is not None:
        end = closing.end()
    position = _skip(text, end)
    if text.startswith("</tool_call>", position):
        return calls, position + len("</tool_call>")
    return calls, end


def _json_after_mark(text: str, start: int, closing: str) -> _Block | None:
    """The JSON after a marker; if it cannot be parsed, an unreadable call up to ``closing``."""
    try:
        value, end = tolerant_json.read_value(text, start)
        calls = calls_in(value, is_marked=True)
        if calls:
            return calls, _past_slip(text, end)
    except ValueError:
        pass
    found = text.find(closing, start) if closing else -1
    end = len(text) if found < 0 else found
    body = text[start:end]
    try:
        calls = calls_in(tolerant_json.loads(body), is_marked=True)
    except ValueError:
        calls = None
    if calls:
        return calls, end
    name = _NAME_IN_RUINS.search(body)
    return [WrittenCall(name.group(1) if name else "tool_call", None, ruins=body)], end


def _function(text: str, start: int) -> _Block | None:
    opening = _FUNCTION.match(text, start)
    if opening is None:
        return None
    arguments: dict[str, JsonValue] = {}
    position = opening.end()
    while (parameter := _PARAMETER.match(text, position)) is not None:
        ending = _PARAMETER_END.search(text, parameter.end())
        stop = ending.start() if ending else len(text)
        value = text[parameter.end() : stop].removeprefix("\r").removeprefix("\n")
        arguments[parameter.group(1)] = value.removesuffix("\n").removesuffix("\r")
        position = ending.end() if ending else len(text)
    end = _skip(text, position)
    if text.startswith("</function>", end):
        return [WrittenCall(opening.group(1), arguments)], end + len("</function>")
    return [WrittenCall(opening.group(1), arguments)], position


def _mistral(text: str, start: int) -> _Block | None:
    position = start + len(MARKS[2])
    named = _NAMED_ARGUMENTS.match(text, position)
    if named is None:
        position = _skip(text, position)
        if text[position : position + 1] not in ("{", "["):
            return None
        return _json_after_mark(text, position, "")
    try:
        value, end = tolerant_json.read_value(text, named.end())
    except ValueError:
        return [WrittenCall(named.group(1), None, ruins=text[named.end() :])], len(text)
    return [WrittenCall(named.group(1), value)], end


def _skip(text: str, position: int) -> int:
    """The position of the next character that is not white space."""
    blank = _SPACE.match(text, position)
    return blank.end() if blank else position
