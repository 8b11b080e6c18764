"""Rooms that stay liveable: how long a module, a function and a class of the program may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "vtcode_tui"
MAX_MODULE, MAX_FUNCTION, MAX_CLASS = 400, 60, 300
WIDGETS_OF_MANY_KEYS = {
    "Composer": 380,
    "TranscriptView": 380,
    "TranscriptPage": 380,
    "PromptDesk": 380,
}
"""Each does one thing by way of many short handlers. None may grow further."""


def too_long(path: Path) -> Iterator[str]:
    text = path.read_text()
    where = path.relative_to(PACKAGE)
    if (count := len(text.splitlines())) > MAX_MODULE:
        yield f"{where} has {count} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            limit = MAX_FUNCTION
        elif isinstance(node, ast.ClassDef):
            limit = WIDGETS_OF_MANY_KEYS.get(node.name, MAX_CLASS)
        else:
            continue
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        if count > limit:
            yield f"{where}:{node.lineno} {node.name} has {count} lines"


def test_no_room_is_too_large() -> None:
    assert [each for path in PACKAGE.rglob("*.py") for each in too_long(path)] == []
