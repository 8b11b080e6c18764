"""Makes the pictures in screenshots/ from the real app, run with the built-in model.

    .venv/bin/python scripts/screenshots.py

Needs the extra [embedded]. What the model says differs from run to run, so the pictures do too.
"""

from __future__ import annotations

import asyncio
import datetime
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.screen.scenes import screen_text, steady, wait_for  # noqa: E402
from vtcode_tui.config.launch import Launch  # noqa: E402
from vtcode_tui.config.load import load_config  # noqa: E402
from vtcode_tui.config.paths import cache_dir  # noqa: E402
from vtcode_tui.tui.app import VtcodeApp  # noqa: E402

PICTURES = ROOT / "screenshots"
SLOW_S = 180.0


def make_app(workspace: Path, home: Path, *, theme: str, model: str | None) -> VtcodeApp:
    import os

    environ = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return VtcodeApp(
        Launch(
            loaded=load_config(
                cli={"theme": theme, "model": model},
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
        )
    )


async def save(pilot: Pilot[int], name: str) -> None:
    for screen in pilot.app.screen_stack:
        steady(screen)
    await pilot.pause(0.3)
    pilot.app.save_screenshot(f"{name}.svg", path=str(PICTURES))
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


async def pick(pilot: Pilot[int]) -> None:
    """Pick the model and its effort by keys."""
    await wait_for(pilot, "ready · gemma3-tryout", timeout_s=SLOW_S)
    await pilot.press("ctrl+o")
    await wait_for(pilot, "1 installed", timeout_s=SLOW_S)
    if pilot.app.theme == "textual-dark":
        await save(pilot, "picker")
    await pilot.press("enter")
    await wait_for(pilot, "› none")
    await pilot.press("down", "enter")
    await wait_for(pilot, "effort medium")


async def session(pilot: Pilot[int]) -> None:
    """Pick the model, let it read a file, approve a command by mouse, then deny one."""
    await pick(pilot)
    await ask(pilot, "Read greet.py")
    await wait_for(pilot, "Thinking", timeout_s=SLOW_S)
    await save(pilot, "thinking")
    await wait_idle(pilot)
    await pilot.press("ctrl+t")
    await save(pilot, "answer")
    await pilot.press("ctrl+t")
    await approve_by_mouse(pilot)
    await deny(pilot)


async def approve_by_mouse(pilot: Pilot[int]) -> None:
    await ask(pilot, "Run ls")
    await wait_for(pilot, "ctrl+y approve once", timeout_s=SLOW_S)
    await save(pilot, "approval")
    await click(pilot, "Approve once")
    await wait_idle(pilot)
    await save(pilot, "approved")


async def deny(pilot: Pilot[int]) -> None:
    await ask(pilot, "Create hello.txt with hello")
    await wait_for(pilot, "ctrl+y approve once", timeout_s=SLOW_S)
    await save(pilot, "diff")
    await pilot.press("enter")
    await wait_idle(pilot)
    await save(pilot, "denied")


async def light(pilot: Pilot[int]) -> None:
    await pick(pilot)
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
        (project / "greet.py").write_text('def greet(name):\n    print("Hello, " + name)\n')
        shutil.copy(ROOT / "LICENSE", project)
        for theme, act in (("textual-dark", session), ("textual-light", light)):
            app = make_app(project, home, theme=theme, model=None)
            async with app.run_test(size=(100, 30), notifications=True) as pilot:
                await act(pilot)


if __name__ == "__main__":
    asyncio.run(main())
