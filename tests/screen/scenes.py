"""Scenes of the real app for snapshots: the scripted server and the user's actions."""

from __future__ import annotations

import datetime
import shutil
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from textual import events
from textual.pilot import Pilot
from textual.widget import Widget

from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.screen.every_block import OPENED, every_kind_of_block
from tests.screen.held_sessions import state_with_sessions, state_without_room
from tests.screen.painted import painted_text
from vtcode_tui.config.launch import Launch, SessionWish
from vtcode_tui.config.load import load_config
from vtcode_tui.transcript.blocks import ToolCallBlock
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.chat_screen import ChatScreen
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.status_bar import Status, StatusBar
from vtcode_tui.tui.transcript_view import TranscriptView

MODEL = "qwen3:1.7b"

ANSWER = """\
The parser reads **one line at a time** and keeps what is left over:

```python
def split(self, received: bytes) -> list[bytes]:
    self._rest += received
    *lines, self._rest = self._rest.split(b"\\n")
    return lines
```

1. A chunk can end inside a line, so the rest waits.
2. An empty line is passed over.

| case | result |
|---|---|
| half a line | kept |
| two lines | both given |
"""
THINKING = (
    "The user wants to know how lines are split. I have read the file. A chunk may hold many "
    "lines or a part of one. I explain the rest that is kept."
)
SOURCE = 'def greet(name):\n    print("Hello, " + name)\n\n\ngreet("world")\n'
READ = reply(thinking="I look at the file.", calls=[("read_file", {"path": "greet.py"})])
EDIT = reply(
    calls=[
        (
            "edit_file",
            {
                "path": "greet.py",
                "old_text": 'print("Hello, " + name)',
                "new_text": 'print(f"Hello, {name}")',
            },
        )
    ]
)
COMMAND = reply(
    calls=[("run_terminal_cmd", {"command": "python -m pytest -q tests && rm -rf build dist"})]
)


PROJECT = Path("/tmp/vtcode-tui-scenes/project")
"""Fixed, since it is part of the snapshot."""


@dataclass
class SceneClock:
    """Stands still unless a scene advances it, so that no snapshot has a measured time."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def make_app(
    url: str,
    *,
    model: str | None,
    theme: str,
    state_dir: Path | None = None,
    session: SessionWish | None = None,
    ui: str = "",
    environ: Mapping[str, str] | None = None,
    settings: str = "",
    workspace: Path = PROJECT,
) -> VtcodeApp:
    """The app on a small project, with a fixed clock and date."""
    workspace.mkdir(parents=True, exist_ok=True)
    source = workspace / "greet.py"
    if not source.exists() or source.read_text() != SOURCE:
        source.write_text(SOURCE)
    # Which sandbox is available depends on the machine. Apps with other settings are made by other
    # processes at the same time.
    config = Path(tempfile.mkdtemp(prefix="vtcode-tui-config-"))
    (config / "vtcode.toml").write_text(f'[sandbox]\nmode = "off"\n[ui]\n{ui}\n{settings}\n')
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(workspace), **(environ or {})}
    launch = Launch(
        loaded=load_config(
            cli={"base_url": url, "model": model, "theme": theme},
            environ=environ,
            workspace=workspace,
            user_config_dir=config,
        ),
        workspace=workspace,
        environ=environ,
        cache_dir=Path(tempfile.mkdtemp(prefix="vtcode-tui-cache-")),
        state_dir=state_dir or Path(tempfile.mkdtemp(prefix="vtcode-tui-state-")),
        platform="Linux x86_64",
        use_embedded=False,
        clock=SceneClock(),
        today=lambda: datetime.date(2026, 1, 2),
        memory_bytes=16_000_000_000,
        session=session,
    )
    return VtcodeApp(launch)


def screen_text(pilot: Pilot[int]) -> str:
    """The screen's text as plain lines."""
    return painted_text(pilot.app)


async def wait_for(pilot: Pilot[int], wanted: str, *, timeout_s: float = 20.0) -> str:
    """Wait until ``wanted`` is on the screen; raise AssertionError with the screen on timeout."""
    import time

    end = time.monotonic() + timeout_s
    while wanted not in (screen := screen_text(pilot)):
        assert time.monotonic() < end, f"waited for {wanted!r}; screen:\n{screen}"
        await pilot.pause(0.005)
        move_on(pilot)
    return screen


def move_on(pilot: Pilot[int]) -> None:
    """Advance a scene's clock by a frame, which is less than any shown time."""
    app = pilot.app
    if isinstance(app, VtcodeApp) and isinstance(app.launch.clock, SceneClock):
        app.launch.clock.now += 0.002


async def send(pilot: Pilot[int], text: str) -> None:
    """Send a prompt or a command, faster than key by key."""
    pilot.app.screen.query_one(Composer).load_draft(text)
    await pilot.press("enter")


async def ask(pilot: Pilot[int], prompt: str) -> None:
    while "ready" not in (screen := screen_text(pilot)) or MODEL not in screen:
        await wait_for(pilot, MODEL)
    write(pilot, prompt)
    await pilot.press("enter")


def write(pilot: Pilot[int], text: str) -> None:
    """Put ``text`` into the prompt; key by key would take as long as the rest of the test."""
    pilot.app.screen.query_one(Composer).insert_typed_ahead(text)


async def settle(pilot: Pilot[int], wanted: str) -> None:
    """Wait for ``wanted`` and until everything is painted."""
    await wait_for(pilot, wanted)
    for _ in range(20):
        move_on(pilot)
        await pilot.pause(0.003)


async def turn_over(pilot: Pilot[int], wanted: str) -> None:
    """Wait for ``wanted`` and for everything that the end of a turn changes."""
    await wait_for(pilot, wanted)
    chat = pilot.app.screen_stack[0]
    assert isinstance(chat, ChatScreen)
    while chat.is_turn_running:
        move_on(pilot)
        await pilot.pause(0.02)
    await settle(pilot, wanted)


async def answered(pilot: Pilot[int]) -> None:
    await ask(pilot, "How are lines split?")
    await turn_over(pilot, "both given")


async def thinking_opened(pilot: Pilot[int]) -> None:
    await answered(pilot)
    await pilot.press("ctrl+t")
    await settle(pilot, "I have read the file")


async def worked(pilot: Pilot[int]) -> None:
    await ask(pilot, "Say hello better")
    await turn_over(pilot, "It greets")
    await settle(pilot, "200 tok/s")


async def worked_in_ascii(pilot: Pilot[int]) -> None:
    await ask(pilot, "Say hello better")
    await turn_over(pilot, "It greets")


async def asked_to_edit(pilot: Pilot[int]) -> None:
    await ask(pilot, "Say hello better")
    await may_answer(pilot)


async def asked_to_run(pilot: Pilot[int]) -> None:
    await ask(pilot, "Clean up")
    await may_answer(pilot)


async def may_answer(pilot: Pilot[int]) -> None:
    """Wait for the question and for the pause during which keys are held."""
    await settle(pilot, "keys are held")
    app = pilot.app
    assert isinstance(app, VtcodeApp)
    assert isinstance(app.launch.clock, SceneClock)
    app.launch.clock.now += 1
    await settle(pilot, "esc deny")


async def first_start(pilot: Pilot[int]) -> None:
    await settle(pilot, "4 installed")


async def effort(pilot: Pilot[int]) -> None:
    await settle(pilot, "4 installed")
    await pilot.press(*"qwen317", "enter")
    await settle(pilot, "Effort for")


async def any_id(pilot: Pilot[int]) -> None:
    await settle(pilot, "4 installed")
    await pilot.press(*"custom", "enter")
    await settle(pilot, "esc back")


async def no_server(pilot: Pilot[int]) -> None:
    await settle(pilot, "Try again")


async def idle(pilot: Pilot[int]) -> None:
    await settle(pilot, f"ready · {MODEL}")


async def started(pilot: Pilot[int]) -> None:
    await wait_for(pilot, MODEL)


async def failed(pilot: Pilot[int]) -> None:
    await ask(pilot, "Anything")
    await settle(pilot, "terminated")


async def broken_off(pilot: Pilot[int]) -> None:
    await ask(pilot, "Anything")
    await settle(pilot, "/retry")


async def read_through(pilot: Pilot[int]) -> None:
    """Blocks of every kind, two calls unfolded, scrolled to the beginning."""
    await idle(pilot)
    view = pilot.app.screen.query_one(TranscriptView)
    for event in every_kind_of_block():
        view.apply(event)
    await settle(pilot, "Interrupted")
    for each in view.page.views:
        if isinstance(each.block, ToolCallBlock) and each.block.name in OPENED:
            each.set_open(True)
    view.mark_changed(*range(len(view.page.views)))
    while not view.is_settled:
        move_on(pilot)
        await pilot.pause(0.02)
    view.action_scroll_home()
    await settle(pilot, "below")


async def found(pilot: Pilot[int]) -> None:
    await read_through(pilot)
    await pilot.press("ctrl+f")
    await settle(pilot, "Find")
    await pilot.press(*"parser")
    view = pilot.app.screen.query_one(TranscriptView)
    while view.finder is None or view.finder.query != "parser" or view.finder.current is None:
        await pilot.pause(0.02)
    await settle(pilot, "Find parser")


async def asked_to_open(pilot: Pilot[int]) -> None:
    await read_through(pilot)
    view = pilot.app.screen.query_one(TranscriptView)
    view.cursor = next(
        n for n, each in enumerate(view.page.views) if each.block is view.last_answer
    )
    view.action_open_link()
    await settle(pilot, "in the browser?")


async def helped(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await pilot.press("f1")
    await settle(pilot, "Commands and keys")


async def listed(pilot: Pilot[int]) -> None:
    await idle(pilot)
    await send(pilot, "/sessions")
    await settle(pilot, "Why does the parser")


async def asked_to_delete(pilot: Pilot[int]) -> None:
    await listed(pilot)
    await pilot.press("down", "ctrl+d")
    await settle(pilot, "Delete this session?")


async def resumed(pilot: Pilot[int]) -> None:
    await settle(pilot, "The app stopped here")
    await settle(pilot, f"ready · {MODEL}")


async def unsaved(pilot: Pilot[int]) -> None:
    await ask(pilot, "Anything")
    app = pilot.app
    assert isinstance(app, VtcodeApp)
    assert isinstance(app.launch.clock, SceneClock)
    for wanted in ("not saved", "The answer.", "ready · "):
        while wanted not in screen_text(pilot):
            app.launch.clock.now += 0.1  # No measured time in this snapshot.
            await pilot.pause(0.02)
    await pilot.pause(0.3)


async def prompts_waiting(pilot: Pilot[int]) -> None:
    """During a turn two prompts are queued, one is steering, and another is being written."""
    await ask(pilot, "How are lines split?")
    await wait_for(pilot, "● ")
    for prompt in ("Then run the tests", "And tell what they say"):
        write(pilot, prompt)
        await pilot.press("enter")
        await wait_for(pilot, f"queued     {prompt}")
    write(pilot, "Mind the empty lines")
    await pilot.press("ctrl+s")
    await wait_for(pilot, "next step  Mind")
    write(pilot, "Compare @greet.py with ")
    pilot.app.post_message(events.Paste("print('Hello')\n" * 40))
    await wait_for(pilot, "[Pasted text 1, 41 lines]")
    await wait_for(pilot, "loading model")
    app, since = pilot.app, chat_status(pilot).state_since
    assert isinstance(app, VtcodeApp)
    assert isinstance(app.launch.clock, SceneClock)
    assert since is not None
    app.launch.clock.now = since  # No measured time in this snapshot.
    await settle(pilot, "+ greet.py 62 B")


def chat_status(pilot: Pilot[int]) -> Status:
    return pilot.app.screen.query_one(StatusBar).status


async def own_command(pilot: Pilot[int]) -> None:
    """The user has run a command and is writing the next one."""
    await idle(pilot)
    write(pilot, "!wc -l greet.py; cat missing.py")
    await pilot.press("enter")
    await wait_for(pilot, "exit 1, 2 lines")
    write(pilot, "!ls")
    await settle(pilot, "outside the sandbox")


def with_sessions() -> Path:
    return state_with_sessions(PROJECT)


@dataclass(frozen=True)
class Scene:
    """A scene. ``replies`` are scripted on the server; with ``model`` None the picker opens."""

    act: Callable[[Pilot[int]], Awaitable[None]]
    replies: tuple[Reply, ...] = ()
    model: str | None = MODEL
    has_server: bool = True
    state: Callable[[], Path] | None = None
    session: SessionWish | None = None
    ui: str = ""
    """The content of the section [ui] of the configuration."""
    environ: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    """Further sections of the user's configuration."""
    workspace: Path = PROJECT
    """A workspace of its own if the scene writes files; it is recreated for each run."""
    prepare: Callable[[FakeOllama, Path], None] | None = None
    """Gets the server and the workspace before the app is created."""


SCENES: dict[str, Scene] = {
    "idle": Scene(idle),
    "answer": Scene(answered, (reply(ANSWER, thinking=THINKING),)),
    "thinking-open": Scene(thinking_opened, (reply(ANSWER, thinking=THINKING),)),
    "tools": Scene(worked, (READ, reply("It greets. *Nothing* to change."))),
    "approve-edit": Scene(asked_to_edit, (READ, EDIT)),
    "approve-command": Scene(asked_to_run, (COMMAND,)),
    "picker": Scene(first_start, model=None),
    "effort": Scene(effort, model=None),
    "any-id": Scene(any_id, model=None),
    "no-server": Scene(no_server, has_server=False),
    "error": Scene(failed, (reply(status=500, error="model runner has unexpectedly terminated"),)),
    "broken-off": Scene(
        broken_off, (reply("Half of an answer, and then no more of it.", cut_after=6),)
    ),
    "help": Scene(helped),
    "sessions": Scene(listed, state=with_sessions),
    "session-delete": Scene(asked_to_delete, state=with_sessions),
    "prompts-waiting": Scene(prompts_waiting, (reply("One ", head_hold=threading.Event()),)),
    "own-command": Scene(own_command),
    "session-resumed": Scene(resumed, state=with_sessions, session=SessionWish()),
    "blocks": Scene(read_through),
    "found": Scene(found),
    "link": Scene(asked_to_open),
    "not-saved": Scene(unsaved, (reply("The answer."),), state=state_without_room),
}


def app_for(scene: Scene, server: FakeOllama, theme: str) -> VtcodeApp:
    server.script(*scene.replies)
    if scene.workspace != PROJECT:
        shutil.rmtree(scene.workspace, ignore_errors=True)
        scene.workspace.mkdir(parents=True)
    if scene.prepare is not None:
        scene.prepare(server, scene.workspace)
    # An unreachable server's address is part of the snapshot, so it is fixed.
    url = server.url if scene.has_server else "http://127.0.0.1:9"
    state_dir = scene.state() if scene.state is not None else None
    return make_app(
        url,
        model=scene.model,
        theme=theme,
        state_dir=state_dir,
        session=scene.session,
        ui=scene.ui,
        environ=scene.environ,
        settings=scene.settings,
        workspace=scene.workspace,
    )


def steady(widget: Widget) -> None:
    """Stop blinking."""
    for area in widget.query("Composer, Input"):
        if hasattr(area, "cursor_blink"):
            area.cursor_blink = False
