"""Warnings about unknown names, with the nearest known one. Pure.

Imported only if there is something to warn about.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from vtcode_tui.config.keys import KeyPath, dotted, key_table, shown
from vtcode_tui.config.layers import Origin
from vtcode_tui.config.policies import KNOWN_TOOLS, OPTIONAL_TOOLS
from vtcode_tui.config.positions import Positions

MAX_WARNINGS = 20
_MAX_NAME = 60


def unknown_key_warnings(
    paths: Sequence[KeyPath], file: Path, positions: Positions
) -> tuple[str, ...]:
    """One warning for each path with the nearest valid key; past MAX_WARNINGS one for the rest."""
    warnings = [_key_warning(path, file, positions) for path in paths[:MAX_WARNINGS]]
    if len(paths) > MAX_WARNINGS:
        warnings.append(f"{file}: {len(paths) - MAX_WARNINGS} more unknown keys are ignored.")
    return tuple(warnings)


def unknown_tool_warnings(
    values: Mapping[KeyPath, object], origins: Mapping[KeyPath, Origin]
) -> tuple[str, ...]:
    """One warning for each policy of an unknown tool, at most MAX_WARNINGS."""
    warnings: list[str] = []
    for path in values:
        if (
            path[:2] != ("tools", "policies")
            or len(path) < 3
            or path[2] in (*KNOWN_TOOLS, *OPTIONAL_TOOLS)
        ):
            continue
        near = _nearest(path[2], KNOWN_TOOLS)
        hint = f"did you mean {near}?" if near else f"the tools are {', '.join(KNOWN_TOOLS)}."
        warnings.append(f"{origins[path].describe()}: there is no tool {shown(path[2:])}; {hint}")
        if len(warnings) == MAX_WARNINGS:
            break
    return tuple(warnings)


def nearest_key(path: KeyPath) -> KeyPath | None:
    """The known key or table nearest to ``path``.

    A key of the same table is preferred, then the same name in another table.
    """
    table = key_table()
    known = [*table.keys, *sorted(table.tables)]
    neighbours = {each[-1]: each for each in reversed(known) if each[:-1] == path[:-1]}
    near = _nearest(path[-1], tuple(neighbours))
    if near is not None:
        return neighbours[near]
    leaves = {each[-1]: each for each in reversed(known)}
    near = _nearest(path[-1], tuple(leaves))
    return leaves[near] if near is not None else None


def _key_warning(path: KeyPath, file: Path, positions: Positions) -> str:
    line = positions.line_of(path)
    place = f"{file}, line {line}" if line else f"{file}"
    return f"{place}: unknown key {shown(path)} is ignored; {_hint(path)}"


def _hint(path: KeyPath) -> str:
    near = nearest_key(path)
    if near is not None:
        return f"did you mean {dotted(near)}?"
    table = key_table()
    here = path[:-1]
    names = [dotted(key) for key in (*table.keys, *sorted(table.tables)) if key[:-1] == here]
    where = f"[{dotted(here)}] knows" if here else "the tables are"
    return f"{where} {', '.join(dict.fromkeys(names))}."


def _nearest(name: str, known: Sequence[str]) -> str | None:
    if len(name) > _MAX_NAME:
        return None
    plain = name.lower().replace("-", "_")
    found = difflib.get_close_matches(plain, known, n=1)
    return found[0] if found else None
