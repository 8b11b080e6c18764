"""Completion as a person has it: a real shell, which has read the script in, offers what goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.running import run_process
from tests.e2e.terminal import Terminal, quiet_environment

# What is typed before the key, and what stands there after it.
COMPLETED = {
    "vtcode-tui sess": "vtcode-tui sessions",
    "vtcode-tui sessions pru": "vtcode-tui sessions prune",
    "vtcode-tui --mod": "vtcode-tui --model",
    "vtcode-tui --model x trust stat": "vtcode-tui --model x trust status",
    "vtcode-tui completion fi": "vtcode-tui completion fish",
    "vtcode-tui exec --approve-": "vtcode-tui exec --approve-all",
    "vtcode-tui sessions export x -o myf": "vtcode-tui sessions export x -o myfile.txt",
}
SHELLS = {
    "bash": (["bash", "--noprofile", "--norc", "-i"], ""),
    "zsh": (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -D -u; "),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key_completes(home: Path, project: Path, shell: str) -> None:
    words, before = SHELLS[shell]
    if shutil.which(words[0]) is None:
        pytest.skip(f"{shell} is not installed")
    (project / "myfile.txt").touch()
    environment = quiet_environment(home, PS1="ready$ ")
    with Terminal(words, cwd=project, environment=environment) as terminal:
        # Split, so that it is not what was typed that is waited for.
        read_in = f'{before}source <("{COMMAND}" completion {shell}); PS1="do""ne$ "'
        terminal.press(read_in, "enter")
        terminal.wait_for("\ndone$")
        for typed, completed in COMPLETED.items():
            terminal.press(typed)
            terminal.wait_for(f"done$ {typed}")
            terminal.press("tab")
            terminal.wait_for(f"done$ {completed}")
            terminal.press("\x15")
            terminal.wait_gone(f"done$ {typed}")


def test_fish_offers_the_same(home: Path, project: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    (project / "myfile.txt").touch()
    asked = "; ".join(f"complete --do-complete '{typed}'" for typed in COMPLETED)
    done = run_process(
        ["fish", "--no-config", "-c", f"'{COMMAND}' completion fish | source; {asked}"],
        project,
        quiet_environment(home),
    )
    offered = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    assert offered == [completed.split()[-1] for completed in COMPLETED.values()]
