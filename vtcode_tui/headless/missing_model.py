"""What a command says that needs a model, where none is named."""

from __future__ import annotations

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.errors import ConfigError


async def no_model(bench: Workbench, command: str) -> ConfigError:
    """The error of ``command``, which names what the server has. Raises ServerError."""
    models = await bench.models()
    names = ", ".join(model.name for model in models.installed[:8]) or "none yet"
    first = models.installed[0].name if models.installed else "qwen3:1.7b"
    return ConfigError(
        "No model is chosen.",
        why=f"Neither --model nor default_model in vtcode.toml names one. Installed: {names}.",
        advice=f'Run: vtcode-tui --model {first} {command} "..."',
    )
