"""Lines of Markdown source as they arrive: cleaned, folded if too long, fences recognised. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vtcode_tui.transcript.clean import clean_prose

MAX_LINE = 4_000
"""Characters after which a line is folded."""

_FOLD_AT = re.compile(r" (?=[^\W\d_])")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class LineAssembler:
    """Assembles text into complete lines; ``partial`` is the incomplete last one."""

    __slots__ = ("_before", "_held_return", "partial")

    def __init__(self) -> None:
        self.partial = ""
        self._held_return = False
        self._before = ""

    def append(self, text: str) -> str:
        """Add text; return the lines that it completes, each with its line feed."""
        if self._held_return:
            text = "\r" + text
        self._held_return = text.endswith("\r")
        if self._held_return:
            text = text[:-1]
        before, self._before = self._before, text[-1:] or self._before
        text = self.partial + _clean_source(text, before)
        head, newline, self.partial = text.rpartition("\n")
        lines = _fold(head) + newline
        if len(self.partial) > MAX_LINE:
            folded, _, self.partial = _fold(self.partial).rpartition("\n")
            lines += folded + "\n"
        return lines

    def finish(self) -> str:
        """The last line, which had no line feed."""
        last = self.partial + ("␍" if self._held_return else "")
        self.partial = ""
        self._held_return = False
        return last


@dataclass(frozen=True, slots=True)
class Fence:
    """An open code fence: its marker, such as ````` ``` `````, and how far it is indented."""

    marker: str
    indent: int

    @classmethod
    def opened_by(cls, line: str) -> Fence:
        match = _FENCE.match(line)
        marker = match.group(1) if match else "```"
        return cls(marker, len(line) - len(line.lstrip(" ")))

    def closes(self, line: str) -> bool:
        text = line.strip(" \t")
        if len(text) < len(self.marker) or text.strip(self.marker[0]):
            return False
        return len(line) - len(line.lstrip(" ")) <= 3

    def may_close(self, partial: str) -> bool:
        """Whether the unfinished line could still become the closing fence."""
        return not partial.strip(" \t").strip(self.marker[0])

    def inner(self, line: str) -> str:
        """``line`` without the indentation of the opening fence."""
        margin = min(self.indent, len(line) - len(line.lstrip(" ")))
        return line[margin:]


def split_lines(source: str) -> list[str]:
    """The lines of ``source``; a line feed at its end starts no further line."""
    lines = source.split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def join_lines(lines: list[str]) -> str:
    """The lines as source, each with its line feed."""
    return "\n".join(lines) + "\n" if lines else ""


def missing_end(source: str) -> str:
    """The closing marker of code or strong text that is still being written, so that it shows as
    such."""
    paragraph = source.rpartition("\n\n")[2]
    if "```" in paragraph or "~~~" in paragraph or paragraph.endswith("\n"):
        return ""
    if paragraph.count("`") % 2:
        return "" if paragraph.endswith("`") else "`"
    outside_code = "".join(paragraph.split("`")[::2])
    is_open = outside_code.count("**") % 2 and paragraph[-1:] not in ("*", " ")
    return "**" if is_open else ""


def forced_end(lines: list[str], first: int, end: int, longest: int) -> int:
    """``end``, or an earlier line at which a too long block must be cut."""
    length = 0
    for number in range(first, end - 1):
        length += len(lines[number]) + 1
        if length >= longest:
            return number + 1
    return end


def ends_blank(source: str) -> bool:
    """Whether the last line of ``source`` is blank."""
    return source.endswith("\n\n") or not source.rstrip("\n").rpartition("\n")[2].strip()


def _clean_source(text: str, before: str) -> str:
    """The text cleaned except for tabs, which the parser needs."""
    if "\t" not in text:
        return clean_prose(text, before)
    first, *others = text.split("\t")
    return "\t".join([clean_prose(first, before), *map(clean_prose, others)])


def _fold(text: str) -> str:
    if len(text) <= MAX_LINE:
        return text
    lines = text.split("\n")
    return "\n".join([_fold_line(line) if len(line) > MAX_LINE else line for line in lines])


def _fold_line(line: str) -> str:
    """Break before a word, since a line that begins with a letter starts no other block."""
    parts: list[str] = []
    start = 0
    while len(line) - start > MAX_LINE:
        cut = start + MAX_LINE
        for match in _FOLD_AT.finditer(line, start + MAX_LINE // 2, cut):
            cut = match.end()
        parts.append(line[start:cut])
        start = cut
    parts.append(line[start:])
    return "\n".join(parts)
