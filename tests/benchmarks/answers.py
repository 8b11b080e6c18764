"""Long answers of a kind, as tokens of about four characters. The same ones every time."""

from __future__ import annotations

import random
from collections.abc import Callable

_WORDS = [
    "the",
    "render",
    "loop",
    "keeps",
    "a",
    "small",
    "buffer",
    "so",
    "each",
    "new",
    "token",
    "lands",
    "in",
    "the",
    "same",
    "cell",
    "grid",
    "while",
    "older",
    "blocks",
    "stay",
    "cached",
    "and",
    "only",
    "the",
    "tail",
    "is",
    "parsed",
    "again",
    "when",
    "text",
    "arrives",
    "from",
    "a",
    "local",
    "model",
    "that",
    "may",
    "be",
    "slow",
    "or",
    "fast",
    "depending",
    "on",
    "the",
    "machine",
]
_TOKEN = 4


class _Words:
    def __init__(self) -> None:
        self._random = random.Random(7)

    def __call__(self, count: int) -> str:
        return " ".join(self._random.choice(_WORDS) for _ in range(count))


def _mixed(words: _Words, number: int) -> str:
    match number % 6:
        case 0:
            return words(80) + ".\n\n"
        case 1:
            heading = f"## Section {number}: {words(3)}\n\n"
            return heading + f"{words(50)}. Also **{words(3)}** and `{words(1)}`, *{words(2)}*.\n\n"
        case 2:
            return "```python\n" + "".join(_function(words, n) for n in range(6)) + "```\n\n"
        case 3:
            return "".join(f"- **{words(1)}**: {words(12)}\n" for _ in range(8)) + "\n"
        case 4:
            head = "| name | value | note |\n|---|---|---|\n"
            return head + "".join(f"| {words(1)} | {n} | {words(4)} |\n" for n in range(6)) + "\n"
        case _:
            items = "".join(f"{n}. {words(14)}\n" for n in range(1, 6))
            return items + f"\n> {words(20)}\n\n"


def _function(words: _Words, number: int) -> str:
    return (
        f'def function_{number}(value: int, name: str = "{words(1)}") -> dict:\n'
        f'    # {words(5)}\n    return {{"{words(1)}": value + {number}, "n": name}}\n\n'
    )


_KINDS: dict[str, tuple[str, Callable[[_Words, int], str], str]] = {
    "mixed": ("", _mixed, ""),
    "one fence": ("```python\n", _function, "```\n"),
    "one list": ("", lambda words, _: f"- {words(12)}\n", ""),
    "one table": (
        "| a | b | c |\n|---|---|---|\n",
        lambda words, n: f"| {words(1)} | {n} | {words(6)} |\n",
        "",
    ),
    "one paragraph": ("", lambda words, _: words(20) + " ", "\n"),
    "one quote": ("", lambda words, _: f"> {words(12)}\n", ""),
    "one item": ("- top\n", lambda words, _: f"  - {words(12)}\n", ""),
}
KINDS = tuple(_KINDS)


def answer(kind: str, tokens: int) -> list[str]:
    """An answer of ``tokens`` tokens; ``kind`` is one of ``KINDS``."""
    first, part, last = _KINDS[kind]
    words = _Words()
    parts, size, number = [first], 0, 0
    while size < tokens * _TOKEN:
        parts.append(part(words, number))
        size += len(parts[-1])
        number += 1
    text = "".join(parts)[: tokens * _TOKEN] + "\n" + last
    return [text[start : start + _TOKEN] for start in range(0, len(text), _TOKEN)]
