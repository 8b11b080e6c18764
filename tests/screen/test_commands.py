"""Slash commands: recognising them, finding their actions and arguments."""

from __future__ import annotations

import pytest

from vtcode_tui.tui.commands import argument_of, find, is_command, nearest


@pytest.mark.parametrize(
    "text", ["/undo", " /undo ", "/UNDO", "/undo force", "/add-dir ../x y", "/nonsense", "/"]
)
def test_a_word_after_a_slash_is_a_command(text: str) -> None:
    assert is_command(text)


@pytest.mark.parametrize(
    "text",
    ["", "undo", "/home/user is full", "/etc/passwd", "/model is slow", "/undo force\nand go on",
     "/nonsense with words"],
)  # fmt: skip
def test_a_prompt_that_begins_with_a_slash_stays_a_prompt(text: str) -> None:
    assert not is_command(text)


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/undo", "undo", ""),
        ("/Undo  Force ", "undo", "Force"),
        ("/add-dir ../my project", "add-dir", "../my project"),
        ("/clear", "new", ""),
    ],
)
def test_a_command_is_found_with_its_argument(text: str, name: str, argument: str) -> None:
    command = find(text)
    assert command is not None
    assert (command.command, argument_of(text)) == (name, argument)


def test_an_unknown_command_is_not_found() -> None:
    assert find("/") is find("/nonsense") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/modle", "/model"),
        ("/Permision", "/permissions"),
        ("/frok", "/fork"),
        ("/ndo", "/undo"),
        ("/sess", "/sessions"),
        ("/eff", "/effort"),
        ("/foo", ""),
        ("/bar", ""),
        ("/settings", ""),
        ("/zzzz", ""),
        ("/", ""),
    ],
)
def test_only_a_similar_command_is_suggested_for_a_mistyped_one(text: str, name: str) -> None:
    assert nearest(text) == name
