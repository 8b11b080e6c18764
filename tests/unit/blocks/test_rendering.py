"""Blocks that are not answers, and what tools show."""

from __future__ import annotations

import re

import pytest

from vtcode_tui.conversation.events import TurnEnd
from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    DiffLine,
    Display,
    FileDiff,
    FileDisplay,
    Outcome,
    TextDisplay,
    ToolResult,
)
from vtcode_tui.conversation.wording import counted
from vtcode_tui.transcript.blocks import Block, PromptBlock, ToolCallBlock, ToolState, TurnEndBlock
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.displays import display_lines, text_lines
from vtcode_tui.tui.blocks.lines import cells
from vtcode_tui.tui.blocks.rendering import render_block
from vtcode_tui.tui.blocks.wording import duration, elapsed

WIDTH = 50


def shown(block: Block, *, is_open: bool = False, now_s: float = 0.0) -> list[str]:
    lines = render_block(block, WIDTH, is_open=is_open, now_s=now_s).lines
    return [line.text.rstrip() for line in lines]


def texts(display: Display) -> list[str]:
    return [line.text.rstrip() for line in display_lines(display, WIDTH)]


def finished(state: ToolState, display: Display, summary: str = "") -> ToolCallBlock:
    result = ToolResult(Outcome(state.value), "for the model", display, summary)
    return ToolCallBlock("1", "run_terminal_cmd", "make test", state, result=result)


def test_each_state_of_a_call_has_a_glyph_of_its_own() -> None:
    glyphs = {
        state: render_block(
            ToolCallBlock("1", "t", "s", state), WIDTH, is_open=False, now_s=0
        ).glyph
        for state in ToolState
    }
    assert len({(text, key & styles.ROLE_MASK) for text, key in glyphs.values()}) == len(ToolState)


def test_a_long_subject_is_cut_with_a_sign_and_the_facts_stay() -> None:
    block = finished(ToolState.OK, TextDisplay("x"), "42 lines")
    block.subject = "a/very/long/path/" * 9
    header = shown(block)[0]
    assert cells(header) <= WIDTH
    assert header.endswith("… · 42 lines ▸")


@pytest.mark.parametrize("width", [16, 24, 40, 80])
@pytest.mark.parametrize("state", list(ToolState))
def test_the_header_of_a_call_fits_and_nothing_is_cut_without_a_sign(
    width: int, state: ToolState
) -> None:
    block = ToolCallBlock("1", "run_terminal_cmd", "npm run build -- --mode production", state)
    block.output.append("x")
    block.duration_s = 1.5
    header = render_block(block, width, is_open=False, now_s=0.0).lines[0]
    parts = [text.strip() for text, _ in header.runs]
    assert cells(header.text) <= width
    assert parts[0] == block.name or parts[0].endswith("…")
    assert parts[1] == block.subject or parts[1].endswith("…") or not parts[1]


def test_a_subject_with_line_feeds_stays_in_one_line() -> None:
    block = ToolCallBlock("1", "run", "a\nb\x1b[31m", ToolState.RUNNING)
    assert shown(block) == ["run a⏎b␛[31m"]


def test_a_result_without_a_display_shows_what_the_model_reads() -> None:
    block = finished(ToolState.FAILED, TextDisplay(""))
    assert shown(block, is_open=True)[1:] == ["│ for the model"]


def test_a_command_that_the_header_shows_is_not_repeated() -> None:
    repeated = finished(ToolState.OK, CommandDisplay("make test", "/w", "done\n", 0))
    assert shown(repeated, is_open=True)[1:] == ["│ done"]
    longer = finished(ToolState.OK, CommandDisplay("make test && make", "/w", "done\n", 0))
    assert shown(longer, is_open=True)[1:] == ["│ $ make test && make", "│ done"]


def test_a_file_shows_its_own_line_numbers_which_are_not_copied() -> None:
    lines = display_lines(FileDisplay("a.py", "x = 1\ny = 2\n", 9), WIDTH)
    assert [line.text for line in lines] == [" 9 x = 1", "10 y = 2"]
    assert {line.decor for line in lines} == {1}


def test_a_diff_numbers_both_sides_and_parts_its_hunks() -> None:
    hunks = (
        (DiffLine("context", 1, 1, "a"), DiffLine("removed", 2, None, "b")),
        (DiffLine("added", None, 120, "c"),),
    )
    assert texts(DiffDisplay(FileDiff("x", hunks, 1, 1))) == [
        "  1   a",
        "  2 - b",
        "    ⋯",
        "120 + c",
    ]


def test_a_diff_of_too_many_lines_says_how_many_are_not_shown() -> None:
    hunk = tuple(DiffLine("added", None, number, "x") for number in range(1, 501))
    lines = texts(DiffDisplay(FileDiff("x", (hunk,) * 4, 2_000, 0)))
    assert sum(line.endswith("+ x") for line in lines) == 1_000
    assert lines[-1] == "│ ⋯ 1,000 lines not shown: e opens all in the editor"


def test_too_many_lines_lose_their_middle_and_say_so() -> None:
    lines = texts(TextDisplay("\n".join(str(number) for number in range(1_000))))
    assert lines[0] == "│ 0"
    assert lines[-1] == "│ 999"
    assert "│ ⋯ 600 lines not shown: e opens all in the editor" in lines


def test_an_endless_line_is_cut_and_says_so() -> None:
    lines = texts(TextDisplay("x" * 10_000))
    text = " ".join(line.removeprefix("│ ") for line in lines)
    assert text.endswith("… 8,000 characters not shown")
    assert text.count("x") == 2_000


def test_a_short_prompt_is_shown_whole() -> None:
    assert shown(PromptBlock("one\ntwo\n")) == ["one", "two"]


@pytest.mark.parametrize("end", [end for end in TurnEnd if end is not TurnEnd.DONE])
def test_every_end_of_a_turn_has_words(end: TurnEnd) -> None:
    assert shown(TurnEndBlock(end))[-1].endswith(".")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.42, "0.4s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (125, "2m 05s"),
        (3725, "1h 02m"),
    ],
)
def test_durations_are_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_running_times_are_whole_seconds() -> None:
    assert [elapsed(seconds) for seconds in (0.9, 59.9, 61)] == ["0s", "59s", "1m 01s"]


def test_one_is_not_many() -> None:
    assert [counted(number, "word") for number in (0, 1, 1340)] == [
        "0 words",
        "1 word",
        "1,340 words",
    ]


def test_matches_that_stay_left_out_of_a_long_output_are_counted() -> None:
    lines = text_lines("needle\nother\n" * 1_000, 80, pattern=re.compile("needle"))
    notes = [line.text for line in lines if "not shown" in line.text]
    assert notes == [
        "│ ⋯ 1,199 lines not shown, and 599 more with a match: e opens all in the editor"
    ]
