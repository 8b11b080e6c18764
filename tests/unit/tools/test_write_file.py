"""write_file on real files."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from tests.unit.tools.conftest import Bench
from vtcode_tui.conversation.results import DiffDisplay, Outcome
from vtcode_tui.errors import FileChanged, WorkspaceError
from vtcode_tui.tools import calls
from vtcode_tui.tools.base import Effect, ToolInputError
from vtcode_tui.workspace.files import write_atomic
from vtcode_tui.workspace.root import Workspace

pytestmark = pytest.mark.anyio


async def test_a_new_file_is_shown_as_added_and_then_written(bench: Bench) -> None:
    prepared = await bench.prepare("write_file", path="a/b.txt", content="x\ny\n")
    assert (prepared.effect, prepared.action, prepared.subject) == (
        Effect.WRITE,
        "Create a file",
        "a/b.txt",
    )
    assert isinstance(prepared.preview, DiffDisplay)
    assert prepared.preview.diff.is_new_file
    assert not (bench.root / "a").exists()
    result = await prepared.execute(lambda _: None)
    assert (result.outcome, result.summary) == (Outcome.OK, "+2 -0")
    assert result.content == "Created a/b.txt, 4 bytes."
    assert (bench.root / "a/b.txt").read_bytes() == b"x\ny\n"


async def test_a_replaced_file_is_shown_as_a_difference(bench: Bench) -> None:
    (bench.root / "a").write_text("x\ny\n")
    result = await bench.run("write_file", path="a", content="x\nz\n")
    assert (result.content, result.summary) == ("Replaced a, 4 bytes.", "+1 -1")


@pytest.mark.parametrize(
    ("old", "content", "new"),
    [
        (b"a\r\nb\r\n", "x\ny\n", b"x\r\ny\r\n"),
        (b"a\r\nb\n", "x\ny\n", b"x\ny\n"),
        (b"a\n", "x\r\ny\r\n", b"x\r\ny\r\n"),
        (b"\xef\xbb\xbfa\n", "x\n", b"\xef\xbb\xbfx\n"),
        ("a\n".encode("utf-16"), "é\n", "é\n".encode("utf-16")),
        (b"caf\xe9\n", "th\u00e9\n", b"th\xe9\n"),
        (b"a", "x\n", b"x\n"),
    ],
)
async def test_encoding_mark_and_line_ends_of_the_replaced_file_stay(
    bench: Bench, old: bytes, content: str, new: bytes
) -> None:
    (bench.root / "a").write_bytes(old)
    await bench.run("write_file", path="a", content=content)
    assert (bench.root / "a").read_bytes() == new


@pytest.mark.parametrize("before", [None, b"old\n"])
async def test_a_file_that_changed_after_it_was_shown_is_left_alone(
    bench: Bench, before: bytes | None
) -> None:
    if before is not None:
        (bench.root / "a").write_bytes(before)
    prepared = await bench.prepare("write_file", path="a", content="mine\n")
    (bench.root / "a").write_bytes(b"theirs\n")
    with pytest.raises(FileChanged):
        await prepared.execute(lambda _: None)
    assert (bench.root / "a").read_bytes() == b"theirs\n"


async def test_the_same_content_again_is_nothing_to_do(bench: Bench) -> None:
    (bench.root / "a").write_text("x\n")
    with pytest.raises(ToolInputError, match="exactly this content already"):
        await bench.prepare("write_file", path="a", content="x\n")


async def test_a_binary_file_is_not_replaced(bench: Bench) -> None:
    (bench.root / "a").write_bytes(b"\0\1")
    with pytest.raises(ToolInputError, match="binary"):
        await bench.prepare("write_file", path="a", content="x")


@pytest.mark.parametrize(
    "path",
    [".git/config", ".git/hooks/../config", ".GIT/config", "../out/x", "~/.bashrc", "d", "d/", "",
     "a\0b", "f/x", "/dev/tty", "."],
)  # fmt: skip
async def test_what_no_tool_may_write_is_refused_before_anyone_is_asked(
    bench: Bench, path: str
) -> None:
    (bench.root / "d").mkdir()
    (bench.root / "f").touch()
    before = sorted(bench.root.parent.rglob("*"))
    with pytest.raises(ToolInputError):
        await bench.prepare("write_file", path=path, content="x")
    assert sorted(bench.root.parent.rglob("*")) == before


async def test_a_git_directory_under_another_name_is_refused(bench: Bench) -> None:
    (bench.root / ".git").mkdir()
    (bench.root / "g").symlink_to(".git")
    (bench.root / "real").mkdir()
    (bench.root / "sub").mkdir()
    (bench.root / "sub" / ".git").symlink_to("../real")
    for path in ("g/config", "sub/.git/config"):
        with pytest.raises(ToolInputError, match="git's own"):
            await bench.prepare("write_file", path=path, content="x")


async def test_a_directory_that_cannot_be_written_is_a_result(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise WorkspaceError('"a" cannot be used: Read-only file system.')

    prepared = await bench.prepare("write_file", path="a", content="x")
    monkeypatch.setattr(calls, "write_atomic", refuse)
    result = await prepared.execute(lambda _: None)
    assert (result.outcome, result.content) == (
        Outcome.FAILED,
        '"a" cannot be used: Read-only file system.',
    )


async def test_a_cancelled_write_is_over_when_the_cancellation_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(
        workspace: Workspace, path: Path, content: bytes, expected: str | None, **rest: bool
    ) -> None:
        started.set()
        assert go_on.wait(10)
        write_atomic(workspace, path, content, expected, may_have_other_names=False)

    monkeypatch.setattr(calls, "write_atomic", slow)
    prepared = await bench.prepare("write_file", path="a", content="x")
    running = asyncio.ensure_future(prepared.execute(lambda _: None))
    await asyncio.to_thread(started.wait, 10)
    running.cancel()
    await asyncio.sleep(0)
    assert not running.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (bench.root / "a").read_text() == "x"
