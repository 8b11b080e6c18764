"""Every error of the program that a user reads says what happened, why, and what to do now."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from vtcode_tui import errors

PACKAGE = Path(__file__).parents[2] / "vtcode_tui"
READ_BY_USERS = ("agent", "config", "embedded", "headless", "ollama", "session", "tui", "web")
"""What ``tools`` and ``workspace`` raise is mostly read by the model, which needs no command."""
ELSEWHERE = ("agent/attaching.py", "headless/json_request.py")
"""What becomes of the prompt is said where the first are shown; the others have the cause in the
sentence."""
KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.VtcodeError)
}


def without_a_part(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        parts = {each.arg for each in node.keywords}
        if node.func.id in KINDS and None not in parts and not {"why", "advice"} <= parts:
            yield f"{path.relative_to(PACKAGE)}:{node.lineno}"


def test_no_error_is_without_a_cause_and_a_way_on() -> None:
    files = [path for name in READ_BY_USERS for path in (PACKAGE / name).rglob("*.py")]
    found = [each for path in files for each in without_a_part(path)]
    assert [each for each in found if not each.startswith(ELSEWHERE)] == []
