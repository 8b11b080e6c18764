"""Which names stand for secrets, and texts with stars in the place of those that are known. Pure.

Any package may import it, and it imports nothing: it is needed before all else.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import AnyStr

MASK = "***"
_MUCH = 8

SENSITIVE_NAME = (
    r"(?:\w*(?:KEY|TOKEN|SECRET|PASSWD|PASSPHRASE|CREDENTIALS?|_PASS|_PWD|_PAT|_JWT|_AUTH)"
    r"(?:_?ID|_?[0-9]|_?BASE|_B64|_PEM|_VALUE|_OLD|_NEW|_PROD(?:UCTION)?|_DEV|_STAGING|_TEST|_LIVE)*\Z"
    r"|\w*PASSWORD|SSHPASS\Z|SSH_AUTH_SOCK\Z|DOCKER_AUTH_CONFIG\Z|(?:AWS|AZURE|GOOGLE)_)"
)
"""A pattern that names of environment variables begin with whose values are secrets, or lead to some.

It is matched at the beginning and without regard to case."""


def starred(text: AnyStr, secrets: Iterable[AnyStr]) -> AnyStr:
    """``text`` with stars in the place of each of ``secrets``; those that overlap have them once."""
    pieces: list[AnyStr] = []
    mask: AnyStr = MASK if isinstance(text, str) else MASK.encode()
    done = 0
    for start, end in places(text, secrets):
        pieces += (text[done:start], mask)
        done = end
    pieces.append(text[done:])
    return text[:0].join(pieces)


def starred_begun(text: str, secrets: Iterable[str]) -> str:
    """``text``, which ended where nobody meant it to end, with stars for the much of a secret that came
    last: at least ``_MUCH`` characters and a third of it, since words begin like one too."""
    sizes = ((begun_secret(text, [secret]), len(secret)) for secret in secrets)
    much = max((size for size, whole in sizes if size >= _MUCH and 3 * size >= whole), default=0)
    return text[:-much] + MASK if much else text


def begun_secret(text: str, known: Iterable[str]) -> int:
    """How many characters at the end of ``text`` are the beginning of a ``known`` secret."""
    begun = 0
    for secret in known:
        for size in range(min(len(secret) - 1, len(text)), begun, -1):
            if text.endswith(secret[:size]):
                begun = size
                break
    return begun


def places(text: AnyStr, secrets: Iterable[AnyStr]) -> list[tuple[int, int]]:
    """The stretches of ``text`` that are ``secrets``, in order; those that overlap are one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(each for secret in secrets for each in _places_of(text, secret)):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _places_of(text: AnyStr, secret: AnyStr) -> Iterator[tuple[int, int]]:
    """Where ``secret`` stands; where it overlaps itself it is passed by in strides, not by each place."""
    size = len(secret)
    start = text.find(secret) if size else -1
    while start >= 0:
        last = start
        while (further := text.rfind(secret, last + 1, last + 2 * size - 1)) >= 0:
            last = further
        yield start, last + size
        start = text.find(secret, last + size)
