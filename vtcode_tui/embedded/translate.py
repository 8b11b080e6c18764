"""Between the two shapes of a chat: Ollama's on the outside, llama.cpp's (OpenAI's) inside. Pure.

Ollama: ``thinking``, arguments as an object, times in nanoseconds, one JSON object a line. llama.cpp:
``reasoning_content``, arguments as a JSON text that comes in pieces, times in milliseconds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

JsonDict = dict[str, Any]

_RESULT_LIMIT = 200
_LINE_NUMBER = re.compile(r"^\s*\d+[\t:|]\s?")
_OUTPUT_LIMIT = 200
_TURN_MARK = "###"
_CALL_BEGIN = "<tool_call>"
_CALL_END = "</tool_call>"
_NS_PER_MS = 1_000_000


class BadRequest(ValueError):
    """The request is malformed; the text is what the client is told."""


def to_inner(request: JsonDict) -> JsonDict:
    """An Ollama chat request as llama.cpp takes it. Raises BadRequest."""
    messages = request.get("messages")
    if not isinstance(messages, list):
        raise BadRequest("messages must be a list")
    options = request.get("options") or {}
    # So small a model repeats a call for ever: after a result it is to answer.
    is_after_result = bool(messages) and messages[-1].get("role") == "tool"
    tools = [] if is_after_result else request.get("tools") or []
    think = request.get("think")
    limit = options.get("num_predict", _OUTPUT_LIMIT)
    inner: JsonDict = {
        "messages": [_inner_message(message) for message in _running_turn(messages)],
        "stream": True,
        "max_tokens": limit if isinstance(limit, int) and limit > 0 else _OUTPUT_LIMIT,
        "temperature": options.get("temperature", 0),
        "stop": [_TURN_MARK, _CALL_END if tools else _CALL_BEGIN],
        "chat_template_kwargs": {
            "enable_thinking": not is_after_result and think not in (False, "none"),
            "after_result": is_after_result,
        },
        # Progress comes while a prompt is read, which is when a gone client can be noticed.
        "return_progress": True,
    }
    if tools:
        inner["tools"] = tools
    return inner


def _running_turn(messages: list[Any]) -> list[Any]:
    """From the last prompt on: what came before only confuses so small a model."""
    prompts = [
        index
        for index, message in enumerate(messages)
        if isinstance(message, dict) and message.get("role") == "user"
    ]
    return messages[prompts[-1] :] if prompts else messages


def _in_one_line(result: str) -> str:
    """A tool's result as the model's examples have it: the first lines, side by side."""
    lines = [_LINE_NUMBER.sub("", line).strip() for line in result.splitlines()]
    return ", ".join(line for line in lines if line)[:_RESULT_LIMIT]


def _inner_message(message: Any) -> JsonDict:
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise BadRequest("each message must be an object with a role")
    content = message.get("content") or ""
    if not isinstance(content, str):
        raise BadRequest("content must be a text")
    if message["role"] == "tool":
        content = _in_one_line(content)
    inner: JsonDict = {"role": message["role"], "content": content}
    if message.get("thinking"):
        inner["reasoning_content"] = message["thinking"]
    calls = message.get("tool_calls") or []
    if calls:
        inner["tool_calls"] = [_inner_call(call, number) for number, call in enumerate(calls)]
    if message.get("tool_call_id"):
        inner["tool_call_id"] = message["tool_call_id"]
    return inner


def _inner_call(call: JsonDict, number: int) -> JsonDict:
    function = call.get("function") or {}
    arguments = function.get("arguments")
    if not isinstance(arguments, dict):
        raise BadRequest("arguments of a tool call must be an object")
    return {
        "id": call.get("id") or f"call_{number}",
        "type": "function",
        "function": {"name": function.get("name", ""), "arguments": json.dumps(arguments)},
    }


@dataclass
class Translator:
    """Takes llama.cpp's chunks of one reply and gives the messages of Ollama's lines."""

    _calls: dict[int, JsonDict] = field(default_factory=dict)
    finish_reason: str = "stop"
    timings: JsonDict = field(default_factory=dict)

    def take(self, chunk: JsonDict) -> list[JsonDict]:
        """The messages that ``chunk`` is worth: none for progress, calls only at the end."""
        self.timings = chunk.get("timings") or self.timings
        messages: list[JsonDict] = []
        for choice in chunk.get("choices") or []:
            delta = choice.get("delta") or {}
            self.finish_reason = choice.get("finish_reason") or self.finish_reason
            if delta.get("reasoning_content"):
                thinking = delta["reasoning_content"]
                messages.append({"role": "assistant", "content": "", "thinking": thinking})
            if delta.get("content"):
                messages.append({"role": "assistant", "content": delta["content"]})
            for piece in delta.get("tool_calls") or []:
                self._collect(piece)
        return messages

    def _collect(self, piece: JsonDict) -> None:
        call = self._calls.setdefault(piece.get("index", 0), {"name": "", "arguments": ""})
        call["id"] = piece.get("id") or call.get("id")
        function = piece.get("function") or {}
        call["name"] += function.get("name") or ""
        call["arguments"] += function.get("arguments") or ""

    def calls(self) -> list[JsonDict]:
        """The whole calls. One whose arguments are no JSON object is left out, as Ollama does."""
        whole: list[JsonDict] = []
        for index, call in sorted(self._calls.items()):
            try:
                arguments = json.loads(call["arguments"] or "{}")
            except ValueError:
                continue
            if isinstance(arguments, dict):
                function = {"index": index, "name": call["name"], "arguments": arguments}
                whole.append({"id": f"call_{(call['id'] or str(index))[:8]}", "function": function})
        return whole

    def final(self, total_ns: int) -> JsonDict:
        """The last line's fields: why it ended and the counters."""
        timings = self.timings
        prompt = int(timings.get("prompt_n", 0)) + int(timings.get("cache_n", 0))
        counters = {
            "prompt_eval_count": prompt,
            "prompt_eval_duration": int(timings.get("prompt_ms", 0) * _NS_PER_MS),
            "eval_count": int(timings.get("predicted_n", 0)),
            "eval_duration": int(timings.get("predicted_ms", 0) * _NS_PER_MS),
        }
        return {
            "done": True,
            "done_reason": "length" if self.finish_reason == "length" else "stop",
            "total_duration": total_ns,
            # A counter that is zero is left out, as an Ollama server does.
            **{name: value for name, value in counters.items() if value},
        }
