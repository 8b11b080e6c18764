"""The measured speed of each model on this machine, by digest, in the user's state directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from vtcode_tui.config.private_store import Content, PrivateStore
from vtcode_tui.lazy_dataclass import dataclass

STORE_NAME = "speeds.json"

_SECTION = "models"
_MOST_MODELS = 500


@dataclass(frozen=True, slots=True)
class Speed:
    """``tokens_per_s`` while generating, and the seconds of a cold load; None if unknown."""

    tokens_per_s: float | None = None
    load_s: float | None = None


UNMEASURED = Speed()


class SpeedStore:
    """``speeds.json`` in ``state_dir``. Other sections of the file are kept. Blocks."""

    def __init__(self, state_dir: Path) -> None:
        self._file = PrivateStore(state_dir / STORE_NAME)

    def read(self) -> Mapping[str, Speed]:
        """The speeds by digest. Raises ConfigError if the store cannot be trusted."""
        return {
            digest: Speed(_number(entry.get("tokens_per_s")), _number(entry.get("load_s")))
            for digest, entry in _entries(self._file.read()).items()
            if isinstance(entry, dict)
        }

    def put(self, digest: str, speed: Speed) -> None:
        """Store ``speed``; the oldest entries are dropped if there are too many. Raises
        ConfigError."""

        def change(content: Content) -> None:
            entries = {key: each for key, each in _entries(content).items() if key != digest}
            entries[digest] = asdict(speed)
            newest = list(entries.items())[-_MOST_MODELS:]
            content[_SECTION] = dict(newest)

        self._file.update(change)


def _entries(content: Content) -> dict[str, object]:
    section = content.get(_SECTION)
    return section if isinstance(section, dict) else {}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < 1e9 else None
