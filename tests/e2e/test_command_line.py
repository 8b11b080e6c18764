"""The command line itself: what is mistyped, completion, the configuration."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.running import run_process
from tests.e2e.terminal import quiet_environment


def run(
    home: Path, project: Path, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return run_process([COMMAND, *words], project, quiet_environment(home, **environment))


@pytest.mark.parametrize(
    ("words", "wrong", "nearest", "see"),
    [
        (("exce", "hi"), "no command exce", "exec", "vtcode-tui --help"),
        (("--modle", "x"), "no option --modle", "--model", "vtcode-tui --help"),
        (("sessions", "lits"), "no action lits", "list", "vtcode-tui sessions --help"),
        (("trust", "stauts"), "no action stauts", "status", "vtcode-tui trust --help"),
        (("exec", "--aprove", "x"), "no option --aprove", "--approve", "vtcode-tui --help"),
        (("completion", "fisch"), "no value for SHELL: fisch", "fish", "completion --help"),
    ],
)
def test_what_is_mistyped_gets_the_nearest(
    home: Path, project: Path, words: tuple[str, ...], wrong: str, nearest: str, see: str
) -> None:
    done = run(home, project, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert wrong in done.stderr
    assert f"The nearest is {nearest}." in done.stderr
    assert see in done.stderr


@pytest.mark.parametrize(
    ("words", "wrong", "way_out"),
    [
        (("--approve", "write_file", "exec", "x"), "--approve does not go here", "behind: exec."),
        (("sessions", "show", "--json", "x"), "--json does not go here", "sessions export"),
        (("sessions",), "ACTION is missing", "list, show, export, delete, prune"),
        (("exec", "--max-steps", "0", "x"), "--max-steps cannot be '0'", "a number of at least 1"),
        (("exec", "x", "--model"), "--model needs a value", "vtcode-tui --help"),
        (("exec",), "nothing to ask", "vtcode-tui exec"),
    ],
)
def test_what_is_misplaced_gets_the_way_out(
    home: Path, project: Path, words: tuple[str, ...], wrong: str, way_out: str
) -> None:
    done = run(home, project, *words)
    assert done.returncode == 2
    assert wrong in done.stderr
    assert way_out in done.stderr


def test_help_and_version_are_commands_too(home: Path, project: Path) -> None:
    assert run(home, project, "version").stdout.startswith("vtcode-tui ")
    assert "--approve-all" in run(home, project, "help", "exec").stdout


@pytest.mark.parametrize("words", [("exec", "--max-steps", "0", "x"), ("exec", "--timeout", "no")])
def test_a_wrong_value_is_named(home: Path, project: Path, words: tuple[str, ...]) -> None:
    done = run(home, project, *words)
    assert done.returncode == 2
    assert words[1] in done.stderr
    assert "vtcode-tui exec --help" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "",
        "ask",
        "exec",
        "sessions",
        "sessions prune",
        "models",
        "doctor",
        "trust",
        "config",
        "serve",
    ],
)
def test_help_fits_eighty_columns(home: Path, project: Path, command: str) -> None:
    done = run(home, project, *command.split(), "--help", COLUMNS="80")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert f"vtcode-tui {command}".strip() in done.stdout


def completed(home: Path, project: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    typed = " ".join(f"'{word}'" for word in ("vtcode-tui", *words))
    script = f"""
        source <("{COMMAND}" completion bash)
        COMP_WORDS=({typed}); COMP_CWORD={len(words)}
        _vtcode_tui
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = run_process(["bash", "-c", script], project, quiet_environment(home))
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("s",), ["sessions", "serve"]),
        (("--mo",), ["--model"]),
        (("sessions", "p"), ["prune"]),
        (("--model", "x", "sessions", "prune", "--k"), ["--keep"]),
        (("trust", "s"), ["status"]),
        (("completion", ""), ["bash", "zsh", "fish", "--help"]),
    ],
)
def test_bash_completes_by_the_real_grammar(
    home: Path, project: Path, words: tuple[str, ...], offered: list[str]
) -> None:
    assert sorted(completed(home, project, *words)) == sorted(offered)


@pytest.mark.parametrize(
    ("shell", "wanted"),
    [
        ("zsh", ["#compdef vtcode-tui", '":sessions") place="sessions"', "--approve-all"]),
        (
            "fish",
            ["-a sessions", "__fish_seen_subcommand_from sessions", "-l approve-all", "-r -d"],
        ),
    ],
)
def test_other_shells_have_a_script_of_the_same_words(
    home: Path, project: Path, shell: str, wanted: list[str]
) -> None:
    done = run(home, project, "completion", shell)
    assert done.returncode == 0
    for words in wanted:
        assert words in done.stdout


def test_config_shows_each_value_and_where_it_is_from(home: Path, project: Path) -> None:
    own = home / ".config/vtcode-tui/vtcode.toml"
    own.parent.mkdir(parents=True)
    own.write_text(
        '# mine\n[agent]\ndefault_model = "mine:1b"\n[tools.policies]\nread_file = "deny"\n'
    )
    environment = {"OLLAMA_API_KEY": "sk-CANARY", "OLLAMA_BASE_URL": "http://127.0.0.1:9"}
    done = run(home, project, "--effort", "high", "config", "show", "--json", **environment)
    assert done.returncode == 0
    rows = {row["key"]: row for row in json.loads(done.stdout)}
    assert rows["agent.default_model"]["value"] == "mine:1b"
    assert (rows["agent.default_model"]["path"], rows["agent.default_model"]["line"]) == (
        str(own),
        3,
    )
    assert rows["tools.policies.read_file"]["value"] == "deny"
    assert rows["agent.reasoning_effort"]["where"] == "the option --effort"
    assert rows["providers.ollama.base_url"]["where"] == "the environment variable OLLAMA_BASE_URL"
    assert rows["agent.compact_at"]["origin"] == "default"
    shown = run(home, project, "config", "show", **environment)
    assert f'"mine:1b"  # {own}, line 3' in shown.stdout
    assert "CANARY" not in done.stdout + done.stderr + shown.stdout + shown.stderr


def test_config_paths_and_a_first_file(home: Path, project: Path) -> None:
    own = home / ".config/vtcode-tui/vtcode.toml"
    found = json.loads(run(home, project, "config", "path", "--json").stdout)
    assert [(each["kind"], each["path"], each["exists"]) for each in found] == [
        ("user", str(own), False),
        ("project", str(project / "vtcode.toml"), False),
    ]
    assert "(not there)" in run(home, project, "config", "path").stdout
    example = (Path(__file__).parents[2] / "vtcode.toml.example").read_text()
    for options, path in (((), own), (("--project",), project / "vtcode.toml")):
        assert run(home, project, "config", "init", *options).returncode == 0
        assert path.read_text() == example
        assert path.stat().st_mode & 0o777 == 0o600
    again = run(home, project, "config", "init")
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert run(home, project, "config", "show").returncode == 0
