"""edit_file on real files."""

from __future__ import annotations

import pytest

from tests.unit.tools.conftest import Bench
from vtcode_tui.conversation.results import DiffDisplay, Outcome
from vtcode_tui.errors import FileChanged
from vtcode_tui.tools.base import ToolInputError

pytestmark = pytest.mark.anyio


async def test_a_unique_text_is_shown_as_a_difference_and_replaced(bench: Bench) -> None:
    (bench.root / "a").write_text("one\ntwo\nthree\n")
    prepared = await bench.prepare("edit_file", path="a", old_text="two", new_text="2\n2b")
    assert isinstance(prepared.preview, DiffDisplay)
    assert (prepared.preview.diff.added, prepared.preview.diff.removed) == (2, 1)
    assert (bench.root / "a").read_text() == "one\ntwo\nthree\n"
    result = await prepared.execute(lambda _: None)
    assert (result.outcome, result.content, result.summary) == (
        Outcome.OK,
        "Edited a: 1 replacement.",
        "+2 -1",
    )
    assert (bench.root / "a").read_text() == "one\n2\n2b\nthree\n"


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        (b"\xef\xbb\xbfa\r\nb\nc", "a\nb", "a\nB", b"\xef\xbb\xbfa\r\nB\nc"),
        (b"caf\xe9 x\n", "x", "\u00e9", b"caf\xe9 \xe9\n"),
        ("é ".encode() + b"\xff x", "x", "ü", "é ".encode() + b"\xff " + "ü".encode()),
        ("a\r\nb".encode("utf-16"), "b", "中", "a\r\n中".encode("utf-16")),
        (b"x\n\n\n", "x\n", "y\n", b"y\n\n\n"),
    ],
)
async def test_all_bytes_around_the_span_stay(
    bench: Bench, before: bytes, old: str, new: str, after: bytes
) -> None:
    (bench.root / "a").write_bytes(before)
    (bench.root / "a").chmod(0o640)
    await bench.run("edit_file", path="a", old_text=old, new_text=new)
    assert (bench.root / "a").read_bytes() == after
    assert (bench.root / "a").stat().st_mode & 0o777 == 0o640


async def test_every_occurrence_on_request(bench: Bench) -> None:
    (bench.root / "a").write_text("x x x\n")
    with pytest.raises(ToolInputError, match="3 times"):
        await bench.prepare("edit_file", path="a", old_text="x", new_text="y")
    result = await bench.run("edit_file", path="a", old_text="x", new_text="y", replace_all=True)
    assert result.content == "Edited a: 3 replacements."
    assert (bench.root / "a").read_text() == "y y y\n"


@pytest.mark.parametrize("change", ["changed", "removed", "made a link"])
async def test_a_file_that_changed_after_it_was_shown_is_left_alone(
    bench: Bench, change: str
) -> None:
    path = bench.root / "a"
    path.write_text("x\n")
    prepared = await bench.prepare("edit_file", path="a", old_text="x", new_text="y")
    path.unlink()
    if change == "changed":
        path.write_text("x \n")
    elif change == "made a link":
        (bench.out / "f").write_text("x\n")
        path.symlink_to(bench.out / "f")
    with pytest.raises(FileChanged):
        await prepared.execute(lambda _: None)
    assert not path.exists() or "y" not in path.read_text()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("gone", "x", "not in the file"),
        ("text", "text", "nothing to change"),
        ("", "x", "at least 1 character"),
    ],
)
async def test_an_edit_that_cannot_be_says_why(
    bench: Bench, old: str, new: str, words: str
) -> None:
    (bench.root / "a").write_text("text\n")
    with pytest.raises(ToolInputError, match=words):
        await bench.prepare("edit_file", path="a", old_text=old, new_text=new)


async def test_a_missing_file_points_to_write_file(bench: Bench) -> None:
    with pytest.raises(ToolInputError, match="Use write_file"):
        await bench.prepare("edit_file", path="a", old_text="x", new_text="y")


async def test_a_character_that_the_file_cannot_hold_is_refused(bench: Bench) -> None:
    (bench.root / "a").write_bytes(b"caf\xe9")
    with pytest.raises(ToolInputError, match="cp1252"):
        await bench.prepare("edit_file", path="a", old_text="caf", new_text="中")


async def test_a_binary_file_is_not_edited(bench: Bench) -> None:
    (bench.root / "a").write_bytes(b"a\0b")
    with pytest.raises(ToolInputError, match="binary"):
        await bench.prepare("edit_file", path="a", old_text="a", new_text="b")
