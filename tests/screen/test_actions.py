"""The table of actions, and everything that is generated from it."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path

import pytest

from vtcode_tui.tui.actions import ACTIONS, GROUPS, Action, key_words
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.chat_screen import ChatScreen
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.help_text import help_text
from vtcode_tui.tui.queue_view import QueueView
from vtcode_tui.tui.transcript_view import TranscriptView

ROOT = Path(__file__).parents[2]
DOERS = {
    "app": VtcodeApp,
    "chat": ChatScreen,
    "composer": Composer,
    "queue": QueueView,
    "transcript": TranscriptView,
}


def twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_action_has_a_method(action: Action) -> None:
    assert action.is_fixed or hasattr(DOERS[action.place], f"action_{action.name}")
    assert action.keys or action.command
    assert action.group in GROUPS


def test_names_commands_and_keys_are_unique() -> None:
    assert not twice([action.name for action in ACTIONS])
    assert not twice([name for each in ACTIONS for name in (each.command, *each.aliases) if name])
    assert not twice([f"{each.place} {key}" for each in ACTIONS for key in each.keys])


def test_the_documentation_lists_every_action() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "docs_actions.py"))
    page = script["PAGE"].read_text(encoding="utf-8")
    # Out of date? Run: .venv/bin/python scripts/docs_actions.py
    assert script["with_section"](page) == page


def test_the_help_lists_every_action() -> None:
    text = help_text(ACTIONS, 100).plain
    for action in ACTIONS:
        assert action.description in text
        assert action.slash in text


@pytest.mark.parametrize(
    ("key", "words"),
    [("ctrl+o", "Ctrl+O"), ("f1", "F1"), ("shift+tab", "Shift+Tab"), ("y", "y"), ("pageup", "PgUp"),
     ("question_mark", "?")],
)  # fmt: skip
def test_keys_are_formatted_for_people(key: str, words: str) -> None:
    assert key_words(key) == words
