"""What a command may access, and how it is confined. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Boundaries:
    """All paths are absolute and free of links, and all but ``scratch`` were there a moment ago.

    ``writable`` are directories, the first is where commands start; ``read_only`` lies in them;
    ``hidden`` is not to be read; ``scratch`` is the command's own temporary directory; ``kept``
    stays readable whatever is hidden around it.
    """

    writable: tuple[Path, ...]
    scratch: Path
    read_only: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    network: bool = False


@dataclass(frozen=True, slots=True)
class Enclosure:
    """How one command is started so that it stays within its boundaries.

    ``around_all`` are the words before the command and its keeper, ``around_command`` those before
    the command alone. Just before it starts, the command takes on the Landlock ruleset behind
    ``ruleset_fd``, the seccomp program ``socket_filter`` (hex) and at most ``max_processes``.
    ``environment`` is set over the command's own.
    """

    around_all: tuple[str, ...] = ()
    around_command: tuple[str, ...] = ()
    ruleset_fd: int | None = None
    socket_filter: str = ""
    max_processes: int | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def keeper_options(self) -> tuple[str, ...]:
        """The keeper's arguments for its part of the confinement."""
        options: list[str] = []
        if self.ruleset_fd is not None:
            options.append(f"--ruleset={self.ruleset_fd}")
        if self.socket_filter:
            options.append(f"--sockets={self.socket_filter}")
        if self.max_processes is not None:
            options.append(f"--processes={self.max_processes}")
        return tuple(options)


OPEN = Enclosure()
"""No sandbox at all."""
