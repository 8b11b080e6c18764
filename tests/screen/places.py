"""Runs the real app in a folder of its own with the settings that a test needs."""

from __future__ import annotations

import datetime
import functools
from pathlib import Path

from tests.screen.scenes import MODEL, SceneClock, screen_text, wait_for
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.load import load_config
from vtcode_tui.tui.app import VtcodeApp

__all__ = ["MODEL", "app_in", "screen_text", "wait_for"]


def app_in(
    place: Path, url: str, settings: str = "", *, model: str | None = MODEL, project: str = ""
) -> VtcodeApp:
    """The app. ``settings`` is the text of the user's vtcode.toml, ``project`` that of the
    folder's."""
    workspace, config = place / "work", place / "config"
    workspace.mkdir(exist_ok=True)
    config.mkdir(exist_ok=True)
    sandbox = "" if "[sandbox]" in settings else '[sandbox]\nmode = "off"\n'
    (config / "vtcode.toml").write_text(sandbox + settings, encoding="utf-8")
    if project:
        (workspace / "vtcode.toml").write_text(project, encoding="utf-8")
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(place)}

    load = functools.partial(
        load_config,
        cli={"base_url": url, "model": model},
        environ=environ,
        workspace=workspace,
        user_config_dir=config,
    )
    return VtcodeApp(
        Launch(
            loaded=load(),
            reload=load,
            workspace=workspace,
            environ=environ,
            cache_dir=place / "cache",
            state_dir=place / "state",
            platform="Linux x86_64",
            use_embedded=False,
            clock=SceneClock(),
            today=lambda: datetime.date(2026, 1, 2),
        )
    )
