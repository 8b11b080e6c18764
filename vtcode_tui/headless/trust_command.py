"""The command ``trust``: shows what a project's files ask for, approves it, or revokes that."""

from __future__ import annotations

import json
import sys
from typing import TextIO

from vtcode_tui.agent.trusting import approve, lines_of
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.trust import TrustQuestion
from vtcode_tui.config.trust_store import TrustStore
from vtcode_tui.config.trust_words import TrustLine
from vtcode_tui.errors import ConfigError
from vtcode_tui.headless.streams import Streams
from vtcode_tui.transcript.clean import clean_line

DONE, REFUSED, UNTRUSTED = 0, 1, 2

_MARKS = {"new": "+", "changed": "~", "same": " ", "gone": "-", "ignored": "!"}


def run_trust(
    launch: Launch,
    action: str | None,
    streams: Streams,
    *,
    as_json: bool = False,
    stdin: TextIO | None = None,
) -> int:
    """Run ``action``, or without one show and ask; return the exit code.

    2 means that something waits for approval, 1 that the user declined. Raises ConfigError.
    """
    if action == "status":
        return _status(launch, streams, as_json=as_json)
    if action == "remove":
        return _remove(launch, streams)
    question = launch.loaded.pending_trust
    if question is None:
        return _status(launch, streams, as_json=False)
    _show(question, streams)
    if action != "add" and not _says_yes(streams, sys.stdin if stdin is None else stdin):
        _say(streams, "Not approved. The project is used without this.")
        return REFUSED
    if approve(launch, question).loaded.pending_trust is not None:
        raise ConfigError(
            "The project's files changed while you looked at them.",
            why="Only what was shown is approved, and that is no longer what they say.",
            advice="Look again: vtcode-tui trust",
        )
    _say(streams, "Approved. Any change in this asks again.")
    return DONE


def _status(launch: Launch, streams: Streams, *, as_json: bool) -> int:
    loaded = launch.loaded
    question = loaded.pending_trust or loaded.given_trust
    state = "nothing to approve" if question is None else "approved"
    state = "not approved" if loaded.pending_trust is not None else state
    if as_json:
        _say(streams, json.dumps(_as_json(launch, question, state)))
    elif question is None:
        _say(streams, f"The project in {launch.workspace} asks for nothing that needs approval.")
    else:
        _show(question, streams)
        since = (
            f", since {question.before.approved_on}"
            if question.before and state == "approved"
            else ""
        )
        _say(streams, f"This is {state}{since}.")
    return UNTRUSTED if loaded.pending_trust is not None else DONE


def _remove(launch: Launch, streams: Streams) -> int:
    was_there = TrustStore(launch.state_dir).forget(launch.workspace)
    words = "is taken back" if was_there else "was not there to take back"
    _say(streams, f"The approval for {launch.workspace} {words}.")
    return DONE


def _says_yes(streams: Streams, stdin: TextIO) -> bool:
    if not (stdin.isatty() and streams.stdout.isatty()):
        raise ConfigError(
            "There is nobody to ask.",
            why="Standard input or output is not a terminal.",
            advice="To approve it as it is now, run: vtcode-tui trust add",
        )
    streams.stdout.write("Approve exactly this? [y/N] ")
    streams.stdout.flush()
    _drop_typed_ahead(stdin)
    return stdin.readline().strip().lower() in ("y", "yes")


def _drop_typed_ahead(stdin: TextIO) -> None:
    """Discard input typed before the question was shown: it is no answer to it."""
    import termios

    termios.tcflush(stdin.fileno(), termios.TCIFLUSH)


def _show(question: TrustQuestion, streams: Streams) -> None:
    is_change = question.before is not None and question.before.digest != question.digest
    _say(streams, f"The project in {question.workspace} asks for this:")
    for line in lines_of(question):
        mark = _MARKS[line.change] if is_change or line.change == "ignored" else "-"
        place = f"  ({line.place})" if line.place else ""
        _say(streams, f"  {mark} {line.text}{place}{_change_words(line)}")


def _change_words(line: TrustLine) -> str:
    if line.change == "changed":
        return f"  (approved before: {line.before})"
    return "  (no longer)" if line.change == "gone" else ""


def _as_json(launch: Launch, question: TrustQuestion | None, state: str) -> dict[str, object]:
    lines = lines_of(question) if question is not None else ()
    return {
        "workspace": str(launch.workspace),
        "state": state,
        "digest": question.digest if question is not None else None,
        "asks_for": [
            {"text": line.text, "change": line.change, "before": line.before, "place": line.place}
            for line in lines
        ],
    }


def _say(streams: Streams, text: str) -> None:
    """Write one cleaned line to stdout."""
    streams.stdout.write(f"{clean_line(text)}\n")
    streams.stdout.flush()
