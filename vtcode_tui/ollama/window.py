"""Chooses the context window to request. Pure.

An Ollama server that is sent no ``num_ctx`` uses 4,096 tokens on most machines and truncates longer
prompts silently, so one is always sent, except for cloud models. It stays the same for a session,
since a change reloads the model.
"""

from __future__ import annotations

import re

from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.catalogue import runs_elsewhere
from vtcode_tui.ollama.fit import WINDOW_CAP, MemoryNeed, cache_bytes_per_token, largest_window
from vtcode_tui.ollama.types import InstalledModel, ModelDetails

_MODELFILE_LINE = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Window:
    """``num_ctx`` in tokens, or None if none is sent; ``reason`` says where it comes from."""

    num_ctx: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """``limit`` is the window that the model was trained for; ``parameters`` the Modelfile's lines;
    ``memory_bytes`` this machine's memory, None if unknown or the server is elsewhere."""

    limit: int | None = None
    parameters: str = ""
    need: MemoryNeed | None = None
    memory_bytes: int | None = None
    is_cloud: bool = False


def window_facts(
    model: InstalledModel,
    details: ModelDetails | None,
    *,
    memory_bytes: int | None,
    is_cloud: bool,
) -> WindowFacts:
    """The facts about a model from the list of models and ``/api/show``."""
    shown = details or ModelDetails()
    need = None
    if model.size_bytes:
        need = MemoryNeed(model.size_bytes, cache_bytes_per_token(shown.model_info))
    return WindowFacts(
        limit=model.context_length or shown.context_length,
        parameters=shown.parameters,
        need=need,
        memory_bytes=memory_bytes,
        is_cloud=is_cloud or runs_elsewhere(model.name, model.remote_host),
    )


def choose_window(facts: WindowFacts, asked: int | None = None) -> Window:
    """The user's window, else the Modelfile's, else what model and memory allow, up to a cap.

    ``asked`` is the user's setting, limited to what the model supports.
    """
    if asked is not None:
        if facts.limit is not None and asked > facts.limit:
            return Window(facts.limit, f"the model takes no more than this (you set {asked:,})")
        return Window(asked, "you set it")
    if facts.is_cloud:
        return Window(None, "the cloud service chooses it")
    written = _MODELFILE_LINE.search(facts.parameters)
    if written:
        return Window(int(written.group(1)), "the model's own file sets it")
    cap = min(facts.limit or WINDOW_CAP, WINDOW_CAP)
    if facts.need is None or facts.memory_bytes is None:
        return Window(cap, "the model's limit, at most 32,768")
    held = largest_window(facts.need, facts.memory_bytes)
    if held < cap:
        return Window(held, "what this machine's memory holds")
    return Window(cap, "the model's limit, at most 32,768")
