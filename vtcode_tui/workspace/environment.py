"""The environment of child processes: an allow list, so that no secret is inherited by accident."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_PASSED = frozenset(
    {
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "LC_ALL",
        "LC_ADDRESS",
        "LC_COLLATE",
        "LC_CTYPE",
        "LC_IDENTIFICATION",
        "LC_MEASUREMENT",
        "LC_MESSAGES",
        "LC_MONETARY",
        "LC_NAME",
        "LC_NUMERIC",
        "LC_PAPER",
        "LC_TELEPHONE",
        "LC_TIME",
        "CARGO_HOME",
        "CONDA_PREFIX",
        "GEM_HOME",
        "GOPATH",
        "GOROOT",
        "JAVA_HOME",
        "NVM_DIR",
        "PYENV_ROOT",
        "RUSTUP_HOME",
        "VIRTUAL_ENV",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
    }
)
_FIXED = {
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "PAGER": "cat",
    "SHELL": "/bin/bash",
    "TERM": "dumb",
}
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def child_environment(
    environ: Mapping[str, str],
    workspace_root: Path | None = None,
    more: Iterable[str] = (),
) -> dict[str, str]:
    """What a command may know of ``environ``, with the variables ``more`` that the user named.
    Applying it again changes nothing.

    Entries of PATH that are relative or inside the workspace are left out: a project must not
    decide which program a plain name means.
    """
    passed = {name: environ[name] for name in sorted(_PASSED.union(more)) if name in environ}
    return {**passed, **_FIXED, "PATH": trusted_path(environ.get("PATH", ""), workspace_root)}


def passed_settings(environ: Mapping[str, str], more: Iterable[str]) -> str:
    """The variables ``more`` as the lines of a settings file: an address may hold a password."""
    return "\n".join(f"{name}={environ[name]}" for name in more if name in environ)


def trusted_path(path: str, workspace_root: Path | None) -> str:
    """``path``, a PATH, without directories that a project could control."""
    entries = [entry for entry in path.split(":") if _is_trusted_directory(entry, workspace_root)]
    return ":".join(entries) or _DEFAULT_PATH


def _is_trusted_directory(entry: str, workspace_root: Path | None) -> bool:
    if not entry.startswith("/"):
        return False
    if workspace_root is None:
        return True
    return not Path(os.path.realpath(entry)).is_relative_to(workspace_root)
