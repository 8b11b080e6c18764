"""Terminal title, progress, and notifications while the user is in another window."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from vtcode_tui.config.schema import Notify
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.events import (
    ApprovalRequested,
    ApprovalResolved,
    Event,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import TextDisplay
from vtcode_tui.tui.attention import Attention, notice, plain, protocol_of, shows_progress, title

REQUEST = ApprovalRequest(
    "r", ToolCall("c", "x"), "Run", "x", TextDisplay("x"), "/w", "a rule", "scope"
)
TURN: tuple[Event, ...] = (
    TurnStarted(1, "go"),
    ApprovalRequested(REQUEST),
    ApprovalResolved("r", "c", ApprovalDecision(Verdict.ONCE)),
    TurnFinished(TurnEnd.DONE, 1.0),
)


def told(
    environ: Mapping[str, str],
    *,
    notify: Notify = "auto",
    in_front: bool = False,
    events: tuple[Event, ...] = TURN,
    place: str = "work",
) -> str:
    written: list[str] = []
    attention = Attention(
        write=written.append,
        is_in_front=lambda: in_front,
        environ=environ,
        notify=notify,
        place=place,
    )
    attention.open()
    for event in events:
        attention.apply(event)
    attention.close()
    return "".join(written)


@pytest.mark.parametrize(
    ("environ", "protocol"),
    [
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM": "foot"}, "osc99"),
        ({"TERM_PROGRAM": "iTerm.app"}, "osc9"),
        ({"TERM_PROGRAM": "WezTerm"}, "osc9"),
        ({"TERM_PROGRAM": "ghostty"}, "osc9"),
        ({"TERM": "rxvt-unicode-256color"}, "osc777"),
        ({"TERM": "xterm-256color"}, "bell"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "bell"),
        ({"TERM_PROGRAM": "ghostty", "TMUX": "/tmp/x"}, "bell"),
        ({"TERM": "screen"}, "bell"),
        ({}, "bell"),
    ],
)
def test_each_terminal_is_notified_by_its_own_protocol(
    environ: dict[str, str], protocol: str
) -> None:
    assert protocol_of(environ) == protocol


@pytest.mark.parametrize(
    ("environ", "sign"),
    [
        ({"TERM": "xterm-kitty"}, "\x1b]99;"),
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]9;vtcode-tui:"),
        ({"TERM": "rxvt-unicode"}, "\x1b]777;notify;"),
        ({"TERM": "xterm"}, "\a"),
    ],
)
def test_a_question_and_an_answer_notify_a_user_in_another_window(
    environ: dict[str, str], sign: str
) -> None:
    assert told(environ).count(sign) == 2
    assert sign not in told(environ, in_front=True)
    assert sign not in told(environ, notify="off")


def test_only_a_bell_if_configured() -> None:
    text = told({"TERM": "xterm-kitty"}, notify="bell")
    assert text.count("\a") == 2
    assert "\x1b]99;" not in text


def test_a_turn_that_the_user_stopped_does_not_notify() -> None:
    events = (TurnStarted(1, "go"), TurnFinished(TurnEnd.CANCELLED, 1.0))
    assert "\a" not in told({}, events=events)


def test_the_title_shows_the_state_and_is_restored() -> None:
    text = told({})
    parts = ["\x1b[22;2t", "working · work", "waiting for you · work", "\x1b[23;2t"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_progress_is_written_only_to_terminals_known_to_support_it() -> None:
    text = told({"WT_SESSION": "1"})
    for value in ("3;0", "4;100", "0;0"):
        assert f"\x1b]9;4;{value}" in text
    assert "\x1b]9;4" not in told({"TERM": "xterm"})
    assert not shows_progress({"TERM_PROGRAM": "ghostty", "TMUX": "x"})


@pytest.mark.parametrize(
    "text", ["a\x1b]0;x\x07b", "\x9d9;x\x9c", "a;b", "\u202ex", "\x1b\\", "x" * 5000, "a\nb"]
)
def test_a_hostile_name_cannot_end_or_begin_a_sequence(text: str) -> None:
    for sequence in (
        title(text),
        notice("osc9", text),
        notice("osc99", text),
        notice("osc777", text),
    ):
        inside = sequence.removeprefix("\x1b]").removesuffix("\x1b\\")
        assert inside.isprintable()
        assert len(inside) < 160
    assert ";" not in plain(text)
