"""What ends or stops the app from outside, whatever it is doing: everything is left as it was found.

A share of the cells here; VTCODE_TUI_SIGNALS=all in the environment runs every one.
"""

from __future__ import annotations

import os
import signal
import termios
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.e2e.at_rest import assert_at_rest, left_of, modes_on, state_of, wait_until, watched
from tests.e2e.conftest import COMMAND
from tests.e2e.killing import assert_valid, wire
from tests.e2e.stages import READY, STAGES, Stage, prepare
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama
from vtcode_tui.session.drafts import DraftStore
from vtcode_tui.session.prompt_history import PromptHistory
from vtcode_tui.session.records import scan
from vtcode_tui.session.replay import replay

MODEL = "qwen3:1.7b"


def a_signal(number: signal.Signals) -> Callable[[Terminal, Stage, Path], int]:
    def end(terminal: Terminal, stage: Stage, home: Path) -> int:
        terminal.process.kill(number)
        if stage.lends_terminal and number in (signal.SIGINT, signal.SIGQUIT):
            return end_the_other_program(terminal, home)
        return 128 + number

    return end


def end_the_other_program(terminal: Terminal, home: Path) -> int:
    """The app takes the terminal back, and is left by a key."""
    (other,) = (each for each in left_of(home) if each.endswith("sleep 987"))
    os.kill(int(other.partition(":")[0]), signal.SIGTERM)
    wait_until(lambda: 1049 in modes_on(bytes(terminal.received)))
    terminal.wait_for(READY)
    terminal.press("ctrl+q")
    return 0


def ctrl_c(terminal: Terminal, stage: Stage, home: Path) -> int:
    """The key does what it is for where the app is, and the app is left by another one."""
    terminal.press("ctrl+c")
    wait_until(lambda: 1049 in modes_on(bytes(terminal.received)))
    terminal.wait_for(stage.after_ctrl_c)
    wait_until(lambda: not any("sleep 987" in each for each in left_of(home)))
    terminal.press("ctrl+q")
    return 0


def stop_and_go_on(terminal: Terminal, stage: Stage, home: Path) -> int:
    """The terminal is the shell's while the app is stopped, and after that whose it was."""
    before, seen = termios.tcgetattr(terminal.process.child_fd), terminal.text()
    # As a shell does it: to all that runs on the terminal.
    group = os.tcgetpgrp(terminal.process.child_fd)
    os.killpg(group, signal.SIGTSTP)
    wait_until(lambda: state_of(terminal) == "T")
    assert_at_rest(terminal)
    os.killpg(group, signal.SIGCONT)
    if stage.lends_terminal:
        wait_until(lambda: state_of(terminal) != "T")
        assert_at_rest(terminal)
        return end_the_other_program(terminal, home)
    wait_until(lambda: 1049 in modes_on(bytes(terminal.received)))
    wait_until(lambda: termios.tcgetattr(terminal.process.child_fd) == before)
    terminal.wait_for(seen.strip().splitlines()[-1].strip()[:20])
    terminal.press("ctrl+q")
    return 0


def closed_terminal(terminal: Terminal, stage: Stage, home: Path) -> int:
    terminal.hang_up()
    return 128 + signal.SIGHUP


ENDS: dict[str, Callable[[Terminal, Stage, Path], int]] = {
    "sigterm": a_signal(signal.SIGTERM),
    "sighup": a_signal(signal.SIGHUP),
    "sigint": a_signal(signal.SIGINT),
    "sigquit": a_signal(signal.SIGQUIT),
    "ctrl_c": ctrl_c,
    "stop_and_go_on": stop_and_go_on,
    "closed_terminal": closed_terminal,
}
EVERY = [(stage, end) for stage in STAGES for end in ENDS]
# Each end at least once, and where the most can go wrong.
SHARE = [
    ("answering", "sigquit"),
    ("approval", "ctrl_c"),
    ("draft", "ctrl_c"),
    ("editor", "sigterm"),
    ("editor", "stop_and_go_on"),
    ("loading", "closed_terminal"),
    ("retry", "sigint"),
    ("tool", "sighup"),
]
CELLS = EVERY if os.environ.get("VTCODE_TUI_SIGNALS") == "all" else SHARE


@pytest.mark.parametrize(("stage_name", "end_name"), CELLS)
def test_an_end_at_any_stage(
    server: FakeOllama, home: Path, project: Path, stage_name: str, end_name: str
) -> None:
    stage = STAGES[stage_name]
    environment = quiet_environment(home, **prepare(home))
    if stage.prepare is not None:
        stage.prepare(server)
    command = [COMMAND, "--base-url", server.url, "--model", MODEL]
    with Terminal(command, cwd=project, environment=environment) as terminal:
        # What is closed has no settings.
        with nullcontext() if end_name == "closed_terminal" else watched(terminal):
            stage.reach(terminal, server, home)
            status = ENDS[end_name](terminal, stage, home)
            assert terminal.wait_exit() == status
        wait_until(lambda: left_of(home) == [])
        _assert_kept(stage, home, project)


def _assert_kept(stage: Stage, home: Path, project: Path) -> None:
    state = home / ".local/state/vtcode-tui"
    files = list((state / "sessions").glob("*/*.jsonl"))
    if stage.kept:
        (path,) = files
        scanned = scan(path.read_bytes())
        assert (scanned.damaged, scanned.is_torn) == (0, False)
        assert stage.kept in path.read_text()
        assert_valid(wire(replay(scanned)))
    if stage.draft:
        left = [each.draft.text for each in DraftStore(state, project).take_over()]
        # What Ctrl+C set aside is the first that Up brings back.
        assert stage.draft in (left or PromptHistory(state, project).load()[-1:])
