"""Scenes of errors: how each is shown, and what is offered."""

from __future__ import annotations

import os
from pathlib import Path

from textual.pilot import Pilot

from tests.fakes.ollama_server import reply
from tests.screen.scenes import (
    MODEL,
    PROJECT,
    Scene,
    SceneClock,
    ask,
    idle,
    listed,
    settle,
    turn_over,
    with_sessions,
)
from vtcode_tui.config.launch import SessionWish
from vtcode_tui.conversation.events import (
    Event,
    RetryScheduled,
    StepStarted,
    TextDelta,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.ollama import faults
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.advice import Asked, refusal
from vtcode_tui.session.store import SessionStore
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.chat_screen import ChatScreen

LOCAL = parse_address("http://localhost:11434")
OVERFLOW = (
    '{"error":{"code":400,"message":"the request exceeds the available context size",'
    '"type":"exceed_context_size_error","n_prompt_tokens":61044,"n_ctx":32768}}'
)


def take(pilot: Pilot[int], *events: Event) -> None:
    """Show turn events as if from a server whose address is the same in every run."""
    chat = pilot.app.screen
    assert isinstance(chat, ChatScreen)
    for event in (TurnStarted(1, "How are lines split?"), StepStarted(1, MODEL), *events):
        chat.take(event)


async def waiting_to_retry(pilot: Pilot[int]) -> None:
    await idle(pilot)
    error = refusal(429, b'{"error":"slow down"}', Asked(LOCAL, MODEL), retry_after="58")
    app = pilot.app
    assert isinstance(app, VtcodeApp)
    assert isinstance(app.launch.clock, SceneClock)
    take(pilot, RetryScheduled(1, 58.4, error))
    await settle(pilot, "retrying in 5")


async def told(pilot: Pilot[int]) -> None:
    """A server that is gone, one that does not respond, and an answer that breaks off."""
    await idle(pilot)
    for error in (
        faults.unreachable(LOCAL, faults.Unreachable.REFUSED),
        faults.no_answer(LOCAL, 600),
    ):
        take(pilot, TurnFinished(TurnEnd.FAILED, 3.0, error))
    came = TextDelta("The parser reads **one line")
    take(pilot, came, TurnFinished(TurnEnd.FAILED, 3.0, faults.stalled(120)))
    await settle(pilot, "The answer timed out")


async def must_sign_in(pilot: Pilot[int]) -> None:
    await ask(pilot, "Anything")
    await settle(pilot, "Try again")


async def overflowed(pilot: Pilot[int]) -> None:
    await ask(pilot, "Anything")
    await turn_over(pilot, "/retry")


async def damaged(pilot: Pilot[int]) -> None:
    await settle(pilot, "damaged")
    await settle(pilot, f"ready · {MODEL}")


async def asked_for_a_name(pilot: Pilot[int]) -> None:
    await listed(pilot)
    await pilot.press("down", "ctrl+r")
    await settle(pilot, "enter rename · esc back")


def with_damage() -> Path:
    """Sessions, the newest of which has two corrupt lines."""
    state_dir = with_sessions()
    path = next(SessionStore(state_dir, PROJECT).directory.glob("*-3f9a2c7e.jsonl"))
    changed_s = path.stat().st_mtime
    lines = path.read_bytes().split(b"\n")
    lines[5] = lines[5].replace(b'"', b"'", 3)
    lines[9] = b"\0" * len(lines[9])
    path.write_bytes(b"\n".join(lines))
    os.utime(path, (changed_s, changed_s))
    return state_dir


FAULTS: dict[str, Scene] = {
    "retry-wait": Scene(waiting_to_retry),
    "server-faults": Scene(told),
    "sign-in": Scene(
        must_sign_in,
        (
            reply(
                status=401,
                error="unauthorized",
                error_fields={"signin_url": "https://ollama.com/connect?name=host&key=abc"},
            ),
        ),
    ),
    "overflow": Scene(overflowed, (reply(status=400, error=OVERFLOW),) * 3),
    "damaged": Scene(damaged, state=with_damage, session=SessionWish()),
    "session-rename": Scene(asked_for_a_name, state=with_sessions),
}
