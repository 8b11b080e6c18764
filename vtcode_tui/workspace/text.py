"""Decodes a file's bytes to text and back without losing a byte. Pure.

For every ``content`` that has a text, ``encode(decoded, decoded.text)`` is ``content`` again.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.lazy_dataclass import dataclass

Codec: TypeAlias = Literal["utf-8", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]

_SNIFFED_BYTES = 8192
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS: dict[bytes, Codec] = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_SURROGATES = "[\ud800-\udfff]"
_BEYOND_ASCII = "[\x80-\ud7ff\ue000-\U0010ffff]"


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A file's text without its byte order mark ``bom``.

    With "utf-8", an invalid byte is kept as a lone surrogate (PEP 383).
    """

    text: str
    codec: Codec = "utf-8"
    bom: bytes = b""


def decode(content: bytes) -> DecodedText | None:
    """The text of a file, or None if it is binary."""
    if content.startswith(_UTF8_BOM):
        text = content[len(_UTF8_BOM) :].decode("utf-8", "surrogateescape")
        return DecodedText(text, "utf-8", _UTF8_BOM)
    codec = _UTF16_BOMS.get(content[:2])
    if codec is not None:
        return _decode_strictly(content, codec, content[:2])
    if b"\0" in content[:_SNIFFED_BYTES]:
        return None
    text = content.decode("utf-8", "surrogateescape")
    if not re.search(_SURROGATES, text) or re.search(_BEYOND_ASCII, text):
        return DecodedText(text)
    return _decode_strictly(content, "cp1252") or _decode_strictly(content, "latin-1")


def encode(like: DecodedText, text: str) -> bytes:
    """``text`` as a complete file in the encoding and with the byte order mark of ``like``."""
    return like.bom + encode_part(like, text)


def encode_part(like: DecodedText, text: str) -> bytes:
    """``text`` in the encoding of ``like``. Raises WorkspaceError if it cannot be encoded."""
    try:
        return text.encode(like.codec, "surrogateescape" if like.codec == "utf-8" else "strict")
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise WorkspaceError(
            f"The file is encoded in {like.codec}, which has no U+{ord(character):04X}."
        ) from error


def without_surrogates(text: str) -> str:
    """``text`` with bytes that were not UTF-8 as U+FFFD, so that it can be sent."""
    return re.sub(_SURROGATES, "\ufffd", text)


def has_surrogates(text: str) -> bool:
    return re.search(_SURROGATES, text) is not None


def uses_crlf_only(text: str) -> bool:
    """Whether the text has line ends and all of them are CR LF."""
    crlf = text.count("\r\n")
    return crlf > 0 and crlf == text.count("\n")


def _decode_strictly(content: bytes, codec: Codec, bom: bytes = b"") -> DecodedText | None:
    try:
        return DecodedText(content[len(bom) :].decode(codec), codec, bom)
    except UnicodeDecodeError:
        return None
