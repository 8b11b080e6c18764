"""A transcript block with its cached lines for the current width. No widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vtcode_tui.transcript.blocks import (
    AnswerBlock,
    Block,
    ErrorBlock,
    NoticeBlock,
    PromptBlock,
    ThinkingBlock,
    ToolCallBlock,
    TurnEndBlock,
)
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.lines import Line, Run
from vtcode_tui.tui.blocks.rendering import (
    is_final,
    is_foldable,
    is_live,
    is_open_by_default,
    render_block,
)

if TYPE_CHECKING:
    import re

    from vtcode_tui.transcript.markdown import MarkdownStream
    from vtcode_tui.tui.blocks.markdown import MarkdownRenderer

_NO_GLYPH: Run = ("", styles.TEXT)


class BlockView:
    """A block's lines. ``height`` is exact if ``is_fresh``, otherwise an estimate.

    ``changed_from`` is the first line that the last rendering may have changed. ``final_renders``
    counts the renderings of finished parts: one for each width, fold state and search.
    """

    __slots__ = (
        "_final_lines",
        "_is_dirty",
        "_is_open",
        "_pieces_done",
        "_renderer",
        "block",
        "changed_from",
        "final_renders",
        "gap",
        "glyph",
        "glyph_on_all",
        "height",
        "lines",
        "pattern",
        "wide",
        "width",
    )

    def __init__(self, block: Block) -> None:
        self.block = block
        self.lines: list[Line] = []
        self.height = 0
        self.width = self.wide = 0
        self.gap = 0
        self.glyph = _NO_GLYPH
        self.glyph_on_all = False
        self.final_renders = 0
        self.changed_from = 0
        self.pattern: re.Pattern[str] | None = None
        self._is_open: bool | None = None
        self._is_dirty = True
        self._final_lines = 0
        self._pieces_done = 0
        self._renderer: MarkdownRenderer | None = None

    @property
    def is_open(self) -> bool:
        """Whether the block is unfolded, by the user or by default."""
        if self._is_open is not None:
            return self._is_open
        return is_open_by_default(self.block)

    @property
    def is_foldable(self) -> bool:
        return is_foldable(self.block)

    @property
    def is_live(self) -> bool:
        return is_live(self.block)

    @property
    def is_one_liner(self) -> bool:
        """Whether no blank line separates it from another such block."""
        return isinstance(self.block, ToolCallBlock | ThinkingBlock) and self.height <= 1

    def set_open(self, is_open: bool | None) -> None:
        """Fold or unfold; None restores the default."""
        was_open = self.is_open
        self._is_open = is_open
        if self.is_open != was_open:
            self._is_dirty = True

    def set_pattern(self, pattern: re.Pattern[str] | None) -> None:
        """Never leave out lines that contain ``pattern``."""
        self._is_dirty |= pattern != self.pattern
        self.pattern = pattern

    def mark_dirty(self) -> None:
        self._is_dirty = True

    def is_fresh(self, width: int, wide: int = 0) -> bool:
        return (self.width, self.wide) == (width, wide or width) and not self._is_dirty

    def estimate(self, width: int) -> None:
        """Estimate the height for another width without rendering."""
        if self.width == width:
            return
        if self.width and self.height:
            self.height = max(1, self.height * self.width // width)
        elif not self.height:
            self.height = max(1, _rough_height(self.block, width, self.is_open))

    @property
    def is_wide(self) -> bool:
        """Whether its lines may use the whole screen: code and output, no prose."""
        return isinstance(self.block, ToolCallBlock)

    @property
    def has_wide_parts(self) -> bool:
        """Whether code and tables in it may be wider than its text."""
        return isinstance(self.block, AnswerBlock)

    def render(
        self, width: int, now_s: float, has_time: Callable[[], bool], *, wide: int = 0
    ) -> bool:
        """Render until ``has_time`` returns False; return whether all lines are up to date.
        ``wide`` is the width in cells for code and tables of an answer."""
        if (width, wide or width) != (self.width, self.wide):
            self._reset(width, wide or width)
        if isinstance(self.block, AnswerBlock):
            done = self._render_answer(self.block, width, has_time)
        else:
            rendered = render_block(
                self.block, width, is_open=self.is_open, now_s=now_s, pattern=self.pattern
            )
            self.lines = rendered.lines
            self.glyph, self.glyph_on_all = rendered.glyph, rendered.glyph_on_all
            self.changed_from = 0
            self.final_renders += is_final(self.block)
            done = True
        self._is_dirty = not done
        self.height = len(self.lines)
        return done

    def _reset(self, width: int, wide: int) -> None:
        self.width, self.wide = width, wide
        self.lines = []
        self._final_lines = self._pieces_done = 0
        self._renderer = None

    def _render_answer(self, block: AnswerBlock, width: int, has_time: Callable[[], bool]) -> bool:
        stream = block.markdown
        if self._renderer is None:
            self._renderer = _new_renderer(width, self.wide, stream)
        del self.lines[self._final_lines :]
        self.changed_from = self._final_lines
        is_all_fed = False
        while not is_all_fed or self._pieces_done < len(stream.pieces):
            if self._pieces_done == len(stream.pieces):
                is_all_fed = block.advance()
            else:
                self.lines += self._renderer.render(stream.pieces[self._pieces_done])
                self._pieces_done += 1
                self.final_renders += 1
            if not has_time():
                break
        self._final_lines = len(self.lines)
        if not is_all_fed or self._pieces_done < len(stream.pieces):
            return False
        renderer = self._renderer.fork()
        for piece in stream.open_pieces():
            self.lines += renderer.render(piece)
        if stream.is_finished:
            self._renderer = None
        return True


def _new_renderer(width: int, wide: int, stream: MarkdownStream) -> MarkdownRenderer:
    """Create the renderer. Its module is imported with the first answer, since the first screen
    does not need it."""
    from vtcode_tui.tui.blocks.markdown import MarkdownRenderer

    return MarkdownRenderer(width, stream.references, wide=wide)


def _rough_height(block: Block, width: int, is_open: bool) -> int:
    match block:
        case AnswerBlock(text=buffer):
            text = buffer.text
            return text.count("\n") + len(text) // max(1, width)
        case PromptBlock(text=text) | NoticeBlock(text=text):
            return 1 + text.count("\n") + len(text) // max(1, width)
        case ToolCallBlock() | ThinkingBlock():
            return 10 if is_open else 1
        case ErrorBlock() | TurnEndBlock():
            return 1
