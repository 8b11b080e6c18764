"""The part of an answer after the limit of parsing: a bounded number of plain lines."""

from __future__ import annotations

from vtcode_tui.transcript.pieces import Piece, PlainPiece
from vtcode_tui.transcript.source_lines import join_lines, split_lines

_MOST_CHARACTERS = 1_000_000
_MOST_LINES = 20_000
_LINES_PER_PIECE = 64


class PlainRest:
    """Converts complete lines to plain pieces up to a limit, and counts the rest."""

    def __init__(self) -> None:
        self._characters = 0
        self._lines = 0
        self._omitted = 0

    def take(self, source: str) -> list[Piece]:
        self._characters += len(source)
        lines = split_lines(source) if source else []
        if self._characters > _MOST_CHARACTERS or self._lines > _MOST_LINES:
            self._omitted += len(source)
            return []
        self._lines += len(lines)
        return [
            PlainPiece(join_lines(lines[start : start + _LINES_PER_PIECE]), gap=False)
            for start in range(0, len(lines), _LINES_PER_PIECE)
        ]

    def finish(self) -> list[Piece]:
        if not self._omitted:
            return []
        return [PlainPiece(f"⋯ {self._omitted:,} characters not shown\n", gap=True)]
