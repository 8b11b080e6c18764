"""What is known before a pull starts: the download size and the free disk space."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from vtcode_tui.agent.machine import disk_free_bytes
from vtcode_tui.ollama.amounts import size_words
from vtcode_tui.ollama.catalogue import CATALOGUE


@dataclass(frozen=True, slots=True)
class PullOffer:
    """``size_bytes`` is the approximate download size, None if unknown before the server asks for
    it; ``free_bytes`` is None if the server's disk cannot be inspected."""

    name: str
    size_bytes: int | None = None
    free_bytes: int | None = None

    @property
    def has_room(self) -> bool:
        """Whether the download is not known to exceed the free space."""
        if self.size_bytes is None or self.free_bytes is None:
            return True
        return self.size_bytes < self.free_bytes

    @property
    def words(self) -> str:
        """Download size and free space in one line."""
        size = "size not known before it starts"
        if self.size_bytes is not None:
            size = f"about {size_words(self.size_bytes)}"
        if self.free_bytes is None:
            return f"{size} · the server's disk cannot be seen from here"
        free = f"{size_words(self.free_bytes)} free on the disk"
        return f"{size} · {free}" if self.has_room else f"{size} · only {free}"


async def pull_offer(name: str, environ: Mapping[str, str], *, is_local: bool) -> PullOffer:
    """The offer for a model; ``is_local`` says that the server's disk is this machine's."""
    size = next(
        (entry.size_bytes for entry in CATALOGUE if name in (entry.name, entry.library_name)), None
    )
    free = await asyncio.to_thread(disk_free_bytes, environ) if is_local else None
    return PullOffer(name, size, free)
