"""Stars out what looks like a password or a key, for texts that are kept for convenience. Pure.

A pattern cannot know every secret: it takes the well-known forms, and what stands behind a telling name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from vtcode_tui.secrecy import MASK, begun_secret, places, starred, starred_begun

_SHORTEST_SECRET = 6
_TOKENS = re.compile(
    r"\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}"
    r"|A[KS]IA[A-Z0-9]{16}|AIza[\w-]{30,}|hf_\w{20,}|npm_\w{30,}|pypi-[\w-]{30,}"
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+)"
)
_NAMED = re.compile(
    r"(?i)((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)"
    r"[\"']?\s*[:=]\s*[\"']?|\bbearer\s+|--(?:password|token|api-key)[ =])([^\s\"',;]{4,})"
)
_IN_ADDRESS = re.compile(r"(://[^\s/:@]+:)[^\s/@]+(?=@)")
_PRIVATE_KEY = re.compile(
    r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)


class Withheld:
    """The end of a text that is written in parts: what may be the beginning of a secret waits here.

    Each part is starred out by itself, so neither may hold a piece of a secret that is whole only
    with the next.
    """

    _FEW = 3

    def __init__(self) -> None:
        self._text = ""
        self._written = 0

    def passed(self, text: str, known: tuple[str, ...]) -> str:
        """What may be written now that ``text`` has come."""
        text = self._text + text
        end = len(text) - begun_secret(text, known)
        passed = self._unwritten(text[:end], known)
        self._text, self._written = text[end:], max(0, self._written - end)
        return passed

    def passed_by(self) -> str:
        """What is written though it waits, since something else is written next: a few characters are
        not worth an order that is not the true one. Stars stand for the rest if they began a secret.
        """
        if self._written or len(self._text) > self._FEW:
            return ""
        self._written = len(self._text)
        return self._text

    def rest(self, known: tuple[str, ...]) -> str:
        """What waits, since nothing follows: with stars where much of a secret came."""
        text, written = self._text, self._written
        self._text, self._written = "", 0
        return MASK if text and starred_begun(text, known) == MASK else text[written:]

    def _unwritten(self, text: str, known: tuple[str, ...]) -> str:
        if self._written:
            for start, end in places(text, known):
                if start < self._written < end:
                    return MASK + text[end:]
        return text[self._written :]


def mask_secrets(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with each of the ``known`` secrets, and what looks like one, starred out."""
    text = starred(text, (secret for secret in known if len(secret) >= _SHORTEST_SECRET))
    text = _PRIVATE_KEY.sub(rf"\1{MASK}\2", text)
    text = _TOKENS.sub(MASK, text)
    text = _IN_ADDRESS.sub(rf"\1{MASK}", text)
    return _NAMED.sub(rf"\1{MASK}", text)
