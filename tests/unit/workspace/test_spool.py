"""Whole outputs in private files: when there is one, who may read it, where it ends."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from tests.unit.workspace.waiting import wait_until
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.private import private_directory
from vtcode_tui.workspace.process import run_command
from vtcode_tui.workspace.spool import OutputSpool, SpooledOutput

pytestmark = pytest.mark.anyio


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def spooled(spool: OutputSpool, *chunks: bytes) -> SpooledOutput | None:
    for chunk in chunks:
        spool.add(chunk)
    return await spool.finish()


async def test_a_short_output_makes_no_file(tmp_path: Path) -> None:
    assert (
        await spooled(OutputSpool(tmp_path / "state", after_bytes=10), b"12345", b"67890") is None
    )
    assert not (tmp_path / "state").exists()


async def test_a_long_output_is_kept_whole_and_in_order(tmp_path: Path) -> None:
    chunks = [bytes([65 + number % 26]) * (number % 100) for number in range(2000)]
    output = await spooled(OutputSpool(tmp_path, after_bytes=10), *chunks)
    assert output is not None
    assert output.is_whole
    assert output.path.read_bytes() == b"".join(chunks)
    assert output.path.parent == tmp_path / "output"


async def test_known_secrets_are_starred_out_of_the_file_wherever_a_chunk_ends(
    tmp_path: Path,
) -> None:
    known = KnownSecrets(["hunter22-correct"])
    whole = b"one hunter22-correct two hunter22-corr"
    for size in range(1, len(whole)):
        chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
        output = await spooled(OutputSpool(tmp_path, after_bytes=1, secrets=known), *chunks)
        assert output is not None
        assert output.is_whole
        assert output.path.read_bytes() == b"one *** two hunter22-corr"


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
async def test_only_the_user_may_read_it_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        output = await spooled(OutputSpool(tmp_path / "state", after_bytes=1), b"secret")
    finally:
        os.umask(before)
    assert output is not None
    assert mode_of(output.path) == 0o600
    assert mode_of(output.path.parent) == mode_of(tmp_path / "state") == 0o700


async def test_a_file_ends_at_its_cap_and_says_so(tmp_path: Path) -> None:
    spool = OutputSpool(tmp_path, after_bytes=1, cap_bytes=10)
    output = await spooled(spool, b"1234", b"56789abc", b"later")
    assert output is not None
    assert not output.is_whole
    assert output.path.read_bytes() == b"123456789a"


async def test_only_the_newest_files_are_kept(tmp_path: Path) -> None:
    paths = []
    for number in range(5):
        output = await spooled(OutputSpool(tmp_path, after_bytes=1, max_files=3), b"long enough")
        assert output is not None
        os.utime(output.path, (number, number))
        paths.append(output.path)
    assert sorted((tmp_path / "output").iterdir()) == sorted(paths[-3:])


async def test_a_discarded_file_is_removed(tmp_path: Path) -> None:
    spool = OutputSpool(tmp_path, after_bytes=1)
    spool.add(b"long enough")
    spool.discard()
    directory = tmp_path / "output"
    await wait_until(lambda: directory.exists() and not list(directory.iterdir()), 5)


async def test_a_directory_that_others_may_write_to_gets_no_file(tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output").chmod(0o777)
    assert await spooled(OutputSpool(tmp_path, after_bytes=1), b"secret") is None
    assert list((tmp_path / "output").iterdir()) == []


def test_a_link_in_place_of_the_directory_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "output").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError):
        private_directory(tmp_path / "state", "output")


async def test_a_flood_goes_to_the_file_up_to_its_cap_and_not_into_memory(tmp_path: Path) -> None:
    cap = 3_000_000
    spool = OutputSpool(tmp_path / "state", after_bytes=1000, cap_bytes=cap)
    result = await run_command(
        "yes",
        tmp_path,
        timeout_s=1.0,
        environment={"PATH": "/usr/bin:/bin"},
        on_output=lambda _: None,
        on_bytes=spool.add,
    )
    output = await asyncio.wait_for(spool.finish(), 5)
    assert output is not None
    assert not output.is_whole
    assert output.path.stat().st_size == cap
    assert result.omitted_bytes > cap
