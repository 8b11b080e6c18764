"""Kills the app at a moment of a scripted session, and checks that nothing committed is missing.

What counts as committed is what the outside saw: the messages of the last request that the server
got, the files that tools made, and what had streamed for long enough.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.conftest import COMMAND
from tests.e2e.dying import dying_command, is_gone
from tests.e2e.power_loss import lose_power, noting_command
from tests.e2e.running import run_process
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama, RecordedRequest, Reply, reply
from vtcode_tui.conversation.events import (
    StepFinished,
    TextDelta,
    ToolCallFinished,
    ToolCallRequested,
    ToolCallStarted,
)
from vtcode_tui.ollama.types import ChatRequest
from vtcode_tui.session.journal import load
from vtcode_tui.session.records import scan
from vtcode_tui.session.replay import Replayed, replay

MODEL = "qwen3:1.7b"
PROMPTS = ("first prompt", "second prompt", "third prompt")
LONGEST_S = 6.0
_PACE_S = 0.02
_SETTINGS = '[tools]\ndefault_policy = "allow"\n\n[commands]\nallow_list = ["sleep 0.2"]\n'
_LATE_S = 2.0
"""Text must be on the disk a second after it came; the rest is for a machine that is busy."""


@dataclass(frozen=True)
class Killed:
    """What was found. ``requests`` is how many requests the server had got."""

    after_s: float
    requests: int
    turns: int
    was_torn: bool
    was_stopped: bool
    unknown_outcomes: int
    partial_tokens: int
    lost_bytes: int = 0


def replies() -> list[Reply]:
    """Three turns: calls that read, write and run; and answers that stream for a while."""

    def write(number: int) -> tuple[str, dict[str, Any]]:
        return ("write_file", {"path": f"made{number}.txt", "content": f"{number}\n" * 50})

    run = ("run_terminal_cmd", {"command": "sleep 0.2"})
    return [
        reply("I look.", thinking="hm " * 10, calls=[("read_file", {"path": "a.txt"}), write(1)], pace_s=0.005),
        reply("I go on.", calls=[write(2), run, write(3)], pace_s=0.005),
        reply(tokens=[f"<{n}> " for n in range(20)], thinking="so " * 10, pace_s=_PACE_S),
        reply("Again.", calls=[write(4), run], pace_s=0.005),
        reply(tokens=[f"<{n}> " for n in range(20)], pace_s=_PACE_S),
        reply(tokens=[f"<{n}> " for n in range(1000)], pace_s=_PACE_S),
    ]  # fmt: skip


def kill_and_resume(
    folder: Path, seed: int, *, loses_power: bool = False, dies_at: int | None = None
) -> Killed:
    """One run in a new directory. AssertionError where something is missing.

    With ``loses_power`` the disk has only what had been brought there. With ``dies_at`` it is not
    a moment that ends the app, but that one of its calls to the system.
    """
    home, project = folder / "home", folder / "project"
    home.mkdir(parents=True)
    project.mkdir()
    (project / "a.txt").write_text("the content\n" * 20)
    config = home / ".config/vtcode-tui/vtcode.toml"
    config.parent.mkdir(parents=True)
    config.write_text(_SETTINGS)
    after_s = LONGEST_S if dies_at else random.Random(seed).uniform(0, LONGEST_S)
    with FakeOllama() as server:
        server.script(*replies())
        ledger = folder / "synced"
        ledger.mkdir()
        command = noting_command(ledger) if loses_power else [COMMAND]
        command = dying_command(dies_at) if dies_at else command
        sent = _run_until_killed(command, server, home, project, after_s)
        chats = list(server.chats)
    sessions, lost = home / ".local/state/vtcode-tui/sessions", 0
    if loses_power:
        lost = sum(lose_power(path, ledger) for path in sessions.glob("*/*.jsonl"))
    files = list(sessions.glob("*/*.jsonl"))
    if not chats and not files:
        return Killed(after_s, 0, 0, False, False, 0, 0, lost)
    assert len(files) == 1, files
    content = files[0].read_bytes()
    scanned = scan(content)
    assert scanned.damaged <= int(scanned.is_torn), f"{scanned.damaged} damaged records"
    assert [record.seq for record in scanned.records] == list(range(len(scanned.records)))
    replayed = replay(scanned)
    _assert_committed(replayed, chats, project)
    partial = _assert_streamed(replayed, sent)
    _assert_resumed(home, project, chats)
    results = [e.result for e in replayed.events if isinstance(e, ToolCallFinished)]
    return Killed(
        after_s,
        len(chats),
        replayed.turns,
        scanned.is_torn,
        replayed.was_stopped,
        sum(result.summary == "outcome unknown" for result in results),
        partial,
        lost,
    )


def _run_until_killed(
    program: list[str], server: FakeOllama, home: Path, project: Path, after_s: float
) -> int:
    """Kill it ``after_s`` seconds after the first prompt; how many tokens of the last request had
    been sent long enough before."""
    samples: list[tuple[float, RecordedRequest, int]] = []
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(0.02) and not is_gone(terminal.process.pid):
            now, latest = time.monotonic(), server.chats[-1:]
            samples.extend((now, request, request.lines_sent) for request in latest)

    def kill() -> None:
        with suppress(OSError):
            terminal.process.kill(signal.SIGKILL)

    command = [*program, "--base-url", server.url, "--model", MODEL]
    with Terminal(command, cwd=project, environment=quiet_environment(home)) as terminal:
        terminal.wait_for(f"ready · {MODEL}")
        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            terminal.press(PROMPTS[0])
            terminal.wait_for(PROMPTS[0])
            killed = threading.Timer(after_s, kill)
            killed.start()
            terminal.press("enter")
            for prompt in PROMPTS[1:]:
                _type_while_it_runs(terminal, prompt)
            while killed.is_alive() and not is_gone(terminal.process.pid):
                killed.join(0.02)
            killed_at = time.monotonic()
            killed.cancel()
            assert terminal.wait_exit() == -signal.SIGKILL
        finally:
            stop.set()
            sampler.join()
    last = server.chats[-1] if server.chats else None
    early = [lines for at, who, lines in samples if who is last and at < killed_at - _LATE_S]
    return max(early, default=0)


def _type_while_it_runs(terminal: Terminal, prompt: str) -> None:
    """Type as a person does: a text and an Enter in one burst are taken for a paste."""
    keys = (prompt, "enter")
    for key in keys:
        if not terminal.process.isalive():
            return
        with suppress(OSError):
            terminal.press(key)
        time.sleep(0.3)


def wire(replayed: Replayed) -> list[dict[str, Any]]:
    """The messages as a request would have them."""
    body = ChatRequest(MODEL, replayed.messages).to_json()
    messages: list[dict[str, Any]] = json.loads(json.dumps(body["messages"]))
    return messages


def _assert_committed(replayed: Replayed, chats: list[RecordedRequest], project: Path) -> None:
    """All that the server was told is there once and in order, and so is what was done."""
    if chats:
        body = chats[-1].body
        assert body is not None
        told = [message for message in body["messages"] if message["role"] != "system"]
        assert wire(replayed)[: len(told)] == told
    started = {e.call_id for e in replayed.events if isinstance(e, ToolCallStarted)}
    calls = [e.call for e in replayed.events if isinstance(e, ToolCallRequested)]
    begun = {call.arguments.get("path") for call in calls if call.call_id in started}
    made = {path.name for path in project.glob("made*.txt")}
    assert made <= begun, f"made without a record: {made - begun}"


def _assert_streamed(replayed: Replayed, tokens: int) -> int:
    """What had streamed for long enough is there; how many tokens of the last answer are."""
    texts = [event.message.content for event in replayed.events if isinstance(event, StepFinished)]
    streamed = "".join(event.text for event in replayed.events if isinstance(event, TextDelta))
    assert "".join(texts) == streamed
    last = texts[-1] if texts else ""
    there = last.count("<")
    if tokens > 30:  # Only the last answer is that long.
        assert there >= tokens, f"{there} of {tokens} tokens"
        assert last.startswith("".join(f"<{n}> " for n in range(there)))
    return there


def _assert_resumed(home: Path, project: Path, chats: list[RecordedRequest]) -> None:
    """A server takes the conversation, which goes on where it was."""
    with FakeOllama() as server:
        done = run_process(
            [COMMAND, "--base-url", server.url, "--model", MODEL, "exec", "--continue", "go on"],
            project,
            quiet_environment(home),
        )
        if done.returncode == 2 and not chats:
            return  # Killed before its first prompt was there: nothing to go on with.
        assert done.returncode == 0, done.stderr
        body = server.chats[-1].body
        assert body is not None
        assert body["messages"][-1]["content"] == "go on"
        assert_valid(body["messages"])
    path = next((home / ".local/state/vtcode-tui/sessions").glob("*/*.jsonl"))
    loaded = load(path)
    assert loaded.is_locked
    assert loaded.scan.damaged == 0
    os.close(loaded.descriptor)


def assert_valid(messages: list[dict[str, Any]]) -> None:
    """A server takes them: every call has its one result before anything else is said."""
    waiting: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
            continue
        assert waiting == [], "a call without its result"
        waiting = [call["id"] for call in message.get("tool_calls", [])]
    assert waiting == [], "a call without its result"
