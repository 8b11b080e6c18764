"""Parses JSON as models write it. Pure, linear in the text; raises ValueError if it is unreadable.

In addition to JSON it accepts line breaks in strings, trailing commas, up to three missing closing
brackets, and surplus ones. An unterminated string is not repaired: what was cut off is unknown.
"""

from __future__ import annotations

import json
import re

from vtcode_tui.ollama.strict_json import is_deeper, is_too_large, strict_decoder

DEPTH_CAP = 64

_MISSING_CAP = 3
_CLOSERS = {"{": "}", "[": "]"}
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+("|\\?\Z)|[{}\[\],]|[^"{}\[\],]++', re.DOTALL)
_REST = re.compile(r"[\s\]}]*+")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_DECODER = strict_decoder(takes_line_ends=True)


def loads(text: str) -> object:
    """The one value in ``text``. Raises ValueError, also if it is nested too deeply."""
    text = text.strip()
    try:
        value, end = read_value(text, 0)
    except ValueError:
        return _decoded(_mended(text))[0]
    if not _REST.fullmatch(text, end):
        raise ValueError("something follows the value")
    return value


def read_value(text: str, start: int) -> tuple[object, int]:
    """The value that begins at ``start``, and where it ends. Raises ValueError."""
    value, end = _decoded(text, start)
    if is_deeper(value, DEPTH_CAP):
        raise ValueError("it is nested too deep")
    return value, end


def _decoded(text: str, start: int = 0) -> tuple[object, int]:
    try:
        value, end = _DECODER.raw_decode(text, start)
        if _SURROGATE_ESCAPE.search(text, start, end):
            # Half a character can be neither sent nor shown.
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            value = _DECODER.decode(whole.decode("utf-16-le", "replace"))
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if is_too_large(value):
        raise ValueError("a number in it is too large")
    return value, end


def _mended(text: str) -> str:
    """``text`` with brackets and commas corrected. Raises ValueError if that would be a guess."""
    kept: list[str] = []
    still_open: list[str] = []
    missing = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token[0] == '"' and match.group(1) != '"':
            raise ValueError("a text in it never ends")
        if token in _CLOSERS:
            if len(still_open) >= DEPTH_CAP:
                raise ValueError("it is nested too deep")
            still_open.append(_CLOSERS[token])
        elif token in ("}", "]"):
            _drop_last_comma(kept)
            while still_open and still_open[-1] != token:
                kept.append(still_open.pop())
                missing += 1
            if not still_open:
                raise ValueError("a bracket closes nothing")
            still_open.pop()
        kept.append(token)
        if not still_open and token in ("}", "]"):
            if not _REST.fullmatch(text, match.end()):
                raise ValueError("something follows the value")
            break
    _drop_last_comma(kept)
    if missing + len(still_open) > _MISSING_CAP:
        raise ValueError("too many brackets are missing")
    return "".join(kept) + "".join(reversed(still_open))


def _drop_last_comma(kept: list[str]) -> None:
    while kept and kept[-1].isspace():
        kept.pop()
    if kept and kept[-1] == ",":
        kept.pop()
