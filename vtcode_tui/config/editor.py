"""Sets one value in a TOML file and leaves everything else unchanged.

Comments, blank lines, order, line ends, a byte order mark and a missing last newline are preserved,
and so are all lines except the key's. The file is replaced atomically.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vtcode_tui.config.keys import KeyPath, dotted, shown
from vtcode_tui.config.positions import Entry, Positions, parse_key
from vtcode_tui.config.reading import Document, parse_document, read_bytes
from vtcode_tui.errors import ConfigError

Value: TypeAlias = str | int | bool

_BOM = b"\xef\xbb\xbf"


def save_value(path: Path, dotted_key: str, value: Value) -> None:
    """Set ``dotted_key`` in the file at ``path``; the file and the table are created if necessary.

    A symbolic link is followed, and the file's mode is kept. Raises ConfigError, with the file
    unchanged, if it is not valid TOML, if the key cannot be set in it, or if it cannot be written;
    ValueError if ``dotted_key`` is not a key. Blocks while another process saves the same file, so
    that no change is lost.
    """
    key = parse_key(dotted_key)
    if key is None:
        raise ValueError(f"not a dotted key: {dotted_key!r}")
    target = Path(os.path.realpath(path))
    with _alone_in(target.parent):
        _save(target, key, value)


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Best effort: a directory that is still to be made, or on a system without locks, has none."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _save(target: Path, key: KeyPath, value: Value) -> None:
    content = read_bytes(target)
    document = parse_document(content or b"", target)
    text = _edited(document, key, value)
    if text is None:
        raise ConfigError(
            f"{target}: {shown(key)} cannot be set without changing other lines.",
            why="A name in it stands for something else in this file, or the value is no TOML text.",
            advice=f"Open the file and set {shown(key)} by hand.",
        )
    if content is not None and text == document.text:
        return
    bom = _BOM if content is not None and content.startswith(_BOM) else b""
    _write(target, bom + text.encode("utf-8"))


def _edited(document: Document, key: KeyPath, value: Value) -> str | None:
    """The text with the value set and nothing else changed, or None if that is impossible.

    There are several ways to write a key; the first result that passes the check is used.
    """
    old = _parsed(document.text)
    if old is None:
        return None
    wanted = _with_value(old, key, value)
    if wanted is None:
        return None
    is_set = _lookup(old, key) is not None
    for edit in (_by_document,) if is_set else (_in_section, _in_new_table, _by_document):
        text = edit(document, key, value)
        if text is None or not _same_but(document, text, key):
            continue
        new = _parsed(text)
        # To Python, true equals 1.
        if new == wanted and type(_lookup(new, key)) is type(value):
            return text
    return None


def _by_document(document: Document, key: KeyPath, value: Value) -> str | None:
    """tomlkit's own edit: a new value in the old place, or a key in an inline or dotted table."""
    try:
        parsed = tomlkit.parse(document.text)
        table: object = parsed
        for name in key[:-1]:
            if not isinstance(table, Mapping):
                return None
            table = table[name]
        if not isinstance(table, MutableMapping):
            return None
        table[key[-1]] = value
        text = tomlkit.dumps(parsed)
    except (TOMLKitError, ValueError, TypeError, LookupError, AttributeError):
        return None
    old = document.text
    if "\r\n" in old and not re.search(r"(?<!\r)\n", old):
        text = re.sub(r"(?<!\r)\n", "\r\n", text)
    return text if old.endswith("\n") else text.rstrip("\r\n")


def _in_section(document: Document, key: KeyPath, value: Value) -> str | None:
    """A new line after the last key of ``[table]``, or after the comment that documents the key.

    tomlkit would add it after the section's last comment, which is often the next table's heading.
    """
    entries = document.positions.entries
    table = key[:-1]
    starts = [
        index for index, entry in enumerate(entries) if entry.is_header and entry.path == table
    ]
    if len(starts) != 1:
        return None
    start = starts[0]
    end = next(
        (index for index in range(start + 1, len(entries)) if entries[index].is_header),
        len(entries),
    )
    lines = document.text.split("\n")
    last_line = entries[end].line - 1 if end < len(entries) else len(lines)
    members = [entry for entry in entries[start + 1 : end] if not entry.is_inline]
    after = _template_line(lines, key[-1], entries[start].line, last_line, members)
    if after is None:
        after = max(entry.last_line for entry in (entries[start], *members))
    neighbour = lines[members[-1].line - 1] if members else ""
    indent = neighbour[: len(neighbour) - len(neighbour.lstrip(" \t"))]
    carriage_return = "\r" if "\r\n" in document.text else ""
    line = indent + _line(key[-1], value)
    if after == len(lines):
        lines[-1] += carriage_return
        lines.append(line)
    else:
        lines.insert(after, line + carriage_return)
    return "\n".join(lines)


def _template_line(
    lines: list[str], name: str, first: int, last: int, members: list[Entry]
) -> int | None:
    """The line between ``first`` and ``last`` that holds ``# name = ...``, if there is one."""
    template = re.compile(rf"[ \t]*#+[ \t]*{re.escape(name)}[ \t]*=")
    taken = {line for entry in members for line in range(entry.line, entry.last_line + 1)}
    found = (
        number
        for number in range(first + 1, last + 1)
        if number not in taken and template.match(lines[number - 1])
    )
    return next(found, None)


def _in_new_table(document: Document, key: KeyPath, value: Value) -> str | None:
    """A new ``[table]`` with the key, at the end."""
    if len(key) < 2:
        return None
    text = document.text
    newline = "\r\n" if "\r\n" in text else "\n"
    last = "" if text and not text.endswith("\n") else newline
    if text:
        text += newline if text.endswith("\n") else newline * 2
    return f"{text}[{dotted(key[:-1])}]{newline}{_line(key[-1], value)}{last}"


def _line(name: str, value: Value) -> str:
    return tomlkit.dumps({name: value}).rstrip("\n")


def _same_but(document: Document, text: str, key: KeyPath) -> bool:
    """Whether ``text`` equals the old text byte for byte, except for the key's lines."""
    old, new = _whole_lines(document.text), _whole_lines(text)
    start = _common_start(old, new)
    end = _common_start(old[start:][::-1], new[start:][::-1])
    own = _own_lines(document.positions, key)
    return all(number in own for number in range(start + 1, len(old) - end + 1))


def _common_start(one: list[str], other: list[str]) -> int:
    """How many lines both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _whole_lines(text: str) -> list[str]:
    """The lines with their ends, the last one as if it had its end too."""
    if text and not text.endswith("\n"):
        text += "\r\n" if "\r\n" in text else "\n"
    return re.findall(r"[^\n]*\n", text)


def _own_lines(positions: Positions, key: KeyPath) -> range:
    """The lines of the key, or of the inline table that will contain it."""
    for length in range(len(key), 0, -1):
        for entry in positions.entries:
            if entry.path == key[:length] and not entry.is_header:
                return range(entry.line, entry.last_line + 1)
    return range(0)


def _parsed(text: str) -> dict[str, object] | None:
    """The values, with floats as strings because nan does not equal itself; None for invalid TOML."""
    try:
        text.encode("utf-8")
        return tomllib.loads(text, parse_float=str)
    except ValueError:
        return None


def _lookup(values: Mapping[str, object] | None, key: KeyPath) -> object:
    """The value at ``key``, or None, which TOML does not have as a value."""
    node: object = values
    for name in key:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _with_value(
    values: Mapping[str, object], key: KeyPath, value: Value
) -> dict[str, object] | None:
    """A copy with the value set; None if part of the key is not a table, or the key is one."""
    name, *rest = key
    copied = dict(values)
    if not rest:
        if isinstance(copied.get(name), dict):
            return None
        copied[name] = value
        return copied
    table = copied.get(name, {})
    if not isinstance(table, dict):
        return None
    inner = _with_value(table, tuple(rest), value)
    if inner is None:
        return None
    copied[name] = inner
    return copied


def _write(path: Path, content: bytes) -> None:
    """Replace the file atomically: after a crash it is either the old or the new one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _write_new(temporary, content, path)
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_directory(path.parent)
    except OSError as error:
        raise ConfigError(
            f"{path} could not be written.",
            why=f"{error.strerror or error}.",
            advice="The file is as it was. Make it and its directory writable, then try again.",
        ) from None


def _write_new(temporary: Path, content: bytes, replaced: Path) -> None:
    """Write ``temporary`` to the disk, with the mode and owner of the file that it will replace."""
    try:
        status = replaced.stat()
    except FileNotFoundError:
        status = None
    # A file with a key in it must not be readable by others for a moment.
    mode = 0o666 if status is None else 0o600
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        if status is not None:
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                with suppress(PermissionError):
                    os.fchown(descriptor, status.st_uid, status.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_directory(directory: Path) -> None:
    """Best effort: some file systems cannot sync a directory."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
