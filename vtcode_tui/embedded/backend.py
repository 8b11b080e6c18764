"""Runs the model in this process. Imports xllamacpp when it is loaded."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

OnChunk = Callable[[bytes], bool]
"""Takes one OpenAI chunk as JSON and tells whether to stop."""

_BATCH_TOKENS = 128
_PROMPT_CACHE_MIB = 64
_SILENT = -1


class Backend(Protocol):
    """Answers chat requests, one at a time."""

    def chat(self, body: bytes, on_chunk: OnChunk) -> None:
        """Run until the end, or until ``on_chunk`` returns True, which frees the model at once.

        Calls ``on_chunk`` in this thread. Raises ValueError or RuntimeError for an invalid body.
        """


class LlamaBackend:
    """A loaded model. Loading takes seconds, in which no other thread runs."""

    def __init__(self, model: Path, template: str, *, context_tokens: int, threads: int) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(model)
        params.chat_template = template
        params.use_jinja = True
        params.n_ctx = context_tokens
        params.n_parallel = 1
        params.warmup = False
        # Between two batches it reports and can be stopped: small ones make that quick.
        params.n_batch = params.n_ubatch = _BATCH_TOKENS
        # Else the prompt's common beginning is read anew for every request.
        params.swa_full = True
        params.cache_ram_mib = _PROMPT_CACHE_MIB
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.verbosity = _SILENT
        _lock_own_listener(params)
        self._server = xllamacpp.Server(params)

    def chat(self, body: bytes, on_chunk: OnChunk) -> None:
        self._server.handle_chat_completions(body, on_chunk)


def _lock_own_listener(params: object) -> None:
    """Protect xllamacpp's own listener: on loopback, with a key that nobody has."""
    settings = {
        "hostnames": ["127.0.0.1"],
        "port": 0,
        "api_keys": [secrets.token_urlsafe(32)],
        "cors_origins": "http://127.0.0.1",
        "ui": False,
        "endpoint_slots": False,
    }
    for name, value in settings.items():
        setattr(params, name, value)
