"""A throw-away folder with everything that a command could spoil or leak, and its oracle."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.agent.git_objects import kinds_of
from vtcode_tui.permissions.git_files import is_plain_config, tracked_names
from vtcode_tui.permissions.oracle import PathKind
from vtcode_tui.workspace.names import is_git_metadata, is_secret_name

CANARY = "жжжжжжжжжжжжжжжж"
"""Stands in every secret file. Its bytes stand nowhere else, so that a single one is a leak."""

CANARY_BYTES = frozenset(CANARY.encode())

PLAIN_FILES = {
    "a.txt": "foo\nbar\nTODO: write a\n",
    "b.txt": "foo\nbaz\n",
    "a b.txt": "blank\n",
    "a;b.txt": "semicolon\n",
    "a&&b.txt": "ampersands\n",
    "a|b.txt": "pipe\n",
    "a$b.txt": "dollar\n",
    "it's.txt": "quote\n",
    "Makefile": "check:\n\ttrue\n",
    "README.md": "# readme\n",
    "src/main.py": "def main():\n    return 1  # TODO\n",
    "src/main.rs": "fn main() {}\n",
    "src/lib.rs": "pub fn f() {}\n",
    "docs/notes.md": "notes\n",
    "tests/test_x.py": "def test_y():\n    assert True\n",
    "package.json": '{"scripts": {"test": "true"}}\n',
    "vtcode.toml": '[tools]\ndefault_policy = "prompt"\n',
}
SECRET_FILES = {".env": f"{CANARY}KEY={CANARY}\n", "deploy.pem": f"{CANARY}\n"}
_SECRET_BYTES = SECRET_FILES[".env"].encode()
SECRET_BLOB = hashlib.sha1(b"blob %d\0" % len(_SECRET_BYTES) + _SECRET_BYTES).hexdigest()
"""The object in which git keeps the secret where it tracks it."""
SCRIPTS = ("pwn", "evil.sh", "ls-evil", "evil/ls")


@dataclass(frozen=True, slots=True)
class Folder:
    """``home`` and ``outside`` lie beside ``workspace``, all under ``base``."""

    base: Path

    @property
    def workspace(self) -> Path:
        return self.base / "home" / "u" / "project"

    @property
    def home(self) -> Path:
        return self.base / "home" / "u"


def make_folder(base: Path, *, tracks_secret: bool = False) -> Folder:
    """A repository with two commits and one change. ``tracks_secret``: .env is in both."""
    folder = Folder(base)
    root = folder.workspace
    for name, text in {**PLAIN_FILES, **SECRET_FILES}.items():
        _write(root / name, text)
    for name in SCRIPTS:
        _write(root / name, "#!/bin/sh\ntouch PWNED\n", mode=0o755)
    _write(folder.home / ".ssh" / "id_rsa", f"{CANARY}\n")
    _write(folder.home / ".aws" / "credentials", f"{CANARY}\n")
    for name in (".bashrc", ".profile", ".gitconfig"):
        _write(folder.home / name, "# as it was\n")
    (root / "link_to_ssh").symlink_to(folder.home / ".ssh" / "id_rsa")
    (root / "dirlink").symlink_to(folder.home / ".ssh")
    (root / ".gitignore").write_text(".env\n*.pem\n")
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        *([["add", "-f", ".env"]] if tracks_secret else []),
        ["commit", "-qm", "first"],
        ["branch", "other"],
    ):
        run_git(folder, *arguments)
    (root / "a.txt").write_text(PLAIN_FILES["a.txt"] + "changed\n")
    run_git(folder, "commit", "-qam", "second")
    (root / "b.txt").write_text("foo\nbaz\nchanged\n")
    if tracks_secret:
        (root / ".env").write_text(SECRET_FILES[".env"] * 2)
    return folder


def run_git(folder: Folder, *arguments: str) -> str:
    git = shutil.which("git")
    assert git is not None, "these tests need git"
    who = ["-c", "user.name=n", "-c", "user.email=n@example.invalid", "-c", "safe.directory=*"]
    done = subprocess.run(
        [git, *who, *arguments],
        cwd=folder.workspace,
        env={"PATH": os.defpath, "HOME": str(folder.base / "nowhere"), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


class FolderOracle:
    """Answers from the files as they are; no answer is remembered."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    def kind(self, path: str) -> PathKind:
        if not path or "\0" in path:
            return PathKind.CLOSED
        asked = Path(os.path.normpath(self._root / path))
        try:
            target = Path(os.path.realpath(self._root / path))
            if not target.is_relative_to(self._root):
                return PathKind.CLOSED
            if self._is_protected(target) or self._is_protected(asked):
                return PathKind.CLOSED
            if not os.path.lexists(self._root / path):
                return PathKind.ABSENT
            mode = target.stat().st_mode
        except (OSError, ValueError):
            return PathKind.CLOSED
        if stat.S_ISREG(mode):
            return PathKind.FILE
        return PathKind.DIRECTORY if stat.S_ISDIR(mode) else PathKind.CLOSED

    def has_secrets(self, directory: str) -> bool:
        return any(
            is_secret_name(name)
            for _, _, names in os.walk(self._root / directory)
            for name in names
        )

    def git_is_plain(self) -> bool:
        try:
            return is_plain_config((self._root / ".git" / "config").read_text())
        except OSError:
            return not any((place / ".git").exists() for place in (self._root, *self._root.parents))

    def names_commits(self, number: str) -> bool:
        return kinds_of(self._root / ".git", number.lower()) == {"commit"}

    def tracks_secrets(self) -> bool:
        try:
            names = tracked_names((self._root / ".git" / "index").read_bytes())
        except OSError:
            return False
        return names is None or any(is_secret_name(name.rsplit("/", 1)[-1]) for name in names)

    def _is_protected(self, path: Path) -> bool:
        if not path.is_relative_to(self._root):
            return False
        parts = path.relative_to(self._root).parts
        return is_git_metadata(parts) or any(is_secret_name(part) for part in parts)
