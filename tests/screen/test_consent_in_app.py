"""Approval dialogs in the real app, with text in the composer when they open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.approvals import command_request
from tests.screen.driving import chat_of, ready
from tests.screen.places import app_in
from tests.screen.scenes import SceneClock, send
from tests.screen.stage import until
from vtcode_tui.conversation.approvals import ApprovalDecision, Verdict
from vtcode_tui.tui.approval_modal import ApprovalModal
from vtcode_tui.tui.chat_screen import ChatScreen

pytestmark = pytest.mark.anyio

DENY = ApprovalDecision(Verdict.DENY)


@asynccontextmanager
async def asked(
    tmp_path: Path, draft: str
) -> AsyncIterator[tuple[Pilot[int], ChatScreen, asyncio.Task[ApprovalDecision]]]:
    """The app with a dialog that opened while ``draft`` was in the composer and has been visible."""
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            chat = chat_of(pilot)
            chat.composer.text = draft
            answer = asyncio.create_task(chat._approve(command_request()))
            await until(
                pilot,
                lambda: getattr(app.screen, "_visible_since", None) is not None,
                "the question is seen",
            )
            clock = app.launch.clock
            assert isinstance(clock, SceneClock)
            clock.now += 5
            await pilot.pause()
            yield pilot, chat, answer


async def test_enter_in_the_middle_of_a_prompt_answers_nothing(tmp_path: Path) -> None:
    async with asked(tmp_path, "half a prom") as (pilot, chat, answer):
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, ApprovalModal)
        assert not answer.done()
        await pilot.press("escape")
        assert await answer == DENY
        assert chat.composer.text.startswith("half a prom")


async def test_enter_denies_if_no_prompt_was_being_written(tmp_path: Path) -> None:
    async with asked(tmp_path, "") as (pilot, _, answer):
        await pilot.press("enter")
        assert await answer == DENY


async def test_text_typed_into_a_question_is_in_the_draft_after_the_app_exits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeOllama() as server:
        server.script(reply(calls=[("run_terminal_cmd", {"command": "ls > a"})]))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            chat = chat_of(pilot)
            await send(pilot, "List it")
            chat.composer.text = "half "
            await until(pilot, lambda: isinstance(app.screen, ApprovalModal), "the question")
            await pilot.press(*"way")
            await pilot.press("ctrl+q")
            await until(pilot, lambda: app.return_code is not None, "it is left")
        again = app_in(tmp_path, server.url)
        async with again.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await until(
                pilot, lambda: chat_of(pilot).composer.text == "half way", "all of the draft"
            )
    assert not [each for each in caplog.records if "NoMatches" in str(each.exc_info)]
