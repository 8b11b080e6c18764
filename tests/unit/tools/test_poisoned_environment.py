"""Nothing in this program's own environment changes what a command is or does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.workspace.sandboxes import WORKING, Place, made_place
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.permissions.commands import CommandRuling
from vtcode_tui.tools.command_guard import CommandGuard
from vtcode_tui.tools.toolbox import default_toolbox
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.walls import Mechanism

pytestmark = pytest.mark.anyio

SETTINGS: list[Mechanism | None] = [None, *WORKING]


def poison(place: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What could change a command, in the real environment of this process too."""
    script = place.base / "poison.sh"
    script.write_text("echo poisoned\nalias ls='echo poisoned'\n")
    evil = place.workspace / "bin"
    evil.mkdir()
    for name in ("ls", "env", "bash", "cat"):
        (evil / name).write_text("#!/bin/sh\necho poisoned\n")
        (evil / name).chmod(0o755)
    (place.home / ".bashrc").write_text("echo poisoned\n")
    (place.home / ".profile").write_text("echo poisoned\n")
    poisoned = {
        "SHELL": "/usr/bin/zsh",
        "BASH_ENV": str(script),
        "ENV": str(script),
        "BASH_FUNC_ls%%": "() { echo poisoned; }",
        "PROMPT_COMMAND": "echo poisoned",
        "PS4": "$(echo poisoned >&2)",
        "SHELLOPTS": "xtrace",
        "LD_PRELOAD": "/poisoned.so",
        "LD_LIBRARY_PATH": str(evil),
        "PYTHONPATH": str(evil),
        "PYTHONSTARTUP": str(script),
        "NODE_OPTIONS": "--require /poisoned.js",
        "GIT_EXTERNAL_DIFF": "echo poisoned",
        "GIT_CONFIG_GLOBAL": "/poisoned",
        "IFS": "s",
        "CDPATH": "/poisoned",
        "SSH_AUTH_SOCK": "/poisoned/agent",
        "AWS_SECRET_ACCESS_KEY": "poisoned",
        "GITHUB_TOKEN": "poisoned",
        "OLLAMA_API_KEY": "poisoned",
        "PATH": f".:{evil}:bin::{os.defpath}",
        "HOME": str(place.home),
    }
    for name, value in poisoned.items():
        if name not in ("PATH", "HOME", "LD_PRELOAD"):
            monkeypatch.setenv(name, value)
    return poisoned


def by_words(command: str) -> CommandRuling:
    return CommandRuling("allow", "for this test", tuple(command.split()))


@pytest.mark.parametrize("mechanism", SETTINGS, ids=lambda each: str(each and each.kind))
@pytest.mark.parametrize("is_proven", [True, False], ids=["by words", "in bash"])
@pytest.mark.parametrize("command", ["ls", "env", "cat a.txt", "bash -c set"])
async def test_no_variable_of_the_parent_affects_a_command(
    monkeypatch: pytest.MonkeyPatch, command: str, is_proven: bool, mechanism: Mechanism | None
) -> None:
    with made_place() as place:
        (place.workspace / "a.txt").write_text("fine\n")
        poisoned = poison(place, monkeypatch)
        guard = CommandGuard(by_words, place.sandbox(*([mechanism] if mechanism else [])))
        toolbox = default_toolbox(
            Workspace(place.workspace), environment=poisoned, command_timeout_s=20, commands=guard
        )
        tool = toolbox.get("run_terminal_cmd")
        assert tool is not None
        call = await tool.prepare(ToolCall("1", "run_terminal_cmd", {"command": command}))
        execute = call.execute_proven if is_proven else call.execute
        assert execute is not None
        result = await execute(lambda _: None)
    assert result.summary == "exit 0", result.content
    assert "poisoned" not in result.content
    if command == "env":
        assert "SHELL=/bin/bash\n" in result.content
        assert "TERM=dumb\n" in result.content


def test_the_poison_would_work() -> None:
    """Each variable is one that a child would have if it were passed on."""
    with made_place() as place, pytest.MonkeyPatch.context() as patch:
        names = set(poison(place, patch))
        assert names - {"PATH", "HOME", "LD_PRELOAD"} <= set(os.environ)
        assert Path(place.workspace / "bin" / "ls").exists()
