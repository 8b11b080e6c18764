"""list_files and search_files on real trees."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tools.conftest import Bench
from tests.unit.workspace.waiting import marked_processes, wait_until
from vtcode_tui.conversation.results import Outcome
from vtcode_tui.tools.base import Effect, ToolInputError
from vtcode_tui.tools.listing import summed_up
from vtcode_tui.workspace import search

pytestmark = pytest.mark.anyio


def plant(root: Path, *paths: str, text: str = "needle\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


async def test_a_listing_is_one_path_a_line(bench: Bench) -> None:
    plant(bench.root, "a.py", "src/b.py", ".git/x")
    result = await bench.run("list_files")
    assert (result.outcome, result.content, result.summary) == (
        Outcome.OK,
        "a.py\nsrc/b.py",
        "2 files",
    )


async def test_a_large_tree_is_summed_up(bench: Bench) -> None:
    plant(
        bench.root,
        "top.md",
        *(f"src/part{part}/f{file}" for part in range(9) for file in range(50)),
    )
    result = await bench.run("list_files")
    lines = result.content.splitlines()
    assert lines[:2] == ["src/part0/ (50 files)", "src/part1/ (50 files)"]
    assert "top.md" in lines
    assert lines[-1] == (
        "[451 files: 1 listed, 9 directories summed up; give a path or a pattern to see more]"
    )
    assert result.summary == "451 files"


async def test_an_empty_directory_says_so(bench: Bench) -> None:
    (bench.root / "d").mkdir()
    assert (await bench.run("list_files", path="d")).content == '[no files in "d"]'
    content = (await bench.run("list_files", path="d", pattern="*.x")).content
    assert content == '[no files match in "d"]'


async def test_a_walk_without_ripgrep_says_that_it_is_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "find_ripgrep", lambda _: None)
    plant(bench.root, "a")
    content = (await bench.run("list_files")).content
    assert content == "a\n\n[ripgrep was not found: this is a plain walk]"
    content = (await bench.run("search_files", pattern="needle")).content
    assert content.endswith("this is a plain walk, and the pattern was searched as plain text]")


async def test_matches_are_lines_with_path_and_number(bench: Bench) -> None:
    plant(bench.root, "a.py", "b.txt", ".env")
    result = await bench.run("search_files", pattern="ne+dle", glob="*.py")
    assert (result.content, result.summary) == ("a.py:1: needle", "1 match in 1 file")
    result = await bench.run("search_files", pattern="needle")
    assert result.content.splitlines() == [
        "a.py:1: needle",
        "b.txt:1: needle",
        "",
        "[matches in files that usually hold secrets left out]",
    ]


async def test_no_match_is_fine(bench: Bench) -> None:
    plant(bench.root, "a")
    result = await bench.run("search_files", pattern="nowhere")
    assert (result.outcome, result.content, result.summary) == (
        Outcome.OK,
        "[no matches]",
        "no matches",
    )


async def test_many_and_long_matches_are_cut_and_said(bench: Bench) -> None:
    plant(bench.root, "a", text=("needle" + "x" * 500 + "\n") * 500)
    result = await bench.run("search_files", pattern="needle")
    assert len(result.content) < 26_000
    assert "[... cut]" in result.content
    assert "more matches left out; stopped at a limit" in result.content
    assert result.summary == "more than 200 matches in 1 file"


@pytest.mark.parametrize("path", [".env", "notes", "sub/id_rsa"])
async def test_a_secret_file_is_not_searched_under_any_name(bench: Bench, path: str) -> None:
    plant(bench.root, ".env", "sub/id_rsa")
    (bench.root / "notes").symlink_to(".env")
    with pytest.raises(ToolInputError, match="usually holds secrets"):
        await bench.prepare("search_files", pattern="needle", path=path)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("list_files", {"path": "/proc"}),
        ("list_files", {"path": "nowhere"}),
        ("list_files", {"path": "a"}),
        ("search_files", {"pattern": "x", "path": "link"}),
        ("search_files", {"pattern": "x", "path": "/dev"}),
        ("search_files", {"pattern": "x", "path": "nowhere"}),
        ("search_files", {"pattern": ""}),
    ],
)
async def test_what_cannot_be_looked_at_is_an_error_in_words(
    bench: Bench, name: str, arguments: dict[str, str]
) -> None:
    plant(bench.root, "a")
    (bench.root / "link").symlink_to("/sys")
    with pytest.raises(ToolInputError):
        await bench.prepare(name, **arguments)


async def test_looking_only_reads_and_a_grant_is_for_the_place(bench: Bench) -> None:
    plant(bench.root, "d/a")
    one = await bench.prepare("search_files", pattern="x", path="d")
    two = await bench.prepare("search_files", pattern="y", path="./d/")
    other = await bench.prepare("search_files", pattern="x")
    assert one.effect is Effect.READ
    assert one.grant_key == two.grant_key != other.grant_key
    assert one.subject == "x in d"


async def test_cancelling_ends_the_search(bench: Bench, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "rg"
    plant(tmp_path, "bin/rg", text=f"#!/bin/sh\ntouch {tmp_path}/started\nexec sleep 60\n")
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "LANG": f"mark-{tmp_path.name}"}
    from vtcode_tui.conversation.messages import ToolCall
    from vtcode_tui.tools.toolbox import default_toolbox

    toolbox = default_toolbox(bench.workspace, environment=environment, command_timeout_s=20)
    tool = toolbox.get("list_files")
    assert tool is not None
    prepared = await tool.prepare(ToolCall("1", "list_files", {}))
    running = asyncio.ensure_future(prepared.execute(lambda _: None))
    await wait_until((tmp_path / "started").exists, 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    alive: Callable[[], list[str]] = lambda: marked_processes(environment["LANG"])  # noqa: E731
    await wait_until(lambda: not alive(), 2, alive)


PATHS = st.lists(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=4).map(
        lambda names: "/".join([*(f"{name}d" for name in names[:-1]), names[-1]])
    ),
    unique=True,
    max_size=60,
)


@given(paths=PATHS, limit=st.integers(4, 30))
def test_a_summary_fits_and_counts_every_file(paths: list[str], limit: int) -> None:
    lines = summed_up(sorted(paths), limit)
    assert len(lines) <= limit
    if len(summed_up(paths, 10_000)) and len({path.split("/")[0] for path in paths}) <= limit:
        summed = [line.split(" (")[1].split()[0] for line in lines if line.endswith(")")]
        assert sum(map(int, summed)) + len(lines) - len(summed) == len(paths)


@pytest.mark.parametrize("has_ripgrep", [True, False])
async def test_a_secret_under_another_name_is_not_found(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, has_ripgrep: bool
) -> None:
    if not has_ripgrep:
        monkeypatch.setattr(search, "find_ripgrep", lambda _: None)
    plant(bench.root, ".env", text="KEY=needle\n")
    plant(bench.root, "a.txt", "src/plain.txt")
    os.link(bench.root / "a.txt", bench.root / "b.txt")
    os.link(bench.root / ".env", bench.root / "src/notes.txt")
    content = (await bench.run("search_files", pattern="needle")).content
    found = content.splitlines()[:3]
    assert found == ["a.txt:1: needle", "b.txt:1: needle", "src/plain.txt:1: needle"]
    assert "KEY" not in content
    assert "usually hold secrets left out" in content


@pytest.mark.parametrize("uses_ripgrep", [True, False])
async def test_a_line_feed_in_a_name_makes_no_other_entry(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, uses_ripgrep: bool
) -> None:
    if not uses_ripgrep:
        monkeypatch.setattr(search, "find_ripgrep", lambda _: None)
    plant(bench.root, "d/x\nsafe.py", "a\u202eb", ".ssh/k\ney", text="needle\n")
    listed = (await bench.run("list_files")).content.splitlines()
    assert {"d/x\\u{a}safe.py", "a\\u{202e}b"} <= set(listed)
    assert "safe.py" not in listed
    found = (await bench.run("search_files", pattern="needle")).content
    assert "d/x\\u{a}safe.py:1: needle\n" in found
    assert not re.search(r"^(safe\.py|ey)", found, re.MULTILINE)
    assert "files that usually hold secrets left out" in found
    with pytest.raises(ToolInputError, match=r"There is: d/x\\u\{a\}safe\.py"):
        await bench.run("read_file", path="d/safe.py")
