"""The rows of the model picker and the fuzzy search through them. Frozen values, pure functions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vtcode_tui.ollama.catalogue import name_at_cloud
from vtcode_tui.tui.fuzzy import match_word

ModelRowKind = Literal["installed", "cloud", "not installed", "custom"]

CUSTOM_NAME = "custom-ollama"
GROUPS: tuple[tuple[ModelRowKind, str], ...] = (
    ("installed", "Installed"),
    ("cloud", "Cloud"),
    ("not installed", "Not installed"),
    ("custom", "Any other"),
)
BADGES = {"tools": "tools", "thinking": "think", "vision": "vision"}
"""What a model can do, and the word for it in a row."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model to pick. Texts are untrusted; an empty text or None is not known.

    ``badges`` holds keys of BADGES; ``context_length`` is in tokens; ``remote`` tells that it
    runs on another machine than the server; ``fit`` is a word on whether this machine has room for
    it, ``need`` the same with its numbers; ``rate`` is its measured speed in words, ``speed`` with
    the time of its load; ``note`` is a sentence about it.
    """

    name: str
    kind: ModelRowKind
    parameters: str = ""
    quantisation: str = ""
    size_bytes: int | None = None
    context_length: int | None = None
    badges: frozenset[str] = field(default_factory=frozenset)
    loaded: bool = False
    remote: bool = False
    fit: str = ""
    need: str = ""
    rate: str = ""
    speed: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PickedModel:
    """``name`` verbatim; ``save`` asks for it to be written to vtcode.toml."""

    name: str
    save: bool
    kind: ModelRowKind


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that a search found; ``positions`` are the matching characters of its name."""

    row: ModelRow
    score: float
    positions: tuple[int, ...] = ()


def search(rows: Sequence[ModelRow], query: str) -> list[Hit]:
    """The rows whose name matches every word of ``query``, in the order of ``rows``.

    Takes time linear in the names, whatever they are. The custom row is always found.
    """
    words = query.lower().split()
    hits: list[Hit] = []
    for row in rows:
        if row.kind == "custom" or not words:
            hits.append(Hit(row, 0.0))
        elif (hit := _hit(row, words)) is not None:
            hits.append(hit)
    return hits


def typed_id(query: str) -> str:
    """What was typed to find a model, as the id of any; empty where it names the custom row."""
    typed = query.strip()
    return "" if CUSTOM_NAME.startswith(typed.lower()) else typed


def names_on_server(rows: Sequence[ModelRow]) -> frozenset[str]:
    """The names that a request can be sent for at once."""
    return frozenset(row.name for row in rows if row.kind in ("installed", "cloud"))


def is_among(name: str, names: Collection[str]) -> bool:
    """Whether ``name`` is one of ``names`` as the server reads it: ``x`` is ``x:latest`` to it, and
    the cloud's own list has its names without the cloud's suffix."""
    return any(each in names for each in (name, f"{name}:latest", name_at_cloud(name)))


def grouped(hits: Sequence[Hit]) -> list[tuple[str, list[Hit]]]:
    """``hits`` under the headings that are not empty, the best of each group first."""
    groups: list[tuple[str, list[Hit]]] = []
    for kind, heading in GROUPS:
        members = [hit for hit in hits if hit.row.kind == kind]
        if members:
            groups.append((heading, sorted(members, key=lambda hit: -hit.score)))
    return groups


def _hit(row: ModelRow, words: list[str]) -> Hit | None:
    name = row.name.lower()
    if len(name) != len(row.name):
        name = row.name
    score = 0.0
    positions: set[int] = set()
    for word in words:
        match = match_word(word, name)
        if match is None:
            return None
        score += match[0]
        positions.update(match[1])
    return Hit(row, score - len(name) / 1_000, tuple(sorted(positions)))
