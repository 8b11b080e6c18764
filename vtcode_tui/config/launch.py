"""What the process was started with, read once from the command line and passed down."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path

from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SessionWish:
    """The session to resume: the one whose id begins with ``session_id``; without an id the
    workspace's last one, or with ``asks`` one that the user picks."""

    session_id: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Launch:
    """``workspace`` is the absolute directory to work in; ``environ`` the environment without what is
    named like a secret and without directories of the workspace in PATH, fit for an editor of the
    user's or a clipboard's program; ``whole_environ`` is for another process of this program alone;
    ``clock`` gives monotonic seconds and ``today`` the local date; ``use_embedded`` asks for the
    built-in model's server in place of a configured address; ``memory_bytes`` is what this machine
    has, None where it does not tell; ``allows_insecure_http`` lets a key go to another machine over
    plain http; ``reload`` loads the configuration again, with what the user approved since;
    ``added_directories`` can be read and written like the workspace; ``now`` gives the local time
    with its zone; ``session`` is the one to go on with, None for a new one; ``first_prompt`` is sent as
    soon as there is a model; ``app_version`` tells this program's version."""

    loaded: LoadedConfig
    workspace: Path
    environ: Mapping[str, str]
    cache_dir: Path
    state_dir: Path
    platform: str
    use_embedded: bool
    clock: Callable[[], float]
    today: Callable[[], datetime.date]
    memory_bytes: int | None = None
    allows_insecure_http: bool = False
    reload: Callable[[], LoadedConfig] | None = None
    added_directories: tuple[Path, ...] = ()
    now: Callable[[], datetime.datetime] | None = None
    session: SessionWish | None = None
    first_prompt: str = ""
    app_version: Callable[[], str] = lambda: "unknown"
    whole_environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def time(self) -> datetime.datetime:
        """The local time; where only the date is known, its midnight."""
        if self.now is not None:
            return self.now()
        return datetime.datetime.combine(self.today(), datetime.time(), datetime.UTC)
