"""Detects a text call that is copied verbatim from the model's input. Pure.

A file or page can contain the text of a call, and a model that quotes it at the end of its answer
has written something that looks exactly like its own call. White space is ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from vtcode_tui.conversation.messages import Message, ToolResultMessage, UserMessage
from vtcode_tui.ollama.text_calls import TextCall

_CORE = re.compile(r"<function=.*</function>|[\[{].*[\]}]", re.DOTALL)
_FEW = 8
"""Arguments as short as {"n":1} stand in many a text."""


def quoted_calls(
    calls: Iterable[TextCall], written: str, messages: Iterable[Message]
) -> tuple[TextCall, ...]:
    """The ``calls`` whose text, as in ``written``, occurs in the ``messages``."""
    core = _CORE.search(written)
    bare = _bare(core.group() if core else written)
    given = [
        _bare(message.content)
        for message in messages
        if isinstance(message, UserMessage | ToolResultMessage)
    ]
    if any(bare in text for text in given):
        return tuple(calls)
    return tuple(call for call in calls if any(_holds(text, call) for text in given))


def _holds(text: str, call: TextCall) -> bool:
    arguments = _bare(json.dumps(call.arguments, ensure_ascii=False))
    return len(arguments) > _FEW and f'"{call.name}"' in text and arguments in text


def _bare(text: str) -> str:
    return "".join(text.split())
