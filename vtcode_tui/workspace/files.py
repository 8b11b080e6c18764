"""Reads and replaces regular files inside a workspace, whole and byte for byte.

Every opening goes through the held root (see beneath). Directories, FIFOs, sockets and devices are
refused. Raises WorkspaceError with the cause in words, FileChanged as said at write_atomic.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from vtcode_tui.errors import FileChanged, OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace.beneath import directory_beneath
from vtcode_tui.workspace.names import is_git_metadata
from vtcode_tui.workspace.root import Workspace

ABSENT = "absent"
MAX_FILE_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_LINK_IN_THE_WAY = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EXDEV})
_READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link that was put there just now",
}


def digest(content: bytes | None) -> str:
    """SHA-256 in hex, or ``absent`` for a file that does not exist (None)."""
    return ABSENT if content is None else hashlib.sha256(content).hexdigest()


def read_bytes(workspace: Workspace, path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """The whole file. Raises WorkspaceError where it is missing or longer than ``max_bytes``."""
    content = read_if_exists(workspace, path, max_bytes=max_bytes)
    if content is None:
        raise WorkspaceError(f'There is no file "{workspace.relative(path)}".')
    return content


def read_if_exists(
    workspace: Workspace, path: Path, *, max_bytes: int = MAX_FILE_BYTES
) -> bytes | None:
    """The whole file, or None where there is none. ``path`` comes from Workspace.resolve."""
    with open_regular(workspace, path) as descriptor:
        if descriptor is None:
            return None
        size = os.fstat(descriptor).st_size
        content = _read_up_to(descriptor, max_bytes + 1)
        if len(content) > max_bytes:
            raise WorkspaceError(
                f'"{workspace.relative(path)}" is too large: {size:,} bytes, '
                f"the limit is {max_bytes:,}."
            )
        return content


@contextlib.contextmanager
def open_regular(workspace: Workspace, path: Path) -> Iterator[int | None]:
    """A descriptor of the regular file at ``path``, closed at the end; None where none exists."""
    names = workspace.names(path)
    with _explained(workspace, path):
        descriptor = _open_regular(workspace, names)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def write_atomic(
    workspace: Workspace, path: Path, content: bytes, expected_digest: str | None
) -> None:
    """Replace or create the file in one step; missing directories above it are made.

    Mode, owner and extended attributes of an existing file stay; another hard link to it keeps
    the old content. With ``expected_digest`` (see digest) raises FileChanged when the file, or
    the way to it, is not what it was when that digest was taken. On any error the old file is
    whole and no temporary file stays. Raises WorkspaceError for anything under ``.git``, for
    read-only and setuid files, and for what is no regular file.
    """
    names = workspace.names(path)
    try:
        refuse_write(workspace, path)
        with (
            _explained(workspace, path),
            directory_beneath(workspace.root_fd, names[:-1], create=True) as directory,
        ):
            _replace(directory, names[-1], content, expected_digest)
    except OutsideWorkspace as error:
        if expected_digest is None:
            raise
        raise _changed(workspace.relative(path)) from error


def refuse_write(workspace: Workspace, path: Path) -> None:
    """Raise WorkspaceError where no tool may write, whatever the policy."""
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
        status = None if directory is None else _status(directory, names[-1])
        if status is not None:
            _refuse_unwritable(workspace.relative(path), status)


def _refuse_unwritable(name: str, status: os.stat_result) -> None:
    _refuse_special(name, status)
    if status.st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise WorkspaceError(f'"{name}" is a setuid or setgid file; it is never written.')
    if not status.st_mode & 0o222:
        raise WorkspaceError(f'"{name}" is read-only.', advice=f'chmod u+w "{name}"')


def _replace(directory: int, name: str, content: bytes, expected_digest: str | None) -> None:
    status = _status(directory, name)
    if status is not None:
        _refuse_unwritable(name, status)
    temporary = f".vtcode-{os.getpid()}-{secrets.token_hex(6)}.tmp"
    target = os.open(temporary, _NEW_FLAGS, 0o666 if status is None else 0o600, dir_fd=directory)
    try:
        try:
            _write_all(target, content)
            if status is not None:
                _copy_attributes(directory, name, target)
            os.fsync(target)
        finally:
            os.close(target)
        _check_unchanged(directory, name, expected_digest)
        if expected_digest == ABSENT:
            _publish_new(directory, temporary, name)
        else:
            os.replace(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=directory)
        raise
    os.fsync(directory)


def _publish_new(directory: int, temporary: str, name: str) -> None:
    """Give the file its name only if that is still free, which a rename would not check."""
    try:
        os.link(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except FileExistsError as error:
        raise _changed(name) from error
    except OSError:  # a file system without hard links
        os.replace(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    else:
        os.unlink(temporary, dir_fd=directory)


def _check_unchanged(directory: int, name: str, expected_digest: str | None) -> None:
    if expected_digest is None:
        return
    status = _status(directory, name)
    if status is None:
        current = ABSENT
    elif not stat.S_ISREG(status.st_mode):
        raise _changed(name)
    else:
        descriptor = os.open(name, _READ_FLAGS, dir_fd=directory)
        try:
            current = digest(_read_up_to(descriptor, MAX_FILE_BYTES + 1))
        finally:
            os.close(descriptor)
    if current != expected_digest:
        raise _changed(name)


def _changed(name: str) -> FileChanged:
    return FileChanged(
        f'"{name}" changed since it was shown; nothing was written.',
        advice="Look at the new difference and decide again.",
    )


def _copy_attributes(directory: int, name: str, target: int) -> None:
    source = os.open(name, _READ_FLAGS, dir_fd=directory)
    try:
        status = os.fstat(source)
        mine = os.fstat(target)
        if (status.st_uid, status.st_gid) != (mine.st_uid, mine.st_gid):
            with contextlib.suppress(PermissionError):
                os.fchown(target, status.st_uid, status.st_gid)
        os.fchmod(target, stat.S_IMODE(status.st_mode))
        _copy_extended_attributes(source, target)
    finally:
        os.close(source)


def _copy_extended_attributes(source: int, target: int) -> None:
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):  # not every file system has them
        for attribute in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(target, attribute, os.getxattr(source, attribute))


def _open_regular(workspace: Workspace, names: tuple[str, ...]) -> int | None:
    if not names:
        raise WorkspaceError("The path is the workspace itself, a directory.")
    with _parent_if_exists(workspace, names) as directory:
        if directory is None:
            return None
        status = _status(directory, names[-1])
        if status is None:
            return None
        # Looked at before it is opened: opening a FIFO or a device has effects of its own.
        _refuse_special("/".join(names), status)
        descriptor = os.open(names[-1], _READ_FLAGS, dir_fd=directory)
        try:
            _refuse_special("/".join(names), os.fstat(descriptor))
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


def _status(directory: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=directory)
    except FileNotFoundError:
        return None


def _refuse_special(name: str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
    if stat.S_ISLNK(status.st_mode):
        raise OutsideWorkspace(f'"{name}" is {kind}.')
    raise WorkspaceError(f'"{name}" is {kind}, not a regular file.')


def _read_up_to(descriptor: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    remaining = limit
    while remaining > 0:
        chunk = os.read(descriptor, min(_CHUNK_BYTES, remaining))
        if not chunk:
            break
        chunks.append(chunk)
        remaining -= len(chunk)
    return b"".join(chunks)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


@contextlib.contextmanager
def _explained(workspace: Workspace, path: Path) -> Iterator[None]:
    """Turn an OSError into the WorkspaceError that says it in words."""
    try:
        yield
    except OSError as error:
        name = workspace.relative(path)
        if error.errno in _LINK_IN_THE_WAY:
            raise OutsideWorkspace(
                f'"{name}" cannot be reached: a name on the way is not a directory, '
                "or is a symbolic link that was put there just now."
            ) from error
        raise WorkspaceError(f'"{name}" cannot be used: {error.strerror or error}.') from error
