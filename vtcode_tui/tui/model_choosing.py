"""The flows that choose a model: rows, effort, pulling if needed, saving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from textual.app import App

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.embedded.launcher import EMBEDDED_MODEL
from vtcode_tui.errors import ServerError
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.effort_picker import EffortPicker
from vtcode_tui.tui.model_picker import ModelPicker
from vtcode_tui.tui.model_rows import BADGES, ModelRow
from vtcode_tui.tui.pulling import pull_model
from vtcode_tui.tui.spare_dialog import SpareDialog

if TYPE_CHECKING:
    from vtcode_tui.agent.model_facts import ModelFacts
    from vtcode_tui.ollama.link import ServerLink

_known_rows: WeakKeyDictionary[ServerLink, tuple[ModelRow, ...]] = WeakKeyDictionary()
"""Each server's last list, shown while it is loaded again."""
_spare_pickers: WeakKeyDictionary[App[int], SpareDialog[ModelPicker]] = WeakKeyDictionary()
_SPARE_AFTER_S = 0.1
"""Pause after a picker was closed, so that its closing is painted first."""
_BUILT_IN_NOTE = "the built-in model: to try the app, not to write code"


def prepare_picker(app: App[int], bench: Workbench) -> None:
    """Mount the picker for the next time that it is opened, if there is a model to change."""
    if bench.agent is not None and bench.address is not None:
        _spare_of(app).prepare(app, *_picker_arguments(bench))


def _spare_of(app: App[int]) -> SpareDialog[ModelPicker]:
    return _spare_pickers.setdefault(app, SpareDialog(ModelPicker))


def _picker_arguments(bench: Workbench) -> tuple[tuple[ModelRow, ...] | None, str | None]:
    """The rows known so far and the current model."""
    return _known_rows.get(bench.link), bench.agent.model.name if bench.agent else None


async def choose_model(
    app: App[int],
    bench: Workbench,
    report: Callable[[str], None],
    keep_typed: Callable[[str], None],
) -> None:
    """Let the user pick a model and its effort; Esc keeps the current one. ``report`` shows
    notices, ``keep_typed`` takes text that was typed into the effort dialog.

    Raises VtcodeError if the model cannot be pulled or the choice cannot be saved.
    """
    picker = _spare_of(app).take(app, *_picker_arguments(bench))
    filling = asyncio.create_task(_load_rows(picker, bench))
    try:
        picked = await ask_screen(app, picker)
    finally:
        filling.cancel()
        app.set_timer(_SPARE_AFTER_S, lambda: prepare_picker(app, bench))
    if picked is None:
        return
    name: str | None = picked.name
    if picked.kind == "not installed":
        name = await pull_model(app, bench, picked.name, report)
    if name is None:
        return
    await use_model(app, bench, name, keep_typed)
    if picked.save:
        await _save(bench, name, bench.effort, report)


async def use_model(
    app: App[int], bench: Workbench, name: str, keep_typed: Callable[[str], None]
) -> None:
    """Switch to a model; ask for the effort if it supports one."""
    effort = await _ask_effort(app, bench, name, keep_typed)
    await bench.choose(name, effort)


async def choose_effort(
    app: App[int],
    bench: Workbench,
    report: Callable[[str], None],
    keep_typed: Callable[[str], None],
) -> None:
    """Let the user set the current model's effort."""
    if bench.agent is None:
        report("No model is chosen yet: Ctrl+O opens the list.")
        return
    name = bench.agent.model.name
    if not await _efforts(bench, name):
        report(f"{name} does not think: there is no effort to set.")
        return
    await bench.choose(name, await _ask_effort(app, bench, name, keep_typed))


async def _efforts(bench: Workbench, name: str) -> tuple[str, ...]:
    from vtcode_tui.ollama.thinking import efforts_for

    return efforts_for(await bench.link.model(name))


async def _ask_effort(
    app: App[int], bench: Workbench, name: str, keep_typed: Callable[[str], None]
) -> str | None:
    choices = await _efforts(bench, name)
    if not choices:
        return bench.effort
    picker = EffortPicker(choices, bench.effort, model=name)
    chosen = await ask_screen(app, picker)
    keep_typed(picker.typed_ahead)
    return chosen or bench.effort


async def _load_rows(picker: ModelPicker, bench: Workbench) -> None:
    """Show the rows at once, then again with the server's details of each model, which take a
    while."""
    await picker.opened.wait()
    from vtcode_tui.agent.model_facts import facts_of

    known = _known_rows.get(bench.link)
    try:
        models = await bench.models()
    except ServerError as error:
        picker.set_rows(model_rows((), bench.memory_bytes), fault=error.what)
        return
    picker.also_there = frozenset(model.name for model in models.installed)
    for asks in (False, True):
        facts = await facts_of(bench, models, asks=asks)
        is_cloud_host = bench.link.address.is_cloud
        rows = model_rows(facts, bench.memory_bytes, is_cloud_host=is_cloud_host)
        # Keep the details of the last time until the new ones have been loaded.
        if known is None or (asks and rows != known):
            picker.set_rows(rows)
    _known_rows[bench.link] = rows


async def _save(
    bench: Workbench, name: str, effort: str | None, report: Callable[[str], None]
) -> None:
    from vtcode_tui.agent.trusting import save_settings

    values = {"agent.default_model": name}
    if effort is not None:
        values["agent.reasoning_effort"] = effort
    path = await asyncio.to_thread(save_settings, bench.launch, values)
    report(f"Saved {name} to {path}")


def model_rows(
    models: Sequence[ModelFacts], memory_bytes: int | None, *, is_cloud_host: bool = False
) -> tuple[ModelRow, ...]:
    """The server's chat models, then the catalogue's models that it does not have. Ollama's own
    cloud host has no others than it lists."""
    from vtcode_tui.agent.model_facts import catalogue_fit
    from vtcode_tui.ollama.catalogue import CATALOGUE, ModelKind

    rows = [_installed_row(facts) for facts in models if facts.model.may_chat]
    if is_cloud_host:
        rows = [replace(row, kind="cloud") for row in rows]
    names = {facts.model.name for facts in models}
    for entry in () if is_cloud_host else CATALOGUE:
        if entry.library_name in names or entry.name in names:
            continue
        is_cloud = entry.kind is ModelKind.CLOUD
        fit, need = catalogue_fit(entry, memory_bytes)
        rows.append(
            ModelRow(
                name=entry.name if is_cloud else entry.library_name,
                kind="cloud" if is_cloud else "not installed",
                parameters=entry.parameters,
                size_bytes=entry.size_bytes,
                remote=is_cloud,
                fit=str(fit or ""),
                need=need,
                note=f"also called {entry.name}" if entry.alias_of else "",
            )
        )
    return tuple(rows)


def _installed_row(facts: ModelFacts) -> ModelRow:
    from vtcode_tui.ollama.amounts import rate_words
    from vtcode_tui.ollama.catalogue import runs_elsewhere

    model, rate = facts.model, facts.speed.tokens_per_s
    return ModelRow(
        name=model.name,
        kind="installed",
        parameters=model.parameter_size,
        quantisation=model.quantization,
        size_bytes=model.size_bytes,
        context_length=model.context_length,
        badges=(model.capabilities or frozenset()) & frozenset(BADGES),
        loaded=facts.is_loaded,
        remote=runs_elsewhere(model.name, model.remote_host),
        fit=str(facts.fit or ""),
        need=facts.need_words,
        rate="" if rate is None else rate_words(rate),
        speed=facts.speed_words,
        note=_BUILT_IN_NOTE if model.name == EMBEDDED_MODEL else "",
    )
