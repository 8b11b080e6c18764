"""Renders the pieces of a Markdown answer as lines of a given width. Never raises.

A renderer gets the pieces in order and keeps state between them: the highlighter of an open fence,
the columns of a table, the last line of a long paragraph. ``fork`` makes a copy for the open part
of the answer, whose lines are not final.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from vtcode_tui.transcript.clean import clean_text
from vtcode_tui.transcript.parsing import (
    References,
    SourceBlock,
    block_tokens,
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
from vtcode_tui.transcript.source_lines import split_lines
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.code import CodeHighlighter
from vtcode_tui.tui.blocks.inline import inline_runs
from vtcode_tui.tui.blocks.lines import BLANK, Line, Run, cropped, hard_wrap, prefixed, wrap
from vtcode_tui.tui.blocks.records import RecordKeys, record_keys, render_records
from vtcode_tui.tui.blocks.tables import TableColumns, fit_columns, render_rows, table_rows

if TYPE_CHECKING:
    from markdown_it.token import Token

_BULLETS = ("•", "◦", "▪")
_QUOTE_BAR = ("▎ ", styles.FAINT)
_CODE_BAR = ("▎ ", styles.FAINT | styles.CODE_BACKGROUND)
_CODE_BAR_WRAPPED = ("┆ ", styles.FAINT | styles.CODE_BACKGROUND)
_TASKS = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}
_NARROWEST = 8
"""The least width for text, in cells; deeper lists and quotes are not indented further."""


class MarkdownRenderer:
    """Renders one answer at ``width`` cells.

    Code and tables that need more may use up to ``wide`` cells: text reads best in a narrow column,
    these read best unbroken.
    """

    def __init__(self, width: int, references: References, *, wide: int = 0) -> None:
        self._width = width
        self._extra_width = max(0, wide - width)
        self._references = references
        self._code = _Code("")
        self._table_layout: TableColumns | RecordKeys | None = None
        self._is_open = False
        self._carry: tuple[Run, ...] = ()

    def fork(self) -> MarkdownRenderer:
        """A copy that renders the part of the answer whose end may still change."""
        fork = copy.copy(self)
        fork._code = self._code.fork()
        fork._is_open = True
        return fork

    def render(self, piece: Piece) -> list[Line]:
        """Render the next piece."""
        match piece:
            case FenceLines(lines=texts):
                return self._code.lines(texts, self._width + self._extra_width)
            case FenceEnd():
                return []
            case ParagraphPart():
                return self._gap(piece.gap) + self._paragraph_part(piece)
            case TableRows(source=source):
                return self._more_rows(source)
            case MarkdownPiece() | TableStart():
                return self._gap(piece.gap) + self._document(piece.source, self._width)
            case ListItemPiece():
                return self._gap(piece.gap) + self._list_item_piece(piece)
            case PlainPiece():
                return self._gap(piece.gap) + self._plain(piece.source, self._width)
            case FenceStart(language=language):
                self._code = _Code(language)
                return self._gap(piece.gap) + _code_label(language, self._width)
            case _:
                assert_never(piece)

    def _gap(self, gap: bool) -> list[Line]:
        return [BLANK] if gap else []

    def _plain(self, source: str, width: int) -> list[Line]:
        return wrap([(clean_text("\n".join(split_lines(source))), styles.TEXT)], width)

    # --- continued pieces ---------------------------------------------------------------------

    def _paragraph_part(self, part: ParagraphPart) -> list[Line]:
        """Render all lines but the last, which the next part continues."""
        content = "\n".join(line.strip() for line in split_lines(part.source))
        runs = inline_runs(content, self._references)
        if self._carry and runs:
            runs = [*self._carry, (" ", styles.TEXT), *runs]
        elif not runs:
            runs = list(self._carry)
        lines = wrap(runs, self._width) if runs else []
        if part.is_last or not lines:
            self._carry = ()
            return lines
        self._carry = lines[-1].runs
        return lines[:-1]

    def _more_rows(self, source: str) -> list[Line]:
        layout = self._table_layout
        if layout is None:
            rows = "\n".join(source.split("\n")[2:])
            return self._plain(rows, self._width)
        rows_and_head, _ = table_rows(block_tokens(source, self._references), self._references)
        if isinstance(layout, RecordKeys):
            return render_records(rows_and_head[1:], layout, is_first=False)
        return render_rows(rows_and_head[1:], layout, has_head=False)

    # --- whole blocks -------------------------------------------------------------------------

    def _document(self, source: str, width: int) -> list[Line]:
        tokens = block_tokens(source, self._references)
        lines = split_lines(source)
        return self._blocks(tokens, 0, len(tokens), lines, width, 0)

    def _list_item_piece(self, piece: ListItemPiece) -> list[Line]:
        tokens = block_tokens(piece.source, self._references)
        blocks = siblings(tokens, 0, len(tokens))
        if not blocks or not blocks[0].type.endswith("_list"):
            return self._plain(piece.source, self._width)
        item = siblings(tokens, blocks[0].first_token + 1, blocks[0].end_token - 1)[0]
        lines = split_lines(piece.source)
        return self._list_item(tokens, item, lines, self._width, 0, piece.ordinal)

    def _blocks(
        self,
        tokens: Sequence[Token],
        start: int,
        end: int,
        source: Sequence[str],
        width: int,
        depth: int,
    ) -> list[Line]:
        """Render consecutive blocks. Inside a container a blank line is drawn where the source has
        one."""
        lines: list[Line] = []
        for block in siblings(tokens, start, end):
            if lines and _has_blank_before(block, source):
                lines.append(BLANK)
            lines += self._block(tokens, block, source, width, depth)
        return lines

    def _block(
        self,
        tokens: Sequence[Token],
        block: SourceBlock,
        source: Sequence[str],
        width: int,
        depth: int,
    ) -> list[Line]:
        first, end = block.first_token, block.end_token
        token = tokens[first]
        match block.type:
            case "paragraph":
                return wrap(inline_runs(tokens[first + 1].content, self._references), width)
            case "heading":
                return self._heading(token.tag, tokens[first + 1].content, width)
            case "fence" | "code_block":
                return _whole_code(token.info, token.content, width + self._extra_width)
            case "bullet_list" | "ordered_list":
                return self._list(tokens, block, source, width, depth)
            case "blockquote":
                bar = [_QUOTE_BAR] if width - 2 >= _NARROWEST else []
                inner = self._blocks(
                    tokens, first + 1, end - 1, source, width - 2 * len(bar), depth
                )
                return prefixed(inner, bar, bar)
            case "table":
                return self._table(tokens[first:end], source, block, width)
            case "hr":
                return [Line((("─" * min(width, 40), styles.FAINT),))]
            case _:
                return self._plain("\n".join(source[block.first_line : block.end_line]), width)

    def _heading(self, tag: str, content: str, width: int) -> list[Line]:
        attributes = {"h1": styles.BOLD | styles.UNDERLINE, "h2": styles.BOLD}.get(
            tag, styles.BOLD | styles.ITALIC
        )
        return wrap(inline_runs(content, self._references, styles.HEADING | attributes), width)

    def _list(
        self,
        tokens: Sequence[Token],
        block: SourceBlock,
        source: Sequence[str],
        width: int,
        depth: int,
    ) -> list[Line]:
        lines: list[Line] = []
        ordinal: int | None = None
        for item in siblings(tokens, block.first_token + 1, block.end_token - 1):
            number = tokens[item.first_token].info
            if ordinal is not None:
                ordinal += 1
            elif number.isdecimal():
                ordinal = int(number)
            if lines and _has_blank_before(item, source):
                lines.append(BLANK)
            lines += self._list_item(tokens, item, source, width, depth, ordinal)
        return lines

    def _list_item(
        self,
        tokens: Sequence[Token],
        item: SourceBlock,
        source: Sequence[str],
        width: int,
        depth: int,
        ordinal: int | None,
    ) -> list[Line]:
        if is_too_deep(tokens, item.first_token, item.end_token):
            return self._plain("\n".join(source[item.first_line : item.end_line]), width)
        marker = _BULLETS[min(depth, 2)] if ordinal is None else f"{ordinal}."
        marker = f"{marker:>2} " if ordinal is None else f"{marker:>3} "
        if width - len(marker) < _NARROWEST:
            marker = ""
        inner = self._blocks(
            tokens, item.first_token + 1, item.end_token - 1, source, width - len(marker), depth + 1
        )
        if inner and inner[0].runs and marker and ordinal is None:
            inner[0], task = _task_of(inner[0])
            marker = f"{task:>2} " if task else marker
        if not marker:
            return inner or [BLANK]
        first = (marker, styles.ACCENT)
        return prefixed(inner or [BLANK], [first], [(" " * len(marker), styles.TEXT)])

    def _table(
        self, tokens: Sequence[Token], source: Sequence[str], block: SourceBlock, width: int
    ) -> list[Line]:
        rows, alignments = table_rows(tokens, self._references)
        self._table_layout = None
        if not rows:
            return self._plain("\n".join(source[block.first_line : block.end_line]), width)
        is_growing = self._is_open and block.end_line >= len(source)
        complete_rows = max(1, len(rows) - 1) if is_growing else None
        columns = fit_columns(
            rows, alignments, width + self._extra_width, complete_rows=complete_rows
        )
        if columns is None:
            keys = self._table_layout = record_keys(rows[0], width)
            return render_records(rows[1:], keys, is_first=True)
        self._table_layout = columns
        return render_rows(rows, columns, has_head=True)


class _Code:
    """Code that may still grow: its highlighter, and the blank lines that have not been drawn yet."""

    __slots__ = ("_blanks", "_highlighter")

    def __init__(self, language: str) -> None:
        self._highlighter = CodeHighlighter(language)
        self._blanks = 0

    def fork(self) -> _Code:
        fork = _Code("")
        fork._highlighter = self._highlighter.fork()
        fork._blanks = self._blanks
        return fork

    def lines(self, texts: Sequence[str], width: int) -> list[Line]:
        """Render the next lines of code. Blank lines at the end of the code are not drawn."""
        lines: list[Line] = []
        for text in texts:
            runs = self._highlighter.line(clean_text(text))
            if not text.strip():
                self._blanks += 1
                continue
            lines += code_lines([], width) * self._blanks
            lines += code_lines(runs, width)
            self._blanks = 0
        return lines


def _whole_code(language: str, content: str, width: int) -> list[Line]:
    words = language.split()
    name = words[0] if words else ""
    return _code_label(name, width) + _Code(name).lines(split_lines(content), width)


def _code_label(language: str, width: int) -> list[Line]:
    """The line above a code block with its language; none if the language is unknown."""
    if not language:
        return []
    name = cropped(clean_text(language), width - 2)
    runs = (_CODE_BAR, (name, styles.MUTED | styles.ITALIC | styles.CODE_BACKGROUND))
    return [Line(runs, fill=styles.CODE_BACKGROUND, decor=len(runs))]


def code_lines(runs: Sequence[Run], width: int) -> list[Line]:
    """A line of code behind its bar, wrapped if too long; the bar marks continuation lines."""
    broken = hard_wrap(runs, width - 2)
    return [
        Line(
            (_CODE_BAR_WRAPPED if index else _CODE_BAR, *line.runs),
            styles.CODE_BACKGROUND,
            1,
            line.joint,
        )
        for index, line in enumerate(broken)
    ]


def _has_blank_before(block: SourceBlock, source: Sequence[str]) -> bool:
    before = block.first_line - 1
    return 0 <= before < len(source) and not source[before].strip(" >\t")


def _task_of(line: Line) -> tuple[Line, str]:
    """A task list item without its checkbox, and the checkbox glyph if it has one."""
    text, key = line.runs[0]
    box = _TASKS.get(text[:4], "")
    if not box:
        return line, ""
    return line._replace(runs=((text[4:], key), *line.runs[1:])), box
