"""Reads the command line and the environment, and runs the requested command or the app.

Each command imports what it needs, so that ``--version`` stays fast. This is the only module that
reads the environment, the current directory and the clock, and that exits the process. Exit codes:
0 done, 1 failed, 2 usage or untrusted, 130 interrupted; ``exec`` also 3 for a refused call and 4
for a limit.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from vtcode_tui.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vtcode_tui.arguments import Arguments, ExecArguments, SessionsArguments
    from vtcode_tui.config.launch import Launch, SessionWish
    from vtcode_tui.errors import VtcodeError
    from vtcode_tui.headless.streams import Streams

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130

_SCREENLESS = ("dumb", "unknown")


def entry_point() -> None:
    """The command ``vtcode-tui``."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_what_was_closed()
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"vtcode-tui {VERSION}\n")
        sys.exit(EXIT_OK)
    from vtcode_tui.private_process import close_to_other_processes

    close_to_other_processes()
    served = _served_arguments()
    if served is None:
        sys.exit(main(sys.argv[1:]))
    # The process's own standard output carries what the page shows, and nothing else may be in it.
    sys.stdout = sys.stderr
    sys.exit(main(served, in_page=True))


def _open_what_was_closed() -> None:
    """Open missing standard streams on /dev/null. Otherwise the next opened file would get their
    number, and stderr output would be written into it."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _served_arguments() -> list[str] | None:
    """The arguments that ``serve`` passed to a page's app; None in any other process."""
    from vtcode_tui.arguments import SERVED_ARGUMENTS

    handed_over = os.environ.pop(SERVED_ARGUMENTS, None)
    if handed_over is None:
        return None
    import json

    return [str(argument) for argument in json.loads(handed_over)]


def _silence_logs() -> None:
    """Disable logging: without a handler Python writes warnings and tracebacks to the terminal."""
    import logging

    logging.getLogger().addHandler(logging.NullHandler())


def main(argv: Sequence[str], *, in_page: bool = False) -> int:
    """Run one command and return the exit code; ``in_page`` is set for the app of a served page. No
    traceback reaches the user."""
    from vtcode_tui.arguments import parse_arguments

    arguments = parse_arguments(argv, VERSION)
    if in_page or arguments.command in (None, "ask"):
        import gc

        gc.disable()  # What is imported is no garbage. Screen and command turn it on again.
    from vtcode_tui.errors import ConfigError, SessionNotFound, VtcodeError
    from vtcode_tui.headless.streams import Streams

    streams = Streams(colour=not os.environ.get("NO_COLOR"))
    try:
        return _run(arguments, streams, argv, in_page=in_page)
    except (ConfigError, SessionNotFound) as error:
        streams.error(error)
        return EXIT_USAGE
    except VtcodeError as error:
        streams.error(error)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        streams.forget_output()
        return EXIT_OK
    except Exception as error:  # noqa: BLE001 - behind it there is only a traceback
        streams.error(_crash_of(error))
        return EXIT_FAILED


def _run(arguments: Arguments, streams: Streams, argv: Sequence[str], *, in_page: bool) -> int:
    _silence_logs()
    if arguments.command == "completion":
        from vtcode_tui.completion import completion_script
        from vtcode_tui.grammar import build_parser

        sys.stdout.write(completion_script(build_parser(VERSION), arguments.shell))
        return EXIT_OK
    if arguments.command == "doctor":
        return _doctor(arguments, streams)
    launch = _launch(arguments)
    if arguments.command == "trust":
        from vtcode_tui.headless.trust_command import run_trust

        return run_trust(launch, arguments.trust_action, streams, as_json=arguments.as_json)
    if arguments.command == "exec" and arguments.exec is not None:
        return _exec(launch, arguments, arguments.exec, streams)
    if arguments.command == "sessions" and arguments.sessions is not None:
        return _sessions(launch, arguments, arguments.sessions, streams)
    if arguments.command == "config" and arguments.config_action is not None:
        from vtcode_tui.headless.config_command import ConfigOptions, run_config

        asked = ConfigOptions(arguments.config_action, arguments.as_json, arguments.for_project)
        return run_config(launch, asked, streams)
    if arguments.command == "models" and arguments.models_action is not None:
        from vtcode_tui.headless.models_command import ModelsOptions, run_models

        wanted = ModelsOptions(arguments.models_action, arguments.model_name, arguments.as_json)
        return run_models(launch, wanted, streams)
    if arguments.command == "ask":
        from vtcode_tui.headless.ask_command import read_question, run_ask

        question = read_question(arguments.prompt, sys.stdin, stdin_is_piped=_stdin_is_piped())
        is_done = run_ask(launch, question, streams, output_format=arguments.output_format)
        return EXIT_OK if is_done else EXIT_FAILED
    if arguments.command == "serve" and not in_page:
        return _serve(launch, arguments.port, argv)
    if not (in_page or (sys.stdin.isatty() and sys.stdout.isatty())):
        from vtcode_tui.errors import ConfigError

        raise ConfigError(
            "The full-screen app needs a terminal.",
            why="Standard input or output is not one.",
            advice='To ask without a screen, run: vtcode-tui ask "..."',
        )
    _be_quick_to_answer()
    from vtcode_tui.tui.app import run_app

    return run_app(_with_terminal_checked(launch))


def _with_terminal_checked(launch: Launch) -> Launch:
    """Raises ConfigError if the terminal cannot show the app; warns if it cannot show all
    characters."""
    import codecs
    import dataclasses

    from vtcode_tui.errors import ConfigError

    if launch.environ.get("TERM") in _SCREENLESS:
        raise ConfigError(
            "This terminal cannot show the full-screen app.",
            why=f"TERM={launch.environ['TERM']} says that it moves no cursor.",
            advice="In a terminal that does: TERM=xterm-256color vtcode-tui\n"
            'Without a screen: vtcode-tui exec "..."',
        )
    encoding = sys.stdout.encoding
    if codecs.lookup(encoding).name == "utf-8":
        return launch
    warning = (
        f"The locale says that this terminal knows {encoding} and not UTF-8: other signs are shown"
        " as codes. If it does know UTF-8, start with: LC_ALL=C.UTF-8 vtcode-tui"
    )
    loaded = dataclasses.replace(launch.loaded, warnings=(*launch.loaded.warnings, warning))
    return dataclasses.replace(launch, loaded=loaded)


def _crash_of(error: Exception) -> VtcodeError:
    import datetime

    from vtcode_tui.config.paths import user_state_dir
    from vtcode_tui.crash import crashed, surroundings

    facts = {"vtcode-tui": VERSION, **surroundings(), "terminal": os.environ.get("TERM", "")}
    stamp = datetime.datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    return crashed(error, user_state_dir(dict(os.environ), sys.platform), stamp, facts)


def _be_quick_to_answer() -> None:
    """For the screen: a typed letter is painted in the next of 120 frames a second, not of Textual's
    60, which the transcript's own 30 do not touch; and an Esc that nothing follows for 40 ms is one,
    not the beginning of another key, rather than after 100. Textual reads both when imported.

    A thread that waits for the interpreter's lock asks for it only when nobody has let go of it for
    this long. A loop that reads a stream lets go at every read and has it back before the threads of
    the keyboard and of the terminal are awake: with an interval longer than a read they starve.
    """
    os.environ.setdefault("TEXTUAL_FPS", "120")
    os.environ.setdefault("ESCDELAY", "40")
    sys.setswitchinterval(0.0002)


def _doctor(arguments: Arguments, streams: Streams) -> int:
    """Run the check-up, also if the settings cannot be read."""
    from vtcode_tui.errors import ConfigError
    from vtcode_tui.headless import doctor_command

    try:
        launch = _launch(arguments)
    except ConfigError as error:
        return doctor_command.run_doctor_without_settings(error, streams, as_json=arguments.as_json)
    return doctor_command.run_doctor(launch, streams, as_json=arguments.as_json)


def _serve(launch: Launch, port: int, argv: Sequence[str]) -> int:
    import json

    from vtcode_tui.arguments import SERVED_ARGUMENTS
    from vtcode_tui.web.serve_command import run_serve

    environment = {**launch.whole_environ, SERVED_ARGUMENTS: json.dumps(list(argv))}
    return run_serve(launch.workspace, environment, port)


def _exec(launch: Launch, arguments: Arguments, given: ExecArguments, streams: Streams) -> int:
    import io

    from vtcode_tui.headless.ask_command import EXEC_EXAMPLE, read_prompt
    from vtcode_tui.headless.exec_command import ExecOptions, run_exec

    if isinstance(sys.stdin, io.TextIOWrapper):
        # A diff may hold a line of another encoding, which is no reason to fail.
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    prompt = read_prompt(
        arguments.prompt, sys.stdin, stdin_is_piped=_stdin_is_piped(), example=EXEC_EXAMPLE
    )
    options = ExecOptions(
        as_json=arguments.as_json,
        approve=frozenset(given.approve),
        approve_all=given.approve_all,
        max_steps=given.max_steps,
        timeout_s=given.timeout_s,
    )
    return run_exec(launch, prompt, options, streams)


def _sessions(
    launch: Launch, arguments: Arguments, given: SessionsArguments, streams: Streams
) -> int:
    from vtcode_tui.headless.sessions_command import SessionsOptions, run_sessions

    options = SessionsOptions(
        action=given.action,
        ids=given.ids,
        everywhere=given.everywhere,
        as_json=arguments.as_json,
        output=given.output,
        older_than_days=given.older_than_days,
        keep=given.keep,
        is_sure=given.is_sure,
    )
    return run_sessions(launch, options, streams)


def _session_wish(arguments: Arguments) -> SessionWish | None:
    from vtcode_tui.config.launch import SessionWish

    if arguments.resume is not None:
        return SessionWish(arguments.resume, asks=not arguments.resume)
    return SessionWish() if arguments.continues_last else None


def _launch(arguments: Arguments) -> Launch:
    """Everything the process was started with, read once. Raises ConfigError."""
    import datetime
    import functools
    import platform
    import time

    from vtcode_tui.config.launch import Launch
    from vtcode_tui.config.load import Trust, load_config
    from vtcode_tui.config.paths import cache_dir, user_config_dir, user_state_dir
    from vtcode_tui.config.trust_store import TrustStore
    from vtcode_tui.private_process import forget_secrets
    from vtcode_tui.workspace.environment import trusted_path

    workspace = _workspace(arguments.directory)
    added_directories = tuple(_added(directory) for directory in arguments.added_directories)
    environ = dict(os.environ)
    forget_secrets(os.environ)
    # Also what the standard library starts, such as a browser, is looked for there.
    os.environ["PATH"] = trusted_path(environ.get("PATH", ""), workspace)
    state_dir = user_state_dir(environ, sys.platform)
    load = functools.partial(
        load_config,
        cli=arguments.overrides(),
        environ=environ,
        workspace=workspace,
        user_config_dir=user_config_dir(environ, sys.platform),
    )
    store = TrustStore(state_dir)
    trusts_everything = arguments.trust and arguments.command != "trust"
    return Launch(
        loaded=load(trust=Trust(store, everything=trusts_everything)),
        workspace=workspace,
        environ=dict(os.environ),
        whole_environ=environ,
        cache_dir=cache_dir(environ, sys.platform),
        state_dir=state_dir,
        platform=f"{platform.system()} {platform.machine()}",
        use_embedded=arguments.embedded,
        clock=time.monotonic,
        today=datetime.date.today,
        memory_bytes=_memory_bytes(),
        allows_insecure_http=arguments.insecure_http,
        reload=functools.partial(load, trust=Trust(store)),
        added_directories=added_directories,
        now=lambda: datetime.datetime.now().astimezone(),
        session=_session_wish(arguments),
        first_prompt=" ".join(arguments.prompt) if arguments.command is None else "",
        app_version=lambda: VERSION,
    )


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None


def _workspace(directory: Path | None) -> Path:
    from pathlib import Path

    from vtcode_tui.errors import ConfigError

    try:
        path = (directory or Path.cwd()).resolve(strict=True)
    except OSError as error:
        path = None
        why = error.strerror or str(error)
    else:
        why = "It is not a directory."
    if path is None or not path.is_dir():
        raise ConfigError(
            f"There is no directory to work in: {directory or '.'}",
            why=why,
            advice="Change to your project's directory, or name it: vtcode-tui -C DIR",
        )
    return path


def _added(directory: Path) -> Path:
    from vtcode_tui.errors import ConfigError

    path = directory.resolve()
    if not path.is_dir():
        raise ConfigError(
            f"There is no directory to add: {directory}",
            why=f"{path} is a file." if path.exists() else f"{path} does not exist.",
            advice="Name one that exists: vtcode-tui --add-dir DIR",
        )
    return path


def _stdin_is_piped() -> bool:
    """Whether stdin may have content: a pipe, file or socket, not a terminal."""
    import stat

    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
