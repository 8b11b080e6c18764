"""Trees of files, directories and links to anywhere, and paths into them, for hypothesis."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from hypothesis import strategies as st

_NAMES = st.sampled_from(["a", "b", "c", ".env", "AGENTS.md", ".git"])
_TARGETS = st.sampled_from(
    ["a", "b", "../a", "..", "../..", "../out", "../../out", "../out/secret", "/", "$WS", "$WS/a",
     "$OUT", "$OUT/secret", ".", "/proc/self/root", "/proc/self/cwd", ".env", "AGENTS.md", ".git",
     "$HOME/.ssh"]
)  # fmt: skip
ENTRIES = st.lists(
    st.tuples(
        st.lists(_NAMES, min_size=1, max_size=3),
        st.sampled_from(["file", "directory", "link"]),
        _TARGETS,
    ),
    max_size=8,
)
"""Names, kind and target of a link; a later one may stand in the way of an earlier one."""
ASKED = st.lists(
    st.sampled_from(
        ["a", "b", "c", "..", ".", "", "out", "secret", ".env", ".git", "home", ".ssh"]
    ),
    min_size=1,
    max_size=6,
)
"""The parts of a path that is asked for."""


def grow(base: Path, entries: list[tuple[list[str], str, str]]) -> None:
    """Make ``entries`` below ``ws`` in ``base``; what cannot be made is left out."""
    root = base / "ws"
    for names, kind, target in entries:
        path = root.joinpath(*names)
        with contextlib.suppress(OSError):
            if not Path(os.path.realpath(path.parent)).is_relative_to(base):
                continue  # A link made before leads to the real disk.
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "file":
                path.touch()
            elif kind == "directory":
                path.mkdir()
            else:
                for name, place in (("WS", root), ("OUT", base / "out"), ("HOME", base / "home")):
                    target = target.replace(f"${name}", str(place))
                path.symlink_to(target)
