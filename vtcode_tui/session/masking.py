"""Stars out what looks like a password or a key, for texts that are kept for convenience. Pure.

A pattern cannot know every secret: it takes the well-known forms, and what stands behind a telling name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"

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


def begun_secret(text: str, known: Iterable[str]) -> int:
    """How many characters at the end of ``text`` are the beginning of a ``known`` secret."""
    begun = 0
    for secret in known:
        for size in range(min(len(secret) - 1, len(text)), begun, -1):
            if text.endswith(secret[:size]):
                begun = size
                break
    return begun


def without(text: str, known: Iterable[str]) -> str:
    """``text`` with each of the ``known`` secrets starred out, and nothing else."""
    for secret in known:
        text = text.replace(secret, MASK)
    return text


def mask_secrets(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with each of the ``known`` secrets, and what looks like one, starred out."""
    text = without(text, (secret for secret in known if len(secret) >= _SHORTEST_SECRET))
    text = _PRIVATE_KEY.sub(rf"\1{MASK}\2", text)
    text = _TOKENS.sub(MASK, text)
    text = _IN_ADDRESS.sub(rf"\1{MASK}", text)
    return _NAMED.sub(rf"\1{MASK}", text)
