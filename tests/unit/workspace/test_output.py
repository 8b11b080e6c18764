"""Bounded output: the two ends stay, what is left out is counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.workspace.output import KeptOutput, OutputKeeper, cut_text


def test_short_output_is_kept_whole() -> None:
    assert cut_text("a\nb", 10, 10) == KeptOutput("a\nb")


def test_long_output_is_cut_between_lines_and_counted() -> None:
    text = "".join(f"{number:04}\n" for number in range(100))
    kept = cut_text(text, 22, 23)
    assert kept == KeptOutput("0000\n0001\n0002\n0003", "0096\n0097\n0098\n0099\n", 461, 93)
    assert kept.text.splitlines()[4] == "[... 93 lines, 461 bytes left out ...]"


def test_a_character_at_the_cut_is_left_out_whole() -> None:
    kept = cut_text("é" * 50, 21, 21)
    assert (kept.head, kept.tail) == ("é" * 10, "é" * 10)


@given(
    chunks=st.lists(st.binary(max_size=40), max_size=20),
    head=st.integers(0, 30),
    tail=st.integers(0, 30),
)
def test_every_byte_is_kept_or_counted_however_it_was_chunked(
    chunks: list[bytes], head: int, tail: int
) -> None:
    output = b"".join(chunks)
    keeper = OutputKeeper(head, tail)
    for chunk in chunks:
        keeper.add(chunk)
    whole = OutputKeeper(head, tail)
    whole.add(output)
    kept = keeper.kept()
    assert kept == whole.kept()
    if not kept.omitted_bytes:
        assert kept.head == output.decode("utf-8", "replace")
    elif output.isascii():
        assert len(kept.head) + len(kept.tail) + kept.omitted_bytes == len(output)
        assert output.decode().startswith(kept.head)
        assert output.decode().endswith(kept.tail)
        assert (kept.head + kept.tail).count("\n") + kept.omitted_lines == output.count(b"\n")


@given(st.lists(st.binary(min_size=1, max_size=2000), max_size=40))
def test_memory_stays_bounded(chunks: list[bytes]) -> None:
    keeper = OutputKeeper(100, 100)
    for chunk in chunks:
        keeper.add(chunk)
        assert len(keeper._head) <= 100
        assert len(keeper._tail) <= 200


def test_memory_stays_bounded_however_long_it_goes_on() -> None:
    keeper = OutputKeeper(100, 100)
    for _ in range(1_000):
        keeper.add(b"x" * 99)
        assert len(keeper._head) + len(keeper._tail) <= 300
    assert keeper.kept().omitted_bytes == 99_000 - 200
