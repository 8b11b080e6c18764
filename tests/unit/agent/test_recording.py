"""What the agent does and what is on the disk of it: first the record, then the consequence."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.unit.agent.conftest import MODEL, ScriptedApprover, make_launch
from tests.unit.session.sequences import shown
from vtcode_tui.agent.agent import Agent
from vtcode_tui.agent.sessions import SessionKeeper, settings_to_use
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch, SessionWish
from vtcode_tui.conversation.approvals import ApprovalDecision, Verdict
from vtcode_tui.conversation.events import (
    ContextCompacted,
    Event,
    StepFinished,
    TextDelta,
    ToolCallStarted,
    TurnEnd,
    TurnFinished,
)
from vtcode_tui.errors import SessionNotFound
from vtcode_tui.session.records import scan
from vtcode_tui.session.replay import Replayed, replay
from vtcode_tui.session.settings import SessionSettings
from vtcode_tui.session.store import read_session

pytestmark = pytest.mark.anyio

WRITE = ("write_file", {"path": "new.txt", "content": "hello\n"})
READ = ("read_file", {"path": "a.txt"})
RUN = ("run_terminal_cmd", {"command": "echo one; echo two"})
ONCE = ApprovalDecision(Verdict.ONCE)
SESSION = ApprovalDecision(Verdict.SESSION)
DENY = ApprovalDecision(Verdict.DENY, "rather not")


@dataclass
class Held:
    """A session that is held: the agent, what it writes to, all events so far."""

    server: FakeOllama
    launch: Launch
    bench: Workbench
    keeper: SessionKeeper
    approver: ScriptedApprover
    faults: list[str]
    events: list[Event]

    @property
    def agent(self) -> Agent:
        assert self.bench.agent is not None
        return self.bench.agent

    @property
    def path(self) -> Path:
        assert self.keeper.recorder is not None
        return self.keeper.recorder.journal.path

    async def turn(self, *replies: Reply, until: type[Event] | None = None) -> list[Event]:
        """One turn; interrupted at the first event of a kind, if one is given."""
        self.server.script(*replies)
        seen: list[Event] = []
        async with aclosing(self.agent.run_turn("go")) as events:
            async for event in events:
                seen.append(event)
                if until is not None and isinstance(event, until):
                    self.agent.interrupt()
        self.events += seen
        return seen

    def on_disk(self) -> Replayed:
        return replay(scan(self.path.read_bytes()))


Hold = Callable[..., Awaitable[Held]]


@pytest.fixture
async def hold(server: FakeOllama, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Hold]:
    held: list[Held] = []

    async def make(
        toml: str = "", wish: SessionWish | None = None, model: str | None = MODEL
    ) -> Held:
        workspace = tmp_path / "project"
        workspace.mkdir(exist_ok=True)
        (workspace / "a.txt").write_text("the content\n")
        launch = replace(make_launch(workspace, server.url, toml), session=wish)
        approver, faults = ScriptedApprover(), list[str]()
        bench = Workbench(launch, approver)
        keeper = SessionKeeper(launch, bench, faults.append)
        settings = SessionSettings()
        if wish is None:
            await keeper.begin()
        else:
            settings = (await keeper.open(await keeper.find(wish))).replayed.settings
        await bench.connect()
        chosen, effort = settings_to_use(launch, settings)
        await bench.choose(model or chosen or "", effort)
        held.append(Held(server, launch, bench, keeper, approver, faults, []))
        return held[-1]

    yield make
    for each in held:
        await each.keeper.close()
        await each.bench.close()


# --- the order ------------------------------------------------------------------------------------


async def test_a_prompt_and_each_result_are_on_the_disk_before_they_are_sent(hold: Hold) -> None:
    held = await hold()
    gate = [threading.Event(), threading.Event()]
    held.server.script(reply(calls=[READ], head_hold=gate[0]), reply("Done.", head_hold=gate[1]))
    turn = asyncio.create_task(held.turn())
    for number in (1, 2):
        await asyncio.to_thread(held.server.wait_for_requests, "/api/chat", number)
        body = held.server.chats[-1].body
        assert body is not None
        sent = [m["content"] for m in body["messages"] if m["role"] in ("user", "tool")]
        kept = [m.content for m in held.on_disk().messages if m.content]
        assert [text for text in kept if text in sent] == sent
        assert held.keeper.recorder is not None
        assert not held.keeper.recorder.journal.has_unsynced
        gate[number - 1].set()
    await turn


async def test_the_intent_is_on_the_disk_before_the_effect(
    hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await hold('[tools]\ndefault_policy = "allow"\n')
    recorder = held.keeper.recorder
    assert recorder is not None
    synced: list[tuple[bool, bool]] = []
    sync = recorder.journal.sync

    def watched() -> str:
        is_made = (held.launch.workspace / "new.txt").exists()
        synced.append((b"tool_call_started" in held.path.read_bytes(), is_made))
        return sync()

    monkeypatch.setattr(recorder.journal, "sync", watched)
    await held.turn(reply(calls=[WRITE]), reply("Done."))
    assert (True, False) in synced
    assert synced[-1] == (True, True)


async def test_the_end_of_a_turn_is_on_the_disk_when_it_is_told(hold: Hold) -> None:
    held = await hold()
    held.server.script(reply("Done."))
    async with aclosing(held.agent.run_turn("go")) as events:
        async for event in events:
            if isinstance(event, TurnFinished):
                assert held.keeper.recorder is not None
                assert not held.keeper.recorder.journal.has_unsynced
    assert held.on_disk().turns == 1
    assert not held.on_disk().was_stopped


async def test_what_streams_is_on_the_disk_within_a_second(hold: Hold) -> None:
    held = await hold()
    held.server.script(reply("early " * 3, hold=threading.Event()))
    turn = asyncio.create_task(held.turn())
    await asyncio.to_thread(
        held.server.wait_until,
        lambda: held.path.exists() and b'"delta"' in held.path.read_bytes(),
        10,
    )
    stopped = held.on_disk()
    assert stopped.was_stopped
    assert stopped.messages[-1].content == "early early early "
    held.agent.interrupt()
    await turn


# --- live and replayed ----------------------------------------------------------------------------


async def test_scripted_turns_replay_to_the_same_transcript_and_history(hold: Hold) -> None:
    held = await hold()
    held.approver.decisions = [ONCE, SESSION, DENY, ONCE]
    await held.turn(reply("Plain.", thinking="Hm."))
    await held.turn(reply("I write.", calls=[WRITE, READ]), reply("Written."))
    await held.turn(reply(calls=[RUN]), reply("Ran."))
    await held.turn(reply(calls=[("edit_file", {"path": "a.txt", "old_text": "the", "new_text": "a"}), READ]), reply("So be it."))  # fmt: skip
    await held.turn(reply(calls=[("no_such_tool", {})]), reply("Oh."))
    await held.turn(reply("one two three four", cut_after=2))
    await held.turn(reply(status=500, error="broken"))
    await held.turn(reply("cut of", done_reason="length"))
    await held.turn(reply(thinking="Only thinking."), reply("Now an answer."))
    await held.turn(reply("word " * 200, pace_s=0.01), until=TextDelta)
    await held.turn(reply(calls=[READ, WRITE]), until=ToolCallStarted)
    ends = [event.end for event in held.events if isinstance(event, TurnFinished)]
    assert set(ends) == {TurnEnd.DONE, TurnEnd.FAILED, TurnEnd.LENGTH, TurnEnd.CANCELLED}
    replayed = held.on_disk()
    assert (replayed.damaged, replayed.unknown) == (0, 0)
    assert shown(replayed.events) == shown(held.events)
    assert replayed.messages == held.agent.history.messages
    assert replayed.turns == len(ends)


async def test_random_interrupts_leave_the_same_on_disk_and_in_memory(hold: Hold) -> None:
    held = await hold('[tools]\ndefault_policy = "allow"\n')
    rng = random.Random(7)
    for _ in range(25):
        replies = [
            reply("Some words first.", thinking="Hm.", calls=[READ, WRITE], pace_s=0.001),
            reply("And the end. " * 5, pace_s=0.001),
        ]
        turn = asyncio.create_task(held.turn(*replies))
        await asyncio.sleep(rng.uniform(0, 0.08))
        held.agent.interrupt()
        await turn
        held.server._scripted.clear()
        replayed = held.on_disk()
        assert replayed.messages == held.agent.history.messages
        assert shown(replayed.events) == shown(held.events)


async def test_a_compaction_is_kept_and_the_screen_keeps_all(hold: Hold) -> None:
    held = await hold()
    for _ in range(4):
        await held.turn(reply("An answer. " * 50))
    held.server.script(reply("The summary."))
    compacted = await held.agent.compact()
    assert isinstance(compacted, ContextCompacted)
    held.events.append(compacted)
    await held.turn(reply("After it."))
    replayed = held.on_disk()
    assert replayed.messages == held.agent.history.messages
    assert "The summary." in replayed.messages[0].content
    assert shown(replayed.events) == shown(held.events)


# --- going on -------------------------------------------------------------------------------------


async def test_a_session_goes_on_with_model_effort_window_grants_and_turns(hold: Hold) -> None:
    held = await hold("[providers.ollama]\nnum_ctx = 2048\n")
    held.approver.decisions = [SESSION]
    await held.bench.choose(MODEL, "high")
    await held.turn(reply(calls=[WRITE]), reply("Written."))
    path = held.path
    await held.keeper.close()

    again = await hold("[providers.ollama]\nnum_ctx = 4096\n", SessionWish(), model=None)
    await again.turn(reply(calls=[WRITE]), reply("Again."))
    assert again.approver.requests == []
    body = again.server.chats[-1].body
    assert body is not None
    assert (body["model"], body["think"], body["options"]["num_ctx"]) == (MODEL, True, 2048)
    calls = [c["id"] for m in body["messages"] for c in m.get("tool_calls", [])]
    assert len(set(calls)) == len(calls) == 2
    assert again.path == path
    assert again.on_disk().turns == 2
    assert again.on_disk().messages == again.agent.history.messages


async def test_the_option_stands_above_the_sessions_model(hold: Hold) -> None:
    held = await hold()
    past = SessionSettings("other:1b", "low", 4096)
    assert settings_to_use(held.launch, past) == ("other:1b", "low")
    origins = dict(held.launch.loaded.origins)
    origins["agent.default_model"] = replace(next(iter(origins.values())), layer="cli")
    loaded = replace(held.launch.loaded, origins=origins)
    assert settings_to_use(replace(held.launch, loaded=loaded), past) == (None, "low")


async def test_a_new_session_takes_nothing_of_the_old_one_along(hold: Hold) -> None:
    held = await hold()
    held.approver.decisions = [SESSION, DENY]
    await held.turn(reply(calls=[WRITE]), reply("Written."))
    first = held.path
    await held.keeper.begin()
    again = ("write_file", {"path": "new.txt", "content": "other\n"})
    await held.turn(reply(calls=[again]), reply("No."))
    assert len(held.approver.requests) == 2
    body = held.server.chats[-1].body
    assert body is not None
    assert [m["role"] for m in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert held.path != first
    assert read_session(first).grants != ()
    assert held.on_disk().grants == ()
    assert held.on_disk().settings.model == MODEL


async def test_a_fork_goes_on_and_the_first_stays(hold: Hold) -> None:
    held = await hold()
    await held.turn(reply("One."))
    first = held.path
    before = first.read_bytes()
    opened = await held.keeper.fork()
    assert opened is not None
    await held.turn(reply("Two."))
    assert held.path != first
    assert first.read_bytes() == before
    assert held.on_disk().turns == 2
    assert held.on_disk().messages == held.agent.history.messages


async def test_a_second_opener_goes_on_in_a_copy(hold: Hold) -> None:
    first = await hold()
    await first.turn(reply("One."))
    second = await hold("", SessionWish(first.keeper.resumable_id))
    await first.turn(reply("In the first."))
    await second.turn(reply("In the second."))
    assert second.path != first.path
    assert [m.content for m in second.on_disk().messages][-1] == "In the second."
    assert [m.content for m in first.on_disk().messages][-1] == "In the first."
    assert b'"parent"' in second.path.read_bytes()


async def test_nothing_to_go_on_with_says_so(hold: Hold) -> None:
    with pytest.raises(SessionNotFound, match="no session to go on with"):
        await hold("", SessionWish())


# --- without a disk -------------------------------------------------------------------------------


async def test_a_turn_goes_on_where_nothing_can_be_saved_and_is_saved_later(hold: Hold) -> None:
    held = await hold()
    sessions = held.launch.state_dir / "sessions"
    held.launch.state_dir.mkdir(exist_ok=True)
    sessions.write_text("in the way")
    await held.turn(reply("Not saved."))
    assert len(held.faults) == 1
    assert held.keeper.fault == held.faults[0]
    sessions.unlink()
    await held.turn(reply("Saved."))
    assert held.faults[1:] == [""]
    assert shown(held.on_disk().events) == shown(held.events)


async def test_a_defect_in_recording_does_not_end_the_turn(
    hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await hold()
    assert held.keeper.recorder is not None

    def broken(_: object) -> None:
        raise TypeError("a defect")

    monkeypatch.setattr(held.keeper.recorder, "_take_delta", broken)
    events = await held.turn(reply("Answer."))
    assert isinstance(events[-1], TurnFinished)
    assert events[-1].end is TurnEnd.DONE
    assert any(isinstance(event, StepFinished) for event in events)
    assert held.faults[0] == "a defect in this program"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not name open files")
async def test_no_descriptor_is_left_open(hold: Hold) -> None:
    held = await hold()
    await held.turn(reply("One."))
    path = held.path
    await held.keeper.fork()
    await held.turn(reply("Two."))
    await held.keeper.begin()
    await held.keeper.close()
    assert not [name for name in open_files() if str(path.parent) in name]


def open_files() -> list[str]:
    """The names of this process's open files."""
    names = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            names.append(str(link.readlink()))
    return names
