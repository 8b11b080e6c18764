"""Parses the command line into values. Standard library only, so that ``--help`` is fast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vtcode_tui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    import argparse

SERVED_ARGUMENTS = "VTCODE_TUI_SERVED_ARGUMENTS"
"""The variable in which ``serve`` hands its own command line, a JSON list, to the app of a page: a
process's arguments can be read by all, its environment cannot."""


@dataclass(frozen=True, slots=True)
class ExecArguments:
    """The options of ``exec``."""

    approve: tuple[str, ...]
    approve_all: bool
    max_steps: int | None
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class SessionsArguments:
    """The arguments of ``sessions``; ``output`` None is stdout."""

    action: Literal["list", "show", "export", "delete", "prune"]
    ids: tuple[str, ...]
    everywhere: bool
    output: Path | None
    older_than_days: float | None
    keep: int | None
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Arguments:
    """The parsed command line. None means that an option was not given; ``resume`` is empty if the
    user still has to pick the session."""

    command: str | None
    provider: str | None
    model: str | None
    base_url: str | None
    effort: str | None
    theme: str | None
    embedded: bool
    directory: Path | None
    prompt: tuple[str, ...]
    trust: bool = False
    insecure_http: bool = False
    trust_action: str | None = None
    as_json: bool = False
    output_format: Literal["text", "json", "stream-json"] | None = None
    added_directories: tuple[Path, ...] = ()
    continues_last: bool = False
    resume: str | None = None
    exec: ExecArguments | None = None
    sessions: SessionsArguments | None = None
    models_action: Literal["list", "show", "pull"] | None = None
    model_name: str = ""
    port: int = 0
    config_action: Literal["show", "path", "init"] | None = None
    for_project: bool = False
    shell: str = ""

    def overrides(self) -> dict[str, str | None]:
        """The options that override configuration files, by configuration key."""
        return {
            "provider": self.provider,
            "model": self.model,
            "base_url": self.base_url,
            "effort": self.effort,
            "theme": self.theme,
        }


_TAKES_VALUE = {
    "--provider": "provider",
    "-m": "model",
    "--model": "model",
    "--base-url": "base_url",
    "--effort": "effort",
    "--theme": "theme",
}
_FLAGS = {
    "--embedded": "embedded",
    "--trust": "trust",
    "--insecure-http": "insecure_http",
    "--continue": "continues_last",
}


def parse_arguments(argv: Sequence[str], version: str) -> Arguments:
    """Parse ``argv`` without the program's name. Exits with 0 for help, 2 for a usage error."""
    plain = _plain_arguments(argv)
    if plain is not None:
        return plain
    from vtcode_tui.grammar import build_parser
    from vtcode_tui.usage import place_of_command, strange_option, with_options_in_front

    parser = build_parser(version)
    if argv[:1] in (["help"], ["version"]):
        argv = [*argv[1:], f"--{argv[0]}"]
    place = place_of_command(parser, argv)
    prompt = tuple(word for word in argv[place : place + 1] if is_prompt(word))
    if prompt:
        argv = [*argv[:place], *argv[place + 1 :]]
    argv = with_options_in_front(parser, argv)
    if strange := strange_option(parser, argv):
        parser.error(f"unrecognized arguments: {strange}")
    options = parser.parse_args(argv)
    goes_on = options.continue_last or options.resume is not None
    if goes_on and options.command not in (None, "exec", "serve"):
        parser.error(f"--continue and --resume do not go with {options.command}")
    if prompt and options.command is not None:
        parser.error(f"a prompt does not go before {options.command}")
    return _arguments_of(options, prompt)


def is_prompt(word: str) -> bool:
    """Whether a word in the place of a command is meant as a prompt: it contains a blank."""
    return any(map(str.isspace, word.strip()))


def _plain_arguments(argv: Sequence[str]) -> Arguments | None:
    """Parse the most common command lines (the app or ``ask`` with plainly written options) without
    building the whole grammar. None for all others, and for possible mistakes."""
    values: dict[str, str] = {}
    flags: set[str] = set()
    words = iter(argv)
    for word in words:
        if word in _TAKES_VALUE:
            value = next(words, "")
            if not value or value.startswith("-"):
                return None
            values[_TAKES_VALUE[word]] = value
        elif word in _FLAGS:
            flags.add(_FLAGS[word])
        else:
            return _plain_question(word, tuple(words), values, flags)
    return _plain(None, (), values, flags)


def _plain_question(
    command: str, prompt: tuple[str, ...], values: dict[str, str], flags: set[str]
) -> Arguments | None:
    if is_prompt(command) and not prompt:
        return _plain(None, (command,), values, flags)
    is_plain = bool(prompt) and not any(word.startswith("-") for word in prompt)
    if command != "ask" or not is_plain or "continues_last" in flags:
        return None
    return _plain("ask", prompt, values, flags)


def _plain(
    command: str | None,
    prompt: tuple[str, ...],
    values: dict[str, str],
    flags: set[str],
) -> Arguments:
    return Arguments(
        command=command,
        provider=values.get("provider"),
        model=values.get("model"),
        base_url=values.get("base_url"),
        effort=values.get("effort"),
        theme=values.get("theme"),
        directory=None,
        prompt=prompt,
        embedded="embedded" in flags,
        trust="trust" in flags,
        insecure_http="insecure_http" in flags,
        continues_last="continues_last" in flags,
    )


def _arguments_of(options: argparse.Namespace, prompt: tuple[str, ...]) -> Arguments:
    return Arguments(
        command=options.command,
        provider=options.provider,
        model=options.model,
        base_url=options.base_url,
        effort=options.effort,
        theme=options.theme,
        embedded=options.embedded,
        directory=options.directory,
        prompt=prompt or tuple(getattr(options, "prompt", ())),
        trust=options.trust,
        insecure_http=options.insecure_http,
        trust_action=getattr(options, "trust_action", None),
        as_json=getattr(options, "as_json", False),
        output_format=getattr(options, "output_format", None),
        added_directories=tuple(options.added_directories),
        continues_last=options.continue_last or getattr(options, "exec_continue", False),
        resume=options.resume
        if options.resume is not None
        else getattr(options, "exec_resume", None),
        exec=_exec_arguments(options) if options.command == "exec" else None,
        sessions=_sessions_arguments(options) if options.command == "sessions" else None,
        models_action=getattr(options, "models_action", None),
        model_name=getattr(options, "model_name", ""),
        port=getattr(options, "port", 0),
        config_action=getattr(options, "config_action", None),
        for_project=getattr(options, "for_project", False),
        shell=getattr(options, "shell", ""),
    )


def _exec_arguments(options: argparse.Namespace) -> ExecArguments:
    names = [name.strip() for words in options.approve for name in words.split(",")]
    return ExecArguments(
        approve=tuple(name for name in names if name),
        approve_all=options.approve_all,
        max_steps=options.max_steps,
        timeout_s=options.timeout,
    )


def _sessions_arguments(options: argparse.Namespace) -> SessionsArguments:
    return SessionsArguments(
        action=options.sessions_action,
        ids=tuple(getattr(options, "ids", ())),
        everywhere=getattr(options, "everywhere", False),
        output=getattr(options, "output", None),
        older_than_days=getattr(options, "older_than", None),
        keep=getattr(options, "keep", None),
        is_sure=getattr(options, "yes", False),
    )
