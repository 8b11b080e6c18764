from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from vtcode_tui.tui.bracketed_paste import PasteSplitter

_KEYS = st.text("ab\r\t", max_size=5)
_PASTED = st.text("ab\n \0[20~", max_size=20)


def taken(pieces: list[str]) -> list[object]:
    """The keys and pastes that come of what is read piece by piece."""
    splitter, parser = PasteSplitter(), XTermParser()
    got: list[object] = []
    for piece in pieces:
        for part in splitter.feed(piece):
            for message in parser.feed(part) if isinstance(part, str) else (part,):
                if isinstance(message, events.Paste):
                    got.append(("paste", message.text))
                elif isinstance(message, events.Key):
                    got.append(message.key)
    return got


@given(st.lists(st.tuples(_KEYS, _PASTED), max_size=4), st.lists(st.integers(1, 9), max_size=20))
def test_however_it_is_read_it_gives_the_same_keys_and_pastes(
    typed: list[tuple[str, str]], sizes: list[int]
) -> None:
    text = "".join(f"{keys}\x1b[200~x{pasted}\x1b[201~" for keys, pasted in typed) + "a"
    rest, pieces = text, []
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    wanted: list[object] = []
    for keys, pasted in typed:
        wanted += [{"\r": "enter", "\t": "tab"}.get(key, key) for key in keys]
        wanted.append(("paste", "x" + pasted.replace("\0", "")))
    assert taken([*pieces, rest]) == [*wanted, "a"]


def test_what_looks_like_a_key_in_a_paste_is_none() -> None:
    pasted = "rm\x1b[A\x1b[200~ -rf\x1b\r"
    assert taken([f"\x1b[200~{pasted}\x1b[201~", "b"]) == [("paste", pasted), "b"]


def test_a_large_paste_in_many_reads_is_one() -> None:
    pasted = "a line of it\n" * 100_000
    text = f"\x1b[200~{pasted}\x1b[201~"
    reads = [text[at : at + 4_096] for at in range(0, len(text), 4_096)]
    assert taken(reads) == [("paste", pasted)]
