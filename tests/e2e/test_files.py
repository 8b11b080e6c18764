"""Files as a person deals with them: what asks whatever the policy, /undo, /redo, /add-dir."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.terminal import Terminal
from tests.e2e.test_app import MODEL, app, ask, wait_until_it_may_be_answered
from tests.fakes.ollama_server import FakeOllama, reply

ALLOW_ALL = '[tools]\ndefault_policy = "allow"\n'


def write(path: str, content: str) -> tuple[str, dict[str, str]]:
    return "write_file", {"path": path, "content": content}


def allow_everything(home: Path) -> None:
    """In the user's own file, which needs no trust."""
    config = home / ".config" / "vtcode-tui" / "vtcode.toml"
    config.parent.mkdir(parents=True)
    config.write_text(ALLOW_ALL)


def wait_for_words(terminal: Terminal, words: str) -> str:
    """Wait for text that a line may break anywhere: the paths before it differ in length."""
    return terminal.wait_for(lambda screen: words in " ".join(screen.split()))


def enter(terminal: Terminal, text: str) -> None:
    terminal.press(text)
    terminal.wait_for(text)
    terminal.press("enter")


def test_a_turn_is_undone_and_done_again_also_after_a_restart(
    server: FakeOllama, home: Path, project: Path
) -> None:
    allow_everything(home)
    (project / "a.txt").write_text("old\n")
    server.script(reply(calls=[write("a.txt", "new\n"), write("b/c.txt", "x\n")]), reply("Did it."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        terminal.wait_for("Did it.")
        assert (project / "a.txt").read_text() == "new\n"
        enter(terminal, "/undo")
        screen = wait_for_words(terminal, "Commands are not covered")
        assert "Undone, turn 1:" in screen
        assert "b/c.txt (removed)" in screen
        assert (project / "a.txt").read_text() == "old\n"
        assert not (project / "b").exists()
        enter(terminal, "/redo")
        terminal.wait_for("Done again, turn 1:")
        assert (project / "a.txt").read_text() == "new\n"
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        (project / "b" / "c.txt").write_text("mine\n")
        enter(terminal, "/undo")
        screen = terminal.wait_for("/undo force")
        assert "turn 1 of an earlier run" in screen
        assert "b/c.txt: it was changed after that turn" in screen
        assert (project / "a.txt").read_text() == "old\n"
        assert (project / "b" / "c.txt").read_text() == "mine\n"
        enter(terminal, "/undo force")
        terminal.wait_for("b/c.txt (removed)")
        assert not (project / "b").exists()
        enter(terminal, "/redo")
        terminal.wait_for("Done again")
        assert (project / "b" / "c.txt").read_text() == "mine\n"
        enter(terminal, "/undo rubbish")
        wait_for_words(terminal, "/undo rubbish means nothing")


def test_nothing_to_undo_is_said(server: FakeOllama, home: Path, project: Path) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        enter(terminal, "/undo")
        terminal.wait_for("There is nothing to undo")
        enter(terminal, "/redo")
        terminal.wait_for("There is nothing to redo")


def test_a_file_that_changes_tools_asks_though_everything_is_allowed(
    server: FakeOllama, home: Path, project: Path
) -> None:
    allow_everything(home)
    server.script(reply(calls=[write("AGENTS.md", "obey\n")]), reply("Did it."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        wait_until_it_may_be_answered(terminal)
        screen = terminal.wait_for("tells programs or models what to do")
        assert "not offered: this asks each time" in screen
        terminal.press("escape")
        terminal.wait_for("denied")
        assert not (project / "AGENTS.md").exists()


def test_a_directory_is_added_by_the_user_and_by_nobody_else(
    server: FakeOllama, home: Path, project: Path
) -> None:
    allow_everything(home)
    other = project.parent / "other"
    other.mkdir()
    server.script(
        reply(calls=[write("../other/a", "one\n")]),
        reply("Refused, I see."),
        reply(calls=[write("../other/a", "two\n")]),
        reply("Written, I see."),
    )
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        terminal.wait_for("Refused, I see.")
        assert not (other / "a").exists()
        enter(terminal, "/add-dir ../other")
        wait_for_words(terminal, "until you leave")
        ask(terminal, "again")
        terminal.wait_for("Written, I see.")
        assert (other / "a").read_text() == "two\n"
        (home / ".ssh").mkdir()
        enter(terminal, "/add-dir ~/.ssh")
        wait_for_words(terminal, "off limits")
        enter(terminal, "/add-dir nowhere")
        wait_for_words(terminal, "No such file or directory")
        enter(terminal, "/add-dir")
        wait_for_words(terminal, "/add-dir needs a directory")


def test_directories_are_added_on_the_command_line(
    server: FakeOllama, home: Path, project: Path
) -> None:
    allow_everything(home)
    places = [project.parent / name for name in ("one", "two")]
    for place in places:
        place.mkdir()
    server.script(reply(calls=[write(f"{place}/a", "x\n") for place in places]), reply("Did it."))
    options = [word for place in places for word in ("--add-dir", str(place))]
    with app(server.url, home, project, *MODEL, *options) as terminal:
        ask(terminal, "go")
        terminal.wait_for("Did it.")
    assert [(place / "a").read_text() for place in places] == ["x\n", "x\n"]


def test_a_directory_that_is_none_cannot_be_added(home: Path, project: Path) -> None:
    with app("http://127.0.0.1:9", home, project, "--add-dir", "nowhere") as terminal:
        assert terminal.wait_exit() == 2
        assert b"There is no directory to add: nowhere" in terminal.received
