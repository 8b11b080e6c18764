"""The command ``ask``: reads the prompt or JSON request, connects, and prints the answer."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import TextIO

from vtcode_tui.agent.trusting import without_a_question
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import ConfigError
from vtcode_tui.headless.ask import print_answer
from vtcode_tui.headless.json_ask import ask_json
from vtcode_tui.headless.json_request import JsonRequest, not_json, request_in
from vtcode_tui.headless.missing_model import no_model
from vtcode_tui.headless.output import OutputFormat, output_for
from vtcode_tui.headless.serving import served
from vtcode_tui.headless.streams import Streams

_ASK_EXAMPLE = 'vtcode-tui --model mistral:7b ask "Why is the sky blue?"'
EXEC_EXAMPLE = 'vtcode-tui exec "Which tests cover the parser?"'


def read_question(
    words: tuple[str, ...], stdin: TextIO, *, stdin_is_piped: bool
) -> str | JsonRequest:
    """The prompt; or a JSON request, given as the only argument, in the file of ``@FILE``, or on
    stdin.

    Raises ConfigError if there is none, and for an invalid request.
    """
    match words:
        case (word,) if _names_file(word):
            return _request_of(Path(word[1:]))
        case (word,) if (request := request_in(word)) is not None:
            return request
        case _:
            pass
    try:
        prompt = read_prompt(words, stdin, stdin_is_piped=stdin_is_piped)
    except UnicodeDecodeError as error:
        raise ConfigError(
            "What came through stdin is not text in UTF-8.",
            why=str(error),
            advice="Turn it into that first: iconv -f ISO-8859-1 -t UTF-8 FILE | vtcode-tui ask -",
        ) from None
    return (request_in(prompt) if words in ((), ("-",)) else None) or prompt


def _names_file(word: str) -> bool:
    """Whether ``word`` is ``@FILE``; if it has several words, only if such a file exists."""
    name = word[1:]
    if not word.startswith("@") or not name.strip():
        return False
    try:
        return not any(map(str.isspace, name)) or Path(name).exists()
    except (OSError, ValueError):
        return False


def _request_of(path: Path) -> JsonRequest:
    """The JSON request in a file. Raises ConfigError."""
    advice = "@ names a file with a JSON request. For a prompt that begins with @, put a blank before it."
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError(f"{path} cannot be read.", why=why, advice=advice) from None
    except UnicodeDecodeError:
        raise not_json(f"{path} is not text in UTF-8.") from None
    request = request_in(text)
    if request is None:
        raise not_json(f'{path} does not hold a JSON object with "messages".')
    return request


def read_prompt(
    words: tuple[str, ...],
    stdin: TextIO,
    *,
    stdin_is_piped: bool,
    example: str = _ASK_EXAMPLE,
) -> str:
    """The prompt from the argument, from stdin for ``-``, or both joined if something is piped.

    Raises ConfigError if there is none; its advice is the ``example``.
    """
    from_argument = " ".join(word for word in words if word != "-").strip()
    piped = stdin.read() if "-" in words or stdin_is_piped else ""
    prompt = "\n\n".join(part for part in (from_argument, piped.strip("\n")) if part.strip())
    if not prompt:
        raise ConfigError(
            "There is nothing to ask.",
            why="No prompt was given, and nothing came through a pipe.",
            advice=f"Run: {example}",
        )
    return prompt


def run_ask(
    launch: Launch,
    question: str | JsonRequest,
    streams: Streams,
    *,
    output_format: OutputFormat | None = None,
) -> bool:
    """Ask and print; return whether it succeeded. Raises VtcodeError, KeyboardInterrupt,
    BrokenPipeError.

    Enables the garbage collector before the answer arrives: until then there is no garbage to find.
    Without ``output_format`` a prompt is answered as text and a JSON request as JSON. Raises
    ConfigError if the project has settings that the user did not approve.
    """
    launch = without_a_question(launch)
    for warning in launch.loaded.warnings:
        streams.note(warning)
    form = output_format or ("json" if isinstance(question, JsonRequest) else "text")
    return asyncio.run(_ask(launch, question, streams, form))


async def _ask(
    launch: Launch, question: str | JsonRequest, streams: Streams, form: OutputFormat
) -> bool:
    async with served(launch, streams) as (url, model):
        return await _ask_server(launch, question, streams, form, url, model)


async def _ask_server(
    launch: Launch,
    question: str | JsonRequest,
    streams: Streams,
    form: OutputFormat,
    url: str | None,
    model: str | None,
) -> bool:
    bench = Workbench(launch)
    try:
        for notice in await bench.connect(url):
            streams.note(notice)
        name = model or _model_for(launch, question)
        if name is None:
            raise await no_model(bench, "ask")
        output = output_for(form, streams, name)
        if isinstance(question, JsonRequest):
            choice = await bench.choice(name, bench.effort)
            gc.enable()
            return await ask_json(bench.link.client, choice, question, streams, output)
        agent = await bench.choose(name, bench.effort)
        gc.enable()
        return await print_answer(agent.run_turn(question), streams, output, name)
    finally:
        await bench.close()


def _model_for(launch: Launch, question: str | JsonRequest) -> str | None:
    """The model to use: the option --model, then the request's own, then the configuration."""
    configured = launch.loaded.settings.agent.default_model
    if not isinstance(question, JsonRequest) or question.model is None:
        return configured
    origin = launch.loaded.origins.get("agent.default_model")
    is_option = origin is not None and origin.layer == "cli"
    return configured if is_option else question.model
