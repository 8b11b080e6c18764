"""Remedies after a failed turn: correcting the model's name, pulling or choosing a model, signing
in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from textual.app import App

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.errors import ModelNotFound, NotAuthorised, VtcodeError
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.browser import open_or_copy
from vtcode_tui.tui.copying import copy_text
from vtcode_tui.tui.remedy_screen import Remedy, RemedyOption, RemedyScreen

_USE, _PULL, _CHOOSE, _OPEN, _COPY, _AGAIN = "use", "pull", "choose", "open", "copy", "again"

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


def remedy_for(
    error: VtcodeError, model: str, *, is_cloud_host: bool = False, has_browser: bool = True
) -> Remedy | None:
    """The remedy for ``error`` of a request to ``model``, or None. Pure."""
    match error:
        case ModelNotFound(suggestion=meant):
            return Remedy(
                error.what,
                tuple(_model_options(error, model, is_cloud_host)),
                meant and f"Did you mean {meant}?",
            )
        case NotAuthorised(sign_in_url=link) if link:
            opening = RemedyOption(_OPEN, "Open the page", "in your browser")
            copying = RemedyOption(_COPY, "Copy the address", "to open it where you have a browser")
            ways = (
                opening if has_browser else copying,
                RemedyOption(_AGAIN, "Try again", "once you are signed in"),
            )
            return Remedy("The server has to be signed in to Ollama for this model.", ways, link)
        case _:
            return None


def _model_options(error: ModelNotFound, model: str, is_cloud_host: bool) -> list[RemedyOption]:
    ways: list[RemedyOption] = []
    meant = error.suggestion
    can_pull = not is_cloud_host
    if meant and (error.is_there or not can_pull):
        ways.append(RemedyOption(_USE, "Use that", meant))
    elif can_pull:
        ways.append(RemedyOption(_PULL, "Get it", meant or model))
    what = "from the host's list" if is_cloud_host else "from the list"
    ways.append(RemedyOption(_CHOOSE, "Choose another", what))
    return ways


def has_browser(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a graphical browser is available: a text browser would take over this terminal."""
    return platform == "darwin" or any(environ.get(name) for name in _DISPLAYS)


async def offer_remedy(
    app: App[int],
    bench: Workbench,
    error: VtcodeError,
    report: Callable[[str], None],
    keep_typed: Callable[[str], None],
) -> bool:
    """Offer a remedy for a failed turn; return whether to retry.

    ``report`` shows notices; ``keep_typed`` takes text typed meanwhile. Raises VtcodeError.
    """
    agent = bench.agent
    if agent is None:
        return False
    model = agent.model.name
    remedy = remedy_for(
        error,
        model,
        is_cloud_host=bench.link.address.is_cloud,
        has_browser=has_browser(bench.launch.environ, sys.platform),
    )
    environ = bench.launch.environ
    tell = lambda text: app.notify(text, timeout=4, markup=False)  # noqa: E731
    while remedy is not None:
        screen = RemedyScreen(remedy)
        try:
            way = await ask_screen(app, screen)
        finally:
            if screen.typed_ahead:
                keep_typed(screen.typed_ahead)
        if way == _OPEN:
            await open_or_copy(app, remedy.about, environ, tell)
        elif way == _COPY:
            await copy_text(app, remedy.about, "address", environ, tell)
        else:
            return await _do(app, bench, way, error, report, keep_typed)
        remedy = Remedy(remedy.title, tuple(reversed(remedy.ways)), remedy.about)
    return False


async def _do(
    app: App[int],
    bench: Workbench,
    way: str | None,
    error: VtcodeError,
    report: Callable[[str], None],
    keep_typed: Callable[[str], None],
) -> bool:
    from vtcode_tui.tui.model_choosing import choose_model, use_model
    from vtcode_tui.tui.pulling import pull_model

    agent = bench.agent
    if agent is None or way is None:
        return False
    model = agent.model.name
    meant = (error.suggestion if isinstance(error, ModelNotFound) else "") or model
    match way:
        case "again":
            return True
        case "use":
            await bench.choose(meant, bench.effort)
            report(f"{clean_line(meant, 80)} is used in place of {clean_line(model, 80)}.")
        case "pull":
            pulled = await pull_model(app, bench, meant, report)
            if pulled is None:
                return False
            await use_model(app, bench, pulled, keep_typed)
            return True
        case _:
            await choose_model(app, bench, report, keep_typed)
    return agent.model.name != model
