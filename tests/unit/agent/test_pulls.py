"""What is said of a pull before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtcode_tui.agent.machine import disk_free_bytes, models_directory
from vtcode_tui.agent.pulls import PullOffer, pull_offer

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("offer", "has_room", "words"),
    [
        (PullOffer("m", 14 * GB, 80 * GB), True, "about 14 GB · 80 GB free on the disk"),
        (PullOffer("m", 14 * GB, 5 * GB), False, "about 14 GB · only 5.0 GB free on the disk"),
        (PullOffer("m", None, 5 * GB), True, "size not known before it starts · 5.0 GB free"),
        (PullOffer("m", 14 * GB), True, "about 14 GB · the server's disk cannot be seen"),
    ],
)
def test_size_and_disk_in_words(offer: PullOffer, has_room: bool, words: str) -> None:
    assert offer.has_room is has_room
    assert words in offer.words


@pytest.mark.anyio
async def test_the_disk_counts_only_where_the_server_is_here(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    near = await pull_offer("gpt-oss:20b", environ, is_local=True)
    assert near.size_bytes == 14 * GB
    assert near.free_bytes
    far = await pull_offer("nobody/knows:1b", environ, is_local=False)
    assert (far.size_bytes, far.free_bytes) == (None, None)


def test_the_directory_of_models_is_the_configured_one_then_the_users(tmp_path: Path) -> None:
    own = tmp_path / ".ollama" / "models"
    own.mkdir(parents=True)
    elsewhere = tmp_path / "big-disk"
    elsewhere.mkdir()
    assert models_directory({"HOME": str(tmp_path)}) == own
    environ = {"HOME": str(tmp_path), "OLLAMA_MODELS": str(elsewhere)}
    assert models_directory(environ) == elsewhere
    environ["OLLAMA_MODELS"] = str(tmp_path / "not there")
    assert models_directory(environ) == own
    assert disk_free_bytes({"HOME": str(tmp_path)})
    assert disk_free_bytes({"HOME": "/not/there"}) is None or models_directory({}) is not None
