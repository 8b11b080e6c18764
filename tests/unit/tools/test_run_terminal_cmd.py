"""run_terminal_cmd as the model and the user see it."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.tools.conftest import Bench
from tests.unit.workspace.waiting import wait_until
from vtcode_tui.conversation.results import CommandDisplay, Outcome
from vtcode_tui.tools.base import Effect, ToolInputError

pytestmark = pytest.mark.anyio


async def test_what_is_shown_is_the_whole_command_and_its_directory(bench: Bench) -> None:
    command = "echo one\n" * 300 + "rm -rf build"
    prepared = await bench.prepare("run_terminal_cmd", command=command)
    assert prepared.effect is Effect.EXECUTE
    assert prepared.preview == CommandDisplay(command, str(bench.root))
    assert (prepared.subject, prepared.cwd) == (command, str(bench.root))


async def test_a_grant_is_for_the_exact_command(bench: Bench) -> None:
    keys = {
        (await bench.prepare("run_terminal_cmd", command=command)).grant_key
        for command in ("ls", "ls ", "ls -l")
    }
    assert len(keys) == 3
    with_limit = await bench.prepare("run_terminal_cmd", command="ls", timeout_s=5)
    assert with_limit.grant_key in keys


async def test_output_and_exit_code_come_back(bench: Bench) -> None:
    result = await bench.run("run_terminal_cmd", command="echo hi; echo no >&2; exit 3")
    assert (result.outcome, result.content, result.summary) == (
        Outcome.FAILED,
        "[exit 3]\nhi\nno\n",
        "exit 3",
    )
    assert result.display == CommandDisplay(
        "echo hi; echo no >&2; exit 3", str(bench.root), "hi\nno\n", 3
    )


async def test_success_without_output_says_so(bench: Bench) -> None:
    result = await bench.run("run_terminal_cmd", command="true")
    assert (result.outcome, result.content) == (Outcome.OK, "[exit 0]\n[no output]")


async def test_the_key_of_the_program_is_not_in_the_environment(bench: Bench) -> None:
    result = await bench.run("run_terminal_cmd", command="env")
    assert "TERM=dumb" in result.content
    assert "canary" not in result.content


async def test_a_time_limit_is_said(bench: Bench) -> None:
    result = await bench.run("run_terminal_cmd", command="echo a; sleep 60", timeout_s=0.2)
    assert result.outcome is Outcome.FAILED
    assert result.content == "[timed out after 0.2 s, stopped]\na\n"
    assert result.duration_s < 4


async def test_background_processes_that_were_stopped_are_said(bench: Bench) -> None:
    result = await bench.run("run_terminal_cmd", command="sleep 60 & echo started")
    assert result.outcome is Outcome.OK
    assert "[left 1 background process, stopped]" in result.content
    assert isinstance(result.display, CommandDisplay)
    assert "[left 1 background process, stopped]" in result.display.output


async def test_the_signal_that_ended_a_command_is_said(bench: Bench) -> None:
    result = await bench.run("run_terminal_cmd", command="kill -9 $$")
    assert (result.outcome, result.summary) == (Outcome.FAILED, "ended by SIGKILL")


@pytest.mark.parametrize(("first", "last"), [(1, 20_000), (1, 400_000)])
async def test_the_model_gets_both_ends_and_what_is_left_out_is_counted(
    bench: Bench, first: int, last: int
) -> None:
    result = await bench.run("run_terminal_cmd", command=f"seq {first} {last}")
    content = result.content.removeprefix("[exit 0]\n")
    head, _, rest = content.partition("\n[... ")
    note, _, tail = rest.partition(" left out ...]\n")
    lines, count = (int(part.split()[0].replace(",", "")) for part in note.split(", "))
    assert head.startswith("1\n2\n3\n")
    assert tail.endswith(f"{last - 1}\n{last}\n")
    assert 7_900 < len(head) <= 8 * 1024
    assert 24_000 < len(tail) <= 24 * 1024
    total = sum(len(str(number)) + 1 for number in range(first, last + 1))
    assert len(head) + len(tail) + count == total
    assert head.count("\n") + tail.count("\n") + lines == last
    assert isinstance(result.display, CommandDisplay)
    assert len(result.display.output) < 270_000


async def test_a_very_long_line_is_cut(bench: Bench) -> None:
    result = await bench.run("run_terminal_cmd", command="head -c 5000 /dev/zero | tr '\\0' x")
    assert result.content == "[exit 0]\n" + "x" * 2000 + " [... 3,000 characters left out]"


async def test_output_streams_while_it_runs_and_a_cancel_ends_it(bench: Bench) -> None:
    chunks: list[str] = []
    prepared = await bench.prepare("run_terminal_cmd", command="echo first; sleep 60")
    running = asyncio.ensure_future(prepared.execute(chunks.append))
    await wait_until(lambda: chunks == ["first\n"], 5, lambda: chunks)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize(
    ("command", "words"),
    [("", "empty"), (" \n", "empty"), ("a\0b", "NUL"), ("\ud800", "surrogate"), ("x" * 200_000, "longer")],
    ids=["empty", "blank", "nul", "surrogate", "long"],
)  # fmt: skip
async def test_what_cannot_be_run_is_refused_in_words(
    bench: Bench, command: str, words: str
) -> None:
    with pytest.raises(ToolInputError, match=words):
        await bench.prepare("run_terminal_cmd", command=command)


@pytest.mark.parametrize("timeout_s", [0, -1, 4000, "soon"])
async def test_a_time_limit_out_of_range_is_refused(bench: Bench, timeout_s: float | str) -> None:
    with pytest.raises(ToolInputError, match="timeout_s"):
        await bench.prepare("run_terminal_cmd", command="true", timeout_s=timeout_s)
