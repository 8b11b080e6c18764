"""The command ``models``: lists the server's models, shows one, or pulls one."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from vtcode_tui.agent.model_facts import ModelFacts, facts_of
from vtcode_tui.agent.pulls import pull_offer
from vtcode_tui.agent.trusting import without_a_question
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.errors import ModelNotFound
from vtcode_tui.headless.serving import served
from vtcode_tui.headless.streams import Streams
from vtcode_tui.ollama.amounts import size_words, tokens_words
from vtcode_tui.ollama.catalogue import FIRST_MODEL
from vtcode_tui.ollama.pull_meter import PullMeter, progress_words
from vtcode_tui.ollama.types import InstalledModel, ModelDetails
from vtcode_tui.transcript.clean import clean_line, clean_text

DONE = 0

_PAINT_S = 0.25
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class ModelsOptions:
    """``name`` is the model to show or pull."""

    action: Literal["list", "show", "pull"]
    name: str = ""
    as_json: bool = False


def run_models(launch: Launch, options: ModelsOptions, streams: Streams) -> int:
    """Run the command; return the exit code. Raises VtcodeError, KeyboardInterrupt.

    Raises ConfigError if the project has settings that the user did not approve.
    """
    launch = without_a_question(launch)
    for warning in launch.loaded.warnings:
        streams.note(warning)
    return asyncio.run(_run(launch, options, streams))


async def _run(launch: Launch, options: ModelsOptions, streams: Streams) -> int:
    async with served(launch, streams) as (url, _):
        return await _on_server(launch, options, streams, url)


async def _on_server(
    launch: Launch, options: ModelsOptions, streams: Streams, url: str | None
) -> int:
    bench = Workbench(launch)
    try:
        for notice in await bench.connect(url):
            streams.note(notice)
        match options.action:
            case "list":
                await _list(bench, streams, as_json=options.as_json)
            case "show":
                await _show(bench, options.name, streams, as_json=options.as_json)
            case "pull":
                await _pull(bench, options.name, streams)
        return DONE
    finally:
        await bench.close()


async def _list(bench: Workbench, streams: Streams, *, as_json: bool) -> None:
    facts = await facts_of(bench, await bench.models())
    if as_json:
        _say(streams, json.dumps([_as_json(each) for each in facts]))
        return
    if not facts:
        streams.note(f"No model is installed. Get one: vtcode-tui models pull {FIRST_MODEL}")
        return
    rows = [_row(each) for each in facts]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width]
        _say(streams, "  ".join(cells).rstrip())


def _row(facts: ModelFacts) -> tuple[str, ...]:
    model = facts.model
    size = "cloud" if model.remote_host else ""
    if model.size_bytes is not None and not model.remote_host:
        size = size_words(model.size_bytes)
    return (
        clean_line(model.name, _LONGEST_NAME),
        size,
        clean_line(model.quantization, 10),
        tokens_words(model.context_length) if model.context_length else "",
        _abilities(model.capabilities),
        str(facts.fit or ""),
        facts.speed_words.removesuffix(" here"),
        "loaded" if facts.is_loaded else "",
    )


def _abilities(capabilities: frozenset[str] | None) -> str:
    return clean_line(" ".join(sorted((capabilities or frozenset()) - {"completion"})), 40)


def _as_json(facts: ModelFacts) -> dict[str, JsonValue]:
    model = facts.model
    capabilities: list[JsonValue] = [*sorted(model.capabilities or ())]
    return {
        "name": model.name,
        "size_bytes": model.size_bytes,
        "digest": model.digest,
        "family": model.family,
        "parameters": model.parameter_size,
        "quantization": model.quantization,
        "context_length": model.context_length,
        "capabilities": None if model.capabilities is None else capabilities,
        "remote_host": model.remote_host,
        "loaded": facts.is_loaded,
        "need_bytes": facts.need_bytes,
        "num_ctx": facts.window,
        "fit": None if facts.fit is None else str(facts.fit),
        "tokens_per_s": facts.speed.tokens_per_s,
        "load_s": facts.speed.load_s,
    }


async def _show(bench: Workbench, name: str, streams: Streams, *, as_json: bool) -> None:
    """Raises ModelNotFound, with the nearest name, if the server does not have it."""
    models = await bench.models()
    details = await bench.link.client.show(name)
    same = [each for each in models.installed if each.name in (name, f"{name}:latest")]
    listed = tuple(same) or (InstalledModel(name),)
    (facts,) = await facts_of(bench, type(models)(listed[:1], models.loaded))
    if as_json:
        shown = {
            "architecture": details.architecture,
            "modelfile_parameters": details.parameters,
            "template": details.template,
        }
        _say(streams, json.dumps({**_as_json(facts), **shown}))
        return
    for label, text in _about(facts, details):
        if text:
            _say(streams, f"{label:<13} {text}")


def _about(facts: ModelFacts, details: ModelDetails) -> Sequence[tuple[str, str]]:
    model = facts.model
    window = f"{facts.window:,} tokens would be used" if facts.window else ""
    limit = f"up to {model.context_length:,} tokens" if model.context_length else ""
    return (
        ("name", clean_line(model.name)),
        ("family", clean_line(model.family or details.family)),
        ("parameters", clean_line(model.parameter_size)),
        ("quantised", clean_line(model.quantization)),
        ("size", "" if model.size_bytes is None else size_words(model.size_bytes)),
        ("can", _abilities(model.capabilities or details.capabilities) or "text only"),
        ("context", "; ".join(part for part in (limit, window) if part)),
        ("memory", facts.need_words),
        ("fit", str(facts.fit or "")),
        ("speed", facts.speed_words),
        ("runs on", clean_line(model.remote_host or "")),
        ("Modelfile", " ".join(clean_text(details.parameters).split())),
    )


async def _pull(bench: Workbench, name: str, streams: Streams) -> None:
    """Pull with progress on stderr: in place on a terminal, a line for each tenth elsewhere."""
    link = bench.link
    offer = await pull_offer(name, bench.launch.environ, is_local=link.address.is_loopback)
    streams.note(f"pulling {name}: {offer.words}")
    progress = _Progress(streams)
    try:
        async with aclosing(link.client.pull(name)) as lines:
            async for line in lines:
                now = bench.launch.clock()
                progress.meter.take(line, now)
                progress.show(now)
    except ModelNotFound as error:
        if error.suggestion:
            error.advice += f"\nRun: vtcode-tui models pull {shlex.quote(error.suggestion)}"
        raise
    except asyncio.CancelledError:
        progress.end()
        streams.note(f"stopped; it goes on there: vtcode-tui models pull {shlex.quote(name)}")
        raise
    finally:
        progress.end()
    _say(streams, name)


class _Progress:
    def __init__(self, streams: Streams) -> None:
        self.meter = PullMeter()
        self._streams = streams
        self._is_painted = streams.stderr.isatty()
        self._shown_at = 0.0
        self._shown = ""
        self._width = 0

    def show(self, now: float) -> None:
        state = self.meter.state(now)
        if self._is_painted:
            if now - self._shown_at < _PAINT_S:
                return
            self._shown_at = now
            text = clean_line(progress_words(state), 78)
            self._streams.stderr.write(f"\r{text.ljust(self._width)}")
            self._streams.stderr.flush()
            self._width = len(text)
            return
        mark = f"{int(state.fraction * 10)}" if state.fraction is not None else state.status
        if mark != self._shown:
            self._shown = mark
            self._streams.note(progress_words(state))

    def end(self) -> None:
        """Leave the last words on a line of their own, once."""
        if self._is_painted and self._width:
            self._streams.stderr.write("\n")
            self._streams.stderr.flush()
            self._width = 0


def _say(streams: Streams, text: str) -> None:
    streams.stdout.write(f"{clean_line(text)}\n")
    streams.stdout.flush()
