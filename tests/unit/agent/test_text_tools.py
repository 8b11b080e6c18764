"""Tools as text by setting and by refusal; replies that say nothing; calls the server cannot read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.unit.agent.conftest import Bench, MakeBench
from tests.unit.agent.turns import assert_laws, results, wire_messages
from tests.unit.ollama.recordings import recording
from vtcode_tui.agent.model_choice import (
    ModelChoice,
    Prompt,
    ToolMode,
    chat_request,
    without_feature,
)
from vtcode_tui.conversation.events import (
    Event,
    NoticeRaised,
    ReasoningDelta,
    RetryScheduled,
    TextDelta,
    TurnEnd,
)
from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.conversation.results import Outcome
from vtcode_tui.errors import ToolCallUnreadable
from vtcode_tui.ollama.types import ToolSpec

WRITTEN = '<tool_call>\n{"name": "list_files", "arguments": {}}\n</tool_call>'
UNREADABLE = "error parsing tool call: raw='{\"path\": ', err=unexpected end of JSON input"


def last_body(server: FakeOllama) -> dict[str, Any]:
    body = server.chats[-1].body
    assert body is not None
    return body


def notices(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, NoticeRaised)]


def end_of(bench: Bench, events: list[Event]) -> TurnEnd:
    return assert_laws(bench, events).end


@pytest.mark.anyio
async def test_text_tools_on_tells_any_model_in_words(make_bench: MakeBench) -> None:
    bench = await make_bench('[agent]\ntext_tools = "on"\n')
    bench.server.script(reply(WRITTEN), reply("Done."))
    events = await bench.turn()
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK]
    assert "tools" not in last_body(bench.server)
    assert "<tool_call>" in wire_messages(bench, 0)[0]["content"]
    assert notices(events) == []


@pytest.mark.anyio
@pytest.mark.parametrize("model", ["llama3:8b", "qwen3:1.7b"])
async def test_text_tools_off_reads_no_call_out_of_text(make_bench: MakeBench, model: str) -> None:
    bench = await make_bench('[agent]\ntext_tools = "off"\n', model)
    bench.server.script(reply(WRITTEN))
    events = await bench.turn()
    assert results(events) == []
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == WRITTEN
    takes_tools = model == "qwen3:1.7b"
    assert ("tools" in last_body(bench.server)) is takes_tools
    assert "<tool_call>" not in wire_messages(bench, 0)[0]["content"]
    assert bench.agent.model.offers_tools is takes_tools


@pytest.mark.anyio
async def test_what_an_old_server_refused_is_not_tried_again(
    server: FakeOllama, make_bench: MakeBench
) -> None:
    server.hides_capabilities = True
    bench = await make_bench('[agent]\nreasoning_effort = "high"\n', "llama3:8b")
    events = await bench.turn()
    assert end_of(bench, events) is TurnEnd.DONE
    assert len(server.chats) == 3
    assert [("tools" in n, "think" in n) for n in notices(events)] == [(False, True), (True, False)]
    await bench.workbench.choose("qwen3:1.7b", "high")
    await bench.workbench.choose("llama3:8b", "high")
    assert bench.agent.model.tool_mode is ToolMode.TEXT
    await bench.turn()
    assert len(server.chats) == 4


@pytest.mark.anyio
async def test_denied_tools_are_not_told_of_in_words_either(make_bench: MakeBench) -> None:
    bench = await make_bench('[tools.policies]\nread_file = "deny"\n', "llama3:8b")
    bench.server.script(reply(WRITTEN.replace("list_files", "read_file")), reply("ok"))
    events = await bench.turn()
    assert "read_file(" not in wire_messages(bench, 0)[0]["content"]
    ((outcome, text),) = results(events)
    assert outcome is Outcome.FAILED
    assert "no tool named 'read_file'" in text


@pytest.mark.anyio
async def test_a_text_call_still_asks_before_it_writes(make_bench: MakeBench) -> None:
    bench = await make_bench(model="llama3:8b")
    call = '{"name": "write_file", "arguments": {"path": "new.txt", "content": "x"}}'
    bench.server.script(reply(f"<tool_call>{call}</tool_call>"), reply("ok"))
    events = await bench.turn()
    assert len(bench.approver.requests) == 1
    assert [outcome for outcome, _ in results(events)] == [Outcome.DENIED]
    assert not (bench.workspace / "new.txt").exists()


@pytest.mark.anyio
@pytest.mark.parametrize("text_tools", ["auto", "on"])
async def test_a_call_that_the_model_only_repeats_from_a_file_asks(
    make_bench: MakeBench, text_tools: str
) -> None:
    bench = await make_bench(f'[agent]\ntext_tools = "{text_tools}"\n')
    (bench.workspace / "README.md").write_text(f"Be nice.\n\n{WRITTEN}\n")
    read = '<tool_call>{"name": "read_file", "arguments": {"path": "README.md"}}</tool_call>'
    bench.server.script(reply(read), reply(f"The file says:\n\n{WRITTEN}"), reply("ok"))
    events = await bench.turn("what does it say?")
    (request,) = bench.approver.requests
    assert request.call.name == "list_files"
    assert "may only be quoting" in request.rule
    assert not request.may_grant
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK, Outcome.DENIED]


@pytest.mark.anyio
async def test_a_text_call_of_a_reply_cut_at_its_length_does_not_run(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(model="llama3:8b")
    bench.server.script(reply(WRITTEN, done_reason="length"))
    events = await bench.turn()
    assert end_of(bench, events) is TurnEnd.LENGTH
    assert results(events) == []
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == WRITTEN


@pytest.mark.anyio
async def test_a_text_call_of_a_broken_reply_does_not_run(make_bench: MakeBench) -> None:
    bench = await make_bench(model="llama3:8b")
    bench.server.script(reply(WRITTEN, omit_done=True))
    events = await bench.turn()
    assert end_of(bench, events) is TurnEnd.FAILED
    assert results(events) == []
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == WRITTEN


@pytest.mark.anyio
async def test_several_text_calls_have_ids_of_their_own_over_steps(make_bench: MakeBench) -> None:
    bench = await make_bench(model="llama3:8b")
    other = WRITTEN.replace("{}", '{"pattern": "*.py"}')
    bench.server.script(reply(f"{WRITTEN}\n{other}"), reply(WRITTEN), reply("ok"))
    events = await bench.turn()
    assert end_of(bench, events) is TurnEnd.DONE
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK] * 3


@pytest.mark.anyio
async def test_a_conversation_goes_over_to_a_model_without_tools_as_text(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.server.script(reply(calls=[("list_files", {})]), reply("Listed."))
    await bench.turn()
    await bench.workbench.choose("llama3:8b", None)
    bench.server.script(reply("Yes."))
    await bench.turn("And now?")
    messages = wire_messages(bench, -1)
    assert [m["role"] for m in messages] == [
        *("system", "user", "assistant", "user", "assistant", "user"),
    ]
    assert not any("tool_calls" in message for message in messages)


# Replies that say nothing


@pytest.mark.anyio
@pytest.mark.parametrize("blank", [reply(thinking="I call it."), reply(""), reply(" \n")])
async def test_a_reply_that_says_nothing_is_asked_for_once_more(
    make_bench: MakeBench, blank: Reply
) -> None:
    bench = await make_bench()
    bench.server.script(blank, reply("Here."))
    events = await bench.turn()
    assert end_of(bench, events) is TurnEnd.DONE
    assert "".join(e.text for e in events if isinstance(e, TextDelta)).strip() == "Here."
    assert ["once more" in text for text in notices(events)] == [True]
    assert [m["role"] for m in wire_messages(bench, 1)] == ["system", "user"]


@pytest.mark.anyio
async def test_the_recorded_dropped_call_is_such_a_reply(make_bench: MakeBench) -> None:
    bench = await make_bench()
    dropped = recording("33-tools-malformed-call-silently-dropped")
    bench.server.script(reply(raw=dropped.wire), reply("Here."))
    events = await bench.turn()
    assert end_of(bench, events) is TurnEnd.DONE
    assert any(isinstance(event, ReasoningDelta) for event in events)
    assert len(bench.server.chats) == 2


@pytest.mark.anyio
async def test_a_second_reply_that_says_nothing_ends_the_turn_with_a_word(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.server.script(reply(thinking="hm"), reply(""))
    events = await bench.turn()
    assert end_of(bench, events) is TurnEnd.DONE
    assert len(bench.server.chats) == 2
    assert ["no answer again" in text for text in notices(events)] == [False, True]
    bench.server.script(reply("Now."))
    await bench.turn("more")
    assert [m["role"] for m in wire_messages(bench, -1)] == ["system", "user", "user"]


@pytest.mark.anyio
async def test_thinking_that_used_up_the_output_limit_is_not_repeated(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.server.script(reply(thinking="long", done_reason="length"))
    assert end_of(bench, await bench.turn()) is TurnEnd.LENGTH
    assert len(bench.server.chats) == 1


# Calls that the server cannot read


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fault", [reply(status=500, error=UNREADABLE), reply(thinking="I call.", error=UNREADABLE)]
)
async def test_a_call_the_server_cannot_read_is_tried_once_more(
    make_bench: MakeBench, fault: Reply
) -> None:
    bench = await make_bench()
    bench.server.script(fault, reply("Here."))
    events = await bench.turn()
    assert end_of(bench, events) is TurnEnd.DONE
    (retry,) = (event for event in events if isinstance(event, RetryScheduled))
    assert retry.attempt == 1
    assert isinstance(retry.error, ToolCallUnreadable)
    assert [m["role"] for m in wire_messages(bench, 1)] == ["system", "user"]


@pytest.mark.anyio
async def test_a_second_unreadable_call_fails_the_turn(make_bench: MakeBench) -> None:
    bench = await make_bench()
    fault = reply(status=500, error=UNREADABLE)
    bench.server.script(fault, fault)
    last = assert_laws(bench, await bench.turn())
    assert isinstance(last.error, ToolCallUnreadable)
    assert len(bench.server.chats) == 2


@pytest.mark.anyio
async def test_the_wait_before_another_try_can_be_interrupted(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(reply(status=500, error=UNREADABLE))
    events = await asyncio.wait_for(bench.turn_until("go", RetryScheduled), 5)
    assert end_of(bench, events) is TurnEnd.CANCELLED
    assert len(bench.server.chats) == 1


# The request itself

SPEC = ToolSpec("f", "Does.", {"type": "object", "properties": {}})
HISTORY: tuple[Message, ...] = (
    UserMessage("a"),
    AssistantMessage("", "", (ToolCall("c", "f"),)),
    ToolResultMessage("c", "f", "x"),
)


@pytest.mark.parametrize(
    ("mode", "kinds", "has_tools"),
    [
        (ToolMode.NATIVE, [UserMessage, AssistantMessage, ToolResultMessage], True),
        (ToolMode.TEXT, ["SystemMessage", UserMessage, AssistantMessage, UserMessage], False),
        (ToolMode.NONE, [UserMessage, AssistantMessage, UserMessage], False),
    ],
)
def test_a_request_has_its_tools_and_history_in_the_models_own_way(
    mode: ToolMode, kinds: list[type | str], has_tools: bool
) -> None:
    request = chat_request(ModelChoice("m", tool_mode=mode), Prompt(HISTORY, (SPEC,)))
    names = [kind if isinstance(kind, str) else kind.__name__ for kind in kinds]
    assert [type(message).__name__ for message in request.messages] == names
    assert bool(request.tools) is has_tools


def test_a_feature_that_is_not_used_cannot_be_left_out() -> None:
    assert without_feature(ModelChoice("m", tool_mode=ToolMode.TEXT), "tools") is None
    assert without_feature(ModelChoice("m", think=False), "thinking") is None
    assert without_feature(ModelChoice("m", sees_images=False), "images") is None
    assert without_feature(ModelChoice("m", think=True), "effort") is None
    for refused, instead in (("max", "high"), ("low", True)):
        lower = without_feature(ModelChoice("m", think=refused), "effort")
        assert lower is not None
        assert lower[0].think == instead
    off = without_feature(ModelChoice("m", reads_text_calls=False), "tools")
    assert off is not None
    assert off[0].tool_mode is ToolMode.NONE
