"""What a user says while a turn runs, and what goes along with a prompt."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import Bench, MakeBench
from vtcode_tui.conversation.events import (
    Event,
    NoticeRaised,
    StepStarted,
    TextDelta,
    ToolCallFinished,
    TurnEnd,
    TurnFinished,
    TurnStarted,
    TurnSteered,
)
from vtcode_tui.conversation.prompts import Attachment, AttachmentKind, UserInput
from vtcode_tui.session.history import HistoryBuilder, made_valid

pytestmark = pytest.mark.anyio

READ = ("read_file", {"path": "a.txt"})
MORE = UserInput("and mind the tests", (Attachment(AttachmentKind.FILE, "b.txt", "B\n"),))
PICTURE = Attachment(AttachmentKind.IMAGE, "shot.png", image="aGVsbG8=")


def sent_messages(bench: Bench, chat: int) -> list[dict[str, object]]:
    body = bench.server.chats[chat].body
    assert body is not None
    return [message for message in body["messages"] if message["role"] != "system"]


async def test_what_is_said_meanwhile_goes_with_the_next_step(make_bench: MakeBench) -> None:
    bench = await make_bench()
    (bench.workspace / "a.txt").write_text("x")
    release = threading.Event()
    bench.server.script(reply(calls=[READ], head_hold=release), reply("Both done."))
    turn = asyncio.create_task(bench.turn())
    await asyncio.to_thread(bench.server.wait_for_requests, "/api/chat", 1)
    assert bench.agent.steer(MORE)
    release.set()
    events = await turn
    kinds = [type(event) for event in events]
    assert kinds.index(ToolCallFinished) < kinds.index(TurnSteered)
    assert TurnSteered(MORE.text, MORE.attachments) in events
    roles = [message["role"] for message in sent_messages(bench, 1)]
    assert roles == ["user", "assistant", "tool", "user"]
    said = sent_messages(bench, 1)[-1]["content"]
    assert said == "and mind the tests\n\n[file: b.txt]\nB\n\n[end of b.txt]"
    assert bench.agent.take_unsent() == ()


async def test_a_model_that_is_about_to_stop_goes_on(make_bench: MakeBench) -> None:
    bench = await make_bench()
    release = threading.Event()
    bench.server.script(reply("First.", head_hold=release), reply("Second."))
    turn = asyncio.create_task(bench.turn())
    await asyncio.to_thread(bench.server.wait_for_requests, "/api/chat", 1)
    assert bench.agent.steer(UserInput("more"))
    release.set()
    events = await turn
    assert [e.step for e in events if isinstance(e, StepStarted)] == [1, 2]
    assert [m["content"] for m in sent_messages(bench, 1)] == ["go", "First.", "more"]
    assert [type(event) for event in events].count(TurnFinished) == 1


async def test_a_turn_that_ends_first_gives_it_back(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(reply("Some ", hold=threading.Event()))
    events: list[Event] = []
    async for event in bench.agent.run_turn("go"):
        events.append(event)
        if isinstance(event, TextDelta):
            bench.agent.steer(MORE)
            bench.agent.interrupt()
    finished = events[-1]
    assert isinstance(finished, TurnFinished)
    assert finished.end is TurnEnd.CANCELLED
    assert not any(isinstance(event, TurnSteered) for event in events)
    assert bench.agent.take_unsent() == (MORE,)
    assert bench.agent.take_unsent() == ()


async def test_without_a_turn_there_is_nothing_to_steer(make_bench: MakeBench) -> None:
    bench = await make_bench()
    assert not bench.agent.steer(MORE)
    assert bench.agent.take_unsent() == ()


async def test_the_history_follows_from_the_events(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(reply("Seen."))
    events = [event async for event in bench.agent.run_turn(UserInput("look", (PICTURE,)))]
    assert events[0] == TurnStarted(1, "look", (PICTURE,))
    builder = HistoryBuilder()
    for event in events:
        builder.take(event)
    assert tuple(builder.messages) == bench.agent.history.messages


async def test_pictures_go_only_to_a_model_that_sees(make_bench: MakeBench) -> None:
    bench = await make_bench(model="gemma3:4b")
    bench.server.script(reply("A cat."), reply("What cat?"))
    async for _ in bench.agent.run_turn(UserInput("what is it?", (PICTURE,))):
        pass
    assert sent_messages(bench, 0)[0]["images"] == ["aGVsbG8="]
    await bench.workbench.choose("llama3:8b", None)
    await bench.turn("and now?")
    first = sent_messages(bench, 1)[0]
    assert "images" not in first
    assert first["content"] == "what is it?\n\n[image: shot.png]"


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "Failed to load image or audio file"), (500, "image: unknown format")],
)
async def test_a_picture_that_the_server_cannot_read_does_not_end_the_conversation(
    make_bench: MakeBench, status: int, words: str
) -> None:
    bench = await make_bench(model="gemma3:4b")
    bench.server.script(reply("A cat."), reply(status=status, error=words), reply("Hm."))
    for text in ("what is it?", "and this?"):
        events = [event async for event in bench.agent.run_turn(UserInput(text, (PICTURE,)))]
    notices = [event.text for event in events if isinstance(event, NoticeRaised)]
    assert len(notices) == 1
    assert "could not read a picture" in notices[0]
    assert ["images" in each for each in sent_messages(bench, 2)] == [True, False, False]
    assert isinstance(events[-1], TurnFinished)
    assert events[-1].end is TurnEnd.DONE


@pytest.mark.parametrize("seed", range(15))
async def test_whenever_it_is_steered_and_stopped_nothing_is_lost_or_said_twice(
    make_bench: MakeBench, seed: int
) -> None:
    rng = random.Random(seed)
    bench = await make_bench()
    (bench.workspace / "a.txt").write_text("x")
    bench.server.script(
        reply(calls=[READ]), reply("One. ", calls=[READ]), reply("Two."), reply("Three.")
    )
    stops_at, given, events = rng.randint(3, 30), list[UserInput](), list[Event]()
    async for event in bench.agent.run_turn("go"):
        events.append(event)
        if rng.random() < 0.3 and bench.agent.steer(UserInput(f"more {len(given)}")):
            given.append(UserInput(f"more {len(given)}"))
        if len(events) == stops_at:
            bench.agent.interrupt()
    assert [type(event) for event in events].count(TurnFinished) == 1
    assert isinstance(events[-1], TurnFinished)
    said = [UserInput(e.prompt) for e in events if isinstance(e, TurnSteered)]
    assert [*said, *bench.agent.take_unsent()] == given
    builder = HistoryBuilder()
    for event in events:
        builder.take(event)
    assert made_valid(builder.messages) == bench.agent.history.messages
    assert made_valid(bench.agent.history.messages) == bench.agent.history.messages
