"""Finds the secrets in a file that usually holds some. Pure, never raises.

They are told apart by their names, their length and their look: to take every setting for a secret
would star out words such as "production" everywhere.
"""

from __future__ import annotations

import re

from vtcode_tui.workspace.known_secrets import SHORTEST

_MAX_LINES = 5_000
_SETTING = re.compile(
    r"""\s*(?:export\s+|-\s+)?["']?(?P<name>[A-Za-z_][\w.-]*)["']?\s*[=:]\s*(?P<value>\S.*)"""
)
_SECRET_NAME = re.compile(
    r"key|token|secret|pass|pwd|credential|auth|private|salt|signature|webhook|dsn", re.IGNORECASE
)
_USER_INFO = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")
_NET_RC = re.compile(r"\bpassword\s+(\S+)|:_(?:authToken|auth|password)=(\S+)")
_KEY_MATERIAL = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_LOOKS_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[^\s/.:@]{16,}")
_PLACEHOLDERS = frozenset(
    [
        "changeme",
        "default",
        "development",
        "disabled",
        "enabled",
        "example",
        "localhost",
        "password",
        "postgres",
        "production",
        "secret",
        "testing",
        "undefined",
    ]
)


def secrets_in(text: str) -> set[str]:
    """The values in the settings of ``text`` that look like secrets, and lines of key material."""
    found: set[str] = set()
    for line in text.splitlines()[:_MAX_LINES]:
        found.update(_USER_INFO.findall(line))
        found.update(value for pair in _NET_RC.findall(line) for value in pair if value)
        setting = _SETTING.match(line)
        if setting is not None:
            value = _unquoted(setting["value"])
            if _is_secret(setting["name"], value):
                found.add(value)
        elif _KEY_MATERIAL.fullmatch(line.strip()):
            found.add(line.strip())
    return found


def _unquoted(value: str) -> str:
    value = value.strip().rstrip(",").rstrip()
    if value[:1] in ("'", '"'):
        return value[1:].partition(value[0])[0]
    return re.split(r"\s#", value, maxsplit=1)[0].rstrip()


def _is_secret(name: str, value: str) -> bool:
    if len(value) < SHORTEST or value.casefold() in _PLACEHOLDERS or value.startswith("${"):
        return False
    if _SECRET_NAME.search(name):
        return True
    return bool(_LOOKS_RANDOM.fullmatch(value))
