"""A secret that streams in two halves: neither stands in the session's file, whenever it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtcode_tui.conversation.events import (
    Event,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCallFinished,
    ToolOutputDelta,
    TurnEnd,
    TurnFinished,
    TurnStarted,
    Usage,
    UsageUpdated,
)
from vtcode_tui.conversation.messages import AssistantMessage
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.secrecy import MASK, begun_secret, starred_begun
from vtcode_tui.session.journal import Journal
from vtcode_tui.session.masking import Withheld
from vtcode_tui.session.recorder import SessionRecorder
from vtcode_tui.session.records import scan

SECRET = "hunter22-correct-horse"


def recorder_in(directory: Path) -> SessionRecorder:
    path = directory / "sessions" / "2026-01-01-abcdef.jsonl"
    journal = Journal(path, now=lambda: 0.0, on_fault=lambda _: None, secrets=lambda: (SECRET,))
    recorder = SessionRecorder(journal, {})
    recorder.record(TurnStarted(1, "go"))
    recorder.record(StepStarted(1, "m"))
    return recorder


def written(recorder: SessionRecorder, type_: str) -> list[str]:
    records = scan(recorder.journal.path.read_bytes()).records
    return [record.text("text") for record in records if record.type == type_]


def delta(kind: str, text: str) -> Event:
    match kind:
        case "text":
            return TextDelta(text)
        case "thinking":
            return ReasoningDelta(text)
        case _:
            return ToolOutputDelta("call-1", text)


@pytest.mark.parametrize("kind", ["text", "thinking", "output"])
def test_what_is_written_between_its_halves_holds_neither(tmp_path: Path, kind: str) -> None:
    for cut in range(len(SECRET) + 1):
        recorder = recorder_in(tmp_path / str(cut))
        type_ = "output" if kind == "output" else "delta"
        recorder.record(delta(kind, f"it is {SECRET[:cut]}"))
        recorder.flush()
        assert "".join(written(recorder, type_)) == (
            "it is " if cut < len(SECRET) else f"it is {MASK}"
        )
        recorder.record(delta(kind, f"{SECRET[cut:]}, yes"))
        recorder.flush()
        assert "".join(written(recorder, type_)) == f"it is {MASK}, yes"
        recorder.close()


def test_what_only_began_like_one_is_written_with_what_follows(tmp_path: Path) -> None:
    recorder = recorder_in(tmp_path)
    recorder.record(TextDelta("a hunter"))
    recorder.flush()
    assert written(recorder, "delta") == ["a "]
    recorder.record(TextDelta(" came"))
    recorder.flush()
    assert written(recorder, "delta") == ["a ", "hunter came"]
    recorder.close()


@pytest.mark.parametrize(
    "end",
    [
        ReasoningDelta("hm"),
        ToolCallFinished("x", ToolResult(Outcome.OK, "", TextDisplay(""), "")),
        TurnFinished(TurnEnd.CANCELLED, 1.0),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_only_began_like_one_is_lost_at_no_end(tmp_path: Path, end: Event) -> None:
    recorder = recorder_in(tmp_path)
    recorder.record(TextDelta("a hunter"))
    recorder.flush()
    recorder.record(end)
    recorder.close()
    assert "".join(written(recorder, "delta")).replace("hm", "") == "a hunter"


@pytest.mark.parametrize("kind", ["text", "thinking"])
@pytest.mark.parametrize("is_message", [True, False])
def test_an_answer_that_is_stopped_in_one_keeps_little_of_it(
    tmp_path: Path, kind: str, is_message: bool
) -> None:
    for cut in range(1, len(SECRET)):
        recorder = recorder_in(tmp_path / str(cut))
        text = f"it is {SECRET[:cut]}"
        recorder.record(delta(kind, text))
        recorder.flush()
        message = AssistantMessage(text) if kind == "text" else AssistantMessage(thinking=text)
        if is_message:
            recorder.record(StepFinished(message, "m"))
        recorder.record_history((message,))
        recorder.record(TurnFinished(TurnEnd.CANCELLED, 1.0))
        recorder.close()
        content = recorder.journal.path.read_text()
        assert SECRET[:8] not in content
        end = f"it is {MASK}" if cut >= 8 else f"it is {SECRET[:cut]}"
        if is_message:
            assert f'"{end}"' in content
        else:
            assert "".join(written(recorder, "delta")) == end


@pytest.mark.parametrize("ending", ["", "h", "hunter", "unter22-corr", "hunter22-correct-horses"])
def test_an_answer_that_ends_like_none_is_kept_whole(ending: str) -> None:
    assert starred_begun(f"it is {ending}", [SECRET, "hunter22-" + "x" * 60]) == f"it is {ending}"


def test_the_first_letters_of_a_long_secret_are_none() -> None:
    long = "https://hooks.example/services/T0123456789/B0123456789/abcdefghijklmnopqrstuvwx"
    assert starred_begun("see https://hooks.example", [long]) == "see https://hooks.example"
    assert starred_begun(f"see {long[:40]}", [long]) == f"see {MASK}"


@pytest.mark.parametrize(
    "between", [ReasoningDelta("hm"), UsageUpdated(Usage())], ids=["thinking", "usage"]
)
def test_what_comes_between_its_halves_has_neither_written(tmp_path: Path, between: Event) -> None:
    for cut in range(1, len(SECRET)):
        recorder = recorder_in(tmp_path / str(cut))
        recorder.record(TextDelta(f"it is {SECRET[:cut]}"))
        recorder.record(between)
        recorder.record(TextDelta(SECRET[cut : cut + 2]))
        recorder.flush()
        recorder.record(between)
        recorder.record(TextDelta(f"{SECRET[cut + 2 :]}, yes"))
        recorder.close()
        texts = "".join(written(recorder, "delta")).replace("hm", "")
        few = SECRET[:cut] if cut < 4 and isinstance(between, ReasoningDelta) else ""
        assert texts == f"it is {few}{MASK}, yes"


def test_a_few_letters_that_began_none_stay_where_they_were(tmp_path: Path) -> None:
    recorder = recorder_in(tmp_path)
    recorder.record(TextDelta("as hu"))
    recorder.record(ReasoningDelta("hm"))
    recorder.record(TextDelta("man as can be"))
    recorder.close()
    assert written(recorder, "delta") == ["as hu", "hm", "man as can be"]


def test_a_few_letters_are_written_once() -> None:
    withheld = Withheld()
    assert withheld.passed("as hu", (SECRET,)) == "as "
    assert (withheld.passed_by(), withheld.passed_by(), withheld.rest(())) == ("hu", "", "")


def test_what_a_whole_message_has_is_not_written_again(tmp_path: Path) -> None:
    recorder = recorder_in(tmp_path)
    recorder.record(TextDelta("a hunter"))
    recorder.flush()
    recorder.record(StepFinished(AssistantMessage("a hunter"), "m"))
    recorder.record(StepStarted(2, "m"))
    recorder.record(TextDelta("came"))
    recorder.close()
    assert written(recorder, "delta") == ["a ", "came"]


def test_a_tail_of_output_begins_with_no_half_of_one(tmp_path: Path) -> None:
    recorder = recorder_in(tmp_path)
    after = "x" * (16_384 - 8)
    recorder.record(ToolOutputDelta("call-1", f"{'y' * 40_000}{SECRET}{after}"))
    recorder.flush()
    (text,) = written(recorder, "output")
    assert text == f"{'y' * 5}{MASK}{after}"
    recorder.close()


def test_the_beginning_of_a_secret_is_the_longest_there_is() -> None:
    assert begun_secret("so aba", ["abab", "bay"]) == 3
    assert begun_secret("so ab", ["bay", "abab"]) == 2
    assert begun_secret("nothing", ["abab"]) == 0
    assert begun_secret("abab", ["abab"]) == 2
