from __future__ import annotations

from pathlib import Path

import pytest

from vtcode_tui.workspace import search
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.path_index import PathIndex, gather_paths
from vtcode_tui.workspace.ripgrep import find_ripgrep
from vtcode_tui.workspace.root import Workspace

PATHS = (
    "main.py",
    "README.md",
    "src/",
    "src/main_loop.py",
    "src/domain.py",
    "src/View.py",
    "main/other.txt",
    "docs/overview.md",
    "a.b-c(1).txt",
)


def found(query: str, paths: tuple[str, ...] = PATHS, limit: int = 20) -> tuple[str, ...]:
    return list(PathIndex(paths).search(query, limit))[-1]


def test_the_beginning_of_a_name_comes_first_then_inside_it_then_before_it() -> None:
    assert found("main") == ("main.py", "src/main_loop.py", "src/domain.py", "main/other.txt")


def test_letters_count_whatever_their_case() -> None:
    assert found("view")[0] == "src/View.py"
    assert found("READ") == ("README.md",)


def test_letters_in_their_order_are_found_where_nothing_else_is() -> None:
    assert found("smlp") == ("src/main_loop.py",)
    assert found("dvw") == ("docs/overview.md",)
    assert found("zq") == ()


def test_a_slash_asks_for_the_way_too() -> None:
    assert found("src/ma")[0] == "src/main_loop.py"
    assert found("src/")[0] == "src/"


@pytest.mark.parametrize("query", ["a.b-c(1)", "[", "^", "\\", "/", "é" * 200, "(1", ".*"])
def test_no_character_has_a_meaning_of_its_own(query: str) -> None:
    assert all(query.lower() in path for path in found(query)) or query in ("/", ".*", "(1")


def test_nothing_typed_offers_what_lies_near_the_root() -> None:
    assert found("", limit=2) == ("main.py", "README.md")


def test_each_step_of_a_search_takes_one_slice() -> None:
    paths = tuple(f"d{number // 100}/f{number}.py" for number in range(10_000))
    assert len(list(PathIndex(paths).search("f99", 20))) >= 5
    assert found("f9999.py", paths) == ("d99/f9999.py",)


@pytest.mark.parametrize("has_ripgrep", [True, False])
def test_gathering_respects_gitignore_and_adds_directories(
    tmp_path: Path, has_ripgrep: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_ripgrep({}) is not None
    if not has_ripgrep:
        monkeypatch.setattr(search, "find_ripgrep", lambda _: None)
    for name in ("src/a.py", "src/deep/b.py", "build/out.o", ".git/config", ".hidden", "top.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".gitignore").write_text("build/\n")
    index = gather_paths(Gate(Workspace(tmp_path)), {"PATH": "/usr/bin:/bin"})
    assert set(index.paths) == {
        ".gitignore",
        ".hidden",
        "top.txt",
        "src/",
        "src/a.py",
        "src/deep/",
        "src/deep/b.py",
    }
    assert index.is_complete
    assert index.paths.index("top.txt") < index.paths.index("src/a.py")
