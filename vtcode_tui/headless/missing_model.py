"""The error of a command that needs a model when none is named."""

from __future__ import annotations

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.errors import ConfigError
from vtcode_tui.ollama.catalogue import FIRST_MODEL


async def no_model(bench: Workbench, command: str) -> ConfigError:
    """The error for ``command``, which lists the server's models. Raises ServerError."""
    models = await bench.models()
    names = [model.name for model in models.installed]
    installed = ", ".join(names[:8]) or "none yet"
    first = names[0] if names else FIRST_MODEL
    advice = f'Run: vtcode-tui --model {first} {command} "..."'
    if not names:
        advice = (
            f"Get one: vtcode-tui models pull {FIRST_MODEL}\nThen {advice[0].lower()}{advice[1:]}"
        )
    return ConfigError(
        "No model is chosen.",
        why=f"Neither --model nor default_model in vtcode.toml names one. Installed: {installed}.",
        advice=advice,
    )
