"""Files in a whole turn: what asks whatever the policy, what a command changed, what is undone."""

from __future__ import annotations

import os

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import Bench, MakeBench, make_launch
from vtcode_tui.agent.file_access import open_file_access
from vtcode_tui.conversation.approvals import ApprovalDecision, Verdict
from vtcode_tui.conversation.events import (
    Event,
    NoticeLevel,
    NoticeRaised,
    ToolCallFinished,
    ToolCallStarted,
    ToolOutputDelta,
    TurnFinished,
)
from vtcode_tui.conversation.results import Outcome
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.private import private_directory

pytestmark = pytest.mark.anyio

ALLOW_ALL = '[tools]\ndefault_policy = "allow"\n'
PROMPT_COMMANDS = '[tools.policies]\nrun_terminal_cmd = "prompt"\nwrite_file = "allow"\n'
ONCE = ApprovalDecision(Verdict.ONCE)
SESSION = ApprovalDecision(Verdict.SESSION)


def outcomes(events: list[Event]) -> list[Outcome]:
    return [event.result.outcome for event in events if isinstance(event, ToolCallFinished)]


def warnings(events: list[Event]) -> list[str]:
    return [
        event.text
        for event in events
        if isinstance(event, NoticeRaised) and event.level is NoticeLevel.WARNING
    ]


def write(path: str, content: str) -> tuple[str, dict[str, str]]:
    return "write_file", {"path": path, "content": content}


def command(text: str) -> tuple[str, dict[str, str]]:
    return "run_terminal_cmd", {"command": text}


@pytest.mark.parametrize(
    "call",
    [
        write("AGENTS.md", "x"),
        write(".github/workflows/ci.yml", "x"),
        ("read_file", {"path": ".env"}),
        ("read_file", {"path": "../outside"}),
        ("list_files", {"path": ".."}),
    ],
)
async def test_with_everything_allowed_it_asks_all_the_same_and_says_why(
    make_bench: MakeBench, call: tuple[str, dict[str, str]]
) -> None:
    bench = await make_bench(ALLOW_ALL)
    (bench.workspace / ".env").write_text("KEY=1\n")
    bench.server.script(reply(calls=[call]), reply("ok"))
    events = await bench.turn()
    assert outcomes(events) == [Outcome.DENIED]
    (request,) = bench.approver.requests
    assert request.rule.endswith("(no setting lifts this)")


async def test_an_approval_for_the_session_of_a_protected_file_is_for_one_call(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.approver.decisions = [SESSION]
    bench.server.script(
        reply(calls=[write("AGENTS.md", "one")]),
        reply(calls=[write("AGENTS.md", "two")]),
        reply("ok"),
    )
    events = await bench.turn()
    assert [request.may_grant for request in bench.approver.requests] == [False, False]
    assert outcomes(events) == [Outcome.OK, Outcome.DENIED]
    assert (bench.workspace / "AGENTS.md").read_text() == "one"
    assert bench.agent.calls.grants.keys == ()


async def test_an_approval_for_the_session_of_a_read_outside_covers_that_file_only(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(ALLOW_ALL)
    for name in ("f", "g"):
        (bench.workspace.parent / name).write_text(name)
    bench.approver.decisions = [SESSION]
    read = [("read_file", {"path": f"../{name}"}) for name in ("f", "f", "g")]
    bench.server.script(*(reply(calls=[call]) for call in read), reply("ok"))
    assert outcomes(await bench.turn()) == [Outcome.OK, Outcome.OK, Outcome.DENIED]


async def test_a_write_outside_and_in_git_is_refused_without_a_question(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.server.script(
        reply(calls=[write("../x", "x"), write(".git/hooks/pre-commit", "x")]), reply("ok")
    )
    assert outcomes(await bench.turn()) == [Outcome.FAILED, Outcome.FAILED]
    assert bench.approver.requests == []


async def test_a_command_that_gives_itself_power_is_announced_and_gets_none(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(PROMPT_COMMANDS)
    bench.approver.decisions = [ONCE]
    grab = "printf '[tools]\\ndefault_policy = \"allow\"\\n' > vtcode.toml; mkdir -p .vscode; > .vscode/x"
    bench.server.script(
        reply(calls=[command(grab)]), reply(calls=[command("touch pwned")]), reply("ok")
    )
    events = await bench.turn()
    assert [request.subject for request in bench.approver.requests] == [grab, "touch pwned"]
    assert outcomes(events) == [Outcome.OK, Outcome.DENIED]
    assert not (bench.workspace / "pwned").exists()
    (warning,) = warnings(events)
    assert ".vscode/x (new), vtcode.toml (new)" in warning


async def test_an_ordinary_command_announces_nothing(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.approver.decisions = [ONCE]
    bench.server.script(reply(calls=[command("echo x > a.txt")]), reply("ok"))
    assert warnings(await bench.turn()) == []


async def test_what_an_interrupted_command_changed_is_announced_too(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.approver.decisions = [ONCE]
    bench.server.script(reply(calls=[command("echo x > AGENTS.md; echo done; sleep 60")]))
    events = await bench.turn_until("go", ToolOutputDelta)
    assert "AGENTS.md (new)" in warnings(events)[0]
    assert isinstance(events[-1], TurnFinished)


async def test_a_write_that_cannot_be_undone_is_made_and_announced(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    (bench.workspace.parent / "state").write_text("a file where the directory should be")
    bench.server.script(reply(calls=[write("a", "x")]), reply("ok"))
    events = await bench.turn()
    assert outcomes(events) == [Outcome.OK]
    assert "a cannot be undone" in warnings(events)[0]


async def test_turns_are_undone_one_by_one_also_after_a_restart(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    (bench.workspace / "a").write_text("0\n")
    for text in ("1\n", "2\n"):
        bench.server.script(
            reply(calls=[write("a", text)]), reply(calls=[write("b", text)]), reply("ok")
        )
        await bench.turn()
    undo = open_file_access(make_launch(bench.workspace, bench.server.url), KnownSecrets()).undo
    report = undo.undo()
    assert (report.turn, set(report.restored)) == (2, {"a", "b"})
    assert (bench.workspace / "a").read_text() == "1\n"
    report = undo.undo()
    assert (report.turn, report.restored, report.removed) == (1, ("a",), ("b",))
    assert (bench.workspace / "a").read_text() == "0\n"
    assert undo.redo().restored == ("a", "b")


async def test_the_users_directories_and_our_own_are_known(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    files = open_file_access(make_launch(bench.workspace, bench.server.url), KnownSecrets())
    for path in ("../state/undo/x", ".ssh/id_rsa", ".config/vtcode-tui/vtcode.toml"):
        with pytest.raises(WorkspaceError, match="off limits"):
            files.gate.to_read(path)


def request_system_prompt(bench: Bench) -> str:
    body = bench.server.chats[-1].body
    assert body is not None
    return str(body["messages"][0]["content"])


async def test_a_directory_that_the_user_adds_is_open_at_once_and_the_model_knows(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(ALLOW_ALL)
    other = bench.workspace.parent / "other"
    other.mkdir()
    bench.server.script(reply("ok"))
    await bench.turn()
    assert str(other) not in request_system_prompt(bench)
    (await bench.workbench.files()).gate.add_directory(other)
    bench.server.script(reply(calls=[write(f"{other}/a", "x")]), reply("ok"))
    events = await bench.turn()
    assert outcomes(events) == [Outcome.OK]
    assert (other / "a").read_text() == "x"
    assert str(other) in request_system_prompt(bench)


async def test_what_a_killed_write_left_is_swept_at_the_start(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.server.script(reply(calls=[write("deep/a", "x")]), reply("ok"))
    await bench.turn()
    left = [
        bench.workspace / f"{folder}/.vtcode-4194304-0123456789ab.tmp" for folder in (".", "deep")
    ]
    for path in left:
        path.touch()
    launch = make_launch(bench.workspace, bench.server.url)
    lent = private_directory(launch.state_dir, "editing") / "prompt-4194304-0123456789ab.md"
    lent.touch()
    os.utime(lent, (0, 0))
    left.append(lent)
    open_file_access(launch, KnownSecrets())
    assert not any(path.exists() for path in left)


async def test_a_started_call_and_its_end_keep_their_order_around_a_notice(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.approver.decisions = [ONCE]
    bench.server.script(reply(calls=[command("echo x > AGENTS.md")]), reply("ok"))
    kinds = [
        type(event)
        for event in await bench.turn()
        if isinstance(event, ToolCallStarted | NoticeRaised | ToolCallFinished)
    ]
    assert kinds == [ToolCallStarted, NoticeRaised, ToolCallFinished]
