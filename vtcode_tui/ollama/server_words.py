"""Extracts the message from a server's error body: JSON, nested JSON, or a gateway's web page.
Pure, never raises."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from vtcode_tui.ollama.amounts import duration_words

_WORDS_CAP = 500
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")
_PAGE_TITLE = re.compile(r"<title>\s*([^<]*[^<\s])", re.IGNORECASE)


def plain_words(content: bytes) -> str:
    """The text of a body that is not JSON; of a web page, its title."""
    text = " ".join(content.decode("utf-8", "replace").split())
    if text.startswith("<"):
        title = _PAGE_TITLE.search(text)
        return f"a web page: {title[1][:_WORDS_CAP]}" if title else "a web page without a title"
    return text[:_WORDS_CAP]


def when_to_return(retry_after: str) -> tuple[float | None, str]:
    """The seconds of a ``Retry-After``, and the same in words; a date is passed on unchanged."""
    if re.fullmatch(r"\d{1,9}", retry_after):
        return float(retry_after), f"in {duration_words(float(retry_after))}"
    return None, f"after {retry_after}" if _HTTP_DATE.fullmatch(retry_after) else ""


def unwrapped(error: object, depth: int = 3) -> tuple[str, Mapping[str, object]]:
    """The message, and the object that it was in, from nested JSON."""
    inner = parsed(error) if isinstance(error, str) and depth else error
    if not isinstance(inner, dict):
        return ("" if error is None else " ".join(str(error).split())[:_WORDS_CAP]), {}
    for key in ("error", "message"):
        if inner.get(key) is not None and depth:
            words, fields = unwrapped(inner[key], depth - 1)
            return words, fields or inner
    return json.dumps(inner)[:_WORDS_CAP], inner


def parsed(text: str | bytes) -> object:
    """The JSON value of ``text``, or None if it is not JSON."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
