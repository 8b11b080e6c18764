"""Prepares what the first answer needs and the start does not: parser and lexers. Thread-safe."""

from __future__ import annotations

from vtcode_tui.transcript.markdown import MarkdownStream
from vtcode_tui.tui.blocks.code import CodeHighlighter
from vtcode_tui.tui.blocks.lines import wrap
from vtcode_tui.tui.blocks.markdown import MarkdownRenderer

_LANGUAGES = ("python", "bash", "json", "javascript")
_SAMPLE = "# a\n\n- *b* `c`\n\n| d |\n|---|\n| e |\n\n> [f](http://g.example)\n"


def warm_up() -> None:
    """Import and build what rendering an answer needs, so that the first answer does not wait for
    it."""
    stream = MarkdownStream()
    stream.append(_SAMPLE)
    stream.finish()
    wrap([("é è", 0)], 2)
    renderer = MarkdownRenderer(80, stream.references)
    for piece in stream.pieces:
        renderer.render(piece)
    for language in _LANGUAGES:
        CodeHighlighter(language).line("x = 1")
