"""What a model needs in memory, and how large a context window a machine has room for. Pure.

The rule: weights (the model's file size) plus the KV cache must fit into 80 % of the machine's
memory. The cache takes, for each token, two vectors (key and value) of ``key_length`` 16-bit
numbers for each key-value head of each block. The numbers come from ``model_info`` of an Ollama
server's ``/api/show``, where A is ``general.architecture``: ``A.block_count``,
``A.attention.head_count_kv`` (a number, or a list with one for each block),
``A.attention.key_length``, else ``A.embedding_length`` over ``A.attention.head_count``. Where the
server does not tell them, a fifth of the weights is taken for the cache.
"""

from __future__ import annotations

from enum import StrEnum

from vtcode_tui.conversation.messages import JsonObject, JsonValue
from vtcode_tui.lazy_dataclass import dataclass

WINDOW_CAP = 32_768
"""The most that is chosen without being asked for, in tokens."""

SMALLEST_WINDOW = 2_048
_STEP = 1_024
MEMORY_SHARE = 0.8
_TIGHT_SHARE = 0.6
_ROUGH_SHARE = 1.2
_NUMBER_BYTES = 2
_VECTORS = 2


class Fit(StrEnum):
    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Memory need in bytes. ``cache_bytes_per_token`` is None if the server does not report enough."""

    weights_bytes: int
    cache_bytes_per_token: int | None = None

    def total_bytes(self, window: int) -> int:
        return self.weights_bytes + (self.cache_bytes_per_token or 0) * window


def cache_bytes_per_token(model_info: JsonObject) -> int | None:
    """The KV cache per token in bytes, or None if ``model_info`` lacks a number."""
    architecture = model_info.get("general.architecture")
    if not isinstance(architecture, str):
        return None
    blocks = _count(model_info.get(f"{architecture}.block_count"))
    heads = model_info.get(f"{architecture}.attention.head_count_kv")
    width = _head_width(model_info, architecture)
    if blocks is None or width is None:
        return None
    if isinstance(heads, list):
        total_heads = sum(_count(head) or 0 for head in heads)
    else:
        kv_heads = _count(heads) or _count(model_info.get(f"{architecture}.attention.head_count"))
        if kv_heads is None:
            return None
        total_heads = kv_heads * blocks
    return _VECTORS * total_heads * width * _NUMBER_BYTES


def rough_need(weights_bytes: int) -> MemoryNeed:
    """The need if only the model's file size is known; the cache is estimated."""
    return MemoryNeed(int(weights_bytes * _ROUGH_SHARE))


def largest_window(need: MemoryNeed, memory_bytes: int) -> int:
    """The largest window, in whole steps, whose cache fits; at least SMALLEST_WINDOW."""
    if not need.cache_bytes_per_token:
        return WINDOW_CAP
    room = int(memory_bytes * MEMORY_SHARE) - need.weights_bytes
    tokens = max(0, room) // need.cache_bytes_per_token
    return max(SMALLEST_WINDOW, tokens // _STEP * _STEP)


def fit(need: MemoryNeed, window: int, memory_bytes: int) -> Fit:
    """Whether the model fits into this memory with a window of ``window`` tokens."""
    total = need.total_bytes(window)
    if total > memory_bytes * MEMORY_SHARE:
        return Fit.TOO_LARGE
    return Fit.TIGHT if total > memory_bytes * _TIGHT_SHARE else Fit.FITS


def _head_width(model_info: JsonObject, architecture: str) -> int | None:
    length = _count(model_info.get(f"{architecture}.attention.key_length"))
    if length is not None:
        return length
    embedding = _count(model_info.get(f"{architecture}.embedding_length"))
    heads = _count(model_info.get(f"{architecture}.attention.head_count"))
    return embedding // heads if embedding and heads else None


def _count(value: JsonValue | None) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    return value
