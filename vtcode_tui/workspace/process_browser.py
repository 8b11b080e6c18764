"""Opens a web address in this machine's browser. Blocking; never raises.

The browser is detached from this program's terminal: its output would be drawn over the screen, and
it must not read the keys.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import PurePath

_PATIENCE_S = 2.0
"""After which a program that still runs is taken to have the address."""
_OPENERS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("WSL_DISTRO_NAME",), ("wslview",)),
    (("WAYLAND_DISPLAY", "DISPLAY"), ("xdg-open",)),
    (("WAYLAND_DISPLAY", "DISPLAY"), ("gio", "open")),
)
"""The variables of which one must be set, for a program to have a window to open; and its words."""
_DRAWS_IN_THE_TERMINAL = frozenset({"links", "elinks", "lynx", "w3m", "www-browser", "browsh"})


def open_address(url: str, environment: Mapping[str, str], *, is_mac: bool) -> bool:
    """Whether a graphical program took ``url``: $BROWSER, or the desktop's opener."""
    return any(_takes(argv, environment) for argv in _commands(url, environment, is_mac))


def _commands(url: str, environment: Mapping[str, str], is_mac: bool) -> Iterable[list[str]]:
    path = environment.get("PATH", "")
    for named in filter(None, environment.get("BROWSER", "").split(":")):
        try:
            words = shlex.split(named)
        except ValueError:
            continue
        if words and PurePath(words[0]).name not in _DRAWS_IN_THE_TERMINAL:
            has_place = any("%s" in word for word in words[1:])
            filled = [words[0], *(word.replace("%s", url) for word in words[1:])]
            yield filled if has_place else [*filled, url]
    for variables, known in _OPENERS:
        program = shutil.which(known[0], path=path)
        if program is not None and any(environment.get(name) for name in variables):
            yield [program, *known[1:], url]
    if is_mac:  # Elsewhere "open" is another program.
        yield ["/usr/bin/open", url]


def _takes(argv: list[str], environment: Mapping[str, str]) -> bool:
    try:
        started = subprocess.Popen(  # noqa: S603 (the user's own browser; no shell reads it)
            argv,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return False
    try:
        return started.wait(_PATIENCE_S) == 0
    except subprocess.TimeoutExpired:
        # Somebody has to hear of its end, so that nothing of it stays behind.
        threading.Thread(target=started.wait, daemon=True, name="browser").start()
        return True
