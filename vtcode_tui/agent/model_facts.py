"""What is known about each model on this machine: abilities, memory need, measured speed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.speed_store import UNMEASURED, Speed
from vtcode_tui.ollama.amounts import duration_words, rate_words, size_words, tokens_words
from vtcode_tui.ollama.catalogue import CatalogueModel
from vtcode_tui.ollama.fit import Fit, MemoryNeed, fit, rough_need
from vtcode_tui.ollama.link import ModelList
from vtcode_tui.ollama.types import InstalledModel
from vtcode_tui.ollama.window import choose_window, window_facts

_ASKED_AT_ONCE = 4
_MOST_ASKED = 60


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """``need_bytes`` is the memory for the model and its ``window``; ``is_rough`` says that the
    window's share is estimated. None means unknown or irrelevant, as for a model that runs
    elsewhere."""

    model: InstalledModel
    is_loaded: bool = False
    need_bytes: int | None = None
    window: int | None = None
    fit: Fit | None = None
    is_rough: bool = False
    memory_bytes: int | None = None
    speed: Speed = UNMEASURED

    @property
    def need_words(self) -> str:
        """``needs 5.1 of 16 GB with a window of 32k``, or empty."""
        return need_words(self.need_bytes, self.memory_bytes, self.window, is_rough=self.is_rough)

    @property
    def speed_words(self) -> str:
        """``34 tok/s, loads in 4 s here``, or empty."""
        parts = []
        if self.speed.tokens_per_s is not None:
            parts.append(rate_words(self.speed.tokens_per_s))
        if self.speed.load_s is not None:
            parts.append(f"loads in {duration_words(self.speed.load_s)}")
        return f"{', '.join(parts)} here" if parts else ""


def need_words(
    need_bytes: int | None, memory_bytes: int | None, window: int | None, *, is_rough: bool
) -> str:
    if need_bytes is None:
        return ""
    about = "about " if is_rough else ""
    has = f" of {size_words(memory_bytes)}" if memory_bytes is not None else ""
    with_window = f" with a window of {tokens_words(window)}" if window and not is_rough else ""
    return f"needs {about}{size_words(need_bytes)}{has}{with_window}"


async def facts_of(
    bench: Workbench, models: ModelList, *, asks: bool = True
) -> tuple[ModelFacts, ...]:
    """The facts of each installed model. With ``asks`` the server is asked about each model once
    per connection, a few at a time; otherwise the cache size is estimated. Never raises."""
    speeds = await bench.speeds.load() if bench.link.address.is_loopback else {}
    gate = asyncio.Semaphore(_ASKED_AT_ONCE)

    async def one(model: InstalledModel) -> ModelFacts:
        async with gate:
            facts = await _facts(bench, model, asks=asks and len(models.installed) <= _MOST_ASKED)
        speed = speeds.get(model.digest, UNMEASURED)
        return replace(facts, is_loaded=model.name in models.loaded, speed=speed)

    return tuple(await asyncio.gather(*map(one, models.installed)))


async def _facts(bench: Workbench, model: InstalledModel, *, asks: bool) -> ModelFacts:
    address, memory = bench.link.address, bench.memory_bytes
    details = None
    if asks:
        details = await bench.link.details(model.name)
        model = await bench.link.model(model.name)
    known = window_facts(model, details, memory_bytes=memory, is_cloud=address.is_cloud)
    if known.is_cloud:
        return ModelFacts(model)
    configured = bench.launch.loaded.settings.providers.ollama.num_ctx
    window = choose_window(known, configured).num_ctx
    if known.need is None or window is None:
        return ModelFacts(model, window=window, memory_bytes=memory)
    is_rough = known.need.cache_bytes_per_token is None
    need = rough_need(known.need.weights_bytes) if is_rough else known.need
    return ModelFacts(
        model,
        need_bytes=need.total_bytes(window),
        window=window,
        fit=None if memory is None else fit(need, window, memory),
        is_rough=is_rough,
        memory_bytes=memory,
    )


def catalogue_fit(entry: CatalogueModel, memory_bytes: int | None) -> tuple[Fit | None, str]:
    """Whether a model that is not installed would fit in memory, and its need in words."""
    if entry.size_bytes is None:
        return None, ""
    need: MemoryNeed = rough_need(entry.size_bytes)
    words = need_words(need.weights_bytes, memory_bytes, None, is_rough=True)
    return (None if memory_bytes is None else fit(need, 0, memory_bytes)), words
