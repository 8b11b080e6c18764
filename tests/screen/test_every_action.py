"""Every command and every key of the table of actions, done in the real app under Pilot.

Each way that the table offers to start an action is taken, and what it does is waited for. An
action without an entry here fails the first test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.places import app_in, screen_text, wait_for
from vtcode_tui.tui.actions import ACTIONS, BY_NAME
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.chat_screen import ChatScreen
from vtcode_tui.tui.completion import CompletionPopup
from vtcode_tui.tui.composer import Composer

pytestmark = pytest.mark.anyio

LONG = "\n\n".join(f"Paragraph {number} of the answer." for number in range(60))


@dataclass(frozen=True)
class Shown:
    """``text`` is on the screen once the action was done; ``leave`` are the keys that end it."""

    text: str
    leave: tuple[str, ...] = ()
    argument: str = ""


def chat(app: VtcodeApp) -> ChatScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, ChatScreen)
    return screen


# What is told or opened and can be seen at once: by command and by key.
SEEN: dict[str, Shown] = {
    "pick_model": Shown("Choose a model", ("escape",)),
    "next_model": Shown("No other model was used"),
    "pick_effort": Shown("Effort for", ("escape",)),
    "show_context": Shown("32,768"),
    "show_timing": Shown("No answer came yet", ("escape",)),
    "show_prompt": Shown("coding agent", ("escape",)),
    "choose_server": Shown("Which server", ("escape",)),
    "switch_mode": Shown("» accept edits", ("shift+tab", "shift+tab"), "accept"),
    "show_tools": Shown("looks  runs", ("escape",)),
    "show_permissions": Shown("Granted for this session", ("escape",)),
    "show_diff": Shown("changed nothing in this run"),
    "undo": Shown("nothing to undo"),
    "redo": Shown("nothing to redo"),
    "add_directory": Shown("can be read and", argument="../config"),
    "list_sessions": Shown("Sessions", ("escape",)),
    "resume": Shown("Sessions", ("escape",)),
    "export": Shown("nothing to export"),
    "choose_theme": Shown("↑ ↓ try one on", ("escape",)),
    "init": Shown("Write vtcode.toml?", ("escape",)),
    "show_config": Shown("agent.provider", ("escape",)),
    "show_palette": Shown("Search commands", ("escape",)),
    "show_help": Shown("Commands and keys", ("escape",)),
    "retry": Shown("nothing to try again"),
    "search_history": Shown("search", ("escape",)),
    "pull": Shown("Pull mistral:7b?", ("escape",), "mistral:7b"),
    "run_doctor": Shown("ok    server"),
    "fork": Shown("copy"),
}

# What is proved by a test of its own below, or in the file that is named.
ELSEWHERE: dict[str, str] = {
    "toggle_thinking": "test_thinking_opens_and_folds_by_command_and_key",
    "compact": "test_compact_and_new_by_their_commands",
    "new_conversation": "test_compact_and_new_by_their_commands",
    "up_or_older": "test_the_keys_of_the_composer",
    "down_or_newer": "test_the_keys_of_the_composer",
    "send": "test_the_keys_of_the_composer",
    "break_line": "test_the_keys_of_the_composer",
    "leave_composer": "test_the_keys_of_the_conversation",
    "cursor_up": "test_the_keys_of_the_conversation",
    "cursor_down": "test_the_keys_of_the_conversation",
    "toggle_block": "test_the_keys_of_the_conversation",
    "page_up": "test_the_keys_of_the_conversation",
    "page_down": "test_the_keys_of_the_conversation",
    "scroll_home": "test_the_keys_of_the_conversation",
    "jump_to_end": "test_the_keys_of_the_conversation",
    "interrupt": "test_escape_and_ctrl_c_stop_the_model",
    "interrupt_or_leave": "test_escape_and_ctrl_c_stop_the_model",
    "leave": "test_leaving_by_each_command_and_key",
}


def test_every_action_is_shown_by_a_test() -> None:
    here = Path(__file__).read_text("utf-8")
    others = "".join(
        path.read_text("utf-8") for path in Path(__file__).parents[1].rglob("test_*.py")
        if path != Path(__file__)
    )  # fmt: skip
    for action in ACTIONS:
        if action.name in SEEN:
            continue
        if action.name in ELSEWHERE:
            assert f"def {ELSEWHERE[action.name]}" in here, action.name
            continue
        ways = [f'"{key}"' for key in action.keys] + [f"/{action.command}"] * bool(action.command)
        assert any(way in others for way in ways), f"no test does {action.name}: {ways}"


async def ready(pilot: Pilot[int]) -> None:
    await wait_for(pilot, "ready · ")


async def command(pilot: Pilot[int], text: str) -> None:
    screen = chat_of(pilot)
    screen.composer.load_draft(text)
    await pilot.pause()
    await pilot.press("enter")


def chat_of(pilot: Pilot[int]) -> ChatScreen:
    assert isinstance(pilot.app, VtcodeApp)
    return chat(pilot.app)


async def until(pilot: Pilot[int], holds: Callable[[], bool], what: str) -> None:
    import time

    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, f"never: {what}\n{screen_text(pilot)}"
        await pilot.pause(0.01)


async def back(pilot: Pilot[int], keys: tuple[str, ...]) -> None:
    """Out of what was opened, with an empty conversation and nothing typed."""
    await pilot.press(*keys)
    screen = chat_of(pilot)
    await until(pilot, lambda: pilot.app.screen is screen, "the chat again")
    await until(pilot, lambda: not screen.is_turn_running, "nothing runs")
    screen.transcript.clear()
    screen.composer.load_draft("")
    screen.composer.focus()
    assert not screen.query_one(CompletionPopup).display or not keys


@pytest.mark.parametrize("part", range(2))
async def test_what_an_action_opens_or_tells_by_each_of_its_ways(tmp_path: Path, part: int) -> None:
    names = sorted(SEEN)[part::2]
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(110, 40), notifications=True) as pilot:
            await ready(pilot)
            for name in names:
                action, shown = BY_NAME[name], SEEN[name]
                commands = (action.command, *action.aliases) if action.command else ()
                for each in commands:
                    await command(pilot, f"/{each} {shown.argument}".strip())
                    await wait_for(pilot, shown.text)
                    await back(pilot, shown.leave)
                for key in action.keys:
                    await pilot.press(key)
                    await wait_for(pilot, shown.text)
                    await back(pilot, shown.leave)


async def test_thinking_opens_and_folds_by_command_and_key(tmp_path: Path) -> None:
    with FakeOllama() as server:
        server.script(reply("The answer.", thinking="A deep thought."))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await command(pilot, "Why?")
            await wait_for(pilot, "The answer.")
            await pilot.press("ctrl+t")
            await wait_for(pilot, "A deep thought.")
            await command(pilot, "/thinking")
            await until(pilot, lambda: "A deep thought." not in screen_text(pilot), "folded")


async def test_compact_and_new_by_their_commands(tmp_path: Path) -> None:
    with FakeOllama() as server:
        server.script(reply("The answer."))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await command(pilot, "Why?")
            await wait_for(pilot, "The answer.")
            await command(pilot, "/compact")
            await wait_for(pilot, "nothing to compact yet")
            for name in ("/new", "/clear"):
                await until(pilot, lambda: not chat(app).is_turn_running, "nothing runs")
                await command(pilot, name)
                await wait_for(pilot, "Ask about the code in this folder")


async def test_the_keys_of_the_composer(tmp_path: Path) -> None:
    with FakeOllama() as server:
        server.script(reply("The first answer."))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            composer = chat(app).composer
            await pilot.press("a", "shift+enter", "b", "ctrl+j", "c")
            assert composer.text == "a\nb\nc"
            await pilot.press("enter")
            await wait_for(pilot, "The first answer.")
            await pilot.press("up")
            await until(pilot, lambda: composer.text == "a\nb\nc", "the prompt sent")
            await pilot.press("down")
            await until(pilot, lambda: composer.text == "", "the draft")


async def test_the_keys_of_the_conversation(tmp_path: Path) -> None:
    with FakeOllama() as server:
        server.script(reply(LONG, thinking="A deep thought."))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            view, composer = chat(app).transcript, chat(app).composer
            await command(pilot, "Why?")
            await wait_for(pilot, "Paragraph 59")
            composer.focus()
            await pilot.press("tab")
            await until(pilot, lambda: view.has_focus, "the conversation has the focus")
            end = view.scroll_offset.y
            await pilot.press("pageup")
            await until(pilot, lambda: view.scroll_offset.y < end, "a page up")
            middle = view.scroll_offset.y
            await pilot.press("pagedown")
            await until(pilot, lambda: view.scroll_offset.y > middle, "a page down")
            await pilot.press("home")
            await until(pilot, lambda: view.scroll_offset.y == 0, "the beginning")
            await pilot.press("down")
            await until(pilot, lambda: view.cursor is not None, "a block")
            while view.cursor != 0:
                await pilot.press("up")
            await pilot.press("down")
            await until(pilot, lambda: view.cursor == 1, "the thinking")
            await pilot.press("enter")
            await wait_for(pilot, "A deep thought.")
            await pilot.press("space")
            await until(pilot, lambda: "A deep thought." not in screen_text(pilot), "folded")
            await pilot.press("end")
            await until(pilot, lambda: view.scroll_offset.y >= end - 2, "the end")
            await pilot.press("tab")
            await until(pilot, lambda: not view.has_focus, "somewhere else")


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_escape_and_ctrl_c_stop_the_model(tmp_path: Path, key: str) -> None:
    with FakeOllama() as server:
        server.script(reply("word " * 400, pace_s=0.05))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await command(pilot, "Go on")
            await wait_for(pilot, "answering")
            await pilot.press(key)
            await wait_for(pilot, "○ ready")


async def test_ctrl_c_copies_what_is_selected_and_closes_a_dialog(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            composer = app.screen.query_one(Composer)
            composer.load_draft("a word of mine")
            composer.select_all()
            await pilot.press("ctrl+c")
            await until(pilot, lambda: app.clipboard == "a word of mine", "the copy")
            assert composer.text == "a word of mine"
            await pilot.press("f1")
            await wait_for(pilot, "Commands and keys")
            await pilot.press("ctrl+c")
            await until(pilot, lambda: app.screen is composer.screen, "the sheet is closed")
            assert composer.text == "a word of mine"
            assert app.return_code is None


async def test_leaving_by_each_command_and_key(tmp_path: Path) -> None:
    with FakeOllama() as server:
        for number, way in enumerate(("/exit", "/quit", "ctrl+q", "ctrl+c")):
            place = tmp_path / str(number)
            place.mkdir()
            app = app_in(place, server.url)
            async with app.run_test(size=(100, 30)) as pilot:
                await ready(pilot)
                if way.startswith("/"):
                    await command(pilot, way)
                else:
                    await pilot.press(*([way] * (2 if way == "ctrl+c" else 1)))
                await until(pilot, lambda app=app: app.return_code is not None, way)  # type: ignore[misc]
            assert app.return_code == 0
