"""Listing and searching, by ripgrep and by the plain walk, on real trees."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from tests.unit.workspace.waiting import wait_until
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace import ripgrep, search
from vtcode_tui.workspace.findings import Listing, Matches, SearchLimits
from vtcode_tui.workspace.globs import Glob, parse_glob
from vtcode_tui.workspace.ripgrep import NOT_A_REGEX, find_ripgrep
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.search import list_paths, search_lines
from vtcode_tui.workspace.walk import PLAIN_SEARCH, PLAIN_WALK, Walk

pytestmark = pytest.mark.anyio
LIMITS = SearchLimits(results=100, timeout_s=20)


@pytest.fixture(params=["ripgrep", "walk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "walk":
        monkeypatch.setattr(search, "find_ripgrep", lambda _: None)
    else:
        assert find_ripgrep({}) is not None
    return str(request.param)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    outside = tmp_path / "out"
    outside.mkdir()
    (outside / "o.txt").write_text("needle outside\n")
    root = tmp_path / "ws"
    for path, text in {
        "a.txt": "one\nneedle two\n",
        "src/b.py": "x = 'needle'\r\n",
        "src/deep/c.py": "nothing\n",
        "src/deep/skip.log": "needle\n",
        ".hidden/d.txt": "needle\n",
        ".env": "KEY=needle\n",
        ".git/config": "needle\n",
        "build/e.txt": "needle\n",
        "src/kept.log": "needle\n",
        ".gitignore": "build/\n*.log\n",
        "src/.gitignore": "!kept.log\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    (root / "binary").write_bytes(b"needle\0\xff\n")
    (root / "out").symlink_to(outside)
    (root / "link.txt").symlink_to(outside / "o.txt")
    os.mkfifo(root / "fifo")
    return Workspace(root)


async def listed(
    workspace: Workspace, path: str = ".", glob: str | None = None, limits: SearchLimits = LIMITS
) -> Listing:
    return await list_paths(
        workspace,
        workspace.resolve(path),
        parse_glob(glob) if glob else None,
        environment={},
        limits=limits,
    )


async def searched(
    workspace: Workspace,
    pattern: str,
    path: str = ".",
    glob: str | None = None,
    limits: SearchLimits = LIMITS,
) -> Matches:
    return await search_lines(
        workspace,
        workspace.resolve(path),
        pattern,
        parse_glob(glob) if glob else None,
        environment={},
        limits=limits,
    )


async def test_a_listing_leaves_out_git_ignored_files_and_links(
    workspace: Workspace, way: str
) -> None:
    listing = await listed(workspace)
    assert sorted(listing.paths) == [
        ".env", ".gitignore", ".hidden/d.txt", "a.txt", "binary", "src/.gitignore", "src/b.py",
        "src/deep/c.py", "src/kept.log",
    ]  # fmt: skip
    assert listing.is_complete
    assert listing.note == (PLAIN_WALK if way == "walk" else "")


async def test_what_tools_made_is_left_out_unless_it_is_named(
    workspace: Workspace, way: str
) -> None:
    made = (".venv/lib/v.py", "node_modules/n.py", "src/__pycache__/c.py")
    for path in (*made, "venv"):
        (workspace.root / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace.root / path).write_text("needle in what a tool made\n")
    assert set(made).isdisjoint((await listed(workspace)).paths)
    assert "venv" in (await listed(workspace)).paths
    assert [match.path for match in (await searched(workspace, "a tool made")).matches] == ["venv"]
    assert (await listed(workspace, ".venv")).paths == (".venv/lib/v.py",)
    assert (await listed(workspace, glob="node_modules/*.py")).paths == ("node_modules/n.py",)
    found = await searched(workspace, "a tool made", glob="**/__pycache__/*.py")
    assert [match.path for match in found.matches] == ["src/__pycache__/c.py"]


async def test_a_listing_of_a_directory_counts_from_the_root(
    workspace: Workspace, way: str
) -> None:
    assert (await listed(workspace, "src/deep")).paths == ("src/deep/c.py",)


@pytest.mark.parametrize("glob", ["*.py", "deep/*.py", "src/deep/*.py", "**/c.*"])
async def test_a_glob_counts_from_the_directory_or_from_the_root(
    workspace: Workspace, way: str, glob: str
) -> None:
    listing = await listed(workspace, "src", glob)
    assert set(listing.paths) <= {"src/b.py", "src/deep/c.py"}
    assert "src/deep/c.py" in listing.paths


async def test_a_glob_does_not_bring_back_what_is_ignored(workspace: Workspace, way: str) -> None:
    assert (await listed(workspace, ".", "*.log")).paths == ("src/kept.log",)


async def test_a_listing_stops_at_its_limit_and_says_so(workspace: Workspace, way: str) -> None:
    listing = await listed(workspace, limits=SearchLimits(3, 20))
    assert (len(listing.paths), listing.is_complete) == (3, False)
    exact = await listed(workspace, limits=SearchLimits(9, 20))
    assert (len(exact.paths), exact.is_complete) == (9, True)


async def test_a_search_finds_lines_with_their_numbers_and_leaves_secrets_out(
    workspace: Workspace, way: str
) -> None:
    matches = await searched(workspace, "needle")
    assert sorted((match.path, match.line_number, match.text) for match in matches.matches) == [
        (".hidden/d.txt", 1, "needle"),
        ("a.txt", 2, "needle two"),
        ("src/b.py", 1, "x = 'needle'"),
        ("src/kept.log", 1, "needle"),
    ]
    assert matches.is_complete
    assert matches.skipped_secrets
    assert matches.note == (PLAIN_SEARCH if way == "walk" else "")


async def test_a_search_in_one_file_names_it(workspace: Workspace, way: str) -> None:
    matches = await searched(workspace, "needle", "a.txt")
    assert [(match.path, match.line_number) for match in matches.matches] == [("a.txt", 2)]


async def test_a_search_keeps_to_its_glob(workspace: Workspace, way: str) -> None:
    matches = await searched(workspace, "needle", ".", "*.py")
    assert [match.path for match in matches.matches] == ["src/b.py"]


async def test_a_search_stops_at_its_limit_and_says_so(workspace: Workspace, way: str) -> None:
    matches = await searched(workspace, "needle", limits=SearchLimits(2, 20))
    assert (len(matches.matches), matches.is_complete) == (2, False)


async def test_no_match_is_an_empty_complete_answer(workspace: Workspace, way: str) -> None:
    matches = await searched(workspace, "nowhere")
    assert (matches.matches, matches.is_complete) == ((), True)


async def test_what_looks_like_an_option_is_a_pattern(workspace: Workspace, way: str) -> None:
    (workspace.root / "a.txt").write_text("--pre=evil\n")
    matches = await searched(workspace, "--pre=evil")
    assert [match.path for match in matches.matches] == ["a.txt"]


async def test_a_very_long_line_is_cut(workspace: Workspace, way: str) -> None:
    (workspace.root / "a.txt").write_text("needle" + "x" * 100_000)
    matches = await searched(workspace, "needlex")
    assert len(matches.matches[0].text) < 2100


async def test_names_with_line_feeds_and_bad_bytes_do_not_confuse(
    workspace: Workspace, way: str
) -> None:
    strange = os.fsdecode(b"li\nne\xff:1:x")
    (workspace.root / strange).write_text("strange needle\n")
    listing = await listed(workspace)
    assert strange in listing.paths
    matches = await searched(workspace, "strange")
    assert [(match.path, match.line_number) for match in matches.matches] in (
        [(strange, 1)],
        [(strange.split("\n")[1], 1)],
    )


async def test_regular_expressions_are_understood(workspace: Workspace) -> None:
    matches = await searched(workspace, r"^needle\s+\w+$")
    assert [match.path for match in matches.matches] == ["a.txt"]


async def test_what_is_no_regular_expression_is_searched_as_text_and_said(
    workspace: Workspace,
) -> None:
    (workspace.root / "a.txt").write_text("call foo(\n")
    matches = await searched(workspace, "foo(")
    assert [match.path for match in matches.matches] == ["a.txt"]
    assert matches.note == NOT_A_REGEX


async def test_a_configuration_file_of_ripgrep_has_no_power(workspace: Workspace) -> None:
    config = workspace.root / "rc"
    config.write_text("--max-count=1\n")
    (workspace.root / "a.txt").write_text("two\ntwo\n")
    matches = await search_lines(
        workspace,
        workspace.root,
        "two",
        None,
        environment={"RIPGREP_CONFIG_PATH": str(config)},
        limits=LIMITS,
    )
    assert [match.line_number for match in matches.matches] == [1, 2]


async def test_a_directory_swapped_for_a_link_after_the_check_is_not_searched(
    workspace: Workspace, way: str, tmp_path: Path
) -> None:
    where = workspace.resolve("src")
    (workspace.root / "src").rename(workspace.root / "was")
    (workspace.root / "src").symlink_to(tmp_path / "out")
    with pytest.raises(WorkspaceError):
        await list_paths(workspace, where, None, environment={}, limits=LIMITS)
    with pytest.raises(WorkspaceError):
        await search_lines(workspace, where, "needle", None, environment={}, limits=LIMITS)


async def test_a_file_swapped_for_a_link_after_the_check_is_not_searched(
    workspace: Workspace, way: str, tmp_path: Path
) -> None:
    where = workspace.resolve("a.txt")
    (workspace.root / "a.txt").unlink()
    (workspace.root / "a.txt").symlink_to(tmp_path / "out" / "o.txt")
    with pytest.raises(WorkspaceError):
        await search_lines(workspace, where, "needle", None, environment={}, limits=LIMITS)


async def test_a_search_ends_at_its_time_limit(workspace: Workspace, tmp_path: Path) -> None:
    slow = tmp_path / "bin" / "rg"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    started = time.monotonic()
    listing = await list_paths(
        workspace,
        workspace.root,
        None,
        environment={"PATH": f"{slow.parent}:/usr/bin:/bin"},
        limits=SearchLimits(10, 0.2),
    )
    assert time.monotonic() - started < 5
    assert not listing.is_complete


class EndlessWalk(Walk):
    """A walk through a tree that has no end."""

    began = threading.Event()
    ended = threading.Event()

    def list_paths(self, directory: Path, glob: Glob | None, stop: threading.Event) -> Listing:
        self.began.set()
        assert stop.wait(10)
        self.ended.set()
        return super().list_paths(directory, glob, stop)


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> type[EndlessWalk]:
    monkeypatch.setattr(search, "find_ripgrep", lambda _: None)
    monkeypatch.setattr(search, "Walk", EndlessWalk)
    EndlessWalk.began.clear()
    EndlessWalk.ended.clear()
    return EndlessWalk


async def test_a_walk_ends_when_it_is_cancelled(
    workspace: Workspace, endless: type[EndlessWalk]
) -> None:
    running = asyncio.ensure_future(listed(workspace))
    await wait_until(endless.began.is_set, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await wait_until(endless.ended.is_set, 5)


async def test_a_walk_ends_at_its_time_limit_and_says_so(
    workspace: Workspace, endless: type[EndlessWalk]
) -> None:
    listing = await listed(workspace, limits=SearchLimits(100, 0.1))
    assert endless.ended.is_set()
    assert (listing.paths, listing.is_complete) == ((), False)


def test_ripgrep_is_taken_from_the_path_given_before_the_installed_one(tmp_path: Path) -> None:
    program = tmp_path / "rg"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_ripgrep({"PATH": str(tmp_path)}) == str(program)
    found = find_ripgrep({"PATH": "/nowhere"})
    assert found is not None
    assert Path(found).name == "rg"
    assert ripgrep.find_ripgrep({}) == found
