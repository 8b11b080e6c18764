"""A session written out for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.session.places import make_recorder, read, record
from tests.unit.session.sequences import EventSource
from vtcode_tui.conversation.events import (
    Event,
    StepFinished,
    ToolCallFinished,
    ToolCallRequested,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import AssistantMessage, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.errors import StreamBroken
from vtcode_tui.session.codec import decode_event
from vtcode_tui.session.export import Exported, to_json, to_markdown
from vtcode_tui.transcript.clean import clean_text

CALL = ToolCall("c1", "read_file", {"path": "a.md"})
EVENTS: list[Event] = [
    TurnStarted(1, "Look at ```this```"),
    StepFinished(AssistantMessage("I look.", "thoughts", (CALL,)), "m"),
    ToolCallRequested(CALL, "a.md"),
    ToolCallFinished("c1", ToolResult(Outcome.OK, "````\n# not a heading\n````\x1b]52;c;x\x07", TextDisplay(""), "3 lines")),
    TurnFinished(TurnEnd.FAILED, 1.0, StreamBroken("It broke.", why="cut")),
]  # fmt: skip


def exported(tmp_path: Path, events: list[Event]) -> Exported:
    path = tmp_path / "s" / "20260101-000000-0123abcd.jsonl"
    record(path, events)
    return Exported("0123abcd", read(path))


def test_markdown_has_all_of_it_and_nothing_breaks_out(tmp_path: Path) -> None:
    text = to_markdown(exported(tmp_path, EVENTS), clean_text)
    for part in ("# Look at", "0123abcd", "/work/place", "thoughts", "I look.", "**read_file** `a.md` — 3 lines", "It broke. cut"):  # fmt: skip
        assert part in text
    assert "`````text\n````\n# not a heading\n````" in text
    assert "\x1b" not in text
    assert text.count("\n# ") == 1
    assert text.isprintable() or set(filter(lambda c: not c.isprintable(), text)) == {"\n"}


def test_json_is_ascii_and_holds_the_events_as_they_are_in_the_file(tmp_path: Path) -> None:
    session = exported(tmp_path, EventSource(4).turns(3))
    text = to_json(session)
    assert text.isascii()
    content = json.loads(text)
    assert (content["schema"], content["id"], content["turns"]) == (1, "0123abcd", 3)
    events = [decode_event(each.pop("type"), each) for each in content["events"]]
    plain = [event for event in events if getattr(event, "error", None) is None]
    assert plain == [e for e in session.session.events if getattr(e, "error", None) is None]
    assert {message["kind"] for message in content["messages"]} >= {"user_message"}


def test_a_session_with_an_absurd_date_is_exported_too(tmp_path: Path) -> None:
    path = tmp_path / "s" / "20260101-000000-0123abcd.jsonl"
    recorder = make_recorder(path)
    recorder.record(TurnStarted(1, "p"))
    recorder.close()
    line = b'{"seq":0,"t":1e300,"type":"session","app":"1","workspace":"/w"}\n'
    path.write_bytes(line + path.read_bytes().split(b"\n", 1)[1])
    session = Exported("0123abcd", read(path))
    assert "Started" in to_markdown(session, clean_text)
    assert json.loads(to_json(session))["started"].startswith("2096")
