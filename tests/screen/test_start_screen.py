"""The first paint, and the chat that replaces it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import pytest
from rich.segment import Segment
from rich.style import Style
from textual import events

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import chat_of, ready
from tests.screen.places import app_in, wait_for
from tests.screen.stage import until
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.chat_screen import ChatScreen
from vtcode_tui.tui.start_screen import StartScreen

pytestmark = pytest.mark.anyio

Frame: TypeAlias = list[list[tuple[str, Style]]]


class FilmedApp(VtcodeApp):
    """Records what is painted. ``early`` are keys that arrive with the first paint."""

    def __init__(self, app: VtcodeApp) -> None:
        super().__init__(app.launch)
        self.early: tuple[events.Key, ...] = ()
        self._film: list[tuple[type, Frame]] = []

    def post_display_hook(self) -> None:
        if self._batch_count or not self.screen_stack:
            return
        if not self._film:
            for key in self.early:
                self.post_message(key)
        strips = self.screen._compositor.render_strips()
        self._film.append((type(self.screen), [_cells(list(strip)) for strip in strips]))

    def filmed(self, screen: type) -> list[Frame]:
        return [frame for kind, frame in self._film if kind is screen]


def _cells(segments: list[Segment]) -> list[tuple[str, Style]]:
    """Each character with the visible part of its style: a blank has no text colour."""
    cells = []
    for text, style, _ in segments:
        style = (style or Style.null()).without_color + Style(
            color=style.color if style else None, bgcolor=style.bgcolor if style else None
        )
        on_blank = Style(bgcolor=style.bgcolor, reverse=style.reverse)
        cells += [(character, on_blank if character == " " else style) for character in text]
    return cells


def text_of(frame: Frame) -> str:
    return "\n".join("".join(character for character, _ in row).rstrip() for row in frame)


@pytest.mark.parametrize(
    ("theme", "size"),
    [("textual-dark", (80, 24)), ("textual-light", (140, 45)), ("ansi-dark", (40, 12))],
)
async def test_the_chat_replaces_it_without_a_visible_change(
    tmp_path: Path, theme: str, size: tuple[int, int]
) -> None:
    with FakeOllama() as server:
        app = FilmedApp(app_in(tmp_path, server.url, f'[ui]\ntheme = "{theme}"\n'))
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: bool(app.filmed(ChatScreen)), "the chat")
    start, chat = app.filmed(StartScreen)[-1], app.filmed(ChatScreen)[0]
    assert "Ask about the code" in text_of(start)
    assert text_of(start) == text_of(chat)
    assert start == chat


async def test_text_typed_at_the_first_paint_is_shown_at_once_and_sent(tmp_path: Path) -> None:
    with FakeOllama() as server:
        server.script(reply("An answer."))
        app = FilmedApp(app_in(tmp_path, server.url))
        app.early = (
            *(events.Key(letter, letter) for letter in "whz"),
            events.Key("backspace", None),
            events.Key("y", "y"),
            events.Key("enter", "\r"),
        )
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, "An answer.")
        assert "▌ why" in text_of(app.filmed(StartScreen)[-1])
        # Nothing on the screen is undone: the chat begins with the typed text.
        assert "Ask for something" not in text_of(app.filmed(ChatScreen)[0])
        body = server.chats[0].body
        assert body is not None
        assert body["messages"][-1]["content"] == "why"


async def test_keys_that_type_nothing_are_kept_in_order(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = FilmedApp(app_in(tmp_path, server.url))
        keys = ("a", "b", "left", "c", "backspace", "d")
        app.early = (
            *(events.Key(key, key if len(key) == 1 else None) for key in keys),
            # Most terminals send Alt+letter as Esc and the letter; the letter must not be typed.
            events.Key("alt+v", "v"),
        )
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            assert chat_of(pilot).composer.text == "adb"
            await wait_for(pilot, "clipboard")


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("/sessions", "Sessions"),
        ("/tools", "read_file  runs"),
        ("/undo", "There is nothing to undo"),
    ],
)
async def test_a_command_typed_at_the_first_paint_runs_as_soon_as_it_can(
    tmp_path: Path, command: str, shown: str
) -> None:
    with FakeOllama() as server:
        app = FilmedApp(app_in(tmp_path, server.url))
        app.early = (*(_letter(character) for character in command), events.Key("enter", "\r"))
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, shown)


def _letter(character: str) -> events.Key:
    return events.Key({"/": "slash"}.get(character, character), character)
