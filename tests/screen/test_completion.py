"""The completion popup: rows, keys, clicks, and untrusted text in it."""

from __future__ import annotations

import pytest
from textual import events, on
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.screen.stage import screen_text, until
from vtcode_tui.tui.actions import ACTIONS
from vtcode_tui.tui.commands import completer_of
from vtcode_tui.tui.completion import Completion, CompletionPopup, Location, Offer
from vtcode_tui.tui.composer import Composer

pytestmark = pytest.mark.anyio


class Desk(App[None]):
    """A composer with its popup, below another widget."""

    def __init__(self, hostile: str = "") -> None:
        super().__init__()
        self.sent: list[str] = []
        self._hostile = hostile

    def compose(self) -> ComposeResult:
        from textual.containers import Vertical

        yield Vertical()
        yield CompletionPopup()
        yield Composer()

    def on_mount(self) -> None:
        composer = self.query_one(Composer)
        composer.completions.attach(
            self.query_one(CompletionPopup), completer_of(ACTIONS), self._names
        )
        composer.focus()

    def _names(self, text: str, cursor: Location) -> Offer | None:
        if not text.startswith("@"):
            return None
        return Offer((0, 0), cursor, (Completion("@taken ", self._hostile, self._hostile),))

    @on(Composer.Submitted)
    def _sent(self, message: Composer.Submitted) -> None:
        self.sent.append(message.text)

    @on(CompletionPopup.Taken)
    def _taken(self, message: CompletionPopup.Taken) -> None:
        self.query_one(Composer).take_completion(message)

    @property
    def text(self) -> str:
        return self.query_one(Composer).text


def is_open(app: Desk) -> bool:
    return app.query_one(CompletionPopup).display


async def typed(pilot: Pilot[None], app: Desk, text: str, *, opens: bool = True) -> None:
    await pilot.press(*text)
    await until(pilot, lambda: app.text == text and is_open(app) == opens, f"popup {opens}")


async def test_a_slash_lists_commands_with_what_they_do() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, app, "/")
        await until(pilot, lambda: "choose the model  Ctrl+O" in screen_text(app), "the rows")
        await pilot.press(*"ses")
        await until(pilot, lambda: "› /sessions" in screen_text(app), "the best first")


async def test_a_long_label_takes_no_room_from_the_details_of_the_others() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, app, "/mo")
        await until(
            pilot, lambda: "/mode [normal|accept-edits|plan]  switch" in screen_text(app), "it"
        )
        assert "leave the mouse to the terminal, or take it back  F8" in screen_text(app)


async def test_enter_sends_a_command_with_the_typed_prefix() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, app, "/sess")
        await pilot.press("enter")
        await until(pilot, lambda: app.sent == ["/sessions"], "sent")


async def test_enter_only_inserts_a_similar_command_or_one_with_an_argument() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, app, "/rdo")
        await pilot.press("enter")
        await until(pilot, lambda: app.text == "/redo", "put in")
        app.query_one(Composer).load_draft("")
        await typed(pilot, app, "/exp")
        await pilot.press("enter")
        await until(pilot, lambda: app.text == "/export ", "put in")
        assert app.sent == []
        await pilot.press("enter")
        await until(pilot, lambda: app.sent == ["/export "], "sent")


async def test_fast_keys_take_no_row_of_an_older_text() -> None:
    app = Desk()
    async with app.run_test() as pilot:
        await pilot.press("/")
        await until(pilot, lambda: is_open(app), "the commands")
        composer = app.query_one(Composer)
        for character in "zzzzzz":
            composer.post_message(events.Key(character, character))
        composer.post_message(events.Key("enter", None))
        await until(pilot, lambda: bool(app.sent), "it is sent")
        assert app.sent == ["/zzzzzz"]


async def test_arrows_choose_tab_takes_and_escape_hides_for_this_word() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, app, "/")
        await pilot.press("down", "down", "up", "up", "up")
        await until(pilot, lambda: "› /paste-image" in screen_text(app), "round the end")
        await pilot.press("escape")
        await until(pilot, lambda: not is_open(app), "hidden")
        await pilot.press("m")
        await until(pilot, lambda: app.text == "/m", "typed")
        assert not is_open(app)
        await pilot.press("backspace", "backspace", *"/mod")
        await until(pilot, lambda: is_open(app), "open for the next word")
        await pilot.press("tab")
        await until(pilot, lambda: app.text == "/model" and not is_open(app), "taken")
        assert app.sent == []


async def test_a_click_takes_a_row() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, app, "/for")
        await pilot.pause()
        await pilot.click(CompletionPopup, offset=(4, 0))
        await until(pilot, lambda: app.sent == ["/fork"], "sent")


async def test_a_recalled_prompt_opens_no_popup() -> None:
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Composer).set_history(["/undo", "/redo"])
        await pilot.press("up", "up")
        await until(pilot, lambda: app.text == "/undo", "the first prompt")
        assert not is_open(app)


@pytest.mark.parametrize(
    "text", ["[red]x[/red]", "\x1b[31mred", "[@click=app.quit]x[/]", "a\u202eb"]
)
async def test_hostile_rows_are_shown_as_plain_text(text: str) -> None:
    app = Desk(text)
    async with app.run_test(size=(80, 24)) as pilot:
        await typed(pilot, app, "@")
        await until(pilot, lambda: "›" in screen_text(app), "the row")
        assert "\x1b" not in screen_text(app)
        assert "\u202e" not in screen_text(app)
        await pilot.press("tab")
        await until(pilot, lambda: app.text == "@taken ", "taken")


def test_a_path_or_a_sentence_gets_no_completion() -> None:
    complete = completer_of(ACTIONS)
    for text in ("/etc/", "/model is", "see /mo", "x"):
        assert complete(text, (0, len(text))) is None
    assert complete("/model", (0, 2)) is None
