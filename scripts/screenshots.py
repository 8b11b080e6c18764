"""Makes the pictures in screenshots/ from the real app, run with the built-in model.

    .venv/bin/python scripts/screenshots.py

Needs the extra [embedded]. What the model says differs from run to run, so the pictures do too. In
the film, time that passes without a change is shortened; nothing else is.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from terminal_svg import Shot, film, picture, shot  # noqa: E402

from tests.screen.scenes import screen_text, steady, wait_for  # noqa: E402
from vtcode_tui.config.launch import Launch  # noqa: E402
from vtcode_tui.config.load import load_config  # noqa: E402
from vtcode_tui.config.paths import cache_dir  # noqa: E402
from vtcode_tui.tui.app import VtcodeApp  # noqa: E402

PICTURES = ROOT / "screenshots"
SLOW_S = 180.0
KEY_S, FRAME_S, STILL_S = 0.06, 0.12, 0.6
GREET = 'def greet(name):\n    print("Hello, " + name)\n'


def make_app(workspace: Path, home: Path, *, theme: str) -> VtcodeApp:
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    return VtcodeApp(
        Launch(
            loaded=load_config(
                cli={"theme": theme},
                environ=environ,
                workspace=workspace,
                user_config_dir=home / "config",
            ),
            workspace=workspace,
            environ=environ,
            cache_dir=cache_dir(dict(os.environ), sys.platform),
            state_dir=home / "state",
            platform="Linux x86_64",
            use_embedded=True,
            clock=time.monotonic,
            today=datetime.date.today,
            now=lambda: datetime.datetime.now().astimezone(),
        )
    )


class Film:
    """Shots of one app, each with the seconds that it is shown."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self._pilot = pilot
        self.shots: list[tuple[Shot, float]] = []

    def take(self, seconds: float, *, at_most_s: float = STILL_S) -> None:
        """What is on the screen now. While only the status line changes, time is shortened."""
        taken = shot(self._pilot.app)
        if self.shots and self.shots[-1][0].rows[:-1] == taken.rows[:-1]:
            seconds = min(self.shots.pop()[1] + seconds, max(at_most_s, seconds))
        self.shots.append((taken, seconds))

    async def hold(self, seconds: float) -> None:
        await still(self._pilot)
        self.take(seconds, at_most_s=seconds)

    async def type(self, text: str) -> None:
        for letter in text:
            await self._pilot.press(letter)
            await self._pilot.pause()
            self.take(KEY_S)

    async def until(self, wanted: str) -> None:
        end = time.monotonic() + SLOW_S
        while wanted not in (screen := screen_text(self._pilot)):
            if time.monotonic() > end:
                raise AssertionError(f"waited for {wanted!r}; screen:\n{screen}")
            await self._pilot.pause(FRAME_S)
            self.take(FRAME_S)


async def still(pilot: Pilot[int]) -> None:
    for screen in pilot.app.screen_stack:
        steady(screen)
    await pilot.pause(0.4)


async def save(pilot: Pilot[int], name: str) -> None:
    await still(pilot)
    (PICTURES / f"{name}.svg").write_text(picture(shot(pilot.app), title=f"vtcode-tui: {name}"))
    print(f"screenshots/{name}.svg")


async def ask(pilot: Pilot[int], prompt: str) -> None:
    await pilot.press(*prompt, "enter")


async def wait_idle(pilot: Pilot[int]) -> None:
    await wait_for(pilot, "○ ready", timeout_s=SLOW_S)


async def click(pilot: Pilot[int], text: str) -> None:
    """A real mouse click on a text of the screen."""
    for row, line in enumerate(screen_text(pilot).split("\n")):
        column = line.find(text)
        if column >= 0:
            await pilot.click(offset=(column + 2, row))
            return
    raise AssertionError(f"{text!r} is not on the screen")


async def whole_film(pilot: Pilot[int]) -> None:
    """Pick the model, let it read a file, and approve what it writes."""
    await wait_for(pilot, "ready · gemma3-tryout", timeout_s=SLOW_S)
    tape = Film(pilot)
    await tape.hold(1.5)
    await pilot.press("ctrl+o")
    await wait_for(pilot, "1 installed", timeout_s=SLOW_S)
    await tape.hold(1.8)
    await save(pilot, "picker")
    await pilot.press("enter")
    await wait_for(pilot, "› medium")
    await tape.hold(0.8)
    await pilot.press("enter")
    await wait_for(pilot, "effort medium")
    await tape.hold(0.8)
    await tape.type("Read greet.py")
    await pilot.press("enter")
    await tape.until("○ ready")
    await tape.hold(2.0)
    await tape.type("Create hello.txt with hello")
    await pilot.press("enter")
    await tape.until("ctrl+y approve once ·")
    await tape.hold(2.5)
    await click(pilot, "Approve once")
    await tape.until("○ ready")
    await tape.hold(4.0)
    (PICTURES / "film.svg").write_text(film(tape.shots, title="vtcode-tui"))
    print(f"screenshots/film.svg, {sum(seconds for _, seconds in tape.shots):.0f} s")


async def thinking_and_answer(pilot: Pilot[int]) -> None:
    await pilot.press(*"/new", "enter")
    await wait_for(pilot, "Ask about the code", timeout_s=SLOW_S)
    await ask(pilot, "Read greet.py")
    await wait_for(pilot, "Thinking", timeout_s=SLOW_S)
    await save(pilot, "thinking")
    await wait_idle(pilot)
    await pilot.press("ctrl+t")
    await save(pilot, "answer")
    await pilot.press("ctrl+t")


async def approve_by_mouse(pilot: Pilot[int]) -> None:
    await ask(pilot, "Run ls")
    await wait_for(pilot, "ctrl+y approve once", timeout_s=SLOW_S)
    await save(pilot, "approval")
    await click(pilot, "Approve once")
    await wait_idle(pilot)
    await save(pilot, "approved")


async def deny(pilot: Pilot[int]) -> None:
    await ask(pilot, "Create bye.txt with bye")
    await wait_for(pilot, "ctrl+y approve once", timeout_s=SLOW_S)
    await save(pilot, "diff")
    await pilot.press("enter")
    await wait_idle(pilot)
    await save(pilot, "denied")


async def lists(pilot: Pilot[int]) -> None:
    """What is listed while one types, and on request: commands, sessions, help."""
    await pilot.press(*"/se")
    await wait_for(pilot, "/sessions")
    await save(pilot, "commands")
    await pilot.press(*"ssions", "enter")
    await wait_for(pilot, "enter open")
    await save(pilot, "sessions")
    await pilot.press("escape", "f1")
    await wait_for(pilot, "Commands and keys")
    await save(pilot, "help")
    await pilot.press("escape")


async def chip(pilot: Pilot[int]) -> None:
    """A path that is completed, and the file that goes along with the prompt."""
    await pilot.press(*"What does @gre")
    await wait_for(pilot, "› greet.py")
    await save(pilot, "completion")
    await pilot.press("tab", *"do?")
    await wait_for(pilot, "@greet.py do?")
    await save(pilot, "composer")
    await pilot.press("ctrl+u")


async def dark(pilot: Pilot[int]) -> None:
    await whole_film(pilot)
    await thinking_and_answer(pilot)
    await approve_by_mouse(pilot)
    await deny(pilot)
    await chip(pilot)
    await lists(pilot)


async def light(pilot: Pilot[int]) -> None:
    await wait_for(pilot, "ready · gemma3-tryout", timeout_s=SLOW_S)
    await ask(pilot, "Read greet.py")
    await wait_for(pilot, "✓ read_file", timeout_s=SLOW_S)
    await wait_idle(pilot)
    await save(pilot, "light")


async def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as directory:
        home = Path(directory)
        project = home / "hello"
        project.mkdir()
        (project / "greet.py").write_text(GREET)
        shutil.copy(ROOT / "LICENSE", project)
        for theme, act in (("textual-dark", dark), ("textual-light", light)):
            app = make_app(project, home, theme=theme)
            async with app.run_test(size=(100, 30), notifications=True) as pilot:
                await act(pilot)


if __name__ == "__main__":
    asyncio.run(main())
