"""A table that is wider than the terminal, streamed in the real app."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import chat_of, ready, until
from tests.screen.more_scenes import WIDE_TABLE
from tests.screen.places import app_in, wait_for
from tests.screen.scenes import send
from vtcode_tui.transcript.blocks import AnswerBlock

pytestmark = pytest.mark.anyio


async def test_its_rows_are_key_value_lines_until_the_terminal_is_wide_enough(
    tmp_path: Path,
) -> None:
    with FakeOllama() as server:
        server.script(reply(f"{WIDE_TABLE}\nThat is all."))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(80, 40)) as pilot:
            await ready(pilot)
            await send(pilot, "Compare them")
            screen = await wait_for(pilot, "That is all.")
            assert "Parameters: 30.5B" in screen
            assert " │ " not in screen
            chat = chat_of(pilot)
            await until(pilot, lambda: not chat.is_turn_running, "the turn is over")
            view = next(
                each for each in chat.transcript.page.views if isinstance(each.block, AnswerBlock)
            )
            assert view.final_renders == len(view.block.markdown.pieces)  # type: ignore[union-attr]
            await pilot.resize_terminal(200, 40)
            await wait_for(pilot, " │      30.5B │ Q4_K_M ")
