"""How long a module, a function and a class of the program may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "vtcode_tui"
MAX_MODULE, MAX_FUNCTION, MAX_CLASS = 400, 60, 300


def too_long(path: Path) -> Iterator[str]:
    text = path.read_text()
    where = path.relative_to(PACKAGE)
    if (count := len(text.splitlines())) > MAX_MODULE:
        yield f"{where} has {count} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            limit = MAX_FUNCTION
        elif isinstance(node, ast.ClassDef):
            limit = MAX_CLASS
        else:
            continue
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        if count > limit:
            yield f"{where}:{node.lineno} {node.name} has {count} lines"


def test_no_module_function_or_class_is_too_long() -> None:
    assert [each for path in PACKAGE.rglob("*.py") for each in too_long(path)] == []
