"""The app as a person uses it: the installed command in a real pty, a server on loopback."""

from __future__ import annotations

import re
import signal
import socket
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.at_rest import new_line_settings
from tests.e2e.conftest import COMMAND
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama, reply

MODEL = ("--model", "qwen3:1.7b")
WRITE = ("write_file", {"path": "new.txt", "content": "hello\n"})


@contextmanager
def app(
    server_url: str, home: Path, project: Path, *options: str, columns: int = 100, rows: int = 30
) -> Iterator[Terminal]:
    command = [COMMAND, "--base-url", server_url, *options]
    environment = quiet_environment(home)
    with Terminal(
        command, cwd=project, environment=environment, columns=columns, rows=rows
    ) as terminal:
        yield terminal


def ask(terminal: Terminal, prompt: str) -> None:
    terminal.wait_for("ready · qwen3:1.7b")
    terminal.press(prompt)
    terminal.wait_for(prompt)
    terminal.press("enter")


def wait_until_it_may_be_answered(terminal: Terminal) -> None:
    terminal.wait_for("ctrl+y approve once ·")


def test_first_start_picks_a_model_and_its_effort_and_talks(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("The answer is **here**.", thinking="I think about it."))
    with app(server.url, home, project) as terminal:
        terminal.wait_for("4 installed")
        screen = terminal.wait_for("custom-ollama")
        for part in ("llama3:8b", "qwen3:1.7b", "1.4 GB", "40k", "custom-ollama", "glm-4.6:cloud"):
            assert part in screen
        terminal.press("qwen317")
        terminal.wait_gone("llama3:8b")
        terminal.press("enter")
        terminal.wait_for("› medium")
        terminal.press("enter")
        terminal.wait_for("effort medium")
        ask(terminal, "What is it?")
        screen = terminal.wait_for("The answer is here.")
        assert "Thought · 4 words" in screen
        assert "I think about it." not in screen
        terminal.wait_for("200 tok/s")
        body = server.chats[0].body
        assert body is not None
        assert body["think"] is True
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"\x1b[?1049l" in terminal.received
        assert f"\x1b]2;working · {project.name} · vtcode-tui".encode() in terminal.received
        assert b"\x1b[23;2t" in terminal.received


def test_the_thinking_opens_by_a_click_and_all_of_it_by_a_key(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("Short.", thinking="A secret thought."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        terminal.wait_for("Short.")
        terminal.click("Thought · ")
        terminal.wait_for("A secret thought.")
        terminal.press("\x14")
        terminal.wait_gone("A secret thought.")


def test_nothing_listening_is_explained_and_retried(home: Path, project: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with app(f"http://127.0.0.1:{port}", home, project, *MODEL) as terminal:
        screen = terminal.wait_for("Try again")
        assert "ollama serve" in screen
        assert "Another address" in screen
        assert "built-in model" in screen
        assert "Traceback" not in screen
        with FakeOllama(port=port):
            terminal.press("enter")
            terminal.wait_for("ready · qwen3:1.7b")


def test_another_address_can_be_given_in_the_app(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app("http://127.0.0.1:9", home, project, *MODEL) as terminal:
        terminal.wait_for("Try again")
        terminal.press("down", "enter")
        terminal.wait_for("esc back")
        terminal.press("\x15")
        terminal.wait_for("http://host:11434")
        terminal.press(server.url)
        terminal.wait_for(server.url)
        terminal.press("enter")
        terminal.wait_for("ready · qwen3:1.7b")


def test_a_server_that_does_not_answer_does_not_hold_up_typing(home: Path, project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with app(url, home, project, *MODEL) as terminal:
            terminal.press("typed meanwhile")
            terminal.wait_for("typed meanwhile")


def test_a_write_is_shown_as_a_diff_and_approved_by_a_mouse_click(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply(calls=[WRITE]), reply("Written."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "write it")
        wait_until_it_may_be_answered(terminal)
        assert "hello" in terminal.text()
        assert not (project / "new.txt").exists()
        terminal.click("Approve once")
        terminal.wait_for("Written.")
        assert (project / "new.txt").read_text() == "hello\n"


def test_a_command_is_denied_by_enter_where_the_focus_starts(
    server: FakeOllama, home: Path, project: Path
) -> None:
    command = "touch should-not-exist"
    server.script(reply(calls=[("run_terminal_cmd", {"command": command})]), reply("I see."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "do it")
        wait_until_it_may_be_answered(terminal)
        assert command in terminal.text()
        assert str(project) in terminal.text()
        terminal.press("enter")
        terminal.wait_for("I see.")
        assert not (project / "should-not-exist").exists()
        body = server.chats[1].body
        assert body is not None
        assert "denied" in body["messages"][-1]["content"]


def test_a_denial_can_carry_a_word_to_the_model(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply(calls=[WRITE]), reply("Understood."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "write it")
        wait_until_it_may_be_answered(terminal)
        terminal.click("Deny and say why")
        terminal.wait_for("what should it do instead")
        terminal.press("call it old.txt", "enter")
        terminal.wait_for("Understood.")
        body = server.chats[1].body
        assert body is not None
        assert "call it old.txt" in body["messages"][-1]["content"]


def test_keys_typed_on_into_a_question_decide_nothing_and_are_kept(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply(calls=[WRITE], head_delay_s=1.0), reply("All right."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "write it")
        terminal.wait_for("● ")  # Keys in one burst with an Enter would be a paste.
        typed = "yes 1 a y "
        for character in typed * 12:
            terminal.press(character)
            threading.Event().wait(0.02)
        wait_until_it_may_be_answered(terminal)
        assert not (project / "new.txt").exists()
        terminal.press("escape")
        terminal.wait_for("All right.")
        assert not (project / "new.txt").exists()
        kept = terminal.text().replace("\n", "").count("yes 1 a y")
        assert kept >= 8


def test_escape_stops_the_model_and_keeps_what_came(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("first words " + "more " * 5000, pace_s=0.01))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        terminal.wait_for("first words")
        terminal.press("escape")
        server.wait_for_close(3)
        screen = terminal.wait_for("ready")
        assert "first words" in screen
        ask(terminal, "and again")
        terminal.wait_for("Hello from the fake server.")


def test_a_cold_load_shows_its_seconds(server: FakeOllama, home: Path, project: Path) -> None:
    hold = threading.Event()
    server.script(reply("Warm now.", head_hold=hold))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        terminal.wait_for("loading model")
        terminal.wait_for(lambda screen: re.search(r"loading model [1-9] s", screen) is not None)
        hold.set()
        terminal.wait_for("Warm now.")


def test_the_picker_saves_without_touching_the_rest_of_the_file(
    server: FakeOllama, home: Path, project: Path
) -> None:
    before = '# mine\n[agent]\n# the model\ndefault_model = "llama3:8b"  # why\n\n[ui]\n'
    config = home / ".config/vtcode-tui/vtcode.toml"
    config.parent.mkdir(parents=True)
    config.write_text(before)
    (project / "vtcode.toml").write_text(before)
    with app(server.url, home, project) as terminal:
        terminal.wait_for("llama3:8b")
        terminal.press("ctrl+o")
        terminal.wait_for("4 installed")
        terminal.press("gemma")
        terminal.wait_gone("qwen3:1.7b")
        terminal.press("ctrl+s")
        terminal.wait_for("Saved gemma3:4b")
    assert (project / "vtcode.toml").read_text() == before.replace("llama3:8b", "gemma3:4b")


def test_custom_ollama_takes_any_id(server: FakeOllama, home: Path, project: Path) -> None:
    with app(server.url, home, project) as terminal:
        terminal.wait_for("4 installed")
        terminal.press("custom", "enter")
        terminal.wait_for("esc back")
        terminal.wait_for("id of the model")
        terminal.press("Weird.Name/x_y:Q4")
        terminal.wait_for("Weird.Name/x_y:Q4")
        terminal.press("enter")
        terminal.wait_for('The server has no model "Weird.Name/x_y:Q4".')
        terminal.press("enter")
        terminal.wait_for("ready · Weird.Name/x_y:Q4")


def test_a_model_that_is_not_installed_is_pulled_on_enter(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.pull_pace_s = 0.05
    with app(server.url, home, project) as terminal:
        terminal.wait_for("4 installed")
        terminal.press("mistral")
        terminal.wait_gone("qwen3:1.7b")
        terminal.press("enter")
        terminal.wait_for("Pull mistral:7b?")
        terminal.press("enter")
        terminal.wait_for("Pulling mistral:7b")
        terminal.wait_for("ready · mistral:7b")
    assert [r.body for r in server.requests if r.path == "/api/pull"]


def test_an_unknown_model_says_how_to_get_it(server: FakeOllama, home: Path, project: Path) -> None:
    with app(server.url, home, project, "--model", "nobody:1b") as terminal:
        terminal.wait_for("ready · nobody:1b")
        terminal.press("hello", "enter")
        terminal.wait_for("ollama pull nobody:1b")


def test_a_large_paste_goes_to_the_model_whole(
    server: FakeOllama, home: Path, project: Path
) -> None:
    pasted = "\n".join(f"line {number}" for number in range(10_000))
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.paste(pasted)
        terminal.wait_for("[Pasted text 1, 10,000 lines]")
        terminal.press("enter")
        terminal.wait_for("Hello from the fake server.")
    body = server.chats[0].body
    assert body is not None
    assert body["messages"][-1]["content"] == pasted


def test_several_lines_and_the_history(server: FakeOllama, home: Path, project: Path) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("one", "ctrl+j", "two", "enter")
        terminal.wait_for("Hello from the fake server.")
        terminal.press("up")
        terminal.wait_for(lambda screen: screen.count("one") == 2)
        terminal.press("enter")
        terminal.wait_for(lambda screen: screen.count("Hello from the fake server.") == 2)
    contents = [r.body["messages"][-1]["content"] for r in server.chats if r.body]
    assert contents == ["one\ntwo", "one\ntwo"]


def test_hostile_text_never_reaches_the_terminal(
    server: FakeOllama, home: Path, project: Path
) -> None:
    hostile = "\x1b]52;c;aGk=\x07 \x9b2J \u202egnp.exe [/red] [@click=app.quit]x[/] end."
    server.script(
        reply(
            tokens=[hostile], thinking=hostile, calls=[("run_terminal_cmd", {"command": hostile})]
        ),
        reply("done."),
    )
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        wait_until_it_may_be_answered(terminal)
        terminal.press("escape")
        terminal.wait_for("done.")
        assert b"\x1b]52" not in terminal.received
        assert b"\xc2\x9b" not in terminal.received
        assert "\u202e".encode() not in terminal.received
        assert "[/red]" in terminal.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(
    server: FakeOllama, home: Path, project: Path, number: int
) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        before = new_line_settings()
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.process.kill(number)
        assert terminal.wait_exit() == 128 + number
        for mode in (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?2004l", b"\x1b[?25h"):
            assert mode in terminal.received
        assert termios.tcgetattr(terminal.process.child_fd)[:4] == before[:4]


def test_ctrl_c_twice_leaves(server: FakeOllama, home: Path, project: Path) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("ctrl+c")
        terminal.wait_for("again to leave")
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0


def test_ctrl_c_sets_the_prompt_aside_and_up_brings_it_back(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("half a thought")
        terminal.wait_for("half a thought")
        terminal.press("ctrl+c")
        terminal.wait_gone("half a thought")
        terminal.press("up")
        terminal.wait_for("▌ half a thought")


def test_commands_work_and_a_mistyped_one_gets_the_nearest(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("/modle", "enter")
        terminal.wait_for("/model.")
        terminal.press("/model", "enter")
        terminal.wait_for("Choose a model")
        terminal.press("escape")
        terminal.wait_gone("Choose a model")
        terminal.press("/exit", "enter")
        assert terminal.wait_exit() == 0
    assert server.chats == []


def test_a_tiny_terminal_and_back(server: FakeOllama, home: Path, project: Path) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        terminal.wait_for("Hello from the fake server.")
        terminal.resize(20, 5)
        terminal.resize(80, 24)
        terminal.wait_for("Hello from the fake server.")
        terminal.press("still alive")
        terminal.wait_for("still alive")
