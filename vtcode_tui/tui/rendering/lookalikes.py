"""Finds characters that look like ASCII ones, so that the deception in `cat раss.txt` can be shown.
Pure."""

from __future__ import annotations

import unicodedata

_LOOKALIKES = frozenset("аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅԌοΑΒΕΖΗΙΚΜΝΟΡΤΥΧօոսհցզɡɑı")
_REACH = 64


def is_lookalike(text: str, position: int) -> bool:
    """Whether the character at ``position`` looks like an ASCII one: a letter of another alphabet
    in a word that also has Latin letters, or a wide or ornate form of an ASCII letter or sign.

    A word that is entirely in another alphabet is not suspicious.
    """
    character = text[position]
    if character in _LOOKALIKES:
        return _is_among_latin(text, position)
    if unicodedata.category(character)[0] not in "LPS":
        return False
    plain = unicodedata.normalize("NFKC", character)
    return plain != character and len(plain) == 1 and "!" <= plain <= "~"


def _is_among_latin(text: str, position: int) -> bool:
    start = end = position
    while start > max(0, position - _REACH) and _is_of_word(text[start - 1]):
        start -= 1
    while end < min(len(text), position + _REACH) and _is_of_word(text[end]):
        end += 1
    return any(character.isascii() and character.isalpha() for character in text[start:end])


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"
