"""The facts about the workspace that command rules may ask for. The caller answers; nothing here
does I/O."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class PathKind(StrEnum):
    """What a path is now, after following links."""

    FILE = "file"
    """A regular file inside the workspace that is neither secret nor protected."""
    DIRECTORY = "directory"
    """A directory inside the workspace that is not protected (``.git`` is)."""
    ABSENT = "absent"
    """Nothing has this name, not even a dangling link, and it would be inside the workspace."""
    CLOSED = "closed"
    """Everything else: outside, secret, protected, special, unreadable, not a path at all."""


class PathOracle(Protocol):
    """Facts about one workspace, which is also the directory that commands start in.

    Every method accepts any text and never raises. What cannot be determined (no permission, too
    many files) is answered such that the command asks: CLOSED, or that there are secrets.
    """

    def kind(self, path: str) -> PathKind:
        """What ``path`` is, relative to the workspace or absolute. "~" is a name like any other."""
        ...

    def has_secrets(self, directory: str) -> bool:
        """Whether a secret file lies anywhere in ``directory``; links in it are not followed."""
        ...

    def git_is_plain(self) -> bool:
        """Whether git stays in the workspace and starts no program because of a configuration.

        True where no repository is found from the workspace upwards, or where the workspace is
        the top of one, ``.git`` is a directory and ``git_files.is_plain_config`` says yes of its
        ``config``. A repository around the workspace would show files outside of it.
        """
        ...

    def names_commits(self, number: str) -> bool:
        """Whether all that git may take ``number``, hex digits, for are commits: at least one is.

        The number of a file's content shows that content whatever the name of the file was.
        """
        ...

    def tracks_secrets(self) -> bool:
        """Whether a file that git tracks has the name of a secret (``git_files.tracked_names``)."""
        ...
