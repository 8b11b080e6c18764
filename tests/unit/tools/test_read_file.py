"""read_file on real files."""

from __future__ import annotations

import os

import pytest

from tests.unit.tools.conftest import Bench
from vtcode_tui.conversation.results import FileDisplay, Outcome
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.base import Effect, ToolInputError

pytestmark = pytest.mark.anyio


async def test_a_short_file_comes_whole(bench: Bench) -> None:
    (bench.root / "a.txt").write_text("one\ntwo\n")
    result = await bench.run("read_file", path="a.txt")
    assert (result.outcome, result.content, result.summary) == (Outcome.OK, "one\ntwo", "2 lines")
    assert result.display == FileDisplay("a.txt", "one\ntwo", 1)


async def test_the_prepared_call_says_what_it_is(bench: Bench) -> None:
    (bench.root / "a.txt").touch()
    prepared = await bench.prepare("read_file", path="./a.txt")
    assert (prepared.effect, prepared.subject, prepared.cwd) == (
        Effect.READ,
        "a.txt",
        str(bench.root),
    )
    same = await bench.prepare("read_file", path=f"{bench.root}/a.txt", limit=3)
    assert prepared.grant_key == same.grant_key


async def test_a_long_file_is_cut_and_says_how_to_go_on(bench: Bench) -> None:
    (bench.root / "a").write_text("".join(f"line {number}\n" for number in range(1, 1001)))
    result = await bench.run("read_file", path="a")
    assert result.summary == "400 lines"
    assert result.content.endswith(
        "line 400\n\n[lines 1-400 of 1,000; 600 lines (5,401 bytes) left out, go on with offset=401]"
    )
    rest = await bench.run("read_file", path="a", offset=401, limit=1000)
    assert rest.content.startswith("line 401\n")
    assert rest.content.endswith("line 1000\n\n[lines 401-1000 of 1,000]")
    assert isinstance(rest.display, FileDisplay)
    assert rest.display.first_line == 401


async def test_a_file_of_long_lines_is_cut_by_bytes(bench: Bench) -> None:
    (bench.root / "a").write_text(("x" * 999 + "\n") * 100)
    result = await bench.run("read_file", path="a")
    assert result.summary == "32 lines"
    assert len(result.content) < 33_000


async def test_a_very_long_line_is_cut_with_a_note(bench: Bench) -> None:
    (bench.root / "a").write_text("x" * 100_000 + "\nend\n")
    result = await bench.run("read_file", path="a")
    assert result.content == "x" * 2000 + " [... 98,000 characters left out]\nend"


async def test_crlf_is_read_as_line_feeds(bench: Bench) -> None:
    (bench.root / "a").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    assert (await bench.run("read_file", path="a")).content == "one\ntwo"


async def test_bytes_that_are_no_utf8_can_be_sent(bench: Bench) -> None:
    (bench.root / "a").write_bytes("é ".encode() + b"\xff\n")
    assert (await bench.run("read_file", path="a")).content == "é \ufffd"


async def test_an_empty_file_says_so(bench: Bench) -> None:
    (bench.root / "a").touch()
    result = await bench.run("read_file", path="a", offset=0)
    assert (result.outcome, result.content, result.summary) == (
        Outcome.OK,
        "[the file is empty]",
        "empty",
    )


async def test_an_offset_behind_the_end_says_where_the_end_is(bench: Bench) -> None:
    (bench.root / "a").write_text("x\n")
    result = await bench.run("read_file", path="a", offset=5)
    assert result.outcome is Outcome.FAILED
    assert "has only 1 line" in result.content


async def test_a_binary_file_is_not_dumped(bench: Bench) -> None:
    (bench.root / "a").write_bytes(b"\x7fELF\0\0")
    result = await bench.run("read_file", path="a")
    assert result.outcome is Outcome.FAILED
    assert result.content == '"a" is a binary file (6 bytes); it has no text.'


async def test_a_missing_file_names_similar_ones(bench: Bench) -> None:
    (bench.root / "src").mkdir()
    (bench.root / "src" / "server.py").touch()
    with pytest.raises(ToolInputError, match=r"There is: src/server\.py"):
        await bench.prepare("read_file", path="src/serve.py")
    with pytest.raises(ToolInputError, match="Use list_files"):
        await bench.prepare("read_file", path="nowhere/x")


async def test_a_directory_points_to_list_files(bench: Bench) -> None:
    with pytest.raises(ToolInputError, match="Use list_files"):
        await bench.prepare("read_file", path=".")


async def test_a_fifo_is_refused_at_once(bench: Bench) -> None:
    os.mkfifo(bench.root / "fifo")
    with pytest.raises(ToolInputError, match="FIFO"):
        await bench.prepare("read_file", path="fifo")


async def test_what_is_off_limits_is_refused_and_the_cause_is_known(bench: Bench) -> None:
    with pytest.raises(ToolInputError, match="off limits") as caught:
        await bench.prepare("read_file", path="/proc/self/environ")
    assert isinstance(caught.value.__cause__, WorkspaceError)


async def test_a_file_gone_before_it_runs_is_a_result(bench: Bench) -> None:
    (bench.root / "a").touch()
    prepared = await bench.prepare("read_file", path="a")
    (bench.root / "a").unlink()
    result = await prepared.execute(lambda _: None)
    assert (result.outcome, result.content) == (Outcome.FAILED, 'There is no file "a".')


async def test_a_result_says_how_long_it_took(bench: Bench) -> None:
    (bench.root / "a").touch()
    assert 0 < (await bench.run("read_file", path="a")).duration_s < 10
