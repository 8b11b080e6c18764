"""The command ``sessions``: lists, shows, exports, deletes and prunes stored sessions."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.wording import counted
from vtcode_tui.errors import ConfigError, SessionError
from vtcode_tui.headless.streams import Streams
from vtcode_tui.session.export import Exported, to_json, to_markdown
from vtcode_tui.session.listing import SessionSummary, session_id_of
from vtcode_tui.session.store import SessionStore, read_session
from vtcode_tui.transcript.clean import clean_line, clean_text

DONE, KEPT = 0, 1

_DAY_S = 24 * 3600
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class SessionsOptions:
    """``ids`` are ids or their beginnings; ``everywhere`` includes all workspaces; ``output`` is a
    file, None for stdout; ``older_than_days`` and ``keep`` say what to prune."""

    action: Literal["list", "show", "export", "delete", "prune"]
    ids: tuple[str, ...] = ()
    everywhere: bool = False
    as_json: bool = False
    output: Path | None = None
    older_than_days: float | None = None
    keep: int | None = None
    is_sure: bool = False


def run_sessions(
    launch: Launch, options: SessionsOptions, streams: Streams, *, stdin: TextIO | None = None
) -> int:
    """Run the command; return the exit code. Raises SessionError and ConfigError."""
    store = SessionStore(launch.state_dir, launch.workspace)
    match options.action:
        case "list":
            _list(launch, store.list(everywhere=options.everywhere), options, streams)
        case "show" | "export":
            path = store.find(options.ids[0], everywhere=True)
            text = _exported(launch, path, as_json=options.as_json)
            _write(text, options.output, streams)
        case "delete":
            for path in [store.find(each, everywhere=True) for each in options.ids]:
                store.delete(path)
                _say(streams, f"Deleted {session_id_of(path)}.")
        case "prune":
            return _prune(launch, store, options, streams, sys.stdin if stdin is None else stdin)
    return DONE


def _list(
    launch: Launch, sessions: Sequence[SessionSummary], options: SessionsOptions, streams: Streams
) -> None:
    if options.as_json:
        _say(streams, json.dumps([_as_json(launch, each) for each in sessions]))
        return
    if not sessions:
        streams.note(f"No session was held in {launch.workspace} yet.")
    for session in sessions:
        _say(streams, _row(launch, session, options))


def _row(launch: Launch, session: SessionSummary, options: SessionsOptions) -> str:
    when = _time(launch, session).strftime("%Y-%m-%d %H:%M")
    turns = counted(session.turns, "turn")
    name = clean_line(session.name, _LONGEST_NAME)
    place = f"  {session.workspace}" if options.everywhere else ""
    return f"{session.session_id}  {when}  {turns:>10}  {session.model:<20}  {name}{place}"


def _as_json(launch: Launch, session: SessionSummary) -> dict[str, object]:
    return {
        "id": session.session_id,
        "title": session.title,
        "first_words": session.first_words,
        "model": session.model,
        "turns": session.turns,
        "changed": _time(launch, session).isoformat(timespec="seconds"),
        "workspace": session.workspace,
        "size_bytes": session.size_bytes,
        "path": str(session.path),
    }


def _time(launch: Launch, session: SessionSummary) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(session.changed_s, launch.time().tzinfo)


def _exported(launch: Launch, path: Path, *, as_json: bool) -> str:
    exported = Exported(session_id_of(path), read_session(path), launch.time().tzinfo)
    return to_json(exported) if as_json else to_markdown(exported, clean_text)


def _write(text: str, output: Path | None, streams: Streams) -> None:
    if output is None:
        streams.answer(text)
        return
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(output, flags, 0o600), "wb") as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        why = error.strerror or str(error)
        raise SessionError(
            f"{output} cannot be written.",
            why=f"{why}.",
            advice="Name another file, or leave -o out to have it on standard output.",
        ) from None


def _prune(
    launch: Launch, store: SessionStore, options: SessionsOptions, streams: Streams, stdin: TextIO
) -> int:
    if options.older_than_days is None and options.keep is None:
        raise ConfigError(
            "It is not said what to prune.",
            why="Pruned sessions are deleted for good, so nothing is guessed.",
            advice="Run: vtcode-tui sessions prune --older-than 30\n"
            "or: vtcode-tui sessions prune --keep 50",
        )
    sessions = store.list(everywhere=options.everywhere)
    old = [
        session
        for place, session in enumerate(sessions)
        if _is_beyond(launch, options, place, session)
    ]
    for session in old:
        _say(streams, _row(launch, session, options))
    if not old:
        streams.note("There is nothing to prune.")
        return DONE
    if not options.is_sure and not _says_yes(len(old), streams, stdin):
        streams.note("Nothing was deleted.")
        return KEPT
    for session in old:
        try:
            store.delete(session.path)
        except SessionError as error:  # One that is open stays, and the others go.
            streams.note(error.what)
    return DONE


def _is_beyond(
    launch: Launch, options: SessionsOptions, place: int, session: SessionSummary
) -> bool:
    """Whether to prune a session, the one at ``place`` counted from the newest."""
    if options.keep is not None and place < options.keep:
        return False
    if options.older_than_days is None:
        return True
    return launch.time().timestamp() - session.changed_s > options.older_than_days * _DAY_S


def _says_yes(count: int, streams: Streams, stdin: TextIO) -> bool:
    if not (stdin.isatty() and streams.stdout.isatty()):
        streams.note("To delete these, add --yes.")
        return False
    streams.stdout.write(
        f"Delete {'this session' if count == 1 else f'these {count} sessions'}? [y/N] "
    )
    streams.stdout.flush()
    return stdin.readline().strip().lower() in ("y", "yes")


def _say(streams: Streams, text: str) -> None:
    """Write one cleaned line to stdout."""
    streams.stdout.write(f"{clean_line(text)}\n")
    streams.stdout.flush()
