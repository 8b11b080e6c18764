"""Finds which kind of git object a hexadecimal prefix names, from the object files. Does not run
git.

Reads loose objects, and packs with an index of version 2, in repositories with SHA-1
(gitformat-pack(5)). Never raises; unreadable objects are of unknown kind.
"""

from __future__ import annotations

import mmap
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_INDEX_START = b"\xfftOc\0\0\0\x02"
_FANOUT, _NAMES = 8, 8 + 256 * 4
_PACKED_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_BY_OFFSET, _BY_NAME = 6, 7
_LONGEST_CHAIN = 10_000


def kinds_of(metadata: Path, prefix: str) -> frozenset[str]:
    """The kinds of all objects whose id, in lower-case hex, begins with ``prefix``.

    ``metadata`` is the ``.git`` directory; ``?`` stands for what could not be read.
    """
    objects = metadata / "objects"
    try:
        found = set(_loose(objects / prefix[:2], prefix[2:]))
        for index in sorted((objects / "pack").glob("*.idx")):
            found |= set(_packed(index, prefix))
    except (OSError, ValueError, IndexError):
        return frozenset("?")
    return frozenset(found)


def _loose(directory: Path, rest: str) -> Iterator[str]:
    if not directory.is_dir():
        return
    for path in directory.iterdir():
        if path.name.startswith(rest):
            with path.open("rb") as file:
                start = file.read(128)
            head = b""
            with suppress(zlib.error):
                head = zlib.decompressobj().decompress(start, 16)
            yield head.split(b" ")[0].decode("ascii", "replace") or "?"


def _packed(path: Path, prefix: str) -> Iterator[str]:
    with (
        path.open("rb") as index_file,
        path.with_suffix(".pack").open("rb") as pack_file,
        mmap.mmap(index_file.fileno(), 0, access=mmap.ACCESS_READ) as index,
        mmap.mmap(pack_file.fileno(), 0, access=mmap.ACCESS_READ) as pack,
    ):
        if index[:8] != _INDEX_START:
            yield "?"
            return
        for offset in _offsets(index, prefix):
            yield _kind_at(index, pack, offset)


def _offsets(index: mmap.mmap, prefix: str) -> Iterator[int]:
    """The offsets of the objects whose ids begin with the prefix."""
    count = _number(index, _FANOUT + 255 * 4)

    def name(position: int) -> str:
        start = _NAMES + 20 * position
        return index[start : start + 20].hex()

    position = bisect_left(range(count), prefix, key=name)
    while position < count and name(position).startswith(prefix):
        offset = _number(index, _NAMES + 24 * count + 4 * position)
        if offset & 0x80000000:
            far = _NAMES + 28 * count + 8 * (offset & 0x7FFFFFFF)
            offset = int.from_bytes(index[far : far + 8])
        yield offset
        position += 1


def _number(index: mmap.mmap, start: int) -> int:
    return int.from_bytes(index[start : start + 4])


def _kind_at(index: mmap.mmap, pack: mmap.mmap, offset: int) -> str:
    """The kind of an object; a delta has that of its base."""
    for _ in range(_LONGEST_CHAIN):
        kind, position = (pack[offset] >> 4) & 7, offset
        while pack[position] & 0x80:
            position += 1
        position += 1
        if kind == _BY_OFFSET:
            back = pack[position] & 0x7F
            while pack[position] & 0x80:
                position += 1
                back = ((back + 1) << 7) | (pack[position] & 0x7F)
            offset -= back
        elif kind == _BY_NAME:
            offset = next(_offsets(index, pack[position : position + 20].hex()), -1)
            if offset < 0:
                return "?"
        else:
            return _PACKED_KINDS.get(kind, "?")
    return "?"
