"""Modes and the plan in the real app: tools offered, approvals asked, and what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import chat_of, ready, until
from tests.screen.places import app_in, wait_for
from tests.screen.scenes import send

pytestmark = pytest.mark.anyio

WRITE = reply(calls=[("write_file", {"path": "a.txt", "content": "hello\n"})])
PLAN = reply(calls=[("update_plan", {"plan": "[x] read the parser\n[>] write [red]tests"})])
FINISHED_PLAN = reply(calls=[("update_plan", {"plan": "[x] read the lexer\n[x] read the parser"})])
FIRST_PLAN = reply(calls=[("update_plan", {"plan": "[>] read the parser\n[ ] write [red]tests"})])
A_PLAN = "I looked around.\n\n## Plan\n\n1. Write a.txt\n"


def offered(server: FakeOllama, request: int = 0) -> set[str]:
    body = server.chats[request].body
    assert body is not None
    return {tool["function"]["name"] for tool in body.get("tools", [])}


async def ask(pilot: Pilot[int], prompt: str) -> None:
    await wait_for(pilot, "○ ready · ")
    await pilot.press(*prompt, "enter")


async def test_plan_mode_offers_only_reading_tools_and_then_carries_out_the_plan(
    tmp_path: Path,
) -> None:
    with FakeOllama() as server:
        server.script(reply(A_PLAN), WRITE, reply("Written."))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await wait_for(pilot, "○ ready · ")
            await pilot.press("shift+tab", "shift+tab")
            await wait_for(pilot, "◇ plan")
            await ask(pilot, "Make a file")
            await wait_for(pilot, "Carry out the plan?")
            assert offered(server) == {"read_file", "list_files", "search_files"}
            assert "plan mode" in str(server.chats[0].body)
            await pilot.press("down", "down", "enter")
            await wait_for(pilot, "Written.")
            await wait_for(pilot, "» accept edits")
    assert (tmp_path / "work" / "a.txt").read_text() == "hello\n"
    assert "write_file" in offered(server, 1)


async def test_plan_mode_asks_only_where_there_is_something_to_carry_out(tmp_path: Path) -> None:
    """A greeting and a list of facts are ordinary answers; a checklist with open steps is a plan."""
    with FakeOllama() as server:
        server.script(reply("Hello! How can I help?"), reply("It has:\n\n1. a lexer\n2. a parser"))
        server.script(PLAN, reply("That is how I would do it."))
        server.script(FINISHED_PLAN, reply("I have read it all."))
        app = app_in(tmp_path, server.url, '[agent]\nplan = "on"\n')
        async with app.run_test(size=(100, 40)) as pilot:
            await ready(pilot)
            await pilot.press("shift+tab", "shift+tab")
            await wait_for(pilot, "◇ plan")
            for prompt, last in (("hi", "can I help?"), ("what is here", "a parser")):
                await send(pilot, prompt)
                await wait_for(pilot, last)
                await until(pilot, lambda: not chat_of(pilot).is_turn_running, "the turn is over")
                assert app.screen is chat_of(pilot)
            await send(pilot, "make it faster")
            await wait_for(pilot, "Carry out the plan?")
            await pilot.press("escape")
            await send(pilot, "read it")
            await wait_for(pilot, "I have read it all.")
            await until(pilot, lambda: not chat_of(pilot).is_turn_running, "the turn is over")
            assert app.screen is chat_of(pilot)


async def test_a_letter_typed_into_the_plan_question_goes_to_the_prompt(tmp_path: Path) -> None:
    with FakeOllama() as server:
        server.script(reply(A_PLAN))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await wait_for(pilot, "○ ready · ")
            await pilot.press("shift+tab", "shift+tab")
            await ask(pilot, "Make a file")
            await wait_for(pilot, "Carry out the plan?")
            await pilot.press("y", "e", "s")
            screen = await wait_for(pilot, "▌ yes")
            assert "Carry out" not in screen
            assert "◇ plan" in screen
    assert not (tmp_path / "work" / "a.txt").exists()


@pytest.mark.parametrize(
    ("settings", "asks"),
    [("", False), ('[tools.policies]\nwrite_file = "prompt"\n', True),
     ('[tools]\ndefault_policy = "prompt"\n', True)],
)  # fmt: skip
async def test_accept_edits_writes_unasked_unless_a_file_says_prompt(
    tmp_path: Path, settings: str, asks: bool
) -> None:
    with FakeOllama() as server:
        server.script(WRITE, reply("Written."))
        app = app_in(tmp_path, server.url, settings)
        async with app.run_test(size=(100, 30)) as pilot:
            await wait_for(pilot, "○ ready · ")
            await pilot.press("shift+tab")
            await wait_for(pilot, "But vtcode.toml says" if asks else "writes in the workspace run")
            await ask(pilot, "Make a file")
            await wait_for(pilot, "Approve once" if asks else "Written.")
            assert (tmp_path / "work" / "a.txt").exists() is not asks


async def test_accept_edits_still_asks_about_commands_and_protected_files(tmp_path: Path) -> None:
    for number, call in enumerate(
        [
            ("run_terminal_cmd", {"command": "touch x"}),
            ("write_file", {"path": ".env", "content": "a"}),
        ]
    ):
        place = tmp_path / str(number)
        place.mkdir()
        with FakeOllama() as server:
            server.script(reply(calls=[call]))
            app = app_in(place, server.url)
            async with app.run_test(size=(100, 30)) as pilot:
                await wait_for(pilot, "○ ready · ")
                await pilot.press("shift+tab")
                await ask(pilot, "Do it")
                await wait_for(pilot, "Approve once")


@pytest.mark.parametrize(
    ("model", "settings", "is_offered"),
    [("qwen3-coder:30b", "", True), ("qwen3:1.7b", "", False),
     ("qwen3:1.7b", '[agent]\nplan = "on"\n', True), ("qwen3-coder:30b", '[agent]\nplan = "off"\n', False)],
)  # fmt: skip
async def test_a_plan_is_offered_to_larger_models_and_shown_as_a_checklist(
    tmp_path: Path, model: str, settings: str, is_offered: bool
) -> None:
    with FakeOllama() as server:
        server.script(*([FIRST_PLAN, PLAN] if is_offered else []), reply("Done."))
        app = app_in(tmp_path, server.url, settings, model=model)
        async with app.run_test(size=(100, 30)) as pilot:
            await ask(pilot, "A task")
            if is_offered:
                screen = await wait_for(pilot, "▶ write [red]tests")
                assert "☑ read the parser" in screen
                assert "▶ read the parser" not in screen
                assert "✓ plan 0 of 2 done ▸" in screen
                assert "✓ plan 1 of 2 done ▾" in screen
            else:
                await wait_for(pilot, "Done.")
    assert ("update_plan" in offered(server)) is is_offered
