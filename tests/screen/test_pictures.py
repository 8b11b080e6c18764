"""The pictures in screenshots/ and the script that draws them."""

from __future__ import annotations

import runpy
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static

ROOT = Path(__file__).parents[2]
PICTURES = sorted((ROOT / "screenshots").glob("*.svg"))
DRAWING = runpy.run_path(str(ROOT / "scripts" / "terminal_svg.py"))
SVG = "{http://www.w3.org/2000/svg}"
_FILM_BYTES = 1_500_000


class Words(App[None]):
    CSS = "Screen { padding: 0; }"
    text = "a < b  ✓ done"

    def compose(self) -> ComposeResult:
        yield Static(Content(self.text))


async def shots(*texts: str) -> list[Any]:
    app, taken = Words(), []
    async with app.run_test(size=(20, 2)) as pilot:
        for text in texts:
            app.query_one(Static).update(Content(text))
            await pilot.pause()
            taken.append(DRAWING["shot"](app))
    return taken


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_whole_and_loads_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert len(text) < _FILM_BYTES


@pytest.mark.anyio
async def test_text_stays_in_its_cells_with_any_font() -> None:
    (taken,) = await shots(Words.text)
    root = ElementTree.fromstring(DRAWING["picture"](taken, title="words"))
    written = [(t.text, t.get("x"), t.get("textLength")) for t in root.iter(f"{SVG}text")]
    assert written == [("a < b", "0", "60"), ("✓", "84", "12"), ("done", "108", "48")]


@pytest.mark.anyio
async def test_each_shot_of_a_film_has_its_own_time_and_shared_rows_are_drawn_once() -> None:
    first, second = await shots("one", "two")
    drawn = DRAWING["film"]([(first, 1.0), (second, 3.0), (first, 1.0)], title="film")
    root = ElementTree.fromstring(drawn)
    assert [text.text for text in root.iter(f"{SVG}text")] == ["one", "two"]
    assert (
        "@keyframes k1{0%{visibility:hidden}20.000%{visibility:visible}80.000%{visibility:hidden}}"
        in drawn
    )
    assert "prefers-reduced-motion: reduce" in drawn
