"""The lines of a session's file, whole and damaged."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtcode_tui.session.records import Record, scan, seal

TEXTS = st.text(st.characters(codec=None), max_size=40)


def lines(count: int, text: str = 'with "quotes" {"crc":"00000000", and more') -> list[bytes]:
    return [seal(seq, 100.0 + seq, "note", {"text": f"{text} {seq}"}) for seq in range(count)]


def seqs(content: bytes) -> list[int]:
    return [record.seq for record in scan(content).records]


@given(st.lists(TEXTS, max_size=8))
def test_records_come_back_whatever_text_is_in_them(texts: list[str]) -> None:
    content = b"".join(seal(n, n, "note", {"text": text}) for n, text in enumerate(texts))
    scanned = scan(content)
    assert [record.fields["text"] for record in scanned.records] == texts
    assert (scanned.damaged, scanned.is_torn) == (0, False)
    assert scanned.next_seq == len(texts)


def test_a_line_is_json_that_other_tools_read() -> None:
    line = seal(3, 1.23456, "turn_started", {"prompt": "é"})
    content = json.loads(line)
    assert (content["seq"], content["t"], content["type"]) == (3, 1.235, "turn_started")
    assert "é".encode() in line


def test_secrets_are_starred_before_the_sum_is_made() -> None:
    secret = 'k"e\\y-canary'
    line = seal(0, 0, "note", {"text": f"the key is {secret}!"}, [secret])
    assert b"canary" not in line
    assert scan(line).records[0].fields["text"] == "the key is ***!"


def test_starring_out_breaks_no_record() -> None:
    """A password may be "n0t-secret", with which a line feed seems to begin, or "content"."""
    secrets = ["n0t-secret", "content", "u001b-secret"]
    text = "a\n0t-secret and \x1b-secret"
    line = seal(0, 0, "note", {"content": text, "list": [{"content": "a content"}]}, secrets)
    fields = scan(line).records[0].fields
    assert fields == {"content": text, "list": [{"content": "a ***"}]}
    line = seal(
        0,
        0,
        "note",
        {"arguments": {"Secret-1": "p\u00e4ssw\u00f6rt \ud800"}},
        ["Secret-1", "p\u00e4ssw\u00f6rt"],
    )
    assert scan(line).records[0].fields == {"arguments": {"***": "*** \ud800"}}


@given(st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(min_size=6), max_size=3))
def test_no_secret_is_left_in_any_record(texts: list[str], secrets: list[str]) -> None:
    known = [secret for secret in secrets if "*" not in secret]
    line = seal(0, 0, "note", {"list": [*texts, "".join(known)]}, known)
    kept = scan(line).records[0].fields["list"]
    assert isinstance(kept, list)
    assert not any(secret in str(text) for secret in known for text in kept)


def test_a_record_that_is_written_in_ascii_alone_is_starred_out_too() -> None:
    line = seal(0, 0, "note", {"text": "p\u00e4ssw\u00f6rt \ud800"}, ["p\u00e4ssw\u00f6rt"])
    assert scan(line).records[0].fields == {"text": "*** \ud800"}


def test_a_torn_last_line_is_left_out_and_its_beginning_known() -> None:
    whole = b"".join(lines(3))
    for cut in range(1, len(lines(4)[3]) - 1):
        scanned = scan(whole + lines(4)[3][:cut])
        assert [record.seq for record in scanned.records] == [0, 1, 2]
        assert (scanned.whole_bytes, scanned.is_torn) == (len(whole), True)
    assert seqs(whole + lines(4)[3][:-1]) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "between",
    [b"\0" * 4096, b"\0" * 4096 + b"\n", b"garbage\n", b"\n\n", b"\r\n", b"[]\n", b'{"seq":1}\n', b"\xff\xfe\n", b"[" * 5000 + b"\n"],
)  # fmt: skip
def test_what_stands_between_records_costs_none_of_them(between: bytes) -> None:
    first, second, third = lines(3)
    assert seqs(first + between + second + between + third) == [0, 1, 2]


def test_a_record_is_kept_whose_neighbour_ran_into_it_without_a_beginning() -> None:
    first, second, third = lines(3)
    damaged = b"{" + second[2:]
    assert seqs(first.rstrip(b"\n") + b"\x08" + damaged + third) == [0, 2]
    assert scan(first.rstrip(b"\n") + b"\x08" + damaged + third).damaged == 1


def test_runs_of_nuls_and_bad_lines_are_counted() -> None:
    first, second = lines(2)
    assert scan(first + b"\0" * 100 + second).damaged == 1
    assert scan(first + b"\0" * 100 + b"\n" + second).damaged == 1
    assert scan(first + b"no record\n" + second).damaged == 1
    assert scan(first + b"\n\r\n" + second).damaged == 0


def test_windows_line_ends_and_doubled_lines_change_nothing() -> None:
    content = b"".join(lines(4))
    assert seqs(content.replace(b"\n", b"\r\n")) == [0, 1, 2, 3]
    assert seqs(b"".join(line + line for line in lines(4))) == [0, 1, 2, 3]
    assert seqs(content + content) == [0, 1, 2, 3]


def test_two_different_records_with_one_number_are_both_kept() -> None:
    content = seal(1, 0, "note", {"text": "a"}) + seal(1, 0, "note", {"text": "b"})
    assert [record.fields["text"] for record in scan(content).records] == ["a", "b"]


def test_a_line_written_by_hand_needs_no_sum() -> None:
    by_hand = b'{"seq": 7, "t": 5, "type": "title", "title": "mine"}\n'
    assert scan(by_hand).records == (Record(7, 5.0, "title", {"title": "mine"}),)


@pytest.mark.parametrize("time", [b"NaN", b"Infinity", b"null", b'"x"', b"true"])
def test_a_record_without_a_time_is_none(time: bytes) -> None:
    assert scan(b'{"seq":1,"t":%s,"type":"x"}\n' % time).records == ()


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_damage_costs_only_the_records_it_touches(data: st.DataObject) -> None:
    """Flips, cuts, NULs and doubled lines: never an error, and every untouched record comes back."""
    pieces = lines(12)
    content = bytearray(b"".join(pieces))
    starts = [sum(map(len, pieces[:n])) for n in range(len(pieces))]
    hurt: set[int] = set()
    rng = random.Random(data.draw(st.integers(0, 2**32)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = rng.randrange(len(content))
        owner = max(n for n, start in enumerate(starts) if start <= at)
        content[at] ^= 1 << rng.randrange(8)
        if at != starts[owner] + len(pieces[owner]) - 1:
            hurt.add(owner)  # A line feed belongs to nobody: its neighbours are still whole.
    found = scan(bytes(content))
    texts = {record.seq: record.fields.get("text") for record in found.records}
    for seq in range(12):
        if seq not in hurt:
            assert texts.get(seq) == json.loads(pieces[seq])["text"]
    cut = bytes(content)[: rng.randrange(len(content))]
    scan(cut + b"\0" * rng.randrange(50) + cut)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_content_makes_reading_fail(content: bytes) -> None:
    scan(content)
    scan(lines(1)[0] + content + lines(2)[1])
