"""The command ``ask``: reads the prompt, connects, chooses the model, prints the answer."""

from __future__ import annotations

import asyncio
from typing import TextIO

from vtcode_tui.agent.trusting import without_a_question
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import ConfigError
from vtcode_tui.headless.ask import print_answer
from vtcode_tui.headless.streams import Streams


def read_prompt(words: tuple[str, ...], stdin: TextIO, *, stdin_is_piped: bool) -> str:
    """The prompt from the argument, from stdin for ``-``, or both joined when something is piped.

    Raises ConfigError when there is none.
    """
    from_argument = " ".join(word for word in words if word != "-").strip()
    piped = stdin.read() if "-" in words or stdin_is_piped else ""
    prompt = "\n\n".join(part for part in (from_argument, piped.strip("\n")) if part.strip())
    if not prompt:
        raise ConfigError(
            "There is nothing to ask.",
            why="No prompt was given, and nothing came through a pipe.",
            advice='Run: vtcode-tui --model mistral:7b ask "Why is the sky blue?"',
        )
    return prompt


def run_ask(launch: Launch, prompt: str, streams: Streams) -> bool:
    """Ask and print; whether it succeeded. Raises VtcodeError, KeyboardInterrupt, BrokenPipeError.

    ConfigError, with the way out, where the project has settings that the user did not approve.
    """
    launch = without_a_question(launch)
    for warning in launch.loaded.warnings:
        streams.note(warning)
    return asyncio.run(_ask(launch, prompt, streams))


async def _ask(launch: Launch, prompt: str, streams: Streams) -> bool:
    if not launch.use_embedded:
        return await _ask_server(launch, prompt, streams, url=None)
    from vtcode_tui.embedded.launcher import EMBEDDED_MODEL, EmbeddedServer

    server = EmbeddedServer()
    try:
        url = await server.start(launch.cache_dir, streams.note)
        return await _ask_server(launch, prompt, streams, url=url, model=EMBEDDED_MODEL)
    finally:
        await server.stop()


async def _ask_server(
    launch: Launch, prompt: str, streams: Streams, *, url: str | None, model: str | None = None
) -> bool:
    bench = Workbench(launch)
    try:
        for notice in await bench.connect(url):
            streams.note(notice)
        name = model or launch.loaded.settings.agent.default_model
        if name is None:
            raise await _no_model(bench)
        agent = await bench.choose(name, bench.effort)
        return await print_answer(agent.run_turn(prompt), streams)
    finally:
        await bench.close()


async def _no_model(bench: Workbench) -> ConfigError:
    """The error for a missing model, which names what the server has. Raises ServerError."""
    models = await bench.models()
    names = ", ".join(model.name for model in models.installed[:8]) or "none yet"
    first = models.installed[0].name if models.installed else "qwen3:1.7b"
    return ConfigError(
        "No model is chosen.",
        why=f"Neither --model nor default_model in vtcode.toml names one. Installed: {names}.",
        advice=f'Run: vtcode-tui --model {first} ask "..."',
    )
