"""The list of sessions, and the confirmation before one is deleted."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tests.screen.stage import Stage, screen_text, send_key, until
from vtcode_tui.session.listing import SessionSummary
from vtcode_tui.tui.confirm_screen import ConfirmScreen
from vtcode_tui.tui.session_picker import PickedSession, SessionPicker
from vtcode_tui.tui.session_rows import RowFrame, row_content, search, when

pytestmark = pytest.mark.anyio

NOW = datetime.datetime(2026, 1, 2, 12, 0, tzinfo=datetime.UTC)


def session(
    number: int, words: str, *, model: str = "qwen3:1.7b", title: str = ""
) -> SessionSummary:
    return SessionSummary(
        session_id=f"{number:08x}",
        path=Path(f"/state/20260102-100000-{number:08x}.jsonl"),
        workspace="/work/place",
        title=title,
        first_words=words,
        model=model,
        turns=number,
        changed_s=NOW.timestamp() - 3600 * number,
        size_bytes=1000 * number,
    )


ROWS = (
    session(1, "fix the parser"),
    session(2, "write a poem about the sea", model="gemma3:4b"),
    session(3, "rename the module", title="Renaming"),
)


def picker(rows: tuple[SessionSummary, ...] | None = ROWS, **more: str) -> SessionPicker:
    return SessionPicker(rows, now=NOW, **more)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
async def test_each_session_is_one_line_with_what_there_is_room_for(size: tuple[int, int]) -> None:
    stage = Stage(picker(current="00000002"))
    async with stage.run_test(size=size) as pilot:
        await until(pilot, lambda: "fix the parser" in screen_text(stage), "the rows")
        lines = screen_text(stage).splitlines()
    row = next(line for line in lines if "write a poem" in line or "writ" in line)
    assert "●" in row
    assert row.endswith("2 h ago")
    assert ("gemma3:4b" in row) == (size[0] >= 80)
    assert "Renaming" in "\n".join(lines)
    ends = {len(line) for line in lines if line.endswith(" ago")}
    assert len(ends) == 1


async def test_typing_searches_words_models_and_ids_and_enter_opens() -> None:
    stage = Stage(picker())
    async with stage.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "fix the parser" in screen_text(stage), "the rows")
        for key in "gem po":
            send_key(stage, key)
        await until(pilot, lambda: "fix the parser" not in screen_text(stage), "the search")
        assert "write a poem" in screen_text(stage)
        send_key(stage, "enter")
        await until(pilot, lambda: bool(stage.results), "the result")
    assert stage.only_result == PickedSession("open", ROWS[1], query="gem po")


async def test_arrows_choose_and_escape_chooses_nothing() -> None:
    stage = Stage(picker())
    async with stage.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "fix the parser" in screen_text(stage), "the rows")
        await pilot.press("down", "down")
        await until(pilot, lambda: "00000003 · " in screen_text(stage), "the third")
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results), "the result")
    assert stage.only_result is None


async def test_a_click_opens() -> None:
    stage = Stage(picker())
    async with stage.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "Renaming" in screen_text(stage), "the rows")
        lines = screen_text(stage).splitlines()
        row = next(n for n, line in enumerate(lines) if "Renaming" in line)
        await pilot.click(offset=(lines[row].index("Renaming"), row))
        await until(pilot, lambda: bool(stage.results), "the result")
    assert stage.only_result == PickedSession("open", ROWS[2])


async def test_a_new_name_is_typed_over_the_old_one_and_escape_keeps_it() -> None:
    stage = Stage(picker())
    async with stage.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "fix the parser" in screen_text(stage), "the rows")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "enter rename" in screen_text(stage), "the field")
        await pilot.press("escape")
        await until(pilot, lambda: "ctrl+r rename" in screen_text(stage), "the list")
        await pilot.press("ctrl+r", "ctrl+u", *"New", "enter")
        await until(pilot, lambda: bool(stage.results), "the result")
    assert stage.only_result == PickedSession("rename", ROWS[0], "New")


@pytest.mark.parametrize(("key", "action"), [("ctrl+d", "delete"), ("ctrl+e", "export")])
async def test_keys_ask_for_what_is_done_to_the_marked_session(key: str, action: str) -> None:
    stage = Stage(picker(chosen="00000002"))
    async with stage.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "00000002 · " in screen_text(stage), "the marked one")
        await pilot.press(key)
        await until(pilot, lambda: bool(stage.results), "the result")
    assert stage.only_result is not None
    assert (stage.only_result.action, stage.only_result.session) == (action, ROWS[1])


async def test_rows_may_come_later_and_there_may_be_none() -> None:
    screen = picker(None)
    stage = Stage(screen)
    async with stage.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "reading…" in screen_text(stage), "the first paint")
        await pilot.press("enter", "ctrl+d", "ctrl+r")
        screen.set_rows(ROWS)
        await until(pilot, lambda: "3 sessions were held here" in screen_text(stage), "the rows")
        screen.set_rows(())
        await until(pilot, lambda: "No session was held here" in screen_text(stage), "none")
        await pilot.press("enter", "ctrl+d", "ctrl+r")
        assert not stage.results


async def test_hostile_words_are_harmless() -> None:
    hostile = "\x1b]52;c;eA==\x07[/red][@click=app.quit]x[/] \u202e\n new\nlines " + "y" * 300
    stage = Stage(picker((session(1, hostile, title=hostile), *ROWS[1:])))
    async with stage.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "[/red]" in screen_text(stage), "the rows")
        text = screen_text(stage)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "␛]52" in text


async def test_five_hundred_sessions_are_searched_as_one_types() -> None:
    rows = tuple(session(n, f"session number {n} about things") for n in range(1, 501))
    stage = Stage(picker(rows))
    async with stage.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "500 sessions" in screen_text(stage), "the rows")
        for key in "number 377":
            send_key(stage, key)
        await until(pilot, lambda: "00000179 · " in screen_text(stage), "the best match")


@pytest.mark.parametrize(("keys", "answer"), [(["enter"], False), (["escape"], False), (["down", "enter"], True)])  # fmt: skip
async def test_the_focus_starts_on_keeping(keys: list[str], answer: bool) -> None:
    screen = ConfirmScreen("Delete this session?", "words\x1b", do="Delete it", keep="Keep it")
    stage = Stage(screen)
    async with stage.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Delete this session?" in screen_text(stage), "the question")
        await pilot.press(*keys)
        await until(pilot, lambda: bool(stage.results), "the answer")
    assert stage.only_result is answer


def test_searching_wants_every_word_and_puts_the_best_first() -> None:
    rows = (session(1, "the sea and a parser"), session(2, "parser of the sea"), session(3, "poem"))
    assert search(rows, "") == list(rows)
    assert [row.turns for row in search(rows, "parser sea")] == [2, 1]
    assert search(rows, "parser nothing") == []
    assert [row.turns for row in search(rows, "00000003")] == [3]
    assert search((session(4, "x" * 10_000),), "xyz") == []


def test_times_are_relative_and_older_ones_are_dates() -> None:
    ago = {
        10: "just now",
        300: "5 min ago",
        7200: "2 h ago",
        90_000: "2026-01-01",
        -60: "2026-01-02",
    }
    for seconds, words in ago.items():
        assert when(NOW.timestamp() - seconds, NOW) == words


@pytest.mark.parametrize("width", [1, 10, 30, 60, 200])
def test_a_row_is_as_wide_as_it_may_be(width: int) -> None:
    content = row_content(session(1, "wide 漢字 " * 30), RowFrame(width, NOW))
    assert content.cell_length <= max(width, 24)
