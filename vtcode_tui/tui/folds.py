"""Long pastes that appear in a prompt as a short mark until it is sent. No widget."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vtcode_tui.session.unsent import Fold

MARK = re.compile(r"\[Pasted text \d+, [\d,]+ (?:lines|characters)\]")

_MOST_LINES = 10
_MOST_CHARACTERS = 1_000


def is_long(text: str) -> bool:
    """Whether a paste is folded: more than 10 lines, or 1,000 characters."""
    return len(text) > _MOST_CHARACTERS or text.count("\n") >= _MOST_LINES


class Folds:
    """The texts behind the marks. A text stays when its mark is deleted, since undo may restore the
    mark."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def add(self, text: str) -> str:
        """A new mark for ``text``."""
        lines = text.count("\n") + 1
        count = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        mark = f"[Pasted text {len(self._texts) + 1}, {count}]"
        self._texts[mark] = text
        return mark

    def restore(self, folds: Iterable[Fold]) -> None:
        self._texts.update({fold.mark: fold.text for fold in folds})

    def in_text(self, text: str) -> tuple[Fold, ...]:
        """The folds whose marks occur in ``text``."""
        if not self._texts:
            return ()
        marks = dict.fromkeys(match.group() for match in MARK.finditer(text))
        return tuple(Fold(mark, self._texts[mark]) for mark in marks if mark in self._texts)

    def expand(self, text: str) -> str:
        """``text`` with each mark replaced by its text."""
        return MARK.sub(lambda match: self._texts.get(match.group(), match.group()), text)

    def spans(self, line: str) -> list[tuple[int, int]]:
        """The start and end of each mark in a line."""
        if "[Pasted text " not in line:
            return []
        found = (match for match in MARK.finditer(line) if match.group() in self._texts)
        return [match.span() for match in found]

    def forget(self) -> None:
        """Drop all texts: the prompt was sent."""
        self._texts.clear()
