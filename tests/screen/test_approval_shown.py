"""The approval dialog shows the whole request, unaltered, at any size."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.screen.approvals import (
    command_request,
    diff_request,
    next_modal,
    opened,
    stage_for,
)
from tests.screen.stage import FakeClock, screen_text, send_key, until
from vtcode_tui.tui.approval_modal import ApprovalModal
from vtcode_tui.tui.preview_view import PreviewView
from vtcode_tui.tui.rendering.marked import marked_pieces

pytestmark = pytest.mark.anyio


COMMANDS = Path(__file__).parents[1] / "corpora" / "adversarial_commands.jsonl"


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (120, 40)])
async def test_it_shows_what_where_why_and_every_button(size: tuple[int, int]) -> None:
    clock = FakeClock()
    stage = stage_for(command_request("make test"), clock)
    async with stage.run_test(size=size) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
        for part in (
            "Run a command",
            "/work/project",
            "asks because the settings say [tools",
            "$ make test",
        ):
            assert part in text, text
        assert "!" not in text
        for button in ("Approve once", "Approve for this session", "Deny", "Deny and say why…"):
            assert button in text, text


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_what_programs_are_known_to_do_stands_before_the_command(
    size: tuple[int, int],
) -> None:
    clock = FakeClock()
    request = replace(command_request("rm -r x"), heed="rm deletes files")
    stage = stage_for(request, clock)
    async with stage.run_test(size=size) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
        assert text.index("! rm deletes files") < text.index("$ rm -r x")
        assert "Deny" in text


async def test_a_diff_shows_its_path_both_sides_and_the_scope_of_a_session_approval() -> None:
    clock = FakeClock()
    stage = stage_for(diff_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
    for part in (
        "src/app.py",
        "+1 -1",
        "2 - print('old')",
        "2 + print('new')",
        "edits of src/app.py",
    ):
        assert part in text, text


async def test_a_request_that_is_asked_again_says_why() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(reason="the file changed in between"), clock)
    for size in ((80, 24), (40, 10)):
        stage = stage_for(command_request(reason="the file changed in between"), clock)
        async with stage.run_test(size=size) as pilot:
            await opened(pilot, clock)
            assert "the file changed in between" in screen_text(stage)


async def test_invisible_characters_are_markers_and_are_announced() -> None:
    command = "ls\u202e\x1b[2J" + " " * 3_000 + ";\u00a0rm\t-rf ~\n\n\n\nexit"
    clock = FakeClock()
    stage = stage_for(command_request(command), clock)
    async with stage.run_test(size=(80, 30)) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
    for marker in (
        "⟨U+202E⟩",
        "␛[2J",
        "··· 3,000 blanks ···",
        "⟨U+00A0⟩",
        "⇥",
        "··· 4 newlines ···",
    ):
        assert marker in text, text
    assert "Invisible and look-alike characters have a marker" in text


async def test_markup_in_a_request_is_shown_as_it_is() -> None:
    clock = FakeClock()
    command = "echo '[/red][@click=app.quit]x[/]'"
    stage = stage_for(command_request(command, reason="[/b] [red"), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
    assert command in text
    assert "[/b] [red" in text


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_every_hostile_command_is_drawn_whole(size: tuple[int, int]) -> None:
    commands = [json.loads(line)["cmd"] for line in COMMANDS.read_text("utf-8").splitlines()]
    hostile = [command for command in commands if not command.isascii() or len(command) > 300]
    assert hostile
    clock = FakeClock()
    stage = stage_for(command_request(hostile[0]), clock)
    async with stage.run_test(size=size) as pilot:
        for command in hostile[:20]:
            await next_modal(stage, pilot, ApprovalModal(command_request(command), clock=clock))
            modal = await opened(pilot, clock)
            preview = modal.query_one(PreviewView)
            send_key(stage, "end")
            await until(pilot, lambda: preview.end_was_seen, command)  # noqa: B023
            lines = shown_text(command).count("\n") + 1
            gutter = len("$ ") if lines == 1 else len(f"{lines} ")
            drawn = "".join(row[gutter:] for row in preview.plain_rows)
            assert drawn == shown_text(command).replace("\n", "")
            assert stage.results == []


def shown_text(command: str) -> str:
    """The command with its markers, as one text."""
    return "".join(piece.shown for piece in marked_pieces(command))
