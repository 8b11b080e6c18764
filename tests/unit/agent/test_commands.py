"""Commands from the settings to the process: what runs unasked, what asks and why, what starts."""

from __future__ import annotations

import os
import subprocess
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.agent.conftest import MODEL, Bench, MakeBench, ScriptedApprover, make_launch
from tests.unit.agent.turns import ALLOW_ALL, DENY, ONCE, SESSION, results
from tests.unit.workspace.sandboxes import WORKING
from vtcode_tui.agent.user_commands import run_user_command
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.conversation.events import Event
from vtcode_tui.conversation.results import CommandDisplay, Outcome
from vtcode_tui.permissions.git_files import GIT_ENVIRONMENT
from vtcode_tui.workspace import sandbox as sandbox_module
from vtcode_tui.workspace.walls import Mechanism

pytestmark = pytest.mark.anyio

ALLOW = '[tools.policies]\nrun_terminal_cmd = "allow"\n'
PROMPT = '[tools.policies]\nrun_terminal_cmd = "prompt"\n'
IN_SANDBOX = pytest.mark.parametrize("mechanism", WORKING, ids=lambda each: str(each.kind))


@dataclass
class Spy:
    """Every process that this program starts, by the words after its keeper's own."""

    started: list[tuple[str, ...]] = field(default_factory=list)
    environments: list[dict[str, str]] = field(default_factory=list)

    def take(self, words: Any, **options: Any) -> None:
        texts = [str(word) for word in words]
        keeper = next((n for n, word in enumerate(texts) if word.endswith("keeper.py")), None)
        # A probe of the sandbox is no command.
        if keeper is None or "sandbox-probe" in " ".join(texts):
            return
        self.started.append(tuple(texts[texts.index("--", keeper) + 1 :]))
        self.environments.append(options["env"])


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    spying = Spy()
    start = subprocess.Popen.__init__

    def init(process: Any, words: Any, **options: Any) -> None:
        spying.take(words, **options)
        start(process, words, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", init)
    return spying


def is_there(path: str) -> bool:
    return os.path.lexists(path)


def make_repository(directory: Path) -> None:
    subprocess.run(["/usr/bin/git", "init", "-q"], cwd=directory, check=True)


async def run(bench: Bench, command: str, **arguments: Any) -> tuple[Outcome, str]:
    (bench.workspace / "a.txt").write_text("one\ntwo\n")
    call = ("run_terminal_cmd", {"command": command, **arguments})
    bench.server.script(reply(calls=[call]), reply("ok"))
    return results(await bench.turn())[0]


@pytest.mark.parametrize(
    ("command", "words", "output"),
    [
        ("cat a.txt", ("cat", "a.txt"), "one\ntwo\n"),
        ("grep 't' \"a.txt\"", ("grep", "t", "a.txt"), "two\n"),
        (r"echo a\;b '$HOME' x", ("echo", "a;b", "$HOME", "x"), "a;b $HOME x\n"),
        ("  wc -l   a.txt ", ("wc", "-l", "a.txt"), "2 a.txt\n"),
    ],
)
async def test_a_single_allowed_command_starts_without_a_shell_from_the_judged_words(
    make_bench: MakeBench, spy: Spy, command: str, words: tuple[str, ...], output: str
) -> None:
    bench = await make_bench(ALLOW)
    assert await run(bench, command) == (Outcome.OK, f"[exit 0]\n{output}")
    assert bench.approver.requests == []
    (program, *rest) = spy.started[0]
    assert Path(program).is_absolute()
    assert (Path(program).name, *rest) == words


async def test_an_allowed_chain_starts_in_bash_by_its_exact_text(
    make_bench: MakeBench, spy: Spy
) -> None:
    bench = await make_bench(ALLOW)
    assert await run(bench, "cat a.txt |  sort -r ; pwd") == (
        Outcome.OK,
        f"[exit 0]\ntwo\none\n{bench.workspace}\n",
    )
    assert spy.started == [
        ("/bin/bash", "--noprofile", "--norc", "-c", "cat a.txt |  sort -r ; pwd")
    ]


@pytest.mark.parametrize(
    "command",
    [
        "cat a.txt",
        " echo  'ж'   \t; echo \"$((1+1))\"  # end\n\n",
        "cat <<'EOF'\n  two  \n\tEOF\nEOF\n",
        "echo 'a\\' ; printf '%s' \"x\\\\\"",
    ],
)
async def test_an_approved_command_reaches_bash_by_the_very_bytes_that_were_shown(
    make_bench: MakeBench, spy: Spy, command: str
) -> None:
    bench = await make_bench(PROMPT)
    bench.approver.decisions = [ONCE]
    await run(bench, command)
    preview = bench.approver.requests[0].preview
    assert isinstance(preview, CommandDisplay)
    assert spy.started == [("/bin/bash", "--noprofile", "--norc", "-c", preview.command)]
    assert preview.command.encode() == command.encode()


async def test_a_command_granted_for_the_session_starts_as_it_was_shown(
    make_bench: MakeBench, spy: Spy
) -> None:
    bench = await make_bench(PROMPT)
    bench.approver.decisions = [SESSION]
    for _ in range(2):
        await run(bench, "echo a;echo b")
    assert spy.started == [("/bin/bash", "--noprofile", "--norc", "-c", "echo a;echo b")] * 2
    assert len(bench.approver.requests) == 1


async def test_git_that_nobody_was_asked_about_starts_with_its_overrides(
    make_bench: MakeBench, spy: Spy
) -> None:
    bench = await make_bench(ALLOW)
    make_repository(bench.workspace)
    assert (await run(bench, "git status --short")) == (Outcome.OK, "[exit 0]\n?? a.txt\n")
    assert bench.approver.requests == []
    assert GIT_ENVIRONMENT.items() <= spy.environments[-1].items()


async def test_git_that_the_user_approved_starts_as_in_a_terminal(
    make_bench: MakeBench, spy: Spy
) -> None:
    bench = await make_bench(PROMPT)
    bench.approver.decisions = [ONCE]
    await run(bench, "git status --short")
    assert "GIT_CONFIG_COUNT" not in spy.environments[-1]


async def test_a_fsmonitor_of_the_repository_asks_and_does_not_run(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW)
    make_repository(bench.workspace)
    with (bench.workspace / ".git" / "config").open("a") as config:
        config.write("[core]\n\tfsmonitor = touch PWNED\n")
    outcome, _ = await run(bench, "git status")
    assert outcome is Outcome.DENIED
    assert "configuration may start programs" in bench.approver.requests[0].rule
    assert not (bench.workspace / "PWNED").exists()


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("echo run > ran.txt", "redirects from or to a file"),
        ("echo $HOME", "uses a variable or a substitution"),
        ("cat ../secret", "no"),
        ("cat .env", "secret"),
        ("sed -i s/a/b/ a.txt", "option"),
        ("rm a.txt", "changes files"),
        ("make test", "no entry of [commands] allow_list"),
        ("bash -c ls", "can run any commands"),
    ],
)
async def test_what_is_not_proven_asks_under_allow_and_says_why(
    make_bench: MakeBench, command: str, why: str
) -> None:
    bench = await make_bench(ALLOW)
    (bench.workspace / ".env").write_text("KEY=1")
    outcome, _ = await run(bench, command)
    assert outcome is Outcome.DENIED
    rule = bench.approver.requests[0].rule
    assert rule.startswith("it ")
    assert why in rule
    assert "known to be harmless" in rule
    assert not (bench.workspace / "ran.txt").exists()


async def test_under_prompt_the_policy_is_the_rule(make_bench: MakeBench) -> None:
    bench = await make_bench(PROMPT)
    await run(bench, "echo run > ran.txt")
    assert (
        bench.approver.requests[0].rule
        == 'the settings say [tools.policies] run_terminal_cmd = "prompt"'
    )


@pytest.mark.parametrize(
    ("allow_list", "command", "asks"),
    [
        ('["cat"]', "cat a.txt", False),
        ('["cat"]', "ls", True),
        ("[]", "cat a.txt", True),
        ('["cksum a.txt"]', "cksum a.txt", False),
        ('["cksum a.txt"]', "cksum a.txt b.txt", True),
        ('["cksum"]', "cksum a.txt", True),
        ('["cat; rm"]', "cat a.txt", True),
        ('["bash -c ls"]', "bash -c ls", True),
    ],
)
async def test_an_allow_list_allows_what_is_on_it_and_proven(
    make_bench: MakeBench, allow_list: str, command: str, asks: bool
) -> None:
    bench = await make_bench(f"{ALLOW}[commands]\nallow_list = {allow_list}\n")
    outcome, _ = await run(bench, command)
    assert (outcome, len(bench.approver.requests)) == (
        (Outcome.DENIED, 1) if asks else (Outcome.OK, 0)
    )


@pytest.mark.parametrize("policy", [ALLOW, PROMPT])
@pytest.mark.parametrize(
    "command",
    [
        "rm a.txt",
        "/bin/rm -f a.txt",
        r"\rm a.txt",
        "env rm a.txt",
        "echo x && rm a.txt",
        "git push",
    ],
)
async def test_what_is_denied_is_refused_wherever_it_is_seen_and_nobody_is_asked(
    make_bench: MakeBench, policy: str, command: str
) -> None:
    bench = await make_bench(
        f'{policy}[commands]\nallow_list = ["rm a.txt"]\ndeny_list = ["rm", "git push"]\n'
    )
    outcome, content = await run(bench, command)
    assert outcome is Outcome.REFUSED
    assert "deny list" in content
    assert bench.approver.requests == []
    assert (bench.workspace / "a.txt").exists()


async def test_what_may_be_denied_and_cannot_be_seen_asks(make_bench: MakeBench) -> None:
    bench = await make_bench(f'{ALLOW}[commands]\ndeny_list = ["rm"]\n')
    assert (await run(bench, "$(pick rm) a.txt"))[0] is Outcome.DENIED
    assert len(bench.approver.requests) == 1


async def test_a_program_that_is_not_there_is_said(make_bench: MakeBench) -> None:
    bench = await make_bench(f'{ALLOW}[commands]\nallow_list = ["no-such-program now"]\n')
    outcome, content = await run(bench, "no-such-program now")
    assert (outcome, content) == (
        Outcome.FAILED,
        "no-such-program: there is no such program.",
    )


async def test_a_script_of_the_workspace_never_takes_the_place_of_a_program(
    make_bench: MakeBench, spy: Spy
) -> None:
    bench = await make_bench(ALLOW)
    script = bench.workspace / "cat"
    script.write_text("#!/bin/sh\ntouch PWNED\n")
    script.chmod(0o755)
    assert (await run(bench, "cat a.txt"))[0] is Outcome.OK
    assert not (bench.workspace / "PWNED").exists()
    assert not spy.started[0][0].startswith(str(bench.workspace))


# The sandbox in what the user is asked.


@IN_SANDBOX
async def test_every_question_says_what_was_proved_of_the_sandbox(
    make_bench: MakeBench, mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_module, "mechanisms_of", lambda _: (mechanism,))
    bench = await make_bench()
    await run(bench, "make test")
    bench.server.script(reply(calls=[("write_file", {"path": "n", "content": "x"})]), reply("ok"))
    await bench.turn()
    command, write = bench.approver.requests
    assert "tried: it blocks writes outside the workspace" in command.sandbox
    assert write.sandbox == "none is needed, this program does it itself"


async def test_without_a_sandbox_the_question_says_so(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_module, "mechanisms_of", lambda _: ())
    bench = await make_bench()
    bench.approver.decisions = [ONCE]
    assert (await run(bench, "echo hi"))[0] is Outcome.OK
    assert bench.approver.requests[0].sandbox.startswith("no sandbox: ")


@pytest.mark.parametrize("policy", [ALLOW, PROMPT])
async def test_require_without_a_sandbox_refuses_every_command_and_asks_nobody(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    monkeypatch.setattr(sandbox_module, "mechanisms_of", lambda _: ())
    bench = await make_bench(f'{policy}[sandbox]\nmode = "require"\n')
    outcome, content = await run(bench, "echo hi")
    assert outcome is Outcome.REFUSED
    assert '[sandbox] mode is "require"' in content
    assert bench.approver.requests == []


@IN_SANDBOX
async def test_a_command_in_the_sandbox_cannot_write_outside_and_the_model_is_told(
    make_bench: MakeBench, mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_module, "mechanisms_of", lambda _: (mechanism,))
    bench = await make_bench(PROMPT)
    bench.approver.decisions = [ONCE]
    outside = f"/var/tmp/vtcode-test-{uuid.uuid4().hex}"
    outcome, content = await run(bench, f"echo x > {outside}")
    assert outcome is Outcome.FAILED
    assert "a sandbox may be why" in content
    assert not is_there(outside)


@IN_SANDBOX
@pytest.mark.parametrize("policy", [ALLOW, PROMPT])
async def test_a_command_leaves_the_sandbox_only_by_a_question_that_says_so(
    make_bench: MakeBench, policy: str, mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_module, "mechanisms_of", lambda _: (mechanism,))
    bench = await make_bench(policy)
    bench.approver.decisions = [ONCE, DENY]
    command = "cat a.txt > ../outside.txt"
    assert (await run(bench, command, outside_sandbox=True))[0] is Outcome.OK
    assert (bench.workspace.parent / "outside.txt").exists()
    assert (await run(bench, "cat a.txt", outside_sandbox=True))[0] is Outcome.DENIED
    for request in bench.approver.requests:
        assert request.action == "Run a command outside the sandbox"
        assert "outside the sandbox" in request.rule
        assert request.sandbox.startswith("none for this command")


@IN_SANDBOX
async def test_a_grant_for_a_command_in_the_sandbox_does_not_let_it_out(
    make_bench: MakeBench, mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_module, "mechanisms_of", lambda _: (mechanism,))
    bench = await make_bench(PROMPT)
    bench.approver.decisions = [SESSION, DENY]
    await run(bench, "make test")
    assert (await run(bench, "make test", outside_sandbox=True))[0] is Outcome.DENIED
    assert len(bench.approver.requests) == 2


@pytest.mark.parametrize("mode", ["off", "require"])
async def test_where_commands_may_not_choose_the_model_is_offered_no_way_out(
    make_bench: MakeBench, mode: str
) -> None:
    bench = await make_bench(f'{PROMPT}[sandbox]\nmode = "{mode}"\n')
    outcome, content = await run(bench, "echo hi", outside_sandbox=True)
    assert outcome is Outcome.FAILED
    assert "outside_sandbox: is no parameter of this tool" in content
    body = bench.server.chats[0].body
    assert body is not None
    assert "outside_sandbox" not in str(body["tools"])


async def test_the_whole_of_a_long_output_is_kept_for_the_user_and_the_model_gets_its_ends(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.approver.decisions = [ONCE]
    call = ("run_terminal_cmd", {"command": "seq 1 100000"})
    bench.server.script(reply(calls=[call]), reply("ok"))
    events = await bench.turn()
    result = next(event.result for event in events if hasattr(event, "result"))
    assert isinstance(result.display, CommandDisplay)
    spooled = list((bench.workspace.parent / "state" / "output").iterdir())
    assert len(spooled) == 1
    assert f"[the whole output is in {spooled[0]}]" in result.display.output
    assert str(spooled[0]) not in result.content
    assert spooled[0].read_text() == "".join(f"{number}\n" for number in range(1, 100001))
    assert len(result.content) < 40_000


async def test_a_command_gets_the_variables_that_the_settings_name_and_no_other(
    server: FakeOllama, tmp_path: Path
) -> None:
    (tmp_path / "project").mkdir()
    launch = make_launch(
        tmp_path / "project",
        server.url,
        f'{ALLOW}[commands]\nallow_list = ["env | sort"]\npass_env = ["RUST_LOG", "UNSET", "DB_URL"]\n',
    )
    environ = {**launch.environ, "RUST_LOG": "debug", "OTHER": "canary"}
    environ["DB_URL"] = "postgres://app:s3cr3tpw@db/x"
    launch = replace(launch, environ=environ)
    approver = ScriptedApprover([ONCE])
    workbench = Workbench(launch, approver)
    await workbench.connect()
    agent = await workbench.choose(MODEL, None)
    bench = Bench(server, launch.workspace, approver, agent, workbench)
    outcome, output = await run(bench, "env | sort")
    await workbench.close()
    assert outcome is Outcome.OK
    assert "s3cr3tpw" in workbench.secrets.values
    assert "RUST_LOG=debug" in output
    assert "canary" not in output
    own: list[Event] = []
    await run_user_command("env | sort", launch, own.append, Workbench(launch).secrets)
    assert "RUST_LOG=debug" in str(own[-1])
    assert "canary" not in str(own)
