"""The words that start a command in macOS's sandbox-exec, and the profile that it is given.

In a profile the last rule that matches wins, so each exception stands after what it is one from.
Paths are parameters, never text of the profile.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from vtcode_tui.workspace.enclosure import Boundaries, Enclosure

PROGRAM = Path("/usr/bin/sandbox-exec")

_START = """\
(version 1)
(allow default)
(deny appleevent-send)
(deny mach-lookup (global-name "com.apple.coreservices.launchservicesd"))
(deny signal)
(allow signal (target same-sandbox))
(deny file-write*)
(allow file-write-data (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))
(allow file-write-data file-ioctl (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+$"))"""


def missing() -> str | None:
    """Why sandbox-exec cannot be tried here, or None."""
    return None if os.access(PROGRAM, os.X_OK) else f"{PROGRAM} is not there"


def enclose(boundaries: Boundaries, _: ExitStack) -> Enclosure:
    return Enclosure(
        around_command=seatbelt_words(boundaries),
        environment={"TMPDIR": str(boundaries.scratch)},
    )


def seatbelt_words(boundaries: Boundaries) -> tuple[str, ...]:
    """The command line before the command, which has to begin with a program's path."""
    parameters = [
        f"-D{name}={path}"
        for prefix, paths in _named(boundaries).items()
        for name, path in zip(_names(prefix, paths), paths, strict=True)
    ]
    return (str(PROGRAM), "-p", seatbelt_profile(boundaries), *parameters)


def seatbelt_profile(boundaries: Boundaries) -> str:
    """Order: what may be written, what of it may not, what may not be read, what yet may."""
    paths = _named(boundaries)
    rules = [_START]
    rules += _rules("allow file-write*", _names("WRITABLE", paths["WRITABLE"]))
    rules += _rules("deny file-write*", _names("READ_ONLY", paths["READ_ONLY"]))
    rules += _rules("deny file-read* file-write*", _names("HIDDEN", paths["HIDDEN"]))
    rules += _rules("allow file-read*", _names("KEPT", paths["KEPT"]))
    if not boundaries.network:
        rules.append("(deny network*)")
    return "\n".join(rules)


def _named(boundaries: Boundaries) -> dict[str, tuple[Path, ...]]:
    return {
        "WRITABLE": (*boundaries.writable, boundaries.scratch),
        "READ_ONLY": boundaries.read_only,
        "HIDDEN": boundaries.hidden,
        "KEPT": (*boundaries.kept, boundaries.scratch),
    }


def _names(prefix: str, paths: Sequence[Path]) -> list[str]:
    return [f"{prefix}_{number}" for number, _ in enumerate(paths)]


def _rules(action: str, names: Sequence[str]) -> list[str]:
    return [f'({action} (subpath (param "{name}")))' for name in names]
