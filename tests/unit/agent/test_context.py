"""The context window: counted, kept to, and never cut in silence."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import Bench, MakeBench
from vtcode_tui.agent.budget import TokenGauge, was_cut
from vtcode_tui.agent.compaction import (
    plain_summary,
    shorten_results,
    split_turns,
    summary_request,
    ways_to_split,
)
from vtcode_tui.conversation.events import (
    ContextCompacted,
    Event,
    NoticeRaised,
    ToolCallFinished,
    TurnEnd,
    TurnFinished,
    Usage,
)
from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.errors import ContextOverflow, VtcodeError
from vtcode_tui.session.history import made_valid

READ = ("read_file", {"path": "big.txt"})


def conversation(turns: int, result: str = "x" * 5_000) -> tuple[Message, ...]:
    messages: list[Message] = []
    for turn in range(turns):
        call = ToolCall(f"c{turn}", "read_file", {"path": "a"})
        messages += [
            UserMessage(f"prompt {turn}"),
            AssistantMessage("", "", (call,)),
            ToolResultMessage(call.call_id, "read_file", result),
            AssistantMessage(f"answer {turn}"),
        ]
    return tuple(messages)


def test_old_results_are_shortened_and_the_last_ones_stay_whole() -> None:
    messages = conversation(4)
    shortened = shorten_results(messages)
    sizes = [len(m.content) for m in shortened if isinstance(m, ToolResultMessage)]
    assert sizes[2:] == [5_000, 5_000]
    assert max(sizes[:2]) < 600
    assert [type(m) for m in shortened] == [type(m) for m in messages]


def test_a_split_keeps_the_last_turns_and_cuts_only_before_a_prompt() -> None:
    split = split_turns(conversation(5))
    assert isinstance(split.kept[0], UserMessage)
    assert split.kept[0].content == "prompt 3"
    assert len(split.old) + len(split.kept) == 20


def test_a_single_turn_is_never_split() -> None:
    assert split_turns(conversation(1)).old == ()


def test_a_summary_request_keeps_both_ends_within_its_limit() -> None:
    request = summary_request(conversation(50), 2_000)
    asked = request[1]
    assert isinstance(asked, UserMessage)
    assert len(asked.content) < 2_100
    assert "prompt 0" in asked.content
    assert "answer 49" in asked.content


def test_without_a_model_the_summary_names_prompts_and_calls() -> None:
    summary = plain_summary(conversation(2))
    assert "prompt 1" in summary
    assert "read_file" in summary


def test_the_gauge_is_exact_for_what_the_server_counted() -> None:
    gauge = TokenGauge()
    sent = conversation(2)
    assert not gauge.fill(sent).is_exact
    gauge.count(sent, Usage(prompt_tokens=1_000, output_tokens=50))
    answered = (*sent, AssistantMessage("answer"))
    assert gauge.fill(answered).tokens == 1_050
    assert gauge.fill(answered).is_exact
    later = gauge.fill((*answered, UserMessage("and then?")))
    assert later.tokens > 1_050
    assert not later.is_exact


@pytest.mark.parametrize(("counted", "window"), [(130, 256), (2050, 4096)])
def test_the_mark_of_a_cut_prompt_is_known(counted: int, window: int) -> None:
    assert was_cut(Usage(prompt_tokens=counted), window)
    assert not was_cut(Usage(prompt_tokens=counted + 50), window)


async def with_window(make_bench: MakeBench, window: int) -> Bench:
    bench = await make_bench()
    bench.server.counts_tokens = True
    bench.agent.model = replace(bench.agent.model, options={"num_ctx": window})
    return bench


def end_of(events: list[Event]) -> TurnFinished:
    last = events[-1]
    assert isinstance(last, TurnFinished)
    return last


@pytest.mark.anyio
async def test_200_turns_in_a_window_of_8192_go_on_without_an_error_or_a_cut(
    make_bench: MakeBench,
) -> None:
    bench = await with_window(make_bench, 8_192)
    (bench.workspace / "big.txt").write_text("some line of text in a file\n" * 150)
    compactions = 0
    for turn in range(200):
        calls = [READ] if turn % 4 == 0 else []
        if calls:
            bench.server.script(reply("I look.", calls=calls))
        bench.server.default_reply = reply(f"answer {turn} " + "word " * 60)
        events = await bench.turn(f"prompt {turn}: " + "please " * 20)
        last = end_of(events)
        assert last.end is TurnEnd.DONE, last.error
        compactions += sum(isinstance(event, ContextCompacted) for event in events)
        assert not any(isinstance(e, NoticeRaised) and "cut" in e.text for e in events)
    assert 3 < compactions < 100
    for request in bench.server.chats:
        assert request.body is not None
        assert request.body["truncate"] is False
        assert request.body["shift"] is False
        assert request.body["options"]["num_ctx"] == 8_192
    sent = bench.server.chats[-1].body
    assert sent is not None
    assert sent["messages"][-1]["content"].startswith("prompt 199")


@pytest.mark.anyio
async def test_a_refused_prompt_is_compacted_and_sent_again_once(make_bench: MakeBench) -> None:
    bench = await with_window(make_bench, 32_768)
    for turn in range(6):
        bench.server.default_reply = reply("word " * 700)
        await bench.turn(f"prompt {turn}")
    bench.agent.model = replace(bench.agent.model, options={"num_ctx": 4_096})
    bench.agent.exchange.context.compact_at = 100.0
    bench.server.default_reply = reply("fine")
    events = await bench.turn("the last prompt")
    assert end_of(events).end is TurnEnd.DONE
    assert any(isinstance(event, ContextCompacted) for event in events)


@pytest.mark.anyio
async def test_a_prompt_that_cannot_fit_fails_with_what_to_do(make_bench: MakeBench) -> None:
    bench = await with_window(make_bench, 2_048)
    last = end_of(await bench.turn("word " * 4_000))
    assert isinstance(last.error, ContextOverflow)
    assert last.error.advice


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("counted", "is_told"),
    [(2_050, True), pytest.param(3_000, False, id="an estimate that was too high")],
)
async def test_a_server_that_cuts_all_the_same_is_told_of(
    make_bench: MakeBench, counted: int, is_told: bool
) -> None:
    bench = await with_window(make_bench, 4_096)
    bench.server.counts_tokens = False
    bench.agent.exchange.context.compact_at = 100.0
    bench.server.default_reply = reply("fine", prompt_tokens=counted)
    events = await bench.turn("word " * 4_000)
    texts = [event.text for event in events if isinstance(event, NoticeRaised)]
    assert any("cut the prompt" in text for text in texts) == is_told


@pytest.mark.anyio
async def test_compaction_by_hand_summarises_and_keeps_the_last_turns(
    make_bench: MakeBench,
) -> None:
    bench = await with_window(make_bench, 8_192)
    for turn in range(5):
        await bench.turn(f"prompt {turn}")
    bench.server.script(reply("- the user counts prompts"))
    compacted = await bench.agent.compact()
    assert compacted is not None
    assert compacted.summary == "- the user counts prompts"
    await bench.turn("go on")
    sent = bench.server.chats[-1].body
    assert sent is not None
    contents = [message["content"] for message in sent["messages"]]
    assert any("the user counts prompts" in content for content in contents)
    assert "prompt 4" in contents
    assert "prompt 1" not in contents


@pytest.mark.anyio
@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "in a turn"])
async def test_a_summary_can_be_stopped_and_costs_nothing_of_the_conversation(
    make_bench: MakeBench, by_hand: bool
) -> None:
    bench = await with_window(make_bench, 8_192)
    for turn in range(5):
        await bench.turn(f"prompt {turn}")
    before, asked = bench.agent.history.messages, len(bench.server.chats)
    summary = reply("- words " * 4000, pace_s=0.02)
    work: asyncio.Task[ContextCompacted | None] | asyncio.Task[list[Event]]
    if by_hand:
        bench.server.script(summary)
        work = asyncio.create_task(bench.agent.compact())
    else:
        overflow = {"code": 400, "type": "exceed_context_size_error", "n_ctx": 8192}
        bench.server.script(reply(status=400, error=json.dumps({"error": overflow})), summary)
        work = asyncio.create_task(bench.turn("one more"))
    seen = asked + (1 if by_hand else 2)
    await asyncio.to_thread(bench.server.wait_until, lambda: len(bench.server.chats) == seen, 10)
    assert bench.agent.interrupt()
    if by_hand:
        with pytest.raises(VtcodeError, match="stopped"):
            await work
        assert bench.agent.history.messages == before
    else:
        events = await work
        assert isinstance(events, list)
        assert isinstance(events[-1], TurnFinished)
        assert events[-1].end is TurnEnd.CANCELLED
        assert bench.agent.history.messages[: len(before)] == before
    await asyncio.to_thread(
        bench.server.wait_until, lambda: bench.server.chats[-1].closed_early, 10
    )
    assert not bench.agent.interrupt()
    await bench.turn("and now")
    body = bench.server.chats[-1].body
    assert body is not None
    assert "prompt 0" in [message["content"] for message in body["messages"]]


@pytest.mark.anyio
async def test_a_summary_that_fails_falls_back_to_a_plain_one(make_bench: MakeBench) -> None:
    bench = await with_window(make_bench, 8_192)
    for turn in range(5):
        await bench.turn(f"prompt {turn}")
    bench.server.script(reply(status=500, error="boom"))
    compacted = await bench.agent.compact()
    assert compacted is not None
    assert "prompt 1" in compacted.summary


def steps(count: int, prompt: str = "the task", result: str = "x" * 2_000) -> tuple[Message, ...]:
    """One turn of many steps."""
    messages: list[Message] = [UserMessage(prompt)]
    for step in range(count):
        call = ToolCall(f"s{step}", "read_file", {"path": f"{step}.txt"})
        messages += [
            AssistantMessage(f"step {step}", "", (call,)),
            ToolResultMessage(call.call_id, "read_file", result),
        ]
    return tuple(messages)


def test_a_long_turn_keeps_the_users_words_and_its_last_steps() -> None:
    messages = (*conversation(1), *steps(20))
    *_, most = ways_to_split(messages)
    assert most.prompt == (UserMessage("the task"),)
    assert [type(m) for m in most.kept] == [AssistantMessage, ToolResultMessage]
    once = most.with_summary("- what was done")
    assert once[0] == UserMessage("the task")
    assert made_valid(once) == once
    *_, again = ways_to_split((*once, *steps(9)[1:]))
    assert again.prompt == (UserMessage("the task"),)
    assert "what was done" in str(again.old)


@pytest.mark.anyio
async def test_a_turn_of_a_hundred_steps_goes_on_in_a_window_of_8192(
    make_bench: MakeBench,
) -> None:
    bench = await with_window(make_bench, 8_192)
    bench.agent.max_steps = 1_000
    for number in range(100):
        (bench.workspace / f"{number}.txt").write_text(f"line of file {number}\n" * 120)
    bench.server.default_reply = reply("- read some files")
    for number in range(100):
        call = ("read_file", {"path": f"{number}.txt"})
        bench.server.script(reply(f"I read {number}. " + "word " * 60, calls=[call]))
    events = await bench.turn("READ THEM ALL and tell me " + "why " * 50)
    assert end_of(events).end is TurnEnd.DONE, end_of(events).error
    compactions = sum(isinstance(event, ContextCompacted) for event in events)
    assert 3 < compactions < 60
    results = [event for event in events if isinstance(event, ToolCallFinished)]
    summaries = sum(isinstance(e, ContextCompacted) and bool(e.summary) for e in events)
    # A summary takes one of the scripted replies, and the last one may come after all of them.
    assert len(results) + summaries in (100, 101)
    for request in bench.server.chats:
        assert request.body is not None
        if "tools" in request.body:
            contents = [m["content"] for m in request.body["messages"] if m["role"] == "user"]
            assert any(content.startswith("READ THEM ALL") for content in contents)


@pytest.mark.anyio
async def test_a_result_larger_than_the_window_is_cut_to_what_fits_and_not_refused(
    make_bench: MakeBench,
) -> None:
    bench = await with_window(make_bench, 4_096)
    (bench.workspace / "big.txt").write_text("some line of text in a file\n" * 1_200)
    bench.server.script(reply("I look.", calls=[READ]), reply("I saw it."))
    events = await bench.turn("look")
    assert end_of(events).end is TurnEnd.DONE, end_of(events).error
    sent = bench.server.chats[-1].body
    assert sent is not None
    result = sent["messages"][-1]["content"]
    assert "left out to save room" in result
    assert len(result) > 1_500


@pytest.mark.anyio
async def test_room_is_made_at_the_percentage_that_the_user_set(make_bench: MakeBench) -> None:
    bench = await make_bench("[agent]\ncompact_at = 40\n")
    assert bench.agent.compact_at == 0.4


@pytest.mark.anyio
async def test_the_window_that_a_refusal_names_is_kept_to(make_bench: MakeBench) -> None:
    bench = await with_window(make_bench, 32_768)
    for turn in range(8):
        bench.server.default_reply = reply("word " * 700)
        await bench.turn(f"prompt {turn}")
    bench.server.counts_tokens = False
    error = {"code": 400, "message": "too long", "type": "exceed_context_size_error",
             "n_prompt_tokens": 9_000, "n_ctx": 4_096}  # fmt: skip
    refused = reply(status=400, error=json.dumps({"error": error}))
    bench.server.script(refused, reply("- a summary"), reply("fine"))
    events = await bench.turn("the last prompt")
    assert end_of(events).end is TurnEnd.DONE
    (compacted,) = [event for event in events if isinstance(event, ContextCompacted)]
    assert compacted.tokens_after < 4_096


@pytest.mark.anyio
async def test_the_estimate_counts_the_tools_too(make_bench: MakeBench) -> None:
    bench = await make_bench()
    fill = bench.agent.context_fill
    assert not fill.is_exact
    assert fill.tokens > bench.agent.preamble.tokens * 0.9


@pytest.mark.anyio
async def test_there_is_nothing_to_compact_in_a_short_conversation(make_bench: MakeBench) -> None:
    bench = await with_window(make_bench, 8_192)
    assert await bench.agent.compact() is None
    await bench.turn("hello")
    assert await bench.agent.compact() is None
    assert len(bench.server.chats) == 1


@pytest.mark.anyio
async def test_a_summary_that_is_longer_than_what_it_sums_up_is_not_taken(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    for text in ("hi", "ho", "hm"):
        await bench.turn(text)
    before = bench.agent.history.messages
    bench.server.script(reply("The user said something that was very short. " * 20))
    assert await bench.agent.compact() is None
    assert bench.agent.history.messages == before
