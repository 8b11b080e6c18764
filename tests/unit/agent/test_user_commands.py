from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.unit.agent.conftest import make_launch
from vtcode_tui.agent.user_commands import output_attachment, run_user_command
from vtcode_tui.conversation.events import (
    Event,
    UserCommandFinished,
    UserCommandOutput,
    UserCommandStarted,
)
from vtcode_tui.conversation.results import Outcome

pytestmark = pytest.mark.anyio


async def run(workspace: Path, command: str, toml: str = "") -> list[Event]:
    events: list[Event] = []
    await run_user_command(
        command, make_launch(workspace, "http://127.0.0.1:9", toml), events.append
    )
    return events


def output_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, UserCommandOutput))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    workspace = tmp_path / "project"
    workspace.mkdir()
    return workspace


async def test_it_runs_in_the_workspace_and_streams(workspace: Path) -> None:
    events = await run(workspace, "pwd; echo oops >&2; exit 3")
    first, *_, last = events
    assert isinstance(first, UserCommandStarted)
    assert isinstance(last, UserCommandFinished)
    assert first.command_id == last.command_id
    assert output_of(events) == f"{workspace}\noops\n"
    assert last.result.outcome is Outcome.FAILED
    assert last.result.summary == "exit 3"
    attachment = output_attachment("pwd", last.result)
    assert attachment.note == "exit 3, 2 lines"
    assert str(workspace) in attachment.text


async def test_it_has_a_process_group_and_a_clean_environment_of_its_own(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = await run(workspace, "ps -o pgid= -p $$; env | grep -c OLLAMA_API_KEY")
    group, keys = output_of(events).split()
    assert int(group) != os.getpgid(0)
    assert keys == "0"


async def test_its_time_is_limited(workspace: Path) -> None:
    events = await run(workspace, "sleep 60", "[tools]\ncommand_timeout_s = 1\n")
    last = events[-1]
    assert isinstance(last, UserCommandFinished)
    assert "timed out" in last.result.summary


async def test_stopping_it_ends_it_and_keeps_what_it_printed(workspace: Path) -> None:
    events: list[Event] = []
    launch = make_launch(workspace, "http://127.0.0.1:9")
    printed = asyncio.Event()

    def take(event: Event) -> None:
        events.append(event)
        if isinstance(event, UserCommandOutput):
            printed.set()

    task = asyncio.create_task(run_user_command("echo $$; sleep 60", launch, take))
    await asyncio.wait_for(printed.wait(), 20)
    task.cancel()
    result = await task
    assert result.outcome is Outcome.CANCELLED
    assert isinstance(events[-1], UserCommandFinished)
    process = int(output_of(events))
    assert str(process) in result.content
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
