"""An approval for always: for the exact call, in later sessions too, and under every stricter rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import Bench, MakeBench
from vtcode_tui.agent.always_grants import ALWAYS_SCOPE, always_key
from vtcode_tui.agent.permission_list import permission_rows, take_back
from vtcode_tui.conversation.approvals import ApprovalDecision, Verdict
from vtcode_tui.conversation.events import Event, NoticeRaised, ToolCallFinished
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Outcome

pytestmark = pytest.mark.anyio

ALWAYS = ApprovalDecision(Verdict.ALWAYS)
SESSION = ApprovalDecision(Verdict.SESSION)
RUN = ("run_terminal_cmd", {"command": "echo one"})
LONGER = ("run_terminal_cmd", {"command": "echo one two"})
WRITE = ("write_file", {"path": "a.txt", "content": "one"})
REWRITE = ("write_file", {"path": "a.txt", "content": "two"})
ALLOW_ALL = '[tools]\ndefault_policy = "allow"\n'
DENY_COMMANDS = '[tools.policies]\nrun_terminal_cmd = "deny"\n'


async def outcomes(bench: Bench, *calls: tuple[str, dict[str, str]]) -> list[Outcome]:
    bench.server.script(*(reply(calls=[call]) for call in calls), reply("ok"))
    return finished(await bench.turn())


def finished(events: Sequence[Event]) -> list[Outcome]:
    return [each.result.outcome for each in events if isinstance(each, ToolCallFinished)]


async def test_it_holds_for_the_exact_call_and_in_the_next_session(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.approver.decisions = [ALWAYS]
    assert await outcomes(bench, RUN, RUN, LONGER) == [Outcome.OK, Outcome.OK, Outcome.DENIED]
    assert [request.always_scope for request in bench.approver.requests] == [ALWAYS_SCOPE] * 2
    later = await make_bench()
    assert await outcomes(later, RUN, LONGER) == [Outcome.OK, Outcome.DENIED]


async def test_a_write_of_other_content_to_the_same_file_asks(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.approver.decisions = [ALWAYS]
    assert await outcomes(bench, WRITE, REWRITE) == [Outcome.OK, Outcome.DENIED]


async def test_a_policy_of_deny_wins_over_it(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.approver.decisions = [ALWAYS]
    assert await outcomes(bench, RUN) == [Outcome.OK]
    later = await make_bench(DENY_COMMANDS)
    assert await outcomes(later, RUN) == [Outcome.REFUSED]
    assert later.approver.requests == []


@pytest.mark.parametrize(
    "call",
    [
        ("read_file", {"path": ".env"}),
        ("list_files", {"path": ".."}),
    ],
)
async def test_what_asks_by_a_built_in_rule_is_never_granted_for_always(
    make_bench: MakeBench, call: tuple[str, dict[str, str]]
) -> None:
    bench = await make_bench(ALLOW_ALL)
    (bench.workspace / ".env").write_text("KEY=1\n")
    bench.approver.decisions = [ALWAYS]
    assert await outcomes(bench, call, call) == [Outcome.OK, Outcome.DENIED]
    assert [request.always_scope for request in bench.approver.requests] == ["", ""]
    assert not (bench.workspace.parent / "state" / "grants.json").exists()


async def test_the_same_call_again_and_again_asks_all_the_same(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.approver.decisions = [ALWAYS]
    assert await outcomes(bench, RUN, RUN, RUN) == [Outcome.OK, Outcome.OK, Outcome.DENIED]
    assert bench.approver.requests[-1].always_scope == ""


async def test_what_is_taken_back_asks_again_here_and_later(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.approver.decisions = [ALWAYS, SESSION]
    assert await outcomes(bench, RUN, WRITE) == [Outcome.OK, Outcome.OK]
    recorded: list[str] = []
    rows = [row for row in permission_rows(bench.agent.calls) if row.key]
    assert [row.kind for row in rows] == ["session", "always"]
    assert rows[0].text.startswith(f"write_file {bench.workspace / 'a.txt'} exactly as shown")
    assert rows[1].text == "run_terminal_cmd echo one"
    for row in rows:
        await take_back(bench.agent.calls, row, recorded.append)
    assert recorded == [rows[0].key]
    assert not any(row.key for row in permission_rows(bench.agent.calls))
    assert await outcomes(bench, RUN) == [Outcome.DENIED]
    assert await outcomes(await make_bench(), RUN) == [Outcome.DENIED]


async def test_a_store_that_cannot_be_relied_on_grants_nothing_and_says_so(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "grants.json").write_text("[]")
    bench = await make_bench()
    bench.approver.decisions = [ALWAYS]
    bench.server.script(reply(calls=[RUN]), reply(calls=[RUN]), reply("ok"))
    events = await bench.turn()
    assert finished(events) == [Outcome.OK, Outcome.DENIED]
    (notice,) = [each.text for each in events if isinstance(each, NoticeRaised)]
    assert "holds for this call alone" in notice
    assert bench.agent.calls.always is not None
    assert "grants.json" in bench.agent.calls.always.trouble


async def test_it_holds_behind_the_same_walls_only(make_bench: MakeBench) -> None:
    """What was approved for a sandbox asks again where there is none."""
    bench = await make_bench('[sandbox]\nmode = "off"\n')
    tool = bench.agent.calls.toolbox.get("run_terminal_cmd")
    assert tool is not None
    prepared = await tool.prepare(ToolCall("1", "run_terminal_cmd", {"command": "make"}))
    shut_in = replace(prepared, sandbox="bubblewrap: no network")
    assert always_key(prepared) == always_key(replace(prepared))
    assert always_key(shut_in) != always_key(prepared)
