"""Scenes of lists, dialogs, reports and rarer states of the chat. Each is shown once and then
captured in both themes and sizes."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.screen.held_sessions import state_with_sessions
from tests.screen.scenes import (
    ANSWER,
    COMMAND,
    EDIT,
    MODEL,
    PROJECT,
    READ,
    Scene,
    answered,
    ask,
    asked_to_run,
    idle,
    screen_text,
    send,
    settle,
    turn_over,
    wait_for,
    write,
)
from tests.screen.stage import until
from vtcode_tui.config.launch import SessionWish
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.chat_screen import ChatScreen

Act = Callable[[Pilot[int]], Awaitable[None]]

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 12 + b"IEND\xaeB`\x82"
SEES = "gemma3:4b"
ALLOWED = '[tools.policies]\nwrite_file = "allow"\nedit_file = "allow"\n'
PLANS = (
    "[>] Read how lines are split\n[ ] Write a test that fails\n[ ] Keep the rest at the end",
    "[x] Read how lines are split\n[>] Write a test that fails\n[ ] Keep the rest at the end",
    (
        "[x] Read how lines are split\n[x] Write a test that fails\n[>] Keep what is left over of"
        " the last line, also when the connection ends in the middle of a character\n"
        "[ ] Run all tests"
    ),
)
TOOLS = PROJECT.parent / "bin"
GB = 1_000_000_000
WIDE_TABLE = """\
| Model | Parameters | Quantization | Architecture | Context length | Capabilities | Recommended for |
|---|--:|---|---|--:|---|---|
| `qwen3-coder:30b` | 30.5B | Q4_K_M | qwen3moe | 262,144 | tools | changes in several files |
| `gpt-oss:20b` | 20.9B | MXFP4 | gptoss | 131,072 | tools, thinking | planning and review |
| `mistral:7b` | 7.2B | Q4_K_M | llama | 32,768 | tools | short questions |
"""


def own_place(name: str) -> Path:
    """A workspace that no other scene writes to."""
    return PROJECT.parent / name / "project"


def chat_of(pilot: Pilot[int]) -> ChatScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, ChatScreen)
    return screen


def after(command: str, wanted: str) -> Act:
    """Run a command in an empty conversation and wait for its output."""

    async def act(pilot: Pilot[int]) -> None:
        await idle(pilot)
        await send(pilot, command)
        await settle(pilot, wanted)

    return act


async def timed(pilot: Pilot[int]) -> None:
    await answered(pilot)
    for number, each in enumerate(chat_of(pilot).times.answers, 1):
        each.first_token_s, each.total_s = (
            0.4 * number,
            3.5 * number,
        )  # Fixed in place of the measured times.
    await send(pilot, "/timing")
    await settle(pilot, "first token")


async def palette(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await pilot.press("ctrl+p")
    await wait_for(pilot, "Search commands")
    await pilot.press(*"mo")
    await settle(pilot, "Choose the model")


async def compared(pilot: Pilot[int]) -> None:
    await ask(pilot, "Compare the models")
    await turn_over(pilot, "short questions")


async def planned(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await pilot.press("shift+tab", "shift+tab")
    await ask(pilot, "How would you keep the last line?")
    await settle(pilot, "Carry out the plan?")


async def kept_a_plan(pilot: Pilot[int]) -> None:
    await ask(pilot, "Keep the last line, and test it")
    await turn_over(pilot, "3 is the last.")


async def pull_running(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await send(pilot, "/pull gpt-oss:20b")
    await wait_for(pilot, "Pull gpt-oss:20b?")
    await pilot.press("enter")
    await settle(pilot, "4.0 of 14 GB · 28 %")


async def pull_failed(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await send(pilot, "/pull gpt-oss-20b")
    await wait_for(pilot, "Pull gpt-oss-20b?")
    await pilot.press("enter")
    await settle(pilot, "› Pull that")


async def not_installed(pilot: Pilot[int]) -> None:
    await wait_for(pilot, "ready · gpt-oss-20b")
    write(pilot, "Hello")
    await pilot.press("enter")
    await settle(pilot, "› Get it")


async def queue_walked(pilot: Pilot[int]) -> None:
    """Three prompts are queued during a turn, and one of them is selected."""
    await ask(pilot, "How are lines split?")
    await wait_for(pilot, "● ")
    for prompt in ("Then run the tests", "And tell what they say", "Write it down in notes.md"):
        write(pilot, prompt)
        await pilot.press("enter")
        await wait_for(pilot, f"queued     {prompt}")
    await wait_for(pilot, "loading model")
    await pilot.press("up", "up")
    stand_still(pilot)
    await settle(pilot, "› queued     And tell")


def stand_still(pilot: Pilot[int]) -> None:
    """Set the clock to when the state began, so that the snapshot has no measured time."""
    app = pilot.app
    assert isinstance(app, VtcodeApp)
    since = chat_of(pilot).query_one("StatusBar").status.state_since  # type: ignore[attr-defined]
    if since is not None:
        app.launch.clock.now = since  # type: ignore[attr-defined]


async def chips(pilot: Pilot[int]) -> None:
    """An image, a file, command output and a folded paste are attached to a prompt."""
    await wait_for(pilot, f"ready · {SEES}")
    write(pilot, "!cat greet.py")
    await pilot.press("enter")
    await wait_for(pilot, "exit 0, 5 lines")
    pilot.app.post_message(events.Paste(str(own_place("chips") / "screenshot.png")))
    await wait_for(pilot, "+ screenshot.png 28 B")
    write(pilot, "Compare @greet.py with ")
    pilot.app.post_message(events.Paste("print('Hello')\n" * 40))
    await wait_for(pilot, "[Pasted text 1, 41 lines]")
    await settle(pilot, "+ greet.py 62 B")


async def history_searched(pilot: Pilot[int]) -> None:
    await idle(pilot)
    for prompt in ("Why is the parser slow?", "Rename module left to right", "Test the parser"):
        chat_of(pilot).prompts.remember(prompt)
    await pilot.press("ctrl+r")
    await wait_for(pilot, "Prompts sent here before")
    await pilot.press(*"parser")
    for _ in range(1000):
        if "Rename module" not in screen_text(pilot):
            break
        await pilot.pause(0.01)
    await settle(pilot, "Test the parser")


async def turn_ended(pilot: Pilot[int]) -> None:
    """Wait for the end of a turn while the clock stands still, so that its commands take no time."""
    await until(pilot, lambda: not chat_of(pilot).is_turn_running, "the turn's end")


async def granted(pilot: Pilot[int]) -> None:
    await asked_to_run(pilot)
    await pilot.press("down", "down", "enter")
    await turn_ended(pilot)
    await turn_over(pilot, "All is gone.")
    await send(pilot, "/permissions")
    await settle(pilot, "Granted for this session")


async def changed(pilot: Pilot[int]) -> None:
    await ask(pilot, "Say hello better")
    await turn_over(pilot, "It greets.")


async def changes_shown(pilot: Pilot[int]) -> None:
    await changed(pilot)
    await send(pilot, "/diff")
    await settle(pilot, "Changed in this run")


async def undone(pilot: Pilot[int]) -> None:
    await changed(pilot)
    await send(pilot, "/undo")
    await turn_over(pilot, "Undone")


async def undo_refused(pilot: Pilot[int]) -> None:
    """The user has edited the file since the turn."""
    await changed(pilot)
    (own_place("undo-refused") / "greet.py").write_text("print('mine')\n")
    await send(pilot, "/undo")
    await turn_over(pilot, "/undo skip")


async def exported(pilot: Pilot[int]) -> None:
    await settle(pilot, f"ready · {MODEL}")
    await send(pilot, "/export")
    await settle(pilot, "Written to")


async def completed(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await pilot.press(*"/co")
    await settle(pilot, "/compact")


async def mentioned(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await pilot.press(*"why", "space", *"@pars")
    await settle(pilot, "test_parser.py")


async def thinks(pilot: Pilot[int]) -> None:
    await ask(pilot, "How are lines split?")
    await wait_for(pilot, "Where does the rest go?")
    stand_still(pilot)
    await settle(pilot, "Where does the rest go?")


async def command_runs(pilot: Pilot[int]) -> None:
    await idle(pilot)
    write(pilot, "!echo collected 12 items; echo test_lines.py ....; sleep 60")
    await pilot.press("enter")
    await wait_for(pilot, "test_lines.py ....")
    stand_still(pilot)
    await settle(pilot, "test_lines.py ....")


async def scrolled_up(pilot: Pilot[int]) -> None:
    """The user has scrolled up while more text arrives."""
    await ask(pilot, "Write a lot")
    await turn_over(pilot, "Line 59")
    await pilot.press("pageup", "pageup")
    view = chat_of(pilot).transcript
    assert not view.is_following
    chat_of(pilot).notice("Something came in below.")
    await settle(pilot, "new below")


async def mistyped(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await send(pilot, "/modle")
    await settle(pilot, "The nearest is /model")


async def trust_asked(pilot: Pilot[int]) -> None:
    await settle(pilot, "vtcode.toml")


def with_files(*names: str) -> Callable[[FakeOllama, Path], None]:
    def prepare(_: FakeOllama, workspace: Path) -> None:
        for name in names:
            (workspace / name).write_bytes(PNG if name.endswith(".png") else b"x = 1\n")

    return prepare


def with_ripgrep(_: FakeOllama, __: Path) -> None:
    """Its location depends on the machine; here only its presence matters."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    (TOOLS / "rg").touch(mode=0o755)


def pull_stands(server: FakeOllama, _: Path) -> None:
    layer = {"digest": "sha256:ab", "total": 14 * GB, "completed": 4 * GB}
    server.pull_lines = [{"status": "pulling manifest"}, {"status": "pulling ab", **layer}] * 2
    server.pull_lines[2:] = [{"status": "pulling ab", **layer}] * 500
    server.pull_pace_s = 0.2


def pull_fails(server: FakeOllama, _: Path) -> None:
    server.pull_lines = [
        {"status": "pulling manifest"},
        {"error": "pull model manifest: file does not exist"},
    ]


def untrusted_project(_: FakeOllama, workspace: Path) -> None:
    (workspace / "vtcode.toml").write_text(
        '[tools]\ndefault_policy = "allow"\n\n'
        '[providers.ollama]\nbase_url = "https://models.example.org"\n'
        'api_key = "${OLLAMA_API_KEY}"\n'
    )


def with_sessions_of(name: str) -> Callable[[], Path]:
    return lambda: state_with_sessions(own_place(name))


def plan(steps: str) -> Reply:
    return reply(calls=[("update_plan", {"plan": steps})])


LONG = "\n\n".join(f"Line {number} of the answer." for number in range(60))
CHANGES = (READ, EDIT, reply("It greets."))

MORE_SCENES: dict[str, Scene] = {
    "tools-list": Scene(after("/tools", "read_file")),
    "config": Scene(after("/config", "agent.provider")),
    "timing": Scene(timed, (reply(ANSWER),)),
    "palette": Scene(palette),
    "wide-table": Scene(compared, (reply(WIDE_TABLE),)),
    "themes": Scene(after("/theme", "↑ ↓ try one on")),
    "plan-question": Scene(planned, (reply("## Plan\n\n1. Read `lines.py`\n2. Keep the rest\n"),)),
    "checklist": Scene(
        kept_a_plan,
        (*map(plan, PLANS), reply("Of three plans, plan 3 is the last.")),
        settings='[agent]\nplan = "on"\n',
    ),
    "pull": Scene(after("/pull gpt-oss:20b", "Pull gpt-oss:20b?")),
    "pull-running": Scene(pull_running, prepare=pull_stands),
    "pull-failed": Scene(pull_failed, prepare=pull_fails),
    "not-installed": Scene(not_installed, model="gpt-oss-20b"),
    "queue-walked": Scene(queue_walked, (reply("One ", head_hold=threading.Event()),)),
    "chips": Scene(
        chips, model=SEES, workspace=own_place("chips"), prepare=with_files("screenshot.png")
    ),
    "history": Scene(history_searched),
    "permissions": Scene(granted, (COMMAND, reply("All is gone."))),
    "prompt-text": Scene(after("/prompt", "coding agent")),
    "doctor": Scene(
        after("/doctor", "to look at"),
        environ={"PATH": str(TOOLS), "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        state=lambda: PROJECT.parent / "state",
        workspace=own_place("doctor"),
        prepare=with_ripgrep,
    ),
    "changes": Scene(changes_shown, CHANGES, settings=ALLOWED, workspace=own_place("changes")),
    "undone": Scene(undone, CHANGES, settings=ALLOWED, workspace=own_place("undone")),
    "undo-refused": Scene(
        undo_refused, CHANGES, settings=ALLOWED, workspace=own_place("undo-refused")
    ),
    "exported": Scene(
        exported,
        state=with_sessions_of("exported"),
        session=SessionWish(),
        workspace=own_place("exported"),
    ),
    "context": Scene(after("/context", "32,768")),
    "server": Scene(after("/server", "Which server")),
    "init": Scene(after("/init", "Write vtcode.toml?")),
    "completion": Scene(completed),
    "mention": Scene(
        mentioned,
        workspace=own_place("mention"),
        prepare=with_files("parser.py", "test_parser.py", "lines.py"),
    ),
    "thinking": Scene(
        thinks, (reply("", thinking="Where does the rest go?", hold=threading.Event()),)
    ),
    "command-runs": Scene(command_runs),
    "new-below": Scene(scrolled_up, (reply(LONG),)),
    "mistyped": Scene(mistyped),
    "trust": Scene(trust_asked, workspace=own_place("trust"), prepare=untrusted_project),
}
