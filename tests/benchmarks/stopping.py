"""From Esc to the request's connection closed at the server, and to the screen that says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.benchmarks.long_session import MODEL
from tests.benchmarks.program import Program, now
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Row, milliseconds
from tests.fakes.ollama_server import FakeOllama, reply
from tests.fakes.wire import ClientGone, Wire, chunk

_TARGET_MS = 100
_PACE_S = 0.02
_INTERRUPTED = "Interrupted"


@dataclass
class Unending:
    """An answer that never ends: words of ``part`` at a model's pace, or not even a head without.

    ``closed_s`` is when the client closed the connection, by the clock of ``now``.
    """

    part: str = ""
    closed_s: list[float] = field(default_factory=list)

    def __call__(self, wire: Wire) -> None:
        try:
            if not self.part:
                wire.wait_until_client_closes()
            kind = {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}
            wire.send_head(200, kind)
            message = {"role": "assistant", "content": "", self.part: "word "}
            line = {"model": MODEL, "created_at": "2026-01-02T03:04:05Z", "message": message}
            while True:
                wire.send(chunk(json.dumps({**line, "done": False}).encode() + b"\n"))
                wire.pause(_PACE_S)
        except ClientGone:
            self.closed_s.append(now())
            raise


@dataclass(frozen=True, slots=True)
class _State:
    """``prompt`` brings the app there, ``seen`` tells that it is, ``stopped`` that Esc worked."""

    name: str
    prompt: str
    seen: str
    stopped: str = _INTERRUPTED
    part: str | None = ""
    """Of the answer that is under way; ``None`` where no request is."""


_STATES = [
    _State("loading the model", "go on", "loading model"),
    _State("thinking", "go on", "thinking", part="thinking"),
    _State("answering", "go on", "word word", part="content"),
    _State("a command of one's own", "!sleep 600", "running", stopped="stopped", part=None),
]


def stopping(stage: Stage, repeats: int) -> Iterator[Row]:
    """The worst of ``repeats`` in each state, each in an app of its own."""
    yield from _rows("connecting", [_while_connecting(stage) for _ in range(repeats)])
    for state in _STATES:
        yield from _rows(state.name, [_in_a_turn(stage, state) for _ in range(repeats)])


def _rows(name: str, times: list[tuple[float | None, float]]) -> Iterator[Row]:
    """``times`` are seconds to the closed connection, where there is one, and to the screen."""
    closed = [to_close for to_close, _ in times if to_close is not None]
    if closed:
        worst = milliseconds(closed, 1.0)
        yield Row(f"Esc to connection closed, {name}, worst", worst, _TARGET_MS, "ms")
    shown = milliseconds([to_show for _, to_show in times], 1.0)
    yield Row(f"Esc to stopped on the screen, {name}, worst", shown, _TARGET_MS, "ms")


def _while_connecting(stage: Stage) -> tuple[float | None, float]:
    unending = Unending()
    with FakeOllama() as server:
        server.answers["/api/tags"] = reply(serve=unending)
        with stage.app(url=server.url) as program:
            program.wait_for_paint()
            _until(program, lambda: bool(server.requests), "a request")
            program.settle()
            return _pressed(program, "was stopped", unending)


def _in_a_turn(stage: Stage, state: _State) -> tuple[float | None, float]:
    unending = Unending(state.part or "")
    with FakeOllama() as server:
        server.script(reply(serve=unending))
        with stage.app(url=server.url) as program:
            program.watch("ready")
            program.wait_for("ready")
            program.settle(1.0)
            program.watch(state.seen)
            program.write(state.prompt)
            program.settle()
            program.write("\r")
            program.wait_for(state.seen)
            program.run(0.5)
            return _pressed(program, state.stopped, unending if state.part is not None else None)


def _pressed(
    program: Program, stopped: str, unending: Unending | None
) -> tuple[float | None, float]:
    program.watch(stopped)
    pressed = now()
    program.write("\x1b")
    shown = program.wait_for(stopped)
    if unending is None:
        return None, shown - pressed
    _until(program, lambda: bool(unending.closed_s), "the end of the connection")
    return unending.closed_s[0] - pressed, shown - pressed


def _until(program: Program, holds: Callable[[], bool], what: str) -> None:
    end = now() + 20
    while not holds():
        if now() > end:
            raise RuntimeError(f"never: {what}\n{program.screen()}")
        program.pump(0.002)
