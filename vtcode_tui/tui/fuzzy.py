"""Fuzzy match of one word in a name. Pure; linear in the name."""

from __future__ import annotations

from itertools import pairwise


def match_word(word: str, name: str) -> tuple[float, list[int]] | None:
    """The score and the matched positions: 4 for a prefix, 3 at a word's start, 2 inside, at most 1
    for letters in order. None if it does not match."""
    at = name.find(word)
    if at >= 0:
        start = _at_word_start(word, name)
        found = at if start is None else start
        score = 4.0 if found == 0 else 3.0 if start is not None else 2.0
        return score, list(range(found, found + len(word)))
    positions: list[int] = []
    index = 0
    for character in word:
        index = name.find(character, index)
        if index < 0:
            return None
        positions.append(index)
        index += 1
    gaps = sum(later - earlier - 1 for earlier, later in pairwise(positions))
    return 1.0 / (1 + gaps), positions


def _at_word_start(word: str, name: str) -> int | None:
    at = name.find(word)
    while at >= 0:
        if at == 0 or not name[at - 1].isalnum():
            return at
        at = name.find(word, at + 1)
    return None
