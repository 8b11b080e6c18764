"""Text typed or pasted while the conversation has the focus goes to the prompt."""

from __future__ import annotations

import pytest
from textual import events

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.scenes import MODEL, ask, make_app, settle, wait_for
from tests.screen.stage import send_key

pytestmark = pytest.mark.anyio


async def test_letters_and_a_paste_go_to_the_composer_and_keys_of_the_transcript_stay() -> None:
    with FakeOllama() as server:
        server.script(reply("The answer.", thinking="A thought."))
        app = make_app(server.url, model=MODEL, theme="textual-dark")
        async with app.run_test(size=(80, 24)) as pilot:
            await ask(pilot, "go")
            await settle(pilot, "The answer.")
            await pilot.click("TranscriptView", offset=(10, 0))
            screen = app.screen
            assert screen.focused is screen.query_one("TranscriptView")
            await pilot.press("up", "up")
            assert screen.focused is screen.query_one("TranscriptView")
            await pilot.press(*"Which tests?")
            await wait_for(pilot, "Which tests?")
            assert screen.focused is screen.query_one("Composer")
            await pilot.press("tab")
            app.post_message(events.Paste(" And why?"))
            await wait_for(pilot, "Which tests? And why?")
            # All letters of a fast typist arrive before the focus has moved.
            await pilot.press("ctrl+u", "tab")
            for key in "/copy code 1: one, no, yes, even":
                send_key(app, key)
            await wait_for(pilot, "/copy code 1: one, no, yes, even")
