"""The words that start a command in macOS's sandbox-exec, and the profile that it is given.

In a profile the last rule that matches wins, so each exception stands after what it is one from.
Paths are parameters, never text of the profile. Terminals stay closed: a command could write to the
user's own by its name.
"""

from __future__ import annotations

import os
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
(allow file-write-data (literal "/dev/null") (literal "/dev/zero"))"""


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
    paths = [path for path, _ in _exceptions(boundaries)]
    parameters = (f"-D{_name(number)}={path}" for number, path in enumerate(paths))
    return (str(PROGRAM), "-p", seatbelt_profile(boundaries), *parameters)


def seatbelt_profile(boundaries: Boundaries) -> str:
    """What lies deeper stands later, so the rule for the nearest directory wins."""
    rules = [
        f'({action} (subpath (param "{_name(number)}")))'
        for number, (_, action) in enumerate(_exceptions(boundaries))
    ]
    network = [] if boundaries.network else ["(deny network*)"]
    return "\n".join([_START, *rules, *network])


def _exceptions(boundaries: Boundaries) -> list[tuple[Path, str]]:
    """Each path with its action; of two for one path, the one that stands later here wins."""
    exceptions = [
        *((path, "deny file-read* file-write*") for path in boundaries.hidden),
        *((path, "allow file-read*") for path in boundaries.kept),
        *(
            (path, "allow file-read* file-write*")
            for path in (boundaries.scratch, *boundaries.writable)
        ),
        *((path, "deny file-write*") for path in boundaries.read_only),
    ]
    return sorted(exceptions, key=lambda exception: len(exception[0].parts))


def _name(number: int) -> str:
    return f"PATH_{number}"
