"""Reports a defect in this program by its location, without the value of any variable.

Error messages and local variables can contain secrets, so neither is included.
"""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from vtcode_tui.errors import VtcodeError
from vtcode_tui.workspace.private import write_private

DIRECTORY = "crashes"
_KEPT = 10


def crashed(
    error: BaseException, state_dir: Path, stamp: str, facts: Mapping[str, str]
) -> VtcodeError:
    """The error to show for ``error``. Its report is saved in ``state_dir`` under ``stamp``, a time
    such as ``20260102-030405``. ``facts`` describe the run, without secrets."""
    report = "\n".join([*(f"{name}: {fact}" for name, fact in facts.items()), "", report_of(error)])
    try:
        where = f"The report, without your data, is in {_save(report, state_dir, stamp)}"
    except OSError as fault:
        where = f"No report could be written: {fault.strerror or fault}."
    return VtcodeError(
        "vtcode-tui ended because of a defect in it.",
        why=f"{type(error).__name__} in {_place_of(error)}",
        advice=f"{where}\nYour conversation is kept: vtcode-tui --continue",
    )


def report_of(error: BaseException) -> str:
    """The types of the error and its causes, each with its frames."""
    return "\n".join(_parts(error))


def _parts(error: BaseException) -> Iterator[str]:
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        if seen:
            yield "\ncame from\n"
        seen.append(current)
        yield type(current).__qualname__
        yield "".join(traceback.format_tb(current.__traceback__)).rstrip("\n")
        if isinstance(current, BaseExceptionGroup):
            for each in current.exceptions:
                yield f"\nwith {report_of(each)}"
        current = current.__cause__ or current.__context__


def _place_of(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


def _save(report: str, state_dir: Path, stamp: str) -> Path:
    """Raises OSError."""
    path = write_private(state_dir, DIRECTORY, f"{stamp}-{os.getpid()}.txt", report)
    for old in sorted(path.parent.glob("*.txt"))[:-_KEPT]:
        with suppress(OSError):
            old.unlink()
    return path


def surroundings() -> dict[str, str]:
    """The Python version and the system."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }
