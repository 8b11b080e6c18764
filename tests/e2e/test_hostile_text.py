"""The corpus of hostile text through the surfaces of the real app; the bytes that come out are read.

Every record goes through answers, thoughts and errors, many to an app, on a tall terminal.
Whatever is not text and not one of the sequences that the app draws with is a failure.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.e2e.conftest import COMMAND
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama, Reply, reply

CORPUS = Path(__file__).parents[1] / "corpora" / "hostile_text.jsonl"
RECORDS_IN_CORPUS = 126
LONGEST, MOST_TIMES = 240, 60
COLUMNS, ROWS = 140, 200

DRAWN_WITH = re.compile(
    rb"\x1b\[[0-9;]*m"  # colours and attributes
    rb"|\x1b\[[0-9]+;[0-9]+H"  # the cursor goes to a cell
    rb"|\x1b\[\?2026[hl]"  # a frame begins and ends
    rb"|\x1b\[\?25[hl](?=\x1b|$)"
    rb"|\x1b\]2;[a-z \xc2\xb7-]*\x1b\\"  # the title: what it does, and where
    rb"|\x1b\]22;[a-z-]*\x07"  # the shape of the mouse pointer
    rb"|\r\n|\n"
)
ACTS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Record:
    """``raw`` is the record as a file holds it; ``text`` as a server or a name gives it."""

    name: str
    kind: str
    text: str
    raw: bytes


def records() -> list[Record]:
    """The corpus; what is endless is cut, since the transcript's own tests have it whole."""
    found = []
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "b64" in record:
            raw = base64.b64decode(record["b64"])
            text = raw.decode("utf-8", "replace")
        else:
            part, count = record.get("fill", [record.get("text"), 1])
            text = (part * min(count, MOST_TIMES))[:LONGEST]
            raw = text.encode("utf-8", "surrogatepass")
        found.append(Record(record["id"], record["class"], text, raw))
    return found


RECORDS = records()


def joined(part: Sequence[Record], label: str) -> str:
    return "".join(f"\n\n{label}{record.name}\n\n{record.text}" for record in part) + "\n\n"


def batches(size: int) -> Iterator[list[Record]]:
    for start in range(0, len(RECORDS), size):
        yield RECORDS[start : start + size]


def replaced(text: str) -> str:
    """``text`` with a mark for its lone surrogates, which no line could be built with."""
    return text.replace("\ud800", "@SURROGATE@")


def with_surrogates(made: Reply) -> Reply:
    """A reply whose marks go over the wire as JSON escapes, as a server sends surrogates."""
    return replace(
        made, lines=tuple(line.replace(b"@SURROGATE@", b"\\ud800") for line in made.lines)
    )


@contextmanager
def harmless_app(
    server: FakeOllama, home: Path, project: Path, *options: str
) -> Iterator[Terminal]:
    """The app; what it wrote once it was up must be harmless, and no word of a crash."""
    command = [COMMAND, "--base-url", server.url, *options]
    with Terminal(
        command, cwd=project, environment=quiet_environment(home), columns=COLUMNS, rows=ROWS
    ) as terminal:
        terminal.wait_for("ready · qwen3:1.7b" if options else f"{len(server.models)} installed")
        begun = len(terminal.received)
        yield terminal
        terminal.wait_for("ready")
        written = bytes(terminal.received[begun:])
    # The reader may stand in the middle of a sequence at either end.
    written = written[written.index(b"\x1b") : written.rindex(b"\x1b")]
    assert_harmless(written)
    assert not list(home.rglob("crash.txt"))


def assert_harmless(written: bytes) -> None:
    shown = DRAWN_WITH.sub(b"", written).decode("utf-8")
    found = ACTS.search(shown)
    if found is not None:
        around = shown[max(0, found.start() - 40) : found.end() + 40]
        raise AssertionError(f"{found.group()!a} was written, in {around!a}")
    assert "Traceback" not in shown


MODEL = ("--model", "qwen3:1.7b")


def send(terminal: Terminal, prompt: str) -> None:
    terminal.press(prompt, "enter")


def painted(terminal: Terminal, label: str, part: Sequence[Record]) -> None:
    """Wait until the label of every record was on the screen, wherever it has gone since."""
    waiting = {f"{label}{record.name}" for record in part}

    def saw_all(screen: str) -> bool:
        waiting.difference_update([each for each in waiting if each in screen])
        waiting.difference_update([each for each in waiting if each.encode() in terminal.received])
        return not waiting

    try:
        terminal.wait_for(saw_all)
    except AssertionError as error:
        raise AssertionError(f"never painted: {sorted(waiting)}") from error


def test_the_corpus_is_whole() -> None:
    assert len(RECORDS) == len({record.name for record in RECORDS}) == RECORDS_IN_CORPUS
    assert ACTS.search("\n".join(record.text for record in RECORDS))


def test_answers_thoughts_and_errors_are_harmless(
    server: FakeOllama, home: Path, project: Path
) -> None:
    parts = list(batches(37))
    for part in parts:
        thinking = joined(part, "thought ")
        answer = joined(part, "answer ")
        server.script(
            with_surrogates(
                reply(tokens=[replaced(answer)], thinking=replaced(thinking), chunk_tokens=1_000)
            )
        )
    with harmless_app(server, home, project, *MODEL) as terminal:
        for part in parts:
            send(terminal, "go")
            painted(terminal, "answer ", part)
        terminal.press("\x14")
        terminal.wait_for("thought TXT")
        for part in batches(8):
            said = "".join(f"refused-{each.name} {each.text[:40]} " for each in part)
            server.script(reply(status=400, error=said))
            send(terminal, "again")
            painted(terminal, "refused-", part)


def test_files_tools_and_questions_are_harmless(
    server: FakeOllama, home: Path, project: Path
) -> None:
    """Names and contents of files, arguments of calls, questions about them, and their results."""
    for record in RECORDS:
        name = record.raw[:60].replace(b"/", b"-").replace(b"\0", b"-")
        if name not in (b"", b".", b".."):
            (Path(os.fsdecode(os.fsencode(project) + b"/" + name))).write_bytes(record.raw)
    everything = replaced("\n".join(record.text for record in RECORDS)).replace("\0", "\\0")
    calls = (
        ("list_files", {"path": "."}),
        ("search_files", {"pattern": "e"}),
        ("write_file", {"path": "new.txt", "content": everything}),
        ("run_terminal_cmd", {"command": f"echo '{everything[:2_000]}'"}),
        (everything[:200], {everything[:50]: everything[50:90]}),
        ("read_file", {"path": everything[:200]}),
    )
    server.script(*(with_surrogates(reply(calls=[call])) for call in calls), reply("The end."))
    with harmless_app(server, home, project, *MODEL) as terminal:
        send(terminal, "go")
        for question in ("new.txt", "Run a command"):
            terminal.wait_for(question)
            terminal.wait_for("esc deny")
            terminal.press(*["pagedown"] * 6)
            terminal.wait_for("ctrl+y approve once")
            terminal.press("ctrl+y")
        terminal.wait_for("The end.")
        terminal.press("\x14")
        send(terminal, "/sessions")
        terminal.wait_for("go")
        terminal.press("escape")
