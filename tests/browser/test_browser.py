"""The app in headless Chromium: a page is opened, a model picked, a call approved by a click."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.serving import children, serving, wait_until
from tests.fakes.ollama_server import FakeOllama, reply

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WRITE = ("write_file", {"path": "new.txt", "content": "hello\n"})


def test_a_model_is_picked_a_prompt_sent_and_a_call_approved_by_a_click(
    server: FakeOllama, tmp_path: Path
) -> None:
    from tests.browser.browsing import chromium

    home, project = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    project.mkdir()
    server.script(
        reply("I write it.", thinking="I think about it.", calls=[WRITE]), reply("It is written.")
    )
    with serving(home, project, "--base-url", server.url) as served, chromium() as browser:
        browser.open(served.url)
        browser.wait_for("4 installed")
        browser.type("qwen317")
        wait_until(lambda: "llama3:8b" not in browser.text(), browser.text)
        browser.type("\n")
        browser.wait_for("› medium")
        browser.type("\n")
        browser.wait_for("ready · qwen3:1.7b")
        browser.type("Write it, please")
        browser.wait_for("Write it, please")
        browser.type("\n")
        browser.wait_for("ctrl+y approve once ·")
        browser.driver.save_screenshot(str(tmp_path / "approval.png"))
        assert not (project / "new.txt").exists()
        browser.click("Approve once")
        browser.wait_for("It is written.")
        assert (project / "new.txt").read_text() == "hello\n"
        browser.driver.save_screenshot(str(tmp_path / "answer.png"))
        assert browser.complaints() == []
        assert {urlsplit(url).netloc for url in browser.requested()} <= {
            f"127.0.0.1:{served.port}",
            "",
        }
        assert children(served.process.pid)
        browser.open("about:blank")
        wait_until(lambda: not children(served.process.pid), served.said)


def test_a_page_of_another_site_gets_nothing(server: FakeOllama, tmp_path: Path) -> None:
    """The address without its token, and a socket that a page of another origin opens."""
    from tests.browser.browsing import chromium

    home, project = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    project.mkdir()
    with serving(home, project, "--base-url", server.url) as served, chromium() as browser:
        browser.open(f"{served.origin}/")
        assert "Refused" in browser.driver.page_source
        browser.open(f"{server.url}/")
        outcome = browser.driver.execute_async_script(
            "const done = arguments[1];"
            "const socket = new WebSocket(arguments[0]);"
            "socket.onopen = () => done('open'); socket.onerror = () => done('refused');",
            served.url.replace("http:", "ws:") + "ws",
        )
        assert outcome == "refused"
        assert not children(served.process.pid)
