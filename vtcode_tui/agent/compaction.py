"""Making room in the context window without losing the thread.

Old tool results are shortened first; if that is not enough, old turns become a summary that the
model writes. The system prompt, the last turns and the user's own words of the running turn stay
whole, and a call never loses its result. What the screen shows is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolResultMessage,
    UserMessage,
)

_KEPT_RESULTS = 2
_KEPT_TURNS = 2
_LONG_RESULT = 600
_KEPT_ENDS = 200
_SUMMARY_HEAD = "Summary of our conversation so far, which was left out to save room:\n\n"

SUMMARY_PROMPT = """\
Summarise the conversation below for the assistant that will go on with it. Keep, as short bullet
points: the user's goals and wishes, decisions made, files read or changed and what is in them that
matters, commands run and what came of them, open points. At most 300 words. No introduction."""


@dataclass(frozen=True, slots=True)
class Split:
    """``old`` is to be summarised; ``kept`` stays as it is and begins with a prompt."""

    old: tuple[Message, ...]
    kept: tuple[Message, ...]


def shorten_results(
    messages: Sequence[Message], keep_last: int = _KEPT_RESULTS
) -> tuple[Message, ...]:
    """The messages with all but the last few long tool results cut to their ends."""
    positions = [i for i, message in enumerate(messages) if isinstance(message, ToolResultMessage)]
    old = set(positions[: max(0, len(positions) - keep_last)])
    return tuple(
        _shortened(message) if i in old and isinstance(message, ToolResultMessage) else message
        for i, message in enumerate(messages)
    )


def _shortened(message: ToolResultMessage) -> ToolResultMessage:
    content = message.content
    if len(content) <= _LONG_RESULT:
        return message
    left_out = len(content) - 2 * _KEPT_ENDS
    note = f"\n[... {left_out} characters of an older result left out ...]\n"
    return replace(message, content=content[:_KEPT_ENDS] + note + content[-_KEPT_ENDS:])


def split_turns(messages: Sequence[Message], keep: int = _KEPT_TURNS) -> Split:
    """All but the last ``keep`` turns, and those; the running turn is among the kept."""
    starts = [i for i, message in enumerate(messages) if isinstance(message, UserMessage)]
    if len(starts) <= keep:
        keep = max(1, len(starts) - 1)
    cut = starts[-keep] if len(starts) > 1 else 0
    return Split(tuple(messages[:cut]), tuple(messages[cut:]))


def summary_request(old: Sequence[Message], limit: int) -> tuple[Message, ...]:
    """The messages that ask a model for the summary; the conversation in at most ``limit`` characters.

    What does not fit is left out in the middle: the goals stand at the beginning, the state of
    things at the end.
    """
    text = "\n\n".join(part for part in map(_as_text, old) if part)
    if len(text) > limit:
        half = limit // 2
        text = text[:half] + "\n[...]\n" + text[-half:]
    return (SystemMessage(SUMMARY_PROMPT), UserMessage(text))


def with_summary(summary: str, kept: Sequence[Message]) -> tuple[Message, ...]:
    return (UserMessage(_SUMMARY_HEAD + summary.strip()), *kept)


def plain_summary(old: Sequence[Message]) -> str:
    """What can be said without a model: the user's words and the calls that were made."""
    lines = []
    for message in old:
        match message:
            case UserMessage(content):
                lines.append(f"- The user: {content[:300]}")
            case AssistantMessage(_, _, calls):
                lines += [f"- Called {c.name} {c.canonical_arguments()[:120]}" for c in calls]
            case _:
                pass
    return "\n".join(lines[-60:])


def _as_text(message: Message) -> str:
    match message:
        case UserMessage(content):
            return f"USER: {content}"
        case AssistantMessage(content, _, calls):
            called = [f"CALL: {call.name} {call.canonical_arguments()[:500]}" for call in calls]
            return "\n".join([f"ASSISTANT: {content}" if content else "", *called]).strip()
        case ToolResultMessage(_, tool_name, content):
            return f"RESULT of {tool_name}: {_ends(content)}"
        case SystemMessage():
            return ""


def _ends(content: str) -> str:
    if len(content) <= _LONG_RESULT:
        return content
    return f"{content[:_KEPT_ENDS]} [...] {content[-_KEPT_ENDS:]}"
