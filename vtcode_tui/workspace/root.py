"""A root directory and the paths inside it: the one place that decides what is inside.

``Workspace.resolve`` follows links like the kernel and returns a path without links. It is then
opened through the held directory of the root (see beneath), which follows no link, so a link that
is swapped in meanwhile leads nowhere.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path

from vtcode_tui.errors import OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace.names import path_trouble


class Workspace:
    """Confines paths to one directory. Safe to use from several threads.

    One that ``is_foreign`` is not the user's project: its paths are shown from the file system's
    root. Raises WorkspaceError where ``root`` is not a directory that can be opened.
    """

    def __init__(self, root: Path, *, is_foreign: bool = False) -> None:
        try:
            self.root: Path = root.resolve(strict=True)
            self._root_fd = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise WorkspaceError(
                f"The {'directory' if is_foreign else 'workspace'} {root} cannot be opened.",
                why=error.strerror or str(error),
                advice="Name a directory that you may read.",
            ) from error
        self.prefix = f"{str(self.root).rstrip('/')}/" if is_foreign else ""
        self._closer = weakref.finalize(self, os.close, self._root_fd)

    @property
    def root_fd(self) -> int:
        """The root's directory, held open for the lifetime of this object."""
        return self._root_fd

    @property
    def is_gone(self) -> bool:
        """Whether the directory that is held was deleted, also where another one has its name."""
        return os.fstat(self._root_fd).st_nlink == 0

    def resolve(self, path: str) -> Path:
        """``path`` as an absolute path without links, inside the root; it need not exist.

        Relative paths start at the root. Raises OutsideWorkspace if it leads out, and
        WorkspaceError for a refused name or a loop of links.
        """
        trouble = path_trouble(path)
        if trouble is not None:
            raise WorkspaceError(f"This path cannot be used: {trouble}.")
        try:
            resolved = Path(os.path.realpath(self.root / path))
        except (OSError, ValueError) as error:
            raise WorkspaceError(f'"{path}" cannot be used.', why=str(error)) from error
        if not resolved.is_relative_to(self.root):
            raise OutsideWorkspace(
                f'"{path}" is outside the workspace {self.root}.',
                why=f"It leads to {resolved}.",
                advice="Use a path relative to the workspace.",
            )
        if resolved.is_symlink():
            raise WorkspaceError(f'"{path}" is a loop of symbolic links.')
        trouble = path_trouble("/".join(resolved.relative_to(self.root).parts) or ".")
        if trouble is not None:
            raise WorkspaceError(f'"{path}" cannot be used: {trouble}.')
        return resolved

    def relative(self, path: Path) -> str:
        """``path`` relative to the root, with forward slashes; the root itself is ``.``.

        A path in a foreign root is absolute. Raises OutsideWorkspace for a path outside.
        """
        names = self.names(path)
        if self.prefix:
            return str(path)
        return "/".join(names) or "."

    def names(self, path: Path) -> tuple[str, ...]:
        """The names from the root to ``path``. Raises OutsideWorkspace."""
        try:
            parts = path.relative_to(self.root).parts
        except ValueError as error:
            raise OutsideWorkspace(f"{path} is outside the workspace {self.root}.") from error
        if ".." in parts:
            raise OutsideWorkspace(f"{path} is outside the workspace {self.root}.")
        return parts
