"""Connects Attention to the app's terminal."""

from __future__ import annotations

from textual.app import App

from vtcode_tui.config.launch import Launch
from vtcode_tui.tui.attention import Attention


def attention_of(app: App[object], launch: Launch) -> Attention:
    """An opened Attention for the terminal of ``app``; without one, nothing is written."""

    def write(text: str) -> None:
        driver = app._driver
        if driver is not None and not app.is_headless and not app.is_web:
            driver.write(text)

    attention = Attention(
        write=write,
        is_in_front=lambda: app.app_focus,
        environ=launch.environ,
        notify=launch.loaded.settings.ui.notify,
        place=launch.workspace.name,
    )
    attention.open()
    return attention
