"""Renders one transcript block as lines of a given width. Pure, never raises.

Answers are rendered piece by piece in ``markdown``; all other blocks are rendered here at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from vtcode_tui.conversation.events import NoticeLevel, TurnEnd
from vtcode_tui.conversation.prompts import Attachment
from vtcode_tui.conversation.results import CommandDisplay, Display
from vtcode_tui.conversation.wording import counted
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.blocks import (
    AnswerBlock,
    Block,
    ErrorBlock,
    NoticeBlock,
    PromptBlock,
    ThinkingBlock,
    ToolCallBlock,
    ToolState,
    TurnEndBlock,
)
from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.displays import (
    BAR,
    SearchPattern,
    bounded,
    display_lines,
    tail_lines,
    text_lines,
)
from vtcode_tui.tui.blocks.lines import Line, Run, cells, cropped, hanging, prefixed, wrap
from vtcode_tui.tui.blocks.plan import plan_lines
from vtcode_tui.tui.blocks.wording import TURN_ENDS, duration, elapsed

_LIVE_THINKING_LINES = 4
_RUNNING_OUTPUT_LINES = 5
_LONGEST_SUBJECT = 400
_LONGEST_NOTICE = 8_000
_SUBJECT_CELLS = 10
"""Cells of a tool call's subject that are kept, however much text follows it."""
_SHORTEST_SHOWN_S = 0.1
_PROMPT_LINES = 10
_THINKING_LINES = 4_000
_THINKING_LINE = 20_000

_TOOL_GLYPHS: dict[ToolState, Run] = {
    ToolState.REQUESTED: ("○", styles.MUTED),
    ToolState.WAITING: ("?", styles.WARNING | styles.BOLD),
    ToolState.RUNNING: ("●", styles.ACCENT),
    ToolState.OK: ("✓", styles.SUCCESS),
    ToolState.FAILED: ("✗", styles.ERROR | styles.BOLD),
    ToolState.DENIED: ("⊘", styles.WARNING),
    ToolState.REFUSED: ("⊘", styles.ERROR),
    ToolState.CANCELLED: ("■", styles.MUTED),
}
_TOOL_WORDS = {
    ToolState.WAITING: "waiting for approval",
    ToolState.DENIED: "denied",
    ToolState.REFUSED: "refused",
    ToolState.CANCELLED: "cancelled",
    ToolState.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A block's lines, and the glyph beside the first one or all of them."""

    lines: list[Line]
    glyph: Run = ("", styles.TEXT)
    glyph_on_all: bool = False


def is_foldable(block: Block) -> bool:
    """Whether the block can be folded."""
    if isinstance(block, ToolCallBlock):
        return block.result is not None or bool(block.output)
    if isinstance(block, PromptBlock):
        return is_long_prompt(block.text)
    return isinstance(block, ThinkingBlock)


def is_long_prompt(text: str) -> bool:
    """Whether a folded prompt shows only its beginning."""
    return text.count("\n") > _PROMPT_LINES + 2 or len(text) > 100 * _PROMPT_LINES


def is_open_by_default(block: Block) -> bool:
    """Failures, the user's own commands and the current plan start unfolded; all else is one line."""
    if not isinstance(block, ToolCallBlock):
        return False
    is_plan = block.is_plan and not block.is_superseded
    return block.is_users or is_plan or block.state in (ToolState.FAILED, ToolState.REFUSED)


def is_final(block: Block) -> bool:
    """Whether no further event can change the block."""
    match block:
        case AnswerBlock(ended=ended) | ThinkingBlock(ended=ended):
            return ended
        case ToolCallBlock():
            return block.is_finished
        case _:
            return True


def is_live(block: Block) -> bool:
    """Whether the block shows a running time."""
    if isinstance(block, ThinkingBlock):
        return not block.ended
    return isinstance(block, ToolCallBlock) and block.state is ToolState.RUNNING


def render_block(
    block: Block, width: int, *, is_open: bool, now_s: float, pattern: SearchPattern = None
) -> Rendered:
    """Render any block but an answer for ``width`` cells. ``now_s`` is the time for running
    durations. Lines that contain ``pattern`` are never left out."""
    match block:
        case PromptBlock():
            return _prompt(block, width, is_open=is_open)
        case ThinkingBlock():
            return _thinking(block, width, is_open=is_open, now_s=now_s, pattern=pattern)
        case ToolCallBlock():
            return _tool_call(block, width, is_open=is_open, now_s=now_s, pattern=pattern)
        case NoticeBlock(level=level, text=text):
            is_warning = level is NoticeLevel.WARNING
            key = styles.WARNING if is_warning else styles.MUTED
            lines = hanging(clean_text(bounded(text, _LONGEST_NOTICE).strip("\n")), key, width)
            return Rendered(lines, ("!" if is_warning else "·", key | styles.BOLD))
        case ErrorBlock():
            return Rendered(_error_lines(block, width), ("✗", styles.ERROR | styles.BOLD))
        case TurnEndBlock(end=end):
            key = styles.MUTED if end is TurnEnd.CANCELLED else styles.WARNING
            return Rendered(wrap([(TURN_ENDS[end], key)], width), ("■", key))
        case AnswerBlock():
            return Rendered([])
        case _:
            assert_never(block)


def _prompt(block: PromptBlock, width: int, *, is_open: bool) -> Rendered:
    background = styles.PROMPT | styles.PROMPT_BACKGROUND
    text = block.text.strip("\n")
    is_cut = is_long_prompt(text) and not is_open
    if is_cut:
        text = "\n".join(text.split("\n", _PROMPT_LINES + 1)[:_PROMPT_LINES])
        text = text[: 100 * _PROMPT_LINES]
    lines = wrap([(clean_text(bounded(text)), background)], width - 1)
    if is_cut:
        more = Line((("⋯ more ▸", styles.MUTED | styles.PROMPT_BACKGROUND),), decor=1)
        lines = [*lines[:_PROMPT_LINES], more]
    lines += [_attachment(each, width - 1) for each in block.attachments]
    filled = [line._replace(fill=styles.PROMPT_BACKGROUND) for line in lines]
    return Rendered(filled, ("▌ ", styles.ACCENT | styles.PROMPT_BACKGROUND), glyph_on_all=True)


def _attachment(attachment: Attachment, width: int) -> Line:
    note = f" · {clean_line(attachment.note)}" if attachment.note else ""
    name = clean_line(attachment.name, _LONGEST_SUBJECT)
    room = max(_SUBJECT_CELLS, width - cells(note) - 2)
    shown = cropped(f"+ {cropped(name, room)}{note}", width)
    return Line(((shown, styles.MUTED | styles.PROMPT_BACKGROUND),), decor=2)


def _thinking(
    block: ThinkingBlock, width: int, *, is_open: bool, now_s: float, pattern: SearchPattern
) -> Rendered:
    key = styles.MUTED | styles.ITALIC
    if block.ended:
        took_s = block.duration_s or 0.0
        took = f" for {duration(took_s)}" if took_s >= _SHORTEST_SHOWN_S else ""
        header = f"Thought{took} · {counted(block.word_count, 'word')}"
        body = _whole_thinking(block, width, pattern) if is_open else []
        glyph = "▾" if is_open else "▸"
        return Rendered([Line(((header, key),)), *body], (glyph, styles.MUTED))
    running = "" if block.started_s is None else f" {elapsed(max(0, now_s - block.started_s))}"
    header_line = Line(((f"Thinking…{running}", key),))
    if is_open:
        return Rendered(
            [header_line, *_whole_thinking(block, width, pattern)], ("▾", styles.ACCENT)
        )
    recent = clean_text(block.text.tail(width * (_LIVE_THINKING_LINES + 2)))
    lines = wrap([(recent.rstrip("\n"), styles.MUTED)], width - 2)
    shown = [line for line in lines if line.text.strip()][-_LIVE_THINKING_LINES:]
    body = [Line((BAR, *line.runs), decor=1, joint=line.joint) for line in shown]
    return Rendered([header_line, *body], ("▸", styles.ACCENT))


def _whole_thinking(block: ThinkingBlock, width: int, pattern: SearchPattern) -> list[Line]:
    return text_lines(
        block.text.text,
        width,
        most_lines=_THINKING_LINES,
        longest_line=_THINKING_LINE,
        pattern=pattern,
    )


def _tool_call(
    block: ToolCallBlock, width: int, *, is_open: bool, now_s: float, pattern: SearchPattern
) -> Rendered:
    if block.is_plan:
        return Rendered(plan_lines(block.result, width, is_open=is_open), _TOOL_GLYPHS[block.state])
    fold = "" if not is_foldable(block) else " ▾" if is_open else " ▸"
    facts = "".join(f" · {fact}" for fact in _tool_facts(block, now_s))
    name = cropped(clean_line(block.name, 60), max(4, width - _SUBJECT_CELLS))
    subject = clean_line(block.subject, _LONGEST_SUBJECT)
    room = width - cells(name) - 1 - len(fold)
    trailer = cropped(facts, room - min(_SUBJECT_CELLS, cells(subject))) + fold
    shown = cropped(subject, room + len(fold) - cells(trailer))
    parts = [
        (name, styles.TEXT | styles.BOLD),
        (" " + shown, styles.TEXT),
        (trailer, styles.MUTED),
    ]
    header = Line(tuple(parts))
    lines = [header, *_tool_body(block, width, is_open=is_open, pattern=pattern)]
    return Rendered(lines, _TOOL_GLYPHS[block.state])


def _tool_facts(block: ToolCallBlock, now_s: float) -> list[str]:
    """The facts after the subject: outcome and duration."""
    facts: list[str] = []
    summary = clean_line(block.result.summary, 60) if block.result else ""
    word = summary or _TOOL_WORDS.get(block.state, "")
    if word:
        facts.append(word)
    if block.is_finished and block.duration_s and block.duration_s >= _SHORTEST_SHOWN_S:
        facts.append(duration(block.duration_s))
    elif block.state is ToolState.RUNNING and block.started_s is not None:
        running_s = now_s - block.started_s
        if running_s >= 1:
            facts.append(elapsed(running_s))
    return facts


def _tool_body(
    block: ToolCallBlock, width: int, *, is_open: bool, pattern: SearchPattern
) -> list[Line]:
    if block.result is None:
        output = block.output.text
        if not output.strip():
            return []
        return (
            text_lines(output, width, pattern=pattern)
            if is_open
            else tail_lines(output, width, _RUNNING_OUTPUT_LINES)
        )
    if not is_open:
        return []
    display = _without_repetition(block.result.display, block.subject, width)
    lines = display_lines(display, width, pattern)
    if any(line.text.strip("│ ") for line in lines):
        return lines
    content = block.result.content
    return text_lines(content, width, pattern=pattern) if content.strip() else []


def _without_repetition(display: Display, subject: str, width: int) -> Display:
    """``display`` without its command if the header already shows all of that."""
    if not isinstance(display, CommandDisplay) or not display.output.strip():
        return display
    is_shown = display.command.strip() == subject.strip() and len(subject) < width // 2
    return replace(display, command="") if is_shown and "\n" not in subject else display


def _error_lines(block: ErrorBlock, width: int) -> list[Line]:
    lines = wrap(
        [(clean_text(bounded(block.what, _LONGEST_NOTICE).strip()), styles.ERROR | styles.BOLD)],
        width,
    )
    if block.why.strip():
        lines += wrap(
            [(clean_text(bounded(block.why, _LONGEST_NOTICE).strip()), styles.MUTED)], width
        )
    if block.advice.strip():
        advice = wrap(
            [(clean_text(bounded(block.advice, _LONGEST_NOTICE).strip()), styles.TEXT)], width - 2
        )
        lines += prefixed(advice, [("→ ", styles.ACCENT)], [("  ", styles.TEXT)])
    return lines
