"""The start, as a user sees it: what is painted first takes keys, and nothing holds them up after."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.terminal import Terminal, quiet_environment
from tests.e2e.test_app import MODEL
from tests.fakes.ollama_server import FakeOllama, reply

WATCHED = """
import sys, threading
from textual.app import App

class Watch:
    is_on = False
    imported = []

    def find_spec(self, name, path=None, target=None):
        on_the_loop = threading.current_thread() is threading.main_thread()
        if self.is_on and on_the_loop and not name.startswith("sniffio"):
            self.imported.append(name)

watch = Watch()
sys.meta_path.insert(0, watch)
App.post_display_hook = lambda app: setattr(watch, "is_on", True)
from vtcode_tui.cli import main
status = main(sys.argv[2:])
open(sys.argv[1], "w").write(" ".join(watch.imported))
sys.exit(status)
"""


def test_a_prompt_typed_on_the_first_paint_is_answered_and_no_import_holds_up_the_keys(
    server: FakeOllama, home: Path, project: Path, tmp_path: Path
) -> None:
    server.script(reply("Hello from the fake server."))
    log = tmp_path / "imported"
    command = [sys.executable, "-c", WATCHED, str(log), "--base-url", server.url, *MODEL]
    with Terminal(command, cwd=project, environment=quiet_environment(home)) as terminal:
        terminal.wait_for("Ask for something")
        terminal.press("why so", "enter")
        terminal.wait_for("Hello from the fake server.")
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    (chat,) = server.chats
    assert chat.body is not None
    assert chat.body["messages"][-1]["content"] == "why so"
    held_up = set(log.read_text().split()) - {"concurrent.futures.thread"}  # asyncio's own first.
    assert not held_up, f"to be loaded beside by tui/loading.py: {held_up}"
