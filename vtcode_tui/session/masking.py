"""Masks what looks like a password or key in texts that are stored. Pure.

No pattern can know every secret: this recognises well-known token formats, and values that follow a
telling name.
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
    """Holds back the end of a streamed text while it may be the beginning of a secret.

    Each part is masked separately when it is written, so no part may hold a fragment of a secret
    that the next part completes.
    """

    _FEW = 3

    def __init__(self) -> None:
        self._text = ""
        self._written = 0

    def passed(self, text: str, known: tuple[str, ...]) -> str:
        """What may be written now that ``text`` has arrived."""
        text = self._text + text
        end = len(text) - begun_secret(text, known)
        passed = self._unwritten(text[:end], known)
        self._text, self._written = text[end:], max(0, self._written - end)
        return passed

    def passed_by(self) -> str:
        """What to write of the held text because something else is written next: a few characters,
        so that the order stays correct. If they turn out to begin a secret, its rest is masked."""
        if self._written or len(self._text) > self._FEW:
            return ""
        self._written = len(self._text)
        return self._text

    def rest(self, known: tuple[str, ...]) -> str:
        """The held text, at the end; masked if most of a secret has arrived."""
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
    """``text`` with the ``known`` secrets, and what looks like a secret, masked."""
    text = starred(text, (secret for secret in known if len(secret) >= _SHORTEST_SECRET))
    text = _PRIVATE_KEY.sub(rf"\1{MASK}\2", text)
    text = _TOKENS.sub(MASK, text)
    text = _IN_ADDRESS.sub(rf"\1{MASK}", text)
    return _NAMED.sub(rf"\1{MASK}", text)
