"""Markdown that arrives in pieces: finished parts are cut off for good, the rest stays open.

``append`` takes text, ``pieces`` holds what is final, ``open_pieces`` what may still change.
The cuts do not depend on how the text was split over calls, so rendering the pieces of a stream
gives what rendering the whole text gives. Known exceptions, all of which keep the text readable:
a link whose target is defined further down; a paragraph over 4,000 characters that turns out to be
a heading underlined with ``---`` or ``===``; a line of more than 4,000 characters in a table. What
is cut off by force, so that nobody waits: a paragraph after 8,000 characters inside an emphasis
that does not end, a quote or indented code after 12,000, a list item after 64,000.

Also holds the bounds on hostile input: lines over 4,000 characters are folded; what is nested
deeper than the parser goes, and what comes after the first 200,000 characters, is shown as it is;
after 1,000,000 more characters or 20,000 more lines nothing is shown, which is said. Never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vtcode_tui.transcript.parsing import (
    References,
    SourceBlock,
    block_tokens,
    inline_tokens,
    is_too_deep,
    siblings,
)
from vtcode_tui.transcript.pieces import (
    FenceEnd,
    FenceLines,
    FenceStart,
    ListItemPiece,
    MarkdownPiece,
    ParagraphPart,
    Piece,
    PlainPiece,
    TableRows,
    TableStart,
)
from vtcode_tui.transcript.plain_rest import PlainRest
from vtcode_tui.transcript.source_lines import (
    Fence,
    LineAssembler,
    ends_blank,
    forced_end,
    join_lines,
    missing_end,
    split_lines,
)
from vtcode_tui.transcript.table_head import with_head_ruled

if TYPE_CHECKING:
    from markdown_it.token import Token

TABLE_SAMPLE = 16
"""Rows of a table that settle the widths of its columns."""
_LONG_PARAGRAPH = 4_000
_LONGEST_PART = 8_000
_LONGEST_OPEN = 12_000
_LONGEST_OPEN_ITEM = 64_000
_LINES_PER_PIECE = 64
_MOST_PARSED = 200_000

_HALF_MARKER = re.compile(r" {0,3}(?:[-=]+|[*+>]|#{1,6}|\d{1,9}[.)]?|`{1,2}|~{1,2}|[-*_ ]+)[ \t]*$")
_MAY_OPEN = re.compile(r"\*(?=\S)|(?<!\w)_(?=\S)|~~|`|\[|<")


@dataclass(frozen=True, slots=True)
class _Context:
    """Lines put before the tail when it is parsed, in place of what was cut off."""

    prefix: str = ""

    @property
    def line_count(self) -> int:
        return self.prefix.count("\n")


_NO_CONTEXT = _Context()
_IN_PARAGRAPH = _Context("x\n")


@dataclass(frozen=True, slots=True)
class _OpenList:
    """A list whose first items are cut off. ``gap`` says whether a blank line follows them."""

    kind: str
    next_ordinal: int | None
    gap: bool


class MarkdownStream:
    """A growing Markdown text. ``pieces`` is append-only."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.references: References = {}
        self.is_finished = False
        self._lines = LineAssembler()
        self._tail = ""
        self._fence: Fence | None = None
        self._context = _NO_CONTEXT
        self._list: _OpenList | None = None
        self._is_first = True
        self._was_forced = False
        self._parsed = 0
        self._plain: PlainRest | None = None

    def append(self, text: str) -> None:
        """Add source text; move what became final to ``pieces``."""
        lines = self._lines.append(text)
        if not lines:
            return
        if self._plain is None:
            lines = self._parse(lines)
        if self._plain is not None:
            self.pieces += self._plain.take(lines)

    def _parse(self, lines: str) -> str:
        """Cut what these lines finish; return the lines after the limit."""
        room = _MOST_PARSED - self._parsed
        end = len(lines) if len(lines) <= room else lines.find("\n", room) + 1
        self._parsed += end
        self._tail += lines[:end]
        is_over = self._parsed >= _MOST_PARSED
        self._cut(is_end=is_over)
        self._plain = PlainRest() if is_over else None
        return lines[end:]

    def finish(self) -> None:
        """The text has ended: everything becomes final."""
        if self.is_finished:
            return
        self.is_finished = True
        last = self._lines.finish()
        if self._plain is not None:
            self.pieces += [*self._plain.take(last), *self._plain.finish()]
            return
        self._tail += last
        self._cut(is_end=True)

    def open_pieces(self) -> list[Piece]:
        """The open part as provisional pieces, including its unfinished last line."""
        partial = self._lines.partial
        if self._plain is not None:
            return []
        if self._fence is not None:
            partial = "" if self._fence.may_close(partial) else partial
        elif _HALF_MARKER.match(partial):
            partial = ""
        if self.is_finished or not (self._tail or partial):
            return []
        if self._fence is None:
            partial = partial.rstrip("*_~") + missing_end(self._tail + partial.rstrip("*_~"))
            context = self._context.prefix
            return self._fork(with_head_ruled(context, self._tail, partial, self.references))
        return self._fork(self._tail + partial)

    def _fork(self, tail: str) -> list[Piece]:
        """The pieces if ``tail`` were the end of the text."""
        fork = MarkdownStream()
        fork.references = dict(self.references)
        fork._tail = tail
        fork._fence = self._fence
        fork._context = self._context
        fork._list = self._list
        fork._is_first = self._is_first
        fork._cut(is_end=True)
        return fork.pieces

    # --- cutting ------------------------------------------------------------------------------

    def _cut(self, *, is_end: bool) -> None:
        while self._tail.strip("\n"):
            if self._fence is not None:
                self._cut_fence(self._fence)
            elif not self._cut_blocks(is_end=is_end):
                break
        if is_end:
            self._tail = ""
            self._leave_context()
            if self._fence is not None:
                self._fence = None
                self.pieces.append(FenceEnd())

    def _cut_fence(self, fence: Fence) -> None:
        """Move the complete lines of the open code fence out of the tail."""
        lines = split_lines(self._tail)
        closing = next((n for n, line in enumerate(lines) if fence.closes(line)), None)
        self._add_fence_lines(fence, lines[:closing])
        self._tail = "" if closing is None else join_lines(lines[closing + 1 :])
        if closing is not None:
            self.pieces.append(FenceEnd())
            self._fence = None

    def _cut_blocks(self, *, is_end: bool) -> bool:
        """Cut finished blocks off the tail; return whether to check the rest again."""
        source = self._context.prefix + self._tail
        tokens = block_tokens(source, self.references)
        lines = split_lines(source)
        blocks = siblings(tokens, 0, len(tokens))
        if not blocks:
            self._tail = self._tail if len(self._tail) < _LONGEST_OPEN else ""
            return False
        for block in blocks:
            is_open = block is blocks[-1] and not is_end
            kept_from = self._take(block, tokens, lines, is_open=is_open)
            if self._was_forced:
                break
        if self._fence is not None or self._was_forced:
            self._was_forced = False
            self._tail = join_lines(lines[kept_from:])
            return True
        kept = lines[max(kept_from, self._context.line_count) :]
        self._tail = join_lines(kept) if not is_end else ""
        return False

    def _take(
        self, block: SourceBlock, tokens: list[Token], lines: list[str], *, is_open: bool
    ) -> int:
        """Move the final part of one block to the pieces; return the first line that is not final."""
        if block.type == "paragraph":
            return self._take_paragraph(block, lines, is_open=is_open)
        if block.type == "table":
            return self._take_table(block, lines, is_open=is_open)
        if self._context is _IN_PARAGRAPH and block.first_line == 0:
            block = SourceBlock(block.type, 1, block.end_line, block.first_token, block.end_token)
        if block.type == "fence":
            return self._take_fence(block, tokens[block.first_token].info, lines, is_open=is_open)
        if block.type in ("bullet_list", "ordered_list"):
            return self._take_list(block, tokens, lines, is_open=is_open)
        end = forced_end(lines, block.first_line, block.end_line, _LONGEST_OPEN)
        self._was_forced = end < block.end_line
        if is_open and not self._was_forced:
            return block.first_line
        source = join_lines(lines[block.first_line : end])
        if is_too_deep(tokens, block.first_token, block.end_token):
            self.pieces.append(PlainPiece(source, self._new_block()))
        else:
            self.pieces.append(MarkdownPiece(source, self._new_block()))
        return end

    def _new_block(self) -> bool:
        """Start another top-level block; return whether a gap precedes it."""
        self._leave_context()
        self._list = None
        gap = not self._is_first
        self._is_first = False
        return gap

    def _leave_context(self) -> None:
        if self._context is _IN_PARAGRAPH:
            self.pieces.append(ParagraphPart("", gap=False, is_last=True))
        self._context = _NO_CONTEXT

    # --- code ---------------------------------------------------------------------------------

    def _take_fence(
        self, block: SourceBlock, language: str, lines: list[str], *, is_open: bool
    ) -> int:
        fence = Fence.opened_by(lines[block.first_line])
        inner_end = block.end_line
        is_closed = inner_end - 1 > block.first_line and fence.closes(lines[inner_end - 1])
        words = language.split()
        self.pieces.append(FenceStart(words[0] if words else "", self._new_block()))
        if is_open and not is_closed:
            self._fence = fence
            return block.first_line + 1
        inner_end -= is_closed
        self._add_fence_lines(fence, lines[block.first_line + 1 : inner_end])
        self.pieces.append(FenceEnd())
        return block.end_line

    def _add_fence_lines(self, fence: Fence, lines: list[str]) -> None:
        inner = [fence.inner(line) for line in lines]
        self.pieces += [
            FenceLines(tuple(inner[start : start + _LINES_PER_PIECE]))
            for start in range(0, len(inner), _LINES_PER_PIECE)
        ]

    # --- lists --------------------------------------------------------------------------------

    def _take_list(
        self, block: SourceBlock, tokens: list[Token], lines: list[str], *, is_open: bool
    ) -> int:
        opening = tokens[block.first_token]
        kind = block.type + opening.markup
        is_continued = self._list is not None and self._list.kind == kind
        items = siblings(tokens, block.first_token + 1, block.end_token - 1)
        for item in items:
            end = forced_end(lines, item.first_line, item.end_line, _LONGEST_OPEN_ITEM)
            self._was_forced = end < item.end_line
            if is_open and item is items[-1] and not self._was_forced:
                return item.first_line
            number = tokens[item.first_token].info
            ordinal = int(number) if number.isdecimal() else None
            if is_continued and self._list is not None:
                gap, ordinal = self._list.gap, self._list.next_ordinal
            else:
                gap = self._new_block()
            is_continued = True
            source = join_lines(lines[item.first_line : end])
            self._list = _OpenList(
                kind, None if ordinal is None else ordinal + 1, ends_blank(source)
            )
            if is_too_deep(tokens, item.first_token, item.end_token):
                self.pieces.append(PlainPiece(source, gap))
            else:
                self.pieces.append(ListItemPiece(source, gap, ordinal))
            if self._was_forced:
                return end
        return block.end_line

    # --- tables -------------------------------------------------------------------------------

    def _take_table(self, block: SourceBlock, lines: list[str], *, is_open: bool) -> int:
        head = lines[block.first_line : block.first_line + 2]
        rows_from = block.first_line + 2
        is_continued = self._context.prefix == join_lines(head) and block.first_line == 0
        if not is_continued:
            row_count = block.end_line - rows_from
            if row_count <= TABLE_SAMPLE:
                if is_open:
                    return block.first_line
                source = join_lines(lines[block.first_line : block.end_line])
                self.pieces.append(MarkdownPiece(source, self._new_block()))
                return block.end_line
            rows_from += TABLE_SAMPLE
            source = join_lines(lines[block.first_line : rows_from])
            self.pieces.append(TableStart(source, self._new_block()))
        for start in range(rows_from, block.end_line, _LINES_PER_PIECE):
            rows = lines[start : min(start + _LINES_PER_PIECE, block.end_line)]
            self.pieces.append(TableRows(join_lines(head + rows)))
        self._context = _Context(join_lines(head)) if is_open else _NO_CONTEXT
        return block.end_line

    # --- paragraphs ---------------------------------------------------------------------------

    def _take_paragraph(self, block: SourceBlock, lines: list[str], *, is_open: bool) -> int:
        """A paragraph is final when another block starts; the beginning of a long one before that."""
        first = block.first_line
        if self._context is _IN_PARAGRAPH and first == 0:
            first = 1
        else:
            self._leave_context_for(block)
        while (count := self._long_head(lines[first : block.end_line])) > 0:
            source = join_lines(lines[first : first + count])
            self._add_paragraph_part(source, is_last=False)
            first += count
        if is_open:
            return first
        source = join_lines(lines[first : block.end_line])
        if self._context is _IN_PARAGRAPH:
            self._add_paragraph_part(source, is_last=True)
        else:
            self.pieces.append(MarkdownPiece(source, self._new_block()))
        return block.end_line

    def _leave_context_for(self, block: SourceBlock) -> None:
        if block.first_line > 0:
            self._leave_context()

    def _add_paragraph_part(self, source: str, *, is_last: bool) -> None:
        gap = False if self._context is _IN_PARAGRAPH else self._new_block()
        self._context = _NO_CONTEXT if is_last else _IN_PARAGRAPH
        self.pieces.append(ParagraphPart(source, gap, is_last))

    def _long_head(self, lines: list[str]) -> int:
        """How many lines of a long paragraph can be cut off, 0 for none.

        A cut is made at the first line end after 4,000 characters where no emphasis, code or link
        is open, and after 16,000 anywhere.
        """
        length = 0
        for count, line in enumerate(lines[:-1], start=1):
            length += len(line) + 1
            if length < _LONG_PARAGRAPH:
                continue
            if length >= _LONGEST_PART or self._is_closed_inline("\n".join(lines[:count])):
                return count
        return 0

    def _is_closed_inline(self, content: str) -> bool:
        if not _MAY_OPEN.search(content):
            return True
        tokens = inline_tokens(content, self.references)
        return not any(token.type == "text" and _MAY_OPEN.search(token.content) for token in tokens)
