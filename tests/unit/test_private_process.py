"""The key stays in this program: its children find it nowhere, not even in the program's own past."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.workspace.sandboxes import WORKING
from vtcode_tui import private_process

ROOT = Path(__file__).parents[2]
CANARY = "canary-8f2b71"
PROGRAM = """
import asyncio, ctypes, os, sys
from pathlib import Path
from tests.unit.workspace.sandboxes import WORKING, Shell, made_place
from vtcode_tui import private_process

PR_CAPBSET_DROP, CAPABILITY_VERSION = 24, 0x20080522
_, kind, closes = sys.argv
# The tests may run as root, whom no rule would stop: from here on without a privilege. Root's own
# sandbox with namespaces needs one to begin with.
if kind != "bubblewrap":
    for capability in range(64):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0
if closes == "closed":
    private_process.close_to_other_processes()
    private_process.forget_secrets(os.environ)

COMMAND = f'''
env
for process in self $$ $PPID {os.getpid()} $(ls /proc | grep '^[0-9]'); do
    tr '\\\\0' '\\\\n' < /proc/$process/environ
done 2>/dev/null
{sys.executable} -c 'import os; print(dict(os.environ))'
true
'''

async def main():
    mechanisms = [mechanism for mechanism in WORKING if mechanism.kind == kind]
    with made_place() as place:
        shell = Shell(place, place.sandbox(*mechanisms))
        result = await shell.run(COMMAND)
        assert (await shell.sandbox.state()).kind == kind
        print(result.output)

asyncio.run(main())
"""
KINDS = ["no sandbox", *(str(mechanism.kind) for mechanism in WORKING)]


def seen_by_a_command(kind: str, state: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind, state],
        env={"PATH": "/usr/bin:/bin", "OLLAMA_API_KEY": CANARY, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "TERM=dumb" in done.stdout, done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_a_command_does_not_find_the_key_in_any_process(kind: str) -> None:
    assert CANARY not in seen_by_a_command(kind, "closed")


def test_without_the_closing_a_command_does_find_it() -> None:
    assert CANARY in seen_by_a_command("no sandbox", "left open")


def test_a_process_that_is_closed_dumps_no_core() -> None:
    program = (
        "import resource; from vtcode_tui import private_process;"
        " private_process.close_to_other_processes();"
        " print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "(0, 0)"


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel")
def test_a_process_that_is_closed_shows_its_memory_to_no_other() -> None:
    program = (
        "import ctypes; from vtcode_tui import private_process; dumpable = lambda:"
        " ctypes.CDLL(None).prctl(3, 0, 0, 0, 0); print(dumpable());"
        " private_process.close_to_other_processes(); print(dumpable())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["1", "0"]


def test_what_is_named_like_a_secret_is_forgotten_and_nothing_else() -> None:
    secrets = {
        "OLLAMA_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "GITHUB_TOKEN",
        "DB_PASSWORD",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "client_secret",
        "DB_PASS",
        "MYSQL_PWD",
        "GITHUB_PAT",
        "GPG_PASSPHRASE",
        "SECRET_KEY_BASE",
        "OPENAI_API_KEY_2",
        "DB_PASSWORD_FILE",
        "AWS_PROFILE",
        "SSH_AUTH_SOCK",
    }
    kept = {
        "PATH",
        "HOME",
        "PWD",
        "OLDPWD",
        "SSH_ASKPASS",
        "HTTPS_PROXY",
        "TERM",
        "KEYBOARD",
        "TOKENIZERS_PARALLELISM",
        "LANG",
    }
    environ = dict.fromkeys(secrets | kept, "x")
    private_process.forget_secrets(environ)
    assert set(environ) == kept


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_forgotten_is_not_in_the_memory_that_the_process_was_started_with() -> None:
    program = (
        "import os; from pathlib import Path; from vtcode_tui import private_process;"
        " private_process.forget_secrets(os.environ); print(Path('/proc/self/environ').read_bytes())"
    )
    environment = {"A": "kept-1", "OLLAMA_API_KEY": CANARY, "Z": "kept-2", "MY_TOKEN": ""}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert "kept-1" in done.stdout
    assert "kept-2" in done.stdout
    assert CANARY not in done.stdout


def test_what_the_user_has_started_gets_no_secret_and_no_program_of_the_project(
    tmp_path: Path,
) -> None:
    """An editor, a browser, the program of a clipboard: all are looked for by PATH."""
    (tmp_path / "bin").mkdir()
    program = (
        "import os; from vtcode_tui import cli; from vtcode_tui.arguments import parse_arguments;"
        " launch = cli._launch(parse_arguments([], ''));"
        " print(launch.environ['PATH'], os.environ['PATH']);"
        " print('OLLAMA_API_KEY' in {**launch.environ, **os.environ});"
        " print(launch.loaded.keys[0].secret.get_secret_value(),"
        " launch.whole_environ['OLLAMA_API_KEY'])"
    )
    environment = {
        "PATH": f"{tmp_path}/bin:.:bin::/usr/bin:/bin",
        "HOME": str(tmp_path.parent),
        "OLLAMA_API_KEY": CANARY,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == [
        "/usr/bin:/bin /usr/bin:/bin",
        "False",
        f"{CANARY} {CANARY}",
    ]
