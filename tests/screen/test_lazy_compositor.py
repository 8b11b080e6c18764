"""The screen's own compositor shows what Textual's does, and renders fewer lines for it."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest
from textual._compositor import Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tests.fakes.ollama_server import FakeOllama
from tests.screen.more_scenes import MORE_SCENES
from tests.screen.scenes import SCENES, app_for
from tests.screen.stage import until
from vtcode_tui.tui.chat_screen import ChatScreen
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.lazy_compositor import LazyCompositor

pytestmark = pytest.mark.anyio

_SEED = 20260102
COVERING = {
    name: (SCENES | MORE_SCENES)[name]
    for name in ("answer", "approve-edit", "picker", "history", "completion", "tools", "chips")
}
"""Lists over the conversation, a dialog with sides and one without, a scrolling dialog."""


def rendered(screen: Screen[object], region: Region, *, by_textual: bool) -> list[str]:
    """The text and styles of each line of ``region``."""
    rows = set(region.line_range)
    compositor = screen._compositor
    assert isinstance(compositor, LazyCompositor)
    render = Compositor._render_chops if by_textual else LazyCompositor._render_chops
    chops = render(compositor, region, rows.__contains__)
    parts = [
        [(x, strip) for x, strip in chop.items() if strip is not None and region.x <= x]
        for chop in chops
    ]
    return [repr(Strip.join(strip for x, strip in line if x < region.right)) for line in parts]


@pytest.mark.parametrize("name", COVERING)
async def test_every_part_of_a_screen_is_what_textual_shows(name: str) -> None:
    random = Random(_SEED)
    with FakeOllama() as server:
        app = app_for(COVERING[name], server, "textual-dark")
        async with app.run_test(size=(120, 40)) as pilot:
            await COVERING[name].act(pilot)
            await pilot.pause()
            for screen in app.screen_stack:
                show = partial(rendered, screen)
                parts = [screen.size.region, *(w.region for w in screen.walk_children(Widget))]
                for _ in range(30):
                    x, y = random.randrange(120), random.randrange(40)
                    size = random.randint(1, 120 - x), random.randint(1, 40 - y)
                    parts.append(Region(x, y, *size))
                for part in (each.intersection(screen.size.region) for each in parts):
                    if part:
                        assert show(part, by_textual=False) == show(part, by_textual=True)


async def test_a_letter_renders_the_line_that_it_is_in_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int]] = []

    def noted(widget: Widget, crop: Region) -> list[Strip]:
        asked.append((type(widget).__name__, crop.height))
        return own(widget, crop)

    with FakeOllama() as server:
        app = app_for(SCENES["answer"], server, "textual-dark")
        async with app.run_test(size=(120, 40)) as pilot:
            await SCENES["answer"].act(pilot)
            chat = app.screen
            assert isinstance(chat, ChatScreen)
            composer = chat.query_one(Composer)
            composer.cursor_blink = False
            own = Widget.render_lines
            monkeypatch.setattr(Widget, "render_lines", noted)
            asked.append(("what the scene changed last", 1))
            while asked:
                asked.clear()
                await pilot.pause(0.1)
            chat.query_one("StatusBar").refresh()
            await until(pilot, lambda: bool(asked), "a paint")
            assert asked == [("StatusBar", 1)]
            asked.clear()
            await pilot.press("a")
            await until(pilot, lambda: bool(asked), "a paint")
            assert {name for name, _ in asked} == {"Composer"}
            assert max(lines for _, lines in asked) == 1
