"""Checks everything that the program depends on: state of each item and how to fix it.

Changes nothing: no model is loaded, no setting is written. Problems are findings, not exceptions.
"""

from __future__ import annotations

import shlex

from vtcode_tui.agent import checkup_local as local
from vtcode_tui.agent.findings import Finding, Health, TerminalFacts
from vtcode_tui.agent.model_facts import ModelFacts, facts_of
from vtcode_tui.agent.trusting import without_untrusted
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.errors import NotAuthorised, ServerError, UnexpectedReply, VtcodeError
from vtcode_tui.ollama.amounts import tokens_words
from vtcode_tui.ollama.catalogue import FIRST_MODEL, is_cloud_name, known_names, nearest
from vtcode_tui.ollama.fit import Fit

_SHOWN_MODELS = 10


async def check_up(
    launch: Launch, terminal: TerminalFacts, *, url: str | None = None, model: str | None = None
) -> tuple[Finding, ...]:
    """All findings, in reading order. ``url`` and ``model`` override the settings."""
    bench = Workbench(without_untrusted(launch))
    try:
        return (
            local.configuration(launch.loaded),
            local.trust(launch),
            *await _server_findings(bench, url, model),
            local.ripgrep(launch),
            await local.sandbox(bench.launch),
            local.workspace(launch.workspace),
            await local.state_directory(launch),
            local.terminal(launch, terminal),
        )
    finally:
        await bench.close()


async def _server_findings(
    bench: Workbench, url: str | None, model: str | None
) -> tuple[Finding, ...]:
    launch = bench.launch
    try:
        notices = await bench.connect(url)
    except VtcodeError as error:
        return (Finding("address", Health.FAIL, error.what, error.advice, (error.why,)),)
    address = bench.link.address
    here = (await local.disk(launch),) if address.is_loopback else ()
    found = (
        _address_finding(bench, url, notices),
        local.api_key(launch, address),
        local.memory(launch, address),
        *here,
    )
    server = await _reachability(bench)
    if server.health is Health.FAIL:
        return (*found, server)
    return (*found, server, *await _model_findings(bench, model))


def _address_finding(bench: Workbench, url: str | None, notices: tuple[str, ...]) -> Finding:
    origins = bench.launch.loaded.origins
    origin = origins["providers.ollama.base_url"].describe() if url is None else "this app"
    address = bench.link.address
    facts: dict[str, JsonValue] = {"url": address.url, "origin": origin}
    health = Health.WARN if notices else Health.OK
    return Finding("address", health, f"{address.url}, from {origin}", lines=notices, facts=facts)


async def _reachability(bench: Workbench) -> Finding:
    try:
        version = await bench.link.client.version()
    except UnexpectedReply as error:
        if not bench.link.address.is_cloud:
            return Finding("server", Health.FAIL, error.what, error.advice, (error.why,))
        version = ""
    except ServerError as error:
        return Finding("server", Health.FAIL, error.what, error.advice, (error.why,))
    name = f"Ollama {version}" if version else "Ollama"
    return Finding("server", Health.OK, f"{name} answers", facts={"version": version})


async def _model_findings(bench: Workbench, asked: str | None) -> tuple[Finding, ...]:
    try:
        models = await bench.models()
    except ServerError as error:
        return (Finding("models", Health.FAIL, error.what, error.advice, (error.why,)),)
    facts = await facts_of(bench, models)
    configured = asked or bench.launch.loaded.settings.agent.default_model
    names = [each.model.name for each in facts]
    has_cloud = any(each.model.remote_host for each in facts) or (
        configured is not None and is_cloud_name(configured)
    )
    found = [_models_finding(facts)]
    found.append(await _sign_in(bench, asks=has_cloud or bench.link.address.is_cloud))
    if configured is None:
        text = "none is set: the picker asks"
        return (*found, Finding("model", Health.OK, text))
    found.append(await _default_model(bench, configured, names, facts))
    return tuple(found)


def _models_finding(facts: tuple[ModelFacts, ...]) -> Finding:
    if not facts:
        advice = f"Get one: vtcode-tui models pull {FIRST_MODEL}"
        return Finding("models", Health.FAIL, "none is installed", advice)
    lines = [_model_line(each) for each in facts[:_SHOWN_MODELS]]
    if len(facts) > _SHOWN_MODELS:
        lines.append(f"and {len(facts) - _SHOWN_MODELS} more: vtcode-tui models list")
    rows: list[JsonValue] = [
        {
            "name": each.model.name,
            "capabilities": None
            if each.model.capabilities is None
            else list[JsonValue](sorted(each.model.capabilities)),
            "fit": None if each.fit is None else str(each.fit),
        }
        for each in facts
    ]
    return Finding(
        "models", Health.OK, f"{len(facts)} installed", lines=tuple(lines), facts={"models": rows}
    )


def _model_line(facts: ModelFacts) -> str:
    can = facts.model.capabilities
    abilities = "abilities not told" if can is None else ", ".join(sorted(can - {"completion"}))
    parts = [facts.model.name, abilities or "text only", facts.need_words]
    if facts.fit is not None:
        parts.append(str(facts.fit))
    return " · ".join(part for part in (*parts, facts.speed_words) if part)


async def _sign_in(bench: Workbench, *, asks: bool) -> Finding:
    """Checks the sign-in only if a cloud model is configured: the server would have to ask
    ollama.com."""
    if not asks:
        return Finding("sign-in", Health.OK, "not needed: no cloud model is in use")
    try:
        name = await bench.link.client.whoami()
    except NotAuthorised as error:
        return Finding(
            "sign-in", Health.WARN, "not signed in: cloud models will refuse", error.advice
        )
    except ServerError:
        return Finding("sign-in", Health.OK, "this server does not tell")
    return Finding("sign-in", Health.OK, f"signed in as {name}" if name else "signed in")


async def _default_model(
    bench: Workbench, name: str, installed: list[str], facts: tuple[ModelFacts, ...]
) -> Finding:
    known = next((each for each in facts if each.model.name in (name, f"{name}:latest")), None)
    if known is None and not is_cloud_name(name):
        meant = nearest(name, (*installed, *known_names()))
        advice = f"vtcode-tui models pull {shlex.quote(meant if meant else name)}"
        if meant in installed:
            advice = f"vtcode-tui --model {shlex.quote(str(meant))}"
        return Finding("model", Health.FAIL, f"{name} is not on the server", advice)
    choice = await bench.choice(name, bench.effort)
    window = bench.window
    sent = window.num_ctx if window is not None else None
    size = f"a window of {tokens_words(sent)}" if sent else "no window sent"
    reason = f" ({window.reason})" if window is not None else ""
    text = f"{name}, {size}{reason}, tools: {choice.tool_mode}"
    facts_json: dict[str, JsonValue] = {
        "name": name,
        "num_ctx": sent,
        "tools": str(choice.tool_mode),
    }
    if known is not None and known.fit is Fit.TOO_LARGE:
        advice = "Choose a smaller one, or a smaller window: num_ctx under [providers.ollama]"
        return Finding(
            "model", Health.WARN, f"{text}; {known.need_words}: too large", advice, facts=facts_json
        )
    return Finding("model", Health.OK, text, facts=facts_json)
