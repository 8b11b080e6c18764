"""The rows of the model picker and the fuzzy search in them. Pure."""

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
"""Model capabilities, and the word for each in a row."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model to pick. Texts are untrusted; an empty text or None means unknown.

    ``badges`` holds keys of BADGES; ``context_length`` is in tokens; ``remote`` says that it runs
    on another machine than the server; ``fit`` says in a word whether it fits this machine's
    memory, ``need`` the same with numbers; ``rate`` is its measured speed in words, ``speed`` that
    with its load time; ``note`` is a sentence about it.
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
    """The user's choice: ``name`` verbatim; with ``save`` it is to be written to vtcode.toml."""

    name: str
    save: bool
    kind: ModelRowKind


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that matches; ``positions`` are the matching characters of its name."""

    row: ModelRow
    score: float
    positions: tuple[int, ...] = ()


def search(rows: Sequence[ModelRow], query: str) -> list[Hit]:
    """The rows whose name matches every word of ``query``, in order.

    Linear in the names. The custom row always matches.
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
    """The typed text as a model id; empty if it is a prefix of the custom row's name."""
    typed = query.strip()
    return "" if CUSTOM_NAME.startswith(typed.lower()) else typed


def names_on_server(rows: Sequence[ModelRow]) -> frozenset[str]:
    """The names that the server can be asked for without a pull."""
    return frozenset(row.name for row in rows if row.kind in ("installed", "cloud"))


def is_among(name: str, names: Collection[str]) -> bool:
    """Whether ``names`` contains ``name`` as the server resolves it: ``x`` means ``x:latest``, and
    the cloud's own list omits the cloud suffix."""
    return any(each in names for each in (name, f"{name}:latest", name_at_cloud(name)))


def grouped(hits: Sequence[Hit]) -> list[tuple[str, list[Hit]]]:
    """``hits`` under their headings, best first in each group; empty groups are omitted."""
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
