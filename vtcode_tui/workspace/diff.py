"""Computes the difference between two texts as data. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vtcode_tui.conversation.results import DiffLine, FileDiff

CONTEXT_LINES = 3
NO_LAST_NEWLINE = "\\ No newline at end of file"
_MATCHED_LINES_LIMIT = 10_000
_Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]


def file_diff(path: str, old: str | None, new: str) -> FileDiff:
    """The change from ``old`` to ``new``; None as ``old`` is a file that does not exist yet.

    Lines are compared with their line ends. A line's text has none, except that the CR of a CR LF
    stays where the two texts do not agree on it. A last line without a line end is followed by a
    context line without numbers that says so. Texts with thousands of changed lines between the
    first and the last change are shown as removed and added whole.
    """
    old_lines = _split(old or "")
    new_lines = _split(new)
    opcodes = _opcodes(old_lines, new_lines)
    ends = _LineEnds(hide_cr=_all_crlf(old_lines) and _all_crlf(new_lines))
    hunks = tuple(
        tuple(_hunk_lines(group, old_lines, new_lines, ends)) for group in _grouped(opcodes)
    )
    changes = [code for code in opcodes if code[0] != "equal"]
    return FileDiff(
        path=path,
        hunks=hunks,
        added=sum(code[4] - code[3] for code in changes),
        removed=sum(code[2] - code[1] for code in changes),
        is_new_file=old is None,
    )


@dataclass(frozen=True, slots=True)
class _LineEnds:
    hide_cr: bool

    def strip(self, line: str) -> str:
        if self.hide_cr and line.endswith("\r\n"):
            return line[:-2]
        return line[:-1] if line.endswith("\n") else line


def _split(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    ended = [line + "\n" for line in lines]
    return [*ended, last] if last else ended


def _all_crlf(lines: Sequence[str]) -> bool:
    return all(line.endswith("\r\n") for line in lines if line.endswith("\n"))


def common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """The length of the common prefix, and of the common suffix of the rest."""
    head = 0
    shorter = min(len(old), len(new))
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _opcodes(old: list[str], new: list[str]) -> list[_Opcode]:
    """The steps from old to new; common ends are skipped before the slow matcher runs."""
    head, tail = common_ends(old, new)
    old_end, new_end = len(old) - tail, len(new) - tail
    codes: list[_Opcode] = [("equal", 0, head, 0, head)] if head else []
    codes += _middle_opcodes(old[head:old_end], new[head:new_end], head)
    if tail:
        codes.append(("equal", old_end, len(old), new_end, len(new)))
    return codes


def _middle_opcodes(old: list[str], new: list[str], offset: int) -> list[_Opcode]:
    if not old and not new:
        return []
    if len(old) + len(new) > _MATCHED_LINES_LIMIT:
        return [("replace", offset, offset + len(old), offset, offset + len(new))]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=True)
    return [
        (tag, i1 + offset, i2 + offset, j1 + offset, j2 + offset)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
    ]


def _grouped(codes: list[_Opcode]) -> list[list[_Opcode]]:
    """Runs of changes with at most CONTEXT_LINES equal lines around them."""
    groups: list[list[_Opcode]] = []
    group: list[_Opcode] = []
    for position, (tag, i1, i2, j1, j2) in enumerate(codes):
        if tag != "equal":
            group.append((tag, i1, i2, j1, j2))
            continue
        is_first, is_last = position == 0, position == len(codes) - 1
        if not is_first and not is_last and i2 - i1 <= 2 * CONTEXT_LINES:
            group.append((tag, i1, i2, j1, j2))
            continue
        if not is_first:
            kept = min(CONTEXT_LINES, i2 - i1)
            group.append((tag, i1, i1 + kept, j1, j1 + kept))
            groups.append(group)
            group = []
        if not is_last:
            kept = min(CONTEXT_LINES, i2 - i1)
            group = [(tag, i2 - kept, i2, j2 - kept, j2)]
    if any(code[0] != "equal" for code in group):
        groups.append(group)
    return groups


def _hunk_lines(
    group: list[_Opcode], old: list[str], new: list[str], ends: _LineEnds
) -> list[DiffLine]:
    lines: list[DiffLine] = []
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                _append(lines, DiffLine("context", i + 1, j + 1, ends.strip(old[i])), old[i])
            continue
        for i in range(i1, i2):
            _append(lines, DiffLine("removed", i + 1, None, ends.strip(old[i])), old[i])
        for j in range(j1, j2):
            _append(lines, DiffLine("added", None, j + 1, ends.strip(new[j])), new[j])
    return lines


def _append(lines: list[DiffLine], line: DiffLine, raw: str) -> None:
    lines.append(line)
    if not raw.endswith("\n"):
        lines.append(DiffLine("context", None, None, NO_LAST_NEWLINE))
