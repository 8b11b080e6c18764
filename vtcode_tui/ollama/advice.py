"""Turns a server's error answers into errors that tell the user what to do. Pure, never raises.

An Ollama server answers ``{"error": "text"}`` with any status, or as a line of a stream; the text
can itself be JSON. A gateway in front of it can answer anything.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import TypeAlias

from vtcode_tui.errors import (
    ContextOverflow,
    ModelLacksFeature,
    ModelNotFound,
    NotAuthorised,
    PictureUnreadable,
    RequestRefused,
    ServerBusy,
    ServerError,
    StreamBroken,
    ToolCallUnreadable,
)
from vtcode_tui.ollama.catalogue import is_alias, is_cloud_name, known_names, nearest
from vtcode_tui.ollama.faults import not_ollama
from vtcode_tui.ollama.load_errors import (
    Answer,
    Asked,
    damaged,
    no_memory,
    not_for_chat,
    runner_died,
    said,
    slow_load,
    unfit,
)
from vtcode_tui.ollama.server_words import parsed, plain_words, unwrapped, when_to_return

_LONGEST_WAIT_S = 60
_LISTED = 12
_SIGN_IN_LINK = r"https://ollama\.com/[A-Za-z0-9/?=&%._~+-]*"

__all__ = ["Asked", "pull_error", "refusal", "stream_error"]

_Builder: TypeAlias = Callable[[Answer, Asked], ServerError]


def refusal(status: int, content: bytes, asked: Asked, *, retry_after: str = "") -> ServerError:
    """The error for an answer with a status of 400 or more. ``content`` is its body."""
    wait_s, when = when_to_return(retry_after.strip())
    fields = parsed(content)
    if not isinstance(fields, dict):
        return _explain(Answer(status, plain_words(content), {}, False, wait_s, when), asked)
    words, inner = unwrapped(fields.get("error"))
    return _explain(Answer(status, words, {**fields, **inner}, True, wait_s, when), asked)


def stream_error(error: object, asked: Asked) -> ServerError:
    """The error for an ``{"error": ...}`` line in a stream that began with a 200."""
    words, inner = unwrapped(error)
    return _explain(Answer(200, words or "an error without a text", inner), asked)


def pull_error(error: object, asked: Asked) -> ServerError:
    """The error for an ``{"error": ...}`` line of a pull, which comes inside a 200."""
    words, inner = unwrapped(error)
    answer = Answer(200, words or "an error without a text", inner)
    name = shlex.quote(asked.model)
    if "file does not exist" in words:
        return _model_not_found(answer, asked)
    if "digest mismatch" in words:
        advice = f"What came was damaged on its way. Get it again: ollama pull {name}"
    elif "newer version of Ollama" in words:
        advice = f"Get a newer Ollama: https://ollama.com/download, then: ollama pull {name}"
    elif re.search(r"no space left|disk quota|not enough space", words):
        advice = "The server's disk is full. See what it holds: ollama list, ollama rm NAME"
        advice += f"\nThen go on where it stopped: ollama pull {name}"
    elif re.search(r"max retries|EOF|dial tcp|no such host|timeout|connection", words):
        advice = f"Check the server's network, then go on where it stopped: ollama pull {name}"
    else:
        advice = f"Try again: ollama pull {name}"
    return ServerError(f"{asked.model} could not be pulled.", why=said(answer), advice=advice)


def _explain(answer: Answer, asked: Asked) -> ServerError:
    kind = answer.fields.get("type")
    text = f"{answer.words} {kind}" if isinstance(kind, str) else answer.words
    if answer.is_json:
        for pattern, build in _BY_WORDS:
            if pattern.search(text):
                return build(answer, asked)
    return _by_status(answer, asked)


def _by_status(answer: Answer, asked: Asked) -> ServerError:
    match answer.status:
        case 200:
            return _broken_in_stream(answer, asked)
        case 401:
            return _unauthorised(answer, asked)
        case 403:
            return _forbidden(answer, asked)
        case 404 | 405:
            why = f"It answered {answer.status} to a path of the Ollama API. {said(answer)}"
            return not_ollama(asked.address, why, answer.status)
        case 410 if asked.model:
            return _model_not_found(answer, asked)
        case 429:
            return _limited(answer, asked)
        case 502 | 503 | 504:
            return _gateway(answer, asked)
        case 413:
            return RequestRefused(
                "What stands before the server takes no request of this size (413).",
                why=said(answer),
                advice="In the app: /compact makes the conversation shorter, /new begins anew."
                "\nElse raise the limit there, such as client_max_body_size of nginx.",
                status=413,
            )
        case status if status < 500:
            return RequestRefused(
                f"The server refused the request ({status}).",
                why=said(answer),
                advice="Check the name of the model and the options in vtcode.toml.",
                status=status,
            )
        case status:
            return ServerError(
                f"The server failed ({status}).",
                why=said(answer),
                advice="Try again; the server's log may say more.",
                status=status,
            )


def _lacks(feature: str, what: str, advice: str) -> _Builder:
    def build(answer: Answer, asked: Asked) -> ServerError:
        error = ModelLacksFeature(
            f"{asked.model or 'The model'} does not support {what}.",
            why=said(answer),
            advice=advice,
            status=answer.status,
        )
        error.feature = feature
        return error

    return build


def _count(number: object) -> str:
    return f"{number:,}" if isinstance(number, int) else str(number)


def _overflow(answer: Answer, _: Asked) -> ServerError:
    sent, window = answer.fields.get("n_prompt_tokens"), answer.fields.get("n_ctx")
    numbers = (
        f" ({_count(sent)} tokens for a window of {_count(window)})" if sent and window else ""
    )
    error = ContextOverflow(
        f"The conversation does not fit the context window{numbers}.",
        why=said(answer),
        advice="In the app: /compact makes room, /context N takes a larger window, /new begins anew."
        "\nElse give the model a larger window: num_ctx under [providers.ollama] in vtcode.toml.",
        status=answer.status,
    )
    if isinstance(window, int) and not isinstance(window, bool) and window > 0:
        error.window = window
    return error


def _model_not_found(answer: Answer, asked: Asked) -> ServerError:
    name = asked.model or "the model"
    meant = nearest(name, (*asked.installed, *known_names()))
    if meant == f"{name}:latest":
        meant = None  # It is the model that was asked for, and what is missing is its file.
    advice = [f"Did you mean {meant}?"] if meant else []
    if asked.address.is_cloud:
        has = ", ".join(asked.installed[:_LISTED]) or f"see {asked.address.url}/search"
        advice.append(f"The service has: {has}")
    elif is_cloud_name(name):
        advice.append(
            "A cloud model needs a server that is signed in: ollama signin"
            f"\nThen get it with: ollama pull {shlex.quote(name)}"
        )
    elif meant in asked.installed and not is_alias(name):
        advice.append(f"Or get it with: ollama pull {shlex.quote(name)}")
    elif meant not in asked.installed:
        advice.append(f"Get it with: ollama pull {shlex.quote(meant or name)}")
    error = ModelNotFound(
        f"The model {name} {'is no longer' if answer.status == 410 else 'was not found'} on the server.",
        why=said(answer),
        advice="\n".join(advice),
        status=answer.status,
    )
    error.suggestion, error.is_there = meant or "", meant in asked.installed
    return error


def _bad_call(answer: Answer, _: Asked) -> ServerError:
    return ToolCallUnreadable(
        "The model wrote a tool call that the server could not read.",
        why=said(answer),
        advice="The same request often works on a second try.",
        status=answer.status,
        may_retry=answer.status != 200,
    )


def _bad_picture(answer: Answer, _: Asked) -> ServerError:
    return PictureUnreadable(
        "The server could not read a picture.",
        why=said(answer),
        advice="Save it anew as a PNG, or leave it out.",
        status=answer.status,
    )


def _runner_died(answer: Answer, asked: Asked) -> ServerError:
    return (_broken_in_stream if answer.status == 200 else runner_died)(answer, asked)


def _broken_in_stream(answer: Answer, _: Asked) -> ServerError:
    return StreamBroken(
        "The server reported an error in the middle of its answer.",
        why=said(answer),
        advice="What came is kept. Send the prompt again; the server's log may say more.",
        status=answer.status,
    )


def _busy(answer: Answer, asked: Asked) -> ServerError:
    if answer.status == 429:
        return _limited(answer, asked)
    return ServerBusy(
        "The server is busy.",
        why=said(answer),
        advice="Wait a little and send the prompt again.",
        status=answer.status,
        may_retry=True,
    )


def _limited(answer: Answer, _: Asked) -> ServerError:
    wait_s = answer.retry_after_s
    when = answer.retry_words or "later"
    error = ServerBusy(
        "The server's limit is reached (429).",
        why=said(answer),
        advice=f"Try again {when}, or choose a local model.",
        status=answer.status,
        may_retry=wait_s is not None and wait_s <= _LONGEST_WAIT_S,
    )
    error.retry_after_s = wait_s
    return error


def _gateway(answer: Answer, asked: Asked) -> ServerError:
    if answer.status == 503:
        what = "The server is not available for now (503)."
    elif is_cloud_name(asked.model) and not asked.address.is_cloud:
        what = f"The server could not reach Ollama's cloud ({answer.status})."
    else:
        what = f"A gateway before the server got no answer from it ({answer.status})."
    return ServerBusy(
        what,
        why=said(answer),
        advice="Wait a little and send the prompt again.",
        status=answer.status,
        may_retry=True,
    )


def _unauthorised(answer: Answer, asked: Asked) -> ServerError:
    link = answer.fields.get("signin_url")
    if isinstance(link, str) and re.fullmatch(_SIGN_IN_LINK, link):
        advice = f"Sign in: ollama signin\nor open {link}"
    elif asked.has_key:
        advice = "The key was not accepted: check OLLAMA_API_KEY, or make a new one at https://ollama.com/settings/keys"
    elif asked.address.is_cloud:
        advice = "Set OLLAMA_API_KEY to a key from https://ollama.com/settings/keys"
    else:
        advice = "If it is a cloud model, sign in: ollama signin\nelse set OLLAMA_API_KEY to the server's key."
    error = NotAuthorised(
        "The server wants a sign-in or an API key (401 unauthorized).",
        why=said(answer),
        advice=advice,
        status=answer.status,
    )
    if isinstance(link, str) and re.fullmatch(_SIGN_IN_LINK, link):
        error.sign_in_url = link
    return error


def _forbidden(answer: Answer, _: Asked) -> ServerError:
    if answer.words:
        advice = "Check that your key or account may use this model."
    else:
        advice = "An Ollama server does so with a host name it does not know: use its address or localhost."
    return NotAuthorised(
        "The server refused the request (403 Forbidden).",
        why=said(answer),
        advice=advice,
        status=answer.status,
    )


def _cloud_disabled(answer: Answer, _: Asked) -> ServerError:
    return NotAuthorised(
        "Cloud models are switched off on this server.",
        why=said(answer),
        advice="Choose a local model, or start the server without OLLAMA_NO_CLOUD.",
        status=answer.status,
    )


def _bad_name(answer: Answer, asked: Asked) -> ServerError:
    return RequestRefused(
        f"{asked.model or 'It'} is not a valid name of a model.",
        why=said(answer),
        advice="Names look like qwen3:1.7b. See what is installed: ollama list",
        status=answer.status,
    )


_NO_TOOLS = "Choose a model with tools, or go on without: it can still answer."
_NO_THINKING = 'Set the effort to "none", or choose a model that thinks.'
_NO_IMAGES = "Choose a model with vision, or leave the images out."
_NO_LEVEL = "Choose another effort: /effort in the app, else reasoning_effort in vtcode.toml."

_UNREADABLE_PICTURE = (
    r"(?:load|decode) (?:webp )?image|image: unknown format|png: invalid|invalid (?:jpeg|image)"
)
# Of a local server, of its runner for Apple's machines, and of the cloud.
_TOO_LONG = (
    r"exceed_context_size|available context size|prompt is longer than"
    r"|max(?:imum)? context length|prompt (?:is )?too long"
)
# What the server's readers of calls say, each in its own words.
_UNREADABLE_CALL = (
    r"(?:parsing|parse|invalid|incomplete|in) .{0,40}tool call|xml syntax error|arg_key and arg_value"
    r"|empty function name|failed to parse (?:json|xml|arguments|function call)|atem |glimmer "
)

_BY_WORDS: tuple[tuple[re.Pattern[str], _Builder], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), build)
    for pattern, build in (
        (r"does not support tools", _lacks("tools", "tools", _NO_TOOLS)),
        (r"does not support thinking", _lacks("thinking", "thinking", _NO_THINKING)),
        (r"think value|ChatRequest\.think", _lacks("effort", "this effort", _NO_LEVEL)),
        (r"multimodal|not support (?:images|vision)", _lacks("images", "images", _NO_IMAGES)),
        (_UNREADABLE_PICTURE, _bad_picture),
        (r"does not support chat", not_for_chat),
        (_TOO_LONG, _overflow),
        (r"^model .{1,300} not found|try pulling it first", _model_not_found),
        (r"more system memory|out[- ]of[- ]memory|cudamalloc|unable to allocate", no_memory),
        (_UNREADABLE_CALL, _bad_call),
        (r"offset\+size|invalid file magic", damaged),
        (r"model architecture|(?:with|by) your version of ollama|unable to load model", unfit),
        (r"timed out waiting for llama", slow_load),
        (
            r"while running the model|(?:runner|llama-server) (?:process )?(?:has|no longer) ",
            _runner_died,
        ),
        (r"cloud is disabled", _cloud_disabled),
        (r"server busy|maximum pending requests", _busy),
        (r"invalid model name", _bad_name),
    )
)
