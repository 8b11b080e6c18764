"""Makes room in the context window.

Old tool results are shortened first. If that is not enough, the model summarises old turns, and in
a long turn its old steps. The system prompt, the last turns and the running turn's prompts stay
complete, and every call keeps a result. The transcript on the screen is not affected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.lazy_dataclass import dataclass

_KEPT_RESULTS = 2
_KEPT_TURNS = 2
_LONG_RESULT = 600
_KEPT_ENDS = 200
_KEPT_STEPS = (4, 2, 1)
_STEPS_HEAD = "Summary of what you did for this so far, which was left out to save room:\n\n"
_SUMMARY_HEAD = "Summary of our conversation so far, which was left out to save room:\n\n"

SUMMARY_PROMPT = """\
Summarise the conversation below for the assistant that will go on with it. Keep, as short bullet
points: the user's goals and wishes, decisions made, files read or changed and what is in them that
matters, commands run and what came of them, open points. At most 300 words. No introduction."""


@dataclass(frozen=True, slots=True)
class Split:
    """``old`` will be summarised, ``kept`` stays. ``prompt`` is the running turn's prompt, which
    goes before the summary when that turn's own steps are summarised."""

    old: tuple[Message, ...]
    kept: tuple[Message, ...]
    prompt: tuple[Message, ...] = ()

    def with_summary(self, summary: str) -> tuple[Message, ...]:
        head = _STEPS_HEAD if self.prompt else _SUMMARY_HEAD
        return (*self.prompt, UserMessage(head + summary.strip()), *self.kept)


def shorten_results(
    messages: Sequence[Message], keep_last: int = _KEPT_RESULTS, ends: int = _KEPT_ENDS
) -> tuple[Message, ...]:
    """``messages`` with all but the last few long tool results cut to ``ends`` characters at either
    end."""
    positions = [i for i, message in enumerate(messages) if isinstance(message, ToolResultMessage)]
    old = set(positions[: max(0, len(positions) - keep_last)])
    return tuple(
        _shortened(message, ends)
        if i in old and isinstance(message, ToolResultMessage)
        else message
        for i, message in enumerate(messages)
    )


def _shortened(message: ToolResultMessage, ends: int) -> ToolResultMessage:
    content = message.content
    if len(content) <= 3 * ends:
        return message
    left_out = len(content) - 2 * ends
    note = f"\n[... {left_out} characters of this result left out to save room ...]\n"
    return replace(message, content=content[:ends] + note + content[-ends:])


def ways_to_split(messages: Sequence[Message]) -> Iterator[Split]:
    """Possible splits, from the one that removes least to the one that removes most."""
    for keep in (_KEPT_TURNS, 1):
        split = split_turns(messages, keep)
        if split.old:
            yield split
    starts = _prompts(messages)
    if not starts:
        return
    running = starts[-1]
    prompt, steps = tuple(messages[running : running + 1]), messages[running + 1 :]
    answers = [i for i, message in enumerate(steps) if isinstance(message, AssistantMessage)]
    for keep in _KEPT_STEPS:
        if len(answers) > keep:
            cut = answers[-keep]
            old = (*messages[:running], *steps[:cut])
            yield Split(old, tuple(steps[cut:]), prompt)


def _prompts(messages: Sequence[Message]) -> list[int]:
    """Indexes of the user's own prompts; an earlier summary is not one."""
    return [
        place
        for place, message in enumerate(messages)
        if isinstance(message, UserMessage)
        and not message.content.startswith((_SUMMARY_HEAD, _STEPS_HEAD))
    ]


def split_turns(messages: Sequence[Message], keep: int = _KEPT_TURNS) -> Split:
    """Split off all but the last ``keep`` turns; the running turn is always kept."""
    starts = _prompts(messages)
    if len(starts) <= keep:
        keep = max(1, len(starts) - 1)
    cut = starts[-keep] if len(starts) > 1 else 0
    return Split(tuple(messages[:cut]), tuple(messages[cut:]))


def summary_request(old: Sequence[Message], limit: int) -> tuple[Message, ...]:
    """The messages that ask a model for a summary; the conversation takes at most ``limit``
    characters.

    If it is longer, its middle is left out: goals are at the beginning and the current state at the
    end.
    """
    text = "\n\n".join(part for part in map(_as_text, old) if part)
    if len(text) > limit:
        half = limit // 2
        text = text[:half] + "\n[...]\n" + text[-half:]
    return (SystemMessage(SUMMARY_PROMPT), UserMessage(text))


def plain_summary(old: Sequence[Message]) -> str:
    """A summary made without a model: the user's prompts and the calls that were made."""
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
