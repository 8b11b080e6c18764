"""Each kind of model times each thing an agent does with it: every cell of the table is a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.model_kinds import KINDS, ModelKind
from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.agent.conftest import Bench, MakeBench
from tests.unit.agent.turns import assert_laws, results, wire_messages
from vtcode_tui.agent.model_choice import ToolMode
from vtcode_tui.conversation.events import (
    ContextCompacted,
    Event,
    NoticeRaised,
    ReasoningDelta,
    StepFinished,
    TextDelta,
    ToolCallRequested,
    TurnEnd,
)
from vtcode_tui.conversation.results import Outcome

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label),
]

READ = ("read_file", {"path": "a.txt"})
WRITTEN = '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.txt"}}\n</tool_call>'
FENCED = '```json\n{"name": "read_file", "arguments": {"file_path": "a.txt"}}\n```'


async def bench_for(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench, toml: str = ""
) -> Bench:
    kind.put_on(server)
    bench = await make_bench(toml, kind.model)
    (bench.workspace / "a.txt").write_text("the content\n")
    return bench


def bodies(server: FakeOllama) -> list[dict[str, Any]]:
    """The requests that the server answered, without those that it refused."""
    bodies = [request.body for request in server.chats if request.body is not None]
    offers = [body for body in bodies if "tools" in body]
    is_probe = server.hides_capabilities and len(offers) < len(bodies)
    return [body for body in bodies if not (is_probe and "tools" in body)]


def shown(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def notices(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, NoticeRaised)]


async def test_chat(kind: ModelKind, server: FakeOllama, make_bench: MakeBench) -> None:
    bench = await bench_for(kind, server, make_bench)
    server.script(reply("Hello you."))
    events = await bench.turn("Hi")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert shown(events) == "Hello you."
    body = bodies(server)[-1]
    assert body["model"] == kind.model
    assert "think" not in body
    assert ("tools" in body) is kind.takes_tools
    system = body["messages"][0]["content"]
    assert ("<tool_call>" in system and "read_file(path: string" in system) is not kind.takes_tools
    mode = ToolMode.NATIVE if kind.takes_tools else ToolMode.TEXT
    assert bench.agent.model.tool_mode is mode


@pytest.mark.parametrize("effort", ["none", "high"])
async def test_thinking_is_asked_for_as_the_model_takes_it(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench, effort: str
) -> None:
    bench = await bench_for(kind, server, make_bench, f'[agent]\nreasoning_effort = "{effort}"\n')
    server.script(reply("So.", thinking="Hm." if kind.thinks_natively else ""))
    events = await bench.turn("Hi")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert bodies(server)[-1].get("think") == kind.thinks[effort]
    thought = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    assert thought == ("Hm." if kind.thinks_natively else "")


async def test_thinking_in_tags_is_shown_as_thinking(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench
) -> None:
    bench = await bench_for(kind, server, make_bench)
    server.script(reply(tokens=["<th", "ink>Let me", " see.</thi", "nk>\n\n", "So <think> it is."]))
    events = await bench.turn("Hi")
    finished = next(event for event in events if isinstance(event, StepFinished))
    assert finished.message.thinking == "Let me see."
    assert finished.message.content == shown(events) == "So <think> it is."


async def test_a_native_call_runs_and_its_result_goes_back(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench
) -> None:
    """A server gives calls of its own only to a model that it renders tools for."""
    bench = await bench_for(kind, server, make_bench)
    if not kind.takes_tools:
        server.script(reply("I have no calls of that kind."))
        await bench.turn("Read a.txt")
        assert "tools" not in bodies(server)[-1]
        return
    server.script(reply(calls=[READ], call_ids=["call_1"]), reply("Read."))
    events = await bench.turn("Read a.txt")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK]
    assistant, tool = wire_messages(bench, -1)[-2:]
    assert assistant["tool_calls"][0]["function"]["arguments"] == {"path": "a.txt"}
    assert (tool["role"], tool["tool_name"], tool["tool_call_id"]) == (
        "tool",
        "read_file",
        "call_1",
    )
    assert notices(events) == []


async def test_a_call_without_an_id_runs_too(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench
) -> None:
    """As old servers send it; one that takes no tools can still send what its template finds."""
    bench = await bench_for(kind, server, make_bench)
    server.script(reply(calls=[READ, READ], call_ids=[None, None]), reply("Read."))
    events = await bench.turn("Read a.txt")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK, Outcome.OK]


@pytest.mark.parametrize("form", [WRITTEN, f"I look.\n\n{WRITTEN}", FENCED])
async def test_a_call_written_as_text_runs_and_its_result_goes_back(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench, form: str
) -> None:
    bench = await bench_for(kind, server, make_bench)
    is_other_form = form == FENCED
    server.script(reply(form), reply("Read."))
    events = await bench.turn("Read a.txt")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK]
    words = "I look." if form.startswith("I look.") else ""
    assert shown(events).split() == [*words.split(), "Read."]
    (requested,) = (event.call for event in events if isinstance(event, ToolCallRequested))
    assert (requested.name, requested.arguments) == ("read_file", {"path": "a.txt"})
    recovered = [text for text in notices(events) if "recovered" in text]
    assert len(recovered) == (kind.takes_tools or is_other_form)
    assert all("file_path taken for path" in text for text in recovered) or not is_other_form
    assistant, result = wire_messages(bench, -1)[-2:]
    assert "the content" in result["content"]
    if kind.takes_tools:
        assert assistant["tool_calls"][0]["function"]["name"] == "read_file"
        assert (assistant["content"], result["role"]) == (words, "tool")
    else:
        assert assistant["content"].endswith(WRITTEN)
        assert "tool_calls" not in assistant
        assert result["role"] == "user"
        assert result["content"].startswith('<tool_result name="read_file">')


async def test_a_call_that_does_not_fit_goes_back_with_its_schema_and_can_be_mended(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench
) -> None:
    bench = await bench_for(kind, server, make_bench)
    bad = '<tool_call>{"name": "read_file", "arguments": {"colour": "red"}}</tool_call>'
    server.script(reply(bad), reply(WRITTEN), reply("Read."))
    events = await bench.turn("Read a.txt")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    failed, read = results(events)
    assert failed[0] is Outcome.FAILED
    assert "path is missing" in failed[1]
    assert '"path":{"type":"string"' in failed[1]
    assert read[0] is Outcome.OK
    assert "path is missing" in wire_messages(bench, -2)[-1]["content"]


async def test_a_quoted_call_is_an_answer(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench
) -> None:
    bench = await bench_for(kind, server, make_bench)
    answer = f"One calls a tool like this:\n\n```\n{WRITTEN}\n```\n\nThen the result comes."
    server.script(reply(answer))
    events = await bench.turn("How do tools work?")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert (shown(events), results(events)) == (answer, [])


def with_window(bench: Bench, kind: ModelKind, window: int) -> None:
    """A model in the cloud is sent no window; the fake server's own is 4,096."""
    bench.server.counts_tokens = True
    options = {} if kind.is_cloud else {"num_ctx": window}
    bench.agent.model = replace(bench.agent.model, options=options)


async def test_a_prompt_beyond_the_window_is_made_to_fit_or_its_cut_is_told(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench
) -> None:
    bench = await bench_for(kind, server, make_bench)
    await bench.turn("hello")
    if not kind.is_cloud:
        with_window(bench, kind, 32_768)
    for turn in range(6):
        server.default_reply = reply("word " * 600)
        await bench.turn(f"prompt {turn}")
    with_window(bench, kind, 4_096)
    bench.agent.exchange.context.compact_at = 100.0  # Room is made by nothing but the refusal.
    server.default_reply = reply("fine")
    events = await bench.turn("the last prompt")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    compactions = [event for event in events if isinstance(event, ContextCompacted)]
    is_told_of_a_cut = any("cut the prompt" in text for text in notices(events))
    # An old server knows no truncate: false, so it cuts; it is the only one that may.
    assert (len(compactions), is_told_of_a_cut) == ((0, True) if kind.is_old else (1, False))
    sent = bodies(server)[-1]
    assert sent["messages"][-1]["content"] == "the last prompt"
    assert ("options" in sent) is not kind.is_cloud


async def test_a_long_conversation_is_compacted_and_never_cut(
    kind: ModelKind, server: FakeOllama, make_bench: MakeBench
) -> None:
    bench = await bench_for(kind, server, make_bench)
    (bench.workspace / "a.txt").write_text("some line of text in a file\n" * 60)
    await bench.turn("hello")
    with_window(bench, kind, 4_096)
    compactions = 0
    for turn in range(24):
        server.default_reply = reply(f"answer {turn} " + "word " * 120)
        if turn % 3 == 0:
            server.script(reply(calls=[READ]) if kind.takes_tools else reply(WRITTEN))
        events = await bench.turn(f"prompt {turn} " + "please " * 20)
        assert assert_laws(bench, events).end is TurnEnd.DONE
        compactions += sum(isinstance(event, ContextCompacted) for event in events)
        assert not any("cut the prompt" in text for text in notices(events))
    assert compactions > 0
    sent = bodies(server)[-1]
    assert sent["messages"][0]["content"].startswith("You are a coding agent")
    assert "prompt 23" in str(sent["messages"][-1]) + str(sent["messages"][-3:])
    assert (sent["truncate"], sent["shift"]) == (False, False)
