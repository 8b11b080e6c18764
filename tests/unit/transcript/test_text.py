"""Buffers for text that grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.transcript.blocks import AnswerBlock
from vtcode_tui.transcript.pieces import MarkdownPiece
from vtcode_tui.transcript.text import TextBuffer, TextTail


@given(st.lists(st.text(max_size=8)), st.integers(1, 5))
def test_what_is_taken_in_turns_is_the_whole_text(chunks: list[str], every: int) -> None:
    buffer, cursor, taken = TextBuffer(), 0, []
    for number, chunk in enumerate(chunks):
        buffer.append(chunk)
        if number % every == 0:
            fresh, cursor = buffer.take(cursor)
            taken.append(fresh)
    fresh, cursor = buffer.take(cursor)
    assert "".join([*taken, fresh]) == "".join(chunks) == buffer.text
    assert buffer.take(cursor) == ("", cursor)


@given(st.lists(st.text(max_size=8)), st.integers(1, 20))
def test_a_tail_is_the_end_of_the_text(chunks: list[str], length: int) -> None:
    buffer = TextBuffer()
    for chunk in chunks:
        buffer.append(chunk)
    whole = "".join(chunks)
    assert buffer.tail(length) == whole[-length:]


@given(st.lists(st.text(max_size=30)), st.integers(1, 40))
def test_a_bounded_tail_forgets_only_the_beginning(chunks: list[str], limit: int) -> None:
    tail = TextTail(limit)
    for chunk in chunks:
        tail.append(chunk)
    whole = "".join(chunks)
    assert whole[tail.omitted :] == tail.text
    assert min(limit, len(whole)) <= len(tail.text) <= limit + 30
    assert bool(tail) == bool(tail.text)


def test_what_comes_while_an_answer_is_fed_bit_by_bit_is_not_lost_at_its_end() -> None:
    block = AnswerBlock()
    block.text.append("one line\n" * 10)
    assert not block.advance(most=50)
    block.text.append("the end of it\n")
    block.ended = True
    while not block.advance(most=50):
        pass
    assert block.markdown.is_finished
    (piece,) = block.markdown.pieces
    assert isinstance(piece, MarkdownPiece)
    assert piece.source == block.text.text
