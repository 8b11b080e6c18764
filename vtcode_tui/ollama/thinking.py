"""Maps the user's effort to the ``think`` value that a model accepts. Pure.

An Ollama server answers 400 to ``think: true`` on a model without the capability and accepts false;
if it is left out, a model that can think does. The gpt-oss family accepts levels only and cannot
stop thinking; neither can models whose name says that they only think.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vtcode_tui.ollama.types import InstalledModel, Think

NO_EFFORT = "none"
LEVELS = ("low", "medium", "high", "max")
_ON = "medium"
_CAPABILITY = "thinking"
_NEVER_STOPS = re.compile(r"[-:]thinking(?:$|[-:])")


def takes_levels(name: str, family: str) -> bool:
    """Whether the model belongs to the gpt-oss family, according to the server or its name."""
    base = name.rpartition("/")[2].lower()
    return family.lower() in ("gptoss", "gpt-oss") or base.startswith("gpt-oss")


def never_stops(name: str) -> bool:
    """Whether the model's name says that it always thinks, such as ``qwen3:4b-thinking-2507``."""
    return _NEVER_STOPS.search(name.lower()) is not None


def think_value(
    effort: str | None, *, name: str, family: str, capabilities: frozenset[str] | None
) -> Think | None:
    """The ``think`` to send, or None to leave it out.

    ``effort`` is NO_EFFORT or one of LEVELS, or None if the user set none. ``capabilities`` is None
    if unknown: then only what the user asked for is sent.
    """
    if effort is None:
        return None
    if capabilities is not None and _CAPABILITY not in capabilities:
        return None
    if takes_levels(name, family):
        return LEVELS[0] if effort == NO_EFFORT else effort
    # Where thinking cannot be stopped, false would only leave it among the answer.
    return effort != NO_EFFORT or never_stops(name)


def efforts_for(model: InstalledModel) -> tuple[str, ...]:
    """The efforts to offer for ``model``; empty if it cannot think.

    A model that can only switch thinking on or off is offered ``none`` and ``medium``. One that
    cannot stop is not offered ``none``.
    """
    if not model.may_have(_CAPABILITY):
        return ()
    if takes_levels(model.name, model.family):
        return LEVELS
    if model.capabilities is None:
        return ()
    return (_ON,) if never_stops(model.name) else (NO_EFFORT, _ON)


def effort_name(think: Think | None) -> str | None:
    """The effort that ``think`` stands for, for display; None if nothing is sent."""
    match think:
        case None:
            return None
        case True:
            return _ON
        case False:
            return NO_EFFORT
        case level:
            return level
