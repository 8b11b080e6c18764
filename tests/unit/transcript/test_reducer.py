"""The reducer: which blocks a conversation's events make."""

from __future__ import annotations

from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.events import (
    ApprovalRequested,
    ApprovalResolved,
    ContextCompacted,
    Event,
    ModelLoading,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    RetryScheduled,
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
from vtcode_tui.conversation.messages import AssistantMessage, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.errors import ServerBusy, ServerUnreachable
from vtcode_tui.transcript.blocks import (
    AnswerBlock,
    Block,
    ErrorBlock,
    NoticeBlock,
    PromptBlock,
    ThinkingBlock,
    ToolCallBlock,
    ToolState,
    TurnEndBlock,
)
from vtcode_tui.transcript.reducer import Change, Transcript

CALL = ToolCall("call-1", "read_file", {"path": "a.py"})


def applied(*events: Event) -> Transcript:
    transcript = Transcript()
    for event in events:
        transcript.apply(event)
    return transcript


def result(outcome: Outcome, duration_s: float = 0.0) -> ToolResult:
    return ToolResult(outcome, "content", TextDisplay("shown"), "1 line", duration_s)


def tool_block(transcript: Transcript) -> ToolCallBlock:
    found = [block for block in transcript.blocks if isinstance(block, ToolCallBlock)]
    assert len(found) == 1
    return found[0]


def kinds(blocks: list[Block]) -> list[str]:
    return [type(block).__name__ for block in blocks]


def test_a_turn_becomes_prompt_thinking_and_answer_in_order() -> None:
    transcript = applied(
        TurnStarted(1, "hello"),
        StepStarted(1, "m"),
        ModelLoading("m"),
        ReasoningDelta("let me "),
        ReasoningDelta("see"),
        TextDelta("Hi "),
        TextDelta("there"),
        UsageUpdated(Usage()),
        StepFinished(AssistantMessage("Hi there", "let me see"), "m"),
        TurnFinished(TurnEnd.DONE, 1.0),
    )
    prompt, thinking, answer = transcript.blocks
    assert isinstance(prompt, PromptBlock)
    assert isinstance(thinking, ThinkingBlock)
    assert isinstance(answer, AnswerBlock)
    assert (prompt.text, thinking.text.text, answer.text.text) == (
        "hello",
        "let me see",
        "Hi there",
    )
    assert thinking.ended
    assert answer.ended


def test_a_change_names_the_blocks_that_were_added_and_changed() -> None:
    transcript = Transcript()
    assert transcript.apply(TurnStarted(1, "p")) == Change(added=(0,))
    assert transcript.apply(StepStarted(1, "m")) == Change()
    assert transcript.apply(ReasoningDelta("a")) == Change(added=(1,))
    assert transcript.apply(ReasoningDelta("b")) == Change(changed=(1,))
    assert transcript.apply(TextDelta("c")) == Change(added=(2,), changed=(1,))
    assert transcript.apply(ToolCallRequested(CALL, "a.py")) == Change(added=(3,), changed=(2,))
    assert transcript.apply(ToolCallStarted("call-1")) == Change(changed=(3,))


def test_thinking_is_timed_by_the_callers_clock_and_its_words_are_counted() -> None:
    transcript = Transcript()
    transcript.apply(ReasoningDelta("one two"), now_s=10.0)
    transcript.apply(ReasoningDelta(" three"), now_s=11.0)
    transcript.apply(TextDelta("x"), now_s=22.5)
    thinking = transcript.blocks[0]
    assert isinstance(thinking, ThinkingBlock)
    assert thinking.duration_s == 12.5
    assert thinking.word_count == 3


def test_without_a_clock_durations_are_unknown() -> None:
    thinking = applied(ReasoningDelta("one"), TextDelta("x")).blocks[0]
    assert isinstance(thinking, ThinkingBlock)
    assert thinking.duration_s is None


def test_blank_text_makes_no_block_of_its_own() -> None:
    assert applied(TextDelta("\n\n"), ReasoningDelta(" "), TextDelta("")).blocks == []


def test_blank_text_inside_an_answer_is_kept() -> None:
    answer = applied(TextDelta("a"), TextDelta("\n\n"), TextDelta("b")).blocks[0]
    assert isinstance(answer, AnswerBlock)
    assert answer.text.text == "a\n\nb"


def test_thinking_after_an_answer_is_a_block_of_its_own() -> None:
    transcript = applied(ReasoningDelta("a"), TextDelta("b"), ReasoningDelta("c"))
    assert kinds(transcript.blocks) == ["ThinkingBlock", "AnswerBlock", "ThinkingBlock"]


def test_a_step_without_deltas_shows_its_message() -> None:
    transcript = applied(
        StepStarted(1, "m"), StepFinished(AssistantMessage("answer", "thought"), "m")
    )
    assert kinds(transcript.blocks) == ["ThinkingBlock", "AnswerBlock"]


def test_a_streamed_step_does_not_show_its_message_twice() -> None:
    transcript = applied(
        StepStarted(1, "m"), TextDelta("answer"), StepFinished(AssistantMessage("answer"), "m")
    )
    assert kinds(transcript.blocks) == ["AnswerBlock"]


def test_a_tool_call_goes_through_its_states() -> None:
    request = ApprovalRequest("r", CALL, "Read", "a.py", TextDisplay(""), "/w", "rule", "scope")
    steps: list[tuple[Event, ToolState]] = [
        (ToolCallRequested(CALL, "a.py"), ToolState.REQUESTED),
        (ApprovalRequested(request), ToolState.WAITING),
        (ApprovalResolved("r", "call-1", ApprovalDecision(Verdict.ONCE)), ToolState.REQUESTED),
        (ToolCallStarted("call-1"), ToolState.RUNNING),
        (ToolOutputDelta("call-1", "out"), ToolState.RUNNING),
        (ToolCallFinished("call-1", result(Outcome.OK)), ToolState.OK),
    ]
    transcript = Transcript()
    for event, state in steps:
        transcript.apply(event)
        assert tool_block(transcript).state is state
    assert tool_block(transcript).output.text == "out"


def test_each_outcome_is_a_state_of_its_own() -> None:
    states = {
        outcome: tool_block(
            applied(ToolCallRequested(CALL, ""), ToolCallFinished("call-1", result(outcome)))
        ).state
        for outcome in Outcome
    }
    assert {outcome: state.value for outcome, state in states.items()} == {
        outcome: outcome.value for outcome in Outcome
    }


def test_a_tool_calls_duration_is_the_results_or_the_clocks() -> None:
    for reported_s, expected_s in ((2.5, 2.5), (0.0, 4.0)):
        transcript = Transcript()
        transcript.apply(ToolCallRequested(CALL, ""), now_s=1.0)
        transcript.apply(ToolCallStarted("call-1"), now_s=2.0)
        transcript.apply(ToolCallFinished("call-1", result(Outcome.OK, reported_s)), now_s=6.0)
        assert tool_block(transcript).duration_s == expected_s


def test_events_of_an_unknown_call_change_nothing() -> None:
    transcript = applied(TurnStarted(1, "p"))
    for event in (
        ToolCallStarted("other"),
        ToolOutputDelta("other", "x"),
        ToolCallFinished("other", result(Outcome.OK)),
    ):
        assert transcript.apply(event) == Change()


def test_a_call_left_open_by_the_end_of_the_turn_is_cancelled() -> None:
    transcript = applied(
        ToolCallRequested(CALL, ""),
        ToolCallStarted("call-1"),
        TurnFinished(TurnEnd.CANCELLED, 1.0),
    )
    assert tool_block(transcript).state is ToolState.CANCELLED


def test_an_interrupted_turn_says_so_and_a_finished_one_says_nothing() -> None:
    assert applied(TurnFinished(TurnEnd.DONE, 1.0)).blocks == []
    block = applied(TurnFinished(TurnEnd.CANCELLED, 1.0)).blocks[0]
    assert isinstance(block, TurnEndBlock)
    assert block.end is TurnEnd.CANCELLED


def test_a_failed_turn_shows_its_error_in_three_parts() -> None:
    error = ServerUnreachable("no answer", why="refused", advice="ollama serve")
    block = applied(TurnFinished(TurnEnd.FAILED, 1.0, error)).blocks[0]
    assert isinstance(block, ErrorBlock)
    assert (block.what, block.why, block.advice) == (
        "no answer",
        "refused",
        "ollama serve\nTo try this prompt again: /retry",
    )


def test_notices_retries_and_compactions_are_notices() -> None:
    blocks = applied(
        NoticeRaised(NoticeLevel.INFO, "hello"),
        RetryScheduled(2, 4.0, ServerBusy("The server is busy.")),
        ContextCompacted("summary", 12_000, 3_000),
    ).blocks
    texts = [block.text for block in blocks if isinstance(block, NoticeBlock)]
    assert texts == [
        "hello",
        "The server is busy. Trying again in 4.0 s (attempt 2). Esc stops it.",
        "Older messages were summarised: 12,000 → 3,000 tokens.",
    ]


def test_a_notice_in_the_middle_of_an_answer_ends_that_block() -> None:
    transcript = applied(TextDelta("a"), NoticeRaised(NoticeLevel.INFO, "n"), TextDelta("b"))
    assert kinds(transcript.blocks) == ["AnswerBlock", "NoticeBlock", "AnswerBlock"]


def plan_call(call_id: str, outcome: Outcome = Outcome.OK) -> tuple[Event, Event]:
    call = ToolCall(call_id, "update_plan", {})
    return ToolCallRequested(call, ""), ToolCallFinished(call_id, result(outcome))


def test_a_plan_takes_the_place_of_the_one_before_and_both_blocks_change() -> None:
    transcript = applied(*plan_call("one"), TurnFinished(TurnEnd.DONE, 1.0))
    request, finish = plan_call("two")
    transcript.apply(request)
    assert transcript.apply(finish) == Change(changed=(0, 1))
    old, new = transcript.blocks
    assert isinstance(old, ToolCallBlock) and isinstance(new, ToolCallBlock)  # noqa: PT018
    assert (old.is_superseded, new.is_superseded) == (True, False)


def test_a_call_that_gave_no_plan_leaves_the_one_that_holds() -> None:
    transcript = applied(*plan_call("one"), *plan_call("two", Outcome.FAILED))
    old, failed = transcript.blocks
    assert isinstance(old, ToolCallBlock) and isinstance(failed, ToolCallBlock)  # noqa: PT018
    assert (old.is_plan, old.is_superseded, failed.is_plan) == (True, False, False)
