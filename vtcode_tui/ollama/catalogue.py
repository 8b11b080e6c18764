"""The coding models worth offering, and what a model's name reveals. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import StrEnum

from vtcode_tui.lazy_dataclass import dataclass

FIRST_MODEL = "qwen3:1.7b"
"""The one to get where there is none yet: small, quick to pull, with tools and thinking."""

_GB = 1_000_000_000


class ModelKind(StrEnum):
    """``CLOUD`` models run on Ollama's machines, through a signed-in local server or with a key."""

    LOCAL = "local"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model to offer, installed or not.

    ``size_bytes`` is the approximate download size, None for a cloud model; ``alias_of`` is its
    name in Ollama's library if ``name`` is not.
    """

    name: str
    kind: ModelKind
    parameters: str
    size_bytes: int | None = None
    alias_of: str | None = None

    @property
    def library_name(self) -> str:
        """The name to pull."""
        return self.alias_of or self.name


def _local(
    name: str, parameters: str, size_gb: float, alias_of: str | None = None
) -> CatalogueModel:
    return CatalogueModel(name, ModelKind.LOCAL, parameters, int(size_gb * _GB), alias_of)


def _cloud(name: str, parameters: str) -> CatalogueModel:
    return CatalogueModel(name, ModelKind.CLOUD, parameters)


CATALOGUE: tuple[CatalogueModel, ...] = (
    _cloud("glm-4.6:cloud", "355B"),
    _cloud("qwen3-coder:480b-cloud", "480B"),
    _local("qwen3-coder:30b", "30B", 19),
    _local("qwen3-coder:480b", "480B", 290),
    _local("gpt-oss:20b", "20B", 14),
    _local("gpt-oss:120b", "120B", 65),
    _local("llama3:8b", "8B", 4.7),
    _local("codellama:7b", "7B", 3.8),
    _local("mistral:7b", "7B", 4.4),
    _local(FIRST_MODEL, "1.7B", 1.4),
    _local("deepseek-coder:6.7b", "6.7B", 3.8),
    _local("phind-coder:34b", "34B", 19, alias_of="phind-codellama:34b"),
)

_ALIASES = {
    "gpt-oss-20b": "gpt-oss:20b",
    "gpt-oss-120b": "gpt-oss:120b",
    **{model.name: model.alias_of for model in CATALOGUE if model.alias_of},
}


def known_names() -> tuple[str, ...]:
    """Every model in the catalogue, by its name in Ollama's library."""
    return tuple(model.library_name for model in CATALOGUE)


def is_alias(name: str) -> bool:
    """Whether ``name`` is a known spelling that Ollama's library does not have."""
    return name.lower() in _ALIASES


def is_cloud_name(name: str) -> bool:
    """Whether a local server forwards ``name`` to the cloud: its tag is ``cloud`` or ends in
    ``-cloud``."""
    _, colon, tag = name.rpartition(":")
    return bool(colon) and (tag == "cloud" or tag.endswith("-cloud"))


def runs_elsewhere(name: str, remote_host: str | None) -> bool:
    """Whether a local server forwards requests for this model, judging by its ``remote_host`` or
    its name. Both count: a copy of a cloud model can have any name, and a model that is not
    listed has no host."""
    return remote_host is not None or is_cloud_name(name)


def name_at_cloud(name: str) -> str:
    """``name`` as https://ollama.com knows it, without the cloud suffix."""
    if not is_cloud_name(name):
        return name
    return name.removesuffix(":cloud").removesuffix("-cloud")


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``name`` was most likely meant to be; None if there is none, or if
    ``name`` is a candidate.

    Tries known aliases (``gpt-oss-20b``), then ``-`` for ``:``, then a missing tag, then the
    closest spelling.
    """
    others = list(dict.fromkeys(candidates))
    if name in others:
        return None
    alias = _ALIASES.get(name.lower())
    if alias is not None and alias in others:
        return alias
    plain = {_plain(candidate): candidate for candidate in reversed(others)}
    if (same := plain.get(_plain(name))) is not None:
        return same
    if ":" not in name:
        tagged = [candidate for candidate in others if candidate.partition(":")[0] == name]
        if tagged:
            return tagged[0]
    close = difflib.get_close_matches(_plain(name), list(plain), n=1, cutoff=0.7)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return name.lower().replace(":", "-").removesuffix("-latest")
