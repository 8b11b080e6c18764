"""Hostile text in every block of the transcript: no exception, no control sequence, no delay."""

from __future__ import annotations

import base64
import json
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screen.transcript_app import TranscriptApp, settle, show
from vtcode_tui.conversation.events import (
    Event,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    TextDelta,
    ToolCallFinished,
    ToolCallRequested,
    ToolCallStarted,
    ToolOutputDelta,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import ToolCall
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
from vtcode_tui.errors import ServerError
from vtcode_tui.tui.transcript_view import TranscriptView

pytestmark = pytest.mark.anyio

_CORPUS = Path(__file__).parents[1] / "corpora" / "hostile_text.jsonl"
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def texts() -> Iterator[tuple[str, str]]:
    """The corpus as class and text; bytes are decoded like a file's."""
    for line in _CORPUS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "fill" in record:
            part, count = record["fill"]
            yield "size", part * count
        elif "b64" in record:
            yield "bytes", base64.b64decode(record["b64"]).decode("utf-8", "replace")
        else:
            yield record["class"], record["text"]


def everywhere(text: str, number: int) -> Iterator[Event]:
    """``text`` in every kind of event that a conversation can show."""
    yield TurnStarted(number, text)
    yield ReasoningDelta(text)
    middle = len(text) // 2
    for part in (text[:middle], text[middle:], "\n\n", f"```{text[:200]}\n", text, "\n```\n"):
        yield TextDelta(part)
    diff = FileDiff(text[:100], ((DiffLine("added", None, 1, text[:5_000]),),), 1, 0)
    displays: list[Display] = [
        TextDisplay(text),
        FileDisplay(text[:100], text),
        DiffDisplay(diff),
        CommandDisplay(text, text, text, 1),
    ]
    for index, display in enumerate(displays):
        call = ToolCall(f"{number}.{index}", text[:100], {})
        yield ToolCallRequested(call, text)
        yield ToolCallStarted(call.call_id)
        yield ToolOutputDelta(call.call_id, text)
        result = ToolResult(Outcome.FAILED, text, display, text[:100], 0.1)
        yield ToolCallFinished(call.call_id, result)
    yield NoticeRaised(NoticeLevel.INFO, text)
    yield TurnFinished(TurnEnd.FAILED, 1.0, ServerError(text, why=text, advice=text))


def enormous(text: str, number: int) -> Iterator[Event]:
    """``text`` where a model or tool can send any amount."""
    call = ToolCall(str(number), "read_file", {})
    yield ReasoningDelta(text)
    yield TextDelta(text)
    yield ToolCallRequested(call, text)
    yield ToolCallStarted(call.call_id)
    yield ToolOutputDelta(call.call_id, text)
    result = ToolResult(Outcome.FAILED, text, TextDisplay(text), text, 0.1)
    yield ToolCallFinished(call.call_id, result)


def unsafe_lines(view: TranscriptView) -> list[str]:
    """The lines of the whole page that contain a character of an unsafe category."""
    for index in range(len(view.page.views)):
        while not view.page.render(index, 0.0, lambda: True):
            pass
    drawn = [line.text for block in view.page.views for line in block.lines]
    drawn += [block.glyph[0] for block in view.page.views]
    return [text for text in drawn if any(unicodedata.category(c) in _UNSAFE for c in text)]


async def test_no_text_of_the_corpus_leaves_an_unsafe_character_on_the_screen() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        small = [text for kind, text in texts() if kind != "size"]
        events = [event for number, text in enumerate(small) for event in everywhere(text, number)]
        view = await show(pilot, *events)
        assert unsafe_lines(view) == []
        view.action_toggle_all()
        await settle(pilot)
        assert unsafe_lines(view) == []
        assert {strip.cell_length for strip in view.render_lines(view.size.region)} == {
            view.size.width
        }


async def test_markup_of_textual_is_drawn_as_it_is_written() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(100, 20)) as pilot:
        for kind, text in texts():
            if kind != "markup" or "\n" in text:
                continue
            view = await show(pilot, NoticeRaised(NoticeLevel.INFO, text), TextDelta(text))
            notice, answer = view.page.views
            assert notice.lines[0].text == text
            marks = str.maketrans("", "", "`_ ")
            assert answer.lines[0].text.translate(marks) == text.translate(marks)
            view.clear()


async def test_enormous_texts_are_bounded_and_the_screen_stays_alive() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        for number, (kind, text) in enumerate(texts()):
            if kind != "size":
                continue
            for event in enormous(text, number):
                started = time.process_time()
                app.view.apply(event)
                await pilot.pause(0)
                assert time.process_time() - started < 2, (type(event), text[:4])
            await settle(pilot)
            assert sum(len(block.lines) for block in app.view.page.views) < 160_000
            app.view.clear()
