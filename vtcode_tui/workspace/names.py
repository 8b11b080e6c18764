"""What a path may be called, judged by its text alone. Pure functions.

Names are folded (compatibility forms, case) only to recognise special files, never to open one.
"""

from __future__ import annotations

import re
import unicodedata

MAX_PATH_CHARACTERS = 4096
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_GIT_NAMES = frozenset({".git", "git~1"})
_HARMLESS_SECRETS = re.compile(r"\.env\.(example|sample|template|dist)$|.*\.pub$")
_SECRETS = re.compile(
    r"\.env(\..*)?$|\.envrc$|.*\.(pem|key|p12|pfx|jks|keystore|kdbx)$"
    r"|id_(rsa|dsa|ecdsa|ed25519)(_.*)?$|credentials?(\.(json|ya?ml|toml|ini|txt))?$"
    r"|secrets?\.(json|ya?ml|toml|ini|txt)$|\.(netrc|git-credentials|pgpass|pypirc)$"
)


def path_trouble(path: str) -> str | None:
    """Why ``path`` is refused whatever it names, in words for the model, or None."""
    if not path or path.isspace():
        return "the path is empty"
    if len(path) > MAX_PATH_CHARACTERS:
        return f"the path is longer than {MAX_PATH_CHARACTERS} characters"
    hidden = next((c for c in path if unicodedata.category(c) in _REFUSED_CATEGORIES), None)
    if hidden is not None:
        return f"the path holds a character that cannot be seen (U+{ord(hidden):04X})"
    if _URL.match(path):
        return "the path is a URL; only files of the workspace can be used"
    parts = path.split("/")
    if parts[0] == "~":
        return '"~" is not expanded; give a path relative to the workspace'
    if any(part != part.strip() for part in parts):
        return "a name in the path begins or ends with a blank"
    return None


def folded(name: str) -> str:
    """``name`` in the form in which lax file systems may take it for another."""
    kept = "".join(c for c in name if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", kept).casefold().rstrip(". ")


def is_git_metadata(parts: tuple[str, ...]) -> bool:
    """Whether a path of these names lies in, or is, a ``.git`` on some file system."""
    return any(folded(part).split(":")[0] in _GIT_NAMES for part in parts)


def is_secret_name(name: str) -> bool:
    """Whether files of this name usually hold keys or passwords."""
    plain = folded(name)
    return bool(_SECRETS.match(plain)) and not _HARMLESS_SECRETS.match(plain)
