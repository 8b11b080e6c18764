"""Describes what the programs in a command are known to do, for the user who is asked.

Uses the same tolerant reading as the deny list: it may miss a program, so an empty answer means
nothing, and no decision depends on it. Pure, total and bounded.
"""

from __future__ import annotations

from collections.abc import Sequence

from vtcode_tui.permissions.never import reason_never, words
from vtcode_tui.permissions.visible import base_name, visible_commands

_MOST = 4
_DELETES = "deletes files"
_REMOTE = "talks to other machines"
_CLEARER = {
    **dict.fromkeys(words("rm rmdir shred unlink"), _DELETES),
    **dict.fromkeys(words("sudo su doas pkexec runuser"), "runs as another user"),
}
_GIT = {
    **dict.fromkeys(words("push pull fetch clone ls-remote"), _REMOTE),
    **dict.fromkeys(words("clean reset checkout restore rm stash switch"), "can drop changes"),
}
_TOLD = frozenset(
    {"changes files", "can run any commands", "can run any code", _REMOTE, "acts on the system"}
)


def what_to_heed(command: str) -> str:
    """Such as "rm deletes files · curl talks to other machines", or empty."""
    told: dict[str, str] = {}
    for seen in visible_commands(command):
        name, does = _known_of(seen)
        if does:
            told.setdefault(name, does)
        if len(told) == _MOST:
            break
    return " · ".join(f"{name} {does}" for name, does in told.items())


def _known_of(seen: Sequence[str]) -> tuple[str, str]:
    name = base_name(seen[0])
    if name == "git":
        verb = next((word for word in seen[1:] if word in _GIT), "")
        return f"git {verb}", _GIT.get(verb, "")
    reason = reason_never(name) or ""
    return name, _CLEARER.get(name) or (reason if reason in _TOLD else "")
