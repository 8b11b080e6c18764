"""The line filter drops control characters that a widget failed to clean."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import Static

from tests.fakes.ollama_server import FakeOllama
from tests.screen.places import app_in
from tests.screen.stage import until
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.harmless_filter import HarmlessFilter

pytestmark = pytest.mark.anyio

HOSTILE = "a\x1b]52;c;UFdO\x07b\x9b2Jc\u202ed\u200be\x00f\x7fg\ue000h"
BLACK = Color(0, 0, 0)


def test_control_characters_are_dropped_and_the_rest_is_kept() -> None:
    (segment,) = HarmlessFilter().apply([Segment(HOSTILE + "日本é")], BLACK)
    assert segment.text == "a]52;c;UFdObc2Jc".replace("c2Jc", "2Jc") + "defgh日本é"


def test_clean_lines_are_unchanged() -> None:
    segments = [Segment("plain"), Segment("日本")]
    assert HarmlessFilter().apply(segments, BLACK) is segments


async def painted(app: VtcodeApp) -> str:
    """Everything painted with an unclean text in a widget of the app."""
    async with app.run_test(size=(80, 24)) as pilot:
        await app.screen.mount(Static(Content(HOSTILE, strip_control_codes=False), id="unclean"))

        def lines() -> str:
            strips = app.screen._compositor.render_strips()
            return "".join(segment.text for strip in strips for segment in strip)

        await until(pilot, lambda: "]52;c;UFdO" in lines(), "the text is painted")
        return lines()


def is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co")


async def test_the_app_paints_no_control_characters(tmp_path: Path) -> None:
    with FakeOllama() as server:
        assert not any(map(is_unsafe, await painted(app_in(tmp_path, server.url))))


async def test_without_the_filter_it_paints_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_filters(_: VtcodeApp) -> Sequence[LineFilter]:
        return ()

    monkeypatch.setattr(VtcodeApp, "get_line_filters", no_filters)
    with FakeOllama() as server:
        assert any(map(is_unsafe, await painted(app_in(tmp_path, server.url))))
