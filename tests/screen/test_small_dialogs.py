"""Dialogs in a terminal of 40 columns and 12 lines: each shows how to leave it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import chat_of, ready, until
from tests.screen.places import app_in, screen_text, wait_for
from tests.screen.scenes import send
from vtcode_tui.conversation.events import TextDelta
from vtcode_tui.tui.actions import ACTIONS
from vtcode_tui.tui.hints import HintLine
from vtcode_tui.tui.sheet import fitted_hint

pytestmark = pytest.mark.anyio

OPENED_BY = (
    *("ctrl+r", "ctrl+o", "f1", "/theme", "/sessions", "/permissions", "/effort", "/init"),
    "o",
)
LINKS = "\n".join(f"- https://host{number}.example/{'a' * 90}" for number in range(20))


async def test_each_dialog_shows_how_to_leave_it(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(40, 12)) as pilot:
            await ready(pilot)
            server.script(*(reply("Yes.") for _ in range(14)))
            chat = chat_of(pilot)
            for number in range(14):
                chat.prompts.remember(f"prompt {number}")
            for how in OPENED_BY:
                if how.startswith("/"):
                    await send(pilot, how)
                elif how == "o":
                    chat.take(TextDelta(LINKS))
                    await until(pilot, lambda: chat.transcript.is_settled, "the answer with links")
                    await pilot.press("tab", how)
                else:
                    await pilot.press(how)
                await until(pilot, lambda: app.screen is not chat, f"{how} opens one")
                await wait_for(pilot, "esc")
                if how == "o":
                    await pilot.press("up")
                    await wait_for(pilot, "› Open host19.example")
                await pilot.press("escape")
                await until(pilot, lambda: app.screen is chat, f"the chat after {how}")


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, "enter open · ctrl+r rename · esc back"),
        (36, "enter open · esc back"),
        (20, "esc back"),
        (3, "esc back"),
    ],
)
def test_the_last_hint_is_never_dropped(width: int, shown: str) -> None:
    assert fitted_hint("enter open · ctrl+r rename · esc back", width) == shown


async def test_a_short_message_covers_nothing_and_is_not_cut(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(40, 12), notifications=True) as pilot:
            await ready(pilot)
            first_lines = screen_text(pilot).splitlines()[:4]
            await pilot.press("ctrl+d")
            screen = await wait_for(pilot, "Press Ctrl+D again to leave.")
            assert screen.splitlines()[:4] == first_lines
            await pilot.press("shift+tab")
            said = "Accept-edits mode: writes in the workspace run unasked, commands still ask."
            await until(pilot, lambda: said in " ".join(screen_text(pilot).split()), said)
            assert "again to leave" not in screen_text(pilot)


async def test_help_in_a_narrow_terminal_has_commands_and_keys_in_lines_of_their_own(
    tmp_path: Path,
) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(40, 40)) as pilot:
            await ready(pilot)
            await pilot.press("f1")
            screen = await wait_for(pilot, "Commands and keys")
            lines = [line.strip(" ▌▊▎│") for line in screen.splitlines()]
            assert lines[lines.index("/history, Ctrl+R") + 1].startswith("search the prompts")
            await pilot.resize_terminal(100, 40)
            await wait_for(pilot, "/history, Ctrl+R      search the prompts sent here before")


async def test_permissions_say_each_reason_once(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url, '[tools.policies]\nedit_file = "deny"\n')
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            await send(pilot, "/permissions")
            screen = await wait_for(pilot, "Granted for this session")
            assert "  read_file, list_files, search_files\n" in screen
            assert "  write_file, run_terminal_cmd\n" in screen
            for reason in (
                "runs because it only looks, and no setting says otherwise",
                "asks because it can change files, and no setting allows it",
                'denied because the settings say [tools.policies] edit_file = "deny"',
            ):
                assert screen.count(reason) == 1


async def test_the_palette_lists_what_makes_sense_to_start_from_a_list(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 80)) as pilot:
            await ready(pilot)
            await pilot.press("ctrl+p")
            screen = await wait_for(pilot, "Choose the model")
            for action in ACTIONS:
                line = action.description[:1].upper() + action.description[1:]
                is_listed = f" {line}  " in screen
                assert is_listed is action.is_in_palette, line
            await pilot.press("escape")
            await pilot.resize_terminal(40, 12)
            await pilot.press("ctrl+p")
            await wait_for(pilot, "Summarise older turns")
    only_keys = {each.name for each in ACTIONS if not (each.command or each.is_in_palette)}
    assert {"page_up", "next_prompt", "go_to_end", "show_palette", "interrupt"} <= only_keys
    assert all(each.is_in_palette for each in ACTIONS if each.command)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (200, ("find", "thinking", "model", "mode", "commands", "help")),
        (80, ("find", "thinking", "model", "mode", "help")),
        (24, ("find", "help")),
    ],
)
async def test_the_hint_that_leads_to_all_keys_stays(width: int, shown: tuple[str, ...]) -> None:
    class Hints(App[None]):
        def compose(self) -> ComposeResult:
            yield HintLine(ACTIONS)

    async with Hints().run_test(size=(width, 3)) as pilot:
        line = str(pilot.app.query_one(HintLine).render())
    assert tuple(re.findall(r"\S+ (\S+)(?: {3}|$)", line)) == shown
