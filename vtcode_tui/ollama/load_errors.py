"""Errors of loading or running a model, from the server's message. Pure, never raises."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from vtcode_tui.errors import ServerError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.address import ServerAddress


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that failed. ``installed`` are the models that the server is known to have."""

    address: ServerAddress
    model: str = ""
    has_key: bool = False
    installed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An error answer. ``status`` is 200 for an error inside a stream.

    ``words`` is the server's message, unwrapped; ``fields`` is the object that it was in;
    ``retry_words`` say when to retry, if the server said so.
    """

    status: int
    words: str
    fields: Mapping[str, object]
    is_json: bool = True
    retry_after_s: float | None = None
    retry_words: str = ""


def said(answer: Answer) -> str:
    return f"The server said: {answer.words}" if answer.words else "The server gave no reason."


def no_memory(answer: Answer, asked: Asked) -> ServerError:
    return ServerError(
        f"{asked.model or 'The model'} needs more memory than the machine has.",
        why=said(answer),
        advice="Choose a smaller model, close other programs, or use a smaller window (num_ctx)."
        "\nModels that stay loaded take memory too: ollama ps, ollama stop NAME",
        status=answer.status,
    )


def damaged(answer: Answer, asked: Asked) -> ServerError:
    name = shlex.quote(asked.model or "NAME")
    return ServerError(
        f"The file of {asked.model or 'the model'} is damaged: it cannot be loaded.",
        why=said(answer),
        advice=f"Get it anew: ollama rm {name} && ollama pull {name}",
        status=answer.status,
    )


def unfit(answer: Answer, asked: Asked) -> ServerError:
    """The server does not support this kind of model."""
    return ServerError(
        f"This version of Ollama cannot load {asked.model or 'the model'}.",
        why=said(answer),
        advice=f"Get the model anew: ollama pull {shlex.quote(asked.model or 'NAME')}"
        "\nIf that does not help, get a newer Ollama: https://ollama.com/download",
        status=answer.status,
    )


def slow_load(answer: Answer, asked: Asked) -> ServerError:
    return ServerError(
        f"The server gave up loading {asked.model or 'the model'}: it took too long.",
        why=said(answer),
        advice="Try again: what was read once loads faster. Else choose a smaller model,"
        "\nor give it more time: OLLAMA_LOAD_TIMEOUT=30m ollama serve",
        status=answer.status,
    )


def runner_died(answer: Answer, _: Asked) -> ServerError:
    return ServerError(
        "The model's process on the server ended before it answered.",
        why=said(answer),
        advice="Try again. If it happens again, the machine may be short of memory: ollama ps",
        status=answer.status,
    )


def not_for_chat(answer: Answer, asked: Asked) -> ServerError:
    return ServerError(
        f"{asked.model or 'The model'} is not made to talk with.",
        why=said(answer),
        advice="Choose another model: Ctrl+O in the app, else --model NAME. See what there is:"
        " vtcode-tui models list",
        status=answer.status,
    )
