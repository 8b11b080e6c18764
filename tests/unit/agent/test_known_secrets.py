"""Secrets that the program came to know leave neither for another machine nor into a session."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.ollama_server import installed_model, reply
from tests.unit.agent.conftest import Bench, MakeBench
from vtcode_tui.agent.masking import masked_messages
from vtcode_tui.agent.sessions import SessionKeeper
from vtcode_tui.agent.user_commands import run_user_command
from vtcode_tui.conversation.approvals import ApprovalDecision, Verdict
from vtcode_tui.conversation.messages import AssistantMessage
from vtcode_tui.workspace.known_secrets import KnownSecrets

pytestmark = pytest.mark.anyio

VALUE = "canary-5f0c19aa"
ENV = f"API_TOKEN={VALUE}\nNODE_ENV=production\n"
READ = ("read_file", {"path": ".env"})
PRINT = ("run_terminal_cmd", {"command": "cat .env"})
EDIT = ("edit_file", {"path": ".env", "old_text": "NODE_ENV", "new_text": f"B_KEY={VALUE}2\nN"})


async def asked_for(
    make_bench: MakeBench, call: tuple[str, dict[str, str]], *, far: bool, model: str = ""
) -> Bench:
    """A turn with one call that the user approves, on this machine's server or on another one."""
    bench = await make_bench()
    if model:
        bench.agent.model = replace(bench.agent.model, name=model)
    (bench.workspace / ".env").write_text(ENV)
    if far:
        client = bench.agent.exchange.client
        client.address = replace(client.address, is_loopback=False)
    bench.approver.decisions = [ApprovalDecision(Verdict.ONCE)] * 3
    bench.server.script(reply(calls=[call]), reply("Done."))
    keeper = SessionKeeper(bench.workbench.launch, bench.workbench, lambda _: None)
    await keeper.begin()
    await bench.turn(f"what is in it? {VALUE}" if call is EDIT else "what is in it?")
    await keeper.close()
    return bench


def sent(bench: Bench) -> str:
    return json.dumps(bench.server.chats[-1].body)


def kept(bench: Bench) -> str:
    files = (bench.workbench.launch.state_dir / "sessions").rglob("*.jsonl")
    return "".join(path.read_text() for path in files)


@pytest.mark.parametrize("call", [READ, PRINT, EDIT], ids=lambda call: call[0])
async def test_a_server_elsewhere_gets_stars(
    make_bench: MakeBench, call: tuple[str, dict[str, str]]
) -> None:
    bench = await asked_for(make_bench, call, far=True)
    assert len(bench.server.chats) == 2
    assert VALUE not in sent(bench)
    assert "***" in sent(bench)
    if call is not EDIT:
        assert "NODE_ENV=production" in sent(bench)


async def test_a_server_on_this_machine_gets_what_the_user_allowed(make_bench: MakeBench) -> None:
    assert VALUE in sent(await asked_for(make_bench, READ, far=False))


async def test_a_cloud_model_is_elsewhere_whatever_the_server(
    make_bench: MakeBench,
) -> None:
    bench = await asked_for(make_bench, READ, far=False, model="glm-4.6:cloud")
    assert VALUE not in sent(bench)


@pytest.mark.parametrize("is_listed", [True, False], ids=["listed", "shown"])
async def test_a_cloud_model_is_elsewhere_whatever_its_name(
    make_bench: MakeBench, *, is_listed: bool
) -> None:
    bench = await make_bench()
    host = "https://ollama.com:443"
    bench.server.models.append(installed_model("work", "tools", remote_host=host))
    bench.server.details["work"] = {"remote_host": host}
    if is_listed:
        await bench.workbench.models()
    agent = await bench.workbench.choose("work", None)
    assert agent is bench.agent
    bench.workbench.secrets.add((VALUE,))
    bench.server.script(reply("Done."))
    await bench.turn(f"is it {VALUE}?")
    assert VALUE not in sent(bench)


@pytest.mark.parametrize("call", [READ, PRINT, EDIT], ids=lambda call: call[0])
async def test_a_session_holds_stars(
    make_bench: MakeBench, call: tuple[str, dict[str, str]]
) -> None:
    bench = await asked_for(make_bench, call, far=False)
    # What a model wrote before the file was looked at was nobody's known secret yet.
    after = kept(bench).partition('"type":"tool_call_finished"')[2] if call is EDIT else kept(bench)
    assert "***" in kept(bench)
    assert VALUE not in after


async def test_a_command_is_masked_though_nobody_read_the_file(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = await asked_for(make_bench, PRINT, far=True)
    assert VALUE in bench.workbench.secrets.values
    assert (tmp_path / "project" / ".env").read_text() == ENV


@pytest.mark.parametrize("name", ["deploy/eu/.env", "config/token.json", "secrets/db_password"])
async def test_a_secret_file_that_a_command_names_is_learned_at_any_depth(
    make_bench: MakeBench, name: str
) -> None:
    bench = await make_bench()
    path = bench.workspace / name
    path.parent.mkdir(parents=True)
    path.write_text(f"db_password: {VALUE}\n")
    client = bench.agent.exchange.client
    client.address = replace(client.address, is_loopback=False)
    bench.approver.decisions = [ApprovalDecision(Verdict.ONCE)]
    command = f"x=1;cat '{name}'|cat"
    bench.server.script(reply(calls=[("run_terminal_cmd", {"command": command})]), reply("Done."))
    await bench.turn("show it")
    assert "db_password: ***" in sent(bench)
    assert VALUE not in sent(bench)


async def test_what_the_user_prints_of_a_secret_file_is_known_too(make_bench: MakeBench) -> None:
    bench = await make_bench()
    (bench.workspace / "deploy").mkdir()
    (bench.workspace / "deploy/.env").write_text(ENV)
    workbench = bench.workbench
    assert VALUE not in workbench.secrets.values
    await run_user_command(
        "cat deploy/.env",
        workbench.launch,
        lambda _: None,
        workbench.secrets,
        learn=workbench.learn_secrets_of,
    )
    assert VALUE in workbench.secrets.values


async def test_the_whole_of_a_long_output_is_kept_with_stars(make_bench: MakeBench) -> None:
    call = ("run_terminal_cmd", {"command": "cat .env; seq 20000"})
    bench = await asked_for(make_bench, call, far=False)
    await run_user_command(
        call[1]["command"], bench.workbench.launch, lambda _: None, bench.workbench.secrets
    )
    kept_whole = (bench.workbench.launch.state_dir / "output").iterdir()
    texts = [path.read_text() for path in kept_whole]
    assert len(texts) == 2
    for text in texts:
        assert text.startswith("API_TOKEN=***\nNODE_ENV=production\n1\n")
        assert text.endswith("\n20000\n")


def test_an_answer_that_was_stopped_in_a_secret_goes_nowhere_with_the_much_of_it() -> None:
    (message,) = masked_messages(
        (AssistantMessage(f"It is {VALUE[:12]}", thinking=f"{VALUE}, or {VALUE[:9]}"),),
        KnownSecrets([VALUE]),
    )
    assert message == AssistantMessage("It is ***", thinking="***, or ***")
