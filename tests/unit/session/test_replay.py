"""What was recorded, replayed: the same transcript, and a history that a server takes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.session.places import Faults, make_recorder, read, record, reopened, room_for
from tests.unit.session.sequences import EventSource, shown
from vtcode_tui.conversation.events import (
    Event,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCallFinished,
    ToolCallRequested,
    ToolCallStarted,
    ToolOutputDelta,
    TurnEnd,
    TurnFinished,
    TurnStarted,
    Usage,
    UsageUpdated,
)
from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.session.history import LOST_RESULT, made_valid
from vtcode_tui.session.journal import load
from vtcode_tui.session.records import scan
from vtcode_tui.session.replay import NOT_RUN, OUTCOME_UNKNOWN, STOPPED, Replayed, replay
from vtcode_tui.session.settings import SessionSettings

CALL = ToolCall("call-1", "write_file", {"path": "a.txt", "content": "x" * 100})
RESULT = ToolResult(Outcome.OK, "written", TextDisplay("written"), "1 line", 0.5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions" / "place" / "20260101-000000-0123abcd.jsonl"


def assert_valid(messages: tuple[Message, ...]) -> None:
    """Right after a message with calls comes one result for each of them, and no other result."""
    waiting: list[str] = []
    for message in messages:
        if isinstance(message, ToolResultMessage):
            assert message.call_id in waiting
            waiting.remove(message.call_id)
            continue
        assert waiting == []
        if isinstance(message, AssistantMessage):
            waiting = [call.call_id for call in message.tool_calls]
    assert waiting == []


def assert_laws(replayed: Replayed) -> None:
    """Turns begin and end once, and every requested call is finished once."""
    is_open = False
    requested: list[str] = []
    finished: list[str] = []
    for event in replayed.events:
        match event:
            case TurnStarted():
                assert not is_open
                is_open = True
            case TurnFinished():
                is_open = False
            case ToolCallRequested(call=call):
                requested.append(call.call_id)
            case ToolCallFinished(call_id=call_id):
                finished.append(call_id)
            case _:
                pass
    assert not is_open
    assert sorted(requested) == sorted(finished)
    assert_valid(replayed.messages)


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**40), flushes=st.integers(0, 2**40))
def test_live_and_replayed_events_give_the_same_transcript(
    tmp_path_factory: pytest.TempPathFactory, seed: int, flushes: int
) -> None:
    """Whatever the events, and wherever between them what streams was written."""
    live = EventSource(seed).turns(2)
    path = tmp_path_factory.mktemp("replay") / "s" / "20260101-000000-0123abcd.jsonl"
    recorder, rng = make_recorder(path), random.Random(flushes)
    for event in live:
        recorder.record(event)
        if rng.random() < 0.3:
            recorder.flush()
    recorder.close()
    replayed = read(path)
    assert shown(replayed.events) == shown(live)
    assert (replayed.damaged, replayed.unknown, replayed.was_stopped) == (0, 0, False)
    assert_laws(replayed)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**40), cut=st.floats(0, 1), data=st.data())
def test_a_session_that_ends_anywhere_is_closed_and_valid(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cut: float, data: st.DataObject
) -> None:
    """Cut at any byte, and with lines missing: what is left keeps the laws."""
    path = tmp_path_factory.mktemp("cut") / "s" / "20260101-000000-0123abcd.jsonl"
    record(path, EventSource(seed).turns(3))
    content = path.read_bytes()
    assert_laws(replay(scan(content[: int(len(content) * cut)])))
    lines = content.splitlines(keepends=True)
    missing = data.draw(st.sets(st.integers(0, len(lines)), max_size=6))
    assert_laws(replay(scan(b"".join(x for n, x in enumerate(lines) if n not in missing))))


def test_the_history_is_the_one_the_agent_had(path: Path) -> None:
    record(
        path,
        [
            TurnStarted(1, "do it"),
            StepStarted(1, "m"),
            ReasoningDelta("I "),
            ReasoningDelta("think."),
            StepFinished(AssistantMessage("", "I think.", (CALL,)), "m"),
            ToolCallRequested(CALL, "a.txt"),
            ToolCallStarted("call-1"),
            ToolCallFinished("call-1", RESULT),
            StepStarted(2, "m"),
            TextDelta("Done."),
            StepFinished(AssistantMessage("Done."), "m"),
            TurnFinished(TurnEnd.DONE, 1.0),
        ],
    )
    replayed = read(path)
    assert replayed.messages == (
        UserMessage("do it"),
        AssistantMessage("", "I think.", (CALL,)),
        ToolResultMessage("call-1", "write_file", "written"),
        AssistantMessage("Done."),
    )
    assert (replayed.turns, replayed.first_words) == (1, "do it")
    assert (replayed.workspace, replayed.app_version) == ("/work/place", "1.2.3")


def test_the_arguments_of_a_call_are_in_the_file_once_and_in_each_event(path: Path) -> None:
    record(
        path,
        [
            TurnStarted(1, "p"),
            StepFinished(AssistantMessage("", "", (CALL,)), "m"),
            ToolCallRequested(CALL, "a.txt"),
            ToolCallFinished("call-1", RESULT),
        ],
    )
    assert path.read_bytes().count(b"x" * 100) == 1
    requested = next(e for e in read(path).events if isinstance(e, ToolCallRequested))
    assert requested.call == CALL


def in_the_middle(*events: Event) -> list[Event]:
    message = AssistantMessage("", "", (CALL,))
    return [TurnStarted(1, "p"), StepStarted(1, "m"), StepFinished(message, "m"), *events]


def finished(replayed: Replayed) -> ToolResult:
    return next(e.result for e in replayed.events if isinstance(e, ToolCallFinished))


def test_a_call_that_was_running_when_the_app_stopped_has_an_unknown_outcome(path: Path) -> None:
    record(
        path,
        in_the_middle(
            ToolCallRequested(CALL, "a.txt"),
            ToolCallStarted("call-1"),
            ToolOutputDelta("call-1", "half way\n"),
        ),
    )
    replayed = read(path)
    assert_laws(replayed)
    assert replayed.was_stopped
    assert finished(replayed).content == OUTCOME_UNKNOWN
    assert finished(replayed).display == TextDisplay(f"{OUTCOME_UNKNOWN}\n\nhalf way\n")
    assert replayed.messages[-1] == ToolResultMessage("call-1", "write_file", OUTCOME_UNKNOWN)
    assert replayed.events[-2] == NoticeRaised(NoticeLevel.WARNING, STOPPED)


@pytest.mark.parametrize("events", [[], [ToolCallRequested(CALL, "a.txt")]])
def test_a_call_that_had_not_begun_was_not_run(path: Path, events: list[Event]) -> None:
    record(path, in_the_middle(*events))
    replayed = read(path)
    assert_laws(replayed)
    assert finished(replayed).content == NOT_RUN
    assert replayed.messages[-1] == ToolResultMessage("call-1", "write_file", NOT_RUN)


def test_what_had_streamed_when_the_app_stopped_is_there_once(path: Path) -> None:
    recorder = make_recorder(path)
    begin: list[Event] = [TurnStarted(1, "p"), StepStarted(1, "m"), ReasoningDelta("hm")]
    for event in begin:
        recorder.record(event)
    recorder.record(TextDelta("one "))
    recorder.flush()
    recorder.record(TextDelta("two "))
    recorder.flush()
    recorder.record(TextDelta("never written"))
    content = path.read_bytes()
    recorder.close()
    replayed = replay(scan(content))
    assert_laws(replayed)
    assert replayed.messages == (UserMessage("p"), AssistantMessage("one two ", "hm"))
    texts = [event.text for event in replayed.events if isinstance(event, TextDelta)]
    assert texts == ["one two "]


def test_parts_that_were_lost_are_taken_from_the_message(path: Path) -> None:
    recorder = make_recorder(path)
    recorder.record(TurnStarted(1, "p"))
    recorder.record(StepStarted(1, "m"))
    for text in ("one ", "two ", "three"):
        recorder.record(TextDelta(text))
        recorder.flush()
    recorder.record(UsageUpdated(Usage(1, 2)))
    recorder.record(StepFinished(AssistantMessage("one two three"), "m"))
    recorder.record(TurnFinished(TurnEnd.DONE, 1.0))
    recorder.close()
    lines = path.read_bytes().splitlines(keepends=True)
    without_two = b"".join(line for line in lines if b'"text":"two "' not in line)
    replayed = replay(scan(without_two))
    texts = [event.text for event in replayed.events if isinstance(event, TextDelta)]
    assert "".join(texts) == "one two three"


def test_records_of_a_newer_version_are_kept_and_counted(path: Path) -> None:
    record(path, EventSource(3).turns(1))
    lines = path.read_bytes().splitlines(keepends=True)
    lines.insert(2, b'{"seq":900,"t":1,"type":"of_tomorrow","x":1}\n')
    path.write_bytes(b"".join(lines))
    recorder = reopened(load(path))
    recorder.record(TurnStarted(2, "again"))
    recorder.close()
    assert read(path).unknown == 1
    assert b"of_tomorrow" in path.read_bytes()


def test_settings_grants_and_title_are_the_last_ones(path: Path) -> None:
    recorder = make_recorder(path)
    recorder.record_settings(SessionSettings("a", None, 4096))
    recorder.record_grant("before the first record")
    recorder.record(TurnStarted(1, "p"))
    recorder.record_settings(SessionSettings("b", "high", 8192))
    recorder.record_grant("later")
    recorder.record_grant("later")
    recorder.rename("My session")
    recorder.close()
    replayed = read(path)
    assert replayed.settings == SessionSettings("b", "high", 8192)
    assert replayed.grants == ("before the first record", "later")
    assert replayed.title == "My session"


def test_a_compacted_history_is_resumed_compacted(path: Path) -> None:
    recorder = make_recorder(path)
    for event in EventSource(5).turns(2):
        recorder.record(event)
    compacted = (UserMessage("summary"), AssistantMessage("kept"))
    recorder.record_history(compacted)
    recorder.record(TurnStarted(3, "next"))
    recorder.close()
    assert read(path).messages == (*compacted, UserMessage("next"))


def test_a_history_that_is_not_what_the_events_say_is_corrected_from_where_it_differs(
    path: Path,
) -> None:
    recorder = make_recorder(path)
    recorder.record(TurnStarted(1, "p" * 1000))
    recorder.record(StepFinished(AssistantMessage("shown"), "m"))
    recorder.record_history((UserMessage("p" * 1000), AssistantMessage("sent")))
    recorder.record_history((UserMessage("p" * 1000), AssistantMessage("sent")))
    recorder.close()
    assert path.read_bytes().count(b"p" * 1000) == 1
    assert path.read_bytes().count(b'"history"') == 1
    assert read(path).messages[1] == AssistantMessage("sent")


def test_a_session_that_goes_on_is_one_session(path: Path) -> None:
    first, second = EventSource(8).turns(2), EventSource(9).turns(1)
    record(path, first)
    recorder = reopened(load(path))
    for event in second:
        recorder.record(event)
    recorder.close()
    replayed = read(path)
    assert shown(replayed.events) == shown([*first, *second])
    assert replayed.turns == 3


def test_a_conversation_goes_on_in_memory_without_room_and_is_saved_whole_later(path: Path) -> None:
    live = EventSource(11).turns(3)
    faults = Faults()
    recorder = make_recorder(path, faults)
    third = len(live) // 3
    for event in live[:third]:
        recorder.record(event)
    with room_for(path.stat().st_size + 50):
        for event in live[third:-1]:
            recorder.record(event)
            recorder.flush()
        assert recorder.journal.fault == "File too large"
    recorder.record(live[-1])
    recorder.record(TurnFinished(TurnEnd.DONE, 0.1))
    assert faults == ["File too large", ""]
    recorder.close()
    assert shown(read(path).events) == shown([*live, TurnFinished(TurnEnd.DONE, 0.1)])


def test_made_valid_mends_what_damage_left() -> None:
    other = ToolCall("call-2", "read_file")
    messages = (
        ToolResultMessage("call-0", "x", "without a call"),
        AssistantMessage("", "", (CALL, other)),
        ToolResultMessage("call-2", "read_file", "here"),
        ToolResultMessage("call-2", "read_file", "twice"),
        UserMessage("next"),
        AssistantMessage("", "", (CALL,)),
    )
    valid = made_valid(messages)
    assert_valid(valid)
    assert ToolResultMessage("call-2", "read_file", "here") in valid
    assert valid[-1] == ToolResultMessage("call-1", "write_file", LOST_RESULT)
    assert made_valid(valid) == valid
