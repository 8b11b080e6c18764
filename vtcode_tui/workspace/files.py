"""Reads and replaces regular files inside a workspace, complete and byte for byte.

Every opening goes through the held root (see beneath). Directories, FIFOs, sockets and devices are
refused. Raises WorkspaceError with the reason, and FileChanged as described at write_atomic.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from vtcode_tui.errors import OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace.beneath import directory_beneath
from vtcode_tui.workspace.names import is_git_metadata
from vtcode_tui.workspace.regular import (
    ABSENT,
    MAX_FILE_BYTES,
    READ_FLAGS,
    changed,
    digest,
    read_up_to,
    refuse_special,
    refuse_unwritable,
    status_of,
)
from vtcode_tui.workspace.replacing import Replacement, remove_file
from vtcode_tui.workspace.root import Workspace

__all__ = (
    "ABSENT",
    "MAX_FILE_BYTES",
    "digest",
    "missing_directories",
    "open_regular",
    "read_bytes",
    "read_if_exists",
    "refuse_write",
    "remove",
    "remove_empty_directories",
    "write_atomic",
)
_LINK_IN_THE_WAY = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EXDEV})


def read_bytes(
    workspace: Workspace,
    path: Path,
    *,
    max_bytes: int = MAX_FILE_BYTES,
    check: Callable[[int], None] | None = None,
) -> bytes:
    """The complete file. Raises WorkspaceError if it is missing or longer than ``max_bytes``.

    ``check`` is called with the open file's descriptor before anything is read.
    """
    content = read_if_exists(workspace, path, max_bytes=max_bytes, check=check)
    if content is None:
        raise WorkspaceError(f'There is no file "{workspace.relative(path)}".')
    return content


def read_if_exists(
    workspace: Workspace,
    path: Path,
    *,
    max_bytes: int = MAX_FILE_BYTES,
    check: Callable[[int], None] | None = None,
) -> bytes | None:
    """The complete file, or None if there is none. ``path`` contains no links; see read_bytes."""
    with open_regular(workspace, path) as descriptor:
        if descriptor is None:
            return None
        if check is not None:
            check(descriptor)
        size = os.fstat(descriptor).st_size
        content = read_up_to(descriptor, max_bytes + 1)
        if len(content) > max_bytes:
            raise WorkspaceError(
                f'"{workspace.relative(path)}" is too large: {size:,} bytes, '
                f"the limit is {max_bytes:,}."
            )
        return content


@contextlib.contextmanager
def open_regular(workspace: Workspace, path: Path) -> Iterator[int | None]:
    """A descriptor of the regular file at ``path``, closed at the end; None if it does not exist."""
    names = workspace.names(path)
    with _explained(workspace, path):
        descriptor = _open_regular(workspace, names)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def write_atomic(
    workspace: Workspace,
    path: Path,
    content: bytes,
    expected_digest: str | None,
    *,
    mode: int | None = None,
    may_have_other_names: bool = True,
) -> None:
    """Replace or create the file in one step; missing directories above it are made.

    Owner and extended attributes of an existing file stay, and its mode unless ``mode`` is given.
    A file that has other hard links is written in place, so that all of them change with it. With
    ``expected_digest`` (see digest) raises FileChanged when the file, or the way to it, is not what
    it was when that digest was taken; without ``may_have_other_names`` also when it has some. What
    was written is read back before it counts. On any error the old file is whole and no temporary
    file stays. Raises WorkspaceError for anything under ``.git``, for read-only and setuid files,
    and for what is no regular file.
    """
    names = workspace.names(path)
    replacement = Replacement(content, expected_digest, mode, may_have_other_names)
    with _changed_where_it_leads_out(workspace, path, expected_digest):
        refuse_write(workspace, path)
        with (
            _explained(workspace, path),
            directory_beneath(workspace.root_fd, names[:-1], create=True) as directory,
        ):
            replacement.write(directory, names[-1])


def remove(workspace: Workspace, path: Path, expected_digest: str) -> None:
    """Remove the file if it has this digest. Raises FileChanged and WorkspaceError."""
    names = workspace.names(path)
    with _changed_where_it_leads_out(workspace, path, expected_digest):
        refuse_write(workspace, path)
        with (
            _explained(workspace, path),
            directory_beneath(workspace.root_fd, names[:-1]) as directory,
        ):
            remove_file(directory, names[-1], expected_digest)


def remove_empty_directories(workspace: Workspace, directories: Iterable[tuple[str, ...]]) -> None:
    """Remove those of the directories (named from the root) that are empty, deepest first."""
    for names in sorted(directories, key=len, reverse=True):
        with (
            contextlib.suppress(OSError),
            directory_beneath(workspace.root_fd, names[:-1]) as above,
        ):
            os.rmdir(names[-1], dir_fd=above)


def missing_directories(workspace: Workspace, path: Path) -> tuple[tuple[str, ...], ...]:
    """The directories above ``path`` that do not exist, named from the root."""
    names = workspace.names(path)[:-1]
    missing: list[tuple[str, ...]] = []
    for end in range(len(names), 0, -1):
        try:
            with directory_beneath(workspace.root_fd, names[:end]):
                break
        except OSError:
            missing.append(names[:end])
    return tuple(missing)


def refuse_write(workspace: Workspace, path: Path) -> None:
    """Raise WorkspaceError if no tool may write here, whatever the policy."""
    names = workspace.names(path)
    if not names:
        raise WorkspaceError("The path is the workspace itself, not a file.")
    if is_git_metadata(names):
        raise WorkspaceError(
            f'"{workspace.relative(path)}" is git\'s own; file tools never write there.',
            advice="Use git commands.",
        )
    with (
        _explained(workspace, path),
        _parent_if_exists(workspace, names) as directory,
    ):
        status = None if directory is None else status_of(directory, names[-1])
        if status is not None:
            refuse_unwritable(workspace.relative(path), status)


def _open_regular(workspace: Workspace, names: tuple[str, ...]) -> int | None:
    if not names:
        raise WorkspaceError("The path is the workspace itself, a directory.")
    with _parent_if_exists(workspace, names) as directory:
        if directory is None:
            return None
        status = status_of(directory, names[-1])
        if status is None:
            return None
        # Looked at before it is opened: opening a FIFO or a device has effects of its own.
        refuse_special("/".join(names), status)
        descriptor = os.open(names[-1], READ_FLAGS, dir_fd=directory)
        try:
            refuse_special("/".join(names), os.fstat(descriptor))
        except WorkspaceError:
            os.close(descriptor)
            raise
        return descriptor


@contextlib.contextmanager
def _parent_if_exists(workspace: Workspace, names: tuple[str, ...]) -> Iterator[int | None]:
    with contextlib.ExitStack() as stack:
        try:
            directory = stack.enter_context(directory_beneath(workspace.root_fd, names[:-1]))
        except FileNotFoundError:
            yield None
            return
        yield directory


@contextlib.contextmanager
def _changed_where_it_leads_out(
    workspace: Workspace, path: Path, expected_digest: str | None
) -> Iterator[None]:
    """Treat a link that was put in the way after the digest was taken as a change."""
    try:
        yield
    except OutsideWorkspace as error:
        if expected_digest is None:
            raise
        raise changed(workspace.relative(path)) from error


@contextlib.contextmanager
def _explained(workspace: Workspace, path: Path) -> Iterator[None]:
    """Convert an OSError into a WorkspaceError that explains it."""
    try:
        yield
    except OSError as error:
        name = workspace.relative(path)
        if error.errno in _LINK_IN_THE_WAY:
            raise OutsideWorkspace(
                f'"{name}" cannot be reached: a name on the way is not a directory, '
                "or is a symbolic link that was put there just now."
            ) from error
        if workspace.is_gone:
            raise WorkspaceError(
                f'"{name}" cannot be used: the directory {workspace.root} is gone.',
                why="It was deleted while this program worked in it.",
                advice="Once it is back, go on there: vtcode-tui --continue",
            ) from error
        raise WorkspaceError(f'"{name}" cannot be used: {error.strerror or error}.') from error
