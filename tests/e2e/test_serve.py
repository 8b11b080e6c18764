"""The app for a browser: who is let in, what a page gets, and that nothing is left."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.e2e.serving import Served, children, is_running, open_page, serving, wait_until
from tests.fakes.ollama_server import FakeOllama, reply

MODEL = ("--model", "qwen3:1.7b")
KEY = "a-key-of-the-user-0123456789"
FILES = ("", "static/js/textual.js", "static/css/xterm.css", "page.js", "ws", "unknown")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    project = tmp_path_factory.mktemp("project")
    with serving(home, project, *MODEL, "--base-url", "http://127.0.0.1:9") as running:
        yield running


def upgrade(origin: str) -> dict[str, str]:
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": origin,
    }


def test_the_page_and_its_files_come_with_the_token(served: Served) -> None:
    status, headers, body = served.get(f"/{served.token}/")
    assert status == 200
    assert b"textual.js" in body
    assert b"googleapis" not in body
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    for file in FILES[1:4]:
        assert served.get(f"/{served.token}/{file}")[0] == 200


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("token", ["", "wrong/", "{0}x/", "x{0}/", "{1}/"])
def test_without_the_token_everything_is_refused(served: Served, file: str, token: str) -> None:
    prefix = token.format(served.token, served.token[:-1])
    for headers in (None, upgrade(served.origin)):
        status, _, body = served.get(f"/{prefix}{file}", headers)
        assert status == 403
        assert served.token.encode() not in body


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{}", "localhost:{}", "127.0.0.1", ""]
)
def test_another_host_is_refused_although_the_token_is_right(
    served: Served, file: str, host: str
) -> None:
    headers = {**upgrade(served.origin), "Host": host.format(served.port)}
    assert served.get(f"/{served.token}/{file}", headers)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", ""])
def test_a_socket_from_another_origin_is_refused(served: Served, origin: str) -> None:
    assert served.get(f"/{served.token}/ws", upgrade(origin))[0] == 403
    assert not children(served.process.pid)


def test_a_socket_of_no_origin_is_refused(served: Served) -> None:
    headers = {name: value for name, value in upgrade("").items() if name != "Origin"}
    assert served.get(f"/{served.token}/ws", headers)[0] == 403


def test_it_listens_on_loopback_alone(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=5):
        pass
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", served.port), timeout=5)


def test_the_token_is_said_once_and_logged_nowhere(served: Served) -> None:
    served.get(f"/{served.token}/")
    served.get(f"/{served.token}/unknown")
    assert served.said().count(served.token) == 1


@pytest.mark.anyio
async def test_a_page_is_an_app_that_has_the_key_and_shows_it_nowhere(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("The answer is **here**."))
    options = (*MODEL, "--base-url", server.url)
    with serving(home, project, *options, environment={"OLLAMA_API_KEY": KEY}) as served:
        async with ClientSession() as session:
            page = await open_page(session, served)
            await page.wait_for("ready · qwen3:1.7b")
            (line,) = children(served.process.pid).values()
            assert KEY not in line
            assert server.url not in line
            await page.type("What is it?")
            await page.wait_for("What is it?")
            await page.type("\r")
            await page.wait_for("The answer is here.")
            assert server.chats[0].headers["authorization"] == f"Bearer {KEY}"
            await page.type("\x11")
            await page.wait_closed()
        wait_until(lambda: not children(served.process.pid))
        assert "vtcode-tui --resume" in served.said()
        assert KEY not in served.said()


@pytest.mark.anyio
async def test_ctrl_c_ends_the_server_and_its_apps(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with serving(home, project, *MODEL, "--base-url", server.url) as served:
        async with ClientSession() as session:
            pages = [await open_page(session, served) for _ in range(2)]
            for page in pages:
                await page.wait_for("ready · qwen3:1.7b")
            apps = list(children(served.process.pid))
            assert len(apps) == 2
            assert served.end(signal.SIGINT) == 0
            assert not any(is_running(app) for app in apps)


@pytest.mark.anyio
@pytest.mark.parametrize("cause", ["the page is closed", "the server is killed"])
async def test_no_app_outlives(server: FakeOllama, home: Path, project: Path, cause: str) -> None:
    with serving(home, project, *MODEL, "--base-url", server.url) as served:
        async with ClientSession() as session:
            page = await open_page(session, served)
            await page.wait_for("ready · qwen3:1.7b")
            (app,) = children(served.process.pid)
            if cause == "the page is closed":
                await page.socket.close()
            else:
                served.end(signal.SIGKILL)
            wait_until(lambda: not is_running(app))
        assert not (home / ".local/state/vtcode-tui/reports/crash.txt").exists()


@pytest.mark.anyio
async def test_an_app_that_cannot_start_says_so_at_the_servers_terminal(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with serving(home, project, *MODEL, "--base-url", server.url) as served:
        (project / "vtcode.toml").write_text("[ui]\ntheme = 7\n")
        async with ClientSession() as session:
            page = await open_page(session, served)
            await page.wait_closed()
        wait_until(lambda: "vtcode.toml" in served.said(), served.said)
        assert "Traceback" not in served.said()
