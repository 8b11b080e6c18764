"""One record as one line of a session's file, and every whole record that a damaged file still has.

    {"crc":"1a2b3c4d","seq":7,"t":1764000000.125,"type":"turn_started",...}

``crc`` is the CRC-32, in hexadecimal, of the bytes from ``"seq"`` to the end of the line. A line
without it, such as one that was written by hand, is taken as it is. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from zlib import crc32

from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.secrecy import starred
from vtcode_tui.session.codec import RecordError

_START = b'{"crc":"'
_CRC = slice(len(_START), len(_START) + 8)
_BODY = len(_START) + 8 + 2
_PADDING = b"\0\r \t"
# A quotation mark inside a JSON text has a backslash before it: this stands at a beginning only.
_STARTS = re.compile(rb'\{"crc":"')
_OWN_NAME = re.compile(r"[a-z_]+")


@dataclass(frozen=True, slots=True)
class Record:
    """``seq`` numbers the session's records from 0; ``time_s`` is seconds since the epoch."""

    seq: int
    time_s: float
    type: str
    fields: Mapping[str, JsonValue]

    def text(self, name: str) -> str:
        """A string field. Raises RecordError."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise RecordError(f"{self.type} without {name}")
        return value


@dataclass(frozen=True, slots=True)
class Scan:
    """``records`` in file order; ``damaged`` counts unreadable ones.

    ``whole_bytes`` is the end of the last complete line; ``is_torn`` says that more follows.
    """

    records: tuple[Record, ...]
    damaged: int
    whole_bytes: int
    is_torn: bool

    @property
    def next_seq(self) -> int:
        return max((record.seq for record in self.records), default=-1) + 1


def seal(
    seq: int,
    time_s: float,
    type_: str,
    fields: Mapping[str, JsonValue],
    secrets: Iterable[str] = (),
) -> bytes:
    """The line of a record, with its line feed and with each secret masked."""
    head: dict[str, JsonValue] = {"seq": seq, "t": round(time_s, 3), "type": type_}
    text = _encoded({**head, **fields})
    known = tuple(secrets)
    if any(written in text for secret in known for written in _as_written(secret)):
        # Only now, and in the values: in the encoded text a line feed's "n" may seem to begin one.
        text = _encoded({**head, **_starred_fields(fields, known)})
    body = text[1:]
    return b'%s%08x",%s\n' % (_START, crc32(body), body)


def _encoded(content: Mapping[str, JsonValue]) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # A lone surrogate, as a server may send it escaped.
        return json.dumps(content, separators=(",", ":")).encode()


def _as_written(secret: str) -> Iterator[bytes]:
    """The forms in which JSON text may contain ``secret``."""
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode(errors="replace")
    if not secret.isascii():
        yield json.dumps(secret)[1:-1].encode()


def _starred_fields(
    fields: Mapping[str, JsonValue], secrets: tuple[str, ...]
) -> dict[str, JsonValue]:
    """``fields`` with secrets masked in values only: a password may equal a field name such as
    "content"."""
    return {
        name if _OWN_NAME.fullmatch(name) else starred(name, secrets): _starred(value, secrets)
        for name, value in fields.items()
    }


def _starred(value: JsonValue, secrets: tuple[str, ...]) -> JsonValue:
    if isinstance(value, str):
        return starred(value, secrets)
    if isinstance(value, (list, tuple)):
        return [_starred(item, secrets) for item in value]
    if isinstance(value, Mapping):
        return _starred_fields(value, secrets)
    return value


def scan(content: bytes) -> Scan:
    """Every complete record in a file's content, whatever else it contains. Never raises."""
    *lines, tail = content.split(b"\n")
    candidates: list[bytes] = []
    for line in (*lines, tail):
        if line.startswith(_START) and line.endswith(b"}") and _is_sound(line):
            candidates.append(line)
        elif line:
            candidates += _candidates(line)
    # The same line twice is one record; two lines with one number are two.
    candidates = list(dict.fromkeys(candidates))
    records = [record for record in map(_record, _parsed(candidates)) if record is not None]
    damaged = len(candidates) - len(records)
    return Scan(tuple(records), damaged, len(content) - len(tail), bool(tail))


def _candidates(line: bytes) -> Iterator[bytes]:
    """Possible records in a damaged line; adjacent records may have run together."""
    stripped = line.strip(_PADDING)
    if line.count(b"\0") > stripped.count(b"\0"):
        yield b"\0" * line.count(b"\0")  # As a lost block leaves it: it counts as damage.
    starts = [match.start() for match in _STARTS.finditer(stripped)]
    if not starts:
        if stripped:
            yield stripped
        return
    if starts[0] > 0:
        yield stripped[: starts[0]]
    for start, end in zip(starts, [*starts[1:], len(stripped)], strict=True):
        part = stripped[start:end]
        sound = part[: _sound_length(part)]
        if not sound:
            yield part[: part.rfind(b"}") + 1]
            continue
        yield sound
        if rest := part[len(sound) :].strip(_PADDING):
            yield rest


def _sound_length(part: bytes) -> int:
    """The length of the record at the beginning of ``part`` by its checksum, or 0. A record that
    follows may have lost its own beginning, including the line feed before it."""
    wanted, crc, at = part[_CRC], 0, _BODY
    for match in re.finditer(rb"\}", part):
        end = match.end()
        if end > at:
            crc, at = crc32(part[at:end], crc), end
            if b"%08x" % crc == wanted:
                return end
    return 0


def _is_sound(line: bytes) -> bool:
    return b"%08x" % crc32(line[_BODY:]) == line[_CRC]


def _parsed(candidates: Sequence[bytes]) -> list[object]:
    """The JSON of each line, None if invalid. Parses all lines at once if all are valid, which is
    faster."""
    sound = [line for line in candidates if line.startswith(_START) and _is_sound(line)]
    if len(sound) == len(candidates):
        with suppress(ValueError, RecursionError):
            values = json.loads(b"[%s]" % b",".join(candidates))
            if isinstance(values, list) and len(values) == len(candidates):
                return values
    return [_json(line) for line in candidates]


def _json(line: bytes) -> object:
    if line.startswith(_START) and not _is_sound(line):
        return None
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value


def _record(content: object) -> Record | None:
    if not isinstance(content, dict):
        return None
    seq, time_s, type_ = content.pop("seq", None), content.pop("t", None), content.pop("type", None)
    if not isinstance(seq, int) or isinstance(seq, bool) or not isinstance(type_, str):
        return None
    if not isinstance(time_s, int | float) or isinstance(time_s, bool) or not isfinite(time_s):
        return None
    content.pop("crc", None)
    return Record(seq, float(time_s), type_, content)
