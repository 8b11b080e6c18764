"""Reading in the real app: search, navigation, copying, links, following the end, the mouse."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama
from tests.screen.driving import chat_of
from tests.screen.scenes import MODEL, Scene, app_for, screen_text, started, wait_for
from tests.screen.transcript_app import tool_call, turns
from vtcode_tui.conversation.events import Event, TextDelta, TurnEnd, TurnFinished, TurnStarted
from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    Display,
    FileDisplay,
    TextDisplay,
)
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.copying import copied_words
from vtcode_tui.tui.link_screen import host_of
from vtcode_tui.tui.transcript_view import TranscriptView
from vtcode_tui.workspace.diff import file_diff
from vtcode_tui.workspace.process_browser import open_address
from vtcode_tui.workspace.process_clipboard import clipboard_writer, write_clipboard

pytestmark = pytest.mark.anyio

ANSWER = (
    "First words.\n\n```python\nx = 1\n```\n\nThen:\n\n```sh\nls\n```\n\n"
    "See [the docs](https://docs.example/a) and https://other.example/b.\n"
)


@asynccontextmanager
async def reading(
    *shown: Event,
    size: tuple[int, int] = (80, 24),
    environ: dict[str, str] | None = None,
    ui: str = "",
) -> AsyncIterator[Pilot[int]]:
    """The app with a conversation and the focus on the prompt."""
    with FakeOllama() as server:
        app = app_for(Scene(started, environ=environ or {}, ui=ui), server, "textual-dark")
        async with app.run_test(size=size, notifications=True) as pilot:
            await wait_for(pilot, MODEL)
            for event in shown:
                view_of(pilot).apply(event)
            await until(pilot, lambda: view_of(pilot).is_settled)
            yield pilot


def view_of(pilot: Pilot[int]) -> TranscriptView:
    return pilot.app.screen_stack[0].query_one(TranscriptView)


async def focus(pilot: Pilot[int]) -> None:
    view_of(pilot).focus()
    await until(pilot, lambda: view_of(pilot).has_focus)


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, screen_text(pilot)
        app = pilot.app
        assert isinstance(app, VtcodeApp)
        app.launch.clock.now += 0.01  # type: ignore[attr-defined]
        await pilot.pause(0.01)


def answered() -> Sequence[Event]:
    return [TurnStarted(1, "question"), TextDelta(ANSWER), TurnFinished(TurnEnd.DONE, 1.0)]


# --- search ------------------------------------------------------------------------------------


async def test_find_goes_to_the_nearest_match_and_walks_on() -> None:
    async with reading(*turns(12)) as pilot:
        await pilot.press("ctrl+f", *"question")
        await wait_for(pilot, "12 of 12")
        await pilot.press("enter")
        await until(pilot, lambda: view_of(pilot).has_focus)
        await pilot.press("N")
        await wait_for(pilot, "11 of 12")
        await until(pilot, lambda: "question 10" in screen_text(pilot))
        await pilot.press("N", "n", "n")
        await wait_for(pilot, "12 of 12")
        await pilot.press("n")
        await wait_for(pilot, "1 of 12")
        await until(pilot, lambda: "question 0" in screen_text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: view_of(pilot).finder is None)
        await until(pilot, lambda: "Find" not in screen_text(pilot))


async def test_a_folded_block_opens_for_its_match_and_folds_when_it_is_left() -> None:
    hidden = tool_call(subject="secret.py", display=TextDisplay("a needle inside"))
    async with reading(TurnStarted(1, "look"), *hidden, TextDelta("no more needle")) as pilot:
        assert "inside" not in screen_text(pilot)
        await pilot.press("ctrl+f", *"needle")
        await wait_for(pilot, "of 2")
        while "1 of 2" not in screen_text(pilot):
            await pilot.press("down")
        await wait_for(pilot, "a needle inside")
        await pilot.press("down")
        await wait_for(pilot, "2 of 2")
        await until(pilot, lambda: "inside" not in screen_text(pilot))


LONG_FILE = "\n".join(
    f"line {number}" + {700: " needle", 900: "." * 3_000 + "needle"}.get(number, "")
    for number in range(1, 1001)
)
LEFT_OUT: dict[str, tuple[Display, int]] = {
    "output": (CommandDisplay("make", "/w", LONG_FILE), 2),
    "file": (FileDisplay("a.txt", LONG_FILE), 2),
    "diff": (DiffDisplay(file_diff("a.txt", LONG_FILE, LONG_FILE.replace("0", "zero"))), 4),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
async def test_what_long_output_leaves_out_is_found_and_shown(kind: str) -> None:
    display, count = LEFT_OUT[kind]
    shown = tool_call(subject="make", display=display)
    async with reading(TurnStarted(1, "look"), *shown, TextDelta("The end.")) as pilot:
        await pilot.press("ctrl+f", *"needle")
        await wait_for(pilot, f"{count} of {count}")
        for number in range(count, 0, -1):
            await wait_for(pilot, f"{number} of {count}")
            await until(pilot, lambda: "needle" in _unbroken(screen_text(pilot)))
            await pilot.press("up")
        view = view_of(pilot)
        await until(pilot, lambda: view.is_settled)
        assert any(_left_out(line.text) for line in view.page.views[1].lines)
        await pilot.press("ctrl+f", *"nothing like it")
        await wait_for(pilot, "none")
        assert view.page.views[1].pattern is None


def _unbroken(screen: str) -> str:
    """The text above the search bar, with lines joined."""
    return re.sub(r"[\s┆]", "", screen.split("Find needle")[0])


def _left_out(text: str) -> bool:
    return "lines not shown: e opens all in the editor" in text


async def test_matches_are_marked_and_the_current_one_differently() -> None:
    async with reading(TurnStarted(1, "mark mark")) as pilot:
        await pilot.press("ctrl+f", *"mark")
        await wait_for(pilot, "1 of 2")
        view = view_of(pilot)
        line = next(strip for strip in view.render_lines(view.size.region) if "mark" in strip.text)
        marks = [seg.style for seg in line if seg.text == "mark" and seg.style is not None]
        assert [style.reverse for style in marks] == [True, True]
        assert [bool(style.underline) for style in marks] == [True, False]


async def test_a_search_without_matches_says_so() -> None:
    async with reading(*turns(2)) as pilot:
        await pilot.press("ctrl+f", *"nowhere to be found")
        await wait_for(pilot, "none")
        await pilot.press("escape", *"typed")
        await wait_for(pilot, "typed")


async def test_finding_in_five_megabytes_never_holds_the_loop() -> None:
    long = "some words of a long answer that nobody reads to its end\n\n" * 1_800
    turns_of_it: list[Event] = []
    for number in range(50):
        turns_of_it += [TurnStarted(number, f"question {number}"), TextDelta(long)]
    async with reading() as pilot:
        view_of(pilot).load([TurnStarted(99, "a needle"), *turns_of_it])
        await pilot.press("ctrl+f", *"needle")
        await wait_for(pilot, "1 of 1")
        await until(pilot, lambda: "a needle" in screen_text(pilot))
        middle = view_of(pilot).page.views[50]
        assert middle.final_renders == 0, "what is far from the match was rendered"


# --- copying -----------------------------------------------------------------------------------


async def test_a_block_the_answer_and_its_code_are_copied_by_key() -> None:
    async with reading(*answered()) as pilot:
        await focus(pilot)
        await pilot.press("Y")
        await wait_for(pilot, "Copied answer, 13 lines")
        assert pilot.app.clipboard == ANSWER.strip("\n")
        await pilot.press("c")
        await wait_for(pilot, "Copied python 1 of 2")
        assert pilot.app.clipboard == "x = 1"
        await pilot.press("c")
        await wait_for(pilot, "Copied sh 2 of 2")
        assert pilot.app.clipboard == "ls"
        view_of(pilot).cursor = 0
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.clipboard == "question")


async def test_the_answer_is_copied_by_a_command_too_and_by_the_clipboards_program(
    tmp_path: Path,
) -> None:
    taken = tmp_path / "taken"
    program = tmp_path / "xclip"
    program.write_text(f"#!/bin/sh\ncat > {shlex.quote(str(taken))}\n")
    program.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "DISPLAY": ":0"}
    async with reading(*answered(), environ=environ) as pilot:
        await pilot.press(*"/copy code", "enter")
        await until(pilot, lambda: pilot.app.clipboard == "x = 1")
        await wait_for(pilot, "(xclip)")
        assert taken.read_text() == "x = 1"


async def test_a_selection_is_copied_at_once_unless_that_is_off() -> None:
    async with reading(*answered()) as pilot:
        await pilot.click(TranscriptView, offset=(6, 3), times=2)
        await until(pilot, lambda: pilot.app.clipboard == "First")
    async with reading(*answered(), ui="copy_on_select = false") as pilot:
        await pilot.click(TranscriptView, offset=(6, 3), times=2)
        await until(pilot, lambda: pilot.app.screen.get_selected_text() == "First")
        assert pilot.app.clipboard == ""


async def test_a_drag_to_the_edge_scrolls_and_selects_what_comes() -> None:
    async with reading(*turns(6)) as pilot:
        view = view_of(pilot)
        top = view.scroll_offset.y
        await pilot.mouse_down(TranscriptView, offset=(8, 10))
        for row in (8, 4, 1, 0):
            moved = events.MouseMove(view, 8, row, 0, -1, 1, False, False, False, 8, row)
            pilot.app.screen._forward_event(moved)
            await pilot.pause()
        await until(pilot, lambda: view.scroll_offset.y < top - 30)
        await pilot.mouse_up(TranscriptView, offset=(8, 0))
        selected = pilot.app.screen.get_selected_text() or ""
        assert selected.count("\n") > 25


def test_the_program_of_the_clipboard_is_the_one_that_can_work_here(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    for name in ("wl-copy", "xclip"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\n{{ echo "{name} $*"; cat; }} > {shlex.quote(str(taken))}\n')
        program.chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    assert clipboard_writer({"PATH": str(tmp_path)}) is None
    wayland = {**path, "WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}
    argv = clipboard_writer(wayland)
    assert argv == (str(tmp_path / "wl-copy"),)
    assert write_clipboard(argv, "größer", wayland)
    assert taken.read_text() == "wl-copy \ngrößer"
    x11 = clipboard_writer({**path, "DISPLAY": ":0"})
    assert x11 is not None
    assert x11[0].endswith("xclip")
    assert not write_clipboard((str(tmp_path / "missing"),), "x", path)
    (tmp_path / "xclip").rename(tmp_path / "tmux")
    inside = clipboard_writer({"PATH": str(tmp_path), "TMUX": "/tmp/tmux", "DISPLAY": ":0"})
    assert inside == (str(tmp_path / "tmux"), "load-buffer", "-w", "-")


@pytest.mark.parametrize(
    ("text", "program", "environ", "words"),
    [
        ("ab", "pbcopy", {}, "Copied block, 2 characters (pbcopy)."),
        ("a\nb", "", {}, "Copied block, 2 lines by way of the terminal (OSC 52)."),
        ("a", "", {"TMUX": "x"}, "tmux set -g set-clipboard on"),
        ("a" * 80_000, "", {}, "which may refuse so much"),
    ],
)
def test_a_message_says_how_a_text_was_copied(
    text: str, program: str, environ: dict[str, str], words: str
) -> None:
    assert words in copied_words(text, "block", program, environ)


# --- editor, links, mouse ----------------------------------------------------------------------


def fake_browser(directory: Path, name: str, does: str = "true") -> Path:
    """A browser that writes the address to the returned file and prints output."""
    noted = directory / "opened"
    program = directory / name
    program.write_text(
        "#!/bin/sh\necho chatter; echo chatter >&2\n"
        f"[ -t 0 ] || echo $1 >> {shlex.quote(str(noted))}\n{does}\n"
    )
    program.chmod(0o755)
    return noted


async def test_a_link_is_opened_only_after_its_target_was_shown(tmp_path: Path) -> None:
    opened = fake_browser(tmp_path, "browser")
    environ = {"BROWSER": str(tmp_path / "browser"), "PATH": "/usr/bin:/bin"}
    async with reading(*answered(), environ=environ) as pilot:
        await focus(pilot)
        view_of(pilot).cursor = 1
        await pilot.press("o")
        await wait_for(pilot, "Open docs.example in the browser?")
        assert not opened.exists()
        await pilot.press("down")
        screen = await wait_for(pilot, "Open other.example in the browser?")
        assert "https://other.example/b" in screen
        await pilot.press("enter")
        await until(pilot, opened.exists)
        await until(pilot, lambda: opened.read_text() == "https://other.example/b\n")


async def test_a_click_on_a_link_asks_and_escape_opens_nothing(tmp_path: Path) -> None:
    opened = fake_browser(tmp_path, "browser")
    async with reading(*answered(), environ={"BROWSER": str(tmp_path / "browser")}) as pilot:
        row = next(n for n, line in enumerate(screen_text(pilot).split("\n")) if "the docs" in line)
        await pilot.click(TranscriptView, offset=(10, row))
        await wait_for(pilot, "Open docs.example in the browser?")
        await pilot.press("escape")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)
        assert not opened.exists()


def test_a_browser_neither_prints_here_nor_draws_here(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = "https://a.example/?q=%s"
    opened = fake_browser(tmp_path, "xdg-open")
    desktop = {"PATH": f"{tmp_path}:/usr/bin:/bin", "DISPLAY": ":0"}
    assert open_address(url, desktop, is_mac=False)
    assert opened.read_text() == f"{url}\n"
    assert open_address(url, {**desktop, "BROWSER": "false:lynx"}, is_mac=False)
    assert opened.read_text() == f"{url}\n" * 2
    assert not open_address(url, {**desktop, "DISPLAY": ""}, is_mac=False)
    assert not open_address(url, {"PATH": str(tmp_path / "none"), "DISPLAY": ":0"}, is_mac=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example/x", "a.example"),
        ("https://good.example@evil.example/", "evil.example"),
        ("http://bücher.example", "xn--bcher-kva.example"),
        ("file:///etc/passwd", ""),
        ("javascript:alert(1)", ""),
        ("https://a.example/\x1b[2J", ""),
        ("http://[broken", ""),
    ],
)
def test_the_host_is_the_one_that_would_be_asked(url: str, host: str) -> None:
    assert host_of(url) == host


async def test_a_block_goes_to_the_editor_or_it_is_said_why_not() -> None:
    async with reading(*answered(), environ={"EDITOR": "true"}) as pilot:
        await focus(pilot)
        await pilot.press("e")
        await wait_for(pilot, "An editor cannot be opened here.")


async def test_the_mouse_is_given_away_and_taken_back() -> None:
    async with reading(*answered()) as pilot:
        driver = pilot.app._driver
        assert driver is not None
        calls: list[str] = []
        driver._disable_mouse_support = lambda: calls.append("off")  # type: ignore[attr-defined]
        driver._enable_mouse_support = lambda: calls.append("on")  # type: ignore[attr-defined]
        await pilot.press("f8")
        await wait_for(pilot, "the terminal has the mouse · F8 takes it back")
        assert "click" not in screen_text(pilot)
        await pilot.press("f8")
        await until(pilot, lambda: "takes it back" not in screen_text(pilot))
        assert calls == ["off", "on"]


# --- navigation --------------------------------------------------------------------------------


async def test_the_sign_tells_of_news_below_and_leads_there() -> None:
    async with reading(*turns(6)) as pilot:
        await pilot.press("pageup")
        await wait_for(pilot, "↓ more below")
        view_of(pilot).apply(TurnStarted(9, "the newest question"))
        await wait_for(pilot, "↓ new below")
        await pilot.press("ctrl+end")
        await wait_for(pilot, "the newest question")
        await until(pilot, lambda: "below" not in screen_text(pilot))
        await pilot.press("pageup")
        await wait_for(pilot, "↓ more below")
        await pilot.click("ReadingSign", offset=(6, 0))
        await until(pilot, lambda: view_of(pilot).is_following)


async def test_what_is_sent_is_shown_though_one_had_scrolled_away() -> None:
    async with reading(*turns(6)) as pilot:
        for typed, shown in (
            ("/nonsense", "There is no command"),
            ("!printf seen", "│ seen"),
            ("Are you there?", "Hello from the fake server."),
        ):
            await pilot.press("pageup")
            await wait_for(pilot, "more below")
            await pilot.press(*typed, "enter")
            await wait_for(pilot, shown)
        await pilot.press("pageup")
        await wait_for(pilot, "more below")
        await pilot.press(*"/thinking", "enter")
        await pilot.pause()
        assert not view_of(pilot).is_following, "a command about reading leaves the place"


async def test_prompts_are_reached_by_key_from_the_composer() -> None:
    async with reading(*turns(6)) as pilot:
        await pilot.press("ctrl+up")
        await until(pilot, lambda: "question" in screen_text(pilot).split("\n")[1])
        first = screen_text(pilot).split("\n")[1]
        await pilot.press("ctrl+up")
        await until(pilot, lambda: screen_text(pilot).split("\n")[1] != first)
        assert "question" in screen_text(pilot).split("\n")[1]
        await pilot.press("ctrl+down")
        await until(pilot, lambda: screen_text(pilot).split("\n")[1] == first)
        for _ in range(3):
            await pilot.press("ctrl+down")
        await until(pilot, lambda: view_of(pilot).is_following)


@pytest.mark.parametrize(("command", "what"), [("/copy", "answer"), ("/copy code", "code")])
async def test_that_there_is_nothing_to_copy_is_said(command: str, what: str) -> None:
    async with reading() as pilot:
        chat_of(pilot).run_command(command)
        await wait_for(pilot, f"There is no {what} to copy.")
