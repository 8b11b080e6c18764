"""Renders inline Markdown of a paragraph, heading or cell as runs. Pure, never raises.

Nothing becomes clickable or is fetched: a link shows its text and its target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtcode_tui.transcript.clean import clean_text
from vtcode_tui.transcript.parsing import References, inline_tokens
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.lines import Run

if TYPE_CHECKING:
    from markdown_it.token import Token

_WEB = ("http://", "https://")
_ATTRIBUTE = {"em": styles.ITALIC, "strong": styles.BOLD, "s": styles.STRIKE}


def inline_runs(content: str, references: References, key: int = styles.TEXT) -> list[Run]:
    """Render the inline Markdown of ``content`` in the style ``key``. Line feeds are hard breaks."""
    runs: list[Run] = []
    attributes = 0
    link_start, target = 0, ""
    for token in inline_tokens(content, references):
        kind = token.type
        if kind in ("text", "text_special"):
            if token.content:
                runs.append((clean_text(token.content), key | attributes))
        elif kind == "softbreak":
            runs.append((" ", key | attributes))
        elif kind == "hardbreak":
            runs.append(("\n", key | attributes))
        elif kind == "code_inline":
            code = clean_text(token.content).replace("\n", " ")
            runs.append(
                (code, _with_role(key, styles.INLINE_CODE) | styles.CODE_BACKGROUND | attributes)
            )
        elif kind == "link_open":
            link_start, target = len(runs), str(token.attrs.get("href", ""))
        elif kind == "link_close":
            _show_target(runs, link_start, clean_text(target), key)
        elif kind == "image":
            runs.append((_image_text(token), _with_role(key, styles.MUTED)))
        elif token.nesting == 1:
            attributes |= _ATTRIBUTE.get(kind.removesuffix("_open"), 0)
        elif token.nesting == -1:
            attributes &= ~_ATTRIBUTE.get(kind.removesuffix("_close"), 0)
        elif token.content:
            runs.append((clean_text(token.content), key | attributes))
    return runs


def _with_role(key: int, role: int) -> int:
    return (key & ~styles.ROLE_MASK) | role


def _show_target(runs: list[Run], start: int, target: str, key: int) -> None:
    """Style a link's text, and append its target unless the text is the same."""
    text = "".join([run for run, _ in runs[start:]])
    if target.startswith(_WEB):
        runs[start:] = [
            (run, _with_role(style, styles.LINK) | styles.UNDERLINE) for run, style in runs[start:]
        ]
    if target and target.removeprefix("mailto:").rstrip("/") != text.rstrip("/"):
        runs.append((f" ({target})", _with_role(key, styles.MUTED)))


def _image_text(token: Token) -> str:
    alternative = clean_text(token.content).replace("\n", " ")
    target = clean_text(str(token.attrs.get("src", "")))
    return f"[image: {alternative or target}]"
