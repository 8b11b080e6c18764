"""Events and messages as JSON and back."""

from __future__ import annotations

import json
import typing
from dataclasses import fields
from typing import Any

import pytest

from tests.unit.session.sequences import EventSource, feature_error
from vtcode_tui.conversation.events import (
    ApprovalResolved,
    Event,
    RetryScheduled,
    ToolCallRequested,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import (
    AssistantMessage,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.errors import ModelLacksFeature, ServerBusy, VtcodeError
from vtcode_tui.session.codec import (
    EVENT_TYPES,
    RecordError,
    decode_event,
    decode_messages,
    encode_event,
    encode_messages,
)


def through_json(event: Event) -> Event:
    name, encoded = encode_event(event)
    return decode_event(name, json.loads(json.dumps(encoded)))


def test_every_kind_of_event_comes_back_equal() -> None:
    seen = set()
    for event in EventSource(1).turns(200):
        seen.add(type(event))
        if getattr(event, "error", None) is None:
            assert through_json(event) == event
    assert seen == set(typing.get_args(Event))


def test_errors_come_back_with_their_class_and_texts() -> None:
    error = ServerBusy("Busy.", why="Load.", advice="Wait.", status=503, may_retry=True)
    back = through_json(RetryScheduled(2, 1.5, error))
    assert isinstance(back, RetryScheduled)
    assert isinstance(back.error, ServerBusy)
    assert (back.error.what, back.error.why, back.error.advice) == ("Busy.", "Load.", "Wait.")
    assert (back.error.status, back.error.may_retry) == (503, True)
    lacking = through_json(RetryScheduled(1, 0.0, feature_error()))
    assert isinstance(lacking, RetryScheduled)
    assert isinstance(lacking.error, ModelLacksFeature)
    assert lacking.error.feature == "tools"


def test_an_error_of_a_class_that_is_not_known_is_still_an_error() -> None:
    fields: Any = {
        "end": "failed",
        "duration_s": 1,
        "error": {"kind": "FromTheFuture", "what": "x"},
    }
    back = decode_event("turn_finished", fields)
    assert isinstance(back, TurnFinished)
    assert type(back.error) is VtcodeError


def test_no_event_has_a_field_that_the_envelope_has() -> None:
    for name, cls in EVENT_TYPES.items():
        assert not {"crc", "seq", "t", "type", "runs"} & {field.name for field in fields(cls)}, name


def test_fields_with_their_default_are_left_out_and_unknown_ones_passed_over() -> None:
    name, fields = encode_event(ToolCallRequested(ToolCall("c", "n"), "s"))
    assert fields == {"call": {"call_id": "c", "name": "n"}, "subject": "s"}
    assert decode_event(name, {**fields, "of_a_newer_version": [1]}) == ToolCallRequested(
        ToolCall("c", "n"), "s"
    )


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("no_such_event", {}),
        ("turn_started", {"turn": 1}),
        ("turn_started", {"turn": "1", "prompt": "x"}),
        ("turn_started", {"turn": True, "prompt": "x"}),
        ("turn_started", {"turn": 1, "prompt": None}),
        ("turn_finished", {"end": "no such end", "duration_s": 1}),
        ("turn_finished", {"end": "done", "duration_s": "long"}),
        ("step_finished", {"message": [], "model": "m"}),
        ("step_finished", {"message": {"tool_calls": {}}, "model": "m"}),
        ("tool_call_requested", {"call": {"call_id": "c", "name": "n", "arguments": []}, "subject": ""}),
        ("tool_call_finished", {"call_id": "c", "result": {"outcome": "ok", "content": "", "display": {"kind": "picture"}}}),
        ("tool_call_finished", {"call_id": "c", "result": {"outcome": "ok", "content": "", "display": {"kind": {}}}}),
        ("approval_resolved", {"request_id": "r", "call_id": "c", "decision": {"verdict": []}}),
        ("usage_updated", {"usage": {"prompt_tokens": 1.5}}),
    ],
)  # fmt: skip
def test_what_is_not_of_its_form_is_an_error(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        decode_event(name, fields)


def test_messages_come_back_equal_with_thinking_calls_and_images() -> None:
    messages = (
        SystemMessage("s"),
        UserMessage("look", ("aGk=",)),
        AssistantMessage("c", "t", (ToolCall("1", "read_file", {"path": "a", "n": [None, 1.5]}),)),
        ToolResultMessage("1", "read_file", "content"),
    )
    assert decode_messages(json.loads(json.dumps(encode_messages(messages)))) == messages
    wrongs: list[Any] = [{}, [1], [{}], [{"kind": "prophet_message", "content": ""}]]
    for wrong in wrongs:
        with pytest.raises(RecordError):
            decode_messages(wrong)


def test_a_decision_with_its_default_feedback_is_short() -> None:
    name, fields = encode_event(
        decode_event("approval_resolved", {"request_id": "r", "call_id": "c", "decision": {"verdict": "deny"}})
    )  # fmt: skip
    assert (name, fields["decision"]) == ("approval_resolved", {"verdict": "deny"})
    assert isinstance(decode_event(name, fields), ApprovalResolved)


def test_a_prompt_is_kept_to_the_letter() -> None:
    event = TurnStarted(1, "\r\n\t\x00\x1b\u2028\x85é😀")
    assert through_json(event) == event
