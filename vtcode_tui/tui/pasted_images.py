"""Recognises an image in a paste: its path, as a terminal inserts it for a dropped file, or its
data.

Pure.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote, urlsplit

_LONGEST_PATH = 4096
_NAME = re.compile(r"\.(?:png|jpe?g|webp)$", re.IGNORECASE)
_DATA = re.compile(r"data:image/(?:png|jpeg|webp);base64,", re.IGNORECASE)


def image_paste(text: str) -> str | bytes | None:
    """The path or the bytes of the pasted image, None if it is not one."""
    text = text.strip()
    data = _DATA.match(text)
    if data is not None:
        try:
            return base64.b64decode(text[data.end() :], validate=True)
        except (binascii.Error, ValueError):
            return None
    if not text or len(text) > _LONGEST_PATH or "\n" in text or not _NAME.search(text.strip("'\"")):
        return None
    if text.startswith("file://"):
        return unquote(urlsplit(text).path)
    import shlex

    try:
        # Some terminals insert a path with blanks unquoted, others quoted for a shell.
        words = shlex.split(text) if re.search(r"[\\'\"]", text) else [text]
    except ValueError:
        return None
    is_path = len(words) == 1 and words[0].startswith(("/", "~/", "./", "../"))
    return words[0] if is_path else None
