"""What the first answer needs and start-up does not: parser, lexers. Safe to call in a thread."""

from __future__ import annotations

from vtcode_tui.transcript.markdown import MarkdownStream
from vtcode_tui.tui.blocks.code import CodeHighlighter
from vtcode_tui.tui.blocks.lines import wrap
from vtcode_tui.tui.blocks.markdown import MarkdownRenderer

_LANGUAGES = ("python", "bash", "json", "javascript")
_SAMPLE = "# a\n\n- *b* `c`\n\n| d |\n|---|\n| e |\n\n> [f](http://g.example)\n"


def warm_up() -> None:
    """Import and build what rendering an answer takes, so that the first one does not wait."""
    stream = MarkdownStream()
    stream.append(_SAMPLE)
    stream.finish()
    wrap([("é è", 0)], 2)
    renderer = MarkdownRenderer(80, stream.references)
    for piece in stream.pieces:
        renderer.render(piece)
    for language in _LANGUAGES:
        CodeHighlighter(language).line("x = 1")
