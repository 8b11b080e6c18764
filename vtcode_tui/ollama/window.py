"""Which context window to ask a server for, and why. Pure.

An Ollama server that is sent no ``num_ctx`` takes 4,096 tokens on most machines and cuts longer
prompts in silence, so one is always chosen and sent, but for models that run in the cloud. It stays
the same for a session, since a change reloads the model.
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
    """``num_ctx`` in tokens, or None where none is sent; ``reason`` says in words where it is from."""

    num_ctx: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """``limit`` is what the model was trained for; ``parameters`` the Modelfile's lines;
    ``memory_bytes`` this machine's memory, None where the server is elsewhere or it is not known."""

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
    """What is known of a model, from the list of models and ``/api/show``."""
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
    """The user's own, else the Modelfile's, else what model and memory allow up to the cap.

    ``asked`` is what the user set; it is kept up to the model's limit.
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
