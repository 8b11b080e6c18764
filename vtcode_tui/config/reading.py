"""Reads a configuration file: bounded, never blocking, with line numbers in errors.

Only a regular file of at most MAX_BYTES is read, so that a pipe, a device or a huge file in an
untrusted directory can neither hang the program nor fill its memory.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from vtcode_tui.errors import ConfigError
from vtcode_tui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vtcode_tui.config.positions import Positions

# Far above any real file; the worst of this size is parsed within 0.1 s or so.
MAX_BYTES = 64 * 1024

_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its text without a byte order mark, its values, and the positions of its keys."""

    text: str
    values: dict[str, object]
    positions: Positions


def read_document(path: Path) -> Document | None:
    """The parsed file, or None if there is none. Raises ConfigError otherwise."""
    content = read_bytes(path)
    return None if content is None else parse_document(content, path)


def read_bytes(path: Path) -> bytes | None:
    """The content of a regular file of at most MAX_BYTES, or None when there is no file."""
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, _cause(error)) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _unreadable(path, "It is not a regular file.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, _cause(error)) from None
    finally:
        os.close(descriptor)
    if len(content) > MAX_BYTES:
        raise _unreadable(path, f"It is larger than {MAX_BYTES // 1024} KiB.")
    return content


def parse_document(content: bytes, path: Path) -> Document:
    """``content`` as TOML; ``path`` is for errors. Raises ConfigError with the line."""
    # Without a file, neither the parser nor the finder of positions is loaded.
    import tomllib

    from vtcode_tui.config.positions import NestingTooDeep, find_positions

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_line = content.count(b"\n", 0, error.start) + 1
        raise _invalid(path, bad_line, "The file is not UTF-8 text.") from None
    try:
        positions = find_positions(text)
        return Document(text, tomllib.loads(text), positions)
    except NestingTooDeep as error:
        raise _invalid(path, error.line, "Keys or values are nested too deep.") from None
    except RecursionError:
        raise _invalid(path, None, "Values are nested too deep.") from None
    except tomllib.TOMLDecodeError as error:
        line, why = _explained(str(error), text, positions)
    except ValueError:
        line, why = None, "A number in it is too long."
    # Raised outside of the handler: the parser's frames hold the text, which may hold a key.
    raise _invalid(path, line, why)


def _explained(complaint: str, text: str, positions: Positions) -> tuple[int | None, str]:
    """The line of a parser's error, and the error in helpful words."""
    found = _AT_LINE.search(complaint)
    if found is None:
        return None, f"{complaint}."
    line = int(found[1]) if found[1] else text.rstrip("\n").count("\n") + 1
    complaint = complaint[: found.start()]
    if complaint.startswith("Cannot "):
        earlier = positions.set_before(line)
        if earlier is not None:
            return line, f"The same name is set before, in line {earlier.line}."
    if complaint == r"Illegal character '\n'":
        return line, "A text is not closed: its second quote is missing in this line."
    if complaint == "Invalid value":
        return line, "Invalid value: a text must stand in quotes."
    return line, f"{complaint}."


def _invalid(path: Path, line: int | None, why: str) -> ConfigError:
    place = f"{path}, line {line}" if line else f"{path}"
    return ConfigError(
        f"{place}: this is not valid TOML.",
        why=why,
        advice=f"Correct {f'line {line}' if line else 'the file'}, or move the file away.",
    )


def _unreadable(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path} cannot be read as a configuration file.",
        why=why,
        advice="Make it a small readable text file, or move it away.",
    )


def _cause(error: OSError | ValueError) -> str:
    words = error.strerror if isinstance(error, OSError) else None
    return f"{words or error}."
