"""Replaces and removes a file in an open directory atomically, checked before and after."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from dataclasses import dataclass

from vtcode_tui.workspace.in_place import check_written, write_all, write_in_place
from vtcode_tui.workspace.regular import (
    ABSENT,
    MAX_FILE_BYTES,
    READ_FLAGS,
    changed,
    digest,
    digest_of,
    read_up_to,
    refuse_unwritable,
    status_of,
)
from vtcode_tui.workspace.temporary import new_temporary

_IN_PLACE_FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Replacement:
    """One write of a file, as described at files.write_atomic."""

    content: bytes
    expected_digest: str | None
    mode: int | None = None
    may_have_other_names: bool = True

    def write(self, directory: int, name: str) -> None:
        """Write the file as ``name``. Raises FileChanged, WorkspaceError and OSError."""
        current = status_of(directory, name)
        if current is not None:
            refuse_unwritable(name, current)
        if current is not None and current.st_nlink > 1:
            self._write_in_place(directory, name)
            return
        temporary, target = new_temporary(directory, 0o666 if current is None else 0o600)
        try:
            try:
                self._fill(target, directory, None if current is None else name)
            finally:
                os.close(target)
            self._publish(directory, temporary, name)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=directory)
            raise
        os.fsync(directory)

    def _fill(self, target: int, directory: int, like: str | None) -> None:
        write_all(target, self.content)
        if like is not None:
            _copy_attributes(directory, like, target)
        if self.mode is not None:
            os.fchmod(target, self.mode)
        os.fsync(target)
        check_written(target, self.content)

    def _publish(self, directory: int, temporary: str, name: str) -> None:
        check_unchanged(directory, name, self.expected_digest)
        if self.expected_digest == ABSENT:
            _publish_new(directory, temporary, name)
        else:
            os.replace(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)

    def _write_in_place(self, directory: int, name: str) -> None:
        if not self.may_have_other_names:
            raise changed(name)
        descriptor = os.open(name, _IN_PLACE_FLAGS, dir_fd=directory)
        try:
            refuse_unwritable(name, os.fstat(descriptor))
            old = read_up_to(descriptor, MAX_FILE_BYTES + 1)
            if self.expected_digest not in (None, digest(old)):
                raise changed(name)
            write_in_place(descriptor, old, self.content)
            if self.mode is not None:
                os.fchmod(descriptor, self.mode)
        finally:
            os.close(descriptor)


def remove_file(directory: int, name: str, expected_digest: str) -> None:
    """Remove the file with this digest. Raises FileChanged and OSError.

    It is renamed first, so that the checked file is the one that is removed.
    """
    aside = f".vtcode-removed-{secrets.token_hex(6)}"
    os.rename(name, aside, src_dir_fd=directory, dst_dir_fd=directory)
    try:
        check_unchanged(directory, aside, expected_digest)
    except BaseException:
        os.rename(aside, name, src_dir_fd=directory, dst_dir_fd=directory)
        raise
    os.unlink(aside, dir_fd=directory)
    os.fsync(directory)


def _publish_new(directory: int, temporary: str, name: str) -> None:
    """Give the file its name only if the name is still free, which a rename would not check."""
    try:
        os.link(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except FileExistsError as error:
        raise changed(name) from error
    except OSError:  # a file system without hard links
        os.replace(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    else:
        os.unlink(temporary, dir_fd=directory)


def check_unchanged(directory: int, name: str, expected_digest: str | None) -> None:
    if expected_digest is not None and digest_of(directory, name) != expected_digest:
        raise changed(name)


def _copy_attributes(directory: int, name: str, target: int) -> None:
    source = os.open(name, READ_FLAGS, dir_fd=directory)
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
